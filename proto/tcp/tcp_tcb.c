/* The life of a TCB: it is made, deleted and freed here, waits in TIME-WAIT, and is settled at the
 * end of an instant. */
#include "tcp_tcb.h"
#include "tcp_accecn.h"
#include "tcp_chain.h"
#include "tcp_check.h"
#include "tcp_congestion.h"
#include "tcp_cookie.h"
#include "tcp_giveup.h"
#include "tcp_listen.h"
#include "tcp_negotiate.h"
#include "tcp_output.h"
#include "tcp_pmtu.h"
#include "tcp_rcvbuf.h"
#include "tcp_record.h"
#include "tcp_rtt.h"
#include "tcp_rules.h"
#include "tcp_sack.h"
#include "tcp_scoreboard.h"
#include "tcp_segment.h"
#include "tcp_settings.h"
#include "tcp_state.h"
#include "tcp_table.h"
#include "tcp_timeout.h"
#include "tcp_timer.h"
#include "tcp_timewait.h"
#include "tcp_trace.h"
#include "tcp_tune.h"
#include "tcp_user.h"
#include "tcp_window.h"

/* RFC 6528: a clock that ticks every 4 us (MUST-8) plus a secret function of the connection, so
 * that two incarnations of one connection do not overlap (SHLD-1).  The secret comes from the
 * simulation's seed, and nothing outside tells it (MUST-9). */
static uint32_t generated_iss(const dw_tcp *tcp, const dw_flow *flow)
{
    uint64_t clock = (uint64_t)(tcp->host->now(tcp->node) / (4 * DW_MICROSECOND));
    return (uint32_t)clock + (uint32_t)dw_tcp_hash_flow(tcp->isn_secret, flow);
}

void dw_tcp_choose_iss(dw_tcb *t)
{
    enum { ALWAYS_THE_SAME = 1 };
    dw_tcp *tcp = t->tcp;
    if (DEFECT(t, FIXED_ISN))
        t->iss = ALWAYS_THE_SAME;
    else
        t->iss = tcp->isn_used < tcp->isn_count ? tcp->isn_script[tcp->isn_used++]
                                                : generated_iss(tcp, &t->link.flow);
    bool above = tcp->profile.time_wait_isn == DW_TCP_REOPEN_ABOVE;
    if (tcp->reopening && (above || !seq_lt(tcp->reopen_above, t->iss)))
        t->iss = tcp->reopen_above + 65537;
    t->snd_una = t->snd_nxt = t->snd_up = t->snd_small = t->iss;
    t->push_seq = t->iss + 1;
    t->ecn_recover = t->recover = t->retransmit_nxt = t->retransmit_end = t->iss;
}

/* A small stack has room for so many; connections that only wait give way. */
static bool make_room(dw_tcp *tcp)
{
    uint32_t max = tcp->profile.max_connections;
    if (max == 0) return true;
    while (tcp->live + tcp->time_wait.count >= max && dw_tcp_time_wait_end_oldest(tcp))
        continue;
    return tcp->live < max;
}

dw_tcb *dw_tcp_new(dw_tcp *tcp, const dw_flow *flow)
{
    dw_tcb *t = make_room(tcp) ? tcp->host->alloc(tcp->node, sizeof *t) : NULL;
    if (!t) return NULL;
    tcp->live++;
    t->tcp = tcp;
    t->socket.ops = &dw_tcp_sockets;
    t->socket.node = tcp->node;
    t->link.flow = *flow;
    t->timer = (dw_timer){
        .expires = DW_TIME_NEVER, .node = tcp->node, .fire = dw_tcp_timers_due, .arg = t};
    for (int i = 0; i < DW_TCP_TIMERS; i++)
        t->deadline[i] = DW_TIME_NEVER;
    t->link.flow.route = NULL;
    if (flow->route) dw_tcp_set_route(t, flow->route);
    if (!dw_tcp_settings_begin(t, flow)) {
        tcp->live--;
        if (t->route) tcp->host->free(tcp->node, t->route, sizeof *t->route);
        tcp->host->free(tcp->node, t, sizeof *t);
        return NULL;
    }
    uint32_t mss = dw_tcp_path_mss(tcp, &flow->remote), usual = dw_tcp_told_mss(t, 0);
    t->snd_mss = mss < usual ? mss : usual; /* MUST-15 */
    t->mtu.path = dw_tcp_path_mtu(tcp, &flow->remote);
    t->mtu.peer_mss = usual;
    t->mtu.changes = tcp->path_changes;
    t->mtu.until = DW_TIME_NEVER;
    dw_tcp_size_receiver(t);
    t->quick = tcp->profile.quick_acks;
    dw_tcp_congestion_choose(t);
    dw_tcp_rtt_init(t);
    dw_tcp_choose_iss(t);
    t->socket.conn = tcp->host->conn_new(tcp->node, "tcp", flow);
    dw_tcp_table_add(tcp, &tcp->table, &t->link);
    t->in_table = true;
    return t;
}

void dw_tcp_flush(dw_tcb *t)
{
    for (int i = 0; i < DW_TCP_TIMERS; i++)
        dw_tcp_timer_stop(t, i);
    dw_slice_clear(&t->unsent);
    dw_segment_clear(&t->rtx);
    if (t->rec) dw_tcp_score_rebuild(t);
    dw_segment_clear(&t->out_of_order);
    if (t->sacks) dw_ranges_clear(&t->sacks->stretches);
    dw_tcp_records_forget(t);
    dw_tcp_chain_forget(t);
    t->sent_buffers = 0;
    t->ack_now = false;
}

static void leave_table(dw_tcb *t)
{
    if (t->in_table)
        dw_tcp_table_remove(&t->tcp->table, &t->link);
    else if (t->in_closed)
        dw_tcp_table_remove(&t->tcp->closed, &t->link);
    t->in_table = t->in_closed = false;
}

void dw_tcp_delete(dw_tcb *t, int error, const dw_cause *cause)
{
    dw_tcp_flush(t);
    /* What was received in order may still be read after an orderly close; a reset discards it
     * (RFC 9293 3.10.7.4 second: "all segment queues should be flushed"). */
    bool keep = t->tcp->profile.rst_unread == DW_TCP_UNREAD_KEEP && error != DW_E_CRASHED;
    if (error && !keep) dw_slice_clear(&t->received);
    t->error = (int8_t)error;
    if (t->tcp->checked) dw_tcp_rule_closed(t);
    dw_tcp_time_wait_unpark(t);
    if (!t->folded) {
        leave_table(t);
        t->in_closed = t->user == DW_TCP_USER_HERE || t->place == DW_TCP_PLACE_ACCEPT;
        if (t->in_closed) dw_tcp_table_add(t->tcp, &t->tcp->closed, &t->link);
    }
    bool waits = t->place == DW_TCP_PLACE_ACCEPT && t->tcp->profile.keep_unaccepted &&
                 error != DW_OK && error != DW_E_CRASHED && !t->listener->crashed;
    if (t->listener && !waits) dw_tcp_listener_forget(t);
    if (!t->folded && t->state != DW_TCP_CLOSED) t->tcp->live--;
    if (t->state != DW_TCP_CLOSED) dw_tcp_set_state(t, DW_TCP_CLOSED, cause); /* it was opened */
    dw_tcp_tell(t, error ? DW_SOCKET_ERROR | DW_SOCKET_READABLE : DW_SOCKET_CLOSED);
}

static void leave_settle_list(dw_tcb *t)
{
    dw_tcp *tcp = t->tcp;
    dw_tcb *before = NULL;
    for (dw_tcb *at = tcp->settle_first; at; before = at, at = at->settle_next) {
        if (at != t) continue;
        if (before)
            before->settle_next = t->settle_next;
        else
            tcp->settle_first = t->settle_next;
        if (tcp->settle_last == t) tcp->settle_last = before;
        break;
    }
    t->settling = false;
}

void dw_tcp_free(dw_tcb *t)
{
    DW_ASSERT(!t->folded);
    dw_tcp *tcp = t->tcp;
    if (t->state != DW_TCP_CLOSED) tcp->live--;
    dw_tcp_flush(t);
    dw_tcp_time_wait_forget_parked(t);
    dw_tcp_forget_peer(t);
    dw_slice_clear(&t->received);
    dw_tcp_sack_forget(t);
    dw_tcp_tune_free(t);
    dw_tcp_rcvbuf_free(t);
    dw_tcp_settings_end(t);
    dw_tcp_trace_free(t);
    dw_tcp_recovery_free(t);
    dw_tcp_accurate_free(t);
    dw_tcp_congestion_end(t);
    leave_table(t);
    if (t->route) tcp->host->free(tcp->node, t->route, sizeof *t->route);
    if (t->settling) leave_settle_list(t);
    tcp->host->timer_cancel(&t->timer);
    tcp->host->notify(&t->socket, 0);
    tcp->host->free(tcp->node, t, sizeof *t);
}

void dw_tcp_reap(dw_tcb *t)
{
    if (t->folded) return;
    if (t->state == DW_TCP_CLOSED && t->user != DW_TCP_USER_HERE && !t->listener)
        dw_tcp_free(t);
    else if (t->state == DW_TCP_TIME_WAIT && t->user == DW_TCP_USER_GONE && !t->settling &&
             !t->route)
        dw_tcp_fold(t);
}

void dw_tcp_enter_time_wait(dw_tcb *t, const dw_cause *cause)
{
    for (int i = 0; i < DW_TCP_TIMERS; i++)
        if (i != DW_TCP_TIMER_DELAYED_ACK) dw_tcp_timer_stop(t, i);
    dw_tcp_set_state(t, DW_TCP_TIME_WAIT, cause);
    if (DEFECT(t, NO_TIME_WAIT)) {
        if (t->ack_now) dw_tcp_send_ack(t, t->ack_cause);
        dw_tcp_delete(t, DW_OK, cause);
        return;
    }
    dw_tcp_start_time_wait(t, cause);
    /* The user is told now, not after the wait (RFC 9293 3.9.1). */
    dw_tcp_tell(t, DW_SOCKET_CLOSED);
}

/* What a segment asked for is done once all segments of this instant have been processed, so that
 * their acknowledgments can be one (MUST-58, MUST-59). */
static void settle(void *instance)
{
    dw_tcp *tcp = instance;
    while (tcp->settle_first) {
        dw_tcb *t = tcp->settle_first;
        tcp->settle_first = t->settle_next;
        if (!tcp->settle_first) tcp->settle_last = NULL;
        t->settling = false;
        if (t->state != DW_TCP_CLOSED) dw_tcp_output(t);
        dw_tcp_check(t);
        dw_tcp_reap(t);
    }
}

void dw_tcp_settle_later(dw_tcb *t)
{
    dw_tcp *tcp = t->tcp;
    if (t->settling || t->folded) return;
    t->settling = true;
    t->settle_next = NULL;
    if (tcp->settle_last) {
        tcp->settle_last->settle_next = t;
    } else {
        tcp->settle_first = t;
        tcp->host->settle(tcp->node, tcp, settle);
    }
    tcp->settle_last = t;
}
