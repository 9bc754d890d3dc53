/* BBR, version 3: the model of the path, from what each ACK tells. */
#include "bbr3.h"

static const dw_time min_rtt_lasts = 10 * DW_SECOND, probe_rtt_interval = 5 * DW_SECOND;

uint64_t dw_bbr3_min_pipe(const dw_congestion *cc)
{
    return DW_BBR_MIN_SEGMENTS * (uint64_t)cc->mss;
}

uint64_t dw_bbr3_max_bw(const dw_congestion *cc)
{
    const struct bbr3 *b = cc->private_state;
    return dw_bbr_max(b->max_bw[0], b->max_bw[1]);
}

uint64_t dw_bbr3_bandwidth(const dw_congestion *cc)
{
    const struct bbr3 *b = cc->private_state;
    return dw_bbr_min(dw_bbr3_max_bw(cc), b->bw_lo);
}

/* The product of bandwidth and delay, times a gain. */
uint64_t dw_bbr3_bdp(const dw_congestion *cc, uint64_t bw, uint64_t gain)
{
    const struct bbr3 *b = cc->private_state;
    if (b->min_rtt == 0) return cc->initial;
    return dw_bbr_product(bw, b->min_rtt) * gain / DW_BBR_UNIT;
}

/* With room for bursts, and for a probe to be seen. */
uint64_t dw_bbr3_inflight(const dw_congestion *cc, uint64_t bw, uint64_t gain)
{
    const struct bbr3 *b = cc->private_state;
    uint64_t n = dw_bbr_max(dw_bbr3_bdp(cc, bw, gain), dw_bbr3_min_pipe(cc));
    return b->mode == UP ? n + 2 * (uint64_t)cc->mss : n;
}

uint64_t dw_bbr3_target_inflight(const dw_congestion *cc)
{
    return dw_bbr_min(dw_bbr3_bdp(cc, dw_bbr3_bandwidth(cc), DW_BBR_UNIT), cc->cwnd);
}

uint64_t dw_bbr3_inflight_with_headroom(const dw_congestion *cc)
{
    const struct bbr3 *b = cc->private_state;
    uint64_t high = b->inflight_hi;
    if (high == INFINITE) return INFINITE;
    uint64_t room = dw_bbr_max(cc->mss, high / DW_BBR_UNIT * HEADROOM);
    return dw_bbr_max(high > room ? high - room : 0, dw_bbr3_min_pipe(cc));
}

void dw_bbr3_reset_lower_bounds(dw_congestion *cc)
{
    struct bbr3 *b = cc->private_state;
    b->bw_lo = b->inflight_lo = INFINITE;
}

void dw_bbr3_reset_full_bw(dw_congestion *cc, uint64_t rate)
{
    struct bbr3 *b = cc->private_state;
    b->full_bw = rate;
    b->full_bw_count = 0;
    b->full_now = false;
}

/* What this ACK delivered, and whether it begins a round: one of data, one in which losses are
 * counted.  A sample that we limited ourselves says nothing of the path, unless it is a new
 * maximum. */
void dw_bbr3_update_signals(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    uint64_t rate = dw_bbr_rate(ack);
    b->round_starts = b->loss_round_starts = false;
    if (ack->lost > 0) {
        b->loss_in_round++;
        b->lost_in_round += ack->lost;
    }
    if (ack->interval <= 0) return;
    b->bw_latest = dw_bbr_max(b->bw_latest, rate);
    b->inflight_latest = dw_bbr_max(b->inflight_latest, ack->rate_delivered);
    if (ack->prior_delivered >= b->loss_round_end) {
        b->loss_round_end = ack->delivered_total;
        b->loss_round_starts = true;
    }
    if (ack->prior_delivered >= b->round_end) {
        b->round_end = ack->delivered_total;
        b->round_starts = true;
        b->rounds++;
        b->probe_rounds++;
        b->extra[b->rounds % EXTRA_ROUNDS] = 0;
    }
    bool limited = ack->rate_limited || ack->prior_delivered < b->limited_until;
    if (rate >= dw_bbr3_max_bw(cc) || !limited) b->max_bw[1] = dw_bbr_max(b->max_bw[1], rate);
}

/* Losses outside of probing: less, for as long as this cycle lasts. */
void dw_bbr3_adapt_lower_bounds(dw_congestion *cc)
{
    struct bbr3 *b = cc->private_state;
    if (b->mode == STARTUP || b->mode == REFILL || b->mode == UP || !b->loss_in_round) return;
    if (b->bw_lo == INFINITE) b->bw_lo = dw_bbr3_max_bw(cc);
    if (b->inflight_lo == INFINITE) b->inflight_lo = cc->cwnd;
    b->bw_lo = dw_bbr_max(b->bw_latest, b->bw_lo * BETA / DW_BBR_UNIT);
    b->inflight_lo = dw_bbr_max(b->inflight_latest, b->inflight_lo * BETA / DW_BBR_UNIT);
}

void dw_bbr3_end_loss_round(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    if (!b->loss_round_starts) return;
    b->loss_in_round = b->lost_in_round = 0;
    b->round_delivered = ack->delivered_total;
    b->bw_latest = dw_bbr_rate(ack);
    b->inflight_latest = ack->rate_delivered;
}

void dw_bbr3_check_full_bw(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    uint64_t rate = dw_bbr_rate(ack);
    if (b->full_now || ack->interval <= 0 || ack->rate_limited) return;
    if (rate >= b->full_bw * 5 / 4) {
        dw_bbr3_reset_full_bw(cc, rate);
        return;
    }
    if (!b->round_starts) return;
    b->full_now = ++b->full_bw_count >= 3;
    if (b->full_now) b->full = true;
}

/* What arrives in bursts, beyond what the bandwidth explains. */
void dw_bbr3_update_extra_acked(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    uint64_t expected = dw_bbr_product(dw_bbr3_bandwidth(cc), ack->now - b->extra_at);
    if (b->extra_delivered <= expected) {
        b->extra_delivered = expected = 0;
        b->extra_at = ack->now;
    }
    b->extra_delivered += ack->delivered;
    uint64_t extra = b->extra_delivered > expected ? b->extra_delivered - expected : 0;
    uint64_t *slot = &b->extra[b->rounds % EXTRA_ROUNDS];
    *slot = dw_bbr_max(*slot, dw_bbr_min(extra, cc->cwnd));
}

uint64_t dw_bbr3_extra_acked(const dw_congestion *cc)
{
    const struct bbr3 *b = cc->private_state;
    uint64_t max = 0;
    for (int i = 0; i < EXTRA_ROUNDS; i++)
        max = dw_bbr_max(max, b->extra[i]);
    return max;
}

void dw_bbr3_update_min_rtt(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    b->probe_rtt_expired =
        b->probe_rtt_min != DW_TIME_NEVER && ack->now > b->probe_rtt_min_at + probe_rtt_interval;
    if (ack->rtt > 0 && (ack->rtt < b->probe_rtt_min || b->probe_rtt_expired)) {
        b->probe_rtt_min = ack->rtt;
        b->probe_rtt_min_at = ack->now;
    }
    bool expired = ack->now > b->min_rtt_at + min_rtt_lasts;
    if (b->probe_rtt_min == DW_TIME_NEVER) return;
    if (b->min_rtt == 0 || b->probe_rtt_min < b->min_rtt || expired) {
        b->min_rtt = b->probe_rtt_min;
        b->min_rtt_at = b->probe_rtt_min_at;
    }
}
