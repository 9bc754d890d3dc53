/* proto/tcp/tcp_profile.c: what a host's TCP and a connection's can be set to. */
#include "fake_host.h"
#include "tcp/tcp_user.h"

/* Linux: MAX_TCP_SYNCNT of include/net/tcp.h, for TCP_SYNCNT. */
static void profile_retransmissions_of_a_syn_are_127_at_most(void **state)
{
    dw_socket *user;
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    char why[200];
    (void)state;
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &user), DW_OK);
    assert_int_equal(dw_tcp_sockets.set(user, "syn_retries", "127", why, sizeof why), DW_OK);
    assert_int_equal(dw_tcp_sockets.set(user, "syn_retries", "128", why, sizeof why), DW_E_INVAL);
    assert_string_equal(why, "syn_retries: 128 is outside 0 to 127");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(profile_retransmissions_of_a_syn_are_127_at_most,
                                        fake_setup, fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
