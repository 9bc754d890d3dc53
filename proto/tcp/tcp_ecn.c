/* Explicit congestion notification: RFC 3168, and the accurate feedback of RFC 9768 (tcp_accecn.c).
 */
#include "tcp.h"

enum { ASKS_CLASSIC = DW_TCP_ECE | DW_TCP_CWR, THREE = DW_TCP_ECE | DW_TCP_CWR | DW_TCP_AE };

/* Whether a SYN of this host asks at all, and for which kind. */
static bool asks_accurate(const dw_tcb *t)
{
    return t->tcp->profile.ecn == DW_TCP_ECN_ACCURATE;
}

static bool asks_classic(const dw_tcb *t)
{
    uint8_t rule = t->tcp->profile.ecn;
    return rule == DW_TCP_ECN_ASK || rule == DW_TCP_ECN_ACCURATE_OR_ASK;
}

static bool answers_accurate(const dw_tcb *t)
{
    return t->tcp->profile.ecn >= DW_TCP_ECN_ACCURATE;
}

/* The flags of a SYN.  3168 6.1.1.1 and 9768 3.1.4.1: what is sent again too often goes without, in
 * case they were the trouble; an accurate request is repeated once. */
static uint16_t syn_flags(const dw_tcb *t)
{
    enum { ACCURATE_RETRIES = 1 };
    uint32_t again = t->retransmits;
    if (!t->set->options) return 0;
    if (asks_accurate(t)) return again <= ACCURATE_RETRIES ? THREE : 0;
    bool asks = asks_classic(t) && (again == 0 || again <= t->tcp->profile.ecn_retries);
    return asks ? ASKS_CLASSIC : 0;
}

/* 9768 3.1.4.2: an accurate answer is repeated once, too. */
static uint16_t syn_ack_flags(const dw_tcb *t)
{
    enum { ACCURATE_RETRIES = 1 };
    if (t->accurate) return t->retransmits <= ACCURATE_RETRIES ? dw_tcp_accurate_reflects(t) : 0;
    return t->ecn_ok && t->retransmits == 0 ? DW_TCP_ECE : 0;
}

uint16_t dw_tcp_ecn_flags(dw_tcb *t, uint8_t flags, uint32_t len, bool plain)
{
    if (flags & DW_TCP_RST) return 0;
    if (flags & DW_TCP_SYN) return flags & DW_TCP_ACK ? syn_ack_flags(t) : syn_flags(t);
    if (t->accurate) return dw_tcp_accurate_flags(t);
    if (!t->ecn_ok) return 0;
    if (t->state == DW_TCP_TIME_WAIT && !t->tcp->profile.time_wait_echo) return 0;
    uint8_t out = t->ecn_echo ? DW_TCP_ECE : 0; /* 6.1.3: until the sender has said CWR */
    if (t->ecn_reduced && len > 0 && !plain) {  /* 6.1.2: with the first new data */
        t->ecn_reduced = false;
        out |= DW_TCP_CWR;
    }
    return out;
}

/* 6.1.2: the window has been reduced, for whatever reason; the peer is told with CWR. */
void dw_tcp_ecn_window_reduced(dw_tcb *t)
{
    if (t->ecn_ok) t->ecn_reduced = true;
}

/* 6.1.4 to 6.1.6: new data is marked as capable; pure ACKs, SYNs, what is sent again and probes of
 * a closed window are not.  With accurate feedback all but SYNs may be. */
bool dw_tcp_ecn_marks(const dw_tcb *t, uint8_t flags, uint32_t len, bool plain)
{
    if (!t->ecn_ok || flags & (DW_TCP_SYN | DW_TCP_RST)) return false;
    if (t->accurate && t->accurate->failed) return false;
    if (t->accurate && t->tcp->profile.ecn_on_control) return true;
    return len > 0 && !plain;
}

/* Our SYN was answered. */
static void answered(dw_tcb *t, const dw_seg *syn, uint16_t ace)
{
    bool accurate = asks_accurate(t) && ace != 0 && ace != THREE && ace != DW_TCP_ECE &&
                    ace != (DW_TCP_ECE | DW_TCP_AE);
    bool classic = ace == DW_TCP_ECE || (asks_accurate(t) && ace == (DW_TCP_ECE | DW_TCP_AE));
    if (accurate)
        dw_tcp_accurate_begin(t, syn);
    else if (classic && (asks_classic(t) || asks_accurate(t)))
        t->ecn_ok = true;
}

void dw_tcp_ecn_negotiate(dw_tcb *t, const dw_seg *syn)
{
    uint16_t ace = (uint16_t)(syn->flags & ASKS_CLASSIC) | (syn->ae ? DW_TCP_AE : 0);
    t->ecn_ok = false;
    if (t->state == DW_TCP_SYN_SENT && syn->flags & DW_TCP_ACK) {
        answered(t, syn, ace);
        return;
    }
    /* 9768 3.1.2: any request but the classic one is taken for an accurate one, for the future. */
    if (answers_accurate(t) && ace != 0 && ace != ASKS_CLASSIC)
        dw_tcp_accurate_begin(t, syn);
    else
        t->ecn_ok = t->tcp->profile.ecn != DW_TCP_ECN_OFF && (ace & ASKS_CLASSIC) == ASKS_CLASSIC;
}

static bool echoes_exactly(const dw_tcb *t)
{
    if (t->folded) return false; /* a record of TIME-WAIT has no congestion control any more */
    return DW_OFFERS(dw_congestion_ops, t->cc.ops, exact_echo);
}

/* RFC 8257 3.2: what came before is acknowledged with the old echo, and this segment at once with
 * the new one. */
static void echo_changes(dw_tcb *t, bool marked)
{
    if (t->ack_sent != t->rcv_nxt) dw_tcp_send_ack(t, CAUSE(ACK_OF_MARK));
    t->ecn_echo = marked;
    t->ack_now = true;
    t->ack_cause = CAUSE(ACK_OF_MARK);
}

void dw_tcp_ecn_arrives(dw_tcb *t, const dw_seg *s)
{
    if (!t->ecn_ok) return;
    if (t->accurate) {
        dw_tcp_accurate_arrives(t, s);
        return;
    }
    bool marked = (s->flow->tos & 3) == DW_TCP_CE;
    if (echoes_exactly(t)) {
        if (s->text_len > 0 && marked != t->ecn_echo) echo_changes(t, marked);
        return;
    }
    if (s->text_len == 0) return; /* nor the copy of a segment that has come (6.1.5) */
    if (s->flags & DW_TCP_CWR) t->ecn_echo = false;
    if (marked) t->ecn_echo = true;
}

uint64_t dw_tcp_ecn_marked(const dw_tcb *t, const dw_seg *s, uint64_t octets)
{
    bool says =
        s && t->ecn_ok && !t->accurate && (s->flags & (DW_TCP_ECE | DW_TCP_SYN)) == DW_TCP_ECE;
    return says && echoes_exactly(t) ? octets : 0;
}
