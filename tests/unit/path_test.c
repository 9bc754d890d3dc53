/* lua/import/path.c: the least time in which an end answers, around a moment. */
#include "import/inference.h"
#include "test.h"

enum { BLOCK = 32 };

static distance measured(void)
{
    return (distance){.min = DW_TIME_NEVER};
}

/* A block of samples, ten milliseconds apart: `least` once, twice as much otherwise. */
static void add_block(distance *d, dw_time from, dw_time least)
{
    for (int i = 0; i < BLOCK; i++)
        assert_true(distance_add(d, from + i * 10 * DW_MILLISECOND, i == 17 ? least : 2 * least));
}

static void path_never_measured_round_trip_is_none(void **state)
{
    (void)state;
    distance d = measured();
    assert_int_equal(import_round_trip(&d, DW_SECOND), 0);
    assert_int_equal(import_due(&d, DW_SECOND), DW_SECOND + 10 * DW_MILLISECOND);
    assert_int_equal(d.min, DW_TIME_NEVER);
    distance_free(&d);
}

static void path_one_block_least_of_it_counts(void **state)
{
    (void)state;
    distance d = measured();
    add_block(&d, 0, 40 * DW_MILLISECOND);
    assert_int_equal(d.count, 1);
    assert_int_equal(import_round_trip(&d, 0), 40 * DW_MILLISECOND);
    assert_int_equal(import_round_trip(&d, -DW_SECOND), 40 * DW_MILLISECOND);
    assert_int_equal(import_round_trip(&d, 100 * (dw_time)DW_SECOND), 40 * DW_MILLISECOND);
    distance_free(&d);
    assert_int_equal(d.count, 0);
    assert_int_equal(d.min, DW_TIME_NEVER);
}

/* A path that changes: a moment has its own block and those beside it, not the least of all. */
static void path_that_changes_blocks_around_a_moment_count(void **state)
{
    (void)state;
    const dw_time least[] = {10, 10, 10, 80, 80, 80, 80};
    distance d = measured();
    for (int i = 0; i < 7; i++)
        add_block(&d, i * DW_SECOND, least[i] * DW_MILLISECOND);
    assert_int_equal(d.count, 7);
    assert_int_equal(d.min, 10 * DW_MILLISECOND);
    const dw_time right[] = {10, 10, 10, 10, 80, 80, 80};
    for (int i = 0; i < 7; i++) {
        assert_int_equal(import_round_trip(&d, i * DW_SECOND), right[i] * DW_MILLISECOND);
        assert_int_equal(import_round_trip(&d, i * DW_SECOND + DW_SECOND - 1),
                         right[i] * DW_MILLISECOND);
    }
    distance_free(&d);
}

static void path_many_blocks_each_is_found(void **state)
{
    (void)state;
    distance d = measured();
    for (int i = 0; i < 100; i++)
        add_block(&d, i * DW_SECOND, (i + 1) * DW_MILLISECOND);
    assert_int_equal(d.count, 100);
    for (int i = 1; i < 100; i++) /* the block before has the least */
        assert_int_equal(import_round_trip(&d, i * DW_SECOND), i * DW_MILLISECOND);
    distance_free(&d);
}

/* Half a round trip more, at least ten milliseconds: machines are busy. */
static void path_due_is_after_a_round_trip_and_some(void **state)
{
    (void)state;
    distance near = measured(), far = measured();
    add_block(&near, 0, 2 * DW_MILLISECOND);
    add_block(&far, 0, 100 * DW_MILLISECOND);
    assert_int_equal(import_due(&near, DW_SECOND), DW_SECOND + 12 * DW_MILLISECOND);
    assert_int_equal(import_due(&far, DW_SECOND), DW_SECOND + 150 * DW_MILLISECOND);
    assert_int_equal(import_due(&far, DW_TIME_NEVER - DW_MILLISECOND), DW_TIME_NEVER);
    distance_free(&near);
    distance_free(&far);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_never_measured_round_trip_is_none),
        cmocka_unit_test(path_one_block_least_of_it_counts),
        cmocka_unit_test(path_that_changes_blocks_around_a_moment_count),
        cmocka_unit_test(path_many_blocks_each_is_found),
        cmocka_unit_test(path_due_is_after_a_round_trip_and_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
