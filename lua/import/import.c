/* One connection of a capture as a trace: who sent what when, what became of it and how that is
 * known, and the states of both ends. */
#include "ends.h"
#include "limits.h"
#include "reasons.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const dw_cause again = {.name = "retransmission",
                               .rfc = "RFC 9293 3.8.1",
                               .text = "these octets were sent before"},
                      overtaken = {.name = "overtaken",
                                   .text = "later ones passed the capture first"},
                      keepalive = {.name = "keepalive",
                                   .rfc = "RFC 9293 3.8.4",
                                   .text = "asks whether the other end is there"},
                      probe = {.name = "window-probe",
                               .rfc = "RFC 9293 3.8.6.1",
                               .text = "asks for a closed window"},
                      copy = {.name = "network-copy", .text = "the network delivered it twice"},
                      foreign = {.name = "foreign",
                                 .rfc = "RFC 9293 3.4",
                                 .text = "its sequence number is not of this connection"},
                      no_evidence = {.name = "no-evidence",
                                     .text = "nothing shows whether it arrived"};

/* The hosts, and the link between them. */

static void name_of(const inference *m, int side, char *out, size_t size)
{
    const char *name = capture_name(m->c, &m->k->addr[side]);
    const char *other = capture_name(m->c, &m->k->addr[!side]);
    bool usable = name && (!other || strcmp(name, other) != 0);
    snprintf(out, size, "%s", usable ? name : import_end_name(side));
}

/* The delay is half of what is known of both round trips; the connection is there as each end sees
 * it. */
static void add_hosts(inference *m)
{
    char name[100];
    dw_time delay = 0;
    for (int i = 0; i < 2; i++) {
        name_of(m, i, name, sizeof name);
        import_add(m, &(dw_trace_event){.type = DW_TRACE_NODE,
                                        .node = (uint32_t)i,
                                        .link = UINT32_MAX,
                                        .u.node = {name, m->k->addr[i]}});
        if (m->to[i].min != DW_TIME_NEVER) delay += m->to[i].min / 2;
    }
    import_add(m, &(dw_trace_event){.type = DW_TRACE_LINK,
                                    .node = UINT32_MAX,
                                    .u.link = {.a = 0, .b = 1, .delay = {delay, delay}}});
    for (int i = 0; i < 2; i++)
        import_add(m, &(dw_trace_event){.type = DW_TRACE_CONN,
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

/* Packets. */

static const dw_cause *why_sent(const segment *s, const dw_cause *why_again)
{
    switch ((enum kind)s->kind) {
    case SEGMENT_NEW: return NULL;
    case SEGMENT_AGAIN: return why_again ? why_again : &again;
    case SEGMENT_OVERTAKEN: return &overtaken;
    case SEGMENT_COPY: return &copy;
    case SEGMENT_KEEPALIVE: return &keepalive;
    case SEGMENT_PROBE: return &probe;
    case SEGMENT_FOREIGN: return &foreign;
    }
    return NULL;
}

/* An event of a packet.  Its payload goes with the departure alone, as in any trace. */
static void add_packet(inference *m, const segment *s, enum dw_trace_type type, dw_time at,
                       const dw_cause *cause)
{
    const captured *p = s->p;
    uint32_t head = p->d.header_len < p->have ? p->d.header_len : p->have;
    dw_slice slice = {.len = p->have - head};
    dw_trace_event e = {.at = at,
                        .type = (uint8_t)type,
                        .packet = import_number(m, s - m->segments),
                        .node = (uint32_t)(type == DW_TRACE_SENT ? s->from : !s->from),
                        .link = 0,
                        .direction = s->from,
                        .conn = (uint32_t)s->from + 1,
                        .cause = cause};
    if (type == DW_TRACE_DELIVERED || type == DW_TRACE_DROPPED) e.certainty = s->certainty;
    if (type != DW_TRACE_SENT) e.u.packet.other = import_number(m, s->shown_by);
    e.u.packet.head = p->bytes;
    e.u.packet.head_len = (uint16_t)head;
    e.u.packet.payload_len = p->len - head;
    if (type == DW_TRACE_SENT && slice.len > 0) {
        slice.buf = dw_buf_new(p->bytes + head, slice.len);
        e.u.packet.slices = &slice;
        e.u.packet.slice_count = 1;
        m->failed |= !slice.buf;
    }
    import_add(m, &e);
    if (slice.buf) dw_buf_unref(slice.buf);
}

static void add_note(inference *m, int side, dw_time at, const char *text)
{
    import_add(m, &(dw_trace_event){.at = at,
                                    .type = DW_TRACE_NOTE,
                                    .node = (uint32_t)side,
                                    .link = UINT32_MAX,
                                    .conn = (uint32_t)side + 1,
                                    .u.note = {text}});
}

enum { MOST_ERRORS = 5 /* that notes tell */ };

/* ICMP errors are shown where they came in, when they were captured. */
static void add_error(inference *m, const captured *p)
{
    static const char *const kinds[] = {
        [DW_NET_UNREACHABLE_NET] = "network unreachable",
        [DW_NET_UNREACHABLE_HOST] = "host unreachable",
        [DW_NET_UNREACHABLE_PROTOCOL] = "protocol unreachable",
        [DW_NET_UNREACHABLE_PORT] = "port unreachable",
        [DW_NET_TOO_BIG] = "fragmentation needed",
        [DW_NET_SOURCE_ROUTE_FAILED] = "source route failed",
        [DW_NET_PROHIBITED] = "prohibited by a filter",
        [DW_NET_TIME_EXCEEDED] = "time exceeded",
        [DW_NET_PARAMETER_PROBLEM] = "parameter problem",
        [DW_NET_SOURCE_QUENCH] = "source quench",
    };
    char from[DW_ADDR_TEXT], text[200], mtu[40] = "";
    int side = !dw_addr_equal(&p->quoted.local, &m->k->addr[0]);
    dw_addr_format(&p->d.src, from, sizeof from);
    if (p->error.mtu) snprintf(mtu, sizeof mtu, ", MTU %" PRIu32, p->error.mtu);
    snprintf(text, sizeof text, "#%" PRIu64 " ICMP error from %s: %s%s", p->frame, from,
             kinds[p->error.kind], mtu);
    add_note(m, side, p->at < m->begin ? 0 : p->at - m->begin, text);
    if (m->errors_told++ < MOST_ERRORS) import_note(m, "%s", text);
}

/* A departure or an arrival; the arrival of what is unknown is when it would have been. */
typedef struct moment {
    dw_time at;
    const segment *s;
    bool arrival;
} moment;

/* It left earlier than it arrives.  What takes no time must still leave first. */
static bool was_under_way(const moment *x)
{
    return x->arrival && x->s->sent < x->at;
}

/* Of one instant: what arrives elsewhere, which explains an answer; what the capture itself saw
 * leave or come in, in its order; the rest. */
static int rank(const moment *x)
{
    if (x->at == x->s->at) return 1;
    return was_under_way(x) ? 0 : 2;
}

static int by_time(const void *a, const void *b)
{
    const moment *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    if (rank(x) != rank(y)) return rank(x) - rank(y);
    if (x->s != y->s) return x->s < y->s ? -1 : 1;
    return x->arrival - y->arrival;
}

static void depart(states *t, reasons *own, const segment *s)
{
    inference *m = t->m;
    const dw_cause *why = why_sent(s, reasons_sends(own, s));
    bool reset = flags_of(s) & FLAG_RST; /* the state after it is CLOSED, and shown after it */
    if (!reset) import_sends(t, s);
    add_packet(m, s, DW_TRACE_SENT, s->sent, why);
    if (reset) import_sends(t, s);
    if (s->p->comment && s->fate != FATE_LOST && !s->p->numbered)
        add_note(m, s->from, s->sent, s->p->comment);
    if (s->fate == FATE_LOST) add_packet(m, s, DW_TRACE_DROPPED, s->sent, s->how);
}

static void arrive(states *t, reasons *peer, const segment *s)
{
    if (s->fate == FATE_UNKNOWN) {
        add_packet(t->m, s, DW_TRACE_UNKNOWN, s->arrives, s->how ? s->how : &no_evidence);
        return;
    }
    add_packet(t->m, s, DW_TRACE_DELIVERED, s->arrives, s->how);
    reasons_receives(peer, s);
    import_receives(t, s);
}

/* Departures and arrivals in the order of their times, with the states that they bring; ICMP errors
 * between them by the capture's own clock. */
void import_add_events(inference *m)
{
    moment *moments = calloc(2 * m->count + 1, sizeof *moments);
    size_t n = 0, errors = 0;
    states t;
    reasons ends[2] = {{0}};
    m->failed |= !moments;
    if (m->failed) return;
    import_begin_states(&t, m);
    for (size_t i = 0; i < m->count; i++) {
        const segment *s = &m->segments[i];
        moments[n++] = (moment){s->sent, s, false};
        if (s->fate != FATE_LOST) moments[n++] = (moment){s->arrives, s, true};
    }
    qsort(moments, n, sizeof *moments, by_time);
    for (size_t i = 0; i < n && !m->failed; i++) {
        while (errors < m->error_count && m->errors[errors]->at - m->begin <= moments[i].at)
            add_error(m, m->errors[errors++]);
        if (moments[i].arrival)
            arrive(&t, &ends[!moments[i].s->from], moments[i].s);
        else
            depart(&t, &ends[moments[i].s->from], moments[i].s);
    }
    while (errors < m->error_count && !m->failed)
        add_error(m, m->errors[errors++]);
    free(moments);
}

/* What could not be told. */

static void note_directions(inference *m)
{
    for (int e = 0; e < 2; e++)
        if (m->ends[e].packets == 0 && m->ends[!e].numbered && m->ends[e].numbered)
            import_note(m, "only one direction is in the capture: nothing that the %s sent",
                        import_end_name(e));
        else if (m->ends[e].packets == 0)
            import_note(m, "nothing is known of the %s: it sent nothing that was captured",
                        import_end_name(e));
}

static void note_count(inference *m, uint64_t count, const char *one, const char *several)
{
    if (count > 0) import_note(m, "%" PRIu64 " %s", count, count == 1 ? one : several);
}

/* What a reader has to know of the capture before believing what it shows. */
static void write_notes(inference *m)
{
    const capture *c = m->c;
    if (!m->k->syn) import_note(m, "the capture begins in the middle of the connection");
    if (m->k->one_address)
        import_note(m, "both ends have one address; the server is shown with the next one");
    note_directions(m);
    if (m->merged && m->clocks_agree)
        import_note(m, "the clocks of both captures are taken to be right: no packet arrives "
                       "before it leaves");
    else if (m->merged)
        import_note(
            m,
            "the clock of one capture is %.6f s ahead; delays are taken to be the same both ways",
            (double)llabs(m->ahead) / 1e9);
    if (m->clock_steps)
        import_note(m,
                    "the clock of the capture was set back %" PRIu64
                    " time%s, by up to %.6f s; packets keep their order",
                    m->clock_steps, m->clock_steps == 1 ? "" : "s", (double)m->largest_step / 1e9);
    note_count(m, m->captured_twice, "packet was captured twice on its way, and is shown once",
               "packets were captured twice on their way, and are shown once");
    note_count(m, c->cut, "packet is cut short; what is missing of its data shows as nothing",
               "packets are cut short; what is missing of their data shows as nothing");
    note_count(m, c->wrong_checksums,
               "checksum is wrong (a network card may have filled it in later)",
               "checksums are wrong (a network card may have filled them in later)");
    note_count(m, c->malformed, "packet is malformed and left out",
               "packets are malformed and left out");
    note_count(m, c->reassembled, "packet was put together from fragments",
               "packets were put together from fragments");
    note_count(m, c->fragments, "fragment, of any connection, is of a packet that is not whole",
               "fragments, of any connection, are of packets that are not whole");
    note_count(m, c->overlapping,
               "packet has fragments that overlap: of IPv4 the first octets are shown, IPv6's are "
               "left out",
               "packets have fragments that overlap: of IPv4 the first octets are shown, IPv6's "
               "are left out");
    if (m->gaps == 1)
        import_note(m, "a stretch of data is not in the capture, %" PRIu64 " octets", m->missing);
    else if (m->gaps)
        import_note(m, "%" PRIu64 " stretches of data, %" PRIu64 " octets, are not in the capture",
                    m->gaps, m->missing);
}

/* All that was allocated on the way is freed at one end, whatever failed. */
int import_trace(const capture *c, uint32_t conn, dw_trace **out, char **notes, FILE *explain)
{
    DW_ASSERT(conn >= 1);
    DW_ASSERT(conn <= c->conn_count);
    static void (*const steps[])(inference *) = {
        import_find_doubles,
        import_merge,
        import_find_kinds,
        import_find_distances,
        import_find_gaps,
        import_weigh_errors,
        import_weigh_acknowledgments,
        import_weigh_echoes,
        import_weigh_remains,
        import_find_times,
        add_hosts,
        import_add_events,
        write_notes,
    };
    inference m = {.c = c, .k = &c->conns[conn - 1]};
    size_t notes_len = 0;
    *notes = NULL;
    m.notes_out = open_memstream(notes, &notes_len);
    m.failed = !m.notes_out || dw_trace_begin(&m.trace) != DW_OK;
    if (!m.failed) import_take_segments(&m, conn);
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !m.failed; i++)
        steps[i](&m);
    if (explain && !m.failed) {
        import_explain_limits(&m, explain);
        import_explain_end(&m, explain);
    }
    for (int i = 0; i < 2; i++)
        distance_free(&m.to[i]);
    free(m.segments);
    free(m.errors);
    if (m.notes_out) m.failed |= ferror(m.notes_out) || fclose(m.notes_out) != 0;
    if (m.failed) {
        dw_trace_free(m.trace);
        free(*notes);
        *notes = NULL;
        return DW_E_NOMEM;
    }
    *out = m.trace;
    return DW_OK;
}
