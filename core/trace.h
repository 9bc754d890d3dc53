/* How a trace is kept.  For the files that write and read traces. */
#ifndef DW_TRACE_H
#define DW_TRACE_H

#include "exchange.h"
#include "internal.h"

#define XXH_STATIC_LINKING_ONLY /* for a state inside the struct */
#include <xxhash.h>

/* Memory that lives as long as the trace: events one after the other, each only as long as its type
 * needs, with what it points to behind it. */
typedef struct dw_trace_tail {
    struct dw_trace_tail *next;
    size_t used, size;
    _Alignas(16) uint8_t bytes[];
} dw_trace_tail;

struct dw_trace {
    const dw_trace_event **events; /* in order */
    size_t count, capacity;
    dw_trace_tail *tails;
    uint64_t bytes;                                 /* in all tails */
    const dw_trace_event **nodes, **links, **conns; /* the events that made them */
    uint32_t node_count, link_count, conn_count;
    const dw_trace_event **addresses; /* every event that gave a node an address */
    uint32_t address_count;
    XXH3_state_t hash;
    dw_isn_table isn; /* learnt from the first isn_events events */
    size_t isn_events;
    bool keep, failed;
};

/* pcapng.c: bytes of a whole packet get the checksum that a network card would have filled in. */
void dw_trace_fill_checksum(uint8_t *bytes, size_t len, const dw_trace_event *e);

#endif
