/* Where sequence numbers begin, for those who count from 0. */
#ifndef DW_ISN_H
#define DW_ISN_H

#include "drywire/drywire.h"

/* Where a side's sequence numbers begin in the connection that a packet belongs to. */
typedef struct dw_isn_table {
    struct dw_isn {
        dw_addr src, dst;
        uint16_t sport, dport;
        uint32_t isn;
        uint64_t packet; /* that it was learnt from */
    } * rows;
    size_t count;
    bool failed; /* out of memory: something was not learnt */
} dw_isn_table;

/* Learn from a packet of the trace (the first that opens a direction, or else the first). */
void dw_isn_learn(dw_isn_table *table, const dw_trace *trace, const dw_packet_view *view);
/* The first sequence number of src -> dst (reverse: dst -> src) as of a packet; false if unknown.
 */
bool dw_isn_find(const dw_isn_table *table, const dw_dissection *d, bool reverse, uint64_t packet,
                 uint32_t *isn);

#endif
