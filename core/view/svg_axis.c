/* The time axis of an SVG ladder: solid where it is to scale, dotted where it is stretched, torn
 * where it is cut. */
#include "svg_pen.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double TIME_ROW = 11; /* between times on it */

/* The break that ends at y, or NULL. */
static const dw_svg_break *break_before(const dw_svg_model *m, double y, size_t *next)
{
    while (*next < m->break_count && m->breaks[*next].y1 < y)
        ++*next;
    return *next < m->break_count && m->breaks[*next].y1 <= y ? &m->breaks[*next] : NULL;
}

static void axis_piece(dw_svg_pen *p, double from, double to, bool stretched)
{
    if (to <= from) return;
    dw_svg_line(p, stretched ? "axis stretched" : "axis", DW_SVG_AXIS, dw_svg_y(from), DW_SVG_AXIS,
                dw_svg_y(to));
    p->any_stretched |= stretched;
}

static void draw_times(dw_svg_pen *p)
{
    const dw_svg_model *m = p->m;
    double last = -TIME_ROW;
    for (size_t i = 0; i < m->instant_count; i++) {
        const dw_svg_instant *now = &m->instants[i];
        char time[DW_TIME_TEXT];
        if (now->y0 < last + TIME_ROW) continue;
        dw_time_format(now->at, 6, time, sizeof time);
        dw_svg_text(p, "time", DW_SVG_AXIS - 5, dw_svg_y(now->y0) + 3.5, "end", time);
        dw_svg_line(p, "axis", DW_SVG_AXIS - 3, dw_svg_y(now->y0), DW_SVG_AXIS, dw_svg_y(now->y0));
        last = now->y0;
    }
}

/* Pieces of one kind are one line. */
typedef struct piece {
    double start;
    bool stretched;
} piece;

static void axis_goes_on(dw_svg_pen *p, piece *now, double from, bool stretched)
{
    if (stretched == now->stretched) return;
    axis_piece(p, now->start, from, now->stretched);
    *now = (piece){from, stretched};
}

static void draw_pieces(dw_svg_pen *p)
{
    const dw_svg_model *m = p->m;
    piece now = {0, false};
    size_t next = 0;
    for (size_t i = 0; i < m->instant_count; i++) {
        const dw_svg_instant *n = &m->instants[i], *before = i > 0 ? n - 1 : NULL;
        const dw_svg_break *cut = before ? break_before(m, n->y0, &next) : NULL;
        if (cut) {
            axis_piece(p, now.start, before->y1, now.stretched);
            axis_piece(p, before->y1, cut->y0, false);
            now = (piece){n->y0, false};
        } else if (before) {
            double wanted = (double)(n->at - before->at) * m->scale;
            axis_goes_on(p, &now, before->y1, n->y0 - before->y1 > wanted + 0.5);
        }
        if (n->y1 > n->y0 + 0.5) axis_goes_on(p, &now, n->y0, true);
    }
    axis_piece(p, now.start, m->height, now.stretched);
}

/* Whether a text of this width lies on the line of a host. */
static bool on_host(const dw_svg_pen *p, double x, double w)
{
    const double clear = 4;
    for (uint32_t c = 0; c < p->m->column_count; c++)
        if (fabs(p->m->columns[c].x - x) < w / 2 + clear) return true;
    return false;
}

/* Where a text of this width lies on no arrow and no host: in the middle, or as near to it as can
 * be. */
static double free_x(const dw_svg_pen *p, double least, double most, double y, double w)
{
    const double step = 10;
    double middle = (least + most) / 2;
    for (double off = 0; off <= (most - least) / 2; off += step)
        for (int side = -1; side <= 1; side += 2)
            if (!on_host(p, middle + side * off, w) &&
                !dw_svg_crossed(p, &(dw_svg_box){middle + side * off, y, w / 2, 8, 1, 0}, 0))
                return middle + side * off;
    return middle;
}

static void draw_break(dw_svg_pen *p, const dw_svg_break *b)
{
    double y = dw_svg_y((b->y0 + b->y1) / 2), first = p->m->columns[0].x;
    double last =
        p->m->column_count > 1 ? p->m->columns[p->m->column_count - 1].x : p->width - p->right;
    char length[DW_TIME_TEXT], text[64];
    dw_duration_format(b->length / DW_MILLISECOND * DW_MILLISECOND, length, sizeof length);
    dw_label_phrase(&p->m->labels, "%s later", length, NULL, text, sizeof text);
    dw_svg_line(p, "gap", first + 8, y, last - 8, y);
    double w = (double)dw_text_columns(text, strlen(text)) * DW_SVG_LETTER + 16;
    double x = free_x(p, first + w / 2 + 8, last - w / 2 - 8, y, w);
    DW_SVG_PUT(p, "<rect class=\"page\" x=\"#\" y=\"#\" width=\"#\" height=\"16\"/>\n", x - w / 2,
               y - 8, w);
    dw_svg_text(p, "gap-text", x, y + 3.5, "middle", text);
    dw_svg_keep(p, (dw_svg_box){x, y, w / 2, 8, 1, 0});
}

static void tear_axis(dw_svg_pen *p, const dw_svg_break *b)
{
    double y = dw_svg_y((b->y0 + b->y1) / 2);
    DW_SVG_PUT(p, "<path class=\"tear\" d=\"M# #V#l-4 2l8 4l-4 2V#\"/>\n", DW_SVG_AXIS,
               dw_svg_y(b->y0), y - 4, dw_svg_y(b->y1));
    p->any_torn = true;
}

/* How long a silence was is a time, too. */
void dw_svg_draw_axis(dw_svg_pen *p)
{
    if (p->m->picture->no_times) return;
    draw_pieces(p);
    draw_times(p);
    for (size_t i = 0; i < p->m->break_count; i++) {
        tear_axis(p, &p->m->breaks[i]);
        draw_break(p, &p->m->breaks[i]);
    }
}
