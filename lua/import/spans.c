/* Stretches of sequence numbers, in an array: there are as many as holes in a window. */
#include "spans.h"

#include <stdlib.h>
#include <string.h>

/* The first that ends at or behind a number. */
static size_t behind(const spans *s, int64_t number)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->list[middle].right < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool spans_add(spans *s, range r)
{
    size_t from = behind(s, r.left), to = from;
    for (; to < s->count && s->list[to].left <= r.right; to++) {
        if (s->list[to].left < r.left) r.left = s->list[to].left;
        if (s->list[to].right > r.right) r.right = s->list[to].right;
    }
    if (from == to && s->count == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 16;
        range *grown = realloc(s->list, capacity * sizeof *grown);
        if (!grown) return false;
        s->list = grown;
        s->capacity = capacity;
    }
    memmove(s->list + from + 1, s->list + to, (s->count - to) * sizeof *s->list);
    s->count = s->count - (to - from) + 1;
    s->list[from] = r;
    return true;
}

void spans_drop(spans *s, int64_t below)
{
    size_t gone = 0;
    while (gone < s->count && s->list[gone].right <= below)
        gone++;
    s->count -= gone;
    if (s->count == 0) return;
    memmove(s->list, s->list + gone, s->count * sizeof *s->list);
    if (s->list[0].left < below) s->list[0].left = below;
}

range spans_gap(const spans *s, range r)
{
    for (size_t i = behind(s, r.left); i < s->count && s->list[i].left < r.right; i++) {
        if (s->list[i].left > r.left) return (range){r.left, s->list[i].left};
        if (s->list[i].right > r.left) r.left = s->list[i].right;
    }
    return r.left < r.right ? r : (range){r.right, r.right};
}

void spans_free(spans *s)
{
    free(s->list);
    *s = (spans){0};
}
