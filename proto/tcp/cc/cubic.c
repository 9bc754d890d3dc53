/* CUBIC congestion control, RFC 9438, in whole numbers.
 *
 * The window is a cubic function of the time since the last reduction: steep at first, flat around
 * the window at which a loss occurred, and steep again.  Times are in milliseconds, windows in
 * thousandths of a segment where the function is computed. */
#include "hystart.h"

struct cubic {
    dw_hystart_state hystart;
    uint64_t w_max;  /* octets: the window before the last reduction */
    dw_time epoch;   /* when congestion avoidance began; 0: not yet */
    uint64_t origin; /* octets: the plateau */
    uint64_t k;      /* ms from the epoch to the plateau */
    uint64_t w_est;  /* octets, times a thousand: what Reno would have */
    uint64_t prior;  /* octets: cwnd at the last reduction */
    uint64_t rest;   /* octets acknowledged, times how far the target is, not credited yet */
};

/* C = 0.4, beta = 0.7 (section 4.6); alpha = 3 (1 - beta) / (1 + beta) (4.3), in thousandths. */
enum { C_TENTHS = 4, BETA_TENTHS = 7, ALPHA = 529, FARTHEST_MS = 1000000 };

static uint64_t cube_root(uint64_t v)
{
    uint64_t low = 0, high = 2000000;
    while (low < high) {
        uint64_t middle = (low + high + 1) / 2;
        if (middle * middle <= v / middle)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static void cubic_init(dw_congestion *cc)
{
    struct cubic *c = cc->private_state;
    cc->cwnd = cc->initial;
    cc->ssthresh = UINT64_MAX;
    dw_hystart_reset(&c->hystart);
}

/* K = cubic root of (W_max - cwnd) / C (4.2, figure 2): with windows in segments, in seconds. */
static void begin_epoch(dw_congestion *cc, dw_time now)
{
    struct cubic *c = cc->private_state;
    c->epoch = now;
    c->w_est = cc->cwnd * 1000;
    c->rest = 0;
    if (c->w_max <= cc->cwnd) {
        c->k = 0;
        c->origin = cc->cwnd;
        return;
    }
    uint64_t thousandths = (c->w_max - cc->cwnd) * 1000 / cc->mss;
    c->k = cube_root(thousandths * 10 / C_TENTHS * 1000000);
    c->origin = c->w_max;
}

/* W_cubic(t) = C (t - K)^3 + W_max (4.2, figure 1). */
static uint64_t window_at(const dw_congestion *cc, uint64_t ms)
{
    const struct cubic *c = cc->private_state;
    bool before = ms < c->k;
    uint64_t d = before ? c->k - ms : ms - c->k;
    if (d > FARTHEST_MS) d = FARTHEST_MS;
    uint64_t octets = d * d * d / 1000000 * C_TENTHS / 10 * cc->mss / 1000;
    if (!before) return c->origin + octets;
    return c->origin > octets ? c->origin - octets : 0;
}

/* W_est (4.3): as fast as Reno on average, and as Reno itself once the old window is reached. */
static void grow_estimate(dw_congestion *cc, uint64_t acked)
{
    struct cubic *c = cc->private_state;
    uint64_t alpha = c->w_est / 1000 >= c->prior ? 1000 : ALPHA;
    c->w_est += alpha * acked / (cc->cwnd / cc->mss ? cc->cwnd / cc->mss : 1);
}

static void avoid_congestion(dw_congestion *cc, const dw_congestion_ack *ack, uint64_t acked)
{
    struct cubic *c = cc->private_state;
    if (c->epoch == 0) begin_epoch(cc, ack->now);
    uint64_t elapsed = (uint64_t)(ack->now - c->epoch) / DW_MILLISECOND;
    uint64_t rtt = (uint64_t)(ack->min_rtt > 0 ? ack->min_rtt : 0) / DW_MILLISECOND;
    grow_estimate(cc, acked);
    if (window_at(cc, elapsed) < c->w_est / 1000) { /* the Reno-friendly region */
        if (c->w_est / 1000 > cc->cwnd) cc->cwnd = c->w_est / 1000;
        return;
    }
    uint64_t target = window_at(cc, elapsed + rtt), max = cc->cwnd + cc->cwnd / 2;
    if (target < cc->cwnd) target = cc->cwnd;
    if (target > max) target = max;
    /* cwnd += (target - cwnd) / cwnd for each segment acknowledged (4.4). */
    c->rest += acked * (target - cc->cwnd);
    cc->cwnd += c->rest / cc->cwnd;
    c->rest %= cc->cwnd;
}

static void cubic_on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct cubic *c = cc->private_state;
    uint64_t acked = ack->acked;
    if (cc->cwnd < cc->ssthresh) {
        acked = dw_slow_start(cc, dw_hystart_growth(cc, &c->hystart, acked));
        if (acked == 0) return;
    }
    avoid_congestion(cc, ack, acked);
}

/* 4.6, with fast convergence (4.7): a flow whose window did not get back to where it was makes room
 * for others. */
static uint64_t cubic_ssthresh(dw_congestion *cc, uint64_t flight)
{
    struct cubic *c = cc->private_state;
    uint64_t min = 2 * (uint64_t)cc->mss;
    (void)flight;
    c->epoch = 0;
    c->prior = cc->cwnd;
    c->w_max = cc->cwnd < c->w_max ? cc->cwnd * (10 + BETA_TENTHS) / 20 : cc->cwnd;
    uint64_t reduced = cc->cwnd * BETA_TENTHS / 10;
    reduced -= reduced % cc->mss;
    return reduced > min ? reduced : min;
}

static void cubic_on_timeout(dw_congestion *cc)
{
    struct cubic *c = cc->private_state;
    cc->cwnd = cc->mss;
    c->epoch = 0;
    dw_hystart_reset(&c->hystart);
}

static void cubic_on_sample(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct cubic *c = cc->private_state;
    if (c->epoch && ack->now - c->epoch < DW_SECOND) return; /* right after recovery */
    dw_hystart_sample(cc, &c->hystart, ack);
}

/* 4.2: the time without data to send does not count. */
static void cubic_on_restart(dw_congestion *cc, dw_time idle)
{
    struct cubic *c = cc->private_state;
    if (c->epoch) c->epoch += idle;
}

static void cubic_fingerprint(const dw_congestion *cc, dw_fingerprint *into)
{
    const struct cubic *c = cc->private_state;
    dw_hystart_fingerprint(&c->hystart, into);
    dw_fp_u64(into, c->w_max);
    dw_fp_since(into, c->epoch);
    DW_FP_MEMBERS(into, c, origin, rest);
}

static const dw_congestion_ops ops = {
    .size = sizeof ops,
    .name = "cubic",
    .init = cubic_init,
    .on_ack = cubic_on_ack,
    .ssthresh = cubic_ssthresh,
    .on_timeout = cubic_on_timeout,
    .state_size = sizeof(struct cubic),
    .on_sample = cubic_on_sample,
    .on_restart = cubic_on_restart,
    .fingerprint = cubic_fingerprint,
};

const dw_plugin dw_cubic_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "cubic",
    .summary = "CUBIC congestion control, RFC 9438",
    .congestion = &ops,
};
