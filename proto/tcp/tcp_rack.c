/* RFC 8985 section 6: RACK, what time says of losses.  tcp_loss.c marks them, and sets the timer.
 */
#include "tcp_rack.h"
#include "tcp_scoreboard.h"

static dw_time min_rtt(const dw_tcb *t)
{
    return t->rec->min_rtt > 0 ? t->rec->min_rtt : 0;
}

/* 6.2 step 2: the segment sent last among those delivered.  One that was sent again, and came
 * sooner than the path allows, was its first transmission. */
void dw_tcp_rack_advance(dw_tcb *t, const dw_segment *s)
{
    dw_tcp_recovery *r = t->rec;
    dw_time rtt = dw_tcp_now(t) - s->sent_at;
    if (s->marks & DW_MARK_EVER_RETRANSMITTED && rtt < min_rtt(t)) return;
    r->rack_advanced = true;
    r->rack_rtt = rtt;
    if (!dw_tcp_rack_sent_after(s->sent_at, dw_segment_end(s), r->rack_sent_at, r->rack_end))
        return;
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
    dw_time window = min_rtt(t) / 4 * r->rack_steps, max = t->srtt > 0 ? t->srtt : 0;
    return window < max ? window : max;
}

dw_time dw_tcp_rack_left(const dw_tcb *t, const dw_segment *s, dw_time window)
{
    return t->rec->rack_rtt + window - (dw_tcp_now(t) - s->sent_at);
}

/* 6.2 step 4: once in a round trip a DSACK widens the window; it narrows again after 16 recoveries
 * without one. */
void dw_tcp_rack_adapt(dw_tcb *t, uint64_t delivered_before)
{
    enum { MAX_STEPS = 255, RECOVERIES = 16 };
    dw_tcp_recovery *r = t->rec;
    if (delivered_before < r->rack_round) r->rack_dsack = false;
    if (r->rack_dsack) {
        if (r->rack_steps < MAX_STEPS) r->rack_steps++;
        r->rack_dsack = false;
        r->rack_round = r->delivered_total;
        r->rack_persist = RECOVERIES;
    } else if (r->rack_persist == 0) {
        r->rack_steps = 1;
    }
}
