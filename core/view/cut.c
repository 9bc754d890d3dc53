/* Which of a trace's packets and events a picture shows (see cut.h).
 *
 * Packets are chosen first: by their ends, connection, stage, number and time.  What is no packet
 * goes with them: of each connection the events from just before its first packet that is shown to
 * just behind the last, and to its true beginning or end where no packet is left out there. */
#include "cut.h"

#include "packet/cause.h"
#include "packet/dissect.h"
#include "packet/flow.h"
#include "trace/packets.h"
#include "trace/trace.h"

#include <stdlib.h>
#include <string.h>

const dw_packet_view *dw_cut_find(const dw_cut *cut, uint64_t number)
{
    return dw_view_numbered(cut->packets, cut->count, number);
}

uint32_t dw_cut_incarnation(const dw_cut *cut, const dw_packet_view *v)
{
    return dw_incarnation_of(&cut->incarnations, &v->d, v->number);
}

/* Stages. */

/* What is known of an incarnation while its packets are walked. */
typedef struct progress {
    enum dw_stage stage;
    uint32_t isn[2]; /* of the end that its flow is at, and of the other */
    bool known[2];
    uint32_t fin_end[2]; /* what acknowledges the FIN of each */
    bool fin[2], fin_acked[2];
    bool half_data[2]; /* each has sent data though the other had closed */
} progress;

/* An acknowledgment of the handshake: nothing but the peer's SYN, from right behind our own. */
static bool completes(const progress *p, const dw_dissection *d, int side)
{
    if (d->len || dw_flags_that(d, DW_FLAG_CLOSES | DW_FLAG_RESETS)) return false;
    return p->known[0] && p->known[1] && d->seq == p->isn[side] + 1 && d->ack == p->isn[!side] + 1;
}

static void go_on(progress *p, const dw_packet_view *v, int side)
{
    bool opens = dw_flags_that(&v->d, DW_FLAG_OPENS);
    bool ends = dw_flags_that(&v->d, DW_FLAG_CLOSES | DW_FLAG_RESETS);
    if (opens) {
        p->isn[side] = v->d.seq;
        p->known[side] = true;
    }
    if (p->stage == DW_STAGE_OPEN && !opens && !completes(p, &v->d, side)) {
        bool refused = dw_flags_that(&v->d, DW_FLAG_RESETS) && !(p->known[0] && p->known[1]);
        if (!refused) p->stage = ends ? DW_STAGE_CLOSE : DW_STAGE_DATA;
    } else if (p->stage == DW_STAGE_DATA && ends) {
        p->stage = DW_STAGE_CLOSE;
    }
}

/* The close without data that comes between: a FIN, an RST, and of what acknowledges a FIN the
 * first segment, whatever it carries, and all that do nothing else. */
static bool is_of_fin(progress *p, const dw_packet_view *v, int side)
{
    const dw_dissection *d = &v->d;
    bool acks = dw_flags_that(d, DW_FLAG_ACKS) && p->fin[!side] && d->ack == p->fin_end[!side];
    bool shown = dw_flags_that(d, DW_FLAG_CLOSES | DW_FLAG_RESETS) ||
                 (acks && (d->len == 0 || !p->fin_acked[!side]));
    if (acks) p->fin_acked[!side] = true;
    if (dw_flags_that(d, DW_FLAG_CLOSES)) {
        p->fin[side] = true;
        p->fin_end[side] = d->seq + d->len + 1;
    }
    return shown;
}

/* Beside the stages that are asked for: what a half close still carries, which is data and part of
 * the close. */
enum { STAGE_HALF_CLOSE = DW_STAGE_FIN + 1 };

/* Data from the end that has not closed, and once there was some, what acknowledges it. */
static bool is_of_half_close(progress *p, const dw_packet_view *v, int side)
{
    bool half = p->stage == DW_STAGE_CLOSE && p->fin[!side] && !p->fin[side];
    if (dw_flags_that(&v->d, DW_FLAG_CLOSES | DW_FLAG_RESETS)) return false;
    if (half && v->d.len > 0) {
        p->half_data[side] = true;
        return true;
    }
    return p->half_data[!side] && !p->fin[!side] && v->d.len == 0;
}

/* Of each packet.  What the script made does not move a connection on. */
static bool find_stages(const dw_cut *cut, uint8_t *stages)
{
    progress *all = calloc((size_t)cut->incarnations.count + 1, sizeof *all);
    for (size_t i = 0; all && i < cut->count; i++) {
        const dw_packet_view *v = &cut->packets[i];
        uint32_t of = dw_cut_incarnation(cut, v);
        progress *p = &all[of];
        if (!of) continue;
        if (p->stage == DW_STAGE_ALL) p->stage = DW_STAGE_OPEN;
        dw_flow_end e = dw_sender_end(&v->d);
        int side = !dw_flow_at_end(cut->incarnations.list[of].flow, &e);
        if (!dw_cause_is(v->cause, &dw_cause_inject) && !v->copy_of && v->d.flag_names)
            go_on(p, v, side);
        stages[i] = (uint8_t)p->stage;
        bool half = is_of_half_close(p, v, side);
        if (p->stage == DW_STAGE_CLOSE && is_of_fin(p, v, side))
            stages[i] = DW_STAGE_FIN;
        else if (half)
            stages[i] = STAGE_HALF_CLOSE;
    }
    free(all);
    return all != NULL;
}

/* Packets. */

static bool is_of_conn(const dw_cut *cut, uint32_t conn, const dw_packet_view *v)
{
    dw_dissection changed;
    const dw_incarnations *in = &cut->incarnations;
    return dw_incarnation_has(cut->trace, in, conn, &v->d, v->number) ||
           (dw_view_readdressed(cut->trace, v, &changed) &&
            dw_incarnation_has(cut->trace, in, conn, &changed, v->number));
}

bool dw_cut_chosen_conn(const dw_cut *cut, const dw_packet_view *v)
{
    uint32_t conn = cut->picture->conn;
    return !conn || conn > dw_trace_conns(cut->trace) || is_of_conn(cut, conn, v);
}

static bool is_between(const dw_packet_view *v, int32_t a, int32_t b)
{
    return a < 0 || (v->from == a && v->to == b) || (v->from == b && v->to == a);
}

static bool is_wanted(const dw_cut *cut, const dw_packet_view *v, int32_t a, int32_t b)
{
    const dw_picture *p = cut->picture;
    if (!is_between(v, a, b)) return false;
    if (p->from_packet && v->number < p->from_packet) return false;
    if (p->to_packet && v->number > p->to_packet) return false;
    if (p->from_time && v->sent_at < p->from_time) return false;
    if (p->to_time && v->sent_at > p->to_time) return false;
    return dw_cut_chosen_conn(cut, v);
}

static bool is_of_stage(enum dw_stage wanted, uint8_t stage)
{
    bool closes = stage == DW_STAGE_FIN || stage == STAGE_HALF_CLOSE;
    bool carries = stage == STAGE_HALF_CLOSE;
    return !wanted || stage == wanted || (wanted == DW_STAGE_CLOSE && closes) ||
           (wanted == DW_STAGE_DATA && carries);
}

static int choose_packets(dw_cut *cut, int32_t a, int32_t b)
{
    const dw_picture *p = cut->picture;
    uint8_t *stages = calloc(cut->count + 1, sizeof *stages);
    cut->shown = calloc(cut->count + 1, sizeof *cut->shown);
    bool fine = stages && cut->shown && (!p->stage || find_stages(cut, stages));
    for (size_t i = 0; fine && i < cut->count; i++) {
        cut->shown[i] = is_wanted(cut, &cut->packets[i], a, b);
        if (!is_of_stage(p->stage, stages[i])) cut->shown[i] = false;
    }
    free(stages);
    return fine ? DW_OK : DW_E_NOMEM;
}

/* Events. */

static bool is_quiet(const dw_trace_event *e)
{
    return dw_trace_is_minor(e) || e->type == DW_TRACE_CONN;
}

/* The call that a segment follows from, and what it did to the state. */
static size_t before_first(const dw_trace *trace, size_t first)
{
    const dw_trace_event *of = dw_trace_at(trace, first);
    size_t begin = first;
    for (size_t i = first; i-- > 0;) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->at != of->at || e->node != of->node || dw_trace_is_packet(e)) break;
        if (!is_quiet(e) && e->conn == of->conn) begin = i;
    }
    return begin;
}

/* What an arrival did to the state. */
static size_t behind_last(const dw_trace *trace, size_t last)
{
    const dw_trace_event *of = dw_trace_at(trace, last);
    size_t end = last + 1;
    for (size_t i = end; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        bool follows =
            e->type == DW_TRACE_STATE || (e->type == DW_TRACE_DROPPED && e->packet == of->packet);
        if (e->at != of->at || e->node != of->node || !(follows || is_quiet(e))) break;
        if (follows) end = i + 1;
    }
    return end;
}

/* The index of the first event at a time, or later. */
static size_t index_at(const dw_trace *trace, dw_time at)
{
    size_t low = 0, high = dw_trace_count(trace);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (dw_trace_at(trace, middle)->at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Of one incarnation: packets by number, 0: none; events by index from 1. */
typedef struct seen {
    uint64_t first, last; /* packets that are shown */
    bool left_out[2];     /* one before them is not, one after them */
    size_t begin, end;    /* their first event and their last */
} seen;

/* Of one connection, which is one end: its events by index from 1, 0: none. */
typedef struct end_seen {
    size_t last;        /* of a packet that is shown */
    size_t early, late; /* the last of one that is left out before those, the first of one after */
} end_seen;

typedef struct survey {
    dw_cut *cut;
    seen *all; /* by incarnation, 0: of everything */
    end_seen *ends;
    uint32_t (*conn)[2]; /* by incarnation: at the end that its flow is at, at the other */
} survey;

/* What is left out between two that are shown is so neither before nor after them. */
static void note_packet(seen *s, const dw_packet_view *v, bool shown)
{
    if (shown && !s->first) s->first = v->number;
    if (shown) s->last = v->number;
    if (shown)
        s->left_out[1] = false;
    else
        s->left_out[s->first != 0] = true;
}

/* What is left out at the end is so after all that are shown. */
static void note_packets(survey *b)
{
    dw_cut *cut = b->cut;
    for (size_t i = 0; i < cut->count; i++) {
        const dw_packet_view *v = &cut->packets[i];
        uint32_t of = dw_cut_incarnation(cut, v);
        if (of) note_packet(&b->all[of], v, cut->shown[i]);
        note_packet(&b->all[0], v, cut->shown[i]);
    }
}

static void find_conns(survey *b)
{
    const dw_incarnations *in = &b->cut->incarnations;
    for (uint32_t conn = 1; conn <= dw_trace_conns(b->cut->trace); conn++) {
        const dw_trace_event *c = dw_trace_conn(b->cut->trace, conn);
        if (!c || !in->of_conn[conn]) continue;
        dw_flow_end e = dw_own_end(&c->u.conn.flow);
        uint32_t of = in->of_conn[conn];
        b->conn[of][!dw_flow_at_end(in->list[of].flow, &e)] = conn;
    }
}

/* The connection at the end where a packet leaves or arrives, and its incarnation; 0: none. */
static uint32_t conn_at(const survey *b, const dw_trace_event *e, const dw_packet_view *v,
                        uint32_t *of)
{
    const dw_cut *cut = b->cut;
    bool receiver = e->type == DW_TRACE_DELIVERED;
    dw_dissection d;
    if (!receiver && e->type != DW_TRACE_SENT) return 0;
    if (!receiver || !dw_view_readdressed(cut->trace, v, &d)) d = v->d;
    *of = dw_incarnation_of(&cut->incarnations, &d, v->number);
    if (!*of) return 0;
    dw_flow_end end = dw_packet_end(&d, receiver);
    uint32_t conn = b->conn[*of][!dw_flow_at_end(cut->incarnations.list[*of].flow, &end)];
    return conn && dw_trace_conn(cut->trace, conn)->node == e->node ? conn : 0;
}

static void note_end(survey *b, size_t i, const dw_packet_view *v, bool shown)
{
    uint32_t of = 0, conn = conn_at(b, dw_trace_at(b->cut->trace, i), v, &of);
    if (!conn) return;
    end_seen *end = &b->ends[conn];
    const seen *s = &b->all[of];
    if (shown) end->last = i + 1;
    if (!shown && v->number < s->first) end->early = i + 1;
    if (!shown && s->last && v->number > s->last && !end->late) end->late = i + 1;
}

static void note_event(seen *s, size_t i)
{
    if (!s->begin) s->begin = i + 1;
    s->end = i + 1;
}

static void note_events(survey *b)
{
    dw_cut *cut = b->cut;
    for (size_t i = 0; i < dw_trace_count(cut->trace); i++) {
        const dw_trace_event *e = dw_trace_at(cut->trace, i);
        const dw_packet_view *v = dw_trace_is_packet(e) ? dw_cut_find(cut, e->packet) : NULL;
        if (!v) continue;
        bool shown = cut->shown[v - cut->packets];
        uint32_t of = dw_cut_incarnation(cut, v);
        note_end(b, i, v, shown);
        if (shown && of) note_event(&b->all[of], i);
        if (shown) note_event(&b->all[0], i);
    }
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* To the true beginning or end of the connection, where nothing is left out there; what a time
 * bounds is bounded by that, but for arrivals of what left before.  Where packets are left out by
 * their number, what they do to an end is left out with them, whenever they arrive. */
static struct dw_cut_span span_of(const dw_cut *cut, const seen *s, const end_seen *end)
{
    const dw_picture *p = cut->picture;
    const dw_trace *trace = cut->trace;
    struct dw_cut_span span = {0, 0};
    if (!s->begin && !p->from_time && !p->to_time) return span;
    span.end = dw_trace_count(trace);
    if (s->begin && s->left_out[0]) span.first = before_first(trace, s->begin - 1);
    if (s->begin && s->left_out[0] && end->early)
        span.first = larger(span.first, behind_last(trace, end->early - 1));
    if (p->from_time) span.first = index_at(trace, p->from_time);
    if (p->to_time) {
        span.end = index_at(trace, p->to_time + 1);
        if (end->last > span.end) span.end = behind_last(trace, end->last - 1);
    } else if (s->begin && s->left_out[1]) {
        span.end = behind_last(trace, s->end - 1);
        if (end->late) span.end = smaller(span.end, before_first(trace, end->late - 1));
    }
    return span;
}

/* What belongs to no connection lies between the first and the last packet that is shown. */
static void find_spans(survey *b)
{
    dw_cut *cut = b->cut;
    note_packets(b);
    find_conns(b);
    note_events(b);
    for (uint32_t conn = 1; conn <= dw_trace_conns(cut->trace); conn++)
        cut->span[conn] = span_of(cut, &b->all[cut->incarnations.of_conn[conn]], &b->ends[conn]);
    const seen *any = &b->all[0];
    cut->span[0] = span_of(cut, any, &(end_seen){.last = any->end});
    if (cut->picture->conn && any->begin)
        cut->span[0] = (struct dw_cut_span){any->begin - 1, any->end};
}

static int choose_events(dw_cut *cut)
{
    size_t n = (size_t)cut->incarnations.count + 1, conns = (size_t)dw_trace_conns(cut->trace) + 1;
    survey b = {.cut = cut,
                .all = calloc(n, sizeof *b.all),
                .ends = calloc(conns, sizeof *b.ends),
                .conn = calloc(n, sizeof *b.conn)};
    cut->span = calloc(conns, sizeof *cut->span);
    bool fine = b.all && b.ends && b.conn && cut->span;
    if (fine) find_spans(&b);
    free(b.all);
    free(b.ends);
    free(b.conn);
    return fine ? DW_OK : DW_E_NOMEM;
}

/* Connections. */

/* Whose peer is the other end, or which has packets from there: an address may be translated. */
static bool has_ends(const dw_cut *cut, uint32_t conn, const bool *among, int32_t a, int32_t b)
{
    const dw_trace_event *c = dw_trace_conn(cut->trace, conn);
    if (!c || ((int32_t)c->node != a && (int32_t)c->node != b)) return false;
    int32_t other = (int32_t)c->node == a ? b : a;
    return dw_trace_conn_peer(cut->trace, conn) == other || among[cut->incarnations.of_conn[conn]];
}

static int choose_conns(dw_cut *cut, int32_t a, int32_t b)
{
    bool *among = calloc((size_t)cut->incarnations.count + 1, sizeof *among);
    cut->between = calloc((size_t)dw_trace_conns(cut->trace) + 1, sizeof *cut->between);
    bool fine = among && cut->between;
    for (size_t i = 0; fine && a >= 0 && i < cut->count; i++) {
        const dw_packet_view *v = &cut->packets[i];
        dw_dissection changed;
        if (!is_between(v, a, b)) continue;
        among[dw_cut_incarnation(cut, v)] = true;
        if (dw_view_readdressed(cut->trace, v, &changed))
            among[dw_incarnation_of(&cut->incarnations, &changed, v->number)] = true;
    }
    if (fine) among[0] = false; /* the packets of none */
    for (uint32_t conn = 1; fine && conn <= dw_trace_conns(cut->trace); conn++)
        cut->between[conn] = a < 0 || has_ends(cut, conn, among, a, b);
    free(among);
    return fine ? DW_OK : DW_E_NOMEM;
}

int dw_cut_build(const dw_trace *trace, const dw_picture *p, int32_t a, int32_t b, dw_cut *out)
{
    *out = (dw_cut){.trace = trace, .picture = p, .ends = {a, b}};
    int status = dw_trace_packets(trace, NULL, &out->packets, &out->count);
    if (status != DW_OK) return status;
    out->whole =
        !p->conn && !p->stage && !p->from_packet && !p->to_packet && !p->from_time && !p->to_time;
    status = dw_incarnations_build(trace, &out->incarnations);
    if (status == DW_OK) status = choose_packets(out, a, b);
    if (status == DW_OK) status = choose_conns(out, a, b);
    if (status == DW_OK && !out->whole) status = choose_events(out);
    if (status != DW_OK) dw_cut_free(out);
    return status;
}

void dw_cut_free(dw_cut *cut)
{
    free(cut->packets);
    free(cut->shown);
    free(cut->span);
    free(cut->between);
    dw_incarnations_free(&cut->incarnations);
    *cut = (dw_cut){0};
}

bool dw_cut_shows(const dw_cut *cut, const dw_packet_view *v)
{
    return cut->shown[v - cut->packets];
}

bool dw_cut_between(const dw_cut *cut, uint32_t conn)
{
    return !conn || conn > dw_trace_conns(cut->trace) || cut->between[conn];
}

bool dw_cut_shows_conn(const dw_cut *cut, uint32_t conn)
{
    uint32_t only = cut->picture->conn;
    if (!dw_cut_between(cut, conn)) return false;
    if (!only || !conn || only > dw_trace_conns(cut->trace)) return true;
    return dw_incarnation_shares(cut->trace, &cut->incarnations, only, conn);
}

bool dw_cut_shows_at(const dw_cut *cut, uint32_t conn, size_t index)
{
    if (!dw_cut_shows_conn(cut, conn)) return false;
    return cut->whole || (index >= cut->span[conn].first && index < cut->span[conn].end);
}

bool dw_cut_shows_event(const dw_cut *cut, size_t index)
{
    return dw_cut_shows_at(cut, dw_trace_at(cut->trace, index)->conn, index);
}

bool dw_cut_before(const dw_cut *cut, uint32_t conn, size_t index)
{
    return !cut->whole && index < cut->span[conn].first;
}

uint32_t dw_cut_first_conn(const dw_cut *cut)
{
    for (size_t i = 0; i < cut->count; i++) {
        uint32_t of = cut->shown[i] ? dw_cut_incarnation(cut, &cut->packets[i]) : 0;
        for (uint32_t conn = 1; of && conn <= dw_trace_conns(cut->trace); conn++)
            if (cut->incarnations.of_conn[conn] == of && dw_cut_shows_conn(cut, conn)) return conn;
    }
    return 0;
}

bool dw_cut_any(const dw_cut *cut)
{
    for (size_t i = 0; i < cut->count; i++)
        if (cut->shown[i]) return true;
    for (size_t i = 0; !cut->whole && i < dw_trace_count(cut->trace); i++)
        if (dw_trace_at(cut->trace, i)->type == DW_TRACE_STATE && dw_cut_shows_event(cut, i))
            return true;
    return false;
}
