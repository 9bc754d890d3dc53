/* Receiving, and how much there is to send and to receive. */
#include "descriptor.h"

/* Receiving. */

static int64_t nothing_to_read(dw_descriptor *d, int flags)
{
    bool wait = !d->nonblocking && !(flags & DW_MSG_DONTWAIT);
    if (d->error) return dw_fd_take_error(d);
    if (d->shut_read || d->phase == DW_PHASE_FAILED) return 0;
    return wait ? DW_SYS_WAIT : -DW_EAGAIN;
}

/* A blocking call takes what comes, and ends once that is enough (SO_RCVLOWAT, MSG_WAITALL) or
 * nothing more will come. */
static int64_t read_enough(dw_descriptor *d, uint8_t *bytes, size_t len, int flags)
{
    size_t min = flags & DW_MSG_WAITALL ? len : (size_t)dw_fd_receive_lowat(d),
           total = d->read_so_far;
    int64_t n = 0;
    if (min > len) min = len;
    do {
        n = dw_socket_recv(d->socket, bytes + total, len - total);
        if (n > 0) total += (size_t)n;
    } while (n > 0 && total < min);
    bool enough = total >= min || (n != DW_E_AGAIN && n <= 0);
    d->read_so_far = enough ? 0 : total;
    if (enough && total > 0) return (int64_t)total;
    return total > 0 ? DW_SYS_WAIT : n;
}

/* An error is told once all that came before it has been read. */
int64_t dw_sys_recv(dw_sys *sys, int fd, void *bytes, size_t len, int flags)
{
    int64_t wrong, n;
    dw_descriptor *d = dw_fd_stream(sys, fd, &wrong);
    if (!d) return wrong;
    if (flags & DW_MSG_ERRQUEUE) return -DW_EAGAIN; /* of dw_sys_notice */
    if (d->phase == DW_PHASE_FRESH || d->phase == DW_PHASE_LISTENING)
        return d->error ? dw_fd_take_error(d) : -DW_ENOTCONN;
    if (!d->socket) return nothing_to_read(d, flags);
    bool wait = !d->nonblocking && !(flags & DW_MSG_DONTWAIT);
    if (flags & DW_MSG_PEEK)
        n = dw_socket_peek(d->socket, bytes, len);
    else if (wait)
        n = read_enough(d, bytes, len, flags);
    else
        n = dw_socket_recv(d->socket, bytes, len);
    if (n >= 0 || n == DW_SYS_WAIT) return n;
    if (n == DW_E_CLOSED) return 0;
    return nothing_to_read(d, flags);
}

int64_t dw_sys_inq(dw_sys *sys, int fd)
{
    int64_t wrong;
    dw_descriptor *d = dw_fd_stream(sys, fd, &wrong);
    if (!d) return wrong;
    if (d->phase == DW_PHASE_LISTENING) return -DW_EINVAL;
    int64_t unread = dw_fd_info(d, "unread");
    /* Linux counts the peer's FIN as one octet when there is nothing else. */
    if (unread == 0 && sys->kind == DW_SYS_LINUX && dw_fd_info(d, "fin_received")) return 1;
    return unread;
}

int64_t dw_sys_outq(dw_sys *sys, int fd, bool unsent_only)
{
    int64_t wrong;
    dw_descriptor *d = dw_fd_stream(sys, fd, &wrong);
    if (!d) return wrong;
    return dw_fd_info(d, unsent_only ? "unsent" : "unacknowledged");
}
