/* What the time of a sender goes to. */
#ifndef DW_TCP_CHRONO_H
#define DW_TCP_CHRONO_H

#include "tcp.h"

/* Something may have changed: put the time since the last look down to what held then. */
void dw_tcp_chrono_look(dw_tcb *t);

/* STATUS: the times, in nanoseconds. */
void dw_tcp_chrono_info(const dw_tcb *t, dw_info_fn each, void *ctx);

#endif
