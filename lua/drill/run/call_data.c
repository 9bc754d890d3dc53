/* Calls that send and receive. */
#include "call.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Data that a script sends is zeros, whatever it looks like. */
static enum dw_call_status send_bytes(dw_call_frame *f, int fd, size_t len, int flags, bool null,
                                      const dw_addr *addr, uint16_t port)
{
    static const uint8_t zeros[1 << 16];
    const uint8_t *bytes = null ? NULL : zeros;
    uint8_t *large = len > sizeof zeros ? calloc(1, len) : NULL;
    if (len > sizeof zeros && !large)
        return dw_call_status_of(dw_drill_no_memory(&f->run->outcome));
    if (large && !null) bytes = large;
    f->result = f->run->world->calls->send(f->run->sys, fd, bytes, len, flags, addr, port,
                                           &f->pending->done);
    free(large);
    if (f->result == DW_SYS_WAIT) return DW_CALL_WAITS;
    return dw_call_compare(f);
}

enum dw_call_status dw_call_write(dw_call_frame *f)
{
    int fd;
    size_t len;
    if (!dw_call_fd(f, 0, &fd) || !dw_call_length(f, 2, &len)) return DW_CALL_STOPPED;
    return send_bytes(f, fd, len, 0, dw_call_is_null(f->arg[1]), NULL, 0);
}

enum dw_call_status dw_call_send(dw_call_frame *f)
{
    int fd;
    int64_t flags;
    size_t len;
    if (!dw_call_fd(f, 0, &fd) || !dw_call_length(f, 2, &len) || !dw_call_number(f, 3, &flags))
        return DW_CALL_STOPPED;
    return send_bytes(f, fd, len, (int)flags, dw_call_is_null(f->arg[1]), NULL, 0);
}

enum dw_call_status dw_call_sendto(dw_call_frame *f)
{
    int fd;
    int64_t flags;
    size_t len;
    dw_addr addr;
    uint16_t port;
    dw_drill_run *run = f->run;
    if (!dw_call_fd(f, 0, &fd) || !dw_call_length(f, 2, &len) || !dw_call_number(f, 3, &flags) ||
        !dw_call_address(f, f->arg[4], true, &addr, &port))
        return DW_CALL_STOPPED;
    if (run->tested.stage == DW_DRILL_IDLE && addr.family)
        dw_call_expect_connection(run, &addr, port);
    return send_bytes(f, fd, len, (int)flags, dw_call_is_null(f->arg[1]), &addr, port);
}

/* The sum of an iovec's lengths. */
static bool iovec_length(dw_call_frame *f, const dw_drill_expr *list, size_t *total, bool *null)
{
    *total = 0;
    *null = false;
    for (const dw_drill_expr *v = list ? list->first : NULL; v; v = v->next) {
        int64_t n;
        if (v->kind != DW_EXPR_STRUCT || !v->first || !v->first->next)
            return dw_drill_stop(&f->run->outcome, DW_DRILL_WRONG,
                                 "%s: expected {..., length} in column %d", f->call->name,
                                 v->column);
        if (!dw_call_value(f, v->first->next, &n)) return false;
        if (dw_call_is_null(v->first) && n > 0) *null = true;
        if (!dw_call_add_length(f, n, total)) return false;
    }
    return true;
}

enum dw_call_status dw_call_writev(dw_call_frame *f)
{
    int fd;
    size_t len;
    bool null;
    if (!dw_call_fd(f, 0, &fd) || !iovec_length(f, f->arg[1], &len, &null)) return DW_CALL_STOPPED;
    return send_bytes(f, fd, len, 0, null, NULL, 0);
}

enum dw_call_status dw_call_sendmsg(dw_call_frame *f)
{
    int fd;
    int64_t flags;
    size_t len;
    bool null;
    if (!dw_call_fd(f, 0, &fd) || !dw_call_number(f, 2, &flags)) return DW_CALL_STOPPED;
    const dw_drill_expr *iov = dw_call_part(f->arg[1], "msg_iov"),
                        *name = dw_call_part(f->arg[1], "msg_name");
    dw_addr addr = {0};
    uint16_t port = 0;
    dw_drill_run *run = f->run;
    if (dw_call_part(f->arg[1], "msg_control"))
        return dw_call_status_of(dw_call_unsupported(f, "ancillary data in sendmsg"));
    if (!iovec_length(f, iov, &len, &null)) return DW_CALL_STOPPED;
    if (name && !dw_call_address(f, name, true, &addr, &port)) return DW_CALL_STOPPED;
    if (flags & DW_MSG_FASTOPEN && run->tested.stage == DW_DRILL_IDLE && addr.family)
        dw_call_expect_connection(run, &addr, port);
    return send_bytes(f, fd, len, (int)flags, null, flags & DW_MSG_FASTOPEN ? &addr : NULL, port);
}

static enum dw_call_status recv_bytes(dw_call_frame *f, int fd, size_t len, int flags, bool null)
{
    uint8_t *bytes = malloc(len ? len : 1);
    if (!bytes) return dw_call_status_of(dw_drill_no_memory(&f->run->outcome));
    f->result = f->run->world->calls->recv(f->run->sys, fd, bytes, len, flags);
    if (null && f->result > 0) f->result = -DW_EFAULT;
    free(bytes);
    if (f->result == DW_SYS_WAIT) return DW_CALL_WAITS;
    return dw_call_compare(f);
}

enum dw_call_status dw_call_read(dw_call_frame *f)
{
    int fd;
    size_t len;
    if (!dw_call_fd(f, 0, &fd) || !dw_call_length(f, 2, &len)) return DW_CALL_STOPPED;
    return recv_bytes(f, fd, len, 0, dw_call_is_null(f->arg[1]));
}

enum dw_call_status dw_call_recv(dw_call_frame *f)
{
    int fd;
    int64_t flags;
    size_t len;
    if (!dw_call_fd(f, 0, &fd) || !dw_call_length(f, 2, &len) || !dw_call_number(f, 3, &flags))
        return DW_CALL_STOPPED;
    return recv_bytes(f, fd, len, (int)flags, dw_call_is_null(f->arg[1]));
}

enum dw_call_status dw_call_readv(dw_call_frame *f)
{
    int fd;
    size_t len;
    bool null;
    if (!dw_call_fd(f, 0, &fd) || !iovec_length(f, f->arg[1], &len, &null)) return DW_CALL_STOPPED;
    return recv_bytes(f, fd, len, 0, null);
}

/* One number of a message's ancillary data: `expected` is NULL where the script does not say. */
static bool same_number(dw_call_frame *f, const char *name, const dw_drill_expr *e, int64_t came)
{
    int64_t expected;
    if (!e || dw_call_is_ellipsis(e)) return true;
    if (!dw_call_value(f, e, &expected)) return false;
    return expected == came || dw_call_differs(f, name, expected, came);
}

/* When a time stamp was taken; the script's clock may be a little off. */
static bool same_timestamp(dw_call_frame *f, const dw_drill_expr *data, dw_time came)
{
    const dw_drill_expr *s = dw_call_part(data, "scm_sec"), *n = dw_call_part(data, "scm_nsec");
    int64_t sec = 0, nsec = 0;
    if (!s || !n || dw_call_is_ellipsis(s) || dw_call_is_ellipsis(n)) return true;
    if (!dw_call_value(f, s, &sec) || !dw_call_value(f, n, &nsec)) return false;
    if (sec < 0 || sec > DW_TIME_NEVER / DW_SECOND || nsec < 0)
        return dw_drill_stop(&f->run->outcome, DW_DRILL_WRONG,
                             "a time stamp of %" PRId64 " s and %" PRId64 " ns", sec, nsec);
    dw_time expected = dw_time_add(sec * DW_SECOND, nsec), off = came - expected;
    if ((off < 0 ? -off : off) <= f->run->options.tolerance) return true;
    return dw_call_differs(f, "the time stamp in ns", expected, came);
}

/* A message of the error queue, or the time stamp that stands in front of it: one cmsg each, the
 * former as struct sock_extended_err has it. */
static bool same_notice(dw_call_frame *f, const dw_drill_expr *message, const dw_notice *n)
{
    const dw_drill_options *o = &f->run->options;
    bool v6 = o->mapped || o->family == 6, copy = n->origin == DW_NOTICE_ZEROCOPY;
    const dw_drill_expr *data = dw_call_part(message, "cmsg_data");
    if (data && data->kind == DW_EXPR_STRUCT && dw_call_part(data, "scm_sec")) {
        if (!copy) return same_timestamp(f, data, n->at);
        return dw_drill_stop(&f->run->outcome, DW_DRILL_FAILED, "there is no time stamp");
    }
    const struct {
        const dw_drill_expr *in;
        const char *name;
        int64_t value;
    } parts[] = {
        {message, "cmsg_level", v6 ? DW_SOL_IPV6 : DW_SOL_IP},
        {message, "cmsg_type", v6 ? DW_IPV6_RECVERR : DW_IP_RECVERR},
        {data, "ee_errno", copy ? 0 : DW_ENOMSG},
        {data, "ee_origin", n->origin},
        {data, "ee_type", 0},
        {data, "ee_code",
         copy}, /* SO_EE_CODE_ZEROCOPY_COPIED: a TUN device needs a copy after all */
        {data, "ee_info", n->info},
        {data, "ee_data", n->data},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!same_number(f, parts[i].name, dw_call_part(parts[i].in, parts[i].name),
                         parts[i].value))
            return false;
    return true;
}

/* What the error queue holds (Linux). */
static enum dw_call_status recv_errors(dw_call_frame *f, int fd, const dw_drill_expr *control)
{
    dw_notice n = {0};
    f->result = f->run->world->calls->notice(f->run->sys, fd, &n);
    if (dw_call_compare(f) != DW_CALL_DONE) return DW_CALL_STOPPED;
    if (f->result < 0) return DW_CALL_DONE;
    const dw_drill_expr *flags = dw_call_part(f->arg[1], "msg_flags");
    if (!same_number(f, "msg_flags", flags, DW_MSG_ERRQUEUE | (n.truncated ? DW_MSG_TRUNC : 0)))
        return DW_CALL_STOPPED;
    for (const dw_drill_expr *m = control ? control->first : NULL; m; m = m->next)
        if (!same_notice(f, m, &n)) return DW_CALL_STOPPED;
    return DW_CALL_DONE;
}

/* TCP_CM_INQ: how many octets are left to be read, where TCP_INQ asked for it. */
static bool same_inq(dw_call_frame *f, int fd, const dw_drill_expr *message)
{
    const dw_sys_calls *calls = f->run->world->calls;
    const dw_drill_expr *type = dw_call_part(message, "cmsg_type"),
                        *data = dw_call_part(message, "cmsg_data");
    bool inq = type && type->kind == DW_EXPR_WORD && strcmp(type->text, "TCP_CM_INQ") == 0;
    int64_t expected;
    if (!inq || !data) return dw_call_unsupported(f, "this ancillary data");
    if (!dw_call_value(f, data, &expected)) return false;
    int32_t told = 0;
    size_t size = sizeof told;
    calls->getsockopt(f->run->sys, fd, DW_SOL_TCP, DW_TCP_INQ, &told, &size);
    if (!told)
        return dw_drill_stop(&f->run->outcome, DW_DRILL_FAILED,
                             "recvmsg: there is no TCP_CM_INQ, as TCP_INQ is not set");
    int64_t came = calls->inq(f->run->sys, fd);
    return came == expected || dw_call_differs(f, "TCP_CM_INQ", expected, came);
}

enum dw_call_status dw_call_recvmsg(dw_call_frame *f)
{
    int fd;
    int64_t flags;
    size_t len;
    bool null;
    if (!dw_call_fd(f, 0, &fd) || !dw_call_number(f, 2, &flags)) return DW_CALL_STOPPED;
    const dw_drill_expr *control = dw_call_part(f->arg[1], "msg_control");
    if (flags & DW_MSG_ERRQUEUE) return recv_errors(f, fd, control);
    if (!iovec_length(f, dw_call_part(f->arg[1], "msg_iov"), &len, &null)) return DW_CALL_STOPPED;
    enum dw_call_status status = recv_bytes(f, fd, len, (int)flags, null);
    for (const dw_drill_expr *c = control ? control->first : NULL; c; c = c->next)
        if (status == DW_CALL_DONE && !same_inq(f, fd, c)) status = DW_CALL_STOPPED;
    return status;
}
