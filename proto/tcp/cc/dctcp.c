/* DCTCP, RFC 8257: the window falls in proportion to how much the network marked.  For data
 * centres, whose switches mark early; the share of marked octets is exact with accurate ECN (RFC
 * 9768), and with classic ECN where the receiver echoes as section 3.2 has it. */
#include "hystart.h"

struct dctcp {
    uint64_t alpha;     /* the share of octets that is marked, of ONE */
    uint32_t round_end; /* a window of data ends when this is acknowledged; 0: none has begun */
    uint64_t acked;     /* octets delivered in this window, */
    uint64_t marked;    /* and of them marked */
    uint64_t counted;   /* octets acknowledged since cwnd last grew in congestion avoidance */
};
/* Alpha is kept in units of 1 / 2^20; g = 1/16 (section 3.3). */
enum { ONE = 1 << 20, G_SHIFT = 4 };

static void dctcp_init(dw_congestion *cc)
{
    struct dctcp *d = cc->private_state;
    cc->cwnd = cc->initial;
    cc->ssthresh = UINT64_MAX;
    d->alpha = ONE; /* section 3.3: conservative, until something is known */
}

/* Section 3.3: once in a window of data, Alpha = (1 - g) Alpha + g M. */
static void dctcp_on_sample(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct dctcp *d = cc->private_state;
    d->acked += ack->delivered;
    d->marked += ack->marked;
    if (d->round_end && (int32_t)(ack->una - d->round_end) <= 0) return;
    if (d->acked > 0 && d->round_end) {
        uint64_t share = d->marked < d->acked ? d->marked * ONE / d->acked : ONE;
        d->alpha += (share >> G_SHIFT);
        d->alpha -= (d->alpha - (share >> G_SHIFT)) >> G_SHIFT;
    }
    d->acked = d->marked = 0;
    d->round_end = ack->nxt;
}

static void dctcp_on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct dctcp *d = cc->private_state;
    dw_reno_growth(cc, ack->acked, &d->counted);
}

/* cwnd = cwnd (1 - Alpha / 2). */
static uint64_t dctcp_ssthresh(dw_congestion *cc, uint64_t flight)
{
    struct dctcp *d = cc->private_state;
    (void)flight;
    uint64_t min = 2 * (uint64_t)cc->mss;
    uint64_t reduced = cc->cwnd - cc->cwnd * d->alpha / ONE / 2;
    return reduced > min ? reduced : min;
}

static void dctcp_on_timeout(dw_congestion *cc)
{
    struct dctcp *d = cc->private_state;
    cc->cwnd = cc->mss;
    d->counted = 0;
}

static void dctcp_fingerprint(const dw_congestion *cc, dw_fingerprint *into)
{
    const struct dctcp *d = cc->private_state;
    DW_FP_MEMBERS(into, d, alpha, round_end);
    DW_FP_MEMBERS(into, d, acked, counted);
}

static const dw_congestion_ops ops = {
    .size = sizeof ops,
    .name = "dctcp",
    .init = dctcp_init,
    .on_ack = dctcp_on_ack,
    .ssthresh = dctcp_ssthresh,
    .on_timeout = dctcp_on_timeout,
    .state_size = sizeof(struct dctcp),
    .on_sample = dctcp_on_sample,
    .exact_echo = true,
    .fingerprint = dctcp_fingerprint,
};

const dw_plugin dw_dctcp_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "dctcp",
    .summary = "DCTCP congestion control, RFC 8257",
    .congestion = &ops,
};
