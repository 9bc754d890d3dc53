/* The sockets of one process on a simulated host, as POSIX, Linux and FreeBSD have them: numbered
 * descriptors, options, errno values, poll and epoll.  On top of the core's sockets, which know
 * events and no waiting.
 *
 * Every call returns at once: a result of 0 or more, -errno, or DW_SYS_WAIT when a blocking
 * descriptor would have to wait.  The caller then lets simulated time go on and calls again with
 * the same arguments. */
#ifndef DW_SOCKETS_H
#define DW_SOCKETS_H

#include "drywire/drywire.h"
#include "error_queue.h"

#define DW_SYS_WAIT (-100000)

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

typedef struct dw_sys dw_sys;

/* Where operating systems differ beyond what TCP's profile says. */
enum dw_sys_kind { DW_SYS_LINUX, DW_SYS_FREEBSD, DW_SYS_PLAIN };

/* The host is the simulation's; the calls are freed with dw_sys_free, before the simulation. */
int dw_sys_new(dw_node *host, enum dw_sys_kind kind, dw_sys **out);
void dw_sys_free(dw_sys *sys);
/* Whether programs may open connections with data, and take such (Linux's tcp_fastopen). */
void dw_sys_allow_fast_open(dw_sys *sys, bool clients, bool servers);

int64_t dw_sys_socket(dw_sys *sys, int family, int type, int protocol);
int64_t dw_sys_bind(dw_sys *sys, int fd, const dw_addr *addr, uint16_t port);
int64_t dw_sys_listen(dw_sys *sys, int fd, int backlog);
/* The new descriptor; addr and port, where not NULL, get the peer's. */
int64_t dw_sys_accept(dw_sys *sys, int fd, int flags, dw_addr *addr, uint16_t *port);
/* addr->family 0: AF_UNSPEC, which dissolves the association. */
int64_t dw_sys_connect(dw_sys *sys, int fd, const dw_addr *addr, uint16_t port);
/* `done` counts what earlier calls of the same write took, when it had to wait; begin with 0.
 * bytes NULL: EFAULT, once the checks of state have passed.  addr may be NULL. */
int64_t dw_sys_send(dw_sys *sys, int fd, const void *bytes, size_t len, int flags,
                    const dw_addr *addr, uint16_t port, size_t *done);
/* Take a message off the error queue; 0, or -EAGAIN when there is none. */
int64_t dw_sys_notice(dw_sys *sys, int fd, dw_notice *out);
/* To be called after each event of the simulation: time stamps are taken. */
void dw_sys_look(dw_sys *sys);
int64_t dw_sys_recv(dw_sys *sys, int fd, void *bytes, size_t len, int flags);
int64_t dw_sys_shutdown(dw_sys *sys, int fd, int how);
int64_t dw_sys_close(dw_sys *sys, int fd);
/* Options with a number for a value; others (keys, names) as bytes. */
int64_t dw_sys_setsockopt(dw_sys *sys, int fd, int level, int option, const void *value,
                          size_t len);
/* *len says how much there is room for, and becomes how much there is. */
int64_t dw_sys_getsockopt(dw_sys *sys, int fd, int level, int option, void *value, size_t *len);
int64_t dw_sys_getfl(dw_sys *sys, int fd);
int64_t dw_sys_setfl(dw_sys *sys, int fd, int flags);
/* SIOCINQ and SIOCOUTQ: octets to be read, octets not acknowledged. */
int64_t dw_sys_inq(dw_sys *sys, int fd);
int64_t dw_sys_outq(dw_sys *sys, int fd, bool unsent_only);

/* The events that are true of a descriptor now, of DW_POLL*. */
uint32_t dw_sys_poll(dw_sys *sys, int fd);
int64_t dw_sys_epoll_create(dw_sys *sys);
/* op 1: add, 2: delete, 3: modify, as Linux numbers them. */
int64_t dw_sys_epoll_ctl(dw_sys *sys, int epoll, int op, int fd, uint32_t events, uint64_t data);
/* One event, or 0 when there is none. */
int64_t dw_sys_epoll_wait(dw_sys *sys, int epoll, uint32_t *events, uint64_t *data);
int64_t dw_sys_pipe(dw_sys *sys, int fds[2]);
/* Move at most len octets between a pipe, a file of zeros and a socket. */
int64_t dw_sys_splice(dw_sys *sys, int from, int to, size_t len);
/* A file that holds size zeros. */
int64_t dw_sys_file(dw_sys *sys, uint64_t size);

/* The connection's number in the trace; 0: none. */
uint32_t dw_sys_conn(dw_sys *sys, int fd);
/* The connection's variables under the names of Linux's tcp_info, and what they were in bits and
 * units there.  false when the descriptor is no TCP socket. */
bool dw_sys_tcp_info(dw_sys *sys, int fd, dw_info_fn each, void *ctx);
/* How many of this process's sockets are in a state ("TIME-WAIT"). */
int dw_sys_count(dw_sys *sys, const char *state);
/* End those connections at once and tell the peer what an abort tells it (tcpdrop). */
void dw_sys_drop(dw_sys *sys, const char *state);
/* The calls as a table: of a simulated host, or (live_calls.c) of this machine's kernel, where sys
 * is that module's own. */
typedef struct dw_sys_calls {
    int64_t (*socket)(dw_sys *sys, int family, int type, int protocol);
    int64_t (*bind)(dw_sys *sys, int fd, const dw_addr *addr, uint16_t port);
    int64_t (*listen)(dw_sys *sys, int fd, int backlog);
    int64_t (*accept)(dw_sys *sys, int fd, int flags, dw_addr *addr, uint16_t *port);
    int64_t (*connect)(dw_sys *sys, int fd, const dw_addr *addr, uint16_t port);
    int64_t (*send)(dw_sys *sys, int fd, const void *bytes, size_t len, int flags,
                    const dw_addr *addr, uint16_t port, size_t *done);
    int64_t (*notice)(dw_sys *sys, int fd, dw_notice *out);
    int64_t (*recv)(dw_sys *sys, int fd, void *bytes, size_t len, int flags);
    int64_t (*shutdown)(dw_sys *sys, int fd, int how);
    int64_t (*close)(dw_sys *sys, int fd);
    int64_t (*setsockopt)(dw_sys *sys, int fd, int level, int option, const void *value,
                          size_t len);
    int64_t (*getsockopt)(dw_sys *sys, int fd, int level, int option, void *value, size_t *len);
    int64_t (*getfl)(dw_sys *sys, int fd);
    int64_t (*setfl)(dw_sys *sys, int fd, int flags);
    int64_t (*inq)(dw_sys *sys, int fd);
    int64_t (*outq)(dw_sys *sys, int fd, bool unsent_only);
    uint32_t (*poll)(dw_sys *sys, int fd);
    int64_t (*epoll_create)(dw_sys *sys);
    int64_t (*epoll_ctl)(dw_sys *sys, int epoll, int op, int fd, uint32_t events, uint64_t data);
    int64_t (*epoll_wait)(dw_sys *sys, int epoll, uint32_t *events, uint64_t *data);
    int64_t (*pipe)(dw_sys *sys, int fds[2]);
    int64_t (*splice)(dw_sys *sys, int from, int to, size_t len);
    int64_t (*file)(dw_sys *sys, uint64_t size);
    bool (*tcp_info)(dw_sys *sys, int fd, dw_info_fn each, void *ctx);
} dw_sys_calls;
extern const dw_sys_calls dw_sys_simulated;

/* The host this is on. */
dw_node *dw_sys_node(const dw_sys *sys);

#endif
