/* The workloads, each a function that prints what it did and how long it took.
 *
 *     bench W1          one line a result: name, units of work, CPU seconds
 *
 * docs/BENCHMARKS.md says what each workload is; run.sh makes the table. */
#include "bare_queue.h"
#include "bench.h"
#include "engine/evq.h"
#include "base/rng.h"

#include <drywire/drywire.h>

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { PORT = 9, MSS = 1448 };

double dw_bench_cpu_seconds(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)r.ru_utime.tv_sec + (double)r.ru_utime.tv_usec / 1e6 +
           (double)r.ru_stime.tv_sec + (double)r.ru_stime.tv_usec / 1e6;
}

void dw_bench_report(const char *name, double units, double seconds)
{
    printf("%-12s %14.0f units %9.3f s %10.1f ns/unit\n", name, units, seconds,
           units > 0 ? seconds * 1e9 / units : 0);
    fflush(stdout);
}

void dw_bench_check(int status, const char *what)
{
    if (status == DW_OK) return;
    fprintf(stderr, "bench: %s: %s\n", what, dw_strerror(status));
    exit(1);
}

/* Building networks. */

enum tracing { NO_TRACE, DIGEST, TRACE };

static dw_sim *new_sim_with(enum tracing tracing, const char *buffer)
{
    dw_sim *sim;
    dw_sim_config c = {.seed = 1,
                       .limit = 24 * DW_HOUR,
                       .trace = tracing != NO_TRACE,
                       .digest_only = tracing == DIGEST};
    dw_bench_check(dw_sim_new(&c, &sim), "sim");
    dw_sim_option(sim, "tcp", "send_buffer", buffer);
    dw_sim_option(sim, "tcp", "receive_buffer", buffer);
    dw_sim_option(sim, "tcp", "mss", "1448");
    dw_sim_option(sim, "tcp", "delayed_ack", "40ms");
    dw_sim_option(sim, "tcp", "initial_window", "10");
    return sim;
}

static dw_sim *new_sim(void)
{
    return new_sim_with(NO_TRACE, "4MiB");
}

static dw_node *new_node(dw_sim *sim, const char *prefix, int n)
{
    char name[32];
    dw_node *node;
    snprintf(name, sizeof name, "%s%d", prefix, n);
    dw_bench_check(dw_node_new(sim, name, &node), "node");
    return node;
}

static dw_link *new_link(dw_node *a, dw_node *b, dw_direction_config both)
{
    dw_link *link;
    dw_bench_check(dw_link_new(a, b, &both, NULL, &link), "link");
    return link;
}

static uint64_t packet_hops(dw_sim *sim)
{
    uint64_t hops = 0;
    dw_link *link;
    for (uint32_t i = 0; (link = dw_link_at(sim, i)) != NULL; i++)
        for (int d = 0; d < 2; d++) {
            dw_link_stats st;
            dw_link_stats_get(link, d, &st);
            hops += st.delivered_packets;
        }
    return hops;
}

/* Applications: one sends all it can, the other reads and forgets. */

static dw_buf *endless;

static void source(dw_socket *socket, uint32_t events, void *user)
{
    (void)user;
    if (!(events & (DW_SOCKET_CONNECTED | DW_SOCKET_WRITABLE))) return;
    while (dw_socket_send_generated(socket, endless, 0, 1 << 20) > 0) {
    }
}

static void sink(dw_socket *socket, uint32_t events, void *user)
{
    dw_slice slice;
    uint64_t *total = user;
    (void)events;
    int64_t n;
    while ((n = dw_socket_recv_slice(socket, UINT64_MAX, &slice)) > 0) {
        *total += (uint64_t)n;
        dw_buf_unref(slice.buf);
    }
    if (n == DW_E_CLOSED) dw_socket_close(socket);
}

static void accept_sinks(dw_socket *listener, uint32_t events, void *user)
{
    dw_socket *socket;
    (void)events;
    while (dw_socket_accept(listener, sink, user, &socket) == DW_OK) {
    }
}

static void listen_sinks(dw_node *node, uint64_t *total)
{
    dw_socket *listener;
    dw_bench_check(dw_socket_listen(node, "tcp", &(dw_flow){.local_port = PORT}, 1 << 16,
                                    accept_sinks, total, &listener),
                   "listen");
}

static dw_socket *connect_to(dw_node *from, dw_node *to, dw_socket_notify notify, void *user)
{
    dw_socket *socket;
    dw_flow flow = {.remote = dw_node_address(to), .remote_port = PORT};
    dw_bench_check(dw_socket_connect(from, "tcp", &flow, notify, user, &socket), "connect");
    return socket;
}

/* W1: one flow. */
static void bulk(const char *name, dw_time delay, uint64_t rate, dw_time length, dw_ratio loss,
                 const char *buffer, enum tracing tracing)
{
    dw_sim *sim = new_sim_with(tracing, buffer);
    uint64_t received = 0;
    dw_node *a = new_node(sim, "a", 0), *b = new_node(sim, "b", 0);
    new_link(a, b, (dw_direction_config){.delay_ns = delay, .rate_bps = rate, .loss = loss});
    listen_sinks(b, &received);
    connect_to(a, b, source, NULL);
    double before = dw_bench_cpu_seconds();
    dw_bench_check(dw_sim_run(sim, length), "run");
    double took = dw_bench_cpu_seconds() - before;
    dw_bench_report(name, (double)packet_hops(sim), took);
    fprintf(stderr, "  %s: %.1f Mbit/s\n", name,
            (double)received * 8 / ((double)length / 1e9) / 1e6);
    dw_sim_free(sim);
}

/* W2: 100 flows through one bottleneck. */
static void dumbbell(void)
{
    enum { FLOWS = 100 };
    dw_sim *sim = new_sim();
    uint64_t received = 0;
    dw_node *left = new_node(sim, "left", 0), *right = new_node(sim, "right", 0);
    /* One bandwidth-delay product: 1 Gbit/s for a round trip of 28 ms. */
    new_link(left, right,
             (dw_direction_config){
                 .delay_ns = 10 * DW_MILLISECOND, .rate_bps = 1000000000, .queue_bytes = 3500000});
    dw_direction_config access = {.delay_ns = 2 * DW_MILLISECOND, .rate_bps = 1000000000};
    for (int i = 0; i < FLOWS; i++) {
        dw_node *a = new_node(sim, "a", i), *b = new_node(sim, "b", i);
        new_link(a, left, access);
        new_link(right, b, access);
        listen_sinks(b, &received);
    }
    for (int i = 0; i < FLOWS; i++)
        connect_to(dw_node_at(sim, (uint32_t)(2 + 2 * i)), dw_node_at(sim, (uint32_t)(3 + 2 * i)),
                   source, NULL);
    double before = dw_bench_cpu_seconds();
    dw_bench_check(dw_sim_run(sim, 10 * DW_SECOND), "run");
    dw_bench_report("W2", (double)packet_hops(sim), dw_bench_cpu_seconds() - before);
    dw_sim_free(sim);
}

/* W4: many short connections, 1 kB up and 10 kB down. */

static void answer(dw_socket *socket, uint32_t events, void *user)
{
    char request[1000];
    (void)events;
    (void)user;
    int64_t n;
    while ((n = dw_socket_recv(socket, request, sizeof request)) > 0) {
    }
    if (n != DW_E_CLOSED) return;
    dw_socket_send_generated(socket, endless, 0, 10000);
    dw_socket_close(socket);
}

static void accept_answers(dw_socket *listener, uint32_t events, void *user)
{
    dw_socket *socket;
    (void)events;
    while (dw_socket_accept(listener, answer, user, &socket) == DW_OK) {
    }
}

static void ask(dw_socket *socket, uint32_t events, void *user)
{
    uint64_t *done = user;
    dw_slice slice;
    if (events & DW_SOCKET_CONNECTED) {
        dw_socket_send_generated(socket, endless, 0, 1000);
        dw_socket_shutdown(socket);
    }
    int64_t n;
    while ((n = dw_socket_recv_slice(socket, UINT64_MAX, &slice)) > 0)
        dw_buf_unref(slice.buf);
    if (n != DW_E_CLOSED) return;
    dw_socket_close(socket);
    ++*done;
}

static void many(void)
{
    enum { CLIENTS = 100, CONNECTIONS = 10000 };
    dw_sim *sim = new_sim();
    uint64_t done = 0;
    dw_socket *listener;
    dw_node *server = new_node(sim, "server", 0);
    dw_bench_check(dw_socket_listen(server, "tcp", &(dw_flow){.local_port = PORT}, 1 << 16,
                                    accept_answers, NULL, &listener),
                   "listen");
    for (int i = 0; i < CLIENTS; i++)
        new_link(new_node(sim, "c", i), server,
                 (dw_direction_config){.delay_ns = 10 * DW_MILLISECOND, .rate_bps = 1000000000});
    double before = dw_bench_cpu_seconds();
    for (int i = 0; i < CONNECTIONS; i++) {
        connect_to(dw_node_at(sim, (uint32_t)(1 + i % CLIENTS)), server, ask, &done);
        dw_bench_check(dw_sim_run(sim, dw_sim_now(sim) + DW_MILLISECOND), "run");
    }
    dw_bench_check(dw_sim_run(sim, DW_TIME_NEVER), "run");
    if (done != CONNECTIONS) dw_bench_check(DW_E_MISMATCH, "W4: not every connection ended");
    dw_bench_report("W4", CONNECTIONS, dw_bench_cpu_seconds() - before);
    dw_sim_free(sim);
}

/* W5: a whole experiment, built and torn down. */

static void lifecycle_server(dw_socket *socket, uint32_t events, void *user)
{
    char request[1000];
    (void)events;
    (void)user;
    int64_t n;
    while ((n = dw_socket_recv(socket, request, sizeof request)) > 0)
        dw_socket_send_generated(socket, endless, 0, 1000);
    if (n == DW_E_CLOSED) dw_socket_close(socket);
}

static void accept_lifecycle(dw_socket *listener, uint32_t events, void *user)
{
    dw_socket *socket;
    (void)events;
    while (dw_socket_accept(listener, lifecycle_server, user, &socket) == DW_OK) {
    }
}

static void lifecycle_client(dw_socket *socket, uint32_t events, void *user)
{
    dw_slice slice;
    (void)user;
    if (events & DW_SOCKET_CONNECTED) dw_socket_send_generated(socket, endless, 0, 1000);
    int64_t n = dw_socket_recv_slice(socket, UINT64_MAX, &slice);
    if (n <= 0) return;
    dw_buf_unref(slice.buf);
    dw_socket_close(socket);
}

static void lifecycles(const char *name, bool trace)
{
    enum { TIMES = 20000 };
    double before = dw_bench_cpu_seconds();
    for (int i = 0; i < TIMES; i++) {
        dw_sim *sim;
        dw_node *a, *b;
        dw_socket *listener;
        dw_bench_check(dw_sim_new(&(dw_sim_config){.seed = 1, .trace = trace}, &sim), "sim");
        dw_node_new(sim, "a", &a);
        dw_node_new(sim, "b", &b);
        new_link(a, b,
                 (dw_direction_config){.delay_ns = 10 * DW_MILLISECOND, .rate_bps = 1000000000});
        dw_socket_listen(b, "tcp", &(dw_flow){.local_port = PORT}, 0, accept_lifecycle, NULL,
                         &listener);
        connect_to(a, b, lifecycle_client, NULL);
        dw_bench_check(dw_sim_run(sim, DW_TIME_NEVER), "run");
        if (dw_sim_now(sim) < 240 * DW_SECOND) dw_bench_check(DW_E_MISMATCH, "W5: no TIME-WAIT");
        dw_sim_free(sim);
    }
    dw_bench_report(name, TIMES, dw_bench_cpu_seconds() - before);
}

/* W6: the hold model.  Each event schedules itself again at now + uniform. */

typedef struct holder {
    dw_evq queue;
    dw_rng rng;
    dw_time now;
    uint64_t order;
} holder;

static void nothing(void *arg)
{
    (void)arg;
}

static void hold(size_t pending)
{
    enum { STEPS = 3000000, SPREAD = 2000000 };
    char name[32];
    holder h = {0};
    dw_event e;
    dw_rng_seed(&h.rng, 1, "hold", "bench");
    dw_evq_init(&h.queue);
    for (size_t i = 0; i < pending; i++)
        dw_evq_push(&h.queue, (dw_time)dw_rng_below(&h.rng, SPREAD), ++h.order, nothing, NULL);
    double before = dw_bench_cpu_seconds();
    for (int i = 0; i < STEPS; i++) {
        dw_evq_pop(&h.queue, DW_TIME_NEVER, &e);
        dw_evq_push(&h.queue, e.at + 1 + (dw_time)(dw_rng_next(&h.rng) % SPREAD), ++h.order,
                    nothing, NULL);
    }
    snprintf(name, sizeof name, "W6/%zu", pending);
    dw_bench_report(name, STEPS, dw_bench_cpu_seconds() - before);
    dw_evq_free(&h.queue);
    bare_heap heap = {0};
    bare_radix radix = {0};
    for (size_t i = 0; i < pending; i++) {
        uint64_t at = dw_rng_below(&h.rng, SPREAD);
        bare_heap_push(&heap, (bare_entry){at, i, NULL});
        bare_radix_push(&radix, at, NULL);
    }
    before = dw_bench_cpu_seconds();
    for (int i = 0; i < STEPS; i++) {
        bare_entry first = bare_heap_pop(&heap);
        first.at += 1 + dw_rng_next(&h.rng) % SPREAD;
        bare_heap_push(&heap, first);
    }
    snprintf(name, sizeof name, "heap/%zu", pending);
    dw_bench_report(name, STEPS, dw_bench_cpu_seconds() - before);
    before = dw_bench_cpu_seconds();
    for (int i = 0; i < STEPS; i++)
        bare_radix_push(&radix, bare_radix_pop(&radix) + 1 + dw_rng_next(&h.rng) % SPREAD, NULL);
    snprintf(name, sizeof name, "radix/%zu", pending);
    dw_bench_report(name, STEPS, dw_bench_cpu_seconds() - before);
    bare_heap_free(&heap);
    bare_radix_free(&radix);
}

/* W7: UDP over 100 hops. */

static void count_datagram(dw_socket *socket, uint32_t events, void *user)
{
    dw_slice slice;
    (void)events;
    while (dw_socket_recv_slice(socket, UINT64_MAX, &slice) >= 0) {
        dw_buf_unref(slice.buf);
        ++*(uint64_t *)user;
    }
}

typedef struct pacer {
    dw_sim *sim;
    dw_node *node;
    dw_socket *socket;
    int left;
} pacer;

static void send_next(void *arg)
{
    pacer *p = arg;
    dw_socket_send_generated(p->socket, endless, 0, 1000);
    if (--p->left > 0)
        dw_sim_at(p->sim, p->node, dw_sim_now(p->sim) + 100 * DW_MICROSECOND, send_next, p);
}

static void chain(void)
{
    enum { HOPS = 100, PACKETS = 20000 };
    dw_sim *sim = new_sim();
    uint64_t arrived = 0;
    dw_node *last = new_node(sim, "n", 0);
    for (int i = 1; i <= HOPS; i++) {
        dw_node *next = new_node(sim, "n", i);
        new_link(last, next,
                 (dw_direction_config){.delay_ns = DW_MILLISECOND, .rate_bps = 1000000000});
        last = next;
    }
    dw_socket *receiver;
    dw_bench_check(dw_socket_listen(last, "udp", &(dw_flow){.local_port = PORT}, 0, count_datagram,
                                    &arrived, &receiver),
                   "bind");
    pacer p = {.sim = sim, .node = dw_node_at(sim, 0), .left = PACKETS};
    dw_flow flow = {.remote = dw_node_address(last), .remote_port = PORT, .ttl = 255};
    dw_bench_check(dw_socket_connect(p.node, "udp", &flow, NULL, NULL, &p.socket), "socket");
    dw_sim_at(sim, p.node, 0, send_next, &p);
    double before = dw_bench_cpu_seconds();
    dw_bench_check(dw_sim_run(sim, DW_TIME_NEVER), "run");
    if (arrived != PACKETS) dw_bench_check(DW_E_MISMATCH, "W7: packets were lost");
    dw_bench_report("W7", (double)packet_hops(sim), dw_bench_cpu_seconds() - before);
    dw_sim_free(sim);
}

/* W8: memory of idle connections and of TIME-WAIT records. */

size_t dw_bench_heap(void)
{
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

static void just_connected(dw_socket *socket, uint32_t events, void *user)
{
    (void)socket;
    (void)events;
    (void)user;
}

static void idle(void)
{
    enum { CONNECTIONS = 10000 };
    dw_sim *sim = new_sim();
    uint64_t received = 0;
    dw_node *a = new_node(sim, "a", 0), *b = new_node(sim, "b", 0);
    new_link(a, b, (dw_direction_config){.delay_ns = DW_MILLISECOND});
    listen_sinks(b, &received);
    dw_socket **sockets = calloc(CONNECTIONS, sizeof *sockets);
    dw_bench_check(dw_sim_run(sim, DW_MILLISECOND), "run");
    size_t before = dw_bench_heap();
    double cpu = dw_bench_cpu_seconds();
    for (int i = 0; i < CONNECTIONS; i++) {
        sockets[i] = connect_to(a, b, just_connected, NULL);
        if (i % 100 == 99)
            dw_bench_check(dw_sim_run(sim, dw_sim_now(sim) + 10 * DW_MILLISECOND), "run");
    }
    dw_bench_report("W8/setup", CONNECTIONS, dw_bench_cpu_seconds() - cpu);
    printf("%-12s %14.0f bytes for a connection (both ends)\n", "W8/idle",
           (double)(dw_bench_heap() - before) / CONNECTIONS);
    for (int i = 0; i < CONNECTIONS; i++)
        dw_socket_close(sockets[i]);
    dw_bench_check(dw_sim_run(sim, dw_sim_now(sim) + DW_SECOND), "run");
    /* Pools keep what they had; the record's own size is what a connection in TIME-WAIT holds. */
    printf("%-12s %14zu bytes for a record in TIME-WAIT\n", "W8/timewait",
           dw_bench_time_wait_size());
    free(sockets);
    dw_sim_free(sim);
}

/* What a segment costs with so many in flight, at 100 Gbit/s, and so much loss; the window is the
 * receiver's, so that it stays what it is. */
static void recovery(uint32_t in_flight, dw_ratio loss)
{
    enum { SEGMENTS = 600000 };
    char name[40], buffer[24];
    uint64_t got = 0;
    const dw_time delay = (dw_time)in_flight * MSS * 8 / 100 / 2; /* a round trip of so many */
    dw_direction_config path = {.delay_ns = delay, .rate_bps = 100000000000};
    snprintf(buffer, sizeof buffer, "%u", in_flight * MSS);
    dw_sim *sim = new_sim_with(NO_TRACE, buffer);
    dw_sim_option(sim, "tcp", "profile", "linux");
    static const char *const options[][2] = {{"mss", "1448"},
                                             {"timestamps", "false"},
                                             {"send_whole_buffers", "false"},
                                             {"congestion_control", "none"},
                                             {"push_every", "0"},
                                             {"cwnd_validation", "false"}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        dw_sim_option(sim, "tcp", options[i][0], options[i][1]);
    dw_sim_option(sim, "tcp", "send_buffer", buffer);
    dw_sim_option(sim, "tcp", "receive_buffer", buffer);
    dw_sim_option(sim, "tcp", "receive_buffer_most", buffer);
    dw_node *a = new_node(sim, "a", 0), *b = new_node(sim, "b", 0);
    dw_direction_config lossy = path;
    lossy.loss = loss;
    dw_bench_check(dw_link_new(a, b, &lossy, &path, NULL), "link");
    listen_sinks(b, &got);
    connect_to(a, b, source, NULL);
    dw_bench_check(dw_sim_run(sim, 200 * DW_MILLISECOND), "run");
    uint64_t before = got;
    double start = dw_bench_cpu_seconds();
    while (got - before < (uint64_t)SEGMENTS * MSS && dw_sim_now(sim) < DW_HOUR)
        dw_bench_check(dw_sim_run(sim, dw_sim_now(sim) + 10 * DW_MILLISECOND), "run");
    double seconds = dw_bench_cpu_seconds() - start;
    snprintf(name, sizeof name, "W9-%u-%d%%", in_flight, (int)(loss * 100 / DW_RATIO_ONE));
    dw_bench_report(name, (double)(got - before) / MSS, seconds);
    dw_sim_free(sim);
}

int main(int argc, char **argv)
{
    endless = dw_buf_generated(1, UINT64_MAX);
    for (int i = 1; i < argc; i++) {
        const char *w = argv[i];
        if (strcmp(w, "W1") == 0)
            bulk("W1", 5 * DW_MILLISECOND, 1000000000, 10 * DW_SECOND, 0, "4MiB", NO_TRACE);
        else if (strcmp(w, "W1-short") == 0)
            bulk("W1-short", 100 * DW_MICROSECOND, 1000000000, 10 * DW_SECOND, 0, "128KiB",
                 NO_TRACE);
        else if (strcmp(w, "W1-digest") == 0)
            bulk("W1-digest", 100 * DW_MICROSECOND, 1000000000, 10 * DW_SECOND, 0, "128KiB",
                 DIGEST);
        else if (strcmp(w, "W1-trace") == 0)
            bulk("W1-trace", 100 * DW_MICROSECOND, 1000000000, 10 * DW_SECOND, 0, "128KiB", TRACE);
        else if (strcmp(w, "W2") == 0)
            dumbbell();
        else if (strcmp(w, "W3") == 0)
            bulk("W3", 20 * DW_MILLISECOND, 100000000, 60 * DW_SECOND, DW_RATIO_ONE / 100, "4MiB",
                 NO_TRACE);
        else if (strcmp(w, "W4") == 0)
            many();
        else if (strcmp(w, "W5") == 0)
            lifecycles("W5", false);
        else if (strcmp(w, "W5-trace") == 0)
            lifecycles("W5-trace", true);
        else if (strcmp(w, "W6") == 0) {
            hold(1000);
            hold(100000);
            hold(1000000);
        } else if (strcmp(w, "W7") == 0)
            chain();
        else if (strcmp(w, "W8") == 0)
            idle();
        else if (strcmp(w, "W9") == 0) {
            for (uint32_t n = 10; n <= 100000; n *= 10)
                for (int percent = 0; percent <= 10; percent += percent ? 9 : 1)
                    recovery(n, DW_RATIO_ONE / 100 * percent);
        } else if (strcmp(w, "E2") == 0)
            dw_bench_explore();
        else
            fprintf(stderr, "bench: no workload %s\n", w);
    }
    dw_buf_unref(endless);
    return 0;
}
