/* A foreign stack that the program contains. */
#include "engine/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wconversion"
#include "../../examples/stacks/tiny.c"

#include "../../examples/stacks/template.c"

/* "client" has drywire's own TCP, "server" the stack. */
typedef struct network {
    dw_sim *sim;
    dw_node *client, *server;
    char got[16];
    int64_t len;
    int error;
    dw_socket *served;
} network;

static network made(void)
{
    network n = {0};
    dw_direction_config way = DW_INIT(dw_direction_config);
    way.delay_ns = 10 * DW_MILLISECOND;
    assert_int_equal(dw_sim_new(NULL, &n.sim), DW_OK);
    assert_int_equal(dw_node_new(n.sim, "client", &n.client), DW_OK);
    assert_int_equal(dw_node_new(n.sim, "server", &n.server), DW_OK);
    assert_int_equal(dw_link_new(n.client, n.server, &way, NULL, NULL), DW_OK);
    return n;
}

static void answers(dw_socket *socket, uint32_t events, void *user)
{
    network *n = user;
    char bytes[16];
    (void)events;
    int64_t len = dw_socket_recv(socket, bytes, sizeof bytes);
    if (len > 0) assert_int_equal(dw_socket_send(socket, bytes, (size_t)len), len);
    if (len != DW_E_CLOSED) return;
    dw_socket_close(socket);
    n->served = NULL;
}

static void accepts(dw_socket *listener, uint32_t events, void *user)
{
    network *n = user;
    (void)events;
    assert_int_equal(dw_socket_accept(listener, answers, n, &n->served), DW_OK);
    /* The FIN came at the same moment, for the link is infinitely fast. */
    assert_string_equal(dw_socket_state(n->served), "CLOSE-WAIT");
}

static void asks(dw_socket *socket, uint32_t events, void *user)
{
    network *n = user;
    if (events & DW_SOCKET_CONNECTED) {
        assert_int_equal(dw_socket_send(socket, "hello", 5), 5);
        assert_int_equal(dw_socket_shutdown(socket), DW_OK);
    }
    if (events & DW_SOCKET_ERROR) n->error = dw_socket_error(socket);
    int64_t len = dw_socket_recv(socket, n->got + n->len, sizeof n->got - (size_t)n->len);
    if (len > 0) n->len += len;
    if (len == DW_E_CLOSED) dw_socket_close(socket);
}

static void connect_to(network *n, uint16_t port)
{
    dw_socket *socket;
    const dw_flow flow = {.remote = dw_node_address(n->server), .remote_port = port};
    assert_int_equal(dw_socket_connect(n->client, "tcp", &flow, asks, n, &socket), DW_OK);
}

static void stack_added_serves_and_comes_to_rest(void **state)
{
    (void)state;
    network n = made();
    dw_socket *listener;
    assert_null(dw_stack_name(n.server));
    assert_int_equal(dw_stack_add(n.server, dw_stack_entry(), NULL, 0), DW_OK);
    assert_string_equal(dw_stack_name(n.server), "tiny");
    assert_int_equal(
        dw_socket_listen(n.server, "tcp", &(dw_flow){.local_port = 80}, 0, accepts, &n, &listener),
        DW_OK);
    connect_to(&n, 80);
    assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_OK);
    assert_int_equal(n.len, 5);
    assert_memory_equal(n.got, "hello", 5);
    assert_null(n.served);
    /* Its tick goes on for ever, and keeps nobody. */
    assert_true(dw_sim_idle(n.sim));
    assert_int_equal(dw_sim_next(n.sim) % (10 * DW_MILLISECOND), 0);
    dw_time now = dw_sim_now(n.sim);
    assert_int_equal(dw_sim_run(n.sim, now + DW_SECOND), DW_OK);
    assert_int_equal(dw_sim_now(n.sim), now + DW_SECOND);
    assert_int_equal(dw_sim_free(n.sim), DW_OK);
}

static void stack_refuses_where_nobody_listens(void **state)
{
    (void)state;
    network n = made();
    assert_int_equal(dw_stack_add(n.server, dw_stack_entry(), NULL, 0), DW_OK);
    connect_to(&n, 81);
    assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_OK);
    assert_int_equal(n.error, DW_E_REFUSED);
    dw_sim_free(n.sim);
}

static void stack_is_one_and_comes_first(void **state)
{
    (void)state;
    network n = made();
    assert_int_equal(dw_stack_add(n.server, dw_stack_entry(), NULL, 0), DW_OK);
    assert_int_equal(dw_stack_add(n.server, dw_stack_entry(), NULL, 0), DW_E_EXIST);
    assert_int_equal(dw_node_option(n.client, "tcp", "nodelay", "true"), DW_E_NOENT);
    assert_int_equal(dw_stack_add(n.client, dw_stack_entry(), NULL, 0), DW_E_EXIST);
    dw_sim_free(n.sim);
}

/* Settings: the tick is drywire's, all else the adapter's, which has none. */
static void stack_settings_are_checked(void **state)
{
    (void)state;
    network n = made();
    const dw_setting often = {"tick", "often"}, colour = {"colour", "red"}, tick = {"tick", "1ms"};
    assert_int_equal(dw_stack_add(n.server, dw_stack_entry(), &often, 1), DW_E_FORMAT);
    assert_int_equal(dw_stack_add(n.server, dw_stack_entry(), &colour, 1), DW_E_NOENT);
    assert_string_equal(dw_sim_message(n.sim), "the stack \"tiny\" has no option \"colour\"");
    assert_int_equal(dw_stack_add(n.server, dw_stack_entry(), &tick, 1), DW_OK);
    assert_int_equal(dw_stack_load(n.client, "./gone.so", NULL, 0), DW_E_NOENT);
    dw_sim_free(n.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stack_added_serves_and_comes_to_rest),
        cmocka_unit_test(stack_refuses_where_nobody_listens),
        cmocka_unit_test(stack_is_one_and_comes_first),
        cmocka_unit_test(stack_settings_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
