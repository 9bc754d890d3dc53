/* The moving part of an SVG ladder (SMIL): what is still to come lies under a cover, whose upper
 * edge is the present; it moves down the page, again and again, and segments travel along it.  Who
 * does not move pictures, or asked for none that move, sees all of it at once. */
#include "svg_pen.h"

static const double USUAL = 1.1;   /* seconds that the usual hop takes */
static const double LONGEST = 45;  /* and the whole, at most */
static const double PAUSE = 2.5;   /* then all of it is seen for so long */
static const double AT_LEAST = .4; /* what takes no time is seen for so long */

typedef struct motion {
    dw_svg_pen *p;
    double speed, total; /* of the axis in a second; seconds */
} motion;

/* The part of the whole that is over at a place of the axis. */
static double part_at(const motion *m, double y)
{
    double part = y / m->speed / m->total;
    return part < 1 ? part : 1;
}

static void put_timing(const motion *m)
{
    DW_SVG_PUT(m->p, " dur=\"@s\" repeatCount=\"indefinite\"/>", m->total);
}

static void draw_cover(const motion *m)
{
    dw_svg_pen *p = m->p;
    const double length = p->m->height + DW_SVG_AFTER, height = length + DW_SVG_TOP;
    double y = DW_SVG_TOP, end = part_at(m, length); /* then it is out of the way */
    dw_svg_add(p, "<g opacity=\"0\"><set attributeName=\"opacity\" to=\"1\"/><animateTransform "
                  "attributeName=\"transform\" type=\"translate\"");
    DW_SVG_PUT(p, " values=\"0 0;0 #;0 #;0 #\" keyTimes=\"0;@;@;1\"", length, height, height, end,
               end);
    put_timing(m);
    DW_SVG_PUT(p, "<rect class=\"page cover\" y=\"#\" width=\"#\" height=\"#\"/>", y, p->width,
               height);
    dw_svg_line(p, "present", p->left, y, p->width - p->right, y);
    dw_svg_add(p, "</g>\n");
}

/* Along up to four points, with their times. */
static void draw_parcel(const motion *m, const dw_svg_hop *h, const double at[][2], int count,
                        double begins, double ends)
{
    dw_svg_pen *p = m->p;
    double first = part_at(m, begins), last = part_at(m, ends);
    if ((last - first) * m->total < AT_LEAST) last = first + AT_LEAST / m->total;
    if (last > 1) last = 1;
    dw_text_format(&p->out, "<g class=\"%s\"><rect class=\"head\"", dw_svg_kind(h->packet));
    dw_svg_add(p, " x=\"-6\" y=\"-4\" width=\"12\" height=\"8\" rx=\"2\" opacity=\"0\">"
                  "<animate attributeName=\"opacity\" calcMode=\"discrete\" values=\"0;1;0\"");
    DW_SVG_PUT(p, " keyTimes=\"0;@;@\"", first, last);
    put_timing(m);
    dw_svg_add(p, "<animateTransform attributeName=\"transform\" type=\"translate\" values=\"");
    DW_SVG_PUT(p, "# #", at[0][0], at[0][1]);
    for (int i = 0; i < count; i++)
        DW_SVG_PUT(p, ";# #", at[i][0], at[i][1]);
    DW_SVG_PUT(p, ";# #\" keyTimes=\"0", at[count - 1][0], at[count - 1][1]);
    for (int i = 0; i < count; i++)
        DW_SVG_PUT(p, ";@", first + (last - first) * i / (count - 1));
    dw_svg_add(p, ";1\"");
    put_timing(m);
    dw_svg_add(p, "</rect></g>\n");
}

static void draw_journey(const motion *m, uint32_t hop)
{
    const dw_svg_hop *h = &m->p->m->hops[hop];
    const dw_svg_arrow *way = &m->p->ways[hop];
    double begins = way->y0 - DW_SVG_TOP, ends = way->y1 - DW_SVG_TOP;
    if (h->from != h->to) {
        const double at[2][2] = {{way->x0, way->y0}, {way->x1, way->y1}};
        draw_parcel(m, h, at, 2, begins, ends);
        return;
    }
    double x = way->x0 + dw_svg_loop_width(m->p, h); /* out, down and back */
    const double at[4][2] = {{way->x0, way->y0}, {x, way->y0}, {x, way->y1}, {way->x0, way->y1}};
    draw_parcel(m, h, at, h->arrives == DW_SVG_NONE ? 2 : 4, begins, ends);
}

void dw_svg_draw_motion(dw_svg_pen *p)
{
    double length = p->m->height + DW_SVG_AFTER, speed = DW_SVG_FLIGHT / USUAL;
    if (length / speed > LONGEST) speed = length / LONGEST;
    const motion m = {p, speed, length / speed + PAUSE};
    dw_svg_add(p, "<g class=\"moving\">\n");
    draw_cover(&m);
    for (uint32_t i = 0; i < p->m->hop_count; i++)
        draw_journey(&m, i);
    dw_svg_add(p, "</g>\n");
}
