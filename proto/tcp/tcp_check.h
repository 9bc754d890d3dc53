/* Invariants of a TCB. */
#ifndef DW_TCP_CHECK_H
#define DW_TCP_CHECK_H

#include "tcp.h"

/* Trips an assertion where one does not hold; nothing in builds without DRYWIRE_CHECKS. */
void dw_tcp_check(const dw_tcb *t);

#endif
