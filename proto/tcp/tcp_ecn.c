/* Explicit congestion notification: RFC 3168, and the accurate feedback of RFC 9768 (tcp_accecn.c):
 * what is asked and agreed on, and what is said and marked in segments that leave. */
#include "tcp_ecn.h"
#include "tcp_accecn.h"
#include "tcp_timewait.h"

enum {
    ASKS_CLASSIC = DW_TCP_ECE | DW_TCP_CWR,
    THREE = DW_TCP_ECE | DW_TCP_CWR | DW_TCP_AE,
    ALL = 100, /* retransmissions: all of them */
};

static bool needs_marks(const dw_tcb *t)
{
    return t->tcp->profile.ecn_by_congestion && !t->folded && dw_tcp_ecn_echoes_exactly(t);
}

/* Whether a SYN of this host asks at all, and for which kind. */
static bool asks_accurate(const dw_tcb *t)
{
    return t->tcp->profile.ecn == DW_TCP_ECN_ACCURATE;
}

static bool asks_classic(const dw_tcb *t)
{
    uint8_t rule = t->tcp->profile.ecn;
    return rule == DW_TCP_ECN_ASK || rule == DW_TCP_ECN_ACCURATE_OR_ASK || needs_marks(t);
}

static bool answers_accurate(const dw_tcb *t)
{
    return t->tcp->profile.ecn >= DW_TCP_ECN_ACCURATE;
}

/* The flags of a SYN.  3168 6.1.1.1 and 9768 3.1.4.1: what is sent again too often goes without, in
 * case they were the trouble; an accurate request is repeated once. */
static uint16_t syn_flags(const dw_tcb *t)
{
    uint32_t again = t->retransmits, max = t->tcp->profile.ecn_retries;
    if (!t->set->options) return 0;
    if (asks_accurate(t) && max < 1) max = 1;
    if (again > max && max != ALL) return 0;
    if (asks_accurate(t)) return THREE;
    return asks_classic(t) ? ASKS_CLASSIC : 0;
}

/* The flags of a SYN,ACK.  9768 3.1.4.2: an answer that is not heard goes without in the end, too.
 * Then the peer may take it that ECN is not spoken. */
static uint16_t syn_ack_flags(dw_tcb *t)
{
    uint32_t max = t->tcp->profile.ecn_answer_retries;
    uint32_t timeouts =
        t->retransmits > 0 && !t->syn_came_again ? t->retransmits - 1 : t->retransmits;
    bool unsaid = t->syn_retransmits > 0 && timeouts >= max && max < ALL;
    if (t->accurate) return dw_tcp_accurate_syn_ack_flags(t, unsaid);
    if (unsaid && !t->tcp->profile.ecn_kept_unsaid) t->ecn_ok = false;
    return t->ecn_ok && !unsaid ? DW_TCP_ECE : 0;
}

uint16_t dw_tcp_ecn_flags(dw_tcb *t, uint8_t flags, uint32_t len, bool plain)
{
    if (flags & DW_TCP_SYN) return flags & DW_TCP_ACK ? syn_ack_flags(t) : syn_flags(t);
    if (t->folded && t->folded->ace) return dw_tcp_accurate_ace_flags(t->folded->ace);
    if (t->accurate) return dw_tcp_accurate_flags(t, len);
    if (!t->ecn_ok) return 0;
    /* The first ACK of the peer's FIN is still an answer to the segment that was marked. */
    bool again = t->state == DW_TCP_TIME_WAIT && t->last_ack_sent == t->rcv_nxt;
    if (again && !t->tcp->profile.time_wait_echo) return 0;
    uint8_t out = t->ecn_echo ? DW_TCP_ECE : 0; /* 6.1.3: until the sender has said CWR */
    if (flags & DW_TCP_RST) return t->tcp->profile.reset_acknowledges ? out : 0;
    if (t->ecn_reduced && len > 0 && !plain) { /* 6.1.2: with the first new data */
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

bool dw_tcp_ecn_marks_syn(const dw_tcb *t)
{
    bool asks = t->state == DW_TCP_SYN_SENT && syn_flags(t) != 0;
    return needs_marks(t) && (asks || t->ecn_ok);
}

/* The codepoint of our SYN or SYN,ACK. */
static uint8_t syn_codepoint(const dw_tcb *t)
{
    return dw_tcp_ecn_marks_syn(t) ? DW_TCP_ECT_0 : DW_TCP_NOT_ECT;
}

/* The ACK that completes the handshake tells how our SYN,ACK arrived. */
void dw_tcp_ecn_third_ack(dw_tcb *t, const dw_seg *s)
{
    if (t->accurate) dw_tcp_accurate_third_ack(t, s, syn_codepoint(t));
}

/* 6.1.4 to 6.1.6: new data is marked as capable; pure ACKs, SYNs, what is sent again and probes of
 * a closed window are not.  With accurate feedback all but SYNs may be. */
bool dw_tcp_ecn_marks(const dw_tcb *t, uint8_t flags, uint32_t len, bool plain)
{
    enum { FAILED = DW_ACCURATE_ACE_SENT | DW_ACCURATE_ACE_RECEIVED };
    bool all = needs_marks(t) || (t->accurate && t->tcp->profile.ecn_on_control);
    if (flags & DW_TCP_SYN) return dw_tcp_ecn_marks_syn(t);
    if (!t->ecn_ok) return false;
    if (t->accurate && t->accurate->failed & FAILED) return false;
    if (all) return true;
    return len > 0 && !plain && !(flags & DW_TCP_RST);
}

uint8_t dw_tcp_ecn_codepoint(const dw_tcb *t)
{
    return dw_tcp_ecn_marks(t, DW_TCP_ACK, 0, false) ? DW_TCP_ECT_0 : DW_TCP_NOT_ECT;
}

uint8_t dw_tcp_ecn_mode(const dw_tcb *t)
{
    enum { NONE, CLASSIC, ACCURATE, ASKED };
    if (t->accurate) return ACCURATE;
    if (t->ecn_ok) return CLASSIC;
    if (t->state != DW_TCP_SYN_SENT) return NONE;
    if (asks_accurate(t)) return ASKED;
    return asks_classic(t) ? CLASSIC : NONE;
}

/* Our SYN was answered.  9768 3.1.3: 5 is for the future, and agrees to accurate ECN. */
static void answered(dw_tcb *t, const dw_seg *syn, uint16_t ace)
{
    bool accurate = asks_accurate(t) && ace != 0 && ace != THREE && ace != DW_TCP_ECE;
    if (accurate)
        dw_tcp_accurate_begin(t, syn, syn_codepoint(t));
    else if (ace == DW_TCP_ECE && (asks_classic(t) || asks_accurate(t)))
        t->ecn_ok = true;
}

/* The peer's SYN crossed ours: it takes both to agree. */
static void crossed(dw_tcb *t, const dw_seg *syn, uint16_t ace)
{
    bool both = (ace & ASKS_CLASSIC) == ASKS_CLASSIC;
    if (asks_accurate(t) && ace != 0 && ace != ASKS_CLASSIC)
        dw_tcp_accurate_begin(t, syn, syn_codepoint(t));
    else
        t->ecn_ok = both && (asks_accurate(t) || asks_classic(t));
}

void dw_tcp_ecn_negotiate(dw_tcb *t, const dw_seg *syn)
{
    uint16_t ace = (uint16_t)(syn->flags & ASKS_CLASSIC) | (syn->ae ? DW_TCP_AE : 0);
    t->ecn_ok = false;
    if (t->state == DW_TCP_SYN_SENT) {
        if (syn->flags & DW_TCP_ACK)
            answered(t, syn, ace);
        else
            crossed(t, syn, ace);
        return;
    }
    /* 9768 3.1.2: any request but the classic one is taken for an accurate one, for the future. */
    if (answers_accurate(t) && ace != 0 && ace != ASKS_CLASSIC) {
        dw_tcp_accurate_begin(t, syn, syn_codepoint(t));
        return;
    }
    bool both = (ace & ASKS_CLASSIC) == ASKS_CLASSIC,
         marked = (syn->flow->tos & 3) != DW_TCP_NOT_ECT;
    bool refused = t->tcp->profile.ecn_refuses_marked_syn && marked && !(ace & DW_TCP_AE);
    bool answers = t->tcp->profile.ecn != DW_TCP_ECN_OFF && !refused;
    t->ecn_ok = both && (answers || needs_marks(t));
}

void dw_tcp_ecn_negotiate_plain(dw_tcb *t, const dw_seg *syn)
{
    t->ecn_ok = t->tcp->profile.ecn != DW_TCP_ECN_OFF &&
                (syn->flags & ASKS_CLASSIC) == ASKS_CLASSIC && !syn->ae;
}

uint64_t dw_tcp_ecn_marked(const dw_tcb *t, const dw_seg *s, uint64_t octets)
{
    bool says =
        s && t->ecn_ok && !t->accurate && (s->flags & (DW_TCP_ECE | DW_TCP_SYN)) == DW_TCP_ECE;
    return says && dw_tcp_ecn_echoes_exactly(t) ? octets : 0;
}
