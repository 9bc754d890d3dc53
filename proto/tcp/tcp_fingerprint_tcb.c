/* The fingerprint of a connection, field by field in the order of tcp.h.
 *
 * Points in time count from now.  One that is read only under a condition counts only then: a
 * leftover would keep apart what goes on alike.  Sequence numbers and counts are as they are.  Left
 * out is what only the trace, STATUS or the rules of tcp_rules.c look at, and what says where
 * something is in memory.  tests/unit/tcp_fingerprint_test.c changes each octet, and has the list
 * of those that may change without a difference. */
#include "tcp_fingerprint.h"
#include "tcp_accecn.h"
#include "tcp_chain.h"
#include "tcp_rcvbuf.h"
#include "tcp_record.h"
#include "tcp_sack.h"
#include "tcp_scoreboard.h"
#include "tcp_timestamp.h"
#include "tcp_tune.h"

#include <stdio.h>

/* A point in time that is read only if `read`. */
static void time_if(dw_fingerprint *fp, bool read, dw_time at)
{
    dw_fp_time(fp, read ? at : DW_TIME_NEVER);
}

void dw_tcp_fingerprint_stamp(dw_fingerprint *fp, uint32_t stamp)
{
    uint32_t now = dw_tcp_timestamp_at(fp->now);
    dw_fp_u64(fp, stamp ? (uint64_t)1 << 32 | (uint32_t)(stamp - now) : 0);
}

/* Queues. */

static void slices(dw_fingerprint *fp, const dw_slice_ring *r)
{
    dw_fp_u64(fp, (uint64_t)r->bytes << 32 | r->count);
    for (uint32_t i = 0; i < r->count; i++)
        dw_fp_slices(fp, &r->items[(r->head + i) & (r->capacity - 1)], 1);
}

/* The two unions are plain numbers, whichever member they are.  What came early was never sent, and
 * rates are measured with a scoreboard only. */
static void segments(dw_fingerprint *fp, const dw_segment_ring *r, bool sent, bool rates)
{
    dw_fp_u64(fp, r->count);
    for (uint32_t i = 0; i < r->count; i++) {
        const dw_segment *s = dw_segment_at(r, i);
        DW_FP_MEMBERS(fp, s, seq, marks);
        DW_FP_MEMBERS(fp, s, older, skip);
        dw_fp_u64(fp, s->limited);
        time_if(fp, sent, s->sent_at);
        DW_FP_MEMBERS(fp, s, lost_before, flight);
        dw_fp_slices(fp, s->slice, s->slice_count);
        if (!rates) continue;
        dw_fp_u64(fp, s->delivered);
        time_if(fp, s->delivered_at >= 0, s->delivered_at);
        dw_fp_time(fp, s->first_sent_at);
    }
}

static void sacks(dw_fingerprint *fp, const dw_tcp_sacks *s)
{
    dw_fp_u64(fp, s != NULL);
    if (!s) return;
    dw_fp_bytes(fp, s->block, sizeof s->block);
    dw_fp_u64(fp, s->stretches.count);
    dw_fp_bytes(fp, s->stretches.items + s->stretches.first,
                s->stretches.count * sizeof *s->stretches.items);
}

static void chain(dw_fingerprint *fp, const dw_tcp_chain *c)
{
    uint32_t count = c ? c->count : 0;
    dw_fp_u64(fp, count);
    for (uint32_t i = 0; i < count; i++) {
        const dw_tcp_buffer *b = dw_tcp_chain_at(c, i);
        dw_fp_u64(fp, (uint64_t)b->end << 2 | (uint64_t)b->push << 1 | b->record);
    }
}

/* Loss recovery. */

static void scoreboard(dw_fingerprint *fp, const dw_tcp_recovery *r)
{
    DW_FP_MEMBERS(fp, r, segments, reneged);
    DW_FP_MEMBERS(fp, r, first, rescued);
    DW_FP_MEMBERS(fp, r, out, sacked_top);
    dw_fp_u64(fp, r->any_sacked);
    DW_FP_MEMBERS(fp, r, oldest, newest);
    dw_fp_u64(fp, r->again_count);
    dw_fp_bytes(fp, r->again, r->again_count * sizeof *r->again);
    DW_FP_MEMBERS(fp, r, reordering, reorderings);
}

static void rack(dw_fingerprint *fp, const dw_tcp_recovery *r)
{
    time_if(fp, r->rack_sent_at >= 0, r->rack_sent_at);
    DW_FP_MEMBERS(fp, r, rack_rtt, rack_persist);
    DW_FP_MEMBERS(fp, r, rack_round, probing);
    dw_fp_u64(fp, r->probe_end);
}

/* tcp_rate.c: what was sent last begins anew when nothing is outstanding. */
static void rates(dw_fingerprint *fp, const dw_tcp_recovery *r)
{
    time_if(fp, r->out > 0, r->delivered_at);
    time_if(fp, r->out > 0, r->rate_sent_at);
    DW_FP_MEMBERS(fp, r, rate_limited_until, delivery_limited);
    dw_fp_u64(fp, (uint64_t)r->min_rtt);
    time_if(fp, r->min_rtt > 0, r->min_rtt_at);
}

static void recovery(dw_fingerprint *fp, const dw_tcp_recovery *r)
{
    dw_fp_u64(fp, r != NULL);
    if (!r) return;
    scoreboard(fp, r);
    dw_fp_u64(fp, r->edge);
    DW_FP_MEMBERS(fp, r, sacked_octets, runs_below);
    rack(fp, r);
    DW_FP_MEMBERS(fp, r, prior_cwnd, undo);
    dw_fp_u64(fp, r->undo_seq);
    dw_fp_u64(fp, (uint64_t)r->undo_retransmitted);
    dw_fp_u64(fp, r->timestamp_set);
    dw_tcp_fingerprint_stamp(fp, r->timestamp_set ? r->retransmitted_timestamp : 0);
    DW_FP_MEMBERS(fp, r, duplicates, limited);
    DW_FP_MEMBERS(fp, r, max_out, window_end);
    rates(fp, r);
}

/* What the algorithm keeps is there from init until done. */
static void congestion(dw_fingerprint *fp, const dw_tcb *t)
{
    const dw_congestion *c = &t->cc;
    DW_FP_MEMBERS(fp, c, cwnd, state);
    dw_fp_u64(fp, c->seed);
    dw_fp_text(fp, c->ops->name);
    if (!DW_OFFERS(dw_congestion_ops, c->ops, fingerprint)) {
        char what[80];
        snprintf(what, sizeof what, "congestion control \"%.40s\"", c->ops->name);
        dw_fp_unknown(fp, what);
    } else if (c->private_state || c->ops->state_size == 0) {
        c->ops->fingerprint(c, fp);
    }
}

/* The receiver. */

static void accurate(dw_fingerprint *fp, const dw_tcp_accurate *a)
{
    dw_fp_u64(fp, a != NULL);
    if (!a) return;
    DW_FP_MEMBERS(fp, a, syn_codepoint, told_duplicate);
    DW_FP_MEMBERS(fp, a, duplicate_from, average);
    dw_fp_time(fp, a->told_at);
}

static void tuning(dw_fingerprint *fp, const dw_tcp_tuning *g)
{
    dw_fp_u64(fp, g != NULL);
    if (!g) return;
    dw_fp_u64(fp, (uint64_t)g->rtt);
    dw_fp_since(fp, g->started_at);
    time_if(fp, g->started_at != 0, g->window_at);
    DW_FP_MEMBERS(fp, g, window_end, copied);
    dw_tcp_fingerprint_stamp(fp, g->echo);
}

static void delayed_ack(dw_fingerprint *fp, const dw_tcp_delack *d)
{
    dw_fp_u64(fp, (uint64_t)d->ato);
    time_if(fp, d->ato > 0, d->lrcvtime);
    DW_FP_MEMBERS(fp, d, rcv_mss, pushed_twice);
}

/* Only Linux goes by when the handshake was over, for the first round trip. */
static bool first_round_is_to_come(const dw_tcb *t)
{
    return t->tcp->profile.receive_memory && dw_tcp_synchronized(t) &&
           !(t->tuning && t->tuning->started_at);
}

static void receiver(dw_fingerprint *fp, const dw_tcb *t)
{
    DW_FP_MEMBERS(fp, t, rcv_nxt, quick);
    delayed_ack(fp, &t->delack);
    sacks(fp, t->sacks);
    DW_FP_MEMBERS(fp, t, duplicate, rcvq_space);
    dw_tcp_rcvbuf_fingerprint(t, fp);
    DW_FP_MEMBERS(fp, t, scaling_ratio, odd_memory);
    time_if(fp, first_round_is_to_come(t), t->opened_at);
    accurate(fp, t->accurate);
    tuning(fp, t->tuning);
    slices(fp, &t->received);
    segments(fp, &t->out_of_order, false, false);
}

/* The sender. */

static void path(dw_fingerprint *fp, const dw_tcb *t)
{
    const dw_tcp_mtu *m = &t->mtu;
    DW_FP_MEMBERS(fp, m, path, peer_mss);
    dw_fp_until(fp, m->until);
    dw_fp_u64(fp, (uint64_t)(m->changes != t->tcp->path_changes) << 1 | m->searching);
    DW_FP_MEMBERS(fp, m, search_low, probe_to);
    time_if(fp, m->searching, m->searched_at);
    dw_fp_u64(fp, m->usual_mss);
}

/* 0 is none.  A burst that was sent a millisecond ago is as one that was never sent, but for an
 * idle connection (tcp_output.c), which looks for 0. */
static void last_burst(dw_fingerprint *fp, const dw_tcb *t)
{
    if (t->burst_at == 0 && fp->now >= DW_MILLISECOND)
        dw_fp_since(fp, 0);
    else
        dw_fp_time(fp, t->burst_at);
}

/* What is late is made up for by half a burst's time at most, which is no more than a round trip,
 * and one is over before anything is paced: so what never was paced may count as that late.  A
 * rate that a congestion control asks for may have nothing to do with any. */
static void pacing(dw_fingerprint *fp, const dw_tcb *t)
{
    last_burst(fp, t);
    if (t->pace_at == 0 && !t->cc.pacing_rate)
        dw_fp_since(fp, 0);
    else
        dw_fp_time(fp, t->pace_at);
    dw_fp_u64(fp, t->paced_segments);
}

static void sender(dw_fingerprint *fp, const dw_tcb *t)
{
    DW_FP_MEMBERS(fp, t, snd_una, snd_mss);
    path(fp, t);
    DW_FP_MEMBERS(fp, t, snd_up, snd_small);
    DW_FP_MEMBERS(fp, t, pushed, push_seq);
    pacing(fp, t);
    chain(fp, t->chain);
    DW_FP_MEMBERS(fp, t, sent_buffers, nagle_now);
    dw_tcp_records_fingerprint(t, fp);
    slices(fp, &t->unsent);
    segments(fp, &t->rtx, true, t->rec != NULL);
    DW_FP_MEMBERS(fp, t, retransmit_nxt, delivered_ce);
    dw_fp_time(fp, t->progress_at);
    dw_fp_u64(fp, t->inflation);
    congestion(fp, t);
    recovery(fp, t->rec);
    DW_FP_MEMBERS(fp, t, srtt, rto);
    time_if(fp, t->retransmits > 0, t->retransmitted_at);
    dw_fp_u64(fp, (uint64_t)t->persist_interval);
    time_if(fp, t->window_backoff > 0, t->probing_since);
    DW_FP_MEMBERS(fp, t, window_probes, window_backoff);
}

/* A count that begins anew when its time is over is none from then on. */
static void counted(dw_fingerprint *fp, uint32_t count, dw_time since, dw_time until)
{
    bool over = count == 0 || fp->now >= until;
    dw_fp_u64(fp, over ? 0 : count);
    time_if(fp, !over, since);
}

static void timers(dw_fingerprint *fp, const dw_tcb *t)
{
    for (int i = 0; i < DW_TCP_TIMERS; i++)
        dw_fp_time(fp, t->deadline[i]);
    dw_fp_timer(fp, &t->timer);
    time_if(fp, t->deadline[DW_TCP_TIMER_KEEPALIVE] != DW_TIME_NEVER, t->heard_at);
    dw_fp_u64(fp, t->probes_unanswered);
    counted(fp, t->challenges, t->challenge_at,
            dw_time_add(t->challenge_at, t->tcp->profile.challenge_period));
}

void dw_tcp_fingerprint_tcb(const dw_tcb *t, dw_fingerprint *fp)
{
    dw_fp_socket(fp, &t->socket);
    dw_fp_flow(fp, &t->link.flow);
    DW_FP_MEMBERS(fp, t, state, error); /* with the bits in between */
    sender(fp, t);
    receiver(fp, t);
    dw_tcp_fingerprint_stamp(fp, t->ts_recent);
    time_if(fp, t->ts_ok, t->ts_recent_at);
    dw_fp_bytes(fp, t->set, sizeof *t->set); /* made from zeroes, and compared so elsewhere */
    dw_fp_u64(fp, t->route ? t->route->count : UINT64_MAX);
    if (t->route) dw_fp_bytes(fp, t->route->hop, t->route->count * sizeof t->route->hop[0]);
    dw_fp_u64(fp, t->empty_replies);
    time_if(fp, t->empty_replies > 0, t->empty_reply_at);
    timers(fp, t);
    dw_fp_text(fp, t->ack_cause ? t->ack_cause->name : NULL);
}
