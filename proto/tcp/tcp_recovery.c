/* Loss recovery with a scoreboard: RFC 6675 and RFC 8985 say what is lost, RFC 9937 how much may be
 * sent meanwhile, RFC 5682, RFC 3522 and RFC 3708 whether it was needed at all.
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
#include "tcp_resend.h"
#include "tcp_rtx_timer.h"
#include "tcp_scoreboard.h"
#include "tcp_timer.h"
#include "tcp_tlp.h"
#include "tcp_undo.h"

void dw_tcp_recovery_timeout(dw_tcb *t)
{
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
            dw_tcp_emulate_sack(t, n, duplicates);
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
            dw_tcp_end_reduction(t);
            dw_tcp_recovery_state(t, DW_CONGESTION_OPEN, NULL);
        } else if (t->cc.state == DW_CONGESTION_RECOVERY) {
            if (!t->sack_ok) r->emulated = 0;
            if (dw_tcp_undo_recovery(t, s)) return SEND_NOTHING;
            dw_tcp_end_reduction(t);
        }
    }
    switch ((enum dw_congestion_state)t->cc.state) {
    case DW_CONGESTION_RECOVERY:
        if (!advanced)
            dw_tcp_emulate_sack(t, n, duplicates);
        else if (dw_tcp_undo_partial(t, s, n))
            return SEND_NOTHING;
        if (dw_tcp_undo_by_dsack(t)) try_to_open(t, n);
        dw_tcp_find_lost(t, n);
        if (t->cc.state == DW_CONGESTION_RECOVERY) return SEND_LOST;
        if (!loss_is_evident(t)) return SEND_LOST;
        dw_tcp_recovery_enter(t, ece);
        return SEND_LOST;
    case DW_CONGESTION_LOSS:
        next = in_loss(t, s, n, duplicates);
        dw_tcp_find_lost(t, n);
        if (t->cc.state != DW_CONGESTION_OPEN && !(n->what & DW_NEWS_LOST_AGAIN)) return next;
        break;
    case DW_CONGESTION_OPEN:
    case DW_CONGESTION_DISORDER:
    case DW_CONGESTION_CWR: break;
    }
    if (!t->sack_ok) {
        if (advanced) r->emulated = 0;
        dw_tcp_emulate_sack(t, n, duplicates);
    }
    if (t->cc.state <= DW_CONGESTION_DISORDER) dw_tcp_undo_by_dsack(t);
    dw_tcp_find_lost(t, n);
    if (!loss_is_evident(t)) {
        try_to_open(t, n);
        return next;
    }
    if (dw_tcp_mtu_probe_lost(t)) return SEND_NOTHING;
    dw_tcp_recovery_enter(t, ece);
    return SEND_LOST;
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
    dw_tcp_news_begin(t, s, &n);
    if (s && t->sack_ok)
        dw_tcp_score_sack(t, s, &n);
    else
        n.fack_before = t->snd_una;
    bool outstanding = t->rtx.count > 0, old = seq_lt(ack, t->snd_una);
    if (seq_lt(t->snd_una, ack)) {
        n.what |= DW_NEWS_ADVANCED | DW_NEWS_SET_TIMER;
        n.acked = ack - t->snd_una;
        dw_tcp_news_acked(t, ack, &n);
        t->snd_una = ack;
        dw_tcp_mtu_probe_acked(t);
        t->retransmits = 0;
        t->progress_at = dw_tcp_now(t);
    } else if (n.what & DW_NEWS_SACKED && n.sacked_sent_at >= 0 && t->rtx.count > 0 &&
               n.sacked_sent_at < dw_segment_at(&t->rtx, 0)->sent_at) {
        n.what |= DW_NEWS_SET_TIMER;
    }
    if (t->accurate && s && !old) dw_tcp_news_marks(t, s, &n, handshake);
    n.marked_octets =
        t->accurate ? n.marked * t->snd_mss : dw_tcp_ecn_marked(t, s, n.delivered * dw_tcp_unit(t));
    dw_tcp_news_sample(t, s, &n);
    if (r->rack && outstanding) dw_tcp_rack_adapt(t, delivered);
    uint64_t duplicates = dw_tcp_news_duplicates(t, s, &n);
    if (r->probing) dw_tcp_probe_acked(t, &n);
    enum { ALERT = DW_NEWS_SACKED | DW_NEWS_ECE | DW_NEWS_DSACK };
    bool dubious = duplicates > 0 || n.what & ALERT || t->cc.state != DW_CONGESTION_OPEN;
    enum what_next next = SEND_NEW;
    bool act = outstanding && (old ? n.what & (DW_NEWS_SACKED | DW_NEWS_DSACK) : dubious);
    if (act) next = dubious_ack(t, s, &n, duplicates);
    if (n.what & DW_NEWS_SET_TIMER) dw_tcp_recovery_set_timer(t);
    if (!old) dw_tcp_control_window(t, &n);
    uint64_t units = r->segments ? r->delivered_total - delivered : n.delivered / t->snd_mss;
    t->delivered += (uint32_t)units;
    if (dw_tcp_says_ece(t, s)) t->delivered_ce += (uint32_t)units;
    if (!act || t->snd_wnd == 0 || next == SEND_NOTHING) return;
    if (next == SEND_NEW) { /* F-RTO, step 2 b) */
        t->sws_override = true;
        dw_tcp_send_new(t);
        if (seq_lt(r->high_seq, t->snd_nxt)) return;
        r->frto = false;
    }
    dw_tcp_recovery_resend(t);
}

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
        dw_tcp_recovery_resend(t);
    }
    if (!dw_tcp_timer_runs(t, DW_TCP_TIMER_RETRANSMIT)) dw_tcp_recovery_rearm(t);
    dw_tcp_output(t);
}
