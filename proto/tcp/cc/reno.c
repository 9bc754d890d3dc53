/* Reno congestion control, RFC 5681.  Fast retransmit and recovery are the transport's; this says
 * how the window grows and where it falls. */
#include "../../builtin.h"

enum { ACKED }; /* words[ACKED]: bytes acknowledged since cwnd last grew in congestion avoidance */

static void reno_init(dw_congestion *cc)
{
    cc->cwnd = cc->initial;
    cc->ssthresh = UINT64_MAX;
    cc->words[ACKED] = 0;
}

static void reno_on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    if (cc->cwnd < cc->ssthresh) { /* equation (2), or RFC 3465 2.2 */
        uint64_t most = cc->limit ? (uint64_t)cc->limit * cc->mss : ack->acked;
        cc->cwnd += ack->acked < most ? ack->acked : most;
        return;
    }
    /* "Another common practice": one SMSS for each window of acknowledged data (section 3.1). */
    cc->words[ACKED] += ack->acked;
    if (cc->words[ACKED] < cc->cwnd) return;
    cc->words[ACKED] -= cc->cwnd;
    cc->cwnd += cc->mss;
}

static uint64_t reno_ssthresh(dw_congestion *cc, uint64_t flight) /* equation (4) */
{
    uint64_t least = 2 * (uint64_t)cc->mss;
    return flight / 2 > least ? flight / 2 : least;
}

static void reno_on_timeout(dw_congestion *cc)
{
    cc->cwnd = cc->mss; /* the loss window is one segment */
    cc->words[ACKED] = 0;
}

static const dw_congestion_ops ops = {
    .size = sizeof ops,
    .name = "reno",
    .init = reno_init,
    .on_ack = reno_on_ack,
    .ssthresh = reno_ssthresh,
    .on_timeout = reno_on_timeout,
};

const dw_plugin dw_reno_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "reno",
    .summary = "Reno congestion control, RFC 5681",
    .congestion = &ops,
};
