/* The packetdrill language: options, system calls, commands, code, and their times. */
#include "drill_lex.h"
#include "drill_notation.h"

#include <stdlib.h>
#include <string.h>

/* Expressions. */

static dw_drill_expr *expression(dw_drill_parser *p);

static dw_drill_expr *new_expr(dw_drill_parser *p, enum dw_drill_expr_kind kind)
{
    dw_drill_expr *e = dw_drill_room(p, sizeof *e);
    e->kind = (uint8_t)kind;
    dw_drill_locate(p, p->at, &e->line, &e->column);
    return e;
}

/* What stands between brackets, up to close. */
static dw_drill_expr *elements(dw_drill_parser *p, const char *close)
{
    dw_drill_expr *first = NULL, **last = &first;
    if (dw_drill_accept(p, close)) return NULL;
    do {
        *last = expression(p);
        last = &(*last)->next;
    } while (dw_drill_accept(p, ","));
    dw_drill_need(p, close);
    return first;
}

static dw_drill_expr *string(dw_drill_parser *p)
{
    dw_drill_expr *e = new_expr(p, DW_EXPR_STRING);
    e->text = dw_drill_quoted(p, '"', "this string", &e->len);
    dw_drill_skip(p);
    while (*p->at == '"') { /* neighbours are one */
        size_t more;
        const char *text = dw_drill_quoted(p, '"', "this string", &more);
        char *whole = dw_drill_room(p, e->len + more + 1);
        memcpy(whole, e->text, e->len);
        memcpy(whole + e->len, text, more);
        e->text = whole;
        e->len += more;
        dw_drill_skip(p);
    }
    e->open = dw_drill_accept(p, "...");
    return e;
}

/* A constant, a call or an assignment; a name that #define would have given a meaning (-D) is that
 * text, or the number that it is. */
static dw_drill_expr *word_or_call(dw_drill_parser *p)
{
    dw_drill_expr *e = new_expr(p, DW_EXPR_WORD);
    e->text = dw_drill_word(p, "a value");
    e->len = strlen(e->text);
    const char *meaning = dw_drill_defined(p, e->text);
    if (meaning) {
        char *end;
        e->number = strtoll(meaning, &end, 0);
        if (*meaning && !*end) e->kind = DW_EXPR_NUMBER;
        e->text = meaning;
        e->len = strlen(meaning);
        return e;
    }
    if (dw_drill_accept(p, "(")) {
        e->kind = DW_EXPR_CALL;
        e->first = elements(p, ")");
    }
    dw_drill_skip(p);
    if (*p->at != '=' || p->at[1] == '=') return e;
    p->at++;
    dw_drill_expr *assign = dw_drill_room(p, sizeof *assign);
    *assign = *e;
    assign->kind = DW_EXPR_ASSIGN;
    assign->value = expression(p);
    return assign;
}

static dw_drill_expr *primary(dw_drill_parser *p)
{
    dw_drill_skip(p);
    char c = *p->at;
    if (strncmp(p->at, "...", 3) == 0) {
        dw_drill_expr *e = new_expr(p, DW_EXPR_ELLIPSIS);
        p->at += 3;
        return e;
    }
    if (c == '"') return string(p);
    if (c == '[' || c == '{') {
        dw_drill_expr *e = new_expr(p, c == '[' ? DW_EXPR_LIST : DW_EXPR_STRUCT);
        p->at++;
        e->first = elements(p, c == '[' ? "]" : "}");
        return e;
    }
    if (dw_drill_is_digit(c) || c == '-') {
        dw_drill_expr *e = new_expr(p, DW_EXPR_NUMBER);
        e->number = dw_drill_number(p, INT64_MIN, INT64_MAX, "a number");
        return e;
    }
    return word_or_call(p);
}

static dw_drill_expr *expression(dw_drill_parser *p)
{
    enum { DEEPEST = 64 };
    if (++p->depth > DEEPEST) dw_drill_fail(p, p->at, "brackets are nested too deeply");
    dw_drill_expr *left = primary(p);
    while (dw_drill_accept(p, "|")) {
        dw_drill_expr *both = dw_drill_room(p, sizeof *both);
        *both = (dw_drill_expr){.kind = DW_EXPR_OR, .line = left->line, .column = left->column};
        both->first = left;
        left->next = primary(p);
        left = both;
    }
    p->depth--;
    return left;
}

/* System calls. */

/* The words in parentheses behind a result are for people. */
static void note(dw_drill_parser *p)
{
    if (!dw_drill_accept(p, "(")) return;
    const char *start = p->at;
    while (*p->at != ')') {
        if (p->at >= p->end || *p->at == '\n') dw_drill_fail(p, start - 1, "this note has no end");
        p->at++;
    }
    p->at++;
}

static dw_drill_call *call(dw_drill_parser *p, const dw_drill_event *e)
{
    dw_drill_call *c = dw_drill_room(p, sizeof *c);
    if (dw_drill_accept(p, "...")) {
        const char *start = p->at;
        c->blocking = true;
        c->end = dw_drill_seconds(p);
        if (c->end < e->at) dw_drill_fail(p, start, "this call ends before it begins");
    }
    c->name = dw_drill_word(p, "a system call, a packet (< or >), a command or code");
    dw_drill_need(p, "(");
    c->arguments = elements(p, ")");
    dw_drill_need(p, "=");
    c->result = expression(p);
    dw_drill_skip(p);
    if (*p->at >= 'A' && *p->at <= 'Z') c->error = dw_drill_word(p, "an error's name");
    note(p);
    return c;
}

/* Events. */

static void event_time(dw_drill_parser *p, dw_drill_event *e)
{
    if (dw_drill_accept(p, "*")) {
        e->time_kind = DW_DRILL_ANY;
        return;
    }
    bool after = dw_drill_accept(p, "+");
    const char *start = p->at;
    e->time_kind = after ? DW_DRILL_AFTER : DW_DRILL_AT;
    e->at = dw_drill_seconds(p);
    if (!dw_drill_accept(p, "~")) return;
    if (after) dw_drill_need(p, "+");
    e->time_kind = after ? DW_DRILL_RANGE_AFTER : DW_DRILL_RANGE;
    e->end = dw_drill_seconds(p);
    if (e->end < e->at) dw_drill_fail(p, start, "this range of times is backwards");
}

static const char *code(dw_drill_parser *p)
{
    const char *start = p->at, *close = strstr(p->at, "}%");
    if (!close) dw_drill_fail(p, start, "this block of code has no end: }%% is missing");
    p->at = close + 2;
    return dw_drill_keep(p, start + 2, (size_t)(close - start) - 2);
}

static void action(dw_drill_parser *p, dw_drill_event *e)
{
    dw_drill_skip(p);
    const char *start = p->at;
    if (*p->at == '<' || *p->at == '>') {
        e->kind = DW_DRILL_PACKET;
        e->u.packet = dw_drill_packet_parse(p);
    } else if (*p->at == '`') {
        e->kind = DW_DRILL_COMMAND;
        e->u.command = dw_drill_quoted(p, '`', "this command", NULL);
    } else if (strncmp(p->at, "%{", 2) == 0) {
        e->kind = DW_DRILL_CODE;
        e->u.code = code(p);
    } else {
        e->kind = DW_DRILL_CALL;
        e->u.call = call(p, e);
    }
    bool ranged = e->time_kind != DW_DRILL_AT && e->time_kind != DW_DRILL_AFTER;
    if (ranged && !(e->kind == DW_DRILL_PACKET && e->u.packet->outbound))
        dw_drill_fail(p, start, "only an outbound packet may come at * or in a range of times");
}

static dw_drill_event *event(dw_drill_parser *p)
{
    dw_drill_event *e = dw_drill_room(p, sizeof *e);
    int column;
    dw_drill_skip(p);
    const char *start = p->at;
    dw_drill_locate(p, start, &e->line, &column);
    event_time(p, e);
    action(p, e);
    bool lines = e->kind == DW_DRILL_COMMAND || e->kind == DW_DRILL_CODE;
    size_t len = (size_t)(p->at - start), line = strcspn(start, "\n");
    const char *remark = strstr(start, "//");
    if (!lines && len > line) len = line;
    if (!lines && remark && (size_t)(remark - start) < len) len = (size_t)(remark - start);
    while (len > 0 && strchr(" \t\r\n", start[len - 1]))
        len--;
    e->text = dw_drill_keep(p, start, len);
    return e;
}

static dw_drill_option *option(dw_drill_parser *p)
{
    dw_drill_option *o = dw_drill_room(p, sizeof *o);
    int column;
    dw_drill_locate(p, p->at, &o->line, &column);
    o->name = dw_drill_word(p, "an option's name");
    if (!dw_drill_accept(p, "=")) return o;
    dw_drill_skip(p);
    if (*p->at == '"') {
        o->value = dw_drill_quoted(p, '"', "this string", NULL);
        return o;
    }
    size_t n = strcspn(p->at, " \t\r\n");
    if (n == 0) dw_drill_expected(p, "the option's value");
    o->value = dw_drill_keep(p, p->at, n);
    p->at += n;
    return o;
}

/* "// drywire: profile=linux delayed_ack=40ms", first in a script: how the host's TCP is set. */
static dw_drill_option **host_options(dw_drill_parser *p, dw_drill_option **last)
{
    int column;
    p->at += strspn(p->at, " \t\r\n");
    if (strncmp(p->at, DW_DRILL_HOST, sizeof DW_DRILL_HOST - 1) != 0) return last;
    p->at += sizeof DW_DRILL_HOST - 1;
    for (p->at += strspn(p->at, " \t"); !strchr("\r\n", *p->at); p->at += strspn(p->at, " \t")) {
        dw_drill_option *o = dw_drill_room(p, sizeof *o);
        size_t n = strcspn(p->at, " \t\r\n"), name = strcspn(p->at, "= \t\r\n");
        if (name == 0 || name + 1 >= n) dw_drill_expected(p, "an option of TCP as name=value");
        dw_drill_locate(p, p->at, &o->line, &column);
        o->of_host = true;
        o->name = dw_drill_keep(p, p->at, name);
        o->value = dw_drill_keep(p, p->at + name + 1, n - name - 1);
        p->at += n;
        *last = o;
        last = &o->next;
    }
    return last;
}

static void options(dw_drill_parser *p, dw_drill_script *s)
{
    dw_drill_option **last = host_options(p, &s->options);
    while (dw_drill_accept(p, "--")) {
        *last = option(p);
        last = &(*last)->next;
    }
    dw_drill_skip(p);
}

static void script(dw_drill_parser *p, dw_drill_script *s)
{
    int column;
    options(p, s);
    if (*p->at == '`') {
        dw_drill_locate(p, p->at, &s->before_line, &column);
        s->before = dw_drill_quoted(p, '`', "this command", NULL);
    }
    dw_drill_event **last = &s->events;
    for (dw_drill_skip(p); p->at < p->end && *p->at != '`'; dw_drill_skip(p)) {
        *last = event(p);
        last = &(*last)->next;
    }
    if (p->at < p->end) {
        dw_drill_locate(p, p->at, &s->after_line, &column);
        s->after = dw_drill_quoted(p, '`', "this command", NULL);
        dw_drill_skip(p);
    }
    if (p->at < p->end) dw_drill_expected(p, "the end of the script after the last command");
    if (!s->events) dw_drill_fail(p, p->at, "there is no event in this script");
    if (s->events->time_kind == DW_DRILL_ANY || s->events->at != 0)
        dw_drill_fail(p, p->text, "the first event must be at time 0");
}

/* #ifdef NAME, #ifndef NAME, #else, #endif: what is left out becomes blanks, so that places in
 * messages stay right. */

static bool is_defined(const char *name, size_t len, const char *const *defines)
{
    for (; defines && *defines; defines++)
        if (strncmp(*defines, name, len) == 0 && ((*defines)[len] == 0 || (*defines)[len] == '='))
            return true;
    return false;
}

static void blank(char *from, const char *to)
{
    for (; from < to; from++)
        if (*from != '\n') *from = ' ';
}

enum { DEEPEST_CONDITION = 16 };

/* The #ifdefs that a line is in. */
typedef struct conditions {
    const char *const *defines;
    int depth;
    bool keep[DEEPEST_CONDITION + 1];          /* by depth: what stands there stays */
    const char *opened[DEEPEST_CONDITION + 1]; /* by depth: where, for messages */
} conditions;

/* #ifdef, or with wanted false #ifndef. */
static void open_condition(dw_drill_parser *p, conditions *c, const char *line, size_t word,
                           bool wanted)
{
    const char *name = line + word;
    name += strspn(name, " \t");
    size_t len = strcspn(name, " \t\r\n");
    if (len == 0) dw_drill_fail(p, line, "%.*s needs a name", (int)word, line);
    if (c->depth == DEEPEST_CONDITION) dw_drill_fail(p, line, "#ifdef is nested too deeply");
    c->opened[++c->depth] = line;
    c->keep[c->depth] = c->keep[c->depth - 1] && is_defined(name, len, c->defines) == wanted;
}

static bool is_directive(const char *line, size_t word, const char *name)
{
    return word == strlen(name) && strncmp(line, name, word) == 0;
}

/* A line that begins with #; word is the length of its first word. */
static void directive(dw_drill_parser *p, conditions *c, const char *line, size_t word)
{
    bool ifdef = is_directive(line, word, "#ifdef");
    if (ifdef || is_directive(line, word, "#ifndef")) {
        open_condition(p, c, line, word, ifdef);
    } else if (is_directive(line, word, "#else")) {
        if (c->depth == 0) dw_drill_fail(p, line, "#else without #ifdef");
        c->keep[c->depth] = c->keep[c->depth - 1] && !c->keep[c->depth];
    } else if (is_directive(line, word, "#endif")) {
        if (c->depth == 0) dw_drill_fail(p, line, "#endif without #ifdef");
        c->depth--;
    } else {
        dw_drill_fail(p, line,
                      "unknown directive \"%.*s\"; there are #ifdef, #ifndef, #else "
                      "and #endif",
                      (int)(word < 20 ? word : 20), line);
    }
}

static void conditionals(dw_drill_parser *p, char *text, const char *const *defines)
{
    conditions c = {.defines = defines, .keep = {true}};
    for (char *line = text; *line;) {
        char *end = line + strcspn(line, "\n");
        size_t word = line[0] == '#' ? strcspn(line, " \t\r\n") : 0;
        if (word > 0) directive(p, &c, line, word);
        if (word > 0 || !c.keep[c.depth]) blank(line, end);
        line = *end ? end + 1 : end;
    }
    if (c.depth > 0) dw_drill_fail(p, c.opened[c.depth], "this #ifdef has no #endif");
}

/* What is read of a text: its options, or all of it. */
static int parse(const char *path, const char *text, size_t len, const char *const *defines,
                 void (*read)(dw_drill_parser *p, dw_drill_script *s), dw_drill_script *out,
                 char *why, size_t why_size)
{
    *out = (dw_drill_script){0};
    out->path = dw_arena_text(&out->arena, path, strlen(path));
    char *copy = dw_arena_text(&out->arena, text, len);
    if (!out->path || !copy) return DW_E_NOMEM;
    dw_drill_parser p = {.path = out->path,
                         .text = copy,
                         .at = copy,
                         .end = copy + len,
                         .arena = &out->arena,
                         .defines = defines,
                         .why = why,
                         .why_size = why_size};
    switch (setjmp(p.failed)) {
    case DW_OK: break;
    case DW_E_NOMEM: return DW_E_NOMEM;
    case DW_E_NOENT: return DW_E_NOENT;
    default: return DW_E_FORMAT;
    }
    const char *zero = memchr(copy, 0, len);
    if (zero) dw_drill_fail(&p, zero, "this is no text: it has a NUL character");
    conditionals(&p, copy, defines);
    read(&p, out);
    return DW_OK;
}

int dw_drill_parse(const char *path, const char *text, size_t len, const char *const *defines,
                   dw_drill_script *out, char *why, size_t why_size)
{
    return parse(path, text, len, defines, script, out, why, why_size);
}

int dw_drill_parse_options(const char *path, const char *text, size_t len,
                           const char *const *defines, dw_drill_script *out, char *why,
                           size_t why_size)
{
    return parse(path, text, len, defines, options, out, why, why_size);
}

void dw_drill_free(dw_drill_script *s)
{
    dw_arena_free(&s->arena);
    *s = (dw_drill_script){0};
}
