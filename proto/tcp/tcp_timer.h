/* The timers of a connection. */
#ifndef DW_TCP_TIMER_H
#define DW_TCP_TIMER_H

#include "tcp.h"

extern const char *const dw_tcp_timer_names[DW_TCP_TIMERS];

static inline bool dw_tcp_timer_runs(const dw_tcb *t, enum dw_tcp_timer which)
{
    return t->deadline[which] != DW_TIME_NEVER;
}

/* Let a timer expire after so long, 0 or more, be it running or not. */
void dw_tcp_timer_set(dw_tcb *t, enum dw_tcp_timer which, dw_time after, const dw_cause *cause);

/* Nothing, where it does not run. */
void dw_tcp_timer_stop(dw_tcb *t, enum dw_tcp_timer which);

/* The deadlines have changed: the entry in the event queue follows. */
void dw_tcp_timers_arm(dw_tcb *t);

#endif
