/* How a loss is found. */
#ifndef DW_TCP_LOSS_H
#define DW_TCP_LOSS_H

#include "tcp.h"
#include "tcp_scoreboard.h"

/* How many duplicate ACKs show a loss, or segments with SACK. */
uint32_t dw_tcp_duplicate_threshold(const dw_tcb *t);

/* RFC 6582 3.2 step 1: whether duplicate ACKs mean anything now. */
bool dw_tcp_duplicates_count(const dw_tcb *t);

/* RFC 3042: octets beyond the congestion window that duplicate ACKs let go. */
uint32_t dw_tcp_limited_transmit(const dw_tcb *t);

/* FlightSize without what limited transmit has sent (RFC 5681 3.2, step 2; RFC 6675 5, step 4.2).
 */
uint32_t dw_tcp_flight_at_loss(const dw_tcb *t);

/* With a scoreboard: mark what an ACK shows to be lost, in whichever way the connection has. */
void dw_tcp_find_lost(dw_tcb *t, dw_tcp_news *n);

/* With a scoreboard: the retransmission timer expired, so what is not SACKed is lost. */
void dw_tcp_lose_all(dw_tcb *t);

/* Without SACK, each duplicate ACK stands for a segment that has left the network. */
void dw_tcp_emulate_sack(dw_tcb *t, dw_tcp_news *n, uint64_t duplicates);

/* An ACK of so many units of new data: what it covers needs nothing to stand for it. */
void dw_tcp_forget_emulated(dw_tcb *t, dw_tcp_news *n, uint64_t acked);

/* RFC 8985 6.2 step 5: mark what was sent too long ago.  How long until the next may be lost; 0:
 * there is none. */
dw_time dw_tcp_rack_detect(dw_tcb *t);

#endif
