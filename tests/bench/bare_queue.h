/* Two event queues with nothing around them, to measure the real one against: a 4-ary implicit heap
 * of 24-byte entries, and a monotone radix heap of 16-byte entries. */
#ifndef BARE_QUEUE_H
#define BARE_QUEUE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

size_t dw_bench_time_wait_size(void);

typedef struct bare_entry {
    uint64_t at, order;
    void *event;
} bare_entry;

typedef struct bare_heap {
    bare_entry *e;
    size_t len, cap;
} bare_heap;

static inline int bare_before(const bare_entry *a, const bare_entry *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static inline void bare_heap_push(bare_heap *h, bare_entry x)
{
    if (h->len == h->cap) h->e = realloc(h->e, (h->cap = h->cap ? h->cap * 2 : 64) * sizeof *h->e);
    size_t i = h->len++;
    while (i > 0 && bare_before(&x, &h->e[(i - 1) / 4])) {
        h->e[i] = h->e[(i - 1) / 4];
        i = (i - 1) / 4;
    }
    h->e[i] = x;
}

static inline bare_entry bare_heap_pop(bare_heap *h)
{
    bare_entry first = h->e[0], x = h->e[--h->len];
    size_t i = 0;
    for (;;) {
        size_t child = 4 * i + 1, best = child, end = child + 4 < h->len ? child + 4 : h->len;
        if (child >= h->len) break;
        for (size_t c = child + 1; c < end; c++)
            if (bare_before(&h->e[c], &h->e[best])) best = c;
        if (!bare_before(&h->e[best], &x)) break;
        h->e[i] = h->e[best];
        i = best;
    }
    h->e[i] = x;
    return first;
}

static inline void bare_heap_free(bare_heap *h)
{
    free(h->e);
}

typedef struct bare_radix {
    struct {
        struct {
            uint64_t at;
            void *event;
        } * e;
        size_t len, cap;
    } bucket[65];
    uint64_t last;
} bare_radix;

static inline void bare_radix_push(bare_radix *r, uint64_t at, void *event)
{
    unsigned b = at == r->last ? 0 : 64 - (unsigned)__builtin_clzll(at ^ r->last);
    if (r->bucket[b].len == r->bucket[b].cap) {
        r->bucket[b].cap = r->bucket[b].cap ? r->bucket[b].cap * 2 : 64;
        r->bucket[b].e = realloc(r->bucket[b].e, r->bucket[b].cap * sizeof *r->bucket[b].e);
    }
    r->bucket[b].e[r->bucket[b].len].at = at;
    r->bucket[b].e[r->bucket[b].len++].event = event;
}

static inline uint64_t bare_radix_pop(bare_radix *r)
{
    if (r->bucket[0].len == 0) {
        unsigned b = 1;
        while (r->bucket[b].len == 0)
            b++;
        uint64_t first = UINT64_MAX;
        for (size_t i = 0; i < r->bucket[b].len; i++)
            if (r->bucket[b].e[i].at < first) first = r->bucket[b].e[i].at;
        r->last = first;
        size_t len = r->bucket[b].len;
        r->bucket[b].len = 0;
        for (size_t i = 0; i < len; i++)
            bare_radix_push(r, r->bucket[b].e[i].at, r->bucket[b].e[i].event);
    }
    return r->bucket[0].e[--r->bucket[0].len].at;
}

static inline void bare_radix_free(bare_radix *r)
{
    for (int b = 0; b < 65; b++)
        free(r->bucket[b].e);
}

#endif
