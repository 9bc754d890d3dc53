/* What the trace follows of a connection: each value when it has changed. */
#include "tcp_trace.h"
#include "tcp_pace.h"
#include "tcp_rack.h"
#include "tcp_scoreboard.h"

/* Variables that are followed besides those of the round-trip estimate, and how many more there are
 * of DW_TRACE_DETAIL. */
enum {
    VAR_CWND,
    VAR_SSTHRESH,
    VAR_FLIGHT,
    VAR_SND_WND,
    VAR_RCV_WND,
    VAR_PIPE,
    VAR_PACING_RATE,
    VAR_DELIVERY_RATE,
    VAR_RACK_WINDOW,
    VARIABLES,
    DETAILS = 18
};

static uint64_t min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* An ssthresh that was never set is "arbitrarily high" (RFC 5681 3.1): nothing to plot, so it stays
 * what it was. */
static uint64_t ssthresh_of(const dw_tcb *t)
{
    return t->cc.ssthresh < UINT32_MAX ? t->cc.ssthresh : t->traced[VAR_SSTHRESH];
}

static uint64_t paced_rate(const dw_tcb *t)
{
    bool paced = t->tcp->profile.pacing || t->cc.pacing_rate;
    return paced ? min(dw_tcp_pacing_rate(t), INT64_MAX) : 0;
}

/* What only a scoreboard knows is 0 without one. */
static void trace_variables(dw_tcb *t)
{
    static const char *const names[VARIABLES] = {"cwnd",        "ssthresh",      "flight",
                                                 "snd_wnd",     "rcv_wnd",       "pipe",
                                                 "pacing_rate", "delivery_rate", "rack_window"};
    const dw_tcp_recovery *r = t->rec;
    uint64_t now[VARIABLES] = {[VAR_CWND] = min(t->cc.cwnd + t->inflation, UINT32_MAX),
                               [VAR_SSTHRESH] = ssthresh_of(t),
                               [VAR_FLIGHT] = dw_tcp_flight(t),
                               [VAR_SND_WND] = t->snd_wnd,
                               [VAR_RCV_WND] = t->rcv_wnd,
                               [VAR_PACING_RATE] = paced_rate(t)};
    if (r) {
        now[VAR_PIPE] = dw_tcp_pipe(r) * dw_tcp_unit(t);
        now[VAR_DELIVERY_RATE] = r->delivery_rate;
        if (r->rack) now[VAR_RACK_WINDOW] = (uint64_t)dw_tcp_rack_window(t);
    }
    for (int i = 0; i < VARIABLES; i++) {
        if (now[i] == t->traced[i]) continue;
        t->traced[i] = now[i];
        dw_tcp_trace(t, names[i], (int64_t)now[i]);
    }
}

static uint64_t out_of_order_octets(const dw_tcb *t)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < t->out_of_order.count; i++)
        n += dw_segment_at(&t->out_of_order, i)->len;
    return n;
}

static uint64_t meaningful(bool means_something, uint64_t value)
{
    return means_something ? value : 0;
}

/* The variables of RFC 9293 3.3.1, and what the buffers hold. */
static void trace_details(dw_tcb *t)
{
    static const char *const names[DETAILS] = {
        "iss",     "snd_una", "snd_nxt",        "snd_up",      "snd_wl1", "snd_wl2",
        "irs",     "rcv_nxt", "rcv_up",         "unsent",      "unread",  "early",
        "snd_mss", "recover", "duplicate_acks", "retransmits", "rto",     "ts_recent"};
    const uint64_t now[DETAILS] = {t->iss,
                                   t->snd_una,
                                   t->snd_nxt,
                                   meaningful(t->snd_urgent, t->snd_up),
                                   t->snd_wl1,
                                   t->snd_wl2,
                                   t->irs,
                                   t->rcv_nxt,
                                   meaningful(t->rcv_urgent, t->rcv_up),
                                   t->unsent.bytes,
                                   t->received.bytes,
                                   out_of_order_octets(t),
                                   t->snd_mss,
                                   meaningful(t->recovering, t->recover),
                                   t->duplicate_acks,
                                   t->retransmits,
                                   (uint64_t)t->rto,
                                   meaningful(t->ts_ok, t->ts_recent)};
    uint64_t *traced = t->traced + VARIABLES;
    dw_tcp *tcp = t->tcp;
    for (int i = 0; i < DETAILS; i++) {
        if (now[i] == traced[i]) continue;
        traced[i] = now[i];
        tcp->host->trace_detail(tcp->node, t->socket.conn, names[i], (int64_t)now[i]);
    }
}

enum { TRACED = VARIABLES + DETAILS };

static bool follows(dw_tcb *t, enum dw_trace_type type)
{
    dw_tcp *tcp = t->tcp;
    if (!dw_tcp_traced(tcp, type) || t->folded || t->cookie) return false;
    if (!t->traced) t->traced = tcp->host->alloc(tcp->node, TRACED * sizeof *t->traced);
    return t->traced;
}

void dw_tcp_trace_details(dw_tcb *t)
{
    if (follows(t, DW_TRACE_DETAIL)) trace_details(t);
}

void dw_tcp_trace_variables(dw_tcb *t)
{
    if (follows(t, DW_TRACE_VARIABLE)) trace_variables(t);
    dw_tcp_trace_details(t);
}

void dw_tcp_trace_free(dw_tcb *t)
{
    if (t->traced) t->tcp->host->free(t->tcp->node, t->traced, TRACED * sizeof *t->traced);
}
