/* Stretches of sequence numbers, apart from each other and in order. */
#ifndef DWL_SPANS_H
#define DWL_SPANS_H

#include "inference.h"

typedef struct spans {
    range *list;
    size_t count, capacity;
} spans;

/* Add a stretch; false: out of memory. */
bool spans_add(spans *s, range r);
/* Forget all below a number. */
void spans_drop(spans *s, int64_t below);
/* The first part of a range that is in none of them; left == right: there is none. */
range spans_gap(const spans *s, range r);
void spans_free(spans *s);

#endif
