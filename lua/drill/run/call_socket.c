/* Calls that open, connect and close descriptors, or ask what they are. */
#include "call.h"

#include <string.h>

/* The calls.  Each takes its arguments, and sets f->result. */

enum dw_call_status dw_call_socket(dw_call_frame *f)
{
    enum { INET = 2, INET6 = 10 }; /* AF_*, as Linux numbers them */
    bool v6 = f->run->options.mapped || f->run->options.family == 6;
    int64_t family = v6 ? INET6 : INET, type, protocol;
    int version = 0;
    if (!dw_call_is_ellipsis(f->arg[0]) && !dw_call_number(f, 0, &family)) return DW_CALL_STOPPED;
    if (!dw_call_number(f, 1, &type) || !dw_call_number(f, 2, &protocol)) return DW_CALL_STOPPED;
    if (family == INET) version = 4;
    if (family == INET6) version = 6;
    f->result = f->run->world->calls->socket(f->run->sys, version, (int)type, (int)protocol);
    if (f->result == -DW_EPROTONOSUPPORT)
        return dw_call_status_of(dw_call_unsupported(f, "sockets that are not TCP"));
    if (f->result >= 0) {
        f->run->fds.current = (int)f->result;
        f->run->tested.stage = DW_DRILL_IDLE;
    }
    return dw_call_compare_fd(f);
}

enum dw_call_status dw_call_bind(dw_call_frame *f)
{
    int fd;
    dw_addr addr;
    uint16_t port;
    if (!dw_call_fd(f, 0, &fd) || !dw_call_address(f, f->arg[1], false, &addr, &port))
        return DW_CALL_STOPPED;
    f->result = f->run->world->calls->bind(f->run->sys, fd, &addr, port);
    return dw_call_compare(f);
}

enum dw_call_status dw_call_listen(dw_call_frame *f)
{
    int fd;
    int64_t backlog;
    if (!dw_call_fd(f, 0, &fd) || !dw_call_number(f, 1, &backlog)) return DW_CALL_STOPPED;
    f->result = f->run->world->calls->listen(f->run->sys, fd, (int)backlog);
    if (f->result == 0) f->run->tested.stage = DW_DRILL_LISTENS;
    return dw_call_compare(f);
}

enum dw_call_status dw_call_accept(dw_call_frame *f)
{
    int fd;
    int64_t flags = 0;
    if (!dw_call_fd(f, 0, &fd)) return DW_CALL_STOPPED;
    if (f->argc > 3 && !dw_call_number(f, 3, &flags)) return DW_CALL_STOPPED;
    f->result = f->run->world->calls->accept(f->run->sys, fd, (int)flags, NULL, NULL);
    if (f->result == DW_SYS_WAIT) return DW_CALL_WAITS;
    if (f->result >= 0) f->run->fds.current = (int)f->result;
    return dw_call_compare_fd(f);
}

enum dw_call_status dw_call_connect(dw_call_frame *f)
{
    int fd;
    dw_addr addr;
    uint16_t port;
    dw_drill_run *run = f->run;
    if (!dw_call_fd(f, 0, &fd) || !dw_call_address(f, f->arg[1], true, &addr, &port))
        return DW_CALL_STOPPED;
    if (run->tested.stage == DW_DRILL_IDLE && addr.family)
        dw_call_expect_connection(run, &addr, port);
    f->result = run->world->calls->connect(run->sys, fd, &addr, port);
    if (f->result == DW_SYS_WAIT) return DW_CALL_WAITS;
    if (addr.family == 0) run->tested.stage = DW_DRILL_IDLE;
    return dw_call_compare(f);
}

enum dw_call_status dw_call_close(dw_call_frame *f)
{
    int fd;
    if (!dw_call_fd(f, 0, &fd)) return DW_CALL_STOPPED;
    f->result = f->run->world->calls->close(f->run->sys, fd);
    if (f->result == DW_SYS_WAIT) return DW_CALL_WAITS;
    if (f->result == 0) dw_call_unmap_fd(f->run, fd);
    return dw_call_compare(f);
}

enum dw_call_status dw_call_shutdown(dw_call_frame *f)
{
    int fd;
    int64_t how;
    if (!dw_call_fd(f, 0, &fd) || !dw_call_number(f, 1, &how)) return DW_CALL_STOPPED;
    f->result = f->run->world->calls->shutdown(f->run->sys, fd, (int)how);
    return dw_call_compare(f);
}

enum dw_call_status dw_call_fcntl(dw_call_frame *f)
{
    enum { GETFL = 3, SETFL = 4 };
    const dw_sys_calls *calls = f->run->world->calls;
    int fd;
    int64_t command, flags = 0;
    if (!dw_call_fd(f, 0, &fd) || !dw_call_number(f, 1, &command)) return DW_CALL_STOPPED;
    if (f->argc > 2 && !dw_call_number(f, 2, &flags)) return DW_CALL_STOPPED;
    if (command == GETFL)
        f->result = calls->getfl(f->run->sys, fd);
    else if (command == SETFL)
        f->result = calls->setfl(f->run->sys, fd, (int)flags);
    else
        return dw_call_status_of(dw_call_unsupported(f, "fcntl other than F_GETFL and F_SETFL"));
    return dw_call_compare(f);
}

/* The third argument is what the request writes there. */
enum dw_call_status dw_call_ioctl(dw_call_frame *f)
{
    enum { INQ = 0x541b, OUTQ = 0x5411, OUTQNSD = 0x894b }; /* SIOCINQ ..., linux/sockios.h */
    const dw_sys_calls *calls = f->run->world->calls;
    int fd;
    int64_t request, expected, came;
    if (!dw_call_fd(f, 0, &fd) || !dw_call_number(f, 1, &request)) return DW_CALL_STOPPED;
    if (request == INQ)
        came = calls->inq(f->run->sys, fd);
    else if (request == OUTQ || request == OUTQNSD)
        came = calls->outq(f->run->sys, fd, request == OUTQNSD);
    else
        return dw_call_status_of(dw_call_unsupported(f, "this ioctl request"));
    f->result = came < 0 ? came : 0;
    enum dw_call_status status = dw_call_compare(f);
    bool says = f->argc == 3 && !dw_call_is_ellipsis(f->arg[2]);
    if (status != DW_CALL_DONE || came < 0 || !says) return status;
    if (!dw_call_number(f, 2, &expected)) return DW_CALL_STOPPED;
    return dw_call_status_of(came == expected || dw_call_differs(f, "the value", expected, came));
}

/* Files and pipes. */

enum dw_call_status dw_call_pipe(dw_call_frame *f)
{
    int fds[2];
    int64_t script[2];
    const dw_drill_expr *list = f->arg[0];
    if (list->kind != DW_EXPR_LIST || !list->first || !list->first->next)
        return dw_call_status_of(
            dw_drill_stop(&f->run->outcome, DW_DRILL_WRONG, "pipe: expected [number, number]"));
    if (!dw_call_value(f, list->first, &script[0]) ||
        !dw_call_value(f, list->first->next, &script[1]))
        return DW_CALL_STOPPED;
    f->result = f->run->world->calls->pipe(f->run->sys, fds);
    if (f->result == 0 &&
        (!dw_call_map_fd(f, script[0], fds[0]) || !dw_call_map_fd(f, script[1], fds[1])))
        return DW_CALL_STOPPED;
    return dw_call_compare(f);
}

enum dw_call_status dw_call_open(dw_call_frame *f)
{
    enum { FILE_SIZE = 1 << 24 }; /* of one that nobody made */
    bool named = f->arg[0]->kind == DW_EXPR_STRING;
    uint64_t size =
        named ? dw_drill_file_size(&f->run->env, f->arg[0]->text, FILE_SIZE) : FILE_SIZE;
    f->result = f->run->world->calls->file(f->run->sys, size);
    return dw_call_compare_fd(f);
}

static enum dw_call_status splice(dw_call_frame *f, size_t in, size_t out, size_t len_at)
{
    int from, to;
    size_t len;
    if (!dw_call_fd(f, in, &from) || !dw_call_fd(f, out, &to) || !dw_call_length(f, len_at, &len))
        return DW_CALL_STOPPED;
    f->result = f->run->world->calls->splice(f->run->sys, from, to, len);
    if (f->result == DW_SYS_WAIT) return DW_CALL_WAITS;
    return dw_call_compare(f);
}

enum dw_call_status dw_call_splice(dw_call_frame *f)
{
    return splice(f, 0, 2, 4);
}

enum dw_call_status dw_call_sendfile(dw_call_frame *f)
{
    return splice(f, 1, 0, 3);
}
