/* proto/tcp/tcp_rcvbuf.c: the receive buffer as memory (net/ipv4/tcp_input.c). */
#include "fake_host.h"
#include "tcp/tcp_rcvbuf.h"
#include "tcp/tcp_settings.h"
#include "tcp/tcp_user.h"

enum { MOST = 400000, LEN = 600 };

/* A receiver that counts memory, half of which is window, and has room for all of it. */
static dw_tcb *receiver(void)
{
    dw_socket *user;
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    fake.tcp->profile.receive_memory = true;
    fake.tcp->profile.receive_buffer_most = MOST;
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &user), DW_OK);
    rx(.flags = DW_TCP_SYN | DW_TCP_ACK, .seq = 5000, .ack = 1001);
    dw_tcb *t = the_tcb();
    dw_tcp_settings_own(t)->receive_buffer = MOST;
    t->scaling_ratio = 128;
    t->window_clamp = MOST;
    t->delack.rcv_mss = LEN;
    return t;
}

/* What the window's bound becomes when a segment of 600 octets comes, which takes 1280 of memory.
 */
static uint32_t bound_after_a_segment(dw_tcb *t, uint32_t bound)
{
    const dw_seg s = {.text_len = LEN, .text_first = LEN};
    t->rcv_ssthresh = bound;
    dw_tcp_rcvbuf_grow(t, &s);
    return t->rcv_ssthresh;
}

/* __tcp_grow_window: "while (tp->rcv_ssthresh <= window)", where window is half of what tcp_rmem[2]
 * allows: up to there a segment that is half overhead is welcome, and the bound grows by two of
 * them. */
static void rcvbuf_badly_filled_segment_opens_half_the_window(void **state)
{
    (void)state;
    dw_tcb *t = receiver();
    assert_int_equal(bound_after_a_segment(t, MOST / 2 - 1), MOST / 2 - 1 + 2 * LEN);
    assert_int_equal(bound_after_a_segment(t, MOST / 2), MOST / 2 + 2 * LEN);
    assert_int_equal(bound_after_a_segment(t, MOST / 2 + 1), MOST / 2 + 1);
}

/* tcp_grow_window: "incr = max_t(int, incr, 2 * skb->len)". */
static void rcvbuf_bound_grows_by_two_of_the_segment_at_least(void **state)
{
    (void)state;
    dw_tcb *t = receiver();
    t->delack.rcv_mss = LEN - 200;
    assert_int_equal(bound_after_a_segment(t, MOST / 4), MOST / 4 + 2 * LEN);
    t->delack.rcv_mss = LEN + 200;
    assert_int_equal(bound_after_a_segment(t, MOST / 4), MOST / 4 + 2 * (LEN + 200));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rcvbuf_badly_filled_segment_opens_half_the_window),
        TEST(rcvbuf_bound_grows_by_two_of_the_segment_at_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
