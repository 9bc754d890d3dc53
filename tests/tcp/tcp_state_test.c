/* Every state meets every kind of segment: RFC 9293 section 3.10.7 as a table.
 *
 * The fixture for each state is reached by segments alone.  In all of them ISS is 1000 and the
 * peer's is 5000; where the connection is synchronized SND.NXT is 1001 (1002 once our FIN is out)
 * and RCV.NXT 5001 (5002 once the peer's FIN is in). */
#include "fake_host.h"

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

static void to_closing(void)
{
    to_fin_wait_1();
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

static void to_closed(void)
{
}

static void (*const fixture[DW_TCP_STATES])(void) = {
    [DW_TCP_CLOSED] = to_closed,           [DW_TCP_LISTEN] = to_listen,
    [DW_TCP_SYN_SENT] = to_syn_sent,       [DW_TCP_SYN_RECEIVED] = to_syn_received,
    [DW_TCP_ESTABLISHED] = to_established, [DW_TCP_FIN_WAIT_1] = to_fin_wait_1,
    [DW_TCP_FIN_WAIT_2] = to_fin_wait_2,   [DW_TCP_CLOSE_WAIT] = to_close_wait,
    [DW_TCP_CLOSING] = to_closing,         [DW_TCP_LAST_ACK] = to_last_ack,
    [DW_TCP_TIME_WAIT] = to_time_wait,
};

static uint32_t snd_nxt(enum dw_tcp_state s)
{
    bool fin = s == DW_TCP_FIN_WAIT_1 || s == DW_TCP_FIN_WAIT_2 || s == DW_TCP_CLOSING ||
               s == DW_TCP_LAST_ACK || s == DW_TCP_TIME_WAIT;
    return fin ? 1002 : 1001;
}

static uint32_t rcv_nxt(enum dw_tcp_state s)
{
    bool fin = s == DW_TCP_CLOSE_WAIT || s == DW_TCP_CLOSING || s == DW_TCP_LAST_ACK ||
               s == DW_TCP_TIME_WAIT;
    return fin ? 5002 : 5001;
}

/* The kinds.  All stand at RCV.NXT; those with ACK acknowledge everything that was sent. */
enum kind { SYN, SYN_ACK, ACK, FIN, FIN_ACK, RST, RST_ACK, DATA, KINDS };
static const char *const kind_name[KINDS] = {"SYN",     "SYN,ACK", "ACK",     "FIN",
                                             "FIN,ACK", "RST",     "RST,ACK", "data"};
static const uint8_t kind_flags[KINDS] = {
    DW_TCP_SYN, DW_TCP_SYN | DW_TCP_ACK, DW_TCP_ACK, DW_TCP_FIN, DW_TCP_FIN | DW_TCP_ACK,
    DW_TCP_RST, DW_TCP_RST | DW_TCP_ACK, DW_TCP_ACK};

enum reply {
    NOTHING,
    SENDS_ACK,     /* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */
    SENDS_SYN_ACK, /* <SEQ=ISS><ACK=SEG.SEQ+1><CTL=SYN,ACK> */
    SENDS_RST,     /* <SEQ=SEG.ACK><CTL=RST> */
    SENDS_RST_ACK, /* <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> */
    WAITS          /* the acknowledgment may be delayed (3.8.6.3) */
};

typedef struct cell {
    bool filled; /* a missing cell fails the run */
    enum reply reply;
    enum dw_tcp_state next;
} cell;

#define C(reply_kind, next_state)                                                                  \
    {                                                                                              \
        true, reply_kind, DW_TCP_##next_state                                                      \
    }

static const cell table[DW_TCP_STATES][KINDS] = {
    /* 3.10.7.1: everything but a RST is answered with one. */
    [DW_TCP_CLOSED] = {C(SENDS_RST_ACK, CLOSED), C(SENDS_RST, CLOSED), C(SENDS_RST, CLOSED),
                       C(SENDS_RST_ACK, CLOSED), C(SENDS_RST, CLOSED), C(NOTHING, CLOSED),
                       C(NOTHING, CLOSED), C(SENDS_RST, CLOSED)},
    /* 3.10.7.2: RST is ignored, ACK is bad, SYN opens, anything else is dropped. */
    [DW_TCP_LISTEN] = {C(SENDS_SYN_ACK, SYN_RECEIVED), C(SENDS_RST, LISTEN), C(SENDS_RST, LISTEN),
                       C(NOTHING, LISTEN), C(SENDS_RST, LISTEN), C(NOTHING, LISTEN),
                       C(NOTHING, LISTEN), C(SENDS_RST, LISTEN)},
    /* 3.10.7.3 */
    [DW_TCP_SYN_SENT] = {C(SENDS_SYN_ACK, SYN_RECEIVED), C(SENDS_ACK, ESTABLISHED),
                         C(NOTHING, SYN_SENT), C(NOTHING, SYN_SENT), C(NOTHING, SYN_SENT),
                         C(NOTHING, SYN_SENT), C(NOTHING, CLOSED), C(NOTHING, SYN_SENT)},
    /* 3.10.7.4, this one from LISTEN: RST and SYN bring it back there. */
    [DW_TCP_SYN_RECEIVED] = {C(NOTHING, LISTEN), C(NOTHING, LISTEN), C(NOTHING, ESTABLISHED),
                             C(NOTHING, SYN_RECEIVED), C(SENDS_ACK, CLOSE_WAIT), C(NOTHING, LISTEN),
                             C(NOTHING, LISTEN), C(WAITS, ESTABLISHED)},
    /* 3.10.7.4: SYN is challenged, a FIN needs an ACK to count. */
    [DW_TCP_ESTABLISHED] = {C(SENDS_ACK, ESTABLISHED), C(SENDS_ACK, ESTABLISHED),
                            C(NOTHING, ESTABLISHED), C(NOTHING, ESTABLISHED),
                            C(SENDS_ACK, CLOSE_WAIT), C(NOTHING, CLOSED), C(NOTHING, CLOSED),
                            C(WAITS, ESTABLISHED)},
    /* ACK acknowledges our FIN here. */
    [DW_TCP_FIN_WAIT_1] = {C(SENDS_ACK, FIN_WAIT_1), C(SENDS_ACK, FIN_WAIT_1),
                           C(NOTHING, FIN_WAIT_2), C(NOTHING, FIN_WAIT_1), C(SENDS_ACK, TIME_WAIT),
                           C(NOTHING, CLOSED), C(NOTHING, CLOSED), C(WAITS, FIN_WAIT_2)},
    [DW_TCP_FIN_WAIT_2] = {C(SENDS_ACK, FIN_WAIT_2), C(SENDS_ACK, FIN_WAIT_2),
                           C(NOTHING, FIN_WAIT_2), C(NOTHING, FIN_WAIT_2), C(SENDS_ACK, TIME_WAIT),
                           C(NOTHING, CLOSED), C(NOTHING, CLOSED), C(WAITS, FIN_WAIT_2)},
    /* The peer has finished: text and a second FIN are ignored. */
    [DW_TCP_CLOSE_WAIT] = {C(SENDS_ACK, CLOSE_WAIT), C(SENDS_ACK, CLOSE_WAIT),
                           C(NOTHING, CLOSE_WAIT), C(NOTHING, CLOSE_WAIT), C(NOTHING, CLOSE_WAIT),
                           C(NOTHING, CLOSED), C(NOTHING, CLOSED), C(NOTHING, CLOSE_WAIT)},
    [DW_TCP_CLOSING] = {C(SENDS_ACK, CLOSING), C(SENDS_ACK, CLOSING), C(NOTHING, TIME_WAIT),
                        C(NOTHING, CLOSING), C(NOTHING, TIME_WAIT), C(NOTHING, CLOSED),
                        C(NOTHING, CLOSED), C(NOTHING, TIME_WAIT)},
    [DW_TCP_LAST_ACK] = {C(SENDS_ACK, LAST_ACK), C(SENDS_ACK, LAST_ACK), C(NOTHING, CLOSED),
                         C(NOTHING, LAST_ACK), C(NOTHING, CLOSED), C(NOTHING, CLOSED),
                         C(NOTHING, CLOSED), C(NOTHING, CLOSED)},
    [DW_TCP_TIME_WAIT] = {C(SENDS_ACK, TIME_WAIT), C(SENDS_ACK, TIME_WAIT), C(NOTHING, TIME_WAIT),
                          C(NOTHING, TIME_WAIT), C(NOTHING, TIME_WAIT), C(NOTHING, CLOSED),
                          C(NOTHING, CLOSED), C(NOTHING, TIME_WAIT)},
};

static enum dw_tcp_state state_now(enum dw_tcp_state before)
{
    dw_tcb *t = the_tcb();
    if (t) return t->state;
    if (before == DW_TCP_LISTEN || before == DW_TCP_SYN_RECEIVED)
        return fake.tcp->listeners ? DW_TCP_LISTEN : DW_TCP_CLOSED;
    return DW_TCP_CLOSED;
}

static void check_reply(const cell *c, enum dw_tcp_state before, const rx_segment *s)
{
    uint32_t len = s->len + !!(s->flags & DW_TCP_SYN) + !!(s->flags & DW_TCP_FIN);
    dw_tcb *t = the_tcb();
    switch (c->reply) {
    case NOTHING:
    case WAITS: break;
    case SENDS_ACK: expect_segment(DW_TCP_ACK, t ? t->snd_nxt : snd_nxt(before), t->rcv_nxt); break;
    case SENDS_SYN_ACK: expect_segment(DW_TCP_SYN | DW_TCP_ACK, 1000, s->seq + 1); break;
    case SENDS_RST: expect_segment(DW_TCP_RST, s->ack, 0); break;
    case SENDS_RST_ACK: expect_segment(DW_TCP_RST | DW_TCP_ACK, 0, s->seq + len); break;
    }
    expect_nothing();
    if (c->reply == WAITS) assert_true(dw_tcp_timer_runs(t, DW_TCP_TIMER_DELAYED_ACK));
}

static void run_cell(enum dw_tcp_state before, enum kind kind)
{
    const cell *c = &table[before][kind];
    if (!c->filled) fail_msg("no cell for %s in %s", kind_name[kind], dw_tcp_state_names[before]);
    void *none = NULL;
    fake_setup(&none);
    fixture[before]();
    assert_int_equal(state_now(before), before);
    forget_sent();
    rx_segment s = {.flags = kind_flags[kind],
                    .seq = rcv_nxt(before),
                    .ack = kind_flags[kind] & DW_TCP_ACK ? snd_nxt(before) : 0,
                    .len = kind == DATA ? 100 : 0};
    if (before == DW_TCP_SYN_SENT && kind == SYN_ACK) s.seq = 5000;
    receive(s);
    if (state_now(before) != c->next)
        fail_msg("%s in %s leads to %s, not %s", kind_name[kind], dw_tcp_state_names[before],
                 dw_tcp_state_names[state_now(before)], dw_tcp_state_names[c->next]);
    check_reply(c, before, &s);
    fake_teardown(&none);
}

static void rcv_every_kind_in_every_state(void **state)
{
    (void)state;
    for (int before = 0; before < DW_TCP_STATES; before++)
        for (int kind = 0; kind < KINDS; kind++)
            run_cell(before, kind);
}

/* What a table cannot say. */

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
        cmocka_unit_test(rcv_every_kind_in_every_state),
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
