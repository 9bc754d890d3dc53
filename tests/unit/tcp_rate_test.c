/* proto/tcp/tcp_rate.c: samples of the delivery rate (draft-ietf-ccwg-bbr section 4.1). */
#include "fake_host.h"
#include "tcp/tcp_news.h"
#include "tcp/tcp_rate.h"
#include "tcp/tcp_user.h"

static dw_tcb *with_one_segment(void)
{
    static const uint8_t sack_permitted[] = {4, 2, 1, 1};
    dw_socket *user;
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    dw_slice data = {.buf = dw_buf_new(NULL, 100), .len = 100};
    fake.tcp->profile.recovery = DW_TCP_RECOVERY_SACK;
    fake.tcp->profile.sack = true;
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &user), DW_OK);
    rx(.flags = DW_TCP_SYN | DW_TCP_ACK, .seq = 5000, .ack = 1001, .options = sack_permitted,
       .options_len = sizeof sack_permitted);
    advance_to(7 * DW_MILLISECOND);
    memset(data.buf->bytes, 'y', data.len);
    assert_int_equal(dw_tcp_sockets.send(user, &data, 1), data.len);
    return the_tcb();
}

/* 4.1.2.3: "Mark the packet as delivered once it's SACKed to avoid being used again when it's
 * cumulatively acked." */
static void rate_segment_gives_one_sample(void **state)
{
    (void)state;
    dw_tcb *t = with_one_segment();
    dw_segment s = *dw_segment_at(&t->rtx, 0);
    dw_tcp_news sacked = {.rate_sent_at = -1}, acked = {.rate_sent_at = -1};
    dw_tcp_rate_delivered(t, &s, &sacked);
    assert_int_equal(sacked.rate_sent_at, 7 * DW_MILLISECOND);
    dw_tcp_rate_delivered(t, &s, &acked);
    assert_int_equal(acked.rate_sent_at, -1);
}

/* 4.1.2.4: an interval "below min_rtt" is invalid; before there is a sample of the round trip, and
 * on a path without delay, it is one of 0, of which there is no rate. */
static void rate_of_no_time_at_all_is_none(void **state)
{
    (void)state;
    dw_tcb *t = with_one_segment();
    t->rec->min_rtt = 0;
    const dw_tcp_news n = {.delivered = 1, .rate_sent_at = fake.now, .rate_prior_at = fake.now};
    dw_congestion_ack ack = {.now = fake.now, .interval = 77};
    dw_tcp_rate_sample(t, &n, &ack);
    assert_int_equal(ack.interval, 0);
    t->rec->min_rtt = 3;
    ack.now = fake.now + 2;
    dw_tcp_rate_sample(t, &n, &ack);
    assert_int_equal(ack.interval, 0);
    ack.now = fake.now + 3;
    dw_tcp_rate_sample(t, &n, &ack);
    assert_int_equal(ack.interval, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rate_segment_gives_one_sample, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(rate_of_no_time_at_all_is_none, fake_setup, fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
