/* The exchange as an SVG picture: what svg_model.h has, drawn.
 *
 * Labels of segments are in a font of fixed width, so that whether two of them would overlap is
 * known here; one that finds no place beside its arrow is left to the tooltip. */
#include "svg_model.h"

#include "base/escape.h"
#include "base/list.h"
#include "loopback.h"
#include "packet/cause.h"
#include "packet/dissect.h"
#include "packet/protocols.h"
#include "trace/trace.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 16, LANES = 3 };

/* Lengths on the page. */
static const double PAGE = 800;    /* least width */
static const double SIDE = 214;    /* beside the outermost hosts: times, states, calls */
static const double BETWEEN = 186; /* least, from host to host */
static const double TOP = 74;      /* above the axis: title and names */
static const double BOTTOM = 50;   /* below: the legend */
static const double BAR = 10;      /* width of a state bar */
static const double LANE = 13;     /* from bar to bar */
static const double AXIS = 72;     /* x of the time axis */
static const double TIME_ROW = 11; /* between times on it */
static const double character = 6.05, half_line = 5; /* of the fixed font */

typedef struct box { /* a label: centre, half sizes, direction */
    double x, y, w, h, cos, sin;
} box;

typedef struct lane {
    uint32_t conn;
    size_t since; /* the row of its present state; SIZE_MAX: from the top */
    const char *state;
} lane;

typedef struct pen {
    const dw_svg_model *m;
    const dw_svg_config *config;
    dw_text out;
    double width;
    box *boxes;
    size_t box_count;
    lane *lanes;              /* LANES for each column */
    char number[NUMBERS][24]; /* see decimal() */
    uint32_t numbers;
    bool any_lost, any_copy, any_refused, any_damaged, any_stretched;
} pen;

/* Numbers as text, whatever the locale: so many decimal places, without zeros at the end.  The text
 * is good for the next NUMBERS - 1 calls. */
static const char *decimal(pen *p, double v, int places)
{
    enum { SIZE = sizeof p->number[0] };
    char *buf = p->number[p->numbers++ % NUMBERS];
    int64_t unit = places == 1 ? 10 : 10000;
    int64_t n = (int64_t)floor(v * (double)unit + 0.5), size = n < 0 ? -n : n;
    int len = snprintf(buf, SIZE, "%s%" PRId64 ".%0*" PRId64, n < 0 ? "-" : "", size / unit, places,
                       size % unit);
    while (len > 0 && buf[len - 1] == '0')
        buf[--len] = 0;
    if (len > 0 && buf[len - 1] == '.') buf[--len] = 0;
    return buf;
}

static const char *px(pen *p, double v)
{
    return decimal(p, v, 1);
}

static void put(pen *p, const char *s)
{
    dw_text_add(&p->out, s);
}

static void escaped(pen *p, const char *s)
{
    dw_text_escape(&p->out, DW_IN_XML, s);
}

static void text_at(pen *p, const char *class, double x, double y, const char *anchor,
                    const char *text)
{
    dw_text_format(&p->out, "<text class=\"%s\" x=\"%s\" y=\"%s\"", class, px(p, x), px(p, y));
    if (*anchor) dw_text_format(&p->out, " text-anchor=\"%s\"", anchor);
    put(p, ">");
    escaped(p, text);
    put(p, "</text>\n");
}

static void line_at(pen *p, const char *class, double x0, double y0, double x1, double y1)
{
    dw_text_format(&p->out, "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n", class,
                   px(p, x0), px(p, y0), px(p, x1), px(p, y1));
}

static double axis_y(double y)
{
    return TOP + y;
}

/* Labels that keep out of each other's way. */

static double reach(const box *b, double ux, double uy)
{
    return b->w * fabs(b->cos * ux + b->sin * uy) + b->h * fabs(-b->sin * ux + b->cos * uy);
}

/* Rectangles are apart when one of their four directions separates them. */
static bool apart(const box *a, const box *b)
{
    const double axes[4][2] = {
        {a->cos, a->sin}, {-a->sin, a->cos}, {b->cos, b->sin}, {-b->sin, b->cos}};
    for (int i = 0; i < 4; i++) {
        double ux = axes[i][0], uy = axes[i][1];
        double distance = fabs((b->x - a->x) * ux + (b->y - a->y) * uy);
        if (distance > reach(a, ux, uy) + reach(b, ux, uy)) return true;
    }
    return false;
}

static bool is_free(const pen *p, const box *b)
{
    enum { LATEST = 200 }; /* those further up are far away */
    size_t first = p->box_count > LATEST ? p->box_count - LATEST : 0;
    for (size_t i = first; i < p->box_count; i++)
        if (!apart(&p->boxes[i], b)) return false;
    return true;
}

static void keep_box(pen *p, box b)
{
    box *grown = dw_list_room(p->boxes, p->box_count, sizeof *grown);
    p->out.failed |= !grown; /* what is drawn next might lie over it */
    if (!grown) return;
    p->boxes = grown;
    p->boxes[p->box_count++] = b;
}

/* A line on the page, from a departure on. */
typedef struct arrow {
    double x0, y0, x1, y1, length;
} arrow;

static arrow arrow_from(double x0, double y0, double x1, double y1)
{
    return (arrow){x0, y0, x1, y1, sqrt((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0))};
}

/* Text along an arrow, so far from its beginning, above the line or below; false: it would be in
 * the way. */
static bool text_along(pen *p, const char *class, const arrow *a, double offset, bool below,
                       const char *text)
{
    double w = (double)dw_text_columns(text, strlen(text)) * character;
    double ux = (a->x1 - a->x0) / a->length, uy = (a->y1 - a->y0) / a->length;
    bool left = a->x1 < a->x0; /* read from left to right all the same */
    double rx = left ? -ux : ux, ry = left ? -uy : uy, middle = offset + w / 2;
    const double above = below ? -7.2 : 6.3;
    box b = {.x = a->x0 + ux * middle + ry * above,
             .y = a->y0 + uy * middle - rx * above,
             .w = w / 2,
             .h = half_line,
             .cos = rx,
             .sin = ry};
    if (offset + w > a->length - 6 || !is_free(p, &b)) return false;
    keep_box(p, b);
    double tx = b.x - ry * (half_line - 2), ty = b.y + rx * (half_line - 2);
    dw_text_format(&p->out,
                   "<text class=\"%s\" text-anchor=\"middle\" transform=\"matrix(%s %s %s "
                   "%s %s %s)\">",
                   class, decimal(p, rx, 4), decimal(p, ry, 4), decimal(p, -ry, 4),
                   decimal(p, rx, 4), px(p, tx), px(p, ty));
    escaped(p, text);
    put(p, "</text>\n");
    return true;
}

/* An answer leaves where what it answers has come in: above its line the other one is. */
static bool is_answer(const dw_svg_model *m, const dw_svg_hop *h)
{
    const double near = 6, room = 30;
    const dw_svg_row *r = &m->rows[h->departs];
    bool answer = false;
    for (size_t i = h->departs; i-- > 0 && m->rows[i].y >= r->y - near;)
        answer |= m->rows[i].column == r->column && m->rows[i].kind == DW_SVG_ARRIVAL;
    for (size_t i = h->departs + 1; i < m->row_count && m->rows[i].y < r->y + room; i++)
        if (m->rows[i].column == r->column && m->rows[i].kind == DW_SVG_DEPARTURE) return false;
    return answer;
}

static void label_arrow(pen *p, const dw_svg_hop *h, const arrow *a, double most)
{
    enum { SHORTEST = 12 };
    bool below = is_answer(p->m, h);
    char label[sizeof h->label];
    snprintf(label, sizeof label, "%s", h->label);
    for (int step = 0; step < 4; step++) {
        double w = (double)dw_text_columns(label, strlen(label)) * character;
        for (double offset = 24; offset + w <= most; offset += 22)
            if (text_along(p, "seg", a, offset, below, label)) return;
        dw_label_shorten(label, step);
        if (step >= 2 && strlen(label) > SHORTEST) snprintf(label + SHORTEST, 4, "\xe2\x80\xa6");
    }
}

/* Hops. */

static const char *kind_of(const dw_packet_view *v)
{
    if (dw_flags_that(&v->d, DW_FLAG_RESETS)) return "rst";
    if (dw_flags_that(&v->d, DW_FLAG_OPENS)) return "syn";
    if (dw_flags_that(&v->d, DW_FLAG_CLOSES)) return "fin";
    return v->d.len && v->d.sport ? "data" : "ack";
}

static void said(pen *p, const char *front, const char *text)
{
    put(p, front);
    escaped(p, text);
}

static void tooltip(pen *p, const dw_svg_hop *h)
{
    const dw_packet_view *v = h->packet;
    char sent[DW_TIME_TEXT], came[DW_TIME_TEXT];
    const dw_svg_row *d = &p->m->rows[h->departs];
    dw_time_format(d->at, 6, sent, sizeof sent);
    dw_text_format(&p->out, "<title>#%" PRIu64 " ", v->number);
    escaped(p, h->label);
    dw_text_format(&p->out, "\nsent %s s", sent);
    if (v->cause) {
        said(p, ": ", v->cause->name);
        if (v->cause->rfc) said(p, " (", v->cause->rfc);
        if (v->cause->rfc) put(p, ")");
    }
    if (h->arrives != DW_SVG_NONE)
        dw_text_format(&p->out, "\narrived %s s",
                       dw_time_format(p->m->rows[h->arrives].at, 6, came, sizeof came));
    if (h->lost) said(p, "\nlost: ", h->lost->name);
    if (h->refused) said(p, "\nrefused: ", h->refused->name);
    put(p, "</title>\n");
}

static void head(pen *p, const arrow *a, bool hollow)
{
    double ux = (a->x1 - a->x0) / a->length, uy = (a->y1 - a->y0) / a->length;
    const double back = 8, wide = 3.4;
    double bx = a->x1 - ux * back, by = a->y1 - uy * back;
    dw_text_format(&p->out, "<path class=\"%s\" d=\"M%s %sL%s %sL%s %sZ\"/>\n",
                   hollow ? "hollow" : "head", px(p, a->x1), px(p, a->y1), px(p, bx - uy * wide),
                   px(p, by + ux * wide), px(p, bx + uy * wide), px(p, by - ux * wide));
}

static void cross(pen *p, double x, double y)
{
    const double r = 4.5;
    dw_text_format(&p->out, "<path class=\"cross\" d=\"M%s %sL%s %sM%s %sL%s %s\"/>\n",
                   px(p, x - r), px(p, y - r), px(p, x + r), px(p, y + r), px(p, x - r),
                   px(p, y + r), px(p, x + r), px(p, y - r));
}

/* The edge of a host's bars that faces the wire. */
static double edge(const pen *p, uint32_t column, bool to_right)
{
    const dw_svg_column *c = &p->m->columns[column];
    bool outer = column == 0 || column + 1 == p->m->column_count;
    if (outer || !c->has_states) return c->x;
    return c->x + (to_right ? BAR / 2.0 : -BAR / 2.0);
}

/* Loops that are under way when this one begins go round it. */
static double loop_width(const pen *p, const dw_svg_hop *h)
{
    const dw_svg_model *m = p->m;
    const double widest = PAGE - 2 * SIDE - 20, apart = 9, least = 60;
    double width = widest;
    for (const dw_svg_hop *o = m->hops; o < h; o++)
        if (o->from == o->to && o->arrives != DW_SVG_NONE && o->arrives > h->departs)
            width -= apart;
    return width > least ? width : least;
}

/* What a socket that is its own peer sends: out, and back to the same line. */
static void draw_loop(pen *p, const dw_svg_hop *h)
{
    const dw_svg_model *m = p->m;
    const dw_packet_view *v = h->packet;
    double x0 = m->columns[h->from].x, width = loop_width(p, h);
    double y0 = axis_y(m->rows[h->departs].y), x1 = x0 + width;
    bool arrives = h->arrives != DW_SVG_NONE;
    double y1 = arrives ? axis_y(m->rows[h->arrives].y) : y0;
    if (h->injected) x0 += width * 0.12;
    const double part = 0.68;
    if (!arrives) x1 = x0 + width * part;
    arrow out = arrow_from(x0, y0, x1, y0), back = arrow_from(x1, y1, m->columns[h->from].x, y1);
    dw_text_format(&p->out, "<g id=\"p%" PRIu64 "\" class=\"%s%s%s%s\">\n", v->number, kind_of(v),
                   h->lost ? " lost" : "", v->copy_of ? " copy" : "",
                   v->damaged && !v->congested ? " damaged" : "");
    tooltip(p, h);
    line_at(p, "wire", out.x0, y0, x1, y0);
    if (h->injected)
        dw_text_format(&p->out, "<circle class=\"hollow\" cx=\"%s\" cy=\"%s\" r=\"3\"/>\n",
                       px(p, x0), px(p, y0));
    if (arrives) {
        line_at(p, "wire", x1, y0, x1, y1);
        line_at(p, "wire", x1, y1, back.x1, y1);
        head(p, &back, h->refused != NULL);
    } else if (h->lost) {
        cross(p, x1, y0);
        text_along(p, "why", &(arrow){x0, y0, x0 + width, y0, width + 200}, width * part + 9, false,
                   h->lost->name);
    }
    label_arrow(p, h, &out, out.length * 0.9);
    put(p, "</g>\n");
    p->any_lost |= h->lost != NULL;
    p->any_copy |= v->copy_of || h->injected;
    p->any_refused |= h->refused != NULL;
    p->any_damaged |= v->damaged && !v->congested;
}

/* Where the arrow of such a packet ends: it has hardly left. */
static bool lost_in_queue(const dw_cause *lost)
{
    return dw_cause_is(lost, &dw_cause_queue_full) || dw_cause_is(lost, &dw_cause_queue_refuses);
}

static void draw_hop(pen *p, const dw_svg_hop *h)
{
    const dw_svg_model *m = p->m;
    if (h->from == h->to) {
        draw_loop(p, h);
        return;
    }
    const dw_packet_view *v = h->packet;
    bool to_right = h->to > h->from, copy = v->copy_of != 0;
    double x0 = edge(p, h->from, to_right), x1 = edge(p, h->to, !to_right);
    const dw_svg_row *departs = &m->rows[h->departs];
    double y0 = axis_y(departs->y), y1 = axis_y(dw_svg_model_y(m, departs->at + m->usual));
    if (h->arrives != DW_SVG_NONE) y1 = axis_y(m->rows[h->arrives].y);
    if (y1 < y0 + m->flight / 4 && h->arrives == DW_SVG_NONE) y1 = y0 + m->flight;
    bool queue = h->lost && lost_in_queue(h->lost);
    double part = h->arrives != DW_SVG_NONE ? 1 : queue ? 0.16 : 0.68;
    arrow whole = arrow_from(x0, y0, x1, y1);
    if (h->injected) {
        x0 += (x1 - x0) * 0.12;
        whole = arrow_from(x0, y0, x1, y1);
    }
    arrow a = arrow_from(x0, y0, x0 + (x1 - x0) * part, y0 + (y1 - y0) * part);
    dw_text_format(&p->out, "<g id=\"p%" PRIu64 "%s\" class=\"%s%s%s%s\">\n", v->number,
                   h->first ? "" : "x", kind_of(v), h->lost ? " lost" : "", copy ? " copy" : "",
                   v->damaged && !v->congested ? " damaged" : "");
    tooltip(p, h);
    line_at(p, "wire", a.x0, a.y0, a.x1, a.y1);
    if (h->injected)
        dw_text_format(&p->out, "<circle class=\"hollow\" cx=\"%s\" cy=\"%s\" r=\"3\"/>\n",
                       px(p, x0), px(p, y0));
    if (h->lost)
        cross(p, a.x1, a.y1);
    else if (h->arrives != DW_SVG_NONE)
        head(p, &a, h->refused != NULL);
    if (h->first)
        label_arrow(p, h, &whole, whole.length * (m->column_count == 2 ? 0.66 : 0.9) * part);
    if (h->lost) text_along(p, "why", &whole, whole.length * part + 9, false, h->lost->name);
    put(p, "</g>\n");
    p->any_lost |= h->lost != NULL;
    p->any_copy |= copy || h->injected;
    p->any_refused |= h->refused != NULL;
    p->any_damaged |= v->damaged && !v->congested;
}

/* State bars. */

static enum dw_state_class class_of(const pen *p, const lane *l)
{
    return dw_state_class(dw_trace_protocol(p->m->trace, l->conn), l->state);
}

static bool is_closed(const pen *p, const lane *l)
{
    return class_of(p, l) == DW_STATE_CLOSED;
}

static bool on_left(const pen *p, uint32_t column)
{
    (void)p;
    return column == 0;
}

static bool on_right(const pen *p, uint32_t column)
{
    return column > 0 && column + 1 == p->m->column_count;
}

/* The left edge of a lane's bar. */
static double lane_x(const pen *p, uint32_t column, size_t index)
{
    double x = p->m->columns[column].x;
    if (on_left(p, column)) return x - BAR - (double)index * LANE;
    if (on_right(p, column)) return x + (double)index * LANE;
    return x - BAR / 2.0;
}

static size_t lane_of(pen *p, uint32_t column, uint32_t conn)
{
    lane *lanes = p->lanes + (size_t)column * LANES;
    for (size_t i = 0; i < LANES; i++)
        if (lanes[i].conn == conn) return i;
    for (size_t i = 0; i < LANES; i++)
        if (lanes[i].conn == 0 || is_closed(p, &lanes[i])) return i;
    return LANES - 1;
}

static void draw_bar(pen *p, uint32_t column, size_t index, double y0, double y1)
{
    const lane *l = &p->lanes[(size_t)column * LANES + index];
    double x = lane_x(p, column, index);
    if (y1 - y0 < 0.5) return;
    dw_text_format(&p->out,
                   "<rect class=\"bar %s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\">"
                   "<title>",
                   dw_svg_state_style(class_of(p, l)), px(p, x), px(p, y0), px(p, BAR),
                   px(p, y1 - y0));
    said(p, "", l->state);
    put(p, "</title></rect>\n");
    /* Hosts in the middle have no room beside them. */
    double w = (double)strlen(l->state) * character;
    if (on_left(p, column) || on_right(p, column) || y1 - y0 <= w + 4) return;
    dw_text_format(&p->out,
                   "<text class=\"inside\" text-anchor=\"middle\" transform=\"translate(%s %s) "
                   "rotate(-90)\">",
                   px(p, x + BAR / 2.0 + 3), px(p, (y0 + y1) / 2));
    said(p, "", l->state);
    put(p, "</text>\n");
}

/* Beside the outermost bars of a host. */
static void outside(pen *p, const char *class, uint32_t column, double y, const char *text)
{
    size_t lanes = 1;
    for (size_t i = 1; i < LANES; i++)
        if (p->lanes[(size_t)column * LANES + i].conn) lanes = i + 1;
    double x = p->m->columns[column].x, out = BAR + (double)(lanes - 1) * LANE + 7;
    if (on_left(p, column))
        text_at(p, class, x - out, y + 4, "end", text);
    else if (on_right(p, column))
        text_at(p, class, x + out, y + 4, "", text);
}

static double row_y(const pen *p, size_t row)
{
    return row == SIZE_MAX ? TOP - 8 : axis_y(p->m->rows[row].y);
}

static void change_state(pen *p, size_t row)
{
    const dw_svg_row *r = &p->m->rows[row];
    size_t index = lane_of(p, r->column, r->conn);
    lane *l = &p->lanes[(size_t)r->column * LANES + index];
    if (l->conn != r->conn) {
        const dw_protocol_ops *protocol = dw_trace_protocol(p->m->trace, r->conn);
        bool waits = dw_state_class(protocol, r->from) == DW_STATE_LISTENING;
        if (l->conn && !is_closed(p, l))
            draw_bar(p, r->column, index, row_y(p, l->since), axis_y(r->y));
        *l = (lane){.conn = r->conn, .since = waits && index == 0 && !l->conn ? SIZE_MAX : row};
        l->state = r->from;
        if (l->since == SIZE_MAX) outside(p, "state", r->column, TOP - 4, r->from);
    }
    if (!is_closed(p, l)) draw_bar(p, r->column, index, row_y(p, l->since), axis_y(r->y));
    l->since = row;
    l->state = r->text;
    char text[48];
    bool several = index > 0;
    snprintf(text, sizeof text, several ? "%s  #%u" : "%s", r->text, r->conn);
    outside(p, "state", r->column, axis_y(r->y), text);
}

static void draw_sides(pen *p)
{
    for (size_t i = 0; i < p->m->row_count; i++) {
        const dw_svg_row *r = &p->m->rows[i];
        char text[64];
        if (r->kind == DW_SVG_STATE) change_state(p, i);
        if (r->kind == DW_SVG_CALL) {
            snprintf(text, sizeof text, "%s()", r->text);
            outside(p, "call", r->column, axis_y(r->y), text);
        }
        if (r->kind == DW_SVG_TIMER) {
            snprintf(text, sizeof text, "%s timer", r->text);
            outside(p, "timer", r->column, axis_y(r->y), text);
        }
    }
    double end = axis_y(p->m->height) + 14;
    for (uint32_t c = 0; c < p->m->column_count; c++)
        for (size_t i = 0; i < LANES; i++) {
            const lane *l = &p->lanes[(size_t)c * LANES + i];
            if (l->conn && !is_closed(p, l)) draw_bar(p, c, i, row_y(p, l->since), end);
        }
}

/* The time axis: solid where it is to scale, dotted where it is stretched, torn where it is cut. */

/* The break that ends at y, or NULL. */
static const dw_svg_break *break_before(const dw_svg_model *m, double y, size_t *next)
{
    while (*next < m->break_count && m->breaks[*next].y1 < y)
        ++*next;
    return *next < m->break_count && m->breaks[*next].y1 <= y ? &m->breaks[*next] : NULL;
}

static void axis_piece(pen *p, double from, double to, bool stretched)
{
    if (to <= from) return;
    line_at(p, stretched ? "axis stretched" : "axis", AXIS, axis_y(from), AXIS, axis_y(to));
    p->any_stretched |= stretched;
}

static void draw_times(pen *p)
{
    const dw_svg_model *m = p->m;
    double last = -TIME_ROW;
    for (size_t i = 0; i < m->row_count; i++) {
        const dw_svg_row *r = &m->rows[i];
        char time[DW_TIME_TEXT];
        if (r->y < last + TIME_ROW || (i > 0 && r->at == r[-1].at && last >= 0)) continue;
        dw_time_format(r->at, 6, time, sizeof time);
        text_at(p, "time", AXIS - 5, axis_y(r->y) + 3.5, "end", time);
        line_at(p, "axis", AXIS - 3, axis_y(r->y), AXIS, axis_y(r->y));
        last = r->y;
    }
}

static void draw_axis(pen *p)
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

static void draw_breaks(pen *p)
{
    for (size_t i = 0; i < p->m->break_count; i++) {
        const dw_svg_break *b = &p->m->breaks[i];
        double y = axis_y((b->y0 + b->y1) / 2), first = p->m->columns[0].x;
        double last =
            p->m->column_count > 1 ? p->m->columns[p->m->column_count - 1].x : p->width - SIDE;
        char length[DW_TIME_TEXT], text[64];
        dw_duration_format(b->length / DW_MILLISECOND * DW_MILLISECOND, length, sizeof length);
        snprintf(text, sizeof text, "%s later", length);
        dw_text_format(&p->out, "<path class=\"tear\" d=\"M%s %s", px(p, AXIS),
                       px(p, axis_y(b->y0)));
        dw_text_format(&p->out, "V%sl-4 2l8 4l-4 2V%s\"/>\n", px(p, y - 4), px(p, axis_y(b->y1)));
        line_at(p, "gap", first + 8, y, last - 8, y);
        double w = (double)strlen(text) * character + 16;
        dw_text_format(&p->out,
                       "<rect class=\"page\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"16\"/>\n",
                       px(p, (first + last - w) / 2), px(p, y - 8), px(p, w));
        text_at(p, "gap-text", (first + last) / 2, y + 3.5, "middle", text);
        keep_box(p, (box){(first + last) / 2, y, w / 2, 8, 1, 0});
    }
}

/* The whole page. */

/* The host's; where it is drawn twice, with the port. */
static void column_name(const pen *p, const dw_svg_column *c, char *buf, size_t size)
{
    const dw_trace *trace = p->m->trace;
    const char *name = dw_trace_node_name(trace, c->node);
    uint16_t port[2] = {0, 0};
    bool twice = false, one_end;
    for (uint32_t i = 0; i < p->m->column_count; i++)
        twice |= &p->m->columns[i] != c && p->m->columns[i].node == c->node;
    bool alone = p->m->column_count <= 2 && (twice || p->m->column_count == 1);
    if (twice || alone) dw_loop_ports(trace, c->node, port, &one_end);
    if (port[c->side] && (alone || c->side))
        snprintf(buf, size, "%s:%u", name, port[c->side]);
    else
        snprintf(buf, size, "%s%s", name, twice && c->side ? " (itself)" : "");
}

static void draw_names(pen *p)
{
    const dw_svg_model *m = p->m;
    const char *title = p->config->title;
    char text[200];
    if (!title) {
        const char *first = dw_trace_node_name(m->trace, m->columns[0].node);
        const dw_svg_column *last = &m->columns[m->column_count - 1];
        bool alone = last->node == m->columns[0].node;
        snprintf(text, sizeof text, "%s and %s", first,
                 alone ? "itself" : dw_trace_node_name(m->trace, last->node));
        title = text;
    }
    const double most = 84 * p->width / PAGE; /* as many letters fit */
    bool fits = (double)dw_text_columns(title, strlen(title)) <= most;
    text_at(p, fits ? "title" : "title long", 16, 24, "", title);
    for (uint32_t c = 0; c < m->column_count; c++) {
        column_name(p, &m->columns[c], text, sizeof text);
        text_at(p, "name", m->columns[c].x, TOP - 24, "middle", text);
        line_at(p, "life", m->columns[c].x, TOP - 16, m->columns[c].x, axis_y(m->height) + 14);
    }
    text_at(p, "legend", AXIS - 5, TOP - 24, "end", "seconds");
}

static void draw_legend(pen *p)
{
    char text[300] = "";
    const struct {
        bool shown;
        const char *text;
    } parts[] = {
        {p->any_lost, "\xe2\x9c\x95 lost"},
        {p->any_refused, "hollow head: arrived, but discarded"},
        {p->any_copy, "\xe2\x97\x8b: not sent by the host"},
        {p->any_damaged, "dash-dot: changed on the way"},
        {p->any_stretched, "dotted axis: stretched to be read"},
        {p->m->break_count > 0, "torn axis: silence cut"},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (!parts[i].shown) continue;
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%s%s", n ? "   \xc2\xb7   " : "", parts[i].text);
    }
    if (*text) text_at(p, "legend", 16, axis_y(p->m->height) + BOTTOM - 12, "", text);
}

static void place_columns(pen *p, dw_svg_model *m)
{
    if (m->column_count == 1) { /* a socket that is its own peer */
        p->width = PAGE;
        m->columns[0].x = SIDE;
        return;
    }
    double between = (PAGE - 2.0 * SIDE) / (m->column_count - 1);
    if (between < BETWEEN) between = BETWEEN;
    p->width = 2 * SIDE + between * (m->column_count - 1);
    for (uint32_t c = 0; c < m->column_count; c++)
        m->columns[c].x = SIDE + between * c;
}

char *dw_svg(const dw_trace *trace, const dw_svg_config *config)
{
    static const dw_svg_config usual;
    if (!config) config = &usual;
    dw_svg_model m;
    pen p = {.m = &m, .config = config};
    int status = dw_svg_model_build(trace, config, &m);
    if (status == DW_OK) p.lanes = calloc((size_t)m.column_count * LANES, sizeof *p.lanes);
    if (status == DW_E_NOENT) {
        dw_svg_model_free(&m);
        return dw_copy_text("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"400\" height=\"40\">"
                            "<text x=\"10\" y=\"25\">no exchange to draw</text></svg>\n");
    }
    if (!p.lanes) {
        dw_svg_model_free(&m);
        return NULL;
    }
    place_columns(&p, &m);
    double height = TOP + m.height + BOTTOM;
    dw_text_format(&p.out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %s %s\" width=\"%s\" "
                   "height=\"%s\" role=\"img\">\n",
                   px(&p, p.width), px(&p, height), px(&p, p.width), px(&p, height));
    dw_svg_style(&p.out);
    dw_text_format(&p.out, "<rect class=\"page\" width=\"%s\" height=\"%s\"/>\n", px(&p, p.width),
                   px(&p, height));
    draw_names(&p);
    draw_axis(&p);
    draw_times(&p);
    draw_breaks(&p);
    draw_sides(&p);
    for (uint32_t i = 0; i < m.hop_count; i++)
        draw_hop(&p, &m.hops[i]);
    draw_legend(&p);
    put(&p, "</svg>\n");
    free(p.boxes);
    free(p.lanes);
    dw_svg_model_free(&m);
    return dw_text_take(&p.out);
}
