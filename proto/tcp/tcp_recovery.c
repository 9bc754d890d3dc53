/* Loss recovery with a scoreboard: what follows from an acknowledgment or a timeout.  The other
 * files say what is lost, how much may be sent and whether it was needed at all (tcp_recovery.h).
 *
 * The states are Linux's.  Open is the normal one; Disorder says that something came late or twice;
 * CWR, that the window is being reduced because the network is congested; Recovery and Loss, that
 * segments are sent again because ACKs showed them to be lost, or because the timer expired. */
#include "tcp_recovery.h"
#include "tcp_congestion.h"
#include "tcp_cwnd.h"
#include "tcp_ecn.h"
#include "tcp_loss.h"
#include "tcp_news.h"
#include "tcp_output.h"
#include "tcp_plpmtu.h"
#include "tcp_rack.h"
#include "tcp_recovery_retransmit.h"
#include "tcp_rtx_timer.h"
#include "tcp_scoreboard.h"
#include "tcp_timer.h"
#include "tcp_tlp.h"
#include "tcp_undo.h"

/* RFC 5681 section 3.1 and RFC 6675 section 5.1.  ssthresh falls once for the data of an episode,
 * not for each timeout of the same segment; a timeout after so many SACKs says that the network
 * does not reorder as much as was thought (tcp_enter_loss). */
void dw_tcp_recovery_timeout(dw_tcb *t)
{
    DW_ASSERT(t->rtx.count > 0);
    dw_tcp_recovery *r = t->rec;
    bool fresh = t->cc.state < DW_CONGESTION_RECOVERY;
    uint64_t sacked = r->sacked + r->emulated;
    dw_tcp_lose_all(t);
    bool again = t->cc.state == DW_CONGESTION_LOSS && t->retransmits <= 1;
    if (t->cc.state <= DW_CONGESTION_DISORDER || seq_leq(r->high_seq, t->snd_una) || again) {
        r->prior_ssthresh = t->cc.ssthresh;
        dw_tcp_forget_fraction(t);
        r->prior_cwnd = dw_tcp_cwnd_units(t);
        t->cc.ssthresh = t->cc.ops->ssthresh(&t->cc, dw_tcp_flight(t));
        t->cc.ops->on_timeout(&t->cc);
        dw_tcp_undo_remember(t);
    }
    t->cc.cwnd = (dw_tcp_pipe(r) + dw_tcp_segment_units(t)) * dw_tcp_unit(t);
    uint32_t min = t->tcp->profile.duplicate_ack_threshold;
    if (t->cc.state <= DW_CONGESTION_DISORDER && sacked >= min * dw_tcp_segment_units(t) &&
        r->reordering > min)
        r->reordering = min;
    dw_tcp_recovery_state(t, DW_CONGESTION_LOSS, CAUSE(LOSS_BEGINS));
    r->high_seq = t->snd_nxt;
    r->probing = false;
    dw_tcp_ecn_window_reduced(t);
    r->frto = t->tcp->profile.frto && (fresh || t->retransmits > 1);
}

/* Nothing is lost: to Open or Disorder, unless a mark or a reduction that is under way forbids it.
 */
static void try_to_open(dw_tcb *t, const dw_tcp_news *n)
{
    if (!dw_tcp_any_retransmitted(t)) t->rec->timestamp_set = false;
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
            dw_tcp_emulate_sack(t, n, duplicates);
        else if (advanced)
            r->emulated = 0;
    }
    return SEND_LOST;
}

/* RFC 2018 section 8: the cumulative ACK covers only part of what was SACKed.  The receiver may
 * have dropped it. */
static bool may_have_reneged(const dw_tcb *t, const dw_tcp_news *n)
{
    if (!(n->what & DW_NEWS_ADVANCED) || t->rtx.count == 0) return false;
    return dw_segment_at(&t->rtx, 0)->marks & DW_MARK_SACKED;
}

/* If the next ACK does not say otherwise, what was SACKed is sent again (tcp_check_sack_reneging).
 */
static void expect_better(dw_tcb *t, dw_tcp_news *n)
{
    const dw_time min = 10 * DW_MILLISECOND;
    dw_time half = t->srtt > 0 ? t->srtt / 2 : 0;
    dw_tcp_timer_stop(t, DW_TCP_TIMER_PROBE);
    dw_tcp_timer_stop(t, DW_TCP_TIMER_REORDER);
    dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, half > min ? half : min, CAUSE(RENEGED));
    n->what &= ~(uint32_t)DW_NEWS_SET_TIMER;
}

/* All that was outstanding when the present state began is acknowledged: a reduction of the window
 * ends, and Recovery, unless it has to stay (false: there is nothing else to do). */
static bool end_episode(dw_tcb *t, const dw_seg *s)
{
    dw_tcp_recovery *r = t->rec;
    if (t->cc.state == DW_CONGESTION_OPEN) {
        r->timestamp_set = false;
        return true;
    }
    if (seq_lt(t->snd_una, r->high_seq)) return true;
    if (t->cc.state == DW_CONGESTION_CWR && t->snd_una != r->high_seq) {
        dw_tcp_end_reduction(t);
        dw_tcp_recovery_state(t, DW_CONGESTION_OPEN, NULL);
    } else if (t->cc.state == DW_CONGESTION_RECOVERY) {
        if (!t->sack_ok) r->emulated = 0;
        if (dw_tcp_undo_recovery(t, s)) return false;
        dw_tcp_end_reduction(t);
    }
    return true;
}

/* Recovery goes on with the next hole; or it turns out that nothing was lost, and another loss may
 * begin the next one. */
static enum what_next in_recovery(dw_tcb *t, const dw_seg *s, dw_tcp_news *n, uint64_t duplicates)
{
    if (!(n->what & DW_NEWS_ADVANCED))
        dw_tcp_emulate_sack(t, n, duplicates);
    else if (dw_tcp_undo_partial(t, s, n))
        return SEND_NOTHING;
    if (dw_tcp_undo_by_dsack(t)) try_to_open(t, n);
    dw_tcp_find_lost(t, n);
    if (t->cc.state != DW_CONGESTION_RECOVERY && t->rec->lost > 0)
        dw_tcp_recovery_enter(t, n->what & DW_NEWS_ECE);
    return SEND_LOST;
}

/* Open, Disorder and CWR, and Loss where it has just ended or lost a retransmission: does the ACK
 * show a loss?  otherwise: what is to be done if it does not. */
static enum what_next look_for_loss(dw_tcb *t, dw_tcp_news *n, uint64_t duplicates,
                                    enum what_next otherwise)
{
    if (!t->sack_ok) {
        if (n->what & DW_NEWS_ADVANCED) t->rec->emulated = 0;
        dw_tcp_emulate_sack(t, n, duplicates);
    }
    if (t->cc.state <= DW_CONGESTION_DISORDER) dw_tcp_undo_by_dsack(t);
    dw_tcp_find_lost(t, n);
    if (t->rec->lost == 0) {
        try_to_open(t, n);
        return otherwise;
    }
    if (dw_tcp_mtu_probe_lost(t)) return SEND_NOTHING;
    dw_tcp_recovery_enter(t, n->what & DW_NEWS_ECE);
    return SEND_LOST;
}

/* An ACK that is not just the next one: where does it leave us (tcp_fastretrans_alert)? */
static enum what_next dubious_ack(dw_tcb *t, const dw_seg *s, dw_tcp_news *n, uint64_t duplicates)
{
    enum what_next next;
    if (n->what & DW_NEWS_ECE) t->rec->prior_ssthresh = 0; /* congestion is certain: no undoing */
    if (may_have_reneged(t, n)) {
        expect_better(t, n);
        return SEND_NOTHING;
    }
    if (!end_episode(t, s)) return SEND_NOTHING;
    switch ((enum dw_congestion_state)t->cc.state) {
    case DW_CONGESTION_RECOVERY: return in_recovery(t, s, n, duplicates);
    case DW_CONGESTION_LOSS:
        next = in_loss(t, s, n, duplicates);
        dw_tcp_find_lost(t, n);
        if (t->cc.state != DW_CONGESTION_OPEN && !(n->what & DW_NEWS_LOST_AGAIN)) return next;
        return look_for_loss(t, n, duplicates, next);
    case DW_CONGESTION_OPEN:
    case DW_CONGESTION_DISORDER:
    case DW_CONGESTION_CWR: break;
    }
    return look_for_loss(t, n, duplicates, SEND_LOST);
}

/* SND.UNA moves over what the ACK covers.  Where it does not, a SACK of something that was sent
 * before the first segment is progress, too: the timer is about that one (tcp_ack). */
static void advance_una(dw_tcb *t, dw_tcp_news *n)
{
    if (seq_lt(t->snd_una, n->ack)) {
        n->what |= DW_NEWS_ADVANCED | DW_NEWS_SET_TIMER;
        n->acked = n->ack - t->snd_una;
        dw_tcp_news_acked(t, n->ack, n);
        t->snd_una = n->ack;
        dw_tcp_mtu_probe_acked(t);
        t->retransmits = 0;
        t->progress_at = dw_tcp_now(t);
    } else if (n->what & DW_NEWS_SACKED && n->sacked_sent_at >= 0 && t->rtx.count > 0 &&
               n->sacked_sent_at < dw_segment_at(&t->rtx, 0)->sent_at) {
        n->what |= DW_NEWS_SET_TIMER;
    }
}

/* Whether an ACK calls for more than letting the window grow.  An old one tells no more than its
 * SACK blocks do. */
static bool is_dubious(const dw_tcb *t, const dw_tcp_news *n, uint64_t duplicates, bool old)
{
    enum { ALERT = DW_NEWS_SACKED | DW_NEWS_ECE | DW_NEWS_DSACK };
    if (old) return n->what & (DW_NEWS_SACKED | DW_NEWS_DSACK);
    return duplicates > 0 || n->what & ALERT || t->cc.state != DW_CONGESTION_OPEN;
}

/* STATUS counts what was delivered in segments, and those of them that were marked. */
static void count_delivered(dw_tcb *t, const dw_seg *s, const dw_tcp_news *n, uint64_t before)
{
    const dw_tcp_recovery *r = t->rec;
    uint64_t units = r->segments ? r->delivered_total - before : n->delivered / t->snd_mss;
    t->delivered += (uint32_t)units;
    if (dw_tcp_says_ece(t, s)) t->delivered_ce += (uint32_t)units;
}

static void send_next(dw_tcb *t, enum what_next next)
{
    dw_tcp_recovery *r = t->rec;
    if (next == SEND_NOTHING || t->snd_wnd == 0) return;
    if (next == SEND_NEW) { /* F-RTO, step 2 b) */
        t->sws_override = true;
        dw_tcp_send_new(t);
        if (seq_lt(r->high_seq, t->snd_nxt)) return;
        r->frto = false;
    }
    dw_tcp_recovery_retransmit(t);
}

/* The steps are in the order of Linux's tcp_ack: what the ACK tells is collected before anything is
 * concluded from it, and the window is set before anything is sent. */
void dw_tcp_recovery_ack(dw_tcb *t, const dw_seg *s, uint32_t ack)
{
    DW_ASSERT(seq_leq(ack, t->snd_nxt));
    dw_tcp_recovery *r = t->rec;
    uint64_t delivered = r->delivered_total;
    bool handshake = seq_leq(t->snd_una, t->iss) || (s && s->flags & DW_TCP_SYN);
    bool outstanding = t->rtx.count > 0, old = seq_lt(ack, t->snd_una);
    dw_tcp_news n;
    dw_tcp_news_begin(t, s, ack, &n);
    dw_tcp_news_sacked(t, s, &n);
    advance_una(t, &n);
    dw_tcp_news_marks(t, s, &n, handshake, old);
    dw_tcp_news_sample(t, s, &n);
    if (r->rack && outstanding) dw_tcp_rack_adapt(t, delivered);
    uint64_t duplicates = dw_tcp_news_duplicates(t, s, &n);
    if (r->probing) dw_tcp_probe_acked(t, &n);
    enum what_next next = SEND_NOTHING;
    if (outstanding && is_dubious(t, &n, duplicates, old)) next = dubious_ack(t, s, &n, duplicates);
    if (n.what & DW_NEWS_SET_TIMER) dw_tcp_recovery_set_timer(t);
    if (!old) dw_tcp_control_window(t, &n);
    count_delivered(t, s, &n, delivered);
    send_next(t, next);
}

/* What should have arrived by now is lost, and goes again. */
void dw_tcp_rack_timeout(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t pipe = dw_tcp_pipe(r), lost = r->lost_total;
    dw_tcp_rack_detect(t);
    if (dw_tcp_pipe(r) != pipe) {
        if (t->cc.state != DW_CONGESTION_RECOVERY) {
            dw_tcp_recovery_enter(t, false);
            dw_tcp_recovery_reduce(t, r->segments ? 1 : t->snd_mss, r->lost_total - lost, false);
        }
        dw_tcp_recovery_retransmit(t);
    }
    if (!dw_tcp_timer_runs(t, DW_TCP_TIMER_RETRANSMIT)) dw_tcp_recovery_rearm(t);
    dw_tcp_output(t);
}
