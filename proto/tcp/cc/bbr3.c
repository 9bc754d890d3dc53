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

/* Rates are octets a second, windows and amounts in flight octets, gains thousandths;
 * delivered_total is dw_congestion_ack's.  The draft's names, where it has one. */
struct bbr3 {
    enum mode mode;
    enum ack_phase ack_phase;
    uint64_t pacing_gain, cwnd_gain;

    /* The model. */
    uint64_t max_bw[CYCLES];     /* the most of the cycle before, and of this one; 0: none */
    uint64_t bw_lo, inflight_lo; /* bounds of the short term; INFINITE: none */
    uint64_t inflight_hi;        /* and of the long term */
    dw_time min_rtt, min_rtt_at; /* the least round trip, 0: none, and when it was seen */
    uint64_t bw_latest;          /* the most of this loss round */
    uint64_t inflight_latest;
    uint64_t extra[EXTRA_ROUNDS]; /* octets that came more than expected, of ten rounds: a ring */
    dw_time extra_at;             /* since when octets are expected, */
    uint64_t extra_delivered;     /* and how many came since */

    /* Round trips: of data, and of what losses are counted in. */
    uint64_t rounds;
    uint64_t round_end; /* delivered_total that ends this one */
    bool round_starts;  /* with this ACK */
    uint64_t loss_round_end;
    bool loss_round_starts;
    uint64_t loss_in_round;   /* ACKs of this round that showed a loss */
    uint64_t lost_in_round;   /* octets */
    uint64_t round_delivered; /* delivered_total when the loss round began */
    uint64_t recovery_round;  /* the round in which recovery began */

    /* Whether the pipe is full. */
    uint64_t full_bw;       /* the rate that is to be exceeded */
    uint32_t full_bw_count; /* rounds without growth */
    bool full_now;          /* since full_bw was last reset */
    bool full;              /* since the connection began (BBR.full_bw_reached) */

    /* Probing for bandwidth. */
    uint64_t cycle;           /* how often the filter of max_bw has moved on */
    dw_time cycle_at;         /* when this cycle, or UP, began */
    dw_time probe_wait;       /* from one probe for bandwidth to the next */
    uint64_t probe_rounds;    /* rounds since the last one */
    bool probe_samples;       /* what is lost now was sent while probing */
    uint64_t probe_up_count;  /* octets to be acknowledged before inflight_hi grows */
    uint64_t probe_up_acks;   /* of these, so many were */
    uint32_t probe_up_rounds; /* rounds of asking for more; 30 at most */

    /* Probing for the round trip. */
    dw_time probe_rtt_min, probe_rtt_min_at; /* the least of five seconds; DW_TIME_NEVER: none */
    bool probe_rtt_expired;                  /* it is older than that */
    dw_time probe_rtt_done;                  /* when PROBE_RTT may end; 0: not known yet */
    bool probe_rtt_round;                    /* a round of it has passed */

    uint64_t prior_cwnd;  /* from before recovery or PROBE_RTT */
    uint64_t prior_bw_lo; /* from before a loss that may be undone */
    uint64_t prior_inflight_lo, prior_inflight_hi;
    uint8_t last_state;     /* enum dw_congestion_state of the transport, at the last ACK */
    bool idle_restart;      /* sending began again after a pause */
    uint64_t limited_until; /* delivered_total: samples from before are limited by ourselves */
    bool rtt_seen;          /* the pacing rate does not rest on a guess any more */
    uint64_t seed;          /* of what is left to chance */
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
    const struct bbr3 *b = cc->private_state;
    return dw_bbr_most(b->max_bw[0], b->max_bw[1]);
}

static uint64_t bandwidth(const dw_congestion *cc)
{
    const struct bbr3 *b = cc->private_state;
    return dw_bbr_least(max_bw(cc), b->bw_lo);
}

static bool probes_bw(const dw_congestion *cc)
{
    const struct bbr3 *b = cc->private_state;
    return b->mode >= DOWN && b->mode <= UP;
}

/* The product of bandwidth and delay, times a gain. */
static uint64_t bdp(const dw_congestion *cc, uint64_t bw, uint64_t gain)
{
    const struct bbr3 *b = cc->private_state;
    if (b->min_rtt == 0) return cc->initial;
    return dw_bbr_product(bw, b->min_rtt) * gain / DW_BBR_UNIT;
}

/* With room for bursts, and for a probe to be seen. */
static uint64_t inflight(const dw_congestion *cc, uint64_t bw, uint64_t gain)
{
    const struct bbr3 *b = cc->private_state;
    uint64_t n = dw_bbr_most(bdp(cc, bw, gain), least_pipe(cc));
    return b->mode == UP ? n + 2 * (uint64_t)cc->mss : n;
}

static uint64_t target_inflight(const dw_congestion *cc)
{
    return dw_bbr_least(bdp(cc, bandwidth(cc), DW_BBR_UNIT), cc->cwnd);
}

static uint64_t inflight_with_headroom(const dw_congestion *cc)
{
    const struct bbr3 *b = cc->private_state;
    uint64_t high = b->inflight_hi;
    if (high == INFINITE) return INFINITE;
    uint64_t room = dw_bbr_most(cc->mss, high / DW_BBR_UNIT * HEADROOM);
    return dw_bbr_most(high > room ? high - room : 0, least_pipe(cc));
}

static void start_round(dw_congestion *cc, uint64_t delivered)
{
    struct bbr3 *b = cc->private_state;
    b->round_end = delivered;
}

static void reset_lower_bounds(dw_congestion *cc)
{
    struct bbr3 *b = cc->private_state;
    b->bw_lo = b->inflight_lo = INFINITE;
}

static void reset_full_bw(dw_congestion *cc, uint64_t rate)
{
    struct bbr3 *b = cc->private_state;
    b->full_bw = rate;
    b->full_bw_count = 0;
    b->full_now = false;
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
    reset_lower_bounds(cc);
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
    reset_lower_bounds(cc);
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
    b->probe_up_count = dw_bbr_most(cc->cwnd / growth, cc->mss);
}

static void start_up(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    b->ack_phase = PROBE_STARTING;
    start_round(cc, ack->delivered_total);
    reset_full_bw(cc, dw_bbr_rate(ack));
    b->cycle_at = ack->now;
    enter(cc, UP);
    raise_slope(cc);
}

static bool time_to_probe(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const struct bbr3 *b = cc->private_state;
    uint64_t reno = dw_bbr_least(target_inflight(cc) / cc->mss, MOST_RENO_ROUNDS);
    bool elapsed = ack->now - b->cycle_at > b->probe_wait;
    if (!elapsed && b->probe_rounds < reno) return false;
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
    const struct bbr3 *b = cc->private_state;
    if (ack->limited && cc->cwnd >= b->inflight_hi) {
        reset_full_bw(cc, dw_bbr_rate(ack)); /* it was not given the chance to grow */
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
        b->inflight_hi = dw_bbr_most(s->sent_flight, target_inflight(cc) * BETA / DW_BBR_UNIT);
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

/* The model. */

/* What this ACK delivered, and whether it begins a round: one of data, one in which losses are
 * counted.  A sample that we limited ourselves says nothing of the path, unless it is a new
 * maximum. */
static void update_latest_signals(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    uint64_t rate = dw_bbr_rate(ack);
    b->round_starts = b->loss_round_starts = false;
    if (ack->lost > 0) {
        b->loss_in_round++;
        b->lost_in_round += ack->lost;
    }
    if (ack->interval <= 0) return;
    b->bw_latest = dw_bbr_most(b->bw_latest, rate);
    b->inflight_latest = dw_bbr_most(b->inflight_latest, ack->rate_delivered);
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
    if (rate >= max_bw(cc) || !limited) b->max_bw[1] = dw_bbr_most(b->max_bw[1], rate);
}

/* Losses outside of probing: less, for as long as this cycle lasts. */
static void adapt_lower_bounds(dw_congestion *cc)
{
    struct bbr3 *b = cc->private_state;
    if (b->mode == STARTUP || b->mode == REFILL || b->mode == UP || !b->loss_in_round) return;
    if (b->bw_lo == INFINITE) b->bw_lo = max_bw(cc);
    if (b->inflight_lo == INFINITE) b->inflight_lo = cc->cwnd;
    b->bw_lo = dw_bbr_most(b->bw_latest, b->bw_lo * BETA / DW_BBR_UNIT);
    b->inflight_lo = dw_bbr_most(b->inflight_latest, b->inflight_lo * BETA / DW_BBR_UNIT);
}

static void check_full_bw(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    uint64_t rate = dw_bbr_rate(ack);
    if (b->full_now || ack->interval <= 0 || ack->rate_limited) return;
    if (rate >= b->full_bw * 5 / 4) {
        reset_full_bw(cc, rate);
        return;
    }
    if (!b->round_starts) return;
    b->full_now = ++b->full_bw_count >= 3;
    if (b->full_now) b->full = true;
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
    b->inflight_hi = dw_bbr_most(bdp(cc, max_bw(cc), DW_BBR_UNIT), b->inflight_latest);
}

static void check_startup_and_drain(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const struct bbr3 *b = cc->private_state;
    if (b->mode == STARTUP) {
        check_startup_losses(cc, ack);
        if (b->full) enter(cc, DRAIN);
    }
    if (b->mode == DRAIN && ack->pipe <= inflight(cc, max_bw(cc), DW_BBR_UNIT))
        start_down(cc, ack->now, ack->delivered_total);
}

static void end_loss_round(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    if (!b->loss_round_starts) return;
    b->loss_in_round = b->lost_in_round = 0;
    b->round_delivered = ack->delivered_total;
    b->bw_latest = dw_bbr_rate(ack);
    b->inflight_latest = ack->rate_delivered;
}

/* What arrives in bursts, beyond what the bandwidth explains. */
static void update_extra_acked(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    uint64_t expected = dw_bbr_product(bandwidth(cc), ack->now - b->extra_at);
    if (b->extra_delivered <= expected) {
        b->extra_delivered = expected = 0;
        b->extra_at = ack->now;
    }
    b->extra_delivered += ack->delivered;
    uint64_t extra = b->extra_delivered > expected ? b->extra_delivered - expected : 0;
    uint64_t *slot = &b->extra[b->rounds % EXTRA_ROUNDS];
    *slot = dw_bbr_most(*slot, dw_bbr_least(extra, cc->cwnd));
}

static uint64_t extra_acked(const dw_congestion *cc)
{
    const struct bbr3 *b = cc->private_state;
    uint64_t most = 0;
    for (int i = 0; i < EXTRA_ROUNDS; i++)
        most = dw_bbr_most(most, b->extra[i]);
    return most;
}

/* The least round trip, and looking for it. */

static void update_min_rtt(dw_congestion *cc, const dw_congestion_ack *ack)
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

static void save_window(dw_congestion *cc)
{
    struct bbr3 *b = cc->private_state;
    bool normal = b->last_state < DW_CONGESTION_RECOVERY && b->mode != PROBE_RTT;
    b->prior_cwnd = normal ? cc->cwnd : dw_bbr_most(b->prior_cwnd, cc->cwnd);
}

static uint64_t probe_rtt_window(const dw_congestion *cc)
{
    return dw_bbr_most(bdp(cc, bandwidth(cc), PROBE_RTT_CWND), least_pipe(cc));
}

static void leave_probe_rtt(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    b->probe_rtt_min_at = ack->now;
    cc->cwnd = dw_bbr_most(cc->cwnd, b->prior_cwnd);
    reset_lower_bounds(cc);
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
    uint64_t rate = bandwidth(cc) / 100 * 99 * gain / DW_BBR_UNIT;
    if (rate && (b->full || rate > cc->pacing_rate)) cc->pacing_rate = rate;
}

static void modulate_for_recovery(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    uint64_t before = b->last_state;
    if (cc->state == DW_CONGESTION_RECOVERY && before != DW_CONGESTION_RECOVERY) {
        b->recovery_round = b->rounds;
        cc->cwnd = ack->pipe + dw_bbr_most(ack->delivered, cc->mss);
    } else if (before >= DW_CONGESTION_RECOVERY && cc->state < DW_CONGESTION_RECOVERY) {
        cc->cwnd = dw_bbr_most(cc->cwnd, b->prior_cwnd);
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
        cap = inflight_with_headroom(cc);
    else if (probes_bw(cc))
        cap = b->inflight_hi;
    cap = dw_bbr_most(dw_bbr_least(cap, b->inflight_lo), least_pipe(cc));
    cc->cwnd = dw_bbr_least(cc->cwnd, cap);
}

static void set_window(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const struct bbr3 *b = cc->private_state;
    uint64_t most = inflight(cc, bandwidth(cc), b->cwnd_gain) + extra_acked(cc);
    modulate_for_recovery(cc, ack);
    if (b->full)
        cc->cwnd = dw_bbr_least(cc->cwnd + ack->delivered, most);
    else if (cc->cwnd < most || ack->delivered_total < 2 * cc->initial)
        cc->cwnd += ack->delivered;
    cc->cwnd = dw_bbr_most(cc->cwnd, least_pipe(cc));
    if (b->mode == PROBE_RTT) cc->cwnd = dw_bbr_least(cc->cwnd, probe_rtt_window(cc));
    bound_for_model(cc);
}

static void bbr3_control(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct bbr3 *b = cc->private_state;
    if (!b->rtt_seen && ack->srtt > 0) {
        b->rtt_seen = true;
        cc->pacing_rate = dw_bbr_first_rate(cc, ack->srtt, STARTUP_PACING);
    }
    update_latest_signals(cc, ack);
    if (b->loss_round_starts) adapt_lower_bounds(cc);
    update_extra_acked(cc, ack);
    check_full_bw(cc, ack);
    check_startup_and_drain(cc, ack);
    update_cycle_phase(cc, ack);
    update_min_rtt(cc, ack);
    check_probe_rtt(cc, ack);
    end_loss_round(cc, ack);
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
    reset_full_bw(cc, 0);
    b->loss_in_round = b->lost_in_round = 0;
    b->bw_lo = dw_bbr_most(b->bw_lo, b->prior_bw_lo);
    b->inflight_lo = dw_bbr_most(b->inflight_lo, b->prior_inflight_lo);
    b->inflight_hi = dw_bbr_most(b->inflight_hi, b->prior_inflight_hi);
    cc->cwnd = dw_bbr_most(cc->cwnd, b->prior_cwnd);
}

static void bbr3_on_restart(dw_congestion *cc, dw_time idle)
{
    struct bbr3 *b = cc->private_state;
    (void)idle;
    b->idle_restart = true;
    if (probes_bw(cc)) set_pacing_rate(cc, DW_BBR_UNIT);
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
};

const dw_plugin dw_bbr3_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "bbr3",
    .summary = "BBR congestion control, version 3",
    .congestion = &ops,
};
