/* RFC 9293 section 3.10.7.4, "fifth, check the ACK field". */
#ifndef DW_TCP_ACK_H
#define DW_TCP_ACK_H

#include "tcp.h"

/* In any synchronized state or SYN-RECEIVED; the connection may be in CLOSED afterwards (DROP). */
int dw_tcp_fifth_check_ack(dw_tcb *t, dw_seg *s);

/* SND.UNA moves to ack, which is above it and at most SND.NXT.  s, where there is one, brought it.
 */
void dw_tcp_advance_una(dw_tcb *t, const dw_seg *s, uint32_t ack);

/* SND.WND, if the segment is newer than what told it last (MUST-34). */
void dw_tcp_update_window(dw_tcb *t, const dw_seg *s);

#endif
