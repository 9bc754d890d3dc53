/* RFC 9293 section 3.10.7.4, "first, check sequence number". */
#ifndef DW_TCP_SEQUENCE_H
#define DW_TCP_SEQUENCE_H

#include "tcp.h"

/* RFC 7323 5.3: DROP is an old duplicate by its timestamp.  Both ends agreed on timestamps. */
int dw_tcp_paws(dw_tcb *t, dw_seg *s);

/* Why a segment that is not acceptable is none: it came before, or lies elsewhere. */
const dw_cause *dw_tcp_why_unacceptable(const dw_tcb *t, const dw_seg *s);

/* DROP: the segment is not acceptable, and was answered as it should be.  Else it is cut to what
 * lies in the window; s->drop is set where nothing but its ACK counts. */
int dw_tcp_first_check_sequence(dw_tcb *t, dw_seg *s);

/* Cut off what lies outside the window. */
void dw_tcp_trim(dw_tcb *t, dw_seg *s);

/* RCV.WND, or what there is room for (accept_to_buffer). */
uint32_t dw_tcp_window_of(const dw_tcb *t);

/* A RST one below RCV.NXT: the peer's FIN has been taken, but its sender may not count it (Linux).
 */
bool dw_tcp_rst_one_below(const dw_tcb *t, const dw_seg *s);

/* Whether TS.Recent may be taken from a segment that is in the window. */
bool dw_tcp_tells_the_time(const dw_tcb *t, const dw_seg *s);

/* "Acknowledge it, and restart the 2 MSL timeout", if the profile does. */
void dw_tcp_restart_time_wait(dw_tcb *t);

#endif
