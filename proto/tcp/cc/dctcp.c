/* DCTCP, RFC 8257: the window falls in proportion to how much the network marked.  For data
 * centres, whose switches mark early; the share of marked octets is exact with accurate ECN (RFC
 * 9768), and with classic ECN where the receiver echoes as section 3.2 has it. */
#include "hystart.h"

enum word { ALPHA = DW_HYSTART_WORDS, ROUND_END, ACKED, MARKED, REST, WORDS };
/* Alpha, the share, is kept in units of 1 / 2^20; g = 1/16 (section 3.3). */
enum { ONE = 1 << 20, G_SHIFT = 4 };

static void dctcp_init(dw_congestion *cc)
{
    cc->cwnd = cc->initial;
    cc->ssthresh = UINT64_MAX;
    dw_hystart_reset(cc);
    cc->words[ALPHA] = ONE; /* section 3.3: conservative, until something is known */
}

/* Section 3.3: once in a window of data, Alpha = (1 - g) Alpha + g M. */
static void dctcp_on_sample(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    w[ACKED] += ack->delivered;
    w[MARKED] += ack->marked;
    if (w[ROUND_END] && (int32_t)(ack->una - (uint32_t)w[ROUND_END]) <= 0) return;
    if (w[ACKED] > 0 && w[ROUND_END]) {
        uint64_t share = w[MARKED] < w[ACKED] ? w[MARKED] * ONE / w[ACKED] : ONE;
        w[ALPHA] += (share >> G_SHIFT);
        w[ALPHA] -= (w[ALPHA] - (share >> G_SHIFT)) >> G_SHIFT;
    }
    w[ACKED] = w[MARKED] = 0;
    w[ROUND_END] = ack->nxt;
}

static void dctcp_on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    dw_reno_growth(cc, ack->acked, &cc->words[REST]);
}

/* cwnd = cwnd (1 - Alpha / 2). */
static uint64_t dctcp_ssthresh(dw_congestion *cc, uint64_t flight)
{
    (void)flight;
    uint64_t least = 2 * (uint64_t)cc->mss;
    uint64_t reduced = cc->cwnd - cc->cwnd * cc->words[ALPHA] / ONE / 2;
    return reduced > least ? reduced : least;
}

static void dctcp_on_timeout(dw_congestion *cc)
{
    cc->cwnd = cc->mss;
    cc->words[REST] = 0;
}

static const dw_congestion_ops ops = {
    .size = sizeof ops,
    .name = "dctcp",
    .init = dctcp_init,
    .on_ack = dctcp_on_ack,
    .ssthresh = dctcp_ssthresh,
    .on_timeout = dctcp_on_timeout,
    .words = WORDS,
    .on_sample = dctcp_on_sample,
    .exact_echo = true,
};

const dw_plugin dw_dctcp_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "dctcp",
    .summary = "DCTCP congestion control, RFC 8257",
    .congestion = &ops,
};
