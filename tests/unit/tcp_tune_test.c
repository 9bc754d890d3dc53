/* proto/tcp/tcp_tune.c: buffers that grow with the path; the round trip as a receiver sees it. */
#include "fake_host.h"
#include "tcp/tcp_timestamp.h"
#include "tcp/tcp_tune.h"
#include "tcp/tcp_user.h"

enum { SMSS = 536 };

static const uint8_t *timestamps(uint32_t value, uint32_t echo)
{
    static uint8_t o[12] = {1, 1, 8, 10};
    dw_put32(o + 4, value);
    dw_put32(o + 8, echo);
    return o;
}

/* So many octets of new data, that echo what this host would send now. */
static void rx_data(dw_tcb *t, uint32_t value, uint32_t len)
{
    rx(.flags = DW_TCP_ACK, .seq = t->rcv_nxt, .ack = 1001, .len = len, .wnd = 20000,
       .options = timestamps(value, dw_tcp_timestamp_now(t)), .options_len = 12);
}

static dw_tcb *established(void)
{
    dw_socket *user;
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    fake.tcp->profile.timestamps = true;
    fake.tcp->profile.receive_autotune = true;
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &user), DW_OK);
    rx(.flags = DW_TCP_SYN | DW_TCP_ACK, .seq = 5000, .ack = 1001, .wnd = 20000,
       .options = timestamps(7000, 0), .options_len = 12);
    assert_true(the_tcb()->ts_ok);
    return the_tcb();
}

/* tcp_rcv_rtt_measure_ts: "if (!delta) delta = 1": what took less than a tick of the timestamps is
 * known all the same. */
static void tune_round_trip_within_a_tick_is_known(void **state)
{
    (void)state;
    dw_tcb *t = established();
    t->srtt = 0;
    rx_data(t, 7001, SMSS);
    assert_non_null(t->tuning);
    assert_int_equal(t->tuning->rtt, 1);
}

/* "len >= tp->icsk_ack.rcv_mss" there: segments as large as the largest tell the round trip,
 * smaller ones may have waited for data. */
static void tune_round_trip_is_told_by_whole_segments(void **state)
{
    (void)state;
    dw_tcb *t = established();
    rx_data(t, 7001, SMSS);
    t->tuning->rtt = 0;
    t->srtt = 0;
    t->tuning->echo = 0;
    rx_data(t, 7002, SMSS - 1);
    assert_int_equal(t->tuning->rtt, 0);
    rx_data(t, 7003, SMSS);
    assert_int_equal(t->tuning->rtt, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tune_round_trip_within_a_tick_is_known),
        TEST(tune_round_trip_is_told_by_whole_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
