/* proto/tcp/tcp_pmtu.c: the path MTU that a message means. */
#include "fake_host.h"
#include "tcp/tcp_pmtu.h"
#include "tcp/tcp_user.h"

/* RFC 1191 section 7.1, Table 7-1, from Ethernet down: "routers of the old style" tell no size, and
 * the next lower plateau is tried. */
static void pmtu_without_a_size_goes_down_the_plateaus(void **state)
{
    static const uint32_t plateaus[] = {1492, 1006, 508, 296, 68};
    static const uint8_t mss[] = {2, 4, 0x05, 0xb4};
    dw_socket *user;
    dw_flow flow = {.remote = there, .remote_port = PEER_PORT, .local_port = MY_PORT};
    (void)state;
    fake.tcp->profile.pmtu_discovery = true;
    fake.tcp->profile.pmtu_untold = DW_TCP_UNTOLD_RFC1191;
    fake.tcp->profile.min_pmtu = 68;
    assert_int_equal(dw_tcp_sockets.connect(fake.tcp, &flow, &user), DW_OK);
    rx(.flags = DW_TCP_SYN | DW_TCP_ACK, .seq = 5000, .ack = 1001, .options = mss,
       .options_len = sizeof mss);
    dw_tcb *t = the_tcb();
    assert_int_equal(t->snd_mss, 1460);
    for (size_t i = 0; i < sizeof plateaus / sizeof plateaus[0]; i++) {
        dw_tcp_too_big(t, 0);
        assert_int_equal(dw_tcp_path_mtu(fake.tcp, &there), plateaus[i]);
        assert_int_equal(t->snd_mss, plateaus[i] - 40);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pmtu_without_a_size_goes_down_the_plateaus, fake_setup,
                                        fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
