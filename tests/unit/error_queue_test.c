/* lua/drill/system/error_queue.c: Documentation/networking/msg_zerocopy.rst and timestamping.rst.
 */
#include "drill/system/error_queue.h"
#include "test.h"

/* "Notification Batching": ee_info and ee_data are the first and the last of a range. */
static void error_queue_copies_acknowledged_together_are_one_range(void **state)
{
    dw_error_queue q = {0};
    dw_notice n;
    (void)state;
    dw_error_queue_send(&q, 100, true);
    dw_error_queue_send(&q, 200, true);
    dw_error_queue_send(&q, 300, true);
    assert_false(dw_error_queue_take(&q, &n));
    assert_true(dw_error_queue_progress(&q, 300, 200, 1));
    assert_true(dw_error_queue_waits(&q));
    assert_true(dw_error_queue_take(&q, &n));
    assert_int_equal(n.origin, 5); /* SO_EE_ORIGIN_ZEROCOPY */
    assert_int_equal(n.info, 0);
    assert_int_equal(n.data, 1);
    assert_false(dw_error_queue_waits(&q));
    assert_false(dw_error_queue_progress(&q, 300, 299, 2)); /* not all of the third */
    assert_true(dw_error_queue_progress(&q, 300, 300, 3));
    assert_true(dw_error_queue_take(&q, &n));
    assert_int_equal(n.info, 2);
    assert_int_equal(n.data, 2);
}

static void error_queue_copies_untold_have_a_limit(void **state)
{
    dw_error_queue q = {0};
    dw_notice n;
    (void)state;
    for (uint32_t i = 0; i < DW_MAX_COPIES; i++) {
        assert_true(dw_error_queue_room(&q));
        dw_error_queue_send(&q, i + 1, true);
    }
    assert_false(dw_error_queue_room(&q));
    dw_error_queue_progress(&q, 1, 1, 1);
    assert_true(dw_error_queue_take(&q, &n));
    assert_true(dw_error_queue_room(&q));
}

/* SOF_TIMESTAMPING_TX_SCHED, _SOFTWARE, _ACK in the order in which they happen, each of the last
 * octet of a send; SOF_TIMESTAMPING_OPT_ID counts octets from when it was set. */
static void error_queue_timestamps_come_in_order_with_the_last_octet(void **state)
{
    static const uint32_t kinds[] = {1, 0, 2}; /* SCM_TSTAMP_SCHED, _SND, _ACK */
    dw_error_queue q = {0};
    dw_notice n;
    (void)state;
    dw_error_queue_timestamping(&q,
                                DW_TIMESTAMPING_TX_SCHED | DW_TIMESTAMPING_TX_SOFTWARE |
                                    DW_TIMESTAMPING_TX_ACK | DW_TIMESTAMPING_SOFTWARE |
                                    DW_TIMESTAMPING_OPT_ID,
                                1000, 1000);
    dw_error_queue_send(&q, 1100, false);
    assert_false(dw_error_queue_progress(&q, 1099, 1000, 5));
    assert_true(dw_error_queue_progress(&q, 1100, 1000, 6));
    assert_false(dw_error_queue_progress(&q, 1100, 1000, 7)); /* each is told once */
    assert_true(dw_error_queue_progress(&q, 1100, 1100, 8));
    for (int i = 0; i < 3; i++) {
        assert_true(dw_error_queue_take(&q, &n));
        assert_int_equal(n.origin, 4); /* SO_EE_ORIGIN_TIMESTAMPING */
        assert_int_equal(n.info, kinds[i]);
        assert_int_equal(n.data, 99);
        assert_int_equal(n.at, i < 2 ? 6 : 8);
        assert_true(n.truncated); /* without OPT_TSONLY the packet follows */
    }
    assert_false(dw_error_queue_take(&q, &n));
}

/* OPT_ID counts from snd_una; OPT_ID_TCP from what was written, whatever is acknowledged of it. */
static void error_queue_timestamp_ids_begin_at_acked_or_written(void **state)
{
    const uint32_t base =
        DW_TIMESTAMPING_TX_SOFTWARE | DW_TIMESTAMPING_SOFTWARE | DW_TIMESTAMPING_OPT_ID;
    (void)state;
    for (int tcp = 0; tcp < 2; tcp++) {
        dw_error_queue q = {0};
        dw_notice n;
        dw_error_queue_timestamping(&q, base | (tcp ? DW_TIMESTAMPING_OPT_ID_TCP : 0), 400, 500);
        dw_error_queue_send(&q, 600, false);
        assert_true(dw_error_queue_progress(&q, 600, 400, 1));
        assert_true(dw_error_queue_take(&q, &n));
        assert_int_equal(n.data, tcp ? 99 : 199);
    }
}

/* Without SOF_TIMESTAMPING_SOFTWARE stamps are made, and reported to nobody. */
static void error_queue_timestamps_unreported_are_dropped(void **state)
{
    dw_error_queue q = {0};
    (void)state;
    dw_error_queue_timestamping(&q, DW_TIMESTAMPING_TX_SOFTWARE, 0, 0);
    dw_error_queue_send(&q, 100, false);
    assert_false(dw_error_queue_progress(&q, 100, 0, 1));
    assert_false(dw_error_queue_waits(&q));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_queue_copies_acknowledged_together_are_one_range),
        cmocka_unit_test(error_queue_copies_untold_have_a_limit),
        cmocka_unit_test(error_queue_timestamps_come_in_order_with_the_last_octet),
        cmocka_unit_test(error_queue_timestamp_ids_begin_at_acked_or_written),
        cmocka_unit_test(error_queue_timestamps_unreported_are_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
