/* lua/import/clocks.c: how far one clock is ahead of another, by packets that passed both. */
#include "import/clocks.h"
#include "test.h"

#include <stdlib.h>

/* Packets each way, one a second, as the first place's clock has it.  The second one's is `ahead`
 * of it at the beginning, and gains `gains` of each second; each way takes `delay`, and every
 * packet but each tenth waits in a queue besides. */
typedef struct path {
    dw_time ahead, gains, delay[2], queue;
    int seconds;
} path;

static dw_time second_clock(const path *p, dw_time at)
{
    return at + p->ahead + p->gains * (at / DW_SECOND) +
           p->gains * (at % DW_SECOND) / (dw_time)DW_SECOND;
}

static clocks compared(const path *p)
{
    clocks c = {0};
    for (int i = 0; i < p->seconds; i++) {
        dw_time at = i * DW_SECOND, waits = i % 10 == 0 ? 0 : p->queue * (1 + i % 3);
        assert_true(clocks_add(&c, 0, at, second_clock(p, at + p->delay[0] + waits)));
        dw_time back = at + p->delay[1] + waits; /* what left the second place at `at` */
        assert_true(clocks_add(&c, 1, back, second_clock(p, at)));
    }
    clocks_settle(&c);
    return c;
}

static void assert_within(dw_time found, dw_time right, dw_time by)
{
    if (llabs(found - right) > by) fail_msg("%lld is not %lld", (long long)found, (long long)right);
}

static void clocks_far_apart_one_is_an_hour_ahead(void **state)
{
    (void)state;
    const path p = {.ahead = 3600 * (dw_time)DW_SECOND,
                    .delay = {20 * DW_MILLISECOND, 20 * DW_MILLISECOND},
                    .queue = 7 * DW_MILLISECOND,
                    .seconds = 100};
    clocks c = compared(&p);
    assert_false(clocks_agree(&c));
    assert_false(clocks_run_backward(&c));
    assert_false(clocks_doubtful(&c));
    assert_int_equal(clocks_ahead(&c, 0), p.ahead);
    assert_int_equal(clocks_trip(&c), 20 * DW_MILLISECOND);
    assert_int_equal(clocks_at_first(&c, p.ahead + 5 * DW_SECOND), 5 * DW_SECOND);
    clocks_free(&c);
}

/* By 50 millionths, which is what quartz may be off. */
static void clocks_that_drift_line_under_the_queues_follows(void **state)
{
    (void)state;
    const path p = {.ahead = -5 * (dw_time)DW_SECOND,
                    .gains = 50 * DW_MICROSECOND,
                    .delay = {20 * DW_MILLISECOND, 20 * DW_MILLISECOND},
                    .queue = 40 * DW_MILLISECOND,
                    .seconds = 1000};
    clocks c = compared(&p);
    for (int i = 0; i < p.seconds; i += 50) {
        dw_time at = i * DW_SECOND;
        assert_within(clocks_ahead(&c, at), p.ahead + i * p.gains, 10 * DW_MICROSECOND);
        assert_within(clocks_at_first(&c, second_clock(&p, at)), at, 10 * DW_MICROSECOND);
    }
    assert_within(clocks_trip(&c), 20 * DW_MILLISECOND, 10 * DW_MICROSECOND);
    clocks_free(&c);
}

/* RFC 5905 8: what one way takes longer than the other is half of it taken for the clock's. */
static void clocks_ways_that_differ_half_of_it_is_the_error(void **state)
{
    (void)state;
    const path p = {
        .ahead = DW_SECOND, .delay = {30 * DW_MILLISECOND, 10 * DW_MILLISECOND}, .seconds = 10};
    clocks c = compared(&p);
    assert_int_equal(clocks_ahead(&c, 0), DW_SECOND + 10 * DW_MILLISECOND);
    assert_int_equal(clocks_trip(&c), 20 * DW_MILLISECOND);
    clocks_free(&c);
}

/* Nothing arrives before it leaves: what is left of a difference may be the path's. */
static void clocks_that_may_be_right_are_taken_to_be(void **state)
{
    (void)state;
    const path p = {.ahead = 5 * DW_MILLISECOND,
                    .delay = {20 * DW_MILLISECOND, 20 * DW_MILLISECOND},
                    .seconds = 10};
    clocks c = compared(&p);
    assert_true(clocks_agree(&c));
    assert_int_equal(clocks_ahead(&c, 5 * DW_SECOND), 0);
    assert_int_equal(clocks_at_first(&c, 7 * DW_SECOND), 7 * DW_SECOND);
    assert_int_equal(clocks_trip(&c), 20 * DW_MILLISECOND);
    clocks_free(&c);
}

/* The first place is the one behind: both ways together take less than nothing, whatever the clocks
 * say. */
static void clocks_of_places_confused_run_backward(void **state)
{
    (void)state;
    const dw_time ahead[] = {0, 3600 * (dw_time)DW_SECOND, -3600 * (dw_time)DW_SECOND};
    for (int i = 0; i < 3; i++) {
        const path p = {.ahead = ahead[i],
                        .delay = {-20 * (dw_time)DW_MILLISECOND, -20 * (dw_time)DW_MILLISECOND},
                        .seconds = 50};
        clocks c = compared(&p);
        assert_true(clocks_run_backward(&c));
        assert_false(clocks_doubtful(&c));
        clocks_free(&c);
    }
}

/* A clock that is set between the two packets of a pair makes that one strange; most are not. */
static void clocks_set_in_between_most_pairs_tell(void **state)
{
    (void)state;
    clocks c = {0};
    for (int i = 0; i < 100; i++) {
        dw_time at = i * DW_SECOND, step = i < 50 ? 0 : 10 * DW_SECOND;
        assert_true(clocks_add(&c, 0, at, at + step + 20 * DW_MILLISECOND));
        /* Answered before the step, for the 50th alone. */
        dw_time of_answer = i == 50 ? 0 : step;
        assert_true(
            clocks_add(&c, 1, at + 60 * DW_MILLISECOND, at + of_answer + 40 * DW_MILLISECOND));
    }
    clocks_settle(&c);
    assert_false(clocks_run_backward(&c));
    assert_false(clocks_doubtful(&c));
    assert_true(c.forward > 90);
    clocks_free(&c);
}

static void clocks_with_packets_one_way_nothing_is_known(void **state)
{
    (void)state;
    clocks c = {0};
    for (int i = 0; i < 10; i++)
        assert_true(clocks_add(&c, 0, i * DW_SECOND, i * DW_SECOND + DW_MILLISECOND));
    clocks_settle(&c);
    assert_false(clocks_agree(&c));
    assert_true(clocks_doubtful(&c));
    assert_int_equal(clocks_ahead(&c, DW_SECOND), 0);
    assert_int_equal(clocks_trip(&c), 0);
    clocks_free(&c);
    clocks_settle(&c); /* of nothing */
    assert_true(clocks_doubtful(&c));
    assert_int_equal(clocks_at_first(&c, DW_SECOND), DW_SECOND);
    clocks_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_far_apart_one_is_an_hour_ahead),
        cmocka_unit_test(clocks_that_drift_line_under_the_queues_follows),
        cmocka_unit_test(clocks_ways_that_differ_half_of_it_is_the_error),
        cmocka_unit_test(clocks_that_may_be_right_are_taken_to_be),
        cmocka_unit_test(clocks_of_places_confused_run_backward),
        cmocka_unit_test(clocks_set_in_between_most_pairs_tell),
        cmocka_unit_test(clocks_with_packets_one_way_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
