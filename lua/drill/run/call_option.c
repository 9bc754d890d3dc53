/* setsockopt and getsockopt: a value is a number, text, or a structure as bytes. */
#include "call.h"

#include <string.h>

static bool option_value(dw_call_frame *f, const dw_drill_expr *e, uint8_t *bytes, size_t *len)
{
    int64_t v;
    int32_t numbers[2];
    if (e->kind == DW_EXPR_STRING) {
        *len = e->len < 64 ? e->len : 64;
        memcpy(bytes, e->text, *len);
        return true;
    }
    if (e->kind == DW_EXPR_STRUCT && dw_call_part(e, "onoff")) {
        for (int i = 0; i < 2; i++) {
            const dw_drill_expr *p = dw_call_part(e, i ? "linger" : "onoff");
            if (!p || !dw_call_value(f, p, &v)) return false;
            numbers[i] = (int32_t)v;
        }
        memcpy(bytes, numbers, *len = sizeof numbers);
        return true;
    }
    const dw_drill_expr *stack =
        e->kind == DW_EXPR_STRUCT ? dw_call_part(e, "function_set_name") : NULL;
    if (stack && stack->kind == DW_EXPR_STRING) return option_value(f, stack, bytes, len);
    if (e->kind == DW_EXPR_STRUCT) { /* names and tables that only its owner reads */
        *len = 4;
        memset(bytes, 0, 4);
        return true;
    }
    if (!dw_call_value(f, e, &v)) return false;
    numbers[0] = (int32_t)v;
    memcpy(bytes, numbers, *len = 4);
    return true;
}

/* An option that drywire does not have, unless the script wants that, or it does not matter. */
static bool option_missing(dw_call_frame *f)
{
    bool wanted = f->call->error && strcmp(f->call->error, "ENOPROTOOPT") == 0;
    if (f->result != -DW_ENOPROTOOPT || wanted || f->run->options.calls_may_differ) return false;
    dw_drill_stop(&f->run->outcome, DW_DRILL_UNSUPPORTED, "not supported: the socket option %s",
                  f->arg[2]->text ? f->arg[2]->text : "with this number");
    return true;
}

enum dw_call_status dw_call_setsockopt(dw_call_frame *f)
{
    int fd;
    int64_t level, option;
    uint8_t bytes[64];
    size_t len;
    size_t given;
    if (!dw_call_fd(f, 0, &fd) || !dw_call_number(f, 1, &level) || !dw_call_number(f, 2, &option) ||
        !dw_call_length(f, 4, &given))
        return DW_CALL_STOPPED;
    memset(bytes, 0, sizeof bytes);
    if (!dw_call_is_null(f->arg[3]) && !option_value(f, f->arg[3], bytes, &len))
        return DW_CALL_STOPPED;
    const uint8_t *value = dw_call_is_null(f->arg[3]) ? NULL : bytes;
    if (given > sizeof bytes) given = sizeof bytes;
    f->result =
        f->run->world->calls->setsockopt(f->run->sys, fd, (int)level, (int)option, value, given);
    if (option_missing(f)) return DW_CALL_STOPPED;
    return dw_call_compare(f);
}

static const char *error_name(int64_t number, char buf[24])
{
    return number ? dw_drill_errno_name(number, buf) : "0";
}

/* Whether the script does not say which value it expects: ..., or [...]. */
static bool any_value(const dw_drill_expr *e)
{
    bool list = e->kind == DW_EXPR_LIST && e->first;
    return dw_call_is_ellipsis(e) || (list && dw_call_is_ellipsis(e->first));
}

/* Values are compared as the 32 bits that they are. */
enum dw_call_status dw_call_getsockopt(dw_call_frame *f)
{
    int fd;
    int64_t level, option, expected;
    int32_t came = 0;
    size_t len = sizeof came;
    char a[24], b[24];
    if (!dw_call_fd(f, 0, &fd) || !dw_call_number(f, 1, &level) || !dw_call_number(f, 2, &option))
        return DW_CALL_STOPPED;
    f->result =
        f->run->world->calls->getsockopt(f->run->sys, fd, (int)level, (int)option, &came, &len);
    if (option_missing(f) || dw_call_compare(f) != DW_CALL_DONE) return DW_CALL_STOPPED;
    if (f->result < 0 || any_value(f->arg[3])) return DW_CALL_DONE;
    if (!dw_call_number(f, 3, &expected)) return DW_CALL_STOPPED;
    if (came == (int32_t)expected) return DW_CALL_DONE;
    if (option == DW_SO_ERROR && level == DW_SOL_SOCKET)
        dw_drill_stop(&f->run->outcome, DW_DRILL_FAILED, "SO_ERROR is %s; expected %s",
                      error_name(came, a), error_name(expected, b));
    else
        dw_call_differs(f, f->arg[2]->text ? f->arg[2]->text : "the value", expected, came);
    return DW_CALL_STOPPED;
}
