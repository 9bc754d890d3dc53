/* What the parts of an SVG ladder are drawn with. */
#ifndef DW_SVG_PEN_H
#define DW_SVG_PEN_H

#include "inferred.h"
#include "svg_model.h"

#define DW_SVG_TOP 74.0    /* above the axis: title and names */
#define DW_SVG_BAR 10.0    /* width of a state bar */
#define DW_SVG_LANE 13.0   /* from bar to bar */
#define DW_SVG_AXIS 72.0   /* x of the time axis */
#define DW_SVG_LARGE 2.0   /* what larger type is to the usual one */
#define DW_SVG_LETTER 6.05 /* width of a character of the fixed font */

/* What text covers, so that no other is written over it: centre, half sizes, direction. */
typedef struct dw_svg_box {
    double x, y, w, h, cos, sin;
} dw_svg_box;

/* A line on the page, from a departure on. */
typedef struct dw_svg_arrow {
    double x0, y0, x1, y1, length;
} dw_svg_arrow;

typedef struct dw_svg_pen {
    const dw_svg_model *m;
    const dw_svg_config *config;
    dw_text out;
    double width;       /* of the page */
    double zoom;        /* of the page's units to pixels */
    double left, right; /* of it beside the outermost hosts: times, states, calls */
    dw_svg_box *boxes;
    size_t box_count;
    size_t standing; /* of these, from the first: of what was there before the labels */
    /* By kind of segment: how much shorter than a whole label all of them are, lest some say more
     * than others; and how much shorter one of them had to be. */
    int begin[DW_SVG_KINDS], shortest[DW_SVG_KINDS];
    dw_svg_arrow *ways; /* of each hop, as it is drawn: no text may lie on them */
    double tallest;     /* of these */
    /* What the legend has to explain. */
    bool any_lost, any_copy, any_refused, any_damaged, any_stretched, any_torn;
    bool any_inferred_state;
    dw_inferred inferred;
} dw_svg_pen;

/* svg_pen.c */
/* Text in which each # stands for the next of the values, to a tenth, and each @ for one to four
 * places, without zeros at the end and whatever the locale.  There are as many values as signs. */
void dw_svg_put(dw_svg_pen *p, const char *text, const double *values, size_t count);
#define DW_SVG_PUT(p, text, ...)                                                                   \
    dw_svg_put((p), (text), (const double[]){__VA_ARGS__},                                         \
               sizeof((const double[]){__VA_ARGS__}) / sizeof(double))
void dw_svg_add(dw_svg_pen *p, const char *text);     /* as it is */
void dw_svg_escaped(dw_svg_pen *p, const char *text); /* as the text of an element */
/* An element that shows a text; anchor "" is its beginning. */
void dw_svg_text(dw_svg_pen *p, const char *class, double x, double y, const char *anchor,
                 const char *text);
void dw_svg_line(dw_svg_pen *p, const char *class, double x0, double y0, double x1, double y1);
dw_svg_arrow dw_svg_arrow_from(double x0, double y0, double x1, double y1);
/* How a text along an arrow may stand. */
enum dw_svg_place {
    DW_SVG_CLEAR,    /* no other arrow near it, so that it is seen whose it is */
    DW_SVG_FREE,     /* on no other arrow */
    DW_SVG_ANYWHERE, /* on other arrows, if need be */
};
/* Text along an arrow, so far from its beginning, above the line or below; false: it would be in
 * the way of other text, or of arrows, and is not written. */
bool dw_svg_text_along(dw_svg_pen *p, const char *class, const dw_svg_arrow *a, double offset,
                       bool below, enum dw_svg_place place, const char *text);
/* Whether two rectangles have no point in common. */
bool dw_svg_apart(const dw_svg_box *a, const dw_svg_box *b);
/* Nothing may be written there from now on. */
void dw_svg_keep(dw_svg_pen *p, dw_svg_box box);
/* Whether a hop's arrow touches what a text would cover, and so much around it. */
bool dw_svg_crossed(const dw_svg_pen *p, const dw_svg_box *box, double around);
/* Where a place of the axis lies on the page. */
static inline double dw_svg_y(double y)
{
    return DW_SVG_TOP + y;
}

/* svg_motion.c: everything again, moving; over all that stands on the axis. */
void dw_svg_draw_motion(dw_svg_pen *p);
/* svg_hop.c: a packet's arrow.  svg_bar.c: what stands at the hosts.  svg_axis.c: the time axis. */
/* Find p->ways, before anything is drawn; false: out of memory. */
bool dw_svg_survey(dw_svg_pen *p);
double dw_svg_loop_width(const dw_svg_pen *p, const dw_svg_hop *hop);
void dw_svg_draw_hop(dw_svg_pen *p, const dw_svg_hop *hop);
void dw_svg_draw_sides(dw_svg_pen *p);
/* What is said beside hosts in the middle, over the arrows. */
void dw_svg_draw_middles(dw_svg_pen *p);
/* How much room there has to be beside a column for what stands at it. */
double dw_svg_beside(const dw_svg_model *m, uint32_t column);
void dw_svg_draw_axis(dw_svg_pen *p);

#endif
