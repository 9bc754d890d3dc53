/* The names of constants and errors. */
#include "symbol.h"

#include "constants.h"
#include "error_queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct symbol {
    const char *name;
    int64_t value;
} symbol;

static const symbol errors[] = {
    {"EPERM", 1},
    {"ENOENT", DW_ENOENT},
    {"EINTR", 4},
    {"EIO", 5},
    {"EBADF", DW_EBADF},
    {"EAGAIN", DW_EAGAIN},
    {"EWOULDBLOCK", DW_EAGAIN},
    {"ENOMEM", 12},
    {"EACCES", 13},
    {"EFAULT", DW_EFAULT},
    {"EEXIST", DW_EEXIST},
    {"EINVAL", DW_EINVAL},
    {"EMFILE", DW_EMFILE},
    {"ESPIPE", DW_ESPIPE},
    {"EPIPE", DW_EPIPE},
    {"ENOMSG", DW_ENOMSG},
    {"ENONET", DW_ENONET},
    {"ENOTSOCK", DW_ENOTSOCK},
    {"EDESTADDRREQ", 89},
    {"EMSGSIZE", DW_EMSGSIZE},
    {"ENOPROTOOPT", DW_ENOPROTOOPT},
    {"EPROTONOSUPPORT", DW_EPROTONOSUPPORT},
    {"EOPNOTSUPP", DW_EOPNOTSUPP},
    {"EAFNOSUPPORT", DW_EAFNOSUPPORT},
    {"EADDRINUSE", DW_EADDRINUSE},
    {"EADDRNOTAVAIL", DW_EADDRNOTAVAIL},
    {"ENETUNREACH", DW_ENETUNREACH},
    {"ECONNABORTED", DW_ECONNABORTED},
    {"ECONNRESET", DW_ECONNRESET},
    {"ENOBUFS", DW_ENOBUFS},
    {"EISCONN", DW_EISCONN},
    {"ENOTCONN", DW_ENOTCONN},
    {"ETIMEDOUT", DW_ETIMEDOUT},
    {"ECONNREFUSED", DW_ECONNREFUSED},
    {"EHOSTDOWN", DW_EHOSTDOWN},
    {"EHOSTUNREACH", DW_EHOSTUNREACH},
    {"EALREADY", DW_EALREADY},
    {"EINPROGRESS", DW_EINPROGRESS},
    {NULL, 0},
};

static const symbol constants[] = {
    {"NULL", 0},
    {"AF_UNSPEC", 0},
    {"AF_INET", 2},
    {"AF_INET6", 10},
    {"PF_INET", 2},
    {"PF_INET6", 10},
    {"SOCK_STREAM", DW_SOCK_STREAM},
    {"SOCK_DGRAM", DW_SOCK_DGRAM},
    {"SOCK_NONBLOCK", DW_O_NONBLOCK},
    {"SOCK_CLOEXEC", 02000000},
    {"IPPROTO_IP", DW_SOL_IP},
    {"IPPROTO_TCP", DW_SOL_TCP},
    {"IPPROTO_UDP", DW_SOL_UDP},
    {"IPPROTO_IPV6", DW_SOL_IPV6},
    {"SOL_IP", DW_SOL_IP},
    {"SOL_SOCKET", DW_SOL_SOCKET},
    {"SOL_TCP", DW_SOL_TCP},
    {"SOL_UDP", DW_SOL_UDP},
    {"SOL_IPV6", DW_SOL_IPV6},

    {"SO_REUSEADDR", DW_SO_REUSEADDR},
    {"SO_TYPE", DW_SO_TYPE},
    {"SO_ERROR", DW_SO_ERROR},
    {"SO_SNDBUF", DW_SO_SNDBUF},
    {"SO_RCVBUF", DW_SO_RCVBUF},
    {"SO_KEEPALIVE", DW_SO_KEEPALIVE},
    {"SO_PRIORITY", DW_SO_PRIORITY},
    {"SO_LINGER", DW_SO_LINGER},
    {"SO_REUSEPORT", DW_SO_REUSEPORT},
    {"SO_RCVLOWAT", DW_SO_RCVLOWAT},
    {"SO_ACCEPTCONN", DW_SO_ACCEPTCONN},
    {"SO_MARK", DW_SO_MARK},
    {"SO_PROTOCOL", DW_SO_PROTOCOL},
    {"SO_DOMAIN", DW_SO_DOMAIN},
    {"SO_ZEROCOPY", DW_SO_ZEROCOPY},
    {"SO_TIMESTAMPING", DW_SO_TIMESTAMPING},
    {"SCM_TIMESTAMPING", DW_SO_TIMESTAMPING},
    {"SOF_TIMESTAMPING_TX_HARDWARE", 1 << 0},
    {"SOF_TIMESTAMPING_TX_SOFTWARE", DW_TIMESTAMPING_TX_SOFTWARE},
    {"SOF_TIMESTAMPING_RX_HARDWARE", 1 << 2},
    {"SOF_TIMESTAMPING_RX_SOFTWARE", 1 << 3},
    {"SOF_TIMESTAMPING_SOFTWARE", DW_TIMESTAMPING_SOFTWARE},
    {"SOF_TIMESTAMPING_RAW_HARDWARE", 1 << 6},
    {"SOF_TIMESTAMPING_OPT_ID", DW_TIMESTAMPING_OPT_ID},
    {"SOF_TIMESTAMPING_TX_SCHED", DW_TIMESTAMPING_TX_SCHED},
    {"SOF_TIMESTAMPING_TX_ACK", DW_TIMESTAMPING_TX_ACK},
    {"SOF_TIMESTAMPING_OPT_CMSG", 1 << 10},
    {"SOF_TIMESTAMPING_OPT_TSONLY", DW_TIMESTAMPING_OPT_TSONLY},
    {"SOF_TIMESTAMPING_OPT_ID_TCP", DW_TIMESTAMPING_OPT_ID_TCP},
    {"SCM_TSTAMP_SND", DW_TIMESTAMP_SENT},
    {"SCM_TSTAMP_SCHED", DW_TIMESTAMP_SCHEDULED},
    {"SCM_TSTAMP_ACK", DW_TIMESTAMP_ACKED},
    {"SO_EE_ORIGIN_TIMESTAMPING", DW_NOTICE_TIMESTAMP},
    {"SO_EE_ORIGIN_ZEROCOPY", DW_NOTICE_ZEROCOPY},
    {"SO_EE_CODE_ZEROCOPY_COPIED", 1},

    {"TCP_NODELAY", DW_TCP_NODELAY},
    {"TCP_MAXSEG", DW_TCP_MAXSEG},
    {"TCP_CORK", DW_TCP_CORK},
    {"TCP_KEEPIDLE", DW_TCP_KEEPIDLE},
    {"TCP_KEEPINTVL", DW_TCP_KEEPINTVL},
    {"TCP_KEEPCNT", DW_TCP_KEEPCNT},
    {"TCP_SYNCNT", DW_TCP_SYNCNT},
    {"TCP_LINGER2", DW_TCP_LINGER2},
    {"TCP_DEFER_ACCEPT", DW_TCP_DEFER_ACCEPT},
    {"TCP_INFO", DW_TCP_INFO},
    {"TCP_QUICKACK", DW_TCP_QUICKACK},
    {"TCP_CONGESTION", DW_TCP_CONGESTION},
    {"TCP_USER_TIMEOUT", DW_TCP_USER_TIMEOUT},
    {"TCP_FASTOPEN", DW_TCP_FASTOPEN},
    {"TCP_NOTSENT_LOWAT", DW_TCP_NOTSENT_LOWAT},
    {"TCP_FASTOPEN_CONNECT", DW_TCP_FASTOPEN_CONNECT},
    {"TCP_FASTOPEN_KEY", DW_TCP_FASTOPEN_KEY},
    {"TCP_FASTOPEN_NO_COOKIE", DW_TCP_FASTOPEN_NO_COOKIE},
    {"TCP_INQ", DW_TCP_INQ},
    {"TCP_CM_INQ", DW_TCP_INQ},
    {"TCP_NOOPT", DW_TCP_NOOPT},
    {"TCP_KEEPINIT", DW_TCP_KEEPINIT},
    {"TCP_REMOTE_UDP_ENCAPS_PORT", DW_TCP_REMOTE_UDP_ENCAPS_PORT},
    {"TCP_FUNCTION_BLK", DW_TCP_FUNCTION_BLK},
    {"TCP_RACK_PACE_ALWAYS", DW_TCP_RACK_PACE_ALWAYS},
    {"TCP_RACK_PACE_RATE_SS", DW_TCP_RACK_PACE_RATE_SS},
    {"TCP_RACK_PACE_MAX_SEG", DW_TCP_RACK_PACE_MAX_SEG},

    {"IP_TOS", DW_IP_TOS},
    {"IP_TTL", DW_IP_TTL},
    {"IP_MTU_DISCOVER", DW_IP_MTU_DISCOVER},
    {"IP_RECVERR", DW_IP_RECVERR},
    {"IP_FREEBIND", DW_IP_FREEBIND},
    {"IP_PMTUDISC_DONT", 0},
    {"IP_PMTUDISC_WANT", 1},
    {"IP_PMTUDISC_DO", 2},
    {"IP_PMTUDISC_PROBE", 3},
    {"IP_PMTUDISC_INTERFACE", 4},
    {"IP_PMTUDISC_OMIT", 5},
    {"IP_MTU", DW_IP_MTU},
    {"IPV6_MTU_DISCOVER", DW_IPV6_MTU_DISCOVER},
    {"IPV6_PMTUDISC_DONT", 0},
    {"IPV6_PMTUDISC_WANT", 1},
    {"IPV6_PMTUDISC_DO", 2},
    {"IPV6_PMTUDISC_PROBE", 3},
    {"IPV6_MTU", DW_IPV6_MTU},
    {"IPV6_UNICAST_HOPS", DW_IPV6_UNICAST_HOPS},
    {"IPV6_RECVERR", DW_IPV6_RECVERR},
    {"IPV6_V6ONLY", DW_IPV6_V6ONLY},
    {"IPV6_TCLASS", DW_IPV6_TCLASS},
    {"IPV6_USE_MIN_MTU", DW_IPV6_USE_MIN_MTU},
    {"IPTOS_LOWDELAY", 0x10},
    {"IPTOS_THROUGHPUT", 0x08},
    {"IPTOS_RELIABILITY", 0x04},
    {"IPTOS_MINCOST", 0x02},
    {"IPTOS_DSCP_CS0", 0x00},
    {"IPTOS_DSCP_CS1", 0x20},
    {"IPTOS_DSCP_CS2", 0x40},
    {"IPTOS_DSCP_CS3", 0x60},
    {"IPTOS_DSCP_CS4", 0x80},
    {"IPTOS_DSCP_CS5", 0xa0},
    {"IPTOS_DSCP_CS6", 0xc0},
    {"IPTOS_DSCP_CS7", 0xe0},
    {"IPTOS_DSCP_EF", 0xb8},

    {"MSG_OOB", DW_MSG_OOB},
    {"MSG_PEEK", DW_MSG_PEEK},
    {"MSG_TRUNC", DW_MSG_TRUNC},
    {"MSG_DONTWAIT", DW_MSG_DONTWAIT},
    {"MSG_EOR", DW_MSG_EOR},
    {"MSG_WAITALL", DW_MSG_WAITALL},
    {"MSG_ERRQUEUE", DW_MSG_ERRQUEUE},
    {"MSG_NOSIGNAL", DW_MSG_NOSIGNAL},
    {"MSG_MORE", DW_MSG_MORE},
    {"MSG_ZEROCOPY", DW_MSG_ZEROCOPY},
    {"MSG_FASTOPEN", DW_MSG_FASTOPEN},

    {"SHUT_RD", 0},
    {"SHUT_WR", 1},
    {"SHUT_RDWR", 2},
    {"F_GETFL", 3},
    {"F_SETFL", 4},
    {"O_RDONLY", 0},
    {"O_WRONLY", 1},
    {"O_RDWR", DW_O_RDWR},
    {"O_NONBLOCK", DW_O_NONBLOCK},
    {"SIOCINQ", 0x541b},
    {"FIONREAD", 0x541b},
    {"SIOCOUTQ", 0x5411},
    {"SIOCOUTQNSD", 0x894b},

    {"POLLIN", DW_POLLIN},
    {"POLLPRI", DW_POLLPRI},
    {"POLLOUT", DW_POLLOUT},
    {"POLLERR", DW_POLLERR},
    {"POLLHUP", DW_POLLHUP},
    {"POLLNVAL", DW_POLLNVAL},
    {"POLLRDNORM", DW_POLLRDNORM},
    {"POLLWRNORM", DW_POLLWRNORM},
    {"POLLRDHUP", DW_POLLRDHUP},
    {"EPOLLIN", DW_POLLIN},
    {"EPOLLPRI", DW_POLLPRI},
    {"EPOLLOUT", DW_POLLOUT},
    {"EPOLLERR", DW_POLLERR},
    {"EPOLLHUP", DW_POLLHUP},
    {"EPOLLRDNORM", DW_POLLRDNORM},
    {"EPOLLWRNORM", DW_POLLWRNORM},
    {"EPOLLRDHUP", DW_POLLRDHUP},
    {"EPOLLEXCLUSIVE", DW_EPOLLEXCLUSIVE},
    {"EPOLLONESHOT", DW_EPOLLONESHOT},
    {"EPOLLET", (int64_t)DW_EPOLLET},
    {"EPOLL_CTL_ADD", 1},
    {"EPOLL_CTL_DEL", 2},
    {"EPOLL_CTL_MOD", 3},

    {"TCP_ESTABLISHED", 1},
    {"TCP_SYN_SENT", 2},
    {"TCP_SYN_RECV", 3},
    {"TCP_FIN_WAIT1", 4},
    {"TCP_FIN_WAIT2", 5},
    {"TCP_TIME_WAIT", 6},
    {"TCP_CLOSE", 7},
    {"TCP_CLOSE_WAIT", 8},
    {"TCP_LAST_ACK", 9},
    {"TCP_LISTEN", 10},
    {"TCP_CLOSING", 11},
    {"TCPI_ESTABLISHED", 1},
    {"TCPI_SYN_SENT", 2},
    {"TCPI_SYN_RECEIVED", 3},
    {"TCPI_FIN_WAIT_1", 4},
    {"TCPI_FIN_WAIT_2", 5},
    {"TCPI_TIME_WAIT", 6},
    {"TCPI_CLOSED", 7},
    {"TCPI_CLOSE_WAIT", 8},
    {"TCPI_LAST_ACK", 9},
    {"TCPI_LISTEN", 10},
    {"TCPI_CLOSING", 11},
    {"TCP_CA_Open", 0},
    {"TCP_CA_Disorder", 1},
    {"TCP_CA_CWR", 2},
    {"TCP_CA_Recovery", 3},
    {"TCP_CA_Loss", 4},
    {"TCPI_OPT_TIMESTAMPS", 1},
    {"TCPI_OPT_SACK", 2},
    {"TCPI_OPT_WSCALE", 4},
    {"TCPI_OPT_ECN", 8},
    {"TCPI_OPT_ECN_SEEN", 16},
    {"TCPI_OPT_SYN_DATA", 32},
    {"TCPI_ECN_MODE_DISABLED", 0},
    {"TCPI_ECN_MODE_RFC3168", 1},
    {"TCPI_ECN_MODE_ACCECN", 2},
    {"TCPI_ECN_MODE_PENDING", 3},
    {"TCP_ACCECN_OPT_NOT_SEEN", 0},
    {"TCP_ACCECN_OPT_EMPTY_SEEN", 1},
    {"TCP_ACCECN_OPT_COUNTER_SEEN", 2},
    {"TCP_ACCECN_OPT_FAIL_SEEN", 3},
    {"TCP_ACCECN_ACE_FAIL_SEND", 1},
    {"TCP_ACCECN_ACE_FAIL_RECV", 2},
    {"TCP_ACCECN_OPT_FAIL_SEND", 4},
    {"TCP_ACCECN_OPT_FAIL_RECV", 8},
    {"TCP_INFINITE_SSTHRESH", 0x7fffffff},
    {NULL, 0},
};

static bool find(const symbol *table, const char *name, int64_t *value)
{
    for (; table->name; table++) {
        if (strcmp(table->name, name) != 0) continue;
        *value = table->value;
        return true;
    }
    return false;
}

bool dw_drill_symbol(const char *name, int64_t *value)
{
    return find(constants, name, value) || find(errors, name, value);
}

const char *dw_drill_symbol_near(const char *name)
{
    enum { ALL = sizeof constants / sizeof constants[0] };
    const char *names[ALL];
    for (int i = 0; i < ALL; i++)
        names[i] = constants[i].name;
    return dw_nearest(name, names);
}

bool dw_drill_errno(const char *name, int64_t *number)
{
    return find(errors, name, number);
}

const char *dw_drill_errno_name(int64_t number, char buf[24])
{
    for (const symbol *s = errors; s->name; s++)
        if (s->value == number) return s->name;
    snprintf(buf, 24, "errno %" PRId64, number);
    return buf;
}
