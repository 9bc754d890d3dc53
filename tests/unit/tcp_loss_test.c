/* proto/tcp/tcp_loss.c: when a segment counts as lost. */
#include "fake_host.h"
#include "tcp/tcp_user.h"

enum { SMALL = 100 }; /* octets of a segment, much less than SMSS */

static dw_socket *user;

/* With SACK, by RFC 6675 alone, and small segments that leave at once. */
static dw_tcb *established(void)
{
    static const uint8_t sack_permitted[] = {4, 2, 1, 1};
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    char why[100];
    fake.tcp->profile.recovery = DW_TCP_RECOVERY_SACK;
    fake.tcp->profile.sack = true;
    fake.tcp->profile.initial_window = 20;
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &user), DW_OK);
    assert_int_equal(dw_tcp_sockets.set(user, "nagle", "false", why, sizeof why), DW_OK);
    rx(.flags = DW_TCP_SYN | DW_TCP_ACK, .seq = 5000, .ack = 1001, .wnd = 60000,
       .options = sack_permitted, .options_len = sizeof sack_permitted);
    assert_true(the_tcb()->sack_ok);
    return the_tcb();
}

static void send_small_segments(int count)
{
    for (int i = 0; i < count; i++) {
        dw_slice data = {.buf = dw_buf_new(NULL, SMALL), .len = SMALL};
        memset(data.buf->bytes, 'y', SMALL);
        assert_int_equal(dw_tcp_sockets.send(user, &data, 1), SMALL);
    }
}

/* The segment of that number arrived; those before the first are acknowledged. */
static void sacked(uint32_t number)
{
    uint8_t options[12] = {1, 1, 5, 10};
    dw_put32(options + 4, 1001 + number * SMALL);
    dw_put32(options + 8, 1001 + (number + 1) * SMALL);
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1001, .wnd = 60000, .options = options,
       .options_len = sizeof options);
}

static bool is_lost(dw_tcb *t, uint32_t number)
{
    return dw_segment_at(&t->rtx, number)->marks & DW_MARK_LOST;
}

/* RFC 6675 section 4, IsLost: "when either DupThresh discontiguous SACKed sequences have arrived
 * above 'SeqNum' or more than (DupThresh - 1) * SMSS bytes ... have been SACKed"; DupThresh is 3.
 */
static void loss_three_stretches_above_are_enough(void **state)
{
    (void)state;
    dw_tcb *t = established();
    send_small_segments(9);
    sacked(1);
    sacked(4);
    assert_false(is_lost(t, 0));
    sacked(6);
    assert_true(is_lost(t, 0));
    assert_false(is_lost(t, 2)); /* two are above it */
    sacked(8);
    assert_true(is_lost(t, 2));
    assert_true(is_lost(t, 3));
    assert_false(is_lost(t, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(loss_three_stretches_above_are_enough, fake_setup,
                                        fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
