/* lua/drill/system/poll.c: what is true of a socket, after tcp_poll of Linux's net/ipv4/tcp.c. */
#include "systems.h"

/* Of poll(2), as asm-generic/poll.h numbers them. */
enum {
    IN = 0x001 | 0x040,  /* POLLIN | POLLRDNORM */
    OUT = 0x004 | 0x100, /* POLLOUT | POLLWRNORM */
    ERR = 0x008,
    HUP = 0x010,
    NVAL = 0x020,
    RDHUP = 0x2000,
};

/* TCP_CLOSE is POLLHUP, and nothing keeps a write from failing at once. */
static void poll_fresh_socket_is_hung_up_and_writable(void **state)
{
    systems s;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    assert_int_equal(dw_sys_poll(s.client, new_socket(s.client)), OUT | HUP);
    assert_int_equal(dw_sys_poll(s.client, 77), NVAL);
    systems_free(&s);
}

/* inet_csk_listen_poll: readable when accept would not wait. */
static void poll_listener_connection_is_readable(void **state)
{
    systems s;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    int listener = listens(&s);
    assert_int_equal(dw_sys_poll(s.server, listener), 0);
    connecting(&s);
    pass(&s, 10);
    assert_int_equal(dw_sys_poll(s.server, listener), IN);
    systems_free(&s);
}

/* "Connected or passive Fast Open socket?": TCP_SYN_SENT is neither. */
static void poll_connecting_is_nothing_until_connected(void **state)
{
    systems s;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    listens(&s);
    int fd = connecting(&s);
    assert_int_equal(dw_sys_poll(s.client, fd), 0);
    pass(&s, 10);
    assert_int_equal(dw_sys_poll(s.client, fd), OUT);
    systems_free(&s);
}

/* tcp_stream_is_readable: SO_RCVLOWAT octets. */
static void poll_data_below_lowat_is_not_readable(void **state)
{
    systems s;
    int client, server;
    const int32_t lowat = 100;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    connected(&s, &client, &server);
    assert_int_equal(
        dw_sys_setsockopt(s.server, server, DW_SOL_SOCKET, DW_SO_RCVLOWAT, &lowat, sizeof lowat),
        0);
    send_octets(s.client, client, 99);
    pass(&s, 10);
    assert_int_equal(dw_sys_poll(s.server, server), OUT);
    send_octets(s.client, client, 1);
    pass(&s, 60); /* Nagle's algorithm and a delayed ACK */
    assert_int_equal(dw_sys_poll(s.server, server), OUT | IN);
    systems_free(&s);
}

/* "EPOLLHUP is a special case": it needs both directions shut, EPOLLRDHUP the peer's alone. */
static void poll_fin_is_rdhup_and_hup_with_own_shutdown(void **state)
{
    systems s;
    int client, server;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    connected(&s, &client, &server);
    assert_int_equal(dw_sys_shutdown(s.client, client, 1), 0);
    pass(&s, 10);
    assert_int_equal(dw_sys_poll(s.server, server), OUT | IN | RDHUP);
    assert_int_equal(dw_sys_shutdown(s.server, server, 1), 0);
    assert_int_equal(dw_sys_poll(s.server, server), OUT | IN | RDHUP | HUP);
    systems_free(&s);
}

/* A reset: sk_err is POLLERR until it is told, sk_shutdown and TCP_CLOSE the rest for good. */
static void poll_reset_is_hup_for_good_and_err_until_told(void **state)
{
    systems s;
    int client, server;
    const int32_t linger[2] = {1, 0};
    char octet;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    connected(&s, &client, &server);
    dw_sys_setsockopt(s.server, server, DW_SOL_SOCKET, DW_SO_LINGER, linger, sizeof linger);
    assert_int_equal(dw_sys_close(s.server, server), 0);
    pass(&s, 10);
    assert_int_equal(dw_sys_poll(s.client, client), OUT | IN | RDHUP | HUP | ERR);
    assert_int_equal(dw_sys_recv(s.client, client, &octet, 1, 0), -DW_ECONNRESET);
    assert_int_equal(dw_sys_poll(s.client, client), OUT | IN | RDHUP | HUP);
    systems_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(poll_fresh_socket_is_hung_up_and_writable),
        cmocka_unit_test(poll_listener_connection_is_readable),
        cmocka_unit_test(poll_connecting_is_nothing_until_connected),
        cmocka_unit_test(poll_data_below_lowat_is_not_readable),
        cmocka_unit_test(poll_fin_is_rdhup_and_hup_with_own_shutdown),
        cmocka_unit_test(poll_reset_is_hup_for_good_and_err_until_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
