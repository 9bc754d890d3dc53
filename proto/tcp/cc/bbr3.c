/* BBR, version 3: draft-ietf-ccwg-bbr, in whole numbers.  What it measures is in bbr3_model.c.
 *
 * As version 1 it goes by what the path delivers and how long a round trip takes; besides, it
 * heeds losses: two segments in a hundred are as many as it takes before it lowers what it keeps
 * outstanding.  Probing for bandwidth has four parts.  It drains the queue (down), keeps below what
 * was safe (cruise), fills the pipe (refill) and asks for more (up).  The functions have the
 * draft's names, without its BBR. */
#include "bbr3.h"

/* Those of the segment that an ACK or a loss is about. */
typedef struct sample {
    dw_time now;
    uint64_t lost, sent_flight;
    bool limited;
} sample;

static bool probes_bw(const dw_congestion *cc)
{
    const struct bbr3 *b = cc->private_state;
    return b->mode >= DOWN && b->mode <= UP;
}

static void start_round(dw_congestion *cc, uint64_t delivered)
{
    struct bbr3 *b = cc->private_state;
    b->round_end = delivered;
}

static void enter(dw_congestion *cc, enum mode mode)
{
    struct bbr3 *b = cc->private_state;
    static const uint64_t gains[][2] = {
        [STARTUP] = {STARTUP_PACING, STARTUP_CWND}, [DRAIN] = {DRAIN_PACING, STARTUP_CWND},
        [DOWN] = {DOWN_PACING, PROBE_CWND},         [CRUISE] = {DW_BBR_UNIT, PROBE_CWND},
        [REFILL] = {DW_BBR_UNIT, PROBE_CWND},       [UP] = {UP_PACING, UP_CWND},
        [PROBE_RTT] = {DW_BBR_UNIT, PROBE_RTT_CWND}};
    b->mode = mode;
    b->pacing_gain = gains[mode][0];
    b->cwnd_gain = gains[mode][1];
}

static void bbr3_init(dw_congestion *cc)
{
    struct bbr3 *b = cc->private_state;
    cc->cwnd = cc->initial;
    cc->ssthresh = UINT64_MAX;
    b->seed = cc->seed;
    b->last_state = cc->state;
    b->inflight_hi = b->probe_up_count = INFINITE;
    b->probe_rtt_min = DW_TIME_NEVER;
    dw_bbr3_reset_lower_bounds(cc);
    enter(cc, STARTUP);
    cc->pacing_rate = dw_bbr_first_rate(cc, DW_MILLISECOND, STARTUP_PACING);
}

/* Probing for bandwidth. */

/* Two to three seconds, or as often as Reno would grow to the same window. */
static void pick_probe_wait(dw_congestion *cc)
{
    struct bbr3 *b = cc->private_state;
    b->probe_rounds = dw_bbr_random(&b->seed) % 2;
    b->probe_wait = 2 * DW_SECOND + (dw_time)(dw_bbr_random(&b->seed) % (uint64_t)DW_SECOND);
}

static void start_down(dw_congestion *cc, dw_time now, uint64_t delivered)
{
    struct bbr3 *b = cc->private_state;
    b->loss_in_round = b->lost_in_round = b->bw_latest = b->inflight_latest = 0;
    b->probe_up_count = INFINITE;
    pick_probe_wait(cc);
    b->cycle_at = now;
    b->ack_phase = PROBE_STOPPING;
    start_round(cc, delivered);
    enter(cc, DOWN);
}

static void start_refill(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    dw_bbr3_reset_lower_bounds(cc);
    b->probe_up_rounds = 0;
    b->probe_up_acks = 0;
    b->ack_phase = REFILLING;
    start_round(cc, ack->delivered_total);
    enter(cc, REFILL);
}

/* inflight_hi grows faster with each round of asking for more. */
static void raise_slope(dw_congestion *cc)
{
    struct bbr3 *b = cc->private_state;
    uint64_t growth = (uint64_t)1 << b->probe_up_rounds;
    if (b->probe_up_rounds < 30) b->probe_up_rounds++;
    b->probe_up_count = dw_bbr_max(cc->cwnd / growth, cc->mss);
}

static void start_up(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    b->ack_phase = PROBE_STARTING;
    start_round(cc, ack->delivered_total);
    dw_bbr3_reset_full_bw(cc, dw_bbr_rate(ack));
    b->cycle_at = ack->now;
    enter(cc, UP);
    raise_slope(cc);
}

static bool time_to_probe(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const struct bbr3 *b = cc->private_state;
    uint64_t reno = dw_bbr_min(dw_bbr3_target_inflight(cc) / cc->mss, MAX_RENO_ROUNDS);
    bool elapsed = ack->now - b->cycle_at > b->probe_wait;
    if (!elapsed && b->probe_rounds < reno) return false;
    start_refill(cc, ack);
    return true;
}

static bool time_to_cruise(const dw_congestion *cc, const dw_congestion_ack *ack)
{
    if (ack->pipe > dw_bbr3_inflight_with_headroom(cc)) return false;
    return ack->pipe <= dw_bbr3_inflight(cc, dw_bbr3_max_bw(cc), DW_BBR_UNIT);
}

static bool time_to_go_down(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const struct bbr3 *b = cc->private_state;
    if (ack->limited && cc->cwnd >= b->inflight_hi) {
        dw_bbr3_reset_full_bw(cc, dw_bbr_rate(ack)); /* it was not given the chance to grow */
        return false;
    }
    return b->full_now;
}

static bool inflight_too_high(const sample *s)
{
    return s->lost > s->sent_flight * LOSS_THRESHOLD / DW_BBR_UNIT;
}

static void handle_inflight_too_high(dw_congestion *cc, const sample *s, uint64_t delivered)
{
    struct bbr3 *b = cc->private_state;
    b->probe_samples = false;
    if (!s->limited)
        b->inflight_hi =
            dw_bbr_max(s->sent_flight, dw_bbr3_target_inflight(cc) * BETA / DW_BBR_UNIT);
    if (b->mode == UP) start_down(cc, s->now, delivered);
}

static void probe_upward(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    if (!ack->limited || cc->cwnd < b->inflight_hi) return;
    b->probe_up_acks += ack->delivered;
    if (b->probe_up_acks >= b->probe_up_count) {
        uint64_t steps = b->probe_up_acks / b->probe_up_count;
        b->probe_up_acks -= steps * b->probe_up_count;
        b->inflight_hi += steps * cc->mss;
    }
    if (b->round_starts) raise_slope(cc);
}

static void adapt_upper_bounds(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    if (b->ack_phase == PROBE_STARTING && b->round_starts) b->ack_phase = PROBE_FEEDBACK;
    if (b->ack_phase == PROBE_STOPPING && b->round_starts) {
        b->probe_samples = false;
        b->ack_phase = NOTHING;
        if (probes_bw(cc) && !ack->rate_limited) { /* the filter moves on by a cycle */
            b->cycle++;
            b->max_bw[0] = b->max_bw[1] ? b->max_bw[1] : b->max_bw[0];
            b->max_bw[1] = 0;
        }
    }
    if (ack->interval <= 0) return;
    const sample s = {ack->now, ack->rate_lost, ack->sent_flight, ack->rate_limited};
    if (inflight_too_high(&s)) {
        if (b->probe_samples) handle_inflight_too_high(cc, &s, ack->delivered_total);
        return;
    }
    if (b->inflight_hi == INFINITE) return;
    if (s.sent_flight > b->inflight_hi) b->inflight_hi = s.sent_flight;
    if (b->mode == UP) probe_upward(cc, ack);
}

/* The cycle that holds once startup is over: DOWN drains the queue, CRUISE keeps below what was
 * safe, REFILL fills the pipe for a round, so that UP measures what it adds and not what was
 * missing. */
static void update_cycle_phase(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    if (!b->full) return;
    adapt_upper_bounds(cc, ack);
    switch (b->mode) {
    case DOWN:
        if (!time_to_probe(cc, ack) && time_to_cruise(cc, ack)) enter(cc, CRUISE);
        return;
    case CRUISE: time_to_probe(cc, ack); return;
    case REFILL:
        if (!b->round_starts) return;
        b->probe_samples = true;
        start_up(cc, ack);
        return;
    case UP:
        if (time_to_go_down(cc, ack)) start_down(cc, ack->now, ack->delivered_total);
        return;
    case STARTUP:
    case DRAIN:
    case PROBE_RTT: return;
    }
}

/* The segment whose loss made it too much: what was outstanding with it, and the part of it that
 * was still acceptable. */
static void bbr3_on_loss(dw_congestion *cc, const dw_congestion_loss *loss)
{
    struct bbr3 *b = cc->private_state;
    sample s = {loss->now, loss->lost, loss->sent_flight, loss->rate_limited};
    if (!b->probe_samples || !inflight_too_high(&s)) return;
    uint64_t before = s.sent_flight > loss->octets ? s.sent_flight - loss->octets : 0;
    uint64_t lost_before = s.lost - loss->octets, bound = before * LOSS_THRESHOLD / DW_BBR_UNIT;
    uint64_t prefix = bound > lost_before
                          ? (bound - lost_before) * DW_BBR_UNIT / (DW_BBR_UNIT - LOSS_THRESHOLD)
                          : 0;
    s.sent_flight = before + prefix;
    handle_inflight_too_high(cc, &s, loss->delivered_total);
}

/* A whole round of recovery with losses in many places, and more than the path should show. */
static void check_startup_losses(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    if (b->full || !b->loss_round_starts || cc->state != DW_CONGESTION_RECOVERY) return;
    uint64_t delivered = ack->delivered_total - b->round_delivered;
    bool many = b->loss_in_round >= FULL_LOSS_COUNT &&
                b->lost_in_round > (delivered + b->lost_in_round) * LOSS_THRESHOLD / DW_BBR_UNIT;
    if (!many || b->rounds <= b->recovery_round) return;
    b->full = true;
    b->inflight_hi =
        dw_bbr_max(dw_bbr3_bdp(cc, dw_bbr3_max_bw(cc), DW_BBR_UNIT), b->inflight_latest);
}

static void check_startup_and_drain(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const struct bbr3 *b = cc->private_state;
    if (b->mode == STARTUP) {
        check_startup_losses(cc, ack);
        if (b->full) enter(cc, DRAIN);
    }
    if (b->mode == DRAIN && ack->pipe <= dw_bbr3_inflight(cc, dw_bbr3_max_bw(cc), DW_BBR_UNIT))
        start_down(cc, ack->now, ack->delivered_total);
}

static void save_window(dw_congestion *cc)
{
    struct bbr3 *b = cc->private_state;
    bool normal = b->last_state < DW_CONGESTION_RECOVERY && b->mode != PROBE_RTT;
    b->prior_cwnd = normal ? cc->cwnd : dw_bbr_max(b->prior_cwnd, cc->cwnd);
}

static uint64_t probe_rtt_window(const dw_congestion *cc)
{
    return dw_bbr_max(dw_bbr3_bdp(cc, dw_bbr3_bandwidth(cc), PROBE_RTT_CWND), dw_bbr3_min_pipe(cc));
}

static void leave_probe_rtt(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    b->probe_rtt_min_at = ack->now;
    cc->cwnd = dw_bbr_max(cc->cwnd, b->prior_cwnd);
    dw_bbr3_reset_lower_bounds(cc);
    if (!b->full) {
        enter(cc, STARTUP);
        return;
    }
    start_down(cc, ack->now, ack->delivered_total);
    enter(cc, CRUISE);
}

static void handle_probe_rtt(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    b->limited_until = ack->delivered_total + ack->pipe;
    if (b->probe_rtt_done == 0) {
        if (ack->pipe > probe_rtt_window(cc)) return;
        b->probe_rtt_done = ack->now + DW_BBR_PROBE_RTT_LASTS;
        b->probe_rtt_round = false;
        start_round(cc, ack->delivered_total);
        return;
    }
    if (b->round_starts) b->probe_rtt_round = true;
    if (b->probe_rtt_round && ack->now > b->probe_rtt_done) leave_probe_rtt(cc, ack);
}

static void check_probe_rtt(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    if (b->mode != PROBE_RTT && b->probe_rtt_expired && !b->idle_restart) {
        save_window(cc);
        enter(cc, PROBE_RTT);
        b->probe_rtt_done = 0;
        b->ack_phase = PROBE_STOPPING;
        start_round(cc, ack->delivered_total);
    }
    if (b->mode == PROBE_RTT) handle_probe_rtt(cc, ack);
    if (ack->delivered > 0) b->idle_restart = false;
}

/* What follows from the model. */

static void set_pacing_rate(dw_congestion *cc, uint64_t gain)
{
    struct bbr3 *b = cc->private_state;
    uint64_t rate = dw_bbr3_bandwidth(cc) / 100 * 99 * gain / DW_BBR_UNIT;
    if (rate && (b->full || rate > cc->pacing_rate)) cc->pacing_rate = rate;
}

static void modulate_for_recovery(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    uint64_t before = b->last_state;
    if (cc->state == DW_CONGESTION_RECOVERY && before != DW_CONGESTION_RECOVERY) {
        b->recovery_round = b->rounds;
        cc->cwnd = ack->pipe + dw_bbr_max(ack->delivered, cc->mss);
    } else if (before >= DW_CONGESTION_RECOVERY && cc->state < DW_CONGESTION_RECOVERY) {
        cc->cwnd = dw_bbr_max(cc->cwnd, b->prior_cwnd);
    } else if (ack->lost > 0) {
        cc->cwnd = cc->cwnd > ack->lost + cc->mss ? cc->cwnd - ack->lost : cc->mss;
    }
    b->last_state = cc->state;
}

static void bound_for_model(dw_congestion *cc)
{
    const struct bbr3 *b = cc->private_state;
    uint64_t cap = INFINITE;
    if (b->mode == CRUISE || b->mode == PROBE_RTT)
        cap = dw_bbr3_inflight_with_headroom(cc);
    else if (probes_bw(cc))
        cap = b->inflight_hi;
    cap = dw_bbr_max(dw_bbr_min(cap, b->inflight_lo), dw_bbr3_min_pipe(cc));
    cc->cwnd = dw_bbr_min(cc->cwnd, cap);
}

static void set_window(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const struct bbr3 *b = cc->private_state;
    uint64_t max =
        dw_bbr3_inflight(cc, dw_bbr3_bandwidth(cc), b->cwnd_gain) + dw_bbr3_extra_acked(cc);
    modulate_for_recovery(cc, ack);
    if (b->full)
        cc->cwnd = dw_bbr_min(cc->cwnd + ack->delivered, max);
    else if (cc->cwnd < max || ack->delivered_total < 2 * cc->initial)
        cc->cwnd += ack->delivered;
    cc->cwnd = dw_bbr_max(cc->cwnd, dw_bbr3_min_pipe(cc));
    if (b->mode == PROBE_RTT) cc->cwnd = dw_bbr_min(cc->cwnd, probe_rtt_window(cc));
    bound_for_model(cc);
}

static void bbr3_control(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    if (!b->rtt_seen && ack->srtt > 0) {
        b->rtt_seen = true;
        cc->pacing_rate = dw_bbr_first_rate(cc, ack->srtt, STARTUP_PACING);
    }
    dw_bbr3_update_signals(cc, ack);
    if (b->loss_round_starts) dw_bbr3_adapt_lower_bounds(cc);
    dw_bbr3_update_extra_acked(cc, ack);
    dw_bbr3_check_full_bw(cc, ack);
    check_startup_and_drain(cc, ack);
    update_cycle_phase(cc, ack);
    dw_bbr3_update_min_rtt(cc, ack);
    check_probe_rtt(cc, ack);
    dw_bbr3_end_loss_round(cc, ack);
    set_pacing_rate(cc, b->pacing_gain);
    set_window(cc, ack);
}

static void bbr3_on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    (void)cc;
    (void)ack;
}

static uint64_t bbr3_ssthresh(dw_congestion *cc, uint64_t flight)
{
    struct bbr3 *b = cc->private_state;
    (void)flight;
    save_window(cc);
    b->prior_bw_lo = b->bw_lo;
    b->prior_inflight_lo = b->inflight_lo;
    b->prior_inflight_hi = b->inflight_hi;
    return cc->ssthresh;
}

static void bbr3_on_timeout(dw_congestion *cc)
{
    struct bbr3 *b = cc->private_state;
    b->last_state = DW_CONGESTION_LOSS;
}

static void bbr3_on_undo(dw_congestion *cc)
{
    struct bbr3 *b = cc->private_state;
    dw_bbr3_reset_full_bw(cc, 0);
    b->loss_in_round = b->lost_in_round = 0;
    b->bw_lo = dw_bbr_max(b->bw_lo, b->prior_bw_lo);
    b->inflight_lo = dw_bbr_max(b->inflight_lo, b->prior_inflight_lo);
    b->inflight_hi = dw_bbr_max(b->inflight_hi, b->prior_inflight_hi);
    cc->cwnd = dw_bbr_max(cc->cwnd, b->prior_cwnd);
}

static void bbr3_on_restart(dw_congestion *cc, dw_time idle)
{
    struct bbr3 *b = cc->private_state;
    (void)idle;
    b->idle_restart = true;
    if (probes_bw(cc)) set_pacing_rate(cc, DW_BBR_UNIT);
}

static void bbr3_fingerprint(const dw_congestion *cc, dw_fingerprint *into)
{
    const struct bbr3 *b = cc->private_state;
    bool probing = b->mode != STARTUP && b->mode != DRAIN;
    DW_FP_MEMBERS(into, b, mode, min_rtt);
    dw_fp_time(into, b->min_rtt_at);
    DW_FP_MEMBERS(into, b, bw_latest, extra);
    dw_fp_time(into, b->extra_at);
    DW_FP_MEMBERS(into, b, extra_delivered, round_starts);
    DW_FP_MEMBERS(into, b, loss_round_end, loss_round_starts);
    DW_FP_MEMBERS(into, b, loss_in_round, full);
    dw_fp_u64(into, b->cycle);
    dw_fp_time(into, probing ? b->cycle_at : DW_TIME_NEVER);
    DW_FP_MEMBERS(into, b, probe_wait, probe_samples);
    DW_FP_MEMBERS(into, b, probe_up_count, probe_up_rounds);
    dw_fp_u64(into, (uint64_t)b->probe_rtt_min);
    dw_fp_time(into, b->probe_rtt_min != DW_TIME_NEVER ? b->probe_rtt_min_at : DW_TIME_NEVER);
    dw_fp_since(into, b->probe_rtt_done);
    dw_fp_u64(into, (uint64_t)b->probe_rtt_expired << 1 | b->probe_rtt_round);
    DW_FP_MEMBERS(into, b, prior_cwnd, idle_restart);
    DW_FP_MEMBERS(into, b, limited_until, rtt_seen);
    dw_fp_u64(into, b->seed);
}

static const dw_congestion_ops ops = {
    .size = sizeof ops,
    .name = "bbr3",
    .init = bbr3_init,
    .on_ack = bbr3_on_ack,
    .ssthresh = bbr3_ssthresh,
    .on_timeout = bbr3_on_timeout,
    .state_size = sizeof(struct bbr3),
    .on_undo = bbr3_on_undo,
    .on_restart = bbr3_on_restart,
    .control = bbr3_control,
    .on_loss = bbr3_on_loss,
    .fingerprint = bbr3_fingerprint,
};

const dw_plugin dw_bbr3_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "bbr3",
    .summary = "BBR congestion control, version 3",
    .congestion = &ops,
};
