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

/* Any word in capitals behind a result is meant as an error's name. */
static void drill_parse_error_of_a_call_is_a_word_in_capitals(void **state)
{
    (void)state;
    drill_passes("0 close(9) = -1 EBADF (Bad file descriptor)\n");
    drill_ends(DW_DRILL_UNSUPPORTED, "not supported: the error ABAD", "0 close(9) = -1 ABAD\n");
    drill_ends(DW_DRILL_UNSUPPORTED, "not supported: the error ZBAD", "0 close(9) = -1 ZBAD\n");
}

/* packetdrill's #ifdef: a name that was defined, with a value or without one, not one that begins
 * another. */
static void drill_parse_ifdef_knows_whole_names(void **state)
{
#define IF(name) "#ifdef " name "\n0 close(9) = 0\n#else\n0 close(9) = -1\n#endif\n"
    static const char *const names[] = {"LOUD=1", "QUIET", NULL};
    static const char wrong[] = "close returned -1 EBADF; expected 0";
    const dw_drill_config config = {.defines = names};
    (void)state;
    drill_ends_with(&config, DW_DRILL_FAILED, wrong, IF("LOUD"));
    drill_ends_with(&config, DW_DRILL_FAILED, wrong, IF("QUIET"));
    drill_ends_with(&config, DW_DRILL_PASSED, "", IF("LOU"));
    drill_ends_with(&config, DW_DRILL_PASSED, "", IF("QUIETLY"));
    drill_ends_with(&config, DW_DRILL_PASSED, "", IF("OTHER"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drill_parse_error_of_a_call_is_a_word_in_capitals),
        cmocka_unit_test(drill_parse_ifdef_knows_whole_names),
        cmocka_unit_test(drill_parse_report_has_the_text_of_the_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
