/* The variables that a trace follows. */
#ifndef DW_TCP_TRACE_H
#define DW_TCP_TRACE_H

#include "tcp.h"

/* Those that have changed. */
void dw_tcp_trace_variables(dw_tcb *t);

/* Those of DW_TRACE_DETAIL alone; also before a segment leaves, so that it and they agree. */
void dw_tcp_trace_details(dw_tcb *t);

void dw_tcp_trace_free(dw_tcb *t);

#endif
