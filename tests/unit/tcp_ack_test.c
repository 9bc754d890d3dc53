/* proto/tcp/tcp_ack.c: what an acknowledgment does to a sender without a scoreboard. */
#include "fake_host.h"
#include "tcp/tcp_user.h"

static int samples;
static dw_time last_sample;

static void count_sample(dw_congestion *cc, const dw_congestion_ack *ack)
{
    (void)cc;
    samples++;
    last_sample = ack->rtt;
}

/* plugin.h: on_sample is called for "every ACK that gave a sample"; on a path without delay that is
 * one of 0 ns. */
static void ack_sample_of_zero_is_a_sample(void **state)
{
    static dw_congestion_ops ops;
    dw_socket *user;
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    dw_slice data = {.buf = dw_buf_new(NULL, 100), .len = 100};
    (void)state;
    fake.tcp->profile.recovery = DW_TCP_RECOVERY_NEWRENO;
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &user), DW_OK);
    rx(.flags = DW_TCP_SYN | DW_TCP_ACK, .seq = 5000, .ack = 1001);
    dw_tcb *t = the_tcb();
    assert_null(t->rec);
    ops = *t->cc.ops;
    ops.size = sizeof ops;
    ops.on_sample = count_sample;
    t->cc.ops = &ops;
    memset(data.buf->bytes, 'y', data.len);
    assert_int_equal(dw_tcp_sockets.send(user, &data, 1), data.len);
    samples = 0;
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1101);
    assert_int_equal(samples, 1);
    assert_int_equal(last_sample, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ack_sample_of_zero_is_a_sample, fake_setup, fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
