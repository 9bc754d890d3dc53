/* Undoing what a loss has cost when it was none. */
#ifndef DW_TCP_UNDO_H
#define DW_TCP_UNDO_H

#include "tcp.h"
#include "tcp_scoreboard.h"

/* True: DSACKs have shown all that was sent again to be superfluous, and the window is back. */
bool dw_tcp_undo_by_dsack(dw_tcb *t);

/* Recovery or Loss is over; s, or NULL, brought the ACK.  True: the state is to stay until more is
 * acknowledged. */
bool dw_tcp_undo_recovery(dw_tcb *t, const dw_seg *s);

/* In the middle of recovery SND.UNA moved.  True: there is no more to do, but to wait. */
bool dw_tcp_undo_partial(dw_tcb *t, const dw_seg *s, const dw_tcp_news *n);

/* After a timeout.  True: it was too early, and the window is back; by_frto: that is known. */
bool dw_tcp_undo_loss(dw_tcb *t, const dw_seg *s, bool by_frto);

#endif
