/* Leaving slow start before the queue overflows.
 *
 * The classic way (Ha and Rhee, "Taming the elephants", 2011; Linux's default for CUBIC) looks in
 * each round of data for a train of ACKs as long as half the round trip, and for delays that have
 * grown; either ends slow start.  HyStart++ (RFC 9406) looks at delays alone, and goes on more
 * slowly for a few rounds first, in case it was a mistake. */
#include "hystart.h"

enum {
    MIN_SAMPLES = 8,
    LOW_WINDOW = 16, /* segments */
    CSS_GROWTH_DIVISOR = 4,
    CSS_ROUNDS = 5,
};
#define ACK_SPACING (2 * DW_MILLISECOND)
#define LEAST_DELAY (4 * DW_MILLISECOND)
#define MOST_DELAY (16 * DW_MILLISECOND)
#define NO_RTT UINT64_MAX

static void new_round(uint64_t *w, const dw_congestion_ack *ack)
{
    w[DW_HYSTART_ROUND_START] = w[DW_HYSTART_LAST_ACK] = (uint64_t)ack->now;
    w[DW_HYSTART_ROUND_END] = ack->nxt;
    w[DW_HYSTART_LAST_RTT] = w[DW_HYSTART_RTT];
    w[DW_HYSTART_RTT] = NO_RTT;
    w[DW_HYSTART_SAMPLES] = 0;
}

void dw_hystart_reset(dw_congestion *cc)
{
    memset(cc->words, 0, DW_HYSTART_WORDS * sizeof *cc->words);
    cc->words[DW_HYSTART_RTT] = cc->words[DW_HYSTART_LAST_RTT] = NO_RTT;
}

static bool round_over(const uint64_t *w, const dw_congestion_ack *ack)
{
    if (w[DW_HYSTART_ROUND_START] == 0) return true;
    return (int32_t)(ack->una - (uint32_t)w[DW_HYSTART_ROUND_END]) > 0;
}

static uint64_t clamp(uint64_t v)
{
    return v < LEAST_DELAY ? LEAST_DELAY : v > MOST_DELAY ? MOST_DELAY : v;
}

/* Whether ACKs have come one close behind the other for half the shortest delay (all of it where
 * the sender spreads its segments itself). */
static bool long_train(uint64_t *w, const dw_congestion_ack *ack)
{
    uint64_t now = (uint64_t)ack->now, least = w[DW_HYSTART_LEAST];
    if (now - w[DW_HYSTART_LAST_ACK] > ACK_SPACING) return false;
    w[DW_HYSTART_LAST_ACK] = now;
    return now - w[DW_HYSTART_ROUND_START] > (ack->paced ? least : least / 2);
}

static bool delayed(uint64_t *w, uint64_t rtt)
{
    if (rtt < w[DW_HYSTART_RTT]) w[DW_HYSTART_RTT] = rtt;
    if (w[DW_HYSTART_SAMPLES] < MIN_SAMPLES) {
        w[DW_HYSTART_SAMPLES]++;
        return false;
    }
    return w[DW_HYSTART_RTT] > w[DW_HYSTART_LEAST] + clamp(w[DW_HYSTART_LEAST] / 8);
}

static void classic(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words, rtt = ack->rtt > 0 ? (uint64_t)ack->rtt : 1;
    if (w[DW_HYSTART_LEAST] == 0 || rtt < w[DW_HYSTART_LEAST]) w[DW_HYSTART_LEAST] = rtt;
    if (cc->cwnd >= cc->ssthresh || w[DW_HYSTART_FOUND]) return;
    if (round_over(w, ack)) new_round(w, ack);
    if (cc->cwnd < LOW_WINDOW * (uint64_t)cc->mss) return;
    bool train = cc->hystart != DW_HYSTART_DELAY && long_train(w, ack);
    bool late = cc->hystart != DW_HYSTART_TRAIN && delayed(w, rtt);
    if (!train && !late) return;
    w[DW_HYSTART_FOUND] = 1;
    cc->ssthresh = cc->cwnd;
}

/* RFC 9406 section 4.2. */
static void plus_plus(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words, rtt = (uint64_t)ack->rtt;
    if (cc->cwnd >= cc->ssthresh) return;
    if (round_over(w, ack)) {
        bool slow = w[DW_HYSTART_CSS] > 0;
        new_round(w, ack);
        if (slow && ++w[DW_HYSTART_CSS] > CSS_ROUNDS) {
            cc->ssthresh = cc->cwnd;
            return;
        }
    }
    if (rtt < w[DW_HYSTART_RTT]) w[DW_HYSTART_RTT] = rtt;
    if (++w[DW_HYSTART_SAMPLES] < MIN_SAMPLES || w[DW_HYSTART_LAST_RTT] == NO_RTT) return;
    uint64_t last = w[DW_HYSTART_LAST_RTT];
    if (w[DW_HYSTART_CSS] == 0) {
        if (w[DW_HYSTART_RTT] < last + clamp(last / 8)) return;
        w[DW_HYSTART_CSS_RTT] = w[DW_HYSTART_RTT];
        w[DW_HYSTART_CSS] = 1;
    } else if (w[DW_HYSTART_RTT] < w[DW_HYSTART_CSS_RTT]) {
        w[DW_HYSTART_CSS] = 0; /* the delay was spurious: slow start again */
    }
}

void dw_hystart_sample(dw_congestion *cc, const dw_congestion_ack *ack)
{
    switch ((enum dw_hystart)cc->hystart) {
    case DW_HYSTART_OFF: return;
    case DW_HYSTART_TRAIN:
    case DW_HYSTART_DELAY:
    case DW_HYSTART_CLASSIC: classic(cc, ack); return;
    case DW_HYSTART_PLUS_PLUS: plus_plus(cc, ack); return;
    }
}

uint64_t dw_hystart_growth(const dw_congestion *cc, uint64_t acked)
{
    bool slow = cc->hystart == DW_HYSTART_PLUS_PLUS && cc->words[DW_HYSTART_CSS] > 0;
    return slow ? acked / CSS_GROWTH_DIVISOR : acked;
}
