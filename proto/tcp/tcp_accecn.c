/* RFC 9768: accurate ECN.  A receiver counts the packets that the network marked, and the octets of
 * each codepoint, and tells both: the packets in three bits of every header (ACE), the octets in an
 * option where there is room.  The sender reads back how much was marked.
 *
 * r.cep, r.ceb, r.e0b and r.e1b of the RFC are received_ce and received[]; s.cep and so on are
 * delivered_ce and delivered[], all without the values that counting begins with. */
#include "tcp_accecn.h"
#include "tcp_delack.h"
#include "tcp_ecn.h"
#include "tcp_wire.h"

enum {
    ACE_START = 5,  /* 3.2.1: counting begins there, so that zeros are no feedback */
    ACE_MASK = 7,   /* what three bits can tell */
    MAX_UNTOLD = 6, /* 3.2.2.5.2: so many marks at most before an ACK must tell of them */
    FIELDS = 3,     /* of the option */
    HEAD = 2,
    PER_FIELD = 3,
    WHOLE = HEAD + PER_FIELD * FIELDS,
    DEMAND = 2,         /* 3.2.3.3: ACKs with the option when something changed */
    PATH_TRUSTED = 100, /* ecn_retries that mean: the path does no harm */
    AVERAGE_SHIFT = 6,  /* of the average of segments per ACK: its weight, 1/64, and its fraction */
    ACKS_THINNED = 4,   /* an ACK for so many segments is usual; more means that many are lost */
    MANY = 2 * (ACE_MASK + 1), /* segments that an ACK covers, so that octets tell more than bits */
    SAFETY_SHIFT = 1,
};
#define OCTETS_UNTOLD_SHIFT 22           /* 3.2.3.3: tell at least every 2^22 octets */
#define OPTION_TOO_LATE ((1u << 23) - 1) /* octets; a first option after them may have wrapped */

/* The fields in the order of the second kind: ECT(1), CE, ECT(0); their counters begin at 1 where
 * the octet counts of an option that was zeroed on the way would do harm. */
static const uint8_t order[FIELDS] = {DW_TCP_ECT_1, DW_TCP_CE, DW_TCP_ECT_0};

static uint32_t initial(uint8_t codepoint)
{
    return codepoint == DW_TCP_CE ? 0 : 1;
}

static uint8_t codepoint_of(const dw_seg *s)
{
    return s->flow->tos & 3;
}

/* The three flags that a number modulo 8 stands for, and the number that a segment's stand for. */
static uint16_t ace_bits(uint32_t value)
{
    static const uint16_t flags[ACE_MASK + 1] = {0,
                                                 DW_TCP_ECE,
                                                 DW_TCP_CWR,
                                                 DW_TCP_CWR | DW_TCP_ECE,
                                                 DW_TCP_AE,
                                                 DW_TCP_AE | DW_TCP_ECE,
                                                 DW_TCP_AE | DW_TCP_CWR,
                                                 DW_TCP_AE | DW_TCP_CWR | DW_TCP_ECE};
    return flags[value & ACE_MASK];
}

static uint32_t ace_of(const dw_seg *s)
{
    uint32_t ace = s->flags & DW_TCP_ECE ? 1 : 0;
    if (s->flags & DW_TCP_CWR) ace |= 2;
    return ace | (s->ae ? 4u : 0);
}

/* The handshake. */

/* 3.1.2, table 2: the codepoint that a SYN, or SYN,ACK, arrived with. */
static uint32_t encoded(uint8_t codepoint)
{
    return codepoint == DW_TCP_CE ? 6 : codepoint + 2u;
}

static uint8_t decoded(uint32_t ace)
{
    return ace == 6 ? DW_TCP_CE : (uint8_t)(ace - 2);
}

/* 3.2.2.3: the network may mark what is capable, and change nothing else. */
static bool feedback_is_possible(dw_tcb *t, uint32_t ace, uint8_t sent)
{
    if (t->tcp->profile.ecn_retries >= PATH_TRUSTED) return true;
    uint8_t came = decoded(ace);
    if (sent == came || (sent != DW_TCP_NOT_ECT && came != DW_TCP_NOT_ECT)) return true;
    t->accurate->failed |= DW_ACCURATE_ACE_RECEIVED;
    return false;
}

/* 3.2.3.2.1: the first option that is seen shows whether something on the way zeroes it. */
static void see_option(dw_tcp_accurate *a, const dw_seg *s)
{
    const uint8_t *f = s->accurate;
    static const uint8_t zeros[PER_FIELD];
    uint32_t fields = (s->accurate_len - HEAD) / PER_FIELD;
    bool zeroed = fields > 0 && memcmp(f, zeros, PER_FIELD) == 0;
    if (fields >= FIELDS && memcmp(f + 2 * PER_FIELD, zeros, PER_FIELD) == 0) zeroed = true;
    a->seen = DW_ACCURATE_COUNTERS_SEEN;
    if (fields == 0) a->seen = DW_ACCURATE_EMPTY_SEEN;
    if (!zeroed) return;
    a->seen = DW_ACCURATE_ZEROED_SEEN;
    a->failed |= DW_ACCURATE_OPTION_RECEIVED;
}

static bool brings_first_option(const dw_tcp_accurate *a, const dw_seg *s)
{
    return s->accurate_len >= HEAD && a->seen < DW_ACCURATE_COUNTERS_SEEN;
}

static void begin_client(dw_tcb *t, const dw_seg *syn_ack, uint8_t sent)
{
    dw_tcp_accurate *a = t->accurate;
    uint32_t ace = ace_of(syn_ack);
    a->reflect = true; /* 3.2.2.1: our ACK says how the SYN,ACK arrived */
    if (brings_first_option(a, syn_ack)) {
        see_option(a, syn_ack);
        a->demand = DEMAND;
    }
    /* 3.2.2: the SYN,ACK counts like what follows, unlike the SYN.  5 is for the future (3.1.3). */
    if (codepoint_of(syn_ack) != DW_TCP_CE) return;
    if (ace == 5 || feedback_is_possible(t, ace, sent)) a->received_ce = a->untold = 1;
}

void dw_tcp_accurate_begin(dw_tcb *t, const dw_seg *syn, uint8_t sent)
{
    dw_tcp_accurate *a = t->accurate;
    if (!a) a = t->tcp->host->alloc(t->tcp->node, sizeof *a);
    if (!a) return;
    *a = (dw_tcp_accurate){.syn_codepoint = codepoint_of(syn)};
    t->accurate = a;
    t->ecn_ok = true;
    if (t->state == DW_TCP_SYN_SENT && syn->flags & DW_TCP_ACK) {
        begin_client(t, syn, sent);
        return;
    }
    a->last = a->syn_codepoint;
    a->demand = 1;
}

void dw_tcp_accurate_free(dw_tcb *t)
{
    if (t->accurate) t->tcp->host->free(t->tcp->node, t->accurate, sizeof *t->accurate);
    t->accurate = NULL;
}

/* 3.1.4.2: the option is left out of a SYN,ACK that is sent again, and if that had to be repeated,
 * too, all is; the counting goes on.  3.1.5: but nothing is marked as capable any more. */
uint16_t dw_tcp_accurate_syn_ack_flags(dw_tcb *t, bool unsaid)
{
    if (t->syn_retransmits > 1) t->accurate->failed |= DW_ACCURATE_ACE_SENT;
    return unsaid ? 0 : ace_bits(encoded(t->accurate->syn_codepoint));
}

/* 3.1.5: the latest SYN, or SYN,ACK, is what is told of.  In SYN-RECEIVED one without ACE means
 * that the peer had given up asking. */
void dw_tcp_accurate_syn_again(dw_tcb *t, const dw_seg *s)
{
    dw_tcp_accurate *a = t->accurate;
    a->syn_codepoint = codepoint_of(s);
    if (!(s->flags & DW_TCP_ACK) && !dw_tcp_synchronized(t)) {
        if (ace_of(s) == 0) a->failed |= DW_ACCURATE_ACE_RECEIVED;
        return;
    }
    a->reflect = dw_tcp_synchronized(t);
    if (!brings_first_option(a, s)) return;
    see_option(a, s);
    if (a->demand == 0) a->demand = 1;
}

/* 3.2.2.1, table 4: the ACK that completes the handshake says how our SYN,ACK arrived. */
void dw_tcp_accurate_third_ack(dw_tcb *t, const dw_seg *s, uint8_t sent)
{
    dw_tcp_accurate *a = t->accurate;
    uint32_t ace = ace_of(s);
    if (brings_first_option(a, s)) see_option(a, s);
    switch (ace) {
    case 0: /* something on the way clears the bits */
        if (s->sack_count == 0) a->failed |= DW_ACCURATE_ACE_RECEIVED | DW_ACCURATE_OPTION_RECEIVED;
        return;
    case 1:
    case 5:
    case 7: return;
    default: break;
    }
    if (s->text_len > 0 || s->flags & DW_TCP_FIN || s->sack_count > 0) return; /* it counts */
    if (feedback_is_possible(t, ace, sent) && decoded(ace) == DW_TCP_CE && a->delivered_ce == 0)
        a->delivered_ce = 1;
}

/* What is sent. */

uint16_t dw_tcp_accurate_flags(dw_tcb *t, uint32_t len)
{
    dw_tcp_accurate *a = t->accurate;
    if (a->silent) return 0;
    bool reflect = a->reflect && len == 0;
    a->reflect = false;
    if (reflect) return ace_bits(encoded(a->syn_codepoint));
    a->untold = 0;
    return ace_bits(a->received_ce + ACE_START);
}

uint8_t dw_tcp_accurate_ace(const dw_tcb *t)
{
    return (uint8_t)((t->accurate->received_ce + ACE_START) & ACE_MASK);
}

uint16_t dw_tcp_accurate_ace_flags(uint8_t ace)
{
    return ace_bits(ace);
}

/* The option. */

static bool option_is_due(const dw_tcb *t)
{
    enum { SPARINGLY = 1, ALWAYS, STUBBORNLY };
    const dw_tcp_accurate *a = t->accurate;
    const dw_tcp_profile *p = &t->tcp->profile;
    if (p->ecn_option < SPARINGLY || !a->seen || a->silent) return false;
    if (a->failed & DW_ACCURATE_OPTION_SENT && p->ecn_option < STUBBORNLY) return false;
    if (p->ecn_option >= ALWAYS || a->demand > 0) return true;
    /* 3.2.3.3: a beacon, some times in a round trip, if anything was ever marked. */
    if (p->ecn_option_beacon == 0) return false;
    dw_time often = t->srtt > 0 ? t->srtt / p->ecn_option_beacon : 0;
    return dw_tcp_now(t) - a->told_at >= often;
}

uint32_t dw_tcp_accurate_space(const dw_tcb *t)
{
    return t->accurate && option_is_due(t) ? (WHOLE + 3) & ~3u : 0;
}

/* 3.2.3.2.1 and 3.2.3.2.2: a SYN,ACK has the option at first, in case it does no harm. */
static bool option_on_syn(const dw_tcb *t)
{
    uint32_t max = t->passive ? 1 : 2;
    return t->tcp->profile.ecn_option > 0 &&
           (t->passive ? t->syn_retransmits : t->retransmits) < max;
}

/* Whole words, where `spare` octets of padding that another option has anyway can be taken. */
static uint32_t space_of(int fields, uint32_t spare)
{
    uint32_t size = HEAD + PER_FIELD * (uint32_t)fields;
    return (size & 3) > spare ? (size + 3) & ~3u : size & ~3u;
}

int dw_tcp_accurate_fit(const dw_tcb *t, bool syn, uint32_t room, uint32_t spare, uint32_t *blocks)
{
    const dw_tcp_accurate *a = t->accurate;
    enum { KEPT = 2 }; /* SACK blocks */
    if (!(syn ? option_on_syn(t) : option_is_due(t))) return -1;
    int min = syn ? 0 : a->fields, n = FIELDS;
    uint32_t left = *blocks;
    while (n >= min && space_of(n, spare) > room) {
        if (n == min && left > KEPT && min > 0) {
            left--;
            room += 8;
            n = FIELDS;
        } else {
            n--;
        }
    }
    if (n < min) return -1;
    *blocks = left;
    return n;
}

uint8_t dw_tcp_accurate_option(dw_tcb *t, bool syn, int fields, bool duplicate, uint8_t *out)
{
    dw_tcp_accurate *a = t->accurate;
    a->told_duplicate = fields >= 0 && duplicate;
    if (fields < 0) return 0;
    uint8_t len = (uint8_t)(HEAD + PER_FIELD * fields);
    out[0] = DW_TCP_OPT_ACCECN_1;
    out[1] = len;
    for (int i = 0; i < fields; i++) {
        uint32_t v = (syn ? 0 : a->received[order[i]]) + initial(order[i]);
        uint8_t *f = out + HEAD + PER_FIELD * i;
        f[0] = (uint8_t)(v >> 16);
        dw_put16(f + 1, (uint16_t)v);
    }
    if (duplicate) a->duplicate_from = t->duplicate.from;
    if (!syn) {
        a->fields = 0;
        a->told_at = dw_tcp_now(t);
        if (a->demand > 0) a->demand--;
    }
    if (fields == FIELDS) out[len++] = DW_TCP_OPT_NOP; /* a word, and nothing left for others */
    return len;
}

/* 3.2.3.2.2: what was told to have come twice, with the option, comes once more: so the ACK did not
 * arrive, and it may be for the option. */
void dw_tcp_accurate_came_again(dw_tcb *t, uint32_t seq)
{
    dw_tcp_accurate *a = t->accurate;
    if (a->told_duplicate && seq == a->duplicate_from) a->failed |= DW_ACCURATE_OPTION_SENT;
}

/* Receiving. */

/* Linux keeps no more than a small record of what only waits to be over (tcp_time_wait). */
void dw_tcp_accurate_state(dw_tcb *t)
{
    bool waits = t->state == DW_TCP_TIME_WAIT ||
                 (t->state == DW_TCP_FIN_WAIT_2 && t->user == DW_TCP_USER_GONE);
    if (waits && !t->tcp->profile.ecn_after_close) t->accurate->silent = true;
}

static bool counts(const dw_tcb *t)
{
    if (!t->tcp->profile.ecn_counts_established) return true;
    return t->state == DW_TCP_ESTABLISHED || (t->state == DW_TCP_SYN_RECEIVED && !t->fast);
}

/* 3.2.3.3: the option goes as far as its last counter that has changed, and in time before counters
 * of 24 bits could wrap unseen.  codepoint is one of `order`. */
static void count_octets(dw_tcp_accurate *a, uint8_t codepoint, uint32_t octets)
{
    uint32_t before = a->received[codepoint];
    uint8_t place = 1;
    while (order[place - 1] != codepoint)
        place++;
    a->received[codepoint] += octets;
    if (place > a->fields) a->fields = place;
    if ((before ^ a->received[codepoint]) >> OCTETS_UNTOLD_SHIFT && a->demand == 0) a->demand = 1;
}

void dw_tcp_accurate_arrives(dw_tcb *t, const dw_seg *s)
{
    dw_tcp_accurate *a = t->accurate;
    uint8_t codepoint = codepoint_of(s);
    bool edge = a->last != codepoint, ce = codepoint == DW_TCP_CE;
    if (s->flags & DW_TCP_SYN || !counts(t)) return;
    if (codepoint != DW_TCP_NOT_ECT) t->ecn_seen = true;
    if (ce) {
        a->received_ce += dw_seg_count(s);
        a->untold += dw_seg_count(s);
    }
    /* All that the packet carries, though some of it may have come before. */
    uint32_t octets = s->packet ? s->packet->payload_len : s->text_len;
    if (codepoint != DW_TCP_NOT_ECT && octets > 0) count_octets(a, codepoint, octets);
    a->last = codepoint;
    if (edge || ce) a->demand = DEMAND;
    if (edge) a->ack_due = true; /* 3.2.2.5.1 */
}

/* 3.2.2.5.1: a change, or many marks, draw an ACK at once; one, after the segment has been taken,
 * that tells all.  Packets that bring nothing to acknowledge need one only when there were many. */
void dw_tcp_accurate_acks(dw_tcb *t)
{
    dw_tcp_accurate *a = t->accurate;
    bool many = a->untold >= MAX_UNTOLD && t->tcp->profile.ecn_acks_of_acks;
    if (t->ack_now || !(many || (a->ack_due && dw_tcp_owes_ack(t)))) return;
    t->ack_now = true;
    t->ack_cause = CAUSE(ACK_OF_MARK);
}

/* Sending: what the feedback says. */

static bool estimate_octets(dw_tcb *t, uint64_t octets)
{
    dw_tcp_accurate *a = t->accurate;
    if (!a->seen) {
        if (t->snd_nxt - t->iss > OPTION_TOO_LATE) {
            a->seen = DW_ACCURATE_ZEROED_SEEN;
            a->failed |= DW_ACCURATE_OPTION_RECEIVED;
        }
        return false;
    }
    if (a->estimate == DW_TCP_NOT_ECT) return false;
    a->delivered[a->estimate] += (uint32_t)octets;
    return true;
}

/* The octets of each codepoint since the last option.  Where an ACK has none, they are put down to
 * the codepoint that alone had grown before.  False: they say nothing sure. */
static bool take_option(dw_tcb *t, const dw_seg *s, uint64_t octets)
{
    dw_tcp_accurate *a = t->accurate;
    uint8_t before = a->estimate;
    bool sure = before != DW_TCP_NOT_ECT, changed = false, unclear = false;
    if (a->failed & DW_ACCURATE_OPTION_RECEIVED) return false;
    if (s->accurate_len < HEAD) return estimate_octets(t, octets);
    if (brings_first_option(a, s)) see_option(a, s);
    for (int i = 0; HEAD + PER_FIELD * (i + 1) <= s->accurate_len && i < FIELDS; i++) {
        const uint8_t *f = s->accurate + PER_FIELD * i;
        uint8_t codepoint = order[s->accurate_order ? i : FIELDS - 1 - i];
        uint32_t v = (uint32_t)f[0] << 16 | dw_get16(f + 1);
        uint32_t step = (v - initial(codepoint) - a->delivered[codepoint]) & 0xffffff;
        bool back = step & 0x800000; /* an old one */
        if (back) step |= 0xff000000;
        a->delivered[codepoint] += step;
        if (step == 0) continue;
        if (back) unclear = true;
        if (codepoint == before) continue;
        if (changed) unclear = true;
        if (!changed) a->estimate = codepoint;
        changed = true;
    }
    if (unclear) a->estimate = DW_TCP_NOT_ECT;
    return sure && !unclear;
}

/* How many segments an ACK covers usually: the first value as it is, then a moving average. */
static void average_segments(dw_tcp_accurate *a, uint64_t segments)
{
    uint64_t now = segments << AVERAGE_SHIFT, mean = a->average;
    if (segments == 0) return;
    if (mean == 0)
        mean = now;
    else
        mean = ((mean << AVERAGE_SHIFT) - mean + now) >> AVERAGE_SHIFT;
    a->average = (uint32_t)(mean < UINT16_MAX ? mean : UINT16_MAX);
}

/* Appendix A.2: marks are at least delta, and may be any number of eights more; the octets that
 * were reported as marked, where they are known, tell which. */
static uint64_t by_octets(const dw_tcb *t, uint32_t marked, uint64_t delta, uint64_t safe,
                          const dw_tcp_delivery *d)
{
    uint64_t mss = t->snd_mss;
    bool orderly =
        t->sack_ok || t->cc.state == DW_CONGESTION_OPEN || t->cc.state == DW_CONGESTION_CWR;
    if (marked == 0) return delta;
    if (d->segments >= MANY && orderly) {
        if (d->octets <= marked) return safe;
        uint64_t share = (marked * d->segments + d->octets - 1) / d->octets;
        uint64_t likely = delta + (share & ~(uint64_t)ACE_MASK);
        return likely < safe ? likely : safe;
    }
    if (marked > delta * mss) return safe;
    return marked < safe * mss >> SAFETY_SHIFT ? delta : safe;
}

static uint64_t marks(dw_tcb *t, const dw_seg *s, const dw_tcp_delivery *d)
{
    dw_tcp_accurate *a = t->accurate;
    uint32_t before = a->delivered[DW_TCP_CE];
    bool sure = take_option(t, s, d->octets);
    average_segments(a, d->segments);
    if (d->handshake) return 0;
    if (a->untold >= MAX_UNTOLD) a->ack_due = true;
    uint32_t delta = (ace_of(s) - ACE_START - a->delivered_ce) & ACE_MASK;
    if (d->segments <= ACE_MASK) return delta;
    uint64_t safe = d->segments - ((d->segments - delta) & ACE_MASK);
    if (sure) return by_octets(t, a->delivered[DW_TCP_CE] - before, delta, safe, d);
    return a->average > ACKS_THINNED << AVERAGE_SHIFT ? delta : safe;
}

uint64_t dw_tcp_accurate_acked(dw_tcb *t, const dw_seg *s, const dw_tcp_delivery *d)
{
    dw_tcp_accurate *a = t->accurate;
    uint64_t n = marks(t, s, d);
    a->delivered_ce += (uint32_t)n;
    bool unsure = a->failed & DW_ACCURATE_ACE_RECEIVED && !t->tcp->profile.ecn_heeds_unsure;
    return unsure ? 0 : n;
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
    each(ctx, "ecn_option_seen", a->seen);
    each(ctx, "ecn_failed", a->failed);
}
