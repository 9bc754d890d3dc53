/* RFC 9293 section 3.10.8: what happens when a timer expires.  Timers that are due at the same
 * instant run in the order of enum dw_tcp_timer. */
#include "tcp_timeout.h"
#include "tcp_check.h"
#include "tcp_congestion.h"
#include "tcp_delack.h"
#include "tcp_ecn.h"
#include "tcp_fastopen.h"
#include "tcp_giveup.h"
#include "tcp_keepalive.h"
#include "tcp_listen.h"
#include "tcp_local_drop.h"
#include "tcp_negotiate.h"
#include "tcp_output.h"
#include "tcp_plpmtu.h"
#include "tcp_recovery.h"
#include "tcp_repacketize.h"
#include "tcp_retransmit.h"
#include "tcp_rtt.h"
#include "tcp_segment.h"
#include "tcp_state.h"
#include "tcp_tcb.h"
#include "tcp_timer.h"
#include "tcp_tlp.h"
#include "tcp_trace.h"

static void give_up(dw_tcb *t)
{
    const dw_cause *cause = t->set->user_timeout > 0 ? CAUSE(USER_TIMED_OUT) : CAUSE(TIMED_OUT);
    if (t->state == DW_TCP_SYN_RECEIVED && t->place == DW_TCP_PLACE_HALF_OPEN)
        dw_tcp_back_to_listen(t, cause);
    else
        dw_tcp_delete(t, DW_E_TIMEOUT, cause);
}

/* RFC 5681 section 3.1: the window for a loss that the timer found.  ssthresh is set once, not
 * for each retransmission of the same segment. */
static void collapse_window(dw_tcb *t)
{
    if (DEFECT(t, P2525_2)) return;
    if (t->rec) {
        dw_tcp_recovery_timeout(t);
        return;
    }
    if (t->retransmits == 1) t->cc.ssthresh = t->cc.ops->ssthresh(&t->cc, dw_tcp_flight(t));
    t->cc.ops->on_timeout(&t->cc);
    dw_tcp_ecn_window_reduced(t);
    dw_tcp_congestion_state(t, DW_CONGESTION_LOSS);
    t->recovering = false;
    t->inflation = 0;
    t->duplicate_acks = 0;
    t->recover = t->snd_nxt;
}

/* The first segment, as long as segments are now, for it may be the size that it is lost for. */
static dw_segment *first_to_retransmit(dw_tcb *t, bool all_anew)
{
    if (all_anew)
        dw_tcp_recut(t);
    else
        dw_tcp_cut(t, 0);
    dw_segment *first = dw_segment_at(&t->rtx, 0);
    if (t->tcp->profile.send_whole_buffers) dw_tcp_end_buffer(t, first); /* it goes alone */
    return first;
}

/* RETRANSMISSION TIMEOUT, as RFC 6298 (5.4) to (5.7) have it. */
static void retransmission_timeout(dw_tcb *t)
{
    if (dw_tcp_peer_is_gone(t)) {
        give_up(t);
        return;
    }
    if (t->retransmits++ == 0) t->retransmitted_at = dw_tcp_now(t);
    if (t->retransmits == t->tcp->profile.r1 && !t->r1_told) {
        t->r1_told = true; /* MUST-20 (b): tell IP, which here has no other route to try */
        dw_tcp_report(t, DW_TCP_REPORT_R1); /* SHLD-9, SHLD-10 */
    }
    bool resized = dw_tcp_suspect_black_hole(t);
    t->resend_why = DW_TCP_RESEND_LATE;
    dw_segment *first = dw_segment_at(&t->rtx, 0);
    bool waits = first->flags & DW_TCP_SYN && dw_tcp_waits_for_data(t);
    if (first->flags & DW_TCP_SYN) {
        if (!waits) dw_tcp_syn_repeated(t);
        dw_tcp_fast_withdraw(t);
    } else if (t->snd_wnd > 0) {
        collapse_window(t);
    }
    first = first_to_retransmit(t, resized);
    if (!t->rec) {
        t->retransmit_nxt = dw_segment_end(first);
        t->retransmit_end = t->snd_nxt;
    }
    bool linear = t->state == DW_TCP_SYN_SENT && !t->fast_asked &&
                  t->retransmits <= t->tcp->profile.syn_linear_timeouts;
    if (!waits &&
        dw_tcp_retransmit_refused(t)) { /* no news of the path: the timeout stays as it is */
        dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, t->tcp->profile.local_drop_probe,
                         CAUSE(LOCAL_DROP));
        return;
    }
    if (!linear) dw_tcp_rtt_backoff(t);
    if (!waits) dw_tcp_retransmit(t, first, CAUSE(RETRANSMIT_TIMEOUT));
    dw_tcp_timer_set(t, DW_TCP_TIMER_RETRANSMIT, dw_tcp_next_timeout(t), CAUSE(RETRANSMIT_TIMEOUT));
}

/* RFC 9293 section 3.8.6.1: intervals grow, and the connection lives while the peer answers. */
static void persist_timeout(dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    if (dw_tcp_probed_enough(t)) {
        give_up(t);
        return;
    }
    if (t->window_backoff == 0) t->probing_since = dw_tcp_now(t);
    if (dw_tcp_refused(t)) {
        t->window_probes++;
        dw_tcp_timer_set(t, DW_TCP_TIMER_PERSIST, p->local_drop_probe, CAUSE(LOCAL_DROP));
        return;
    }
    dw_tcp_probe(t);
    if (t->tcp->profile.send_whole_buffers && t->rtx.count > 0 &&
        !t->probing) { /* it was only held back */
        t->window_probes = t->window_backoff = 0;
        return;
    }
    t->window_probes++;
    t->window_backoff++;
    t->persist_interval *= 2;
    if (t->persist_interval > p->persist_max) t->persist_interval = p->persist_max;
    dw_tcp_timer_set(t, DW_TCP_TIMER_PERSIST, dw_tcp_next_probe(t), CAUSE(ZERO_WINDOW_PROBE));
}

static void keepalive_timeout(dw_tcb *t)
{
    if (dw_tcp_keepalive_timeout(t)) return;
    dw_tcp_reset(t, CAUSE(KEEPALIVE_DEAD)); /* if the peer is there after all, it learns of it */
    dw_tcp_delete(t, DW_E_TIMEOUT, CAUSE(KEEPALIVE_DEAD));
}

static void time_wait_timeout(dw_tcb *t)
{
    const dw_cause *cause =
        t->state == DW_TCP_TIME_WAIT ? CAUSE(TIME_WAIT_OVER) : CAUSE(FINWAIT2_OVER);
    dw_tcp_delete(t, DW_OK, cause);
}

static void expired(dw_tcb *t, enum dw_tcp_timer which)
{
    switch (which) {
    case DW_TCP_TIMER_RETRANSMIT: retransmission_timeout(t); return;
    case DW_TCP_TIMER_REORDER: dw_tcp_rack_timeout(t); return;
    case DW_TCP_TIMER_PROBE: dw_tcp_probe_timeout(t); return;
    case DW_TCP_TIMER_PERSIST: persist_timeout(t); return;
    case DW_TCP_TIMER_OVERRIDE:
        t->sws_override = true;
        dw_tcp_output(t);
        return;
    case DW_TCP_TIMER_DELAYED_ACK: dw_tcp_delack_timeout(t); return;
    case DW_TCP_TIMER_TIME_WAIT: time_wait_timeout(t); return;
    case DW_TCP_TIMER_KEEPALIVE: keepalive_timeout(t); return;
    case DW_TCP_TIMER_PACE: dw_tcp_output(t); return;
    case DW_TCP_TIMERS: return;
    }
}

static const dw_cause *why_fired(enum dw_tcp_timer which)
{
    switch (which) {
    case DW_TCP_TIMER_RETRANSMIT: return CAUSE(RETRANSMIT_TIMEOUT);
    case DW_TCP_TIMER_REORDER: return CAUSE(REORDER_WAIT);
    case DW_TCP_TIMER_PROBE: return CAUSE(TAIL_LOSS_PROBE);
    case DW_TCP_TIMER_PERSIST: return CAUSE(ZERO_WINDOW_PROBE);
    case DW_TCP_TIMER_OVERRIDE: return CAUSE(OVERRIDE_TIMER);
    case DW_TCP_TIMER_DELAYED_ACK: return CAUSE(DELACK_TIMER);
    case DW_TCP_TIMER_TIME_WAIT: return CAUSE(TIME_WAIT_OVER);
    case DW_TCP_TIMER_KEEPALIVE: return CAUSE(KEEPALIVE);
    case DW_TCP_TIMER_PACE: return CAUSE(PACED);
    case DW_TCP_TIMERS: break;
    }
    return NULL;
}

void dw_tcp_timers_due(void *tcb)
{
    dw_tcb *t = tcb;
    dw_tcp *tcp = t->tcp;
    dw_time now = tcp->host->now(tcp->node);
    for (int i = 0; i < DW_TCP_TIMERS && t->state != DW_TCP_CLOSED; i++) {
        if (t->deadline[i] > now) continue;
        t->deadline[i] = DW_TIME_NEVER;
        if (dw_tcp_traced(tcp, DW_TRACE_TIMER_FIRED))
            tcp->host->trace_timer(tcp->node, t->socket.conn, DW_TRACE_TIMER_FIRED,
                                   dw_tcp_timer_names[i], now, why_fired((enum dw_tcp_timer)i));
        expired(t, i);
    }
    if (t->state != DW_TCP_CLOSED) {
        dw_tcp_trace_variables(t);
        dw_tcp_timers_arm(t);
    }
    dw_tcp_check(t);
    dw_tcp_reap(t);
}
