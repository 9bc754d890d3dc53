/* Reading text: shared by the two files that do. */
#ifndef DW_DRILL_PARSE_H
#define DW_DRILL_PARSE_H

#include "drill/drill.h"

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
/* "expected <what>, not ..." */
_Noreturn void dw_drill_expected(dw_drill_parser *p, const char *what);
void *dw_drill_room(dw_drill_parser *p, size_t size); /* in the arena; zeroed, never NULL */
void dw_drill_skip(dw_drill_parser *p);               /* blanks and comments */
bool dw_drill_accept(dw_drill_parser *p, const char *token);
void dw_drill_need(dw_drill_parser *p, const char *token);
bool dw_drill_is_word(char c);
/* What a name stands for, or NULL. */
const char *dw_drill_defined(const dw_drill_parser *p, const char *name);
const char *dw_drill_word(dw_drill_parser *p, const char *what);
int64_t dw_drill_number(dw_drill_parser *p, int64_t least, int64_t most, const char *what);

/* drill_notation.c: from the direction on. */
dw_drill_packet *dw_drill_packet_parse(dw_drill_parser *p);

#endif
