/* How the packets of a trace hang together: which goes again, which answers which. */
#ifndef DW_RELATIONS_H
#define DW_RELATIONS_H

#include "drywire/drywire.h"

/* Packets by their numbers; 0: none. */
typedef struct dw_relation {
    uint64_t again;        /* the last one before it that carried its first octet, SYN or FIN */
    uint64_t first;        /* the first one that did */
    uint64_t acknowledged; /* the receiver's first packet that acknowledges all of it, of those sent
                              after it arrived; where it was discarded, at that instant */
    uint64_t trigger;      /* the one whose arrival made its sender send at that instant */
    uint64_t batch;        /* the first of those that arrived with it, at one host at one instant */
    uint32_t times;        /* how often that octet had been sent before */
    uint32_t place;        /* its place among those, from 1; 0: it did not arrive */
} dw_relation;

/* A relation for each view of dw_trace_packets' whole list; the caller frees *out.  What repeats an
 * octet that its sender knows to have arrived, as a keepalive may, goes not again; nor does the SYN
 * of a SYN,ACK that answers a SYN which crossed its sender's own.  DW_OK or DW_E_NOMEM. */
int dw_relations_find(const dw_trace *trace, const dw_packet_view *views, size_t count,
                      dw_relation **out);

#endif
