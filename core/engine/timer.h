/* Timers of protocols. */
#ifndef DW_TIMER_H
#define DW_TIMER_H

#include "drywire/plugin.h"

/* dw_host.timer_set: what a protocol's timer calls out of, it calls in the middle of an event. */
void dw_protocol_timer_set(dw_timer *timer, dw_time expires_at);

/* The events of timers, of the program's and of protocols', whose arg is the dw_timer. */
void dw_timer_due(void *arg);
void dw_protocol_timer_due(void *arg);

#endif
