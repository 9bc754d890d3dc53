/* Numbers, lines and texts of an SVG ladder.
 *
 * Labels of segments are in a font of fixed width, so that whether two of them would overlap is
 * known here. */
#include "svg_pen.h"

#include "base/escape.h"
#include "base/list.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double HALF_LINE = 5; /* of the fixed font's height */
static const double HEAD_ROOM = 6; /* at the end of an arrow, for its head */

/* In integers from here on, so that it is the same text on every machine. */
static void number(dw_svg_pen *p, double v, int places)
{
    char buf[32];
    int64_t unit = places == 1 ? 10 : 10000;
    int64_t n = (int64_t)floor(v * (double)unit + 0.5), size = n < 0 ? -n : n;
    int len = snprintf(buf, sizeof buf, "%s%" PRId64 ".%0*" PRId64, n < 0 ? "-" : "", size / unit,
                       places, size % unit);
    while (len > 0 && buf[len - 1] == '0')
        buf[--len] = 0;
    if (len > 0 && buf[len - 1] == '.') buf[--len] = 0;
    dw_text_add(&p->out, buf);
}

void dw_svg_put(dw_svg_pen *p, const char *text, const double *values, size_t count)
{
    size_t used = 0;
    while (*text) {
        size_t plain = strcspn(text, "#@");
        dw_text_add_n(&p->out, text, plain);
        text += plain;
        if (!*text) break;
        DW_ASSERT(used < count);
        number(p, values[used++], *text++ == '#' ? 1 : 4);
    }
    DW_ASSERT(used == count);
}

void dw_svg_add(dw_svg_pen *p, const char *text)
{
    dw_text_add(&p->out, text);
}

void dw_svg_escaped(dw_svg_pen *p, const char *text)
{
    dw_text_escape(&p->out, DW_IN_XML, text);
}

void dw_svg_text(dw_svg_pen *p, const char *class, double x, double y, const char *anchor,
                 const char *text)
{
    dw_text_format(&p->out, "<text class=\"%s\"", class);
    DW_SVG_PUT(p, " x=\"#\" y=\"#\"", x, y);
    if (*anchor) dw_text_format(&p->out, " text-anchor=\"%s\"", anchor);
    dw_svg_add(p, ">");
    dw_svg_escaped(p, text);
    dw_svg_add(p, "</text>\n");
}

void dw_svg_line(dw_svg_pen *p, const char *class, double x0, double y0, double x1, double y1)
{
    dw_text_format(&p->out, "<line class=\"%s\"", class);
    DW_SVG_PUT(p, " x1=\"#\" y1=\"#\" x2=\"#\" y2=\"#\"/>\n", x0, y0, x1, y1);
}

static double reach(const dw_svg_box *b, double ux, double uy)
{
    return b->w * fabs(b->cos * ux + b->sin * uy) + b->h * fabs(-b->sin * ux + b->cos * uy);
}

/* Rectangles are apart when one of their four directions separates them. */
bool dw_svg_apart(const dw_svg_box *a, const dw_svg_box *b)
{
    const double axes[4][2] = {
        {a->cos, a->sin}, {-a->sin, a->cos}, {b->cos, b->sin}, {-b->sin, b->cos}};
    if (fabs(b->y - a->y) > a->w + a->h + b->w + b->h) return true;
    for (int i = 0; i < 4; i++) {
        double ux = axes[i][0], uy = axes[i][1];
        double distance = fabs((b->x - a->x) * ux + (b->y - a->y) * uy);
        if (distance > reach(a, ux, uy) + reach(b, ux, uy)) return true;
    }
    return false;
}

static bool is_free(const dw_svg_pen *p, const dw_svg_box *b)
{
    enum { LATEST = 200 }; /* labels further up are far away */
    size_t first = p->box_count > LATEST ? p->box_count - LATEST : 0;
    for (size_t i = 0; i < p->standing && i < first; i++)
        if (!dw_svg_apart(&p->boxes[i], b)) return false;
    for (size_t i = first; i < p->box_count; i++)
        if (!dw_svg_apart(&p->boxes[i], b)) return false;
    return true;
}

/* Whether a line has a part in a rectangle around the origin (Liang and Barsky). */
static bool meets(double x0, double y0, double x1, double y1, double w, double h)
{
    double dx = x1 - x0, dy = y1 - y0, enters = 0, leaves = 1;
    const double slope[] = {-dx, dx, -dy, dy}, room[] = {x0 + w, w - x0, y0 + h, h - y0};
    for (int i = 0; i < 4; i++) {
        if (slope[i] == 0 && room[i] < 0) return false;
        if (slope[i] < 0 && room[i] / slope[i] > enters) enters = room[i] / slope[i];
        if (slope[i] > 0 && room[i] / slope[i] < leaves) leaves = room[i] / slope[i];
    }
    return enters <= leaves;
}

static bool touches(const dw_svg_arrow *a, const dw_svg_box *b, double around)
{
    double x0 = a->x0 - b->x, y0 = a->y0 - b->y, x1 = a->x1 - b->x, y1 = a->y1 - b->y;
    return meets(x0 * b->cos + y0 * b->sin, y0 * b->cos - x0 * b->sin, x1 * b->cos + y1 * b->sin,
                 y1 * b->cos - x1 * b->sin, b->w + around, b->h + around);
}

/* Hops are in the order of their departures, and so nearly in that of their heights. */
bool dw_svg_crossed(const dw_svg_pen *p, const dw_svg_box *b, double around)
{
    enum { AT_ONCE = 200 }; /* departures of one instant are so far apart, at most */
    double top = b->y - b->w - b->h - around, bottom = b->y + b->w + b->h + around;
    uint32_t low = 0, high = p->m->hop_count;
    while (low < high) { /* the first that is sure to begin below the text */
        uint32_t middle = low + (high - low) / 2;
        if (p->ways[middle].y0 <= bottom + AT_ONCE)
            low = middle + 1;
        else
            high = middle;
    }
    for (uint32_t i = low; i-- > 0 && p->ways[i].y0 >= top - p->tallest - AT_ONCE;)
        if (touches(&p->ways[i], b, around)) return true;
    return false;
}

void dw_svg_keep(dw_svg_pen *p, dw_svg_box b)
{
    dw_svg_box *grown = dw_list_room(p->boxes, p->box_count, sizeof *grown);
    p->out.failed |= !grown; /* what is drawn next might lie over it */
    if (!grown) return;
    p->boxes = grown;
    p->boxes[p->box_count++] = b;
}

dw_svg_arrow dw_svg_arrow_from(double x0, double y0, double x1, double y1)
{
    return (dw_svg_arrow){x0, y0, x1, y1, sqrt((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0))};
}

bool dw_svg_text_along(dw_svg_pen *p, const char *class, const dw_svg_arrow *a, double offset,
                       bool below, enum dw_svg_place place, const char *text)
{
    const double clear = 5;
    double w = (double)dw_text_columns(text, strlen(text)) * DW_SVG_LETTER;
    double ux = (a->x1 - a->x0) / a->length, uy = (a->y1 - a->y0) / a->length;
    bool left = a->x1 < a->x0; /* read from left to right all the same */
    double reading = left ? -1 : 1, rx = reading * ux, ry = reading * uy, middle = offset + w / 2;
    /* From the line to the middle of the text: it stands clear of the line either way. */
    const double above = below ? -7.2 : 6.3;
    dw_svg_box b = {.x = a->x0 + ux * middle + ry * above,
                    .y = a->y0 + uy * middle - rx * above,
                    .w = w / 2,
                    .h = HALF_LINE,
                    .cos = rx,
                    .sin = ry};
    if (offset + w > a->length - HEAD_ROOM || !is_free(p, &b)) return false;
    if (place != DW_SVG_ANYWHERE) {
        /* Away from its own arrow, from which it keeps its distance anyway. */
        double around = place == DW_SVG_CLEAR ? clear : 0;
        double away = below ? around : -around;
        dw_svg_box wide = b;
        wide.x -= ry * away;
        wide.y += rx * away;
        if (dw_svg_crossed(p, &wide, around)) return false;
    }
    dw_svg_keep(p, b);
    double tx = b.x - ry * (HALF_LINE - 2), ty = b.y + rx * (HALF_LINE - 2);
    dw_text_format(&p->out, "<text class=\"%s\" text-anchor=\"middle\"", class);
    DW_SVG_PUT(p, " transform=\"matrix(@ @ @ @ # #)\">", rx, ry, -ry, rx, tx, ty);
    dw_svg_escaped(p, text);
    dw_svg_add(p, "</text>\n");
    return true;
}
