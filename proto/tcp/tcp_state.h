/* RFC 9293 section 3.3.2: the state machine, and who is told of what happens. */
#ifndef DW_TCP_STATE_H
#define DW_TCP_STATE_H

#include "tcp.h"

extern const char *const dw_tcp_state_names[];      /* by enum dw_tcp_state; NULL ends them */
extern const uint16_t dw_tcp_arrows[DW_TCP_STATES]; /* bit j of [i]: i -> j is in figure 5 */
extern const char *const dw_tcp_report_names[];     /* by enum dw_tcp_report; NULL ends them */

/* The one function that writes dw_tcb.state.  The arrow must be in figure 5. */
void dw_tcp_set_state(dw_tcb *t, enum dw_tcp_state to, const dw_cause *cause);

/* Tell the user, if there is still one, of events: bits of enum dw_socket_event. */
void dw_tcp_tell(dw_tcb *t, uint32_t events);

/* Note in the trace what a connection (0: none) has decided, in the cause's own words. */
void dw_tcp_note(const dw_tcp *tcp, uint32_t conn, const dw_cause *cause);

/* Tell the user of a problem that may pass (3.9.1.8), unless it turned reports off. */
void dw_tcp_report(dw_tcb *t, enum dw_tcp_report what);

#endif
