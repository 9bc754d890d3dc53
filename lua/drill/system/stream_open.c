/* A stream socket until it is connected: socket, bind, listen, accept, connect. */
#include "descriptor.h"

#include <string.h>

static void happened(dw_socket *socket, uint32_t events, void *user)
{
    dw_descriptor *d = user;
    (void)socket;
    if (events == DW_SOCKET_DRAINED) return; /* nothing that a program can ask for */
    d->happenings++;
    if (events & DW_SOCKET_CONNECTED && d->phase == DW_PHASE_CONNECTING) {
        d->phase = DW_PHASE_CONNECTED;
        d->was_connected = true;
    }
    if (events & DW_SOCKET_REPORT && d->sys->kind == DW_SYS_LINUX && dw_fd_info(d, "icmp"))
        d->soft_error = dw_errno_of_icmp(dw_fd_info(d, "icmp"));
    if (!(events & DW_SOCKET_ERROR) || d->phase == DW_PHASE_LISTENING) return;
    d->error = dw_fd_failure(d);
    d->phase = DW_PHASE_FAILED;
}

int64_t dw_sys_socket(dw_sys *sys, int family, int type, int protocol)
{
    dw_descriptor *d;
    if (family != 4 && family != 6) return -DW_EAFNOSUPPORT;
    if ((type & 0xf) != DW_SOCK_STREAM || (protocol != 6 && protocol != 0))
        return -DW_EPROTONOSUPPORT;
    int64_t fd = dw_fd_new(sys, DW_FD_STREAM, &d);
    if (fd < 0) return fd;
    d->family = (uint8_t)family;
    d->nonblocking = (type & DW_O_NONBLOCK) != 0;
    return fd;
}

static bool port_in_use(const dw_sys *sys, const dw_descriptor *wants, uint16_t port)
{
    for (int fd = 0; fd < DW_MAX_FDS; fd++) {
        const dw_descriptor *d = sys->fds[fd];
        if (d && d != wants && d->kind == DW_FD_STREAM && d->local_port == port &&
            !(d->reuse_address && wants->reuse_address && d->phase != DW_PHASE_LISTENING))
            return true;
    }
    return false;
}

int64_t dw_sys_bind(dw_sys *sys, int fd, const dw_addr *addr, uint16_t port)
{
    int64_t wrong;
    dw_descriptor *d = dw_fd_stream(sys, fd, &wrong);
    if (!d) return wrong;
    if (d->phase != DW_PHASE_FRESH || d->local_port) return -DW_EINVAL;
    if (port && port_in_use(sys, d, port)) return -DW_EADDRINUSE;
    d->local = *addr;
    if (!dw_addr_is_unicast(addr)) d->local = (dw_addr){0};
    d->local_port = port;
    dw_fd_tell_bound(d);
    return 0;
}

int64_t dw_sys_listen(dw_sys *sys, int fd, int backlog)
{
    int64_t wrong;
    dw_descriptor *d = dw_fd_stream(sys, fd, &wrong);
    if (!d) return wrong;
    if (d->phase == DW_PHASE_LISTENING) return 0;
    if (d->phase != DW_PHASE_FRESH) return -DW_EINVAL;
    dw_flow flow = {.local = d->local, .local_port = d->local_port ? d->local_port : 49152};
    /* TCP has this for a host, a program for a socket. */
    if (d->reuse_address) dw_node_option(sys->host, "tcp", "reuse_address", "true");
    int status = dw_socket_listen(sys->host, "tcp", &flow, backlog > 0 ? backlog : -1, happened, d,
                                  &d->socket);
    if (status != DW_OK) return -dw_errno_of(status);
    d->phase = DW_PHASE_LISTENING;
    char why[200];
    for (size_t i = 0; i < d->setting_count; i++)
        dw_socket_set(d->socket, d->settings[i].name, d->settings[i].text, why, sizeof why);
    return 0;
}

/* What a new connection's descriptor takes over from the listener's (accept(2); sk_clone of Linux).
 */
static void inherit(dw_descriptor *d, const dw_descriptor *listener)
{
    d->family = listener->family;
    d->linger = listener->linger;
    d->send_buffer = listener->send_buffer;
    d->receive_buffer = listener->receive_buffer;
    d->notsent_lowat = listener->notsent_lowat;
    d->receive_lowat = listener->receive_lowat;
    d->zero_copy = listener->zero_copy;
    memcpy(d->kept, listener->kept, sizeof d->kept);
    d->kept_count = listener->kept_count;
}

/* A connection without a descriptor for it is gone, and its peer is told.  One that has failed
 * since its handshake is accepted nevertheless: the program learns of it by its first call. */
int64_t dw_sys_accept(dw_sys *sys, int fd, int flags, dw_addr *addr, uint16_t *port)
{
    int64_t wrong;
    dw_descriptor *l = dw_fd_stream(sys, fd, &wrong), *d;
    if (!l) return wrong;
    if (l->phase != DW_PHASE_LISTENING) return -DW_EINVAL;
    dw_socket *socket;
    int status = dw_socket_accept(l->socket, NULL, NULL, &socket);
    if (status == DW_E_AGAIN)
        return l->nonblocking || flags & DW_MSG_DONTWAIT ? -DW_EAGAIN : DW_SYS_WAIT;
    if (status != DW_OK) return -dw_errno_of(status);
    int64_t made = dw_fd_new(sys, DW_FD_STREAM, &d);
    if (made < 0) {
        dw_socket_abort(socket);
        return made;
    }
    inherit(d, l);
    d->nonblocking = (flags & DW_O_NONBLOCK) != 0;
    d->socket = socket;
    d->phase = DW_PHASE_CONNECTED;
    d->was_connected = d->told_connected = true;
    dw_socket_set_notify(socket, happened, d);
    if (dw_socket_error(socket) != DW_OK) {
        d->error = dw_fd_failure(d);
        d->phase = DW_PHASE_FAILED;
    }
    const dw_connection *peer = dw_connections_find(&sys->connections, dw_socket_conn(socket));
    if (addr) *addr = peer ? peer->flow.remote : (dw_addr){0};
    if (port) *port = peer ? peer->flow.remote_port : 0;
    return made;
}

/* Connecting. */

dw_open dw_fd_opening(dw_descriptor *d)
{
    return (dw_open){.flow = {.local = d->local,
                              .remote = d->remote,
                              .local_port = d->local_port,
                              .remote_port = d->remote_port},
                     .settings = d->settings,
                     .setting_count = d->setting_count};
}

int64_t dw_fd_start(dw_descriptor *d, const dw_open *how)
{
    DW_ASSERT(!d->socket); /* it would be open for ever */
    int status = dw_socket_open(d->sys->host, "tcp", how, happened, d, &d->socket);
    if (status != DW_OK) return -(status == DW_E_UNREACH ? DW_ENETUNREACH : dw_errno_of(status));
    d->phase = DW_PHASE_CONNECTING;
    d->error = 0;
    return 0;
}

bool dw_fd_knows_cookie(const dw_descriptor *d)
{
    return dw_node_query(d->sys->host, "tcp", "fast_open_cookie", &d->remote) > 0;
}

int64_t dw_fd_dissolve(dw_descriptor *d)
{
    if (d->socket) dw_socket_abort(d->socket);
    d->socket = NULL;
    d->phase = DW_PHASE_FRESH;
    d->error = 0;
    d->told_connected = d->shut_write = d->shut_read = false;
    return 0;
}

static int64_t finish_connect(dw_descriptor *d)
{
    if (d->phase == DW_PHASE_CONNECTED) {
        if (d->told_connected) return -DW_EISCONN;
        d->told_connected = true;
        return 0;
    }
    if (d->phase == DW_PHASE_FAILED) {
        int64_t error = dw_fd_take_error(d);
        if (d->socket) dw_socket_close(d->socket);
        d->socket = NULL;
        d->phase = DW_PHASE_FRESH;
        return error ? error : -DW_ECONNABORTED;
    }
    return 1;
}

int64_t dw_sys_connect(dw_sys *sys, int fd, const dw_addr *addr, uint16_t port)
{
    int64_t wrong;
    dw_descriptor *d = dw_fd_stream(sys, fd, &wrong);
    if (!d) return wrong;
    if (addr->family == 0) return dw_fd_dissolve(d);
    if (d->phase == DW_PHASE_LISTENING) return -DW_EISCONN;
    if (d->phase == DW_PHASE_FRESH) {
        d->remote = *addr;
        d->remote_port = port;
        dw_open how = dw_fd_opening(d);
        if (d->fast_connect && dw_fd_knows_cookie(d)) {
            d->phase = DW_PHASE_DEFERRED; /* connected as far as the program can tell */
            return 0;
        }
        how.fast = d->fast_connect;
        int64_t status = dw_fd_start(d, &how);
        if (status < 0) return status;
        return d->nonblocking ? -DW_EINPROGRESS : DW_SYS_WAIT;
    }
    if (d->phase == DW_PHASE_DEFERRED) return -DW_EISCONN;
    int64_t done = finish_connect(d);
    if (done <= 0) return done;
    return d->nonblocking ? -DW_EALREADY : DW_SYS_WAIT;
}
