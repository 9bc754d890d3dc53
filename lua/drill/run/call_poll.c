/* poll and epoll. */
#include "call.h"

/* poll and epoll. */

static dw_time milliseconds(int64_t ms)
{
    return ms > DW_TIME_NEVER / DW_MILLISECOND ? DW_TIME_NEVER : ms * DW_MILLISECOND;
}

/* A timeout in milliseconds; negative: none. */
static bool timed_out(dw_call_frame *f, int64_t ms)
{
    dw_time now = f->run->world->now(f->run);
    if (ms == 0) return true;
    if (ms < 0) return false;
    if (f->pending->deadline == DW_TIME_NEVER)
        f->pending->deadline = dw_time_add(now, milliseconds(ms));
    return now >= f->pending->deadline;
}

/* What poll would say of one {fd=, events=}: errors are told unasked (poll(2)). */
static bool poll_one(dw_call_frame *f, const dw_drill_expr *e, uint32_t *out)
{
    int fd;
    int64_t wanted;
    const dw_drill_expr *p = dw_call_part(e, "fd"), *events = dw_call_part(e, "events");
    if (!p || !events)
        return dw_drill_stop(&f->run->outcome, DW_DRILL_WRONG, "poll: expected {fd=, events=}");
    if (!dw_call_fd_of(f, p, &fd) || !dw_call_value(f, events, &wanted)) return false;
    *out = f->run->world->calls->poll(f->run->sys, fd) &
           ((uint32_t)wanted | DW_POLLERR | DW_POLLHUP | DW_POLLNVAL);
    return true;
}

enum dw_call_status dw_call_poll(dw_call_frame *f)
{
    int64_t timeout;
    uint32_t came;
    f->result = 0;
    if (!dw_call_number(f, 2, &timeout)) return DW_CALL_STOPPED;
    for (const dw_drill_expr *e = f->arg[0]->first; e; e = e->next) {
        if (!poll_one(f, e, &came)) return DW_CALL_STOPPED;
        f->result += came != 0;
    }
    if (f->result == 0 && !timed_out(f, timeout)) return DW_CALL_WAITS;
    if (dw_call_compare(f) != DW_CALL_DONE) return DW_CALL_STOPPED;
    for (const dw_drill_expr *e = f->arg[0]->first; e; e = e->next) {
        int64_t expected = 0;
        const dw_drill_expr *revents = dw_call_part(e, "revents");
        if (!poll_one(f, e, &came)) return DW_CALL_STOPPED;
        if (revents && !dw_call_value(f, revents, &expected)) return DW_CALL_STOPPED;
        if (came != (uint32_t)expected)
            return dw_call_status_of(dw_call_differs(f, "revents", expected, came));
    }
    return DW_CALL_DONE;
}

enum dw_call_status dw_call_epoll_create(dw_call_frame *f)
{
    f->result = f->run->world->calls->epoll_create(f->run->sys);
    return dw_call_compare_fd(f);
}

static bool epoll_data(dw_call_frame *f, const dw_drill_expr *e, uint64_t *out)
{
    static const char *const names[] = {"fd", "ptr", "u32", "u64"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const dw_drill_expr *p = dw_call_part(e, names[i]);
        int64_t v;
        if (!p) continue;
        if (!dw_call_value(f, p, &v)) return false;
        *out = (uint64_t)v;
    }
    return true;
}

enum dw_call_status dw_call_epoll_ctl(dw_call_frame *f)
{
    int epoll, fd;
    int64_t op, events = 0;
    uint64_t data = 0;
    if (!dw_call_fd(f, 0, &epoll) || !dw_call_number(f, 1, &op) || !dw_call_fd(f, 2, &fd))
        return DW_CALL_STOPPED;
    const dw_drill_expr *e = f->argc > 3 && f->arg[3]->kind == DW_EXPR_STRUCT ? f->arg[3] : NULL;
    if (e && dw_call_part(e, "events") && !dw_call_value(f, dw_call_part(e, "events"), &events))
        return DW_CALL_STOPPED;
    if (e && !epoll_data(f, e, &data)) return DW_CALL_STOPPED;
    f->result =
        f->run->world->calls->epoll_ctl(f->run->sys, epoll, (int)op, fd, (uint32_t)events, data);
    return dw_call_compare(f);
}

/* One event is all that is asked for: a script's array has one element. */
enum dw_call_status dw_call_epoll_wait(dw_call_frame *f)
{
    int epoll;
    int64_t timeout, expected = 0;
    uint32_t events = 0;
    uint64_t data = 0, wanted = 0;
    if (!dw_call_fd(f, 0, &epoll) || !dw_call_number(f, 3, &timeout)) return DW_CALL_STOPPED;
    f->result = f->run->world->calls->epoll_wait(f->run->sys, epoll, &events, &data);
    if (f->result == 0 && !timed_out(f, timeout)) return DW_CALL_WAITS;
    if (dw_call_compare(f) != DW_CALL_DONE) return DW_CALL_STOPPED;
    const dw_drill_expr *e = f->arg[1]->kind == DW_EXPR_STRUCT ? f->arg[1] : NULL;
    if (f->result <= 0 || !e) return DW_CALL_DONE;
    if (dw_call_part(e, "events") && !dw_call_value(f, dw_call_part(e, "events"), &expected))
        return DW_CALL_STOPPED;
    if (!epoll_data(f, e, &wanted)) return DW_CALL_STOPPED;
    if (events != (uint32_t)expected)
        return dw_call_status_of(dw_call_differs(f, "events", expected, events));
    return dw_call_status_of(data == wanted ||
                             dw_call_differs(f, "data", (int64_t)wanted, (int64_t)data));
}
