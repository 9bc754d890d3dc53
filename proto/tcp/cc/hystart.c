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
#define MIN_DELAY (4 * DW_MILLISECOND)
#define MAX_DELAY (16 * DW_MILLISECOND)

static void new_round(dw_hystart_state *h, const dw_congestion_ack *ack)
{
    h->round_started = h->last_ack = ack->now;
    h->round_end = ack->nxt;
    h->last_rtt = h->rtt;
    h->rtt = DW_TIME_NEVER;
    h->samples = 0;
}

void dw_hystart_reset(dw_hystart_state *h)
{
    *h = (dw_hystart_state){.rtt = DW_TIME_NEVER, .last_rtt = DW_TIME_NEVER};
}

static bool round_over(const dw_hystart_state *h, const dw_congestion_ack *ack)
{
    if (h->round_started == 0) return true;
    return (int32_t)(ack->una - h->round_end) > 0;
}

static dw_time clamp(dw_time v)
{
    if (v < MIN_DELAY) return MIN_DELAY;
    return v < MAX_DELAY ? v : MAX_DELAY;
}

/* Whether ACKs have come one close behind the other for half the shortest delay (all of it where
 * the sender spreads its segments itself). */
static bool long_train(dw_hystart_state *h, const dw_congestion_ack *ack)
{
    dw_time now = ack->now, min = h->min_rtt;
    if (now - h->last_ack > ACK_SPACING) return false;
    h->last_ack = now;
    return now - h->round_started > (ack->paced ? min : min / 2);
}

static bool delayed(dw_hystart_state *h, dw_time rtt)
{
    if (rtt < h->rtt) h->rtt = rtt;
    if (h->samples < MIN_SAMPLES) {
        h->samples++;
        return false;
    }
    return h->rtt > h->min_rtt + clamp(h->min_rtt / 8);
}

static void classic(dw_congestion *cc, dw_hystart_state *h, const dw_congestion_ack *ack)
{
    dw_time rtt = ack->rtt > 0 ? ack->rtt : 1;
    if (h->min_rtt == 0 || rtt < h->min_rtt) h->min_rtt = rtt;
    if (cc->cwnd >= cc->ssthresh || h->found) return;
    if (round_over(h, ack)) new_round(h, ack);
    if (cc->cwnd < LOW_WINDOW * (uint64_t)cc->mss) return;
    bool train = cc->hystart != DW_HYSTART_DELAY && long_train(h, ack);
    bool late = cc->hystart != DW_HYSTART_TRAIN && delayed(h, rtt);
    if (!train && !late) return;
    h->found = true;
    cc->ssthresh = cc->cwnd;
}

/* RFC 9406 section 4.2. */
static void plus_plus(dw_congestion *cc, dw_hystart_state *h, const dw_congestion_ack *ack)
{
    dw_time rtt = ack->rtt;
    if (cc->cwnd >= cc->ssthresh) return;
    if (round_over(h, ack)) {
        bool slow = h->css > 0;
        new_round(h, ack);
        if (slow && ++h->css > CSS_ROUNDS) {
            cc->ssthresh = cc->cwnd;
            return;
        }
    }
    if (rtt < h->rtt) h->rtt = rtt;
    if (++h->samples < MIN_SAMPLES || h->last_rtt == DW_TIME_NEVER) return;
    dw_time last = h->last_rtt;
    if (h->css == 0) {
        if (h->rtt < last + clamp(last / 8)) return;
        h->css_rtt = h->rtt;
        h->css = 1;
    } else if (h->rtt < h->css_rtt) {
        h->css = 0; /* the delay was spurious: slow start again */
    }
}

void dw_hystart_sample(dw_congestion *cc, dw_hystart_state *h, const dw_congestion_ack *ack)
{
    switch ((enum dw_hystart)cc->hystart) {
    case DW_HYSTART_OFF: return;
    case DW_HYSTART_TRAIN:
    case DW_HYSTART_DELAY:
    case DW_HYSTART_CLASSIC: classic(cc, h, ack); return;
    case DW_HYSTART_PLUS_PLUS: plus_plus(cc, h, ack); return;
    }
}

uint64_t dw_hystart_growth(const dw_congestion *cc, const dw_hystart_state *h, uint64_t acked)
{
    bool slow = cc->hystart == DW_HYSTART_PLUS_PLUS && h->css > 0;
    return slow ? acked / CSS_GROWTH_DIVISOR : acked;
}

void dw_hystart_fingerprint(const dw_hystart_state *h, dw_fingerprint *into)
{
    bool begun = h->round_started != 0;
    dw_fp_since(into, h->round_started);
    dw_fp_u64(into, h->round_end);
    dw_fp_time(into, begun ? h->last_ack : DW_TIME_NEVER);
    DW_FP_MEMBERS(into, h, min_rtt, found);
    dw_fp_u64(into, h->css);
    dw_fp_u64(into, (uint64_t)h->css_rtt);
}
