/* The packets of a trace, each as one view of all that is told of it. */
#include "packets.h"

#include "packet/cause.h"
#include "packet/dissect.h"
#include "packet/match.h"
#include "trace.h"

#include <stdlib.h>
#include <string.h>

/* The packets that a trace tells of, by rising number.  The numbers of a capture's frames have gaps
 * as wide as the file, so there is room for as many as begin, not as many as they count. */
typedef struct packet_index {
    uint64_t *numbers;
    dw_packet_view *views; /* of each; number 0: it has not begun yet */
    size_t count;
} packet_index;

static bool begins(const dw_trace_event *e)
{
    return e->packet && (e->type == DW_TRACE_SENT || e->type == DW_TRACE_DUPLICATED);
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void sort_numbers(packet_index *index)
{
    size_t kept = 0;
    bool rises = true;
    for (size_t i = 1; i < index->count; i++)
        rises &= index->numbers[i - 1] <= index->numbers[i];
    if (!rises) qsort(index->numbers, index->count, sizeof *index->numbers, by_number);
    for (size_t i = 0; i < index->count; i++)
        if (kept == 0 || index->numbers[kept - 1] != index->numbers[i])
            index->numbers[kept++] = index->numbers[i];
    index->count = kept;
}

/* A packet begins on every link of its way.  false: no memory. */
static bool find_packets(const dw_trace *trace, packet_index *index)
{
    for (size_t i = 0; i < trace->count; i++)
        index->count += begins(trace->events[i]);
    index->numbers = calloc(index->count + 1, sizeof *index->numbers);
    if (!index->numbers) return false;
    index->count = 0;
    for (size_t i = 0; i < trace->count; i++)
        if (begins(trace->events[i])) index->numbers[index->count++] = trace->events[i]->packet;
    sort_numbers(index);
    index->views = calloc(index->count + 1, sizeof *index->views);
    return index->views;
}

/* Without gaps a number is nearly an index.  NULL: no packet of this number begins. */
static dw_packet_view *view_of(const packet_index *index, uint64_t number)
{
    size_t low = 0, high = index->count;
    if (number - 1 < index->count && index->numbers[number - 1] == number)
        return &index->views[number - 1];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (index->numbers[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < index->count && index->numbers[low] == number ? &index->views[low] : NULL;
}

void dw_view_first_seen(const dw_trace *trace, const dw_trace_event *e, dw_packet_view *v)
{
    *v = (dw_packet_view){.number = e->packet,
                          .sent_at = e->at,
                          .arrived_at = -1,
                          .lost_at = -1,
                          .unknown_at = -1,
                          .conn = e->conn,
                          .cause = e->cause,
                          .head = e->u.packet.head,
                          .head_len = e->u.packet.head_len,
                          .slices = e->u.packet.slices,
                          .slice_count = e->u.packet.slice_count,
                          .sender = (int32_t)e->node};
    dw_dissect(trace->plugins, v->head, v->head_len, (size_t)v->head_len + e->u.packet.payload_len,
               &v->d);
    v->from = dw_trace_node_seen(trace, e->node, &v->d.src);
    v->to = dw_trace_node_seen(trace, e->node, &v->d.dst);
}

bool dw_trace_is_rewrite(const dw_trace_event *e)
{
    return e->type == DW_TRACE_DAMAGED && dw_cause_is(e->cause, &dw_cause_rewrite);
}

/* The host that the packet goes to now. */
static void note_readdressed(const dw_trace *trace, const dw_trace_event *e, dw_packet_view *v,
                             const dw_dissection *changed)
{
    v->changed_head = e->u.packet.head;
    v->changed_head_len = e->u.packet.head_len;
    if (dw_addr_equal(&changed->dst, &v->d.dst)) return;
    v->to = dw_trace_node_seen(trace, e->node, &changed->dst);
}

static void note_change(const dw_trace *trace, const dw_trace_event *e, dw_packet_view *v)
{
    enum { ECN = 3, CE = 3 };
    dw_dissection changed;
    dw_dissect(trace->plugins, e->u.packet.head, e->u.packet.head_len,
               (size_t)e->u.packet.head_len + e->u.packet.payload_len, &changed);
    v->damaged = true;
    v->damage_cause = e->cause;
    v->congested = (v->d.tos & ECN) != CE && (changed.tos & ECN) == CE;
    if (dw_trace_is_rewrite(e)) note_readdressed(trace, e, v, &changed);
}

/* Of what was observed there is nothing to say: a lost packet has its drop_cause. */
static void note_evidence(const dw_trace_event *e, dw_packet_view *v)
{
    bool inferred = e->certainty != DW_OBSERVED || e->type == DW_TRACE_UNKNOWN;
    v->fate_certainty = e->certainty;
    v->fate_cause = inferred ? e->cause : NULL;
    v->shown_by = inferred ? e->u.packet.other : 0;
    v->unknown_at = e->type == DW_TRACE_UNKNOWN ? e->at : -1;
}

static void note_packet_event(const dw_trace *trace, const dw_trace_event *e, dw_packet_view *v)
{
    if (v->number == 0 && (e->type == DW_TRACE_SENT || e->type == DW_TRACE_DUPLICATED))
        dw_view_first_seen(trace, e, v);
    if (v->number == 0) return;
    if (e->type == DW_TRACE_DUPLICATED) v->copy_of = e->u.packet.other;
    if (e->type == DW_TRACE_DAMAGED) note_change(trace, e, v);
    if (!dw_trace_is_fate(e)) return;
    bool at_end = v->to < 0 || (int32_t)e->node == v->to, dropped = e->type == DW_TRACE_DROPPED;
    /* A packet that its destination discards has arrived all the same. */
    bool lost = dropped && (e->link != UINT32_MAX || (int32_t)e->node != v->to);
    if (dropped) v->drop_cause = e->cause;
    if (lost) v->lost_at = e->at;
    if (e->type == DW_TRACE_DELIVERED && at_end) v->arrived_at = e->at;
    if (lost || e->type == DW_TRACE_UNKNOWN || (e->type == DW_TRACE_DELIVERED && at_end))
        note_evidence(e, v);
}

int dw_trace_packets(const dw_trace *trace, const dw_match *match, dw_packet_view **out,
                     size_t *count)
{
    packet_index index = {0};
    dw_match own;
    if (dw_match_read(&own, match) != DW_OK) return DW_E_INVAL;
    if (match) match = &own;
    bool found = find_packets(trace, &index);
    for (size_t i = 0; i < trace->count && found; i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        dw_packet_view *v = dw_trace_is_packet(e) ? view_of(&index, e->packet) : NULL;
        if (v) note_packet_event(trace, e, v);
    }
    free(index.numbers);
    if (!found) {
        free(index.views);
        return DW_E_NOMEM;
    }
    size_t kept = 0, matched = 0;
    for (size_t i = 0; i < index.count; i++) {
        dw_packet_view v = index.views[i];
        if (v.number == 0 || (match && !dw_match_view(match, &v))) continue;
        matched++;
        bool wanted = !match || match->nth_count == 0;
        for (uint32_t k = 0; match && k < match->nth_count; k++)
            wanted |= match->nth[k] == matched;
        if (match && match->count && kept >= match->count) wanted = false;
        if (wanted) index.views[kept++] = v;
    }
    if (trace->isn.failed) { /* a match may have asked for what could not be learnt */
        free(index.views);
        return DW_E_NOMEM;
    }
    *out = index.views;
    *count = kept;
    return DW_OK;
}

void dw_view_changed(const dw_trace *trace, const dw_packet_view *v, dw_dissection *out)
{
    uint64_t payload = 0;
    for (uint32_t i = 0; i < v->slice_count; i++)
        payload += v->slices[i].len;
    dw_dissect(trace->plugins, v->changed_head, v->changed_head_len, v->changed_head_len + payload,
               out);
}

bool dw_view_readdressed(const dw_trace *trace, const dw_packet_view *v, dw_dissection *out)
{
    const dw_dissection *d = &v->d;
    if (!v->changed_head) return false;
    dw_view_changed(trace, v, out);
    return out->sport != d->sport || out->dport != d->dport || !dw_addr_equal(&out->src, &d->src) ||
           !dw_addr_equal(&out->dst, &d->dst);
}

const dw_packet_view *dw_view_numbered(const dw_packet_view *views, size_t count, uint64_t number)
{
    size_t low = 0, high = count;
    if (number - 1 < count && views[number - 1].number == number) return &views[number - 1];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (views[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && views[low].number == number ? &views[low] : NULL;
}
