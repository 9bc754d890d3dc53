/* Text of any bytes for people and machines: the escaper of the core, on files; what it ends in. */
#ifndef DWL_PRINTING_H
#define DWL_PRINTING_H

#include <drywire/drywire.h>
#include <stdio.h>

/* Text of any bytes, as dw_escape writes it. */
void print_escaped(FILE *f, enum dw_syntax syntax, const char *text);
void print_escaped_n(FILE *f, enum dw_syntax syntax, const char *text, size_t len);
/* Zero bytes become SUB, the control character for what could not be carried: a C string then has
 * all of the text. */
void replace_zeros(char *text, size_t len);
/* Each line of a text as DW_IN_LINES, with something in front of it; NULL is no text. */
void print_lines(FILE *f, const char *front, const char *text);

/* With commas: 16,321.  Returns out.  Also for signal handlers. */
enum { GROUPED_SIZE = 32 };
const char *grouped(uint64_t n, char out[GROUPED_SIZE]);
/* To two digits: 51,000. */
const char *grouped_roughly(uint64_t n, char out[GROUPED_SIZE]);

/* Whether a text, the name of a file mostly, has that end. */
bool ends_in(const char *text, const char *end);

#endif
