/* When to acknowledge: RFC 5681 section 4.2 and RFC 9293 section 3.8.6.3; and Linux's way.
 *
 * The RFC counts: an ACK for every second full-sized segment, or after a while.  Linux has three
 * variables instead.  `ato` is how long an ACK may wait; it follows the times between arrivals.
 * While `quick` is above zero segments are acknowledged at once: when a connection begins, after a
 * pause, after trouble.  In `pingpong` mode, which an answer soon after a question begins, they
 * never are, since the next answer will carry the ACK. */
#include "tcp.h"

enum { MOST_QUICK = 16, LEAST_MSS = 88 };
#define ATO_MIN (40 * MS)
#define ATO_MAX_INTERACTIVE (200 * MS)
#define ATO_MAX (500 * MS)
#define TICK MS /* of the kernel's timers: no time at all lasts until the next one */

static bool adapts(const dw_tcb *t)
{
    return t->tcp->profile.delayed_ack_rule == DW_TCP_DELACK_ADAPTS;
}

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

static void count_segment(dw_tcb *t, uint32_t len)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    bool full = len >= t->largest_text && (len >= DW_TCP_DEFAULT_MSS || len + 40 >= t->rcv_mss);
    if (full || p->ack_counts_small) t->unacked_segments++;
    if (t->quick > 0) {
        t->quick--;
        ack_at_once(t, CAUSE(ACK_OF_DATA));
    } else if (t->unacked_segments >= p->ack_every) {
        ack_at_once(t, CAUSE(ACK_EVERY_SECOND));
    } else {
        dw_tcp_ack_later(t, CAUSE(ACK_OF_DATA));
    }
}

/* Linux's. */

/* As many ACKs as the peer needs to open its window again, with segments of the size it sends. */
static void up_to_quick(dw_tcb *t, uint32_t most)
{
    uint32_t quick = t->rcv_wnd / (2 * t->delack.rcv_mss);
    if (quick == 0) quick = 2;
    if (quick > most) quick = most;
    if (quick > t->quick) t->quick = quick;
}

static void more_quick(dw_tcb *t)
{
    up_to_quick(t, MOST_QUICK);
}

static void enter_quick(dw_tcb *t)
{
    more_quick(t);
    t->delack.pingpong = false;
    t->delack.ato = ATO_MIN;
}

/* The size of the peer's segments, as far as they tell: what came twice, or is larger. */
static void estimate_rcv_mss(dw_tcb *t, uint32_t len, bool pushed)
{
    dw_tcp_delack *d = &t->delack;
    uint32_t before = d->last_len;
    d->last_len = 0;
    if (len >= d->rcv_mss) {
        d->rcv_mss = len < t->rcv_mss ? len : t->rcv_mss;
        return;
    }
    if (len >= DW_TCP_DEFAULT_MSS || (len >= LEAST_MSS && !pushed)) {
        d->last_len = len;
        if (len == before) {
            d->rcv_mss = len;
            return;
        }
    }
    if (d->pushed) d->pushed_twice = true;
    d->pushed = true;
}

static void follow_arrivals(dw_tcb *t)
{
    dw_tcp_delack *d = &t->delack;
    dw_time now = dw_tcp_now(t), gap = now - d->data_at;
    if (d->ato == 0) {
        more_quick(t);
        d->ato = ATO_MIN;
    } else if (gap <= ATO_MIN / 2) {
        d->ato = d->ato / 2 + ATO_MIN / 2;
    } else if (gap < d->ato) {
        d->ato = d->ato / 2 + gap;
        if (d->ato > t->rto) d->ato = t->rto;
    } else if (gap > t->rto) {
        more_quick(t);
    }
    d->data_at = now;
}

static dw_time ato_of(const dw_tcb *t)
{
    const dw_tcp_delack *d = &t->delack;
    dw_time ato = d->ato > 0 ? d->ato : TICK,
            most = d->pingpong || d->pushed ? ATO_MAX_INTERACTIVE : ATO_MAX;
    if (ato > ATO_MIN) {
        dw_time srtt = t->srtt > ATO_MIN ? t->srtt : ATO_MIN;
        if (t->srtt > 0 && srtt < most) most = srtt;
        if (ato > most) ato = most;
    }
    return ato < ATO_MAX_INTERACTIVE ? ato : ATO_MAX_INTERACTIVE;
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

static void check_ack(dw_tcb *t, const dw_cause *cause)
{
    if (t->rcv_nxt - t->ack_sent > t->delack.rcv_mss)
        ack_at_once(t, CAUSE(ACK_EVERY_SECOND));
    else if (t->quick > 0 && !t->delack.pingpong)
        ack_at_once(t, cause);
    else
        later_by_ato(t, cause);
}

/* What happens. */

void dw_tcp_delack_begin(dw_tcb *t)
{
    uint32_t least = t->snd_mss < t->rcv_mss ? t->snd_mss : t->rcv_mss;
    if (least > t->rcv_wnd / 2) least = t->rcv_wnd / 2;
    if (least > DW_TCP_DEFAULT_MSS) least = DW_TCP_DEFAULT_MSS;
    t->delack.rcv_mss = least > LEAST_MSS ? least : LEAST_MSS;
}

void dw_tcp_delack_data(dw_tcb *t, const dw_seg *s)
{
    if (s->text_len > t->largest_text) t->largest_text = s->text_len;
    if (!adapts(t)) {
        count_segment(t, s->text_len);
        return;
    }
    estimate_rcv_mss(t, s->text_len, s->flags & DW_TCP_PSH);
    follow_arrivals(t);
    if (!t->ack_now) check_ack(t, CAUSE(ACK_OF_DATA));
}

void dw_tcp_delack_trouble(dw_tcb *t)
{
    if (adapts(t) && !t->folded) enter_quick(t);
}

void dw_tcp_delack_fin(dw_tcb *t)
{
    bool open = t->state == DW_TCP_ESTABLISHED || t->state == DW_TCP_SYN_RECEIVED;
    bool waits =
        t->tcp->profile.ack_of_fin == DW_TCP_FIN_ACK_DELAYED && t->state == DW_TCP_ESTABLISHED;
    if (adapts(t) && open) {
        t->delack.pingpong = true; /* an answer is expected: our own FIN */
        if (!t->ack_now) check_ack(t, CAUSE(ACK_OF_FIN));
    } else if (waits) {
        dw_tcp_ack_later(t, CAUSE(ACK_OF_FIN));
    } else {
        ack_at_once(t, CAUSE(ACK_OF_FIN));
    }
}

void dw_tcp_ack_later(dw_tcb *t, const dw_cause *cause)
{
    if (t->ack_now) return;
    if (adapts(t))
        later_by_ato(t, cause);
    else
        later_by_rule(t, cause);
}

void dw_tcp_delack_timeout(dw_tcb *t)
{
    dw_tcp_delack *d = &t->delack;
    if (adapts(t)) {
        if (d->pingpong) { /* no answer came */
            d->pingpong = false;
            d->ato = ATO_MIN;
        } else {
            d->ato = d->ato * 2 < t->rto ? d->ato * 2 : t->rto;
        }
    }
    dw_tcp_send_ack(t, CAUSE(DELAYED_ACK));
}

/* Data that leaves soon after data came is an answer. */
void dw_tcp_delack_sent_data(dw_tcb *t)
{
    dw_tcp_delack *d = &t->delack;
    if (adapts(t) && d->ato > 0 && dw_tcp_now(t) - d->data_at < d->ato) d->pingpong = true;
}

void dw_tcp_delack_acknowledged(dw_tcb *t)
{
    dw_tcp_delack *d = &t->delack;
    bool owed = t->ack_now || dw_tcp_timer_runs(t, DW_TCP_TIMER_DELAYED_ACK);
    if (!adapts(t)) return;
    if (owed && t->quick > 0 && --t->quick == 0) d->ato = ATO_MIN;
    d->pushed = d->pushed_twice = false;
}

/* Whoever reads small pieces as they come is told to the sender at once, unless it will answer. */
void dw_tcp_delack_read(dw_tcb *t)
{
    const dw_tcp_delack *d = &t->delack;
    if (!adapts(t) || !dw_tcp_timer_runs(t, DW_TCP_TIMER_DELAYED_ACK)) return;
    bool emptied = t->received.bytes == 0;
    bool more = t->rcv_nxt - t->ack_sent > d->rcv_mss;
    if (more || (emptied && (d->pushed_twice || (d->pushed && !d->pingpong))))
        dw_tcp_send_ack(t, CAUSE(ACK_OF_DATA));
}

void dw_tcp_delack_set(dw_tcb *t, bool quick)
{
    t->delack.pingpong = !quick;
    if (!quick || !dw_tcp_timer_runs(t, DW_TCP_TIMER_DELAYED_ACK)) return;
    dw_tcp_send_ack(t, CAUSE(ACK_OF_DATA));
}

void dw_tcp_delack_soon(dw_tcb *t, uint32_t quick)
{
    if (!adapts(t) || t->folded) return;
    if (quick > 0) {
        up_to_quick(t, quick);
        t->delack.pingpong = false;
        t->delack.ato = ATO_MIN;
    }
    if (dw_tcp_timer_runs(t, DW_TCP_TIMER_DELAYED_ACK)) ack_at_once(t, CAUSE(ACK_OF_MARK));
}
