/* RFC 9293 section 3.6.1: TIME-WAIT as a small record.
 *
 * A server may have tens of thousands of connections in TIME-WAIT, and each needs only a few
 * numbers.  So the TCB is folded into a record of less than a quarter of its size when the user
 * has let go of it; a segment that arrives unfolds it for as long as it is processed, and meets
 * the same code as everywhere else. */
#include "tcp.h"

static void unfold(dw_tcp_time_wait *w, dw_tcb *t)
{
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
                  .snd_mss = DW_TCP_DEFAULT_MSS,
                  .rcv_mss = DW_TCP_DEFAULT_MSS,
                  .resend_nxt = w->snd_nxt,
                  .resend_end = w->snd_nxt,
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

void dw_tcp_time_wait_free(dw_tcp_time_wait *w)
{
    dw_tcp *tcp = w->tcp;
    tcp->host->timer_cancel(&w->timer);
    dw_tcp_table_remove(&tcp->time_wait, &w->link);
    tcp->host->free(tcp->node, w, sizeof *w);
}

static void over(void *arg)
{
    dw_tcp_time_wait *w = arg;
    dw_tcp *tcp = w->tcp;
    dw_tcb t;
    unfold(w, &t);
    if (dw_tcp_traced(tcp, DW_TRACE_TIMER_FIRED))
        tcp->host->trace_timer(tcp->node, w->conn, DW_TRACE_TIMER_FIRED, "time-wait",
                               tcp->host->now(tcp->node), NULL);
    dw_tcp_set_state(&t, DW_TCP_CLOSED, CAUSE(TIME_WAIT_OVER));
    dw_tcp_time_wait_free(w);
}

void dw_tcp_fold(dw_tcb *t)
{
    dw_tcp *tcp = t->tcp;
    dw_tcp_time_wait *w = tcp->host->alloc(tcp->node, sizeof *w);
    if (!w) return; /* then the TCB itself waits */
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
                            .timer = {.expires = DW_TIME_NEVER, .node = tcp->node, .fire = over}};
    w->timer.arg = w;
    dw_tcp_table_add(&tcp->time_wait, &w->link);
    tcp->host->timer_set(&w->timer, t->deadline[DW_TCP_TIMER_TIME_WAIT]);
    t->deadline[DW_TCP_TIMER_TIME_WAIT] = DW_TIME_NEVER; /* moved, not cancelled */
    dw_tcp_free(t);
}

void dw_tcp_time_wait_arrives(dw_tcp_time_wait *w, dw_seg *s)
{
    dw_tcb t;
    unfold(w, &t);
    dw_tcp_other_states(&t, s);
    if (t.state == DW_TCP_CLOSED) {
        dw_tcp_time_wait_free(w);
        return;
    }
    if (t.ack_now) dw_tcp_send_ack(&t, t.ack_cause);
    w->rcv_wnd = t.rcv_wnd;
    if (t.deadline[DW_TCP_TIMER_TIME_WAIT] != w->timer.expires)
        w->tcp->host->timer_set(&w->timer, t.deadline[DW_TCP_TIMER_TIME_WAIT]);
}
