/* core/base/option.c: options as text. */
#include "net.h"

/* The sentence that refuses a value of the client's TCP; "" when it is taken. */
static const char *refused(const char *name, const char *value)
{
    static char why[300];
    net n;
    net_new(&n, NULL, NULL);
    int status = dw_node_option(n.client, "tcp", name, value);
    snprintf(why, sizeof why, "%s", status == DW_OK ? "" : dw_sim_message(n.sim));
    dw_sim_free(n.sim);
    return why;
}

static void option_number_is_a_whole_one(void **state)
{
    (void)state;
    assert_string_equal(refused("r1", "5"), "");
    assert_non_null(strstr(refused("r1", "5x"), "r1: \"5x\" is not a whole number"));
    assert_non_null(strstr(refused("r1", "x"), "r1: \"x\" is not a whole number"));
    assert_non_null(strstr(refused("r1", ""), "r1: \"\" is not a whole number"));
    assert_non_null(strstr(refused("r1", "1.5"), "r1: \"1.5\" is not a whole number"));
}

static void option_range_has_both_its_ends(void **state)
{
    (void)state;
    assert_string_equal(refused("r1", "1"), "");
    assert_string_equal(refused("r1", "100"), "");
    assert_non_null(strstr(refused("r1", "0"), "r1: 0 is outside 1 to 100"));
    assert_non_null(strstr(refused("r1", "101"), "r1: 101 is outside 1 to 100"));
}

static void option_choice_that_is_none_is_told_the_nearest(void **state)
{
    (void)state;
    assert_string_equal(refused("recovery", "rack"), "");
    assert_non_null(strstr(refused("recovery", "rakc"), "did you mean \"rack\"?"));
    assert_non_null(
        strstr(refused("recovery", "zzzzzzzzzz"), "; expected one of: newreno, sack, "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(option_number_is_a_whole_one),
        cmocka_unit_test(option_range_has_both_its_ends),
        cmocka_unit_test(option_choice_that_is_none_is_told_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
