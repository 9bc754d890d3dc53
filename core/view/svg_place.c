/* The time axis of an SVG ladder.
 *
 * It keeps the order of events and the proportions of their times, with two exceptions, both marked
 * where they are drawn: what happens too fast to be read is stretched, and silence is cut.  What
 * happens at one instant stands at one height, but for what one host does then, which goes down the
 * page in its order. */
#include "base/list.h"
#include "svg_model.h"

#include <stdlib.h>
#include <string.h>

static const double ROW = 18;         /* between labels of one host */
static const double HEAD = 11;        /* between arrow heads */
static const double LOOP = 22;        /* least, from leaving a host to coming back to it */
static const double ASIDE = 16;       /* between what comes back and what leaves */
static const double OUTSIDE_ROW = 13; /* between states, calls and timers of one host */
static const double LONG = 175;       /* a longer gap is cut ... */
static const double SILENCE = 46;     /* ... to this, with nothing under way, ... */
static const double ON_THE_WAY = 92;  /* ... or this */

static int by_duration(const void *a, const void *b)
{
    dw_time x = *(const dw_time *)a, y = *(const dw_time *)b;
    return x < y ? -1 : x > y;
}

static bool is_loop(const dw_svg_model *m, const dw_svg_hop *h)
{
    return m->columns[h->from].node == m->columns[h->to].node;
}

/* What the usual hop takes, which makes the scale; a millisecond where nothing arrives.  What a
 * host says to itself takes nothing. */
static dw_time usual_flight(dw_svg_model *m)
{
    dw_time *flights = calloc(m->hop_count + 1, sizeof *flights), usual = DW_MILLISECOND;
    size_t n = 0;
    for (uint32_t i = 0; flights && i < m->hop_count; i++)
        if (m->hops[i].arrives != DW_SVG_NONE && !is_loop(m, &m->hops[i]))
            flights[n++] = m->rows[m->hops[i].arrives].at - m->rows[m->hops[i].departs].at;
    if (n > 0) {
        qsort(flights, n, sizeof *flights, by_duration);
        usual = flights[n / 2];
    }
    m->failed |= !flights;
    free(flights);
    return usual > 0 ? usual : 1;
}

/* What a row must keep apart from, each kind from its own: labels of departures, heads of arrivals,
 * and what stands outside the bars. */
enum keeps { LABELS, HEADS, OUTSIDE, NOTHING, KEEPS };

static enum keeps kept_by(const dw_svg_model *m, const dw_svg_row *r)
{
    if (r->kind == DW_SVG_DEPARTURE) return m->hops[r->hop].first ? LABELS : NOTHING;
    return r->kind == DW_SVG_ARRIVAL ? HEADS : OUTSIDE;
}

/* One column, while rows are placed. */
typedef struct stand {
    double last[KEEPS]; /* y of the last row that keeps apart */
    double y;           /* of its last row at this instant, or where that begins */
    enum { NO_PACKET, SOME_PACKET, BEGUN } packets; /* at this instant */
} stand;

typedef struct placing {
    dw_svg_model *m;
    stand *stands;
    uint32_t flying;   /* hops that have left and will arrive */
    double lost_until; /* where the arrow of the last lost hop ends */
} placing;

/* What a host says to itself takes no time, but goes down the page all the same; and where it comes
 * back to the line it left, one thing leaves or comes at a time. */
static double min_of_loop(const placing *p, const dw_svg_row *r, double min)
{
    const dw_svg_hop *h = &p->m->hops[r->hop];
    double other = p->stands[r->column].last[r->kind == DW_SVG_ARRIVAL ? LABELS : HEADS] + ASIDE;
    if (!is_loop(p->m, h)) return min;
    if (h->from == h->to && min < other) min = other;
    double down = p->m->rows[h->departs].y + LOOP;
    return r->kind == DW_SVG_ARRIVAL && min < down ? down : min;
}

/* The least y of a row of the present instant, for all to be legible. */
static double min_y(const placing *p, const dw_svg_row *r)
{
    const double apart[KEEPS] = {ROW, HEAD, OUTSIDE_ROW, 0};
    const stand *s = &p->stands[r->column];
    enum keeps which = kept_by(p->m, r);
    double min = s->last[which] + apart[which];
    if (which == LABELS || which == HEADS) min = min_of_loop(p, r, min);
    if (r->kind == DW_SVG_ARRIVAL && min < p->m->rows[p->m->hops[r->hop].departs].y)
        min = p->m->rows[p->m->hops[r->hop].departs].y;
    return min > s->y ? min : s->y;
}

static void place_row(placing *p, dw_svg_row *r)
{
    stand *s = &p->stands[r->column];
    r->y = s->y = s->last[kept_by(p->m, r)] = min_y(p, r);
}

static bool is_of_packet(const dw_svg_row *r)
{
    return r->kind == DW_SVG_DEPARTURE || r->kind == DW_SVG_ARRIVAL;
}

static void add_break(dw_svg_model *m, double y0, double y1, dw_time length)
{
    dw_svg_break *grown = dw_list_room(m->breaks, m->break_count, sizeof *grown);
    m->failed |= !grown;
    if (!grown) return;
    m->breaks = grown;
    m->breaks[m->break_count++] = (dw_svg_break){y0, y1, length};
}

/* The rows of one instant, first..end, which begins at y.  Each host's first packet leaves or comes
 * where the last of them can: at one height. */
static void place_together(placing *p, size_t first, size_t end, double y)
{
    dw_svg_row *rows = p->m->rows;
    double level = y;
    for (size_t i = first; i < end; i++) {
        p->stands[rows[i].column].y = y;
        p->stands[rows[i].column].packets = NO_PACKET;
    }
    for (size_t i = first; i < end; i++) {
        stand *s = &p->stands[rows[i].column];
        if (s->packets != NO_PACKET) continue;
        if (is_of_packet(&rows[i])) {
            s->packets = SOME_PACKET;
            if (min_y(p, &rows[i]) > level) level = min_y(p, &rows[i]);
        } else {
            place_row(p, &rows[i]);
        }
    }
    for (size_t i = first; i < end; i++) {
        stand *s = &p->stands[rows[i].column];
        if (s->packets == SOME_PACKET && is_of_packet(&rows[i])) {
            s->packets = BEGUN;
            if (s->y < level) s->y = level;
        }
        if (s->packets == BEGUN) place_row(p, &rows[i]);
    }
}

/* Where an instant begins: to scale, where that is not too far to be seen.  *cut: it was. */
static double beginning_of(const placing *p, dw_time at, double *cut)
{
    const dw_svg_instant *last = &p->m->instants[p->m->instant_count - 1];
    double before = last->y1, wanted = (double)(at - last->at) * p->m->scale;
    *cut = -1;
    if (wanted <= LONG) return before + wanted;
    /* A lost hop's arrow needs room before the axis is cut. */
    if (!p->flying && p->lost_until > before) before = p->lost_until;
    *cut = before;
    return before + (p->flying ? ON_THE_WAY : SILENCE);
}

static void count_hops(placing *p, const dw_svg_row *r)
{
    if (r->kind == DW_SVG_ARRIVAL) p->flying--;
    if (r->kind != DW_SVG_DEPARTURE) return;
    if (p->m->hops[r->hop].arrives != DW_SVG_NONE)
        p->flying++;
    else
        p->lost_until = r->y + DW_SVG_FLIGHT;
}

/* Returns the row after the instant's last. */
static size_t place_instant(placing *p, size_t first)
{
    dw_svg_model *m = p->m;
    dw_svg_instant now = {.at = m->rows[first].at};
    dw_svg_instant *grown = dw_list_room(m->instants, m->instant_count, sizeof *grown);
    size_t end = first;
    while (end < m->row_count && m->rows[end].at == now.at)
        end++;
    m->failed |= !grown;
    if (!grown) return end;
    m->instants = grown;
    double cut = -1, y = m->instant_count ? beginning_of(p, now.at, &cut) : 0;
    place_together(p, first, end, y);
    now.y0 = now.y1 = m->rows[first].y;
    for (size_t i = first; i < end; i++) {
        if (m->rows[i].y < now.y0) now.y0 = m->rows[i].y;
        if (m->rows[i].y > now.y1) now.y1 = m->rows[i].y;
        count_hops(p, &m->rows[i]);
    }
    if (cut >= 0) add_break(m, cut, now.y0, now.at - m->instants[m->instant_count - 1].at);
    m->instants[m->instant_count++] = now;
    return end;
}

void dw_svg_place_rows(dw_svg_model *m)
{
    placing p = {.m = m, .stands = calloc(m->column_count, sizeof *p.stands)};
    m->usual = usual_flight(m);
    m->scale = DW_SVG_FLIGHT / (double)m->usual;
    m->failed |= !p.stands;
    for (uint32_t i = 0; !m->failed && i < m->column_count; i++)
        for (int k = 0; k < KEEPS; k++)
            p.stands[i].last[k] = -DW_SVG_FLIGHT;
    for (size_t i = 0; !m->failed && i < m->row_count;)
        i = place_instant(&p, i);
    free(p.stands);
    if (m->failed) return;
    m->height = m->instant_count ? m->instants[m->instant_count - 1].y1 : 0;
    for (uint32_t i = 0; i < m->hop_count; i++) { /* what does not arrive ends somewhere */
        double end = m->rows[m->hops[i].departs].y + DW_SVG_FLIGHT;
        if (m->hops[i].arrives == DW_SVG_NONE && end > m->height) m->height = end;
    }
}

double dw_svg_model_y(const dw_svg_model *m, dw_time at)
{
    size_t low = 0, high = m->instant_count;
    while (low < high) { /* the first instant later than that */
        size_t middle = (low + high) / 2;
        if (m->instants[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0) return 0;
    const dw_svg_instant *before = &m->instants[low - 1];
    if (low == m->instant_count) return before->y1 + (double)(at - before->at) * m->scale;
    const dw_svg_instant *after = before + 1;
    return before->y1 +
           (after->y0 - before->y1) * (double)(at - before->at) / (double)(after->at - before->at);
}
