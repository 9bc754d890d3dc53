/* BBR, version 1: draft-cardwell-iccrg-bbr-congestion-control-00, in whole numbers.
 *
 * Instead of waiting for losses it measures the two things that make a path: the most that it
 * delivers, and the least that a round trip takes.  What it keeps outstanding follows from their
 * product.  The sections named are the draft's. */
#include "bbr.h"

enum mode { STARTUP, DRAIN, PROBE_BW, PROBE_RTT };

enum { BW_ROUNDS = 10, PHASES = 8 };

/* Rates are octets a second, gains thousandths; delivered_total is dw_congestion_ack's. */
struct bbr {
    enum mode mode;
    uint64_t bw[BW_ROUNDS]; /* the most of each of the last ten rounds: a ring */
    uint64_t rounds;        /* round trips so far */
    uint64_t round_end;     /* delivered_total that ends this one */
    bool round_starts;      /* with this ACK */
    dw_time min_rtt;        /* 0: none yet */
    dw_time min_rtt_at;     /* when it was seen */
    dw_time probe_rtt_done; /* when it may end; 0: not known yet */
    bool probe_rtt_round;   /* a round of it has passed */
    uint64_t full_bw;       /* the rate that startup compares with */
    uint32_t full_bw_count; /* rounds without growth */
    bool full;              /* the pipe is full */
    uint32_t phase;         /* of probing for bandwidth: an index of cycle */
    dw_time phase_at;       /* when it began */
    uint64_t pacing_gain, cwnd_gain;
    uint64_t prior_cwnd;    /* octets, from before recovery or PROBE_RTT */
    bool conserve;          /* packet conservation: the first round of recovery */
    uint8_t last_state;     /* enum dw_congestion_state of the transport, at the last ACK */
    bool idle_restart;      /* sending began again after a pause */
    uint64_t limited_until; /* delivered_total: samples from before are limited by ourselves */
    uint64_t seed;          /* of what is left to chance */
    bool rtt_seen;          /* the pacing rate does not rest on a guess any more */
};

/* 2/ln 2 and its reciprocal, in thousandths (4.3.2). */
enum { HIGH_GAIN = 2885, DRAIN_GAIN = 347 };
static const uint64_t cycle[PHASES] = {1250, 750, 1000, 1000, 1000, 1000, 1000, 1000};
static const dw_time min_rtt_lasts = 10 * DW_SECOND;

static uint64_t bandwidth(const dw_congestion *cc)
{
    const struct bbr *b = cc->private_state;
    uint64_t max = 0;
    for (int i = 0; i < BW_ROUNDS; i++)
        max = dw_bbr_max(max, b->bw[i]);
    return max;
}

/* BBRInflight (4.2.3.2): the window that gain times the model asks for. */
static uint64_t inflight(const dw_congestion *cc, uint64_t gain)
{
    const struct bbr *b = cc->private_state;
    if (b->min_rtt == 0) return cc->initial;
    uint64_t bdp = dw_bbr_product(bandwidth(cc), b->min_rtt);
    return bdp * gain / DW_BBR_UNIT + 3 * (uint64_t)cc->mss; /* room for delayed ACKs and bursts */
}

/* 4.2.1: one percent less than measured, so that queues drain. */
static void set_pacing_rate(dw_congestion *cc, uint64_t gain)
{
    struct bbr *b = cc->private_state;
    uint64_t rate = bandwidth(cc) / 100 * 99 * gain / DW_BBR_UNIT;
    if (rate && (b->full || rate > cc->pacing_rate)) cc->pacing_rate = rate;
}

static void enter_startup(dw_congestion *cc)
{
    struct bbr *b = cc->private_state;
    b->mode = STARTUP;
    b->pacing_gain = b->cwnd_gain = HIGH_GAIN;
}

static void advance_phase(dw_congestion *cc, dw_time now)
{
    struct bbr *b = cc->private_state;
    b->phase_at = now;
    b->phase = (b->phase + 1) % PHASES;
    b->pacing_gain = cycle[b->phase];
}

/* 4.3.4.3: the first phase is any but the one that drains. */
static void enter_probe_bw(dw_congestion *cc, dw_time now)
{
    struct bbr *b = cc->private_state;
    b->mode = PROBE_BW;
    b->cwnd_gain = 2 * DW_BBR_UNIT;
    b->phase = PHASES - 1 - (uint32_t)(dw_bbr_random(&b->seed) % (PHASES - 1));
    advance_phase(cc, now);
}

static void bbr_init(dw_congestion *cc)
{
    struct bbr *b = cc->private_state;
    cc->cwnd = cc->initial;
    cc->ssthresh = UINT64_MAX;
    b->seed = cc->seed;
    b->last_state = cc->state;
    enter_startup(cc);
    cc->pacing_rate = dw_bbr_first_rate(cc, DW_MILLISECOND, HIGH_GAIN);
}

/* 4.1.1.3 and 4.1.1.5. */
static void update_bandwidth(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr *b = cc->private_state;
    uint64_t rate = dw_bbr_rate(ack);
    b->round_starts = false;
    if (ack->interval <= 0) return;
    if (ack->prior_delivered >= b->round_end) {
        b->round_end = ack->delivered_total;
        b->rounds++;
        b->round_starts = true;
        b->conserve = false;
        b->bw[b->rounds % BW_ROUNDS] = 0;
    }
    bool limited = ack->rate_limited || ack->prior_delivered < b->limited_until;
    uint64_t *slot = &b->bw[b->rounds % BW_ROUNDS];
    if (!limited || rate >= bandwidth(cc)) *slot = dw_bbr_max(*slot, rate);
}

/* 4.3.2.2: three rounds in which the rate did not grow by a quarter. */
static void check_full_pipe(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr *b = cc->private_state;
    uint64_t bw = bandwidth(cc);
    if (b->full || !b->round_starts || ack->rate_limited) return;
    if (bw >= b->full_bw * 5 / 4) {
        b->full_bw = bw;
        b->full_bw_count = 0;
        return;
    }
    b->full = ++b->full_bw_count >= 3;
}

/* 4.3.3 */
static void check_drain(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr *b = cc->private_state;
    if (b->mode == STARTUP && b->full) {
        b->mode = DRAIN;
        b->pacing_gain = DRAIN_GAIN;
        b->cwnd_gain = HIGH_GAIN;
    }
    if (b->mode == DRAIN && ack->pipe <= inflight(cc, DW_BBR_UNIT)) enter_probe_bw(cc, ack->now);
}

/* 4.3.4.3 */
static void check_phase(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr *b = cc->private_state;
    uint64_t gain = b->pacing_gain;
    if (b->mode != PROBE_BW) return;
    bool elapsed = ack->now - b->phase_at > b->min_rtt;
    if (gain > DW_BBR_UNIT) {
        if (elapsed && (ack->lost > 0 || ack->flight >= inflight(cc, gain)))
            advance_phase(cc, ack->now);
    } else if (elapsed || (gain < DW_BBR_UNIT && ack->flight <= inflight(cc, DW_BBR_UNIT))) {
        advance_phase(cc, ack->now);
    }
}

static void save_window(dw_congestion *cc)
{
    struct bbr *b = cc->private_state;
    bool normal = b->last_state < DW_CONGESTION_RECOVERY && b->mode != PROBE_RTT;
    b->prior_cwnd = normal ? cc->cwnd : dw_bbr_max(b->prior_cwnd, cc->cwnd);
}

static void leave_probe_rtt(dw_congestion *cc, dw_time now)
{
    struct bbr *b = cc->private_state;
    b->min_rtt_at = now;
    cc->cwnd = dw_bbr_max(cc->cwnd, b->prior_cwnd);
    if (b->full)
        enter_probe_bw(cc, now);
    else
        enter_startup(cc);
}

/* 4.3.5: every ten seconds, hold almost nothing, so that a queue of our own shows. */
static void probe_rtt(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr *b = cc->private_state;
    uint64_t min = DW_BBR_MIN_SEGMENTS * (uint64_t)cc->mss;
    b->limited_until = ack->delivered_total + ack->pipe;
    if (b->probe_rtt_done == 0) {
        if (ack->pipe > min) return;
        b->probe_rtt_done = ack->now + DW_BBR_PROBE_RTT_LASTS;
        b->probe_rtt_round = false;
        b->round_end = ack->delivered_total;
        return;
    }
    if (b->round_starts) b->probe_rtt_round = true;
    if (b->probe_rtt_round && ack->now > b->probe_rtt_done) leave_probe_rtt(cc, ack->now);
}

static void update_min_rtt(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr *b = cc->private_state;
    bool expired = b->min_rtt && ack->now > b->min_rtt_at + min_rtt_lasts;
    if (ack->rtt > 0 && (b->min_rtt == 0 || ack->rtt < b->min_rtt || expired)) {
        b->min_rtt = ack->rtt;
        b->min_rtt_at = ack->now;
    }
    if (expired && !b->idle_restart && b->mode != PROBE_RTT) {
        save_window(cc);
        b->mode = PROBE_RTT;
        b->pacing_gain = b->cwnd_gain = DW_BBR_UNIT;
        b->probe_rtt_done = 0;
    }
    if (b->mode == PROBE_RTT) probe_rtt(cc, ack);
    if (ack->delivered > 0) b->idle_restart = false;
}

/* 4.2.3.4: true while recovery says what the window is. */
static bool recovery_rules(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr *b = cc->private_state;
    uint64_t before = b->last_state;
    if (ack->lost > 0) cc->cwnd = cc->cwnd > ack->lost + cc->mss ? cc->cwnd - ack->lost : cc->mss;
    if (cc->state == DW_CONGESTION_RECOVERY && before != DW_CONGESTION_RECOVERY) {
        b->conserve = true;
        b->round_end = ack->delivered_total;
        cc->cwnd = ack->pipe + ack->delivered;
    } else if (before >= DW_CONGESTION_RECOVERY && cc->state < DW_CONGESTION_RECOVERY) {
        cc->cwnd = dw_bbr_max(cc->cwnd, b->prior_cwnd);
        b->conserve = false;
    }
    b->last_state = cc->state;
    if (!b->conserve) return false;
    cc->cwnd = dw_bbr_max(cc->cwnd, ack->pipe + ack->delivered);
    return true;
}

/* 4.2.3 */
static void set_window(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const struct bbr *b = cc->private_state;
    uint64_t min = DW_BBR_MIN_SEGMENTS * (uint64_t)cc->mss;
    if (ack->delivered > 0 && !recovery_rules(cc, ack)) {
        uint64_t target = inflight(cc, b->cwnd_gain);
        if (b->full)
            cc->cwnd = dw_bbr_min(cc->cwnd + ack->delivered, target);
        else if (cc->cwnd < target || ack->delivered_total < cc->initial)
            cc->cwnd += ack->delivered;
        cc->cwnd = dw_bbr_max(cc->cwnd, min);
    }
    if (b->mode == PROBE_RTT) cc->cwnd = dw_bbr_min(cc->cwnd, min);
}

static void bbr_control(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr *b = cc->private_state;
    if (!b->rtt_seen && ack->srtt > 0) {
        b->rtt_seen = true;
        cc->pacing_rate = dw_bbr_first_rate(cc, ack->srtt, HIGH_GAIN);
    }
    update_bandwidth(cc, ack);
    check_phase(cc, ack);
    check_full_pipe(cc, ack);
    check_drain(cc, ack);
    update_min_rtt(cc, ack);
    set_pacing_rate(cc, b->pacing_gain);
    set_window(cc, ack);
}

static void bbr_on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    (void)cc;
    (void)ack;
}

/* A loss by itself says nothing about the window. */
static uint64_t bbr_ssthresh(dw_congestion *cc, uint64_t flight)
{
    (void)flight;
    save_window(cc);
    return cc->ssthresh;
}

static void bbr_on_timeout(dw_congestion *cc)
{
    struct bbr *b = cc->private_state;
    b->full_bw = 0;
    b->last_state = DW_CONGESTION_LOSS;
    b->conserve = false;
}

static void bbr_on_undo(dw_congestion *cc)
{
    struct bbr *b = cc->private_state;
    b->full_bw = 0;
    b->full_bw_count = 0; /* the loss was not one: look again */
    cc->cwnd = dw_bbr_max(cc->cwnd, b->prior_cwnd);
}

/* 4.2.2: after a pause, at the rate of the model. */
static void bbr_on_restart(dw_congestion *cc, dw_time idle)
{
    struct bbr *b = cc->private_state;
    (void)idle;
    b->idle_restart = true;
    if (b->mode == PROBE_BW) set_pacing_rate(cc, DW_BBR_UNIT);
}

static void bbr_fingerprint(const dw_congestion *cc, dw_fingerprint *into)
{
    const struct bbr *b = cc->private_state;
    dw_fp_u64(into, b->mode);
    DW_FP_MEMBERS(into, b, bw, round_starts);
    dw_fp_u64(into, (uint64_t)b->min_rtt);
    dw_fp_time(into, b->min_rtt ? b->min_rtt_at : DW_TIME_NEVER);
    dw_fp_since(into, b->probe_rtt_done);
    dw_fp_u64(into, b->probe_rtt_round);
    DW_FP_MEMBERS(into, b, full_bw, full);
    dw_fp_u64(into, b->phase);
    dw_fp_time(into, b->mode == PROBE_BW ? b->phase_at : DW_TIME_NEVER);
    DW_FP_MEMBERS(into, b, pacing_gain, idle_restart);
    dw_fp_u64(into, b->limited_until);
    DW_FP_MEMBERS(into, b, seed, rtt_seen);
}

static const dw_congestion_ops ops = {
    .size = sizeof ops,
    .name = "bbr",
    .init = bbr_init,
    .on_ack = bbr_on_ack,
    .ssthresh = bbr_ssthresh,
    .on_timeout = bbr_on_timeout,
    .state_size = sizeof(struct bbr),
    .on_undo = bbr_on_undo,
    .on_restart = bbr_on_restart,
    .control = bbr_control,
    .fingerprint = bbr_fingerprint,
};

const dw_plugin dw_bbr_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "bbr",
    .summary = "BBR congestion control, version 1",
    .congestion = &ops,
};
