/* What the two files of BBR, version 3, share: bbr3.c and bbr3_model.c. */
#ifndef DW_CC_BBR3_H
#define DW_CC_BBR3_H

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
    MAX_RENO_ROUNDS = 63,
};

/* What the window may not fall below, octets. */
uint64_t dw_bbr3_min_pipe(const dw_congestion *cc);

/* The rate of the long term, and the one to go by: not above the bound of the short term. */
uint64_t dw_bbr3_max_bw(const dw_congestion *cc);
uint64_t dw_bbr3_bandwidth(const dw_congestion *cc);

/* The product of bandwidth and delay, times a gain; the initial window before anything is known. */
uint64_t dw_bbr3_bdp(const dw_congestion *cc, uint64_t bw, uint64_t gain);

/* Likewise with room for bursts, and for a probe to be seen. */
uint64_t dw_bbr3_inflight(const dw_congestion *cc, uint64_t bw, uint64_t gain);

/* What the connection has reason to keep outstanding now. */
uint64_t dw_bbr3_target_inflight(const dw_congestion *cc);

/* inflight_hi without the part that is left to other flows; INFINITE: there is no bound. */
uint64_t dw_bbr3_inflight_with_headroom(const dw_congestion *cc);

/* Nothing is known to be too much any more, in the short term. */
void dw_bbr3_reset_lower_bounds(dw_congestion *cc);

/* Whether the pipe is full is to be seen anew, beginning with this rate. */
void dw_bbr3_reset_full_bw(dw_congestion *cc, uint64_t rate);

/* Steps of an ACK, in this order; those of the states (bbr3.c) come in between. */
void dw_bbr3_update_signals(dw_congestion *cc, const dw_congestion_ack *ack);
void dw_bbr3_adapt_lower_bounds(dw_congestion *cc);
void dw_bbr3_update_extra_acked(dw_congestion *cc, const dw_congestion_ack *ack);
void dw_bbr3_check_full_bw(dw_congestion *cc, const dw_congestion_ack *ack);
void dw_bbr3_update_min_rtt(dw_congestion *cc, const dw_congestion_ack *ack);
void dw_bbr3_end_loss_round(dw_congestion *cc, const dw_congestion_ack *ack);

/* The most that came in a burst, beyond what the bandwidth explains, in the last rounds. */
uint64_t dw_bbr3_extra_acked(const dw_congestion *cc);

#endif
