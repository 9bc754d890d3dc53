/* The congestion window of a connection with a scoreboard: how much of it is free, when it grows
 * (RFC 5681, RFC 7661), and how it is reduced (RFC 6675, RFC 9937). */
#include "tcp_cwnd.h"
#include "tcp_congestion.h"
#include "tcp_ecn.h"
#include "tcp_loss.h"
#include "tcp_rate.h"
#include "tcp_scoreboard.h"
#include "tcp_state.h"

/* What a window that counts segments has of the next one (Linux's snd_cwnd_cnt) is forgotten when
 * it is reduced (tcp_init_cwnd_reduction). */
void dw_tcp_forget_fraction(dw_tcb *t)
{
    t->cc.cwnd -= t->cc.cwnd % dw_tcp_unit(t);
}

static void begin_reduction(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    dw_tcp_forget_fraction(t);
    r->high_seq = t->snd_nxt;
    r->high_rxt = r->first;
    r->rescued = false;
    r->probing = false;
    r->prior_cwnd = dw_tcp_cwnd_units(t);
    r->prr_delivered = r->prr_out = 0;
    t->cc.ssthresh = t->cc.ops->ssthresh(&t->cc, dw_tcp_flight_at_loss(t));
    dw_tcp_ecn_window_reduced(t);
}

void dw_tcp_end_reduction(dw_tcb *t)
{
    const dw_tcp_recovery *r = t->rec;
    if (dw_tcp_rules_window(t)) return;
    if (t->cc.ssthresh < UINT32_MAX && (t->cc.state == DW_CONGESTION_CWR || r->undo))
        t->cc.cwnd = t->cc.ssthresh;
}

void dw_tcp_recovery_reduce_once(dw_tcb *t)
{
    begin_reduction(t);
    dw_tcp_recovery_state(t, DW_CONGESTION_CWR, NULL);
    dw_tcp_end_reduction(t);
    dw_tcp_recovery_state(t, DW_CONGESTION_OPEN, NULL);
}

/* RFC 9937 section 6.1: so that at the end the pipe is as large as ssthresh, send in proportion to
 * what is delivered; and where it is smaller already, what is delivered, and a little more as long
 * as nothing else is lost. */
static void proportional(dw_tcb *t, uint64_t delivered, uint64_t lost, bool advanced)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t ssthresh = t->cc.ssthresh / dw_tcp_unit(t), pipe = dw_tcp_pipe(r), room;
    r->prr_delivered += delivered;
    if (pipe > ssthresh) {
        uint64_t due = (ssthresh * r->prr_delivered + r->prior_cwnd - 1) / r->prior_cwnd;
        room = due > r->prr_out ? due - r->prr_out : 0;
    } else {
        uint64_t left = r->prr_delivered > r->prr_out ? r->prr_delivered - r->prr_out : 0;
        room = left > delivered ? left : delivered;
        if (advanced && lost == 0) room += dw_tcp_segment_units(t);
        if (room > ssthresh - pipe) room = ssthresh - pipe;
    }
    if (r->prr_out == 0 && room < dw_tcp_segment_units(t))
        room = dw_tcp_segment_units(t); /* the first retransmission goes */
    t->cc.cwnd = (pipe + room) * dw_tcp_unit(t);
}

void dw_tcp_recovery_reduce(dw_tcb *t, uint64_t delivered, uint64_t lost, bool advanced)
{
    if (delivered == 0 || t->rec->prior_cwnd == 0 || dw_tcp_rules_window(t)) return;
    if (t->tcp->profile.prr)
        proportional(t, delivered, lost, advanced);
    else
        t->cc.cwnd = t->cc.ssthresh; /* RFC 6675 section 5 (4.2) */
}

bool dw_tcp_any_retransmitted(const dw_tcb *t)
{
    return t->rec->retransmitted > 0 ||
           (t->rtx.count > 0 && dw_segment_at(&t->rtx, 0)->marks & DW_MARK_EVER_RETRANSMITTED);
}

/* Back to Open, or to Disorder while there is something left to watch. */
void dw_tcp_recovery_open(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    bool left = r->sacked + r->emulated + r->lost > 0 || dw_tcp_any_retransmitted(t);
    enum dw_congestion_state to = left ? DW_CONGESTION_DISORDER : DW_CONGESTION_OPEN;
    if (t->cc.state == to) return;
    dw_tcp_recovery_state(t, to, CAUSE(RECOVERED));
    r->high_seq = t->snd_nxt;
}

void dw_tcp_recovery_enter(dw_tcb *t, bool ece)
{
    dw_tcp_recovery *r = t->rec;
    r->prior_ssthresh = 0;
    dw_tcp_undo_remember(t);
    if (!dw_tcp_reducing(t)) {
        if (!ece) r->prior_ssthresh = t->cc.ssthresh;
        begin_reduction(t);
    }
    dw_tcp_recovery_state(t, DW_CONGESTION_RECOVERY, CAUSE(RECOVERY_BEGINS));
}

void dw_tcp_recovery_congested(dw_tcb *t, const dw_cause *cause)
{
    dw_tcp_recovery *r = t->rec;
    r->prior_ssthresh = 0;
    if (t->cc.state >= DW_CONGESTION_CWR) return;
    r->undo = false;
    begin_reduction(t);
    dw_tcp_recovery_state(t, DW_CONGESTION_CWR, NULL);
    if (cause) dw_tcp_note(t->tcp, t->socket.conn, cause);
}

/* The window may grow on this ACK: on data that was acknowledged; for Linux, where the network
 * reorders much, on any progress. */
static bool may_raise(const dw_tcb *t, const dw_tcp_news *n)
{
    const dw_tcp_recovery *r = t->rec;
    const dw_tcp_profile *p = &t->tcp->profile;
    if (dw_tcp_reducing(t)) return false;
    if (p->cwnd_counts_sacked && r->reordering > p->duplicate_ack_threshold)
        return n->what & (DW_NEWS_DATA_ACKED | DW_NEWS_SACKED);
    return n->what & DW_NEWS_DATA_ACKED;
}

/* Units for which the window may grow.  Either an octet counts when it is delivered, by whichever
 * kind of acknowledgment, or when SND.UNA passes it (RFC 5681 3.1); what passes at the end of a
 * recovery has been taken account of in ssthresh (3.2, step 6). */
static uint64_t units_acked(const dw_tcb *t, const dw_tcp_news *n)
{
    uint64_t units = n->delivered;
    if (!t->tcp->profile.cwnd_counts_sacked) units += (n->in_order ? n->settled : 0) - n->sacked;
    /* Counted in octets, a SYN and a FIN are none: neither makes the window grow (RFC 5681 3.1). */
    uint64_t controls = t->rec->segments ? 0 : n->delivered - n->octets;
    return units > controls ? units - controls : 0;
}

static bool window_limited(const dw_tcb *t)
{
    const dw_tcp_recovery *r = t->rec;
    if (r->limited) return true;
    return t->cc.cwnd < t->cc.ssthresh && dw_tcp_cwnd_units(t) < 2 * r->max_out;
}

/* An algorithm with `control` decides by itself.  Else the window is reduced while an episode says
 * so, and grows outside of one, if it was what held the sender back (RFC 7661).  Amounts are in
 * units here and in octets for the algorithm. */
void dw_tcp_control_window(dw_tcb *t, const dw_tcp_news *n)
{
    dw_tcp_recovery *r = t->rec;
    uint64_t lost = r->lost_total - n->lost_before;
    uint64_t acked = units_acked(t, n);
    dw_congestion_ack ack = {.now = dw_tcp_now(t),
                             .rtt = n->rtt,
                             .min_rtt = r->min_rtt,
                             .srtt = t->srtt,
                             .acked = acked * dw_tcp_unit(t),
                             .delivered = n->delivered * dw_tcp_unit(t),
                             .lost = lost * dw_tcp_unit(t),
                             .marked = n->marked_octets,
                             .flight = n->flight * dw_tcp_unit(t),
                             .una = t->snd_una,
                             .nxt = t->snd_nxt,
                             .limited = window_limited(t),
                             .paced = t->tcp->profile.pacing || t->cc.pacing_rate};
    dw_tcp_rate_sample(t, n, &ack);
    if (n->rtt >= 0 && DW_OFFERS(dw_congestion_ops, t->cc.ops, on_sample))
        t->cc.ops->on_sample(&t->cc, &ack);
    if (dw_tcp_rules_window(t)) {
        t->cc.ops->control(&t->cc, &ack);
        return;
    }
    if (dw_tcp_reducing(t)) {
        dw_tcp_recovery_reduce(t, n->delivered, lost, n->what & DW_NEWS_ADVANCED);
        return;
    }
    if (!may_raise(t, n) || acked == 0) return;
    if (t->tcp->profile.cwnd_validation && !ack.limited) return;
    t->cc.ops->on_ack(&t->cc, &ack);
}

/* New data was sent while the window is being reduced. */
void dw_tcp_recovery_count_sent(dw_tcb *t, uint32_t from)
{
    dw_tcp_recovery *r = t->rec;
    for (uint32_t i = t->rtx.count; i-- > 0 && seq_leq(from, dw_segment_at(&t->rtx, i)->seq);)
        r->prr_out += dw_tcp_units(r, dw_segment_at(&t->rtx, i));
}

/* Was the window, not the user, what limited us?  Asked in each window of data (RFC 7661 3). */
void dw_tcp_recovery_validate(dw_tcb *t, bool limited)
{
    dw_tcp_recovery *r = t->rec;
    bool more = !r->limited && r->out > r->max_out;
    if (!seq_lt(t->snd_una, r->window_end) || limited || more) {
        r->limited = limited;
        r->max_out = r->out;
        r->window_end = t->snd_nxt;
    }
    /* All has left that the send buffer has room for, and the user waits (tcp_cwnd_validate). */
    bool open = t->state == DW_TCP_ESTABLISHED || t->state == DW_TCP_CLOSE_WAIT;
    if (t->writable_wanted && t->unsent.bytes == 0 && open && !window_limited(t))
        t->sndbuf_limited = true;
}

/* How far new data may go beyond SND.UNA. */
uint32_t dw_tcp_send_window(const dw_tcb *t)
{
    if (t->rec) {
        uint64_t room = dw_tcp_recovery_room(t) * (t->rec->segments ? t->snd_mss : 1);
        uint64_t max = dw_tcp_flight(t) + room;
        return max < t->snd_wnd ? (uint32_t)max : t->snd_wnd;
    }
    uint64_t cwnd = t->cc.cwnd + t->inflation + dw_tcp_limited_transmit(t);
    return cwnd < t->snd_wnd ? (uint32_t)cwnd : t->snd_wnd;
}

void dw_tcp_undo_remember(dw_tcb *t)
{
    dw_tcp_recovery *r = t->rec;
    r->undo = true;
    r->undo_seq = t->snd_una;
    r->undo_retransmitted = r->retransmitted ? (int64_t)r->retransmitted : -1;
}
