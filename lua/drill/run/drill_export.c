/* One host's part of an experiment as a packetdrill script: what its application called, what it
 * received (<) and what it sent (>), at their times. */
#include "drill/language/drill_packet.h"
#include "drill_run.h"

#include "drywire/plugin.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { TCP = 6, FIRST_FD = 3, MAX_CONNS = 64, MAX_ISNS = 8, OPT_NOP = 1, OPT_SACK = 5 };

typedef struct exporter {
    const dw_trace *trace;
    dw_sim *sim; /* NULL: the trace alone is known */
    dw_node *host;
    uint32_t node;
    dw_flow flow; /* of the connection that the script is about */
    uint32_t iss, irs;
    bool iss_known, irs_known;
    int next_fd, listener;
    struct {
        uint32_t conn;
        int fd;
    } conns[MAX_CONNS]; /* of the flow */
    size_t conn_count;
    bool begun; /* something is at time 0 */
    struct {
        const char *call; /* "read" or "write"; NULL: none */
        int fd;
        dw_time at;
        int64_t octets;
    } moving; /* a transfer in pieces, of which packetdrill knows the sum */
    FILE *f;
    bool no_memory; /* for a packet: it is missing */
} exporter;

/* Which connection. */

static bool same_flow(const dw_flow *a, const dw_flow *b)
{
    return a->local_port == b->local_port && a->remote_port == b->remote_port &&
           dw_addr_equal(&a->local, &b->local) && dw_addr_equal(&a->remote, &b->remote);
}

static bool of_host(const exporter *x, const dw_trace_event *e)
{
    return e->node == x->node;
}

static dw_drill_seen *packet_of(exporter *x, const dw_trace_event *e)
{
    bool sent = e->type == DW_TRACE_SENT;
    if (!of_host(x, e) || (!sent && e->type != DW_TRACE_DELIVERED)) return NULL;
    if (sent && e->cause && strcmp(e->cause->name, "fault-inject") == 0) return NULL; /* forged */
    size_t len = e->u.packet.head_len + e->u.packet.payload_len;
    uint8_t *bytes = calloc(1, len ? len : 1);
    x->no_memory |= !bytes;
    if (!bytes) return NULL;
    memcpy(bytes, e->u.packet.head, e->u.packet.head_len);
    dw_drill_seen *s = dw_drill_see(bytes, len, e->at, e->packet);
    free(bytes);
    x->no_memory |= !s;
    return s;
}

static dw_flow flow_of(const dw_drill_seen *s, bool sent)
{
    if (sent)
        return (dw_flow){
            .local = s->src, .remote = s->dst, .local_port = s->sport, .remote_port = s->dport};
    return (dw_flow){
        .local = s->dst, .remote = s->src, .local_port = s->dport, .remote_port = s->sport};
}

static bool about_flow(const exporter *x, const dw_drill_seen *s, bool sent)
{
    dw_flow flow = flow_of(s, sent);
    if (s->transport == TCP) return same_flow(&flow, &x->flow);
    return s->quotes && !sent && s->quoted_sport == x->flow.local_port &&
           s->quoted_dport == x->flow.remote_port;
}

/* Routers pass on what is not theirs. */
static bool is_own(const exporter *x, const dw_addr *addr)
{
    for (size_t i = 0; i < dw_trace_count(x->trace); i++) {
        const dw_trace_event *e = dw_trace_at(x->trace, i);
        if (e->type == DW_TRACE_NODE && of_host(x, e) && dw_addr_equal(&e->u.node.addr, addr))
            return true;
    }
    return false;
}

/* The host's nth connection, from 1; without one, whatever it exchanged first. */
static bool find_flow(exporter *x, uint32_t nth)
{
    uint32_t conn = dw_trace_conn_of(x->trace, x->node, nth ? nth : 1);
    if (conn) {
        x->flow = dw_trace_conn(x->trace, conn)->u.conn.flow;
        return true;
    }
    for (size_t i = 0; nth <= 1 && i < dw_trace_count(x->trace); i++) {
        const dw_trace_event *e = dw_trace_at(x->trace, i);
        dw_drill_seen *s = packet_of(x, e);
        bool tcp = s && s->transport == TCP;
        if (tcp) tcp = is_own(x, e->type == DW_TRACE_SENT ? &s->src : &s->dst);
        if (tcp) x->flow = flow_of(s, e->type == DW_TRACE_SENT);
        dw_drill_seen_free(s);
        if (tcp) return true;
    }
    return false;
}

/* Lines. */

/* In a comment. */
static void put_text(const exporter *x, const char *text)
{
    dw_escape_file(x->f, DW_IN_LINE, text, strlen(text));
}

static void begin_line(exporter *x, dw_time at)
{
    if (!x->begun && at > 0) fputs("0.000000 `true`\n", x->f); /* scripts begin at time 0 */
    fprintf(x->f, "%" PRId64 ".%06" PRId64 " ", at / DW_SECOND, at % DW_SECOND / DW_MICROSECOND);
    x->begun = true;
}

static void end_transfer(exporter *x)
{
    const char *call = x->moving.call;
    x->moving.call = NULL;
    if (!call) return;
    begin_line(x, x->moving.at);
    fprintf(x->f, "%s(%d, ..., %" PRId64 ") = %" PRId64 "\n", call, x->moving.fd, x->moving.octets,
            x->moving.octets);
}

static void transfer(exporter *x, dw_time at, const char *call, int fd, int64_t octets)
{
    bool same = x->moving.call && strcmp(x->moving.call, call) == 0 && x->moving.fd == fd &&
                x->moving.at == at;
    if (!same) {
        end_transfer(x);
        x->moving.call = call;
        x->moving.fd = fd;
        x->moving.at = at;
        x->moving.octets = 0;
    }
    x->moving.octets += octets;
}

static void DW_PRINTF(3, 4) line(exporter *x, dw_time at, const char *format, ...)
{
    va_list args;
    end_transfer(x);
    begin_line(x, at);
    va_start(args, format);
    vfprintf(x->f, format, args);
    va_end(args);
    fputc('\n', x->f);
}

/* The switches. */

static bool differs(const dw_option *o, const void *a, const void *b)
{
    char x[80], y[80];
    return strcmp(dw_option_get(o, a, x, sizeof x), dw_option_get(o, b, y, sizeof y)) != 0;
}

static const char *nearest_profile(const dw_protocol_ops *ops, const void *have)
{
    const char *best = NULL;
    size_t min = SIZE_MAX;
    for (const char *const *name = ops->profiles; *name; name++) {
        size_t count = 0;
        for (const dw_option *o = ops->options; o->name; o++)
            count += differs(o, have, ops->profile(*name));
        if (count >= min) continue;
        min = count;
        best = *name;
    }
    return best;
}

/* Whether packets, or calls, share an instant: the host may then answer them together. */
static bool shares_instants(const exporter *x)
{
    const dw_trace_event *before = NULL;
    for (size_t i = 0; i < dw_trace_count(x->trace); i++) {
        const dw_trace_event *e = dw_trace_at(x->trace, i);
        bool call = e->type == DW_TRACE_CALL, packet = e->type == DW_TRACE_DELIVERED;
        if (!of_host(x, e) || !(call || packet)) continue;
        if (before && before->at == e->at && before->type == e->type) return true;
        before = e;
    }
    return false;
}

/* Where the host chose several ISNs, what they are matters. */
static void write_isns(exporter *x)
{
    uint32_t isns[MAX_ISNS];
    size_t count = 0;
    for (size_t i = 0; i < dw_trace_count(x->trace); i++) {
        const dw_trace_event *e = dw_trace_at(x->trace, i);
        dw_drill_seen *s = e->type == DW_TRACE_SENT ? packet_of(x, e) : NULL;
        if (s && s->flags & DW_DRILL_SYN && about_flow(x, s, true) && count < MAX_ISNS &&
            (count == 0 || isns[count - 1] != s->seq))
            isns[count++] = s->seq;
        dw_drill_seen_free(s);
    }
    for (size_t i = 0; count > 1 && i < count; i++)
        fprintf(x->f, "%s%" PRIu32, i ? "," : " isn=", isns[i]);
}

/* The mistakes that the host makes on purpose. */
static void write_defects(exporter *x, const dw_protocol_ops *ops)
{
    int64_t bits = dw_node_query(x->host, "tcp", "defects", NULL);
    for (int i = 0; bits > 0 && ops->defects[i].name; i++)
        if (bits >> i & 1) fprintf(x->f, " defect=%s", ops->defects[i].name);
}

static void write_switches(exporter *x)
{
    const dw_protocol_ops *ops = x->sim ? dw_protocol_builtin("tcp") : NULL;
    void *instance = ops ? dw_node_protocol(x->host, "tcp") : NULL;
    const void *have = instance ? ops->options_of(instance) : NULL;
    if (!have) return;
    char text[80], sysctl[200];
    const char *profile = nearest_profile(ops, have);
    const void *base = ops->profile(profile);
    fprintf(x->f, "// drywire: profile=%s", profile);
    write_defects(x, ops);
    write_isns(x);
    if (shares_instants(x)) fputs(" same_time=together", x->f);
    for (const dw_option *o = ops->options; o->name; o++)
        if (differs(o, have, base))
            fprintf(x->f, " %s=%s", o->name, dw_option_get(o, have, text, sizeof text));
    fputs("\n\n", x->f);
    for (const dw_option *o = ops->options; o->name; o++)
        if (differs(o, have, base) &&
            dw_drill_sysctl_of(profile, o->name, dw_option_get(o, have, text, sizeof text), sysctl,
                               sizeof sysctl))
            line(x, 0, "`sysctl -q -w %s`", sysctl);
}

/* Calls. */

static int fd_of(const exporter *x, uint32_t conn)
{
    for (size_t i = x->conn_count; i-- > 0;)
        if (x->conns[i].conn == conn) return x->conns[i].fd;
    return -1;
}

static void new_fd(exporter *x, uint32_t conn)
{
    if (x->conn_count == MAX_CONNS) return;
    x->conns[x->conn_count].conn = conn;
    x->conns[x->conn_count++].fd = x->next_fd++;
}

static const char *domain(const exporter *x)
{
    return x->flow.local.family == 6 ? "AF_INET6" : "AF_INET";
}

static void new_socket(exporter *x, dw_time at)
{
    line(x, at, "socket(%s, SOCK_STREAM, IPPROTO_TCP) = %d",
         strcmp(domain(x), "AF_INET6") == 0 ? "AF_INET6" : "...", x->next_fd);
}

static void listens(exporter *x, dw_time at)
{
    if (x->listener) return;
    new_socket(x, at);
    x->listener = x->next_fd++;
    line(x, at, "setsockopt(%d, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0", x->listener);
    line(x, at, "bind(%d, ..., ...) = 0", x->listener);
    line(x, at, "listen(%d, 128) = 0", x->listener);
}

/* A connection's own socket, when its first call comes. */
static int active_fd(exporter *x, dw_time at, uint32_t conn)
{
    int fd = fd_of(x, conn);
    if (fd >= 0) return fd;
    new_socket(x, at);
    fd = x->next_fd;
    new_fd(x, conn);
    line(x, at, "fcntl(%d, F_SETFL, O_RDWR|O_NONBLOCK) = 0", fd);
    return fd;
}

/* Settings that programs make with setsockopt. */
enum value { NUMBER, SAME_FLAG, OTHER_FLAG, IN_SECONDS, IN_MS };
static const struct {
    const char *name, *level, *option;
    uint8_t how; /* enum value */
} settings[] = {
    {"nagle", "SOL_TCP", "TCP_NODELAY", OTHER_FLAG},
    {"cork", "SOL_TCP", "TCP_CORK", SAME_FLAG},
    {"mss", "SOL_TCP", "TCP_MAXSEG", NUMBER},
    {"keepalive", "SOL_SOCKET", "SO_KEEPALIVE", SAME_FLAG},
    {"keepalive_idle", "SOL_TCP", "TCP_KEEPIDLE", IN_SECONDS},
    {"keepalive_interval", "SOL_TCP", "TCP_KEEPINTVL", IN_SECONDS},
    {"keepalive_probes", "SOL_TCP", "TCP_KEEPCNT", NUMBER},
    {"user_timeout", "SOL_TCP", "TCP_USER_TIMEOUT", IN_MS},
    {"notsent_lowat", "SOL_TCP", "TCP_NOTSENT_LOWAT", NUMBER},
    {"ttl", "SOL_IP", "IP_TTL", NUMBER},
    {"tos", "SOL_IP", "IP_TOS", NUMBER},
};

static int64_t option_value(uint8_t how, const char *text)
{
    char why[100];
    dw_time t = 0;
    switch ((enum value)how) {
    case SAME_FLAG: return strcmp(text, "true") == 0;
    case OTHER_FLAG: return strcmp(text, "true") != 0;
    case IN_SECONDS:
    case IN_MS:
        dw_parse_time(text, &t, why, sizeof why);
        return t / (how == IN_MS ? DW_MILLISECOND : DW_SECOND);
    case NUMBER: break;
    }
    return strtoll(text, NULL, 10);
}

static bool sets(exporter *x, const dw_trace_event *e)
{
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (strcmp(settings[i].name, e->u.call.name) != 0 || !e->u.call.detail) continue;
        line(x, e->at, "setsockopt(%d, %s, %s, [%" PRId64 "], 4) = 0", active_fd(x, e->at, e->conn),
             settings[i].level, settings[i].option,
             option_value(settings[i].how, e->u.call.detail));
        return true;
    }
    return false;
}

static void aborts(exporter *x, dw_time at, int fd)
{
    line(x, at, "setsockopt(%d, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0", fd);
    line(x, at, "close(%d) = 0", fd);
}

static void comment_call(exporter *x, const dw_trace_event *e)
{
    fputs("// no call of packetdrill's: ", x->f);
    put_text(x, e->u.call.name);
    fputc(' ', x->f);
    put_text(x, e->u.call.detail ? e->u.call.detail : "");
    fputc('\n', x->f);
}

/* What TCP took in steps, sending in between, was one call, whose other steps say so. */
static bool goes_on(const dw_trace_event *e)
{
    return strcmp(e->u.call.name, "send") == 0 && e->u.call.detail &&
           strcmp(e->u.call.detail, "goes on") == 0;
}

/* The octets that a send took, with the steps that follow. */
static int64_t whole_send(const exporter *x, size_t index)
{
    const dw_trace_event *first = dw_trace_at(x->trace, index);
    int64_t sum = first->u.call.value;
    for (size_t i = index + 1; i < dw_trace_count(x->trace); i++) {
        const dw_trace_event *e = dw_trace_at(x->trace, i);
        if (e->at != first->at) break;
        if (e->type != DW_TRACE_CALL || e->conn != first->conn || !of_host(x, e)) continue;
        if (!goes_on(e)) break;
        sum += e->u.call.value;
    }
    return sum;
}

/* A call that makes the connection, if it is one of those. */
static bool opens(exporter *x, const dw_trace_event *e)
{
    const char *name = e->u.call.name;
    if (strcmp(name, "accept") == 0) {
        line(x, e->at, "accept(%d, ..., ...) = %d", x->listener, x->next_fd);
        new_fd(x, e->conn);
    } else if (strcmp(name, "connect") == 0) {
        line(x, e->at, "connect(%d, ..., ...) = -1 EINPROGRESS (Operation now in progress)",
             active_fd(x, e->at, e->conn));
    } else {
        return false;
    }
    return true;
}

/* A call of the connection that has a descriptor. */
static void uses(exporter *x, size_t index, int fd)
{
    const dw_trace_event *e = dw_trace_at(x->trace, index);
    const char *name = e->u.call.name;
    if (strcmp(name, "send") == 0)
        transfer(x, e->at, "write", fd, whole_send(x, index));
    else if (strcmp(name, "recv") == 0)
        transfer(x, e->at, "read", fd, e->u.call.value);
    else if (strcmp(name, "shutdown_read") == 0)
        line(x, e->at, "shutdown(%d, SHUT_RD) = 0", fd);
    else if (strcmp(name, "shutdown") == 0)
        line(x, e->at, "shutdown(%d, SHUT_WR) = 0", fd);
    else if (strcmp(name, "close") == 0)
        line(x, e->at, "close(%d) = 0", fd);
    else if (strcmp(name, "abort") == 0)
        aborts(x, e->at, fd);
    else
        comment_call(x, e);
}

/* The host's calls, as far as they are about the flow: its listener's, and its connections'. */
static void call(exporter *x, size_t index)
{
    const dw_trace_event *e = dw_trace_at(x->trace, index);
    if (strcmp(e->u.call.name, "listen") == 0) {
        if (e->u.call.value == x->flow.local_port) listens(x, e->at);
        return;
    }
    const dw_trace_event *made = e->conn ? dw_trace_conn(x->trace, e->conn) : NULL;
    if (!made || !same_flow(&made->u.conn.flow, &x->flow)) return;
    if (opens(x, e) || sets(x, e)) return;
    int fd = fd_of(x, e->conn);
    if (fd >= 0 && !goes_on(e)) uses(x, index, fd);
}

/* Packets. */

/* Numbers count from what each side sent first. */
static void count_from_isn(exporter *x, dw_drill_seen *s, bool sent)
{
    bool *known = sent ? &x->iss_known : &x->irs_known;
    uint32_t *isn = sent ? &x->iss : &x->irs;
    bool syn = s->flags & DW_DRILL_SYN, acks = s->flags & DW_DRILL_ACK;
    if (!*known && syn) {
        *isn = s->seq;
        *known = true;
    }
    uint32_t other = sent ? x->irs : x->iss;
    s->seq -= *isn;
    if (acks) s->ack -= other;
    for (uint32_t i = 0; i + 1 < s->options_len && s->options[i];) {
        uint32_t len = s->options[i + 1];
        if (s->options[i] == OPT_NOP) len = 1;
        if (len == 0 || i + len > s->options_len) break;
        for (uint32_t k = 2; s->options[i] == OPT_SACK && k + 4 <= len; k += 4)
            dw_put32(s->options + i + k, dw_get32(s->options + i + k) - other);
        i += len;
    }
}

static void packet(exporter *x, const dw_trace_event *e)
{
    static const dw_drill_flow as_they_are = {0};
    char text[1000];
    bool sent = e->type == DW_TRACE_SENT;
    dw_drill_seen *s = packet_of(x, e);
    if (s && about_flow(x, s, sent)) {
        if (s->transport == TCP)
            count_from_isn(x, s, sent);
        else
            s->quoted_seq -= x->iss;
        dw_drill_seen_text(s, &as_they_are, text, sizeof text);
        line(x, e->at, "%c %s%s", sent ? '>' : '<', dw_drill_mark(s->tos), text);
    }
    dw_drill_seen_free(s);
}

static void about(exporter *x, const char *title)
{
    char local[64], remote[64];
    dw_addr_format(&x->flow.local, local, sizeof local);
    dw_addr_format(&x->flow.remote, remote, sizeof remote);
    fputs("// ", x->f);
    put_text(x, title);
    fputs(", as host \"", x->f);
    put_text(x, dw_trace_node_name(x->trace, x->node));
    fprintf(x->f, "\" saw it: %s port %u, with %s port %u.\n", local, x->flow.local_port, remote,
            x->flow.remote_port);
}

static int no_memory(char *why, size_t size)
{
    snprintf(why, size, "out of memory");
    return DW_E_NOMEM;
}

static int no_host(const dw_trace *trace, const char *host, char *why, size_t size)
{
    const char *names[64] = {0};
    for (uint32_t i = 0; i < dw_trace_nodes(trace) && i < 63; i++)
        names[i] = dw_trace_node_name(trace, i);
    const char *near = dw_nearest(host, names);
    if (near)
        snprintf(why, size, "there is no host \"%s\"; did you mean \"%s\"?", host, near);
    else
        snprintf(why, size, "there is no host \"%s\"", host);
    return DW_E_NOENT;
}

/* What the host did and saw, up to where it crashed: from there on it is another one. */
static void write_events(exporter *x)
{
    for (size_t i = 0; i < dw_trace_count(x->trace); i++) {
        const dw_trace_event *e = dw_trace_at(x->trace, i);
        if (!of_host(x, e)) continue;
        if (e->cause && strcmp(e->cause->name, "crash") == 0) {
            fputs("// Here the host lost its memory; scripts have no word for that.\n", x->f);
            break;
        }
        if (e->type == DW_TRACE_CALL)
            call(x, i);
        else if (e->type == DW_TRACE_SENT || e->type == DW_TRACE_DELIVERED)
            packet(x, e);
    }
    end_transfer(x);
}

/* Packets of the host that the script does not have, by what they are. */
typedef struct left_out {
    size_t other_tcp, udp, icmp, other, calls;
} left_out;

/* What a router passes on is not its own. */
static bool is_own_packet(const exporter *x, const dw_drill_seen *s, bool sent)
{
    const dw_addr *own = sent ? &s->src : &s->dst;
    return own->family == 0 || dw_trace_node_of(x->trace, own) == (int32_t)x->node;
}

static void count_left_out(exporter *x, const dw_trace_event *e, left_out *n)
{
    enum { ICMP = 1, UDP = 17, ICMPV6 = 58 };
    bool sent = e->type == DW_TRACE_SENT;
    const dw_trace_event *made = e->conn ? dw_trace_conn(x->trace, e->conn) : NULL;
    if (e->type == DW_TRACE_CALL && made) n->calls += !same_flow(&made->u.conn.flow, &x->flow);
    dw_drill_seen *s = packet_of(x, e);
    if (!s) return;
    size_t *kind = &n->other;
    if (s->transport == TCP) kind = &n->other_tcp;
    if (s->transport == UDP) kind = &n->udp;
    if (s->transport == ICMP || s->transport == ICMPV6) kind = &n->icmp;
    if (!about_flow(x, s, sent) && is_own_packet(x, s, sent)) ++*kind;
    dw_drill_seen_free(s);
}

/* A line that says so, before what the script has. */
static void say_left_out(exporter *x)
{
    left_out n = {0};
    for (size_t i = 0; i < dw_trace_count(x->trace); i++)
        if (of_host(x, dw_trace_at(x->trace, i))) count_left_out(x, dw_trace_at(x->trace, i), &n);
    const struct {
        size_t count;
        const char *what;
    } kinds[] = {{n.other_tcp, "segments of other connections"},
                 {n.calls, "calls of other connections"},
                 {n.udp, "UDP datagrams"},
                 {n.icmp, "ICMP messages"},
                 {n.other, "packets of other protocols"}};
    const char *before = "// Left out: ";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].count == 0) continue;
        fprintf(x->f, "%s%s %zu", before, kinds[i].what, kinds[i].count);
        before = ", ";
    }
    if (*before == ',') fputs(".\n", x->f);
}

int dw_drill_export(const dw_trace *trace, dw_sim *sim, const char *host, uint32_t nth,
                    const char *title, FILE *f, char *why, size_t why_size)
{
    exporter x = {.trace = trace, .sim = sim, .f = f, .next_fd = FIRST_FD};
    int32_t node = dw_trace_node_find(trace, host);
    if (node < 0) return no_host(trace, host, why, why_size);
    x.node = (uint32_t)node;
    x.host = sim ? dw_node_at(sim, x.node) : NULL;
    bool found = find_flow(&x, nth);
    if (x.no_memory) return no_memory(why, why_size);
    if (!found && nth > 1)
        snprintf(why, why_size, "host \"%s\" has no connection %u", host, nth);
    else if (!found)
        snprintf(why, why_size, "host \"%s\" exchanged no segment of TCP", host);
    if (!found) return DW_E_NOENT;
    write_switches(&x);
    about(&x, title);
    if (x.flow.local.family == 6) fputs("--ip_version=ipv6\n", f);
    say_left_out(&x);
    write_events(&x);
    if (x.no_memory) return no_memory(why, why_size);
    return ferror(f) ? DW_E_IO : DW_OK;
}
