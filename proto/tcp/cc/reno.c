/* Reno congestion control, RFC 5681.  Fast retransmit and recovery are the transport's; this says
 * how the window grows and where it falls. */
#include "hystart.h"

struct reno {
    uint64_t acked; /* octets acknowledged since cwnd last grew in congestion avoidance */
};

static void reno_init(dw_congestion *cc)
{
    struct reno *r = cc->private_state;
    cc->cwnd = cc->initial;
    cc->ssthresh = UINT64_MAX;
    r->acked = 0;
}

uint64_t dw_slow_start(dw_congestion *cc, uint64_t acked)
{
    /* RFC 3465 2.3: after a timeout an ACK may cover what had come before, so one segment only. */
    uint32_t limit = cc->limit > 1 && cc->state == DW_CONGESTION_LOSS ? 1 : cc->limit;
    uint64_t max = limit ? (uint64_t)limit * cc->mss : acked;
    uint64_t step = acked < max ? acked : max;
    if (limit != 1 && cc->cwnd + step > cc->ssthresh) { /* the rest is for congestion avoidance */
        uint64_t rest = cc->cwnd + step - cc->ssthresh;
        cc->cwnd = cc->ssthresh;
        return rest;
    }
    cc->cwnd += step;
    return 0;
}

void dw_reno_growth(dw_congestion *cc, uint64_t acked, uint64_t *counted)
{
    if (cc->cwnd < cc->ssthresh) { /* equation (2), or RFC 3465 2.2 */
        acked = dw_slow_start(cc, acked);
        if (acked == 0) return;
    }
    /* "Another common practice": one SMSS for each window of acknowledged data (section 3.1). */
    *counted += acked;
    if (*counted < cc->cwnd) return;
    *counted -= cc->cwnd;
    cc->cwnd += cc->mss;
}

static void reno_on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct reno *r = cc->private_state;
    dw_reno_growth(cc, ack->acked, &r->acked);
}

static uint64_t reno_ssthresh(dw_congestion *cc, uint64_t flight) /* equation (4) */
{
    uint64_t min = 2 * (uint64_t)cc->mss;
    return flight / 2 > min ? flight / 2 : min;
}

static void reno_on_timeout(dw_congestion *cc)
{
    struct reno *r = cc->private_state;
    cc->cwnd = cc->mss; /* the loss window is one segment */
    r->acked = 0;
}

static void reno_fingerprint(const dw_congestion *cc, dw_fingerprint *into)
{
    dw_fp_bytes(into, cc->private_state, sizeof(struct reno));
}

static const dw_congestion_ops ops = {
    .size = sizeof ops,
    .name = "reno",
    .init = reno_init,
    .on_ack = reno_on_ack,
    .ssthresh = reno_ssthresh,
    .on_timeout = reno_on_timeout,
    .state_size = sizeof(struct reno),
    .fingerprint = reno_fingerprint,
};

const dw_plugin dw_reno_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "reno",
    .summary = "Reno congestion control, RFC 5681",
    .congestion = &ops,
};
