/* What the matrix (tcp_matrix_test.c) cannot say: sequences of segments, timers, what the user is
 * told.
 *
 * The fixture for each state is reached by segments alone.  In all of them ISS is 1000 and the
 * peer's is 5000; where the connection is synchronized SND.NXT is 1001 (1002 once our FIN is out)
 * and RCV.NXT 5001 (5002 once the peer's FIN is in). */
#include "fake_host.h"
#include "tcp/tcp_timewait.h"
#include "tcp/tcp_user.h"

#include <stdio.h>

static dw_socket *socket_of_test;

static void to_listen(void)
{
    dw_flow flow = {.local_port = MY_PORT};
    assert_int_equal(dw_tcp_sockets.listen(fake.tcp, &flow, 5, &socket_of_test), DW_OK);
}

static void to_syn_sent(void)
{
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &socket_of_test), DW_OK);
}

static void to_syn_received(void)
{
    to_listen();
    rx(.flags = DW_TCP_SYN, .seq = 5000);
}

static void to_established(void)
{
    to_syn_sent();
    rx(.flags = DW_TCP_SYN | DW_TCP_ACK, .seq = 5000, .ack = 1001);
}

static void to_fin_wait_1(void)
{
    to_established();
    dw_tcp_sockets.shutdown(socket_of_test);
}

static void to_fin_wait_2(void)
{
    to_fin_wait_1();
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1002);
}

static void to_close_wait(void)
{
    to_established();
    rx(.flags = DW_TCP_FIN | DW_TCP_ACK, .seq = 5001, .ack = 1001);
}

static void to_last_ack(void)
{
    to_close_wait();
    dw_tcp_sockets.shutdown(socket_of_test);
}

static void to_time_wait(void)
{
    to_fin_wait_2();
    rx(.flags = DW_TCP_FIN | DW_TCP_ACK, .seq = 5001, .ack = 1002);
}

static void tcp_established_rst_in_window_is_challenged(void **state)
{
    (void)state;
    to_established();
    forget_sent();
    rx(.flags = DW_TCP_RST, .seq = 5002);
    expect_segment(DW_TCP_ACK, 1001, 5001);
    assert_ptr_equal(fake.dropped, CAUSE(DROP_RST_NOT_EXACT));
    assert_int_equal(the_tcb()->state, DW_TCP_ESTABLISHED);
}

static void tcp_established_rst_outside_window_is_dropped(void **state)
{
    (void)state;
    to_established();
    forget_sent();
    rx(.flags = DW_TCP_RST, .seq = 5000);
    expect_nothing();
    assert_ptr_equal(fake.dropped, CAUSE(DROP_RST_OUTSIDE));
}

static void tcp_established_rst_with_rfc793_rules_resets_anywhere_in_window(void **state)
{
    (void)state;
    fake.tcp->profile.rst_check = DW_TCP_RULE_RFC793;
    to_established();
    rx(.flags = DW_TCP_RST, .seq = 5002);
    assert_null(the_tcb());
    assert_int_equal(dw_tcp_sockets.error(socket_of_test), DW_E_RESET);
}

static void tcp_established_ack_of_the_future_is_challenged(void **state)
{
    (void)state;
    to_established();
    forget_sent();
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1002);
    expect_segment(DW_TCP_ACK, 1001, 5001);
    assert_ptr_equal(fake.dropped, CAUSE(DROP_ACK_RANGE));
}

static void tcp_established_old_data_is_acknowledged_again(void **state)
{
    (void)state;
    to_established();
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1001, .len = 100);
    forget_sent();
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1001, .len = 100);
    expect_segment(DW_TCP_ACK, 1001, 5101);
    assert_int_equal(the_tcb()->received.bytes, 100);
}

static void tcp_established_overlapping_data_delivers_the_new_part(void **state)
{
    (void)state;
    to_established();
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1001, .len = 100);
    rx(.flags = DW_TCP_ACK, .seq = 5051, .ack = 1001, .len = 100);
    assert_int_equal(the_tcb()->rcv_nxt, 5151);
    assert_int_equal(the_tcb()->received.bytes, 150);
}

static void tcp_established_early_data_is_kept(void **state)
{
    (void)state;
    to_established();
    forget_sent();
    rx(.flags = DW_TCP_ACK, .seq = 5101, .ack = 1001, .len = 100);
    expect_segment(DW_TCP_ACK, 1001, 5001); /* at once, RFC 5681 4.2 */
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1001, .len = 100);
    expect_segment(DW_TCP_ACK, 1001, 5201);
    assert_int_equal(the_tcb()->received.bytes, 200);
}

static void tcp_established_early_fin_waits_for_the_gap(void **state)
{
    (void)state;
    to_established();
    rx(.flags = DW_TCP_FIN | DW_TCP_ACK, .seq = 5101, .ack = 1001, .len = 50);
    assert_int_equal(the_tcb()->state, DW_TCP_ESTABLISHED);
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1001, .len = 100);
    assert_int_equal(the_tcb()->state, DW_TCP_CLOSE_WAIT);
    assert_int_equal(the_tcb()->rcv_nxt, 5152);
}

static void tcp_syn_sent_syn_ack_with_wrong_ack_is_reset(void **state)
{
    (void)state;
    to_syn_sent();
    forget_sent();
    rx(.flags = DW_TCP_SYN | DW_TCP_ACK, .seq = 5000, .ack = 77);
    expect_segment(DW_TCP_RST, 77, 0);
    assert_int_equal(the_tcb()->state, DW_TCP_SYN_SENT);
}

static void tcp_syn_sent_rst_with_right_ack_refuses(void **state)
{
    (void)state;
    to_syn_sent();
    rx(.flags = DW_TCP_RST | DW_TCP_ACK, .seq = 0, .ack = 1001);
    assert_int_equal(dw_tcp_sockets.error(socket_of_test), DW_E_REFUSED);
    assert_true(fake.told & DW_SOCKET_ERROR);
}

static void tcp_syn_received_repeated_syn_draws_the_same_syn_ack(void **state)
{
    (void)state;
    to_syn_received();
    forget_sent();
    rx(.flags = DW_TCP_SYN, .seq = 5000);
    expect_segment(DW_TCP_SYN | DW_TCP_ACK, 1000, 5001);
    assert_int_equal(the_tcb()->state, DW_TCP_SYN_RECEIVED);
}

static void tcp_syn_received_bad_ack_is_reset(void **state)
{
    (void)state;
    to_syn_received();
    forget_sent();
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1005);
    expect_segment(DW_TCP_RST, 1005, 0);
    assert_int_equal(the_tcb()->state, DW_TCP_SYN_RECEIVED);
}

static void tcp_syn_received_from_active_open_rst_refuses(void **state)
{
    (void)state;
    to_syn_sent();
    rx(.flags = DW_TCP_SYN, .seq = 5000);
    assert_int_equal(the_tcb()->state, DW_TCP_SYN_RECEIVED);
    rx(.flags = DW_TCP_RST, .seq = 5001);
    assert_int_equal(dw_tcp_sockets.error(socket_of_test), DW_E_REFUSED);
}

static void tcp_time_wait_repeated_fin_restarts_the_wait(void **state)
{
    (void)state;
    to_time_wait();
    forget_sent();
    advance_to(200 * DW_SECOND);
    rx(.flags = DW_TCP_FIN | DW_TCP_ACK, .seq = 5001, .ack = 1002);
    expect_segment(DW_TCP_ACK, 1002, 5002);
    advance_to(239 * DW_SECOND + 200 * DW_SECOND);
    assert_non_null(the_tcb());
    advance_to(240 * DW_SECOND + 200 * DW_SECOND);
    assert_null(the_tcb());
}

static void tcp_time_wait_folded_record_answers_as_the_tcb_does(void **state)
{
    (void)state;
    to_time_wait();
    dw_tcp_sockets.close(socket_of_test);
    assert_null(the_tcb());
    assert_int_equal(fake.tcp->time_wait.count, 1);
    assert_true(sizeof(dw_tcp_time_wait) <= 256);
    forget_sent();
    rx(.flags = DW_TCP_ACK, .seq = 5002, .ack = 1002); /* two of us must not ping-pong */
    expect_nothing();
    rx(.flags = DW_TCP_FIN | DW_TCP_ACK, .seq = 5001, .ack = 1002);
    expect_segment(DW_TCP_ACK, 1002, 5002);
    rx(.flags = DW_TCP_RST, .seq = 5001);
    assert_int_equal(fake.tcp->time_wait.count, 1);
    rx(.flags = DW_TCP_RST, .seq = 5002);
    assert_int_equal(fake.tcp->time_wait.count, 0);
}

static void tcp_last_ack_earlier_ack_does_not_close(void **state)
{
    (void)state;
    to_last_ack();
    rx(.flags = DW_TCP_ACK, .seq = 5002, .ack = 1001);
    assert_int_equal(the_tcb()->state, DW_TCP_LAST_ACK);
    rx(.flags = DW_TCP_ACK, .seq = 5002, .ack = 1002);
    assert_null(the_tcb());
}

static void tcp_last_ack_fin_is_repeated_by_the_timer_with_the_same_seq(void **state)
{
    (void)state;
    to_last_ack();
    forget_sent();
    advance_to(DW_SECOND);
    expect_segment(DW_TCP_FIN | DW_TCP_ACK, 1001, 5002);
    advance_to(3 * DW_SECOND);
    expect_segment(DW_TCP_FIN | DW_TCP_ACK, 1001, 5002);
}

static void tcp_segment_with_bad_option_length_is_dropped(void **state)
{
    static const uint8_t bad[4] = {2, 0, 5, 180}; /* MSS with length 0 */
    (void)state;
    to_listen();
    dw_packet *p = dw_packet_new(fake.sim);
    dw_dissection f = {.src = there,
                       .dst = here,
                       .sport = PEER_PORT,
                       .dport = MY_PORT,
                       .flags = DW_TCP_SYN,
                       .seq = 5000,
                       .options = bad,
                       .options_len = 4};
    dw_tcp_build(p, &f);
    dw_flow flow = {.local = here, .remote = there};
    dw_tcp_arrives(fake.tcp, p, &flow);
    assert_ptr_equal(fake.dropped, CAUSE(DROP_BAD_OPTION));
    expect_nothing();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tcp_established_rst_in_window_is_challenged),
        TEST(tcp_established_rst_outside_window_is_dropped),
        TEST(tcp_established_rst_with_rfc793_rules_resets_anywhere_in_window),
        TEST(tcp_established_ack_of_the_future_is_challenged),
        TEST(tcp_established_old_data_is_acknowledged_again),
        TEST(tcp_established_overlapping_data_delivers_the_new_part),
        TEST(tcp_established_early_data_is_kept),
        TEST(tcp_established_early_fin_waits_for_the_gap),
        TEST(tcp_syn_sent_syn_ack_with_wrong_ack_is_reset),
        TEST(tcp_syn_sent_rst_with_right_ack_refuses),
        TEST(tcp_syn_received_repeated_syn_draws_the_same_syn_ack),
        TEST(tcp_syn_received_bad_ack_is_reset),
        TEST(tcp_syn_received_from_active_open_rst_refuses),
        TEST(tcp_time_wait_repeated_fin_restarts_the_wait),
        TEST(tcp_time_wait_folded_record_answers_as_the_tcb_does),
        TEST(tcp_last_ack_earlier_ack_does_not_close),
        TEST(tcp_last_ack_fin_is_repeated_by_the_timer_with_the_same_seq),
        TEST(tcp_segment_with_bad_option_length_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
