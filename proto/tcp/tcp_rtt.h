/* RFC 6298: the retransmission timeout. */
#ifndef DW_TCP_RTT_H
#define DW_TCP_RTT_H

#include "tcp.h"

/* (2.1): nothing is known. */
void dw_tcp_rtt_init(dw_tcb *t);

/* (2.2), (2.3): a round trip has been measured, 0 ns or more.  Ends a backoff. */
void dw_tcp_rtt_sample(dw_tcb *t, dw_time rtt);

/* (5.5): twice as long from now on, until the estimate is used again. */
void dw_tcp_rtt_backoff(dw_tcb *t);

/* The timeout as the estimate has it, without the backing off. */
void dw_tcp_rtt_restore(dw_tcb *t);

/* (5.3): how long the timer runs when an ACK of new data starts it anew. */
dw_time dw_tcp_rto_restarted(const dw_tcb *t);

/* (5.7): the SYN had to be sent again, and data begins. */
void dw_tcp_rtt_after_syn(dw_tcb *t);

#endif
