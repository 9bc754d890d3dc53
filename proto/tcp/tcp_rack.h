/* RFC 8985 section 6: what time says of losses. */
#ifndef DW_TCP_RACK_H
#define DW_TCP_RACK_H

#include "tcp.h"

/* RACK_sent_after: by time, and by the number of the end where that is the same. */
static inline bool dw_tcp_rack_sent_after(dw_time a, uint32_t end_a, dw_time b, uint32_t end_b)
{
    return a > b || (a == b && seq_lt(end_b, end_a));
}

/* A segment was delivered. */
void dw_tcp_rack_advance(dw_tcb *t, const dw_segment *s);

/* The reordering window. */
dw_time dw_tcp_rack_window(const dw_tcb *t);

/* How long from now until s counts as lost; not above 0: it does. */
dw_time dw_tcp_rack_left(const dw_tcb *t, const dw_segment *s, dw_time window);

/* An ACK came, before which delivered_total was so much: adapt the reordering window. */
void dw_tcp_rack_adapt(dw_tcb *t, uint64_t delivered_before);

#endif
