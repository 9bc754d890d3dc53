/* What the book of an exploration takes for each state that it knows, and how fast it grows from C:
 * ten segments and a close, under plans of losses. */
#include "bench.h"

#include <drywire/explore.h>

#include <stdlib.h>

enum { PORT = 9, OCTETS = 5360, FAULTS = 6, RUNS = 60000 };

typedef struct exploration {
    size_t before, most; /* octets of the heap */
    uint64_t states;
} exploration;

static void take(dw_socket *socket, uint32_t events, void *user)
{
    char octets[OCTETS];
    int64_t n;
    (void)events;
    (void)user;
    while ((n = dw_socket_recv(socket, octets, sizeof octets)) > 0) {
    }
    if (n == DW_E_CLOSED) dw_socket_close(socket);
}

static void accept_one(dw_socket *listener, uint32_t events, void *user)
{
    dw_socket *socket;
    (void)events;
    while (dw_socket_accept(listener, take, user, &socket) == DW_OK) {
    }
}

static void give(dw_socket *socket, uint32_t events, void *user)
{
    static const char octets[OCTETS];
    (void)user;
    if (!(events & DW_SOCKET_CONNECTED)) return;
    dw_socket_send(socket, octets, sizeof octets);
    dw_socket_close(socket);
}

static int run_once(dw_explore_run *run, void *arg)
{
    const dw_direction_config path = {.delay_ns = 10 * DW_MILLISECOND};
    dw_flow flow = {.local_port = PORT};
    dw_socket *socket;
    dw_sim *sim;
    dw_node *client, *server;
    (void)arg;
    dw_bench_check(dw_sim_new(&(dw_sim_config){.seed = 1}, &sim), "sim");
    dw_bench_check(dw_sim_option(sim, "tcp", "mss", "536"), "mss");
    dw_bench_check(dw_explore_attach(run, sim), "attach");
    dw_explore_opens_no_more(run, true);
    dw_bench_check(dw_node_new(sim, "client", &client), "client");
    dw_bench_check(dw_node_new(sim, "server", &server), "server");
    dw_bench_check(dw_link_new(client, server, &path, NULL, NULL), "link");
    dw_bench_check(dw_socket_listen(server, "tcp", &flow, 0, accept_one, NULL, &socket), "listen");
    flow = (dw_flow){.remote = dw_node_address(server), .remote_port = PORT};
    dw_bench_check(dw_socket_connect(client, "tcp", &flow, give, NULL, &socket), "connect");
    dw_sim_run(sim, DW_TIME_NEVER);
    return dw_sim_free(sim);
}

static int look(const dw_explored *so_far, void *arg)
{
    exploration *x = arg;
    x->most = dw_bench_heap();
    x->states = so_far->states;
    return DW_OK;
}

void dw_bench_explore(void)
{
    exploration x = {.before = dw_bench_heap()};
    dw_explored out;
    const dw_explore_config c = {.size = sizeof c,
                                 .faults = FAULTS,
                                 .most = {[DW_FAULT_DROP] = FAULTS},
                                 .max_runs = RUNS,
                                 .merge = true,
                                 .run = run_once,
                                 .progress = look,
                                 .arg = &x};
    double cpu = dw_bench_cpu_seconds();
    dw_bench_check(dw_explore(&c, &out), "explore");
    cpu = dw_bench_cpu_seconds() - cpu;
    dw_bench_report("E2/runs", (double)out.runs, cpu);
    dw_bench_report("E2/plans", (double)out.schedules, cpu);
    printf("%-12s %14.0f bytes for a state that was seen (of %llu)\n", "E2/state",
           (double)(x.most - x.before) / (double)x.states, (unsigned long long)x.states);
}
