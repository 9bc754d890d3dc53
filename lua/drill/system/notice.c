/* When the error queue learns of what was sent. */
#include "descriptor.h"

#include <stdlib.h>

/* The error queue. */

dw_error_queue *dw_fd_errors(dw_descriptor *d)
{
    if (!d->errors) d->errors = calloc(1, sizeof *d->errors);
    if (!d->errors) dw_fd_no_memory(d->sys);
    return d->errors;
}

uint64_t dw_fd_acked(const dw_descriptor *d)
{
    return d->socket ? d->sent - (uint64_t)dw_fd_info(d, "unacknowledged") : d->sent;
}

void dw_fd_look(dw_descriptor *d)
{
    if (!d->errors) return;
    uint64_t sent = d->socket ? d->sent - (uint64_t)dw_fd_info(d, "unsent") : d->sent;
    dw_time now = dw_sim_now(dw_node_sim(d->sys->host));
    if (dw_error_queue_progress(d->errors, sent, dw_fd_acked(d), now)) d->happenings++;
}

void dw_sys_look(dw_sys *sys)
{
    for (int i = DW_FIRST_FD; sys->timestamps && i < DW_MAX_FDS; i++)
        if (sys->fds[i] && sys->fds[i]->kind == DW_FD_STREAM) dw_fd_look(sys->fds[i]);
}

int64_t dw_sys_notice(dw_sys *sys, int fd, dw_notice *out)
{
    int64_t wrong;
    dw_descriptor *d = dw_fd_stream(sys, fd, &wrong);
    if (!d) return wrong;
    dw_fd_look(d);
    return d->errors && dw_error_queue_take(d->errors, out) ? 0 : -DW_EAGAIN;
}
