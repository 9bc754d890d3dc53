/* What stands at the hosts of an SVG ladder, drawn. */
#include "svg_pen.h"

#include <stdio.h>
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
    if (*b->tag) dw_svg_add(p, ", ");
    dw_svg_escaped(p, b->tag);
    dw_svg_add(p, "</title></rect>\n");
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

/* Hosts in the middle have little room beside them: what is said there is small, on the side where
 * fewer arrows pass, and nothing else is written on it. */
static const double MIDDLE_LETTER = 5.6, MIDDLE_GAP = 4;

static bool is_in_the_middle(const dw_svg_pen *p, const dw_svg_word *w)
{
    bool told = w->kind == DW_SVG_STATE || w->kind == DW_SVG_RESTART;
    return told && !on_left(w->column) && !on_right(p, w->column);
}

static dw_svg_box middle_box(const dw_svg_pen *p, const dw_svg_word *w, int *side)
{
    const dw_svg_model *m = p->m;
    double between = m->columns[1].x - m->columns[0].x;
    double wide = (double)dw_text_columns(w->text, strlen(w->text)) * MIDDLE_LETTER;
    double out = dw_svg_half(m, w->column, DW_SVG_BAR, DW_SVG_LANE) + MIDDLE_GAP;
    *side = dw_svg_quiet_side(m, w->column, w->y, (wide + out) / between);
    double x = m->columns[w->column].x + *side * (out + wide / 2);
    return (dw_svg_box){x, dw_svg_y(w->y), wide / 2, 5, 1, 0};
}

void dw_svg_draw_middles(dw_svg_pen *p)
{
    char class[40];
    for (size_t i = 0; i < p->m->word_count; i++) {
        const dw_svg_word *w = &p->m->words[i];
        int side;
        if (!is_in_the_middle(p, w)) continue;
        dw_svg_box b = middle_box(p, w, &side);
        snprintf(class, sizeof class, "%s middle", class_of(w));
        dw_svg_text(p, class, b.x - side * b.w, b.y + 3.2, side < 0 ? "end" : "", w->text);
    }
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
    for (size_t i = 0; i < p->m->word_count; i++) {
        int side;
        if (is_in_the_middle(p, &p->m->words[i]))
            dw_svg_keep(p, middle_box(p, &p->m->words[i], &side));
        else
            draw_word(p, &p->m->words[i]);
    }
}
