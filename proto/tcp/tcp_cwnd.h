/* The congestion window: how much is free, when it grows, and how it is reduced. */
#ifndef DW_TCP_CWND_H
#define DW_TCP_CWND_H

#include "tcp.h"
#include "tcp_scoreboard.h"

/* How far new data may go beyond SND.UNA, in octets: windows of congestion and of the peer. */
uint32_t dw_tcp_send_window(const dw_tcb *t);

/* All that follows is for connections with a scoreboard. */

/* An ACK has been taken: let the window grow, shrink, or have the congestion control set it. */
void dw_tcp_control_window(dw_tcb *t, const dw_tcp_news *n);

/* RFC 9937: delivered and lost units tell how much may be sent while the window is reduced;
 * advanced: SND.UNA moved. */
void dw_tcp_recovery_reduce(dw_tcb *t, uint64_t delivered, uint64_t lost, bool advanced);

/* The reduction is over: the window is ssthresh. */
void dw_tcp_end_reduction(dw_tcb *t);

/* Begin to reduce the window, and end at once: the sign was weak. */
void dw_tcp_recovery_reduce_once(dw_tcb *t);

/* What a window that counts segments has of the next one is forgotten. */
void dw_tcp_forget_fraction(dw_tcb *t);

/* A loss is certain: into Recovery.  ece: and congestion, too, so it will not be undone. */
void dw_tcp_recovery_enter(dw_tcb *t, bool ece);

/* The network is congested, or the host's own queue is full: into CWR, unless the window is being
 * reduced already.  cause (NULL: none) is noted. */
void dw_tcp_recovery_congested(dw_tcb *t, const dw_cause *cause);

/* Back to Open, or to Disorder while there is something left to watch. */
void dw_tcp_recovery_open(dw_tcb *t);

/* The window is about to be reduced: what has to turn out superfluous for that to be undone. */
void dw_tcp_undo_remember(dw_tcb *t);

/* Whether anything is sent again and under way, or the first segment ever was. */
bool dw_tcp_any_retransmitted(const dw_tcb *t);

/* New data from this number on was sent while the window is being reduced. */
void dw_tcp_recovery_count_sent(dw_tcb *t, uint32_t from);

/* After sending: was it the window that stopped us? */
void dw_tcp_recovery_validate(dw_tcb *t, bool limited);

#endif
