/* lua/drill/system/stream_open.c: bind(2), listen(2), accept(2), connect(2). */
#include "systems.h"

/* accept(2): the address of the peer socket. */
static void accept_gives_the_peers_address_and_port(void **state)
{
    systems s;
    dw_addr addr, client_address;
    uint16_t port;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    int listener = listens(&s);
    int client = new_socket(s.client);
    const dw_addr any = dw_addr_v4(0);
    assert_int_equal(dw_sys_bind(s.client, client, &any, 4711), 0);
    dw_addr to = dw_node_address(s.nodes[1]);
    assert_int_equal(dw_sys_connect(s.client, client, &to, PORT), -DW_EINPROGRESS);
    pass(&s, 10);
    assert_true(dw_sys_accept(s.server, listener, 0, &addr, &port) >= 0);
    client_address = dw_node_address(s.nodes[0]);
    assert_true(dw_addr_equal(&addr, &client_address));
    assert_int_equal(port, 4711);
    systems_free(&s);
}

/* "EAGAIN: the socket is marked nonblocking and no connections are present", "EINVAL: socket is not
 * listening", "ENOTSOCK", "EBADF". */
static void accept_without_a_connection_is_refused(void **state)
{
    systems s;
    int pipe[2];
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    int listener = listens(&s), fresh = new_socket(s.server);
    assert_int_equal(dw_sys_pipe(s.server, pipe), 0);
    assert_int_equal(dw_sys_accept(s.server, listener, 0, NULL, NULL), -11);
    assert_int_equal(dw_sys_accept(s.server, fresh, 0, NULL, NULL), -22);
    assert_int_equal(dw_sys_accept(s.server, pipe[0], 0, NULL, NULL), -88);
    assert_int_equal(dw_sys_accept(s.server, 77, 0, NULL, NULL), -9);
    systems_free(&s);
}

/* EINPROGRESS, EALREADY while it is being made; then 0 once, and EISCONN (inet_stream_connect of
 * net/ipv4/af_inet.c). */
static void connect_again_tells_how_far_it_is(void **state)
{
    systems s;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    listens(&s);
    int fd = connecting(&s);
    dw_addr to = dw_node_address(s.nodes[1]);
    assert_int_equal(dw_sys_connect(s.client, fd, &to, PORT), -114);
    pass(&s, 10);
    assert_int_equal(dw_sys_connect(s.client, fd, &to, PORT), 0);
    assert_int_equal(dw_sys_connect(s.client, fd, &to, PORT), -106);
    systems_free(&s);
}

/* A refused connection is told once, and the socket may try again; AF_UNSPEC dissolves one. */
static void connect_after_refusal_or_unspec_begins_anew(void **state)
{
    systems s;
    const dw_addr unspec = {0};
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    int fd = connecting(&s);
    dw_addr to = dw_node_address(s.nodes[1]);
    pass(&s, 10);
    assert_int_equal(dw_sys_connect(s.client, fd, &to, PORT), -111);
    assert_int_equal(dw_sys_connect(s.client, fd, &to, PORT), -115);
    assert_int_equal(dw_sys_connect(s.client, fd, &unspec, 0), 0);
    listens(&s);
    assert_int_equal(dw_sys_connect(s.client, fd, &to, PORT), -115);
    pass(&s, 10);
    assert_int_equal(dw_sys_connect(s.client, fd, &to, PORT), 0);
    systems_free(&s);
}

/* EADDRINUSE, unless both have SO_REUSEADDR and neither listens (socket(7)). */
static void bind_port_in_use_is_refused(void **state)
{
    systems s;
    const dw_addr any = dw_addr_v4(0);
    const int32_t on = 1;
    (void)state;
    systems_new(&s, DW_SYS_LINUX);
    int a = new_socket(s.server), b = new_socket(s.server);
    assert_int_equal(dw_sys_bind(s.server, a, &any, PORT), 0);
    assert_int_equal(dw_sys_bind(s.server, a, &any, PORT), -22); /* bound already */
    assert_int_equal(dw_sys_bind(s.server, b, &any, PORT), -98);
    dw_sys_setsockopt(s.server, a, DW_SOL_SOCKET, DW_SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(dw_sys_bind(s.server, b, &any, PORT), -98);
    dw_sys_setsockopt(s.server, b, DW_SOL_SOCKET, DW_SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(dw_sys_bind(s.server, b, &any, PORT), 0);
    int c = new_socket(s.server);
    dw_sys_setsockopt(s.server, c, DW_SOL_SOCKET, DW_SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(dw_sys_listen(s.server, a, 1), 0);
    assert_int_equal(dw_sys_bind(s.server, c, &any, PORT), -98);
    systems_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accept_gives_the_peers_address_and_port),
        cmocka_unit_test(accept_without_a_connection_is_refused),
        cmocka_unit_test(connect_again_tells_how_far_it_is),
        cmocka_unit_test(connect_after_refusal_or_unspec_begins_anew),
        cmocka_unit_test(bind_port_in_use_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
