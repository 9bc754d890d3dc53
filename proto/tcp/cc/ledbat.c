/* LEDBAT, RFC 6817: a background transfer that keeps the delay it adds below a target and gives way
 * to all others.  The round trip stands for the one-way delay (section 2.5 allows a delay that is
 * measured otherwise; ACKs of TCP carry no other). */
#include "../../builtin.h"

enum { BASE_MINUTES = 10, CURRENT = 4 };
enum word { MINUTE, BASE, NOW = BASE + BASE_MINUTES, NEXT = NOW + CURRENT, WORDS };
#define TARGET (60 * DW_MILLISECOND) /* at most 100 ms (section 2.4.2) */
enum { GAIN = 1, LEAST_SEGMENTS = 2 };

static void ledbat_init(dw_congestion *cc)
{
    cc->cwnd = cc->initial;
    cc->ssthresh = UINT64_MAX;
    for (int i = BASE; i < NEXT; i++)
        cc->words[i] = UINT64_MAX;
}

static uint64_t least_of(const uint64_t *w, int from, int count)
{
    uint64_t least = UINT64_MAX;
    for (int i = from; i < from + count; i++)
        if (w[i] < least) least = w[i];
    return least;
}

/* Section 2.4.2: the base delay is the least of the last ten minutes, the present one the least of
 * the last few samples. */
static void ledbat_on_sample(dw_congestion *cc, const dw_congestion_ack *ack)
{
    uint64_t *w = cc->words, delay = (uint64_t)ack->rtt;
    uint64_t minute = (uint64_t)(ack->now / DW_MINUTE);
    uint64_t *base = &w[BASE + minute % BASE_MINUTES];
    if (minute != w[MINUTE]) {
        *base = UINT64_MAX;
        w[MINUTE] = minute;
    }
    if (delay < *base) *base = delay;
    w[NOW + w[NEXT]++ % CURRENT] = delay;
}

/* cwnd += GAIN * off_target * octets * MSS / cwnd. */
static void ledbat_on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const uint64_t *w = cc->words;
    uint64_t base = least_of(w, BASE, BASE_MINUTES), now = least_of(w, NOW, CURRENT);
    if (base == UINT64_MAX || now == UINT64_MAX) return;
    int64_t off = TARGET - (int64_t)(now - base); /* ns */
    int64_t thousandths = off * 1000 / TARGET;
    int64_t step = GAIN * thousandths * (int64_t)ack->acked / (int64_t)cc->cwnd * cc->mss / 1000;
    int64_t cwnd = (int64_t)cc->cwnd + step, least = LEAST_SEGMENTS * (int64_t)cc->mss;
    /* No more than what is used, and a little (ALLOWED_INCREASE). */
    int64_t most = (int64_t)(ack->flight + ack->acked + cc->mss);
    if (step > 0 && cwnd > most) cwnd = most > (int64_t)cc->cwnd ? most : (int64_t)cc->cwnd;
    cc->cwnd = (uint64_t)(cwnd > least ? cwnd : least);
}

static uint64_t ledbat_ssthresh(dw_congestion *cc, uint64_t flight)
{
    uint64_t least = LEAST_SEGMENTS * (uint64_t)cc->mss;
    (void)flight;
    return cc->cwnd / 2 > least ? cc->cwnd / 2 : least;
}

static void ledbat_on_timeout(dw_congestion *cc)
{
    cc->cwnd = cc->mss;
}

static const dw_congestion_ops ops = {
    .size = sizeof ops,
    .name = "ledbat",
    .init = ledbat_init,
    .on_ack = ledbat_on_ack,
    .ssthresh = ledbat_ssthresh,
    .on_timeout = ledbat_on_timeout,
    .words = WORDS,
    .on_sample = ledbat_on_sample,
};

const dw_plugin dw_ledbat_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "ledbat",
    .summary = "LEDBAT congestion control, RFC 6817",
    .congestion = &ops,
};
