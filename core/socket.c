/* Sockets: the calls of drywire.h, handed to the transport that made the socket. */
#include "internal.h"

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

static int made(dw_node *node, int status, dw_socket *socket, dw_socket_notify notify, void *user,
                dw_socket **out)
{
    if (status != DW_OK) return node->sim->out_of_memory ? DW_E_NOMEM : status;
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
    int status = ops->connect(instance, flow, &socket);
    return made(node, status, socket, notify, user, out);
}

int dw_socket_open(dw_node *node, const char *protocol, const dw_open *how, dw_socket_notify notify,
                   void *user, dw_socket **out)
{
    void *instance;
    dw_socket *socket = NULL;
    const dw_socket_ops *ops = ops_of(node, protocol, &instance);
    if (!ops) return missing(node);
    if (!DW_OFFERS(dw_socket_ops, ops, open)) return DW_E_INVAL;
    int status = ops->open(instance, how, &socket);
    return made(node, status, socket, notify, user, out);
}

int dw_socket_listen(dw_node *node, const char *protocol, const dw_flow *flow, int backlog,
                     dw_socket_notify notify, void *user, dw_socket **out)
{
    void *instance;
    dw_socket *socket = NULL;
    const dw_socket_ops *ops = ops_of(node, protocol, &instance);
    if (!ops) return missing(node);
    int status = ops->listen(instance, flow, backlog, &socket);
    return made(node, status, socket, notify, user, out);
}

int dw_socket_accept(dw_socket *listener, dw_socket_notify notify, void *user, dw_socket **out)
{
    dw_socket *socket = NULL;
    if (!listener->listening) return DW_E_INVAL;
    int status = listener->ops->accept(listener, &socket);
    return made(listener->node, status, socket, notify, user, out);
}

int64_t dw_socket_send_buf(dw_socket *socket, dw_buf *buf, uint64_t offset, uint64_t len,
                           uint32_t flags)
{
    if (flags && !DW_OFFERS(dw_socket_ops, socket->ops, send_flagged)) return DW_E_INVAL;
    if (offset > buf->size || len > buf->size - offset) return DW_E_INVAL;
    if (len > UINT32_MAX / 2) len = UINT32_MAX / 2;
    dw_slice slice = {.buf = dw_buf_ref(buf), .offset = offset, .len = (uint32_t)len};
    int64_t taken = flags ? socket->ops->send_flagged(socket, &slice, 1, flags)
                          : socket->ops->send(socket, &slice, 1);
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

int dw_socket_set(dw_socket *socket, const char *name, const char *text, char *why, size_t why_size)
{
    if (why_size) why[0] = 0;
    if (!DW_OFFERS(dw_socket_ops, socket->ops, set)) return DW_E_NOENT;
    return socket->ops->set(socket, name, text, why, why_size);
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
        int64_t n = socket->ops->recv(socket, max, &slice);
        if (n < 0) return total ? total : n;
        dw_slice_copy(&slice, out);
        dw_buf_unref(slice.buf);
        out += n;
        max -= (size_t)n;
        total += n;
    }
    return total;
}

int64_t dw_socket_peek(const dw_socket *socket, void *bytes, size_t max)
{
    if (!DW_OFFERS(dw_socket_ops, socket->ops, peek)) return DW_E_INVAL;
    return socket->ops->peek(socket, max, bytes);
}

int64_t dw_socket_recv_slice(dw_socket *socket, uint64_t max, dw_slice *out)
{
    return socket->ops->recv(socket, max, out);
}

int dw_socket_shutdown(dw_socket *socket)
{
    return socket->ops->shutdown(socket);
}

/* A socket that is on the list of those to be told stays valid until it has been passed over:
 * transports must call notify(socket, 0) before they free one (see host_notify). */
void dw_socket_close(dw_socket *socket)
{
    socket->notify = NULL;
    socket->ops->close(socket);
}

void dw_socket_abort(dw_socket *socket)
{
    socket->notify = NULL;
    socket->ops->abort(socket);
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
