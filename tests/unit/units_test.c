/* core/base/units.c: times, rates, sizes and probabilities as text; nearest names. */
#include "test.h"

#include <drywire/drywire.h>

#include <string.h>

static dw_time time_of(const char *text)
{
    dw_time t = -1;
    char why[200];
    assert_int_equal(dw_parse_time(text, &t, why, sizeof why), DW_OK);
    return t;
}

static const char *time_problem(const char *text)
{
    static char why[200];
    dw_time t;
    assert_int_equal(dw_parse_time(text, &t, why, sizeof why), DW_E_FORMAT);
    return why;
}

static void units_time_with_unit_is_exact(void **state)
{
    (void)state;
    assert_int_equal(time_of("20ms"), 20000000);
    assert_int_equal(time_of("1.5s"), 1500000000);
    assert_int_equal(time_of("0.000000001s"), 1);
    assert_int_equal(time_of("2min"), 120 * DW_SECOND);
    assert_int_equal(time_of("1h"), 3600 * DW_SECOND);
    assert_int_equal(time_of("7 us"), 7000);
}

static void units_time_mistakes_name_the_remedy(void **state)
{
    (void)state;
    assert_string_equal(time_problem("20"),
                        "\"20\" has no unit; write for example \"20ms\" or \"1.5s\"");
    assert_string_equal(time_problem("20mss"), "unknown unit \"mss\"; did you mean \"ms\"?");
    assert_string_equal(time_problem("20MS"), "unknown unit \"MS\"; did you mean \"ms\"?");
    assert_string_equal(time_problem("20s "), "unknown unit \"s \"; did you mean \"s\"?");
    assert_string_equal(time_problem("0.3ns"), "\"0.3ns\" is finer than 1 ns");
    assert_non_null(strstr(time_problem("99999999999h"), "too large"));
    assert_non_null(strstr(time_problem("-5ms"), "not a number"));
    assert_non_null(strstr(time_problem(""), "not a number"));
}

static void units_rate_and_size(void **state)
{
    uint64_t n;
    char why[200];
    (void)state;
    assert_int_equal(dw_parse_rate("10Mbps", &n, why, sizeof why), DW_OK);
    assert_int_equal(n, 10000000);
    assert_int_equal(dw_parse_rate("1.5KiB/s", &n, why, sizeof why), DW_OK);
    assert_int_equal(n, 12288);
    assert_int_equal(dw_parse_rate("10mbps", &n, why, sizeof why), DW_E_FORMAT);
    assert_string_equal(why, "unknown unit \"mbps\"; did you mean \"Mbps\"?");
    assert_int_equal(dw_parse_size("64KiB", &n, why, sizeof why), DW_OK);
    assert_int_equal(n, 65536);
}

static void units_probability(void **state)
{
    dw_ratio r;
    char why[200];
    (void)state;
    assert_int_equal(dw_parse_ratio("2%", &r, why, sizeof why), DW_OK);
    assert_int_equal(r, DW_RATIO_ONE / 50);
    assert_int_equal(dw_parse_ratio("0.02", &r, why, sizeof why), DW_OK);
    assert_int_equal(r, DW_RATIO_ONE / 50);
    assert_int_equal(dw_parse_ratio("200%", &r, why, sizeof why), DW_E_FORMAT);
    assert_non_null(strstr(why, "more than 100%"));
}

static void units_durations_read_naturally(void **state)
{
    char buf[DW_TIME_TEXT];
    (void)state;
    assert_string_equal(dw_duration_format(240 * DW_SECOND, buf, sizeof buf), "4min");
    assert_string_equal(dw_duration_format(90 * DW_SECOND, buf, sizeof buf), "90s");
    assert_string_equal(dw_duration_format(1500 * DW_MILLISECOND, buf, sizeof buf), "1.5s");
    assert_string_equal(dw_duration_format(0, buf, sizeof buf), "0s");
    assert_string_equal(dw_time_format(1040000000, 6, buf, sizeof buf), "1.040000");
}

static void units_nearest_name(void **state)
{
    static const char *const names[] = {"delay", "rate", "loss", NULL};
    (void)state;
    assert_string_equal(dw_nearest("dealy", names), "delay");
    assert_string_equal(dw_nearest("los", names), "loss");
    assert_null(dw_nearest("colour", names));
}

static void units_addresses(void **state)
{
    dw_addr a;
    char buf[DW_ADDR_TEXT];
    (void)state;
    assert_int_equal(dw_addr_parse("192.0.2.1", &a), DW_OK);
    assert_string_equal(dw_addr_format(&a, buf, sizeof buf), "192.0.2.1");
    assert_int_equal(dw_addr_parse("192.0.2.256", &a), DW_E_FORMAT);
    assert_int_equal(dw_addr_parse("1.2.3", &a), DW_E_FORMAT);
    assert_int_equal(dw_addr_parse("1.2.3.4x", &a), DW_E_FORMAT);
    assert_int_equal(dw_addr_parse(" 1.2.3.4", &a), DW_E_FORMAT);
    assert_int_equal(dw_addr_parse("1.2.+3.4", &a), DW_E_FORMAT);
}

static void units_times_end_at_never(void **state)
{
    (void)state;
    assert_int_equal(dw_time_add(DW_SECOND, DW_SECOND), 2 * DW_SECOND);
    assert_int_equal(dw_time_add(0, DW_TIME_NEVER), DW_TIME_NEVER);
    assert_int_equal(dw_time_add(DW_TIME_NEVER, DW_TIME_NEVER), DW_TIME_NEVER);
    assert_int_equal(dw_time_add(DW_TIME_NEVER - 1, 1), DW_TIME_NEVER);
    assert_int_equal(dw_time_add(DW_TIME_NEVER - 1, 2), DW_TIME_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_time_with_unit_is_exact),
        cmocka_unit_test(units_time_mistakes_name_the_remedy),
        cmocka_unit_test(units_rate_and_size),
        cmocka_unit_test(units_probability),
        cmocka_unit_test(units_durations_read_naturally),
        cmocka_unit_test(units_nearest_name),
        cmocka_unit_test(units_times_end_at_never),
        cmocka_unit_test(units_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
