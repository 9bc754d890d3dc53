/* What the capture does not have: octets that were acknowledged and are in no segment. */
#include "spans.h"

/* The last octet of each end that its peer acknowledged, in what can be this connection's. */
static void find_acknowledged(const inference *m, int64_t acked[2])
{
    for (size_t i = 0; i < m->count; i++) {
        const segment *s = &m->segments[i];
        if (s->kind == SEGMENT_FOREIGN || !s->has_ack || flags_of(s) & FLAG_RST) continue;
        if (s->ack > acked[!s->from]) acked[!s->from] = s->ack;
    }
}

void import_find_gaps(inference *m)
{
    int64_t acked[2] = {INT64_MIN, INT64_MIN};
    find_acknowledged(m, acked);
    for (int e = 0; e < 2 && !m->failed; e++) {
        spans seen = {0};
        uint64_t gaps = m->gaps;
        for (size_t i = 0; i < m->count; i++) {
            const segment *s = &m->segments[i];
            if (s->from == e && has_octets(s) && s->kind != SEGMENT_FOREIGN)
                m->failed |= !spans_add(&seen, (range){s->seq, s->end});
        }
        for (size_t i = 0; i < seen.count && seen.list[i].right < acked[e]; i++) {
            int64_t next = i + 1 < seen.count ? seen.list[i + 1].left : acked[e];
            m->gaps++;
            m->missing += (uint64_t)((next < acked[e] ? next : acked[e]) - seen.list[i].right);
        }
        m->ends[e].missed = m->gaps > gaps;
        spans_free(&seen);
    }
}
