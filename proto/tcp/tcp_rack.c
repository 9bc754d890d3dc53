/* RFC 8985: RACK, which finds losses by time, and the tail loss probe. */
#include "tcp.h"

/* What a timer cannot be more exact than: added where a wait should not end too early. */
#define SLACK (2 * DW_MILLISECOND)

static dw_time min_rtt(const dw_tcb *t)
{
    return t->rec->min_rtt > 0 ? t->rec->min_rtt : 0;
}

static bool sent_after(dw_time a, uint32_t end_a, dw_time b, uint32_t end_b)
{
    return a > b || (a == b && seq_lt(end_b, end_a));
}

/* 6.2 step 2: the segment sent last among those delivered.  One that was sent again, and came
 * sooner than the path allows, was its first transmission. */
void dw_tcp_rack_advance(dw_tcb *t, const dw_segment *s)
{
    dw_tcp_recovery *r = t->rec;
    dw_time rtt = dw_tcp_now(t) - s->sent_at;
    if (s->marks & DW_MARK_EVER_RESENT && rtt < min_rtt(t)) return;
    r->rack_advanced = true;
    r->rack_rtt = rtt;
    if (!sent_after(s->sent_at, dw_segment_end(s), r->rack_sent_at, r->rack_end)) return;
    r->rack_sent_at = s->sent_at;
    r->rack_end = dw_segment_end(s);
}

/* 6.2 step 4: a quarter of the least round trip, more when DSACKs say that it was too little, none
 * when nothing was ever reordered and there is enough evidence besides. */
dw_time dw_tcp_rack_window(const dw_tcb *t)
{
    const dw_tcp_recovery *r = t->rec;
    if (r->reorderings == 0) {
        if (t->cc.state >= DW_CONGESTION_RECOVERY) return 0;
        uint64_t enough = r->segments ? r->reordering : (uint64_t)r->reordering * t->snd_mss;
        if (r->sacked >= enough) return 0;
    }
    dw_time window = min_rtt(t) / 4 * r->rack_steps, most = t->srtt > 0 ? t->srtt : 0;
    return window < most ? window : most;
}

dw_time dw_tcp_rack_left(const dw_tcb *t, const dw_segment *s, dw_time window)
{
    return t->rec->rack_rtt + window - (dw_tcp_now(t) - s->sent_at);
}

/* 6.2 step 5.  Returns how long to wait for the rest, 0: there is none. */
static dw_time detect(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    dw_time window = dw_tcp_rack_window(t), wait = 0;
    for (uint32_t i = r->oldest, next; i != DW_SEGMENT_NONE; i = next) {
        const dw_segment *s = dw_tcp_numbered(t, i);
        next = s->newer;
        if (!sent_after(r->rack_sent_at, r->rack_end, s->sent_at, dw_segment_end(s))) break;
        dw_time left = dw_tcp_rack_left(t, s, window);
        if (left <= 0)
            dw_tcp_score_mark_lost(t, i);
        else if (left > wait)
            wait = left;
    }
    return wait;
}

bool dw_tcp_rack_find_lost(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    if (!r->rack_advanced) return false;
    r->rack_advanced = false;
    dw_time wait = detect(t);
    if (wait == 0) return false;
    dw_tcp_timer_stop(t, DW_TCP_TIMER_RETRANSMIT);
    dw_tcp_timer_stop(t, DW_TCP_TIMER_PROBE);
    dw_tcp_timer_set(t, DW_TCP_TIMER_REORDER, wait + SLACK, CAUSE(REORDER_WAIT));
    return true;
}

void dw_tcp_rack_timeout(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t pipe = dw_tcp_pipe(r), lost = r->lost_total;
    detect(t);
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

/* 6.2 step 4: once in a round trip a DSACK widens the window; it narrows again after 16 recoveries
 * without one. */
void dw_tcp_rack_adapt(dw_tcb *t, uint64_t delivered_before)
{
    enum { MOST_STEPS = 255, RECOVERIES = 16 };
    dw_tcp_recovery *r = t->rec;
    if (delivered_before < r->rack_round) r->rack_dsack = false;
    if (r->rack_dsack) {
        if (r->rack_steps < MOST_STEPS) r->rack_steps++;
        r->rack_dsack = false;
        r->rack_round = r->delivered_total;
        r->rack_persist = RECOVERIES;
    } else if (r->rack_persist == 0) {
        r->rack_steps = 1;
    }
}

/* The tail loss probe, section 7. */

/* 7.2: two round trips, and long enough for a delayed ACK of a single segment; but not later than
 * the retransmission timer. */
bool dw_tcp_probe_later(dw_tcb *t, bool advanced)
{
    const dw_tcp_recovery *r = t->rec;
    if (!t->tcp->profile.tail_loss_probe || !t->sack_ok || r->out == 0) return false;
    if (t->cc.state != DW_CONGESTION_OPEN && t->cc.state != DW_CONGESTION_CWR) return false;
    if (t->state == DW_TCP_SYN_RECEIVED) return false;
    dw_time wait = DW_SECOND;
    bool one = r->segments ? r->out == 1 : r->out <= t->snd_mss;
    if (t->srtt > 0) wait = 2 * t->srtt + (one ? t->tcp->profile.probe_ack_delay : SLACK);
    dw_time left = t->rto;
    if (!advanced && t->rtx.count > 0)
        left = dw_segment_at(&t->rtx, 0)->sent_at + t->rto - dw_tcp_now(t);
    if (left > 0 && left < wait) wait = left;
    dw_tcp_timer_stop(t, DW_TCP_TIMER_RETRANSMIT);
    dw_tcp_timer_stop(t, DW_TCP_TIMER_REORDER);
    dw_tcp_timer_set(t, DW_TCP_TIMER_PROBE, wait, CAUSE(PROBE_WAIT));
    return true;
}

/* 7.3: new data if there is any, else the last segment again. */
void dw_tcp_probe_timeout(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    bool sent = false;
    if (!r->probing) {
        r->probe_resent = false;
        uint32_t before = t->snd_nxt;
        dw_tcp_output_probe(t);
        sent = t->snd_nxt != before;
        bool waits = t->unsent.bytes > 0 && t->snd_una + t->snd_wnd != t->snd_nxt;
        if (!sent && !waits && t->rtx.count > 0) {
            dw_segment *last = dw_segment_at(&t->rtx, t->rtx.count - 1);
            r->probe_resent = sent = dw_tcp_retransmit(t, last, CAUSE(TAIL_LOSS_PROBE));
        }
        if (sent) {
            r->probing = true;
            r->probe_end = t->snd_nxt;
        }
    }
    if (sent) {
        dw_tcp_timer_stop(t, DW_TCP_TIMER_REORDER);
        dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, t->rto, CAUSE(TAIL_LOSS_PROBE));
    } else {
        dw_tcp_recovery_rearm(t);
    }
}

/* 7.4: was what the probe replaced lost? */
void dw_tcp_probe_acked(dw_tcb *t, const dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    enum { NOT_DUPLICATE = DW_NEWS_ADVANCED | DW_NEWS_DATA | DW_NEWS_WINDOW | DW_NEWS_SACKED };
    if (!r->probing || seq_lt(n->ack, r->probe_end)) return;
    if (!r->probe_resent || n->what & DW_NEWS_DSACK_PROBE)
        r->probing = false;
    else if (seq_lt(r->probe_end, n->ack))
        dw_tcp_recovery_reduce_once(t);
    else if (!(n->what & NOT_DUPLICATE))
        r->probing = false;
}
