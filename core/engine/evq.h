/* The event queue: what happens next.
 *
 * A monotone radix heap (Ahuja, Mehlhorn, Orlin, Tarjan: "Faster algorithms for the shortest
 * path problem", 1990).  It relies on simulated time never running backwards, and needs no
 * comparison of entries that lie far ahead: in the hold benchmark (tests/bench) it beats a
 * 4-ary heap two to four times. */
#ifndef DW_EVQ_H
#define DW_EVQ_H

#include "drywire/base.h"
#include "base/pool.h"

typedef void (*dw_event_fn)(void *arg);

/* An entry, owned by the queue until it has run or was cancelled. */
struct dw_event {
    dw_time at;
    uint64_t order; /* among events at one instant: node index, then the node's own counter */
    dw_event_fn fn; /* NULL once cancelled */
    void *arg;
};
typedef struct dw_event dw_event;

typedef struct dw_evq_entry {
    dw_time at;
    dw_event *event;
} dw_evq_entry;

typedef struct dw_evq_bucket {
    dw_evq_entry *entries;
    uint32_t len, cap;
} dw_evq_bucket;

/* Bucket 0 holds the entries at exactly `last` as a binary heap by order; bucket b holds those
 * whose time first differs from `last` in bit b-1, in no order. */
typedef struct dw_evq {
    dw_evq_bucket bucket[64];
    uint64_t nonempty; /* a bit for each bucket */
    dw_time last;      /* no entry is earlier */
    size_t live, dead; /* entries, and cancelled ones not yet removed */
    bool failed;       /* out of memory in dw_evq_pop: entries can only be cancelled any more */
    dw_pool events;
} dw_evq;

void dw_evq_init(dw_evq *q);
void dw_evq_free(dw_evq *q);
/* at must not be before the last popped time.  NULL when out of memory. */
dw_event *dw_evq_push(dw_evq *q, dw_time at, uint64_t order, dw_event_fn fn, void *arg);
/* Cancel an entry that has neither run nor been cancelled.  Amortised constant time. */
void dw_evq_cancel(dw_evq *q, dw_event *event);
/* Take out the first entry in the order of dw_event_before, if its time is at most until: true,
 * and *out is a copy of it (its memory is reused).  false also when out of memory: see failed. */
bool dw_evq_pop(dw_evq *q, dw_time until, dw_event *out);

/* The time of the first entry, which stays; DW_TIME_NEVER: there is none. */
dw_time dw_evq_next(const dw_evq *q);

/* Events at the same instant run in the order of the node that scheduled them, then in the
 * order in which it did.  With a single global counter, adding an unrelated node would reorder
 * everybody else's events. */
static inline bool dw_event_before(const dw_event *a, const dw_event *b)
{
    if (a->at != b->at) return a->at < b->at;
    return a->order < b->order;
}

#endif
