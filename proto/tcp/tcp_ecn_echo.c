/* A segment arrives that the network may have marked: the echo, RFC 3168 section 6.1.3 and RFC 8257
 * section 3.2, and how soon it is sent.  Accurate feedback is counted in tcp_accecn.c. */
#include "tcp_ecn_echo.h"
#include "tcp_accecn.h"
#include "tcp_delack.h"
#include "tcp_ecn.h"
#include "tcp_segment.h"

/* RFC 8257 3.2: what came before is acknowledged with the old echo, and this segment at once with
 * the new one. */
static void echo_changes(dw_tcb *t, bool marked)
{
    if (t->last_ack_sent != t->rcv_nxt) dw_tcp_send_ack(t, CAUSE(ACK_OF_MARK));
    t->ecn_echo = marked;
    t->ack_now = true;
    t->ack_cause = CAUSE(ACK_OF_MARK);
}

void dw_tcp_ecn_syn_again(dw_tcb *t, const dw_seg *s)
{
    t->syn_came_again = !(s->flags & DW_TCP_ACK) && !dw_tcp_synchronized(t);
    if (t->accurate) dw_tcp_accurate_syn_again(t, s);
}

/* 9768 3.2.2.1: the answer to such a SYN tells how it arrived; an ACK by itself, and no other. */
void dw_tcp_ecn_challenged(dw_tcb *t)
{
    if (!t->accurate || !t->accurate->reflect) return;
    if (t->ack_now) dw_tcp_send_ack(t, t->ack_cause);
    t->accurate->reflect = false;
}

void dw_tcp_ecn_acceptable(dw_tcb *t, const dw_seg *s)
{
    if (t->accurate) dw_tcp_accurate_arrives(t, s);
}

/* Classic: the echo, and what Linux acknowledges at once because the sender may be down to a single
 * segment in flight: the first mark, the end of the echo, and what is probably sent again. */
static void classic_arrives(dw_tcb *t, const dw_seg *s)
{
    bool marked = (s->flow->tos & 3) == DW_TCP_CE, said = s->flags & DW_TCP_CWR;
    bool has_text = s->text_len > 0; /* else a pure ACK, or a copy of what has come (6.1.5) */
    if (dw_tcp_ecn_echoes_exactly(t)) {
        if (has_text && marked != t->ecn_echo) echo_changes(t, marked);
        return;
    }
    if (said && (has_text || t->tcp->profile.ecn_cwr_on_acks)) t->ecn_echo = false;
    if (!has_text) return;
    if (said) t->ecn_urge = DW_ECN_URGE_ACK;
    if (marked && !t->ecn_echo) t->ecn_urge = DW_ECN_URGE_QUICK;
    if (marked) t->ecn_echo = true;
}

void dw_tcp_ecn_arrives(dw_tcb *t, const dw_seg *s)
{
    bool capable = s->flow->tos & 3;
    t->ecn_urge = DW_ECN_URGE_NONE;
    if (!t->ecn_ok) return;
    if (!t->accurate) classic_arrives(t, s);
    if (s->text_len == 0) return;
    if (!capable && t->ecn_seen) t->ecn_urge = DW_ECN_URGE_QUICK;
    if (capable && !t->accurate) t->ecn_seen = true;
}

void dw_tcp_ecn_taken(dw_tcb *t, const dw_seg *s)
{
    enum { QUICK = 2 };
    if (!t->ecn_ok) return;
    if (t->ecn_urge != DW_ECN_URGE_NONE && !s->drop)
        dw_tcp_delack_soon(t, t->ecn_urge == DW_ECN_URGE_QUICK ? QUICK : 0);
    if (t->accurate) dw_tcp_accurate_acks(t);
}
