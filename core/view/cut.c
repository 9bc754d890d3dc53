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
        if (p->stage == DW_STAGE_CLOSE && is_of_fin(p, v, side)) stages[i] = DW_STAGE_FIN;
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
    return !wanted || stage == wanted || (wanted == DW_STAGE_CLOSE && stage == DW_STAGE_FIN);
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
    return e->type == DW_TRACE_VARIABLE || e->type == DW_TRACE_DETAIL ||
           e->type == DW_TRACE_TIMER_SET || e->type == DW_TRACE_TIMER_CANCELLED ||
           e->type == DW_TRACE_CONN || e->type == DW_TRACE_QUEUED;
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

/* Of one incarnation, while the events are walked: indices from 1, 0: none. */
typedef struct seen {
    size_t first, last;          /* events of packets that are shown */
    size_t left_out, left_after; /* the first and the last departure of one that is not */
} seen;

/* To the true beginning or end of the connection, where nothing is left out there; what a time
 * bounds is bounded by that. */
static struct dw_cut_span span_of(const dw_cut *cut, const seen *s)
{
    const dw_picture *p = cut->picture;
    struct dw_cut_span span = {0, 0};
    bool times = p->from_time || p->to_time;
    if (!s->first && !times) return span;
    span.end = dw_trace_count(cut->trace);
    if (s->first && s->left_out && s->left_out < s->first)
        span.first = before_first(cut->trace, s->first - 1);
    if (s->first && s->left_after > s->last) span.end = behind_last(cut->trace, s->last - 1);
    if (p->from_time) span.first = index_at(cut->trace, p->from_time);
    size_t until = p->to_time ? index_at(cut->trace, p->to_time + 1) : span.end;
    if (p->to_time) span.end = until > s->last ? until : behind_last(cut->trace, s->last - 1);
    return span;
}

static void note(seen *s, size_t i, bool shown, bool departs)
{
    if (shown && !s->first) s->first = i + 1;
    if (shown) s->last = i + 1;
    if (!shown && departs && !s->left_out) s->left_out = i + 1;
    if (!shown && departs) s->left_after = i + 1;
}

/* What belongs to no connection lies between the first and the last packet that is shown. */
static int find_spans(dw_cut *cut)
{
    size_t n = (size_t)cut->incarnations.count + 1;
    seen *all = calloc(n, sizeof *all), any = {0};
    cut->span = calloc(n, sizeof *cut->span);
    if (!all || !cut->span) {
        free(all);
        return DW_E_NOMEM;
    }
    for (size_t i = 0; i < dw_trace_count(cut->trace); i++) {
        const dw_trace_event *e = dw_trace_at(cut->trace, i);
        const dw_packet_view *v = dw_trace_is_packet(e) ? dw_cut_find(cut, e->packet) : NULL;
        if (!v) continue;
        uint32_t of = dw_cut_incarnation(cut, v);
        bool shown = cut->shown[v - cut->packets], departs = e->type == DW_TRACE_SENT;
        if (of) note(&all[of], i, shown, departs);
        note(&any, i, shown, departs);
    }
    for (size_t of = 1; of < n; of++)
        cut->span[of] = span_of(cut, &all[of]);
    cut->span[0] = span_of(cut, &any);
    if (cut->picture->conn && any.first)
        cut->span[0] = (struct dw_cut_span){any.first - 1, any.last};
    free(all);
    return DW_OK;
}

int dw_cut_build(const dw_trace *trace, const dw_picture *p, int32_t a, int32_t b, dw_cut *out)
{
    *out = (dw_cut){.trace = trace, .picture = p};
    int status = dw_trace_packets(trace, NULL, &out->packets, &out->count);
    if (status != DW_OK) return status;
    out->whole =
        !p->conn && !p->stage && !p->from_packet && !p->to_packet && !p->from_time && !p->to_time;
    status = dw_incarnations_build(trace, &out->incarnations);
    if (status == DW_OK) status = choose_packets(out, a, b);
    if (status == DW_OK && !out->whole) status = find_spans(out);
    if (status != DW_OK) dw_cut_free(out);
    return status;
}

void dw_cut_free(dw_cut *cut)
{
    free(cut->packets);
    free(cut->shown);
    free(cut->span);
    dw_incarnations_free(&cut->incarnations);
    *cut = (dw_cut){0};
}

bool dw_cut_shows(const dw_cut *cut, const dw_packet_view *v)
{
    return cut->shown[v - cut->packets];
}

bool dw_cut_shows_conn(const dw_cut *cut, uint32_t conn)
{
    uint32_t only = cut->picture->conn;
    if (!only || !conn || only > dw_trace_conns(cut->trace)) return true;
    return dw_incarnation_shares(cut->trace, &cut->incarnations, only, conn);
}

static const struct dw_cut_span *span_at(const dw_cut *cut, size_t index)
{
    const dw_trace_event *e = dw_trace_at(cut->trace, index);
    return &cut->span[e->conn ? cut->incarnations.of_conn[e->conn] : 0];
}

bool dw_cut_shows_event(const dw_cut *cut, size_t index)
{
    if (cut->whole) return true;
    const struct dw_cut_span *span = span_at(cut, index);
    return dw_cut_shows_conn(cut, dw_trace_at(cut->trace, index)->conn) && index >= span->first &&
           index < span->end;
}

bool dw_cut_before(const dw_cut *cut, size_t index)
{
    return !cut->whole && index < span_at(cut, index)->first;
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
