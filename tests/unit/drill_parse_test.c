/* lua/drill/language/drill_parse.c: events of a script, and what of its text stands in a report. */
#include "drill.h"

static void event_is(const char *event, const char *text)
{
    dw_drill_result *r = calloc(1, sizeof *r);
    assert_non_null(r);
    dw_drill_text("t.pkt", text, strlen(text), &(dw_drill_config){0}, r);
    assert_int_not_equal(r->verdict, DW_DRILL_PASSED);
    assert_string_equal(r->event, event);
    dw_drill_result_free(r);
    free(r);
}

/* A call or a packet is told by its first line, without remarks; commands and code may have several
 * lines, and "//" in them is theirs. */
static void drill_parse_report_has_the_text_of_the_event(void **state)
{
    (void)state;
    event_is("0 close(9) = 0", "0 close(9) = 0   // there is none\n+0 close(10) = 0\n");
    event_is("0 close(9)", "0 close(9)\n      = 0\n");
    event_is("0 `true\n shutdown //now`", "0 `true\n shutdown //now`\n+0 close(10) = 0\n");
    event_is("0 %{ x = 1\nassert x == 2 }%", "0 %{ x = 1\nassert x == 2 }%\n+0 close(10) = 0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drill_parse_report_has_the_text_of_the_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
