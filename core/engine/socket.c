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
    const dw_plugin *plugin = dw_node_plugin(node, protocol);
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

/* A call that may fail: it leaves a sentence of its own in dw_sim_message. */
typedef struct attempt {
    dw_sim *sim;
    uint64_t failures; /* dw_sim.failures before it */
    const char *what;
} attempt;

static attempt begin(dw_sim *sim, const char *what)
{
    return (attempt){sim, sim->failures, what};
}

static int result(const attempt *a, int status)
{
    return (int)dw_sim_failed(a->sim, a->failures, status, a->what);
}

static int64_t count_or_error(const attempt *a, int64_t status)
{
    return dw_sim_failed(a->sim, a->failures, status, a->what);
}

static int refuse_busy(dw_sim *sim, const char *what)
{
    return dw_sim_fail(sim, DW_E_BUSY, "%s: not in the middle of an event", what);
}

/* A listener has no data, and no direction to end. */
static int refuse_listener(dw_sim *sim, const char *what)
{
    return dw_sim_fail(sim, DW_E_NOTCONN, "%s: the socket listens", what);
}

static int made(dw_node *node, int status, dw_socket *socket, dw_socket_notify notify, void *user,
                dw_socket **out)
{
    if (status != DW_OK) return node->sim->out_of_memory ? DW_E_NOMEM : status;
    if (!socket) /* a plugin's transport says that it made one */
        return dw_sim_fail(node->sim, DW_E_ABI, "the transport has made no socket");
    dw_socket_set_notify(socket, notify, user);
    *out = socket;
    return DW_OK;
}

/* What a transport does not take: the flow says most. */
static int refused_flow(dw_node *node, const attempt *a, int status, const dw_flow *flow)
{
    char local[DW_ADDR_TEXT], remote[DW_ADDR_TEXT];
    if (status != DW_E_INVAL || a->sim->failures != a->failures) return result(a, status);
    return dw_sim_fail(node->sim, status,
                       "%s: it does not take the flow from %s port %u to %s port %u", a->what,
                       dw_addr_format(&flow->local, local, sizeof local), flow->local_port,
                       dw_addr_format(&flow->remote, remote, sizeof remote), flow->remote_port);
}

int dw_socket_connect(dw_node *node, const char *protocol, const dw_flow *flow,
                      dw_socket_notify notify, void *user, dw_socket **out)
{
    void *instance;
    dw_socket *socket = NULL;
    const attempt a = begin(node->sim, "connect");
    const dw_socket_ops *ops = ops_of(node, protocol, &instance);
    if (!ops) return result(&a, missing(node));
    if (busy(node)) return refuse_busy(node->sim, "connect");
    enter(node);
    int status = ops->connect(instance, flow, &socket);
    leave(node);
    status = made(node, status, socket, notify, user, out);
    return refused_flow(node, &a, status, flow);
}

static int check_setting(const dw_sim *sim, const dw_socket_ops *ops, const char *name,
                         const char *text, char *why, size_t why_size);

/* A transport does not say which of the settings it refused. */
static void tell_wrong_setting(dw_sim *sim, const dw_socket_ops *ops, const dw_open *how)
{
    char why[512];
    for (size_t i = 0; i < how->setting_count; i++) {
        const dw_setting *s = &how->settings[i];
        int status = check_setting(sim, ops, s->name, s->text, why, sizeof why);
        if (status == DW_OK) continue;
        dw_sim_fail(sim, status, "open: %s", why);
        return;
    }
}

int dw_socket_open(dw_node *node, const char *protocol, const dw_open *how, dw_socket_notify notify,
                   void *user, dw_socket **out)
{
    void *instance;
    dw_open own;
    dw_socket *socket = NULL;
    const attempt a = begin(node->sim, "open");
    const dw_socket_ops *ops = ops_of(node, protocol, &instance);
    if (!ops) return result(&a, missing(node));
    if (!DW_OFFERS(dw_socket_ops, ops, open))
        return dw_sim_fail(node->sim, DW_E_INVAL, "open: %s takes no options", protocol);
    if (DW_CONFIG_READ(&own, how) != DW_OK)
        return dw_sim_fail(node->sim, DW_E_INVAL, "an option of the call is of a later version");
    if (busy(node)) return refuse_busy(node->sim, "open");
    for (size_t i = 0; i < own.count; i++)
        dw_buf_charge(own.data[i].buf, node->sim->config.account);
    enter(node);
    int status = ops->open(instance, &own, &socket);
    leave(node);
    status = made(node, status, socket, notify, user, out);
    if (status != DW_OK && a.sim->failures == a.failures) tell_wrong_setting(node->sim, ops, &own);
    return refused_flow(node, &a, status, &own.flow);
}

int dw_socket_listen(dw_node *node, const char *protocol, const dw_flow *flow, int backlog,
                     dw_socket_notify notify, void *user, dw_socket **out)
{
    void *instance;
    dw_socket *socket = NULL;
    const attempt a = begin(node->sim, "listen");
    const dw_socket_ops *ops = ops_of(node, protocol, &instance);
    if (!ops) return result(&a, missing(node));
    if (backlog < -1)
        return dw_sim_fail(node->sim, DW_E_INVAL, "listen: a backlog is -1 or more, not %d",
                           backlog);
    if (busy(node)) return refuse_busy(node->sim, "listen");
    enter(node);
    int status = ops->listen(instance, flow, backlog, &socket);
    leave(node);
    status = made(node, status, socket, notify, user, out);
    return refused_flow(node, &a, status, flow);
}

int dw_socket_accept(dw_socket *listener, dw_socket_notify notify, void *user, dw_socket **out)
{
    dw_node *node = listener->node;
    dw_socket *socket = NULL;
    const attempt a = begin(node->sim, "accept");
    if (!listener->listening)
        return dw_sim_fail(node->sim, DW_E_INVAL, "accept: the socket does not listen");
    if (busy(node)) return refuse_busy(node->sim, "accept");
    enter(node);
    int status = listener->ops->accept(listener, &socket);
    leave(node);
    return result(&a, made(node, status, socket, notify, user, out));
}

/* DW_OK, or what is wrong with such a send, with a sentence. */
static int check_send(const dw_socket *socket, const dw_buf *buf, uint64_t offset, uint64_t len,
                      uint32_t flags)
{
    dw_sim *sim = socket->node->sim;
    if (socket->listening) return refuse_listener(sim, "send");
    if (flags & ~(uint32_t)(DW_SEND_URGENT | DW_SEND_MORE | DW_SEND_EOR))
        return dw_sim_fail(sim, DW_E_INVAL, "send: there are no flags 0x%x", (unsigned)flags);
    if (flags && !DW_OFFERS(dw_socket_ops, socket->ops, send_flagged))
        return dw_sim_fail(sim, DW_E_INVAL, "send: the transport knows no flags");
    if (offset > buf->size || len > buf->size - offset)
        return dw_sim_fail(sim, DW_E_INVAL, "send: the buffer has no such octets");
    return busy(socket->node) ? refuse_busy(sim, "send") : DW_OK;
}

int64_t dw_socket_send_buf(dw_socket *socket, dw_buf *buf, uint64_t offset, uint64_t len,
                           uint32_t flags)
{
    dw_node *node = socket->node;
    const attempt a = begin(node->sim, "send");
    int status = check_send(socket, buf, offset, len, flags);
    if (status != DW_OK) return status;
    if (len > UINT32_MAX / 2) len = UINT32_MAX / 2;
    dw_slice slice = {.buf = dw_buf_ref(buf), .offset = offset, .len = (uint32_t)len};
    dw_buf_charge(buf, node->sim->config.account);
    enter(node);
    int64_t taken = flags ? socket->ops->send_flagged(socket, &slice, 1, flags)
                          : socket->ops->send(socket, &slice, 1);
    leave(node);
    if (taken <= 0) dw_buf_unref(buf);
    return count_or_error(&a, taken);
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

static const dw_option *option_named(const dw_socket_ops *ops, const char *name)
{
    const dw_option *o = DW_OFFERS(dw_socket_ops, ops, options) ? ops->options : NULL;
    while (o && o->name && strcmp(o->name, name) != 0)
        o++;
    return o && o->name ? o : NULL;
}

/* Options are tried in a struct of nobody's; one that is too large for that is not tried. */
enum { TRIAL = 256 };

static bool fits_trial(const dw_option *o)
{
    return o->offset + sizeof(uint64_t) <= TRIAL * sizeof(uint64_t);
}

/* An option that is not to be set now, or was not: its mistakes, with a sentence. */
static int check_setting(const dw_sim *sim, const dw_socket_ops *ops, const char *name,
                         const char *text, char *why, size_t why_size)
{
    uint64_t trial[TRIAL];
    if (!DW_OFFERS(dw_socket_ops, ops, options)) return DW_OK;
    const dw_option *o = option_named(ops, name);
    const dw_plugin *named = o && o->plugins ? dw_plugin_find(sim, text) : NULL;
    if (o && (!fits_trial(o) || (named && named->congestion))) return DW_OK;
    return dw_option_set(ops->options, trial, name, text, why, why_size);
}

static int check_value(const dw_socket_ops *ops, const char *name, int64_t value, char *why,
                       size_t why_size)
{
    uint64_t trial[TRIAL];
    const dw_option *o = option_named(ops, name);
    if (!DW_OFFERS(dw_socket_ops, ops, options) || (o && !fits_trial(o))) return DW_OK;
    return dw_option_set_value(ops->options, trial, name, value, why, why_size);
}

/* A setting and its texts, in one block. */
typedef struct later_setting {
    dw_socket *socket;
    const char *name, *text; /* text NULL: value */
    int64_t value;
} later_setting;

static void set_now(void *arg)
{
    const later_setting *s = arg;
    dw_sim *sim = s->socket->node->sim;
    char why[300] = "";
    int status = s->text ? dw_socket_set(s->socket, s->name, s->text, why, sizeof why)
                         : dw_socket_set_value(s->socket, s->name, s->value, why, sizeof why);
    if (status == DW_OK) return;
    dw_sim_fail(sim, status, "%s: %s", s->name, why[0] ? why : dw_strerror(status));
    dw_sim_stop(sim, status);
}

/* What has been found to be right: text, or NULL and a value. */
static int set_later(dw_socket *socket, const char *name, const char *text, int64_t value)
{
    size_t name_size = strlen(name) + 1, text_size = text ? strlen(text) + 1 : 0;
    later_setting *s = malloc(sizeof *s + name_size + text_size);
    if (!s) return DW_E_NOMEM;
    char *texts = (char *)(s + 1);
    *s = (later_setting){.socket = socket, .name = memcpy(texts, name, name_size), .value = value};
    if (text) s->text = memcpy(texts + name_size, text, text_size);
    int status = dw_socket_defer(socket, set_now, s, s);
    if (status != DW_OK) free(s);
    return status;
}

/* The sentence of a setting that failed is in why, and dw_sim_message has it, too. */
static int set_result(const attempt *a, int status, const char *why)
{
    bool ending = a->sim->running && a->sim->stopped;
    if (status != DW_OK && why && why[0] && !ending)
        return dw_sim_fail(a->sim, status, "%s: %s", a->what, why);
    return result(a, status);
}

int dw_socket_set(dw_socket *socket, const char *name, const char *text, char *why, size_t why_size)
{
    dw_node *node = socket->node;
    const attempt a = begin(node->sim, "set");
    int status;
    if (why_size) why[0] = 0;
    if (!DW_OFFERS(dw_socket_ops, socket->ops, set)) return result(&a, DW_E_NOENT);
    if (busy(node) && !socket->listening) {
        status = check_setting(node->sim, socket->ops, name, text, why, why_size);
        if (status == DW_OK) status = set_later(socket, name, text, 0);
    } else {
        enter(node);
        status = socket->ops->set(socket, name, text, why, why_size);
        leave(node);
    }
    return set_result(&a, status, why_size ? why : NULL);
}

/* For transports that read text alone: what such an option reads as this number. */
static void number_text(const dw_option *o, int64_t value, char *out, size_t size)
{
    switch ((enum dw_option_kind)o->kind) {
    case DW_OPTION_TIME: snprintf(out, size, "%" PRId64 "ns", value); return;
    case DW_OPTION_SIZE: snprintf(out, size, "%" PRId64 "B", value); return;
    case DW_OPTION_COUNT: snprintf(out, size, "%" PRId64, value); return;
    case DW_OPTION_FLAG: snprintf(out, size, "%s", value ? "true" : "false"); return;
    case DW_OPTION_CHOICE: snprintf(out, size, "%s", o->choices[value]); return;
    }
}

static int set_as_text(dw_socket *socket, const char *name, int64_t value, char *why,
                       size_t why_size)
{
    char text[128] = "";
    const dw_option *o = option_named(socket->ops, name);
    if (o) number_text(o, value, text, sizeof text);
    return dw_socket_set(socket, name, text, why, why_size);
}

int dw_socket_set_value(dw_socket *socket, const char *name, int64_t value, char *why,
                        size_t why_size)
{
    dw_node *node = socket->node;
    const attempt a = begin(node->sim, "set");
    if (why_size) why[0] = 0;
    int status = check_value(socket->ops, name, value, why, why_size);
    if (status != DW_OK) return set_result(&a, status, why_size ? why : NULL);
    if (!DW_OFFERS(dw_socket_ops, socket->ops, set_value))
        return set_as_text(socket, name, value, why, why_size);
    if (busy(node) && !socket->listening) {
        status = set_later(socket, name, NULL, value);
    } else {
        enter(node);
        status = socket->ops->set_value(socket, name, value, why, why_size);
        leave(node);
    }
    return set_result(&a, status, why_size ? why : NULL);
}

int64_t dw_socket_send_generated(dw_socket *socket, dw_buf *buf, uint64_t offset, uint64_t len)
{
    if (!buf->generated)
        return dw_sim_fail(socket->node->sim, DW_E_INVAL, "send: the buffer is no generated one");
    return dw_socket_send_buf(socket, buf, offset, len, 0);
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
    const attempt a = begin(socket->node->sim, "peek");
    if (socket->listening) return refuse_listener(socket->node->sim, "peek");
    if (!DW_OFFERS(dw_socket_ops, socket->ops, peek)) return count_or_error(&a, DW_E_INVAL);
    return count_or_error(&a, or_the_end(socket, socket->ops->peek(socket, max, bytes)));
}

int64_t dw_socket_recv_slice(dw_socket *socket, uint64_t max, dw_slice *out)
{
    dw_node *node = socket->node;
    const attempt a = begin(node->sim, "recv");
    if (socket->listening) return refuse_listener(node->sim, "recv");
    if (busy(node)) return refuse_busy(node->sim, "recv");
    enter(node);
    int64_t n = socket->ops->recv(socket, max, out);
    leave(node);
    return count_or_error(&a, or_the_end(socket, n));
}

/* The ends of a socket: at once, or when the event is over. */

static void shutdown_now(void *arg)
{
    dw_socket_shutdown(arg);
}

int dw_socket_shutdown(dw_socket *socket)
{
    dw_node *node = socket->node;
    const attempt a = begin(node->sim, "shutdown");
    if (socket->listening) return refuse_listener(node->sim, "shutdown");
    if (busy(node)) return dw_socket_defer(socket, shutdown_now, socket, NULL);
    enter(node);
    int status = socket->ops->shutdown(socket);
    leave(node);
    return result(&a, status);
}

static void shutdown_read_now(void *arg)
{
    dw_socket_shutdown_how(arg, DW_SHUT_RD);
}

static int shutdown_read(dw_socket *socket)
{
    dw_node *node = socket->node;
    const attempt a = begin(node->sim, "shutdown");
    if (socket->listening) return refuse_listener(node->sim, "shutdown");
    if (busy(node)) return dw_socket_defer(socket, shutdown_read_now, socket, NULL);
    if (socket->read_shut) return DW_OK;
    socket->read_shut = true;
    enter(node);
    int status = DW_OFFERS(dw_socket_ops, socket->ops, shutdown_read)
                     ? socket->ops->shutdown_read(socket)
                     : DW_OK;
    leave(node);
    node->sim->host.notify(socket, DW_SOCKET_READABLE);
    return result(&a, status);
}

int dw_socket_shutdown_how(dw_socket *socket, enum dw_shut how)
{
    if (how != DW_SHUT_RD && how != DW_SHUT_WR && how != DW_SHUT_RDWR)
        return dw_sim_fail(socket->node->sim, DW_E_INVAL, "shutdown: there is no way %d", (int)how);
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
