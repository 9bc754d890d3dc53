/* The retransmission timer, RFC 6298 section 5, and the two that may run in its place: the wait for
 * reordered segments (RFC 8985 section 6.2) and for a tail loss probe (section 7.2).  One of the
 * three runs while anything is outstanding. */
#include "tcp_rtx_timer.h"
#include "tcp_rtt.h"
#include "tcp_scoreboard.h"
#include "tcp_timer.h"

void dw_tcp_rtx_timer_start(dw_tcb *t, const dw_cause *cause)
{
    dw_tcp_timer_stop(t, DW_TCP_TIMER_PERSIST);
    dw_tcp_timer_stop(t, DW_TCP_TIMER_OVERRIDE);
    if (t->rec) {
        bool first = t->rtx.count == 1, probe = dw_tcp_timer_runs(t, DW_TCP_TIMER_PROBE);
        if (first || probe) dw_tcp_recovery_rearm(t);
        return;
    }
    if (dw_tcp_timer_runs(t, DW_TCP_TIMER_RETRANSMIT)) return;
    dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, t->rto, cause);
}

/* What is left of the retransmission timer since the oldest segment was sent. */
void dw_tcp_recovery_rearm(dw_tcb *t)
{
    if (t->rtx.count == 0) {
        dw_tcp_timer_stop(t, DW_TCP_TIMER_RETRANSMIT);
        dw_tcp_timer_stop(t, DW_TCP_TIMER_REORDER);
        dw_tcp_timer_stop(t, DW_TCP_TIMER_PROBE);
        return;
    }
    dw_time wait = t->rto;
    bool other = dw_tcp_timer_runs(t, DW_TCP_TIMER_REORDER) ||
                 dw_tcp_timer_runs(t, DW_TCP_TIMER_PROBE) ||
                 !dw_tcp_timer_runs(t, DW_TCP_TIMER_RETRANSMIT);
    if (other) {
        wait = dw_segment_at(&t->rtx, 0)->sent_at + t->rto - dw_tcp_now(t);
        if (wait < 1) wait = 1;
    }
    dw_tcp_timer_stop(t, DW_TCP_TIMER_REORDER);
    dw_tcp_timer_stop(t, DW_TCP_TIMER_PROBE);
    dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, wait, CAUSE(RESTARTED));
}

void dw_tcp_recovery_set_timer(dw_tcb *t)
{
    if (dw_tcp_probe_later(t, true)) return;
    dw_tcp_timer_stop(t, DW_TCP_TIMER_REORDER);
    dw_tcp_timer_stop(t, DW_TCP_TIMER_PROBE);
    if (t->rtx.count > 0)
        dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, dw_tcp_rto_restarted(t), CAUSE(RESTARTED));
    else
        dw_tcp_timer_stop(t, DW_TCP_TIMER_RETRANSMIT);
}

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
    if (t->srtt > 0)
        wait = 2 * t->srtt + (one ? t->tcp->profile.probe_ack_delay : DW_TCP_TIMER_SLACK);
    dw_time left = t->rto;
    if (!advanced && t->rtx.count > 0)
        left = dw_segment_at(&t->rtx, 0)->sent_at + t->rto - dw_tcp_now(t);
    if (left > 0 && left < wait) wait = left;
    dw_tcp_timer_stop(t, DW_TCP_TIMER_RETRANSMIT);
    dw_tcp_timer_stop(t, DW_TCP_TIMER_REORDER);
    dw_tcp_timer_set(t, DW_TCP_TIMER_PROBE, wait, CAUSE(PROBE_WAIT));
    return true;
}
