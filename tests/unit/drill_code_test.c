/* lua/drill/run/drill_code.c: the code between %{ and }%, read as Python (its language reference)
 * reads it. */
#include "drill.h"

/* 6.6: an operator in front of a value may stand in front of another, as often as one likes. */
static void drill_code_signs_may_be_repeated(void **state)
{
    char script[200];
    (void)state;
    drill_passes(
        "0 %{ assert - - 5 == 5; assert ~~7 == 7; assert -+-+5 == 5; assert -~4 == 5 }%\n");
    memset(script, '-', sizeof script);
    memcpy(script, "0 %{ assert ", 12);
    strcpy(script + 12 + 64, "1 == 1 }%\n"); /* an even number of signs */
    drill_passes(script);
}

/* 7.3: what follows the comma is the message; the next statement is one of its own. */
static void drill_code_message_of_an_assertion_ends_with_its_line(void **state)
{
    (void)state;
    drill_ends(DW_DRILL_FAILED, "assert 1 == 2 does not hold",
               "0 %{ assert 1 == 1, (7)\nassert 1 == 2}%\n");
    drill_ends(DW_DRILL_FAILED, "assert 1 == 2 does not hold",
               "0 %{ assert 1 == 1, [7, (8)]; assert 1 == 2}%\n");
    drill_ends(DW_DRILL_FAILED, "assert 1 == 2 does not hold",
               "0 %{ assert 1 == 1, \")\"; assert 1 == 2}%\n");
    drill_passes("0 %{ assert 1 == 1, (7,\n8)\n}%\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drill_code_signs_may_be_repeated),
        cmocka_unit_test(drill_code_message_of_an_assertion_ends_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
