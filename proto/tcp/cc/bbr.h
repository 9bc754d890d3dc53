/* What both versions of BBR share: the model of the path, in whole numbers.
 *
 * Rates are octets a second, windows octets, gains thousandths. */
#ifndef DW_CC_BBR_H
#define DW_CC_BBR_H

#include "../../builtin.h"

enum { DW_BBR_MIN_SEGMENTS = 4, DW_BBR_UNIT = 1000 };
static const dw_time DW_BBR_PROBE_RTT_LASTS = 200 * DW_MILLISECOND;

static inline uint64_t dw_bbr_min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t dw_bbr_max(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* rate * time, in octets, without overflow: hours at 100 Gbit/s. */
static inline uint64_t dw_bbr_product(uint64_t rate, dw_time time)
{
    return rate / 1000 * ((uint64_t)time / 1000) / 1000 +
           rate % 1000 * ((uint64_t)time / 1000) / 1000000;
}

/* The rate of a sample; 0: there is none. */
static inline uint64_t dw_bbr_rate(const dw_congestion_ack *ack)
{
    if (ack->interval <= 0) return 0;
    return ack->rate_delivered * (uint64_t)DW_SECOND / (uint64_t)ack->interval;
}

/* Before anything was measured: the initial window in a round trip. */
static inline uint64_t dw_bbr_first_rate(const dw_congestion *cc, dw_time rtt, uint64_t gain)
{
    return cc->cwnd * (uint64_t)DW_SECOND / (uint64_t)rtt * gain / DW_BBR_UNIT;
}

/* One number after the other from a seed (xorshift64). */
static inline uint64_t dw_bbr_random(uint64_t *seed)
{
    uint64_t x = *seed ? *seed : 1;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *seed = x;
}

#endif
