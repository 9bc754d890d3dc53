/* drywire stats: a saved trace in numbers: each connection and each direction of each link. */
#include "drywire/plugin.h"
#include "printing.h"
#include "command.h"
#include "draw.h"
#include "failure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CAUSES = 24, QUANTILES = 4 };

/* How often for each reason, in the order in which they came up. */
typedef struct tally {
    const char *name[MAX_CAUSES];
    uint64_t count[MAX_CAUSES];
    size_t used;
} tally;

static void count_cause(tally *t, const dw_cause *cause)
{
    const char *name = cause ? cause->name : "unknown";
    size_t i = 0;
    while (i < t->used && strcmp(t->name[i], name) != 0)
        i++;
    if (i == MAX_CAUSES) return;
    if (i == t->used) t->name[t->used++] = name;
    t->count[i]++;
}

typedef struct pending { /* data that was sent and is not acknowledged */
    uint32_t seq, end;
    dw_time sent_at;
    bool again;
} pending;

typedef struct flow { /* what one end of a connection does */
    const dw_trace_event *opened;
    const char *state;
    dw_time first, established, last, acked_at; /* last: it was closed, or the trace ends */
    uint64_t packets, octets;                   /* data, with what was sent again */
    bool any_data;
    uint32_t seq_first, seq_end, acked; /* of data */
    bool any_open, any_close;
    uint32_t open_at, close_at; /* sequence numbers of SYN and FIN */
    tally again;                /* packets that repeat octets, a SYN or a FIN, by cause */
    pending *waiting;
    size_t waiting_count, waiting_capacity;
    dw_time *rtt;
    size_t rtt_count, rtt_capacity;
} flow;

typedef struct wire { /* one direction of a link */
    const dw_trace_event *made;
    bool rate_changed;
    uint64_t packets, octets, delivered, queue_max;
    uint64_t unknown;    /* packets of which nothing shows whether they arrived */
    dw_time first, last; /* packets */
    tally dropped;
} wire;

typedef struct stats {
    const dw_trace *trace;
    flow *flows; /* by connection number */
    wire *wires; /* two for each link */
    uint32_t links;
} stats;

static void *room_for_one(void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) return list;
    *capacity = *capacity ? 2 * *capacity : 64;
    return needed(realloc(list, *capacity * size));
}

/* Connections. */

static void data_sent(flow *f, const dw_packet_view *v)
{
    uint32_t end = v->d.seq + v->d.len;
    bool again = f->any_data && !dw_seq_before(f->seq_end, end);
    bool partly = f->any_data && dw_seq_before(v->d.seq, f->seq_end);
    f->octets += v->d.len;
    if (!f->any_data) f->seq_first = f->acked = v->d.seq;
    if (!f->any_data || dw_seq_before(f->seq_end, end)) f->seq_end = end;
    f->any_data = true;
    for (size_t i = 0; i < f->waiting_count && partly; i++) {
        pending *p = &f->waiting[i];
        p->again |= dw_seq_before(v->d.seq, p->end) && dw_seq_before(p->seq, end);
    }
    if (again) {
        count_cause(&f->again, v->cause);
        return;
    }
    f->waiting =
        room_for_one(f->waiting, f->waiting_count, &f->waiting_capacity, sizeof *f->waiting);
    f->waiting[f->waiting_count++] = (pending){v->d.seq, end, v->sent_at, partly};
}

/* Whether a sequence number of this kind was sent before; it is known from now on. */
static bool known_number(bool *any, uint32_t *at, uint32_t seq)
{
    bool known = *any && *at == seq;
    *any = true;
    *at = seq;
    return known;
}

/* SYN and FIN, which take a sequence number each.  With data, that says whether they are sent
 * again. */
static void control_sent(flow *f, const dw_packet_view *v)
{
    bool again = false;
    if (dw_flags_that(&v->d, DW_FLAG_OPENS))
        again |= known_number(&f->any_open, &f->open_at, v->d.seq);
    if (dw_flags_that(&v->d, DW_FLAG_CLOSES))
        again |= known_number(&f->any_close, &f->close_at, v->d.seq + v->d.len);
    if (again && v->d.len == 0) count_cause(&f->again, v->cause);
}

/* A sample is how long the last of what is acknowledged took; there is none (Karn) where any of it
 * was sent more than once: behind a hole data waits for the hole to be filled. */
static void acknowledged(flow *f, uint32_t ack, dw_time at)
{
    size_t done = 0;
    bool again = false;
    if (!f->any_data || !dw_seq_before(f->acked, ack) || dw_seq_before(f->seq_end + 2, ack)) return;
    f->acked = dw_seq_before(f->seq_end, ack) ? f->seq_end : ack;
    f->acked_at = at;
    while (done < f->waiting_count && !dw_seq_before(ack, f->waiting[done].end))
        again |= f->waiting[done++].again;
    if (done == 0) return;
    pending latest = f->waiting[done - 1];
    if (!again) {
        f->rtt = room_for_one(f->rtt, f->rtt_count, &f->rtt_capacity, sizeof *f->rtt);
        f->rtt[f->rtt_count++] = at - latest.sent_at;
    }
    f->waiting_count -= done;
    memmove(f->waiting, f->waiting + done, f->waiting_count * sizeof *f->waiting);
}

/* The other end's flow, by addresses and ports; NULL: it is not in the trace. */
static flow *peer_of(const stats *s, const flow *f)
{
    const dw_flow *a = &f->opened->u.conn.flow;
    for (uint32_t conn = dw_trace_conns(s->trace); conn > 0; conn--) {
        flow *g = &s->flows[conn];
        if (!g->opened || g == f) continue;
        const dw_flow *b = &g->opened->u.conn.flow;
        if (a->local_port == b->remote_port && a->remote_port == b->local_port &&
            dw_addr_equal(&a->local, &b->remote) && dw_addr_equal(&a->remote, &b->local))
            return g;
    }
    return NULL;
}

typedef struct instant {
    dw_time at;
    const dw_packet_view *view;
    bool arrives; /* or else it is sent */
} instant;

static int by_time(const void *a, const void *b)
{
    const instant *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    if (x->view->number != y->view->number) return x->view->number < y->view->number ? -1 : 1;
    return x->arrives - y->arrives;
}

/* What is sent and what arrives, in order of time. */
static void walk_packets(stats *s)
{
    dw_packet_view *views;
    size_t count, n = 0;
    if (dw_trace_packets(s->trace, NULL, &views, &count) != DW_OK) needed(NULL);
    instant *moments = needed(malloc((2 * count + 1) * sizeof *moments));
    flow **peers = needed(calloc(dw_trace_conns(s->trace) + 1, sizeof *peers));
    for (size_t i = 0; i < count; i++) {
        moments[n++] = (instant){views[i].sent_at, &views[i], false};
        if (views[i].arrived_at >= 0)
            moments[n++] = (instant){views[i].arrived_at, &views[i], true};
    }
    for (uint32_t conn = 1; conn <= dw_trace_conns(s->trace); conn++)
        if (s->flows[conn].opened) peers[conn] = peer_of(s, &s->flows[conn]);
    qsort(moments, n, sizeof *moments, by_time);
    for (size_t i = 0; i < n; i++) {
        const dw_packet_view *v = moments[i].view;
        if (v->conn == 0 || v->conn > dw_trace_conns(s->trace)) continue;
        flow *f = &s->flows[v->conn];
        if (moments[i].arrives) {
            if (peers[v->conn]) acknowledged(peers[v->conn], v->d.ack, v->arrived_at);
            continue;
        }
        f->packets++;
        if (v->copy_of) continue;
        control_sent(f, v);
        if (v->d.len > 0) data_sent(f, v);
    }
    free(moments);
    free(peers);
    free(views);
}

/* Links. */

static void on_link(stats *s, const dw_trace_event *e)
{
    if (e->link >= s->links) return;
    wire *w = &s->wires[2 * e->link + (e->direction & 1)];
    uint64_t octets = (uint64_t)e->u.packet.head_len + e->u.packet.payload_len;
    if (e->type == DW_TRACE_SENT) {
        if (w->packets++ == 0) w->first = e->at;
        w->last = e->at;
        w->octets += octets;
    } else if (e->type == DW_TRACE_DELIVERED) {
        w->delivered++;
    } else if (e->type == DW_TRACE_UNKNOWN) {
        w->unknown++;
    } else if (e->type == DW_TRACE_DROPPED) {
        count_cause(&w->dropped, e->cause);
    } else if (e->type == DW_TRACE_QUEUED && e->u.packet.other + 1 > w->queue_max) {
        w->queue_max = e->u.packet.other + 1;
    }
}

/* A link comes to be, or is changed. */
static void note_link(stats *s, const dw_trace_event *e)
{
    for (int d = 0; d < 2 && e->link < s->links; d++) {
        wire *w = &s->wires[2 * e->link + (uint32_t)d];
        if (!w->made) w->made = e;
        w->rate_changed |= w->made->u.link.rate[d] != e->u.link.rate[d];
    }
}

static bool is_closed(const stats *s, const flow *f)
{
    return !f->state ||
           dw_trace_state_class(s->trace, f->opened->conn, f->state) == DW_STATE_CLOSED;
}

static void walk_events(stats *s)
{
    for (size_t i = 0; i < dw_trace_count(s->trace); i++) {
        const dw_trace_event *e = dw_trace_at(s->trace, i);
        flow *f = e->conn && e->conn <= dw_trace_conns(s->trace) ? &s->flows[e->conn] : NULL;
        if (f && e->type == DW_TRACE_CONN) {
            f->opened = e;
            f->first = f->last = e->at;
        }
        if (f && f->opened && e->type == DW_TRACE_STATE) {
            f->state = e->u.state.to;
            f->last = is_closed(s, f) ? e->at : dw_trace_end(s->trace);
            int class = dw_trace_state_class(s->trace, e->conn, f->state);
            if (class == DW_STATE_OPEN) f->established = e->at;
        }
        if (e->type == DW_TRACE_LINK)
            note_link(s, e);
        else
            on_link(s, e);
    }
}

static int by_duration(const void *a, const void *b)
{
    dw_time x = *(const dw_time *)a, y = *(const dw_time *)b;
    return x < y ? -1 : x > y;
}

/* Least, median, 95 %, most; false: there are no samples. */
static bool quantiles(flow *f, dw_time out[QUANTILES])
{
    if (f->rtt_count == 0) return false;
    qsort(f->rtt, f->rtt_count, sizeof *f->rtt, by_duration);
    size_t last = f->rtt_count - 1;
    out[0] = f->rtt[0];
    out[1] = f->rtt[last / 2];
    out[2] = f->rtt[last * 95 / 100];
    out[3] = f->rtt[last];
    return true;
}

static uint64_t bits_per_second(uint64_t octets, dw_time duration)
{
    __extension__ typedef unsigned __int128 wide;
    return duration > 0 ? (uint64_t)((wide)octets * 8 * DW_SECOND / (uint64_t)duration) : 0;
}

/* Text. */

static void print_name(const char *front, const char *name)
{
    fputs(front, stdout);
    print_escaped(stdout, DW_IN_LINE, name);
}

static void print_count(const char *front, uint64_t n, const char *noun)
{
    printf("%s%" PRIu64 " %s%s", front, n, noun, n == 1 ? "" : "s");
}

static void print_tally(const char *what, const tally *t)
{
    for (size_t i = 0; i < t->used; i++) {
        print_name(i == 0 ? what : ", ", t->name[i]);
        printf(" %" PRIu64, t->count[i]);
    }
}

static const char *ms(dw_time t, char buf[DW_TIME_TEXT])
{
    return dw_duration_format(t / DW_MICROSECOND * DW_MICROSECOND, buf, DW_TIME_TEXT);
}

static const char *rate_text(uint64_t bps, char *buf, size_t size)
{
    static const char *const units[] = {"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"};
    size_t unit = 0;
    uint64_t tenths = bps * 10;
    while (tenths >= 10000 && unit < 4) {
        tenths /= 1000;
        unit++;
    }
    snprintf(buf, size, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, units[unit]);
    return buf;
}

/* One end of a connection.  Goodput is over the time until the last octet was acknowledged, so that
 * a connection which idles afterwards is none the slower. */
static void print_flow(const stats *s, uint32_t conn)
{
    flow *f = &s->flows[conn];
    const dw_flow *a = &f->opened->u.conn.flow;
    char t[QUANTILES][DW_TIME_TEXT], rate[32];
    dw_time q[QUANTILES];
    int32_t peer = dw_trace_conn_peer(s->trace, conn);
    uint64_t stream = f->any_data ? f->acked - f->seq_first : 0;
    dw_time_format(f->first, 6, t[0], DW_TIME_TEXT);
    dw_time_format(f->last, 6, t[1], DW_TIME_TEXT);
    printf("#%u  ", conn);
    print_name("", dw_trace_node_name(s->trace, f->opened->node));
    printf(":%u", a->local_port);
    print_name(" > ", peer >= 0 ? dw_trace_node_name(s->trace, (uint32_t)peer) : "?");
    printf(":%u\n    from %s s to %s s", a->remote_port, t[0], t[1]);
    if (is_closed(s, f))
        printf(", CLOSED");
    else
        print_name(", still ", f->state);
    if (f->established > f->first)
        printf("; established after %s", ms(f->established - f->first, t[2]));
    print_count("\n    ", f->packets, "packet");
    print_count("; ", f->octets, "octet");
    printf(" of data sent, %" PRIu64 " acknowledged", stream);
    if (stream > 0)
        printf(", %s",
               rate_text(bits_per_second(stream, f->acked_at - f->first), rate, sizeof rate));
    printf("\n");
    if (f->again.used) {
        print_tally("    sent again: ", &f->again);
        printf("\n");
    }
    if (quantiles(f, q)) {
        printf("    round trip: least %s, median %s, 95 %% %s, most %s", ms(q[0], t[0]),
               ms(q[1], t[1]), ms(q[2], t[2]), ms(q[3], t[3]));
        print_count("  (", f->rtt_count, "sample");
        printf(")\n");
    }
    printf("\n");
}

/* One direction of a link: how much it was used, and what it lost. */
static void print_wire(const stats *s, const wire *w, int direction)
{
    const dw_trace_event *link = w->made;
    uint32_t from = direction ? link->u.link.b : link->u.link.a;
    uint32_t to = direction ? link->u.link.a : link->u.link.b;
    uint64_t rate = link->u.link.rate[direction],
             used = bits_per_second(w->octets, w->last - w->first);
    char text[32];
    print_name("", dw_trace_node_name(s->trace, from));
    print_name(" > ", dw_trace_node_name(s->trace, to));
    print_count("\n    ", w->packets, "packet");
    print_count(", ", w->octets, "octet");
    printf(", %s", rate_text(used, text, sizeof text));
    if (w->rate_changed)
        printf(" from the first to the last (its rate was changed)");
    else if (rate)
        printf(" from the first to the last (%" PRIu64 " %% of its rate)", used * 100 / rate);
    if (w->queue_max) printf("; longest queue %" PRIu64, w->queue_max);
    printf("\n");
    if (w->dropped.used) {
        print_tally("    dropped: ", &w->dropped);
        printf("\n");
    }
    if (w->unknown) printf("    unknown whether they arrived: %" PRIu64 "\n", w->unknown);
}

/* JSON. */

static void json_text(const char *front, const char *text)
{
    printf("%s\"", front);
    print_escaped(stdout, DW_IN_JSON, text);
    printf("\"");
}

static void json_tally(const char *name, const tally *t)
{
    printf(",\"%s\":{", name);
    for (size_t i = 0; i < t->used; i++) {
        json_text(i ? "," : "", t->name[i]);
        printf(":%" PRIu64, t->count[i]);
    }
    printf("}");
}

/* The same for programs: exact numbers, times in nanoseconds, fields that are always there (but for
 * rtt_ns, which may have no samples). */
static void json_flow(const stats *s, uint32_t conn, bool first)
{
    flow *f = &s->flows[conn];
    const dw_flow *a = &f->opened->u.conn.flow;
    dw_time q[QUANTILES];
    int32_t peer = dw_trace_conn_peer(s->trace, conn);
    uint64_t stream = f->any_data ? f->acked - f->seq_first : 0;
    printf("%s{\"conn\":%u", first ? "" : ",", conn);
    json_text(",\"host\":", dw_trace_node_name(s->trace, f->opened->node));
    printf(",\"port\":%u", a->local_port);
    json_text(",\"peer\":", peer >= 0 ? dw_trace_node_name(s->trace, (uint32_t)peer) : "");
    printf(",\"peer_port\":%u", a->remote_port);
    json_text(",\"state\":", f->state ? f->state : "CLOSED");
    printf(",\"opened_ns\":%" PRId64 ",\"established_ns\":%" PRId64 ",\"last_ns\":%" PRId64
           ",\"packets\":%" PRIu64 ",\"octets_sent\":%" PRIu64 ",\"octets_acknowledged\":%" PRIu64
           ",\"goodput_bps\":%" PRIu64,
           f->first, f->established, f->last, f->packets, f->octets, stream,
           bits_per_second(stream, f->acked_at - f->first));
    json_tally("sent_again", &f->again);
    if (quantiles(f, q))
        printf(",\"rtt_ns\":{\"least\":%" PRId64 ",\"median\":%" PRId64 ",\"p95\":%" PRId64
               ",\"most\":%" PRId64 ",\"samples\":%zu}",
               q[0], q[1], q[2], q[3], f->rtt_count);
    printf("}");
}

static void json_wire(const stats *s, const wire *w, int direction, bool first)
{
    const dw_trace_event *link = w->made;
    uint32_t from = direction ? link->u.link.b : link->u.link.a;
    uint32_t to = direction ? link->u.link.a : link->u.link.b;
    json_text(first ? "{\"from\":" : ",{\"from\":", dw_trace_node_name(s->trace, from));
    json_text(",\"to\":", dw_trace_node_name(s->trace, to));
    printf(",\"packets\":%" PRIu64 ",\"octets\":%" PRIu64 ",\"delivered\":%" PRIu64
           ",\"unknown\":%" PRIu64 ",\"rate_bps\":%" PRIu64 ",\"used_bps\":%" PRIu64
           ",\"queue_most\":%" PRIu64,
           w->packets, w->octets, w->delivered, w->unknown, link->u.link.rate[direction],
           bits_per_second(w->octets, w->last - w->first), w->queue_max);
    json_tally("dropped", &w->dropped);
    printf("}");
}

/* Connections, then links, each in the order in which they were made.  --conn leaves the links:
 * they carry what others send, too. */
static void print_stats(const stats *s, const options *o)
{
    bool first = true;
    if (o->json) printf("{\"connections\":[");
    for (uint32_t conn = 1; conn <= dw_trace_conns(s->trace); conn++) {
        if (!s->flows[conn].opened || (o->nth && o->nth != conn)) continue;
        if (o->json)
            json_flow(s, conn, first);
        else
            print_flow(s, conn);
        first = false;
    }
    first = true;
    if (o->json) printf("],\"links\":[");
    for (uint32_t i = 0; i < 2 * s->links; i++) {
        const wire *w = &s->wires[i];
        if (!w->made) continue;
        if (o->json)
            json_wire(s, w, (int)(i % 2), first);
        else
            print_wire(s, w, (int)(i % 2));
        first = false;
    }
    if (o->json) printf("]}\n");
}

static uint32_t count_links(const dw_trace *trace)
{
    uint32_t links = 0;
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type == DW_TRACE_LINK && e->link + 1 > links) links = e->link + 1;
    }
    return links;
}

void show_stats(const dw_trace *trace, const options *o)
{
    stats s = {.trace = trace, .links = count_links(trace)};
    s.flows = needed(calloc(dw_trace_conns(trace) + 1, sizeof *s.flows));
    s.wires = needed(calloc(2 * (size_t)s.links + 1, sizeof *s.wires));
    walk_events(&s);
    walk_packets(&s);
    print_stats(&s, o);
    for (uint32_t conn = 0; conn <= dw_trace_conns(trace); conn++) {
        free(s.flows[conn].waiting);
        free(s.flows[conn].rtt);
    }
    free(s.flows);
    free(s.wires);
}

int cmd_stats(int argc, char **argv)
{
    options o;
    dw_trace *trace;
    int code = parse_options(argc, argv, 0, "stats", &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count != 1) return which_trace("stats", o.rest_count, "drywire stats FILE.jsonl");
    code = load_trace("stats", &o, o.rest[0], &trace);
    if (code != EXIT_PASS) return code;
    if (o.nth > dw_trace_conns(trace))
        code = usage_error("stats", "--conn: there is no %u; each end counts, and there %s %u",
                           o.nth, dw_trace_conns(trace) == 1 ? "is" : "are", dw_trace_conns(trace));
    else
        show_stats(trace, &o);
    dw_trace_free(trace);
    return code;
}
