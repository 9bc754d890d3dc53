/* RFC 9293 section 3.10.7.4, "fifth, check the ACK field"; RFC 5681 and RFC 6582 behind it. */
#include "tcp_ack.h"
#include "tcp_accecn.h"
#include "tcp_challenge.h"
#include "tcp_congestion.h"
#include "tcp_delack.h"
#include "tcp_ecn.h"
#include "tcp_ecn_echo.h"
#include "tcp_giveup.h"
#include "tcp_keepalive.h"
#include "tcp_listen.h"
#include "tcp_loss.h"
#include "tcp_negotiate.h"
#include "tcp_plpmtu.h"
#include "tcp_rcvbuf.h"
#include "tcp_reass.h"
#include "tcp_recovery.h"
#include "tcp_recovery_retransmit.h"
#include "tcp_retransmit.h"
#include "tcp_rtt.h"
#include "tcp_scoreboard.h"
#include "tcp_segment.h"
#include "tcp_send.h"
#include "tcp_sendbuf.h"
#include "tcp_sequence.h"
#include "tcp_timestamp.h"
#include "tcp_state.h"
#include "tcp_tcb.h"
#include "tcp_timer.h"
#include "tcp_timewait.h"
#include "tcp_tune.h"

static bool fin_acknowledged(const dw_tcb *t)
{
    return t->fin_sent && (t->snd_una == t->snd_nxt || DEFECT(t, ANY_ACK_CLOSES));
}

/* The segments that an ACK covers leave the queue.  Karn's algorithm (MUST-18): a sample only when
 * none of them was sent twice.  Returns the sample, or -1. */
static dw_time remove_acknowledged(dw_tcb *t, uint32_t ack)
{
    dw_time now = dw_tcp_now(t), sample = -1;
    bool ambiguous = false;
    while (t->rtx.count > 0 && seq_leq(dw_segment_end(dw_segment_at(&t->rtx, 0)), ack)) {
        dw_segment s = dw_segment_pop(&t->rtx);
        if (s.marks & DW_MARK_BURST_END) t->sent_buffers--;
        ambiguous |= s.retransmits > 0 && t->tcp->profile.karn;
        sample = now - s.sent_at;
        t->delivered++;
        dw_segment_release(&s);
    }
    if (t->rtx.count > 0 && seq_lt(dw_segment_at(&t->rtx, 0)->seq, ack)) {
        dw_segment *s = dw_segment_at(&t->rtx, 0);
        if (s->flags & DW_TCP_SYN) { /* the SYN is acknowledged, the data with it is not */
            s->flags = DW_TCP_ACK | DW_TCP_PSH;
            s->seq++;
            t->delivered++;
            sample = ambiguous || s->retransmits ? -1 : now - s->sent_at;
        }
        dw_segment_trim_front(s, ack - s->seq);
    }
    return ambiguous ? -1 : sample;
}

static void tell_room(dw_tcb *t)
{
    if (t->rtx.count == 0 && t->unsent.bytes == 0 && !t->fin_queued)
        dw_tcp_tell(t, DW_SOCKET_DRAINED);
    t->space_due = t->writable_wanted;
    if (t->space_due && !t->tcp->profile.send_whole_buffers) dw_tcp_tell_space(t);
}

/* RFC 6582 section 3.2: an ACK of new data during fast recovery. */
static void new_ack_in_recovery(dw_tcb *t, uint32_t acked)
{
    uint32_t mss = t->snd_mss;
    bool any = t->tcp->profile.recovery == DW_TCP_RECOVERY_RENO; /* RFC 2581 3.2, step 5 */
    if (any || seq_leq(t->recover, t->snd_una)) {                /* a full acknowledgment ends it */
        uint32_t flight = dw_tcp_flight(t);
        uint64_t bound = (uint64_t)(flight > mss ? flight : mss) + mss;
        t->cc.cwnd = t->cc.ssthresh < bound ? t->cc.ssthresh : bound;
        if (!DEFECT(t, P2525_8)) t->inflation = 0;
        t->recovering = false;
        t->duplicate_acks = 0;
        dw_tcp_congestion_state(t, DW_CONGESTION_OPEN);
        return;
    }
    /* A partial one shows the next hole. */
    t->inflation = t->inflation > acked ? t->inflation - acked : 0;
    if (acked >= mss) t->inflation += mss;
    if (t->rtx.count > 0) dw_tcp_retransmit(t, dw_segment_at(&t->rtx, 0), CAUSE(PARTIAL_ACK));
}

/* What any ACK of new data ends. */
static void una_advanced(dw_tcb *t)
{
    if (t->snd_urgent && seq_leq(t->snd_up, t->snd_una)) t->snd_urgent = false;
    t->retransmits = 0;
    t->probing = false;
    t->r1_told = false;
    t->progress_at = dw_tcp_now(t);
    t->empty_replies = 0;
    dw_tcp_tune_acked(t);
}

/* Whether an ACK of so much reports marks. */
static bool reports_marks(dw_tcb *t, const dw_seg *s, uint32_t segments, uint32_t octets)
{
    if (!s || !t->ecn_ok || s->flags & DW_TCP_SYN || t->state < DW_TCP_ESTABLISHED) return false;
    const dw_tcp_delivery d = {.segments = segments, .octets = octets};
    if (t->accurate) return dw_tcp_accurate_acked(t, s, &d) > 0;
    if (!(s->flags & DW_TCP_ECE)) return false;
    t->delivered_ce += segments;
    return true;
}

/* RFC 3168 6.1.2: a mark counts as a loss, but only once in a window of data, and nothing is sent
 * again. */
static void react_to_marks(dw_tcb *t)
{
    if (t->recovering || seq_leq(t->snd_una, t->ecn_recover)) return;
    t->ecn_recover = t->snd_nxt;
    dw_tcp_ecn_window_reduced(t);
    t->cc.ssthresh = t->cc.ops->ssthresh(&t->cc, dw_tcp_flight(t));
    t->cc.cwnd = t->cc.ssthresh;
    dw_tcp_note(t->tcp, t->socket.conn, CAUSE(MARKED));
}

/* What an ACK of new data tells besides how much it covers. */
typedef struct progress {
    const dw_seg *segment; /* that brought it, or NULL */
    uint32_t acked;        /* octets of data: SYN and FIN make no window grow (RFC 5681 3.1) */
    uint32_t flight;       /* octets outstanding before */
    dw_time sample;        /* of the round trip, or -1 */
    bool limited;          /* the window, not the user, held us back */
    bool marked;           /* the network marked something */
} progress;

/* RFC 5681 section 3.1: the window grows with the ACK; before that, a recovery from a timeout may
 * be over. */
static void open_window(dw_tcb *t, const progress *p)
{
    t->duplicate_acks = 0;
    if (t->cc.state == DW_CONGESTION_LOSS && !seq_lt(t->snd_una, t->recover))
        dw_tcp_congestion_state(t, DW_CONGESTION_OPEN);
    if (DEFECT(t, P2525_6) && t->cc.cwnd >= t->cc.ssthresh) t->cc.cwnd += t->cc.mss / 8;
    const dw_congestion_ack news = {.now = t->progress_at,
                                    .rtt = p->sample,
                                    .srtt = t->srtt,
                                    .acked = p->acked,
                                    .delivered = p->acked,
                                    .marked = dw_tcp_ecn_marked(t, p->segment, p->acked),
                                    .flight = p->flight,
                                    .una = t->snd_una,
                                    .nxt = t->snd_nxt,
                                    .limited = p->limited};
    if (p->sample >= 0 && DW_OFFERS(dw_congestion_ops, t->cc.ops, on_sample))
        t->cc.ops->on_sample(&t->cc, &news);
    if (p->acked > 0) t->cc.ops->on_ack(&t->cc, &news);
    if (p->marked) react_to_marks(t);
}

/* Without a scoreboard. */
static void advance_plainly(dw_tcb *t, const dw_seg *s, uint32_t ack)
{
    uint32_t delivered = t->delivered;
    bool handshake = seq_leq(t->snd_una, t->iss), fin = t->fin_sent && ack == t->snd_nxt;
    progress p = {
        .segment = s, .acked = ack - t->snd_una - handshake - fin, .flight = dw_tcp_flight(t)};
    p.limited = (uint64_t)p.flight + t->snd_mss > t->cc.cwnd;
    p.sample = remove_acknowledged(t, ack);
    p.marked = !handshake && reports_marks(t, s, t->delivered - delivered, p.acked);
    if (p.sample < 0) p.sample = dw_tcp_timestamp_sample(t, s); /* not ambiguous, RFC 7323 4 */
    t->last_una = t->snd_una;
    t->snd_una = ack;
    una_advanced(t);
    dw_tcp_mtu_probe_acked(t);
    if (p.sample >= 0)
        dw_tcp_rtt_sample(t, p.sample);
    else if (t->tcp->profile.backoff_until == DW_TCP_BACKOFF_ACK)
        dw_tcp_rtt_restore(t);
    if (t->state >= DW_TCP_ESTABLISHED) {
        if (t->recovering)
            new_ack_in_recovery(t, p.acked);
        else
            open_window(t, &p);
    }
    /* RFC 6298 (5.2) and (5.3). */
    if (t->rtx.count == 0)
        dw_tcp_timer_stop(t, DW_TCP_TIMER_RETRANSMIT);
    else
        dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, dw_tcp_rto_restarted(t), CAUSE(RESTARTED));
}

void dw_tcp_advance_una(dw_tcb *t, const dw_seg *s, uint32_t ack)
{
    DW_ASSERT(seq_lt(t->snd_una, ack));
    DW_ASSERT(seq_leq(ack, t->snd_nxt));
    if (t->rec) {
        dw_tcp_recovery_ack(t, s, ack);
        una_advanced(t);
    } else {
        advance_plainly(t, s, ack);
    }
    tell_room(t);
}

/* RFC 5681 section 2: the five marks of a duplicate acknowledgment. */
static bool is_duplicate(const dw_tcb *t, const dw_seg *s)
{
    return t->rtx.count > 0 && s->text_len == 0 && !(s->flags & (DW_TCP_SYN | DW_TCP_FIN)) &&
           s->ack == t->snd_una && s->wnd == t->snd_wnd && !t->probing;
}

/* 4.3BSD Tahoe: a loss is a loss, whoever tells of it (Jacobson 1988). */
static void back_to_slow_start(dw_tcb *t)
{
    t->recover = t->snd_nxt;
    t->cc.ssthresh = t->cc.ops->ssthresh(&t->cc, dw_tcp_flight(t));
    t->cc.ops->on_timeout(&t->cc);
    dw_tcp_ecn_window_reduced(t);
    t->duplicate_acks = 0;
    dw_tcp_retransmit(t, dw_segment_at(&t->rtx, 0), CAUSE(FAST_RETRANSMIT));
    /* And all after it, as the window allows.  It may have taken in the next ones (collapse). */
    t->retransmit_nxt = dw_segment_end(dw_segment_at(&t->rtx, 0));
    t->retransmit_end = t->snd_nxt;
}

/* RFC 5681 section 3.2. */
static void duplicate_ack(dw_tcb *t)
{
    uint32_t mss = t->snd_mss;
    t->duplicate_acks++;
    if (t->recovering) {
        t->inflation += mss;
        return;
    }
    if (t->duplicate_acks < dw_tcp_duplicate_threshold(t)) return;
    if (!dw_tcp_duplicates_count(t) || dw_tcp_mtu_probe_lost(t)) return;
    if (t->tcp->profile.recovery == DW_TCP_RECOVERY_TAHOE) {
        back_to_slow_start(t);
        return;
    }
    t->cc.ssthresh = t->cc.ops->ssthresh(&t->cc, dw_tcp_flight_at_loss(t));
    t->recovering = true;
    dw_tcp_congestion_state(t, DW_CONGESTION_RECOVERY);
    t->recover = t->snd_nxt;
    t->cc.cwnd = t->cc.ssthresh;
    dw_tcp_ecn_window_reduced(t);
    t->inflation = 3 * (uint64_t)mss;
    dw_tcp_retransmit(t, dw_segment_at(&t->rtx, 0), CAUSE(FAST_RETRANSMIT));
    for (uint32_t i = 1; DEFECT(t, P2525_14) && i < t->rtx.count && i < 4; i++)
        dw_tcp_retransmit(t, dw_segment_at(&t->rtx, i), CAUSE(FAST_RETRANSMIT));
}

/* A window that opens lets a probe's octet go for good, in a segment as long as others. */
static void window_opened(dw_tcb *t)
{
    dw_tcp_timer_stop(t, DW_TCP_TIMER_PERSIST);
    t->window_backoff = 0;
    if (!t->probing) return;
    t->probing = false;
    dw_tcp_fill_probe(t);
    dw_tcp_retransmit_all(t, DW_TCP_RESEND_OPENED);
}

void dw_tcp_update_window(dw_tcb *t, const dw_seg *s)
{
    /* MUST-34 and the WL1, WL2 test: an old segment must not bring back an old window. */
    bool newer = seq_lt(t->snd_wl1, s->seq), same = t->snd_wl1 == s->seq;
    if (t->tcp->profile.keep_send_window) { /* tcp_may_update_window */
        bool opens = s->wnd > t->snd_wnd || s->wnd == 0;
        if (!newer && !seq_lt(t->snd_wl2, s->ack) && !(same && opens)) return;
    } else if (!newer && !(same && seq_leq(t->snd_wl2, s->ack))) {
        return;
    }
    bool was_closed = t->snd_wnd == 0;
    /* 2.12: the probe was kept, so the window must be open; no more probes, and no update comes. */
    if (t->probing && s->wnd == 0 && DEFECT(t, P2525_12))
        dw_tcp_timer_stop(t, DW_TCP_TIMER_PERSIST);
    t->snd_wnd = s->wnd;
    t->snd_wl1 = s->seq;
    t->snd_wl2 = s->ack;
    if (t->snd_wnd > t->max_snd_wnd) t->max_snd_wnd = t->snd_wnd;
    if (was_closed && t->snd_wnd > 0) window_opened(t);
}

/* What is acknowledged comes out of the window, whose right edge stays where the peer put it until
 * the segment is found to tell of a newer one: recovery may send before that, and an ACK that is
 * too old to tell may move SND.UNA, but must not move the edge along (3.8.6). */
static void take_from_window(dw_tcb *t, uint32_t acked)
{
    t->snd_wnd = t->snd_wnd > acked ? t->snd_wnd - acked : 0;
}

/* ESTABLISHED STATE, which most others begin with. */
static int established_ack(dw_tcb *t, dw_seg *s)
{
    if (seq_lt(t->snd_nxt, s->ack))
        return dw_tcp_ack_and_drop(t, s, CAUSE(DROP_ACK_RANGE), CAUSE(CHALLENGE_ACK));
    if (seq_lt(t->snd_una, s->ack)) {
        take_from_window(t, s->ack - t->snd_una);
        dw_tcp_advance_una(t, s, s->ack);
    } else if (t->rec) {
        dw_tcp_recovery_ack(t, s, s->ack);
    } else if (is_duplicate(t, s)) {
        duplicate_ack(t);
    }
    if (seq_leq(t->snd_una, s->ack)) dw_tcp_update_window(t, s);
    /* MUST-37: while the peer answers, a closed window is no reason to give up. */
    if (t->snd_wnd == 0) t->progress_at = dw_tcp_now(t);
    t->window_probes = 0;
    t->soft_error = 0; /* the way is open */
    return PROCEED;
}

/* The user does not keep up, and the peer is to know. */
static void refuse(dw_tcb *t, const dw_seg *s)
{
    dw_tcp_reset_reply(t->tcp, s, t, CAUSE(ACCEPT_OVERFLOW));
    dw_tcp_back_to_listen(t, CAUSE(ACCEPT_OVERFLOW));
}

/* Our SYN is acknowledged: the handshake is complete. */
static int syn_received_ack(dw_tcb *t, dw_seg *s)
{
    if (!seq_lt(t->snd_una, s->ack) || seq_lt(t->snd_nxt, s->ack)) {
        dw_tcp_reset_reply(t->tcp, s, t, CAUSE(RESET_BAD_ACK));
        s->drop = CAUSE(DROP_ACK_RANGE);
        return DROP;
    }
    if (t->place == DW_TCP_PLACE_HALF_OPEN && dw_tcp_accept_deferred(t, s)) {
        s->drop = CAUSE(DROP_DEFERRED);
        return DROP;
    }
    if (t->place == DW_TCP_PLACE_HALF_OPEN && !dw_tcp_listener_has_room(t)) {
        s->drop = CAUSE(DROP_ACCEPT_FULL); /* our SYN,ACK will be sent again */
        if (t->tcp->profile.overflow_resets) refuse(t, s);
        return DROP;
    }
    dw_tcp_set_state(t, DW_TCP_ESTABLISHED, CAUSE(SYN_ACKED));
    dw_tcp_time_wait_forget_parked(t);
    t->snd_wl1 = s->seq - 1; /* so that the update below always takes place */
    dw_tcp_ecn_third_ack(t, s);
    dw_tcp_ecn_acceptable(t, s);
    /* To Linux the connection begins here, but for a fast open (tcp_create_openreq_child). */
    if (t->tcp->profile.send_whole_buffers && t->passive && !t->fast) t->max_snd_wnd = 0;
    dw_tcp_update_window(t, s);
    dw_tcp_advance_una(t, s, s->ack);
    if (t->rtx.count == 0) dw_segment_clear(&t->rtx); /* the SYN's place; it may stay idle long */
    dw_tcp_rtt_after_syn(t);
    dw_tcp_window_after_syn(t);
    dw_tcp_rcvbuf_begin(t);
    if (dw_tcp_deliver_out_of_order(t)) {
        dw_tcp_ack_later(t, CAUSE(ACK_OF_DATA));
        dw_tcp_trim(t, s); /* the window has moved under it */
    }
    if (t->place == DW_TCP_PLACE_HALF_OPEN) dw_tcp_listener_completed(t);
    dw_tcp_tune_space(t);
    dw_tcp_keepalive_start(t);
    dw_tcp_tell(t, DW_SOCKET_CONNECTED | DW_SOCKET_WRITABLE);
    if (t->fin_queued) dw_tcp_set_state(t, DW_TCP_FIN_WAIT_1, CAUSE(USER_CLOSE));
    return PROCEED;
}

int dw_tcp_fifth_check_ack(dw_tcb *t, dw_seg *s)
{
    if (!(s->flags & DW_TCP_ACK)) {
        s->drop = CAUSE(DROP_NO_ACK);
        return DROP;
    }
    if (t->state == DW_TCP_SYN_RECEIVED) return syn_received_ack(t, s);
    /* RFC 5961 section 5.2: too old is as bad as not yet sent (MAY-12). */
    if (t->tcp->profile.ack_check == DW_TCP_RULE_RFC5961 &&
        seq_lt(s->ack, t->snd_una - t->max_snd_wnd))
        return dw_tcp_ack_and_drop(t, s, CAUSE(DROP_ACK_RANGE), CAUSE(CHALLENGE_ACK));
    if (established_ack(t, s) == DROP) return DROP;
    if (!fin_acknowledged(t)) return PROCEED;
    if (t->rtx.count > 0) { /* a defect: the FIN counts as acknowledged all the same */
        dw_segment_clear(&t->rtx);
        t->sent_buffers = 0;
        if (t->rec) dw_tcp_score_rebuild(t);
        dw_tcp_timer_stop(t, DW_TCP_TIMER_RETRANSMIT);
        dw_tcp_timer_stop(t, DW_TCP_TIMER_REORDER);
        dw_tcp_timer_stop(t, DW_TCP_TIMER_PROBE);
        t->snd_una = t->snd_nxt;
    }
    switch ((enum dw_tcp_state)t->state) {
    case DW_TCP_FIN_WAIT_1:
        dw_tcp_set_state(t, DW_TCP_FIN_WAIT_2, CAUSE(FIN_ACKED));
        dw_tcp_tell(t, DW_SOCKET_DRAINED);
        dw_tcp_start_finwait2_timeout(t);
        return PROCEED;
    case DW_TCP_CLOSING: dw_tcp_enter_time_wait(t, CAUSE(FIN_ACKED)); return PROCEED;
    case DW_TCP_LAST_ACK: dw_tcp_delete(t, DW_OK, CAUSE(FIN_ACKED)); return DROP;
    case DW_TCP_CLOSED:
    case DW_TCP_LISTEN:
    case DW_TCP_SYN_SENT:
    case DW_TCP_SYN_RECEIVED:
    case DW_TCP_ESTABLISHED:
    case DW_TCP_FIN_WAIT_2:
    case DW_TCP_CLOSE_WAIT:
    case DW_TCP_TIME_WAIT:
    case DW_TCP_STATES: return PROCEED;
    }
    return PROCEED;
}
