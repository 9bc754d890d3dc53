/* LEDBAT, RFC 6817: a background transfer that keeps the delay it adds below a target and gives way
 * to all others.  The round trip stands for the one-way delay (section 2.5 allows a delay that is
 * measured otherwise; ACKs of TCP carry no other). */
#include "../../builtin.h"

enum { BASE_MINUTES = 10, CURRENT = 4 };
struct ledbat {
    uint64_t minute;            /* of simulated time, that base was last written in */
    dw_time base[BASE_MINUTES]; /* the least delay of each of the last minutes */
    dw_time current[CURRENT];   /* the latest samples */
    uint64_t next;              /* how many samples there were */
};
#define TARGET (60 * DW_MILLISECOND) /* at most 100 ms (section 2.4.2) */
enum { GAIN = 1, MIN_SEGMENTS = 2 };

static void ledbat_init(dw_congestion *cc)
{
    struct ledbat *l = cc->private_state;
    cc->cwnd = cc->initial;
    cc->ssthresh = UINT64_MAX;
    for (int i = 0; i < BASE_MINUTES; i++)
        l->base[i] = DW_TIME_NEVER;
    for (int i = 0; i < CURRENT; i++)
        l->current[i] = DW_TIME_NEVER;
}

/* DW_TIME_NEVER: there is none. */
static dw_time min_of(const dw_time *delays, int count)
{
    dw_time min = DW_TIME_NEVER;
    for (int i = 0; i < count; i++)
        if (delays[i] < min) min = delays[i];
    return min;
}

/* Section 2.4.2: the base delay is the least of the last ten minutes, the present one the least of
 * the last few samples. */
static void ledbat_on_sample(dw_congestion *cc, const dw_congestion_ack *ack)
{
    struct ledbat *l = cc->private_state;
    uint64_t minute = (uint64_t)(ack->now / DW_MINUTE);
    dw_time *base = &l->base[minute % BASE_MINUTES];
    if (minute != l->minute) {
        *base = DW_TIME_NEVER;
        l->minute = minute;
    }
    if (ack->rtt < *base) *base = ack->rtt;
    l->current[l->next++ % CURRENT] = ack->rtt;
}

/* cwnd += GAIN * off_target * octets * MSS / cwnd. */
static void ledbat_on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const struct ledbat *l = cc->private_state;
    dw_time base = min_of(l->base, BASE_MINUTES), now = min_of(l->current, CURRENT);
    if (base == DW_TIME_NEVER || now == DW_TIME_NEVER) return;
    int64_t off = TARGET - (now - base); /* ns */
    int64_t thousandths = off * 1000 / TARGET;
    int64_t step = GAIN * thousandths * (int64_t)ack->acked / (int64_t)cc->cwnd * cc->mss / 1000;
    int64_t cwnd = (int64_t)cc->cwnd + step, min = MIN_SEGMENTS * (int64_t)cc->mss;
    /* No more than what is used, and a little (ALLOWED_INCREASE). */
    int64_t max = (int64_t)(ack->flight + ack->acked + cc->mss);
    if (step > 0 && cwnd > max) cwnd = max > (int64_t)cc->cwnd ? max : (int64_t)cc->cwnd;
    cc->cwnd = (uint64_t)(cwnd > min ? cwnd : min);
}

static uint64_t ledbat_ssthresh(dw_congestion *cc, uint64_t flight)
{
    uint64_t min = MIN_SEGMENTS * (uint64_t)cc->mss;
    (void)flight;
    return cc->cwnd / 2 > min ? cc->cwnd / 2 : min;
}

static void ledbat_on_timeout(dw_congestion *cc)
{
    cc->cwnd = cc->mss;
}

/* The latest minute first, so that only how long ago it was counts, and what of the present one is
 * over. */
static void ledbat_fingerprint(const dw_congestion *cc, dw_fingerprint *into)
{
    const struct ledbat *l = cc->private_state;
    uint64_t now = (uint64_t)(into->now / DW_MINUTE);
    dw_fp_u64(into, now - l->minute);
    dw_fp_u64(into, (uint64_t)(into->now % DW_MINUTE));
    for (uint64_t i = 1; i <= BASE_MINUTES; i++)
        dw_fp_u64(into, (uint64_t)l->base[(l->minute + i) % BASE_MINUTES]);
    dw_fp_u64(into, l->next % CURRENT);
    dw_fp_bytes(into, l->current, sizeof l->current);
}

static const dw_congestion_ops ops = {
    .size = sizeof ops,
    .name = "ledbat",
    .init = ledbat_init,
    .on_ack = ledbat_on_ack,
    .ssthresh = ledbat_ssthresh,
    .on_timeout = ledbat_on_timeout,
    .state_size = sizeof(struct ledbat),
    .on_sample = ledbat_on_sample,
    .fingerprint = ledbat_fingerprint,
};

const dw_plugin dw_ledbat_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "ledbat",
    .summary = "LEDBAT congestion control, RFC 6817",
    .congestion = &ops,
};
