/* poll: the events that are true of a descriptor. */
#include "descriptor.h"

/* poll and epoll. */

static uint32_t poll_stream(dw_descriptor *d)
{
    dw_fd_look(d);
    bool waits = d->errors && dw_error_queue_waits(d->errors);
    uint32_t events = d->error || waits ? DW_POLLERR : 0;
    if (d->phase == DW_PHASE_LISTENING)
        return events | (dw_fd_info(d, "waiting") > 0 ? DW_POLLIN | DW_POLLRDNORM : 0u);
    if (d->phase == DW_PHASE_DEFERRED) return events | DW_POLLOUT | DW_POLLWRNORM;
    bool linux = d->sys->kind == DW_SYS_LINUX;
    bool ended =
        d->phase == DW_PHASE_FRESH || d->phase == DW_PHASE_FAILED || dw_fd_in_state(d, "CLOSED");
    bool fin =
        dw_fd_info(d, "fin_received") || d->shut_read || (linux && d->phase == DW_PHASE_FAILED);
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
