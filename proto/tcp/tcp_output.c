/* RFC 9293 sections 3.7 and 3.8: what to send, and when. */
#include "tcp_output.h"
#include "tcp_accecn.h"
#include "tcp_chain.h"
#include "tcp_chrono.h"
#include "tcp_cwnd.h"
#include "tcp_delack.h"
#include "tcp_pace.h"
#include "tcp_plpmtu.h"
#include "tcp_pmtu.h"
#include "tcp_record.h"
#include "tcp_recovery_retransmit.h"
#include "tcp_retransmit.h"
#include "tcp_rtx_timer.h"
#include "tcp_scoreboard.h"
#include "tcp_segment.h"
#include "tcp_send.h"
#include "tcp_sendbuf.h"
#include "tcp_timer.h"
#include "tcp_trace.h"

/* 3.8.6.2.1, the sender's silly window avoidance, with Nagle's bracketed conditions (3.7.4).  D is
 * what waits, U what the window takes.  Data that was not pushed (MAY-15, MAY-16) waits for a full
 * segment, though not for ever (MUST-60). */
static bool worth_sending(const dw_tcb *t, uint32_t d, uint32_t u, uint32_t mss)
{
    uint32_t max = d < u ? d : u;
    /* A segment without data would say nothing, whatever the override timer or a cork that is gone
     * let leave; a FIN comes behind the data that waits (3.9.1.4), and probes are the persist
     * timer's (3.8.6.1).  Linux likewise ends tcp_write_xmit where the window has no room. */
    if (max == 0) return false;
    if (t->set->cork && max < mss) return t->sws_override;
    bool idle = !dw_tcp_held_by_nagle(t);
    if (max >= mss) return true;
    /* A FIN completes the stream: nothing will come to fill this segment up. */
    if (d <= u && ((idle && t->pushed >= d) || t->fin_queued || t->snd_urgent)) return true;
    if (idle && max >= t->max_snd_wnd / 2) return true;
    return t->sws_override;
}

/* Nothing may be sent and nothing is outstanding: who will wake us? */
static void wait_for_window(dw_tcb *t)
{
    bool waits = t->unsent.bytes > 0 || (t->fin_queued && !t->fin_sent);
    bool chained = t->tcp->profile.send_whole_buffers;
    if (t->rtx.count > 0) return; /* its acknowledgment or the retransmission timer will */
    if (chained && (!waits || t->pace_at > dw_tcp_now(t))) return;
    if (t->snd_wnd == 0 || chained) { /* tcp_check_probe_timer: whatever it is that holds it back */
        if (dw_tcp_timer_runs(t, DW_TCP_TIMER_PERSIST) || DEFECT(t, NO_WINDOW_PROBE)) return;
        const dw_tcp_profile *p = &t->tcp->profile;
        t->persist_interval = t->rto > p->persist_min ? t->rto : p->persist_min;
        t->progress_at = dw_tcp_now(t);
        t->window_probes = t->window_backoff = 0;
        dw_tcp_timer_set(t, DW_TCP_TIMER_PERSIST, t->persist_interval, CAUSE(ZERO_WINDOW_PROBE));
    } else if (!dw_tcp_timer_runs(t, DW_TCP_TIMER_OVERRIDE)) {
        dw_tcp_timer_set(t, DW_TCP_TIMER_OVERRIDE, t->tcp->profile.sws_override,
                         CAUSE(SWS_OVERRIDE));
    }
}

/* Segments that go to the network card at once (tcp_pace.c), so far. */
typedef struct burst {
    uint32_t every; /* so many at most; 0 or 1: each by itself */
    uint32_t segments, octets;
} burst;

/* What leaves next: len octets of data, the FIN behind them, or the FIN alone. */
typedef struct next {
    uint32_t len;
    bool fin;
    bool last; /* nothing goes together with it that follows */
    bool full; /* a whole segment */
} next;

/* SEND it, WAIT for the window, or NOTHING: there is nothing, or something else will try again. */
enum choice { SEND, WAIT, NOTHING };

static enum choice choose_fin(const dw_tcb *t, uint32_t usable, next *out)
{
    if (!t->fin_queued || t->fin_sent) return NOTHING;
    if (usable == 0) return WAIT;
    if (DEFECT(t, P2525_15) && !t->sws_override) return WAIT;
    *out = (next){.fin = true};
    return SEND;
}

/* The windows, pacing and silly-window avoidance decide. */
static enum choice choose_next(dw_tcb *t, const burst *b, next *out)
{
    uint32_t window = dw_tcp_send_window(t), flight = dw_tcp_flight(t);
    uint32_t usable = window > flight ? window - flight : 0;
    uint32_t waiting = t->unsent.bytes, mss = dw_tcp_current_mss(t);
    if (waiting == 0) return choose_fin(t, usable, out);
    if (b->segments == 0 && dw_tcp_pace_waits(t)) return NOTHING;
    if (b->segments == 0 && waiting > mss && dw_tcp_burst_waits(t, usable)) return NOTHING;
    /* What ends with a record, and is not the last, will not become a larger segment. */
    uint32_t record = DW_UNLIKELY(t->records != NULL) ? dw_tcp_record_left(t) : waiting;
    bool final = record < waiting && record <= usable;
    if (!final && !worth_sending(t, waiting, usable, mss)) {
        t->rwnd_limited = waiting > usable && window == t->snd_wnd;
        return WAIT;
    }
    uint32_t len = waiting < usable ? waiting : usable;
    if (len > mss) len = mss;
    if (len > record) len = record;
    bool whole = t->fin_queued && !t->fin_sent && len == waiting;
    *out = (next){.len = len,
                  .fin = whole && usable > len && !DEFECT(t, P2525_15),
                  .last = b->every <= 1 || b->segments + 1 == b->every || usable - len < mss,
                  .full = len == mss};
    return SEND;
}

/* New data as the windows allow, in bursts where several segments go out at once. */
static void send_segments(dw_tcb *t)
{
    burst b = {.every = dw_tcp_burst_segments(t)};
    enum choice choice;
    next n;
    t->rwnd_limited = false;
    t->was_idle = t->snd_nxt == t->snd_una;
    while ((choice = choose_next(t, &b, &n)) == SEND) {
        if (n.fin && n.len == 0) {
            dw_tcp_send_next(t, 0, true);
            return;
        }
        b.segments++;
        b.octets += n.len;
        t->push_next = b.segments > 1 && n.last && n.full;
        if (!dw_tcp_send_next(t, n.len, n.fin)) return;
        if (!n.last && n.full && t->unsent.bytes > 0) continue;
        dw_tcp_end_buffer(t, dw_segment_at(&t->rtx, t->rtx.count - 1));
        dw_tcp_burst_sent(t, b.octets, b.segments);
        b.segments = b.octets = 0;
    }
    if (choice == WAIT) wait_for_window(t);
}

/* RFC 5681 section 4.1: after a pause the window says nothing about the path any more. */
static void restart_after_idle(dw_tcb *t)
{
    dw_time idle = dw_tcp_now(t) - t->burst_at;
    if (t->rtx.count > 0 || t->burst_at == 0 || idle <= t->rto || t->unsent.bytes == 0) return;
    if (DW_OFFERS(dw_congestion_ops, t->cc.ops, on_restart)) t->cc.ops->on_restart(&t->cc, idle);
    if (DW_OFFERS(dw_congestion_ops, t->cc.ops, control)) return;
    uint64_t min = t->cc.initial < t->cc.cwnd ? t->cc.initial : t->cc.cwnd;
    switch ((enum dw_tcp_idle_restart)t->tcp->profile.idle_restart) {
    case DW_TCP_IDLE_KEEP: return;
    case DW_TCP_IDLE_RFC5681: t->cc.cwnd = min; return;
    case DW_TCP_IDLE_HALVE:
        if (t->cc.ssthresh < t->cc.cwnd / 4 * 3) t->cc.ssthresh = t->cc.cwnd / 4 * 3;
        while ((idle -= t->rto) > 0 && t->cc.cwnd > min)
            t->cc.cwnd /= 2;
        if (t->cc.cwnd < min) t->cc.cwnd = min;
    }
}

void dw_tcp_send_new(dw_tcb *t)
{
    uint32_t before = t->snd_nxt;
    bool chained = t->tcp->profile.send_whole_buffers;
    if (t->unsent.bytes > 0) dw_tcp_mtu_look(t);
    restart_after_idle(t);
    if (!t->push_one && dw_tcp_mtu_probe(t)) {
        /* The rest waits with it, until it may leave. */
    } else if (chained) {
        dw_tcp_chain_output(t);
        wait_for_window(t);
    } else {
        send_segments(t);
    }
    if (!t->rec) return;
    bool sent = t->snd_nxt != before;
    bool full = dw_tcp_recovery_room(t) < dw_tcp_segment_units(t) || (chained && t->cwnd_limited);
    if (sent) {
        if (t->cc.state == DW_CONGESTION_CWR || t->cc.state == DW_CONGESTION_RECOVERY)
            dw_tcp_recovery_count_sent(t, before);
        dw_tcp_probe_later(t, false);
    }
    if (sent || full) dw_tcp_recovery_validate(t, full);
    dw_tcp_recovery_rescue(t);
}

/* 7.3 of RFC 8985: one segment of new data, whatever the window of congestion and Nagle say. */
void dw_tcp_output_probe(dw_tcb *t)
{
    if (t->tcp->profile.send_whole_buffers) {
        dw_tcp_chain_probe(t);
        return;
    }
    uint32_t window = t->snd_wnd, flight = dw_tcp_flight(t);
    uint32_t len = t->unsent.bytes < t->snd_mss ? t->unsent.bytes : t->snd_mss;
    if (len == 0 || flight + len > window) return;
    dw_tcp_send_next(t, len, t->fin_queued && !t->fin_sent && len == t->unsent.bytes);
}

/* 3.8.6.1: at least one octet of new data, or the FIN, which takes a number too. */
void dw_tcp_probe(dw_tcb *t)
{
    bool chained = t->tcp->profile.send_whole_buffers;
    if (chained && t->rtx.count == 0 && dw_tcp_chain_wakeup(t)) return;
    if (t->tcp->profile.zero_window_probe == DW_TCP_PROBE_EMPTY && t->rtx.count == 0) {
        dw_tcp_transmit(t, t->snd_una - 1, DW_TCP_ACK, NULL, CAUSE(ZERO_WINDOW_PROBE));
        return;
    }
    if (t->rtx.count > 0) {
        dw_tcp_retransmit(t, dw_segment_at(&t->rtx, 0), CAUSE(ZERO_WINDOW_PROBE));
        return;
    }
    dw_tcp_send_probe(t);
}

/* Whether the state lets data leave.  Before the handshake is over that is for a fast open only;
 * and the answer to what was dropped goes alone (Linux). */
static bool may_send_data(const dw_tcb *t, bool alone)
{
    if (alone || t->probing || t->state == DW_TCP_SYN_SENT) return false;
    return t->state != DW_TCP_SYN_RECEIVED || t->fast;
}

/* Data comes before the acknowledgment, which it can carry (3.8.6.3). */
void dw_tcp_output(dw_tcb *t)
{
    if (t->state == DW_TCP_CLOSED || t->state == DW_TCP_LISTEN) return;
    bool open = may_send_data(t, t->answers_alone);
    t->answers_alone = false;
    if (open && (t->rec || !dw_tcp_retransmit_after_timeout(t))) dw_tcp_send_new(t);
    dw_tcp_delack_check(t);
    if (t->ack_now && t->state != DW_TCP_SYN_SENT) dw_tcp_send_ack(t, t->ack_cause);
    if (t->space_due) dw_tcp_tell_space(t);
    dw_tcp_chrono_look(t);
    dw_tcp_trace_variables(t);
}
