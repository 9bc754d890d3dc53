/* Loss recovery with a scoreboard.
 *
 *   tcp_scoreboard.c  what is known of each outstanding segment (RFC 6675 section 4)
 *   tcp_news.c        what an acknowledgment tells
 *   tcp_loss.c        how a loss is found: by duplicates, by what was SACKed, by time
 *   tcp_rack.c        RACK: what time says of losses (RFC 8985 section 6)
 *   tcp_tlp.c         the tail loss probe (RFC 8985 section 7)
 *   tcp_rate.c        how fast segments arrive
 *   tcp_cwnd.c        the window, while it grows and while it is reduced (RFC 9937, RFC 7661)
 *   tcp_retransmit.c      what is sent again, in which order
 *   tcp_undo.c        undoing what was not needed (RFC 3522, RFC 3708)
 *   tcp_recovery.c    what follows from an ACK or a timeout: the states, F-RTO (RFC 5682)
 *
 * A connection has one when its profile's `recovery` is "sack" and both ends agreed on SACK, or
 * "rack", or when its congestion control sets the window itself; all others do what RFC 5681 and
 * RFC 6582 say, in tcp_ack.c. */
#ifndef DW_TCP_RECOVERY_H
#define DW_TCP_RECOVERY_H

#include "tcp_scoreboard.h"

/* An acknowledgment: the whole of RFC 9293 3.10.7.4 fifth from SND.UNA on.  ack is at most SND.NXT;
 * s is NULL where no segment brought it. */
void dw_tcp_recovery_ack(dw_tcb *t, const dw_seg *s, uint32_t ack);

/* The retransmission timer expired, and the first segment is about to be sent again. */
void dw_tcp_recovery_timeout(dw_tcb *t);

/* The wait for reordered segments is over (RFC 8985 6.2 step 5). */
void dw_tcp_rack_timeout(dw_tcb *t);

#endif
