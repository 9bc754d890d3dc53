/* When to acknowledge: RFC 5681 section 4.2 and RFC 9293 section 3.8.6.3; and Linux's way.
 *
 * The RFC counts: an ACK for every second full-sized segment, or after a while.  Linux has three
 * variables instead.  `ato` is how long an ACK may wait; it follows the times between arrivals.
 * While `quick` is above zero segments are acknowledged at once: when a connection begins, after a
 * pause, after trouble.  In `pingpong` mode, which an answer soon after a question begins, they
 * never are, since the next answer will carry the ACK. */
#include "tcp_delack.h"
#include "tcp_rcvbuf.h"
#include "tcp_segment.h"
#include "tcp_timer.h"
#include "tcp_tune.h"
#include "tcp_window.h"

enum { MAX_QUICK = 16, MIN_MSS = 88 };
#define DELAY_MAX (200 * MS) /* of any ACK */
#define ATO_MAX (500 * MS)   /* before the bound of the round trip, unless the peer waits for it */
#define SLACK (MS / 10)      /* by which the timer of ACKs made one is late, as a rule */

static void ack_at_once(dw_tcb *t, const dw_cause *cause)
{
    t->ack_now = true;
    t->ack_cause = cause;
}

static void wait_for(dw_tcb *t, dw_time delay, const dw_cause *cause)
{
    t->ack_cause = cause;
    dw_tcp_timer_set(t, DW_TCP_TIMER_DELAYED_ACK, delay, cause);
}

/* The RFC's rule. */

static void later_by_rule(dw_tcb *t, const dw_cause *cause)
{
    dw_time delay = t->tcp->profile.delayed_ack;
    if (delay == 0)
        ack_at_once(t, cause);
    else if (!dw_tcp_timer_runs(t, DW_TCP_TIMER_DELAYED_ACK))
        wait_for(t, delay, cause);
}

/* "At least every second full-sized segment or 2*RMSS bytes of new data" (SHLD-19). */
static void count_segment(dw_tcb *t, uint32_t len)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    bool full = len >= t->largest_text && (len >= DW_TCP_DEFAULT_MSS || len + 40 >= t->rcv_mss);
    uint32_t unacked = t->rcv_nxt - t->last_ack_sent;
    if (full || p->ack_counts_small) t->unacked_segments++;
    if (t->quick > 0) {
        t->quick--;
        ack_at_once(t, CAUSE(ACK_OF_DATA));
    } else if (t->unacked_segments >= p->ack_every || unacked / p->ack_every >= t->rcv_mss) {
        ack_at_once(t, CAUSE(ACK_EVERY_SECOND));
    } else {
        dw_tcp_ack_later(t, CAUSE(ACK_OF_DATA));
    }
}

/* Linux's.
 *
 * What a segment brings is noted when it is processed; whether its ACK goes at once, later or with
 * data is decided after what it lets go has been sent (tcp_ack_snd_check). */

static void owe_ack(dw_tcb *t, const dw_cause *cause)
{
    t->delack.scheduled = t->delack.check = true;
    if (!t->ack_now) t->ack_cause = cause;
}

static bool interactive(const dw_tcb *t)
{
    return t->delack.pingpong >= t->tcp->profile.pingpong_thresh;
}

static uint8_t full_pingpong(const dw_tcb *t)
{
    return (uint8_t)t->tcp->profile.pingpong_thresh;
}

/* As many ACKs as the peer needs to open its window again, with segments of the size it sends
 * (tcp_incr_quickack). */
static void more_quick(dw_tcb *t, uint32_t max)
{
    uint32_t offered = t->offered_wnd;
    uint32_t quick = offered / (2 * t->delack.rcv_mss);
    if (quick == 0) quick = 2;
    if (quick > max) quick = max;
    if (quick > t->quick) t->quick = quick;
}

/* tcp_enter_quickack_mode */
static void enter_quick(dw_tcb *t, uint32_t max)
{
    more_quick(t, max);
    t->delack.pingpong = 0;
    t->delack.ato = DW_TCP_ATO_MIN;
}

/* The size of the peer's segments, as far as they tell: what is larger, or what came twice in a row
 * and is no obvious end of a write (tcp_measure_rcv_mss).  A small segment, and any that was
 * pushed, may be all that the peer sends before it wants to hear of it. */
static void measure_rcv_mss(dw_tcb *t, const dw_seg *s)
{
    dw_tcp_delack *d = &t->delack;
    uint32_t before = d->last_seg_size, len = s->gso_size > 0 ? s->gso_size : s->text_first;
    uint32_t max = t->rcv_mss - (t->ts_ok ? DW_TCP_TIMESTAMP_SPACE : 0);
    uint32_t options = s->options_len, usual = t->ts_ok ? DW_TCP_TIMESTAMP_SPACE : 0;
    bool remnant = s->flags & (DW_TCP_FIN | DW_TCP_URG | DW_TCP_SYN | DW_TCP_PSH);
    d->last_seg_size = 0;
    if (len >= d->rcv_mss) {
        if (len > d->rcv_mss) dw_tcp_rcvbuf_measure(t, s);
        d->rcv_mss = len < max ? len : max;
        if (s->flags & DW_TCP_PSH) d->pushed = true;
        return;
    }
    if (len + options >= DW_TCP_DEFAULT_MSS || (len + options >= MIN_MSS && !remnant)) {
        d->last_seg_size = len + options > usual ? len + options - usual : 0;
        if (d->last_seg_size == before) {
            d->rcv_mss = before;
            return;
        }
    }
    if (d->pushed) d->pushed_twice = true;
    d->pushed = true;
}

/* ato follows the times between arrivals; a gap longer than RTO means that the peer begins anew
 * (tcp_event_data_recv). */
static void follow_arrivals(dw_tcb *t)
{
    dw_tcp_delack *d = &t->delack;
    dw_time now = dw_tcp_now(t), gap = now - d->lrcvtime;
    if (d->ato == 0) {
        more_quick(t, MAX_QUICK);
        d->ato = DW_TCP_ATO_MIN;
    } else if (gap <= DW_TCP_ATO_MIN / 2) {
        d->ato = d->ato / 2 + DW_TCP_ATO_MIN / 2;
    } else if (gap < d->ato) {
        d->ato = d->ato / 2 + gap;
        if (d->ato > t->rto) d->ato = t->rto;
    } else if (gap > t->rto) {
        more_quick(t, MAX_QUICK);
    }
    d->lrcvtime = now;
}

/* tcp_send_delayed_ack */
static dw_time ato_of(const dw_tcb *t)
{
    const dw_tcp_delack *d = &t->delack;
    dw_time ato = d->ato > 0 ? d->ato : DW_TCP_TICK;
    dw_time max = interactive(t) || d->pushed ? DELAY_MAX : ATO_MAX;
    if (ato > DW_TCP_ATO_MIN) {
        dw_time srtt = t->srtt > DW_TCP_ATO_MIN ? t->srtt : DW_TCP_ATO_MIN;
        if (t->srtt > 0 && srtt < max) max = srtt;
        if (ato > max) ato = max;
    }
    return ato < DELAY_MAX ? ato : DELAY_MAX;
}

/* An ACK that has nearly waited long enough goes now; one that waits longer than this one would is
 * brought forward. */
static void later_by_ato(dw_tcb *t, const dw_cause *cause)
{
    dw_time ato = ato_of(t), at = t->deadline[DW_TCP_TIMER_DELAYED_ACK], now = dw_tcp_now(t);
    bool waits = dw_tcp_timer_runs(t, DW_TCP_TIMER_DELAYED_ACK);
    if (waits && at <= now + ato / 4)
        ack_at_once(t, cause);
    else if (!waits || now + ato < at)
        wait_for(t, ato, cause);
}

/* More than a segment waits for its ACK, and the window need not close for it: else the user's
 * reading will send one.  But a user who waits for more than there is will not read. */
static bool more_than_a_segment(dw_tcb *t)
{
    if (t->rcv_nxt - t->last_ack_sent <= t->delack.rcv_mss) return false;
    uint32_t offered = t->offered_wnd;
    if (t->received.bytes < t->set->receive_lowat) return true;
    return dw_tcp_select_window(t) >= offered;
}

/* Of the ACKs that come of segments out of order, three are enough to start a fast retransmit;
 * later ones may be one (__tcp_ack_snd_check). */
static void compress(dw_tcb *t)
{
    enum { ENOUGH = 3 };
    const dw_tcp_profile *p = &t->tcp->profile;
    dw_tcp_delack *d = &t->delack;
    if (d->compressed_ack_rcv_nxt != t->rcv_nxt) {
        d->compressed_ack_rcv_nxt = t->rcv_nxt;
        d->dup_ack_counter = 0;
    }
    bool each = !t->sack_ok || d->compressed_ack >= p->comp_sack_nr;
    if (each || d->dup_ack_counter < ENOUGH) {
        if (!each) d->dup_ack_counter++;
        ack_at_once(t, t->ack_cause);
        return;
    }
    dw_time rtt = t->tuning ? t->tuning->rtt : 0;
    if (t->srtt > 0 && t->srtt < rtt) rtt = t->srtt;
    dw_time delay = rtt * p->comp_sack_rtt_percent / 100;
    if (delay > p->comp_sack_delay) delay = p->comp_sack_delay;
    if (d->compressed_ack++ == 0) wait_for(t, delay + SLACK, t->ack_cause);
}

void dw_tcp_delack_far(dw_tcb *t)
{
    if (t->delack.compressed_ack > 0) dw_tcp_send_ack(t, CAUSE(ACK_OUT_OF_ORDER));
}

void dw_tcp_delack_check(dw_tcb *t)
{
    dw_tcp_delack *d = &t->delack;
    if (!d->check) return;
    d->check = false;
    if (t->ack_now || !d->scheduled) return;
    if (more_than_a_segment(t))
        ack_at_once(t, t->out_of_order.count ? CAUSE(ACK_OUT_OF_ORDER) : CAUSE(ACK_EVERY_SECOND));
    else if (t->quick > 0 && !interactive(t))
        ack_at_once(t, t->ack_cause);
    else if (t->out_of_order.count > 0)
        compress(t);
    else
        later_by_ato(t, t->ack_cause);
}

/* What happens. */

void dw_tcp_delack_begin(dw_tcb *t)
{
    uint32_t min = t->snd_mss < t->rcv_mss ? t->snd_mss : t->rcv_mss;
    if (min > t->rcv_wnd / 2) min = t->rcv_wnd / 2;
    if (min > DW_TCP_DEFAULT_MSS) min = DW_TCP_DEFAULT_MSS;
    t->delack.rcv_mss = min > MIN_MSS ? min : MIN_MSS;
    t->delack.lrcvtime = dw_tcp_now(t);
}

/* Data that waited for the connection takes the ACK of the SYN,ACK along, if it comes soon. */
void dw_tcp_delack_opened(dw_tcb *t)
{
    if (!dw_tcp_delack_adapts(t) || !(t->write_pending || interactive(t))) return;
    t->write_pending = false;
    t->ack_now = false;
    t->delack.scheduled = true;
    enter_quick(t, MAX_QUICK);
    wait_for(t, DELAY_MAX, CAUSE(HANDSHAKE_ACK));
}

/* What came on a SYN or SYN,ACK is acknowledged with it. */
static bool came_on_syn(const dw_tcb *t, const dw_seg *s)
{
    return s->seq_first == t->irs;
}

void dw_tcp_delack_data(dw_tcb *t, const dw_seg *s)
{
    if (s->text_len > t->largest_text) t->largest_text = s->text_len;
    if (!dw_tcp_delack_adapts(t)) {
        count_segment(t, s->text_len);
    } else if (!came_on_syn(t, s)) {
        owe_ack(t, CAUSE(ACK_OF_DATA));
        measure_rcv_mss(t, s);
        follow_arrivals(t);
        dw_tcp_rcvbuf_grow(t, s);
    }
}

void dw_tcp_delack_out_of_order(dw_tcb *t, const dw_seg *s)
{
    if (dw_tcp_delack_adapts(t)) {
        owe_ack(t, CAUSE(ACK_OUT_OF_ORDER));
        measure_rcv_mss(t, s);
    } else {
        ack_at_once(t, CAUSE(ACK_OUT_OF_ORDER));
    }
}

void dw_tcp_delack_trouble(dw_tcb *t)
{
    if (dw_tcp_delack_adapts(t) && !t->folded) enter_quick(t, MAX_QUICK);
}

void dw_tcp_delack_old(dw_tcb *t, const dw_cause *cause)
{
    if (dw_tcp_delack_adapts(t) && !t->folded) {
        enter_quick(t, MAX_QUICK);
        owe_ack(t, cause);
    } else {
        ack_at_once(t, cause);
    }
}

void dw_tcp_delack_soon(dw_tcb *t, uint32_t quick)
{
    if (!dw_tcp_delack_adapts(t) || t->folded) return;
    if (quick > 0)
        enter_quick(t, quick);
    else if (t->delack.scheduled)
        ack_at_once(t, CAUSE(ACK_OF_MARK));
}

void dw_tcp_delack_fin(dw_tcb *t)
{
    bool open = t->state == DW_TCP_ESTABLISHED || t->state == DW_TCP_SYN_RECEIVED;
    bool waits =
        t->tcp->profile.ack_of_fin == DW_TCP_FIN_ACK_DELAYED && t->state == DW_TCP_ESTABLISHED;
    if (dw_tcp_delack_adapts(t)) owe_ack(t, CAUSE(ACK_OF_FIN));
    if (dw_tcp_delack_adapts(t) && open)
        t->delack.pingpong = full_pingpong(t); /* the answer: our own FIN */
    else if (waits)
        dw_tcp_ack_later(t, CAUSE(ACK_OF_FIN));
    else
        ack_at_once(t, CAUSE(ACK_OF_FIN));
}

uint32_t dw_tcp_delack_mss(const dw_tcb *t)
{
    return dw_tcp_delack_adapts(t) ? t->delack.rcv_mss : t->largest_text;
}

void dw_tcp_ack_later(dw_tcb *t, const dw_cause *cause)
{
    if (t->ack_now) return;
    if (dw_tcp_delack_adapts(t))
        owe_ack(t, cause);
    else
        later_by_rule(t, cause);
}

void dw_tcp_delack_timeout(dw_tcb *t)
{
    dw_tcp_delack *d = &t->delack;
    if (d->compressed_ack > 0) {
        dw_tcp_delack_far(t);
        return;
    }
    if (dw_tcp_delack_adapts(t)) {
        if (!d->scheduled) return;
        if (interactive(t)) { /* no answer came */
            d->pingpong = 0;
            d->ato = DW_TCP_ATO_MIN;
        } else {
            d->ato = d->ato * 2 < t->rto ? d->ato * 2 : t->rto;
        }
    }
    dw_tcp_send_ack(t, CAUSE(DELAYED_ACK));
}

/* Whoever reads all there is, and will not answer, has the sender told at once
 * (__tcp_cleanup_rbuf). */
void dw_tcp_delack_read(dw_tcb *t)
{
    const dw_tcp_delack *d = &t->delack;
    if (!dw_tcp_delack_adapts(t) || !d->scheduled || !dw_tcp_synchronized(t)) return;
    bool emptied = t->received.bytes == 0 && t->out_of_order.count == 0;
    bool more = t->rcv_nxt - t->last_ack_sent > d->rcv_mss;
    if (more || (emptied && (d->pushed_twice || (d->pushed && !interactive(t)))))
        dw_tcp_send_ack(t, CAUSE(ACK_OF_DATA));
}

void dw_tcp_delack_set(dw_tcb *t, bool quick)
{
    dw_tcp_delack *d = &t->delack;
    d->pingpong = quick ? 0 : full_pingpong(t);
    if (!quick || !d->scheduled) return;
    if (t->state != DW_TCP_ESTABLISHED && t->state != DW_TCP_CLOSE_WAIT) return;
    d->pushed = true;
    dw_tcp_delack_read(t);
}

/* Linux: what TCP_QUICKACK reads as. */
bool dw_tcp_delack_is_quick(const dw_tcb *t)
{
    if (dw_tcp_delack_adapts(t)) return !interactive(t);
    return t->tcp->profile.delayed_ack == 0 || t->quick > 0;
}
