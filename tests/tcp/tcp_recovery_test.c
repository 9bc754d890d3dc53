/* Loss recovery with a scoreboard (proto/tcp/tcp_recovery.h lists its files): the numbers in it. */
#include "fake_host.h"
#include "tcp/tcp_cwnd.h"
#include "tcp/tcp_news.h"
#include "tcp/tcp_rack.h"
#include "tcp/tcp_undo.h"
#include "tcp/tcp_user.h"

enum { SMSS = 536 };

static dw_socket *user;

/* With SACK and RACK; units are octets. */
static dw_tcb *established(void)
{
    static const uint8_t sack_permitted[] = {4, 2, 1, 1};
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    fake.tcp->profile.recovery = DW_TCP_RECOVERY_RACK;
    fake.tcp->profile.sack = true;
    fake.tcp->profile.prr = true;
    fake.tcp->profile.initial_window = 10;
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &user), DW_OK);
    advance_to(4 * DW_MILLISECOND);
    rx(.flags = DW_TCP_SYN | DW_TCP_ACK, .seq = 5000, .ack = 1001, .wnd = 20000,
       .options = sack_permitted, .options_len = sizeof sack_permitted);
    dw_tcb *t = the_tcb();
    assert_true(t->sack_ok);
    assert_non_null(t->rec);
    assert_false(t->rec->segments);
    assert_int_equal(t->snd_mss, SMSS);
    return t;
}

static void send_segments(uint32_t count)
{
    uint32_t len = count * SMSS;
    dw_slice data = {.buf = dw_buf_new(NULL, len), .len = len};
    memset(data.buf->bytes, 'y', len);
    assert_int_equal(dw_tcp_sockets.send(user, &data, 1), len);
}

/* An ACK with a SACK block of whole segments, the first of which has number 0. */
static void rx_sack(uint32_t ack, uint32_t from, uint32_t to)
{
    uint8_t options[12] = {1, 1, 5, 10};
    dw_put32(options + 4, 1001 + from * SMSS);
    dw_put32(options + 8, 1001 + to * SMSS);
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1001 + ack * SMSS, .wnd = 20000, .options = options,
       .options_len = sizeof options);
}

static void sample(dw_tcb *t, dw_time rtt)
{
    dw_tcp_news n;
    dw_tcp_news_begin(t, NULL, t->snd_una, &n);
    n.acked_sent_at = fake.now - rtt;
    dw_tcp_news_sample(t, NULL, &n);
}

/* Linux's tcp_min_rtt_wlen is 300 s: "the window length of the windowed min filter to track the
 * minimum RTT". */
static void recovery_min_rtt_is_of_the_last_five_minutes(void **state)
{
    (void)state;
    dw_tcb *t = established();
    advance_to(10 * DW_SECOND);
    sample(t, DW_MILLISECOND);
    advance_to(310 * DW_SECOND);
    sample(t, 50 * DW_MILLISECOND);
    assert_int_equal(t->rec->min_rtt, DW_MILLISECOND);
    advance_to(310 * DW_SECOND + 1);
    sample(t, 50 * DW_MILLISECOND);
    assert_int_equal(t->rec->min_rtt, 50 * DW_MILLISECOND);
}

/* As if ten segments were outstanding, one of which has left the network. */
static dw_tcb *reducing(void)
{
    dw_tcb *t = established();
    t->rec->out = 10 * SMSS;
    t->rec->sacked = SMSS;
    t->rec->prior_cwnd = 10 * SMSS;
    t->cc.ssthresh = 5 * SMSS;
    return t;
}

/* RFC 9937 section 6.1 (and RFC 6937): the first retransmission goes, however little was delivered:
 * SndCnt is SMSS at least while prr_out is 0. */
static void recovery_first_retransmission_goes_whatever_was_delivered(void **state)
{
    (void)state;
    dw_tcb *t = reducing();
    dw_tcp_recovery_reduce(t, 1, 0, false);
    assert_int_equal(t->cc.cwnd, 9 * SMSS + SMSS);
}

/* Afterwards the rate is ssthresh / RecoverFS: of two segments delivered one is sent. */
static void recovery_then_sends_in_proportion_to_what_is_delivered(void **state)
{
    (void)state;
    dw_tcb *t = reducing();
    t->rec->prr_out = SMSS;
    dw_tcp_recovery_reduce(t, 2 * SMSS, 0, false);
    assert_int_equal(t->cc.cwnd, 9 * SMSS);
    dw_tcp_recovery_reduce(t, 2 * SMSS, 0, false);
    assert_int_equal(t->cc.cwnd, 9 * SMSS + SMSS);
}

/* RFC 2018 section 8, and Linux's tcp_check_sack_reneging: half of SRTT, 10 ms at least. */
static void recovery_suspects_reneging_for_ten_milliseconds_at_least(void **state)
{
    (void)state;
    dw_tcb *t = established();
    assert_int_equal(t->srtt, 4 * DW_MILLISECOND);
    send_segments(5);
    advance_to(8 * DW_MILLISECOND);
    rx_sack(0, 1, 2);
    rx_sack(1, 3, 4); /* it acknowledges the first, but not the second, which it had SACKed */
    assert_int_equal(t->deadline[DW_TCP_TIMER_RETRANSMIT], 18 * DW_MILLISECOND);
}

static void recovery_suspects_reneging_for_half_a_round_trip(void **state)
{
    (void)state;
    dw_tcb *t = established();
    send_segments(5);
    advance_to(8 * DW_MILLISECOND);
    rx_sack(0, 1, 2);
    t->srtt = 60 * DW_MILLISECOND;
    t->rttvar = 0;
    dw_time before = t->srtt;
    rx_sack(1, 3, 4);
    assert_true(t->srtt <= before && t->srtt > 20 * DW_MILLISECOND);
    assert_int_equal(t->deadline[DW_TCP_TIMER_RETRANSMIT], 8 * DW_MILLISECOND + t->srtt / 2);
}

/* RFC 8985 section 6.2 step 4: a DSACK widens the reordering window by a quarter of the least round
 * trip; "RACK.reo_wnd_persist = 16": after 16 recoveries without another it is one quarter again.
 */
static void recovery_reordering_window_stays_wide_for_sixteen_recoveries(void **state)
{
    (void)state;
    dw_tcb *t = established();
    t->rec->rack_dsack = true;
    dw_tcp_rack_adapt(t, 0);
    assert_int_equal(t->rec->rack_steps, 2);
    for (int i = 0; i < 15; i++) {
        dw_tcp_undo_recovery(t, NULL);
        dw_tcp_rack_adapt(t, t->rec->delivered_total);
    }
    assert_int_equal(t->rec->rack_steps, 2);
    dw_tcp_undo_recovery(t, NULL);
    dw_tcp_rack_adapt(t, t->rec->delivered_total);
    assert_int_equal(t->rec->rack_steps, 1);
}

/* A further DSACK, when it undoes a recovery, begins the count of 16 anew. */
static void recovery_undone_by_dsack_keeps_the_window_wide_for_longer(void **state)
{
    (void)state;
    dw_tcb *t = established();
    fake.tcp->profile.undo = true;
    t->rec->rack_persist = 15;
    t->rec->undo = true;
    t->rec->undo_retransmitted = 0;
    assert_true(dw_tcp_undo_by_dsack(t));
    assert_int_equal(t->rec->rack_persist, 16);
    t->rec->undo = true;
    assert_true(dw_tcp_undo_by_dsack(t));
    assert_int_equal(t->rec->rack_persist, 16);
}

/* RFC 8985 section 6.2, step 4: a DSACK says that a segment was sent again for nothing, and the
 * reordering window becomes wider, once in a round trip. */
static void recovery_dsack_widens_the_reordering_window(void **state)
{
    (void)state;
    dw_tcb *t = established();
    t->rec->reorderings = 1;
    t->rec->retransmitted_total = SMSS; /* one was sent again */
    send_segments(4);
    assert_int_equal(t->rec->rack_steps, 1);
    rx_sack(2, 0, 1); /* what lies below the ACK has come twice (RFC 2883 section 4) */
    rx_sack(3, 2, 2);
    assert_int_equal(t->rec->rack_steps, 2);
}

/* Linux's tcp_enter_loss: "Timeout in disordered state after receiving substantial DUPACKs suggests
 * that the degree of reordering is over-estimated." */
static void recovery_timeout_in_disorder_takes_reordering_back(void **state)
{
    (void)state;
    dw_tcb *t = established();
    t->rec->rack = false;
    t->rec->reordering = 10;
    send_segments(8);
    rx_sack(0, 5, 8);
    assert_int_equal(t->cc.state, DW_CONGESTION_DISORDER);
    assert_int_equal(t->rec->reordering, 10);
    advance_to(fake.now + 2 * DW_SECOND);
    assert_int_equal(t->cc.state, DW_CONGESTION_LOSS);
    assert_int_equal(t->rec->reordering, 3);
}

/* What was made up on the scoreboard is not there when the connection ends. */
static int put_right(void **state)
{
    dw_tcb *t = the_tcb();
    if (t && t->rec && t->rtx.count == 0) t->rec->out = t->rec->sacked = 0;
    return fake_teardown(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, put_right)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(recovery_min_rtt_is_of_the_last_five_minutes),
        TEST(recovery_first_retransmission_goes_whatever_was_delivered),
        TEST(recovery_then_sends_in_proportion_to_what_is_delivered),
        TEST(recovery_suspects_reneging_for_ten_milliseconds_at_least),
        TEST(recovery_suspects_reneging_for_half_a_round_trip),
        TEST(recovery_reordering_window_stays_wide_for_sixteen_recoveries),
        TEST(recovery_undone_by_dsack_keeps_the_window_wide_for_longer),
        TEST(recovery_dsack_widens_the_reordering_window),
        TEST(recovery_timeout_in_disorder_takes_reordering_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
