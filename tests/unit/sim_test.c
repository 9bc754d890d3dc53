/* core/engine/sim.c, node.c, socket.c: simulations as values, limits, hosts, sockets from C. */
#include "drywire/plugin.h"
#include "engine/host_index.h"
#include "engine/sim.h"
#include "net.h"

#include <pthread.h>
#include <stdio.h>

static void sim_exchange_delivers_and_closes(void **state)
{
    net n;
    (void)state;
    net_exchange(&n);
    assert_int_equal(n.received, 5);
    assert_int_equal(n.closed, 1);
    assert_true(dw_sim_now(n.sim) >= 240 * DW_SECOND);
    dw_sim_free(n.sim);
}

static void *run_one(void *out)
{
    net n;
    net_exchange(&n);
    dw_trace_digest(dw_sim_trace(n.sim), out);
    dw_sim_free(n.sim);
    return NULL;
}

/* Nothing is global: simulations in several threads do not notice one another. */
static void sim_threads_give_equal_digests(void **state)
{
    enum { THREADS = 8 };
    pthread_t thread[THREADS];
    char digest[THREADS][DW_DIGEST_TEXT];
    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, run_one, digest[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    for (int i = 1; i < THREADS; i++)
        assert_string_equal(digest[i], digest[0]);
}

static void again(void *arg)
{
    dw_sim *sim = arg;
    dw_sim_at(sim, NULL, dw_sim_now(sim), again, sim);
}

static void sim_livelock_is_a_limit(void **state)
{
    dw_sim *sim;
    (void)state;
    dw_sim_new(NULL, &sim);
    dw_sim_at(sim, NULL, 5, again, sim);
    assert_int_equal(dw_sim_run(sim, DW_TIME_NEVER), DW_E_LIMIT);
    assert_non_null(strstr(dw_sim_message(sim), "livelock"));
    dw_sim_free(sim);
}

static int paused(void *arg)
{
    (void)arg;
    return DW_E_AGAIN;
}

/* In runs of one event each, too; and it stays one. */
static void sim_livelock_in_steps_is_a_limit(void **state)
{
    dw_sim *sim;
    int status = DW_E_AGAIN;
    (void)state;
    dw_sim_new(NULL, &sim);
    dw_sim_after_event(sim, paused, NULL);
    dw_sim_at(sim, NULL, 5, again, sim);
    for (int i = 0; status == DW_E_AGAIN && i < 1100000; i++)
        status = dw_sim_run(sim, DW_TIME_NEVER);
    assert_int_equal(status, DW_E_LIMIT);
    uint64_t events = dw_sim_events(sim);
    assert_int_equal(dw_sim_over(sim), DW_E_LIMIT);
    assert_int_equal(dw_sim_run(sim, DW_TIME_NEVER), DW_E_LIMIT);
    assert_non_null(strstr(dw_sim_message(sim), "livelock"));
    assert_int_equal(dw_sim_events(sim), events);
    dw_sim_free(sim);
}

static void nothing(void *arg)
{
    (void)arg;
}

/* However many events there are in a row at one time, a clock that is moved by hand moves. */
static void sim_clock_moved_by_a_run_is_no_livelock(void **state)
{
    dw_sim *sim;
    (void)state;
    dw_sim_new(NULL, &sim);
    for (int i = 0; i < 1100000; i++) {
        dw_sim_at(sim, NULL, dw_sim_now(sim), nothing, sim);
        assert_int_equal(dw_sim_run(sim, dw_sim_now(sim) + 1), DW_OK);
    }
    dw_sim_free(sim);
}

/* A trace that is full outside of a run: the call says so, and all that come later. */
static void sim_trace_limit_holds_outside_of_a_run(void **state)
{
    enum { LIMIT = 64 * 1024 };
    dw_sim *sim;
    dw_node *a, *b, *c = NULL;
    dw_link *link;
    int status = DW_OK;
    (void)state;
    dw_sim_new(&(dw_sim_config){.trace = true, .trace_limit = LIMIT}, &sim);
    dw_node_new(sim, "a", &a);
    dw_node_new(sim, "b", &b);
    dw_link_new(a, b, NULL, NULL, &link);
    assert_int_equal(dw_sim_over(sim), DW_OK);
    for (int i = 0; status == DW_OK && i < 100000; i++)
        status = dw_link_set(link, 0, NULL);
    assert_int_equal(status, DW_E_LIMIT);
    assert_non_null(strstr(dw_sim_message(sim), "trace_limit 64 KiB reached"));
    size_t count = dw_trace_count(dw_sim_trace(sim));
    assert_int_equal(dw_link_set(link, 0, NULL), DW_E_LIMIT);
    assert_int_equal(dw_node_crash(a), DW_E_LIMIT);
    assert_int_equal(dw_node_new(sim, "c", &c), DW_E_LIMIT);
    assert_null(c);
    assert_int_equal(dw_sim_run(sim, DW_TIME_NEVER), DW_E_LIMIT);
    assert_non_null(strstr(dw_sim_message(sim), "trace_limit 64 KiB reached"));
    assert_int_equal(dw_trace_count(dw_sim_trace(sim)), count);
    dw_sim_free(sim);
}

static void sim_limits_say_what_still_waits(void **state)
{
    net n;
    (void)state;
    net_new(&n, &(dw_sim_config){.limit = DW_SECOND}, NULL);
    net_connect(&n, net_hello);
    assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_E_LIMIT);
    assert_non_null(strstr(dw_sim_message(n.sim), "limit 1s reached"));
    dw_sim_free(n.sim);
    net_new(&n, &(dw_sim_config){.max_events = 3}, NULL);
    net_connect(&n, net_hello);
    assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_E_LIMIT);
    assert_non_null(strstr(dw_sim_message(n.sim), "max_events 3"));
    dw_sim_free(n.sim);
}

static void sim_run_until_stops_the_clock_there(void **state)
{
    net n;
    (void)state;
    net_new(&n, NULL, NULL);
    net_connect(&n, net_hello);
    assert_int_equal(dw_sim_run(n.sim, 50 * DW_MILLISECOND), DW_OK);
    assert_int_equal(dw_sim_now(n.sim), 50 * DW_MILLISECOND);
    assert_int_equal(n.received, 0);
    assert_int_equal(dw_sim_run(n.sim, 60 * DW_MILLISECOND), DW_OK);
    assert_int_equal(n.received, 5);
    assert_int_equal(dw_sim_run(n.sim, 1), DW_E_INVAL);
    dw_sim_free(n.sim);
}

/* Who runs a simulation by another clock asks how long there is nothing to do. */
static void sim_next_tells_the_next_event(void **state)
{
    (void)state;
    dw_sim *sim;
    assert_int_equal(dw_sim_new(NULL, &sim), DW_OK);
    assert_int_equal(dw_sim_next(sim), DW_TIME_NEVER);
    dw_sim_at(sim, NULL, 3 * DW_SECOND, nothing, NULL);
    dw_sim_at(sim, NULL, 2 * DW_SECOND, nothing, NULL);
    assert_int_equal(dw_sim_next(sim), 2 * DW_SECOND);
    assert_int_equal(dw_sim_run(sim, 2 * DW_SECOND), DW_OK);
    assert_int_equal(dw_sim_next(sim), 3 * DW_SECOND);
    assert_int_equal(dw_sim_run(sim, DW_TIME_NEVER), DW_OK);
    assert_int_equal(dw_sim_next(sim), DW_TIME_NEVER);
    dw_sim_free(sim);
}

static void sim_interrupt_ends_the_run(void **state)
{
    net n;
    (void)state;
    net_new(&n, NULL, NULL);
    net_connect(&n, net_hello);
    dw_sim_interrupt(n.sim);
    assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_E_INTERRUPT);
    dw_sim_free(n.sim);
}

/* What a simulation holds, and the most that was. */
typedef struct held {
    int64_t now, max;
} held;

static void change(void *arg, int64_t octets)
{
    held *h = arg;
    h->now += octets;
    if (h->now > h->max) h->max = h->now;
}

/* Data on its way counts until it has arrived, or until a trace keeps it; nothing is left over. */
static void sim_account_of_data_comes_out_even(void **state)
{
    enum { SIZE = 60000, COUNT = 10 };
    static const char data[SIZE];
    (void)state;
    for (int traced = 0; traced < 2; traced++) {
        held h = {0};
        dw_account account = {change, &h};
        dw_sim_config config = {.seed = 1, .trace = traced, .account = &account};
        dw_sim *sim;
        dw_node *a, *b;
        dw_link *link;
        assert_int_equal(dw_sim_new(&config, &sim), DW_OK);
        assert_int_equal(dw_node_new(sim, "a", &a), DW_OK);
        assert_int_equal(dw_node_new(sim, "b", &b), DW_OK);
        assert_int_equal(dw_link_new(a, b, &(dw_direction_config){0}, NULL, &link), DW_OK);
        int64_t before = h.now;
        assert_true(before > 0);
        dw_dissection fields = {
            .src = dw_addr_v4(0x0a000001), .dst = dw_addr_v4(0x0a000002), .sport = 1, .dport = 2};
        for (int i = 0; i < COUNT; i++)
            assert_int_equal(dw_link_inject(link, 0, DW_SECOND, "tcp", &fields, data, sizeof data),
                             DW_OK);
        assert_true(h.now >= before + SIZE * COUNT);
        assert_int_equal(dw_sim_run(sim, DW_TIME_NEVER), DW_OK);
        assert_true(h.now < before + SIZE);
        dw_sim_free(sim);
        assert_int_equal(h.now, 0);
    }
}

/* What was traced before stays, nothing is added, and no later run takes it back. */
static void sim_out_of_memory_is_for_good(void **state)
{
    net n;
    (void)state;
    net_new(&n, &(dw_sim_config){.trace = true}, NULL);
    net_connect(&n, net_hello);
    assert_int_equal(dw_sim_run(n.sim, 30 * DW_MILLISECOND), DW_OK);
    assert_false(dw_sim_out_of_memory(n.sim));
    size_t count = dw_trace_count(dw_sim_trace(n.sim));
    assert_int_equal(dw_sim_no_memory(n.sim), DW_E_NOMEM);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_E_NOMEM);
        assert_string_equal(dw_sim_message(n.sim), "out of memory");
    }
    assert_true(dw_sim_out_of_memory(n.sim));
    assert_int_equal(dw_trace_count(dw_sim_trace(n.sim)), count);
    dw_sim_free(n.sim);
}

static void node_names_and_addresses_are_unique(void **state)
{
    dw_sim *sim;
    dw_node *a, *b;
    dw_addr addr;
    (void)state;
    dw_sim_new(NULL, &sim);
    assert_int_equal(dw_node_new(sim, "a", &a), DW_OK);
    assert_int_equal(dw_node_new(sim, "a", &b), DW_E_EXIST);
    assert_int_equal(dw_node_new(sim, "", &b), DW_E_INVAL);
    assert_int_equal(dw_node_new(sim, "b", &b), DW_OK);
    dw_addr_parse("10.0.0.1", &addr);
    assert_int_equal(dw_node_set_address(b, &addr), DW_E_EXIST);
    dw_addr_parse("192.0.2.9", &addr);
    assert_int_equal(dw_node_set_address(b, &addr), DW_OK);
    assert_int_equal(dw_link_new(a, a, NULL, NULL, NULL), DW_E_INVAL);
    dw_sim_free(sim);
}

/* Enough of them that the tables of names and addresses grow. */
static void node_is_found_among_many(void **state)
{
    enum { MANY = 3000 };
    char name[20];
    dw_sim *sim;
    dw_node *node;
    (void)state;
    assert_int_equal(dw_sim_new(NULL, &sim), DW_OK);
    assert_null(dw_node_find(sim, "h0"));
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "h%d", i);
        assert_int_equal(dw_node_new(sim, name, &node), DW_OK);
        dw_addr own = dw_addr_v4(0xc0a80000 + (uint32_t)i),
                more = dw_addr_v4(0xac100000 + (uint32_t)i);
        if (i % 3 == 0) assert_int_equal(dw_node_set_address(node, &own), DW_OK);
        if (i % 2 == 0) assert_int_equal(dw_node_add_address(node, &more), DW_OK);
        assert_int_equal(dw_node_set_address(node, &more), DW_OK);
        if (i % 3 == 0) assert_int_equal(dw_node_set_address(node, &own), DW_OK);
    }
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "h%d", i);
        assert_ptr_equal(dw_node_find(sim, name), dw_node_at(sim, (uint32_t)i));
        dw_addr own = dw_addr_v4(0xc0a80000 + (uint32_t)i),
                more = dw_addr_v4(0xac100000 + (uint32_t)i);
        assert_int_equal(dw_sim_node_of(sim, &own), i % 3 ? -1 : i);
        assert_int_equal(dw_sim_node_of(sim, &more), i % 6 == 3 ? -1 : i);
    }
    assert_null(dw_node_find(sim, "h3000"));
    dw_sim_free(sim);
}

static void link_inject_needs_a_protocol(void **state)
{
    net n;
    const dw_dissection fields = {0};
    (void)state;
    net_new(&n, NULL, NULL);
    assert_int_equal(dw_link_inject(n.link, 0, 0, NULL, &fields, NULL, 0), DW_E_INVAL);
    assert_int_equal(dw_link_inject(n.link, 0, 0, "tcp", NULL, NULL, 0), DW_E_INVAL);
    assert_int_equal(dw_link_inject(n.link, 0, 0, "tcp", &fields, NULL, SIZE_MAX), DW_E_INVAL);
    assert_int_equal(dw_rng_below(dw_sim_random(n.sim, "x"), 0), 0);
    dw_sim_free(n.sim);
}

static void count_fired(void *arg)
{
    ++*(int *)arg;
}

static void timer_of_the_past_fires_now(void **state)
{
    (void)state;
    net n;
    int fired = 0;
    net_new(&n, NULL, NULL);
    dw_timer t = {.expires = DW_TIME_NEVER, .node = n.client, .fire = count_fired, .arg = &fired};
    assert_int_equal(dw_sim_run(n.sim, DW_SECOND), DW_OK);
    dw_timer_set(&t, INT64_MIN);
    assert_int_equal(dw_sim_run(n.sim, 2 * DW_SECOND), DW_OK);
    assert_int_equal(fired, 1);
    dw_sim_free(n.sim);
}

static void socket_errors_are_values(void **state)
{
    net n;
    dw_socket *socket;
    (void)state;
    net_new(&n, NULL, NULL);
    dw_flow flow = {.local_port = 80};
    assert_int_equal(dw_socket_listen(n.server, "tcp", &flow, 0, NULL, NULL, &socket),
                     DW_E_ADDRINUSE);
    assert_int_equal(dw_socket_listen(n.server, "sctp", &flow, 0, NULL, NULL, &socket), DW_E_NOENT);
    dw_flow nowhere = {.remote = dw_addr_v4(0x01020304), .remote_port = 80};
    assert_int_equal(dw_socket_connect(n.client, "tcp", &nowhere, NULL, NULL, &socket),
                     DW_E_UNREACH);
    socket = net_connect(&n, NULL);
    char byte;
    assert_int_equal(dw_socket_recv(socket, &byte, 1), DW_E_AGAIN);
    assert_string_equal(dw_socket_state(socket), "SYN-SENT");
    dw_socket_abort(socket);
    dw_sim_free(n.sim);
}

static void node_crash_ends_connections_without_a_packet(void **state)
{
    net n;
    (void)state;
    net_new(&n, &(dw_sim_config){.trace = true}, NULL);
    dw_socket *socket = net_connect(&n, NULL);
    assert_int_equal(dw_sim_run(n.sim, DW_SECOND), DW_OK);
    dw_link_stats before, after;
    dw_link_stats_get(n.link, 0, &before);
    dw_node_crash(n.client);
    assert_int_equal(dw_socket_error(socket), DW_E_CRASHED);
    dw_link_stats_get(n.link, 0, &after);
    assert_int_equal(before.sent_packets, after.sent_packets);
    dw_socket_close(socket);
    dw_sim_free(n.sim);
}

/* Tracing off costs a branch and no memory; subscribers see events without it. */
static void count_states(const dw_trace_event *event, void *arg)
{
    assert_int_equal(event->type, DW_TRACE_STATE);
    ++*(int *)arg;
}

static void trace_subscriber_without_a_trace(void **state)
{
    net n;
    int states = 0;
    (void)state;
    net_new(&n, NULL, NULL);
    assert_null(dw_sim_trace(n.sim));
    dw_trace_subscribe(n.sim, DW_TRACE_BIT(DW_TRACE_STATE), dw_node_index(n.client), 0,
                       count_states, &states);
    net_connect(&n, net_hello);
    assert_int_equal(dw_sim_run(n.sim, DW_TIME_NEVER), DW_OK);
    assert_int_equal(states, 6); /* SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED */
    dw_sim_free(n.sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sim_exchange_delivers_and_closes),
        cmocka_unit_test(sim_threads_give_equal_digests),
        cmocka_unit_test(sim_livelock_is_a_limit),
        cmocka_unit_test(sim_livelock_in_steps_is_a_limit),
        cmocka_unit_test(sim_clock_moved_by_a_run_is_no_livelock),
        cmocka_unit_test(sim_trace_limit_holds_outside_of_a_run),
        cmocka_unit_test(sim_limits_say_what_still_waits),
        cmocka_unit_test(sim_run_until_stops_the_clock_there),
        cmocka_unit_test(sim_next_tells_the_next_event),
        cmocka_unit_test(sim_interrupt_ends_the_run),
        cmocka_unit_test(sim_account_of_data_comes_out_even),
        cmocka_unit_test(sim_out_of_memory_is_for_good),
        cmocka_unit_test(node_names_and_addresses_are_unique),
        cmocka_unit_test(node_is_found_among_many),
        cmocka_unit_test(link_inject_needs_a_protocol),
        cmocka_unit_test(timer_of_the_past_fires_now),
        cmocka_unit_test(socket_errors_are_values),
        cmocka_unit_test(node_crash_ends_connections_without_a_packet),
        cmocka_unit_test(trace_subscriber_without_a_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
