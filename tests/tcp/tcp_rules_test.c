/* The rules of tcp_rules.c notice a TCP that breaks them: here its variables are spoilt by hand. */
#include "fake_host.h"
#include "tcp/tcp_rules.h"
#include "tcp/tcp_segment.h"
#include "tcp/tcp_user.h"

static void established(void)
{
    dw_socket *user;
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &user), DW_OK);
    rx(.flags = DW_TCP_SYN | DW_TCP_ACK, .seq = 5000, .ack = 1001);
    assert_null(fake.violated);
}

static void rules_window_that_shrinks_is_noticed(void **state)
{
    (void)state;
    established();
    the_tcb()->rcv_wnd -= 100;
    the_tcb()->tcp->profile.receive_buffer = the_tcb()->rcv_wnd;
    dw_tcp_send_ack(the_tcb(), CAUSE(WINDOW_UPDATE));
    assert_ptr_equal(fake.violated, CAUSE(RULE_SHRUNK));
}

static void rules_data_beyond_the_window_is_noticed(void **state)
{
    (void)state;
    established();
    the_tcb()->rcv_adv = the_tcb()->rcv_nxt + 10; /* what the peer was told, but not what we take */
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1001, .len = 11);
    assert_ptr_equal(fake.violated, CAUSE(RULE_BEYOND));
}

static void rules_data_within_the_window_is_fine(void **state)
{
    (void)state;
    established();
    the_tcb()->rcv_adv = the_tcb()->rcv_nxt + 10;
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1001, .len = 10);
    assert_null(fake.violated);
}

static void rules_timer_on_a_closed_connection_is_noticed(void **state)
{
    (void)state;
    established();
    the_tcb()->deadline[DW_TCP_TIMER_PERSIST] = DW_SECOND;
    dw_tcp_rule_closed(the_tcb());
    assert_ptr_equal(fake.violated, CAUSE(RULE_TIMER));
    the_tcb()->deadline[DW_TCP_TIMER_PERSIST] = DW_TIME_NEVER;
}

static void rules_hundred_empty_answers_are_a_storm(void **state)
{
    (void)state;
    established();
    fake.tcp->profile.challenge_limit = 0;
    for (int i = 0; i < 99; i++)
        rx(.flags = DW_TCP_ACK, .seq = 4000, .ack = 1001);
    assert_null(fake.violated);
    rx(.flags = DW_TCP_ACK, .seq = 4000, .ack = 1001);
    assert_ptr_equal(fake.violated, CAUSE(RULE_ACK_STORM));
}

static void rules_empty_answers_far_apart_are_no_storm(void **state)
{
    (void)state;
    established();
    fake.tcp->profile.challenge_limit = 0;
    for (int i = 1; i < 300; i++) {
        advance_to(i * 2 * DW_SECOND);
        rx(.flags = DW_TCP_ACK, .seq = 4000, .ack = 1001);
    }
    assert_null(fake.violated);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rules_window_that_shrinks_is_noticed),
        TEST(rules_data_beyond_the_window_is_noticed),
        TEST(rules_data_within_the_window_is_fine),
        TEST(rules_timer_on_a_closed_connection_is_noticed),
        TEST(rules_hundred_empty_answers_are_a_storm),
        TEST(rules_empty_answers_far_apart_are_no_storm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
