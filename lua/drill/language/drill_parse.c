/* The packetdrill language: times, options, system calls, commands, code. */
#include "drill_parse.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Memory. */

enum { BLOCK = 16384 };

struct dw_arena_block {
    struct dw_arena_block *next;
    size_t used, size;
    _Alignas(16) unsigned char bytes[];
};

void *dw_arena_alloc(dw_arena *arena, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    struct dw_arena_block *b = arena->blocks;
    if (!b || b->size - b->used < size) {
        size_t room = size > BLOCK ? size : BLOCK;
        b = malloc(sizeof *b + room);
        if (!b) return NULL;
        *b = (struct dw_arena_block){.next = arena->blocks, .size = room};
        arena->blocks = b;
    }
    void *at = b->bytes + b->used;
    b->used += size;
    return memset(at, 0, size);
}

char *dw_arena_text(dw_arena *arena, const char *text, size_t len)
{
    char *copy = dw_arena_alloc(arena, len + 1);
    if (copy) memcpy(copy, text, len);
    return copy;
}

void dw_arena_free(dw_arena *arena)
{
    while (arena->blocks) {
        struct dw_arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}

/* Errors: where, what was expected, and what stands there. */

static void locate(dw_drill_parser *p, const char *at, int *line, int *column)
{
    if (!p->counted || at < p->counted) {
        p->counted = p->line_start = p->text;
        p->line = 1;
    }
    for (; p->counted < at; p->counted++)
        if (*p->counted == '\n') {
            p->line++;
            p->line_start = p->counted + 1;
        }
    *line = p->line;
    *column = (int)(at - p->line_start) + 1;
}

_Noreturn void dw_drill_fail(dw_drill_parser *p, const char *at, const char *format, ...)
{
    char sentence[400];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    int line, column;
    locate(p, at, &line, &column);
    if (p->path)
        snprintf(p->why, p->why_size, "%s:%d:%d: %s", p->path, line, column, sentence);
    else
        snprintf(p->why, p->why_size, "%s (character %d)", sentence, column);
    longjmp(p->failed, DW_E_FORMAT);
}

void *dw_drill_room(dw_drill_parser *p, size_t size)
{
    void *room = dw_arena_alloc(p->arena, size);
    if (!room) longjmp(p->failed, DW_E_NOMEM);
    return room;
}

static char *keep_text(dw_drill_parser *p, const char *text, size_t len)
{
    return memcpy(dw_drill_room(p, len + 1), text, len);
}

_Noreturn void dw_drill_expected(dw_drill_parser *p, const char *what)
{
    const char *at = p->at;
    size_t n = strcspn(at, " \t\r\n,;)(");
    if (at >= p->end || *at == '\n' || *at == '\r')
        dw_drill_fail(p, at, "expected %s, but the %s ends", what, at >= p->end ? "text" : "line");
    if (n == 0) n = 1;
    dw_drill_fail(p, at, "expected %s, not \"%.*s\"", what, (int)(n < 40 ? n : 40), at);
}

/* Blanks and comments. */

static void skip_comment(dw_drill_parser *p)
{
    const char *close = strstr(p->at + 2, "*/");
    if (!close) dw_drill_fail(p, p->at, "this comment has no end");
    p->at = close + 2;
}

void dw_drill_skip(dw_drill_parser *p)
{
    for (;;) {
        char c = *p->at;
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            p->at++;
        else if (c == '/' && p->at[1] == '/')
            p->at += strcspn(p->at, "\n");
        else if (c == '/' && p->at[1] == '*')
            skip_comment(p);
        else
            return;
    }
}

/* Tokens. */

bool dw_drill_accept(dw_drill_parser *p, const char *token)
{
    dw_drill_skip(p);
    size_t n = strlen(token);
    if (strncmp(p->at, token, n) != 0) return false;
    char last = token[n - 1];
    if (dw_drill_is_word(last) && dw_drill_is_word(p->at[n])) return false;
    p->at += n;
    return true;
}

void dw_drill_need(dw_drill_parser *p, const char *token)
{
    char what[40];
    snprintf(what, sizeof what, "\"%s\"", token);
    if (!dw_drill_accept(p, token)) dw_drill_expected(p, what);
}

bool dw_drill_is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

const char *dw_drill_word(dw_drill_parser *p, const char *what)
{
    dw_drill_skip(p);
    const char *start = p->at;
    while (dw_drill_is_word(*p->at))
        p->at++;
    if (p->at == start) dw_drill_expected(p, what);
    return keep_text(p, start, (size_t)(p->at - start));
}

/* Decimal, or hexadecimal with 0x, with a sign. */
int64_t dw_drill_number(dw_drill_parser *p, int64_t least, int64_t most, const char *what)
{
    dw_drill_skip(p);
    const char *start = p->at;
    bool minus = *p->at == '-';
    if (minus) p->at++;
    int base = p->at[0] == '0' && (p->at[1] == 'x' || p->at[1] == 'X') ? 16 : 10;
    if (base == 16) p->at += 2;
    uint64_t value = 0;
    const char *digits = p->at;
    for (;; p->at++) {
        char c = *p->at;
        int d = is_digit(c)                          ? c - '0'
                : base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10
                : base == 16 && c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
        if (d < 0) break;
        if (value > (UINT64_MAX - (uint64_t)d) / (uint64_t)base)
            dw_drill_fail(p, start, "%s is too large", what);
        value = value * (uint64_t)base + (uint64_t)d;
    }
    if (p->at == digits) {
        p->at = start;
        dw_drill_expected(p, what);
    }
    bool fits = minus ? value <= (uint64_t)INT64_MAX : base == 16 || value <= (uint64_t)INT64_MAX;
    int64_t n = minus ? -(int64_t)value : (int64_t)value;
    if (!fits || n < least || n > most)
        dw_drill_fail(p, start, "%s must be from %lld to %lld", what, (long long)least,
                      (long long)most);
    return n;
}

/* Seconds with decimals; finer than a nanosecond is cut off. */
static dw_time seconds(dw_drill_parser *p)
{
    dw_drill_skip(p);
    const char *start = p->at;
    int64_t whole = 0;
    dw_time part = 0, unit = DW_SECOND;
    bool any = false;
    if (*p->at == '-') dw_drill_fail(p, start, "a time cannot be negative");
    for (; is_digit(*p->at); p->at++, any = true) {
        whole = whole * 10 + (*p->at - '0');
        if (whole > 1000000000) dw_drill_fail(p, start, "a time of more than 30 years");
    }
    if (*p->at == '.' && is_digit(p->at[1])) {
        for (p->at++; is_digit(*p->at); p->at++, any = true) {
            unit /= 10;
            part += (*p->at - '0') * unit;
        }
    } else if (*p->at == '.' && any && p->at[1] != '.') {
        p->at++; /* "1." */
    }
    if (!any) dw_drill_expected(p, "a time in seconds");
    return whole * DW_SECOND + part;
}

/* Quoted text: in a string, a backslash takes the next character as it is (\n, \t and \xHH aside);
 * in a command only a back-quote needs one, the rest is the shell's. */
static const char *quoted(dw_drill_parser *p, char quote, const char *what, size_t *len)
{
    const char *start = p->at++, *close = p->at;
    while (close < p->end && *close != quote)
        close += *close == '\\' && close + 1 < p->end ? 2 : 1;
    if (close >= p->end) dw_drill_fail(p, start, "%s has no end", what);
    char *out = dw_drill_room(p, (size_t)(close - start));
    size_t n = 0;
    while (p->at < close) {
        char c = *p->at++;
        if (c == '\\' && (quote != '`' || *p->at == '`')) {
            c = *p->at++;
            if (quote != '`' && c == 'n') c = '\n';
            if (quote != '`' && c == 't') c = '\t';
            if (quote != '`' && c == 'x' && p->at + 2 <= close) {
                char hex[3] = {p->at[0], p->at[1], 0};
                c = (char)strtoul(hex, NULL, 16);
                p->at += 2;
            }
        }
        out[n++] = c;
    }
    p->at = close + 1;
    if (len) *len = n;
    return out;
}

const char *dw_drill_defined(const dw_drill_parser *p, const char *name)
{
    size_t n = strlen(name);
    for (const char *const *d = p->defines; d && *d; d++)
        if (strncmp(*d, name, n) == 0 && (*d)[n] == '=') return *d + n + 1;
    return NULL;
}

/* Expressions. */

static dw_drill_expr *expression(dw_drill_parser *p);

static dw_drill_expr *new_expr(dw_drill_parser *p, enum dw_drill_expr_kind kind)
{
    dw_drill_expr *e = dw_drill_room(p, sizeof *e);
    e->kind = (uint8_t)kind;
    locate(p, p->at, &e->line, &e->column);
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
    e->text = quoted(p, '"', "this string", &e->len);
    dw_drill_skip(p);
    while (*p->at == '"') { /* neighbours are one */
        size_t more;
        const char *text = quoted(p, '"', "this string", &more);
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
    if (is_digit(c) || c == '-') {
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
        c->end = seconds(p);
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
    e->at = seconds(p);
    if (!dw_drill_accept(p, "~")) return;
    if (after) dw_drill_need(p, "+");
    e->time_kind = after ? DW_DRILL_RANGE_AFTER : DW_DRILL_RANGE;
    e->end = seconds(p);
    if (e->end < e->at) dw_drill_fail(p, start, "this range of times is backwards");
}

static const char *code(dw_drill_parser *p)
{
    const char *start = p->at, *close = strstr(p->at, "}%");
    if (!close) dw_drill_fail(p, start, "this block of code has no end: }%% is missing");
    p->at = close + 2;
    return keep_text(p, start + 2, (size_t)(close - start) - 2);
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
        e->u.command = quoted(p, '`', "this command", NULL);
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
    locate(p, start, &e->line, &column);
    event_time(p, e);
    action(p, e);
    bool lines = e->kind == DW_DRILL_COMMAND || e->kind == DW_DRILL_CODE;
    size_t len = (size_t)(p->at - start), line = strcspn(start, "\n");
    const char *remark = strstr(start, "//");
    if (!lines && len > line) len = line;
    if (!lines && remark && (size_t)(remark - start) < len) len = (size_t)(remark - start);
    while (len > 0 && strchr(" \t\r\n", start[len - 1]))
        len--;
    e->text = keep_text(p, start, len);
    return e;
}

static dw_drill_option *option(dw_drill_parser *p)
{
    dw_drill_option *o = dw_drill_room(p, sizeof *o);
    int column;
    locate(p, p->at, &o->line, &column);
    o->name = dw_drill_word(p, "an option's name");
    if (!dw_drill_accept(p, "=")) return o;
    dw_drill_skip(p);
    if (*p->at == '"') {
        o->value = quoted(p, '"', "this string", NULL);
        return o;
    }
    size_t n = strcspn(p->at, " \t\r\n");
    if (n == 0) dw_drill_expected(p, "the option's value");
    o->value = keep_text(p, p->at, n);
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
        locate(p, p->at, &o->line, &column);
        o->of_host = true;
        o->name = keep_text(p, p->at, name);
        o->value = keep_text(p, p->at + name + 1, n - name - 1);
        p->at += n;
        *last = o;
        last = &o->next;
    }
    return last;
}

static void script(dw_drill_parser *p, dw_drill_script *s)
{
    dw_drill_option **last_option = host_options(p, &s->options);
    int column;
    while (dw_drill_accept(p, "--")) {
        *last_option = option(p);
        last_option = &(*last_option)->next;
    }
    dw_drill_skip(p);
    if (*p->at == '`') {
        locate(p, p->at, &s->before_line, &column);
        s->before = quoted(p, '`', "this command", NULL);
    }
    dw_drill_event **last = &s->events;
    for (dw_drill_skip(p); p->at < p->end && *p->at != '`'; dw_drill_skip(p)) {
        *last = event(p);
        last = &(*last)->next;
    }
    if (p->at < p->end) {
        locate(p, p->at, &s->after_line, &column);
        s->after = quoted(p, '`', "this command", NULL);
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

static void conditionals(dw_drill_parser *p, char *text, const char *const *defines)
{
    enum { DEEPEST = 16 };
    bool keep[DEEPEST + 1] = {true};
    const char *opened[DEEPEST + 1] = {0};
    int depth = 0;
    for (char *line = text; *line;) {
        char *end = line + strcspn(line, "\n");
        size_t word = line[0] == '#' ? strcspn(line, " \t\r\n") : 0;
        char *name = line + word;
        name += strspn(name, " \t");
        size_t len = strcspn(name, " \t\r\n");
        bool ifdef = word == 6 && strncmp(line, "#ifdef", 6) == 0;
        bool ifndef = word == 7 && strncmp(line, "#ifndef", 7) == 0;
        if (ifdef || ifndef) {
            if (len == 0) dw_drill_fail(p, line, "%.*s needs a name", (int)word, line);
            if (depth == DEEPEST) dw_drill_fail(p, line, "#ifdef is nested too deeply");
            opened[++depth] = line;
            keep[depth] = keep[depth - 1] && is_defined(name, len, defines) == ifdef;
        } else if (word == 5 && strncmp(line, "#else", 5) == 0) {
            if (depth == 0) dw_drill_fail(p, line, "#else without #ifdef");
            keep[depth] = keep[depth - 1] && !keep[depth];
        } else if (word == 6 && strncmp(line, "#endif", 6) == 0) {
            if (depth == 0) dw_drill_fail(p, line, "#endif without #ifdef");
            depth--;
        } else if (word) {
            dw_drill_fail(p, line,
                          "unknown directive \"%.*s\"; there are #ifdef, #ifndef, #else "
                          "and #endif",
                          (int)(word < 20 ? word : 20), line);
        }
        if (word || !keep[depth]) blank(line, end);
        line = *end ? end + 1 : end;
    }
    if (depth > 0) dw_drill_fail(p, opened[depth], "this #ifdef has no #endif");
}

int dw_drill_parse(const char *path, const char *text, size_t len, const char *const *defines,
                   dw_drill_script *out, char *why, size_t why_size)
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
    default: return DW_E_FORMAT;
    }
    const char *zero = memchr(copy, 0, len);
    if (zero) dw_drill_fail(&p, zero, "this is no text: it has a NUL character");
    conditionals(&p, copy, defines);
    script(&p, out);
    return DW_OK;
}

void dw_drill_free(dw_drill_script *s)
{
    dw_arena_free(&s->arena);
    *s = (dw_drill_script){0};
}
