/* One connection of a capture as a trace.
 *
 * A capture knows when packets passed one point of the path.  The shortest time in which an end
 * answered gives how far it is, so that each packet gets a time of departure and one of arrival.
 * What each end had seen by then gives its state, after RFC 9293 figure 5, and what was sent again
 * gives what was lost. */
#include "import.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const dw_cause inferred = {.name = "inferred",
                                  .text = "worked out from the segments of a capture"},
                      mid_way = {.name = "inferred",
                                 .text = "the capture begins in the middle of the connection"},
                      again = {.name = "retransmission", .text = "these octets were sent before"},
                      lost = {.name = "inferred-lost",
                              .text = "it had no effect, and was sent again"},
                      noted = {.name = "noted-lost", .text = "the capture's comment says so"};

/* A packet of the connection. */
typedef struct flight {
    const captured *p;
    int from; /* end: 0 the client, 1 the server */
    uint64_t number;
    dw_time sent, arrives;
    uint32_t end; /* the sequence number after it */
    bool again;
    const dw_cause *lost;
} flight;

/* An end, as far as its segments show it. */
typedef struct end {
    const char *state;
    uint32_t rcv_nxt, fin_end, peer_fin;
    bool rcv_known, fin_sent, fin_seen;
} end;

typedef struct importer {
    const capture *c;
    const captured_conn *k;
    flight *flights;
    size_t count;
    dw_time distance[2]; /* of each end from where packets were captured */
    end ends[2];
    dw_trace *trace;
    bool failed;
    char *notes;
    size_t notes_len;
    FILE *notes_out;
} importer;

static void note(importer *m, const char *format, ...) DW_PRINTF(2, 3);
static void note(importer *m, const char *format, ...)
{
    va_list args;
    if (!m->notes_out) return;
    va_start(args, format);
    vfprintf(m->notes_out, format, args);
    va_end(args);
    fputc('\n', m->notes_out);
}

static bool take_flights(importer *m, uint32_t conn)
{
    m->flights = calloc(m->c->count, sizeof *m->flights);
    for (size_t i = 0; m->flights && i < m->c->count; i++) {
        const captured *p = &m->c->packets[i];
        if (p->conn != conn || p->icmp || p->file != m->k->first_file) continue;
        bool first = p->d.sport == m->k->port[0] && dw_addr_equal(&p->d.src, &m->k->addr[0]);
        uint32_t octets = p->d.len + !!(p->d.flags & FLAG_SYN) + !!(p->d.flags & FLAG_FIN);
        m->flights[m->count++] = (flight){.p = p, .from = !first, .end = p->d.seq + octets};
    }
    return m->flights;
}

/* The first packet the other way that acknowledges all of this one. */
static const flight *answer_to(const importer *m, size_t i)
{
    const flight *f = &m->flights[i];
    for (size_t k = i + 1; k < m->count; k++) {
        const flight *a = &m->flights[k];
        if (a->from == f->from || !(a->p->d.flags & FLAG_ACK)) continue;
        if (!dw_seq_before(a->p->d.ack, f->end)) return a;
    }
    return NULL;
}

static void find_distances(importer *m)
{
    enum { LOOKED_AT = 2000 }; /* the first ones: answers are searched for each */
    dw_time min[2] = {DW_TIME_NEVER, DW_TIME_NEVER};
    for (size_t i = 0; i < m->count && i < LOOKED_AT; i++) {
        const flight *f = &m->flights[i];
        const flight *a = f->end != f->p->d.seq ? answer_to(m, i) : NULL;
        dw_time took = a ? a->p->at - f->p->at : DW_TIME_NEVER;
        if (took >= 0 && took < min[!f->from]) min[!f->from] = took;
    }
    for (int i = 0; i < 2; i++)
        m->distance[i] = min[i] == DW_TIME_NEVER ? 0 : min[i] / 2;
    dw_time start = m->flights[0].p->at - m->distance[m->flights[0].from];
    for (size_t i = 0; i < m->count; i++) {
        flight *f = &m->flights[i];
        f->number = i + 1;
        f->sent = f->p->at - m->distance[f->from] - start;
        f->arrives = f->p->at + m->distance[!f->from] - start;
        if (f->sent < 0) f->sent = 0;
        if (f->arrives < f->sent) f->arrives = f->sent;
    }
}

/* What was sent again, and what, of before it, was therefore lost. */

static bool covers(const flight *ack, uint32_t seq)
{
    return (ack->p->d.flags & FLAG_ACK) && !dw_seq_before(ack->p->d.ack, seq);
}

/* The last packet before number i that had octets of it, from the same end; NULL: there is none.
 * *acknowledged: all of it was, after that. */
static flight *sent_before(importer *m, size_t first, size_t i, bool *acknowledged)
{
    const flight *f = &m->flights[i];
    flight *earlier = NULL;
    *acknowledged = false;
    for (size_t k = first; k < i; k++) {
        flight *g = &m->flights[k];
        if (g->from == f->from && g->end != g->p->d.seq && dw_seq_before(f->p->d.seq, g->end) &&
            dw_seq_before(g->p->d.seq, f->end))
            earlier = g;
        *acknowledged |= g->from != f->from && earlier && covers(g, f->end);
    }
    return earlier;
}

/* It was sent again though it had been acknowledged: the acknowledgments that should have kept it
 * from that were lost, near their sender. */
static void lose_acks(importer *m, size_t first, size_t i)
{
    const flight *f = &m->flights[i];
    for (size_t k = first; k < i; k++) {
        flight *g = &m->flights[k];
        if (g->from != f->from && covers(g, f->end) && g->arrives <= f->sent && !g->lost)
            g->lost = &lost;
    }
}

/* What is in the capture can have been lost only on the way from there on.  So a packet that was
 * sent again was lost if the capture is nearer to its sender; and if it is nearer to the receiver,
 * who had acknowledged it, the acknowledgments were. */
static void find_losses(importer *m)
{
    enum { LOOKED_AT = 4096 }; /* so far back */
    for (size_t i = 0; i < m->count; i++)
        if (m->flights[i].p->noted_lost) m->flights[i].lost = &noted;
    for (size_t i = 0; i < m->count; i++) {
        flight *f = &m->flights[i];
        if (f->end == f->p->d.seq) continue;
        size_t first = i > LOOKED_AT ? i - LOOKED_AT : 0;
        bool acknowledged;
        flight *earlier = sent_before(m, first, i, &acknowledged);
        f->again = earlier != NULL;
        if (!earlier) continue;
        dw_time own = m->distance[f->from], peer = m->distance[!f->from];
        if (!acknowledged && !earlier->lost && own <= peer) earlier->lost = &lost;
        if (acknowledged && peer <= own) lose_acks(m, first, i);
    }
}

/* What is wrong with an event would be our own mistake, whatever the capture. */
static void add(importer *m, const dw_trace_event *event)
{
    int status = dw_trace_add(m->trace, event);
    DW_ASSERT(status != DW_E_INVAL || m->failed); /* without memory for those before it */
    m->failed |= status != DW_OK;
}

/* States. */

static void enter(importer *m, int side, dw_time at, const char *state, const dw_cause *cause)
{
    end *e = &m->ends[side];
    if (strcmp(e->state, state) == 0) return;
    add(m, &(dw_trace_event){.at = at,
                             .type = DW_TRACE_STATE,
                             .node = (uint32_t)side,
                             .link = UINT32_MAX,
                             .conn = (uint32_t)side + 1,
                             .cause = cause,
                             .u.state = {e->state, state}});
    e->state = state;
}

static bool is(const end *e, const char *state)
{
    return strcmp(e->state, state) == 0;
}

/* The peer's FIN, and everything before it. */
static void peer_may_have_finished(importer *m, int side, dw_time at)
{
    end *e = &m->ends[side];
    if (!e->fin_seen || dw_seq_before(e->rcv_nxt, e->peer_fin)) return;
    if (is(e, "ESTABLISHED") || is(e, "SYN-RECEIVED"))
        enter(m, side, at, "CLOSE-WAIT", &inferred);
    else if (is(e, "FIN-WAIT-1"))
        enter(m, side, at, "CLOSING", &inferred);
    else if (is(e, "FIN-WAIT-2"))
        enter(m, side, at, "TIME-WAIT", &inferred);
}

/* What an end has become by sending a segment: the arrows of RFC 9293 figure 5 that end in "snd".
 * An ACK of it shows what it had received by then, whatever of that the capture has. */
static void after_sending(importer *m, const flight *f)
{
    end *e = &m->ends[f->from];
    uint32_t flags = f->p->d.flags;
    if (flags & FLAG_RST) {
        enter(m, f->from, f->sent, "CLOSED", &inferred);
        return;
    }
    if (flags & FLAG_ACK && (!e->rcv_known || dw_seq_before(e->rcv_nxt, f->p->d.ack))) {
        e->rcv_nxt = f->p->d.ack;
        e->rcv_known = true;
        peer_may_have_finished(m, f->from, f->sent);
    }
    bool opening = is(e, "CLOSED") || is(e, "LISTEN");
    if (flags & FLAG_SYN && (opening || is(e, "SYN-SENT")) && flags & FLAG_ACK)
        enter(m, f->from, f->sent, "SYN-RECEIVED", &inferred);
    if (flags & FLAG_SYN && opening && !(flags & FLAG_ACK))
        enter(m, f->from, f->sent, "SYN-SENT", &inferred);
    if (!(flags & FLAG_FIN)) return;
    e->fin_sent = true;
    e->fin_end = f->end;
    if (is(e, "ESTABLISHED") || is(e, "SYN-RECEIVED"))
        enter(m, f->from, f->sent, "FIN-WAIT-1", &inferred);
    if (is(e, "CLOSE-WAIT")) enter(m, f->from, f->sent, "LAST-ACK", &inferred);
}

static void after_ack(importer *m, int side, const flight *f)
{
    end *e = &m->ends[side];
    if (is(e, "SYN-RECEIVED")) enter(m, side, f->arrives, "ESTABLISHED", &inferred);
    if (!e->fin_sent || dw_seq_before(f->p->d.ack, e->fin_end)) return;
    if (is(e, "FIN-WAIT-1"))
        enter(m, side, f->arrives, "FIN-WAIT-2", &inferred);
    else if (is(e, "CLOSING"))
        enter(m, side, f->arrives, "TIME-WAIT", &inferred);
    else if (is(e, "LAST-ACK"))
        enter(m, side, f->arrives, "CLOSED", &inferred);
}

static void after_receiving(importer *m, const flight *f)
{
    int side = !f->from;
    end *e = &m->ends[side];
    uint32_t flags = f->p->d.flags;
    if (flags & FLAG_RST) {
        if (!is(e, "LISTEN") && !is(e, "TIME-WAIT"))
            enter(m, side, f->arrives, "CLOSED", &inferred);
        return;
    }
    if (!e->rcv_known) e->rcv_nxt = f->p->d.seq;
    e->rcv_known = true;
    if (!dw_seq_before(e->rcv_nxt, f->p->d.seq) && dw_seq_before(e->rcv_nxt, f->end))
        e->rcv_nxt = f->end;
    if (flags & FLAG_SYN && is(e, "SYN-SENT"))
        enter(m, side, f->arrives, flags & FLAG_ACK ? "ESTABLISHED" : "SYN-RECEIVED", &inferred);
    else if (flags & FLAG_ACK)
        after_ack(m, side, f);
    if (flags & FLAG_FIN) {
        e->fin_seen = true;
        e->peer_fin = f->end;
    }
    peer_may_have_finished(m, side, f->arrives);
}

/* The trace. */

static void name_of(const importer *m, int side, char *out, size_t size)
{
    const char *name = capture_name(m->c, &m->k->addr[side]);
    const char *other = capture_name(m->c, &m->k->addr[!side]);
    bool usable = name && (!other || strcmp(name, other) != 0);
    static const char *const sides[] = {"client", "server"};
    snprintf(out, size, "%s", usable ? name : sides[side]);
}

/* Both hosts, the link between them, whose delay is the sum of what is known of both ends, and the
 * connection as each end sees it. */
static void add_hosts(importer *m)
{
    char name[100];
    for (int i = 0; i < 2; i++) {
        name_of(m, i, name, sizeof name);
        add(m, &(dw_trace_event){.type = DW_TRACE_NODE,
                                 .node = (uint32_t)i,
                                 .link = UINT32_MAX,
                                 .u.node = {name, m->k->addr[i]}});
    }
    dw_time delay = m->distance[0] + m->distance[1];
    add(m, &(dw_trace_event){.type = DW_TRACE_LINK,
                             .node = UINT32_MAX,
                             .u.link = {.a = 0, .b = 1, .delay = {delay, delay}}});
    for (int i = 0; i < 2; i++)
        add(m, &(dw_trace_event){.type = DW_TRACE_CONN,
                                 .node = (uint32_t)i,
                                 .link = UINT32_MAX,
                                 .conn = (uint32_t)i + 1,
                                 .u.conn = {.protocol = "tcp",
                                            .flow = {.local = m->k->addr[i],
                                                     .remote = m->k->addr[!i],
                                                     .local_port = m->k->port[i],
                                                     .remote_port = m->k->port[!i],
                                                     .transport = 6}}});
}

/* An event of a packet.  Its payload goes with the departure alone, as in any trace. */
static void add_packet(importer *m, const flight *f, enum dw_trace_type type, dw_time at)
{
    const captured *p = f->p;
    uint32_t head = p->d.header_len < p->have ? p->d.header_len : p->have;
    dw_slice slice = {.len = p->have - head};
    dw_trace_event e = {.at = at,
                        .type = (uint8_t)type,
                        .packet = f->number,
                        .node = (uint32_t)(type == DW_TRACE_SENT ? f->from : !f->from),
                        .link = 0,
                        .direction = (uint8_t)f->from,
                        .conn = (uint32_t)f->from + 1};
    if (type == DW_TRACE_SENT && f->again) e.cause = &again;
    if (type == DW_TRACE_DROPPED) e.cause = f->lost;
    e.u.packet.head = p->bytes;
    e.u.packet.head_len = (uint16_t)head;
    e.u.packet.payload_len = p->len - head;
    if (type == DW_TRACE_SENT && slice.len > 0) {
        slice.buf = dw_buf_new(p->bytes + head, slice.len);
        e.u.packet.slices = &slice;
        e.u.packet.slice_count = 1;
        m->failed |= !slice.buf;
    }
    if (!m->failed) add(m, &e);
    if (slice.buf) dw_buf_unref(slice.buf);
}

/* A departure or an arrival. */
typedef struct moment {
    dw_time at;
    const flight *f;
    bool arrival;
} moment;

/* It left earlier than it arrives.  What takes no time must still leave first. */
static bool was_under_way(const moment *x)
{
    return x->arrival && x->f->sent < x->at;
}

static int by_time(const void *a, const void *b)
{
    const moment *x = a, *y = b;
    bool came = was_under_way(x);
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    if (came != was_under_way(y)) return came ? -1 : 1; /* what came in explains the answer */
    if (x->f->number != y->f->number) return x->f->number < y->f->number ? -1 : 1;
    return x->arrival - y->arrival;
}

static void depart(importer *m, const flight *f)
{
    bool reset = f->p->d.flags & FLAG_RST; /* the state after it is CLOSED, and shown after it */
    if (!reset) after_sending(m, f);
    add_packet(m, f, DW_TRACE_SENT, f->sent);
    if (reset) after_sending(m, f);
    if (f->p->comment && !f->lost && !f->p->numbered)
        add(m, &(dw_trace_event){.at = f->sent,
                                 .type = DW_TRACE_NOTE,
                                 .node = (uint32_t)f->from,
                                 .link = UINT32_MAX,
                                 .conn = (uint32_t)f->from + 1,
                                 .u.note = {f->p->comment}});
    if (f->lost) add_packet(m, f, DW_TRACE_DROPPED, f->sent);
}

static bool add_moments(importer *m)
{
    moment *moments = calloc(2 * m->count, sizeof *moments);
    size_t n = 0;
    if (!moments) return false;
    for (size_t i = 0; i < m->count; i++) {
        const flight *f = &m->flights[i];
        moments[n++] = (moment){f->sent, f, false};
        if (!f->lost) moments[n++] = (moment){f->arrives, f, true};
    }
    qsort(moments, n, sizeof *moments, by_time);
    for (size_t i = 0; i < n && !m->failed; i++) {
        if (!moments[i].arrival) {
            depart(m, moments[i].f);
            continue;
        }
        add_packet(m, moments[i].f, DW_TRACE_DELIVERED, moments[i].at);
        after_receiving(m, moments[i].f);
    }
    free(moments);
    return true;
}

/* Without a SYN the connection was there before the capture. */
static void first_states(importer *m)
{
    m->ends[0].state = "CLOSED";
    m->ends[1].state = m->k->syn ? "LISTEN" : "CLOSED";
    if (m->k->syn)
        add(m, &(dw_trace_event){.type = DW_TRACE_CALL,
                                 .node = 1,
                                 .link = UINT32_MAX,
                                 .u.call = {"listen", "", m->k->port[1], 0}});
    if (m->k->syn || m->flights[0].p->d.flags & FLAG_SYN) return;
    for (int i = 0; i < 2; i++)
        enter(m, i, 0, "ESTABLISHED", &mid_way);
}

/* Octets that were acknowledged, but are not in the capture. */
static void find_gaps(importer *m)
{
    enum { LOOKED_AT = 4096 }; /* so far ahead */
    uint64_t missing = 0, gaps = 0;
    uint32_t next[2] = {0};
    bool known[2] = {false};
    for (size_t i = 0; i < m->count; i++) {
        const flight *f = &m->flights[i];
        int from = f->from;
        if (known[from] && dw_seq_before(next[from], f->p->d.seq)) { /* filled later? */
            bool filled = false;
            for (size_t k = i + 1; k < m->count && k <= i + LOOKED_AT && !filled; k++)
                filled = m->flights[k].from == from &&
                         !dw_seq_before(next[from], m->flights[k].p->d.seq) &&
                         dw_seq_before(next[from], m->flights[k].end);
            gaps += !filled;
            missing += filled ? 0 : f->p->d.seq - next[from];
        }
        if (!known[from] || dw_seq_before(next[from], f->end)) next[from] = f->end;
        known[from] = true;
    }
    if (gaps)
        note(m, "%" PRIu64 " stretches of data, %" PRIu64 " octets, are not in the capture", gaps,
             missing);
}

/* What the trace cannot show, or shows otherwise than the capture has it. */
static void write_notes(importer *m)
{
    const capture *c = m->c;
    if (!m->k->syn) note(m, "the capture begins in the middle of the connection");
    if (m->k->one_address)
        note(m, "both ends have one address; the server is shown with the next one");
    if (c->cut)
        note(m, "%" PRIu64 " packets are cut short; what is missing of their data shows as nothing",
             c->cut);
    if (c->wrong_checksums)
        note(m, "%" PRIu64 " checksums are wrong (a network card may have filled them in later)",
             c->wrong_checksums);
    if (c->malformed) note(m, "%" PRIu64 " packets are malformed and left out", c->malformed);
    if (m->k->in_files & ~(1u << m->k->first_file))
        note(m, "the connection is in both files, and is shown as the first one has it");
    if (c->reassembled)
        note(m, "%" PRIu64 " packets were put together from fragments", c->reassembled);
    if (c->fragments)
        note(m, "%" PRIu64 " fragments, of any connection, are of packets that are not whole",
             c->fragments);
    if (c->overlapping)
        note(m,
             "%" PRIu64 " packets have fragments that overlap: of IPv4 the first octets are shown, "
             "IPv6's are left out",
             c->overlapping);
    find_gaps(m);
}

/* All that was allocated on the way is freed at one end, whatever failed. */
int import_trace(const capture *c, uint32_t conn, dw_trace **out, char **notes)
{
    DW_ASSERT(conn >= 1);
    DW_ASSERT(conn <= c->conn_count);
    importer m = {.c = c, .k = &c->conns[conn - 1]};
    m.notes_out = open_memstream(&m.notes, &m.notes_len);
    m.failed = !m.notes_out || !take_flights(&m, conn) || dw_trace_begin(&m.trace) != DW_OK;
    if (!m.failed) {
        find_distances(&m);
        find_losses(&m);
        add_hosts(&m);
        first_states(&m);
        m.failed |= !add_moments(&m);
        write_notes(&m);
    }
    free(m.flights);
    if (m.notes_out) m.failed |= ferror(m.notes_out) || fclose(m.notes_out) != 0;
    if (m.failed) {
        dw_trace_free(m.trace);
        free(m.notes);
        return DW_E_NOMEM;
    }
    *out = m.trace;
    *notes = m.notes;
    return DW_OK;
}
