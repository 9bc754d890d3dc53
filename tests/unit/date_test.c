/* core/base/date.c: dates as RFC 3339 and date(1) write them. */
#include "test.h"

#include <drywire/drywire.h>

#include <string.h>

static dw_time date_of(const char *text)
{
    dw_time t = -1;
    char why[200];
    assert_int_equal(dw_parse_date(text, &t, why, sizeof why), DW_OK);
    return t;
}

/* The seconds are what `date -u -d TEXT +%s` prints. */
static void date_is_seconds_since_1970(void **state)
{
    (void)state;
    assert_int_equal(date_of("1970-01-01"), 0);
    assert_int_equal(date_of("2000-01-01"), 946684800 * DW_SECOND);
    assert_int_equal(date_of("2000-02-29T23:59:59Z"), 951868799 * DW_SECOND);
    assert_int_equal(date_of("2026-03-01 00:00:00"), 1772323200 * DW_SECOND);
    assert_int_equal(date_of("2100-03-01"), 4107542400 * DW_SECOND);
    assert_int_equal(date_of("1999-12-31T23:59:59.25Z"), 946684799 * DW_SECOND + 250000000);
    assert_int_equal(date_of("@1700000000.000000001"), 1700000000 * DW_SECOND + 1);
    assert_int_equal(date_of("@0"), 0);
}

static void date_that_is_none_is_refused(void **state)
{
    static const char *const none[] = {"",
                                       "now",
                                       "2026-1-1",
                                       "2026-02-29",
                                       "2100-02-29",
                                       "2026-13-01",
                                       "2026-00-01",
                                       "2026-01-00",
                                       "1969-12-31",
                                       "2201-01-01",
                                       "2026-01-01T24:00:00Z",
                                       "2026-01-01T12:00",
                                       "2026-01-01T12:00:60Z",
                                       "2026-01-01T12:00:00.Z",
                                       "2026-01-01T12:00:00.1234567890Z",
                                       "2026-01-01T12:00:00+01:00",
                                       "2026-01-01 ",
                                       "@",
                                       "@-1",
                                       "@99999999999",
                                       "@1.",
                                       "20s"};
    char why[300];
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        dw_time t = 7;
        assert_int_equal(dw_parse_date(none[i], &t, why, sizeof why), DW_E_FORMAT);
        assert_non_null(strstr(why, "write for example 2026-01-31"));
        assert_int_equal(t, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(date_is_seconds_since_1970),
        cmocka_unit_test(date_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
