/* How long something is tried or waited for: RFC 9293 section 3.8.3 and others. */
#ifndef DW_TCP_GIVEUP_H
#define DW_TCP_GIVEUP_H

#include "tcp.h"

/* The retransmission timer expires: is it time to give the peer up? */
bool dw_tcp_peer_is_gone(const dw_tcb *t);

/* How long the retransmission timer runs next. */
dw_time dw_tcp_next_timeout(const dw_tcb *t);

/* Whether data has been sent again and again, as often as R1 says. */
bool dw_tcp_r1_is_over(const dw_tcb *t);

/* The timer of a closed window's probes expires: is it time to give the peer up? */
bool dw_tcp_probed_enough(const dw_tcb *t);

/* How long until the next of these probes. */
dw_time dw_tcp_next_probe(const dw_tcb *t);

/* 2 MSL, or what the profile has instead. */
dw_time dw_tcp_time_wait_length(const dw_tcp *tcp);

/* Start the timer of TIME-WAIT, from now. */
void dw_tcp_start_time_wait(dw_tcb *t, const dw_cause *cause);

/* In FIN-WAIT-2: where the user is gone, wait for the peer's FIN no longer than some systems do. */
void dw_tcp_start_finwait2_timeout(dw_tcb *t);

#endif
