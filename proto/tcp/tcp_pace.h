/* Bursts and pacing. */
#ifndef DW_TCP_PACE_H
#define DW_TCP_PACE_H

#include "tcp.h"

/* Octets a second at which data may leave; 0: not known. */
uint64_t dw_tcp_pacing_rate(const dw_tcb *t);

/* Segments that are handed to the network card at once (Linux), or 0: each by itself.  Of new data
 * at most half the window; the second, whatever the window. */
uint32_t dw_tcp_burst_segments(const dw_tcb *t);
uint32_t dw_tcp_burst_max(const dw_tcb *t);

/* Whether to wait for the ACK that is about to come, so that more can be handed over at once;
 * usable octets of the window are free. */
bool dw_tcp_burst_waits(const dw_tcb *t, uint32_t usable);

/* A burst has left: when may the next one? */
void dw_tcp_burst_sent(dw_tcb *t, uint32_t octets, uint32_t segments);

/* Whether pacing holds the next burst back.  True: a timer will send what waits. */
bool dw_tcp_pace_waits(dw_tcb *t);

#endif
