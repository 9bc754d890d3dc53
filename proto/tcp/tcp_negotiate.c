/* What the peer's SYN tells, and what follows from it for the connection: numbers, options, the
 * size of segments and the first windows.  And what changes when a SYN has to be sent again. */
#include "tcp_negotiate.h"
#include "tcp_congestion.h"
#include "tcp_delack.h"
#include "tcp_ecn.h"
#include "tcp_pmtu.h"
#include "tcp_rcvbuf.h"
#include "tcp_scoreboard.h"
#include "tcp_settings.h"
#include "tcp_window.h"

static uint64_t initial_window(const dw_tcb *t)
{
    uint32_t segments = t->tcp->profile.initial_window, mss = t->snd_mss;
    uint64_t window = (uint64_t)segments * mss;
    if (segments <= 4) { /* RFC 5681 3.1: min(4*SMSS, max(2*SMSS, 4380)) */
        uint64_t bound = 2 * mss > 4380 ? 2 * mss : 4380;
        if (window > bound) window = bound;
    }
    uint32_t lost = t->tcp->profile.initial_window_lost;
    return lost && t->syn_retransmits >= lost ? mss : window;
}

void dw_tcp_syn_repeated(dw_tcb *t)
{
    if (t->syn_retransmits < UINT8_MAX) t->syn_retransmits++;
}

void dw_tcp_window_after_syn(dw_tcb *t)
{
    uint64_t window = initial_window(t);
    if (t->syn_retransmits == 0 || window >= t->cc.initial) return;
    t->cc.initial = window;
    if (t->cc.cwnd > window && !dw_tcp_rules_window(t)) t->cc.cwnd = window;
}

/* Our SYN,ACK went again without options.  Both SYNs of the handshake that succeeds must have had
 * them (RFC 2018 2, RFC 7323 1.3): an ACK with a timestamp answers an earlier one, which did; any
 * other is taken to answer the last. */
void dw_tcp_options_settled(dw_tcb *t, const dw_seg *s)
{
    if (!dw_tcp_syn_is_plain(t) || !(s->flags & DW_TCP_ACK) || s->ack != t->snd_nxt) return;
    if (t->ts_ok && s->has_timestamp) return;
    if (t->ts_ok && !DEFECT(t, P2525_18)) t->snd_mss += DW_TCP_TIMESTAMP_SPACE;
    t->cc.mss = t->snd_mss;
    t->ts_ok = t->sack_ok = t->wscale_ok = false;
    t->snd_wscale = t->rcv_wscale = 0;
    dw_tcp_recovery_free(t); /* which kind it is depends on SACK */
    dw_tcp_recovery_begin(t);
}

/* Whole segments, as they are without options. */
static void round_buffer(dw_tcb *t)
{
    uint32_t mss = t->snd_mss + (t->ts_ok ? DW_TCP_TIMESTAMP_SPACE : 0);
    uint32_t over = t->set->receive_buffer % mss;
    if (over > 0) dw_tcp_settings_own(t)->receive_buffer += mss - over;
}

/* The window that we announce, now that it is known how. */
static void first_window(dw_tcb *t)
{
    uint32_t max = (uint32_t)65535 << t->rcv_wscale;
    if (t->passive && t->tcp->profile.window_whole_segments)
        dw_tcp_first_window(t, t->ts_ok ? DW_TCP_TIMESTAMP_SPACE : 0);
    if (t->rcv_wnd > max) t->rcv_wnd = max;
    t->rcv_adv = t->rcv_mwnd_seq = t->rcv_nxt + t->rcv_wnd;
    t->offered_wnd = t->rcv_wnd;
}

/* What the peer's SYN tells: where its numbers begin, RFC 6691 for MSS, RFC 7323 for scaling and
 * timestamps, RFC 5681 for the window. */
void dw_tcp_negotiate(dw_tcb *t, const dw_seg *syn)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    t->irs = syn->seq;
    t->rcv_nxt = t->last_ack_sent = syn->seq + 1; /* none yet, and nothing before it */
    bool options = t->set->options;
    t->ts_ok = options && p->timestamps && syn->has_timestamp;
    t->sack_ok = options && p->sack && syn->sack_permitted;
    if (options) dw_tcp_ecn_negotiate(t, syn);
    t->ts_recent = syn->ts_val;
    t->ts_recent_at = dw_tcp_now(t);
    t->rcv_tos = syn->flow->tos;
    t->data_at = dw_tcp_now(t);
    t->wscale_ok = options && p->window_scale && syn->wscale >= 0 &&
                   (t->rcv_wscale > 0 || t->passive || p->window_scale_always);
    if (t->wscale_ok)
        t->snd_wscale = (uint8_t)syn->wscale;
    else
        t->rcv_wscale = 0;
    first_window(t);
    dw_tcp_mtu_begin(t, syn->mss);
    if (p->round_buffer) round_buffer(t);
    dw_tcp_delack_begin(t);
    dw_tcp_rcvbuf_begin(t);
    t->cc.initial = initial_window(t);
    t->cc.limit = (uint32_t)t->tcp->profile.slow_start_limit;
    if (DEFECT(t, P2525_3) && syn->mss == 0) t->cc.initial = UINT32_MAX;
    dw_tcp_congestion_begin(t);
    dw_tcp_recovery_begin(t);
    if (syn->flow->route && t->passive) dw_tcp_set_route(t, syn->flow->route); /* MUST-53 */
}

void dw_tcp_set_route(dw_tcb *t, const dw_route *route)
{
    dw_tcp *tcp = t->tcp;
    if (!t->route) t->route = tcp->host->alloc(tcp->node, sizeof *t->route);
    if (!t->route) return;
    *t->route = *route;
    t->link.flow.route = t->route;
}
