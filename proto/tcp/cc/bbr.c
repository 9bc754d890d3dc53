/* BBR, version 1: draft-cardwell-iccrg-bbr-congestion-control-00, in whole numbers.
 *
 * Instead of waiting for losses it measures the two things that make a path: the most that it
 * delivers, and the least that a round trip takes.  What it keeps outstanding follows from their
 * product.  The sections named are the draft's. */
#include "bbr.h"

enum mode { STARTUP, DRAIN, PROBE_BW, PROBE_RTT };

enum { BW_ROUNDS = 10, PHASES = 8 };

enum word {
    MODE,
    BW,                     /* the most of the last ten rounds: a rate for each */
    ROUND = BW + BW_ROUNDS, /* rounds so far */
    ROUND_END,              /* delivered_total that ends this one */
    ROUND_STARTS,           /* with this ACK */
    MIN_RTT,                /* ns, and when it was seen */
    MIN_RTT_AT,
    PROBE_RTT_DONE,  /* when it may end; 0: not known yet */
    PROBE_RTT_ROUND, /* a round of it has passed */
    FULL_BW,         /* the rate that startup compares with */
    FULL_BW_COUNT,   /* rounds without growth */
    FULL,            /* the pipe is full */
    PHASE,           /* of probing for bandwidth */
    PHASE_AT,
    PACING_GAIN,
    CWND_GAIN,
    PRIOR_CWND, /* from before recovery or PROBE_RTT */
    CONSERVE,   /* packet conservation: the first round of recovery */
    LAST_STATE, /* of the transport, at the last ACK */
    IDLE_RESTART,
    LIMITED_UNTIL, /* samples from before are limited by ourselves */
    SEED,
    RTT_SEEN, /* the pacing rate does not rest on a guess any more */
    WORDS
};

/* 2/ln 2 and its reciprocal, in thousandths (4.3.2). */
enum { HIGH_GAIN = 2885, DRAIN_GAIN = 347 };
static const uint64_t cycle[PHASES] = {1250, 750, 1000, 1000, 1000, 1000, 1000, 1000};
static const dw_time min_rtt_lasts = 10 * DW_SECOND;

static uint64_t bandwidth(const dw_congestion *cc)
{
    uint64_t most = 0;
    for (int i = 0; i < BW_ROUNDS; i++)
        most = dw_bbr_most(most, cc->words[BW + i]);
    return most;
}

/* BBRInflight (4.2.3.2): the window that gain times the model asks for. */
static uint64_t inflight(const dw_congestion *cc, uint64_t gain)
{
    const uint64_t *w = cc->words;
    if (w[MIN_RTT] == 0) return cc->initial;
    uint64_t bdp = dw_bbr_product(bandwidth(cc), (dw_time)w[MIN_RTT]);
    return bdp * gain / DW_BBR_UNIT + 3 * (uint64_t)cc->mss; /* room for delayed ACKs and bursts */
}

/* 4.2.1: one percent less than measured, so that queues drain. */
static void set_pacing_rate(dw_congestion *cc, uint64_t gain)
{
    uint64_t rate = bandwidth(cc) / 100 * 99 * gain / DW_BBR_UNIT;
    if (rate && (cc->words[FULL] || rate > cc->pacing_rate)) cc->pacing_rate = rate;
}

static void enter_startup(dw_congestion *cc)
{
    cc->words[MODE] = STARTUP;
    cc->words[PACING_GAIN] = cc->words[CWND_GAIN] = HIGH_GAIN;
}

static void advance_phase(dw_congestion *cc, dw_time now)
{
    uint64_t *w = cc->words;
    w[PHASE_AT] = (uint64_t)now;
    w[PHASE] = (w[PHASE] + 1) % PHASES;
    w[PACING_GAIN] = cycle[w[PHASE]];
}

/* 4.3.4.3: the first phase is any but the one that drains. */
static void enter_probe_bw(dw_congestion *cc, dw_time now)
{
    uint64_t *w = cc->words;
    w[MODE] = PROBE_BW;
    w[CWND_GAIN] = 2 * DW_BBR_UNIT;
    w[PHASE] = PHASES - 1 - dw_bbr_random(&w[SEED]) % (PHASES - 1);
    advance_phase(cc, now);
}

static void bbr_init(dw_congestion *cc)
{
    uint64_t *w = cc->words;
    cc->cwnd = cc->initial;
    cc->ssthresh = UINT64_MAX;
    w[SEED] = cc->seed;
    w[LAST_STATE] = cc->state;
    enter_startup(cc);
    cc->pacing_rate = dw_bbr_first_rate(cc, DW_MILLISECOND, HIGH_GAIN);
}

/* 4.1.1.3 and 4.1.1.5. */
static void update_bandwidth(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words, rate = dw_bbr_rate(ack);
    w[ROUND_STARTS] = 0;
    if (ack->interval <= 0) return;
    if (ack->prior_delivered >= w[ROUND_END]) {
        w[ROUND_END] = ack->delivered_total;
        w[ROUND]++;
        w[ROUND_STARTS] = 1;
        w[CONSERVE] = 0;
        w[BW + w[ROUND] % BW_ROUNDS] = 0;
    }
    bool limited = ack->rate_limited || ack->prior_delivered < w[LIMITED_UNTIL];
    uint64_t *slot = &w[BW + w[ROUND] % BW_ROUNDS];
    if (!limited || rate >= bandwidth(cc)) *slot = dw_bbr_most(*slot, rate);
}

/* 4.3.2.2: three rounds in which the rate did not grow by a quarter. */
static void check_full_pipe(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words, bw = bandwidth(cc);
    if (w[FULL] || !w[ROUND_STARTS] || ack->rate_limited) return;
    if (bw >= w[FULL_BW] * 5 / 4) {
        w[FULL_BW] = bw;
        w[FULL_BW_COUNT] = 0;
        return;
    }
    w[FULL] = ++w[FULL_BW_COUNT] >= 3;
}

/* 4.3.3 */
static void check_drain(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    if (w[MODE] == STARTUP && w[FULL]) {
        w[MODE] = DRAIN;
        w[PACING_GAIN] = DRAIN_GAIN;
        w[CWND_GAIN] = HIGH_GAIN;
    }
    if (w[MODE] == DRAIN && ack->pipe <= inflight(cc, DW_BBR_UNIT)) enter_probe_bw(cc, ack->now);
}

/* 4.3.4.3 */
static void check_phase(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words, gain = w[PACING_GAIN];
    if (w[MODE] != PROBE_BW) return;
    bool elapsed = ack->now - (dw_time)w[PHASE_AT] > (dw_time)w[MIN_RTT];
    if (gain > DW_BBR_UNIT) {
        if (elapsed && (ack->lost > 0 || ack->flight >= inflight(cc, gain)))
            advance_phase(cc, ack->now);
    } else if (elapsed || (gain < DW_BBR_UNIT && ack->flight <= inflight(cc, DW_BBR_UNIT))) {
        advance_phase(cc, ack->now);
    }
}

static void save_window(dw_congestion *cc)
{
    uint64_t *w = cc->words;
    bool normal = w[LAST_STATE] < DW_CONGESTION_RECOVERY && w[MODE] != PROBE_RTT;
    w[PRIOR_CWND] = normal ? cc->cwnd : dw_bbr_most(w[PRIOR_CWND], cc->cwnd);
}

static void leave_probe_rtt(dw_congestion *cc, dw_time now)
{
    uint64_t *w = cc->words;
    w[MIN_RTT_AT] = (uint64_t)now;
    cc->cwnd = dw_bbr_most(cc->cwnd, w[PRIOR_CWND]);
    if (w[FULL])
        enter_probe_bw(cc, now);
    else
        enter_startup(cc);
}

/* 4.3.5: every ten seconds, hold almost nothing, so that a queue of our own shows. */
static void probe_rtt(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words, least = DW_BBR_LEAST_SEGMENTS * (uint64_t)cc->mss;
    w[LIMITED_UNTIL] = ack->delivered_total + ack->pipe;
    if (w[PROBE_RTT_DONE] == 0) {
        if (ack->pipe > least) return;
        w[PROBE_RTT_DONE] = (uint64_t)(ack->now + DW_BBR_PROBE_RTT_LASTS);
        w[PROBE_RTT_ROUND] = 0;
        w[ROUND_END] = ack->delivered_total;
        return;
    }
    if (w[ROUND_STARTS]) w[PROBE_RTT_ROUND] = 1;
    if (w[PROBE_RTT_ROUND] && ack->now > (dw_time)w[PROBE_RTT_DONE]) leave_probe_rtt(cc, ack->now);
}

static void update_min_rtt(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    bool expired = w[MIN_RTT] && ack->now > (dw_time)w[MIN_RTT_AT] + min_rtt_lasts;
    if (ack->rtt > 0 && (w[MIN_RTT] == 0 || (uint64_t)ack->rtt < w[MIN_RTT] || expired)) {
        w[MIN_RTT] = (uint64_t)ack->rtt;
        w[MIN_RTT_AT] = (uint64_t)ack->now;
    }
    if (expired && !w[IDLE_RESTART] && w[MODE] != PROBE_RTT) {
        save_window(cc);
        w[MODE] = PROBE_RTT;
        w[PACING_GAIN] = w[CWND_GAIN] = DW_BBR_UNIT;
        w[PROBE_RTT_DONE] = 0;
    }
    if (w[MODE] == PROBE_RTT) probe_rtt(cc, ack);
    if (ack->delivered > 0) w[IDLE_RESTART] = 0;
}

/* 4.2.3.4: true while recovery says what the window is. */
static bool recovery_rules(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words, before = w[LAST_STATE];
    if (ack->lost > 0) cc->cwnd = cc->cwnd > ack->lost + cc->mss ? cc->cwnd - ack->lost : cc->mss;
    if (cc->state == DW_CONGESTION_RECOVERY && before != DW_CONGESTION_RECOVERY) {
        w[CONSERVE] = 1;
        w[ROUND_END] = ack->delivered_total;
        cc->cwnd = ack->pipe + ack->delivered;
    } else if (before >= DW_CONGESTION_RECOVERY && cc->state < DW_CONGESTION_RECOVERY) {
        cc->cwnd = dw_bbr_most(cc->cwnd, w[PRIOR_CWND]);
        w[CONSERVE] = 0;
    }
    w[LAST_STATE] = cc->state;
    if (!w[CONSERVE]) return false;
    cc->cwnd = dw_bbr_most(cc->cwnd, ack->pipe + ack->delivered);
    return true;
}

/* 4.2.3 */
static void set_window(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const uint64_t *w = cc->words;
    uint64_t least = DW_BBR_LEAST_SEGMENTS * (uint64_t)cc->mss;
    if (ack->delivered > 0 && !recovery_rules(cc, ack)) {
        uint64_t target = inflight(cc, w[CWND_GAIN]);
        if (w[FULL])
            cc->cwnd = dw_bbr_least(cc->cwnd + ack->delivered, target);
        else if (cc->cwnd < target || ack->delivered_total < cc->initial)
            cc->cwnd += ack->delivered;
        cc->cwnd = dw_bbr_most(cc->cwnd, least);
    }
    if (w[MODE] == PROBE_RTT) cc->cwnd = dw_bbr_least(cc->cwnd, least);
}

static void bbr_control(dw_congestion *cc, const dw_congestion_ack *ack)
{
    if (!cc->words[RTT_SEEN] && ack->srtt > 0) {
        cc->words[RTT_SEEN] = 1;
        cc->pacing_rate = dw_bbr_first_rate(cc, ack->srtt, HIGH_GAIN);
    }
    update_bandwidth(cc, ack);
    check_phase(cc, ack);
    check_full_pipe(cc, ack);
    check_drain(cc, ack);
    update_min_rtt(cc, ack);
    set_pacing_rate(cc, cc->words[PACING_GAIN]);
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
    cc->words[FULL_BW] = 0;
    cc->words[LAST_STATE] = DW_CONGESTION_LOSS;
    cc->words[CONSERVE] = 0;
}

static void bbr_on_undo(dw_congestion *cc)
{
    cc->words[FULL_BW] = cc->words[FULL_BW_COUNT] = 0; /* the loss was not one: look again */
    cc->cwnd = dw_bbr_most(cc->cwnd, cc->words[PRIOR_CWND]);
}

/* 4.2.2: after a pause, at the rate of the model. */
static void bbr_on_restart(dw_congestion *cc, dw_time idle)
{
    (void)idle;
    cc->words[IDLE_RESTART] = 1;
    if (cc->words[MODE] == PROBE_BW) set_pacing_rate(cc, DW_BBR_UNIT);
}

static const dw_congestion_ops ops = {
    .size = sizeof ops,
    .name = "bbr",
    .init = bbr_init,
    .on_ack = bbr_on_ack,
    .ssthresh = bbr_ssthresh,
    .on_timeout = bbr_on_timeout,
    .words = WORDS,
    .on_undo = bbr_on_undo,
    .on_restart = bbr_on_restart,
    .control = bbr_control,
};

const dw_plugin dw_bbr_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "bbr",
    .summary = "BBR congestion control, version 1",
    .congestion = &ops,
};
