/* When each segment left and arrived.
 *
 * An end is half of its round trip away from the capture.  What is known of the order bounds that:
 * nothing leaves after it was captured or arrives before, and what answers a segment leaves after
 * that arrived. */
#include "inference.h"

static dw_time half_way(const segment *a, const segment *b)
{
    return a->at + (b->at - a->at) / 2;
}

static void guess(inference *m)
{
    for (size_t i = 0; i < m->count; i++) {
        segment *s = &m->segments[i];
        if (m->merged) {
            s->sent = s->at - m->lead[s->from];
            if (s->placed)
                s->arrives += m->lead[!s->from];
            else
                s->arrives = s->at + import_round_trip(&m->to[!s->from], s->at) - m->lead[!s->from];
            if (s->arrives < s->at) s->arrives = s->at;
            continue;
        }
        s->sent = s->at - import_round_trip(&m->to[s->from], s->at) / 2;
        s->arrives = s->at + import_round_trip(&m->to[!s->from], s->at) / 2;
        if (s->answered_by == NONE) continue;
        dw_time latest = half_way(s, &m->segments[s->answered_by]);
        if (s->arrives > latest) s->arrives = latest;
    }
}

/* Segments arrive in the order in which they passed, but for those that something shows to be late.
 */
static void keep_order(inference *m)
{
    dw_time next[2] = {DW_TIME_NEVER, DW_TIME_NEVER};
    for (size_t i = m->count; i-- > 0;) {
        segment *s = &m->segments[i];
        if (s->fate == FATE_LOST || s->placed || s->missed_by != NONE) continue;
        if (s->arrives > next[s->from]) s->arrives = next[s->from];
        next[s->from] = s->arrives;
    }
}

/* Departures: after what they answer, and one after the other. */
static void leave_after(inference *m)
{
    for (size_t i = 0; i < m->count; i++) {
        const segment *s = &m->segments[i];
        segment *by = s->answered_by == NONE ? NULL : &m->segments[s->answered_by];
        if (by && by->sent < s->arrives) by->sent = s->arrives;
    }
    dw_time last[2] = {-DW_TIME_NEVER, -DW_TIME_NEVER};
    for (size_t i = 0; i < m->count; i++) {
        segment *s = &m->segments[i];
        if (s->kind == SEGMENT_OVERTAKEN) {
            if (s->sent > last[s->from]) s->sent = last[s->from];
            continue;
        }
        if (s->sent < last[s->from]) s->sent = last[s->from];
        last[s->from] = s->sent;
    }
}

/* A receiver that said it was missing had not received it yet. */
static void arrive_late(inference *m)
{
    for (size_t i = 0; i < m->count; i++) {
        segment *s = &m->segments[i];
        if (s->missed_by == NONE || s->placed || s->fate == FATE_LOST) continue;
        const segment *by = s->answered_by == NONE ? NULL : &m->segments[s->answered_by];
        dw_time after =
            m->segments[s->missed_by].sent + 1; /* the order is known, if not the time */
        if (s->arrives < after) s->arrives = after;
        if (by && s->arrives > by->sent) s->arrives = by->sent;
        if (s->arrives < s->at) s->arrives = s->at;
    }
}

/* The trace begins with the first departure. */
static void begin_at_nought(inference *m)
{
    dw_time first = DW_TIME_NEVER;
    for (size_t i = 0; i < m->count; i++)
        if (m->segments[i].sent < first) first = m->segments[i].sent;
    m->begin = m->start + first;
    for (size_t i = 0; i < m->count; i++) {
        m->segments[i].sent -= first;
        m->segments[i].arrives -= first;
        m->segments[i].at -= first;
        DW_ASSERT(m->segments[i].arrives >= m->segments[i].sent);
    }
}

void import_find_times(inference *m)
{
    guess(m);
    keep_order(m);
    if (!m->merged) leave_after(m);
    arrive_late(m);
    begin_at_nought(m);
}
