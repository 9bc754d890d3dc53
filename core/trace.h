/* How a trace is kept.  For the files that write and read traces. */
#ifndef DW_TRACE_H
#define DW_TRACE_H

#include "internal.h"

#include <nettle/sha2.h>

enum { DW_TRACE_CHUNK = 512 };

typedef struct dw_trace_tail {
    struct dw_trace_tail *next;
    size_t used, size;
    _Alignas(16) uint8_t bytes[];
} dw_trace_tail;

struct dw_trace {
    dw_trace_event **chunks; /* DW_TRACE_CHUNK events each */
    size_t count;
    dw_trace_tail *tails;    /* what events point to */
    const dw_trace_event **nodes, **links, **conns; /* the events that made them */
    uint32_t node_count, link_count, conn_count;
    struct sha256_ctx sha;
    bool keep, failed;
};

#endif
