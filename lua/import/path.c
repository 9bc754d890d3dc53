/* How far each end is from where packets were captured: the least time in which it answered, around
 * a moment.  The least, because delayed acknowledgments, queues and slow programs only add to it;
 * around a moment, because a path may change. */
#include "inference.h"

#include <stdlib.h>

enum { BLOCK = 32 /* samples of which the least counts */ };

/* What one end has sent, once, that is not acknowledged yet: the newest of it, a ring. */
enum { WAITING = 1024 };

typedef struct waiting {
    const segment *list[WAITING];
    size_t first, count;
    int64_t repeated; /* behind what was sent again (Karn's rule, RFC 6298 3) */
} waiting;

bool distance_add(distance *d, dw_time at, dw_time took)
{
    if (took < d->min) d->min = took;
    if (d->samples++ % BLOCK != 0) {
        dw_time *least = &d->took[d->count - 1];
        if (took < *least) *least = took;
        return true;
    }
    if (d->count == d->capacity) {
        size_t capacity = d->capacity ? 2 * d->capacity : 16;
        dw_time *ats = realloc(d->at, capacity * sizeof *ats);
        if (ats) d->at = ats;
        dw_time *tooks = ats ? realloc(d->took, capacity * sizeof *tooks) : NULL;
        if (!tooks) return false;
        d->took = tooks;
        d->capacity = capacity;
    }
    d->at[d->count] = at;
    d->took[d->count++] = took;
    return true;
}

void distance_free(distance *d)
{
    free(d->at);
    free(d->took);
    *d = (distance){.min = DW_TIME_NEVER};
}

/* The last block that begins no later. */
static size_t block_at(const distance *d, dw_time at)
{
    size_t low = 0, high = d->count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (d->at[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

dw_time import_round_trip(const distance *d, dw_time at)
{
    if (d->count == 0) return 0;
    size_t i = block_at(d, at);
    dw_time least = d->took[i];
    if (i > 0 && d->took[i - 1] < least) least = d->took[i - 1];
    if (i + 1 < d->count && d->took[i + 1] < least) least = d->took[i + 1];
    return least;
}

/* So late a packet may be captured, or sent, on a busy machine. */
static const dw_time HICCUP = 10 * DW_MILLISECOND;

dw_time import_due(const distance *d, dw_time at)
{
    dw_time usual = import_round_trip(d, at);
    dw_time slack = usual / 2 > HICCUP ? usual / 2 : HICCUP;
    return at > DW_TIME_NEVER - usual - slack ? DW_TIME_NEVER : at + usual + slack;
}

static void sends(waiting *w, const segment *s)
{
    if (s->kind == SEGMENT_KEEPALIVE || s->kind == SEGMENT_PROBE || s->kind == SEGMENT_COPY) return;
    if (s->kind != SEGMENT_NEW) {
        if (s->end > w->repeated) w->repeated = s->end;
        return;
    }
    if (w->count == WAITING) {
        w->first = (w->first + 1) % WAITING;
        w->count--;
    }
    w->list[(w->first + w->count++) % WAITING] = s;
}

/* The newest octets that an acknowledgment covers may have made its receiver send it. */
static bool answers(distance trips[2], waiting *w, const segment *a)
{
    const segment *s = NULL;
    if (!a->has_ack) return true;
    for (; w->count > 0 && w->list[w->first]->end <= a->ack; w->count--) {
        s = w->list[w->first];
        w->first = (w->first + 1) % WAITING;
    }
    if (!s || s->seq < w->repeated || s->epoch != a->epoch) return true;
    /* A program takes its time for an answer; an acknowledgment alone does not. */
    bool alone = !a->p->d.len || flags_of(a) & FLAG_SYN;
    if (!alone && trips[a->from].samples > 0 && a->at - s->at > trips[a->from].min) return true;
    return distance_add(&trips[a->from], s->at, a->at - s->at);
}

static const dw_time NEAR = DW_MILLISECOND / 2;

bool import_distances_of(inference *m, size_t from, size_t to, distance trips[2])
{
    waiting *ends = calloc(2, sizeof *ends);
    bool ok = ends;
    for (int e = 0; e < 2 && ok; e++)
        ends[e].repeated = INT64_MIN;
    for (size_t i = from; i < to && ok; i++) {
        const segment *s = &m->segments[i];
        if (s->kind == SEGMENT_FOREIGN) continue;
        ok = answers(trips, &ends[!s->from], s);
        if (has_octets(s)) sends(&ends[s->from], s);
    }
    free(ends);
    return ok;
}

void import_find_distances(inference *m)
{
    m->failed |= !import_distances_of(m, 0, m->count, m->to);
    for (int e = 0; e < 2 && !m->merged; e++)
        m->ends[e].near = m->grain < NEAR / 4 && m->to[e].min < NEAR &&
                          m->to[!e].min != DW_TIME_NEVER && m->to[!e].min > 2 * m->to[e].min;
}
