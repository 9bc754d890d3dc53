/* poll: the events that are true of a descriptor. */
#include "descriptor.h"

/* poll and epoll. */

/* Nothing comes any more: a FIN, the program's own shutdown, or on Linux an error. */
static bool has_ended_reading(const dw_descriptor *d)
{
    bool error = d->phase == DW_PHASE_FAILED && d->sys->kind == DW_SYS_LINUX;
    return error || d->shut_read || dw_fd_info(d, "fin_received");
}

/* tcp_poll of Linux's net/ipv4/tcp.c, in its order: POLLHUP when both directions are shut, or there
 * is no connection; one that is being made is neither readable nor writable, unless it began with
 * data (RFC 7413). */
static uint32_t poll_stream(dw_descriptor *d)
{
    dw_fd_look(d);
    bool told = d->errors && dw_error_queue_waits(d->errors);
    uint32_t events = d->error || told ? DW_POLLERR : 0;
    if (d->phase == DW_PHASE_LISTENING) {
        if (dw_fd_info(d, "waiting") > 0) events |= DW_POLLIN | DW_POLLRDNORM;
        return events;
    }
    if (d->phase == DW_PHASE_DEFERRED) return events | DW_POLLOUT | DW_POLLWRNORM;
    bool gone = d->phase == DW_PHASE_FRESH || d->phase == DW_PHASE_FAILED;
    bool ended = gone || dw_fd_in_state(d, "CLOSED"), fin = has_ended_reading(d);
    if (ended || (fin && d->shut_write)) events |= DW_POLLHUP;
    if (fin) events |= DW_POLLIN | DW_POLLRDNORM | DW_POLLRDHUP;
    if (d->phase == DW_PHASE_CONNECTING && !dw_fd_info(d, "fast")) return events;
    if (dw_fd_info(d, "unread") >= dw_fd_receive_lowat(d)) events |= DW_POLLIN | DW_POLLRDNORM;
    if (ended || d->shut_write || dw_fd_info(d, "writable")) events |= DW_POLLOUT | DW_POLLWRNORM;
    return events;
}

uint32_t dw_sys_poll(dw_sys *sys, int fd)
{
    dw_descriptor *d = dw_fd_find(sys, fd);
    if (!d) return DW_POLLNVAL;
    switch ((enum dw_fd_kind)d->kind) {
    case DW_FD_STREAM: return poll_stream(d);
    case DW_FD_PIPE: return DW_POLLOUT | (d->held > 0 ? DW_POLLIN : 0);
    case DW_FD_FILE: return DW_POLLIN | DW_POLLOUT;
    case DW_FD_EPOLL: return 0;
    }
    return 0;
}
