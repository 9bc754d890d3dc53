/* An operating system's numbers: errors, options, flags.
 *
 * They are Linux's, so that a call on this machine's kernel takes them as they are; what only
 * FreeBSD has is numbered from 1000 on. */
#ifndef DW_CONSTANTS_H
#define DW_CONSTANTS_H

#include <stdint.h>

/* Numbers as on Linux, whatever the machine; the names of errors are those of POSIX. */
enum dw_sys_errno {
    DW_EAGAIN = 11,
    DW_EFAULT = 14,
    DW_EBADF = 9,
    DW_EINVAL = 22,
    DW_EMFILE = 24,
    DW_ESPIPE = 29,
    DW_EPIPE = 32,
    DW_ENOTSOCK = 88,
    DW_ENOPROTOOPT = 92,
    DW_EPROTONOSUPPORT = 93,
    DW_EOPNOTSUPP = 95,
    DW_EAFNOSUPPORT = 97,
    DW_EADDRINUSE = 98,
    DW_EADDRNOTAVAIL = 99,
    DW_ENETUNREACH = 101,
    DW_ECONNABORTED = 103,
    DW_ECONNRESET = 104,
    DW_ENOBUFS = 105,
    DW_EISCONN = 106,
    DW_ENOTCONN = 107,
    DW_ETIMEDOUT = 110,
    DW_ECONNREFUSED = 111,
    DW_EHOSTDOWN = 112,
    DW_EHOSTUNREACH = 113,
    DW_EALREADY = 114,
    DW_EINPROGRESS = 115,
    DW_ENOMSG = 42,
    DW_ENONET = 64,
    DW_EMSGSIZE = 90,
    DW_EEXIST = 17,
    DW_ENOENT = 2,
};

enum dw_sys_level {
    DW_SOL_IP = 0,
    DW_SOL_SOCKET = 1,
    DW_SOL_TCP = 6,
    DW_SOL_UDP = 17,
    DW_SOL_IPV6 = 41
};

/* Socket options; those that only FreeBSD has begin at 1000. */
enum dw_sys_option {
    DW_SO_REUSEADDR = 2,
    DW_SO_TYPE = 3,
    DW_SO_ERROR = 4,
    DW_SO_SNDBUF = 7,
    DW_SO_RCVBUF = 8,
    DW_SO_KEEPALIVE = 9,
    DW_SO_PRIORITY = 12,
    DW_SO_LINGER = 13,
    DW_SO_REUSEPORT = 15,
    DW_SO_RCVLOWAT = 18,
    DW_SO_ACCEPTCONN = 30,
    DW_SO_MARK = 36,
    DW_SO_TIMESTAMPING = 37,
    DW_SO_PROTOCOL = 38,
    DW_SO_DOMAIN = 39,
    DW_SO_ZEROCOPY = 60,

    DW_TCP_NODELAY = 1,
    DW_TCP_MAXSEG = 2,
    DW_TCP_CORK = 3,
    DW_TCP_KEEPIDLE = 4,
    DW_TCP_KEEPINTVL = 5,
    DW_TCP_KEEPCNT = 6,
    DW_TCP_SYNCNT = 7,
    DW_TCP_LINGER2 = 8,
    DW_TCP_DEFER_ACCEPT = 9,
    DW_TCP_INFO = 11,
    DW_TCP_QUICKACK = 12,
    DW_TCP_CONGESTION = 13,
    DW_TCP_USER_TIMEOUT = 18,
    DW_TCP_FASTOPEN = 23,
    DW_TCP_NOTSENT_LOWAT = 25,
    DW_TCP_FASTOPEN_CONNECT = 30,
    DW_TCP_FASTOPEN_KEY = 33,
    DW_TCP_FASTOPEN_NO_COOKIE = 34,
    DW_TCP_INQ = 36,
    DW_TCP_NOOPT = 1008,
    DW_TCP_KEEPINIT = 1128,
    DW_TCP_REMOTE_UDP_ENCAPS_PORT = 1071,
    DW_TCP_FUNCTION_BLK = 1080,
    DW_TCP_RACK_PACE_ALWAYS = 1081,
    DW_TCP_RACK_PACE_RATE_SS = 1082,
    DW_TCP_RACK_PACE_MAX_SEG = 1083,

    DW_IP_TOS = 1,
    DW_IP_TTL = 2,
    DW_IP_MTU_DISCOVER = 10,
    DW_IP_RECVERR = 11,
    DW_IP_MTU = 14,
    DW_IP_FREEBIND = 15,

    DW_IPV6_UNICAST_HOPS = 16,
    DW_IPV6_MTU_DISCOVER = 23,
    DW_IPV6_MTU = 24,
    DW_IPV6_RECVERR = 25,
    DW_IPV6_V6ONLY = 26,
    DW_IPV6_TCLASS = 67,
    DW_IPV6_USE_MIN_MTU = 1042,
};

enum dw_sys_flag {
    DW_MSG_OOB = 1,
    DW_MSG_PEEK = 2,
    DW_MSG_TRUNC = 0x20,
    DW_MSG_DONTWAIT = 0x40,
    DW_MSG_EOR = 0x80,
    DW_MSG_WAITALL = 0x100,
    DW_MSG_ERRQUEUE = 0x2000,
    DW_MSG_NOSIGNAL = 0x4000,
    DW_MSG_MORE = 0x8000,
    DW_MSG_ZEROCOPY = 0x4000000,
    DW_MSG_FASTOPEN = 0x20000000,

    DW_O_RDWR = 2,
    DW_O_NONBLOCK = 04000,
    DW_SOCK_STREAM = 1,
    DW_SOCK_DGRAM = 2,

    DW_POLLIN = 1,
    DW_POLLPRI = 2,
    DW_POLLOUT = 4,
    DW_POLLERR = 8,
    DW_POLLHUP = 0x10,
    DW_POLLNVAL = 0x20,
    DW_POLLRDNORM = 0x40,
    DW_POLLWRNORM = 0x100,
    DW_POLLRDHUP = 0x2000,
    DW_EPOLLEXCLUSIVE = 1 << 28,
    DW_EPOLLONESHOT = 1 << 30,
};
#define DW_EPOLLET ((uint32_t)1 << 31)

#endif
