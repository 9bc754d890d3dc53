/* proto/tcp/tcp_rtt.c: the numbers of RFC 6298. */
#include "fake_host.h"
#include "tcp/tcp_rtt.h"
#include "tcp/tcp_user.h"

/* A connection of which nothing has been measured, whose bounds of the timeout do not matter. */
static dw_tcb *unmeasured(void)
{
    dw_socket *user;
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    fake.tcp->profile.rto_min = 1;
    fake.tcp->profile.rto_max = DW_HOUR;
    fake.tcp->profile.rto_var_floor = 0;
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &user), DW_OK);
    return the_tcb();
}

/* (2.2): SRTT <- R, RTTVAR <- R/2, RTO <- SRTT + max (G, K*RTTVAR) where K = 4. */
static void rtt_first_sample_is_the_estimate(void **state)
{
    (void)state;
    dw_tcb *t = unmeasured();
    dw_tcp_rtt_sample(t, 100 * DW_MILLISECOND);
    assert_int_equal(t->srtt, 100 * DW_MILLISECOND);
    assert_int_equal(t->rttvar, 50 * DW_MILLISECOND);
    assert_int_equal(t->rto, 300 * DW_MILLISECOND);
}

/* (2.3): RTTVAR <- (1 - beta) * RTTVAR + beta * |SRTT - R'|, SRTT <- (1 - alpha) * SRTT + alpha *
 * R', with alpha = 1/8 and beta = 1/4: 3/4 * 50 + 1/4 * 80 = 57.5 ms, 7/8 * 100 + 1/8 * 180 = 110
 * ms. */
static void rtt_later_sample_has_gains_of_an_eighth_and_a_quarter(void **state)
{
    (void)state;
    dw_tcb *t = unmeasured();
    dw_tcp_rtt_sample(t, 100 * DW_MILLISECOND);
    dw_tcp_rtt_sample(t, 180 * DW_MILLISECOND);
    assert_int_equal(t->srtt, 110 * DW_MILLISECOND);
    assert_int_equal(t->rttvar, 57500 * DW_MICROSECOND);
    assert_int_equal(t->rto, 340 * DW_MILLISECOND);
}

/* The difference counts whichever way it goes: 3/4 * 50 + 1/4 * 40 = 47.5 ms. */
static void rtt_faster_sample_widens_the_variance_as_well(void **state)
{
    (void)state;
    dw_tcb *t = unmeasured();
    dw_tcp_rtt_sample(t, 100 * DW_MILLISECOND);
    dw_tcp_rtt_sample(t, 60 * DW_MILLISECOND);
    assert_int_equal(t->srtt, 95 * DW_MILLISECOND);
    assert_int_equal(t->rttvar, 47500 * DW_MICROSECOND);
}

/* (5.5): RTO <- RTO * 2. */
static void rtt_backoff_doubles_the_timeout(void **state)
{
    (void)state;
    dw_tcb *t = unmeasured();
    dw_tcp_rtt_sample(t, 100 * DW_MILLISECOND);
    dw_tcp_rtt_backoff(t);
    assert_int_equal(t->rto, 600 * DW_MILLISECOND);
    dw_tcp_rtt_restore(t);
    assert_int_equal(t->rto, 300 * DW_MILLISECOND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rtt_first_sample_is_the_estimate),
        TEST(rtt_later_sample_has_gains_of_an_eighth_and_a_quarter),
        TEST(rtt_faster_sample_widens_the_variance_as_well),
        TEST(rtt_backoff_doubles_the_timeout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
