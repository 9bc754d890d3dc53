/* The exchange for LaTeX: what svg_model.h has, as a tikzpicture that is plain enough to be changed
 * by hand.  Numbers are centimetres, from the first host and from the top. */
#include "base/config.h"
#include "base/escape.h"
#include "base/list.h"
#include "inferred.h"
#include "packet/cause.h"
#include "picture.h"
#include "svg_pen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double OF_TWO = 7, OF_MANY = 4.2;  /* from host to host */
static const double UNIT = 1.3 / DW_SVG_FLIGHT; /* of the axis */
static const double LETTER = 0.131;             /* of the labels' font */
static const double BAR = 0.13, LANE = 0.2;

typedef struct pen {
    const dw_svg_model *m;
    dw_text out;
    double between;
    dw_svg_box *boxes; /* what labels cover */
    size_t box_count;
    int begin[DW_SVG_KINDS], shortest[DW_SVG_KINDS]; /* see svg_pen.h */
} pen;

static double x_of(const pen *p, uint32_t column)
{
    return p->between * column;
}

static double y_of(double y)
{
    return y * UNIT;
}

/* To a hundredth, in integers, so that it is the same text on every machine and in every locale. */
static void put_number(pen *p, double v)
{
    long n = (long)floor(v * 100 + 0.5), size = n < 0 ? -n : n;
    dw_text_format(&p->out, "%s%ld.%02ld", n < 0 ? "-" : "", size / 100, size % 100);
}

static void put_point(pen *p, double x, double y)
{
    dw_text_add(&p->out, "(");
    put_number(p, x);
    dw_text_add(&p->out, ",");
    put_number(p, y);
    dw_text_add(&p->out, ")");
}

static void put_text(pen *p, const char *text)
{
    dw_text_add(&p->out, "{");
    dw_text_escape(&p->out, DW_IN_LATEX, text);
    dw_text_add(&p->out, "}");
}

/* \node[STYLE] at (x,y) {TEXT}; */
static void put_node(pen *p, const char *style, double x, double y, const char *text)
{
    dw_text_format(&p->out, "\\node[%s] at ", style);
    put_point(p, x, y);
    dw_text_add(&p->out, " ");
    put_text(p, text);
    dw_text_add(&p->out, ";\n");
}

static void put_line(pen *p, const char *style, double x0, double y0, double x1, double y1)
{
    dw_text_format(&p->out, "\\draw[%s] ", style);
    put_point(p, x0, y0);
    dw_text_add(&p->out, " -- ");
    put_point(p, x1, y1);
    dw_text_add(&p->out, ";\n");
}

/* Who compiles the file gets a page of the picture's size; who reads it in has tikz already.  No
 * line may end in a space, which would stand beside the picture; lines of the library do, or are
 * empty: it is read in a font without spaces, and no line begins a paragraph.  The class knows a
 * tikzpicture by itself, but not in a box. */
static const char if_alone[] = "\\ifx\\usetikzlibrary\\undefined\n";
static const char usual_class[] = "  \\documentclass[tikz,border=4pt]{standalone}\n";
static const char boxed_class[] = "  \\documentclass[border=4pt]{standalone}\n"
                                  "  \\usepackage{tikz}\n";
static const char chinese[] = "  \\usepackage[scheme=plain]{ctex}\n";
static const char rest_of_preamble[] =
    "  \\begin{document}\n"
    "  \\def\\drywireend{\\end{document}}%\n"
    "\\else\n"
    "  \\def\\drywireend{}%\n"
    "\\fi\n"
    "\\let\\drywirepar\\par \\let\\par\\relax \\nullfont\n"
    "\\usetikzlibrary{arrows.meta}\\selectfont \\let\\par\\drywirepar\n"
    "\\begingroup\n";

/* How to read it in, for who opens the file. */
static const char how_latin[] =
    "% Compile this file, with pdflatex or any other, or \\input it in a document with\n"
    "% \\usepackage{tikz}.\n";
static const char how_wide[] =
    "% Its text needs the package ctex: compile this file with xelatex, or \\input it in a "
    "document\n"
    "% for that with \\usepackage[scheme=plain]{ctex} and \\usepackage{tikz}.\n";
static const char how_narrow[] =
    "% As wide as the text around it: \\resizebox{\\linewidth}{!}{\\input{...}}\n";

static const char styles[] =
    "\\begin{tikzpicture}[\n"
    "  x=1cm, y=-1cm, line cap=round,\n"
    "  dw life/.style={black!30},\n"
    "  dw title/.style={font=\\bfseries, anchor=south west, align=left, inner sep=0pt},\n"
    "  dw name/.style={font=\\bfseries, anchor=base},\n"
    "  dw time/.style={font=\\scriptsize, text=black!60, anchor=east},\n"
    "  dw state/.style={font=\\scriptsize\\bfseries},\n"
    "  dw middle/.style={font=\\tiny\\bfseries, fill=white, fill opacity=.8, text opacity=1,\n"
    "    inner sep=1pt},\n"
    "  dw call/.style={font=\\scriptsize\\itshape, text=black!60},\n"
    "  dw label/.style={sloped, font=\\scriptsize\\ttfamily, inner sep=1.5pt},\n"
    "  dw why/.style={font=\\scriptsize\\ttfamily, text=dwrst},\n"
    "  dw gap/.style={black!40, dotted},\n"
    "  dw arrives/.style={-{Latex[length=5pt]}},\n"
    "  dw refused/.style={-{Latex[length=5pt, open]}},\n"
    "  dw likely/.style={densely dotted, -{Straight Barb[length=4pt]}},\n"
    "  dw certain/.style={densely dashed},\n"
    "  dw lost/.style={densely dashed},\n"
    "  dw unknown/.style={densely dashed, opacity=.5},\n"
    "  dw copy/.style={densely dotted},\n"
    "  dw damaged/.style={dash dot},\n"
    "  dw syn/.style={dwsyn, semithick}, dw fin/.style={dwfin, semithick},\n"
    "  dw rst/.style={dwrst, semithick}, dw data/.style={dwdata, semithick},\n"
    "  dw ack/.style={dwack, semithick},\n"
    "  dw inferred/.style={opacity=.5}]\n";

static const char *const colours[][3] = {
    {"dwsyn", "00795C", "000000"},       {"dwfin", "8A3EA8", "000000"},
    {"dwrst", "C2321B", "000000"},       {"dwdata", "0063A8", "000000"},
    {"dwack", "454E58", "000000"},       {"dwopening", "9ED3C0", "BBBBBB"},
    {"dwopen", "3F9F80", "777777"},      {"dwclosing", "D9B3E6", "999999"},
    {"dwtime-wait", "F0DCA6", "EEEEEE"}, {"dwlisten", "DFE5EA", "E6E6E6"}};

/* Characters of Chinese, Japanese or Korean, for which LaTeX needs fonts and a package: from U+2E80
 * on, which UTF-8 begins with these bytes. */
static bool is_wide(const char *text)
{
    for (const unsigned char *s = (const unsigned char *)text; *s; s++)
        if (*s >= 0xe3 || (*s == 0xe2 && s[1] >= 0xba)) return true;
    return false;
}

/* In centimetres, of the pixels of CSS; 0: as it comes. */
static double width_of(const dw_svg_config *config)
{
    const double inch = 2.54, pixels = 96;
    return config->width / pixels * inch;
}

static void begin(pen *p, const dw_svg_config *config, bool wide)
{
    char buf[1000];
    dw_text_add(&p->out, "% ");
    dw_text_escape(&p->out, DW_IN_LINE, dw_svg_title(p->m, buf, sizeof buf));
    dw_text_add(&p->out, "\n");
    dw_text_add(&p->out, wide ? how_wide : how_latin);
    dw_text_add(&p->out, how_narrow);
    dw_text_add(&p->out, if_alone);
    dw_text_add(&p->out, config->width ? boxed_class : usual_class);
    if (wide) dw_text_add(&p->out, chinese);
    dw_text_add(&p->out, rest_of_preamble);
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
        dw_text_format(&p->out, "\\definecolor{%s}{HTML}{%s}%%\n", colours[i][0],
                       colours[i][config->mono ? 2 : 1]);
    if (config->width) {
        dw_text_add(&p->out, "\\resizebox{");
        put_number(p, width_of(config));
        dw_text_add(&p->out, "cm}{!}{%\n");
    }
    dw_text_add(&p->out, styles);
}

static void draw_hosts(pen *p)
{
    char buf[200];
    double end = y_of(p->m->height + DW_SVG_AFTER);
    for (uint32_t c = 0; c < p->m->column_count; c++) {
        put_node(p, "dw name", x_of(p, c), -0.6, dw_svg_name(p->m, c, buf, sizeof buf));
        put_line(p, "dw life", x_of(p, c), -0.35, x_of(p, c), end);
    }
}

/* The edge of a host's bars that faces the wire. */
static double edge(const pen *p, uint32_t column, bool to_right)
{
    bool outer = column == 0 || column + 1 == p->m->column_count;
    double half = outer ? 0 : dw_svg_half(p->m, column, BAR, LANE);
    return x_of(p, column) + (to_right ? half : -half);
}

static bool on_left(uint32_t column)
{
    return column == 0;
}

static bool on_right(const pen *p, uint32_t column)
{
    return column > 0 && column + 1 == p->m->column_count;
}

static bool is_in_the_middle(const pen *p, uint32_t column)
{
    return !on_left(column) && !on_right(p, column);
}

static void keep(pen *p, dw_svg_box b)
{
    dw_svg_box *grown = dw_list_room(p->boxes, p->box_count, sizeof *grown);
    p->out.failed |= !grown;
    if (!grown) return;
    p->boxes = grown;
    p->boxes[p->box_count++] = b;
}

static void draw_bar(pen *p, const dw_svg_bar *b)
{
    double x = x_of(p, b->column), aside = b->lane * LANE;
    double left = x + dw_svg_astride(p->m, b, BAR, LANE);
    if (on_left(b->column)) left = x - BAR - aside;
    if (on_right(p, b->column)) left = x + aside;
    dw_text_format(&p->out, "\\fill[dw%s%s] ", dw_svg_state_style(b->class),
                   b->certainty != DW_OBSERVED ? ", dw inferred" : "");
    put_point(p, left, y_of(b->y0));
    dw_text_add(&p->out, " rectangle ");
    put_point(p, left + BAR, y_of(b->y1));
    dw_text_add(&p->out, "; % ");
    dw_text_escape(&p->out, DW_IN_LINE, b->state);
    if (*b->tag) dw_text_add(&p->out, ", ");
    dw_text_escape(&p->out, DW_IN_LINE, b->tag);
    dw_text_add(&p->out, "\n");
}

static void draw_word(pen *p, const dw_svg_word *w)
{
    char style[40];
    double out = BAR + w->lane * LANE;
    bool left = on_left(w->column);
    if (is_in_the_middle(p, w->column)) return;
    const char *font = w->kind == DW_SVG_STATE ? "state" : "call";
    snprintf(style, sizeof style, "dw %s, %s", font, left ? "left" : "right");
    put_node(p, style, x_of(p, w->column) + (left ? -out : out), y_of(w->y), w->text);
}

/* Beside a host in the middle: on the side where fewer arrows pass, over them. */
static void draw_middle(pen *p, const dw_svg_word *w, bool keep_only)
{
    const double letter = 0.15, gap = 0.05;
    if (w->kind != DW_SVG_STATE && w->kind != DW_SVG_RESTART) return;
    if (!is_in_the_middle(p, w->column)) return;
    double wide = (double)dw_text_columns(w->text, strlen(w->text)) * letter;
    double out = dw_svg_half(p->m, w->column, BAR, LANE) + gap;
    int side = dw_svg_quiet_side(p->m, w->column, w->y, (out + wide) / p->between);
    double x = x_of(p, w->column) + side * out, y = y_of(w->y);
    if (keep_only)
        keep(p, (dw_svg_box){x + side * wide / 2, y, wide / 2, 0.12, 1, 0});
    else
        put_node(p, side < 0 ? "dw middle, left" : "dw middle, right", x, y, w->text);
}

/* As wide as the longest word there. */
static double beside(const pen *p, uint32_t column)
{
    size_t longest = 0;
    for (size_t i = 0; i < p->m->word_count; i++) {
        const char *text = p->m->words[i].text;
        size_t n = dw_text_columns(text, strlen(text));
        if (p->m->words[i].column == column && n > longest) longest = n;
    }
    const double letter = 0.18, gap = 0.5;
    return gap + (double)longest * letter;
}

static void draw_times(pen *p)
{
    const double apart = 15; /* on the axis */
    double last = -apart, x = -beside(p, 0);
    for (size_t i = 0; i < p->m->instant_count; i++) {
        const dw_svg_instant *now = &p->m->instants[i];
        char time[DW_TIME_TEXT];
        if (now->y0 < last + apart) continue;
        put_node(p, "dw time", x, y_of(now->y0), dw_time_format(now->at, 6, time, sizeof time));
        last = now->y0;
    }
}

/* What was cut stands among the times: on the wire it would be in the way. */
static void draw_breaks(pen *p)
{
    const double off = 0.3, of_one = OF_TWO - 2, x = -beside(p, 0);
    double last = p->m->column_count > 1 ? x_of(p, p->m->column_count - 1) : of_one;
    for (size_t i = 0; i < p->m->break_count; i++) {
        const dw_svg_break *b = &p->m->breaks[i];
        char length[DW_TIME_TEXT], text[64];
        double y = y_of((b->y0 + b->y1) / 2);
        dw_duration_format(b->length / DW_MILLISECOND * DW_MILLISECOND, length, sizeof length);
        dw_label_phrase(&p->m->labels, "%s later", length, NULL, text, sizeof text);
        put_node(p, "dw time, font=\\scriptsize\\itshape", x, y, text);
        put_line(p, "dw gap", off, y, last - off, y);
    }
}

/* How an arrow is drawn: by its kind, its fate, and what happened on the way. */
static void put_style(pen *p, const dw_svg_hop *h)
{
    const dw_packet_view *v = h->packet;
    dw_text_format(&p->out, "\\draw[dw %s", dw_svg_kind(v));
    if (h->lost) dw_text_add(&p->out, ", dw lost");
    if (h->unknown) dw_text_add(&p->out, ", dw unknown");
    if (v->copy_of) dw_text_add(&p->out, ", dw copy");
    if (v->damaged && !v->congested) dw_text_add(&p->out, ", dw damaged");
    if (h->certainty == DW_CERTAIN) dw_text_add(&p->out, ", dw certain");
    if (h->arrives != DW_SVG_NONE) {
        const char *tip = h->certainty == DW_LIKELY ? "likely" : "arrives";
        dw_text_format(&p->out, ", dw %s", h->refused ? "refused" : tip);
    }
    dw_text_add(&p->out, "] ");
}

/* What a label would cover whose middle is at a part of the line. */
static dw_svg_box box_at(const dw_svg_arrow *a, double pos, bool below, double w)
{
    const double half_line = 0.09, off = 0.15;
    double ux = (a->x1 - a->x0) / a->length, uy = (a->y1 - a->y0) / a->length;
    double reading = ux < 0 ? -1 : 1;
    double away = below ? -off : off;
    dw_svg_box b = {.w = w / 2, .h = half_line, .cos = reading * ux, .sin = reading * uy};
    b.x = a->x0 + (a->x1 - a->x0) * pos + b.sin * away;
    b.y = a->y0 + (a->y1 - a->y0) * pos - b.cos * away;
    return b;
}

static bool is_free(const pen *p, const dw_svg_box *b)
{
    enum { LATEST = 200 }; /* those further up are far away */
    for (size_t i = p->box_count > LATEST ? p->box_count - LATEST : 0; i < p->box_count; i++)
        if (!dw_svg_apart(&p->boxes[i], b)) return false;
    return true;
}

/* Near where the packet leaves, or as near as there is room: at what part of the line its middle
 * is.  false: nowhere. */
static bool find_place(const pen *p, const dw_svg_arrow *a, const char *label, bool below,
                       dw_svg_box *box, double *pos)
{
    const double first = 0.45, head = 0.25, step = 0.3;
    double w = (double)dw_text_columns(label, strlen(label)) * LETTER;
    for (double at = first; at == first || at + w + head <= a->length; at += step) {
        *pos = (at + w / 2) / a->length;
        *box = box_at(a, *pos, below, w);
        if (at + w + head <= a->length && is_free(p, box)) return true;
    }
    *pos = (first + w / 2) / a->length;
    return false;
}

/* As much as there is room for. */
static void put_label(pen *p, const dw_svg_hop *h, const dw_svg_arrow *a)
{
    enum { STEPS = 4 };
    const double most = 0.75;
    enum dw_svg_kind kind = dw_svg_kind_of(h->packet);
    bool below = dw_svg_is_answer(p->m, h), found = false;
    char label[sizeof h->label];
    dw_svg_box box = {0};
    double pos = most;
    snprintf(label, sizeof label, "%s", h->label);
    for (int step = 0; !found && step < STEPS; step++) {
        if (step > 0) dw_label_shorten(h->packet, label, step - 1);
        if (step > p->shortest[kind] && step <= dw_svg_even_steps(kind)) p->shortest[kind] = step;
        if (step < p->begin[kind]) continue;
        found = find_place(p, a, label, below, &box, &pos);
        if (found || !find_place(p, a, label, !below, &box, &pos)) continue;
        found = true;
        below = !below;
    }
    if (found) keep(p, box);
    dw_text_format(&p->out, " -- node[dw label, %s, pos=", below ? "below" : "above");
    put_number(p, found || pos < most ? pos : most);
    dw_text_add(&p->out, "] ");
    put_text(p, label);
    dw_text_add(&p->out, " ");
}

/* Why it ends there. */
static void put_fate(pen *p, const dw_svg_hop *h, double x, double y, bool to_right)
{
    char why[160] = "", style[60];
    if (h->certainty == DW_OBSERVED && !h->unknown)
        snprintf(why, sizeof why, "%s", dw_label_cause(&p->m->labels, h->lost));
    else
        for (int step = 0;
             step < 3 && dw_inferred_why(&p->m->labels, h->packet, step, why, sizeof why);)
            step++; /* the shortest */
    dw_text_add(&p->out, "\\node[dwrst] at ");
    put_point(p, x, y);
    dw_text_format(&p->out, " {%s};\n", h->unknown ? "?" : "$\\times$");
    double w = (double)dw_text_columns(why, strlen(why)) * LETTER, aside = (w + 0.3) / 2;
    keep(p, (dw_svg_box){x + (to_right ? aside : -aside), y, aside, 0.09, 1, 0});
    snprintf(style, sizeof style, "dw why, %s=4pt", to_right ? "right" : "left");
    put_node(p, style, x, y, why);
}

/* Out, and back to the same line. */
static void draw_loop(pen *p, const dw_svg_hop *h)
{
    const double wide = 5;
    double x = x_of(p, h->from), y0 = y_of(p->m->rows[h->departs].y),
           y1 = y_of(dw_svg_end(p->m, h));
    bool arrives = h->arrives != DW_SVG_NONE;
    put_style(p, h);
    put_point(p, x, y0);
    const dw_svg_arrow out = dw_svg_arrow_from(x, y0, x + wide, y0);
    put_label(p, h, &out);
    put_point(p, x + wide, y0);
    if (arrives) dw_text_add(&p->out, " |- ");
    if (arrives) put_point(p, x, y1);
    dw_text_add(&p->out, ";\n");
    if (h->lost || h->unknown) put_fate(p, h, x + wide, y0, true);
}

static void draw_hop(pen *p, const dw_svg_hop *h)
{
    if (h->from == h->to) {
        draw_loop(p, h);
        return;
    }
    bool to_right = h->to > h->from;
    double x0 = edge(p, h->from, to_right), x1 = edge(p, h->to, !to_right), part = dw_svg_part(h);
    double y0 = y_of(p->m->rows[h->departs].y), y1 = y_of(dw_svg_end(p->m, h));
    if (h->injected) x0 += (x1 - x0) * DW_SVG_INJECTED;
    double x = x0 + (x1 - x0) * part, y = y0 + (y1 - y0) * part;
    put_style(p, h);
    put_point(p, x0, y0);
    if (h->injected) dw_text_add(&p->out, " circle[radius=1.5pt] ");
    if (h->injected) put_point(p, x0, y0);
    const dw_svg_arrow line = dw_svg_arrow_from(x0, y0, x, y);
    if (h->first)
        put_label(p, h, &line);
    else
        dw_text_add(&p->out, " -- ");
    put_point(p, x, y);
    dw_text_format(&p->out, "; %% #%llu\n", (unsigned long long)h->packet->number);
    if (h->lost || h->unknown) put_fate(p, h, x, y, to_right);
}

/* From host to host: what a width that was asked for leaves, but no less than a label takes; the
 * picture is scaled to it then. */
static double between_of(const pen *p, const dw_svg_config *config)
{
    const double time = 1.7, least = 3.6;
    uint32_t last = p->m->column_count - 1;
    double usual = last > 1 ? OF_MANY : OF_TWO;
    if (!config->width || last == 0) return usual;
    double left = beside(p, 0) + (p->m->picture->no_times ? 0 : time);
    double between = (width_of(config) - left - beside(p, last)) / last;
    return between > least ? between : least;
}

/* Over everything, as wide as that is; a title that nobody gave is left to the document. */
static void draw_title(pen *p)
{
    const double time = 1.7, above = -1.1;
    char title[1000], style[60];
    uint32_t last = p->m->column_count - 1;
    if (!dw_picture_title(p->m->picture, title, sizeof title)) return;
    double left = -beside(p, 0) - (p->m->picture->no_times ? 0 : time);
    double wide = x_of(p, last) + (last ? beside(p, last) : OF_TWO) - left;
    snprintf(style, sizeof style, "dw title, text width=%ldmm", (long)floor(wide * 10));
    put_node(p, style, left, above, title);
}

static void draw_body(pen *p)
{
    const dw_svg_model *m = p->m;
    draw_title(p);
    draw_hosts(p);
    if (!m->picture->no_times) {
        draw_breaks(p);
        draw_times(p);
    }
    for (size_t i = 0; i < m->bar_count; i++)
        draw_bar(p, &m->bars[i]);
    for (size_t i = 0; i < m->word_count; i++)
        draw_word(p, &m->words[i]);
    for (size_t i = 0; i < m->word_count; i++)
        draw_middle(p, &m->words[i], true);
    for (uint32_t i = 0; i < m->hop_count; i++)
        draw_hop(p, &m->hops[i]);
    for (size_t i = 0; i < m->word_count; i++)
        draw_middle(p, &m->words[i], false);
}

/* The beginning depends on what is written in the picture; what is written, on how long labels may
 * be, which the first of two times shows. */
static void draw(pen *p, const dw_svg_config *config)
{
    p->between = between_of(p, config);
    draw_body(p);
    if (p->out.failed) return;
    dw_text_free(&p->out);
    p->box_count = 0;
    memcpy(p->begin, p->shortest, sizeof p->begin);
    draw_body(p);
    char *body = dw_text_take(&p->out);
    p->out.failed |= !body;
    if (!body) return;
    begin(p, config, is_wide(body));
    dw_text_add(&p->out, body);
    dw_free(body);
    dw_text_add(&p->out, "\\end{tikzpicture}");
    dw_text_add(&p->out, config->width ? "}%\n" : "%\n");
    dw_text_add(&p->out, "\\endgroup\n\\drywireend\n");
}

char *dw_tikz(const dw_trace *trace, const dw_svg_config *config)
{
    dw_svg_config c;
    dw_picture picture;
    if (DW_CONFIG_READ(&c, config) != DW_OK) return NULL;
    if (dw_picture_read(c.picture, &picture) != DW_OK) return NULL;
    dw_svg_model m;
    pen p = {.m = &m};
    int status = dw_svg_model_build(trace, &picture, &m);
    if (status == DW_OK) draw(&p, &c);
    dw_svg_model_free(&m);
    free(p.boxes);
    if (status == DW_E_NOENT) return dw_copy_text("% no exchange to draw\n");
    return status == DW_OK ? dw_text_take(&p.out) : NULL;
}
