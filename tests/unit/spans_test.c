/* lua/import/spans.c: stretches that touch become one, gaps between them, what is dropped below. */
#include "import/spans.h"
#include "test.h"

enum { STRETCH = 10 };

/* [at, at + 10), for each of some places. */
static spans filled(const int64_t *at, size_t count)
{
    spans s = {0};
    for (size_t i = 0; i < count; i++)
        assert_true(spans_add(&s, (range){at[i], at[i] + STRETCH}));
    return s;
}

#define FILLED(...)                                                                                \
    filled((const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void expect(const spans *s, const int64_t *bounds, size_t count)
{
    assert_int_equal(s->count, count / 2);
    for (size_t i = 0; i < s->count; i++) {
        assert_int_equal(s->list[i].left, bounds[2 * i]);
        assert_int_equal(s->list[i].right, bounds[2 * i + 1]);
    }
}

#define EXPECT(s, ...)                                                                             \
    expect(s, (const int64_t[]){__VA_ARGS__},                                                      \
           sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void expect_gap(const spans *s, int64_t left, int64_t right, range gap)
{
    range found = spans_gap(s, (range){left, right});
    assert_int_equal(found.left, gap.left);
    assert_int_equal(found.right, gap.right);
}

static void spans_apart_in_any_order_are_kept_in_order(void **state)
{
    (void)state;
    spans s = FILLED(40, 0, 20);
    EXPECT(&s, 0, 10, 20, 30, 40, 50);
    spans_free(&s);
    assert_int_equal(s.count, 0);
    assert_null(s.list);
}

static void spans_side_by_side_become_one(void **state)
{
    (void)state;
    spans s = FILLED(0, 20, 10);
    EXPECT(&s, 0, 30);
    spans_free(&s);
}

static void spans_one_over_several_takes_them_in(void **state)
{
    (void)state;
    spans s = FILLED(0, 20, 40, 60);
    assert_true(spans_add(&s, (range){5, 45}));
    EXPECT(&s, 0, 50, 60, 70);
    assert_true(spans_add(&s, (range){10, 20})); /* it is there */
    EXPECT(&s, 0, 50, 60, 70);
    spans_free(&s);
}

static void spans_below_zero_and_above_32_bits_are_numbers_like_others(void **state)
{
    (void)state;
    const int64_t far = (int64_t)1 << 40;
    spans s = FILLED(far, -5);
    EXPECT(&s, -5, 5, far, far + STRETCH);
    spans_free(&s);
}

static void spans_many_are_kept(void **state)
{
    (void)state;
    spans s = {0};
    for (int64_t i = 99; i >= 0; i--)
        assert_true(spans_add(&s, (range){i * 20, i * 20 + STRETCH}));
    assert_int_equal(s.count, 100);
    for (int64_t i = 0; i < 100; i++)
        assert_int_equal(s.list[i].left, i * 20);
    spans_free(&s);
}

static void spans_dropped_below_a_number_the_rest_begins_there(void **state)
{
    (void)state;
    spans s = FILLED(0, 20, 40);
    spans_drop(&s, 10); /* [0, 10) ends there */
    EXPECT(&s, 20, 30, 40, 50);
    spans_drop(&s, 25);
    EXPECT(&s, 25, 30, 40, 50);
    spans_drop(&s, 100);
    assert_int_equal(s.count, 0);
    spans_drop(&s, 200);
    spans_free(&s);
}

static void spans_gap_is_the_first_part_that_none_has(void **state)
{
    (void)state;
    spans s = FILLED(10, 30);
    expect_gap(&s, 0, 100, (range){0, 10});
    expect_gap(&s, 10, 100, (range){20, 30});
    expect_gap(&s, 15, 25, (range){20, 25});
    expect_gap(&s, 35, 100, (range){40, 100});
    expect_gap(&s, 22, 28, (range){22, 28});
    spans_free(&s);
}

static void spans_gap_where_all_is_there_is_empty(void **state)
{
    (void)state;
    spans s = FILLED(10);
    range found = spans_gap(&s, (range){12, 18});
    assert_int_equal(found.left, found.right);
    found = spans_gap(&s, (range){10, 20});
    assert_int_equal(found.left, found.right);
    spans_free(&s);
    expect_gap(&s, 1, 2, (range){1, 2}); /* of nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_apart_in_any_order_are_kept_in_order),
        cmocka_unit_test(spans_side_by_side_become_one),
        cmocka_unit_test(spans_one_over_several_takes_them_in),
        cmocka_unit_test(spans_below_zero_and_above_32_bits_are_numbers_like_others),
        cmocka_unit_test(spans_many_are_kept),
        cmocka_unit_test(spans_dropped_below_a_number_the_rest_begins_there),
        cmocka_unit_test(spans_gap_is_the_first_part_that_none_has),
        cmocka_unit_test(spans_gap_where_all_is_there_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
