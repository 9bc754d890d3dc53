/* No congestion control: the window is as wide as the peer's.  For measuring all the rest, and for
 * networks that reserve their capacity. */
#include "../../builtin.h"

enum { WIDE = 1 << 30 };

static void none_init(dw_congestion *cc)
{
    cc->cwnd = WIDE;
    cc->ssthresh = UINT64_MAX;
}

static void none_on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    (void)ack;
    cc->cwnd = WIDE;
}

static uint64_t none_ssthresh(dw_congestion *cc, uint64_t flight)
{
    (void)cc;
    (void)flight;
    return WIDE;
}

static void none_on_timeout(dw_congestion *cc)
{
    cc->cwnd = WIDE;
}

static void none_fingerprint(const dw_congestion *cc, dw_fingerprint *into)
{
    (void)cc;
    (void)into;
}

static const dw_congestion_ops ops = {
    .size = sizeof ops,
    .name = "none",
    .init = none_init,
    .on_ack = none_on_ack,
    .ssthresh = none_ssthresh,
    .on_timeout = none_on_timeout,
    .fingerprint = none_fingerprint,
};

const dw_plugin dw_none_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "none",
    .summary = "no congestion control",
    .congestion = &ops,
};
