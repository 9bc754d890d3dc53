/* RFC 9293 section 3.6.1: TIME-WAIT as a small record.
 *
 * A server may have tens of thousands of connections in TIME-WAIT, and each needs only a few
 * numbers.  So the TCB is folded into a record of less than a quarter of its size when the user
 * has let go of it; a segment that arrives unfolds it for as long as it is processed, and meets
 * the same code as everywhere else. */
#include "tcp_sequence.h"
#include "tcp_timewait.h"
#include "tcp_accecn.h"
#include "tcp_arrives.h"
#include "tcp_ecn.h"
#include "tcp_giveup.h"
#include "tcp_info.h"
#include "tcp_segment.h"
#include "tcp_state.h"
#include "tcp_table.h"
#include "tcp_tcb.h"

#include <string.h>

/* A TCB that lasts for one segment.  What the record does not keep is as at the end of a connection
 * on which all was said: both FINs were sent and acknowledged, nothing waits. */
static void unfold(dw_tcp_time_wait *w, dw_tcb *t, dw_tcp_settings *set)
{
    *set = (dw_tcp_settings){.tos = w->tos, .ttl = w->ttl, .options = w->options};
    *t = (dw_tcb){.tcp = w->tcp,
                  .link.flow = w->link.flow,
                  .state = DW_TCP_TIME_WAIT,
                  .snd_una = w->snd_nxt,
                  .snd_nxt = w->snd_nxt,
                  .rcv_nxt = w->rcv_nxt,
                  .rcv_wnd = w->rcv_wnd,
                  .irs = w->irs,
                  .iss = w->iss,
                  .rcv_wscale = w->rcv_wscale,
                  .snd_wscale = w->snd_wscale,
                  .ts_ok = w->ts_ok,
                  .ts_recent = w->ts_recent,
                  .ts_recent_at = w->ts_recent_at,
                  .challenges = w->challenges,
                  .challenge_at = w->challenge_at,
                  .last_ack_sent = w->rcv_nxt,
                  .rcv_adv = w->rcv_nxt + w->rcv_wnd,
                  .offered_wnd = w->rcv_wnd,
                  .set = set,
                  .ecn_ok = w->ecn_ok,
                  .ecn_echo = w->ecn_echo,
                  .sack_ok = w->sack_ok,
                  .wscale_ok = w->wscale_ok,
                  .snd_mss = w->snd_mss,
                  .rcv_mss = w->rcv_mss,
                  .snd_wnd = w->snd_wnd,
                  .cc.cwnd = w->cwnd,
                  .cc.ssthresh = w->ssthresh,
                  .srtt = w->srtt,
                  .rttvar = w->rttvar,
                  .rto = w->rto,
                  .retransmit_nxt = w->snd_nxt,
                  .retransmit_end = w->snd_nxt,
                  .fin_queued = true,
                  .fin_sent = true,
                  .fin_received = true,
                  .fin_reached = true,
                  .user = DW_TCP_USER_GONE,
                  .folded = w};
    t->socket.node = w->tcp->node;
    t->socket.conn = w->conn;
    for (int i = 0; i < DW_TCP_TIMERS; i++)
        t->deadline[i] = DW_TIME_NEVER;
    t->deadline[DW_TCP_TIMER_TIME_WAIT] = w->timer.expires;
}

/* The waiting ones in the order in which they began to. */

static void list_append(dw_tcp *tcp, dw_tcp_time_wait *w)
{
    w->older = tcp->newest_time_wait;
    if (w->older)
        w->older->newer = w;
    else
        tcp->oldest_time_wait = w;
    tcp->newest_time_wait = w;
}

static void list_remove(dw_tcp *tcp, dw_tcp_time_wait *w)
{
    if (w->older)
        w->older->newer = w->newer;
    else
        tcp->oldest_time_wait = w->newer;
    if (w->newer)
        w->newer->older = w->older;
    else
        tcp->newest_time_wait = w->older;
}

void dw_tcp_time_wait_free(dw_tcp_time_wait *w)
{
    dw_tcp *tcp = w->tcp;
    tcp->host->timer_cancel(&w->timer);
    if (w->parked_by) w->parked_by->parked = NULL;
    if (!w->parked) dw_tcp_table_remove(&tcp->time_wait, &w->link);
    list_remove(tcp, w);
    tcp->host->free(tcp->node, w, sizeof *w);
}

void dw_tcp_time_wait_end(dw_tcp_time_wait *w, const dw_cause *cause)
{
    dw_tcb t;
    dw_tcp_settings set;
    unfold(w, &t, &set);
    dw_tcp_set_state(&t, DW_TCP_CLOSED, cause);
    dw_tcp_time_wait_free(w);
}

/* What a record has not kept is not made up. */
typedef struct telling {
    dw_info_fn each;
    void *ctx;
} telling;

static void tell_kept(void *arg, const char *name, int64_t value)
{
    static const char *const lost[] = {"send_buffer",      "receive_buffer",
                                       "writable",         "pacing_rate",
                                       "keepalive_idle_s", "report",
                                       "user_timeout_ns",  "rcv_tos",
                                       "keepalive_probes", "keepalive_interval_s",
                                       "delivered",        "peer_mss",
                                       "ack_mss",          "receive_memory_used",
                                       "receive_memory",   "rcv_ssthresh",
                                       "retransmits",      "last_data_recv_ns",
                                       "syn_data_acked",   "fast"};
    const telling *t = arg;
    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++)
        if (strcmp(name, lost[i]) == 0) return;
    t->each(t->ctx, name, value);
}

int dw_tcp_time_wait_info(dw_tcp *tcp, uint32_t conn, dw_info_fn each, void *ctx)
{
    for (dw_tcp_time_wait *w = tcp->oldest_time_wait; w; w = w->newer) {
        dw_tcb t;
        dw_tcp_settings set;
        if (w->conn != conn) continue;
        unfold(w, &t, &set);
        dw_tcp_info(&t.socket, tell_kept, &(telling){each, ctx});
        return DW_OK;
    }
    return DW_E_NOENT;
}

static void over(void *arg)
{
    dw_tcp_time_wait *w = arg;
    dw_tcp *tcp = w->tcp;
    if (dw_tcp_traced(tcp, DW_TRACE_TIMER_FIRED))
        tcp->host->trace_timer(tcp->node, w->conn, DW_TRACE_TIMER_FIRED, "time-wait",
                               tcp->host->now(tcp->node), CAUSE(TIME_WAIT_OVER));
    dw_tcp_time_wait_end(w, CAUSE(TIME_WAIT_OVER));
}

bool dw_tcp_time_wait_end_oldest(dw_tcp *tcp)
{
    dw_tcp_time_wait *w = tcp->oldest_time_wait;
    while (w && w->parked)
        w = w->newer;
    if (w) dw_tcp_time_wait_end(w, CAUSE(TIME_WAIT_RECYCLED));
    return w != NULL;
}

void dw_tcp_fold(dw_tcb *t)
{
    DW_ASSERT(t->state == DW_TCP_TIME_WAIT);
    dw_tcp *tcp = t->tcp;
    dw_tcp_time_wait *w = tcp->host->alloc(tcp->node, sizeof *w);
    if (!w) return; /* the simulation is over */
    bool tells = t->accurate && tcp->profile.ecn_after_close;
    uint8_t ace = tells ? dw_tcp_accurate_ace(t) : 0;
    *w = (dw_tcp_time_wait){.link.flow = t->link.flow,
                            .tcp = tcp,
                            .conn = t->socket.conn,
                            .snd_nxt = t->snd_nxt,
                            .rcv_nxt = t->rcv_nxt,
                            .rcv_wnd = t->rcv_wnd,
                            .irs = t->irs,
                            .iss = t->iss,
                            .rcv_wscale = t->rcv_wscale,
                            .snd_wscale = t->snd_wscale,
                            .ts_ok = t->ts_ok,
                            .ts_recent = t->ts_recent,
                            .ts_recent_at = t->ts_recent_at,
                            .challenges = t->challenges,
                            .challenge_at = t->challenge_at,
                            .tos = (uint8_t)t->set->tos | dw_tcp_ecn_codepoint(t),
                            .ace = ace,
                            .ecn_ok = t->ecn_ok && !t->accurate, /* whose counters are gone */
                            .ecn_echo = t->ecn_echo,
                            .sack_ok = t->sack_ok,
                            .wscale_ok = t->wscale_ok,
                            .snd_mss = (uint16_t)t->snd_mss,
                            .rcv_mss = (uint16_t)t->rcv_mss,
                            .snd_wnd = t->snd_wnd,
                            .cwnd = (uint32_t)t->cc.cwnd,
                            .ssthresh = t->cc.ssthresh,
                            .srtt = t->srtt,
                            .rttvar = t->rttvar,
                            .rto = t->rto,
                            .ttl = (uint8_t)t->set->ttl,
                            .options = t->set->options,
                            .timer = {.expires = DW_TIME_NEVER, .node = tcp->node, .fire = over}};
    w->timer.arg = w;
    w->link.flow.route = NULL;
    uint32_t limit = tcp->profile.time_wait_limit;
    if (limit > 0 && tcp->time_wait.count >= limit) dw_tcp_time_wait_end_oldest(tcp);
    dw_tcp_table_add(tcp, &tcp->time_wait, &w->link);
    list_append(tcp, w);
    tcp->host->timer_set(&w->timer, t->deadline[DW_TCP_TIMER_TIME_WAIT]);
    t->deadline[DW_TCP_TIMER_TIME_WAIT] = DW_TIME_NEVER; /* moved, not cancelled */
    dw_tcp_free(t);
}

void dw_tcp_time_wait_arrives(dw_tcp_time_wait *w, dw_seg *s)
{
    dw_tcb t;
    dw_tcp_settings set;
    unfold(w, &t, &set);
    dw_tcp_other_states(&t, s);
    if (t.state == DW_TCP_CLOSED) {
        dw_tcp_time_wait_free(w);
        return;
    }
    if (t.ack_now) dw_tcp_send_ack(&t, t.ack_cause);
    w->rcv_wnd = t.rcv_wnd;
    w->ts_recent = t.ts_recent;
    w->ts_recent_at = t.ts_recent_at;
    w->ecn_echo = t.ecn_echo;
    w->challenges = t.challenges;
    w->challenge_at = t.challenge_at;
    if (t.deadline[DW_TCP_TIMER_TIME_WAIT] != w->timer.expires)
        w->tcp->host->timer_set(&w->timer, t.deadline[DW_TCP_TIMER_TIME_WAIT]);
}

/* RFC 6191 section 2, and RFC 9293 section 3.6.1 where there are no timestamps: the SYN is newer
 * than all that the old connection sent. */
bool dw_tcp_syn_may_reopen(const dw_tcp *tcp, const dw_seg *syn, uint32_t rcv_nxt, bool ts_ok,
                           uint32_t ts_recent)
{
    if (tcp->profile.time_wait_syn != DW_TCP_TW_SYN_REOPEN) return false;
    if (syn->flags & (DW_TCP_RST | DW_TCP_ACK)) return false;
    if (ts_ok && syn->has_timestamp && syn->ts_val != ts_recent)
        return seq_lt(ts_recent, syn->ts_val);
    return seq_lt(rcv_nxt, syn->seq);
}

/* Two ends in TIME-WAIT must not answer each other's last ACK. */
static void bsd_reply(dw_tcb *t, dw_seg *s)
{
    bool plain = s->flags == DW_TCP_ACK && s->text_len == 0;
    if (plain && s->seq == t->rcv_nxt && s->ack == t->snd_nxt) return;
    t->ack_now = true;
    t->ack_cause = s->flags & DW_TCP_FIN ? CAUSE(TIME_WAIT_RESTART) : CAUSE(NOT_ACCEPTABLE);
    s->drop = dw_tcp_why_unacceptable(t, s);
}

void dw_tcp_time_wait_bsd(dw_tcb *t, dw_seg *s)
{
    if (s->flags & DW_TCP_RST) {
        s->drop = CAUSE(DROP_RST_TIME_WAIT);
    } else if (!(s->flags & DW_TCP_ACK)) {
        s->drop = CAUSE(DROP_NO_ACK);
    } else {
        bool fin_again = s->flags & DW_TCP_FIN && s->seq + dw_seg_len(s) == t->rcv_nxt;
        if (fin_again && t->tcp->profile.time_wait_restart)
            dw_tcp_start_time_wait(t, CAUSE(TIME_WAIT_RESTART));
        bsd_reply(t, s);
    }
}

void dw_tcp_time_wait_park(dw_tcp_time_wait *w)
{
    DW_ASSERT(!w->parked);
    dw_tcp_table_remove(&w->tcp->time_wait, &w->link);
    w->parked = true;
}

static void take_place_again(dw_tcp_time_wait *w)
{
    dw_tcp_table_add(w->tcp, &w->tcp->time_wait, &w->link);
    w->parked = false;
    w->parked_by = NULL;
}

void dw_tcp_time_wait_parked_by(dw_tcp_time_wait *w, dw_tcb *by)
{
    w->parked_by = by;
    if (by)
        by->parked = w;
    else
        take_place_again(w); /* the listener did not want it */
}

void dw_tcp_time_wait_unpark(dw_tcb *t)
{
    dw_tcp_time_wait *w = t->parked;
    if (!w) return;
    t->parked = NULL;
    take_place_again(w);
    dw_tcp_note(w->tcp, w->conn, CAUSE(TIME_WAIT_RESUMED));
}

/* The new connection is there to stay, or everything ends. */
void dw_tcp_time_wait_forget_parked(dw_tcb *t)
{
    if (t->parked) dw_tcp_time_wait_end(t->parked, CAUSE(TIME_WAIT_REOPENED));
}
