/* Invariants of a TCB.  Checked after every event in builds with DRYWIRE_CHECKS (the test and fuzz
 * builds); free otherwise. */
#include "tcp_check.h"
#include "tcp_scoreboard.h"
#include "tcp_timer.h"

#ifdef DRYWIRE_CHECKS

static void check_rtx(const dw_tcb *t)
{
    uint32_t next = t->snd_una, buffers = 0;
    for (uint32_t i = 0; i < t->rtx.count; i++) {
        const dw_segment *s = dw_segment_at(&t->rtx, i);
        DW_ASSERT(s->seq == next);
        next = dw_segment_end(s);
        buffers += (s->marks & DW_MARK_BURST_END) != 0;
    }
    DW_ASSERT(t->sent_buffers == buffers);
    DW_ASSERT(t->rtx.count == 0 || next == t->snd_nxt);
}

/* What the scoreboard counts is what its segments say. */
static void check_scoreboard(const dw_tcb *t)
{
    const dw_tcp_recovery *r = t->rec;
    uint64_t out = 0, sacked = 0, lost = 0, retransmitted = 0, octets = 0, below = 0;
    uint32_t runs = 0, runs_below = 0, listed = 0, waiting = 0, in_list = 0;
    for (uint32_t i = 0; i < t->rtx.count; i++) {
        const dw_segment *s = dw_segment_at(&t->rtx, i);
        uint64_t units = dw_tcp_units(r, s);
        bool under_edge = seq_lt(r->first + i, r->edge);
        if (s->flags & DW_TCP_SYN && !(s->marks & DW_MARK_LISTED)) continue;
        out += units;
        if (s->marks & DW_MARK_LISTED) listed++;
        if (s->marks & DW_MARK_LOST) lost += units;
        if (s->marks & DW_MARK_RETRANSMITTED) retransmitted += units;
        if ((s->marks & (DW_MARK_LOST | DW_MARK_RETRANSMITTED | DW_MARK_SACKED)) == DW_MARK_LOST)
            waiting++;
        if (!(s->marks & DW_MARK_SACKED)) continue;
        DW_ASSERT(!(s->marks & (DW_MARK_LISTED | DW_MARK_LOST)));
        sacked += units;
        octets += s->len;
        if (under_edge) below += s->len;
        bool ends =
            i + 1 == t->rtx.count || !(dw_segment_at(&t->rtx, i + 1)->marks & DW_MARK_SACKED);
        runs += ends;
        runs_below += ends && under_edge;
    }
    DW_ASSERT(r->out == out && r->sacked == sacked && r->lost == lost &&
              r->retransmitted == retransmitted);
    DW_ASSERT(r->sacked_octets == octets && r->octets_below == below);
    DW_ASSERT(r->runs == runs && r->runs_below == runs_below);
    DW_ASSERT(r->again_count >= waiting);
    dw_time before = 0;
    for (uint32_t i = r->oldest; i != DW_SEGMENT_NONE; i = dw_tcp_numbered(t, i)->newer) {
        DW_ASSERT(dw_tcp_numbered(t, i)->sent_at >= before);
        before = dw_tcp_numbered(t, i)->sent_at;
        in_list++;
    }
    DW_ASSERT(in_list == listed);
}

static void check_out_of_order(const dw_tcb *t)
{
    uint32_t next = t->rcv_nxt;
    for (uint32_t i = 0; i < t->out_of_order.count; i++) {
        const dw_segment *s = dw_segment_at(&t->out_of_order, i);
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
    if (t->tcp->out_of_memory) return; /* the simulation is over */
    if (t->state == DW_TCP_CLOSED) {
        for (int i = 0; i < DW_TCP_TIMERS; i++)
            DW_ASSERT(!dw_tcp_timer_runs(t, i));
        DW_ASSERT(t->rtx.count == 0 && t->unsent.count == 0 && t->out_of_order.count == 0);
        return;
    }
    DW_ASSERT(seq_leq(t->snd_una, t->snd_nxt));
    DW_ASSERT(!t->fin_sent || t->fin_queued);
    DW_ASSERT(!t->fin_sent || t->unsent.bytes == 0);
    check_rtx(t);
    if (t->rec) check_scoreboard(t);
    if (t->state >= DW_TCP_ESTABLISHED) check_out_of_order(t);
    check_timers(t);
}

#else

void dw_tcp_check(const dw_tcb *t)
{
    (void)t;
}

#endif
