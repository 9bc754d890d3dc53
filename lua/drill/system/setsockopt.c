/* setsockopt: what options become of TCP's and the descriptor's. */
#include "descriptor.h"

#include "drywire/plugin.h"

#include <stdio.h>
#include <string.h>

/* Options. */

static int64_t keep(dw_descriptor *d, int level, int option, int64_t value)
{
    size_t i = 0;
    while (i < d->kept_count && (d->kept[i].level != level || d->kept[i].option != option))
        i++;
    DW_ASSERT(i < DW_MAX_KEPT); /* there are fewer options than that */
    d->kept[i].level = level;
    d->kept[i].option = option;
    d->kept[i].value = value;
    if (i == d->kept_count) d->kept_count++;
    return 0;
}

/* Linux counts what a buffer's octets cost, too: what is asked for is doubled, and there is a
 * least, SOCK_MIN_SNDBUF and SOCK_MIN_RCVBUF, of which these are the halves (net/core/sock.c). */
static int64_t set_buffer(dw_descriptor *d, bool sends, int64_t v)
{
    enum { MIN_SEND = 2304, MIN_RECEIVE = 1152 };
    bool linux = d->sys->kind == DW_SYS_LINUX;
    int64_t min = sends ? MIN_SEND : MIN_RECEIVE;
    if (linux && v < min) v = min;
    if (sends) {
        d->send_buffer = linux ? 2 * v : v;
        return dw_fd_set(d, "send_buffer", d->send_buffer, "B");
    }
    d->receive_buffer = linux ? 2 * v : v;
    return dw_fd_set(d, "receive_buffer", v, "B");
}

static int64_t set_timestamping(dw_descriptor *d, int64_t v)
{
    if (d->sys->kind != DW_SYS_LINUX) return -DW_ENOPROTOOPT;
    if (dw_fd_errors(d))
        dw_error_queue_timestamping(d->errors, (uint32_t)v, dw_fd_acked(d), d->sent);
    d->sys->timestamps = true;
    return keep(d, DW_SOL_SOCKET, DW_SO_TIMESTAMPING, v);
}

/* SO_PRIORITY and SO_MARK are kept to be read back: they matter to queues and routes that there are
 * not.  SO_REUSEPORT frees a port as SO_REUSEADDR does, since one process has all sockets. */
static int64_t set_socket(dw_descriptor *d, int option, int64_t v)
{
    switch (option) {
    case DW_SO_REUSEADDR: d->reuse_address = v != 0; return 0;
    case DW_SO_REUSEPORT:
        d->reuse_address = d->reuse_address || v != 0;
        return keep(d, DW_SOL_SOCKET, option, v != 0);
    case DW_SO_SNDBUF: return set_buffer(d, true, v);
    case DW_SO_RCVBUF: return set_buffer(d, false, v);
    case DW_SO_ZEROCOPY: d->zero_copy = v != 0; return keep(d, DW_SOL_SOCKET, option, v != 0);
    case DW_SO_TIMESTAMPING: return set_timestamping(d, v);
    case DW_SO_KEEPALIVE:
        keep(d, DW_SOL_SOCKET, option, v != 0);
        return dw_fd_set_flag(d, "keepalive", v != 0);
    case DW_SO_PRIORITY:
    case DW_SO_MARK: return keep(d, DW_SOL_SOCKET, option, v);
    case DW_SO_RCVLOWAT:
        d->receive_lowat = v > 0 ? v : 1;
        return dw_fd_set(d, "receive_lowat", d->receive_lowat, "B");
    default: return -DW_ENOPROTOOPT;
    }
}

/* TCP in UDP (FreeBSD), where the host's tunnel is open. */
static int64_t set_encapsulation(dw_descriptor *d, int64_t v)
{
    if (v < 0 || v > 65535 || d->phase != DW_PHASE_FRESH) return -DW_EINVAL;
    if (v > 0 && dw_fd_default(d, "udp_port") <= 0) return -DW_EINVAL;
    return dw_fd_set(d, "udp_port", v, "");
}

/* How many timeouts of a SYN,ACK, 1 s that doubles, so many seconds are (secs_to_retrans). */
static int64_t timeouts_of(int64_t seconds)
{
    enum { LONGEST = 120, MAX_SIZE = 255 };
    int64_t timeouts = seconds > 0, timeout = 1;
    for (int64_t over = 1; over < seconds && timeouts < MAX_SIZE; timeouts++) {
        timeout = timeout < LONGEST / 2 ? 2 * timeout : LONGEST;
        over += timeout;
    }
    return timeouts;
}

/* Negative: not at all; the connection is gone as soon as its FIN is acknowledged. */
static int64_t set_linger2(dw_descriptor *d, int64_t v)
{
    enum { MAX_SECONDS = 120 }; /* TCP_FIN_TIMEOUT_MAX */
    if (d->sys->kind != DW_SYS_LINUX) return 0;
    if (v < 0) return dw_fd_set(d, "finwait2_timeout", 1, "ns");
    return dw_fd_set(d, "finwait2_timeout", v > MAX_SECONDS ? MAX_SECONDS : v, "s");
}

/* On FreeBSD a client asks with it, too. */
static int64_t set_fast_open(dw_descriptor *d, int64_t v)
{
    if (d->sys->kind == DW_SYS_FREEBSD) d->fast_client = v != 0;
    return dw_fd_set_flag(d, "fast_open", v && d->sys->fast_servers);
}

static int64_t set_fast_connect(dw_descriptor *d, int64_t v)
{
    if (!d->sys->fast_clients) return -DW_EOPNOTSUPP;
    if (d->phase != DW_PHASE_FRESH) return -DW_EINVAL;
    d->fast_connect = v != 0;
    return dw_fd_set_flag(d, "fast_open", v != 0);
}

static int64_t set_max_segment(dw_descriptor *d, int64_t v)
{
    enum { MIN_LINUX = 88, MAX_SIZE = 32767 }; /* TCP_MIN_MSS, MAX_TCP_WINDOW */
    if (v < (d->sys->kind == DW_SYS_LINUX ? MIN_LINUX : 1) || v > MAX_SIZE) return -DW_EINVAL;
    return dw_fd_set(d, "mss", v, "B");
}

/* Options that are one setting of TCP's: a flag, the opposite of one, or a number from least to
 * most with its unit. */
static const struct plain {
    int option;
    enum { FLAG, OPPOSITE, NUMBER } how;
    const char *setting, *unit;
    int64_t min, max;
} plain_options[] = {
    {DW_TCP_NODELAY, OPPOSITE, "nagle", "", 0, 0},
    {DW_TCP_CORK, FLAG, "cork", "", 0, 0},
    {DW_TCP_KEEPIDLE, NUMBER, "keepalive_idle", "s", 1, INT32_MAX},
    {DW_TCP_KEEPINTVL, NUMBER, "keepalive_interval", "s", 1, INT32_MAX},
    {DW_TCP_KEEPCNT, NUMBER, "keepalive_probes", "", 1, INT32_MAX},
    {DW_TCP_SYNCNT, NUMBER, "syn_retries", "", 1, 127}, /* MAX_TCP_SYNCNT */
    {DW_TCP_KEEPINIT, NUMBER, "syn_r2", "s", 1, INT32_MAX},
    {DW_TCP_USER_TIMEOUT, NUMBER, "user_timeout", "ms", INT32_MIN, INT32_MAX},
    {DW_TCP_NOOPT, OPPOSITE, "options", "", 0, 0},
    {DW_TCP_QUICKACK, FLAG, "quick_ack", "", 0, 0},
};

static int64_t set_plain(dw_descriptor *d, const struct plain *p, int64_t v)
{
    if (p->how != NUMBER) return dw_fd_set_flag(d, p->setting, (v != 0) == (p->how == FLAG));
    if (v < p->min || v > p->max) return -DW_EINVAL;
    return dw_fd_set(d, p->setting, v, p->unit);
}

/* TCP_INQ only says what recvmsg is to tell.  FreeBSD's TCP_DEFER_ACCEPT is an accept filter's,
 * which there is none of. */
static int64_t do_tcp_option(dw_descriptor *d, int option, int64_t v)
{
    bool linux = d->sys->kind == DW_SYS_LINUX;
    for (size_t i = 0; i < sizeof plain_options / sizeof plain_options[0]; i++)
        if (plain_options[i].option == option) return set_plain(d, &plain_options[i], v);
    switch (option) {
    case DW_TCP_MAXSEG: return set_max_segment(d, v);
    case DW_TCP_NOTSENT_LOWAT:
        d->notsent_lowat = v;
        return dw_fd_set(d, "notsent_lowat", v < 1 << 30 ? v : 0, "B");
    case DW_TCP_REMOTE_UDP_ENCAPS_PORT: return set_encapsulation(d, v);
    case DW_TCP_FASTOPEN: return set_fast_open(d, v);
    case DW_TCP_FASTOPEN_CONNECT: return set_fast_connect(d, v);
    case DW_TCP_INQ:
        if (v < 0 || v > 1) return -DW_EINVAL;
        return linux ? 0 : -DW_ENOPROTOOPT;
    case DW_TCP_LINGER2: return set_linger2(d, v);
    case DW_TCP_DEFER_ACCEPT: return dw_fd_set(d, "defer_accept", linux ? timeouts_of(v) : 0, "");
    default: return -DW_ENOPROTOOPT;
    }
}

static int64_t set_tcp(dw_descriptor *d, int option, int64_t v)
{
    int64_t status = do_tcp_option(d, option, v);
    return status == 0 ? keep(d, DW_SOL_TCP, option, v) : status;
}

/* Linux: with DONT (0), INTERFACE (4) and OMIT (5) what ICMP tells of the path is remembered, but
 * nothing is sent again for it. */
static int64_t set_mtu_discovery(dw_descriptor *d, int64_t v)
{
    enum { DONT = 0, INTERFACE = 4, OMIT = 5 };
    if (d->sys->kind != DW_SYS_LINUX) return -DW_ENOPROTOOPT;
    if (v < DONT || v > OMIT) return -DW_EINVAL;
    return dw_fd_set_flag(d, "pmtu_discovery", v != DONT && v < INTERFACE);
}

static int64_t do_ip_option(dw_descriptor *d, int option, int64_t v)
{
    switch (option) {
    case DW_IP_TOS: return dw_fd_set(d, "tos", v & 255, "");
    case DW_IP_TTL: return v < 1 || v > 255 ? -DW_EINVAL : dw_fd_set(d, "ttl", v, "");
    case DW_IP_MTU_DISCOVER: return set_mtu_discovery(d, v);
    case DW_IP_FREEBIND: d->freebind = v != 0; return 0;
    default: return -DW_ENOPROTOOPT;
    }
}

static int64_t do_ipv6_option(dw_descriptor *d, int option, int64_t v)
{
    enum { MIN_MTU = 1280, HEADERS = 60 }; /* RFC 8200 section 5; IPv6 and TCP */
    switch (option) {
    case DW_IPV6_TCLASS: return dw_fd_set(d, "tos", v & 255, "");
    case DW_IPV6_UNICAST_HOPS: return v < 1 || v > 255 ? -DW_EINVAL : dw_fd_set(d, "ttl", v, "");
    case DW_IPV6_USE_MIN_MTU: return dw_fd_set(d, "mss", v ? MIN_MTU - HEADERS : 0, "B");
    case DW_IPV6_MTU_DISCOVER: return set_mtu_discovery(d, v);
    case DW_IPV6_V6ONLY: return 0;
    default: return -DW_ENOPROTOOPT;
    }
}

static int64_t set_ip(dw_descriptor *d, int level, int option, int64_t v)
{
    int64_t status =
        level == DW_SOL_IPV6 ? do_ipv6_option(d, option, v) : do_ip_option(d, option, v);
    if (status != 0) return status;
    status = keep(d, level, option, v);
    dw_fd_tell_bound(d);
    return status;
}

static int64_t number_of(const void *value, size_t len)
{
    int32_t v = 0;
    memcpy(&v, value, len < sizeof v ? len : sizeof v);
    return v;
}

static int64_t set_linger(dw_descriptor *d, const void *value, size_t len)
{
    int32_t v[2];
    if (len < sizeof v) return -DW_EINVAL;
    memcpy(v, value, sizeof v);
    d->linger = v[0] ? v[1] : -1;
    return 0;
}

static bool has_congestion_control(const char *name)
{
    const dw_plugin *p;
    for (size_t i = 0; (p = dw_plugin_builtin(i)) != NULL; i++)
        if (p->congestion && strcmp(p->name, name) == 0) return true;
    return false;
}

/* FreeBSD calls Reno otherwise; what it has besides, drywire has not, and goes on as it was. */
static int64_t set_congestion(dw_descriptor *d, const void *value, size_t len)
{
    enum { LONGEST = 15 }; /* TCP_CA_NAME_MAX, with its end */
    char name[LONGEST + 1], why[200];
    snprintf(name, sizeof name, "%.*s", (int)(len < LONGEST ? len : LONGEST), (const char *)value);
    if (strcmp(name, "newreno") == 0) snprintf(name, sizeof name, "reno");
    if (!has_congestion_control(name)) return d->sys->kind == DW_SYS_LINUX ? -DW_ENOENT : 0;
    if (d->socket) dw_socket_set(d->socket, "congestion_control", name, why, sizeof why);
    dw_fd_remember(d, "congestion_control", name);
    return 0;
}

/* One key, or two of which the first is used. */
static int64_t set_fast_open_key(dw_descriptor *d, const void *value, size_t len)
{
    enum { KEY = 16 };
    char text[2 * KEY + 1] = "";
    if (len != KEY && len != 2 * KEY) return -DW_EINVAL;
    for (size_t i = 0; i < KEY; i++)
        snprintf(text + 2 * i, 3, "%02x", ((const uint8_t *)value)[i]);
    return dw_fd_set_text(d, "fast_open_key", text);
}

/* Of FreeBSD's stacks there is but the first. */
static int64_t set_stack(const void *value, size_t len)
{
    static const char stack[] = "freebsd";
    bool first = len >= sizeof stack - 1 && memcmp(value, stack, sizeof stack - 1) == 0;
    return first ? 0 : -DW_ENOPROTOOPT;
}

int64_t dw_sys_setsockopt(dw_sys *sys, int fd, int level, int option, const void *value, size_t len)
{
    int64_t wrong;
    dw_descriptor *d = dw_fd_stream(sys, fd, &wrong);
    if (!d) return wrong;
    if (!value) return -DW_EFAULT;
    bool tcp = level == DW_SOL_TCP;
    if (level == DW_SOL_SOCKET && option == DW_SO_LINGER) return set_linger(d, value, len);
    if (tcp && option == DW_TCP_CONGESTION) return set_congestion(d, value, len);
    if (tcp && option == DW_TCP_FUNCTION_BLK) return set_stack(value, len);
    if (tcp && option == DW_TCP_FASTOPEN_KEY) return set_fast_open_key(d, value, len);
    /* IP takes a single octet, too (do_ip_setsockopt). */
    size_t min = level == DW_SOL_SOCKET || tcp ? sizeof(int32_t) : 1;
    if (len < min) return -DW_EINVAL;
    int64_t v = number_of(value, len);
    switch (level) {
    case DW_SOL_SOCKET: return set_socket(d, option, v);
    case DW_SOL_TCP: return set_tcp(d, option, option == DW_TCP_NOTSENT_LOWAT ? (uint32_t)v : v);
    case DW_SOL_IP:
    case DW_SOL_IPV6: return set_ip(d, level, option, v);
    default: return -DW_ENOPROTOOPT;
    }
}
