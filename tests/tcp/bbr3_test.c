/* proto/tcp/cc/bbr3.c, bbr3_model.c: the parameters of draft-ietf-ccwg-bbr that heed losses. */
#include "builtin.h"
#include "tcp/cc/bbr3.h"
#include "test.h"

static struct bbr3 b;
static dw_congestion cc;

/* A path of 2.5 MB/s and 40 ms, that is of 100,000 octets, in the middle of asking for more. */
static int probing(void **state)
{
    (void)state;
    cc = (dw_congestion){.initial = 10000, .mss = 1000, .private_state = &b, .seed = 1};
    b = (struct bbr3){0};
    dw_bbr3_plugin.congestion->init(&cc);
    cc.cwnd = 200000;
    b.mode = UP;
    b.full = true;
    b.probe_samples = true;
    b.min_rtt = 40 * DW_MILLISECOND;
    b.max_bw[1] = 2500000;
    return 0;
}

static void lose(uint64_t octets, uint64_t lost, uint64_t flight)
{
    const dw_congestion_loss loss = {
        .now = DW_SECOND, .octets = octets, .lost = lost, .sent_flight = flight};
    dw_bbr3_plugin.congestion->on_loss(&cc, &loss);
}

/* "BBR.LossThresh: The maximum tolerated per-round-trip packet loss rate when probing for bandwidth
 * (the default is 2%)." */
static void bbr3_loses_two_percent_and_goes_on(void **state)
{
    (void)state;
    lose(1000, 2000, 100000);
    assert_int_equal(b.mode, UP);
    assert_true(b.inflight_hi == UINT64_MAX);
}

static void bbr3_loses_more_and_ends_the_probe(void **state)
{
    (void)state;
    lose(1000, 2001, 100000);
    assert_int_equal(b.mode, DOWN);
}

/* The bound is where the loss rate passed the threshold: all 99,000 octets before the segment, as
 * the 1,001 octets lost before are less than 2 % of them, and (1,980 - 1,001) / 0.98 of the
 * segment. */
static void bbr3_bound_is_where_two_percent_were_lost(void **state)
{
    (void)state;
    lose(1000, 2001, 100000);
    assert_int_equal(b.inflight_hi, 99000 + 998);
}

/* "BBR.Beta: The default multiplicative decrease to make upon each round trip during which the
 * connection detects packet loss (the value is 0.7)": the long-term bound does not fall below 0.7
 * of what the connection has reason to keep outstanding. */
static void bbr3_bound_falls_to_seven_tenths_at_most(void **state)
{
    (void)state;
    lose(1000, 1000, 10000);
    assert_int_equal(b.inflight_hi, 70000);
}

/* Likewise the bounds of the short term, outside of probing. */
static void bbr3_short_term_bounds_fall_by_three_tenths(void **state)
{
    (void)state;
    b.mode = CRUISE;
    b.loss_in_round = 1;
    dw_bbr3_adapt_lower_bounds(&cc);
    assert_int_equal(b.bw_lo, 1750000);
    assert_int_equal(b.inflight_lo, 140000);
    dw_bbr3_adapt_lower_bounds(&cc);
    assert_int_equal(b.bw_lo, 1225000);
    assert_int_equal(b.inflight_lo, 98000);
}

/* "BBR.Headroom: The multiplicative factor to apply to BBR.inflight_longterm when calculating a
 * volume of free headroom to try to leave unused in the path (e.g. free space in the bottleneck
 * buffer or free time slots in the bottleneck link) that can be used by cross traffic (the value is
 * 0.15)." */
static void bbr3_leaves_fifteen_percent_to_others(void **state)
{
    (void)state;
    b.inflight_hi = 100000;
    assert_int_equal(dw_bbr3_inflight_with_headroom(&cc), 85000);
}

/* At least one segment. */
static void bbr3_leaves_a_segment_to_others_at_least(void **state)
{
    (void)state;
    b.inflight_hi = 6000;
    assert_int_equal(dw_bbr3_inflight_with_headroom(&cc), 5000);
}

#define TEST(name) cmocka_unit_test_setup(name, probing)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bbr3_loses_two_percent_and_goes_on),
        TEST(bbr3_loses_more_and_ends_the_probe),
        TEST(bbr3_bound_is_where_two_percent_were_lost),
        TEST(bbr3_bound_falls_to_seven_tenths_at_most),
        TEST(bbr3_short_term_bounds_fall_by_three_tenths),
        TEST(bbr3_leaves_fifteen_percent_to_others),
        TEST(bbr3_leaves_a_segment_to_others_at_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
