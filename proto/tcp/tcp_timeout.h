/* RFC 9293 section 3.10.8: timeouts. */
#ifndef DW_TCP_TIMEOUT_H
#define DW_TCP_TIMEOUT_H

#include "tcp.h"

/* dw_timer.fire of a connection. */
void dw_tcp_timers_due(void *tcb);

#endif
