/* What is sent again, when and in which order: RFC 6675 section 4, NextSeg, and section 5. */
#include "tcp_recovery_retransmit.h"
#include "tcp_congestion.h"
#include "tcp_local_drop.h"
#include "tcp_pace.h"
#include "tcp_repacketize.h"
#include "tcp_retransmit.h"
#include "tcp_scoreboard.h"
#include "tcp_segment.h"
#include "tcp_timer.h"

/* How many of the segments from number on go out at once, at most `most`: those that were sent at
 * once before and are all to be sent again.  The place where they are cut stays one. */
static uint32_t run_of(dw_tcb *t, uint32_t number, uint64_t max)
{
    uint32_t count = 1, burst = dw_tcp_burst_max(t);
    if (max > burst) max = burst;
    dw_segment *s = dw_tcp_numbered(t, number);
    while (!(s->marks & DW_MARK_BURST_END)) {
        uint32_t at = number + count - t->rec->first;
        enum { STATE = DW_MARK_LOST | DW_MARK_RETRANSMITTED | DW_MARK_SACKED };
        bool next = count < max && at < t->rtx.count &&
                    (dw_segment_at(&t->rtx, at)->marks & STATE) == DW_MARK_LOST;
        if (!next) {
            dw_tcp_end_buffer(t, s);
            break;
        }
        s = dw_segment_at(&t->rtx, at);
        count++;
    }
    return count;
}

static bool fits(const dw_tcb *t, const dw_segment *s)
{
    const dw_tcp_recovery *r = t->rec;
    uint64_t pipe = dw_tcp_pipe(r), max = dw_tcp_cwnd_units(t), units = dw_tcp_units(r, s);
    bool window = !seq_lt(t->snd_una + t->snd_wnd, dw_segment_end(s));
    /* RFC 6675 section 5 (4.3): the first retransmission does not ask the window. */
    if (t->cc.state == DW_CONGESTION_RECOVERY && r->prr_out == 0) return window;
    if (pipe >= max) return false;
    if (!r->segments && max - pipe < t->snd_mss && max - pipe < units) return false;
    return window;
}

static void retransmit_segment(dw_tcb *t, uint32_t number)
{
    dw_tcp_recovery *r = t->rec;
    dw_segment *s = dw_tcp_numbered(t, number);
    const dw_cause *cause =
        t->cc.state == DW_CONGESTION_LOSS ? CAUSE(RESEND) : CAUSE(FAST_RETRANSMIT);
    if (t->resend_why != DW_TCP_RESEND_LATE) cause = dw_tcp_resend_cause(t);
    if (dw_tcp_reducing(t)) r->prr_out += dw_tcp_units(r, s);
    dw_tcp_retransmit(t, s, cause);
    if (number != r->first || dw_tcp_timer_runs(t, DW_TCP_TIMER_REORDER)) return;
    dw_tcp_timer_stop(t, DW_TCP_TIMER_PROBE);
    dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, t->rto, cause);
}

bool dw_tcp_recovery_retransmit(dw_tcb *t)
{
    uint32_t number;
    const dw_segment *s;
    while ((s = dw_tcp_score_next_lost(t, &number)) != NULL) {
        if (!fits(t, s) || dw_tcp_retransmit_refused(t)) return false;
        dw_tcp_cut(t, number - t->rec->first);
        uint32_t count = run_of(t, number, dw_tcp_recovery_room(t) / dw_tcp_segment_units(t));
        for (uint32_t i = 0; i < count; i++) {
            t->push_next = count > 1 && i + 1 == count; /* as any burst of several */
            retransmit_segment(t, number + i);
        }
        t->push_next = false;
    }
    return true;
}

/* What is marked goes again, and the window is left alone: the network is not to blame. */
static void retransmit_quietly(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    if (r->lost == 0) return;
    if (t->cc.state != DW_CONGESTION_LOSS) {
        r->high_seq = t->snd_nxt;
        r->prior_ssthresh = 0;
        r->undo = false;
        dw_tcp_recovery_state(t, DW_CONGESTION_LOSS, CAUSE(LOSS_BEGINS));
    }
    dw_tcp_recovery_retransmit(t);
}

void dw_tcp_retransmit_all(dw_tcb *t, enum dw_tcp_resend why)
{
    t->resend_why = (uint8_t)why;
    if (t->rec) {
        dw_tcp_recovery_retransmit_all(t, 0);
        if (why != DW_TCP_RESEND_SMALLER) t->resend_why = DW_TCP_RESEND_LATE;
        return;
    }
    t->retransmit_nxt = t->snd_una;
    t->retransmit_end = t->snd_nxt;
}

/* All that is outstanding goes again: segments were too large, or data on a SYN was not taken. */
void dw_tcp_recovery_retransmit_all(dw_tcb *t, uint32_t larger)
{
    dw_tcp_recovery *r = t->rec;
    for (uint32_t i = 0, begin = 0, octets = 0; i < t->rtx.count; i++) {
        const dw_segment *s = dw_segment_at(&t->rtx, i);
        octets += s->len;
        if (larger > 0 && i + 1 < t->rtx.count && !(s->marks & DW_MARK_BURST_END)) continue;
        for (; begin <= i; begin++)
            if (larger == 0 || octets > larger) dw_tcp_score_mark_lost(t, r->first + begin);
        octets = 0;
    }
    retransmit_quietly(t);
}

void dw_tcp_retransmit_first(dw_tcb *t)
{
    DW_ASSERT(t->rtx.count > 0);
    uint32_t end = dw_segment_end(dw_segment_at(&t->rtx, 0));
    if (t->rec) {
        dw_tcp_score_mark_lost(t, t->rec->first);
        dw_tcp_cut(t, 0);
        retransmit_quietly(t);
        return;
    }
    t->retransmit_nxt = t->snd_una;
    t->retransmit_end = end;
    t->recover = t->snd_nxt; /* the duplicate ACKs that follow say nothing new */
}

/* NextSeg, rules 3 and 4: nothing is known to be lost that is not under way again, and nothing new
 * can be sent. */

static bool nothing_new(const dw_tcb *t)
{
    bool window = seq_lt(t->snd_nxt, t->snd_una + t->snd_wnd);
    return !window || (t->unsent.bytes == 0 && (!t->fin_queued || t->fin_sent));
}

static bool may_rescue(const dw_tcb *t)
{
    bool by_sacks = t->rec && !t->rec->rack && t->sack_ok && t->tcp->profile.sack_rescue;
    if (!by_sacks || t->cc.state != DW_CONGESTION_RECOVERY) return false;
    return t->rtx.count > 0 && nothing_new(t);
}

/* Rule 3: what is neither SACKed nor lost by IsLost, below something SACKed. */
static bool retransmit_below_sacks(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    if (seq_lt(r->high_rxt, r->edge)) r->high_rxt = r->edge;
    while (r->any_sacked && seq_lt(r->high_rxt, r->sacked_top)) {
        const dw_segment *s = dw_tcp_numbered(t, r->high_rxt);
        bool open = !(s->marks & (DW_MARK_SACKED | DW_MARK_LOST | DW_MARK_RETRANSMITTED));
        if (open && !fits(t, s)) return false;
        r->high_rxt++;
        if (open) retransmit_segment(t, r->high_rxt - 1);
    }
    return true;
}

/* Rule 4, once in a recovery: the last segment, if it is not under way again already, so that a
 * SACK may come for it and show the others to be lost. */
static void retransmit_last(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    if (r->rescued) return;
    for (uint32_t i = t->rtx.count; i-- > 0;) {
        const dw_segment *s = dw_segment_at(&t->rtx, i);
        if (s->marks & DW_MARK_SACKED) continue;
        if (s->marks & DW_MARK_RETRANSMITTED || !fits(t, s)) return;
        r->rescued = true;
        retransmit_segment(t, r->first + i);
        return;
    }
}

void dw_tcp_recovery_rescue(dw_tcb *t)
{
    if (may_rescue(t) && retransmit_below_sacks(t)) retransmit_last(t);
}

/* Segments under way that are too big are cut and, as they were lost, sent again. */
void dw_tcp_retransmit_smaller(dw_tcb *t)
{
    bool buffers = t->tcp->profile.send_whole_buffers;
    uint32_t mss = t->snd_mss;
    if (buffers) dw_tcp_chain_join(t);
    for (uint32_t i = 0; i < t->rtx.count; i++) {
        const dw_segment *s = dw_segment_at(&t->rtx, i);
        if (s->len > mss && !(s->flags & DW_TCP_SYN) && !dw_segment_split(&t->rtx, i, mss))
            dw_tcp_no_memory(t->tcp);
    }
    if (t->rec) dw_tcp_score_rebuild(t);
    if (!dw_tcp_synchronized(t)) return;
    /* Linux leaves alone what was small enough (tcp_simple_retransmit). */
    if (t->rec && buffers)
        dw_tcp_recovery_retransmit_all(t, mss);
    else
        dw_tcp_retransmit_all(t, DW_TCP_RESEND_SMALLER);
}
