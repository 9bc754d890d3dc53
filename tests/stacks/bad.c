/* Stacks that do what none may: the template with one thing that is wrong, by the name BAD_... */
#define dw_stack_entry good_entry
#include "../../examples/stacks/template.c"
#undef dw_stack_entry

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static dw_time clock_now;
static void remember(void *stack, dw_time now)
{
    (void)stack, clock_now = now;
}

static dw_time never(void *stack)
{
    (void)stack;
    return DW_TIME_NEVER;
}
static dw_time past(void *stack)
{
    (void)stack;
    return clock_now - 1;
}
static dw_time at_once(void *stack)
{
    (void)stack;
    return clock_now;
}

static int refuses_to_start(const dw_stack_host *h, void **stack)
{
    (void)stack;
    h->because(h->wire, "it has no licence");
    return DW_E_INVAL;
}

static int crashes(const dw_stack_host *h, void **stack)
{
    (void)h, (void)stack;
    abort();
}

static void send_bytes(int byte, size_t len)
{
    static uint8_t bytes[80000];
    memset(bytes, byte, sizeof bytes);
    host->output(host->wire, bytes, len);
}

static void garbage(void *stack, const uint8_t *p, size_t len)
{
    (void)stack, (void)p, (void)len;
    send_bytes(0xa5, 60);
}
static void empty(void *stack, const uint8_t *p, size_t len)
{
    (void)stack, (void)p, (void)len;
    send_bytes(0x45, 0);
}
static void oversized(void *stack, const uint8_t *p, size_t len)
{
    (void)stack, (void)p, (void)len;
    send_bytes(0x45, 70000);
}
static void of_other_length(void *stack, const uint8_t *p, size_t len)
{
    (void)stack, (void)p, (void)len;
    send_bytes(0x45, 60);
}

static void with_ethernet(void *stack, const uint8_t *p, size_t len)
{
    uint8_t frame[1600] = {0};
    (void)stack;
    frame[12] = 0x08;
    memcpy(frame + 14, p, len);
    host->output(host->wire, frame, len + 14);
}

/* What it got, back: from an address that is not its own. */
static void echoes(void *stack, const uint8_t *p, size_t len)
{
    (void)stack;
    host->output(host->wire, p, len);
}

static void floods(void *stack, const uint8_t *p, size_t len)
{
    uint8_t syn[40] = {0x45, 0, 0, 40};
    (void)stack, (void)p, (void)len;
    for (int i = 0; i < 200000; i++)
        host->output(host->wire, syn, sizeof syn);
}

static void *elsewhere(void *arg)
{
    (void)arg;
    uint8_t ip[20] = {0x45, 0, 0, 20};
    host->output(host->wire, ip, sizeof ip);
    return NULL;
}

static void by_thread(void *stack, const uint8_t *p, size_t len)
{
    pthread_t t;
    (void)stack, (void)p, (void)len;
    if (pthread_create(&t, NULL, elsewhere, NULL) == 0) pthread_join(t, NULL);
}

static int no_error(void *stack, dw_flow *flow)
{
    (void)stack, (void)flow;
    return -5000;
}
static int no_port(void *stack, dw_flow *flow)
{
    return connect(stack, flow) < 0 ? -1 : (flow->local_port = 0);
}
static int64_t takes_more(void *stack, int c, const void *b, size_t len)
{
    (void)stack, (void)c, (void)b;
    return (int64_t)len + 1;
}
static int64_t gives_more(void *stack, int c, void *b, size_t max)
{
    (void)stack, (void)c, (void)b;
    return (int64_t)max + 1;
}
static const char *no_such_state(void *stack, int c)
{
    (void)stack, (void)c;
    return "ASLEEP";
}
static const char *no_state(void *stack, int c)
{
    (void)stack, (void)c;
    return NULL;
}

static int of_nobody(void *stack, int listener, dw_flow *flow)
{
    (void)stack, (void)listener, (void)flow;
    return 3;
}

static int the_same(void *stack, int listener, dw_flow *flow)
{
    static int found = -1;
    static dw_flow ends;
    int c = found < 0 ? accept(stack, listener, &ends) : found;
    if (c >= 0) found = c, *flow = ends;
    return c;
}

/* A real clock decides about its port. */
static int by_the_clock(void *stack, dw_flow *flow)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    for (int i = (int)(t.tv_nsec / 1000 % 7); i > 0; i--)
        tiny_free(tiny_connect(flow->remote.word[0], flow->remote_port, 0));
    return connect(stack, flow);
}

const dw_stack_ops *dw_stack_entry(void)
{
    static dw_stack_ops ops;
    ops = *good_entry();
    ops.now = remember;
#if defined BAD_NOTHING
    return NULL;
#elif defined BAD_ABI
    ops.abi = 99;
#elif defined BAD_SIZE
    ops.size = 8;
#elif defined BAD_NAME
    ops.name = "my stack";
#elif defined BAD_MISSING
    ops.poll = NULL;
#elif defined BAD_TICK
    ops.tick = -1;
#elif defined BAD_START
    ops.start = refuses_to_start;
#elif defined BAD_CRASH
    ops.start = crashes;
#elif defined BAD_NEVER
    ops.tick = 0, ops.poll = never;
#elif defined BAD_PAST
    ops.tick = 0, ops.poll = past;
#elif defined BAD_AT_ONCE
    ops.tick = 0, ops.poll = at_once;
#elif defined BAD_CONNECT
    ops.connect = no_error;
#elif defined BAD_PORT
    ops.connect = no_port;
#elif defined BAD_SEND
    ops.send = takes_more;
#elif defined BAD_RECV
    ops.recv = gives_more;
#elif defined BAD_STATE
    ops.state = no_such_state;
#elif defined BAD_NO_STATE
    ops.state = no_state;
#elif defined BAD_ACCEPT
    ops.accept = BAD_ACCEPT;
#elif defined BAD_CLOCK
    ops.connect = by_the_clock;
#elif defined BAD_INPUT
    ops.input = BAD_INPUT;
#elif defined BAD_LESS /* what a stack need not have */
    ops.state = NULL, ops.shutdown = NULL, ops.abort = NULL;
#endif
    return &ops;
}
