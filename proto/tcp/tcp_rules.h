/* Rules that no TCP may break.  A breach is told to the simulation (dw_host.violation). */
#ifndef DW_TCP_RULES_H
#define DW_TCP_RULES_H

#include "tcp.h"

/* Data is about to be delivered. */
void dw_tcp_rule_delivered(dw_tcb *t, const dw_segment *segment);

/* A segment tells the peer this right edge of our window. */
void dw_tcp_rule_window(dw_tcb *t, uint32_t edge);

/* An ACK that carries nothing answers a segment that carried nothing. */
void dw_tcp_rule_empty_reply(dw_tcb *t);

/* The connection enters CLOSED. */
void dw_tcp_rule_closed(dw_tcb *t);

/* t goes away: its other end must not look at it any more. */
void dw_tcp_forget_peer(dw_tcb *t);

#endif
