/* Arrows of an SVG ladder: a packet on one link, with its label and what became of it.  A label
 * that finds no place beside its arrow is left to the tooltip. */
#include "svg_pen.h"

#include "packet/cause.h"
#include "packet/dissect.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool dw_svg_is_answer(const dw_svg_model *m, const dw_svg_hop *h)
{
    const double near = 6, room = 30;
    const dw_svg_row *r = &m->rows[h->departs];
    bool answer = false;
    for (size_t i = h->departs; i-- > 0;) {
        if (m->rows[i].at != r->at && m->rows[i].y < r->y - near) break;
        if (m->rows[i].column != r->column || m->rows[i].kind != DW_SVG_ARRIVAL) continue;
        answer |= m->rows[i].y >= r->y - near;
    }
    for (size_t i = h->departs + 1; i < m->row_count; i++) {
        if (m->rows[i].at != r->at && m->rows[i].y >= r->y + room) break;
        if (m->rows[i].column != r->column || m->rows[i].kind != DW_SVG_DEPARTURE) continue;
        if (m->rows[i].y < r->y + room) return false;
    }
    return answer;
}

enum { NARROW = 200 }; /* the way of a label where hosts stand closely */

/* Where there is room along the arrow. */
static bool label_somewhere(dw_svg_pen *p, const dw_svg_arrow *a, double max, bool below,
                            enum dw_svg_place place, const char *label)
{
    const double step = 22;
    double first = max < NARROW ? 12 : 24;
    double w = (double)dw_text_columns(label, strlen(label)) * DW_SVG_LETTER;
    for (double offset = first; offset + w <= max; offset += step)
        if (dw_svg_text_along(p, "seg", a, offset, below, place, label)) return true;
    return false;
}

/* On its usual side of the arrow, or on the other one where nothing else is near; on another arrow,
 * which it crosses, only if that is read all the same: not along a steep one. */
static bool label_of(dw_svg_pen *p, const dw_svg_arrow *a, double max, bool below, bool last,
                     const char *label)
{
    const double steep = 0.5;
    bool flat = a->y1 - a->y0 < steep * a->length;
    return label_somewhere(p, a, max, below, DW_SVG_FREE, label) ||
           label_somewhere(p, a, max, !below, DW_SVG_CLEAR, label) ||
           ((flat || last) && label_somewhere(p, a, max, below, DW_SVG_ANYWHERE, label));
}

static void label_arrow(dw_svg_pen *p, const dw_svg_hop *h, const dw_svg_arrow *a, double max)
{
    enum { SHORTEST = 12, STEPS = 5 };
    enum dw_svg_kind kind = dw_svg_kind_of(h->packet);
    bool below = dw_svg_is_answer(p->m, h);
    char label[sizeof h->label];
    snprintf(label, sizeof label, "%s", h->label);
    for (int step = 0; step < STEPS; step++) {
        if (step > p->shortest[kind] && step <= dw_svg_even_steps(kind)) p->shortest[kind] = step;
        if (step >= p->begin[kind] && label_of(p, a, max, below, step == STEPS - 1, label)) return;
        if (step == 3 && *label == '#')
            label[strcspn(label, " ")] = 0;
        else
            dw_label_shorten(h->packet, label, step);
        if (step >= 2 && strlen(label) > SHORTEST) snprintf(label + SHORTEST, 4, "\xe2\x80\xa6");
    }
}

enum dw_svg_kind dw_svg_kind_of(const dw_packet_view *v)
{
    if (dw_flags_that(&v->d, DW_FLAG_RESETS)) return DW_SVG_RST;
    if (dw_flags_that(&v->d, DW_FLAG_OPENS)) return DW_SVG_SYN;
    if (dw_flags_that(&v->d, DW_FLAG_CLOSES)) return DW_SVG_FIN;
    return v->d.len && v->d.sport ? DW_SVG_DATA : DW_SVG_ACK;
}

/* As long as a number is left. */
int dw_svg_even_steps(enum dw_svg_kind kind)
{
    return kind == DW_SVG_DATA ? 2 : 1;
}

const char *dw_svg_kind(const dw_packet_view *v)
{
    static const char *const names[DW_SVG_KINDS] = {"syn", "fin", "rst", "data", "ack"};
    return names[dw_svg_kind_of(v)];
}

static void said(dw_svg_pen *p, const char *front, const char *text)
{
    dw_svg_add(p, front);
    dw_svg_escaped(p, text);
}

/* A cause, if there is one, in a line of its own: by its name, as scripts and searches have it. */
static void told(dw_svg_pen *p, const dw_cause *cause, const char *english)
{
    char text[160];
    const dw_labels *l = &p->m->labels;
    if (!cause) return;
    said(p, "\n",
         dw_label_phrase(l, english, dw_label_word(l, cause->name), NULL, text, sizeof text));
}

/* What a hop's label had no room for: times, causes, and how its fate is known. */
static void tooltip(dw_svg_pen *p, const dw_svg_hop *h)
{
    const dw_packet_view *v = h->packet;
    const dw_labels *l = &p->m->labels;
    char sent[DW_TIME_TEXT], came[DW_TIME_TEXT], remark[160];
    const dw_svg_row *d = &p->m->rows[h->departs];
    dw_time_format(d->at, 6, sent, sizeof sent);
    dw_text_format(&p->out, "<title>#%" PRIu64 " ", v->number);
    dw_svg_escaped(p, h->label);
    said(p, "\n", dw_label_phrase(l, "sent %s s", sent, NULL, remark, sizeof remark));
    if (v->cause) {
        said(p, ": ", dw_label_word(l, v->cause->name));
        if (v->cause->rfc) said(p, " (", v->cause->rfc);
        if (v->cause->rfc) dw_svg_add(p, ")");
    }
    if (*dw_label_remark(l, v, remark, sizeof remark)) said(p, "\n", remark);
    bool inferred = h->certainty != DW_OBSERVED || h->unknown;
    if (h->arrives != DW_SVG_NONE) {
        dw_time_format(p->m->rows[h->arrives].at, 6, came, sizeof came);
        said(p, "\n", dw_label_phrase(l, "arrived %s s", came, NULL, remark, sizeof remark));
    }
    if (inferred) said(p, "\n", dw_inferred_remark(l, v, remark, sizeof remark));
    if (h->certainty == DW_CERTAIN) {
        said(p, " (", dw_label_word(l, "certain"));
        dw_svg_add(p, ")");
    }
    told(p, h->lost && !inferred ? h->lost : NULL, "lost: %s");
    told(p, h->refused, "refused: %s");
    dw_svg_add(p, "</title>\n");
}

/* Where an arrow ends; hollow: what arrived was discarded. */
static void head(dw_svg_pen *p, const dw_svg_arrow *a, bool hollow)
{
    double ux = (a->x1 - a->x0) / a->length, uy = (a->y1 - a->y0) / a->length;
    const double back = 8, wide = 3.4;
    double bx = a->x1 - ux * back, by = a->y1 - uy * back;
    dw_text_format(&p->out, "<path class=\"%s\"", hollow ? "hollow" : "head");
    DW_SVG_PUT(p, " d=\"M# #L# #L# #Z\"/>\n", a->x1, a->y1, bx - uy * wide, by + ux * wide,
               bx + uy * wide, by - ux * wide);
}

/* Of what is only likely to have arrived. */
static void open_head(dw_svg_pen *p, const dw_svg_arrow *a)
{
    double ux = (a->x1 - a->x0) / a->length, uy = (a->y1 - a->y0) / a->length;
    const double back = 8, wide = 4;
    double bx = a->x1 - ux * back, by = a->y1 - uy * back;
    DW_SVG_PUT(p, "<path class=\"wire tip\" d=\"M# #L# #L# #\"/>\n", bx - uy * wide, by + ux * wide,
               a->x1, a->y1, bx + uy * wide, by - ux * wide);
}

static void arrive(dw_svg_pen *p, const dw_svg_hop *h, const dw_svg_arrow *a)
{
    if (h->certainty == DW_LIKELY && !h->refused)
        open_head(p, a);
    else
        head(p, a, h->refused != NULL);
}

/* A wire that ends in a question mark, which fades on its way there. */
static void fade_out(dw_svg_pen *p, const dw_svg_arrow *a)
{
    static const char *const classes[] = {"wire", "wire fades", "wire faint"};
    static const double from[] = {0, 0.6, 0.8, 1};
    double dx = a->x1 - a->x0, dy = a->y1 - a->y0;
    for (int i = 0; i < 3; i++)
        dw_svg_line(p, classes[i], a->x0 + dx * from[i], a->y0 + dy * from[i],
                    a->x0 + dx * from[i + 1], a->y0 + dy * from[i + 1]);
    dw_svg_text(p, "doubt", a->x1 + (dx > 0 ? 5 : -5), a->y1 + 4, "middle", "?");
}

static bool is_drawn(const dw_svg_model *m, uint64_t number)
{
    for (uint32_t i = 0; i < m->hop_count; i++)
        if (m->hops[i].packet->number == number) return true;
    return false;
}

static bool why_along(dw_svg_pen *p, const dw_svg_arrow *way, double at, const char *why)
{
    return dw_svg_text_along(p, "why", way, at, false, DW_SVG_FREE, why) ||
           dw_svg_text_along(p, "why", way, at, true, DW_SVG_CLEAR, why) ||
           dw_svg_text_along(p, "why", way, at, false, DW_SVG_ANYWHERE, why);
}

/* Why an arrow ends: as much of it as there is room for.  It leads to the packet that shows it. */
static void say_why(dw_svg_pen *p, const dw_svg_hop *h, const dw_svg_arrow *way, double at)
{
    const dw_packet_view *v = h->packet;
    char why[160];
    if (h->certainty == DW_OBSERVED && !h->unknown) {
        why_along(p, way, at, dw_label_cause(&p->m->labels, h->lost));
        return;
    }
    bool link = v->shown_by && is_drawn(p->m, v->shown_by), done = false;
    if (link) dw_text_format(&p->out, "<a href=\"#p%" PRIu64 "\">", v->shown_by);
    for (int step = 0; !done && dw_inferred_why(&p->m->labels, v, step, why, sizeof why); step++)
        done = why_along(p, way, at, why);
    if (link) dw_svg_add(p, "</a>\n");
}

static void cross(dw_svg_pen *p, double x, double y)
{
    const double r = 4.5;
    DW_SVG_PUT(p, "<path class=\"cross\" d=\"M# #L# #M# #L# #\"/>\n", x - r, y - r, x + r, y + r,
               x - r, y + r, x + r, y - r);
}

/* The edge of a host's bars that faces the wire. */
static double edge(const dw_svg_pen *p, uint32_t column, bool to_right)
{
    const dw_svg_column *c = &p->m->columns[column];
    bool outer = column == 0 || column + 1 == p->m->column_count;
    if (outer || !c->has_states) return c->x;
    double half = dw_svg_half(p->m, column, DW_SVG_BAR, DW_SVG_LANE);
    return c->x + (to_right ? half : -half);
}

/* Loops that are under way when this one begins go round it. */
double dw_svg_loop_width(const dw_svg_pen *p, const dw_svg_hop *h)
{
    const dw_svg_model *m = p->m;
    const double widest = p->width - p->left - p->right - 20, apart = 9, min = 60;
    double width = widest;
    for (const dw_svg_hop *o = m->hops; o < h; o++)
        if (o->from == o->to && o->arrives != DW_SVG_NONE && o->arrives > h->departs)
            width -= apart;
    return width > min ? width : min;
}

/* Where the arrow of such a packet ends: it has hardly left. */
static bool lost_in_queue(const dw_cause *lost)
{
    return dw_cause_is(lost, &dw_cause_queue_full) || dw_cause_is(lost, &dw_cause_queue_refuses);
}

static void circle(dw_svg_pen *p, double x, double y)
{
    DW_SVG_PUT(p, "<circle class=\"hollow\" cx=\"#\" cy=\"#\" r=\"3\"/>\n", x, y);
}

double dw_svg_part(const dw_svg_hop *h)
{
    const double in_queue = 0.16, on_wire = 0.68, inferred = 0.55; /* its reason is long */
    if (h->arrives != DW_SVG_NONE) return 1;
    if (h->unknown || h->certainty != DW_OBSERVED) return inferred;
    return h->lost && lost_in_queue(h->lost) ? in_queue : on_wire;
}

/* Along what part of the way a label may stand: it does not reach the head.  Between two hosts
 * there is room for the other's labels, too. */
static const double LABELLED = 0.9, LABELLED_OF_TWO = 0.66;
/* From the end of an arrow to why it ends. */
static const double WHY = 9;

/* The group of a packet's hop, and what the legend has to say of it. */
static void begin_hop(dw_svg_pen *p, const dw_svg_hop *h)
{
    const dw_packet_view *v = h->packet;
    bool damaged = v->damaged && !v->congested;
    dw_text_format(&p->out, "<g id=\"p%" PRIu64 "%s\" class=\"%s", v->number, h->first ? "" : "x",
                   dw_svg_kind(v));
    if (h->lost) dw_svg_add(p, " lost");
    if (h->unknown) dw_svg_add(p, " unknown");
    if (h->certainty != DW_OBSERVED)
        dw_text_format(&p->out, " %s", dw_certainty_name(h->certainty));
    if (v->copy_of) dw_svg_add(p, " copy");
    if (damaged) dw_svg_add(p, " damaged");
    dw_svg_add(p, "\">\n");
    tooltip(p, h);
    dw_inferred_note(&p->inferred, v);
    p->any_lost |= h->lost != NULL;
    p->any_copy |= v->copy_of || h->injected;
    p->any_refused |= h->refused != NULL;
    p->any_damaged |= damaged;
}

/* What a socket that is its own peer sends: out, and back to the same line. */
static void draw_loop(dw_svg_pen *p, const dw_svg_hop *h)
{
    const dw_svg_model *m = p->m;
    double x0 = m->columns[h->from].x, width = dw_svg_loop_width(p, h);
    double y0 = dw_svg_y(m->rows[h->departs].y), x1 = x0 + width;
    bool arrives = h->arrives != DW_SVG_NONE;
    double y1 = arrives ? dw_svg_y(m->rows[h->arrives].y) : y0;
    if (h->injected) x0 += width * DW_SVG_INJECTED;
    const double part = 0.68;
    if (!arrives) x1 = x0 + width * part;
    dw_svg_arrow out = dw_svg_arrow_from(x0, y0, x1, y0);
    dw_svg_arrow back = dw_svg_arrow_from(x1, y1, m->columns[h->from].x, y1);
    begin_hop(p, h);
    if (h->unknown)
        fade_out(p, &out);
    else
        dw_svg_line(p, "wire", out.x0, y0, x1, y0);
    if (h->injected) circle(p, x0, y0);
    if (arrives) {
        dw_svg_line(p, "wire", x1, y0, x1, y1);
        dw_svg_line(p, "wire", x1, y1, back.x1, y1);
        arrive(p, h, &back);
    } else if (h->lost || h->unknown) {
        if (h->lost) cross(p, x1, y0);
        const dw_svg_arrow on = {x0, y0, x0 + width, y0, width + 200};
        say_why(p, h, &on, width * part + WHY);
    }
    label_arrow(p, h, &out, out.length * LABELLED);
    dw_svg_add(p, "</g>\n");
}

/* The nearest hop of the same way that arrives, if it left about when this one did, looking on or
 * back; NULL: none. */
static const dw_svg_hop *companion_at(const dw_svg_model *m, const dw_svg_hop *h, int64_t step)
{
    const double near = 60;
    double y = m->rows[h->departs].y;
    for (int64_t i = h - m->hops + step; i >= 0 && i < (int64_t)m->hop_count; i += step) {
        const dw_svg_hop *o = &m->hops[i];
        if (fabs(m->rows[o->departs].y - y) > near) break;
        if (o->from == h->from && o->to == h->to && o->arrives != DW_SVG_NONE) return o;
    }
    return NULL;
}

static double fall(const dw_svg_model *m, const dw_svg_hop *h)
{
    return m->rows[h->arrives].y - m->rows[h->departs].y;
}

/* What is lost goes beside what left with it, so that their labels do not cross. */
double dw_svg_end(const dw_svg_model *m, const dw_svg_hop *h)
{
    const dw_svg_row *departs = &m->rows[h->departs];
    if (h->arrives != DW_SVG_NONE) return m->rows[h->arrives].y;
    double y = dw_svg_model_y(m, departs->at + m->usual);
    if (y < departs->y + m->flight / 4) y = departs->y + m->flight;
    const dw_svg_hop *before = companion_at(m, h, -1), *after = companion_at(m, h, 1);
    if (!before) before = after;
    if (!after) after = before;
    return after ? departs->y + (fall(m, before) + fall(m, after)) / 2 : y;
}

/* Where it stands clear of everything; false: nowhere. */
static bool put_remark(dw_svg_pen *p, const dw_svg_arrow *a, enum dw_svg_place place,
                       const char *remark)
{
    const double first = 24, step = 22;
    double w = (double)dw_text_columns(remark, strlen(remark)) * DW_SVG_LETTER;
    for (int below = 0; below < 2; below++)
        for (double offset = first; offset + w <= a->length; offset += step)
            if (dw_svg_text_along(p, "again", a, offset, below, place, remark)) return true;
    return false;
}

/* What is special about it, "#5 again: fast-retransmit": where there is room, else the tooltip has
 * it.  Print has none: there it is shorter, or crosses another arrow, before it is left out. */
static void say_remark(dw_svg_pen *p, const dw_svg_hop *h, const dw_svg_arrow *a)
{
    char remark[160];
    if (!*dw_label_remark(&p->m->labels, h->packet, remark, sizeof remark)) return;
    if (put_remark(p, a, DW_SVG_CLEAR, remark) || !p->config->mono) return;
    if (put_remark(p, a, DW_SVG_FREE, remark)) return;
    char *colon = strstr(remark, ": ");
    if (colon) *colon = 0;
    if (!put_remark(p, a, DW_SVG_FREE, remark)) put_remark(p, a, DW_SVG_ANYWHERE, remark);
}

/* From host to host, as if it arrived: where it would, for one that is lost. */
static dw_svg_arrow whole_way(const dw_svg_pen *p, const dw_svg_hop *h)
{
    const dw_svg_model *m = p->m;
    bool to_right = h->to > h->from;
    double x0 = edge(p, h->from, to_right), x1 = edge(p, h->to, !to_right);
    if (h->injected) x0 += (x1 - x0) * DW_SVG_INJECTED;
    return dw_svg_arrow_from(x0, dw_svg_y(m->rows[h->departs].y), x1, dw_svg_y(dw_svg_end(m, h)));
}

/* As much of the way as it goes. */
static dw_svg_arrow drawn_way(const dw_svg_arrow *way, double part)
{
    return dw_svg_arrow_from(way->x0, way->y0, way->x0 + (way->x1 - way->x0) * part,
                             way->y0 + (way->y1 - way->y0) * part);
}

bool dw_svg_survey(dw_svg_pen *p)
{
    p->ways = calloc((size_t)p->m->hop_count + 1, sizeof *p->ways);
    for (uint32_t i = 0; p->ways && i < p->m->hop_count; i++) {
        const dw_svg_hop *h = &p->m->hops[i];
        dw_svg_arrow *way = &p->ways[i];
        *way = whole_way(p, h);
        if (h->from == h->to) way->x1 = way->x0; /* a loop's label has a place of its own */
        if (h->from != h->to) *way = drawn_way(way, dw_svg_part(h));
        if (way->y1 - way->y0 > p->tallest) p->tallest = way->y1 - way->y0;
    }
    return p->ways != NULL;
}

void dw_svg_draw_hop(dw_svg_pen *p, const dw_svg_hop *h)
{
    if (h->from == h->to) {
        draw_loop(p, h);
        return;
    }
    dw_svg_arrow way = whole_way(p, h);
    double part = dw_svg_part(h);
    dw_svg_arrow a = drawn_way(&way, part);
    begin_hop(p, h);
    if (h->unknown)
        fade_out(p, &a);
    else
        dw_svg_line(p, "wire", a.x0, a.y0, a.x1, a.y1);
    if (h->injected) circle(p, a.x0, a.y0);
    if (h->lost)
        cross(p, a.x1, a.y1);
    else if (h->arrives != DW_SVG_NONE)
        arrive(p, h, &a);
    if (h->lost && h->certainty == DW_LIKELY)
        dw_svg_text(p, "doubt", a.x1 + (a.x1 > a.x0 ? 9 : -9), a.y1 + 4, "middle", "?");
    double labelled = p->m->column_count == 2 ? LABELLED_OF_TWO : LABELLED;
    if (way.length < 1.3 * NARROW) labelled = LABELLED; /* the other's have to do without */
    if (h->first) label_arrow(p, h, &way, way.length * labelled * part);
    double why = WHY + (h->unknown || h->certainty == DW_LIKELY ? 8 : 0); /* a question mark */
    if (h->lost || h->unknown) say_why(p, h, &way, way.length * part + why);
    if (h->first) say_remark(p, h, &a);
    dw_svg_add(p, "</g>\n");
}
