/* The tokens of the packetdrill language: words, numbers, times, quoted text; and where they stand,
 * for messages. */
#include "drill_lex.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Errors: where, what was expected, and what stands there. */

void dw_drill_locate(dw_drill_parser *p, const char *at, int *line, int *column)
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

static void say(dw_drill_parser *p, const char *at, const char *sentence)
{
    int line, column;
    dw_drill_locate(p, at, &line, &column);
    if (p->path)
        snprintf(p->why, p->why_size, "%s:%d:%d: %s", p->path, line, column, sentence);
    else
        snprintf(p->why, p->why_size, "%s (character %d)", sentence, column);
}

_Noreturn void dw_drill_fail(dw_drill_parser *p, const char *at, const char *format, ...)
{
    char sentence[400];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    say(p, at, sentence);
    longjmp(p->failed, DW_E_FORMAT);
}

_Noreturn void dw_drill_cannot_read(dw_drill_parser *p, const char *at, const char *what)
{
    char sentence[200];
    snprintf(sentence, sizeof sentence, "not supported: %s", what);
    say(p, at, sentence);
    longjmp(p->failed, DW_E_NOENT);
}

void *dw_drill_room(dw_drill_parser *p, size_t size)
{
    void *room = dw_arena_alloc(p->arena, size);
    if (!room) longjmp(p->failed, DW_E_NOMEM);
    return room;
}

char *dw_drill_keep(dw_drill_parser *p, const char *text, size_t len)
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

bool dw_drill_is_digit(char c)
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
    return dw_drill_keep(p, start, (size_t)(p->at - start));
}

static int digit_value(char c, int base)
{
    if (dw_drill_is_digit(c)) return c - '0';
    if (base == 16 && c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (base == 16 && c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* The digits of a number, of which there is one at least; start is for messages. */
static uint64_t magnitude(dw_drill_parser *p, const char *start, int base, const char *what)
{
    uint64_t value = 0;
    const char *digits = p->at;
    for (int d; (d = digit_value(*p->at, base)) >= 0; p->at++) {
        if (value > (UINT64_MAX - (uint64_t)d) / (uint64_t)base)
            dw_drill_fail(p, start, "%s is too large", what);
        value = value * (uint64_t)base + (uint64_t)d;
    }
    if (p->at == digits) {
        p->at = start;
        dw_drill_expected(p, what);
    }
    return value;
}

/* Decimal, or hexadecimal with 0x, with a sign.  Hexadecimal numbers may have all 64 bits: they are
 * masks. */
int64_t dw_drill_number(dw_drill_parser *p, int64_t min, int64_t max, const char *what)
{
    DW_ASSERT(min <= max);
    dw_drill_skip(p);
    const char *start = p->at;
    bool minus = *p->at == '-';
    if (minus) p->at++;
    int base = p->at[0] == '0' && (p->at[1] == 'x' || p->at[1] == 'X') ? 16 : 10;
    if (base == 16) p->at += 2;
    uint64_t value = magnitude(p, start, base, what);
    bool fits = value <= (uint64_t)INT64_MAX || (base == 16 && !minus);
    int64_t n = minus ? -(int64_t)value : (int64_t)value;
    if (!fits || n < min || n > max)
        dw_drill_fail(p, start, "%s must be from %lld to %lld", what, (long long)min,
                      (long long)max);
    return n;
}

dw_time dw_drill_seconds(dw_drill_parser *p)
{
    dw_drill_skip(p);
    const char *start = p->at;
    int64_t whole = 0;
    dw_time part = 0, unit = DW_SECOND;
    bool any = false;
    if (*p->at == '-') dw_drill_fail(p, start, "a time cannot be negative");
    for (; dw_drill_is_digit(*p->at); p->at++, any = true) {
        whole = whole * 10 + (*p->at - '0');
        if (whole > 1000000000) dw_drill_fail(p, start, "a time of more than 30 years");
    }
    if (*p->at == '.' && dw_drill_is_digit(p->at[1])) {
        for (p->at++; dw_drill_is_digit(*p->at); p->at++, any = true) {
            unit /= 10;
            part += (*p->at - '0') * unit;
        }
    } else if (*p->at == '.' && any && p->at[1] != '.') {
        p->at++; /* "1." */
    }
    if (!any) dw_drill_expected(p, "a time in seconds");
    return whole * DW_SECOND + part;
}

/* The character that a backslash in a string stands for; p is behind the backslash. */
static char escaped(dw_drill_parser *p, const char *close)
{
    char c = *p->at++;
    if (c == 'n') return '\n';
    if (c == 't') return '\t';
    if (c != 'x' || p->at + 2 > close) return c;
    char hex[3] = {p->at[0], p->at[1], 0};
    p->at += 2;
    return (char)strtoul(hex, NULL, 16);
}

/* The end is looked for first, so that there is room for what becomes of it: never more. */
const char *dw_drill_quoted(dw_drill_parser *p, char quote, const char *what, size_t *len)
{
    const char *start = p->at++, *close = p->at;
    while (close < p->end && *close != quote)
        close += *close == '\\' && close + 1 < p->end ? 2 : 1;
    if (close >= p->end) dw_drill_fail(p, start, "%s has no end", what);
    char *out = dw_drill_room(p, (size_t)(close - start));
    size_t n = 0;
    while (p->at < close) {
        char c = *p->at++;
        if (c == '\\' && quote != '`')
            c = escaped(p, close);
        else if (c == '\\' && *p->at == '`')
            c = *p->at++;
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
