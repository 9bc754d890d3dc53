/* The assertions in %{ }%: a small part of Python, enough for every script of the public suites.
 *
 *   statement   assert test [, message] | name = test | name += test | name -= test
 *               | print(...) | pass
 *   test        not, and, or; comparisons, also chained: a <= x < b
 *   number      | ^ & << >> + - * // % ~, brackets, decimal and hexadecimal numbers, True, False
 *   names       tcpi_state and the other fields of tcp_info; those of SO_MEMINFO
 *               (SK_MEMINFO_RCVBUF ...); constants; variables, which last
 *               until the script ends
 *
 * Statements stand on lines of their own or are parted by semicolons; # begins a comment. */
#include "drill_run.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct evaluator {
    dw_drill_run *run;
    const char *at;
    int depth;
    bool failed;
} evaluator;

static int64_t expression(evaluator *e);

static int64_t wrong(evaluator *e, enum dw_drill_verdict verdict, const char *what)
{
    if (!e->failed) {
        if (verdict == DW_DRILL_UNSUPPORTED)
            dw_drill_stop(&e->run->outcome, verdict, "not supported in %%{ }%%: %s", what);
        else
            dw_drill_stop(&e->run->outcome, verdict, "in %%{ }%%: %s at \"%.*s\"", what,
                          (int)strcspn(e->at, "\n"), e->at);
    }
    e->failed = true;
    e->at += strlen(e->at);
    return 0;
}

static void skip(evaluator *e)
{
    for (;;) {
        if (*e->at == ' ' || *e->at == '\t' || *e->at == '\r')
            e->at++;
        else if (*e->at == '\\' && e->at[1] == '\n')
            e->at += 2;
        else if (e->depth > 0 && *e->at == '\n')
            e->at++;
        else if (*e->at == '#')
            e->at += strcspn(e->at, "\n");
        else
            return;
    }
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool accept(evaluator *e, const char *token)
{
    skip(e);
    size_t n = strlen(token);
    if (strncmp(e->at, token, n) != 0) return false;
    if (is_name(token[0]) && is_name(e->at[n])) return false;
    e->at += n;
    return true;
}

/* Names. */

typedef struct wanted {
    const char *name;
    int64_t value;
    bool found;
} wanted;

static void pick(void *ctx, const char *name, int64_t value)
{
    wanted *w = ctx;
    if (strcmp(name, w->name) != 0) return;
    w->value = value;
    w->found = true;
}

static dw_drill_variable *variable(dw_drill_run *run, const char *name)
{
    for (size_t i = 0; i < run->variables.count; i++)
        if (strcmp(run->variables.list[i].name, name) == 0) return &run->variables.list[i];
    return NULL;
}

static bool of_socket(const char *name)
{
    return strncmp(name, "tcpi_", 5) == 0 || strncmp(name, "SK_MEMINFO_", 11) == 0;
}

static int64_t value_of(evaluator *e, const char *name)
{
    int64_t value;
    dw_drill_run *run = e->run;
    const dw_drill_variable *v = variable(run, name);
    if (v) return v->value;
    if (strcmp(name, "True") == 0) return 1;
    if (strcmp(name, "False") == 0 || strcmp(name, "None") == 0) return 0;
    wanted w = {.name = name};
    if (of_socket(name) && run->world->calls->tcp_info(run->sys, run->fds.current, pick, &w) &&
        w.found)
        return w.value;
    if (dw_drill_symbol(name, &value)) return value;
    char what[120];
    snprintf(what, sizeof what, "the name %s", name);
    return wrong(e, DW_DRILL_UNSUPPORTED, what);
}

static void name_at(evaluator *e, char name[64])
{
    size_t n = 0;
    skip(e);
    while (is_name(*e->at)) {
        if (n < 63) name[n++] = *e->at;
        e->at++;
    }
    name[n] = 0;
}

/* Expressions, from the tightest operator to the loosest, as Python has them. */

static int64_t number(evaluator *e)
{
    char *end;
    unsigned long long v = strtoull(e->at, &end, 0);
    if (*end == '.' || is_name(*end))
        return wrong(e, DW_DRILL_UNSUPPORTED, "numbers with a fraction");
    e->at = end;
    return (int64_t)v;
}

static int64_t primary(evaluator *e)
{
    enum { DEEPEST = 100 };
    char name[64];
    skip(e);
    if (*e->at == '(') {
        if (e->depth == DEEPEST) return wrong(e, DW_DRILL_WRONG, "brackets are nested too deeply");
        e->at++;
        e->depth++;
        int64_t v = expression(e);
        if (!accept(e, ")")) return wrong(e, DW_DRILL_WRONG, "a bracket is missing");
        e->depth--;
        return v;
    }
    if (isdigit((unsigned char)*e->at)) return number(e);
    if (!is_name(*e->at)) return wrong(e, DW_DRILL_WRONG, "expected a value");
    name_at(e, name);
    skip(e);
    if (*e->at == '(') return wrong(e, DW_DRILL_UNSUPPORTED, "calling functions");
    return value_of(e, name);
}

static int64_t unary(evaluator *e)
{
    int sign = 0; /* a chain of operators, without recursion */
    char operators[64];
    skip(e);
    while ((*e->at == '-' || *e->at == '+' || *e->at == '~') && sign < 64) {
        operators[sign++] = *e->at++;
        skip(e);
    }
    int64_t v = primary(e);
    while (sign-- > 0) {
        if (operators[sign] == '-') v = (int64_t)(0 - (uint64_t)v);
        if (operators[sign] == '~') v = ~v;
    }
    return v;
}

/* Rounded towards minus infinity, as Python does. */
static int64_t divide(evaluator *e, int64_t a, int64_t b, bool remainder)
{
    if (b == 0) return wrong(e, DW_DRILL_WRONG, "division by zero");
    if (b == -1) return remainder ? 0 : (int64_t)(0 - (uint64_t)a);
    int64_t q = a / b, r = a % b;
    if (r != 0 && (r < 0) != (b < 0)) {
        q--;
        r += b;
    }
    return remainder ? r : q;
}

static int64_t product(evaluator *e)
{
    int64_t v = unary(e);
    for (;;) {
        if (accept(e, "//"))
            v = divide(e, v, unary(e), false);
        else if (accept(e, "*"))
            v = (int64_t)((uint64_t)v * (uint64_t)unary(e));
        else if (accept(e, "%"))
            v = divide(e, v, unary(e), true);
        else if (accept(e, "/"))
            return wrong(e, DW_DRILL_UNSUPPORTED,
                         "division with a fraction; // divides whole numbers");
        else
            return v;
    }
}

static int64_t sum(evaluator *e)
{
    int64_t v = product(e);
    for (;;) {
        skip(e);
        if ((*e->at == '+' || *e->at == '-') && e->at[1] == '=') return v;
        if (accept(e, "+"))
            v = (int64_t)((uint64_t)v + (uint64_t)product(e));
        else if (accept(e, "-"))
            v = (int64_t)((uint64_t)v - (uint64_t)product(e));
        else
            return v;
    }
}

static int64_t shift(evaluator *e)
{
    int64_t v = sum(e);
    for (;;) {
        bool left = accept(e, "<<");
        if (!left && !accept(e, ">>")) return v;
        int64_t by = sum(e);
        if (by < 0 || by > 63)
            return wrong(e, DW_DRILL_WRONG, "a shift by less than 0 or more than 63");
        v = left ? (int64_t)((uint64_t)v << by) : v >> by;
    }
}

static int64_t bits(evaluator *e)
{
    int64_t v = shift(e);
    for (;;) {
        if (accept(e, "&"))
            v &= shift(e);
        else if (accept(e, "^"))
            v ^= shift(e);
        else if (accept(e, "|"))
            v |= shift(e);
        else
            return v;
    }
}

/* The value of the last left side compared, for the report of a failed assertion. */
static int64_t comparison(evaluator *e)
{
    int64_t left = bits(e);
    bool any = false, holds = true;
    for (;;) {
        int64_t right;
        bool this;
        if (accept(e, "==")) {
            right = bits(e);
            this = left == right;
        } else if (accept(e, "!=")) {
            right = bits(e);
            this = left != right;
        } else if (accept(e, "<=")) {
            right = bits(e);
            this = left <= right;
        } else if (accept(e, ">=")) {
            right = bits(e);
            this = left >= right;
        } else if (accept(e, "<")) {
            right = bits(e);
            this = left < right;
        } else if (accept(e, ">")) {
            right = bits(e);
            this = left > right;
        } else {
            return any ? holds : left;
        }
        any = true;
        holds = holds && this;
        left = right;
    }
}

static int64_t negation(evaluator *e)
{
    bool negate = false;
    while (accept(e, "not"))
        negate = !negate;
    int64_t v = comparison(e);
    return negate ? !v : v;
}

static int64_t conjunction(evaluator *e)
{
    int64_t v = negation(e);
    while (accept(e, "and")) {
        int64_t right = negation(e);
        v = v ? right : v;
    }
    return v;
}

static int64_t expression(evaluator *e)
{
    int64_t v = conjunction(e);
    while (accept(e, "or")) {
        int64_t right = conjunction(e);
        v = v ? v : right;
    }
    return v;
}

/* Statements. */

/* Past a message or the arguments of print: to the end of the statement, strings and brackets
 * whole. */
static const char *skip_values(evaluator *e, const char *start)
{
    int depth = 0;
    for (char quote = 0; *e->at; e->at++) {
        char c = *e->at;
        if (quote) {
            if (c == '\\' && e->at[1]) e->at++;
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '(' || c == '[') {
            depth++;
        } else if (c == ')' || c == ']') {
            depth--;
        } else if (depth <= 0 && (c == '\n' || c == ';')) {
            break;
        }
    }
    return start;
}

/* The values of the names in a failed test. */
static void list_names(evaluator *e, const char *from, const char *to, char *buf, size_t size)
{
    size_t used = 0;
    buf[0] = 0;
    evaluator reader = {.run = e->run, .at = from};
    while (reader.at < to && used + 80 < size) {
        char name[64];
        if (!is_name(*reader.at) || isdigit((unsigned char)*reader.at)) {
            reader.at++;
            continue;
        }
        name_at(&reader, name);
        bool is_variable = variable(e->run, name) != NULL;
        if (!of_socket(name) && !is_variable) continue;
        evaluator look = {.run = e->run, .at = ""};
        int64_t v = value_of(&look, name);
        used += (size_t)snprintf(buf + used, size - used, "%s%s is %" PRId64, used ? ", " : "; ",
                                 name, v);
    }
}

static void assertion(evaluator *e)
{
    skip(e);
    const char *start = e->at;
    int64_t v = expression(e);
    const char *end = e->at;
    char names[400];
    if (accept(e, ",")) skip_values(e, e->at);
    if (e->failed || v) return;
    list_names(e, start, end, names, sizeof names);
    dw_drill_stop(&e->run->outcome, DW_DRILL_FAILED, "assert %.*s does not hold%s",
                  (int)(end - start), start, names);
    e->failed = true;
}

static const char *message(evaluator *e, char *buf, size_t size);

/* print(a, "text", b): on a line of its own, as a remark of TAP. */
static void print(evaluator *e)
{
    char line[400] = "", part[200];
    size_t used = 0;
    if (!accept(e, "(")) {
        wrong(e, DW_DRILL_WRONG, "print needs brackets");
        return;
    }
    e->depth++;
    while (!e->failed && !accept(e, ")")) {
        message(e, part, sizeof part);
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", used ? " " : "", part);
        if (used >= sizeof line) used = sizeof line - 1;
        skip(e);
        if (!accept(e, ",") && *e->at != ')') wrong(e, DW_DRILL_WRONG, "a bracket is missing");
    }
    e->depth--;
    if (!e->failed && e->run->config->printed) fprintf(e->run->config->printed, "# %s\n", line);
}

/* A value as text: a string, also with values behind %, or a number. */
static const char *message(evaluator *e, char *buf, size_t size)
{
    char format[200] = "";
    size_t n = 0, used = 0;
    skip(e);
    char quote = *e->at;
    if (quote != '"' && quote != '\'') {
        int64_t v = expression(e);
        snprintf(buf, size, "%" PRId64, v);
        return buf;
    }
    for (e->at++; *e->at && *e->at != quote; e->at++)
        if (n + 1 < sizeof format) format[n++] = *e->at;
    if (*e->at) e->at++;
    format[n] = buf[0] = 0;
    bool values = accept(e, "%"), tuple = values && accept(e, "(");
    e->depth += tuple;
    for (const char *c = format; *c && used + 24 < size && !e->failed; c++) {
        bool value = values && c[0] == '%' && c[1] && strchr("dusxir", c[1]);
        if (!value) {
            buf[used++] = *c;
            buf[used] = 0;
            continue;
        }
        int64_t v = expression(e);
        accept(e, ",");
        used += (size_t)snprintf(buf + used, size - used, *++c == 'x' ? "%" PRIx64 : "%" PRId64, v);
    }
    if (tuple && !accept(e, ")")) wrong(e, DW_DRILL_WRONG, "a bracket is missing");
    e->depth -= tuple;
    return buf;
}

/* The variable of that name, a new one if there is none; NULL: it cannot be. */
static dw_drill_variable *make_variable(evaluator *e, const char *name)
{
    dw_drill_variables *all = &e->run->variables;
    dw_drill_variable *v = variable(e->run, name);
    if (v) return v;
    if (all->count == DW_DRILL_MAX_VARIABLES) {
        wrong(e, DW_DRILL_WRONG, "too many variables");
        return NULL;
    }
    const char *kept = dw_arena_text(&e->run->arena, name, strlen(name));
    if (!kept) {
        dw_drill_no_memory(&e->run->outcome);
        return NULL;
    }
    v = &all->list[all->count++];
    v->name = kept;
    return v;
}

/* name = v, name += v, name -= v; the latter two of anything that has a value, which the variable
 * of that name then hides. */
static void assignment(evaluator *e)
{
    char name[64];
    name_at(e, name);
    bool plus = accept(e, "+="), minus = !plus && accept(e, "-=");
    skip(e);
    if (!plus && !minus && (*e->at != '=' || e->at[1] == '=')) {
        wrong(e, DW_DRILL_UNSUPPORTED, "statements other than assert, assignments, print and pass");
        return;
    }
    if (!plus && !minus) e->at++;
    int64_t v = expression(e), old = plus || minus ? value_of(e, name) : 0;
    dw_drill_variable *var = e->failed ? NULL : make_variable(e, name);
    if (!var) return;
    if (minus) v = (int64_t)(0 - (uint64_t)v);
    var->value = (int64_t)((uint64_t)old + (uint64_t)v);
}

static void statement(evaluator *e)
{
    if (accept(e, "assert"))
        assertion(e);
    else if (accept(e, "print"))
        print(e);
    else if (accept(e, "pass"))
        return;
    else if (is_name(*e->at) && !isdigit((unsigned char)*e->at))
        assignment(e);
    else
        wrong(e, DW_DRILL_UNSUPPORTED, "statements other than assert, assignments, print and pass");
}

bool dw_drill_evaluate(dw_drill_run *run, const char *code)
{
    evaluator e = {.run = run, .at = code};
    for (;;) {
        skip(&e);
        while (*e.at == '\n' || *e.at == ';') {
            e.at++;
            skip(&e);
        }
        if (!*e.at || e.failed) break;
        statement(&e);
        skip(&e);
        if (!e.failed && *e.at && *e.at != '\n' && *e.at != ';')
            wrong(&e, DW_DRILL_WRONG, "this does not belong here");
    }
    return !e.failed;
}
