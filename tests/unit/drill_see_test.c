/* lua/drill/language/drill_see.c: bytes of the host, read; also bytes that are no packet. */
#include "drill/language/drill_packet.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

/* A segment from 192.0.2.1:1 to 192.0.2.2:2, "SYN,ACK", with an MSS of 1460 and four octets. */
static const uint8_t segment[] = {
    0x45, 2,    0, 48, 0, 0, 0, 0, 64, 6, 0,    0,    192, 0,   2,   1,
    192,  0,    2, 2,  0, 1, 0, 2, 0,  0, 0,    10,   0,   0,   0,   20,
    0x60, 0x12, 1, 0,  0, 0, 0, 0, 2,  4, 0x05, 0xb4, 'd', 'a', 't', 'a',
};

static void drill_see_tcp_gives_its_fields(void **state)
{
    (void)state;
    dw_drill_seen *s = dw_drill_see(segment, sizeof segment, 7, 3);
    assert_non_null(s);
    assert_int_equal(s->at, 7);
    assert_int_equal(s->number, 3);
    assert_int_equal(s->tos, 2);
    assert_int_equal(s->ttl, 64);
    assert_int_equal(s->transport, 6);
    assert_int_equal(s->sport, 1);
    assert_int_equal(s->dport, 2);
    assert_int_equal(s->seq, 10);
    assert_int_equal(s->ack, 20);
    assert_int_equal(s->flags, DW_DRILL_SYN | DW_DRILL_ACK);
    assert_int_equal(s->window, 256);
    assert_int_equal(s->options_len, 4);
    assert_int_equal(s->payload_len, 4);
    assert_memory_equal(s->payload, "data", 4);
    dw_drill_seen_free(s);
}

/* What is cut short has no fields of what is missing, and nothing beyond its end is looked at. */
static void drill_see_cut_short_gives_what_is_there(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof segment; len++) {
        uint8_t *exact = malloc(len + 1);
        assert_non_null(exact);
        memcpy(exact, segment, len);
        dw_drill_seen *s = dw_drill_see(exact, len, 0, 0);
        free(exact);
        assert_non_null(s);
        assert_int_equal(s->transport, len < 20 ? 0 : 6);
        assert_int_equal(s->sport, len < 44 ? 0 : 1); /* TCP's header is read whole or not at all */
        assert_in_range(s->payload_len, 0, len < 44 ? 0 : len - 44);
        dw_drill_seen_free(s);
    }
}

/* A length of IP's header below 20 octets (RFC 791 3.1) is none. */
static void drill_see_impossible_header_is_nothing(void **state)
{
    uint8_t bytes[sizeof segment];
    (void)state;
    memcpy(bytes, segment, sizeof bytes);
    for (uint8_t words = 0; words < 5; words++) {
        bytes[0] = (uint8_t)(0x40 | words);
        dw_drill_seen *s = dw_drill_see(bytes, sizeof bytes, 0, 0);
        assert_non_null(s);
        assert_int_equal(s->transport, 0);
        dw_drill_seen_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drill_see_tcp_gives_its_fields),
        cmocka_unit_test(drill_see_cut_short_gives_what_is_there),
        cmocka_unit_test(drill_see_impossible_header_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
