/* The time axis of an SVG ladder: solid where it is to scale, dotted where it is stretched, torn
 * where it is cut. */
#include "svg_pen.h"

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
    for (size_t i = 0; i < m->row_count; i++) {
        const dw_svg_row *r = &m->rows[i];
        char time[DW_TIME_TEXT];
        if (r->y < last + TIME_ROW || (i > 0 && r->at == r[-1].at && last >= 0)) continue;
        dw_time_format(r->at, 6, time, sizeof time);
        dw_svg_text(p, "time", DW_SVG_AXIS - 5, dw_svg_y(r->y) + 3.5, "end", time);
        dw_svg_line(p, "axis", DW_SVG_AXIS - 3, dw_svg_y(r->y), DW_SVG_AXIS, dw_svg_y(r->y));
        last = r->y;
    }
}

static void draw_pieces(dw_svg_pen *p)
{
    const dw_svg_model *m = p->m;
    double start = 0;
    bool stretched = false;
    size_t next = 0;
    for (size_t i = 1; i < m->row_count; i++) {
        const dw_svg_row *r = &m->rows[i], *before = r - 1;
        double wanted = (double)(r->at - before->at) * m->scale;
        const dw_svg_break *cut = r->at > before->at ? break_before(m, r->y, &next) : NULL;
        bool now = !cut && r->y - before->y > wanted + 0.5;
        if (now == stretched && !cut) continue;
        axis_piece(p, start, before->y, stretched);
        if (cut) axis_piece(p, before->y, cut->y0, false);
        start = cut ? r->y : before->y;
        stretched = now;
    }
    axis_piece(p, start, m->height, stretched);
}

static void draw_breaks(dw_svg_pen *p)
{
    for (size_t i = 0; i < p->m->break_count; i++) {
        const dw_svg_break *b = &p->m->breaks[i];
        double y = dw_svg_y((b->y0 + b->y1) / 2), first = p->m->columns[0].x;
        double last = p->m->column_count > 1 ? p->m->columns[p->m->column_count - 1].x
                                             : p->width - DW_SVG_SIDE;
        char length[DW_TIME_TEXT], text[64];
        dw_duration_format(b->length / DW_MILLISECOND * DW_MILLISECOND, length, sizeof length);
        snprintf(text, sizeof text, "%s later", length);
        DW_SVG_PUT(p, "<path class=\"tear\" d=\"M# #V#l-4 2l8 4l-4 2V#\"/>\n", DW_SVG_AXIS,
                   dw_svg_y(b->y0), y - 4, dw_svg_y(b->y1));
        dw_svg_line(p, "gap", first + 8, y, last - 8, y);
        double w = (double)strlen(text) * DW_SVG_LETTER + 16;
        DW_SVG_PUT(p, "<rect class=\"page\" x=\"#\" y=\"#\" width=\"#\" height=\"16\"/>\n",
                   (first + last - w) / 2, y - 8, w);
        dw_svg_text(p, "gap-text", (first + last) / 2, y + 3.5, "middle", text);
        dw_svg_keep(p, (dw_svg_box){(first + last) / 2, y, w / 2, 8, 1, 0});
    }
}

void dw_svg_draw_axis(dw_svg_pen *p)
{
    draw_pieces(p);
    draw_times(p);
    draw_breaks(p);
}
