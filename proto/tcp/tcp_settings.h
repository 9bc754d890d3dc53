/* What a user may set for one connection: values that most connections share. */
#ifndef DW_TCP_SETTINGS_H
#define DW_TCP_SETTINGS_H

#include "tcp.h"

/* A new connection's: the profile's, shared by all that have these.  false: no memory. */
bool dw_tcp_settings_begin(dw_tcb *t, const dw_flow *flow);

/* The connection's own, to be changed. */
dw_tcp_settings *dw_tcp_settings_own(dw_tcb *t);

void dw_tcp_settings_end(dw_tcb *t);

/* The host goes away, or forgets what its latest connection had. */
void dw_tcp_settings_forget(dw_tcp *tcp);

#endif
