/* Text of any bytes inside another format, for the files that write into a dw_text; the rules are
 * dw_escape's (drywire.h). */
#ifndef DW_ESCAPE_H
#define DW_ESCAPE_H

#include "drywire/drywire.h"
#include "text.h"

void dw_text_escape(dw_text *t, enum dw_syntax syntax, const char *s);
void dw_text_escape_n(dw_text *t, enum dw_syntax syntax, const char *s, size_t len);
/* Into buf, at most size bytes with the NUL, cut between characters; returns buf. */
char *dw_escape_into(enum dw_syntax syntax, const char *s, char *buf, size_t size);
/* Nothing in it that DW_IN_JSON would have to give up. */
bool dw_is_utf8(const char *s);

#endif
