/* System calls of a script: arguments in, results compared. */
#include "drill_run.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

typedef struct dw_drill_call_frame {
    dw_drill_run *run;
    const dw_drill_call *call;
    dw_drill_pending *pending;
    const dw_drill_expr *arg[10];
    size_t argc;
    int64_t result; /* of the call, or -errno, or DW_SYS_WAIT */
} frame;

static bool unsupported(frame *f, const char *what)
{
    return dw_drill_stop(f->run, DW_DRILL_UNSUPPORTED, "not supported: %s", what);
}

/* The value of an expression. */

static bool no_constant(frame *f, const char *name)
{
    const char *near = dw_drill_symbol_near(name);
    return dw_drill_stop(f->run, DW_DRILL_UNSUPPORTED, "not supported: the constant %s%s%s%s", name,
                         near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static bool value_of(frame *f, const dw_drill_expr *e, int64_t *out)
{
    int64_t a, b;
    switch ((enum dw_drill_expr_kind)e->kind) {
    case DW_EXPR_NUMBER: *out = e->number; return true;
    case DW_EXPR_WORD:
        if (dw_drill_symbol(e->text, out)) return true;
        return no_constant(f, e->text);
    case DW_EXPR_OR:
        if (!value_of(f, e->first, &a) || !value_of(f, e->first->next, &b)) return false;
        *out = a | b;
        return true;
    case DW_EXPR_LIST:
        if (e->first && !e->first->next) return value_of(f, e->first, out);
        break;
    case DW_EXPR_CALL:
        if (strcmp(e->text, "htons") == 0 && e->first) return value_of(f, e->first, out);
        break;
    case DW_EXPR_ELLIPSIS:
    case DW_EXPR_STRING:
    case DW_EXPR_STRUCT:
    case DW_EXPR_ASSIGN: break;
    }
    return dw_drill_stop(f->run, DW_DRILL_WRONG, "%s: expected a number in column %d",
                         f->call->name, e->column);
}

static bool number(frame *f, size_t i, int64_t *out)
{
    return value_of(f, f->arg[i], out);
}

static bool is_ellipsis(const dw_drill_expr *e)
{
    return e->kind == DW_EXPR_ELLIPSIS;
}

static bool is_null(const dw_drill_expr *e)
{
    return e->kind == DW_EXPR_WORD && strcmp(e->text, "NULL") == 0;
}

/* A named part of a structure, or NULL, as of no structure. */
static const dw_drill_expr *part(const dw_drill_expr *e, const char *name)
{
    for (const dw_drill_expr *p = e ? e->first : NULL; p; p = p->next)
        if (p->kind == DW_EXPR_ASSIGN && strcmp(p->text, name) == 0) return p->value;
    return NULL;
}

/* Descriptors: the script's numbers are its own. */

static bool fd_of(frame *f, const dw_drill_expr *e, int *out)
{
    int64_t script;
    if (!value_of(f, e, &script)) return false;
    for (size_t i = f->run->fd_count; i-- > 0;)
        if (f->run->fds[i].script == script) {
            *out = f->run->fds[i].live;
            return true;
        }
    *out = -1; /* EBADF, if the call cares */
    return true;
}

static bool fd_arg(frame *f, size_t i, int *fd)
{
    return fd_of(f, f->arg[i], fd);
}

static bool map_fd(frame *f, int64_t script, int live)
{
    dw_drill_run *run = f->run;
    if (run->fd_count == DW_DRILL_MOST_FDS)
        return dw_drill_stop(run, DW_DRILL_UNSUPPORTED,
                             "not supported: more than %d descriptors at once", DW_DRILL_MOST_FDS);
    run->fds[run->fd_count].script = script;
    run->fds[run->fd_count++].live = live;
    return true;
}

static void unmap_fd(dw_drill_run *run, int live)
{
    for (size_t i = 0; i < run->fd_count; i++)
        if (run->fds[i].live == live) run->fds[i--] = run->fds[--run->fd_count];
}

/* Addresses: "..." is the script's own end, or the other for connect. */

static bool address(frame *f, const dw_drill_expr *e, bool remote, dw_addr *addr, uint16_t *port)
{
    dw_drill_run *run = f->run;
    int64_t family, p = 0;
    if (is_ellipsis(e) || is_null(e)) {
        *addr = is_null(e) ? (dw_addr){0} : remote ? run->remote : run->local;
        *port = remote ? run->connect_port : run->bind_port;
        return true;
    }
    const dw_drill_expr *sa_family = e->kind == DW_EXPR_STRUCT ? part(e, "sa_family") : NULL;
    if (!sa_family)
        return dw_drill_stop(run, DW_DRILL_WRONG, "%s: expected an address in column %d",
                             f->call->name, e->column);
    if (!value_of(f, sa_family, &family)) return false;
    const dw_drill_expr *sin_port = part(e, "sin_port"), *sin_addr = part(e, "sin_addr");
    if (sin_port && !value_of(f, sin_port, &p)) return false;
    *port = (uint16_t)p;
    *addr = (dw_addr){0};
    if (family == 0) return true;
    const char *text = sin_addr && sin_addr->kind == DW_EXPR_CALL && sin_addr->first
                           ? sin_addr->first->text
                           : NULL;
    if (!text || dw_addr_parse(text, addr) != DW_OK)
        return dw_drill_stop(run, DW_DRILL_WRONG, "%s: this is no address: %s", f->call->name,
                             text ? text : "(none)");
    return true;
}

/* Results. */

static char *result_text(int64_t result, char buf[64])
{
    char name[24];
    if (result < 0)
        snprintf(buf, 64, "-1 %s", dw_drill_errno_name(-result, name));
    else
        snprintf(buf, 64, "%" PRId64, result);
    return buf;
}

static bool compare_result(frame *f)
{
    const dw_drill_call *c = f->call;
    int64_t expected, error = 0;
    char came[64], wanted[64], name[24];
    if (is_ellipsis(c->result)) return true;
    if (!value_of(f, c->result, &expected)) return false;
    if (c->error && !dw_drill_errno(c->error, &error))
        return dw_drill_stop(f->run, DW_DRILL_UNSUPPORTED, "not supported: the error %s", c->error);
    bool fails = expected == -1 && (c->error || f->result < 0);
    if (fails && f->result < 0 && (!c->error || error == -f->result)) return true;
    if (!fails && !c->error && f->result == expected) return true;
    if (c->error)
        snprintf(wanted, sizeof wanted, "-1 %s", dw_drill_errno_name(error, name));
    else
        snprintf(wanted, sizeof wanted, "%" PRId64, expected);
    return dw_drill_stop(f->run, DW_DRILL_FAILED, "%s returned %s; expected %s", c->name,
                         result_text(f->result, came), wanted);
}

/* The new descriptor takes the script's number. */
static bool compare_fd(frame *f)
{
    int64_t expected;
    if (f->result < 0 || f->call->error) return compare_result(f);
    if (!value_of(f, f->call->result, &expected)) return false;
    if (expected < 0) return compare_result(f);
    return map_fd(f, expected, (int)f->result);
}

static bool differs(frame *f, const char *what, int64_t expected, int64_t came)
{
    return dw_drill_stop(f->run, DW_DRILL_FAILED, "%s: %s is %" PRId64 "; expected %" PRId64,
                         f->call->name, what, came, expected);
}

/* The calls.  Each takes its arguments, and sets f->result. */

static bool call_socket(frame *f)
{
    int64_t family = f->run->mapped || f->run->family == 6 ? 10 : 2, type, protocol;
    if (!is_ellipsis(f->arg[0]) && !number(f, 0, &family)) return false;
    if (!number(f, 1, &type) || !number(f, 2, &protocol)) return false;
    f->result = f->run->world->calls->socket(f->run->sys,
                                             family == 10  ? 6
                                             : family == 2 ? 4
                                                           : 0,
                                             (int)type, (int)protocol);
    if (f->result == -DW_EPROTONOSUPPORT) return unsupported(f, "sockets that are not TCP");
    if (f->result >= 0) {
        f->run->current_fd = (int)f->result;
        f->run->stage = DW_DRILL_IDLE;
    }
    return compare_fd(f);
}

static bool call_bind(frame *f)
{
    int fd;
    dw_addr addr;
    uint16_t port;
    if (!fd_arg(f, 0, &fd) || !address(f, f->arg[1], false, &addr, &port)) return false;
    f->result = f->run->world->calls->bind(f->run->sys, fd, &addr, port);
    return compare_result(f);
}

static bool call_listen(frame *f)
{
    int fd;
    int64_t backlog;
    if (!fd_arg(f, 0, &fd) || !number(f, 1, &backlog)) return false;
    f->result = f->run->world->calls->listen(f->run->sys, fd, (int)backlog);
    if (f->result == 0) f->run->stage = DW_DRILL_LISTENS;
    return compare_result(f);
}

static bool call_accept(frame *f)
{
    int fd;
    int64_t flags = 0;
    if (!fd_arg(f, 0, &fd)) return false;
    if (f->argc > 3 && !number(f, 3, &flags)) return false;
    f->result = f->run->world->calls->accept(f->run->sys, fd, (int)flags, NULL, NULL);
    if (f->result == DW_SYS_WAIT) return false;
    if (f->result >= 0) f->run->current_fd = (int)f->result;
    return compare_fd(f);
}

/* A new connection of the host: its numbers are learnt from the SYN that comes. */
static void expect_connection(dw_drill_run *run, const dw_addr *remote, uint16_t port)
{
    run->flow = (dw_drill_flow){
        .local = run->local, .remote = remote->family ? *remote : run->remote, .remote_port = port};
    run->has_flow = true;
    run->stage = DW_DRILL_CONNECTS;
}

static bool call_connect(frame *f)
{
    int fd;
    dw_addr addr;
    uint16_t port;
    dw_drill_run *run = f->run;
    if (!fd_arg(f, 0, &fd) || !address(f, f->arg[1], true, &addr, &port)) return false;
    if (run->stage == DW_DRILL_IDLE && addr.family) expect_connection(run, &addr, port);
    f->result = run->world->calls->connect(run->sys, fd, &addr, port);
    if (f->result == DW_SYS_WAIT) return false;
    if (addr.family == 0) run->stage = DW_DRILL_IDLE;
    return compare_result(f);
}

/* Data that a script sends is zeros, whatever it looks like. */
static bool send_bytes(frame *f, int fd, size_t len, int flags, bool null, const dw_addr *addr,
                       uint16_t port)
{
    static const uint8_t zeros[1 << 16];
    uint8_t *large = len > sizeof zeros ? calloc(1, len) : NULL;
    if (len > sizeof zeros && !large) return dw_drill_no_memory(f->run);
    const uint8_t *bytes = null ? NULL : large ? large : zeros;
    f->result = f->run->world->calls->send(f->run->sys, fd, bytes, len, flags, addr, port,
                                           &f->pending->done);
    free(large);
    if (f->result == DW_SYS_WAIT) return false;
    return compare_result(f);
}

static bool add_length(frame *f, int64_t n, size_t *total)
{
    enum { MOST = 1 << 28 };
    if (n < 0 || n > MOST - (int64_t)*total)
        return dw_drill_stop(f->run, DW_DRILL_WRONG, "%s: a length of %" PRId64 " octets",
                             f->call->name, n);
    *total += (size_t)n;
    return true;
}

static bool length(frame *f, size_t i, size_t *len)
{
    int64_t n;
    *len = 0;
    return number(f, i, &n) && add_length(f, n, len);
}

static bool call_write(frame *f)
{
    int fd;
    size_t len;
    if (!fd_arg(f, 0, &fd) || !length(f, 2, &len)) return false;
    return send_bytes(f, fd, len, 0, is_null(f->arg[1]), NULL, 0);
}

static bool call_send(frame *f)
{
    int fd;
    int64_t flags;
    size_t len;
    if (!fd_arg(f, 0, &fd) || !length(f, 2, &len) || !number(f, 3, &flags)) return false;
    return send_bytes(f, fd, len, (int)flags, is_null(f->arg[1]), NULL, 0);
}

static bool call_sendto(frame *f)
{
    int fd;
    int64_t flags;
    size_t len;
    dw_addr addr;
    uint16_t port;
    dw_drill_run *run = f->run;
    if (!fd_arg(f, 0, &fd) || !length(f, 2, &len) || !number(f, 3, &flags) ||
        !address(f, f->arg[4], true, &addr, &port))
        return false;
    if (run->stage == DW_DRILL_IDLE && addr.family) expect_connection(run, &addr, port);
    return send_bytes(f, fd, len, (int)flags, is_null(f->arg[1]), &addr, port);
}

/* The sum of an iovec's lengths. */
static bool iovec_length(frame *f, const dw_drill_expr *list, size_t *total, bool *null)
{
    *total = 0;
    *null = false;
    for (const dw_drill_expr *v = list ? list->first : NULL; v; v = v->next) {
        int64_t n;
        if (v->kind != DW_EXPR_STRUCT || !v->first || !v->first->next)
            return dw_drill_stop(f->run, DW_DRILL_WRONG, "%s: expected {..., length} in column %d",
                                 f->call->name, v->column);
        if (!value_of(f, v->first->next, &n)) return false;
        if (is_null(v->first) && n > 0) *null = true;
        if (!add_length(f, n, total)) return false;
    }
    return true;
}

static bool call_writev(frame *f)
{
    int fd;
    size_t len;
    bool null;
    if (!fd_arg(f, 0, &fd) || !iovec_length(f, f->arg[1], &len, &null)) return false;
    return send_bytes(f, fd, len, 0, null, NULL, 0);
}

static bool call_sendmsg(frame *f)
{
    int fd;
    int64_t flags;
    size_t len;
    bool null;
    if (!fd_arg(f, 0, &fd) || !number(f, 2, &flags)) return false;
    const dw_drill_expr *iov = part(f->arg[1], "msg_iov"), *name = part(f->arg[1], "msg_name");
    dw_addr addr = {0};
    uint16_t port = 0;
    dw_drill_run *run = f->run;
    if (part(f->arg[1], "msg_control")) return unsupported(f, "ancillary data in sendmsg");
    if (!iovec_length(f, iov, &len, &null)) return false;
    if (name && !address(f, name, true, &addr, &port)) return false;
    if (flags & DW_MSG_FASTOPEN && run->stage == DW_DRILL_IDLE && addr.family)
        expect_connection(run, &addr, port);
    return send_bytes(f, fd, len, (int)flags, null, flags & DW_MSG_FASTOPEN ? &addr : NULL, port);
}

static bool recv_bytes(frame *f, int fd, size_t len, int flags, bool null)
{
    uint8_t *bytes = malloc(len ? len : 1);
    if (!bytes) return dw_drill_no_memory(f->run);
    f->result = f->run->world->calls->recv(f->run->sys, fd, bytes, len, flags);
    if (null && f->result > 0) f->result = -DW_EFAULT;
    free(bytes);
    if (f->result == DW_SYS_WAIT) return false;
    return compare_result(f);
}

static bool call_read(frame *f)
{
    int fd;
    size_t len;
    if (!fd_arg(f, 0, &fd) || !length(f, 2, &len)) return false;
    return recv_bytes(f, fd, len, 0, is_null(f->arg[1]));
}

static bool call_recv(frame *f)
{
    int fd;
    int64_t flags;
    size_t len;
    if (!fd_arg(f, 0, &fd) || !length(f, 2, &len) || !number(f, 3, &flags)) return false;
    return recv_bytes(f, fd, len, (int)flags, is_null(f->arg[1]));
}

static bool call_readv(frame *f)
{
    int fd;
    size_t len;
    bool null;
    if (!fd_arg(f, 0, &fd) || !iovec_length(f, f->arg[1], &len, &null)) return false;
    return recv_bytes(f, fd, len, 0, null);
}

/* One number of a message's ancillary data: `expected` is NULL where the script does not say. */
static bool same_number(frame *f, const char *name, const dw_drill_expr *e, int64_t came)
{
    int64_t expected;
    if (!e || is_ellipsis(e)) return true;
    if (!value_of(f, e, &expected)) return false;
    return expected == came || differs(f, name, expected, came);
}

/* When a time stamp was taken; the script's clock may be a little off. */
static bool same_stamp(frame *f, const dw_drill_expr *data, dw_time came)
{
    const dw_drill_expr *s = part(data, "scm_sec"), *n = part(data, "scm_nsec");
    int64_t sec = 0, nsec = 0;
    if (!s || !n || is_ellipsis(s) || is_ellipsis(n)) return true;
    if (!value_of(f, s, &sec) || !value_of(f, n, &nsec)) return false;
    if (sec < 0 || sec > DW_TIME_NEVER / DW_SECOND || nsec < 0)
        return dw_drill_stop(f->run, DW_DRILL_WRONG,
                             "a time stamp of %" PRId64 " s and %" PRId64 " ns", sec, nsec);
    dw_time expected = dw_time_add(sec * DW_SECOND, nsec), off = came - expected;
    if ((off < 0 ? -off : off) <= f->run->tolerance) return true;
    return differs(f, "the time stamp in ns", expected, came);
}

static bool same_notice(frame *f, const dw_drill_expr *message, const dw_notice *n)
{
    const dw_drill_run *run = f->run;
    bool v6 = run->mapped || run->family == 6, copy = n->origin == DW_NOTICE_ZEROCOPY;
    const dw_drill_expr *data = part(message, "cmsg_data");
    if (data && data->kind == DW_EXPR_STRUCT && part(data, "scm_sec"))
        return !copy ? same_stamp(f, data, n->at)
                     : dw_drill_stop(f->run, DW_DRILL_FAILED, "there is no time stamp");
    return same_number(f, "cmsg_level", part(message, "cmsg_level"),
                       v6 ? DW_SOL_IPV6 : DW_SOL_IP) &&
           same_number(f, "cmsg_type", part(message, "cmsg_type"),
                       v6 ? DW_IPV6_RECVERR : DW_IP_RECVERR) &&
           same_number(f, "ee_errno", part(data, "ee_errno"), copy ? 0 : DW_ENOMSG) &&
           same_number(f, "ee_origin", part(data, "ee_origin"), n->origin) &&
           same_number(f, "ee_type", part(data, "ee_type"), 0) &&
           same_number(f, "ee_code", part(data, "ee_code"), copy) &&
           same_number(f, "ee_info", part(data, "ee_info"), n->info) &&
           same_number(f, "ee_data", part(data, "ee_data"), n->data);
}

/* What the error queue holds (Linux). */
static bool recv_errors(frame *f, int fd, const dw_drill_expr *control)
{
    dw_notice n = {0};
    f->result = f->run->world->calls->notice(f->run->sys, fd, &n);
    if (!compare_result(f)) return false;
    if (f->result < 0) return true;
    const dw_drill_expr *flags = part(f->arg[1], "msg_flags");
    if (!same_number(f, "msg_flags", flags, DW_MSG_ERRQUEUE | (n.truncated ? DW_MSG_TRUNC : 0)))
        return false;
    for (const dw_drill_expr *m = control ? control->first : NULL; m; m = m->next)
        if (!same_notice(f, m, &n)) return false;
    return true;
}

static bool call_recvmsg(frame *f)
{
    int fd;
    int64_t flags, expected;
    size_t len;
    bool null;
    if (!fd_arg(f, 0, &fd) || !number(f, 2, &flags)) return false;
    const dw_drill_expr *control = part(f->arg[1], "msg_control");
    if (flags & DW_MSG_ERRQUEUE) return recv_errors(f, fd, control);
    if (!iovec_length(f, part(f->arg[1], "msg_iov"), &len, &null)) return false;
    if (!recv_bytes(f, fd, len, (int)flags, null)) return false;
    for (const dw_drill_expr *c = control ? control->first : NULL; c; c = c->next) {
        const dw_drill_expr *type = part(c, "cmsg_type"), *data = part(c, "cmsg_data");
        if (!type || type->kind != DW_EXPR_WORD || strcmp(type->text, "TCP_CM_INQ") != 0 || !data)
            return unsupported(f, "this ancillary data");
        if (!value_of(f, data, &expected)) return false;
        int32_t told = 0;
        size_t size = sizeof told;
        f->run->world->calls->getsockopt(f->run->sys, fd, DW_SOL_TCP, DW_TCP_INQ, &told, &size);
        if (!told)
            return dw_drill_stop(f->run, DW_DRILL_FAILED,
                                 "recvmsg: there is no TCP_CM_INQ, as TCP_INQ is not set");
        int64_t came = f->run->world->calls->inq(f->run->sys, fd);
        if (came != expected) return differs(f, "TCP_CM_INQ", expected, came);
    }
    return true;
}

static bool call_close(frame *f)
{
    int fd;
    if (!fd_arg(f, 0, &fd)) return false;
    f->result = f->run->world->calls->close(f->run->sys, fd);
    if (f->result == DW_SYS_WAIT) return false;
    if (f->result == 0) unmap_fd(f->run, fd);
    return compare_result(f);
}

static bool call_shutdown(frame *f)
{
    int fd;
    int64_t how;
    if (!fd_arg(f, 0, &fd) || !number(f, 1, &how)) return false;
    f->result = f->run->world->calls->shutdown(f->run->sys, fd, (int)how);
    return compare_result(f);
}

static bool call_fcntl(frame *f)
{
    int fd;
    int64_t command, flags = 0;
    if (!fd_arg(f, 0, &fd) || !number(f, 1, &command)) return false;
    if (f->argc > 2 && !number(f, 2, &flags)) return false;
    if (command != 3 && command != 4) return unsupported(f, "fcntl other than F_GETFL and F_SETFL");
    f->result = command == 3 ? f->run->world->calls->getfl(f->run->sys, fd)
                             : f->run->world->calls->setfl(f->run->sys, fd, (int)flags);
    return compare_result(f);
}

static bool call_ioctl(frame *f)
{
    int fd;
    int64_t request, expected, came;
    if (!fd_arg(f, 0, &fd) || !number(f, 1, &request)) return false;
    if (request == 0x541b)
        came = f->run->world->calls->inq(f->run->sys, fd);
    else if (request == 0x5411 || request == 0x894b)
        came = f->run->world->calls->outq(f->run->sys, fd, request == 0x894b);
    else
        return unsupported(f, "this ioctl request");
    f->result = came < 0 ? came : 0;
    if (!compare_result(f) || came < 0 || f->argc < 3 || is_ellipsis(f->arg[2]))
        return f->run->verdict == DW_DRILL_PASSED;
    if (!number(f, 2, &expected)) return false;
    return came == expected || differs(f, "the value", expected, came);
}

/* Socket options: a number, text, or a structure as bytes. */

static bool option_value(frame *f, const dw_drill_expr *e, uint8_t *bytes, size_t *len)
{
    int64_t v;
    int32_t numbers[2];
    if (e->kind == DW_EXPR_STRING) {
        *len = e->len < 64 ? e->len : 64;
        memcpy(bytes, e->text, *len);
        return true;
    }
    if (e->kind == DW_EXPR_STRUCT && part(e, "onoff")) {
        for (int i = 0; i < 2; i++) {
            const dw_drill_expr *p = part(e, i ? "linger" : "onoff");
            if (!p || !value_of(f, p, &v)) return false;
            numbers[i] = (int32_t)v;
        }
        memcpy(bytes, numbers, *len = sizeof numbers);
        return true;
    }
    const dw_drill_expr *stack = e->kind == DW_EXPR_STRUCT ? part(e, "function_set_name") : NULL;
    if (stack && stack->kind == DW_EXPR_STRING) return option_value(f, stack, bytes, len);
    if (e->kind == DW_EXPR_STRUCT) { /* names and tables that only its owner reads */
        *len = 4;
        memset(bytes, 0, 4);
        return true;
    }
    if (!value_of(f, e, &v)) return false;
    numbers[0] = (int32_t)v;
    memcpy(bytes, numbers, *len = 4);
    return true;
}

/* An option that drywire does not have, unless the script wants that, or it does not matter. */
static bool option_missing(frame *f)
{
    bool wanted = f->call->error && strcmp(f->call->error, "ENOPROTOOPT") == 0;
    if (f->result != -DW_ENOPROTOOPT || wanted || f->run->calls_may_differ) return false;
    dw_drill_stop(f->run, DW_DRILL_UNSUPPORTED, "not supported: the socket option %s",
                  f->arg[2]->text ? f->arg[2]->text : "with this number");
    return true;
}

static bool call_setsockopt(frame *f)
{
    int fd;
    int64_t level, option;
    uint8_t bytes[64];
    size_t len;
    size_t given;
    if (!fd_arg(f, 0, &fd) || !number(f, 1, &level) || !number(f, 2, &option) ||
        !length(f, 4, &given))
        return false;
    memset(bytes, 0, sizeof bytes);
    if (!is_null(f->arg[3]) && !option_value(f, f->arg[3], bytes, &len)) return false;
    f->result = f->run->world->calls->setsockopt(f->run->sys, fd, (int)level, (int)option,
                                                 is_null(f->arg[3]) ? NULL : bytes,
                                                 given < sizeof bytes ? given : sizeof bytes);
    if (option_missing(f)) return false;
    return compare_result(f);
}

static bool call_getsockopt(frame *f)
{
    int fd;
    int64_t level, option, expected;
    int32_t came = 0;
    size_t len = sizeof came;
    char a[24], b[24];
    if (!fd_arg(f, 0, &fd) || !number(f, 1, &level) || !number(f, 2, &option)) return false;
    f->result =
        f->run->world->calls->getsockopt(f->run->sys, fd, (int)level, (int)option, &came, &len);
    if (option_missing(f) || !compare_result(f)) return false;
    if (f->result < 0 || is_ellipsis(f->arg[3])) return true;
    if (f->arg[3]->kind == DW_EXPR_LIST && f->arg[3]->first && is_ellipsis(f->arg[3]->first))
        return true;
    if (!number(f, 3, &expected)) return false;
    if (came == (int32_t)expected) return true;
    if (option == DW_SO_ERROR && level == DW_SOL_SOCKET)
        return dw_drill_stop(f->run, DW_DRILL_FAILED, "SO_ERROR is %s; expected %s",
                             came ? dw_drill_errno_name(came, a) : "0",
                             expected ? dw_drill_errno_name(expected, b) : "0");
    return differs(f, f->arg[2]->text ? f->arg[2]->text : "the value", expected, came);
}

/* poll and epoll. */

static dw_time milliseconds(int64_t ms)
{
    return ms > DW_TIME_NEVER / DW_MILLISECOND ? DW_TIME_NEVER : ms * DW_MILLISECOND;
}

/* A timeout in milliseconds; negative: none. */
static bool timed_out(frame *f, int64_t ms)
{
    dw_time now = f->run->world->now(f->run);
    if (ms == 0) return true;
    if (ms < 0) return false;
    if (f->pending->deadline == DW_TIME_NEVER)
        f->pending->deadline = dw_time_add(now, milliseconds(ms));
    return now >= f->pending->deadline;
}

static bool call_poll(frame *f)
{
    int64_t timeout, wanted, expected;
    int ready = 0;
    if (!number(f, 2, &timeout)) return false;
    for (const dw_drill_expr *e = f->arg[0]->first; e; e = e->next) {
        int fd;
        const dw_drill_expr *p = part(e, "fd"), *events = part(e, "events");
        if (!p || !events)
            return dw_drill_stop(f->run, DW_DRILL_WRONG, "poll: expected {fd=, events=}");
        if (!fd_of(f, p, &fd) || !value_of(f, events, &wanted)) return false;
        ready += (f->run->world->calls->poll(f->run->sys, fd) &
                  ((uint32_t)wanted | DW_POLLERR | DW_POLLHUP | DW_POLLNVAL)) != 0;
    }
    f->result = ready;
    if (ready == 0 && !timed_out(f, timeout)) {
        f->result = DW_SYS_WAIT;
        return false;
    }
    if (!compare_result(f)) return false;
    for (const dw_drill_expr *e = f->arg[0]->first; e; e = e->next) {
        int fd;
        const dw_drill_expr *revents = part(e, "revents");
        if (!fd_of(f, part(e, "fd"), &fd) || !value_of(f, part(e, "events"), &wanted)) return false;
        uint32_t came = f->run->world->calls->poll(f->run->sys, fd) &
                        ((uint32_t)wanted | DW_POLLERR | DW_POLLHUP | DW_POLLNVAL);
        expected = 0;
        if (revents && !value_of(f, revents, &expected)) return false;
        if (came != (uint32_t)expected) return differs(f, "revents", expected, came);
    }
    return true;
}

static bool call_epoll_create(frame *f)
{
    f->result = f->run->world->calls->epoll_create(f->run->sys);
    return compare_fd(f);
}

static bool epoll_data(frame *f, const dw_drill_expr *e, uint64_t *out)
{
    static const char *const names[] = {"fd", "ptr", "u32", "u64"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const dw_drill_expr *p = part(e, names[i]);
        int64_t v;
        if (!p) continue;
        if (!value_of(f, p, &v)) return false;
        *out = (uint64_t)v;
    }
    return true;
}

static bool call_epoll_ctl(frame *f)
{
    int epoll, fd;
    int64_t op, events = 0;
    uint64_t data = 0;
    if (!fd_arg(f, 0, &epoll) || !number(f, 1, &op) || !fd_arg(f, 2, &fd)) return false;
    const dw_drill_expr *e = f->argc > 3 && f->arg[3]->kind == DW_EXPR_STRUCT ? f->arg[3] : NULL;
    if (e && part(e, "events") && !value_of(f, part(e, "events"), &events)) return false;
    if (e && !epoll_data(f, e, &data)) return false;
    f->result =
        f->run->world->calls->epoll_ctl(f->run->sys, epoll, (int)op, fd, (uint32_t)events, data);
    return compare_result(f);
}

static bool call_epoll_wait(frame *f)
{
    int epoll;
    int64_t timeout, expected = 0;
    uint32_t events = 0;
    uint64_t data = 0, wanted = 0;
    if (!fd_arg(f, 0, &epoll) || !number(f, 3, &timeout)) return false;
    f->result = f->run->world->calls->epoll_wait(f->run->sys, epoll, &events, &data);
    if (f->result == 0 && !timed_out(f, timeout)) {
        f->result = DW_SYS_WAIT;
        return false;
    }
    if (!compare_result(f)) return false;
    const dw_drill_expr *e = f->arg[1]->kind == DW_EXPR_STRUCT ? f->arg[1] : NULL;
    if (f->result <= 0 || !e) return true;
    if (part(e, "events") && !value_of(f, part(e, "events"), &expected)) return false;
    if (!epoll_data(f, e, &wanted)) return false;
    if (events != (uint32_t)expected) return differs(f, "events", expected, events);
    return data == wanted || differs(f, "data", (int64_t)wanted, (int64_t)data);
}

/* Files and pipes. */

static bool call_pipe(frame *f)
{
    int fds[2];
    int64_t script[2];
    const dw_drill_expr *list = f->arg[0];
    if (list->kind != DW_EXPR_LIST || !list->first || !list->first->next)
        return dw_drill_stop(f->run, DW_DRILL_WRONG, "pipe: expected [number, number]");
    if (!value_of(f, list->first, &script[0]) || !value_of(f, list->first->next, &script[1]))
        return false;
    f->result = f->run->world->calls->pipe(f->run->sys, fds);
    if (f->result == 0 && (!map_fd(f, script[0], fds[0]) || !map_fd(f, script[1], fds[1])))
        return false;
    return compare_result(f);
}

static bool call_open(frame *f)
{
    enum { FILE_SIZE = 1 << 24 }; /* of one that nobody made */
    uint64_t size = FILE_SIZE;
    for (size_t i = 0; i < f->run->file_count && f->arg[0]->kind == DW_EXPR_STRING; i++)
        if (strcmp(f->run->files[i].name, f->arg[0]->text) == 0) size = f->run->files[i].size;
    f->result = f->run->world->calls->file(f->run->sys, size);
    return compare_fd(f);
}

static bool splice(frame *f, size_t in, size_t out, size_t len_at)
{
    int from, to;
    size_t len;
    if (!fd_arg(f, in, &from) || !fd_arg(f, out, &to) || !length(f, len_at, &len)) return false;
    f->result = f->run->world->calls->splice(f->run->sys, from, to, len);
    if (f->result == DW_SYS_WAIT) return false;
    return compare_result(f);
}

static bool call_splice(frame *f)
{
    return splice(f, 0, 2, 4);
}

static bool call_sendfile(frame *f)
{
    return splice(f, 1, 0, 3);
}

static const struct {
    const char *name;
    size_t least, most;
    bool (*run)(frame *f);
} calls[] = {
    {"socket", 3, 3, call_socket},
    {"bind", 3, 3, call_bind},
    {"listen", 2, 2, call_listen},
    {"accept", 3, 3, call_accept},
    {"accept4", 4, 4, call_accept},
    {"connect", 3, 3, call_connect},
    {"read", 3, 3, call_read},
    {"readv", 3, 3, call_readv},
    {"recv", 4, 4, call_recv},
    {"recvfrom", 6, 6, call_recv},
    {"recvmsg", 3, 3, call_recvmsg},
    {"write", 3, 3, call_write},
    {"writev", 3, 3, call_writev},
    {"send", 4, 4, call_send},
    {"sendto", 6, 6, call_sendto},
    {"sendmsg", 3, 3, call_sendmsg},
    {"close", 1, 1, call_close},
    {"shutdown", 2, 2, call_shutdown},
    {"fcntl", 2, 3, call_fcntl},
    {"ioctl", 2, 3, call_ioctl},
    {"setsockopt", 5, 5, call_setsockopt},
    {"getsockopt", 5, 5, call_getsockopt},
    {"poll", 3, 3, call_poll},
    {"epoll_create", 1, 1, call_epoll_create},
    {"epoll_ctl", 4, 4, call_epoll_ctl},
    {"epoll_wait", 4, 4, call_epoll_wait},
    {"pipe", 1, 1, call_pipe},
    {"open", 2, 3, call_open},
    {"splice", 6, 6, call_splice},
    {"sendfile", 4, 4, call_sendfile},
};
enum { CALLS = sizeof calls / sizeof calls[0] };

static bool unknown_call(dw_drill_run *run, const char *name)
{
    const char *names[CALLS + 1] = {0};
    for (int i = 0; i < CALLS; i++)
        names[i] = calls[i].name;
    const char *near = dw_nearest(name, names);
    if (near)
        return dw_drill_stop(run, DW_DRILL_UNSUPPORTED,
                             "not supported: the system call %s; did you mean %s?", name, near);
    return dw_drill_stop(run, DW_DRILL_UNSUPPORTED, "not supported: the system call %s", name);
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
    for (size_t i = 0; e && e->kind == DW_EXPR_NUMBER && i < run->fd_count; i++)
        if (run->fds[i].script == e->number)
            run->world->calls->tcp_info(run->sys, run->fds[i].live, pick_state, &state);
    if (state >= 1 && state <= 11) snprintf(buf, 40, " (its socket is in %s)", states[state]);
    return buf;
}

bool dw_drill_do_call(dw_drill_run *run, const dw_drill_call *call, dw_drill_pending *pending)
{
    frame f = {.run = run, .call = call, .pending = pending};
    int i = 0;
    while (i < CALLS && strcmp(calls[i].name, call->name) != 0)
        i++;
    if (i == CALLS) {
        unknown_call(run, call->name);
        return true;
    }
    for (const dw_drill_expr *e = call->arguments; e; e = e->next) {
        if (f.argc == calls[i].most) {
            f.argc++;
            break;
        }
        f.arg[f.argc++] = e;
    }
    if (f.argc < calls[i].least || f.argc > calls[i].most) {
        dw_drill_stop(run, DW_DRILL_WRONG, "%s takes %zu arguments", call->name, calls[i].least);
        return true;
    }
    calls[i].run(&f);
    return f.result != DW_SYS_WAIT || run->verdict != DW_DRILL_PASSED;
}
