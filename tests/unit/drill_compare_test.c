/* lua/drill/language/drill_compare.c: what of a packet is compared, and what may be left out. */
#include "drill.h"

static void drill_compare_fields_have_names(void **state)
{
    unsigned out = 0;
    char why[200] = "";
    (void)state;
    assert_true(dw_drill_fields("window,sack", &out, why, sizeof why));
    assert_int_equal(out, DW_IGNORE_WINDOW | DW_IGNORE_SACK);
    assert_false(dw_drill_fields("windwo", &out, why, sizeof why));
    assert_string_equal(why, "no field is called \"windwo\"; did you mean \"window\"?");
    assert_false(dw_drill_fields("mss,colour", &out, why, sizeof why));
    assert_string_equal(
        why, "no field is called \"colour\"; there are window, mss, wscale, options, push, "
             "sack, time");
}

/* Without SACK's blocks, neither they nor the NOPs in front of them (RFC 2018 section 3 has no rule
 * for these) are looked at; all else is. */
static void drill_compare_ignored_sack_leaves_out_its_padding(void **state)
{
    const dw_drill_config config = {.ignore = DW_IGNORE_SACK};
    (void)state;
    drill_ends_with(&config, DW_DRILL_PASSED, "",
                    DRILL_LISTENER "+0 < S 0:0(0) win 32000 <mss 1000,nop,nop,sackOK>\n"
                                   "+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK>\n"
                                   "+.1 < . 1:1(0) ack 1 win 32000\n"
                                   "+0 < . 11:21(10) ack 1 win 32000\n"
                                   "+0 > . 1:1(0) ack 1\n");
    drill_ends_with(&config, DW_DRILL_FAILED,
                    "options: expected <mss 1400>, not <mss 1460,nop,nop,sackOK>",
                    DRILL_LISTENER "+0 < S 0:0(0) win 32000 <mss 1000,nop,nop,sackOK>\n"
                                   "+0 > S. 0:0(0) ack 1 <mss 1400>\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drill_compare_fields_have_names),
        cmocka_unit_test(drill_compare_ignored_sack_leaves_out_its_padding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
