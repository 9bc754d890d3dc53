/* The exchange as an SVG picture: what svg_model.h has, drawn on a page. */
#include "base/config.h"
#include "language.h"
#include "loopback.h"
#include "picture.h"
#include "svg_pen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a column is headed by: a host's name, or an address. */
static const char *host_of(const dw_svg_model *m, uint32_t column)
{
    uint32_t node = m->columns[column].node;
    return node == DW_SVG_NONE ? m->peer : dw_trace_node_name(m->trace, node);
}

/* A host's name, of its other end with a word behind it. */
static void name_of_other(const dw_svg_model *m, const char *name, bool other, char *buf,
                          size_t size)
{
    if (other)
        snprintf(buf, size, "%s (%s)", name, dw_label_word(&m->labels, "itself"));
    else
        snprintf(buf, size, "%s", name);
}

const char *dw_svg_name(const dw_svg_model *m, uint32_t column, char *buf, size_t size)
{
    const dw_svg_column *c = &m->columns[column];
    const char *name = host_of(m, column);
    uint16_t port[2] = {0, 0};
    bool twice = false, one_end;
    for (uint32_t i = 0; i < m->column_count; i++)
        twice |= i != column && m->columns[i].node == c->node;
    bool alone = m->column_count <= 2 && (twice || m->column_count == 1);
    if (twice || alone) dw_loop_ports(m->trace, c->node, port, &one_end);
    if (port[c->side] && (alone || c->side))
        snprintf(buf, size, "%s:%u", name, port[c->side]);
    else
        name_of_other(m, name, twice && c->side, buf, size);
    return buf;
}

/* Whether a packet that is shown is from a column's host, or to it. */
static bool is_end(const dw_svg_model *m, const dw_svg_column *c)
{
    for (uint32_t i = 0; i < m->hop_count; i++) {
        const dw_packet_view *v = m->hops[i].packet;
        if (v->from == (int32_t)c->node || v->to == (int32_t)c->node) return true;
    }
    return false;
}

/* The first and the last column of hosts that packets are from or to, or else of all. */
static void title_ends(const dw_svg_model *m, uint32_t *first, uint32_t *last)
{
    *first = DW_SVG_NONE;
    for (uint32_t i = 0; i < m->column_count; i++) {
        if (!is_end(m, &m->columns[i])) continue;
        if (*first == DW_SVG_NONE) *first = i;
        *last = i;
    }
    if (*first != DW_SVG_NONE) return;
    *first = 0;
    *last = m->column_count - 1;
}

const char *dw_svg_title(const dw_svg_model *m, char *buf, size_t size)
{
    const char *given = dw_picture_title(m->picture, buf, size);
    if (given) return given;
    uint32_t left, right = 0;
    title_ends(m, &left, &right);
    const char *first = host_of(m, left);
    const dw_svg_column *last = &m->columns[right];
    bool alone = last->node == m->columns[left].node;
    const char *other = alone ? dw_label_word(&m->labels, "itself") : host_of(m, right);
    return dw_label_phrase(&m->labels, "%s and %s", first, other, buf, size);
}

static size_t columns_of(const char *text, size_t len)
{
    return dw_text_columns(text, len);
}

/* How much of a text fits in so many columns: up to a space, where there is one. */
static size_t fitting(const char *text, size_t max)
{
    size_t best = 0, at = 0;
    while (text[at]) {
        size_t next = at + 1;
        while ((text[next] & 0xc0) == 0x80)
            next++;
        if (columns_of(text, next) > max) break;
        if (text[next] == ' ' || !text[next]) best = next;
        at = next;
    }
    return best ? best : at;
}

/* Titles: in large letters, or else small on as many lines as that takes.  Lines above the first
 * have no y yet: the last of them stands where a single one does. */
enum { TITLE_LINES = 5, TITLE_LINE = 16 };

static size_t title_lines(const dw_svg_pen *p, const char *title, size_t lengths[TITLE_LINES])
{
    const double large = 8.8, small = 6.9, margins = 32;
    size_t max = (size_t)((p->width - margins) / large), n = 0;
    lengths[0] = strlen(title);
    if (columns_of(title, lengths[0]) <= max) return 1;
    max = (size_t)((p->width - margins) / small);
    for (const char *at = title; *at && n < TITLE_LINES; n++) {
        lengths[n] = n + 1 < TITLE_LINES ? fitting(at, max) : strlen(at);
        at += lengths[n];
        at += strspn(at, " ");
    }
    return n;
}

/* Returns the page's top. */
static double draw_title(dw_svg_pen *p)
{
    char buf[1000], line[1000];
    const char *title = dw_svg_title(p->m, buf, sizeof buf);
    size_t lengths[TITLE_LINES], n = title_lines(p, title, lengths);
    bool small = n > 1 || (double)columns_of(title, lengths[0]) * 8.8 > p->width - 32;
    for (size_t i = 0; i < n; i++) {
        snprintf(line, sizeof line, "%.*s", (int)lengths[i], title);
        dw_svg_text(p, small ? "title long" : "title", 16, 24 - (double)(n - 1 - i) * TITLE_LINE,
                    "", line);
        title += lengths[i];
        title += strspn(title, " ");
    }
    return -(double)(n - 1) * TITLE_LINE;
}

static double draw_names(dw_svg_pen *p)
{
    const dw_svg_model *m = p->m;
    char text[200];
    double top = draw_title(p);
    for (uint32_t c = 0; c < m->column_count; c++) {
        dw_svg_text(p, "name", m->columns[c].x, DW_SVG_TOP - 24, "middle",
                    dw_svg_name(m, c, text, sizeof text));
        dw_svg_line(p, "life", m->columns[c].x, DW_SVG_TOP - 16, m->columns[c].x,
                    dw_svg_y(m->height) + DW_SVG_AFTER);
    }
    if (!m->picture->no_times)
        dw_svg_text(p, "legend", DW_SVG_AXIS - 5, DW_SVG_TOP - 24, "end",
                    dw_label_word(&m->labels, "seconds"));
    return top;
}

/* A legend on as many lines as it takes. */
typedef struct legend {
    dw_svg_pen *p;
    char line[600];
    double y; /* of the line after this */
} legend;

enum { LEGEND_LINE = 13 };
static const double LEGEND_LETTER = 5.3; /* mostly */

static void end_line(legend *l)
{
    if (!*l->line) return;
    dw_svg_text(l->p, "legend", 16, l->y, "", l->line);
    l->y += LEGEND_LINE;
    *l->line = 0;
}

/* A sign, and in the picture's language what it means. */
static void explain(legend *l, const char *sign, const char *english)
{
    static const char between[] = "   \xc2\xb7   ";
    char text[200];
    snprintf(text, sizeof text, "%s%s", sign, dw_label_word(&l->p->m->labels, english));
    size_t n = strlen(l->line),
           columns = columns_of(l->line, n) + 5 + columns_of(text, strlen(text));
    if (n > 0 && (double)columns * LEGEND_LETTER > l->p->width - 24) {
        end_line(l);
        n = 0;
    }
    snprintf(l->line + n, sizeof l->line - n, "%s%s", n ? between : "", text);
}

/* Of a picture of a capture. */
static void explain_inferred(legend *l)
{
    const dw_svg_pen *p = l->p;
    const dw_inferred *m = &p->inferred;
    const struct {
        bool shown;
        const char *sign, *text;
    } parts[] = {
        {m->certain, "", "dashed: certain"},
        {m->likely, "", "dotted, open head: likely arrived"},
        {m->likely_lost, "\xe2\x9c\x95?: ", "likely lost"},
        {m->unknown, "", "fading, ?: unknown whether it arrived"},
        {p->any_inferred_state, "", "faded bar: state"},
    };
    bool any = false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (!parts[i].shown) continue;
        if (!any) explain(l, "", "inferred");
        explain(l, parts[i].sign, parts[i].text);
        any = true;
    }
    end_line(l);
}

/* Returns where the page may end. */
static double draw_legend(dw_svg_pen *p)
{
    const double first = 38, bottom = 12, least = 50;
    legend l = {.p = p, .y = dw_svg_y(p->m->height) + first};
    const struct {
        bool shown;
        const char *sign, *text;
    } parts[] = {
        {p->any_lost, "\xe2\x9c\x95 ", "lost"},
        {p->any_refused, "", "hollow head: arrived, but discarded"},
        {p->any_copy, "\xe2\x97\x8b: ", "not sent by the host"},
        {p->any_damaged, "", "dash-dot: changed on the way"},
        {p->any_stretched, "", "dotted axis: stretched to be read"},
        {p->any_torn, "", "torn axis: silence cut"},
    };
    explain_inferred(&l);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i].shown) explain(&l, parts[i].sign, parts[i].text);
    end_line(&l);
    double end = l.y - LEGEND_LINE + bottom, min = dw_svg_y(p->m->height) + least;
    return end > min ? end : min;
}

/* Of a slide, for which larger type is laid out; a wider one has larger type yet. */
static const double LARGE_PAGE = 1000;

static double zoom_of(const dw_svg_config *c)
{
    if (!c->large) return 1;
    double wider = c->width / LARGE_PAGE;
    return wider > 1 ? DW_SVG_LARGE * wider : DW_SVG_LARGE;
}

/* The page: at least as wide as suits print, with room for the longest words beside; or as wide as
 * was asked for, with as much room beside as this exchange needs. */
static void place_columns(dw_svg_pen *p, dw_svg_model *m)
{
    const double side = 214, comfortable = 220, narrow = 150;
    double page = p->config->large ? LARGE_PAGE : 800;
    double gaps = m->column_count > 1 ? (double)m->column_count - 1 : 1;
    bool fitted = p->config->width || p->config->large, times = !m->picture->no_times;
    p->width = p->config->width ? p->config->width / p->zoom : page / p->zoom;
    p->left = (times ? DW_SVG_AXIS : 0) + dw_svg_beside(m, 0);
    p->right = m->column_count > 1 ? dw_svg_beside(m, m->column_count - 1) : 20;
    if (!fitted && m->word_count > 0) {
        double left = side - (times ? 0 : DW_SVG_AXIS);
        if (p->left < left) p->left = left;
        if (p->right < side) p->right = side;
    }
    double between = (p->width - p->left - p->right) / gaps;
    double least = fitted ? narrow : comfortable;
    if (between < least) between = least;
    p->width = p->left + between * gaps + p->right;
    for (uint32_t c = 0; c < m->column_count; c++)
        m->columns[c].x = p->left + between * c;
}

/* The element around what was drawn.  The page begins above 0 where the title is long. */
static char *framed(dw_svg_pen *p, double top, double bottom)
{
    char *body = dw_text_take(&p->out);
    if (!body) return NULL;
    double height = bottom - top, zoom = p->zoom;
    if (p->config->width) zoom = p->config->width / p->width;
    DW_SVG_PUT(p,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 # # #\" width=\"#\" "
               "height=\"#\" role=\"img\">\n",
               top, p->width, height, p->width * zoom, height * zoom);
    dw_svg_style(&p->out, p->config->mono);
    DW_SVG_PUT(p, "<rect class=\"page\" y=\"#\" width=\"#\" height=\"#\"/>\n", top, p->width,
               height);
    dw_svg_add(p, body);
    dw_svg_add(p, "</svg>\n");
    dw_free(body);
    return dw_text_take(&p->out);
}

/* Returns the page's top.  Breaks before hops: no label may be written over one. */
static double draw_ladder(dw_svg_pen *p)
{
    double top = draw_names(p);
    p->box_count = 0;
    dw_svg_draw_axis(p);
    dw_svg_draw_sides(p);
    p->standing = p->box_count;
    for (uint32_t i = 0; i < p->m->hop_count; i++)
        dw_svg_draw_hop(p, &p->m->hops[i]);
    dw_svg_draw_middles(p);
    return top;
}

/* Twice: the first time to see how long labels may be. */
static char *draw(dw_svg_pen *p)
{
    draw_ladder(p);
    bool failed = p->out.failed;
    dw_text_free(&p->out);
    if (failed) return NULL;
    memcpy(p->begin, p->shortest, sizeof p->begin);
    double top = draw_ladder(p);
    if (p->config->animated) dw_svg_draw_motion(p);
    return framed(p, top, draw_legend(p));
}

static char *empty_page(const dw_trace *trace, const char *language)
{
    dw_text out = {0};
    dw_text_format(&out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 400 40\" "
                   "width=\"400\" height=\"40\"><text x=\"10\" y=\"25\">%s</text></svg>\n",
                   dw_word(dw_trace_plugins(trace), language, "no exchange to draw"));
    return dw_text_take(&out);
}

/* Who has nothing to say to anybody gets a page that says so; everything else goes back as one
 * text, or as nothing when there was not the memory for all of it. */
char *dw_svg(const dw_trace *trace, const dw_svg_config *config)
{
    dw_svg_config c;
    dw_picture picture;
    if (DW_CONFIG_READ(&c, config) != DW_OK) return NULL;
    if (dw_picture_read(c.picture, &picture) != DW_OK) return NULL;
    dw_svg_model m;
    dw_svg_pen p = {.m = &m, .config = &c, .zoom = zoom_of(&c)};
    int status = dw_svg_model_build(trace, &picture, &m);
    if (status == DW_E_NOENT) {
        dw_svg_model_free(&m);
        return empty_page(trace, picture.language);
    }
    if (status == DW_OK) place_columns(&p, &m);
    if (status != DW_OK || !dw_svg_survey(&p)) {
        dw_svg_model_free(&m);
        return NULL;
    }
    char *text = draw(&p);
    free(p.boxes);
    free(p.ways);
    dw_svg_model_free(&m);
    return text;
}
