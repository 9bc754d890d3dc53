/* What stands at the hosts of a picture: bars for the states of their connections, and beside them
 * states, calls and timers in words. */
#include "base/list.h"
#include "packet/protocols.h"
#include "svg_model.h"
#include "trace/trace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double TOP = -8;         /* where the bar of one that waits begins */
static const double FIRST_WORD = -14; /* where the state before everything stands */

/* A connection's present bar. */
typedef struct lane {
    uint32_t conn; /* 0: the lane is free */
    double since;
    const char *state;
    uint8_t certainty; /* enum dw_certainty, of the state */
} lane;

/* In a lane's conn: who listens there, for several connections, while they come and go. */
static const uint32_t LISTENER = UINT32_MAX;

typedef struct builder {
    dw_svg_model *m;
    lane *lanes;       /* DW_SVG_LANES for each column */
    uint32_t *conns;   /* by column: how many connections have states there */
    bool *among;       /* by connection: it is one of these */
    bool side_by_side; /* some host has two at once */
} builder;

static lane *lanes_of(const builder *b, uint32_t column)
{
    return b->lanes + (size_t)column * DW_SVG_LANES;
}

static bool has_listener(const builder *b, uint32_t column)
{
    return lanes_of(b, column)->conn == LISTENER;
}

static enum dw_state_class class_of(const builder *b, const lane *l)
{
    if (l->conn == LISTENER) return DW_STATE_LISTENING;
    return dw_state_class(dw_trace_protocol(b->m->trace, l->conn), l->state);
}

/* What has no bar: what is closed, and what waits as the listener beside it does. */
static bool is_blank(const builder *b, uint32_t column, const lane *l)
{
    enum dw_state_class class = class_of(b, l);
    if (class == DW_STATE_LISTENING) return l->conn != LISTENER && has_listener(b, column);
    return class == DW_STATE_CLOSED;
}

static size_t lane_of(const builder *b, uint32_t column, uint32_t conn)
{
    const lane *lanes = lanes_of(b, column);
    for (size_t i = 0; i < DW_SVG_LANES; i++)
        if (lanes[i].conn == conn) return i;
    for (size_t i = 0; i < DW_SVG_LANES; i++)
        if (lanes[i].conn == 0 || is_blank(b, column, &lanes[i])) return i;
    return DW_SVG_LANES - 1;
}

static void add_bar(builder *b, uint32_t column, size_t index, double y1)
{
    const double least = 0.5;
    dw_svg_model *m = b->m;
    const lane *l = &lanes_of(b, column)[index];
    if (!l->conn || is_blank(b, column, l) || y1 - l->since < least) return;
    dw_svg_bar *grown = dw_list_room(m->bars, m->bar_count, sizeof *grown);
    m->failed |= !grown;
    if (!grown) return;
    m->bars = grown;
    dw_svg_bar *bar = &m->bars[m->bar_count++];
    *bar = (dw_svg_bar){.column = column,
                        .lane = (uint32_t)index,
                        .y0 = l->since,
                        .y1 = y1,
                        .state = l->state,
                        .class = class_of(b, l),
                        .certainty = l->certainty};
    if (l->conn != LISTENER) bar->conn = l->conn;
    if (m->columns[column].lanes <= index) m->columns[column].lanes = (uint32_t)index + 1;
}

/* Beside the outermost bar of its host. */
static void add_word(builder *b, const dw_svg_row *r, double y, const char *text)
{
    dw_svg_model *m = b->m;
    dw_svg_word word = {.column = r->column, .y = y, .kind = r->kind, .conn = r->conn};
    const lane *lanes = lanes_of(b, r->column);
    for (uint32_t i = 1; i < DW_SVG_LANES; i++)
        if (lanes[i].conn) word.lane = i;
    word.inferred = r->kind == DW_SVG_STATE && r->certainty != DW_OBSERVED;
    snprintf(word.text, sizeof word.text, "%s", text);
    dw_svg_word *grown = dw_list_room(m->words, m->word_count, sizeof word);
    m->failed |= !grown;
    if (!grown) return;
    m->words = grown;
    m->words[m->word_count++] = word;
}

/* The first state that is told of began with its connection, or at the top where it waited for one.
 */
static void begin_lane(builder *b, const dw_svg_row *r, lane *l, bool first)
{
    const dw_protocol_ops *protocol = dw_trace_protocol(b->m->trace, r->conn);
    bool waits = dw_state_class(protocol, r->from) == DW_STATE_LISTENING;
    *l = (lane){.conn = r->conn, .since = waits && first ? TOP : r->y, .state = r->from};
    /* Both ends begin with a word: where one listens, the other is closed. */
    if (first && (waits || class_of(b, l) == DW_STATE_CLOSED)) {
        dw_svg_row before = *r;
        before.conn = 0;
        add_word(b, &before, FIRST_WORD, dw_label_word(&b->m->labels, r->from));
    }
}

/* The bar of the state before ends here. */
static void change_state(builder *b, const dw_svg_row *r)
{
    size_t index = lane_of(b, r->column, r->conn), first = has_listener(b, r->column);
    lane *l = &lanes_of(b, r->column)[index];
    if (l->conn != r->conn) {
        add_bar(b, r->column, index, r->y);
        begin_lane(b, r, l, index == first && !l->conn);
    }
    add_bar(b, r->column, index, r->y);
    *l = (lane){r->conn, r->y, r->text, r->certainty};
    if (index > first) b->side_by_side = true;
    char text[sizeof((dw_svg_word *)0)->text];
    snprintf(text, sizeof text, "%s%s", dw_label_word(&b->m->labels, r->text),
             r->certainty == DW_LIKELY ? "?" : "");
    add_word(b, r, r->y, text);
}

/* Where several connections come to one that listens, that is there all the time, in the first
 * lane; a single one is what the listener becomes, as textbooks draw it. */
static void find_listeners(builder *b)
{
    for (size_t i = 0; i < b->m->row_count; i++) {
        const dw_svg_row *r = &b->m->rows[i];
        if (r->kind != DW_SVG_STATE || b->among[r->conn]) continue;
        b->among[r->conn] = true;
        b->conns[r->column]++;
        const dw_protocol_ops *protocol = dw_trace_protocol(b->m->trace, r->conn);
        lane *l = lanes_of(b, r->column);
        if (dw_state_class(protocol, r->from) != DW_STATE_LISTENING) continue;
        if (!l->state) *l = (lane){.since = TOP, .state = r->from};
    }
    for (uint32_t c = 0; c < b->m->column_count; c++) {
        lane *l = lanes_of(b, c);
        if (b->conns[c] > 1 && l->state)
            l->conn = LISTENER;
        else
            *l = (lane){0};
    }
}

/* Tags. */

/* Whom a connection is with: a host, or an address. */
static void name_peer(const dw_svg_model *m, uint32_t conn, char *buf, size_t size)
{
    char address[DW_ADDR_TEXT];
    int32_t peer = dw_trace_conn_peer(m->trace, conn);
    const char *name = peer >= 0 ? dw_trace_node_name(m->trace, (uint32_t)peer) : NULL;
    if (!name)
        name = dw_addr_format(&dw_trace_conn(m->trace, conn)->u.conn.flow.remote, address,
                              sizeof address);
    snprintf(buf, size, "%s", name);
}

/* Whether connections of a host are with one peer, and whether with several. */
static void compare_peers(const builder *b, uint32_t column, uint32_t conn, bool *same, bool *other)
{
    char own[DW_SVG_TAG], name[DW_SVG_TAG];
    name_peer(b->m, conn, own, sizeof own);
    *same = *other = false;
    for (uint32_t k = 1; k <= dw_trace_conns(b->m->trace); k++) {
        if (k == conn || !b->among[k]) continue;
        if (dw_trace_conn(b->m->trace, k)->node != b->m->columns[column].node) continue;
        name_peer(b->m, k, name, sizeof name);
        bool equal = strcmp(own, name) == 0;
        *same |= equal;
        *other |= !equal;
    }
}

/* "Anna", "49152", "Anna 49152" */
static void tag_of(const builder *b, uint32_t column, uint32_t conn, char buf[DW_SVG_TAG])
{
    char peer[DW_SVG_TAG] = "", port[24] = "";
    bool same, other;
    *buf = 0;
    if (!conn || !b->side_by_side || b->conns[column] < 2) return;
    compare_peers(b, column, conn, &same, &other);
    if (other) name_peer(b->m, conn, peer, sizeof peer - sizeof port);
    if (same) dw_label_conn(&b->m->labels, conn, port, sizeof port);
    snprintf(buf, DW_SVG_TAG, "%.*s%s%s", (int)(DW_SVG_TAG - sizeof port - 1), peer,
             *peer && *port ? " " : "", port);
}

/* In front of its states, where connections of one host stand side by side: as labels have it. */
static void add_tags(const builder *b)
{
    dw_svg_model *m = b->m;
    for (size_t i = 0; i < m->bar_count; i++)
        tag_of(b, m->bars[i].column, m->bars[i].conn, m->bars[i].tag);
    for (size_t i = 0; i < m->word_count; i++) {
        dw_svg_word *w = &m->words[i];
        char tag[DW_SVG_TAG], text[sizeof w->text];
        if (w->kind != DW_SVG_STATE) continue;
        tag_of(b, w->column, w->conn, tag);
        snprintf(text, sizeof text, "%s", w->text);
        if (*tag) snprintf(w->text, sizeof w->text, "%s: %.60s", tag, text);
    }
}

static void add_doing(builder *b, const dw_svg_row *r)
{
    char text[sizeof((dw_svg_word *)0)->text];
    if (r->kind == DW_SVG_CALL)
        snprintf(text, sizeof text, "%s()", r->text);
    else if (r->kind == DW_SVG_RESTART)
        snprintf(text, sizeof text, "%s", r->text);
    else
        dw_label_phrase(&b->m->labels, "%s timer", dw_label_word(&b->m->labels, r->text), NULL,
                        text, sizeof text);
    add_word(b, r, r->y, text);
}

/* Where a line from (x0, y0) is at x. */
static double height_at(double x0, double y0, double x1, double y1, double x)
{
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
}

/* Whether a hop's line passes a height between two places, in columns. */
static bool passes(const dw_svg_model *m, const dw_svg_hop *h, double left, double right, double y)
{
    const double near = 8;
    double part = dw_svg_part(h), x0 = h->from, x1 = x0 + ((double)h->to - x0) * part;
    double y0 = m->rows[h->departs].y, y1 = y0 + (dw_svg_end(m, h) - y0) * part;
    left = fmax(left, fmin(x0, x1));
    right = fmin(right, fmax(x0, x1));
    if (right <= left) return false;
    double a = height_at(x0, y0, x1, y1, left), b = height_at(x0, y0, x1, y1, right);
    return fmax(a, b) >= y - near && fmin(a, b) <= y + near;
}

int dw_svg_quiet_side(const dw_svg_model *m, uint32_t column, double y, double part)
{
    int left = 0, right = 0;
    for (uint32_t i = 0; i < m->hop_count; i++) {
        left += passes(m, &m->hops[i], column - part, column, y);
        right += passes(m, &m->hops[i], column, column + part, y);
    }
    return left < right ? -1 : 1;
}

void dw_svg_find_sides(dw_svg_model *m)
{
    builder b = {.m = m};
    b.lanes = calloc((size_t)m->column_count * DW_SVG_LANES, sizeof *b.lanes);
    b.conns = calloc(m->column_count, sizeof *b.conns);
    b.among = calloc((size_t)dw_trace_conns(m->trace) + 1, sizeof *b.among);
    m->failed |= !b.lanes || !b.conns || !b.among;
    if (!m->failed) find_listeners(&b);
    for (size_t i = 0; !m->failed && i < m->row_count; i++) {
        const dw_svg_row *r = &m->rows[i];
        if (r->kind == DW_SVG_STATE) change_state(&b, r);
        if (r->kind >= DW_SVG_CALL) add_doing(&b, r);
    }
    for (uint32_t c = 0; !m->failed && c < m->column_count; c++)
        for (size_t i = 0; i < DW_SVG_LANES; i++)
            add_bar(&b, c, i, m->height + DW_SVG_AFTER);
    if (!m->failed) add_tags(&b);
    free(b.lanes);
    free(b.conns);
    free(b.among);
}
