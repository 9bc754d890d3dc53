/* Restartable timers.  A timer that is pushed back only writes its new deadline; its queue entry
 * fires at the old one and is then queued again. */
#include "internal.h"

static void timer_due(void *arg)
{
    dw_timer *timer = arg;
    dw_sim *sim = timer->node->sim;
    timer->event = NULL;
    if (timer->expires > sim->now) {
        if (timer->expires == DW_TIME_NEVER) return;
        timer->queued_at = timer->expires;
        timer->event = dw_sim_schedule(sim, timer->node, timer->expires, timer_due, timer);
        return;
    }
    timer->expires = DW_TIME_NEVER;
    timer->fire(timer->arg);
}

void dw_timer_set(dw_timer *timer, dw_time expires_at)
{
    timer->expires = expires_at;
    if (expires_at == DW_TIME_NEVER) return;
    if (timer->event) {
        if (timer->queued_at <= expires_at) return;
        dw_evq_cancel(&timer->node->sim->queue, timer->event);
    }
    timer->queued_at = expires_at;
    timer->event = dw_sim_schedule(timer->node->sim, timer->node, expires_at, timer_due, timer);
}

void dw_timer_cancel(dw_timer *timer)
{
    timer->expires = DW_TIME_NEVER;
    if (!timer->event) return;
    dw_evq_cancel(&timer->node->sim->queue, timer->event);
    timer->event = NULL;
}
