/* One segment is sent again; and without a scoreboard all of them, after a timeout. */
#ifndef DW_TCP_RETRANSMIT_H
#define DW_TCP_RETRANSMIT_H

#include "tcp.h"

/* Send a segment of rtx again, cut to the present size.  The pointer means nothing afterwards.
 * false: the host's own queue refused it. */
bool dw_tcp_retransmit(dw_tcb *t, dw_segment *segment, const dw_cause *cause);

/* Why what is outstanding goes again; a timeout, where nothing else is said. */
const dw_cause *dw_tcp_resend_cause(const dw_tcb *t);

/* What a timeout made due, from retransmit_nxt on, as far as the window goes.  True: some of it
 * still waits, and nothing new may leave. */
bool dw_tcp_retransmit_after_timeout(dw_tcb *t);

#endif
