/* RFC 9768: accurate ECN.  A receiver counts the packets that the network marked, and the octets of
 * each codepoint, and tells both: the packets in three bits of every header (ACE), the octets in an
 * option where there is room. */
#include "tcp.h"

enum {
    ACE_START = 5,   /* 3.2.1: counting begins there, so that zeros are no feedback */
    MOST_UNTOLD = 6, /* 3.2.2.5.1: so many marks at most before an ACK must tell of them */
    FIELDS = 3,      /* of the option */
    HEAD = 2,
    PER_FIELD = 3,
    DEMAND = 2, /* 3.2.3.3: ACKs with the option when something changed */
    NO_FIELD = 0,
};
#define OCTETS_UNTOLD_SHIFT 22 /* 3.2.3.3: tell at least every 2^22 octets */

/* The fields in the order of the second kind: ECT(1), CE, ECT(0); their counters begin at 1 where
 * the octet counts of an option that was zeroed on the way would do harm. */
static const uint8_t order[FIELDS] = {DW_TCP_ECT_1, DW_TCP_CE, DW_TCP_ECT_0};

static uint32_t initial(uint8_t codepoint)
{
    return codepoint == DW_TCP_CE ? 0 : 1;
}

static uint16_t ace_bits(uint32_t value)
{
    return (uint16_t)((value & 1 ? DW_TCP_ECE : 0) | (value & 2 ? DW_TCP_CWR : 0) |
                      (value & 4 ? DW_TCP_AE : 0));
}

static uint32_t ace_of(const dw_seg *s)
{
    uint32_t ace = s->flags & DW_TCP_ECE ? 1 : 0;
    if (s->flags & DW_TCP_CWR) ace |= 2;
    return ace | (s->ae ? 4u : 0);
}

/* 3.1.2, table 2: the codepoint that a SYN, or SYN,ACK, arrived with. */
static uint32_t encoded(uint8_t codepoint)
{
    return codepoint == DW_TCP_CE ? 6 : codepoint + 2u;
}

static uint8_t decoded(uint32_t ace)
{
    return ace == 6 ? DW_TCP_CE : ace >= 2 && ace <= 4 ? (uint8_t)(ace - 2) : 0;
}

void dw_tcp_accurate_begin(dw_tcb *t, const dw_seg *syn)
{
    dw_tcp_accurate *a = t->accurate;
    if (!a) a = t->tcp->host->alloc(t->tcp->node, sizeof *a);
    if (!a) return;
    bool client = t->state == DW_TCP_SYN_SENT;
    *a = (dw_tcp_accurate){.syn_codepoint = syn->flow->tos & 3, .last = syn->flow->tos & 3};
    t->accurate = a;
    t->ecn_ok = true;
    if (!client) return;
    a->reflect = true; /* 3.2.2.1: our ACK says how the SYN,ACK arrived */
    if (syn->accurate_len > 0) {
        a->seen = true;
        a->demand = DEMAND;
    }
    if (decoded(ace_of(syn)) == DW_TCP_CE) a->delivered_ce = 1;
}

void dw_tcp_accurate_free(dw_tcb *t)
{
    if (t->accurate) t->tcp->host->free(t->tcp->node, t->accurate, sizeof *t->accurate);
    t->accurate = NULL;
}

uint16_t dw_tcp_accurate_reflects(const dw_tcb *t)
{
    return ace_bits(encoded(t->accurate->syn_codepoint));
}

uint16_t dw_tcp_accurate_flags(dw_tcb *t)
{
    dw_tcp_accurate *a = t->accurate;
    if (a->reflect) {
        a->reflect = false;
        return dw_tcp_accurate_reflects(t);
    }
    a->untold = 0;
    return ace_bits(a->received_ce + ACE_START);
}

/* The option. */

static bool option_is_due(const dw_tcb *t)
{
    const dw_tcp_accurate *a = t->accurate;
    const dw_tcp_profile *p = &t->tcp->profile;
    if (p->ecn_option == 0 || !a->seen) return false;
    if (p->ecn_option >= 2 || a->demand > 0) return true;
    /* 3.2.3.3: a beacon, some times in a round trip, if anything was ever marked. */
    dw_time often = t->srtt > 0 ? t->srtt / (p->ecn_option_beacon ? p->ecn_option_beacon : 1) : 0;
    return p->ecn_option_beacon > 0 && dw_tcp_now(t) - a->told_at >= often;
}

uint32_t dw_tcp_accurate_space(const dw_tcb *t)
{
    enum { WHOLE = (HEAD + PER_FIELD * FIELDS + 3) & ~3 };
    return t->accurate && option_is_due(t) ? WHOLE : 0;
}

/* How many fields fit into room octets beside SACK blocks, whose padding they may take; at least
 * those that have counted something, or none: -1. */
static int fields_for(const dw_tcp_accurate *a, uint32_t room, bool sacks)
{
    for (int n = FIELDS; n >= a->fields; n--) {
        uint32_t size = HEAD + PER_FIELD * (uint32_t)n;
        uint32_t spare = sacks ? 2 : 0;
        size = (size & 3) > spare ? (size + 3) & ~3u : size & ~3u;
        if (size <= room) return n;
    }
    return -1;
}

uint8_t dw_tcp_accurate_option(dw_tcb *t, uint8_t flags, uint32_t room, bool sacks, uint8_t *out)
{
    dw_tcp_accurate *a = t->accurate;
    bool syn = flags & DW_TCP_SYN;
    if (syn ? t->tcp->profile.ecn_option == 0 || t->retransmits > 0 : !option_is_due(t)) return 0;
    int n = fields_for(a, room, sacks);
    if (n < 0) return 0;
    out[0] = DW_TCP_OPT_ACCECN_1;
    out[1] = (uint8_t)(HEAD + PER_FIELD * n);
    for (int i = 0; i < n; i++) {
        uint32_t v = (syn ? 0 : a->received[order[i]]) + initial(order[i]);
        uint8_t *f = out + HEAD + PER_FIELD * i;
        f[0] = (uint8_t)(v >> 16);
        dw_put16(f + 1, (uint16_t)v);
    }
    if (!syn && a->demand > 0) a->demand--;
    a->told_at = dw_tcp_now(t);
    return out[1];
}

/* Receiving. */

void dw_tcp_accurate_arrives(dw_tcb *t, const dw_seg *s)
{
    dw_tcp_accurate *a = t->accurate;
    uint8_t codepoint = s->flow->tos & 3;
    bool edge = a->last != codepoint, ce = codepoint == DW_TCP_CE;
    if (s->flags & DW_TCP_SYN) return;
    if (ce) {
        a->received_ce++;
        a->untold++;
    }
    if (codepoint != 0 && s->text_len > 0) {
        uint32_t before = a->received[codepoint];
        a->received[codepoint] += s->text_len;
        uint8_t place = codepoint == DW_TCP_ECT_1 ? 1 : codepoint == DW_TCP_CE ? 2 : FIELDS;
        if (place > a->fields) a->fields = place;
        if ((before ^ a->received[codepoint]) >> OCTETS_UNTOLD_SHIFT && a->demand == 0)
            a->demand = 1;
    }
    a->last = codepoint;
    if (edge || ce) a->demand = DEMAND;
    if (edge || a->untold >= MOST_UNTOLD) { /* 3.2.2.5.1: change-triggered ACKs */
        if (s->text_len > 0 || a->untold >= MOST_UNTOLD) {
            t->ack_now = true;
            t->ack_cause = CAUSE(ACK_OF_MARK);
        }
    }
}

/* Sending: what the feedback says. */

/* The octets of each codepoint since the last option; false when it says nothing sure. */
static bool take_option(dw_tcp_accurate *a, const dw_seg *s, uint64_t octets)
{
    bool sure = a->estimate != NO_FIELD, changed = false;
    if (s->accurate_len == 0) {
        if (a->seen && a->estimate != NO_FIELD) {
            a->delivered[a->estimate] += (uint32_t)octets;
            return true;
        }
        return false;
    }
    a->seen = true;
    for (int i = 0; HEAD + PER_FIELD * (i + 1) <= s->accurate_len && i < FIELDS; i++) {
        const uint8_t *f = s->accurate + PER_FIELD * i;
        uint8_t codepoint = order[s->accurate_order ? i : FIELDS - 1 - i];
        uint32_t v = (uint32_t)f[0] << 16 | dw_get16(f + 1);
        uint32_t step = (v - initial(codepoint) - a->delivered[codepoint]) & 0xffffff;
        if (step & 0x800000) {
            sure = false; /* an old one */
            continue;
        }
        if (step == 0) continue;
        a->delivered[codepoint] += step;
        if (codepoint == a->estimate) continue;
        if (!changed)
            a->estimate = codepoint;
        else
            sure = false;
        changed = true;
    }
    return sure;
}

/* 3.2.2.5.2: three bits count up to seven; where more may have been marked since, the octets tell.
 */
static uint64_t marks(dw_tcp_accurate *a, const dw_seg *s, uint64_t segments, uint64_t octets,
                      uint32_t mss)
{
    uint32_t ce = a->delivered[DW_TCP_CE];
    bool sure = take_option(a, s, octets);
    uint32_t delta = (ace_of(s) - ACE_START - a->delivered_ce) & 7;
    if (segments <= 7) return delta;
    uint64_t safe = segments - ((segments - delta) & 7);
    if (!sure) return safe;
    uint32_t marked = a->delivered[DW_TCP_CE] - ce;
    if (marked == 0) return delta;
    if (marked > delta * mss) return safe;
    return marked < safe * mss / 2 ? delta : safe;
}

uint64_t dw_tcp_accurate_acked(dw_tcb *t, const dw_seg *s, uint64_t segments, uint64_t octets)
{
    dw_tcp_accurate *a = t->accurate;
    if (a->failed || segments == 0) return 0;
    uint64_t n = marks(a, s, segments, octets, t->snd_mss);
    a->delivered_ce += (uint32_t)n;
    return n;
}

/* 3.2.2.1, table 4: the ACK that completes the handshake says how our SYN,ACK arrived. */
void dw_tcp_accurate_third_ack(dw_tcb *t, const dw_seg *s)
{
    dw_tcp_accurate *a = t->accurate;
    uint32_t ace = ace_of(s);
    if (s->accurate_len > 0) {
        a->seen = true;
        a->demand = DEMAND;
    }
    if (ace == 0)
        a->failed = true; /* something on the way clears the bits: neither mark nor react */
    else if (s->text_len == 0 && decoded(ace) == DW_TCP_CE && a->delivered_ce == 0)
        a->delivered_ce = 1;
}

void dw_tcp_accurate_info(const dw_tcb *t, dw_info_fn each, void *ctx)
{
    const dw_tcp_accurate *a = t->accurate;
    each(ctx, "received_ce", a->received_ce);
    each(ctx, "delivered_ce", a->delivered_ce);
    each(ctx, "received_ce_octets", a->received[DW_TCP_CE]);
    each(ctx, "received_e0_octets", a->received[DW_TCP_ECT_0]);
    each(ctx, "received_e1_octets", a->received[DW_TCP_ECT_1]);
    each(ctx, "delivered_ce_octets", a->delivered[DW_TCP_CE]);
    each(ctx, "delivered_e0_octets", a->delivered[DW_TCP_ECT_0]);
    each(ctx, "delivered_e1_octets", a->delivered[DW_TCP_ECT_1]);
}
