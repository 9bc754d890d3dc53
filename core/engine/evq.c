/* The event queue, a monotone radix heap (see evq.h). */
#include "evq.h"

#include <stdlib.h>
#include <string.h>

enum { SWEEP_SLACK = 64, PREFETCH_BUCKETS = 5 };

void dw_evq_init(dw_evq *q)
{
    *q = (dw_evq){.events = {.block_size = sizeof(dw_event)}};
}

void dw_evq_free(dw_evq *q)
{
    for (int b = 0; b < 64; b++)
        free(q->bucket[b].entries);
    dw_pool_drain(&q->events);
    dw_evq_init(q);
}

/* Which bucket a time belongs to: 0 for `last` itself, else one more than the highest bit in
 * which it differs.  Times are not negative, so 63 is the highest. */
static inline unsigned bucket_of(const dw_evq *q, dw_time at)
{
    uint64_t difference = (uint64_t)at ^ (uint64_t)q->last;
    return difference ? 64u - (unsigned)__builtin_clzll(difference) : 0;
}

static bool reserve_one(dw_evq_bucket *b)
{
    if (DW_LIKELY(b->len < b->cap)) return true;
    uint32_t cap = b->cap ? b->cap * 2 : 8;
    dw_evq_entry *entries = realloc(b->entries, cap * sizeof *entries);
    if (!entries) return false;
    b->entries = entries;
    b->cap = cap;
    return true;
}

/* Bucket 0 is a binary heap by order. */
static void sift_up(dw_evq_entry *e, uint32_t i)
{
    dw_evq_entry moving = e[i];
    while (i > 0) {
        uint32_t parent = (i - 1) / 2;
        if (e[parent].event->order < moving.event->order) break;
        e[i] = e[parent];
        i = parent;
    }
    e[i] = moving;
}

static void sift_down(dw_evq_entry *e, uint32_t len, uint32_t i)
{
    dw_evq_entry moving = e[i];
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= len) break;
        if (child + 1 < len && e[child + 1].event->order < e[child].event->order) child++;
        if (moving.event->order < e[child].event->order) break;
        e[i] = e[child];
        i = child;
    }
    e[i] = moving;
}

static bool place(dw_evq *q, dw_evq_entry entry)
{
    unsigned b = bucket_of(q, entry.at);
    dw_evq_bucket *bucket = &q->bucket[b];
    if (!reserve_one(bucket)) return false;
    bucket->entries[bucket->len++] = entry;
    q->nonempty |= (uint64_t)1 << b;
    if (b <= PREFETCH_BUCKETS) __builtin_prefetch(entry.event); /* it will run soon */
    if (b == 0) sift_up(bucket->entries, bucket->len - 1);
    return true;
}

dw_event *dw_evq_push(dw_evq *q, dw_time at, uint64_t order, dw_event_fn fn, void *arg)
{
    DW_ASSERT(at >= q->last);
    dw_event *event = dw_pool_get(&q->events);
    if (!event) return NULL;
    *event = (dw_event){.at = at, .order = order, .fn = fn, .arg = arg};
    if (!place(q, (dw_evq_entry){.at = at, .event = event})) {
        dw_pool_put(&q->events, event);
        return NULL;
    }
    q->live++;
    return event;
}

/* Remove every cancelled entry at once. */
static void sweep(dw_evq *q)
{
    for (unsigned b = 0; b < 64; b++) {
        dw_evq_bucket *bucket = &q->bucket[b];
        uint32_t kept = 0;
        for (uint32_t i = 0; i < bucket->len; i++) {
            if (bucket->entries[i].event->fn)
                bucket->entries[kept++] = bucket->entries[i];
            else
                dw_pool_put(&q->events, bucket->entries[i].event);
        }
        bucket->len = kept;
        if (kept == 0) q->nonempty &= ~((uint64_t)1 << b);
    }
    dw_evq_bucket *now = &q->bucket[0];
    for (uint32_t i = now->len / 2; i-- > 0;)
        sift_down(now->entries, now->len, i);
    q->dead = 0;
}

void dw_evq_cancel(dw_evq *q, dw_event *event)
{
    DW_ASSERT(event->fn);
    event->fn = NULL;
    q->live--;
    q->dead++;
    if (q->dead > q->live + SWEEP_SLACK) sweep(q);
}

/* Out of memory on the way to a lower bucket: what has not moved stays, in the wrong place, to be
 * freed with the queue. */
static void keep_rest(dw_evq *q, unsigned b, uint32_t moved, uint32_t len)
{
    dw_evq_bucket *bucket = &q->bucket[b];
    bucket->len = len - moved;
    memmove(bucket->entries, bucket->entries + moved, bucket->len * sizeof *bucket->entries);
    q->nonempty |= (uint64_t)1 << b;
    q->failed = true;
}

/* Bring the earliest entries into bucket 0, unless they lie after until.  A peek must not
 * advance `last`: somebody may yet schedule an event before them. */
static bool advance(dw_evq *q, dw_time until)
{
    if (q->nonempty == 0 || DW_UNLIKELY(q->failed)) return false;
    unsigned b = (unsigned)__builtin_ctzll(q->nonempty);
    if (b == 0) return q->last <= until;
    dw_evq_bucket *bucket = &q->bucket[b];
    dw_time first = bucket->entries[0].at;
    for (uint32_t i = 1; i < bucket->len; i++)
        if (bucket->entries[i].at < first) first = bucket->entries[i].at;
    if (first > until) return false;
    q->last = first;
    uint32_t len = bucket->len, moved = 0;
    bucket->len = 0;
    q->nonempty &= ~((uint64_t)1 << b);
    /* Each entry moves to a lower bucket, so none returns to this one. */
    while (moved < len && place(q, bucket->entries[moved]))
        moved++;
    if (DW_LIKELY(moved == len)) return true;
    keep_rest(q, b, moved, len);
    return false;
}

/* Where only cancelled entries are left they all go, and time goes back to where the clock stands:
 * what is scheduled next may lie before they did. */
bool dw_evq_pop(dw_evq *q, dw_time until, dw_event *out)
{
    dw_time before = q->last;
    while (advance(q, until)) {
        dw_evq_bucket *now = &q->bucket[0];
        dw_event *event = now->entries[0].event;
        now->entries[0] = now->entries[--now->len];
        if (now->len > 1)
            sift_down(now->entries, now->len, 0);
        else if (now->len == 0)
            q->nonempty &= ~(uint64_t)1;
        *out = *event;
        dw_pool_put(&q->events, event);
        if (out->fn) {
            q->live--;
            return true;
        }
        q->dead--;
    }
    if (q->live > 0 || q->failed) return false;
    sweep(q);
    q->last = before;
    return false;
}

/* A lower bucket holds earlier times; cancelled entries count for nothing. */
dw_time dw_evq_next(const dw_evq *q)
{
    dw_time first = DW_TIME_NEVER;
    for (unsigned b = 0; b < 64 && first == DW_TIME_NEVER; b++) {
        const dw_evq_bucket *bucket = &q->bucket[b];
        for (uint32_t i = 0; i < bucket->len; i++)
            if (bucket->entries[i].event->fn && bucket->entries[i].at < first)
                first = bucket->entries[i].at;
    }
    return first;
}
