/* What ladders in text have in common (see ladder_pen.h). */
#include "ladder_pen.h"

#include "base/escape.h"
#include "picture.h"

#include <stdlib.h>
#include <string.h>

void dw_ladder_color(dw_ladder_pen *p, const char *code)
{
    if (p->config->color) dw_text_format(&p->out, "\x1b[%sm", code);
}

/* What is in a trace may have come from anybody's file. */
void dw_ladder_word(dw_ladder_pen *p, const char *text, int columns)
{
    char clean[256];
    dw_escape_into(DW_IN_LINE, text, clean, sizeof clean);
    int blanks = abs(columns) - (int)dw_text_columns(clean, strlen(clean));
    if (columns < 0 && blanks > 0) dw_text_char(&p->out, ' ', (size_t)blanks);
    dw_text_add(&p->out, clean);
    if (columns > 0 && blanks > 0) dw_text_char(&p->out, ' ', (size_t)blanks);
}

void dw_ladder_title(dw_ladder_pen *p)
{
    char title[1000];
    if (!dw_picture_title(&p->picture, title, sizeof title)) return;
    dw_ladder_color(p, "1");
    dw_ladder_word(p, title, 0);
    dw_ladder_color(p, "0");
    dw_text_add(&p->out, "\n\n");
}
