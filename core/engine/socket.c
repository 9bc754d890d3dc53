/* Sockets: the calls of drywire.h, handed to the transport that made the socket. */
#include "attach.h"
#include "base/config.h"
#include "defer.h"
#include "packet/buffer.h"
#include "registry.h"
#include "sim.h"
#include "status.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const dw_socket_ops *ops_of(dw_node *node, const char *protocol, void **instance)
{
    const dw_plugin *plugin = dw_plugin_find(node->sim, protocol);
    if (!plugin || !plugin->protocol || !plugin->protocol->sockets) {
        dw_sim_fail(node->sim, DW_E_NOENT, "there is no transport \"%s\"", protocol);
        return NULL;
    }
    *instance = dw_node_attach(node, plugin);
    return *instance ? plugin->protocol->sockets : NULL;
}

/* Why there are no operations: no such transport, or no memory to attach it. */
static int missing(const dw_node *node)
{
    return node->sim->out_of_memory ? DW_E_NOMEM : DW_E_NOENT;
}

/* Before a call that a protocol must not get while it is at work on something else. */
static bool busy(const dw_node *node)
{
    return node->sim->inside > 0;
}

static void enter(const dw_node *node)
{
    node->sim->inside++;
}

static void leave(const dw_node *node)
{
    node->sim->inside--;
}

static int made(dw_node *node, int status, dw_socket *socket, dw_socket_notify notify, void *user,
                dw_socket **out)
{
    if (status != DW_OK) return node->sim->out_of_memory ? DW_E_NOMEM : status;
    if (!socket) return DW_E_ABI; /* a plugin's transport says that it made one */
    dw_socket_set_notify(socket, notify, user);
    *out = socket;
    return DW_OK;
}

int dw_socket_connect(dw_node *node, const char *protocol, const dw_flow *flow,
                      dw_socket_notify notify, void *user, dw_socket **out)
{
    void *instance;
    dw_socket *socket = NULL;
    const dw_socket_ops *ops = ops_of(node, protocol, &instance);
    if (!ops) return missing(node);
    if (busy(node)) return DW_E_BUSY;
    enter(node);
    int status = ops->connect(instance, flow, &socket);
    leave(node);
    return made(node, status, socket, notify, user, out);
}

int dw_socket_open(dw_node *node, const char *protocol, const dw_open *how, dw_socket_notify notify,
                   void *user, dw_socket **out)
{
    void *instance;
    dw_open own;
    dw_socket *socket = NULL;
    const dw_socket_ops *ops = ops_of(node, protocol, &instance);
    if (!ops) return missing(node);
    if (!DW_OFFERS(dw_socket_ops, ops, open)) return DW_E_INVAL;
    if (DW_CONFIG_READ(&own, how) != DW_OK)
        return dw_sim_fail(node->sim, DW_E_INVAL, "an option of the call is of a later version");
    if (busy(node)) return DW_E_BUSY;
    for (size_t i = 0; i < own.count; i++)
        dw_buf_charge(own.data[i].buf, node->sim->config.account);
    enter(node);
    int status = ops->open(instance, &own, &socket);
    leave(node);
    return made(node, status, socket, notify, user, out);
}

int dw_socket_listen(dw_node *node, const char *protocol, const dw_flow *flow, int backlog,
                     dw_socket_notify notify, void *user, dw_socket **out)
{
    void *instance;
    dw_socket *socket = NULL;
    const dw_socket_ops *ops = ops_of(node, protocol, &instance);
    if (!ops) return missing(node);
    if (busy(node)) return DW_E_BUSY;
    enter(node);
    int status = ops->listen(instance, flow, backlog, &socket);
    leave(node);
    return made(node, status, socket, notify, user, out);
}

int dw_socket_accept(dw_socket *listener, dw_socket_notify notify, void *user, dw_socket **out)
{
    dw_node *node = listener->node;
    dw_socket *socket = NULL;
    if (!listener->listening) return DW_E_INVAL;
    if (busy(node)) return DW_E_BUSY;
    enter(node);
    int status = listener->ops->accept(listener, &socket);
    leave(node);
    return made(node, status, socket, notify, user, out);
}

int64_t dw_socket_send_buf(dw_socket *socket, dw_buf *buf, uint64_t offset, uint64_t len,
                           uint32_t flags)
{
    dw_node *node = socket->node;
    if (flags && !DW_OFFERS(dw_socket_ops, socket->ops, send_flagged)) return DW_E_INVAL;
    if (offset > buf->size || len > buf->size - offset) return DW_E_INVAL;
    if (busy(node)) return DW_E_BUSY;
    if (len > UINT32_MAX / 2) len = UINT32_MAX / 2;
    dw_slice slice = {.buf = dw_buf_ref(buf), .offset = offset, .len = (uint32_t)len};
    dw_buf_charge(buf, node->sim->config.account);
    enter(node);
    int64_t taken = flags ? socket->ops->send_flagged(socket, &slice, 1, flags)
                          : socket->ops->send(socket, &slice, 1);
    leave(node);
    if (taken <= 0) dw_buf_unref(buf);
    return taken;
}

int64_t dw_socket_send_flagged(dw_socket *socket, const void *bytes, size_t len, uint32_t flags)
{
    dw_buf *buf = dw_buf_new(bytes, len);
    if (!buf) return dw_sim_no_memory(socket->node->sim);
    int64_t taken = dw_socket_send_buf(socket, buf, 0, len, flags);
    dw_buf_unref(buf);
    return taken;
}

int64_t dw_socket_send(dw_socket *socket, const void *bytes, size_t len)
{
    return dw_socket_send_flagged(socket, bytes, len, 0);
}

/* An option that is to be set later: its mistakes are found now. */
static int check_setting(const dw_socket *socket, const char *name, const char *text, char *why,
                         size_t why_size)
{
    uint64_t scratch[256];
    if (!DW_OFFERS(dw_socket_ops, socket->ops, options)) return DW_OK;
    for (const dw_option *o = socket->ops->options; o->name; o++) {
        if (strcmp(o->name, name) != 0) continue;
        if (o->offset + sizeof scratch[0] > sizeof scratch) return DW_OK;
        const dw_plugin *named = o->plugins ? dw_plugin_find(socket->node->sim, text) : NULL;
        if (named && named->congestion) return DW_OK;
    }
    return dw_option_set(socket->ops->options, scratch, name, text, why, why_size);
}

/* A setting and its texts, in one block. */
typedef struct later_setting {
    dw_socket *socket;
    const char *name, *text;
} later_setting;

static void set_now(void *arg)
{
    const later_setting *s = arg;
    dw_sim *sim = s->socket->node->sim;
    char why[300] = "";
    int status = dw_socket_set(s->socket, s->name, s->text, why, sizeof why);
    if (status == DW_OK) return;
    dw_sim_fail(sim, status, "%s: %s", s->name, why[0] ? why : dw_strerror(status));
    dw_sim_stop(sim, status);
}

static int set_later(dw_socket *socket, const char *name, const char *text, char *why,
                     size_t why_size)
{
    int status = check_setting(socket, name, text, why, why_size);
    if (status != DW_OK) return status;
    size_t name_size = strlen(name) + 1, text_size = strlen(text) + 1;
    later_setting *s = malloc(sizeof *s + name_size + text_size);
    if (!s) return DW_E_NOMEM;
    char *texts = (char *)(s + 1);
    *s = (later_setting){.socket = socket,
                         .name = memcpy(texts, name, name_size),
                         .text = memcpy(texts + name_size, text, text_size)};
    status = dw_socket_defer(socket, set_now, s, s);
    if (status != DW_OK) free(s);
    return status;
}

int dw_socket_set(dw_socket *socket, const char *name, const char *text, char *why, size_t why_size)
{
    dw_node *node = socket->node;
    if (why_size) why[0] = 0;
    if (!DW_OFFERS(dw_socket_ops, socket->ops, set)) return DW_E_NOENT;
    if (busy(node) && !socket->listening) return set_later(socket, name, text, why, why_size);
    enter(node);
    int status = socket->ops->set(socket, name, text, why, why_size);
    leave(node);
    return status;
}

int64_t dw_socket_send_generated(dw_socket *socket, dw_buf *buf, uint64_t offset, uint64_t len)
{
    return buf->generated ? dw_socket_send_buf(socket, buf, offset, len, 0) : DW_E_INVAL;
}

int64_t dw_socket_recv(dw_socket *socket, void *bytes, size_t max)
{
    uint8_t *out = bytes;
    int64_t total = 0;
    while (max > 0) {
        dw_slice slice;
        int64_t n = dw_socket_recv_slice(socket, max, &slice);
        if (n < 0) return total ? total : n;
        dw_slice_copy(&slice, out);
        dw_buf_unref(slice.buf);
        out += n;
        max -= (size_t)n;
        total += n;
    }
    return total;
}

/* Whoever reads no more does not wait for more. */
static int64_t or_the_end(const dw_socket *socket, int64_t n)
{
    return n == DW_E_AGAIN && socket->read_shut ? DW_E_CLOSED : n;
}

int64_t dw_socket_peek(const dw_socket *socket, void *bytes, size_t max)
{
    if (!DW_OFFERS(dw_socket_ops, socket->ops, peek)) return DW_E_INVAL;
    return or_the_end(socket, socket->ops->peek(socket, max, bytes));
}

int64_t dw_socket_recv_slice(dw_socket *socket, uint64_t max, dw_slice *out)
{
    dw_node *node = socket->node;
    if (busy(node)) return DW_E_BUSY;
    enter(node);
    int64_t n = socket->ops->recv(socket, max, out);
    leave(node);
    return or_the_end(socket, n);
}

/* The ends of a socket: at once, or when the event is over. */

static void shutdown_now(void *arg)
{
    dw_socket_shutdown(arg);
}

int dw_socket_shutdown(dw_socket *socket)
{
    dw_node *node = socket->node;
    if (busy(node)) return dw_socket_defer(socket, shutdown_now, socket, NULL);
    enter(node);
    int status = socket->ops->shutdown(socket);
    leave(node);
    return status;
}

static void shutdown_read_now(void *arg)
{
    dw_socket_shutdown_how(arg, DW_SHUT_RD);
}

static int shutdown_read(dw_socket *socket)
{
    dw_node *node = socket->node;
    if (socket->listening) return DW_E_NOTCONN;
    if (busy(node)) return dw_socket_defer(socket, shutdown_read_now, socket, NULL);
    if (socket->read_shut) return DW_OK;
    socket->read_shut = true;
    enter(node);
    int status = DW_OFFERS(dw_socket_ops, socket->ops, shutdown_read)
                     ? socket->ops->shutdown_read(socket)
                     : DW_OK;
    leave(node);
    node->sim->host.notify(socket, DW_SOCKET_READABLE);
    return status;
}

int dw_socket_shutdown_how(dw_socket *socket, enum dw_shut how)
{
    if (how != DW_SHUT_RD && how != DW_SHUT_WR && how != DW_SHUT_RDWR) return DW_E_INVAL;
    int status = how & DW_SHUT_RD ? shutdown_read(socket) : DW_OK;
    return status == DW_OK && how & DW_SHUT_WR ? dw_socket_shutdown(socket) : status;
}

/* A socket that is on the list of those to be told stays valid until it has been passed over:
 * transports must call notify(socket, 0) before they free one (see host_notify). */
static int end(dw_socket *socket, void (*now)(void *socket), void (*how)(dw_socket *socket))
{
    dw_node *node = socket->node;
    socket->notify = NULL;
    if (busy(node)) return dw_socket_defer(socket, now, socket, NULL);
    enter(node);
    how(socket);
    leave(node);
    return DW_OK;
}

static void close_now(void *arg)
{
    dw_socket_close(arg);
}

int dw_socket_close(dw_socket *socket)
{
    return end(socket, close_now, socket->ops->close);
}

static void abort_now(void *arg)
{
    dw_socket_abort(arg);
}

int dw_socket_abort(dw_socket *socket)
{
    return end(socket, abort_now, socket->ops->abort);
}

int dw_socket_error(const dw_socket *socket)
{
    return socket->ops->error(socket);
}

const char *dw_socket_state(const dw_socket *socket)
{
    return socket->ops->state(socket);
}

void dw_socket_info(const dw_socket *socket, dw_info_fn each, void *ctx)
{
    socket->ops->info(socket, each, ctx);
}

void dw_socket_set_notify(dw_socket *socket, dw_socket_notify notify, void *user)
{
    socket->notify = notify;
    socket->user = user;
    /* What happened before anybody listened is told now. */
    if (notify && socket->events && !socket->ready)
        socket->node->sim->host.notify(socket, socket->events);
}

/* One variable by its name. */
typedef struct wanted {
    const char *name;
    int64_t *out;
    bool found;
} wanted;

static void if_wanted(void *ctx, const char *name, int64_t value)
{
    wanted *w = ctx;
    if (w->found || strcmp(name, w->name) != 0) return;
    *w->out = value;
    w->found = true;
}

bool dw_socket_value(const dw_socket *socket, const char *name, int64_t *out)
{
    wanted w = {name, out, false};
    dw_socket_info(socket, if_wanted, &w);
    return w.found;
}

/* The text that an option of this kind reads as this number. */
static void number_text(const dw_option *o, int64_t value, char *out, size_t size)
{
    switch ((enum dw_option_kind)o->kind) {
    case DW_OPTION_TIME: snprintf(out, size, "%" PRId64 "ns", value); return;
    case DW_OPTION_SIZE: snprintf(out, size, "%" PRId64 "B", value); return;
    case DW_OPTION_COUNT: snprintf(out, size, "%" PRId64, value); return;
    case DW_OPTION_FLAG:
        snprintf(out, size, "%s", value == 0 ? "false" : value == 1 ? "true" : "neither");
        return;
    case DW_OPTION_CHOICE: break;
    }
    for (int64_t i = 0; o->choices[i]; i++)
        if (i == value) {
            snprintf(out, size, "%s", o->choices[i]);
            return;
        }
    snprintf(out, size, "%" PRId64, value); /* no choice is called so */
}

int dw_socket_set_value(dw_socket *socket, const char *name, int64_t value, char *why,
                        size_t why_size)
{
    char text[128];
    if (!DW_OFFERS(dw_socket_ops, socket->ops, options))
        return dw_socket_set(socket, name, "", why, why_size);
    const dw_option *o = socket->ops->options;
    while (o->name && strcmp(o->name, name) != 0)
        o++;
    if (!o->name) return dw_socket_set(socket, name, "", why, why_size);
    number_text(o, value, text, sizeof text);
    return dw_socket_set(socket, name, text, why, why_size);
}

dw_node *dw_socket_node(const dw_socket *socket)
{
    return socket->node;
}

uint32_t dw_socket_conn(const dw_socket *socket)
{
    return socket->conn;
}

void *dw_socket_user(const dw_socket *socket)
{
    return socket->user;
}
