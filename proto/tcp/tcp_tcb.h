/* The life of a TCB. */
#ifndef DW_TCP_TCB_H
#define DW_TCP_TCB_H

#include "tcp.h"

/* A connection in CLOSED with the profile's settings, an ISS and a number in the trace; a host with
 * a limit makes room for it by ending a TIME-WAIT.  The flow is copied.  NULL: there is no room, or
 * no memory. */
dw_tcb *dw_tcp_new(dw_tcp *tcp, const dw_flow *flow);

/* Choose the initial send sequence number and set the variables that follow from it. */
void dw_tcp_choose_iss(dw_tcb *t);

/* Stop all timers and forget what is to be sent, and what came early. */
void dw_tcp_flush(dw_tcb *t);

/* Enter CLOSED, flush the queues and tell the user why: DW_OK or a DW_E_*.  The memory stays until
 * dw_tcp_reap. */
void dw_tcp_delete(dw_tcb *t, int error, const dw_cause *cause);

/* Every entry into TCP ends with this: a TCB that is closed and that no user holds is freed, one
 * in TIME-WAIT is folded into its small record.  t is not to be used afterwards. */
void dw_tcp_reap(dw_tcb *t);

/* Free it in whatever state, without a word to anybody. */
void dw_tcp_free(dw_tcb *t);

/* Into TIME-WAIT: its timer alone goes on, and the user is told that the connection is closed.  t
 * may be in CLOSED afterwards (a defect). */
void dw_tcp_enter_time_wait(dw_tcb *t, const dw_cause *cause);

/* Run dw_tcp_output for this connection once all segments of the present instant have been
 * processed (MUST-58, MUST-59). */
void dw_tcp_settle_later(dw_tcb *t);

#endif
