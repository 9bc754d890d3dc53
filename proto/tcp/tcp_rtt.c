/* RFC 6298: the retransmission timeout. */
#include "tcp_rtt.h"

static const dw_time clock_granularity = DW_MILLISECOND; /* G */

static void set_rto(dw_tcb *t, dw_time rto)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    if (rto < p->rto_min) rto = p->rto_min;
    if (rto > p->rto_max) rto = p->rto_max;
    if (rto == t->rto) return;
    t->rto = rto;
    dw_tcp_trace(t, "rto", rto);
}

/* (2.1) */
void dw_tcp_rtt_init(dw_tcb *t)
{
    t->srtt = -1;
    t->rto = t->tcp->profile.rto_initial;
}

/* (2.2) the first measurement and (2.3) the following ones, with alpha = 1/8 and beta = 1/4. */
void dw_tcp_rtt_sample(dw_tcb *t, dw_time rtt)
{
    DW_ASSERT(rtt >= 0);
    if (t->srtt < 0) {
        t->srtt = rtt;
        t->rttvar = rtt / 2;
    } else {
        dw_time difference = t->srtt > rtt ? t->srtt - rtt : rtt - t->srtt;
        t->rttvar += (difference - t->rttvar) / 4;
        t->srtt += (rtt - t->srtt) / 8;
    }
    dw_tcp_trace(t, "srtt", t->srtt);
    dw_tcp_trace(t, "rttvar", t->rttvar);
    dw_tcp_rtt_restore(t);
}

void dw_tcp_rtt_restore(dw_tcb *t)
{
    if (t->srtt < 0) {
        set_rto(t, t->tcp->profile.rto_initial);
        return;
    }
    dw_time var = 4 * t->rttvar;
    dw_time floor = t->tcp->profile.rto_var_floor;
    if (floor < clock_granularity) floor = clock_granularity;
    set_rto(t, t->srtt + (var > floor ? var : floor));
}

/* (5.5) */
void dw_tcp_rtt_backoff(dw_tcb *t)
{
    if (DEFECT(t, NO_BACKOFF) || DEFECT(t, P2525_10)) return;
    set_rto(t, dw_time_add(t->rto, t->rto));
}

/* (5.3).  RFC 7765 section 4: where too little is outstanding for fast retransmit to help, the time
 * counts from when the oldest segment was sent. */
dw_time dw_tcp_rto_restarted(const dw_tcb *t)
{
    enum { THRESHOLD = 4 };
    uint32_t unsent = (t->unsent.bytes + t->snd_mss - 1) / t->snd_mss;
    if (!t->tcp->profile.rto_restart || t->rtx.count + unsent >= THRESHOLD) return t->rto;
    dw_time left = dw_segment_at(&t->rtx, 0)->sent_at + t->rto - dw_tcp_now(t);
    return left > 0 ? left : 1;
}

/* (5.7) */
void dw_tcp_rtt_after_syn(dw_tcb *t)
{
    dw_time min = t->tcp->profile.rto_after_syn_timeout;
    if (t->syn_retransmits > 0 && min > 0 && t->srtt < 0) set_rto(t, min);
}
