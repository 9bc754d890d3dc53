/* lwIP as a host of drywire: its raw API, without its thread, in simulated time.
 *
 *     cc -shared -fPIC lwip.c $(pkg-config --cflags --libs lwip) -o lwip.so
 *     drywire run --stack client=./lwip.so script.lua
 *
 * The same file is for a source tree of one's own (with NO_SYS, or without): compile it with that
 * tree's files, its lwipopts.h, and -DLWIP_OWN_TREE.
 *
 * Options: nagle (true, false), keepalive (seconds, 0 for none); with the library also isn
 * (numbers, separated by commas: the first sequence numbers of the first connections). */
#include <drywire/stack.h>
#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/netif.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>

#include <stdlib.h>
#include <string.h>

enum { MS = 1000000, LONGEST = 65600, MOST_WAITING = 64 };

/* A connection, or a listener with those that wait at it. */
typedef struct conn {
    struct tcp_pcb *pcb; /* NULL once lwIP has freed it */
    struct pbuf *unread;
    ip_addr_t remote;
    u16_t local_port, remote_port;
    int used, listens, finished, error;
    int next;          /* of the same local port, + 1 */
    unsigned seen;     /* the last time that lwIP's lists had it, when it had been let go */
    const char *state; /* then */
    int waiting[MOST_WAITING], count, backlog;
} conn;

static const dw_stack_host *host;
static dw_time now_ns;
static struct netif wire;
static conn *conns;
static int conn_count;
static int of_port[65536];   /* the first connection of a local port, + 1 */
static unsigned looks = 1;   /* at lwIP's lists */
static int stale;            /* they may have changed since */
static int nagle, keepalive; /* of new connections */
#ifndef LWIP_OWN_TREE
static uint32_t isns[16]; /* of the first ones */
static int isn_count, isns_used;
#endif

/* lwIP asks here what time it is, instead of its port: these two take the place of the library's.
 */
DW_API u32_t sys_now(void)
{
    return (u32_t)(now_ns / MS);
}

/* Likewise which sequence number a connection begins with.  A tree of one's own has that function
 * itself, and LWIP_HOOK_TCP_ISN for another one. */
#ifndef LWIP_OWN_TREE
DW_API u32_t tcp_next_iss(struct tcp_pcb *pcb)
{
    int active = pcb->state == CLOSED; /* its SYN then has the number before */
    if (isns_used == isn_count) return (u32_t)host->random(host->wire);
    return isns[isns_used++] + (u32_t)active;
}
#endif

static err_t send_packet(struct netif *n, struct pbuf *p, const ip4_addr_t *to)
{
    static char bytes[LONGEST];
    (void)n;
    (void)to;
    host->output(host->wire, bytes, pbuf_copy_partial(p, bytes, p->tot_len, 0));
    return ERR_OK;
}

static err_t open_wire(struct netif *n)
{
    n->name[0] = 'd';
    n->name[1] = 'w';
    n->mtu = (u16_t)host->mtu;
    n->output = send_packet;
    return ERR_OK;
}

/* The network is as large as can be: every address is on the wire. */
static int lwip_start(const dw_stack_host *h, void **stack)
{
    ip4_addr_t own, mask, none;
    host = h;
    *stack = &wire;
    if (h->addr.family != 4) {
        h->because(h->wire, "this adapter is for IPv4 alone");
        return DW_E_INVAL;
    }
    srand((unsigned)h->random(h->wire)); /* local ports are of that */
    lwip_init();
    ip4_addr_set_u32(&own, lwip_htonl(h->addr.word[0]));
    ip4_addr_set_zero(&mask);
    ip4_addr_set_zero(&none);
    netif_add(&wire, &own, &mask, &none, NULL, open_wire, ip_input);
    netif_set_default(&wire);
    netif_set_link_up(&wire);
    netif_set_up(&wire);
    return DW_OK;
}

/* What lwIP itself has allocated goes with the copy of the library. */
static void lwip_stop(void *stack)
{
    (void)stack;
    free(conns);
}

static void lwip_now(void *stack, dw_time now)
{
    (void)stack;
    now_ns = now;
}

static void lwip_in(void *stack, const uint8_t *packet, size_t len)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_RAM);
    (void)stack;
    stale = 1;
    if (!p) return;
    if (len >= 20 && (packet[12] == 127 || memcmp(packet + 12, packet + 16, 4) == 0)) {
        /* From nobody who may; an answer would need lwIP's thread. */
        pbuf_free(p);
        return;
    }
    pbuf_take(p, packet, (u16_t)len);
    if (wire.input(p, &wire) != ERR_OK) pbuf_free(p);
}

static dw_time lwip_poll(void *stack)
{
    (void)stack;
    stale = 1;
    sys_check_timeouts();
    u32_t ms = sys_timeouts_sleeptime();
    if (ms == SYS_TIMEOUTS_SLEEPTIME_INFINITE) return DW_TIME_NEVER;
    return ms ? (now_ns / MS + ms) * MS : now_ns;
}

/* Connections.  lwIP's callbacks get their numbers, since the array moves. */

static int new_conn(void)
{
    int i = 0;
    while (i < conn_count && conns[i].used)
        i++;
    if (i == conn_count) {
        conn *more = realloc(conns, (size_t)(conn_count + 1) * sizeof *more);
        if (!more) return DW_E_NOMEM;
        conns = more;
        conn_count++;
    }
    memset(&conns[i], 0, sizeof conns[i]);
    conns[i].used = 1;
    return i;
}

static int as_error(err_t e)
{
    switch (e) {
    case ERR_OK: return DW_OK;
    case ERR_MEM: return DW_E_NOMEM;
    case ERR_RTE: return DW_E_UNREACH;
    case ERR_USE: return DW_E_ADDRINUSE;
    case ERR_RST: return DW_E_RESET;
    case ERR_ABRT: return DW_E_TIMEOUT;
    case ERR_CLSD:
    case ERR_CONN: return DW_E_NOTCONN;
    default: return DW_E_INVAL;
    }
}

static err_t received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t e)
{
    conn *c = &conns[(intptr_t)arg];
    (void)pcb;
    (void)e;
    if (!p)
        c->finished = 1;
    else if (c->unread)
        pbuf_cat(c->unread, p);
    else
        c->unread = p;
    return ERR_OK;
}

static void failed(void *arg, err_t e)
{
    conn *c = &conns[(intptr_t)arg];
    c->error = as_error(e);
    c->pcb = NULL;
}

static void set_keepalive(struct tcp_pcb *pcb, int seconds)
{
    if (seconds > 0)
        ip_set_option(pcb, SOF_KEEPALIVE);
    else
        ip_reset_option(pcb, SOF_KEEPALIVE);
#if LWIP_TCP_KEEPALIVE
    pcb->keep_intvl = (u32_t)seconds * 1000;
#endif
    if (seconds > 0) pcb->keep_idle = (u32_t)seconds * 1000;
}

static void set_nagle(struct tcp_pcb *pcb, int on)
{
    if (on)
        tcp_nagle_enable(pcb);
    else
        tcp_nagle_disable(pcb);
}

static void take(int i, struct tcp_pcb *pcb)
{
    conn *c = &conns[i];
    c->pcb = pcb;
    c->remote = pcb->remote_ip;
    c->remote_port = pcb->remote_port;
    c->local_port = pcb->local_port;
    c->next = of_port[c->local_port];
    of_port[c->local_port] = i + 1;
    tcp_arg(pcb, (void *)(intptr_t)i);
    tcp_recv(pcb, received);
    tcp_err(pcb, failed);
    set_nagle(pcb, nagle);
    set_keepalive(pcb, keepalive);
}

static err_t accepted(void *arg, struct tcp_pcb *pcb, err_t e)
{
    int listener = (int)(intptr_t)arg;
    if (e != ERR_OK || !pcb || conns[listener].count == conns[listener].backlog) return ERR_MEM;
    int i = new_conn();
    if (i < 0) return ERR_MEM;
    take(i, pcb);
    conns[listener].waiting[conns[listener].count++] = i;
    return ERR_OK;
}

static int lwip_listen(void *stack, const dw_flow *flow, int backlog)
{
    struct tcp_pcb *pcb = tcp_new();
    int i = pcb ? new_conn() : DW_E_NOMEM;
    (void)stack;
    if (i < 0) return i;
    err_t e = tcp_bind(pcb, IP_ADDR_ANY, flow->local_port);
    struct tcp_pcb *listener = e == ERR_OK ? tcp_listen(pcb) : NULL;
    if (!listener) {
        tcp_close(pcb);
        conns[i].used = 0;
        return e == ERR_OK ? DW_E_NOMEM : as_error(e);
    }
    conns[i].pcb = listener;
    conns[i].listens = 1;
    conns[i].backlog = backlog < MOST_WAITING ? backlog : MOST_WAITING;
    tcp_arg(listener, (void *)(intptr_t)i);
    tcp_accept(listener, accepted);
    return i;
}

static int lwip_accept(void *stack, int listener, dw_flow *flow)
{
    conn *l = &conns[listener];
    (void)stack;
    if (l->count == 0) return DW_E_AGAIN;
    int i = l->waiting[0];
    memmove(l->waiting, l->waiting + 1, (size_t)--l->count * sizeof l->waiting[0]);
    flow->remote = dw_addr_v4(lwip_ntohl(ip4_addr_get_u32(ip_2_ip4(&conns[i].remote))));
    flow->remote_port = conns[i].remote_port;
    flow->local_port = conns[i].local_port;
    return i;
}

static int lwip_connect(void *stack, dw_flow *flow)
{
    struct tcp_pcb *pcb = tcp_new();
    int i = pcb ? new_conn() : DW_E_NOMEM;
    ip_addr_t to;
    (void)stack;
    if (i < 0) return i;
    if (dw_addr_equal(&flow->remote, &host->addr) || flow->remote.word[0] >> 24 == 127) {
        host->because(host->wire, "this adapter has no way to the host itself");
        tcp_abort(pcb);
        conns[i].used = 0;
        return DW_E_UNREACH;
    }
    ip_addr_set_ip4_u32_val(to, lwip_htonl(flow->remote.word[0]));
    err_t e = flow->local_port ? tcp_bind(pcb, IP_ADDR_ANY, flow->local_port) : ERR_OK;
    tcp_arg(pcb, (void *)(intptr_t)i);
    if (e == ERR_OK) e = tcp_connect(pcb, &to, flow->remote_port, NULL);
    if (e != ERR_OK) {
        tcp_abort(pcb);
        conns[i].used = 0;
        return as_error(e);
    }
    take(i, pcb);
    flow->local_port = pcb->local_port;
    return i;
}

static int64_t lwip_send(void *stack, int i, const void *bytes, size_t len)
{
    conn *c = &conns[i];
    (void)stack;
    if (!c->pcb) return c->error ? c->error : DW_E_NOTCONN;
    if (c->pcb->state < ESTABLISHED) return DW_E_AGAIN;
    size_t room = tcp_sndbuf(c->pcb);
    if (len > room) len = room;
    if (len > UINT16_MAX / 2) len = UINT16_MAX / 2;
    if (len == 0) return DW_E_AGAIN;
    err_t e = tcp_write(c->pcb, bytes, (u16_t)len, TCP_WRITE_FLAG_COPY);
    if (e == ERR_MEM) return DW_E_AGAIN;
    if (e != ERR_OK) return as_error(e);
    tcp_output(c->pcb);
    return (int64_t)len;
}

static int64_t lwip_recv(void *stack, int i, void *bytes, size_t max)
{
    conn *c = &conns[i];
    (void)stack;
    if (!c->unread) {
        if (c->error) return c->error;
        return c->finished ? DW_E_CLOSED : DW_E_AGAIN;
    }
    if (max > UINT16_MAX / 2) max = UINT16_MAX / 2;
    u16_t len = pbuf_copy_partial(c->unread, bytes, (u16_t)max, 0);
    c->unread = pbuf_free_header(c->unread, len);
    if (c->pcb) tcp_recved(c->pcb, len);
    return len;
}

static int lwip_shut(void *stack, int i)
{
    (void)stack;
    if (!conns[i].pcb) return DW_E_NOTCONN;
    return as_error(tcp_shutdown(conns[i].pcb, 0, 1));
}

/* lwIP must call nobody about it any more. */
static struct tcp_pcb *let_go(conn *c)
{
    struct tcp_pcb *pcb = c->pcb;
    c->pcb = NULL;
    stale = 1;
    if (c->unread) pbuf_free(c->unread);
    c->unread = NULL;
    if (!pcb) return NULL;
    tcp_arg(pcb, NULL);
    if (c->listens) return pcb;
    tcp_recv(pcb, NULL);
    tcp_err(pcb, NULL);
    return pcb;
}

static void lwip_close(void *stack, int i)
{
    struct tcp_pcb *pcb = let_go(&conns[i]);
    (void)stack;
    if (pcb && tcp_close(pcb) != ERR_OK) tcp_abort(pcb);
}

static void lwip_abort(void *stack, int i)
{
    struct tcp_pcb *pcb = let_go(&conns[i]);
    (void)stack;
    if (pcb) tcp_abort(pcb);
}

/* What was let go is no pointer of ours any more, so it is looked up by its ends in lwIP's lists:
 * all of them at once. */
static void look_at(const struct tcp_pcb *list)
{
    for (; list; list = list->next) {
        for (int i = of_port[list->local_port]; i; i = conns[i - 1].next) {
            conn *c = &conns[i - 1];
            if (c->remote_port != list->remote_port || !ip_addr_cmp(&c->remote, &list->remote_ip))
                continue;
            c->seen = looks;
            c->state = tcp_debug_state_str(list->state);
        }
    }
}

static const char *lwip_state(void *stack, int i)
{
    const conn *c = &conns[i];
    (void)stack;
    if (c->pcb) return tcp_debug_state_str(c->pcb->state);
    if (c->error) return "CLOSED";
    if (stale) {
        looks++;
        look_at(tcp_active_pcbs);
        look_at(tcp_tw_pcbs);
        stale = 0;
    }
    return c->seen == looks ? c->state : "CLOSED";
}

static int lwip_error(void *stack, int i)
{
    (void)stack;
    return conns[i].error;
}

#ifndef LWIP_OWN_TREE
static void set_isns(const char *text)
{
    char *end;
    for (isn_count = isns_used = 0; *text && isn_count < 16; text = *end ? end + 1 : end)
        isns[isn_count++] = (uint32_t)strtoul(text, &end, 10);
}
#endif

static int lwip_option(void *stack, int i, const char *name, const char *text)
{
    int value = strcmp(text, "true") == 0 ? 1 : atoi(text);
    struct tcp_pcb *pcb = i >= 0 ? conns[i].pcb : NULL;
    (void)stack;
    if (strcmp(name, "nagle") == 0) {
        if (pcb) set_nagle(pcb, value);
        if (i < 0) nagle = value;
        return DW_OK;
    }
    if (strcmp(name, "keepalive") == 0) {
        if (pcb) set_keepalive(pcb, value);
        if (i < 0) keepalive = value;
        return DW_OK;
    }
#ifndef LWIP_OWN_TREE
    if (strcmp(name, "isn") == 0) {
        set_isns(text);
        return DW_OK;
    }
#endif
    return DW_E_NOENT;
}

static void lwip_release(void *stack, int i)
{
    (void)stack;
    if (conns[i].pcb) lwip_abort(stack, i);
    for (int *at = &of_port[conns[i].local_port]; *at; at = &conns[*at - 1].next)
        if (*at == i + 1) {
            *at = conns[i].next;
            break;
        }
    conns[i].used = 0;
}

static const char *const options[] = {"keepalive", "nagle",
#ifndef LWIP_OWN_TREE
                                      "isn",
#endif
                                      NULL};

const dw_stack_ops *dw_stack_entry(void)
{
    static const dw_stack_ops ops = {
        .abi = DW_STACK_ABI,
        .size = sizeof ops,
        .name = "lwip",
        .start = lwip_start,
        .stop = lwip_stop,
        .now = lwip_now,
        .input = lwip_in,
        .poll = lwip_poll,
        .listen = lwip_listen,
        .accept = lwip_accept,
        .connect = lwip_connect,
        .send = lwip_send,
        .recv = lwip_recv,
        .shutdown = lwip_shut,
        .close = lwip_close,
        .abort = lwip_abort,
        .state = lwip_state,
        .error = lwip_error,
        .option = lwip_option,
        .options = options,
        .release = lwip_release,
    };
    return &ops;
}
