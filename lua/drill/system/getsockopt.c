/* getsockopt: what was set, what is now, or what there is before anything was set. */
#include "descriptor.h"

#include <string.h>

/* What Linux reads back is what it counts, twice what it was asked for. */
int64_t dw_fd_receive_buffer(const dw_descriptor *d)
{
    bool connected = d->socket && d->phase != DW_PHASE_LISTENING;
    if (d->sys->kind != DW_SYS_LINUX) return dw_fd_default(d, "receive_buffer");
    if (d->receive_buffer && !connected) return d->receive_buffer;
    return connected ? dw_fd_info(d, "receive_memory") : 2 * dw_fd_default(d, "receive_buffer");
}

int64_t dw_fd_send_buffer(const dw_descriptor *d)
{
    return d->send_buffer ? d->send_buffer : dw_fd_default(d, "send_buffer");
}

/* What an option reads before it is set; false: there is no such option. */
static bool default_option(int level, int option, int64_t *value)
{
    static const struct {
        int level, option;
        int64_t value;
    } defaults[] = {
        {DW_SOL_SOCKET, DW_SO_KEEPALIVE, 0},
        {DW_SOL_SOCKET, DW_SO_MARK, 0},
        {DW_SOL_SOCKET, DW_SO_PRIORITY, 0},
        {DW_SOL_SOCKET, DW_SO_REUSEPORT, 0},
        {DW_SOL_SOCKET, DW_SO_TIMESTAMPING, 0},
        {DW_SOL_SOCKET, DW_SO_ZEROCOPY, 0},
        {DW_SOL_TCP, DW_TCP_NODELAY, 0},
        {DW_SOL_TCP, DW_TCP_CORK, 0},
        {DW_SOL_TCP, DW_TCP_DEFER_ACCEPT, 0},
        {DW_SOL_TCP, DW_TCP_FASTOPEN, 0},
        {DW_SOL_TCP, DW_TCP_FASTOPEN_CONNECT, 0},
        {DW_SOL_TCP, DW_TCP_INQ, 0},
        {DW_SOL_TCP, DW_TCP_LINGER2, 60},
        {DW_SOL_TCP, DW_TCP_NOOPT, 0},
        {DW_SOL_TCP, DW_TCP_NOTSENT_LOWAT, 0},
        {DW_SOL_TCP, DW_TCP_USER_TIMEOUT, 0},
        {DW_SOL_IP, DW_IP_FREEBIND, 0},
        {DW_SOL_IP, DW_IP_MTU_DISCOVER, 1},
        {DW_SOL_IP, DW_IP_TOS, 0},
        {DW_SOL_IP, DW_IP_TTL, 64},
        {DW_SOL_IPV6, DW_IPV6_MTU_DISCOVER, 1},
        {DW_SOL_IPV6, DW_IPV6_TCLASS, 0},
        {DW_SOL_IPV6, DW_IPV6_UNICAST_HOPS, 64},
        {DW_SOL_IPV6, DW_IPV6_USE_MIN_MTU, -1},
        {DW_SOL_IPV6, DW_IPV6_V6ONLY, 0},
    };
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        if (defaults[i].level != level || defaults[i].option != option) continue;
        *value = defaults[i].value;
        return true;
    }
    return false;
}

static bool get_socket(dw_descriptor *d, int option, int64_t *out)
{
    switch (option) {
    case DW_SO_ERROR: *out = dw_fd_ask_error(d); return true;
    case DW_SO_TYPE: *out = DW_SOCK_STREAM; return true;
    case DW_SO_PROTOCOL: *out = 6; return true;
    case DW_SO_DOMAIN: *out = d->family == 6 ? 10 : 2; return true;
    case DW_SO_ACCEPTCONN: *out = d->phase == DW_PHASE_LISTENING; return true;
    case DW_SO_REUSEADDR: *out = d->reuse_address; return true;
    case DW_SO_SNDBUF: *out = dw_fd_send_buffer(d); return true;
    case DW_SO_RCVBUF: *out = dw_fd_receive_buffer(d); return true;
    case DW_SO_RCVLOWAT: *out = dw_fd_receive_lowat(d); return true;
    default: return default_option(DW_SOL_SOCKET, option, out);
    }
}

/* Options that read what TCP has under a name, whether or not they were ever set. */
static const char *told_by_tcp(const dw_descriptor *d, int option)
{
    switch (option) {
    case DW_TCP_KEEPIDLE: return "keepalive_idle_s";
    case DW_TCP_KEEPINTVL: return "keepalive_interval_s";
    case DW_TCP_KEEPCNT: return "keepalive_probes";
    case DW_TCP_SYNCNT: return "syn_retries";
    case DW_TCP_KEEPINIT: return d->sys->kind == DW_SYS_LINUX ? NULL : "syn_r2_s";
    default: return NULL;
    }
}

static bool is_open(const dw_descriptor *d)
{
    return d->phase == DW_PHASE_CONNECTED || d->phase == DW_PHASE_CONNECTING;
}

/* TCP_QUICKACK is Linux's, the port of TCP in UDP FreeBSD's; before a connection has an MSS, it is
 * the default of RFC 9293 3.7.1. */
static bool get_tcp(dw_descriptor *d, int option, int64_t *out)
{
    enum { DEFAULT_MSS = 536 };
    bool linux = d->sys->kind == DW_SYS_LINUX;
    const char *name = told_by_tcp(d, option);
    if (name) {
        *out = dw_fd_default(d, name);
        return true;
    }
    switch (option) {
    case DW_TCP_MAXSEG: *out = is_open(d) ? dw_fd_info(d, "snd_mss") : DEFAULT_MSS; return true;
    case DW_TCP_QUICKACK:
        *out = d->phase == DW_PHASE_CONNECTED ? dw_fd_info(d, "quick_ack") : 1;
        return linux;
    case DW_TCP_REMOTE_UDP_ENCAPS_PORT: *out = dw_fd_info(d, "udp_remote"); return !linux;
    default: return default_option(DW_SOL_TCP, option, out);
    }
}

/* Whether an option reads what is now rather than what was set: buffers as they are counted, and of
 * a connection what it has come to. */
static bool is_live(const dw_descriptor *d, int level, int option)
{
    bool begun = d->phase != DW_PHASE_FRESH && d->phase != DW_PHASE_LISTENING;
    if (level == DW_SOL_SOCKET) return option == DW_SO_SNDBUF || option == DW_SO_RCVBUF;
    return level == DW_SOL_TCP && begun &&
           (option == DW_TCP_MAXSEG || option == DW_TCP_REMOTE_UDP_ENCAPS_PORT ||
            option == DW_TCP_QUICKACK);
}

static bool get_option(dw_descriptor *d, int level, int option, int64_t *out)
{
    bool live = is_live(d, level, option);
    for (size_t i = 0; i < d->kept_count && !live; i++) {
        if (d->kept[i].level != level || d->kept[i].option != option) continue;
        *out = d->kept[i].value;
        return true;
    }
    switch (level) {
    case DW_SOL_SOCKET: return get_socket(d, option, out);
    case DW_SOL_TCP: return get_tcp(d, option, out);
    default: return default_option(level, option, out);
    }
}

/* The path MTU, of a connection alone. */
static bool asks_mtu(const dw_descriptor *d, int level, int option)
{
    bool mtu = level == DW_SOL_IP ? option == DW_IP_MTU : option == DW_IPV6_MTU;
    return mtu && (level == DW_SOL_IP || level == DW_SOL_IPV6) && d->sys->kind == DW_SYS_LINUX;
}

/* A value of 32 bits, or two for SO_LINGER; a program that has room for less gets its first octets.
 */
int64_t dw_sys_getsockopt(dw_sys *sys, int fd, int level, int option, void *value, size_t *len)
{
    int64_t wrong, v = 0;
    dw_descriptor *d = dw_fd_stream(sys, fd, &wrong);
    if (!d) return wrong;
    int32_t values[2] = {0};
    size_t size = sizeof values[0];
    if (level == DW_SOL_SOCKET && option == DW_SO_LINGER) {
        values[0] = d->linger >= 0;
        values[1] = d->linger >= 0 ? d->linger : 0;
        size = sizeof values;
    } else if (asks_mtu(d, level, option)) {
        if (!is_open(d)) return -DW_ENOTCONN;
        values[0] = (int32_t)dw_fd_info(d, "pmtu");
    } else {
        if (!get_option(d, level, option, &v)) return -DW_ENOPROTOOPT;
        values[0] = (int32_t)v;
    }
    if (*len > size) *len = size;
    memcpy(value, values, *len);
    return 0;
}
