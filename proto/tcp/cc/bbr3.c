/* BBR, version 3: draft-ietf-ccwg-bbr, in whole numbers.
 *
 * As version 1 it measures what the path delivers and how long a round trip takes; besides, it
 * heeds losses: two segments in a hundred are as many as it takes before it lowers what it keeps
 * outstanding.  Probing for bandwidth has four parts.  It drains the queue (down), keeps below what
 * was safe (cruise), fills the pipe (refill) and asks for more (up).  The functions have the
 * draft's names, without its BBR. */
#include "bbr.h"

enum mode { STARTUP, DRAIN, DOWN, CRUISE, REFILL, UP, PROBE_RTT };

/* What the ACKs that come now tell about. */
enum ack_phase { NOTHING, REFILLING, PROBE_STARTING, PROBE_FEEDBACK, PROBE_STOPPING };

enum { CYCLES = 2, EXTRA_ROUNDS = 10 };
#define INFINITE UINT64_MAX

enum word {
    MODE,
    ACK_PHASE,
    MAX_BW,                  /* the most of this cycle and of the one before */
    CYCLE = MAX_BW + CYCLES, /* cycles so far */
    BW_LO,                   /* bounds of the short term ... */
    INFLIGHT_LO,
    INFLIGHT_HI, /* ... and of the long term */
    BW_LATEST,   /* of this round */
    INFLIGHT_LATEST,
    ROUND,
    ROUND_END,
    ROUND_STARTS,
    LOSS_ROUND_END,
    LOSS_ROUND_STARTS,
    LOSS_IN_ROUND,   /* ACKs of this round that showed a loss */
    LOST_IN_ROUND,   /* octets */
    ROUND_DELIVERED, /* delivered_total when the loss round began */
    RECOVERY_ROUND,  /* the round in which recovery began */
    MIN_RTT,
    MIN_RTT_AT,
    PROBE_RTT_MIN,
    PROBE_RTT_MIN_AT,
    PROBE_RTT_EXPIRED,
    PROBE_RTT_DONE,
    PROBE_RTT_ROUND,
    FULL_BW,
    FULL_BW_COUNT,
    FULL_NOW,
    FULL,
    PROBE_WAIT,     /* ns from one probe for bandwidth to the next */
    PROBE_ROUNDS,   /* rounds since the last one */
    PROBE_SAMPLES,  /* what is lost now was sent while probing */
    PROBE_UP_COUNT, /* octets to be acknowledged before inflight_hi grows */
    PROBE_UP_ACKS,
    PROBE_UP_ROUNDS,
    CYCLE_AT,
    EXTRA, /* octets that came more than expected, of ten rounds */
    EXTRA_AT = EXTRA + EXTRA_ROUNDS,
    EXTRA_DELIVERED,
    PACING_GAIN,
    CWND_GAIN,
    PRIOR_CWND,
    PRIOR_BW_LO, /* from before a loss that may be undone */
    PRIOR_INFLIGHT_LO,
    PRIOR_INFLIGHT_HI,
    LAST_STATE,
    IDLE_RESTART,
    LIMITED_UNTIL,
    RTT_SEEN,
    SEED,
    WORDS
};

/* The draft's parameters (2.4 to 2.8), in thousandths. */
enum {
    STARTUP_PACING = 2773,
    STARTUP_CWND = 2000,
    DRAIN_PACING = 500,
    DOWN_PACING = 900,
    UP_PACING = 1250,
    UP_CWND = 2250,
    PROBE_CWND = 2000,
    PROBE_RTT_CWND = 500,
    LOSS_THRESHOLD = 20,
    BETA = 700,
    HEADROOM = 150,
    FULL_LOSS_COUNT = 6,
    MOST_RENO_ROUNDS = 63,
};
static const dw_time min_rtt_lasts = 10 * DW_SECOND, probe_rtt_interval = 5 * DW_SECOND;

/* Those of the segment that an ACK or a loss is about. */
typedef struct sample {
    dw_time now;
    uint64_t lost, sent_flight;
    bool limited;
} sample;

static uint64_t least_pipe(const dw_congestion *cc)
{
    return DW_BBR_LEAST_SEGMENTS * (uint64_t)cc->mss;
}

static uint64_t max_bw(const dw_congestion *cc)
{
    return dw_bbr_most(cc->words[MAX_BW], cc->words[MAX_BW + 1]);
}

static uint64_t bandwidth(const dw_congestion *cc)
{
    return dw_bbr_least(max_bw(cc), cc->words[BW_LO]);
}

static bool probes_bw(const dw_congestion *cc)
{
    uint64_t mode = cc->words[MODE];
    return mode >= DOWN && mode <= UP;
}

/* The product of bandwidth and delay, times a gain. */
static uint64_t bdp(const dw_congestion *cc, uint64_t bw, uint64_t gain)
{
    const uint64_t *w = cc->words;
    if (w[MIN_RTT] == 0) return cc->initial;
    return dw_bbr_product(bw, (dw_time)w[MIN_RTT]) * gain / DW_BBR_UNIT;
}

/* With room for bursts, and for a probe to be seen. */
static uint64_t inflight(const dw_congestion *cc, uint64_t bw, uint64_t gain)
{
    uint64_t n = dw_bbr_most(bdp(cc, bw, gain), least_pipe(cc));
    return cc->words[MODE] == UP ? n + 2 * (uint64_t)cc->mss : n;
}

static uint64_t target_inflight(const dw_congestion *cc)
{
    return dw_bbr_least(bdp(cc, bandwidth(cc), DW_BBR_UNIT), cc->cwnd);
}

static uint64_t inflight_with_headroom(const dw_congestion *cc)
{
    uint64_t high = cc->words[INFLIGHT_HI];
    if (high == INFINITE) return INFINITE;
    uint64_t room = dw_bbr_most(cc->mss, high / DW_BBR_UNIT * HEADROOM);
    return dw_bbr_most(high > room ? high - room : 0, least_pipe(cc));
}

static void start_round(dw_congestion *cc, uint64_t delivered)
{
    cc->words[ROUND_END] = delivered;
}

static void reset_lower_bounds(dw_congestion *cc)
{
    cc->words[BW_LO] = cc->words[INFLIGHT_LO] = INFINITE;
}

static void reset_full_bw(dw_congestion *cc, uint64_t rate)
{
    cc->words[FULL_BW] = rate;
    cc->words[FULL_BW_COUNT] = cc->words[FULL_NOW] = 0;
}

static void enter(dw_congestion *cc, enum mode mode)
{
    static const uint64_t gains[][2] = {
        [STARTUP] = {STARTUP_PACING, STARTUP_CWND}, [DRAIN] = {DRAIN_PACING, STARTUP_CWND},
        [DOWN] = {DOWN_PACING, PROBE_CWND},         [CRUISE] = {DW_BBR_UNIT, PROBE_CWND},
        [REFILL] = {DW_BBR_UNIT, PROBE_CWND},       [UP] = {UP_PACING, UP_CWND},
        [PROBE_RTT] = {DW_BBR_UNIT, PROBE_RTT_CWND}};
    cc->words[MODE] = mode;
    cc->words[PACING_GAIN] = gains[mode][0];
    cc->words[CWND_GAIN] = gains[mode][1];
}

static void bbr3_init(dw_congestion *cc)
{
    uint64_t *w = cc->words;
    cc->cwnd = cc->initial;
    cc->ssthresh = UINT64_MAX;
    w[SEED] = cc->seed;
    w[LAST_STATE] = cc->state;
    w[INFLIGHT_HI] = w[PROBE_UP_COUNT] = INFINITE;
    w[PROBE_RTT_MIN] = INFINITE;
    reset_lower_bounds(cc);
    enter(cc, STARTUP);
    cc->pacing_rate = dw_bbr_first_rate(cc, DW_MILLISECOND, STARTUP_PACING);
}

/* Probing for bandwidth. */

/* Two to three seconds, or as often as Reno would grow to the same window. */
static void pick_probe_wait(dw_congestion *cc)
{
    uint64_t *w = cc->words;
    w[PROBE_ROUNDS] = dw_bbr_random(&w[SEED]) % 2;
    w[PROBE_WAIT] = 2 * (uint64_t)DW_SECOND + dw_bbr_random(&w[SEED]) % (uint64_t)DW_SECOND;
}

static void start_down(dw_congestion *cc, dw_time now, uint64_t delivered)
{
    uint64_t *w = cc->words;
    w[LOSS_IN_ROUND] = w[LOST_IN_ROUND] = w[BW_LATEST] = w[INFLIGHT_LATEST] = 0;
    w[PROBE_UP_COUNT] = INFINITE;
    pick_probe_wait(cc);
    w[CYCLE_AT] = (uint64_t)now;
    w[ACK_PHASE] = PROBE_STOPPING;
    start_round(cc, delivered);
    enter(cc, DOWN);
}

static void start_refill(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    reset_lower_bounds(cc);
    w[PROBE_UP_ROUNDS] = w[PROBE_UP_ACKS] = 0;
    w[ACK_PHASE] = REFILLING;
    start_round(cc, ack->delivered_total);
    enter(cc, REFILL);
}

/* inflight_hi grows faster with each round of asking for more. */
static void raise_slope(dw_congestion *cc)
{
    uint64_t *w = cc->words, growth = (uint64_t)1 << w[PROBE_UP_ROUNDS];
    if (w[PROBE_UP_ROUNDS] < 30) w[PROBE_UP_ROUNDS]++;
    w[PROBE_UP_COUNT] = dw_bbr_most(cc->cwnd / growth, cc->mss);
}

static void start_up(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    w[ACK_PHASE] = PROBE_STARTING;
    start_round(cc, ack->delivered_total);
    reset_full_bw(cc, dw_bbr_rate(ack));
    w[CYCLE_AT] = (uint64_t)ack->now;
    enter(cc, UP);
    raise_slope(cc);
}

static bool time_to_probe(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const uint64_t *w = cc->words;
    uint64_t reno = dw_bbr_least(target_inflight(cc) / cc->mss, MOST_RENO_ROUNDS);
    bool elapsed = ack->now - (dw_time)w[CYCLE_AT] > (dw_time)w[PROBE_WAIT];
    if (!elapsed && w[PROBE_ROUNDS] < reno) return false;
    start_refill(cc, ack);
    return true;
}

static bool time_to_cruise(const dw_congestion *cc, const dw_congestion_ack *ack)
{
    if (ack->pipe > inflight_with_headroom(cc)) return false;
    return ack->pipe <= inflight(cc, max_bw(cc), DW_BBR_UNIT);
}

static bool time_to_go_down(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const uint64_t *w = cc->words;
    if (ack->limited && cc->cwnd >= w[INFLIGHT_HI]) {
        reset_full_bw(cc, dw_bbr_rate(ack)); /* it was not given the chance to grow */
        return false;
    }
    return w[FULL_NOW];
}

static bool inflight_too_high(const sample *s)
{
    return s->lost > s->sent_flight * LOSS_THRESHOLD / DW_BBR_UNIT;
}

static void handle_inflight_too_high(dw_congestion *cc, const sample *s, uint64_t delivered)
{
    uint64_t *w = cc->words;
    w[PROBE_SAMPLES] = 0;
    if (!s->limited)
        w[INFLIGHT_HI] = dw_bbr_most(s->sent_flight, target_inflight(cc) * BETA / DW_BBR_UNIT);
    if (w[MODE] == UP) start_down(cc, s->now, delivered);
}

static void probe_upward(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    if (!ack->limited || cc->cwnd < w[INFLIGHT_HI]) return;
    w[PROBE_UP_ACKS] += ack->delivered;
    if (w[PROBE_UP_ACKS] >= w[PROBE_UP_COUNT]) {
        uint64_t steps = w[PROBE_UP_ACKS] / w[PROBE_UP_COUNT];
        w[PROBE_UP_ACKS] -= steps * w[PROBE_UP_COUNT];
        w[INFLIGHT_HI] += steps * cc->mss;
    }
    if (w[ROUND_STARTS]) raise_slope(cc);
}

static void adapt_upper_bounds(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    if (w[ACK_PHASE] == PROBE_STARTING && w[ROUND_STARTS]) w[ACK_PHASE] = PROBE_FEEDBACK;
    if (w[ACK_PHASE] == PROBE_STOPPING && w[ROUND_STARTS]) {
        w[PROBE_SAMPLES] = 0;
        w[ACK_PHASE] = NOTHING;
        if (probes_bw(cc) && !ack->rate_limited) { /* the filter moves on by a cycle */
            w[CYCLE]++;
            w[MAX_BW] = w[MAX_BW + 1] ? w[MAX_BW + 1] : w[MAX_BW];
            w[MAX_BW + 1] = 0;
        }
    }
    if (ack->interval <= 0) return;
    const sample s = {ack->now, ack->rate_lost, ack->sent_flight, ack->rate_limited};
    if (inflight_too_high(&s)) {
        if (w[PROBE_SAMPLES]) handle_inflight_too_high(cc, &s, ack->delivered_total);
        return;
    }
    if (w[INFLIGHT_HI] == INFINITE) return;
    if (s.sent_flight > w[INFLIGHT_HI]) w[INFLIGHT_HI] = s.sent_flight;
    if (w[MODE] == UP) probe_upward(cc, ack);
}

static void update_cycle_phase(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    if (!w[FULL]) return;
    adapt_upper_bounds(cc, ack);
    switch ((enum mode)w[MODE]) {
    case DOWN:
        if (!time_to_probe(cc, ack) && time_to_cruise(cc, ack)) enter(cc, CRUISE);
        return;
    case CRUISE: time_to_probe(cc, ack); return;
    case REFILL:
        if (!w[ROUND_STARTS]) return;
        w[PROBE_SAMPLES] = 1;
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
    sample s = {loss->now, loss->lost, loss->sent_flight, loss->rate_limited};
    if (!cc->words[PROBE_SAMPLES] || !inflight_too_high(&s)) return;
    uint64_t before = s.sent_flight > loss->octets ? s.sent_flight - loss->octets : 0;
    uint64_t lost_before = s.lost - loss->octets, bound = before * LOSS_THRESHOLD / DW_BBR_UNIT;
    uint64_t prefix = bound > lost_before
                          ? (bound - lost_before) * DW_BBR_UNIT / (DW_BBR_UNIT - LOSS_THRESHOLD)
                          : 0;
    s.sent_flight = before + prefix;
    handle_inflight_too_high(cc, &s, loss->delivered_total);
}

/* The model. */

static void update_latest_signals(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words, rate = dw_bbr_rate(ack);
    w[ROUND_STARTS] = w[LOSS_ROUND_STARTS] = 0;
    if (ack->lost > 0) {
        w[LOSS_IN_ROUND]++;
        w[LOST_IN_ROUND] += ack->lost;
    }
    if (ack->interval <= 0) return;
    w[BW_LATEST] = dw_bbr_most(w[BW_LATEST], rate);
    w[INFLIGHT_LATEST] = dw_bbr_most(w[INFLIGHT_LATEST], ack->rate_delivered);
    if (ack->prior_delivered >= w[LOSS_ROUND_END]) {
        w[LOSS_ROUND_END] = ack->delivered_total;
        w[LOSS_ROUND_STARTS] = 1;
    }
    if (ack->prior_delivered >= w[ROUND_END]) {
        w[ROUND_END] = ack->delivered_total;
        w[ROUND_STARTS] = 1;
        w[ROUND]++;
        w[PROBE_ROUNDS]++;
        w[EXTRA + w[ROUND] % EXTRA_ROUNDS] = 0;
    }
    bool limited = ack->rate_limited || ack->prior_delivered < w[LIMITED_UNTIL];
    if (rate >= max_bw(cc) || !limited) w[MAX_BW + 1] = dw_bbr_most(w[MAX_BW + 1], rate);
}

/* Losses outside of probing: less, for as long as this cycle lasts. */
static void adapt_lower_bounds(dw_congestion *cc)
{
    uint64_t *w = cc->words;
    if (w[MODE] == STARTUP || w[MODE] == REFILL || w[MODE] == UP || !w[LOSS_IN_ROUND]) return;
    if (w[BW_LO] == INFINITE) w[BW_LO] = max_bw(cc);
    if (w[INFLIGHT_LO] == INFINITE) w[INFLIGHT_LO] = cc->cwnd;
    w[BW_LO] = dw_bbr_most(w[BW_LATEST], w[BW_LO] * BETA / DW_BBR_UNIT);
    w[INFLIGHT_LO] = dw_bbr_most(w[INFLIGHT_LATEST], w[INFLIGHT_LO] * BETA / DW_BBR_UNIT);
}

static void check_full_bw(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words, rate = dw_bbr_rate(ack);
    if (w[FULL_NOW] || ack->interval <= 0 || ack->rate_limited) return;
    if (rate >= w[FULL_BW] * 5 / 4) {
        reset_full_bw(cc, rate);
        return;
    }
    if (!w[ROUND_STARTS]) return;
    w[FULL_NOW] = ++w[FULL_BW_COUNT] >= 3;
    if (w[FULL_NOW]) w[FULL] = 1;
}

/* A whole round of recovery with losses in many places, and more than the path should show. */
static void check_startup_losses(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    if (w[FULL] || !w[LOSS_ROUND_STARTS] || cc->state != DW_CONGESTION_RECOVERY) return;
    uint64_t delivered = ack->delivered_total - w[ROUND_DELIVERED];
    bool many = w[LOSS_IN_ROUND] >= FULL_LOSS_COUNT &&
                w[LOST_IN_ROUND] > (delivered + w[LOST_IN_ROUND]) * LOSS_THRESHOLD / DW_BBR_UNIT;
    if (!many || w[ROUND] <= w[RECOVERY_ROUND]) return;
    w[FULL] = 1;
    w[INFLIGHT_HI] = dw_bbr_most(bdp(cc, max_bw(cc), DW_BBR_UNIT), w[INFLIGHT_LATEST]);
}

static void check_startup_and_drain(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const uint64_t *w = cc->words;
    if (w[MODE] == STARTUP) {
        check_startup_losses(cc, ack);
        if (w[FULL]) enter(cc, DRAIN);
    }
    if (w[MODE] == DRAIN && ack->pipe <= inflight(cc, max_bw(cc), DW_BBR_UNIT))
        start_down(cc, ack->now, ack->delivered_total);
}

static void end_loss_round(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    if (!w[LOSS_ROUND_STARTS]) return;
    w[LOSS_IN_ROUND] = w[LOST_IN_ROUND] = 0;
    w[ROUND_DELIVERED] = ack->delivered_total;
    w[BW_LATEST] = dw_bbr_rate(ack);
    w[INFLIGHT_LATEST] = ack->rate_delivered;
}

/* What arrives in bursts, beyond what the bandwidth explains. */
static void update_extra_acked(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    uint64_t expected = dw_bbr_product(bandwidth(cc), ack->now - (dw_time)w[EXTRA_AT]);
    if (w[EXTRA_DELIVERED] <= expected) {
        w[EXTRA_DELIVERED] = expected = 0;
        w[EXTRA_AT] = (uint64_t)ack->now;
    }
    w[EXTRA_DELIVERED] += ack->delivered;
    uint64_t extra = w[EXTRA_DELIVERED] > expected ? w[EXTRA_DELIVERED] - expected : 0;
    uint64_t *slot = &w[EXTRA + w[ROUND] % EXTRA_ROUNDS];
    *slot = dw_bbr_most(*slot, dw_bbr_least(extra, cc->cwnd));
}

static uint64_t extra_acked(const dw_congestion *cc)
{
    uint64_t most = 0;
    for (int i = 0; i < EXTRA_ROUNDS; i++)
        most = dw_bbr_most(most, cc->words[EXTRA + i]);
    return most;
}

/* The least round trip, and looking for it. */

static void update_min_rtt(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    w[PROBE_RTT_EXPIRED] = w[PROBE_RTT_MIN] != INFINITE &&
                           ack->now > (dw_time)w[PROBE_RTT_MIN_AT] + probe_rtt_interval;
    if (ack->rtt > 0 && ((uint64_t)ack->rtt < w[PROBE_RTT_MIN] || w[PROBE_RTT_EXPIRED])) {
        w[PROBE_RTT_MIN] = (uint64_t)ack->rtt;
        w[PROBE_RTT_MIN_AT] = (uint64_t)ack->now;
    }
    bool expired = ack->now > (dw_time)w[MIN_RTT_AT] + min_rtt_lasts;
    if (w[PROBE_RTT_MIN] == INFINITE) return;
    if (w[MIN_RTT] == 0 || w[PROBE_RTT_MIN] < w[MIN_RTT] || expired) {
        w[MIN_RTT] = w[PROBE_RTT_MIN];
        w[MIN_RTT_AT] = w[PROBE_RTT_MIN_AT];
    }
}

static void save_window(dw_congestion *cc)
{
    uint64_t *w = cc->words;
    bool normal = w[LAST_STATE] < DW_CONGESTION_RECOVERY && w[MODE] != PROBE_RTT;
    w[PRIOR_CWND] = normal ? cc->cwnd : dw_bbr_most(w[PRIOR_CWND], cc->cwnd);
}

static uint64_t probe_rtt_window(const dw_congestion *cc)
{
    return dw_bbr_most(bdp(cc, bandwidth(cc), PROBE_RTT_CWND), least_pipe(cc));
}

static void leave_probe_rtt(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    w[PROBE_RTT_MIN_AT] = (uint64_t)ack->now;
    cc->cwnd = dw_bbr_most(cc->cwnd, w[PRIOR_CWND]);
    reset_lower_bounds(cc);
    if (!w[FULL]) {
        enter(cc, STARTUP);
        return;
    }
    start_down(cc, ack->now, ack->delivered_total);
    enter(cc, CRUISE);
}

static void handle_probe_rtt(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    w[LIMITED_UNTIL] = ack->delivered_total + ack->pipe;
    if (w[PROBE_RTT_DONE] == 0) {
        if (ack->pipe > probe_rtt_window(cc)) return;
        w[PROBE_RTT_DONE] = (uint64_t)(ack->now + DW_BBR_PROBE_RTT_LASTS);
        w[PROBE_RTT_ROUND] = 0;
        start_round(cc, ack->delivered_total);
        return;
    }
    if (w[ROUND_STARTS]) w[PROBE_RTT_ROUND] = 1;
    if (w[PROBE_RTT_ROUND] && ack->now > (dw_time)w[PROBE_RTT_DONE]) leave_probe_rtt(cc, ack);
}

static void check_probe_rtt(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    if (w[MODE] != PROBE_RTT && w[PROBE_RTT_EXPIRED] && !w[IDLE_RESTART]) {
        save_window(cc);
        enter(cc, PROBE_RTT);
        w[PROBE_RTT_DONE] = 0;
        w[ACK_PHASE] = PROBE_STOPPING;
        start_round(cc, ack->delivered_total);
    }
    if (w[MODE] == PROBE_RTT) handle_probe_rtt(cc, ack);
    if (ack->delivered > 0) w[IDLE_RESTART] = 0;
}

/* What follows from the model. */

static void set_pacing_rate(dw_congestion *cc, uint64_t gain)
{
    uint64_t rate = bandwidth(cc) / 100 * 99 * gain / DW_BBR_UNIT;
    if (rate && (cc->words[FULL] || rate > cc->pacing_rate)) cc->pacing_rate = rate;
}

static void modulate_for_recovery(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words, before = w[LAST_STATE];
    if (cc->state == DW_CONGESTION_RECOVERY && before != DW_CONGESTION_RECOVERY) {
        w[RECOVERY_ROUND] = w[ROUND];
        cc->cwnd = ack->pipe + dw_bbr_most(ack->delivered, cc->mss);
    } else if (before >= DW_CONGESTION_RECOVERY && cc->state < DW_CONGESTION_RECOVERY) {
        cc->cwnd = dw_bbr_most(cc->cwnd, w[PRIOR_CWND]);
    } else if (ack->lost > 0) {
        cc->cwnd = cc->cwnd > ack->lost + cc->mss ? cc->cwnd - ack->lost : cc->mss;
    }
    w[LAST_STATE] = cc->state;
}

static void bound_for_model(dw_congestion *cc)
{
    const uint64_t *w = cc->words;
    uint64_t cap = INFINITE;
    if (w[MODE] == CRUISE || w[MODE] == PROBE_RTT)
        cap = inflight_with_headroom(cc);
    else if (probes_bw(cc))
        cap = w[INFLIGHT_HI];
    cap = dw_bbr_most(dw_bbr_least(cap, w[INFLIGHT_LO]), least_pipe(cc));
    cc->cwnd = dw_bbr_least(cc->cwnd, cap);
}

static void set_window(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const uint64_t *w = cc->words;
    uint64_t most = inflight(cc, bandwidth(cc), w[CWND_GAIN]) + extra_acked(cc);
    modulate_for_recovery(cc, ack);
    if (w[FULL])
        cc->cwnd = dw_bbr_least(cc->cwnd + ack->delivered, most);
    else if (cc->cwnd < most || ack->delivered_total < 2 * cc->initial)
        cc->cwnd += ack->delivered;
    cc->cwnd = dw_bbr_most(cc->cwnd, least_pipe(cc));
    if (w[MODE] == PROBE_RTT) cc->cwnd = dw_bbr_least(cc->cwnd, probe_rtt_window(cc));
    bound_for_model(cc);
}

static void bbr3_control(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words;
    if (!w[RTT_SEEN] && ack->srtt > 0) {
        w[RTT_SEEN] = 1;
        cc->pacing_rate = dw_bbr_first_rate(cc, ack->srtt, STARTUP_PACING);
    }
    update_latest_signals(cc, ack);
    if (w[LOSS_ROUND_STARTS]) adapt_lower_bounds(cc);
    update_extra_acked(cc, ack);
    check_full_bw(cc, ack);
    check_startup_and_drain(cc, ack);
    update_cycle_phase(cc, ack);
    update_min_rtt(cc, ack);
    check_probe_rtt(cc, ack);
    end_loss_round(cc, ack);
    set_pacing_rate(cc, w[PACING_GAIN]);
    set_window(cc, ack);
}

static void bbr3_on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    (void)cc;
    (void)ack;
}

static uint64_t bbr3_ssthresh(dw_congestion *cc, uint64_t flight)
{
    uint64_t *w = cc->words;
    (void)flight;
    save_window(cc);
    w[PRIOR_BW_LO] = w[BW_LO];
    w[PRIOR_INFLIGHT_LO] = w[INFLIGHT_LO];
    w[PRIOR_INFLIGHT_HI] = w[INFLIGHT_HI];
    return cc->ssthresh;
}

static void bbr3_on_timeout(dw_congestion *cc)
{
    cc->words[LAST_STATE] = DW_CONGESTION_LOSS;
}

static void bbr3_on_undo(dw_congestion *cc)
{
    uint64_t *w = cc->words;
    reset_full_bw(cc, 0);
    w[LOSS_IN_ROUND] = w[LOST_IN_ROUND] = 0;
    w[BW_LO] = dw_bbr_most(w[BW_LO], w[PRIOR_BW_LO]);
    w[INFLIGHT_LO] = dw_bbr_most(w[INFLIGHT_LO], w[PRIOR_INFLIGHT_LO]);
    w[INFLIGHT_HI] = dw_bbr_most(w[INFLIGHT_HI], w[PRIOR_INFLIGHT_HI]);
    cc->cwnd = dw_bbr_most(cc->cwnd, w[PRIOR_CWND]);
}

static void bbr3_on_restart(dw_congestion *cc, dw_time idle)
{
    (void)idle;
    cc->words[IDLE_RESTART] = 1;
    if (probes_bw(cc)) set_pacing_rate(cc, DW_BBR_UNIT);
}

static const dw_congestion_ops ops = {
    .size = sizeof ops,
    .name = "bbr3",
    .init = bbr3_init,
    .on_ack = bbr3_on_ack,
    .ssthresh = bbr3_ssthresh,
    .on_timeout = bbr3_on_timeout,
    .words = WORDS,
    .on_undo = bbr3_on_undo,
    .on_restart = bbr3_on_restart,
    .control = bbr3_control,
    .on_loss = bbr3_on_loss,
};

const dw_plugin dw_bbr3_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "bbr3",
    .summary = "BBR congestion control, version 3",
    .congestion = &ops,
};
