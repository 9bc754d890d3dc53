/* RFC 9293 section 3.10.7: SEGMENT ARRIVES. */
#ifndef DW_TCP_ARRIVES_H
#define DW_TCP_ARRIVES_H

#include "tcp.h"

/* A packet for TCP.  Takes it. */
void dw_tcp_arrives(dw_tcp *tcp, dw_packet *packet, const dw_flow *flow);

/* A segment meets its connection, which may be gone afterwards. */
void dw_tcp_segment_for_tcb(dw_tcb *t, dw_seg *s);

/* 3.10.7.4, "Other States": the eight checks, in any state but CLOSED, LISTEN and SYN-SENT. */
void dw_tcp_other_states(dw_tcb *t, dw_seg *s);

#endif
