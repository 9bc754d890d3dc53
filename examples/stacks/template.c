/* A template: a stack of your own as a host of drywire, when it lives by a tick.
 *
 *     cc -shared -fPIC template.c my_stack.c -o my.so
 *     drywire run --stack client=./my.so script.lua
 *
 * Put your stack's calls where this has those of tiny.h.  For
 * timers that know their time instead of a tick see lwip.c.  Every function is explained in
 * drywire/stack.h. */
#include "tiny.h"
#include <drywire/stack.h>

static const dw_stack_host *host; /* the way out: what drywire does for the stack */

static void out(const void *packet, size_t len)
{
    host->output(host->wire, packet, len); /* from the IP header on, whole */
}

static int start(const dw_stack_host *h, void **stack)
{
    host = h;
    if (h->addr.family != 4) {
        h->because(h->wire, "the stack is for IPv4 alone");
        return DW_E_INVAL;
    }
    *stack = &host; /* a stack with a struct of its own puts that here, and gets it back */
    tiny_init(h->addr.word[0], out);
    return DW_OK;
}

/* What was allocated goes here. */
static void stop(void *stack)
{
    (void)stack;
}

static void input(void *stack, const uint8_t *packet, size_t len)
{
    tiny_input(packet, len);
}

/* The tick: the stack has nothing to say about when it is called next. */
static dw_time poll(void *stack)
{
    tiny_tick();
    return DW_TIME_NEVER;
}

/* Handles are the stack's numbers of connections, and 100 more than its port for a listener. */
static int listen(void *stack, const dw_flow *flow, int backlog)
{
    return tiny_listen(flow->local_port) < 0 ? DW_E_LIMIT : 100 + flow->local_port;
}

static int accept(void *stack, int listener, dw_flow *flow)
{
    int c = tiny_accept((uint16_t)(listener - 100));
    if (c < 0) return DW_E_AGAIN;
    flow->remote = dw_addr_v4(0); /* an IPv4 address in host byte order */
    tiny_ends(c, &flow->remote.word[0], &flow->remote_port, &flow->local_port);
    return c;
}

static int connect(void *stack, dw_flow *flow)
{
    int c = tiny_connect(flow->remote.word[0], flow->remote_port, flow->local_port);
    if (c < 0) return DW_E_LIMIT;
    tiny_ends(c, &flow->remote.word[0], &flow->remote_port, &flow->local_port);
    return c;
}

static int64_t send(void *stack, int c, const void *bytes, size_t len)
{
    int n = tiny_write(c, bytes, len > 4096 ? 4096 : (int)len);
    return n > 0 ? n : n == 0 ? DW_E_AGAIN : DW_E_RESET;
}

static int64_t recv(void *stack, int c, void *bytes, size_t max)
{
    int n = tiny_read(c, bytes, max > 4096 ? 4096 : (int)max);
    return n > 0 ? n : n == 0 ? DW_E_AGAIN : tiny_gone(c) ? DW_E_RESET : DW_E_CLOSED;
}

static int shut(void *stack, int c)
{
    return tiny_close(c), DW_OK;
}

static void close(void *stack, int c)
{
    if (c < 100) tiny_close(c);
}

static void reset(void *stack, int c)
{
    tiny_reset(c);
}

/* Without this one states are inferred from segments, and pictures say so. */
static const char *state(void *stack, int c)
{
    return tiny_state(c);
}

static void release(void *stack, int c)
{
    if (c < 100) tiny_free(c);
}

const dw_stack_ops *dw_stack_entry(void)
{
    static const dw_stack_ops ops = {
        .abi = DW_STACK_ABI,
        .size = sizeof ops,
        .name = "tiny",
        .tick =
            10 * DW_MILLISECOND, /* also sim:host("a", { stack = { "./my.so", tick = "1ms" } }) */
        .start = start,
        .stop = stop,
        .input = input,
        .poll = poll,
        .listen = listen,
        .accept = accept,
        .connect = connect,
        .send = send,
        .recv = recv,
        .shutdown = shut,
        .close = close,
        .abort = reset,
        .state = state,
        .release = release};
    return &ops;
}
