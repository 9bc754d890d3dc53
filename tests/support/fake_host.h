/* A dw_host that a test winds by hand: TCP without a simulator.
 *
 * Segments that TCP sends are kept in `sent`; the clock moves only when the test says so; timers
 * fire when the clock passes them. */
#ifndef DW_FAKE_HOST_H
#define DW_FAKE_HOST_H

#include "base/rng.h"
#include "engine/node.h"
#include "engine/packet_pool.h"
#include "engine/sim.h"
#include "tcp/tcp_arrives.h"
#include "tcp/tcp_table.h"
#include "tcp/tcp_wire.h"
#include "test.h"

#include <stdlib.h>

enum { MAX_SENT = 512, MAX_TIMERS = 64 };

static const dw_addr here = {.family = 4, .word = {0x0a000001}};
static const dw_addr there = {.family = 4, .word = {0x0a000002}};
enum { MY_PORT = 80, PEER_PORT = 5000 };

static struct {
    dw_time now;
    uint32_t mask;
    dw_timer *timers[MAX_TIMERS];
    dw_dissection sent[MAX_SENT];
    const dw_cause *why[MAX_SENT];
    int sent_count, read_count;
    const dw_cause *violated; /* a rule of tcp_rules.c, or NULL */
    const dw_cause *dropped;  /* why the last segment was dropped, or NULL */
    void (*settle)(void *);
    void *settle_instance;
    uint32_t told; /* events for the user */
    uint32_t conns;
    dw_sim *sim; /* for packets only */
    dw_node node;
    dw_tcp *tcp;
} fake;

static dw_time fake_now(const dw_node *node)
{
    (void)node;
    return fake.now;
}

static void fake_timer_set(dw_timer *timer, dw_time at)
{
    int free_slot = -1;
    timer->expires = timer->queued_at = at;
    for (int i = 0; i < MAX_TIMERS; i++) {
        if (fake.timers[i] == timer) return;
        if (!fake.timers[i]) free_slot = i;
    }
    assert_true(free_slot >= 0);
    fake.timers[free_slot] = timer;
}

static void fake_timer_cancel(dw_timer *timer)
{
    timer->expires = DW_TIME_NEVER;
    for (int i = 0; i < MAX_TIMERS; i++)
        if (fake.timers[i] == timer) fake.timers[i] = NULL;
}

static dw_rng *fake_stream(dw_node *node, const char *purpose)
{
    (void)node;
    (void)purpose;
    return NULL;
}

static uint64_t fake_random(dw_rng *rng)
{
    (void)rng;
    return 4;
}

static void *fake_alloc(dw_node *node, size_t size)
{
    (void)node;
    return calloc(1, size);
}

static void fake_free(dw_node *node, void *block, size_t size)
{
    (void)node;
    (void)size;
    free(block);
}

static dw_packet *fake_packet_new(dw_node *node)
{
    (void)node;
    return dw_packet_new(fake.sim);
}

static void fake_packet_free(dw_node *node, dw_packet *packet)
{
    (void)node;
    dw_packet_free(fake.sim, packet);
}

static void fake_packet_drop(dw_node *node, dw_packet *packet, const dw_cause *cause)
{
    fake.dropped = cause;
    fake_packet_free(node, packet);
}

static int fake_send_down(dw_node *node, dw_packet *packet, const dw_flow *flow)
{
    (void)flow;
    assert_true(fake.sent_count < MAX_SENT);
    dw_packet_complete_checksum(packet);
    dw_dissection *d = &fake.sent[fake.sent_count];
    *d = (dw_dissection){0};
    fake.why[fake.sent_count] = packet->cause;
    dw_tcp_dissect(dw_packet_head(packet), dw_packet_head_len(packet), dw_packet_len(packet), d);
    assert_null(d->malformed);
    fake.sent_count++;
    fake_packet_free(node, packet);
    return DW_OK;
}

static dw_iface *fake_route(dw_node *node, const dw_addr *to)
{
    (void)node;
    (void)to;
    return (dw_iface *)(void *)&fake; /* only asked for its MTU */
}

static uint32_t fake_mtu(const dw_iface *iface)
{
    (void)iface;
    return 1500;
}

static dw_addr fake_address(const dw_node *node)
{
    (void)node;
    return here;
}

static dw_addr fake_source(const dw_node *node, const dw_addr *to)
{
    (void)to;
    return fake_address(node);
}

static void fake_notify(dw_socket *socket, uint32_t events)
{
    (void)socket;
    fake.told |= events;
}

static void fake_settle(dw_node *node, void *instance, void (*fn)(void *))
{
    (void)node;
    fake.settle = fn;
    fake.settle_instance = instance;
}

static uint32_t fake_conn_new(dw_node *node, const char *protocol, const dw_flow *flow)
{
    (void)node;
    (void)protocol;
    (void)flow;
    return ++fake.conns;
}

static void fake_trace_state(dw_node *node, uint32_t conn, const char *from, const char *to,
                             const dw_cause *cause)
{
    (void)node;
    (void)conn;
    assert_string_not_equal(from, to);
    assert_non_null(cause); /* every decision has a reason */
}

static void fake_trace_note(dw_node *node, uint32_t conn, const dw_cause *cause, const char *text)
{
    (void)node;
    (void)conn;
    (void)cause;
    (void)text;
}

static void fake_trace_call(dw_node *node, uint32_t conn, const char *call, int64_t value,
                            const char *detail, const dw_slice *data, size_t count)
{
    (void)node, (void)conn, (void)call, (void)value, (void)detail, (void)data, (void)count;
}

static void fake_violation(dw_node *node, uint32_t conn, const dw_cause *cause, const char *text)
{
    (void)node, (void)conn, (void)text;
    fake.violated = cause;
}

static bool fake_checked(const dw_node *node)
{
    (void)node;
    return true;
}

static void *fake_peer_instance(const dw_node *node, const dw_addr *addr, const char *protocol)
{
    (void)node, (void)addr, (void)protocol;
    return NULL;
}

static bool fake_is_local(const dw_node *node, const dw_addr *addr)
{
    (void)node;
    return dw_addr_equal(addr, &here);
}

static bool fake_iface_is_loopback(const dw_iface *iface)
{
    (void)iface;
    return false;
}

static bool fake_refuses(const dw_node *node, const dw_addr *to)
{
    (void)node, (void)to;
    return false;
}

static void fake_state_hook(dw_node *node, uint32_t conn, const char *state)
{
    (void)node, (void)conn, (void)state;
}

static const dw_congestion_ops *fake_congestion(dw_node *node, const char *name)
{
    (void)node;
    return strcmp(name, "cubic") == 0 ? dw_cubic_plugin.congestion : dw_reno_plugin.congestion;
}

static const dw_host fake_host = {
    .size = sizeof(dw_host),
    .trace_mask = &fake.mask,
    .now = fake_now,
    .timer_set = fake_timer_set,
    .timer_cancel = fake_timer_cancel,
    .random_stream = fake_stream,
    .random = fake_random,
    .alloc = fake_alloc,
    .free = fake_free,
    .packet_new = fake_packet_new,
    .packet_free = fake_packet_free,
    .packet_drop = fake_packet_drop,
    .send_down = fake_send_down,
    .route = fake_route,
    .iface_mtu = fake_mtu,
    .address = fake_address,
    .source = fake_source,
    .notify = fake_notify,
    .settle = fake_settle,
    .conn_new = fake_conn_new,
    .trace_state = fake_trace_state,
    .trace_note = fake_trace_note,
    .trace_call = fake_trace_call,
    .is_local = fake_is_local,
    .violation = fake_violation,
    .checked = fake_checked,
    .peer_instance = fake_peer_instance,
    .state_hook = fake_state_hook,
    .congestion = fake_congestion,
    .iface_is_loopback = fake_iface_is_loopback,
    .refuses = fake_refuses,
};

/* Set up and take down; each test begins with a fresh TCP. */
static int fake_setup(void **state)
{
    (void)state;
    memset(&fake, 0, sizeof fake);
    assert_int_equal(dw_sim_new(NULL, &fake.sim), DW_OK);
    void *instance;
    assert_int_equal(dw_tcp_plugin.protocol->attach(&fake.node, &fake_host, &instance), DW_OK);
    fake.tcp = instance;
    char why[100];
    dw_tcp_plugin.protocol->option(instance, "isn", "1000", why, sizeof why);
    return 0;
}

static int fake_teardown(void **state)
{
    (void)state;
    dw_tcp_plugin.protocol->detach(fake.tcp);
    dw_sim_free(fake.sim);
    return 0;
}

/* The clock moves; timers that are due fire, the earliest first. */
static inline void advance_to(dw_time at)
{
    for (;;) {
        int first = -1;
        for (int i = 0; i < MAX_TIMERS; i++)
            if (fake.timers[i] && fake.timers[i]->expires <= at &&
                (first < 0 || fake.timers[i]->expires < fake.timers[first]->expires))
                first = i;
        if (first < 0) break;
        dw_timer *timer = fake.timers[first];
        fake.now = timer->expires;
        fake.timers[first] = NULL;
        timer->expires = DW_TIME_NEVER;
        timer->fire(timer->arg);
    }
    fake.now = at;
}

typedef struct rx_segment {
    uint8_t flags;
    uint32_t seq, ack;
    uint32_t len; /* octets of data */
    uint16_t wnd;
    const uint8_t *options;
    uint8_t options_len; /* a multiple of four */
} rx_segment;

/* A segment arrives, and what it asks for is done. */
static inline void receive(rx_segment s)
{
    dw_packet *p = dw_packet_new(fake.sim);
    dw_dissection f = {.src = there,
                       .dst = here,
                       .sport = PEER_PORT,
                       .dport = MY_PORT,
                       .flags = s.flags,
                       .seq = s.seq,
                       .ack = s.ack,
                       .window = s.wnd ? s.wnd : 1000,
                       .options = s.options,
                       .options_len = s.options_len};
    if (s.len) {
        dw_buf *buf = dw_buf_new(NULL, s.len);
        memset(buf->bytes, 'x', s.len);
        dw_packet_append(p, (dw_slice){.buf = buf, .len = s.len});
    }
    dw_tcp_build(p, &f);
    fake.dropped = NULL;
    fake.settle = NULL;
    dw_flow flow = {.local = here, .remote = there, .transport = 6};
    dw_tcp_arrives(fake.tcp, p, &flow);
    if (fake.settle) fake.settle(fake.settle_instance);
}
#define rx(...) receive((rx_segment){__VA_ARGS__})

/* What was sent next, in order. */
static const dw_dissection *next_sent(void)
{
    assert_true(fake.read_count < fake.sent_count);
    return &fake.sent[fake.read_count++];
}

static inline void expect_segment(uint32_t flags, uint32_t seq, uint32_t ack)
{
    const dw_dissection *d = next_sent();
    assert_int_equal(d->flags & ~(uint32_t)DW_TCP_PSH, flags);
    assert_int_equal(d->seq, seq);
    if (flags & DW_TCP_ACK) assert_int_equal(d->ack, ack);
}

static inline void expect_nothing(void)
{
    assert_int_equal(fake.read_count, fake.sent_count);
}

static inline void forget_sent(void)
{
    fake.read_count = fake.sent_count;
}

static inline dw_tcb *the_tcb(void)
{
    dw_flow flow = {
        .local = here, .remote = there, .local_port = MY_PORT, .remote_port = PEER_PORT};
    return dw_tcp_find(fake.tcp, &flow);
}

#endif
