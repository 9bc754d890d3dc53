/* proto/tcp/tcp_listen.c: how many connections a listener has room for. */
#include "net.h"

#include "tcp/tcp.h"

static void never_accepts(dw_socket *listener, uint32_t events, void *user)
{
    (void)listener, (void)events, (void)user;
}

/* The SYNs that a listener drops because its backlog is full. */
static int dropped_for_backlog(const net *n)
{
    int count = 0;
    for (size_t i = 0; i < dw_trace_count(dw_sim_trace(n->sim)); i++) {
        const dw_trace_event *e = dw_trace_at(dw_sim_trace(n->sim), i);
        count += e->type == DW_TRACE_DROPPED && strcmp(e->cause->name, "backlog-full") == 0;
    }
    return count;
}

static void pass_100_ms(net *n)
{
    assert_int_equal(dw_sim_run(n->sim, dw_sim_now(n->sim) + 100 * DW_MILLISECOND), DW_OK);
}

/* A listener with a backlog of 2 on port 81, a connection that is complete and waits, and one whose
 * last ACK is lost; then a third SYN comes.  How many have been dropped. */
static int third_of_backlog_two(const char *accept_queue)
{
    net n;
    dw_socket *listener, *socket;
    dw_match acks = DW_INIT(dw_match);
    dw_rule_config drop = DW_INIT(dw_rule_config);
    net_new(&n, &(dw_sim_config){.seed = 1, .trace = true}, NULL);
    assert_int_equal(dw_node_option(n.server, "tcp", "accept_queue", accept_queue), DW_OK);
    dw_flow local = {.local_port = 81};
    assert_int_equal(dw_socket_listen(n.server, "tcp", &local, 2, never_accepts, NULL, &listener),
                     DW_OK);
    dw_flow flow = {.remote = dw_node_address(n.server), .remote_port = 81};
    assert_int_equal(dw_socket_connect(n.client, "tcp", &flow, NULL, NULL, &socket), DW_OK);
    pass_100_ms(&n);
    acks.from_given = true;
    acks.flags_given = true;
    acks.flags = DW_TCP_ACK;
    drop.match = &acks;
    drop.action = DW_ACTION_DROP;
    assert_int_equal(dw_link_rule(n.link, &drop, NULL), DW_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(dropped_for_backlog(&n), 0);
        assert_int_equal(dw_socket_connect(n.client, "tcp", &flow, NULL, NULL, &socket), DW_OK);
        pass_100_ms(&n);
    }
    int dropped = dropped_for_backlog(&n);
    dw_sim_free(n.sim);
    return dropped;
}

/* POSIX, listen(): the backlog bounds "the number of outstanding connections", and an
 * implementation "may include incomplete connections"; rfc9293 has one bound for both.  Linux has a
 * bound for each (listen(2): since 2.2 "the queue length for completely established sockets waiting
 * to be accepted, instead of the number of incomplete connection requests"). */
static void listen_backlog_bounds_both_together_or_each_alone(void **state)
{
    (void)state;
    assert_int_equal(third_of_backlog_two("backlog"), 1);
    assert_int_equal(third_of_backlog_two("linux"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listen_backlog_bounds_both_together_or_each_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
