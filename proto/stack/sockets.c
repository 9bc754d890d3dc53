/* A program's calls, handed to a foreign stack (RFC 9293 3.9.1). */
#include "foreign_stack.h"

#include "engine/emit.h"
#include "engine/node.h"
#include "engine/sim.h"
#include "engine/status.h"
#include "packet/buffer.h"

#include <stdio.h>
#include <string.h>

enum { PIECE = 65536, DEFAULT_BACKLOG = 128 };

static dw_stack_conn *of(dw_socket *socket)
{
    return (dw_stack_conn *)(void *)socket;
}

static dw_stack_listener *listener_of(dw_socket *socket)
{
    return (dw_stack_listener *)(void *)socket;
}

static void trace_call(const dw_stack_conn *c, const char *call, int64_t value,
                       const dw_slice *data)
{
    if (dw_traced(c->stack->node->sim, DW_TRACE_CALL))
        c->stack->host->trace_call(c->stack->node, c->socket.conn, call, value, NULL, data,
                                   data ? 1 : 0);
}

/* The way back from every call: what it changed, and what it sent. */
static void done(dw_stack_conn *c)
{
    dw_stack_touch(c);
    dw_stack_look(c->stack);
    dw_stack_settle_later(c->stack);
}

/* A program that asks for what there is not does not go on as if it had got it. */
static int cannot(dw_stack *s, const char *what)
{
    int status = dw_sim_fail(s->node->sim, DW_E_INVAL, "the stack \"%s\" %s", s->ops->name, what);
    dw_sim_stop(s->node->sim, status);
    return status;
}

/* OPEN, active. */

static int check_open(dw_stack *s, const dw_open *how)
{
    const dw_stack_conn *same = how->flow.local_port ? dw_stack_find(s, &how->flow) : NULL;
    if (how->flow.remote_port == 0) return DW_E_INVAL;
    if (!dw_addr_is_unicast(&how->flow.remote)) return DW_E_ADDRNOTAVAIL;
    if (how->count > 0 || how->fast)
        return cannot(s, "cannot open a connection with data (RFC 7413)");
    if (how->flow.route) return cannot(s, "cannot open a connection with a source route");
    return same && same->user && !same->over ? DW_E_ISCONN : DW_OK;
}

/* The connection of a flow that the stack has chosen. */
static int opened(dw_stack *s, int handle, const dw_flow *flow, dw_stack_conn **out)
{
    if (flow->local_port == 0) {
        dw_stack_fault(s, "connect did not say which port it has chosen");
        return DW_E_ABI;
    }
    dw_stack_conn *c = dw_stack_find(s, flow);
    if (c && c->user && !c->over) {
        dw_stack_fault(s, "connect gave a connection that there is already");
        return DW_E_ABI;
    }
    if (c && !c->user) dw_stack_conn_free(c); /* what is left of an earlier one of this flow */
    c = dw_stack_conn_new(s, flow, DW_END_CLOSED);
    if (!c) return DW_E_NOMEM;
    c->handle = handle;
    c->user = c->opening = true;
    *out = c;
    return DW_OK;
}

static void apply_settings(dw_stack_conn *c, const dw_open *how)
{
    char why[300];
    for (size_t i = 0; i < how->setting_count; i++) {
        const dw_setting *set = &how->settings[i];
        int status = dw_stack_option(c->stack, c->handle, set->name, set->text, why, sizeof why);
        if (status == DW_OK) continue;
        dw_sim_fail(c->stack->node->sim, status, "open: %s", why);
        dw_sim_stop(c->stack->node->sim, status);
    }
}

static int user_open(void *instance, const dw_open *how, dw_socket **out)
{
    dw_stack *s = instance;
    dw_flow flow = how->flow;
    dw_stack_conn *c = NULL;
    int status = check_open(s, how);
    if (status != DW_OK) return status;
    if (!dw_stack_start(s) || !dw_stack_enter(s)) return DW_E_ABI;
    int handle = s->ops->connect(s->instance, &flow);
    dw_stack_leave(s);
    if (handle < 0) return dw_stack_failed(s, "connect", dw_stack_error(s, handle, "connect"));
    status = opened(s, handle, &flow, &c);
    if (status != DW_OK) return status;
    trace_call(c, "connect", flow.remote_port, NULL);
    apply_settings(c, how);
    done(c);
    *out = &c->socket;
    return DW_OK;
}

static int user_connect(void *instance, const dw_flow *flow, dw_socket **out)
{
    return user_open(instance, &(dw_open){.flow = *flow}, out);
}

/* OPEN, passive. */

static dw_stack_listener *new_listener(dw_stack *s, const dw_flow *flow, int backlog)
{
    dw_stack_listener *l = s->host->alloc(s->node, sizeof *l);
    if (!l) return NULL;
    *l = (dw_stack_listener){
        .socket = {.ops = &dw_stack_sockets, .node = s->node, .listening = true},
        .stack = s,
        .next = s->listeners,
        .flow = *flow,
        .backlog = backlog};
    s->listeners = l;
    return l;
}

static int check_listen(dw_stack *s, const dw_flow *flow)
{
    if (flow->local_port == 0) return DW_E_INVAL;
    if (flow->remote.family) return cannot(s, "cannot listen for one peer alone");
    return dw_stack_listens(s, flow->local_port) ? DW_E_ADDRINUSE : DW_OK;
}

static int user_listen(void *instance, const dw_flow *flow, int backlog, dw_socket **out)
{
    dw_stack *s = instance;
    int status = check_listen(s, flow), most = backlog > 0 ? backlog : DEFAULT_BACKLOG;
    if (status != DW_OK) return status;
    if (backlog < 0) most = 1;
    if (!dw_stack_start(s) || !dw_stack_enter(s)) return DW_E_ABI;
    int handle = s->ops->listen(s->instance, flow, most);
    dw_stack_leave(s);
    if (handle < 0) return dw_stack_failed(s, "listen", dw_stack_error(s, handle, "listen"));
    dw_stack_listener *l = new_listener(s, flow, most);
    if (!l) return DW_E_NOMEM;
    l->handle = handle;
    s->host->trace_call(s->node, 0, "listen", flow->local_port, NULL, NULL, 0);
    dw_stack_settle_later(s);
    *out = &l->socket;
    return DW_OK;
}

static int user_accept(dw_socket *socket, dw_socket **out)
{
    dw_stack_listener *l = listener_of(socket);
    dw_stack_conn *c = l->first;
    if (l->crashed) return DW_E_CRASHED;
    if (!c) return DW_E_AGAIN;
    l->first = c->waiting;
    if (!l->first) l->last = NULL;
    l->waiting--;
    c->listener = NULL;
    c->waiting = NULL;
    trace_call(c, "accept", 0, NULL);
    done(c);
    *out = &c->socket;
    return DW_OK;
}

/* SEND. */

static int may_send(const dw_stack_conn *c)
{
    if (c->error) return c->error;
    if (c->over) return DW_E_NOTCONN;
    return c->finished ? DW_E_CLOSING : DW_OK;
}

/* One piece: how much was taken of it, DW_E_AGAIN, or an error. */
static int64_t send_piece(dw_stack_conn *c, const dw_slice *piece, const uint8_t *bytes)
{
    dw_stack *s = c->stack;
    if (!dw_stack_enter(s)) return DW_E_ABI;
    int64_t taken = s->ops->send(s->instance, c->handle, bytes, piece->len);
    dw_stack_leave(s);
    if (taken > (int64_t)piece->len) {
        dw_stack_fault(s, "send took %lld octets of %u", (long long)taken, piece->len);
        return DW_E_ABI;
    }
    if (taken < 0 && taken != DW_E_AGAIN) return dw_stack_error(s, taken, "send");
    if (taken <= 0) return DW_E_AGAIN;
    dw_slice part = *piece;
    part.len = (uint32_t)taken;
    trace_call(c, "send", taken, &part);
    c->taken += (uint64_t)taken;
    return taken;
}

/* As much of a slice as the stack takes; an error only when that is nothing. */
static int64_t send_slice(dw_stack_conn *c, const dw_slice *slice)
{
    uint8_t bytes[PIECE];
    int64_t total = 0;
    while (total < slice->len) {
        dw_slice piece = {.buf = slice->buf, .offset = slice->offset + (uint64_t)total};
        uint64_t left = slice->len - (uint64_t)total;
        piece.len = left < PIECE ? (uint32_t)left : PIECE;
        dw_slice_copy(&piece, bytes);
        int64_t taken = send_piece(c, &piece, bytes);
        if (taken < 0 && taken != DW_E_AGAIN && total == 0) return taken;
        if (taken < 0) break;
        total += taken;
    }
    return total;
}

/* The references of slices that were taken, in part, too, become ours, and are not needed. */
static int64_t user_send(dw_socket *socket, const dw_slice *slices, size_t count)
{
    dw_stack_conn *c = of(socket);
    int64_t status = may_send(c), total = 0;
    if (status != DW_OK) return status;
    for (size_t i = 0; i < count; i++) {
        uint32_t len = slices[i].len; /* of a buffer that may be gone behind it */
        status = send_slice(c, &slices[i]);
        if (status > 0) dw_buf_unref(slices[i].buf);
        if (status > 0) total += status;
        if (status < (int64_t)len) break;
    }
    if (total > 0) done(c); /* or it would be told that there is room, for ever */
    return total > 0 || status == 0 ? total : status;
}

/* RECEIVE. */

static int nothing_to_read(const dw_stack_conn *c)
{
    if (c->error) return c->error;
    return c->over ? DW_E_NOTCONN : DW_E_AGAIN;
}

static int64_t user_recv(dw_socket *socket, uint64_t max, dw_slice *out)
{
    uint8_t bytes[PIECE];
    dw_stack_conn *c = of(socket);
    dw_stack *s = c->stack;
    uint64_t most = max < PIECE ? max : PIECE;
    if (c->handle < 0) return nothing_to_read(c);
    if (!dw_stack_enter(s)) return DW_E_ABI;
    int64_t n = s->ops->recv(s->instance, c->handle, bytes, (size_t)most);
    dw_stack_leave(s);
    if (n > (int64_t)most) {
        dw_stack_fault(s, "recv gave %lld octets where it was asked for %llu", (long long)n,
                       (unsigned long long)most);
        return DW_E_ABI;
    }
    if (n == 0 || n == DW_E_AGAIN) return nothing_to_read(c);
    if (n < 0) return dw_stack_error(s, n, "recv");
    dw_buf *buf = dw_buf_new(bytes, (size_t)n);
    if (!buf) return dw_sim_no_memory(s->node->sim);
    *out = (dw_slice){.buf = buf, .len = (uint32_t)n};
    trace_call(c, "recv", n, out);
    dw_stack_settle_later(s); /* a window may have opened */
    return n;
}

/* CLOSE. */

static int user_shutdown(dw_socket *socket)
{
    dw_stack_conn *c = of(socket);
    dw_stack *s = c->stack;
    if (!s->ops->shutdown) return cannot(s, "cannot shut down one direction alone");
    trace_call(c, "shutdown", 0, NULL);
    if (c->finished) return DW_E_CLOSING;
    if (c->over || c->error) return c->error ? c->error : DW_E_NOTCONN;
    if (!dw_stack_enter(s)) return DW_E_ABI;
    int status = s->ops->shutdown(s->instance, c->handle);
    dw_stack_leave(s);
    if (status != DW_OK)
        return dw_stack_failed(s, "shutdown", dw_stack_error(s, status, "shutdown"));
    c->finished = true;
    done(c);
    return DW_OK;
}

/* Connections that nobody has accepted go with their listener. */
static void close_listener(dw_stack_listener *l)
{
    dw_stack *s = l->stack;
    dw_stack_listener **at = &s->listeners;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    for (dw_stack_conn *c = l->first; c; c = c->waiting) {
        c->user = false;
        c->listener = NULL;
        if (!dw_stack_enter(s)) continue;
        (s->ops->abort ? s->ops->abort : s->ops->close)(s->instance, c->handle);
        dw_stack_leave(s);
        dw_stack_touch(c);
    }
    if (!l->crashed && dw_stack_enter(s)) {
        s->ops->close(s->instance, l->handle);
        if (s->ops->release) s->ops->release(s->instance, l->handle);
        dw_stack_leave(s);
    }
    s->host->notify(&l->socket, 0);
    s->host->free(s->node, l, sizeof *l);
    dw_stack_look(s);
    dw_stack_settle_later(s);
}

static void let_go(dw_socket *socket, const char *call, void (*how)(void *stack, int handle))
{
    dw_stack_conn *c = of(socket);
    dw_stack *s = c->stack;
    trace_call(c, call, 0, NULL);
    c->user = false;
    c->finished = true;
    s->host->notify(socket, 0);
    if (c->handle >= 0 && dw_stack_enter(s)) {
        how(s->instance, c->handle);
        dw_stack_leave(s);
        if (!s->ops->state && how == s->ops->abort) c->end.state = DW_END_CLOSED;
    }
    if (c->handle < 0) { /* of a stack that has crashed since */
        dw_stack_conn_free(c);
        return;
    }
    done(c);
}

static void user_close(dw_socket *socket)
{
    if (socket->listening)
        close_listener(listener_of(socket));
    else
        let_go(socket, "close", of(socket)->stack->ops->close);
}

static void user_abort(dw_socket *socket)
{
    if (socket->listening) {
        close_listener(listener_of(socket));
        return;
    }
    dw_stack *s = of(socket)->stack;
    if (s->ops->abort) {
        let_go(socket, "abort", s->ops->abort);
        return;
    }
    cannot(s, "cannot reset a connection");
}

/* STATUS. */

static int user_error(const dw_socket *socket)
{
    const dw_stack_conn *c = (const dw_stack_conn *)(const void *)socket;
    return socket->listening ? DW_OK : c->error;
}

static const char *user_state(const dw_socket *socket)
{
    const dw_stack_conn *c = (const dw_stack_conn *)(const void *)socket;
    return dw_stack_state_name(socket->listening ? DW_END_LISTEN : c->state);
}

static void user_info(const dw_socket *socket, dw_info_fn each, void *ctx)
{
    const dw_stack_conn *c = (const dw_stack_conn *)(const void *)socket;
    const dw_stack_listener *l = (const dw_stack_listener *)(const void *)socket;
    if (socket->listening) {
        each(ctx, "backlog", l->backlog);
        each(ctx, "waiting", l->waiting);
        return;
    }
    each(ctx, "accepted", c->listener == NULL);
    each(ctx, "iss", c->end.iss);
    each(ctx, "irs", c->end.irs);
    each(ctx, "snd_una", c->end.snd_una);
    each(ctx, "snd_nxt", c->end.snd_nxt);
    each(ctx, "unacknowledged", (int64_t)(uint32_t)(c->end.snd_nxt - c->end.snd_una));
}

static int user_set(dw_socket *socket, const char *name, const char *text, char *why, size_t size)
{
    const dw_stack_conn *c = of(socket);
    if (socket->listening)
        return dw_stack_option(listener_of(socket)->stack, -1, name, text, why, size);
    return dw_stack_option(c->stack, c->handle, name, text, why, size);
}

const dw_socket_ops dw_stack_sockets = {
    .size = sizeof dw_stack_sockets,
    .connect = user_connect,
    .listen = user_listen,
    .accept = user_accept,
    .send = user_send,
    .recv = user_recv,
    .shutdown = user_shutdown,
    .close = user_close,
    .abort = user_abort,
    .error = user_error,
    .state = user_state,
    .info = user_info,
    .open = user_open,
    .set = user_set,
};
