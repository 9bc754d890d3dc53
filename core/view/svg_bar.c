/* What stands at the hosts of an SVG ladder: bars for the states of their connections, and beside
 * them states, calls and timers in words. */
#include "drywire/plugin.h"
#include "svg_pen.h"

#include "packet/protocols.h"
#include "trace/trace.h"

#include <stdio.h>
#include <string.h>

static enum dw_state_class class_of(const dw_svg_pen *p, const dw_svg_lane *l)
{
    return dw_state_class(dw_trace_protocol(p->m->trace, l->conn), l->state);
}

static bool is_closed(const dw_svg_pen *p, const dw_svg_lane *l)
{
    return class_of(p, l) == DW_STATE_CLOSED;
}

static bool on_left(uint32_t column)
{
    return column == 0;
}

static bool on_right(const dw_svg_pen *p, uint32_t column)
{
    return column > 0 && column + 1 == p->m->column_count;
}

/* The left edge of a lane's bar. */
static double lane_x(const dw_svg_pen *p, uint32_t column, size_t index)
{
    double x = p->m->columns[column].x;
    if (on_left(column)) return x - DW_SVG_BAR - (double)index * DW_SVG_LANE;
    if (on_right(p, column)) return x + (double)index * DW_SVG_LANE;
    return x - DW_SVG_BAR / 2.0;
}

static size_t lane_of(dw_svg_pen *p, uint32_t column, uint32_t conn)
{
    dw_svg_lane *lanes = p->lanes + (size_t)column * DW_SVG_LANES;
    for (size_t i = 0; i < DW_SVG_LANES; i++)
        if (lanes[i].conn == conn) return i;
    for (size_t i = 0; i < DW_SVG_LANES; i++)
        if (lanes[i].conn == 0 || is_closed(p, &lanes[i])) return i;
    return DW_SVG_LANES - 1;
}

static void draw_bar(dw_svg_pen *p, uint32_t column, size_t index, double y0, double y1)
{
    const dw_svg_lane *l = &p->lanes[(size_t)column * DW_SVG_LANES + index];
    double x = lane_x(p, column, index);
    if (y1 - y0 < 0.5) return;
    bool inferred = l->certainty != DW_OBSERVED;
    dw_text_format(&p->out, "<rect class=\"bar %s%s\"", dw_svg_state_style(class_of(p, l)),
                   inferred ? " inferred" : "");
    p->any_inferred_state |= inferred;
    DW_SVG_PUT(p, " x=\"#\" y=\"#\" width=\"#\" height=\"#\"><title>", x, y0, DW_SVG_BAR, y1 - y0);
    dw_svg_escaped(p, l->state);
    if (inferred) dw_text_format(&p->out, " (%s)", dw_certainty_name(l->certainty));
    dw_svg_add(p, "</title></rect>\n");
    /* Hosts in the middle have no room beside them. */
    double w = (double)strlen(l->state) * DW_SVG_LETTER;
    if (on_left(column) || on_right(p, column) || y1 - y0 <= w + 4) return;
    DW_SVG_PUT(
        p,
        "<text class=\"inside\" text-anchor=\"middle\" transform=\"translate(# #) rotate(-90)\">",
        x + DW_SVG_BAR / 2.0 + 3, (y0 + y1) / 2);
    dw_svg_escaped(p, l->state);
    dw_svg_add(p, "</text>\n");
}

static bool is_doing(const dw_svg_row *r)
{
    return r->kind == DW_SVG_CALL || r->kind == DW_SVG_TIMER;
}

/* Beside the outermost bars of a host. */
static void outside(dw_svg_pen *p, const char *class, uint32_t column, double y, const char *text)
{
    size_t lanes = 1;
    for (size_t i = 1; i < DW_SVG_LANES; i++)
        if (p->lanes[(size_t)column * DW_SVG_LANES + i].conn) lanes = i + 1;
    double x = p->m->columns[column].x, out = DW_SVG_BAR + (double)(lanes - 1) * DW_SVG_LANE + 7;
    if (on_left(column))
        dw_svg_text(p, class, x - out, y + 4, "end", text);
    else if (on_right(p, column))
        dw_svg_text(p, class, x + out, y + 4, "", text);
}

static double row_y(const dw_svg_pen *p, size_t row)
{
    return row == SIZE_MAX ? DW_SVG_TOP - 8 : dw_svg_y(p->m->rows[row].y);
}

/* The bar of the state before ends here; the first that is told of began with its connection, or at
 * the top where it waited for one. */
static void change_state(dw_svg_pen *p, size_t row)
{
    const dw_svg_row *r = &p->m->rows[row];
    size_t index = lane_of(p, r->column, r->conn);
    dw_svg_lane *l = &p->lanes[(size_t)r->column * DW_SVG_LANES + index];
    if (l->conn != r->conn) {
        const dw_protocol_ops *protocol = dw_trace_protocol(p->m->trace, r->conn);
        bool waits = dw_state_class(protocol, r->from) == DW_STATE_LISTENING;
        if (l->conn && !is_closed(p, l))
            draw_bar(p, r->column, index, row_y(p, l->since), dw_svg_y(r->y));
        bool first = index == 0 && !l->conn;
        *l = (dw_svg_lane){.conn = r->conn, .since = waits && first ? SIZE_MAX : row};
        l->state = r->from;
        /* Both ends begin with a word: where one listens, the other is closed. */
        if (first && (waits || is_closed(p, l)))
            outside(p, r->certainty != DW_OBSERVED ? "state inferred" : "state", r->column,
                    DW_SVG_TOP - 14, r->from);
    }
    if (!is_closed(p, l)) draw_bar(p, r->column, index, row_y(p, l->since), dw_svg_y(r->y));
    l->since = row;
    l->state = r->text;
    l->certainty = r->certainty;
    char text[48], conn[16] = "";
    bool inferred = r->certainty != DW_OBSERVED;
    if (index > 0) snprintf(conn, sizeof conn, "  #%u", r->conn);
    snprintf(text, sizeof text, "%s%s%s", r->text, r->certainty == DW_LIKELY ? "?" : "", conn);
    outside(p, inferred ? "state inferred" : "state", r->column, dw_svg_y(r->y), text);
}

/* What a call or a timer is called. */
static const char *doing(const dw_svg_row *r, char *buf, size_t size)
{
    snprintf(buf, size, r->kind == DW_SVG_CALL ? "%s()" : "%s timer", r->text);
    return buf;
}

double dw_svg_beside(const dw_svg_pen *p, uint32_t column)
{
    const double letter = 7.4, margin = 12, gap = 7; /* of the widest font */
    size_t longest = 0;
    uint32_t conn = 0;
    bool several = false;
    char text[64];
    for (size_t i = 0; i < p->m->row_count; i++) {
        const dw_svg_row *r = &p->m->rows[i];
        if (r->column != column || (r->kind != DW_SVG_STATE && !is_doing(r))) continue;
        if (r->kind == DW_SVG_STATE) several |= conn && conn != r->conn;
        if (r->kind == DW_SVG_STATE) conn = r->conn;
        size_t n = strlen(is_doing(r) ? doing(r, text, sizeof text) : r->text);
        if (n > longest) longest = n;
    }
    double lanes = several ? 2 * DW_SVG_LANE + 4 * letter : 0;
    return margin + DW_SVG_BAR + gap + lanes + (double)longest * letter;
}

void dw_svg_draw_sides(dw_svg_pen *p)
{
    for (size_t i = 0; i < p->m->row_count; i++) {
        const dw_svg_row *r = &p->m->rows[i];
        char text[64];
        if (r->kind == DW_SVG_STATE) change_state(p, i);
        if (!is_doing(r)) continue;
        outside(p, r->kind == DW_SVG_CALL ? "call" : "timer", r->column, dw_svg_y(r->y),
                doing(r, text, sizeof text));
    }
    double end = dw_svg_y(p->m->height) + 14;
    for (uint32_t c = 0; c < p->m->column_count; c++)
        for (size_t i = 0; i < DW_SVG_LANES; i++) {
            const dw_svg_lane *l = &p->lanes[(size_t)c * DW_SVG_LANES + i];
            if (l->conn && !is_closed(p, l)) draw_bar(p, c, i, row_y(p, l->since), end);
        }
}
