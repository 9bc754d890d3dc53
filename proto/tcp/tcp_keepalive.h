/* RFC 9293 section 3.8.4: keepalive. */
#ifndef DW_TCP_KEEPALIVE_H
#define DW_TCP_KEEPALIVE_H

#include "tcp.h"

/* Begin to count anew, if the user wants keepalive; else stop. */
void dw_tcp_keepalive_start(dw_tcb *t);

/* A segment of the peer's came. */
void dw_tcp_keepalive_heard(dw_tcb *t);

/* The timer expired: probe, or wait further.  false: the peer is dead. */
bool dw_tcp_keepalive_timeout(dw_tcb *t);

#endif
