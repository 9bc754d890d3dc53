/* RFC 3168: explicit congestion notification. */
#include "tcp.h"

static bool asks(const dw_tcb *t)
{
    return t->tcp->profile.ecn == DW_TCP_ECN_ASK && t->set.options &&
           (t->retransmits == 0 || t->retransmits <= t->tcp->profile.ecn_retries);
}

/* 6.1.1: SYN with ECE and CWR asks, SYN,ACK with ECE alone answers.  6.1.3: ECE on every segment
 * until the sender has said CWR. */
uint8_t dw_tcp_ecn_flags(dw_tcb *t, uint8_t flags, uint32_t len)
{
    if (flags & DW_TCP_RST) return 0;
    if (flags & DW_TCP_SYN) {
        if (!(flags & DW_TCP_ACK)) return asks(t) ? DW_TCP_ECE | DW_TCP_CWR : 0;
        return t->ecn_ok && t->retransmits == 0 ? DW_TCP_ECE : 0;
    }
    if (!t->ecn_ok) return 0;
    uint8_t out = t->ecn_echo ? DW_TCP_ECE : 0;
    if (t->ecn_reduced && len > 0) {
        t->ecn_reduced = false;
        out |= DW_TCP_CWR;
    }
    return out;
}

/* 6.1.4, 6.1.5: data is marked as capable, pure ACKs, SYNs, and what is sent again are not. */
bool dw_tcp_ecn_marks(const dw_tcb *t, uint8_t flags, uint32_t len, bool again)
{
    return t->ecn_ok && len > 0 && !again && !(flags & (DW_TCP_SYN | DW_TCP_RST));
}

void dw_tcp_ecn_negotiate(dw_tcb *t, const dw_seg *syn)
{
    uint8_t bits = syn->flags & (DW_TCP_ECE | DW_TCP_CWR);
    if (syn->flags & DW_TCP_ACK)
        t->ecn_ok = asks(t) && bits == DW_TCP_ECE;
    else
        t->ecn_ok = t->tcp->profile.ecn != DW_TCP_ECN_OFF && bits == (DW_TCP_ECE | DW_TCP_CWR);
}

void dw_tcp_ecn_arrives(dw_tcb *t, const dw_seg *s)
{
    if (!t->ecn_ok) return;
    if (s->flags & DW_TCP_CWR) t->ecn_echo = false;
    if (s->ce && s->text_len > 0) t->ecn_echo = true;
}
