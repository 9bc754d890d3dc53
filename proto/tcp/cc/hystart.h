/* Slow start, and leaving it early. */
#ifndef DW_CC_HYSTART_H
#define DW_CC_HYSTART_H

#include "../../builtin.h"

/* Part of the state of an algorithm that leaves slow start early. */
typedef struct dw_hystart_state {
    dw_time round_started; /* when this round of data began; 0: none has */
    uint32_t round_end;    /* it ends when this is acknowledged */
    dw_time last_ack;      /* when an ACK came that continues the train */
    dw_time min_rtt;       /* the shortest round trip; 0: none */
    dw_time rtt;           /* the shortest of this round; DW_TIME_NEVER: none */
    dw_time last_rtt;      /* and of the one before */
    uint32_t samples;      /* in this round */
    bool found;            /* slow start was ended */
    uint32_t css;          /* conservative slow start: rounds of it, from 1; 0: not in it */
    dw_time css_rtt;       /* the shortest round trip when that began */
} dw_hystart_state;

/* What slow start adds when acked octets are acknowledged: equation (2) of RFC 5681, within the
 * bounds of cc->limit.  Returns what is left over for congestion avoidance. */
uint64_t dw_slow_start(dw_congestion *cc, uint64_t acked);
/* Reno's growth, RFC 5681 3.1: slow start, then a segment for each window of acknowledged octets;
 * *counted holds those of the window that is under way. */
void dw_reno_growth(dw_congestion *cc, uint64_t acked, uint64_t *counted);

/* A slow start begins. */
void dw_hystart_reset(dw_hystart_state *h);
/* An ACK gave a sample of the round trip: is it time to end slow start, as cc->hystart has it? */
void dw_hystart_sample(dw_congestion *cc, dw_hystart_state *h, const dw_congestion_ack *ack);
/* Of acked octets, what counts for slow start. */
uint64_t dw_hystart_growth(const dw_congestion *cc, const dw_hystart_state *h, uint64_t acked);

/* Its part of a fingerprint. */
void dw_hystart_fingerprint(const dw_hystart_state *h, dw_fingerprint *into);

#endif
