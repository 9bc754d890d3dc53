/* What stands at the hosts of an SVG ladder, drawn. */
#include "svg_pen.h"

#include <string.h>

static bool on_left(uint32_t column)
{
    return column == 0;
}

static bool on_right(const dw_svg_pen *p, uint32_t column)
{
    return column > 0 && column + 1 == p->m->column_count;
}

/* The left edge of a bar. */
static double bar_x(const dw_svg_pen *p, const dw_svg_bar *b)
{
    double x = p->m->columns[b->column].x, aside = (double)b->lane * DW_SVG_LANE;
    if (on_left(b->column)) return x - DW_SVG_BAR - aside;
    if (on_right(p, b->column)) return x + aside;
    return x + dw_svg_astride(p->m, b, DW_SVG_BAR, DW_SVG_LANE);
}

static void draw_bar(dw_svg_pen *p, const dw_svg_bar *b)
{
    double x = bar_x(p, b), y0 = dw_svg_y(b->y0), y1 = dw_svg_y(b->y1);
    bool inferred = b->certainty != DW_OBSERVED;
    dw_text_format(&p->out, "<rect class=\"bar %s%s\"", dw_svg_state_style(b->class),
                   inferred ? " inferred" : "");
    p->any_inferred_state |= inferred;
    DW_SVG_PUT(p, " x=\"#\" y=\"#\" width=\"#\" height=\"#\"><title>", x, y0, DW_SVG_BAR, y1 - y0);
    const char *state = dw_label_word(&p->m->labels, b->state);
    dw_svg_escaped(p, state);
    if (inferred)
        dw_text_format(&p->out, " (%s)",
                       dw_label_word(&p->m->labels, dw_certainty_name(b->certainty)));
    dw_svg_add(p, "</title></rect>\n");
    /* Hosts in the middle have no room beside them. */
    double w = (double)dw_text_columns(state, strlen(state)) * DW_SVG_LETTER;
    if (on_left(b->column) || on_right(p, b->column) || y1 - y0 <= w + 4) return;
    DW_SVG_PUT(
        p,
        "<text class=\"inside\" text-anchor=\"middle\" transform=\"translate(# #) rotate(-90)\">",
        x + DW_SVG_BAR / 2.0 + 3, (y0 + y1) / 2);
    dw_svg_escaped(p, state);
    dw_svg_add(p, "</text>\n");
}

static const char *class_of(const dw_svg_word *w)
{
    if (w->kind == DW_SVG_CALL) return "call";
    if (w->kind == DW_SVG_TIMER || w->kind == DW_SVG_RESTART) return "timer";
    return w->inferred ? "state inferred" : "state";
}

static void draw_word(dw_svg_pen *p, const dw_svg_word *w)
{
    const double gap = 7;
    double x = p->m->columns[w->column].x, y = dw_svg_y(w->y) + 4;
    double out = DW_SVG_BAR + (double)w->lane * DW_SVG_LANE + gap;
    if (on_left(w->column))
        dw_svg_text(p, class_of(w), x - out, y, "end", w->text);
    else if (on_right(p, w->column))
        dw_svg_text(p, class_of(w), x + out, y, "", w->text);
}

double dw_svg_beside(const dw_svg_model *m, uint32_t column)
{
    const double state = 7.4, italic = 5.6, margin = 12, gap = 7; /* widths of letters */
    double widest = 0;
    for (size_t i = 0; i < m->word_count; i++) {
        const dw_svg_word *w = &m->words[i];
        double letter = w->kind == DW_SVG_STATE ? state : italic;
        double width = (double)dw_text_columns(w->text, strlen(w->text)) * letter +
                       (double)w->lane * DW_SVG_LANE;
        if (w->column == column && width > widest) widest = width;
    }
    return margin + DW_SVG_BAR + gap + widest;
}

void dw_svg_draw_sides(dw_svg_pen *p)
{
    for (size_t i = 0; i < p->m->bar_count; i++)
        draw_bar(p, &p->m->bars[i]);
    for (size_t i = 0; i < p->m->word_count; i++)
        draw_word(p, &p->m->words[i]);
}
