/* The end of a socket: shutdown, close, and tcpdrop. */
#include "descriptor.h"

/* Closing. */

int64_t dw_sys_shutdown(dw_sys *sys, int fd, int how)
{
    int64_t wrong;
    dw_descriptor *d = dw_fd_stream(sys, fd, &wrong);
    if (!d) return wrong;
    if (how < 0 || how > 2) return -DW_EINVAL;
    if (d->phase == DW_PHASE_FRESH || d->phase == DW_PHASE_FAILED) return -DW_ENOTCONN;
    if (d->phase == DW_PHASE_LISTENING) {
        dw_socket_close(d->socket);
        d->socket = NULL;
        d->phase = DW_PHASE_FRESH;
        return 0;
    }
    if (d->phase == DW_PHASE_CONNECTING && sys->kind == DW_SYS_LINUX &&
        dw_fd_in_state(d, "SYN-SENT")) {
        /* Linux takes the connection apart. */
        dw_fd_dissolve(d);
        return 0;
    }
    if (how != 1) {
        d->shut_read = true;
        dw_socket_shutdown_how(d->socket, DW_SHUT_RD);
    }
    if (how == 0 || d->shut_write) return 0;
    d->shut_write = true;
    int status = dw_socket_shutdown(d->socket);
    return status == DW_OK || status == DW_E_CLOSING ? 0 : -dw_errno_of(status);
}

/* SO_LINGER with a time: wait for the peer to have everything. */
static bool lingers(dw_descriptor *d)
{
    dw_time now = dw_sim_now(dw_node_sim(d->sys->host));
    if (d->linger <= 0 || d->nonblocking || d->phase != DW_PHASE_CONNECTED || !d->socket)
        return false;
    if (d->linger_until == 0) {
        d->linger_until = dw_time_add(now, d->linger * DW_SECOND);
        dw_socket_shutdown(d->socket);
    }
    return now < d->linger_until && dw_fd_info(d, "unacknowledged") > 0;
}

int64_t dw_sys_close(dw_sys *sys, int fd)
{
    dw_descriptor *d = dw_fd_find(sys, fd);
    if (!d) return -DW_EBADF;
    if (lingers(d)) return DW_SYS_WAIT;
    if (sys->kind == DW_SYS_FREEBSD && d->kind == DW_FD_STREAM && d->phase == DW_PHASE_FRESH &&
        d->local_port)
        dw_node_option(sys->host, "tcp", "bound", "0 0 0");
    if (d->socket && d->linger == 0 && d->phase != DW_PHASE_LISTENING)
        dw_socket_abort(d->socket);
    else if (d->socket)
        dw_socket_close(d->socket);
    dw_epoll_forget(sys, fd);
    dw_fd_free(sys, fd);
    return 0;
}

void dw_sys_drop(dw_sys *sys, const char *state)
{
    for (int fd = 0; fd < DW_MAX_FDS; fd++) {
        dw_descriptor *d = sys->fds[fd];
        if (!d || d->kind != DW_FD_STREAM || d->phase == DW_PHASE_LISTENING ||
            !dw_fd_in_state(d, state))
            continue;
        dw_socket_abort(d->socket);
        d->socket = NULL;
        d->phase = DW_PHASE_FAILED;
        d->error = DW_ECONNABORTED;
    }
}
