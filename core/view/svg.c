/* The exchange as an SVG picture: what svg_model.h has, drawn on a page. */
#include "base/config.h"
#include "loopback.h"
#include "svg_pen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The host's; where it is drawn twice, with the port. */
static void column_name(const dw_svg_pen *p, const dw_svg_column *c, char *buf, size_t size)
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

static void draw_names(dw_svg_pen *p)
{
    const dw_svg_model *m = p->m;
    const char *title = p->m->picture->title;
    char text[200];
    if (!title) {
        const char *first = dw_trace_node_name(m->trace, m->columns[0].node);
        const dw_svg_column *last = &m->columns[m->column_count - 1];
        bool alone = last->node == m->columns[0].node;
        snprintf(text, sizeof text, "%s and %s", first,
                 alone ? "itself" : dw_trace_node_name(m->trace, last->node));
        title = text;
    }
    const double max = 84 * p->width / DW_SVG_PAGE; /* as many letters fit */
    bool fits = (double)dw_text_columns(title, strlen(title)) <= max;
    dw_svg_text(p, fits ? "title" : "title long", 16, 24, "", title);
    for (uint32_t c = 0; c < m->column_count; c++) {
        column_name(p, &m->columns[c], text, sizeof text);
        dw_svg_text(p, "name", m->columns[c].x, DW_SVG_TOP - 24, "middle", text);
        dw_svg_line(p, "life", m->columns[c].x, DW_SVG_TOP - 16, m->columns[c].x,
                    dw_svg_y(m->height) + 14);
    }
    dw_svg_text(p, "legend", DW_SVG_AXIS - 5, DW_SVG_TOP - 24, "end", "seconds");
}

static void draw_legend(dw_svg_pen *p)
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
    if (*text) dw_svg_text(p, "legend", 16, dw_svg_y(p->m->height) + DW_SVG_BOTTOM - 12, "", text);
}

/* Above the other legend, for a picture of a capture. */
static void draw_inferred_legend(dw_svg_pen *p)
{
    char text[300] = "inferred";
    const dw_inferred *m = &p->inferred;
    const struct {
        bool shown;
        const char *text;
    } parts[] = {
        {m->certain, "dashed: certain"},
        {m->likely, "dotted, open head: likely arrived"},
        {m->likely_lost, "\xe2\x9c\x95?: likely lost"},
        {m->unknown, "fading, ?: unknown whether it arrived"},
        {p->any_inferred_state, "faded bar: state"},
    };
    bool any = false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (!parts[i].shown) continue;
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "   \xc2\xb7   %s", parts[i].text);
        any = true;
    }
    if (any) dw_svg_text(p, "legend", 16, dw_svg_y(p->m->height) + DW_SVG_BOTTOM - 25, "", text);
}

static void place_columns(dw_svg_pen *p, dw_svg_model *m)
{
    if (m->column_count == 1) { /* a socket that is its own peer */
        p->width = DW_SVG_PAGE;
        m->columns[0].x = DW_SVG_SIDE;
        return;
    }
    double between = (DW_SVG_PAGE - 2.0 * DW_SVG_SIDE) / (m->column_count - 1);
    if (between < DW_SVG_BETWEEN) between = DW_SVG_BETWEEN;
    p->width = 2 * DW_SVG_SIDE + between * (m->column_count - 1);
    for (uint32_t c = 0; c < m->column_count; c++)
        m->columns[c].x = DW_SVG_SIDE + between * c;
}

char *dw_svg(const dw_trace *trace, const dw_svg_config *config)
{
    dw_svg_config c;
    dw_picture picture;
    if (DW_CONFIG_READ(&c, config) != DW_OK) return NULL;
    if (dw_picture_read(c.picture, &picture) != DW_OK) return NULL;
    dw_svg_model m;
    dw_svg_pen p = {.m = &m, .config = &c};
    int status = dw_svg_model_build(trace, &picture, &m);
    if (status == DW_OK) p.lanes = calloc((size_t)m.column_count * DW_SVG_LANES, sizeof *p.lanes);
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
    double height = DW_SVG_TOP + m.height + DW_SVG_BOTTOM;
    DW_SVG_PUT(
        &p,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 # #\" width=\"#\" height=\"#\" "
        "role=\"img\">\n",
        p.width, height, p.width, height);
    dw_svg_style(&p.out);
    DW_SVG_PUT(&p, "<rect class=\"page\" width=\"#\" height=\"#\"/>\n", p.width, height);
    /* Breaks before hops: no label may be written over one. */
    draw_names(&p);
    dw_svg_draw_axis(&p);
    dw_svg_draw_sides(&p);
    for (uint32_t i = 0; i < m.hop_count; i++)
        dw_svg_draw_hop(&p, &m.hops[i]);
    draw_legend(&p);
    draw_inferred_legend(&p);
    dw_svg_add(&p, "</svg>\n");
    free(p.boxes);
    free(p.lanes);
    dw_svg_model_free(&m);
    return dw_text_take(&p.out);
}
