/* How fast data arrives at the other end. */
#ifndef DW_TCP_RATE_H
#define DW_TCP_RATE_H

#include "tcp.h"
#include "tcp_scoreboard.h"

/* A segment is sent, or sent again: remember what the rate will be measured from. */
void dw_tcp_rate_sent(dw_tcb *t, dw_segment *s);

/* It has arrived; n is about the one of an ACK that was sent last. */
void dw_tcp_rate_delivered(dw_tcb *t, dw_segment *s, dw_tcp_news *n);

/* The ACK has been taken: its sample, for the congestion control. */
void dw_tcp_rate_sample(dw_tcb *t, const dw_tcp_news *n, dw_congestion_ack *ack);

/* The user is about to send: was it that, and not the network, that held us back so far? */
void dw_tcp_rate_check_limited(dw_tcb *t);

#endif
