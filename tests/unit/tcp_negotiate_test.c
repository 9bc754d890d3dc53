/* proto/tcp/tcp_negotiate.c: what the options of a SYN and its answer agree on. */
#include "fake_host.h"
#include "tcp/tcp_user.h"

static const uint8_t *timestamps(uint32_t value, uint32_t echo)
{
    static uint8_t o[12] = {1, 1, 8, 10};
    dw_put32(o + 4, value);
    dw_put32(o + 8, echo);
    return o;
}

/* RFC 7323 section 5.5: TS.Recent is invalid when more than 24 days have passed since it came,
 * which for a new connection is since its SYN, however long the host has run. */
static void negotiate_timestamp_of_a_syn_is_new(void **state)
{
    dw_socket *user;
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    (void)state;
    advance_to(60 * 24 * 3600 * DW_SECOND);
    fake.tcp->profile.timestamps = true;
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &user), DW_OK);
    rx(.flags = DW_TCP_SYN | DW_TCP_ACK, .seq = 5000, .ack = 1001, .options = timestamps(7000, 0),
       .options_len = 12);
    assert_true(the_tcb()->ts_ok);
    rx(.flags = DW_TCP_ACK, .seq = 5001, .ack = 1001, .len = 10, .options = timestamps(6999, 0),
       .options_len = 12);
    assert_non_null(fake.dropped);
    assert_string_equal(fake.dropped->name, "paws");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(negotiate_timestamp_of_a_syn_is_new, fake_setup,
                                        fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
