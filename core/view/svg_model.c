/* The model of an SVG ladder: what it shows.  Where that stands on the axis is svg_place.c's. */
#include "svg_model.h"

#include "base/list.h"
#include "exchange.h"
#include "loopback.h"
#include "order.h"
#include "packet/cause.h"
#include "packet/flow.h"
#include "trace/packets.h"

#include <stdlib.h>
#include <string.h>

static void add_row(dw_svg_model *m, dw_svg_row row)
{
    dw_svg_row *rows = dw_list_room(m->rows, m->row_count, sizeof row);
    m->failed |= !rows;
    if (!rows) return;
    m->rows = rows;
    m->rows[m->row_count++] = row;
}

static bool is_shown(const dw_svg_model *m, const dw_packet_view *v)
{
    return v && dw_cut_shows(&m->cut, v);
}

/* Columns: the hosts that packets touch, neighbours side by side. */

/* What a host needs columns for. */
enum { TOUCHED = 1, BOTH_ENDS = 2 };

static bool is_loop(const dw_packet_view *v)
{
    return v->from == v->sender && v->to == v->sender;
}

static uint8_t *touched_nodes(const dw_svg_model *m)
{
    const dw_trace *trace = m->trace;
    uint8_t *touched = calloc(dw_trace_nodes(trace) + 1, sizeof *touched);
    for (size_t i = 0; touched && i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        bool hop = e->type == DW_TRACE_SENT || e->type == DW_TRACE_DELIVERED;
        if (!hop || e->node >= dw_trace_nodes(trace)) continue;
        const dw_packet_view *v = dw_cut_find(&m->cut, e->packet);
        if (!is_shown(m, v)) continue;
        touched[e->node] |= TOUCHED;
        if (is_loop(v) && dw_loop_packet_side(trace, v, false)) touched[e->node] |= BOTH_ENDS;
        if (is_loop(v) && dw_loop_packet_side(trace, v, true)) touched[e->node] |= BOTH_ENDS;
    }
    return touched;
}

static uint32_t column_at(const dw_svg_model *m, uint32_t node, int side)
{
    for (uint32_t i = 0; i < m->column_count; i++)
        if (m->columns[i].node == node && m->columns[i].side == side) return i;
    return DW_SVG_NONE;
}

/* Where what belongs to a connection, or to none (0), is drawn. */
static uint32_t column_of_conn(const dw_svg_model *m, uint32_t node, uint32_t conn)
{
    bool loop = conn && dw_loop_conn(m->trace, conn);
    return column_at(m, node, loop ? dw_loop_conn_side(m->trace, conn) : 0);
}

/* Where a packet leaves a host, or arrives. */
static uint32_t column_of_packet(const dw_svg_model *m, uint32_t node, const dw_packet_view *v,
                                 bool receiver)
{
    return column_at(m, node, is_loop(v) ? dw_loop_packet_side(m->trace, v, receiver) : 0);
}

/* Whether there are packets at another host as well. */
static bool others(const dw_svg_model *m, uint32_t node, const uint8_t *touched)
{
    for (uint32_t i = 0; i < dw_trace_nodes(m->trace); i++)
        if (i != node && touched[i]) return true;
    return false;
}

/* The other end of what a host says to itself stands where it is in nobody's way, before the first
 * host or behind its own. */
static void place_node(dw_svg_model *m, uint32_t node, const uint8_t *touched)
{
    if (!touched[node]) return;
    bool both = touched[node] & BOTH_ENDS,
         before = both && m->column_count == 0 && others(m, node, touched);
    if (before) m->columns[m->column_count++] = (dw_svg_column){.node = node, .side = 1};
    m->columns[m->column_count++].node = node;
    if (both && !before) m->columns[m->column_count++] = (dw_svg_column){.node = node, .side = 1};
}

/* A socket that is its own peer needs no second column. */
static bool speaks_to_itself(const dw_svg_model *m)
{
    for (size_t i = 0; i < m->cut.count; i++)
        if (is_shown(m, &m->cut.packets[i]) && is_loop(&m->cut.packets[i])) return true;
    return false;
}

/* Where packets reached nobody, those whom they were for stand opposite of who sent them. */
static void touch_peers(const dw_svg_model *m, uint8_t *touched)
{
    uint32_t count = 0, nodes = dw_trace_nodes(m->trace);
    for (uint32_t i = 0; i < nodes; i++)
        count += touched[i] != 0;
    for (size_t i = 0; count == 1 && i < m->cut.count; i++) {
        const dw_packet_view *v = &m->cut.packets[i];
        bool sent = v->sender >= 0 && touched[v->sender];
        if (sent && is_shown(m, v) && v->to >= 0) touched[v->to] |= TOUCHED;
    }
}

/* An address that no host has stands there as it is. */
static void place_address(dw_svg_model *m)
{
    const dw_packet_view *v = NULL;
    for (size_t i = 0; i < m->cut.count && !v; i++)
        if (is_shown(m, &m->cut.packets[i])) v = &m->cut.packets[i];
    if (m->column_count != 1 || !v || v->to >= 0 || v->from < 0) return;
    dw_addr_format(&v->d.dst, m->peer, sizeof m->peer);
    const dw_svg_column peer = {.node = DW_SVG_NONE};
    bool left = m->picture->right_given && m->picture->right == m->columns[0].node;
    if (left) m->columns[1] = m->columns[0];
    m->columns[left ? 0 : 1] = peer;
    m->column_count = 2;
}

/* The connection whose ends stand at the edges: one that is in the part that is shown. */
static uint32_t order_conn(const dw_cut *cut)
{
    if (cut->picture->conn || cut->whole) return cut->picture->conn;
    return dw_cut_first_conn(cut);
}

uint32_t *dw_svg_order(const dw_cut *cut)
{
    if (cut->ends[0] >= 0) return dw_path_order_between(cut->trace, cut->ends);
    return dw_path_order(cut->trace, order_conn(cut));
}

static int place_columns(dw_svg_model *m)
{
    uint8_t *touched = touched_nodes(m);
    uint32_t *order = dw_svg_order(&m->cut);
    m->columns = calloc(2 * (size_t)dw_trace_nodes(m->trace) + 1, sizeof *m->columns);
    bool found = touched && order && m->columns;
    if (found) touch_peers(m, touched);
    for (uint32_t i = 0; found && i < dw_trace_nodes(m->trace); i++)
        place_node(m, order[i], touched);
    free(touched);
    free(order);
    if (!found) return DW_E_NOMEM;
    place_address(m);
    return m->column_count >= 2 || speaks_to_itself(m) ? DW_OK : DW_E_NOENT;
}

/* Rows and hops. */

typedef struct builder {
    dw_svg_model *m;
    const dw_trace_event **links;
    size_t event;       /* index of the one that is looked at */
    dw_svg_row *before; /* by connection: its state before the part that is shown */
    size_t *receiving;  /* by column: index + 1 of the arrival that changes of state belong to */
    bool begun;
} builder;

static uint32_t other_end(const builder *b, uint32_t link, uint32_t node)
{
    for (size_t i = 0; b->links[i]; i++)
        if (b->links[i]->link == link)
            return b->links[i]->u.link.a == node ? b->links[i]->u.link.b : b->links[i]->u.link.a;
    return DW_SVG_NONE;
}

/* A hop begins.  Where its other end is no column (a host that shows no packets, a link that is not
 * in the trace), it points to the neighbour. */
static void on_sent(builder *b, const dw_trace_event *e)
{
    dw_svg_model *m = b->m;
    const dw_packet_view *v = dw_cut_find(&m->cut, e->packet);
    if (!is_shown(m, v)) return;
    uint32_t there = other_end(b, e->link, e->node);
    uint32_t from = column_of_packet(m, e->node, v, false);
    uint32_t to = there == DW_SVG_NONE ? DW_SVG_NONE : column_of_packet(m, there, v, true);
    if (from == DW_SVG_NONE) return;
    if (to == DW_SVG_NONE) to = from + 1 < m->column_count ? from + 1 : from - 1;
    b->receiving[from] = 0;
    dw_svg_hop *hops = dw_list_room(m->hops, m->hop_count, sizeof *hops);
    m->failed |= !hops;
    if (!hops) return;
    m->hops = hops;
    dw_svg_hop *h = &m->hops[m->hop_count];
    *h = (dw_svg_hop){.packet = v,
                      .from = from,
                      .to = to,
                      .departs = (uint32_t)m->row_count,
                      .arrives = DW_SVG_NONE,
                      .first = v->sender == (int32_t)e->node || e->type == DW_TRACE_DUPLICATED};
    bool rule = dw_cause_is(v->cause, &dw_cause_inject);
    h->injected = h->first && (rule || e->type == DW_TRACE_DUPLICATED);
    dw_label(&m->labels, v, h->label, sizeof h->label);
    add_row(m, (dw_svg_row){
                   .at = e->at, .column = from, .kind = DW_SVG_DEPARTURE, .hop = m->hop_count});
    m->hop_count++;
}

/* The latest hop of a packet that is still under way; to a column, or to any. */
static dw_svg_hop *under_way(dw_svg_model *m, uint64_t number, uint32_t to)
{
    for (uint32_t i = m->hop_count; i-- > 0;) {
        dw_svg_hop *h = &m->hops[i];
        if (h->packet->number != number) continue;
        if (h->arrives == DW_SVG_NONE && !h->lost && (to == DW_SVG_NONE || h->to == to)) return h;
    }
    return NULL;
}

static void on_delivered(builder *b, const dw_trace_event *e)
{
    dw_svg_model *m = b->m;
    const dw_packet_view *v = dw_cut_find(&m->cut, e->packet);
    uint32_t column = v ? column_of_packet(m, e->node, v, true) : DW_SVG_NONE;
    dw_svg_hop *h = under_way(m, e->packet, column);
    if (!h) return;
    h->arrives = (uint32_t)m->row_count;
    h->certainty = e->certainty;
    add_row(m, (dw_svg_row){.at = e->at,
                            .column = column,
                            .kind = DW_SVG_ARRIVAL,
                            .hop = (uint32_t)(h - m->hops)});
    b->receiving[column] = m->row_count;
}

static void on_dropped(builder *b, const dw_trace_event *e)
{
    dw_svg_model *m = b->m;
    dw_svg_hop *h = under_way(m, e->packet, DW_SVG_NONE);
    if (h) {
        h->lost = e->cause;
        h->certainty = e->certainty;
        return;
    }
    for (uint32_t i = m->hop_count; i-- > 0;)
        if (m->hops[i].packet->number == e->packet) {
            m->hops[i].refused = e->cause;
            return;
        }
}

static void on_unknown(builder *b, const dw_trace_event *e)
{
    dw_svg_hop *h = under_way(b->m, e->packet, DW_SVG_NONE);
    if (h) h->unknown = true;
}

static bool state_row(const dw_svg_model *m, const dw_trace_event *e, dw_svg_row *out)
{
    *out = (dw_svg_row){.at = e->at,
                        .column = column_of_conn(m, e->node, e->conn),
                        .kind = DW_SVG_STATE,
                        .conn = e->conn,
                        .certainty = e->certainty,
                        .text = e->u.state.to,
                        .from = e->u.state.from};
    return out->column != DW_SVG_NONE && !m->picture->no_states;
}

/* The state that a connection came to by the same arrival; NULL: none.  It lasted no time, and so
 * ladders in text do not have it either (exchange.c). */
static dw_svg_row *passed_state(const builder *b, const dw_svg_row *now)
{
    size_t arrival = b->receiving[now->column];
    if (!arrival || b->m->rows[arrival - 1].at != now->at) return NULL;
    for (size_t i = arrival; i < b->m->row_count; i++) {
        dw_svg_row *r = &b->m->rows[i];
        if (r->kind == DW_SVG_STATE && r->conn == now->conn) return r;
    }
    return NULL;
}

static void on_state(builder *b, const dw_trace_event *e)
{
    dw_svg_row row;
    if (!dw_cut_shows_event(&b->m->cut, b->event) || !state_row(b->m, e, &row)) return;
    dw_svg_row *passed = passed_state(b, &row);
    b->m->columns[row.column].has_states = true;
    if (passed) {
        passed->text = row.text;
        passed->certainty = row.certainty;
    } else {
        add_row(b->m, row);
    }
}

/* The part that is shown of one end may begin when that of another has. */
static void note_before(builder *b, size_t index)
{
    const dw_trace_event *e = dw_trace_at(b->m->trace, index);
    dw_svg_row row;
    if (e->type != DW_TRACE_STATE || !dw_cut_before(&b->m->cut, e->conn, index)) return;
    if (dw_cut_shows_conn(&b->m->cut, e->conn) && state_row(b->m, e, &row))
        b->before[e->conn] = row;
}

/* A part of the trace begins with the states that there are. */
static void begin_part(builder *b, dw_time at)
{
    b->begun = true;
    for (uint32_t conn = 1; conn <= dw_trace_conns(b->m->trace); conn++) {
        dw_svg_row row = b->before[conn];
        if (!row.text) continue;
        row.at = at;
        row.from = row.text;
        b->m->columns[row.column].has_states = true;
        add_row(b->m, row);
    }
}

/* Whether an event is the first thing that is shown. */
static bool begins(const builder *b, const dw_trace_event *e)
{
    if (b->begun) return false;
    if (e->type == DW_TRACE_SENT) return is_shown(b->m, dw_cut_find(&b->m->cut, e->packet));
    return (e->type == DW_TRACE_STATE || e->type == DW_TRACE_CALL) &&
           dw_cut_shows_event(&b->m->cut, b->event);
}

static void on_call(builder *b, const dw_trace_event *e)
{
    static const char *const quiet[] = {"send", "recv", "listen", "accept"};
    uint32_t column = column_of_conn(b->m, e->node, e->conn);
    if (column == DW_SVG_NONE) return;
    b->receiving[column] = 0;
    if (!dw_chosen(b->m->picture->calls, true)) return;
    if (!dw_cut_shows_event(&b->m->cut, b->event)) return;
    for (size_t i = 0; i < sizeof quiet / sizeof quiet[0]; i++)
        if (strcmp(quiet[i], e->u.call.name) == 0) return;
    add_row(b->m, (dw_svg_row){
                      .at = e->at, .column = column, .kind = DW_SVG_CALL, .text = e->u.call.name});
}

/* Timers that do something by themselves; the others show in what is sent. */
static void on_timer(builder *b, const dw_trace_event *e)
{
    uint32_t column = column_of_conn(b->m, e->node, e->conn);
    if (column == DW_SVG_NONE) return;
    b->receiving[column] = 0;
    if (b->m->picture->no_states || !dw_chosen(b->m->picture->calls, true)) return;
    if (!dw_cut_shows_event(&b->m->cut, b->event)) return;
    add_row(
        b->m,
        (dw_svg_row){.at = e->at, .column = column, .kind = DW_SVG_TIMER, .text = e->u.timer.name});
}

/* One that is set for a cause that figures have words for. */
static void on_timer_set(builder *b, const dw_trace_event *e)
{
    uint32_t column = column_of_conn(b->m, e->node, e->conn);
    const char *words = dw_label_figure(&b->m->labels, e->cause, e->conn);
    if (!words || column == DW_SVG_NONE || b->m->picture->no_states) return;
    if (!dw_cut_shows_event(&b->m->cut, b->event)) return;
    add_row(b->m,
            (dw_svg_row){.at = e->at, .column = column, .kind = DW_SVG_RESTART, .text = words});
}

/* What is not drawn is not the picture's: queues show in times, marks in labels, notes nowhere. */
static void on_event(builder *b, const dw_trace_event *e)
{
    if (begins(b, e)) begin_part(b, e->at);
    switch ((enum dw_trace_type)e->type) {
    case DW_TRACE_SENT:
    case DW_TRACE_DUPLICATED: on_sent(b, e); return;
    case DW_TRACE_DELIVERED: on_delivered(b, e); return;
    case DW_TRACE_DROPPED: on_dropped(b, e); return;
    case DW_TRACE_UNKNOWN: on_unknown(b, e); return;
    case DW_TRACE_STATE: on_state(b, e); return;
    case DW_TRACE_CALL: on_call(b, e); return;
    case DW_TRACE_TIMER_FIRED: on_timer(b, e); return;
    case DW_TRACE_TIMER_SET: on_timer_set(b, e); return;
    case DW_TRACE_NODE:
    case DW_TRACE_LINK:
    case DW_TRACE_CONN:
    case DW_TRACE_QUEUED:
    case DW_TRACE_DAMAGED:
    case DW_TRACE_MARKED:
    case DW_TRACE_VARIABLE:
    case DW_TRACE_DETAIL:
    case DW_TRACE_TIMER_CANCELLED:
    case DW_TRACE_NOTE:
    case DW_TRACE_TYPES: return;
    }
}

static int walk(dw_svg_model *m)
{
    size_t count = dw_trace_count(m->trace), links = 0;
    builder b = {.m = m};
    b.links = calloc(count + 1, sizeof *b.links);
    b.before = calloc((size_t)dw_trace_conns(m->trace) + 1, sizeof *b.before);
    b.receiving = calloc(m->column_count, sizeof *b.receiving);
    m->failed |= !b.links || !b.before || !b.receiving;
    /* First all links: a hop's other end may be told after it, in an import. */
    for (size_t i = 0; i < count && !m->failed; i++)
        if (dw_trace_at(m->trace, i)->type == DW_TRACE_LINK)
            b.links[links++] = dw_trace_at(m->trace, i);
    for (size_t i = 0; i < count && !m->failed; i++)
        note_before(&b, i);
    for (; b.event < count && !m->failed; b.event++)
        on_event(&b, dw_trace_at(m->trace, b.event));
    free(b.links);
    free(b.before);
    free(b.receiving);
    return m->failed ? DW_E_NOMEM : DW_OK;
}

int dw_svg_cut(const dw_trace *trace, const dw_picture *p, dw_cut *out)
{
    int32_t ends[2] = {-1, -1};
    bool given = p->left_given || p->right_given;
    int status = given ? dw_exchange_ends(trace, p, ends) : DW_OK;
    return status == DW_OK ? dw_cut_build(trace, p, ends[0], ends[1], out) : status;
}

int dw_svg_model_build(const dw_trace *trace, const dw_picture *picture, dw_svg_model *out)
{
    *out = (dw_svg_model){.trace = trace, .picture = picture, .flight = DW_SVG_FLIGHT};
    int status = dw_svg_cut(trace, picture, &out->cut);
    if (status == DW_OK) status = place_columns(out);
    if (status != DW_OK) return status;
    bool one = out->column_count == 1, two = out->column_count == 2;
    bool loop = one || (two && out->columns[0].node == out->columns[1].node);
    status = dw_labels_begin(&out->labels, &out->cut, out->columns[0].node, loop, false);
    if (status == DW_OK) status = dw_labels_number_named(&out->labels);
    if (status == DW_OK) status = walk(out);
    if (status == DW_OK) dw_svg_place_rows(out);
    if (status == DW_OK && !out->failed) dw_svg_find_sides(out);
    return out->failed ? DW_E_NOMEM : status;
}

void dw_svg_model_free(dw_svg_model *m)
{
    free(m->columns);
    free(m->rows);
    free(m->instants);
    free(m->hops);
    free(m->breaks);
    free(m->bars);
    free(m->words);
    dw_labels_end(&m->labels);
    dw_cut_free(&m->cut);
    *m = (dw_svg_model){0};
}
