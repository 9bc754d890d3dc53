/* The calls of a script: those that return at once, and the one that waits beside the events that
 * go on. */
#include "call.h"

dw_time dw_drill_pending_end(const dw_drill_run *run)
{
    const dw_drill_event *e = run->pending.event;
    DW_ASSERT(e);
    return e->u.call->end + (e->time_kind == DW_DRILL_AFTER ? run->pending.started - e->at : 0);
}

void dw_drill_try_pending(dw_drill_run *run)
{
    dw_drill_pending *p = &run->pending;
    if (!p->event || !dw_drill_going(&run->outcome)) return;
    int line = run->outcome.line;
    run->outcome.line = p->event->line;
    const dw_drill_call *call = p->event->u.call;
    if (dw_drill_call_now(run, call, p) != DW_CALL_WAITS) {
        dw_time end = dw_drill_pending_end(run);
        p->event = NULL;
        dw_drill_forgive(&run->outcome, run->options.calls_may_differ);
        if (dw_drill_going(&run->outcome) && call->blocking)
            dw_drill_in_time(run, "the end of the call", end, end, dw_drill_now(run));
    }
    if (dw_drill_going(&run->outcome)) run->outcome.line = line;
}

void dw_drill_finish_pending(dw_drill_run *run)
{
    const dw_drill_event *e = run->pending.event;
    if (!e) return;
    dw_time end = dw_drill_pending_end(run);
    run->finishing = true;
    dw_time until = end + dw_drill_tolerance(run, end), now = dw_drill_now(run);
    dw_drill_run_until(run, until > now ? until : now);
    run->finishing = false;
    if (!run->pending.event || !dw_drill_going(&run->outcome)) return;
    run->outcome.line = run->pending.event->line;
    char state[40];
    dw_drill_stop(&run->outcome, DW_DRILL_FAILED, "the call %s does not return%s", e->u.call->name,
                  dw_drill_call_state(run, e->u.call, state));
}

void dw_drill_do_call(dw_drill_run *run, const dw_drill_event *e)
{
    dw_drill_finish_pending(run);
    if (!dw_drill_going(&run->outcome)) return;
    dw_drill_pending p = {.event = e, .started = dw_drill_now(run), .deadline = DW_TIME_NEVER};
    const dw_drill_call *call = e->u.call;
    run->pending = p;
    if (!call->blocking) {
        run->pending.event = NULL;
        enum dw_call_status status = dw_drill_call_now(run, call, &run->pending);
        dw_drill_forgive(&run->outcome, run->options.calls_may_differ);
        if (status != DW_CALL_WAITS) return;
        char state[40];
        dw_drill_stop(&run->outcome, DW_DRILL_FAILED,
                      "the call %s would block%s; give it the time of its end (+0...0.1 %s)",
                      call->name, dw_drill_call_state(run, call, state), call->name);
        return;
    }
    dw_drill_try_pending(run);
    if (run->pending.event) run->pending.started = p.started;
}
