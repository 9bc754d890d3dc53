/* STATUS, RFC 9293 section 3.10.6: what a socket tells of itself, name by name. */
#include "tcp_info.h"
#include "tcp_accecn.h"
#include "tcp_chrono.h"
#include "tcp_delack.h"
#include "tcp_ecn.h"
#include "tcp_listen.h"
#include "tcp_pace.h"
#include "tcp_rack.h"
#include "tcp_rcvbuf.h"
#include "tcp_scoreboard.h"
#include "tcp_sendbuf.h"
#include "tcp_timer.h"
#include "tcp_urgent.h"

/* How often the timer that runs has been doubled. */
static uint32_t backoff(const dw_tcb *t)
{
    uint32_t linear = t->tcp->profile.syn_linear_timeouts, n = t->retransmits;
    if (dw_tcp_timer_runs(t, DW_TCP_TIMER_PERSIST)) return t->window_backoff;
    if (t->state != DW_TCP_SYN_SENT || t->fast_asked) return n;
    return n > linear ? n - linear : 0;
}

static void tell_recovery(const dw_tcb *t, dw_info_fn each, void *ctx)
{
    const dw_tcp_recovery *r = t->rec;
    each(ctx, "ca_state", t->cc.state);
    each(ctx, "pipe", (int64_t)(dw_tcp_pipe(r) * dw_tcp_unit(t)));
    each(ctx, "sacked_out", (int64_t)((r->sacked + r->emulated) / dw_tcp_segment_units(t)));
    each(ctx, "lost_out", (int64_t)(r->lost / dw_tcp_segment_units(t)));
    each(ctx, "resent_out", (int64_t)(r->retransmitted / dw_tcp_segment_units(t)));
    each(ctx, "resent_total", (int64_t)(r->retransmitted_total / dw_tcp_segment_units(t)));
    each(ctx, "reordering", r->reordering);
    each(ctx, "reordering_seen", r->reorderings);
    each(ctx, "duplicates", (int64_t)(r->duplicates / dw_tcp_segment_units(t)));
    each(ctx, "min_rtt_ns", r->min_rtt);
    each(ctx, "rack_window_ns", r->rack ? dw_tcp_rack_window(t) : 0);
    each(ctx, "delivery_rate", (int64_t)r->delivery_rate);
    each(ctx, "delivery_rate_app_limited", r->delivery_limited);
}

static void tell_listener(const dw_tcp_listener *l, dw_info_fn each, void *ctx)
{
    each(ctx, "backlog", l->backlog);
    each(ctx, "half_open", l->half_open_count);
    each(ctx, "waiting", l->waiting);
    each(ctx, "time_wait", l->tcp->time_wait.count);
}

/* RFC 9293 3.3.1: the send and receive sequence spaces. */
static void tell_sequence_spaces(const dw_tcb *t, dw_info_fn each, void *ctx)
{
    each(ctx, "accepted", t->user != DW_TCP_USER_NONE);
    each(ctx, "snd_una", t->snd_una);
    each(ctx, "snd_nxt", t->snd_nxt);
    each(ctx, "snd_wnd", t->snd_wnd);
    each(ctx, "iss", t->iss);
    each(ctx, "rcv_nxt", t->rcv_nxt);
    each(ctx, "rcv_wnd", t->rcv_wnd);
    each(ctx, "offered_wnd", t->offered_wnd);
    each(ctx, "irs", t->irs);
}

/* Windows that grow step by step have a bound of their own; else the buffer is one. */
static int64_t most_announced(const dw_tcb *t)
{
    int64_t field = (int64_t)65535 << t->rcv_wscale, buffer = t->set->receive_buffer;
    if (t->rcv_ssthresh < UINT32_MAX) return t->rcv_ssthresh;
    return buffer < field ? buffer : field;
}

/* Sizes of segments, and what they cost of memory. */
static void tell_sizes(const dw_tcb *t, dw_info_fn each, void *ctx)
{
    each(ctx, "snd_mss", t->snd_mss);
    each(ctx, "rcv_mss", t->rcv_mss);
    each(ctx, "advmss", t->rcv_mss);
    each(ctx, "ack_mss", dw_tcp_delack_mss(t));
    each(ctx, "rcv_ssthresh", most_announced(t));
    each(ctx, "receive_memory", (int64_t)dw_tcp_rcvbuf_memory(t));
    each(ctx, "receive_memory_used", t->rmem_alloc);
    each(ctx, "pmtu", t->mtu.path);
}

/* What is under way or waits, and what the path allows. */
static void tell_flight(const dw_tcb *t, dw_info_fn each, void *ctx)
{
    uint64_t pacing = dw_tcp_pacing_rate(t);
    each(ctx, "flight", dw_tcp_flight(t));
    each(ctx, "segments_out", t->rtx.count);
    each(ctx, "delivered", t->delivered);
    each(ctx, "unsent", t->unsent.bytes);
    each(ctx, "unread", t->received.bytes);
    each(ctx, "early", t->out_of_order.count);
    each(ctx, "cwnd", (int64_t)(t->cc.cwnd + t->inflation));
    each(ctx, "ssthresh", t->cc.ssthresh < INT64_MAX ? (int64_t)t->cc.ssthresh : INT64_MAX);
    each(ctx, "pacing_rate", (int64_t)(pacing < INT64_MAX ? pacing : INT64_MAX));
    each(ctx, "srtt_ns", t->srtt);
    each(ctx, "rttvar_ns", t->rttvar);
    each(ctx, "rto_ns", t->rto);
    each(ctx, "retransmits", t->retransmits);
}

/* What the peers agreed on and told each other. */
static void tell_options(const dw_tcb *t, dw_info_fn each, void *ctx)
{
    each(ctx, "snd_wscale", t->snd_wscale);
    each(ctx, "rcv_wscale", t->rcv_wscale);
    each(ctx, "urgent", dw_tcp_urgent_left(t));
    each(ctx, "report", t->report);
    each(ctx, "icmp", t->soft_error);
    each(ctx, "rcv_tos", t->rcv_tos);
    each(ctx, "timestamps", t->ts_ok);
    each(ctx, "ts_recent", t->ts_recent);
    each(ctx, "user_timeout_ns", t->set->user_timeout);
    each(ctx, "sack", t->sack_ok);
    each(ctx, "wscale_ok", t->wscale_ok);
    each(ctx, "ecn", t->ecn_ok);
    each(ctx, "ecn_mode", dw_tcp_ecn_mode(t));
    each(ctx, "ecn_seen", t->ecn_seen);
    each(ctx, "fast", t->fast);
    each(ctx, "syn_data_acked", t->syn_data_acked);
    each(ctx, "fin_received", t->fin_received);
}

/* Buffers, and since when or how often things have been going on. */
static void tell_progress(const dw_tcb *t, dw_info_fn each, void *ctx)
{
    each(ctx, "send_buffer", t->set->send_buffer);
    each(ctx, "receive_buffer", t->set->receive_buffer);
    each(ctx, "receive_lowat", t->set->receive_lowat);
    each(ctx, "quick_ack", dw_tcp_delack_is_quick(t));
    each(ctx, "writable", !t->fin_queued && dw_tcp_writable(t));
    each(ctx, "peer_mss", t->mtu.peer_mss);
    each(ctx, "last_data_recv_ns", t->data_at ? dw_tcp_now(t) - t->data_at : 0);
    each(ctx, "last_data_sent_ns", t->burst_at ? dw_tcp_now(t) - t->burst_at : 0);
    each(ctx, "bytes_received", t->state > DW_TCP_SYN_SENT ? t->rcv_nxt - t->irs - 1 : 0);
    each(ctx, "probes", t->window_probes + t->probes_unanswered);
    each(ctx, "backoff", backoff(t));
    dw_tcp_chrono_info(t, each, ctx);
    each(ctx, "unacknowledged", t->unsent.bytes + dw_tcp_flight(t));
    each(ctx, "udp_remote", t->link.flow.udp_remote); /* the peer's port of TCP in UDP; 0: none */
    each(ctx, "syn_retries", t->set->syn_retries);
    each(ctx, "keepalive_idle_s", t->set->keepalive_idle / DW_SECOND);
    each(ctx, "keepalive_interval_s", t->set->keepalive_interval / DW_SECOND);
    each(ctx, "keepalive_probes", t->set->keepalive_probes);
}

void dw_tcp_info(const dw_socket *socket, dw_info_fn each, void *ctx)
{
    if (socket->listening) {
        tell_listener((const dw_tcp_listener *)(const void *)socket, each, ctx);
        return;
    }
    const dw_tcb *t = (const dw_tcb *)(const void *)socket;
    tell_sequence_spaces(t, each, ctx);
    tell_sizes(t, each, ctx);
    tell_flight(t, each, ctx);
    tell_options(t, each, ctx);
    tell_progress(t, each, ctx);
    if (t->rec) tell_recovery(t, each, ctx);
    if (t->accurate)
        dw_tcp_accurate_info(t, each, ctx);
    else
        each(ctx, "delivered_ce", t->delivered_ce);
}
