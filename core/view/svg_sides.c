/* What stands at the hosts of a picture: bars for the states of their connections, and beside them
 * states, calls and timers in words. */
#include "base/list.h"
#include "packet/protocols.h"
#include "svg_model.h"
#include "trace/trace.h"

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

typedef struct builder {
    dw_svg_model *m;
    lane *lanes; /* DW_SVG_LANES for each column */
} builder;

static lane *lanes_of(const builder *b, uint32_t column)
{
    return b->lanes + (size_t)column * DW_SVG_LANES;
}

static enum dw_state_class class_of(const builder *b, const lane *l)
{
    return dw_state_class(dw_trace_protocol(b->m->trace, l->conn), l->state);
}

static bool is_closed(const builder *b, const lane *l)
{
    return class_of(b, l) == DW_STATE_CLOSED;
}

static size_t lane_of(const builder *b, uint32_t column, uint32_t conn)
{
    const lane *lanes = lanes_of(b, column);
    for (size_t i = 0; i < DW_SVG_LANES; i++)
        if (lanes[i].conn == conn) return i;
    for (size_t i = 0; i < DW_SVG_LANES; i++)
        if (lanes[i].conn == 0 || is_closed(b, &lanes[i])) return i;
    return DW_SVG_LANES - 1;
}

static void add_bar(builder *b, uint32_t column, size_t index, double y1)
{
    const double least = 0.5;
    dw_svg_model *m = b->m;
    const lane *l = &lanes_of(b, column)[index];
    if (!l->conn || is_closed(b, l) || y1 - l->since < least) return;
    dw_svg_bar *grown = dw_list_room(m->bars, m->bar_count, sizeof *grown);
    m->failed |= !grown;
    if (!grown) return;
    m->bars = grown;
    m->bars[m->bar_count++] =
        (dw_svg_bar){column, (uint32_t)index, l->since, y1, l->state, class_of(b, l), l->certainty};
    if (m->columns[column].lanes <= index) m->columns[column].lanes = (uint32_t)index + 1;
}

/* Beside the outermost bar of its host. */
static void add_word(builder *b, const dw_svg_row *r, double y, const char *text)
{
    dw_svg_model *m = b->m;
    dw_svg_word word = {.column = r->column, .y = y, .kind = r->kind};
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
    if (first && (waits || is_closed(b, l)))
        add_word(b, r, FIRST_WORD, dw_label_word(&b->m->labels, r->from));
}

/* The bar of the state before ends here. */
static void change_state(builder *b, const dw_svg_row *r)
{
    size_t index = lane_of(b, r->column, r->conn);
    lane *l = &lanes_of(b, r->column)[index];
    if (l->conn != r->conn) {
        add_bar(b, r->column, index, r->y);
        begin_lane(b, r, l, index == 0 && !l->conn);
    }
    add_bar(b, r->column, index, r->y);
    *l = (lane){r->conn, r->y, r->text, r->certainty};
    char text[sizeof((dw_svg_word *)0)->text], conn[16] = "";
    if (index > 0) snprintf(conn, sizeof conn, "  #%u", r->conn);
    snprintf(text, sizeof text, "%s%s%s", dw_label_word(&b->m->labels, r->text),
             r->certainty == DW_LIKELY ? "?" : "", conn);
    add_word(b, r, r->y, text);
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

double dw_svg_astride(const dw_svg_model *m, const dw_svg_bar *bar, double wide, double apart)
{
    double all = (double)(m->columns[bar->column].lanes - 1) * apart + wide;
    return (double)bar->lane * apart - all / 2.0;
}

void dw_svg_find_sides(dw_svg_model *m)
{
    builder b = {m, calloc((size_t)m->column_count * DW_SVG_LANES, sizeof *b.lanes)};
    m->failed |= !b.lanes;
    for (size_t i = 0; !m->failed && i < m->row_count; i++) {
        const dw_svg_row *r = &m->rows[i];
        if (r->kind == DW_SVG_STATE) change_state(&b, r);
        if (r->kind >= DW_SVG_CALL) add_doing(&b, r);
    }
    for (uint32_t c = 0; !m->failed && c < m->column_count; c++)
        for (size_t i = 0; i < DW_SVG_LANES; i++)
            add_bar(&b, c, i, m->height + DW_SVG_AFTER);
    free(b.lanes);
}
