/* poll and epoll. */
#define _GNU_SOURCE
#include "judge.h"

static int64_t once_poll(dw_attempt *a)
{
    int64_t ready = 0;
    for (size_t i = 0; i < a->len; i++) {
        struct pollfd *p = &a->polled[i];
        uint32_t events = dw_sys_poll(dw_judge.sys, dw_judge_inner(p->fd));
        p->revents =
            (short)(events & ((uint32_t)p->events | DW_POLLERR | DW_POLLHUP | DW_POLLNVAL));
        ready += p->revents != 0;
    }
    return ready ? ready : DW_SYS_WAIT;
}

/* Milliseconds from now on; less than none: for ever. */
static dw_time deadline_after(int timeout)
{
    if (timeout < 0) return DW_TIME_NEVER;
    pthread_mutex_lock(&dw_judge.lock);
    dw_time at = dw_judge_now() + timeout * DW_MILLISECOND;
    pthread_mutex_unlock(&dw_judge.lock);
    return at > 0 ? at : 1;
}

int dw_judge_poll(void *u, struct pollfd *fds, nfds_t count, int timeout)
{
    (void)u;
    dw_attempt a = {.once = once_poll, .polled = fds, .len = count};
    a.deadline = deadline_after(timeout);
    return (int)dw_judge_call(&a);
}

int dw_judge_epoll_create(void *u, int size)
{
    (void)u;
    (void)size;
    dw_judge_enter();
    return (int)dw_judge_leave(dw_judge_outer(dw_sys_epoll_create(dw_judge.sys)));
}

int dw_judge_epoll_ctl(void *u, int epoll, int op, int fd, struct epoll_event *event)
{
    (void)u;
    dw_judge_enter();
    struct epoll_event none = {0};
    if (!event) event = &none;
    return (int)dw_judge_leave(dw_sys_epoll_ctl(dw_judge.sys, dw_judge_inner(epoll), op,
                                                dw_judge_inner(fd), event->events,
                                                event->data.u64));
}

static int64_t once_epoll_wait(dw_attempt *a)
{
    int64_t n = dw_sys_epoll_wait(dw_judge.sys, a->fd, &a->events, &a->data);
    return n == 0 ? DW_SYS_WAIT : n;
}

int dw_judge_epoll_wait(void *u, int epoll, struct epoll_event *events, int max, int timeout)
{
    (void)u;
    dw_attempt a = {.once = once_epoll_wait, .fd = dw_judge_inner(epoll)};
    a.deadline = deadline_after(timeout);
    int n = (int)dw_judge_call(&a);
    if (n > 0 && max > 0) {
        events[0].events = a.events;
        events[0].data.u64 = a.data;
    }
    return n;
}
