/* New data becomes a segment. */
#ifndef DW_TCP_SEND_H
#define DW_TCP_SEND_H

#include "tcp.h"

/* SYN or SYN,ACK, with as much data as a fast open lets go.  It takes part in retransmission like
 * data; rtx holds nothing else. */
void dw_tcp_send_control(dw_tcb *t, uint8_t flags, const dw_cause *cause);

/* The next len octets of `unsent`, which must be there, and the FIN behind them if fin.  false: not
 * now, as the host's queue is full, or no memory. */
bool dw_tcp_send_next(dw_tcb *t, uint32_t len, bool fin);

/* Likewise with PSH and FIN as flags has it; marks: bits of enum dw_segment_mark. */
bool dw_tcp_send_data(dw_tcb *t, uint32_t len, uint8_t flags, uint8_t marks);

/* So many octets of new data as one segment, which may be longer than others are; false: not now,
 * as a record ends within, or as for dw_tcp_send_next. */
bool dw_tcp_send_long(dw_tcb *t, uint32_t len);

/* The octet of new data that a closed window's probe carries, or the FIN. */
void dw_tcp_send_probe(dw_tcb *t);

/* What probed a window that is open now goes again as part of a whole segment, as far as there is
 * data and room (RFC 1122 4.2.2.15): an octet alone would be a silly window. */
void dw_tcp_fill_probe(dw_tcb *t);

/* Nagle's algorithm (3.7.4): whether a small segment would be held back. */
bool dw_tcp_held_by_nagle(const dw_tcb *t);

#endif
