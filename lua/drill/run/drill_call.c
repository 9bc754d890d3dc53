/* System calls of a script: which there are. */
#include "call.h"

#include <string.h>

static const struct {
    const char *name;
    size_t min, max;
    enum dw_call_status (*run)(dw_call_frame *f);
} calls[] = {
    {"socket", 3, 3, dw_call_socket},
    {"bind", 3, 3, dw_call_bind},
    {"listen", 2, 2, dw_call_listen},
    {"accept", 3, 3, dw_call_accept},
    {"accept4", 4, 4, dw_call_accept},
    {"connect", 3, 3, dw_call_connect},
    {"read", 3, 3, dw_call_read},
    {"readv", 3, 3, dw_call_readv},
    {"recv", 4, 4, dw_call_recv},
    {"recvfrom", 6, 6, dw_call_recv},
    {"recvmsg", 3, 3, dw_call_recvmsg},
    {"write", 3, 3, dw_call_write},
    {"writev", 3, 3, dw_call_writev},
    {"send", 4, 4, dw_call_send},
    {"sendto", 6, 6, dw_call_sendto},
    {"sendmsg", 3, 3, dw_call_sendmsg},
    {"close", 1, 1, dw_call_close},
    {"shutdown", 2, 2, dw_call_shutdown},
    {"fcntl", 2, 3, dw_call_fcntl},
    {"ioctl", 2, 3, dw_call_ioctl},
    {"setsockopt", 5, 5, dw_call_setsockopt},
    {"getsockopt", 5, 5, dw_call_getsockopt},
    {"poll", 3, 3, dw_call_poll},
    {"epoll_create", 1, 1, dw_call_epoll_create},
    {"epoll_ctl", 4, 4, dw_call_epoll_ctl},
    {"epoll_wait", 4, 4, dw_call_epoll_wait},
    {"pipe", 1, 1, dw_call_pipe},
    {"open", 2, 3, dw_call_open},
    {"splice", 6, 6, dw_call_splice},
    {"sendfile", 4, 4, dw_call_sendfile},
};
enum { CALLS = sizeof calls / sizeof calls[0] };

static bool unknown_call(dw_drill_run *run, const char *name)
{
    const char *names[CALLS + 1] = {0};
    for (int i = 0; i < CALLS; i++)
        names[i] = calls[i].name;
    const char *near = dw_nearest(name, names);
    if (near)
        return dw_drill_stop(&run->outcome, DW_DRILL_UNSUPPORTED,
                             "not supported: the system call %s; did you mean %s?", name, near);
    return dw_drill_stop(&run->outcome, DW_DRILL_UNSUPPORTED, "not supported: the system call %s",
                         name);
}

static void pick_state(void *ctx, const char *name, int64_t value)
{
    if (strcmp(name, "tcpi_state") == 0) *(int64_t *)ctx = value;
}

const char *dw_drill_call_state(dw_drill_run *run, const dw_drill_call *call, char buf[40])
{
    static const char *const states[] = {NULL,         "ESTABLISHED", "SYN-SENT",  "SYN-RECEIVED",
                                         "FIN-WAIT-1", "FIN-WAIT-2",  "TIME-WAIT", "CLOSED",
                                         "CLOSE-WAIT", "LAST-ACK",    "LISTEN",    "CLOSING"};
    const dw_drill_expr *e = call->arguments;
    int64_t state = 0;
    buf[0] = 0;
    for (size_t i = 0; e && e->kind == DW_EXPR_NUMBER && i < run->fds.count; i++)
        if (run->fds.map[i].script == e->number)
            run->world->calls->tcp_info(run->sys, run->fds.map[i].live, pick_state, &state);
    if (state >= 1 && state <= 11) snprintf(buf, 40, " (its socket is in %s)", states[state]);
    return buf;
}

enum dw_call_status dw_drill_call_now(dw_drill_run *run, const dw_drill_call *call,
                                      dw_drill_pending *pending)
{
    dw_call_frame f = {.run = run, .call = call, .pending = pending};
    int i = 0;
    while (i < CALLS && strcmp(calls[i].name, call->name) != 0)
        i++;
    if (i == CALLS) return dw_call_status_of(unknown_call(run, call->name));
    for (const dw_drill_expr *e = call->arguments; e; e = e->next) {
        if (f.argc == calls[i].max) {
            f.argc++;
            break;
        }
        f.arg[f.argc++] = e;
    }
    if (f.argc < calls[i].min || f.argc > calls[i].max)
        return dw_call_status_of(dw_drill_stop(&run->outcome, DW_DRILL_WRONG,
                                               "%s takes %zu arguments", call->name, calls[i].min));
    return calls[i].run(&f);
}
