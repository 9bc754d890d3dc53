/* The tokens of a script, for the files that read its text. */
#ifndef DW_DRILL_LEX_H
#define DW_DRILL_LEX_H

#include "script.h"

#include <setjmp.h>

/* A mistake in the text, or a lack of memory, ends the parsing at once (dw_drill_fail): setjmp
 * returns DW_E_FORMAT or DW_E_NOMEM, and the arena keeps what was made. */
typedef struct dw_drill_parser {
    jmp_buf failed;
    const char *path; /* NULL: a single packet's text */
    const char *text, *at, *end;
    dw_arena *arena;
    char *why;
    size_t why_size;
    const char *const *defines;
    int depth; /* of brackets */
    /* Lines are counted as far as somebody asked. */
    const char *counted, *line_start;
    int line;
} dw_drill_parser;

_Noreturn void dw_drill_fail(dw_drill_parser *p, const char *at, const char *format, ...)
    DW_PRINTF(3, 4);
/* The same of what packetdrill may write and this does not read: no mistake of the script.  "not
 * supported: what". */
_Noreturn void dw_drill_cannot_read(dw_drill_parser *p, const char *at, const char *what);
/* "expected <what>, not ..." */
_Noreturn void dw_drill_expected(dw_drill_parser *p, const char *what);
void *dw_drill_room(dw_drill_parser *p, size_t size); /* in the arena; zeroed, never NULL */
void dw_drill_skip(dw_drill_parser *p);               /* blanks and comments */
bool dw_drill_accept(dw_drill_parser *p, const char *token);
void dw_drill_need(dw_drill_parser *p, const char *token);
bool dw_drill_is_word(char c);
bool dw_drill_is_digit(char c);
/* What a name stands for, or NULL. */
const char *dw_drill_defined(const dw_drill_parser *p, const char *name);
const char *dw_drill_word(dw_drill_parser *p, const char *what);
int64_t dw_drill_number(dw_drill_parser *p, int64_t min, int64_t max, const char *what);
/* Seconds with decimals; finer than a nanosecond is cut off. */
dw_time dw_drill_seconds(dw_drill_parser *p);
/* What stands between two quotes, the first of which is next; len may be NULL.  In a string, a
 * backslash takes the next character as it is (\n, \t and \xHH aside); in a command only a
 * back-quote needs one, the rest is the shell's. */
const char *dw_drill_quoted(dw_drill_parser *p, char quote, const char *what, size_t *len);
/* A copy in the arena. */
char *dw_drill_keep(dw_drill_parser *p, const char *text, size_t len);
/* Where a place in the text is; both count from 1. */
void dw_drill_locate(dw_drill_parser *p, const char *at, int *line, int *column);

#endif
