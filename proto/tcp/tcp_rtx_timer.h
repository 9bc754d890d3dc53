/* The retransmission timer, and the two that may run in its place. */
#ifndef DW_TCP_RTX_TIMER_H
#define DW_TCP_RTX_TIMER_H

#include "tcp.h"

/* What a timer cannot be more exact than: added where a wait should not end too early. */
#define DW_TCP_TIMER_SLACK (2 * DW_MILLISECOND)

/* Something was sent that is to be acknowledged: the timer runs, and those of a closed window do
 * not. */
void dw_tcp_rtx_timer_start(dw_tcb *t, const dw_cause *cause);

/* With a scoreboard: an ACK brought progress, so it starts anew, or a tail loss probe is due. */
void dw_tcp_recovery_set_timer(dw_tcb *t);

/* With a scoreboard: the retransmission timer for what is left of the RTO since the oldest segment
 * was sent, instead of whichever runs. */
void dw_tcp_recovery_rearm(dw_tcb *t);

/* RFC 8985 7.2: set the timer for a probe if one may be due; false: the retransmission timer is to
 * be set.  advanced: an ACK has just moved SND.UNA. */
bool dw_tcp_probe_later(dw_tcb *t, bool advanced);

#endif
