/* What an end's later segments say of those that came to it without octets, for which no
 * acknowledgment speaks.
 *
 * Each segment with timestamps sends back the newest one that came (RFC 7323 4.3).  One that was
 * sent once came if it is sent back, for certain.  And an end that sends back an older one, or
 * sends again what was acknowledged, long after the acknowledgment should have been there, had not
 * received it. */
#include "inference.h"

#include <stdlib.h>

/* One end's segments with timestamps, by them. */
typedef struct stamp {
    int64_t value;
    size_t segment;
} stamp;

typedef struct stamps {
    stamp *list;
    size_t count;
    size_t looked;  /* those before it are known to be overdue, or came */
    int64_t newest; /* value that passed the capture so far */
} stamps;

static int by_value(const void *a, const void *b)
{
    const stamp *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return x->segment < y->segment ? -1 : x->segment > y->segment;
}

static bool list_stamps(const inference *m, int end, stamps *out)
{
    out->list = calloc(m->count + 1, sizeof *out->list);
    for (size_t i = 0; out->list && i < m->count; i++) {
        const segment *s = &m->segments[i];
        if (s->from == end && s->has_ts && s->kind != SEGMENT_FOREIGN && !(flags_of(s) & FLAG_RST))
            out->list[out->count++] = (stamp){s->ts_val, i};
    }
    if (out->count > 0) qsort(out->list, out->count, sizeof *out->list, by_value);
    return out->list;
}

/* The first with a value that is not smaller. */
static size_t first_from(const stamps *t, int64_t value)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (t->list[middle].value < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What is sent back by segment number k, of what the peer sent before.  Where several bear that
 * timestamp one of them came, and nothing says that the others did not. */
static void came_back(inference *m, const stamps *peer, size_t k)
{
    const segment *by = &m->segments[k];
    size_t from = first_from(peer, by->ts_ecr), to = from;
    while (to < peer->count && peer->list[to].value == by->ts_ecr && peer->list[to].segment < k)
        m->segments[peer->list[to++].segment].heard = true;
    if (to - from != 1) return;
    segment *one = &m->segments[peer->list[from].segment];
    import_answered(one, (int64_t)k);
    import_arrived(one, DW_CERTAIN, &import_echoed, (int64_t)k);
}

/* Those with newer timestamps than the one that segment number k sends back should have come by
 * then.  Only what is in order is taken note of (RFC 7323 4.3, rule (2)). */
static void did_not_come_back(inference *m, stamps *own, stamps *peer, size_t k)
{
    const segment *by = &m->segments[k];
    if (by->ts_val < own->newest) return;
    own->newest = by->ts_val;
    size_t i = first_from(peer, by->ts_ecr + 1);
    if (i < peer->looked) i = peer->looked;
    for (; i < peer->count; i++) {
        segment *s = &m->segments[peer->list[i].segment];
        if (peer->list[i].segment >= k || import_due(&m->to[by->from], s->at) > by->at) return;
        if (s->overdue_by == NONE && by->has_ack && s->seq <= by->ack) s->overdue_by = (int64_t)k;
        peer->looked = i + 1;
    }
}

/* What came late with others was not lost: if the next one that was heard of was overdue at the
 * same time, the path was slow. */
static void forgive_slow_path(inference *m, const stamps *t)
{
    const segment *next = NULL;
    for (size_t i = t->count; i-- > 0;) {
        segment *s = &m->segments[t->list[i].segment];
        if (s->heard)
            next = s;
        else if (s->overdue_by != NONE && !s->ignored && next && next->overdue_by == s->overdue_by)
            s->overdue_by = NONE;
    }
}

/* Segment number k has octets again that these acknowledged.  A timer sends them, after 200 ms at
 * least (RFC 6298 2.4 has a second); what is sent again sooner may have left before these came. */
static void was_not_heard(inference *m, size_t k)
{
    const dw_time TIMER =
        100 * DW_MILLISECOND; /* less what of it passes before the acknowledgment */
    enum { LOOKED_BACK = 10000 };
    const segment *by = &m->segments[k];
    for (size_t i = k; i-- > 0 && k - i < LOOKED_BACK;) {
        segment *s = &m->segments[i];
        if (s->from == by->from || !s->has_ack || s->kind == SEGMENT_FOREIGN) continue;
        if (import_due(&m->to[by->from], s->at) + TIMER > by->at) continue;
        if (s->ack < by->end || s->ignored) return;
        s->overdue_by = (int64_t)k;
        s->ignored = true;
    }
}

void import_weigh_echoes(inference *m)
{
    stamps ends[2] = {{.newest = INT64_MIN}, {.newest = INT64_MIN}};
    for (int e = 0; e < 2; e++)
        m->failed |= !list_stamps(m, e, &ends[e]);
    for (size_t k = 0; k < m->count && !m->failed; k++) {
        const segment *s = &m->segments[k];
        if (s->kind == SEGMENT_FOREIGN || flags_of(s) & FLAG_RST) continue;
        if (s->has_ts && s->has_ack) {
            came_back(m, &ends[!s->from], k);
            did_not_come_back(m, &ends[s->from], &ends[!s->from], k);
        }
        if (s->kind == SEGMENT_AGAIN) was_not_heard(m, k);
    }
    for (int e = 0; e < 2; e++) {
        forgive_slow_path(m, &ends[e]);
        free(ends[e].list);
    }
}
