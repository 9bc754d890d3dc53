/* States of a foreign stack's end, from what it sends and gets. */
#include "../../proto/stack/ends.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static dw_end_segment segment(const char *flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    dw_end_segment s = {.seq = seq, .ack = ack, .len = len};
    for (; *flags; flags++) {
        s.syn |= *flags == 'S';
        s.fin |= *flags == 'F';
        s.rst |= *flags == 'R';
        s.acks |= *flags == 'A';
    }
    return s;
}

static void sent(dw_end *e, const char *flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    dw_end_segment s = segment(flags, seq, ack, len);
    dw_end_sent(e, &s);
}

static void came(dw_end *e, const char *flags, uint32_t seq, uint32_t ack, uint32_t len)
{
    dw_end_segment s = segment(flags, seq, ack, len);
    dw_end_received(e, &s);
}

/* A client, whose SYN had 100; the server's had 500. */
static dw_end client(void)
{
    dw_end e = {.state = DW_END_CLOSED};
    sent(&e, "S", 100, 0, 0);
    assert_int_equal(e.state, DW_END_SYN_SENT);
    came(&e, "SA", 500, 101, 0);
    assert_int_equal(e.state, DW_END_SYN_SENT); /* nothing shows yet that it took this */
    sent(&e, "A", 101, 501, 0);
    assert_int_equal(e.state, DW_END_ESTABLISHED);
    return e;
}

static dw_end server(void)
{
    dw_end e = {.state = DW_END_LISTEN};
    came(&e, "S", 500, 0, 0);
    sent(&e, "SA", 100, 501, 0);
    assert_int_equal(e.state, DW_END_SYN_RECEIVED);
    came(&e, "A", 501, 101, 0);
    assert_int_equal(e.state, DW_END_ESTABLISHED);
    return e;
}

static void ends_client_closes_first_walks_to_time_wait(void **state)
{
    (void)state;
    dw_end e = client();
    sent(&e, "FA", 101, 501, 0);
    assert_int_equal(e.state, DW_END_FIN_WAIT_1);
    assert_true(dw_end_outstanding(&e));
    came(&e, "A", 501, 102, 0);
    assert_int_equal(e.state, DW_END_FIN_WAIT_2);
    assert_false(dw_end_outstanding(&e));
    came(&e, "FA", 501, 102, 0);
    assert_int_equal(e.state, DW_END_FIN_WAIT_2);
    sent(&e, "A", 102, 502, 0);
    assert_int_equal(e.state, DW_END_TIME_WAIT);
}

static void ends_server_closes_second_walks_to_closed(void **state)
{
    (void)state;
    dw_end e = server();
    came(&e, "FA", 501, 101, 5);
    assert_true(e.owes);
    sent(&e, "FA", 101, 507, 0); /* acknowledges, and closes: two arrows */
    assert_int_equal(e.move_count, 2);
    assert_int_equal(e.moves[0], DW_END_CLOSE_WAIT);
    assert_int_equal(e.state, DW_END_LAST_ACK);
    came(&e, "A", 507, 102, 0);
    assert_int_equal(e.state, DW_END_CLOSED);
}

static void ends_both_close_at_once_passes_closing(void **state)
{
    (void)state;
    dw_end e = client();
    sent(&e, "FA", 101, 501, 0);
    came(&e, "FA", 501, 101, 0);
    sent(&e, "A", 102, 502, 0);
    assert_int_equal(e.state, DW_END_CLOSING);
    came(&e, "A", 502, 102, 0);
    assert_int_equal(e.state, DW_END_TIME_WAIT);
}

static void ends_both_open_at_once_passes_syn_received(void **state)
{
    (void)state;
    dw_end e = {.state = DW_END_CLOSED};
    sent(&e, "S", 100, 0, 0);
    came(&e, "S", 500, 0, 0);
    sent(&e, "SA", 100, 501, 0);
    assert_int_equal(e.state, DW_END_SYN_RECEIVED);
    came(&e, "SA", 500, 101, 0);
    assert_int_equal(e.state, DW_END_ESTABLISHED);
}

static void ends_segments_again_change_nothing(void **state)
{
    (void)state;
    dw_end e = server();
    sent(&e, "SA", 100, 501, 0);
    came(&e, "S", 500, 0, 0);
    sent(&e, "A", 101, 501, 10);
    sent(&e, "A", 101, 501, 10);
    assert_int_equal(e.state, DW_END_ESTABLISHED);
    assert_int_equal(e.snd_nxt, 111);
}

static void ends_reset_counts_where_it_is_expected(void **state)
{
    (void)state;
    dw_end e = client();
    came(&e, "R", 600, 0, 0);
    assert_int_equal(e.state, DW_END_ESTABLISHED);
    came(&e, "R", 501, 0, 0);
    assert_int_equal(e.state, DW_END_CLOSED);
    assert_true(e.reset_by_peer);
    e = client();
    sent(&e, "RA", 101, 501, 0);
    assert_int_equal(e.state, DW_END_CLOSED);
    assert_false(e.reset_by_peer);
}

static void ends_syn_refused_is_closed(void **state)
{
    (void)state;
    dw_end e = {.state = DW_END_CLOSED};
    sent(&e, "S", 100, 0, 0);
    came(&e, "RA", 0, 77, 0);
    assert_int_equal(e.state, DW_END_SYN_SENT);
    came(&e, "RA", 0, 101, 0);
    assert_int_equal(e.state, DW_END_CLOSED);
}

static void ends_names_of_states_are_understood(void **state)
{
    (void)state;
    assert_int_equal(dw_end_state_of("FIN_WAIT_1"), DW_END_FIN_WAIT_1);
    assert_int_equal(dw_end_state_of("SYN_RCVD"), DW_END_SYN_RECEIVED);
    assert_int_equal(dw_end_state_of("Time-Wait"), DW_END_TIME_WAIT);
    assert_int_equal(dw_end_state_of("TIME"), DW_END_STATES);
    assert_int_equal(dw_end_state_of("a word that is longer than any state"), DW_END_STATES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_client_closes_first_walks_to_time_wait),
        cmocka_unit_test(ends_server_closes_second_walks_to_closed),
        cmocka_unit_test(ends_both_close_at_once_passes_closing),
        cmocka_unit_test(ends_both_open_at_once_passes_syn_received),
        cmocka_unit_test(ends_segments_again_change_nothing),
        cmocka_unit_test(ends_reset_counts_where_it_is_expected),
        cmocka_unit_test(ends_syn_refused_is_closed),
        cmocka_unit_test(ends_names_of_states_are_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
