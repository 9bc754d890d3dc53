/* RFC 9293 section 3.9.2.2: what the network reports about our segments. */
#include "tcp_icmp.h"
#include "tcp_check.h"
#include "tcp_listen.h"
#include "tcp_pmtu.h"
#include "tcp_recovery_retransmit.h"
#include "tcp_state.h"
#include "tcp_table.h"
#include "tcp_tcb.h"

/* Forged errors are easy to make and hard to aim: one that quotes nothing outstanding is not about
 * us (RFC 5927 4.1). */
static bool quotes_outstanding(const dw_tcb *t, uint32_t seq)
{
    if (seq == t->snd_nxt) return t->tcp->profile.icmp_at_snd_nxt;
    if (t->snd_una == t->snd_nxt) return false;
    return seq - t->snd_una < t->snd_nxt - t->snd_una;
}

/* A fast open that has been accepted is as good as open. */
static bool opening(const dw_tcb *t)
{
    if (t->state == DW_TCP_SYN_RECEIVED && t->fast && t->user == DW_TCP_USER_HERE) return false;
    return t->state == DW_TCP_SYN_SENT || t->state == DW_TCP_SYN_RECEIVED;
}

static void end_it(dw_tcb *t, int error, const dw_cause *cause)
{
    if (t->state == DW_TCP_SYN_RECEIVED && t->place == DW_TCP_PLACE_HALF_OPEN)
        dw_tcp_back_to_listen(t, cause);
    else
        dw_tcp_delete(t, error, cause);
}

/* "Hard error conditions, so TCP implementations SHOULD abort the connection" (SHLD-26). */
static void hard_error(dw_tcb *t)
{
    uint8_t rule = t->tcp->profile.icmp_hard;
    if (rule == DW_TCP_HARD_ABORT || (rule == DW_TCP_HARD_OPENING && opening(t)))
        end_it(t, DW_E_REFUSED, CAUSE(ICMP_HARD));
    else
        dw_tcp_report(t, DW_TCP_REPORT_UNREACHABLE);
}

/* What a firewall says is as hard to some as what the host itself would. */
static bool opening_ends(const dw_tcb *t)
{
    const dw_tcp_profile *p = &t->tcp->profile;
    return p->icmp_prohibited == DW_TCP_PROHIBITED_HARD && p->icmp_hard != DW_TCP_HARD_IGNORE &&
           opening(t);
}

/* Soft ones must not abort (MUST-56); the user may want to know (SHLD-25). */
static void soft_error(dw_tcb *t, enum dw_tcp_report what)
{
    if (t->tcp->profile.icmp_soft == DW_TCP_SOFT_ABORT_OPENING && opening(t))
        end_it(t, DW_E_UNREACH, CAUSE(ICMP_SOFT));
    else
        dw_tcp_report(t, what);
}

/* Segments under way that the path does not take are lost: smaller ones replace them. */
static void too_big(dw_tcb *t, uint32_t told)
{
    if (!dw_tcp_too_big(t, told)) return;
    t->resend_why = DW_TCP_RESEND_SMALLER;
    dw_tcp_retransmit_smaller(t);
    if (dw_tcp_synchronized(t)) dw_tcp_settle_later(t);
}

static void act(dw_tcb *t, const dw_net_error *error)
{
    switch ((enum dw_net_error_kind)error->kind) {
    case DW_NET_UNREACHABLE_NET:
    case DW_NET_UNREACHABLE_HOST:
    case DW_NET_SOURCE_ROUTE_FAILED: soft_error(t, DW_TCP_REPORT_UNREACHABLE); return;
    case DW_NET_PROHIBITED:
        if (opening_ends(t))
            hard_error(t);
        else
            soft_error(t, DW_TCP_REPORT_UNREACHABLE);
        return;
    case DW_NET_TIME_EXCEEDED:
        /* On the way; what was not put together in time (code 1) may only have lost a fragment. */
        if (opening_ends(t) && error->code == 0)
            end_it(t, DW_E_UNREACH, CAUSE(ICMP_HARD));
        else
            soft_error(t, DW_TCP_REPORT_TIME_EXCEEDED);
        return;
    case DW_NET_PARAMETER_PROBLEM: soft_error(t, DW_TCP_REPORT_PARAMETER); return;
    case DW_NET_UNREACHABLE_PROTOCOL:
    case DW_NET_UNREACHABLE_PORT: hard_error(t); return;
    case DW_NET_TOO_BIG: too_big(t, error->mtu); return;
    case DW_NET_SOURCE_QUENCH: return;
    }
}

/* An ICMP error reaches the connection whose segment it quotes (MUST-54). */
void dw_tcp_network_error(void *instance, const dw_flow *flow, const dw_net_error *error)
{
    dw_tcp *tcp = instance;
    dw_tcb *t = dw_tcp_find(tcp, flow);
    if (error->kind == DW_NET_SOURCE_QUENCH) {
        dw_tcp_note(tcp, t ? t->socket.conn : 0, CAUSE(SOURCE_QUENCH));
        return;
    }
    bool tunnel = t && (t->link.flow.udp_local != flow->udp_local ||
                        t->link.flow.udp_remote != flow->udp_remote);
    if (!t || tunnel || !quotes_outstanding(t, dw_get32(error->quoted + 4))) {
        dw_tcp_note(tcp, t ? t->socket.conn : 0, CAUSE(ICMP_IGNORED));
        return;
    }
    if (error->kind != DW_NET_TOO_BIG) t->soft_error = (uint16_t)(error->type << 8 | error->code);
    act(t, error);
    dw_tcp_check(t);
    if (t->state == DW_TCP_CLOSED) dw_tcp_reap(t);
}
