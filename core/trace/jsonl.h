/* Traces as JSON lines (docs/TRACE_FORMAT.md): what writing and reading have in common. */
#ifndef DW_JSONL_H
#define DW_JSONL_H

#include "base/map.h"
#include "trace.h"

/* The version that is written.  In the first one each event of a packet has everything. */
enum { DW_JSONL_VERSION = 2, DW_JSONL_FIRST = 1 };

enum { DW_JSONL_CAUSES = 512 };

/* Causes that have been told: the sentence and the RFC stand with the first event of each. */
typedef struct dw_jsonl_causes {
    const dw_cause *list[DW_JSONL_CAUSES];
    size_t count;
} dw_jsonl_causes;

/* A packet as its events so far have it: what the next one does not say is as it was.  The events
 * are kept by the trace. */
typedef struct dw_jsonl_packet {
    uint64_t number;
    const dw_trace_event *last;  /* its node, connection, link, direction and length */
    const dw_trace_event *head;  /* the last with a header; NULL: none yet */
    const dw_trace_event *body;  /* the last with data, if any: why it was sent */
    const dw_trace_event *first; /* the first of those, which others refer to */
} dw_jsonl_packet;

/* Zero it. */
typedef struct dw_jsonl_packets {
    dw_jsonl_packet *list;
    uint32_t count;
    dw_map numbers;                 /* of the list, from 1, under the packets' */
    const dw_trace_event **by_conn; /* the first event of the last packet that it sent, from 1 */
    uint32_t conns;
} dw_jsonl_packets;

/* Types whose events have a header, and data. */
bool dw_jsonl_has_head(enum dw_trace_type type);
bool dw_jsonl_has_data(enum dw_trace_type type);
/* NULL: no event has told of it. */
dw_jsonl_packet *dw_jsonl_find(const dw_jsonl_packets *all, uint64_t number);
/* The event whose header and checksum one has that does not say them: the packet's last, p's, or,
 * of a new packet, that of the connection's last one.  NULL: there is none. */
const dw_trace_event *dw_jsonl_before(const dw_jsonl_packets *all, const dw_jsonl_packet *p,
                                      const dw_trace_event *e);
/* An event that the trace keeps has been written or read; false: no memory. */
bool dw_jsonl_note(dw_jsonl_packets *all, const dw_trace_event *e);
void dw_jsonl_forget(dw_jsonl_packets *all);

#endif
