/* Packets that the host sent and the script has not looked at yet, the oldest first. */
#ifndef DW_DRILL_QUEUE_H
#define DW_DRILL_QUEUE_H

#include "drill/language/drill_packet.h"

/* Zeroed: empty. */
typedef struct dw_queue {
    dw_drill_seen *first, *last;
    uint64_t sent; /* packets on the ladder so far, of both directions */
} dw_queue;

/* A packet of the host, with its number on the ladder; the bytes are copied.  false: out of
 * memory. */
bool dw_queue_add(dw_queue *q, const uint8_t *bytes, size_t len, dw_time at, uint64_t number);
/* The oldest packet, of which there is one; the caller frees it. */
dw_drill_seen *dw_queue_take(dw_queue *q);
/* Put a packet in front again; the queue takes it. */
void dw_queue_put_back(dw_queue *q, dw_drill_seen *s);
void dw_queue_free(dw_queue *q);

#endif
