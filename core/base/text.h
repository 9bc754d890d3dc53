/* A text that grows. */
#ifndef DW_TEXT_H
#define DW_TEXT_H

#include "drywire/base.h"

#include <stdarg.h>

/* Zero-initialise.  After a failed allocation `failed` is set and further calls do nothing. */
typedef struct dw_text {
    char *data; /* NUL-terminated once anything was added */
    size_t len, cap;
    bool failed;
} dw_text;

void dw_text_add(dw_text *t, const char *s);
void dw_text_add_n(dw_text *t, const char *s, size_t n);
void dw_text_char(dw_text *t, char c, size_t times);
void dw_text_format(dw_text *t, const char *format, ...) DW_PRINTF(2, 3);
void dw_text_vformat(dw_text *t, const char *format, va_list args);
/* The text, for the caller to free; "" rather than NULL when empty; NULL after a failure. */
char *dw_text_take(dw_text *t);
void dw_text_free(dw_text *t);
/* Whether a text, the name of a file mostly, has that end. */
bool dw_text_ends(const char *text, const char *end);
/* A copy that the caller frees; NULL stays NULL, and NULL when out of memory. */
char *dw_copy_text(const char *text);
/* Columns that the UTF-8 text s takes on a terminal: two for wide characters (Chinese, Japanese,
 * Korean), none for what combines with the one before; a byte that is no UTF-8 takes one. */
size_t dw_text_columns(const char *s, size_t len);

#endif
