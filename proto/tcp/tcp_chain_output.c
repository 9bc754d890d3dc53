/* What leaves of a chain of buffers (tcp_chain.h), and when (tcp_write_xmit). */
#include "tcp_chain.h"
#include "tcp_accecn.h"
#include "tcp_local_drop.h"
#include "tcp_loss.h"
#include "tcp_pace.h"
#include "tcp_scoreboard.h"
#include "tcp_send.h"
#include "tcp_sendbuf.h"

/* Segments that the congestion window allows, at most half of it at once (tcp_cwnd_test). */
static uint32_t quota_of(const dw_tcb *t)
{
    uint64_t mss = t->snd_mss, cwnd = t->cc.cwnd / mss, half = cwnd > 1 ? cwnd / 2 : 1, room;
    if (t->rec) {
        room = dw_tcp_recovery_room(t) / dw_tcp_segment_units(t);
    } else {
        uint64_t max = t->cc.cwnd + t->inflation + dw_tcp_limited_transmit(t);
        uint64_t flight = dw_tcp_flight(t);
        room = max > flight ? (max - flight) / mss : 0;
    }
    return (uint32_t)(room < half ? room : half);
}

/* The head takes over what follows it, as far as the burst goes (tcp_grow_skb). */
static void grow_head(dw_tcb *t, uint32_t max)
{
    dw_tcp_chain *c = t->chain;
    while (c->count > 1 && !dw_tcp_chain_at(c, 0)->record) {
        dw_tcp_buffer *head = dw_tcp_chain_at(c, 0), *next = dw_tcp_chain_at(c, 1);
        uint32_t len = head->end - t->snd_nxt, more = next->end - head->end;
        if (len >= max) return;
        if (more > max - len) {
            head->end += max - len;
            return;
        }
        next->push |= head->push;
        dw_tcp_chain_remove_first(c);
        return; /* one step in each round, as there */
    }
}

/* A partial segment is held back (tcp_nagle_check). */
static bool holds(const dw_tcb *t, bool partial, uint32_t nagle)
{
    if (!partial) return false;
    return nagle & DW_TCP_NAGLE_CORK || (nagle == 0 && t->rtx.count > 0 && dw_tcp_held_by_nagle(t));
}

/* Wait for the ACK that is about to come, so that more can go at once? (tcp_tso_should_defer) */
static bool defers(dw_tcb *t, uint32_t len, uint32_t window, uint32_t quota, uint32_t burst,
                   bool alone)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    uint64_t room =
        (t->rec ? dw_tcp_recovery_room(t) / dw_tcp_segment_units(t) : quota) * (uint64_t)t->snd_mss;
    uint64_t limit = window < room ? window : room;
    if (p->tso_win_divisor == 0 || t->rtx.count == 0) return false;
    if (t->rec && t->cc.state >= DW_CONGESTION_RECOVERY) return false;
    dw_time now = dw_tcp_now(t);
    if (now - t->burst_at >= DW_MILLISECOND) return false;
    if (limit >= (uint64_t)burst * t->snd_mss || (!alone && limit >= len)) return false;
    uint64_t all = t->cc.cwnd < t->snd_wnd ? t->cc.cwnd : t->snd_wnd;
    if (limit >= all / p->tso_win_divisor) return false;
    dw_time near = t->srtt / 2 < DW_MILLISECOND ? t->srtt / 2 : DW_MILLISECOND;
    if (dw_segment_at(&t->rtx, 0)->sent_at + t->srtt - now > near) return false;
    if (room < window && room <= len)
        t->cwnd_limited = true;
    else if (room < window || window > len)
        return !(alone && t->fin_queued) && !dw_tcp_chain_first(t)->record;
    return true;
}

/* How much of the head leaves now (tcp_mss_split_point). */
static uint32_t split_point(const dw_tcb *t, uint32_t len, uint32_t window, uint32_t quota,
                            bool alone, uint32_t nagle)
{
    uint32_t mss = dw_tcp_current_mss(t);
    if (len <= mss || t->snd_urgent) return mss;
    uint64_t max = (uint64_t)mss * quota;
    if (max <= window && !alone) return (uint32_t)max;
    uint32_t needed = len < window ? len : window, partial = needed % mss;
    if (max <= needed) return (uint32_t)max;
    return holds(t, partial > 0, nagle) ? needed - partial : needed;
}

/* The first octets of the head leave as one buffer. */
static bool send_buffer(dw_tcb *t, uint32_t len, bool fin)
{
    dw_tcp_buffer head = *dw_tcp_chain_first(t);
    uint32_t mss = dw_tcp_current_mss(t), count = (len + mss - 1) / mss, left = len;
    bool whole = t->snd_nxt + len == head.end;
    if (dw_tcp_refused(t)) return false;
    if (whole) dw_tcp_chain_remove_first(t->chain);
    while (left > 0) {
        uint32_t part = left < mss ? left : mss;
        left -= part;
        uint8_t flags = left == 0 && whole && head.push ? DW_TCP_PSH : 0;
        if (left == 0 && fin) flags |= DW_TCP_FIN;
        uint8_t marks = left > 0 ? 0 : DW_MARK_BURST_END;
        if (left == 0 && whole && head.record) marks |= DW_MARK_RECORD_END;
        t->push_next = left == 0 && count > 1; /* each time that several go at once */
        if (!dw_tcp_send_data(t, part, flags, marks)) return false;
    }
    dw_tcp_burst_sent(t, len, count);
    if (t->writable_wanted) dw_tcp_tell_space(t); /* tcp_event_new_data_sent */
    return true;
}

static bool fin_waits(const dw_tcb *t)
{
    return t->fin_queued && !t->fin_sent;
}

/* One round of tcp_write_xmit; false: no more can leave now. */
static bool send_head(dw_tcb *t, uint32_t nagle, bool one)
{
    uint32_t quota = quota_of(t), burst = dw_tcp_burst_max(t), mss = dw_tcp_current_mss(t);
    uint32_t edge = t->snd_una + t->snd_wnd;
    uint32_t window = seq_lt(t->snd_nxt, edge) ? edge - t->snd_nxt : 0;
    if (!dw_tcp_chain_first(t) && !fin_waits(t)) return false;
    if (dw_tcp_pace_waits(t)) return false;
    if (quota == 0) return false;
    if (!dw_tcp_chain_first(t)) {
        if (window == 0)
            t->rwnd_limited = true;
        else
            dw_tcp_send_data(t, 0, DW_TCP_FIN, DW_MARK_BURST_END);
        return false;
    }
    if (burst == 0) burst = 1;
    if (quota > burst) quota = burst;
    grow_head(t, quota * mss);
    bool alone = t->chain->count == 1, fin = alone && fin_waits(t);
    uint32_t len = dw_tcp_chain_first(t)->end - t->snd_nxt;
    if (window < (len < mss ? len : mss)) {
        t->rwnd_limited = true;
        return false;
    }
    uint32_t now = alone ? nagle : DW_TCP_NAGLE_PUSH;
    if (len <= mss) {
        if (!(now & DW_TCP_NAGLE_PUSH) && !fin && !t->snd_urgent && holds(t, len < mss, now))
            return false;
    } else if (!one && defers(t, len, window, quota, burst, alone)) {
        t->rwnd_limited |= !t->cwnd_limited && window <= len;
        return false;
    }
    uint32_t max = split_point(t, len, window, quota, alone, now);
    if (max < len) len = max;
    fin &= t->snd_nxt + len == dw_tcp_chain_first(t)->end && window > len;
    return send_buffer(t, len, fin) && !one;
}

void dw_tcp_chain_output(dw_tcb *t)
{
    uint32_t nagle = t->nagle_given ? t->nagle_now : dw_tcp_chain_nagle(t);
    dw_tcp_chain_fit(t);
    t->rwnd_limited = t->cwnd_limited = false;
    while (send_head(t, nagle, t->push_one)) {
    }
    if (t->unsent.bytes == 0) t->sws_override = false;
}

/* RFC 8985 7.3: one segment of new data, whatever the congestion window says. */
void dw_tcp_chain_probe(dw_tcb *t)
{
    dw_tcp_chain_fit(t);
    if (!dw_tcp_chain_first(t)) {
        if (fin_waits(t) && dw_tcp_flight(t) < t->snd_wnd)
            dw_tcp_send_data(t, 0, DW_TCP_FIN, DW_MARK_BURST_END);
        return;
    }
    uint32_t mss = dw_tcp_current_mss(t), len = dw_tcp_chain_first(t)->end - t->snd_nxt;
    if (len > mss) len = mss;
    if (dw_tcp_flight(t) + len > t->snd_wnd) return;
    bool whole = t->snd_nxt + len == dw_tcp_write_seq(t);
    send_buffer(t, len, whole && fin_waits(t) && dw_tcp_flight(t) + len < t->snd_wnd);
}

/* The probe timer expired, and the window is not closed: what was held back leaves, with PSH
 * (tcp_write_wakeup).  False: there is nothing that may. */
bool dw_tcp_chain_wakeup(dw_tcb *t)
{
    dw_tcp_chain_fit(t);
    uint32_t window = t->snd_wnd > dw_tcp_flight(t) ? t->snd_wnd - dw_tcp_flight(t) : 0;
    if (!dw_tcp_chain_first(t) || window == 0) return false;
    uint32_t mss = dw_tcp_current_mss(t), len = dw_tcp_chain_first(t)->end - t->snd_nxt, max = len;
    if (seq_lt(t->push_seq, dw_tcp_chain_first(t)->end)) t->push_seq = dw_tcp_chain_first(t)->end;
    dw_tcp_chain_first(t)->push = true;
    if (max > window) max = window;
    if (max > mss) max = mss;
    if (max < len) { /* the rest keeps its PSH, this part has one, too */
        dw_tcp_send_data(t, max, DW_TCP_PSH, DW_MARK_BURST_END);
        dw_tcp_burst_sent(t, max, 1);
        return true;
    }
    bool fin = t->chain->count == 1 && fin_waits(t) && window > len;
    return send_buffer(t, len, fin);
}
