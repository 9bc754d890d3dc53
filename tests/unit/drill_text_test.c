/* lua/drill/language/drill_text.c: packets as a script for packetdrill writes them. */
#include "drill/language/drill_packet.h"
#include "test.h"

#include <string.h>

static const char *text_of(const dw_drill_seen *seen)
{
    static char buf[400];
    static const dw_drill_flow flow = {.isn_known = true};
    return dw_drill_seen_text(seen, &flow, buf, sizeof buf);
}

/* packetdrill's tcp_flags_to_text: each flag's letter, and the "." of ACK behind them all. */
static void drill_text_flags_are_letters(void **state)
{
    (void)state;
    dw_drill_seen s = {.transport = 6, .window = 5};
    assert_string_equal(text_of(&s), "- 0:0(0) win 5");
    s.flags = DW_DRILL_FIN;
    assert_string_equal(text_of(&s), "F 0:0(0) win 5");
    s.flags = DW_DRILL_FIN | DW_DRILL_PSH | DW_DRILL_ACK;
    assert_string_equal(text_of(&s), "FP. 0:0(0) ack 0 win 5");
    s.flags = DW_DRILL_SYN | 1u << 6 | 1u << 7;
    assert_string_equal(text_of(&s), "SEW 0:0(0) win 5");
    s.flags = DW_DRILL_RST | DW_DRILL_ACK;
    assert_string_equal(text_of(&s), "R. 0:0(0) ack 0 win 5");
}

/* Options by packetdrill's names, with the octets behind kind and length. */
static void drill_text_options_have_their_octets(void **state)
{
    static const struct {
        uint8_t bytes[20], len;
        const char *text;
    } cases[] = {
        {{2, 4, 5, 0xb4}, 4, "<mss 1460>"},
        {{3, 3, 7}, 3, "<wscale 7>"},
        {{1, 1, 4, 2}, 4, "<nop,nop,sackOK>"},
        {{8, 10, 0, 0, 0, 9, 0, 0, 0, 8}, 10, "<TS val 9 ecr 8>"},
        {{5, 10, 0, 0, 0, 1, 0, 0, 0, 3}, 10, "<sack 1:3>"},
        {{19, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xf0},
         18,
         "<md5 0102030405060708090a0b0c0d0e0ff0>"},
        {{34, 6, 0xaf, 0x09, 0x90, 0xfa}, 6, "<FO af0990fa>"},
        {{77, 4, 1, 2}, 4, "<kind 77 0102>"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[200];
        dw_drill_seen s = {.transport = 6, .options_len = cases[i].len};
        memcpy(s.options, cases[i].bytes, cases[i].len);
        snprintf(expected, sizeof expected, "- 0:0(0) win 0 %s", cases[i].text);
        assert_string_equal(text_of(&s), expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drill_text_flags_are_letters),
        cmocka_unit_test(drill_text_options_have_their_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
