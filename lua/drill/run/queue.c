/* Packets that came. */
#include "queue.h"

bool dw_queue_add(dw_queue *q, const uint8_t *bytes, size_t len, dw_time at, uint64_t number)
{
    dw_drill_seen *s = dw_drill_see(bytes, len, at, number);
    if (!s) return false;
    if (q->last)
        q->last->next = s;
    else
        q->first = s;
    q->last = s;
    return true;
}

dw_drill_seen *dw_queue_take(dw_queue *q)
{
    DW_ASSERT(q->first);
    dw_drill_seen *s = q->first;
    q->first = s->next;
    if (!q->first) q->last = NULL;
    s->next = NULL;
    return s;
}

void dw_queue_put_back(dw_queue *q, dw_drill_seen *s)
{
    DW_ASSERT(!s->next);
    s->next = q->first;
    q->first = s;
    if (!q->last) q->last = s;
}

void dw_queue_free(dw_queue *q)
{
    while (q->first)
        dw_drill_seen_free(dw_queue_take(q));
}
