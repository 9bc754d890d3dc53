/* proto/tcp/tcp_output.c: what a sender holds back. */
#include "fake_host.h"
#include "tcp/tcp_user.h"

static dw_socket *user;

/* The largest window that the peer ever offered is 400 octets, SMSS is 536: a full segment never
 * fits. */
static void established_to_a_small_window(void)
{
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &user), DW_OK);
    rx(.flags = DW_TCP_SYN | DW_TCP_ACK, .seq = 5000, .ack = 1001, .wnd = 400);
    assert_int_equal(the_tcb()->snd_mss, 536);
    forget_sent();
}

static void offer(uint16_t wnd)
{
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1001, .wnd = wnd);
}

static void send_octets(uint32_t len)
{
    dw_slice data = {.buf = dw_buf_new(NULL, len), .len = len};
    memset(data.buf->bytes, 'y', len);
    assert_int_equal(dw_tcp_sockets.send(user, &data, 1), len);
}

/* RFC 9293 3.8.6.2.1 (3): "if at least a fraction Fs of the maximum window can be sent, i.e., if
 * [SND.NXT = SND.UNA and] min(D,U) >= Fs * Max(SND.WND)"; RFC 1122 4.2.3.4 recommends Fs = 1/2. */
static void output_less_than_half_the_largest_window_waits(void **state)
{
    (void)state;
    established_to_a_small_window();
    offer(199);
    send_octets(1000);
    expect_nothing();
}

static void output_half_the_largest_window_leaves(void **state)
{
    (void)state;
    established_to_a_small_window();
    offer(200);
    send_octets(1000);
    expect_segment(DW_TCP_ACK, 1001, 5001);
    assert_int_equal(fake.sent[fake.read_count - 1].len, 200);
    expect_nothing();
}

/* (4): "or if the override timeout occurs"; 0.1 to 1.0 seconds, and 500 ms here. */
static void output_override_timer_lets_less_leave(void **state)
{
    (void)state;
    established_to_a_small_window();
    offer(199);
    send_octets(1000);
    advance_to(500 * DW_MILLISECOND - 1);
    expect_nothing();
    advance_to(500 * DW_MILLISECOND);
    expect_segment(DW_TCP_ACK, 1001, 5001);
    assert_int_equal(fake.sent[fake.read_count - 1].len, 199);
}

/* 3.8.6.1: what probes a closed window carries an octet, or is the persist timer's; 3.10.4: a FIN
 * is sent after the data before it.  With a cork the override timer has let an empty segment leave.
 */
static void output_corked_and_closed_without_a_window_is_silent(void **state)
{
    char why[100];
    (void)state;
    established_to_a_small_window();
    assert_int_equal(dw_tcp_sockets.set(user, "cork", "true", why, sizeof why), DW_OK);
    send_octets(100);
    expect_nothing();
    the_tcb()->snd_wnd = 0;
    the_tcb()->sws_override = true;
    assert_int_equal(dw_tcp_sockets.shutdown(user), DW_OK);
    expect_nothing();
    offer(400);
    expect_segment(DW_TCP_ACK | DW_TCP_FIN, 1001, 5001);
    assert_int_equal(fake.sent[fake.read_count - 1].len, 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(output_less_than_half_the_largest_window_waits),
        TEST(output_half_the_largest_window_leaves),
        TEST(output_override_timer_lets_less_leave),
        TEST(output_corked_and_closed_without_a_window_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
