/* Invariants of a TCB.  Checked after every event in builds with DRYWIRE_CHECKS (the test and fuzz
 * builds); free otherwise. */
#include "tcp.h"

#ifdef DRYWIRE_CHECKS

static void check_rtx(const dw_tcb *t)
{
    uint32_t next = t->snd_una;
    for (uint32_t i = 0; i < t->rtx.count; i++) {
        const dw_segment *s = dw_segment_at(&t->rtx, i);
        DW_ASSERT(s->seq == next);
        next = dw_segment_end(s);
    }
    DW_ASSERT(t->rtx.count == 0 || next == t->snd_nxt);
}

static void check_early(const dw_tcb *t)
{
    uint32_t next = t->rcv_nxt;
    for (uint32_t i = 0; i < t->early.count; i++) {
        const dw_segment *s = dw_segment_at(&t->early, i);
        DW_ASSERT(seq_leq(next, s->seq));
        next = dw_segment_end(s);
    }
}

static void check_timers(const dw_tcb *t)
{
    bool outstanding = t->rtx.count > 0;
    if (t->tcp->profile.defects) return; /* what a defect stops is its own affair */
    if (t->state == DW_TCP_TIME_WAIT) DW_ASSERT(dw_tcp_timer_runs(t, DW_TCP_TIMER_TIME_WAIT));
    if (outstanding)
        DW_ASSERT(dw_tcp_timer_runs(t, DW_TCP_TIMER_RETRANSMIT) ||
                  dw_tcp_timer_runs(t, DW_TCP_TIMER_REORDER) ||
                  dw_tcp_timer_runs(t, DW_TCP_TIMER_PROBE) ||
                  dw_tcp_timer_runs(t, DW_TCP_TIMER_PERSIST));
    else
        DW_ASSERT(!dw_tcp_timer_runs(t, DW_TCP_TIMER_RETRANSMIT));
}

void dw_tcp_check(const dw_tcb *t)
{
    DW_ASSERT(t->state < DW_TCP_STATES);
    if (t->state == DW_TCP_CLOSED) {
        for (int i = 0; i < DW_TCP_TIMERS; i++)
            DW_ASSERT(!dw_tcp_timer_runs(t, i));
        DW_ASSERT(t->rtx.count == 0 && t->unsent.count == 0 && t->early.count == 0);
        return;
    }
    DW_ASSERT(seq_leq(t->snd_una, t->snd_nxt));
    DW_ASSERT(!t->fin_sent || t->fin_queued);
    DW_ASSERT(!t->fin_sent || t->unsent.bytes == 0);
    check_rtx(t);
    if (t->state >= DW_TCP_ESTABLISHED) check_early(t);
    check_timers(t);
}

#else

void dw_tcp_check(const dw_tcb *t)
{
    (void)t;
}

#endif
