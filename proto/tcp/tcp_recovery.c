/* Loss recovery with a scoreboard: RFC 6675 and RFC 8985 say what is lost, RFC 9937 how much may be
 * sent meanwhile, RFC 5682, RFC 3522 and RFC 3708 whether it was needed at all.
 *
 * The states are Linux's.  Open is the normal one; Disorder says that something came late or twice;
 * CWR, that the window is being reduced because the network is congested; Recovery and Loss, that
 * segments are sent again because ACKs showed them to be lost, or because the timer expired. */
#include "tcp.h"

#include <stdlib.h>

/* The shortest round trip is that of so long. */
#define MIN_RTT_WINDOW (300 * DW_SECOND)

void dw_tcp_recovery_begin(dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    bool wanted = p->recovery == DW_TCP_RECOVERY_RACK ||
                  (p->recovery == DW_TCP_RECOVERY_SACK && t->sack_ok) || dw_tcp_rules_window(t);
    if (t->rec || !wanted) return;
    dw_tcp_recovery *r = t->tcp->host->alloc(t->tcp->node, sizeof *r);
    if (!r) return;
    *r = (dw_tcp_recovery){.segments = p->cwnd_in_segments,
                           .rack = p->recovery == DW_TCP_RECOVERY_RACK && t->sack_ok,
                           .oldest = DW_SEGMENT_NONE,
                           .newest = DW_SEGMENT_NONE,
                           .reordering = p->duplicate_ack_threshold,
                           .rack_steps = 1,
                           .undo_resent = -1,
                           .rack_sent_at = -1,
                           .high_seq = t->snd_una,
                           .window_end = t->snd_una};
    t->rec = r;
    if (t->rtx.count > 0) dw_tcp_score_rebuild(t);
}

void dw_tcp_recovery_free(dw_tcb *t)
{
    if (!t->rec) return;
    free(t->rec->again);
    t->tcp->host->free(t->tcp->node, t->rec, sizeof *t->rec);
    t->rec = NULL;
}

void dw_tcp_recovery_state(dw_tcb *t, enum dw_congestion_state to, const dw_cause *cause)
{
    if (t->cc.state == to) return;
    bool episode = t->cc.state >= DW_CONGESTION_RECOVERY || to >= DW_CONGESTION_RECOVERY;
    dw_tcp_congestion_state(t, to);
    dw_tcp_trace(t, "ca_state", to);
    if (episode && cause) dw_tcp_note(t->tcp, t->socket.conn, cause);
}

/* Timers: one of the retransmission timer, the probe and the wait for reordered segments runs. */

/* What is left of the retransmission timer since the oldest segment was sent. */
void dw_tcp_recovery_rearm(dw_tcb *t)
{
    if (t->rtx.count == 0) {
        dw_tcp_timer_stop(t, DW_TCP_TIMER_RETRANSMIT);
        dw_tcp_timer_stop(t, DW_TCP_TIMER_REORDER);
        dw_tcp_timer_stop(t, DW_TCP_TIMER_PROBE);
        return;
    }
    dw_time wait = t->rto;
    bool other = dw_tcp_timer_runs(t, DW_TCP_TIMER_REORDER) ||
                 dw_tcp_timer_runs(t, DW_TCP_TIMER_PROBE) ||
                 !dw_tcp_timer_runs(t, DW_TCP_TIMER_RETRANSMIT);
    if (other) {
        wait = dw_segment_at(&t->rtx, 0)->sent_at + t->rto - dw_tcp_now(t);
        if (wait < 1) wait = 1;
    }
    dw_tcp_timer_stop(t, DW_TCP_TIMER_REORDER);
    dw_tcp_timer_stop(t, DW_TCP_TIMER_PROBE);
    dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, wait, CAUSE(RESTARTED));
}

void dw_tcp_recovery_set_timer(dw_tcb *t)
{
    if (dw_tcp_probe_later(t, true)) return;
    dw_tcp_timer_stop(t, DW_TCP_TIMER_REORDER);
    dw_tcp_timer_stop(t, DW_TCP_TIMER_PROBE);
    if (t->rtx.count > 0)
        dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, dw_tcp_rto_restarted(t), CAUSE(RESTARTED));
    else
        dw_tcp_timer_stop(t, DW_TCP_TIMER_RETRANSMIT);
}

/* Reducing the window. */

/* What a window that counts segments has of the next one (Linux's snd_cwnd_cnt) is forgotten when
 * it is reduced (tcp_init_cwnd_reduction). */
static void forget_fraction(dw_tcb *t)
{
    t->cc.cwnd -= t->cc.cwnd % dw_tcp_unit(t);
}

static void begin_reduction(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    forget_fraction(t);
    r->high_seq = t->snd_nxt;
    r->high_rxt = r->first;
    r->rescued = false;
    r->probing = false;
    r->prior_cwnd = dw_tcp_cwnd_units(t);
    r->prr_delivered = r->prr_out = 0;
    t->cc.ssthresh = t->cc.ops->ssthresh(&t->cc, dw_tcp_flight_at_loss(t));
    dw_tcp_ecn_window_reduced(t);
}

static void end_reduction(dw_tcb *t)
{
    const dw_tcp_recovery *r = t->rec;
    if (dw_tcp_rules_window(t)) return;
    if (t->cc.ssthresh < UINT32_MAX && (t->cc.state == DW_CONGESTION_CWR || r->undo))
        t->cc.cwnd = t->cc.ssthresh;
}

void dw_tcp_recovery_reduce_once(dw_tcb *t)
{
    begin_reduction(t);
    dw_tcp_recovery_state(t, DW_CONGESTION_CWR, NULL);
    end_reduction(t);
    dw_tcp_recovery_state(t, DW_CONGESTION_OPEN, NULL);
}

/* RFC 9937 section 6.1: so that at the end the pipe is as large as ssthresh, send in proportion to
 * what is delivered; and where it is smaller already, what is delivered, and a little more as long
 * as nothing else is lost. */
static void proportional(dw_tcb *t, uint64_t delivered, uint64_t lost, bool advanced)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t ssthresh = t->cc.ssthresh / dw_tcp_unit(t), pipe = dw_tcp_pipe(r), room;
    r->prr_delivered += delivered;
    if (pipe > ssthresh) {
        uint64_t due = (ssthresh * r->prr_delivered + r->prior_cwnd - 1) / r->prior_cwnd;
        room = due > r->prr_out ? due - r->prr_out : 0;
    } else {
        uint64_t left = r->prr_delivered > r->prr_out ? r->prr_delivered - r->prr_out : 0;
        room = left > delivered ? left : delivered;
        if (advanced && lost == 0) room += dw_tcp_segment_units(t);
        if (room > ssthresh - pipe) room = ssthresh - pipe;
    }
    if (r->prr_out == 0 && room < dw_tcp_segment_units(t))
        room = dw_tcp_segment_units(t); /* the first retransmission goes */
    t->cc.cwnd = (pipe + room) * dw_tcp_unit(t);
}

void dw_tcp_recovery_reduce(dw_tcb *t, uint64_t delivered, uint64_t lost, bool advanced)
{
    if (delivered == 0 || t->rec->prior_cwnd == 0 || dw_tcp_rules_window(t)) return;
    if (t->tcp->profile.prr)
        proportional(t, delivered, lost, advanced);
    else
        t->cc.cwnd = t->cc.ssthresh; /* RFC 6675 section 5 (4.2) */
}

bool dw_tcp_any_resent(const dw_tcb *t)
{
    return t->rec->resent > 0 ||
           (t->rtx.count > 0 && dw_segment_at(&t->rtx, 0)->marks & DW_MARK_EVER_RESENT);
}

/* Back to Open, or to Disorder while there is something left to watch. */
void dw_tcp_recovery_open(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    bool left = r->sacked + r->emulated + r->lost > 0 || dw_tcp_any_resent(t);
    enum dw_congestion_state to = left ? DW_CONGESTION_DISORDER : DW_CONGESTION_OPEN;
    if (t->cc.state == to) return;
    dw_tcp_recovery_state(t, to, CAUSE(RECOVERED));
    r->high_seq = t->snd_nxt;
}

/* Entering recovery. */

void dw_tcp_recovery_enter(dw_tcb *t, bool ece)
{
    dw_tcp_recovery *r = t->rec;
    r->prior_ssthresh = 0;
    dw_tcp_undo_remember(t);
    if (!dw_tcp_reducing(t)) {
        if (!ece) r->prior_ssthresh = t->cc.ssthresh;
        begin_reduction(t);
    }
    dw_tcp_recovery_state(t, DW_CONGESTION_RECOVERY, CAUSE(RECOVERY_BEGINS));
}

void dw_tcp_recovery_congested(dw_tcb *t, const dw_cause *cause)
{
    dw_tcp_recovery *r = t->rec;
    r->prior_ssthresh = 0;
    if (t->cc.state >= DW_CONGESTION_CWR) return;
    r->undo = false;
    begin_reduction(t);
    dw_tcp_recovery_state(t, DW_CONGESTION_CWR, NULL);
    if (cause) dw_tcp_note(t->tcp, t->socket.conn, cause);
}

/* A retransmission timeout: all that the peer has not SACKed is lost, but for what was sent so
 * recently that its acknowledgment may still come (RFC 8985 6.3). */
static void mark_all_lost(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    if (t->rtx.count > 0 && dw_segment_at(&t->rtx, 0)->marks & DW_MARK_SACKED) {
        r->reneged = true; /* RFC 2018 section 8: the receiver may have dropped it */
        dw_tcp_score_forget_sacks(t);
    }
    r->emulated = 0;
    for (uint32_t i = 0; i < t->rtx.count; i++) {
        const dw_segment *s = dw_segment_at(&t->rtx, i);
        bool recent = i > 0 && r->rack && dw_tcp_rack_left(t, s, 0) > 0;
        if (!recent) dw_tcp_score_mark_lost(t, r->first + i);
    }
    r->edge = r->first + (r->rack ? 0 : t->rtx.count);
    if (!r->rack) {
        r->octets_below = r->sacked_octets;
        r->runs_below = r->runs;
    }
}

void dw_tcp_recovery_timeout(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    bool fresh = t->cc.state < DW_CONGESTION_RECOVERY;
    uint64_t sacked = r->sacked + r->emulated;
    mark_all_lost(t);
    bool again = t->cc.state == DW_CONGESTION_LOSS && t->retransmits <= 1;
    if (t->cc.state <= DW_CONGESTION_DISORDER || seq_leq(r->high_seq, t->snd_una) || again) {
        r->prior_ssthresh = t->cc.ssthresh;
        forget_fraction(t);
        r->prior_cwnd = dw_tcp_cwnd_units(t);
        t->cc.ssthresh = t->cc.ops->ssthresh(&t->cc, dw_tcp_flight(t));
        t->cc.ops->on_timeout(&t->cc);
        dw_tcp_undo_remember(t);
    }
    t->cc.cwnd = (dw_tcp_pipe(r) + dw_tcp_segment_units(t)) * dw_tcp_unit(t);
    uint32_t least = t->tcp->profile.duplicate_ack_threshold;
    if (t->cc.state <= DW_CONGESTION_DISORDER && sacked >= least * dw_tcp_segment_units(t) &&
        r->reordering > least)
        r->reordering = least;
    dw_tcp_recovery_state(t, DW_CONGESTION_LOSS, CAUSE(LOSS_BEGINS));
    r->high_seq = t->snd_nxt;
    r->probing = false;
    dw_tcp_ecn_window_reduced(t);
    r->frto = t->tcp->profile.frto && (fresh || t->retransmits > 1);
}

/* No more can have left the network than are out there, but for the one that is missing.  What was
 * told of too many was delayed on the way (tcp_check_reno_reordering); advanced is what the ACK has
 * acknowledged. */
static void limit_emulated(dw_tcb *t, uint64_t advanced)
{
    dw_tcp_recovery *r = t->rec;
    bool linux = t->tcp->profile.reorder_by_duplicates;
    uint64_t unit = dw_tcp_segment_units(t);
    uint64_t holes = linux ? (r->lost > unit ? r->lost : unit) : unit + r->lost;
    if (linux && holes > r->out) holes = r->out;
    if (r->emulated + holes <= r->out) return;
    r->emulated = r->out > holes ? r->out - holes : 0;
    if (linux)
        dw_tcp_score_set_reordering(t, (r->out + advanced + unit - 1) / unit);
    else if (advanced == 0)
        dw_tcp_score_reordering(t, t->snd_una, t->snd_una + (uint32_t)(r->out * dw_tcp_unit(t)));
}

/* Without SACK, each duplicate ACK stands for a segment that has left the network. */
static void emulate_sack(dw_tcb *t, dw_tcp_news *n, uint64_t duplicates)
{
    dw_tcp_recovery *r = t->rec;
    if (t->sack_ok || duplicates == 0) return;
    uint64_t before = r->emulated;
    r->emulated += duplicates * dw_tcp_segment_units(t);
    limit_emulated(t, 0);
    if (r->emulated <= before) return;
    r->delivered_total += r->emulated - before;
    n->delivered += r->emulated - before;
}

/* An ACK of new data fills one hole; the rest of what it covers, duplicate ACKs have told. */
static void forget_emulated(dw_tcb *t, dw_tcp_news *n, uint64_t acked)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t told = acked > dw_tcp_segment_units(t) ? acked - dw_tcp_segment_units(t) : 0;
    if (t->sack_ok || acked == 0) return;
    if (told > r->emulated) told = r->emulated;
    n->delivered -= told;
    r->delivered_total -= told;
    r->emulated -= told;
    if (t->tcp->profile.reorder_by_duplicates)
        limit_emulated(t, acked);
    else if (r->emulated > r->out)
        r->emulated = r->out;
}

static void lose_first_without_sack(dw_tcb *t, bool advanced)
{
    dw_tcp_recovery *r = t->rec;
    bool enough = t->cc.state < DW_CONGESTION_RECOVERY &&
                  r->emulated >= dw_tcp_duplicate_threshold(t) * dw_tcp_segment_units(t);
    if (t->rtx.count > 0 && (enough || (t->cc.state == DW_CONGESTION_RECOVERY && advanced)))
        dw_tcp_score_mark_lost(t, r->first);
}

static void find_lost(dw_tcb *t, dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t resent = r->resent;
    if (t->rtx.count == 0) return;
    if (!t->sack_ok)
        lose_first_without_sack(t, n->what & DW_NEWS_ADVANCED);
    else if (!r->rack)
        dw_tcp_score_find_lost(t);
    else if (dw_tcp_rack_find_lost(t))
        n->what &= ~(uint32_t)DW_NEWS_SET_TIMER;
    if (resent > r->resent) n->what |= DW_NEWS_LOST_AGAIN;
}

static void try_to_open(dw_tcb *t, const dw_tcp_news *n)
{
    if (!dw_tcp_any_resent(t)) t->rec->stamp_set = false;
    if (n->what & DW_NEWS_ECE) dw_tcp_recovery_congested(t, CAUSE(MARKED));
    if (t->cc.state != DW_CONGESTION_CWR) dw_tcp_recovery_open(t);
}

enum what_next { SEND_LOST, SEND_NEW, SEND_NOTHING };

/* RFC 5682 section 3, and what else an ACK means after a timeout. */
static enum what_next in_loss(dw_tcb *t, const dw_seg *s, dw_tcp_news *n, uint64_t duplicates)
{
    dw_tcp_recovery *r = t->rec;
    bool advanced = n->what & DW_NEWS_ADVANCED, recovered = seq_leq(r->high_seq, t->snd_una);
    if (advanced && dw_tcp_undo_loss(t, s, false)) return SEND_LOST;
    if (r->frto) {
        /* Step 3 b): data that was sent once only has come, so the timeout was too early. */
        if (n->what & DW_NEWS_ORIGINAL && dw_tcp_undo_loss(t, s, true)) return SEND_LOST;
        if (seq_lt(r->high_seq, t->snd_nxt)) {
            if (n->what & DW_NEWS_SACKED || duplicates) r->frto = false; /* step 3 a) */
        } else if (advanced && !recovered) {
            r->high_seq = t->snd_nxt;
            bool window = seq_lt(t->snd_nxt, t->snd_una + t->snd_wnd);
            if (t->unsent.bytes > 0 && window) return SEND_NEW; /* step 2 b) */
            r->frto = false;
        }
    }
    if (recovered) {
        dw_tcp_undo_recovery(t, s);
        return SEND_LOST;
    }
    if (!t->sack_ok) {
        if (seq_lt(r->high_seq, t->snd_nxt) && duplicates)
            emulate_sack(t, n, duplicates);
        else if (advanced)
            r->emulated = 0;
    }
    return SEND_LOST;
}

static bool loss_is_evident(const dw_tcb *t)
{
    return t->rec->lost > 0;
}

/* RFC 2018 section 8: the cumulative ACK covers only part of what was SACKed.  The receiver may
 * have dropped it; if the next ACK does not say otherwise, it is sent again. */
static bool may_have_reneged(dw_tcb *t, const dw_tcp_news *n)
{
    if (!(n->what & DW_NEWS_ADVANCED) || t->rtx.count == 0) return false;
    return dw_segment_at(&t->rtx, 0)->marks & DW_MARK_SACKED;
}

/* An ACK that is not just the next one: where does it leave us? */
static enum what_next dubious_ack(dw_tcb *t, const dw_seg *s, dw_tcp_news *n, uint64_t duplicates)
{
    dw_tcp_recovery *r = t->rec;
    bool ece = n->what & DW_NEWS_ECE, advanced = n->what & DW_NEWS_ADVANCED;
    enum what_next next = SEND_LOST;
    if (ece) r->prior_ssthresh = 0; /* congestion is certain: nothing is undone */
    if (may_have_reneged(t, n)) {
        dw_time half = t->srtt > 0 ? t->srtt / 2 : 0;
        if (half < 10 * DW_MILLISECOND) half = 10 * DW_MILLISECOND;
        dw_tcp_timer_stop(t, DW_TCP_TIMER_PROBE);
        dw_tcp_timer_stop(t, DW_TCP_TIMER_REORDER);
        dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, half, CAUSE(RENEGED));
        n->what &= ~(uint32_t)DW_NEWS_SET_TIMER;
        return SEND_NOTHING;
    }
    if (t->cc.state == DW_CONGESTION_OPEN) {
        r->stamp_set = false;
    } else if (seq_leq(r->high_seq, t->snd_una)) {
        if (t->cc.state == DW_CONGESTION_CWR && t->snd_una != r->high_seq) {
            end_reduction(t);
            dw_tcp_recovery_state(t, DW_CONGESTION_OPEN, NULL);
        } else if (t->cc.state == DW_CONGESTION_RECOVERY) {
            if (!t->sack_ok) r->emulated = 0;
            if (dw_tcp_undo_recovery(t, s)) return SEND_NOTHING;
            end_reduction(t);
        }
    }
    switch ((enum dw_congestion_state)t->cc.state) {
    case DW_CONGESTION_RECOVERY:
        if (!advanced)
            emulate_sack(t, n, duplicates);
        else if (dw_tcp_undo_partial(t, s, n))
            return SEND_NOTHING;
        if (dw_tcp_undo_by_dsack(t)) try_to_open(t, n);
        find_lost(t, n);
        if (t->cc.state == DW_CONGESTION_RECOVERY) return SEND_LOST;
        if (!loss_is_evident(t)) return SEND_LOST;
        dw_tcp_recovery_enter(t, ece);
        return SEND_LOST;
    case DW_CONGESTION_LOSS:
        next = in_loss(t, s, n, duplicates);
        find_lost(t, n);
        if (t->cc.state != DW_CONGESTION_OPEN && !(n->what & DW_NEWS_LOST_AGAIN)) return next;
        break;
    case DW_CONGESTION_OPEN:
    case DW_CONGESTION_DISORDER:
    case DW_CONGESTION_CWR: break;
    }
    if (!t->sack_ok) {
        if (advanced) r->emulated = 0;
        emulate_sack(t, n, duplicates);
    }
    if (t->cc.state <= DW_CONGESTION_DISORDER) dw_tcp_undo_by_dsack(t);
    find_lost(t, n);
    if (!loss_is_evident(t)) {
        try_to_open(t, n);
        return next;
    }
    if (dw_tcp_mtu_probe_lost(t)) return SEND_NOTHING;
    dw_tcp_recovery_enter(t, ece);
    return SEND_LOST;
}

/* The front of the queue leaves. */
static void remove_acked(dw_tcb *t, uint32_t ack, dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t before = r->out;
    while (t->rtx.count > 0 && seq_leq(dw_segment_end(dw_segment_at(&t->rtx, 0)), ack)) {
        if (dw_segment_at(&t->rtx, 0)->flags & DW_TCP_SYN) t->delivered++;
        dw_tcp_score_acked(t, n);
        dw_segment s = dw_segment_pop(&t->rtx);
        if (s.marks & DW_MARK_BURST_END) t->sent_buffers--;
        r->first++;
        dw_segment_release(&s);
    }
    if (t->rtx.count > 0 && seq_lt(dw_segment_at(&t->rtx, 0)->seq, ack)) {
        dw_segment *s = dw_segment_at(&t->rtx, 0);
        if (s->flags & DW_TCP_SYN) { /* the SYN is acknowledged, the data with it is not */
            s->flags = DW_TCP_ACK | DW_TCP_PSH;
            s->seq++;
            t->delivered++;
            n->acked_sent_at = s->retransmits ? -1 : s->sent_at;
            dw_tcp_score_sent(t, r->first);
        }
        uint64_t units = dw_tcp_units(r, s);
        uint32_t octets = s->len;
        uint8_t marks = s->marks;
        dw_segment_trim_front(s, ack - s->seq);
        uint64_t less = units - dw_tcp_units(r, s);
        octets -= s->len;
        r->out -= less;
        if (marks & DW_MARK_LOST) r->lost -= less;
        if (marks & DW_MARK_RESENT) r->resent -= less;
        if (marks & DW_MARK_SACKED) {
            r->sacked -= less;
            r->sacked_octets -= octets;
            if (r->edge != r->first) r->octets_below -= octets;
        }
        n->delivered += less;
        if (!(marks & DW_MARK_SACKED)) n->octets += octets;
        r->delivered_total += less;
    }
    if (!t->sack_ok) {
        forget_emulated(t, n, before - r->out);
        if (n->what & DW_NEWS_RESENT_ACKED) n->what &= ~(uint32_t)DW_NEWS_ORIGINAL;
    } else if (n->has_hole && seq_lt(n->hole_seq, n->fack_before)) {
        dw_tcp_score_reordering(t, n->hole_seq, n->fack_before);
    }
}

/* RFC 6298 section 3 (Karn), with SACKed segments counting as acknowledged. */
static void take_sample(dw_tcb *t, const dw_seg *s, dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    dw_time now = dw_tcp_now(t), sample = -1;
    bool sure = !(n->what & DW_NEWS_RESENT_ACKED) || !t->tcp->profile.karn;
    if (n->acked_sent_at >= 0 && sure)
        sample = now - n->acked_sent_at;
    else if (n->sacked_sent_at >= 0)
        sample = now - n->sacked_sent_at;
    else if (n->what & DW_NEWS_ADVANCED)
        sample = dw_tcp_stamp_sample(t, s);
    n->rtt = sample;
    if (sample >= 0) {
        if (r->min_rtt == 0 || sample <= r->min_rtt || now - r->min_rtt_at > MIN_RTT_WINDOW) {
            r->min_rtt = sample ? sample : 1;
            r->min_rtt_at = now;
        }
        dw_tcp_rtt_sample(t, sample);
    } else if (n->what & DW_NEWS_ADVANCED && t->tcp->profile.backoff_until == DW_TCP_BACKOFF_ACK) {
        dw_tcp_rtt_restore(t);
    }
}

/* The window may grow on this ACK: on data that was acknowledged; for Linux, where the network
 * reorders much, on any progress. */
static bool may_raise(const dw_tcb *t, const dw_tcp_news *n)
{
    const dw_tcp_recovery *r = t->rec;
    const dw_tcp_profile *p = &t->tcp->profile;
    if (dw_tcp_reducing(t)) return false;
    if (p->cwnd_counts_sacked && r->reordering > p->duplicate_ack_threshold)
        return n->what & (DW_NEWS_DATA_ACKED | DW_NEWS_SACKED);
    return n->what & DW_NEWS_DATA_ACKED;
}

/* Units for which the window may grow.  Either an octet counts when it is delivered, by whichever
 * kind of acknowledgment, or when SND.UNA passes it (RFC 5681 3.1); what passes at the end of a
 * recovery has been taken account of in ssthresh (3.2, step 6). */
static uint64_t units_acked(const dw_tcb *t, const dw_tcp_news *n)
{
    if (t->tcp->profile.cwnd_counts_sacked) return n->delivered;
    return n->delivered - n->sacked + (n->in_order ? n->settled : 0);
}

static bool window_limited(const dw_tcb *t)
{
    const dw_tcp_recovery *r = t->rec;
    if (r->limited) return true;
    return t->cc.cwnd < t->cc.ssthresh && dw_tcp_cwnd_units(t) < 2 * r->most_out;
}

static void control_window(dw_tcb *t, const dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t lost = r->lost_total - n->lost_before;
    uint64_t acked = units_acked(t, n);
    dw_congestion_ack ack = {.now = dw_tcp_now(t),
                             .rtt = n->rtt,
                             .min_rtt = r->min_rtt,
                             .srtt = t->srtt,
                             .acked = acked * dw_tcp_unit(t),
                             .delivered = n->delivered * dw_tcp_unit(t),
                             .lost = lost * dw_tcp_unit(t),
                             .marked = n->marked_octets,
                             .flight = n->flight * dw_tcp_unit(t),
                             .una = t->snd_una,
                             .nxt = t->snd_nxt,
                             .limited = window_limited(t),
                             .paced = t->tcp->profile.pacing || t->cc.pacing_rate};
    dw_tcp_rate_sample(t, n, &ack);
    if (n->rtt >= 0 && DW_OFFERS(dw_congestion_ops, t->cc.ops, on_sample))
        t->cc.ops->on_sample(&t->cc, &ack);
    if (dw_tcp_rules_window(t)) {
        t->cc.ops->control(&t->cc, &ack);
        return;
    }
    if (dw_tcp_reducing(t)) {
        dw_tcp_recovery_reduce(t, n->delivered, lost, n->what & DW_NEWS_ADVANCED);
        return;
    }
    if (!may_raise(t, n) || acked == 0) return;
    if (t->tcp->profile.cwnd_validation && !ack.limited) return;
    t->cc.ops->on_ack(&t->cc, &ack);
}

/* RFC 5681 section 2, less strictly: with SACK, what an ACK tells decides. */
static uint64_t count_duplicates(const dw_tcb *t, const dw_seg *s, const dw_tcp_news *n)
{
    enum { NOT_DUPLICATE = DW_NEWS_ADVANCED | DW_NEWS_DATA | DW_NEWS_WINDOW };
    if (!s || t->rtx.count == 0 || n->what & NOT_DUPLICATE) return 0;
    return s->ack == t->snd_una ? 1 : 0;
}

static bool says_ece(const dw_tcb *t, const dw_seg *s)
{
    if (!s || !t->ecn_ok || t->accurate) return false;
    return (s->flags & (DW_TCP_ECE | DW_TCP_SYN)) == DW_TCP_ECE;
}

static void look_at(dw_tcb *t, const dw_seg *s, dw_tcp_news *n)
{
    if (!s) return;
    if (s->text_len > 0) n->what |= DW_NEWS_DATA;
    bool wider = s->seq == t->snd_wl1 && s->wnd > t->snd_wnd;
    if (wider || seq_lt(t->snd_wl1, s->seq)) n->what |= DW_NEWS_WINDOW;
    if (says_ece(t, s)) n->what |= DW_NEWS_ECE;
}

/* RFC 9768: the bits and the option of an ACK count when it is sure to be the latest, because it
 * acknowledges something new or has a newer timestamp. */
static void take_marks(dw_tcb *t, const dw_seg *s, dw_tcp_news *n, bool handshake)
{
    uint64_t units = n->delivered, mss = t->snd_mss;
    if (!(n->what & (DW_NEWS_ADVANCED | DW_NEWS_SACKED)) && !s->ts_advanced) return;
    const dw_tcp_delivery d = {.segments = t->rec->segments ? units : (units + mss - 1) / mss,
                               .octets = n->octets,
                               .handshake = handshake};
    n->marked = dw_tcp_accurate_acked(t, s, &d);
    if (n->marked > 0) n->what |= DW_NEWS_ECE;
}

void dw_tcp_recovery_ack(dw_tcb *t, const dw_seg *s, uint32_t ack)
{
    dw_tcp_recovery *r = t->rec;
    dw_tcp_news n = {.una = t->snd_una,
                     .ack = ack,
                     .flight = dw_tcp_pipe(r),
                     .in_order = t->cc.state <= DW_CONGESTION_DISORDER,
                     .lost_before = r->lost_total,
                     .rtt = -1,
                     .acked_sent_at = -1,
                     .rate_sent_at = -1,
                     .sacked_sent_at = -1};
    uint64_t delivered = r->delivered_total;
    bool handshake = seq_leq(t->snd_una, t->iss) || (s && s->flags & DW_TCP_SYN);
    look_at(t, s, &n);
    if (s && t->sack_ok)
        dw_tcp_score_sack(t, s, &n);
    else
        n.fack_before = t->snd_una;
    bool outstanding = t->rtx.count > 0, old = seq_lt(ack, t->snd_una);
    if (seq_lt(t->snd_una, ack)) {
        n.what |= DW_NEWS_ADVANCED | DW_NEWS_SET_TIMER;
        n.acked = ack - t->snd_una;
        remove_acked(t, ack, &n);
        t->snd_una = ack;
        dw_tcp_mtu_probe_acked(t);
        t->retransmits = 0;
        t->progress_at = dw_tcp_now(t);
    } else if (n.what & DW_NEWS_SACKED && n.sacked_sent_at >= 0 && t->rtx.count > 0 &&
               n.sacked_sent_at < dw_segment_at(&t->rtx, 0)->sent_at) {
        n.what |= DW_NEWS_SET_TIMER;
    }
    if (t->accurate && s && !old) take_marks(t, s, &n, handshake);
    n.marked_octets =
        t->accurate ? n.marked * t->snd_mss : dw_tcp_ecn_marked(t, s, n.delivered * dw_tcp_unit(t));
    take_sample(t, s, &n);
    if (r->rack && outstanding) dw_tcp_rack_adapt(t, delivered);
    uint64_t duplicates = count_duplicates(t, s, &n);
    if (r->probing) dw_tcp_probe_acked(t, &n);
    enum { ALERT = DW_NEWS_SACKED | DW_NEWS_ECE | DW_NEWS_DSACK };
    bool dubious = duplicates > 0 || n.what & ALERT || t->cc.state != DW_CONGESTION_OPEN;
    enum what_next next = SEND_NEW;
    bool act = outstanding && (old ? n.what & (DW_NEWS_SACKED | DW_NEWS_DSACK) : dubious);
    if (act) next = dubious_ack(t, s, &n, duplicates);
    if (n.what & DW_NEWS_SET_TIMER) dw_tcp_recovery_set_timer(t);
    if (!old) control_window(t, &n);
    uint64_t units = r->segments ? r->delivered_total - delivered : n.delivered / t->snd_mss;
    t->delivered += (uint32_t)units;
    if (says_ece(t, s)) t->delivered_ce += (uint32_t)units;
    if (!act || t->snd_wnd == 0 || next == SEND_NOTHING) return;
    if (next == SEND_NEW) { /* F-RTO, step 2 b) */
        t->sws_override = true;
        dw_tcp_send_new(t);
        if (seq_lt(r->high_seq, t->snd_nxt)) return;
        r->frto = false;
    }
    dw_tcp_recovery_resend(t);
}

uint64_t dw_tcp_recovery_room(const dw_tcb *t)
{
    uint64_t most = dw_tcp_cwnd_units(t), pipe = dw_tcp_pipe(t->rec);
    return most > pipe ? most - pipe : 0;
}

/* New data was sent while the window is being reduced. */
void dw_tcp_recovery_count_sent(dw_tcb *t, uint32_t from)
{
    dw_tcp_recovery *r = t->rec;
    for (uint32_t i = t->rtx.count; i-- > 0 && seq_leq(from, dw_segment_at(&t->rtx, i)->seq);)
        r->prr_out += dw_tcp_units(r, dw_segment_at(&t->rtx, i));
}

/* Was the window, not the user, what limited us?  Asked in each window of data (RFC 7661 3). */
void dw_tcp_recovery_validate(dw_tcb *t, bool limited)
{
    dw_tcp_recovery *r = t->rec;
    bool more = !r->limited && r->out > r->most_out;
    if (!seq_lt(t->snd_una, r->window_end) || limited || more) {
        r->limited = limited;
        r->most_out = r->out;
        r->window_end = t->snd_nxt;
    }
    /* All has left that the send buffer has room for, and the user waits (tcp_cwnd_validate). */
    bool open = t->state == DW_TCP_ESTABLISHED || t->state == DW_TCP_CLOSE_WAIT;
    if (t->writable_wanted && t->unsent.bytes == 0 && open && !window_limited(t))
        t->sndbuf_limited = true;
}

void dw_tcp_recovery_info(const dw_tcb *t, dw_info_fn each, void *ctx)
{
    const dw_tcp_recovery *r = t->rec;
    each(ctx, "ca_state", t->cc.state);
    each(ctx, "pipe", (int64_t)(dw_tcp_pipe(r) * dw_tcp_unit(t)));
    each(ctx, "sacked_out", (int64_t)((r->sacked + r->emulated) / dw_tcp_segment_units(t)));
    each(ctx, "lost_out", (int64_t)(r->lost / dw_tcp_segment_units(t)));
    each(ctx, "resent_out", (int64_t)(r->resent / dw_tcp_segment_units(t)));
    each(ctx, "resent_total", (int64_t)(r->resent_total / dw_tcp_segment_units(t)));
    each(ctx, "reordering", r->reordering);
    each(ctx, "reordering_seen", r->reorderings);
    each(ctx, "duplicates", (int64_t)(r->duplicates / dw_tcp_segment_units(t)));
    each(ctx, "min_rtt_ns", r->min_rtt);
    each(ctx, "rack_window_ns", r->rack ? dw_tcp_rack_window(t) : 0);
    each(ctx, "delivery_rate", (int64_t)r->delivery_rate);
    each(ctx, "delivery_rate_app_limited", r->delivery_limited);
}
