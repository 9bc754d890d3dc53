/* Vegas (Brakmo, O'Malley, Peterson, 1994): compares what the window should bring at the shortest
 * round trip with what it does bring, and keeps two to four segments in the queue. */
#include "hystart.h"

struct vegas {
    uint32_t round_end; /* the round is over when this is acknowledged; 0: none has begun */
    dw_time base_rtt;   /* the shortest round trip of all; 0: none */
    dw_time min_rtt;    /* the shortest of this round; 0: none */
    uint64_t samples;   /* in this round */
    bool grow;          /* slow start grows in this round */
};

/* Segments in the queue: fewer than ALPHA, the window grows; more than BETA, it shrinks; more than
 * GAMMA in slow start end that. */
enum { ALPHA = 2, BETA = 4, GAMMA = 1 };

static void vegas_init(dw_congestion *cc)
{
    struct vegas *v = cc->private_state;
    cc->cwnd = cc->initial;
    cc->ssthresh = UINT64_MAX;
    v->grow = true;
}

/* How many segments of the window wait in the queue: cwnd (rtt - base) / rtt. */
static uint64_t queued(const dw_congestion *cc)
{
    const struct vegas *v = cc->private_state;
    uint64_t segments = cc->cwnd / cc->mss;
    return segments * (uint64_t)(v->min_rtt - v->base_rtt) / (uint64_t)v->min_rtt;
}

/* Once in a round trip. */
static void adjust(dw_congestion *cc)
{
    struct vegas *v = cc->private_state;
    uint64_t min = 2 * (uint64_t)cc->mss, n = queued(cc);
    bool slow_start = cc->cwnd < cc->ssthresh;
    v->grow = !v->grow; /* slow start grows in every other round, to see what came of it */
    if (slow_start && n > GAMMA) {
        cc->ssthresh = min;
        cc->cwnd -= cc->cwnd / 8;
    } else if (!slow_start && n < ALPHA) {
        cc->cwnd += cc->mss;
    } else if (!slow_start && n > BETA) {
        cc->cwnd -= cc->mss;
    }
    if (cc->cwnd < min) cc->cwnd = min;
}

static void vegas_on_sample(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct vegas *v = cc->private_state;
    dw_time rtt = ack->rtt > 0 ? ack->rtt : 1;
    if (v->base_rtt == 0 || rtt < v->base_rtt) v->base_rtt = rtt;
    if (v->min_rtt == 0 || rtt < v->min_rtt) v->min_rtt = rtt;
    v->samples++;
}

static void vegas_on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct vegas *v = cc->private_state;
    bool over = v->round_end == 0 || (int32_t)(ack->una - v->round_end) > 0;
    if (over) { /* a round trip with too few samples goes as Reno's do */
        enum { ENOUGH = 2 };
        if (v->samples >= ENOUGH && v->min_rtt > 0)
            adjust(cc);
        else if (cc->cwnd < cc->ssthresh)
            v->grow = true;
        else
            cc->cwnd += cc->mss;
        v->round_end = ack->nxt;
        v->min_rtt = v->samples = 0;
    }
    if (cc->cwnd < cc->ssthresh && v->grow) dw_slow_start(cc, ack->acked);
}

static uint64_t vegas_ssthresh(dw_congestion *cc, uint64_t flight)
{
    uint64_t min = 2 * (uint64_t)cc->mss;
    (void)flight;
    return cc->cwnd / 2 > min ? cc->cwnd / 2 : min;
}

static void vegas_on_timeout(dw_congestion *cc)
{
    struct vegas *v = cc->private_state;
    cc->cwnd = cc->mss;
    v->round_end = 0;
}

static void vegas_fingerprint(const dw_congestion *cc, dw_fingerprint *into)
{
    const struct vegas *v = cc->private_state;
    dw_fp_u64(into, v->round_end);
    DW_FP_MEMBERS(into, v, base_rtt, grow);
}

static const dw_congestion_ops ops = {
    .size = sizeof ops,
    .name = "vegas",
    .init = vegas_init,
    .on_ack = vegas_on_ack,
    .ssthresh = vegas_ssthresh,
    .on_timeout = vegas_on_timeout,
    .state_size = sizeof(struct vegas),
    .on_sample = vegas_on_sample,
    .fingerprint = vegas_fingerprint,
};

const dw_plugin dw_vegas_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "vegas",
    .summary = "Vegas congestion control",
    .congestion = &ops,
};
