/* epoll: events as they come true, by level or by edge. */
#include "descriptor.h"

#include <stdlib.h>

void dw_epoll_forget(dw_sys *sys, int fd)
{
    for (int e = 0; e < DW_MAX_FDS; e++) {
        dw_watch **at = sys->fds[e] ? &sys->fds[e]->watches : NULL;
        while (at && *at) {
            dw_watch *w = *at;
            if (w->fd != fd) {
                at = &w->next;
                continue;
            }
            *at = w->next;
            free(w);
        }
    }
}

int64_t dw_sys_epoll_create(dw_sys *sys)
{
    dw_descriptor *d;
    return dw_fd_new(sys, DW_FD_EPOLL, &d);
}

/* epoll_ctl(2).  A watch that is modified is as new: it tells at once what is true (EPOLL_CTL_MOD),
 * also after EPOLLONESHOT. */
int64_t dw_sys_epoll_ctl(dw_sys *sys, int epoll, int op, int fd, uint32_t events, uint64_t data)
{
    enum { ADD = 1, DELETE = 2, MODIFY = 3 };
    dw_descriptor *e = dw_fd_find(sys, epoll);
    if (!e || !dw_fd_find(sys, fd)) return -DW_EBADF;
    if (e->kind != DW_FD_EPOLL || epoll == fd) return -DW_EINVAL;
    dw_watch **at = &e->watches;
    while (*at && (*at)->fd != fd)
        at = &(*at)->next;
    if (op == ADD && *at) return -DW_EEXIST;
    if (op != ADD && !*at) return -DW_ENOENT;
    if (op == DELETE) {
        dw_watch *w = *at;
        *at = w->next;
        free(w);
        return 0;
    }
    if (op != ADD && op != MODIFY) return -DW_EINVAL;
    if (op == ADD && !(*at = calloc(1, sizeof(dw_watch)))) return dw_fd_no_memory(sys);
    dw_watch *next = (*at)->next;
    **at =
        (dw_watch){.next = next, .fd = fd, .events = events, .data = data, .told_at = UINT64_MAX};
    return 0;
}

int64_t dw_sys_epoll_wait(dw_sys *sys, int epoll, uint32_t *events, uint64_t *data)
{
    dw_descriptor *e = dw_fd_find(sys, epoll);
    if (!e) return -DW_EBADF;
    if (e->kind != DW_FD_EPOLL) return -DW_EINVAL;
    for (dw_watch *w = e->watches; w; w = w->next) {
        dw_descriptor *d = dw_fd_find(sys, w->fd);
        uint32_t now = dw_sys_poll(sys, w->fd) & (w->events | DW_POLLERR | DW_POLLHUP);
        if (w->spent || !now) {
            w->seen &= now;
            continue;
        }
        /* Edge-triggered: only when something has happened since it was last told, or another bit
         * is true: one that comes by the program's own call (shutdown) happens to nobody. */
        if (w->events & DW_EPOLLET && w->told_at == d->happenings && !(now & ~w->seen)) continue;
        w->told_at = d->happenings;
        w->seen = now;
        if (w->events & (uint32_t)DW_EPOLLONESHOT) w->spent = true;
        *events = now;
        *data = w->data;
        return 1;
    }
    return 0;
}
