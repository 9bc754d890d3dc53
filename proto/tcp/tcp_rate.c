/* How fast data arrives at the other end: the delivery rate of draft-ietf-ccwg-bbr section 4.1.
 *
 * Each segment remembers how much had been delivered when it left.  When it is acknowledged, what
 * was delivered in between, over the longer of the time that sending it took and the time that the
 * acknowledgments took, is the rate: neither a burst of segments nor a burst of ACKs makes it look
 * higher than it is. */
#include "tcp_rate.h"
#include "tcp_scoreboard.h"

static uint64_t octets(const dw_tcb *t, uint64_t units)
{
    return t->rec->segments ? units * t->snd_mss : units;
}

void dw_tcp_rate_sent(dw_tcb *t, dw_segment *s)
{
    dw_tcp_recovery *r = t->rec;
    dw_time now = dw_tcp_now(t);
    if (r->out == 0) r->rate_sent_at = r->delivered_at = now;
    s->delivered = r->delivered_total;
    s->delivered_at = r->delivered_at;
    s->first_sent_at = r->rate_sent_at;
    s->lost_before = (uint32_t)r->lost_total;
    s->flight = (uint32_t)(dw_tcp_pipe(r) + dw_tcp_units(r, s));
    s->limited = r->rate_limited_until != 0;
}

/* A segment has arrived: if it left later than those seen so far, the sample is about it. */
void dw_tcp_rate_delivered(dw_tcb *t, dw_segment *s, dw_tcp_news *n)
{
    if (s->delivered_at < 0) return; /* it was SACKed before */
    bool later = n->rate_sent_at < s->sent_at ||
                 (n->rate_sent_at == s->sent_at && seq_lt(n->rate_end, dw_segment_end(s)));
    if (n->rate_sent_at < 0 || later) {
        n->rate_sent_at = s->sent_at;
        n->rate_end = dw_segment_end(s);
        n->rate_prior = s->delivered;
        n->rate_prior_at = s->delivered_at;
        n->rate_limited = s->limited;
        n->rate_flight = s->flight;
        n->rate_lost_before = s->lost_before;
        n->rate_sending = s->sent_at - s->first_sent_at;
        t->rec->rate_sent_at = s->sent_at;
    }
    s->delivered_at = -1;
}

void dw_tcp_rate_sample(dw_tcb *t, const dw_tcp_news *n, dw_congestion_ack *ack)
{
    dw_tcp_recovery *r = t->rec;
    if (r->rate_limited_until && r->delivered_total > r->rate_limited_until)
        r->rate_limited_until = 0;
    if (n->delivered > 0) r->delivered_at = ack->now;
    ack->delivered_total = octets(t, r->delivered_total);
    ack->pipe = octets(t, dw_tcp_pipe(r));
    if (n->rate_sent_at < 0) return;
    dw_time acking = ack->now - n->rate_prior_at;
    ack->prior_delivered = octets(t, n->rate_prior);
    ack->rate_delivered = octets(t, r->delivered_total - n->rate_prior);
    ack->rate_lost = octets(t, (uint32_t)r->lost_total - n->rate_lost_before);
    ack->rate_limited = n->rate_limited;
    ack->sent_flight = octets(t, n->rate_flight);
    ack->interval = n->rate_sending > acking ? n->rate_sending : acking;
    if (ack->interval <= 0 || ack->interval < r->min_rtt) { /* no path delivers that fast */
        ack->interval = 0;
        return;
    }
    uint64_t rate = ack->rate_delivered * DW_SECOND / (uint64_t)ack->interval;
    if (ack->rate_limited && rate < r->delivery_rate) return;
    r->delivery_rate = rate;
    r->delivery_limited = ack->rate_limited;
}

/* The user has run out of data while more could be sent: until what is outstanding now has
 * arrived, the rate says nothing about the path. */
void dw_tcp_rate_check_limited(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t pipe = dw_tcp_pipe(r);
    if (t->unsent.bytes >= t->snd_mss || octets(t, pipe) >= t->cc.cwnd ||
        r->lost > r->retransmitted)
        return;
    r->rate_limited_until = r->delivered_total + pipe ? r->delivered_total + pipe : 1;
}
