/* Restartable timers.  A timer that is pushed back only writes its new deadline; its queue entry
 * fires at the old one and is then queued again. */
#include "timer.h"

#include "fault.h"
#include "node.h"
#include "resources.h"
#include "sim.h"

/* Whether the deadline has come; if not, and there is one, the entry is queued again. */
static bool has_expired(dw_timer *timer, dw_event_fn due)
{
    dw_sim *sim = timer->node->sim;
    timer->event = NULL;
    if (timer->expires <= sim->now) {
        timer->expires = DW_TIME_NEVER;
        return true;
    }
    if (timer->expires == DW_TIME_NEVER) return false;
    timer->queued_at = timer->expires;
    timer->event = dw_sim_schedule(sim, timer->node, timer->expires, due, timer);
    return false;
}

void dw_timer_due(void *arg)
{
    dw_timer *timer = arg;
    if (has_expired(timer, dw_timer_due)) timer->fire(timer->arg);
}

/* A protocol's: what it calls out of this is called in the middle of an event. */
static void fire(dw_timer *timer)
{
    dw_sim *sim = timer->node->sim;
    if (!has_expired(timer, dw_protocol_timer_due)) return;
    sim->inside++;
    timer->fire(timer->arg);
    sim->inside--;
}

/* A packet that was held up has come first. */
static void fires_behind(void *arg)
{
    dw_timer *timer = arg;
    dw_plan_passes(timer->node->sim->plan, timer->node);
    fire(timer);
}

void dw_protocol_timer_due(void *arg)
{
    dw_timer *timer = arg;
    dw_sim *sim = timer->node->sim;
    timer->event = NULL; /* it is this one */
    if (DW_UNLIKELY(sim->plan != NULL) && timer->expires <= sim->now &&
        dw_plan_before_timer(sim->plan, timer->node)) {
        timer->queued_at = sim->now;
        timer->event = dw_sim_schedule(sim, timer->node, sim->now, fires_behind, timer);
        return;
    }
    fire(timer);
}

static void set(dw_timer *timer, dw_time expires_at, dw_event_fn due)
{
    if (expires_at < timer->node->sim->now) expires_at = timer->node->sim->now;
    timer->expires = expires_at;
    if (expires_at == DW_TIME_NEVER) return;
    if (timer->event) {
        if (timer->queued_at <= expires_at) return;
        dw_evq_cancel(&timer->node->sim->queue, timer->event);
    }
    timer->queued_at = expires_at;
    timer->event = dw_sim_schedule(timer->node->sim, timer->node, expires_at, due, timer);
}

void dw_timer_set(dw_timer *timer, dw_time expires_at)
{
    set(timer, expires_at, dw_timer_due);
}

void dw_protocol_timer_set(dw_timer *timer, dw_time expires_at)
{
    set(timer, expires_at, dw_protocol_timer_due);
}

void dw_timer_cancel(dw_timer *timer)
{
    timer->expires = DW_TIME_NEVER;
    if (!timer->event) return;
    dw_evq_cancel(&timer->node->sim->queue, timer->event);
    timer->event = NULL;
}
