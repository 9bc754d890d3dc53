/* The arguments and the result of a system call: what the script says, as values; and what came,
 * compared with what it expects. */
#include "call.h"

#include <inttypes.h>
#include <string.h>

bool dw_call_unsupported(dw_call_frame *f, const char *what)
{
    return dw_drill_stop(&f->run->outcome, DW_DRILL_UNSUPPORTED, "not supported: %s", what);
}

/* The value of an expression. */

static bool no_constant(dw_call_frame *f, const char *name)
{
    const char *near = dw_drill_symbol_near(name);
    if (near)
        return dw_drill_unsupported(&f->run->outcome, "the constant %s; did you mean %s?", name,
                                    near);
    return dw_drill_unsupported(&f->run->outcome, "the constant %s", name);
}

/* What is no number may still be one in brackets, [1], as packetdrill has values that a call gives
 * back; and in htons(), since ports are here as in the script. */
bool dw_call_value(dw_call_frame *f, const dw_drill_expr *e, int64_t *out)
{
    int64_t a, b;
    switch ((enum dw_drill_expr_kind)e->kind) {
    case DW_EXPR_NUMBER: *out = e->number; return true;
    case DW_EXPR_WORD:
        if (dw_drill_symbol(e->text, out)) return true;
        return no_constant(f, e->text);
    case DW_EXPR_OR:
        if (!dw_call_value(f, e->first, &a) || !dw_call_value(f, e->first->next, &b)) return false;
        *out = a | b;
        return true;
    case DW_EXPR_LIST:
        if (e->first && !e->first->next) return dw_call_value(f, e->first, out);
        break;
    case DW_EXPR_CALL:
        if (strcmp(e->text, "htons") == 0 && e->first) return dw_call_value(f, e->first, out);
        break;
    case DW_EXPR_ELLIPSIS:
    case DW_EXPR_STRING:
    case DW_EXPR_STRUCT:
    case DW_EXPR_ASSIGN: break;
    }
    return dw_drill_stop(&f->run->outcome, DW_DRILL_WRONG, "%s: expected a number in column %d",
                         f->call->name, e->column);
}

bool dw_call_number(dw_call_frame *f, size_t i, int64_t *out)
{
    DW_ASSERT(i < f->argc);
    return dw_call_value(f, f->arg[i], out);
}

bool dw_call_is_ellipsis(const dw_drill_expr *e)
{
    return e->kind == DW_EXPR_ELLIPSIS;
}

bool dw_call_is_null(const dw_drill_expr *e)
{
    return e->kind == DW_EXPR_WORD && strcmp(e->text, "NULL") == 0;
}

const dw_drill_expr *dw_call_part(const dw_drill_expr *e, const char *name)
{
    for (const dw_drill_expr *p = e ? e->first : NULL; p; p = p->next)
        if (p->kind == DW_EXPR_ASSIGN && strcmp(p->text, name) == 0) return p->value;
    return NULL;
}

/* Descriptors: the script's numbers are its own. */

bool dw_call_fd_of(dw_call_frame *f, const dw_drill_expr *e, int *out)
{
    int64_t script;
    if (!dw_call_value(f, e, &script)) return false;
    for (size_t i = f->run->fds.count; i-- > 0;)
        if (f->run->fds.map[i].script == script) {
            *out = f->run->fds.map[i].live;
            return true;
        }
    *out = -1; /* EBADF, if the call cares */
    return true;
}

bool dw_call_fd(dw_call_frame *f, size_t i, int *fd)
{
    DW_ASSERT(i < f->argc);
    return dw_call_fd_of(f, f->arg[i], fd);
}

bool dw_call_map_fd(dw_call_frame *f, int64_t script, int live)
{
    dw_drill_run *run = f->run;
    if (run->fds.count == DW_DRILL_MAX_FDS)
        return dw_drill_stop(&run->outcome, DW_DRILL_UNSUPPORTED,
                             "not supported: more than %d descriptors at once", DW_DRILL_MAX_FDS);
    run->fds.map[run->fds.count].script = script;
    run->fds.map[run->fds.count++].live = live;
    return true;
}

void dw_call_unmap_fd(dw_drill_run *run, int live)
{
    for (size_t i = 0; i < run->fds.count; i++)
        if (run->fds.map[i].live == live) run->fds.map[i--] = run->fds.map[--run->fds.count];
}

/* Addresses: "..." is the script's own end, or the other for connect. */

static void own_address(const dw_drill_options *o, bool remote, dw_addr *addr, uint16_t *port)
{
    *addr = remote ? o->remote : o->local;
    *port = remote ? o->connect_port : o->bind_port;
}

/* The text of inet_addr("192.0.2.1"), NULL: there is none. */
static const char *address_text(const dw_drill_expr *e)
{
    return e && e->kind == DW_EXPR_CALL && e->first ? e->first->text : NULL;
}

/* AF_UNSPEC becomes family 0, as does NULL; a NULL's port is of no account. */
bool dw_call_address(dw_call_frame *f, const dw_drill_expr *e, bool remote, dw_addr *addr,
                     uint16_t *port)
{
    dw_drill_run *run = f->run;
    int64_t family, p = 0;
    if (dw_call_is_ellipsis(e) || dw_call_is_null(e)) {
        own_address(&run->options, remote, addr, port);
        if (dw_call_is_null(e)) *addr = (dw_addr){0};
        return true;
    }
    const dw_drill_expr *sa_family =
        e->kind == DW_EXPR_STRUCT ? dw_call_part(e, "sa_family") : NULL;
    if (!sa_family)
        return dw_drill_stop(&run->outcome, DW_DRILL_WRONG, "%s: expected an address in column %d",
                             f->call->name, e->column);
    if (!dw_call_value(f, sa_family, &family)) return false;
    const dw_drill_expr *sin_port = dw_call_part(e, "sin_port");
    if (sin_port && !dw_call_value(f, sin_port, &p)) return false;
    *port = (uint16_t)p;
    *addr = (dw_addr){0};
    if (family == 0) return true;
    const char *text = address_text(dw_call_part(e, "sin_addr"));
    if (text && dw_addr_parse(text, addr) == DW_OK) return true;
    return dw_drill_stop(&run->outcome, DW_DRILL_WRONG, "%s: this is no address: %s", f->call->name,
                         text ? text : "(none)");
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

/* -1 with an error's name wants that error; -1 alone, any. */
static bool as_expected(dw_call_frame *f)
{
    const dw_drill_call *c = f->call;
    int64_t expected, error = 0;
    char came[64], wanted[64], name[24];
    if (dw_call_is_ellipsis(c->result)) return true;
    if (!dw_call_value(f, c->result, &expected)) return false;
    if (c->error && !dw_drill_errno(c->error, &error))
        return dw_drill_stop(&f->run->outcome, DW_DRILL_UNSUPPORTED, "not supported: the error %s",
                             c->error);
    bool fails = expected == -1 && (c->error || f->result < 0);
    if (fails && f->result < 0 && (!c->error || error == -f->result)) return true;
    if (!fails && !c->error && f->result == expected) return true;
    if (c->error)
        snprintf(wanted, sizeof wanted, "-1 %s", dw_drill_errno_name(error, name));
    else
        snprintf(wanted, sizeof wanted, "%" PRId64, expected);
    return dw_drill_stop(&f->run->outcome, DW_DRILL_FAILED, "%s returned %s; expected %s", c->name,
                         result_text(f->result, came), wanted);
}

enum dw_call_status dw_call_compare(dw_call_frame *f)
{
    return dw_call_status_of(as_expected(f));
}

enum dw_call_status dw_call_compare_fd(dw_call_frame *f)
{
    int64_t expected;
    if (f->result < 0 || f->call->error) return dw_call_compare(f);
    if (!dw_call_value(f, f->call->result, &expected)) return DW_CALL_STOPPED;
    if (expected < 0) return dw_call_compare(f);
    return dw_call_status_of(dw_call_map_fd(f, expected, (int)f->result));
}

bool dw_call_differs(dw_call_frame *f, const char *what, int64_t expected, int64_t came)
{
    return dw_drill_stop(&f->run->outcome, DW_DRILL_FAILED,
                         "%s: %s is %" PRId64 "; expected %" PRId64, f->call->name, what, came,
                         expected);
}

void dw_call_expect_connection(dw_drill_run *run, const dw_addr *remote, uint16_t port)
{
    run->tested.flow = (dw_drill_flow){.local = run->options.local,
                                       .remote = remote->family ? *remote : run->options.remote,
                                       .remote_port = port};
    run->tested.has_flow = true;
    run->tested.stage = DW_DRILL_CONNECTS;
}

bool dw_call_add_length(dw_call_frame *f, int64_t n, size_t *total)
{
    enum { MAX_SIZE = 1 << 28 };
    if (n < 0 || n > MAX_SIZE - (int64_t)*total)
        return dw_drill_stop(&f->run->outcome, DW_DRILL_WRONG, "%s: a length of %" PRId64 " octets",
                             f->call->name, n);
    *total += (size_t)n;
    return true;
}

bool dw_call_length(dw_call_frame *f, size_t i, size_t *len)
{
    int64_t n;
    *len = 0;
    return dw_call_number(f, i, &n) && dw_call_add_length(f, n, len);
}
