/* RFC 9293 section 3.8.6: the receive window. */
#ifndef DW_TCP_WINDOW_H
#define DW_TCP_WINDOW_H

#include "tcp.h"

/* Before the SYN: the MSS that we tell, the window scale and the first window, from the path, the
 * buffer and what the user may have set. */
void dw_tcp_size_receiver(dw_tcb *t);

/* The window that our SYN or SYN,ACK announces: the buffer, or the whole segments in it, as they
 * are with so many octets of options. */
void dw_tcp_first_window(dw_tcb *t, uint32_t options);

/* The window scale of our SYN. */
uint8_t dw_tcp_offered_scale(const dw_tcb *t);

/* RCV.WND as it should be now; less than it is only with shrink_window (SHLD-14). */
uint32_t dw_tcp_receive_window(dw_tcb *t);

/* The window that would be chosen now; may be less than what was offered. */
uint32_t dw_tcp_select_window(dw_tcb *t);

/* The header's window field for a segment with these flags; RCV.WND becomes what it says. */
uint16_t dw_tcp_window_field(dw_tcb *t, uint8_t flags);

#endif
