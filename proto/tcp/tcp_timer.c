/* The timers of a connection: setting and stopping them.  A connection keeps a deadline for each
 * and one entry in the event queue, for the earliest. */
#include "tcp_timer.h"

const char *const dw_tcp_timer_names[DW_TCP_TIMERS] = {
    "retransmission", "reordering", "loss-probe", "persist", "override",
    "delayed-ack",    "time-wait",  "keepalive",  "pacing"};

void dw_tcp_timers_arm(dw_tcb *t)
{
    dw_time first = DW_TIME_NEVER;
    for (int i = 0; i < DW_TCP_TIMERS; i++)
        if (t->deadline[i] < first) first = t->deadline[i];
    if (first != DW_TIME_NEVER && (!t->timer.event || t->timer.queued_at > first))
        t->tcp->host->timer_set(&t->timer, first);
    else
        t->timer.expires = first;
}

void dw_tcp_timer_set(dw_tcb *t, enum dw_tcp_timer which, dw_time after, const dw_cause *cause)
{
    DW_ASSERT(which < DW_TCP_TIMERS);
    DW_ASSERT(after >= 0);
    dw_tcp *tcp = t->tcp;
    bool first_syn = t->state <= DW_TCP_SYN_RECEIVED && t->retransmits == 0;
    if (which == DW_TCP_TIMER_RETRANSMIT && !first_syn)
        after = dw_time_add(after, tcp->profile.rto_slop);
    dw_time at = dw_time_add(tcp->host->now(tcp->node), after), grain = tcp->profile.timer_grain;
    bool opens = t->state == DW_TCP_SYN_SENT && which == DW_TCP_TIMER_RETRANSMIT;
    dw_time last = dw_time_add(t->progress_at, t->set->syn_r2);
    if (opens && tcp->profile.syn_r2_exact && at > last) at = last;
    if (grain > 0) at = dw_time_add(at, grain - 1) / grain * grain;
    t->deadline[which] = at;
    if (dw_tcp_traced(tcp, DW_TRACE_TIMER_SET))
        tcp->host->trace_timer(tcp->node, t->socket.conn, DW_TRACE_TIMER_SET,
                               dw_tcp_timer_names[which], at, cause);
    if (!t->folded) dw_tcp_timers_arm(t);
}

void dw_tcp_timer_stop(dw_tcb *t, enum dw_tcp_timer which)
{
    if (!dw_tcp_timer_runs(t, which)) return;
    dw_tcp *tcp = t->tcp;
    if (dw_tcp_traced(tcp, DW_TRACE_TIMER_CANCELLED))
        tcp->host->trace_timer(tcp->node, t->socket.conn, DW_TRACE_TIMER_CANCELLED,
                               dw_tcp_timer_names[which], t->deadline[which], CAUSE(TIMER_DONE));
    t->deadline[which] = DW_TIME_NEVER;
    /* The queue entry stays as long as another timer runs: it then finds nothing to do, which is
     * cheaper than taking it out.  With none running it must go, or it would keep a simulation
     * alive that has nothing left to do. */
    for (int i = 0; i < DW_TCP_TIMERS; i++)
        if (dw_tcp_timer_runs(t, i)) return;
    if (!t->folded) tcp->host->timer_cancel(&t->timer);
}
