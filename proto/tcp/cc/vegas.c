/* Vegas (Brakmo, O'Malley, Peterson, 1994): compares what the window should bring at the shortest
 * round trip with what it does bring, and keeps two to four segments in the queue. */
#include "hystart.h"

enum word { ROUND_END, BASE_RTT, MIN_RTT, SAMPLES, GROW, WORDS };
/* Segments in the queue: fewer than ALPHA, the window grows; more than BETA, it shrinks; more than
 * GAMMA in slow start end that. */
enum { ALPHA = 2, BETA = 4, GAMMA = 1 };

static void vegas_init(dw_congestion *cc)
{
    cc->cwnd = cc->initial;
    cc->ssthresh = UINT64_MAX;
    cc->words[GROW] = 1;
}

/* How many segments of the window wait in the queue: cwnd (rtt - base) / rtt. */
static uint64_t queued(const dw_congestion *cc)
{
    const uint64_t *w = cc->words;
    uint64_t segments = cc->cwnd / cc->mss;
    return segments * (w[MIN_RTT] - w[BASE_RTT]) / w[MIN_RTT];
}

/* Once in a round trip. */
static void adjust(dw_congestion *cc)
{
    uint64_t *w = cc->words, least = 2 * (uint64_t)cc->mss, n = queued(cc);
    bool slow_start = cc->cwnd < cc->ssthresh;
    w[GROW] = !w[GROW]; /* slow start grows in every other round, to see what came of it */
    if (slow_start && n > GAMMA) {
        cc->ssthresh = least;
        cc->cwnd -= cc->cwnd / 8;
    } else if (!slow_start && n < ALPHA) {
        cc->cwnd += cc->mss;
    } else if (!slow_start && n > BETA) {
        cc->cwnd -= cc->mss;
    }
    if (cc->cwnd < least) cc->cwnd = least;
}

static void vegas_on_sample(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words, rtt = ack->rtt > 0 ? (uint64_t)ack->rtt : 1;
    if (w[BASE_RTT] == 0 || rtt < w[BASE_RTT]) w[BASE_RTT] = rtt;
    if (w[MIN_RTT] == 0 || rtt < w[MIN_RTT]) w[MIN_RTT] = rtt;
    w[SAMPLES]++;
}

static void vegas_on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    bool over = w[ROUND_END] == 0 || (int32_t)(ack->una - (uint32_t)w[ROUND_END]) > 0;
    if (over) { /* a round trip with too few samples goes as Reno's do */
        enum { ENOUGH = 2 };
        if (w[SAMPLES] >= ENOUGH && w[MIN_RTT] > 0)
            adjust(cc);
        else if (cc->cwnd < cc->ssthresh)
            w[GROW] = 1;
        else
            cc->cwnd += cc->mss;
        w[ROUND_END] = ack->nxt;
        w[MIN_RTT] = w[SAMPLES] = 0;
    }
    if (cc->cwnd < cc->ssthresh && w[GROW]) dw_slow_start(cc, ack->acked);
}

static uint64_t vegas_ssthresh(dw_congestion *cc, uint64_t flight)
{
    uint64_t least = 2 * (uint64_t)cc->mss;
    (void)flight;
    return cc->cwnd / 2 > least ? cc->cwnd / 2 : least;
}

static void vegas_on_timeout(dw_congestion *cc)
{
    cc->cwnd = cc->mss;
    cc->words[ROUND_END] = 0;
}

static const dw_congestion_ops ops = {
    .size = sizeof ops,
    .name = "vegas",
    .init = vegas_init,
    .on_ack = vegas_on_ack,
    .ssthresh = vegas_ssthresh,
    .on_timeout = vegas_on_timeout,
    .words = WORDS,
    .on_sample = vegas_on_sample,
};

const dw_plugin dw_vegas_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "vegas",
    .summary = "Vegas congestion control",
    .congestion = &ops,
};
