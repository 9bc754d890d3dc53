/* RFC 9293 section 3.8.5: urgent data. */
#ifndef DW_TCP_URGENT_H
#define DW_TCP_URGENT_H

#include "tcp.h"

/* The user sent urgent data: it ends where the send buffer ends now. */
void dw_tcp_urgent_send(dw_tcb *t);

/* A segment has URG. */
void dw_tcp_urgent_arrives(dw_tcb *t, const dw_seg *s);

/* The header's pointer for a segment that begins at seq; false: it is not urgent. */
bool dw_tcp_urgent_field(const dw_tcb *t, uint32_t seq, uint16_t *pointer);

/* Octets of urgent data that the user has not read yet (MUST-33). */
uint32_t dw_tcp_urgent_left(const dw_tcb *t);

#endif
