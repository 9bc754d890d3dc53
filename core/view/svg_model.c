/* The model of an SVG ladder: what it shows.  Where that stands on the axis is svg_place.c's. */
#include "svg_model.h"

#include "base/list.h"
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

static bool is_of_flow(const dw_flow *f, const dw_dissection *d)
{
    dw_flow_end sender = dw_sender_end(d), receiver = dw_other_end(sender);
    return dw_flow_at_end(f, &sender) || dw_flow_at_end(f, &receiver);
}

/* The connection of a packet's sender, or else of its receiver. */
static bool of_connection(const dw_svg_model *m, uint32_t conn, const dw_packet_view *v)
{
    const dw_trace_event *c = conn ? dw_trace_conn(m->trace, conn) : NULL;
    if (!c) return true;
    const dw_flow *f = &c->u.conn.flow;
    dw_dissection changed;
    return is_of_flow(f, &v->d) ||
           (dw_view_readdressed(m->trace, v, &changed) && is_of_flow(f, &changed));
}

static bool is_shown(const dw_svg_model *m, const dw_svg_config *c, const dw_packet_view *v)
{
    if (!v || !of_connection(m, c->conn, v)) return false;
    if (c->from_packet && v->number < c->from_packet) return false;
    return !c->to_packet || v->number <= c->to_packet;
}

/* Columns: the hosts that packets touch, neighbours side by side. */

/* What a host needs columns for. */
enum { TOUCHED = 1, BOTH_ENDS = 2 };

static bool is_loop(const dw_packet_view *v)
{
    return v->from == v->sender && v->to == v->sender;
}

static uint8_t *touched_nodes(const dw_svg_model *m, const dw_svg_config *config)
{
    const dw_trace *trace = m->trace;
    uint8_t *touched = calloc(dw_trace_nodes(trace) + 1, sizeof *touched);
    for (size_t i = 0; touched && i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        bool hop = e->type == DW_TRACE_SENT || e->type == DW_TRACE_DELIVERED;
        if (!hop || e->node >= dw_trace_nodes(trace)) continue;
        const dw_packet_view *v = dw_view_numbered(m->packets, m->packet_count, e->packet);
        if (!is_shown(m, config, v)) continue;
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
static bool speaks_to_itself(const dw_svg_model *m, const dw_svg_config *config)
{
    for (size_t i = 0; i < m->packet_count; i++)
        if (is_shown(m, config, &m->packets[i]) && is_loop(&m->packets[i])) return true;
    return false;
}

static int place_columns(dw_svg_model *m, const dw_svg_config *config)
{
    uint8_t *touched = touched_nodes(m, config);
    uint32_t *order = dw_path_order(m->trace, config->conn);
    m->columns = calloc(2 * (size_t)dw_trace_nodes(m->trace) + 1, sizeof *m->columns);
    bool found = touched && order && m->columns;
    for (uint32_t i = 0; found && i < dw_trace_nodes(m->trace); i++)
        place_node(m, order[i], touched);
    free(touched);
    free(order);
    if (!found) return DW_E_NOMEM;
    return m->column_count >= 2 || speaks_to_itself(m, config) ? DW_OK : DW_E_NOENT;
}

/* Rows and hops. */

typedef struct builder {
    dw_svg_model *m;
    const dw_svg_config *config;
    dw_labels labels;
    const dw_trace_event **links;
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
    const dw_packet_view *v = dw_view_numbered(m->packets, m->packet_count, e->packet);
    if (!is_shown(m, b->config, v)) return;
    dw_isn_learn(&b->labels.isn, m->trace, v);
    uint32_t there = other_end(b, e->link, e->node);
    uint32_t from = column_of_packet(m, e->node, v, false);
    uint32_t to = there == DW_SVG_NONE ? DW_SVG_NONE : column_of_packet(m, there, v, true);
    if (from == DW_SVG_NONE) return;
    if (to == DW_SVG_NONE) to = from + 1 < m->column_count ? from + 1 : from - 1;
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
    dw_label(&b->labels, v, h->label, sizeof h->label);
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
    const dw_packet_view *v = dw_view_numbered(m->packets, m->packet_count, e->packet);
    uint32_t column = v ? column_of_packet(m, e->node, v, true) : DW_SVG_NONE;
    dw_svg_hop *h = under_way(m, e->packet, column);
    if (!h) return;
    h->arrives = (uint32_t)m->row_count;
    h->certainty = e->certainty;
    add_row(m, (dw_svg_row){.at = e->at,
                            .column = column,
                            .kind = DW_SVG_ARRIVAL,
                            .hop = (uint32_t)(h - m->hops)});
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

static bool same_connection(const builder *b, uint32_t conn)
{
    const dw_trace_event *c = b->config->conn ? dw_trace_conn(b->m->trace, b->config->conn) : NULL;
    const dw_trace_event *other = c ? dw_trace_conn(b->m->trace, conn) : NULL;
    if (!c || conn == b->config->conn) return true;
    if (!other) return false;
    const dw_flow *f = &c->u.conn.flow;
    const dw_flow_end peer = {&f->remote, &f->local, f->remote_port, f->local_port};
    return dw_flow_at_end(&other->u.conn.flow, &peer);
}

static void on_state(builder *b, const dw_trace_event *e)
{
    uint32_t column = column_of_conn(b->m, e->node, e->conn);
    if (column == DW_SVG_NONE || !same_connection(b, e->conn)) return;
    b->m->columns[column].has_states = true;
    add_row(b->m, (dw_svg_row){.at = e->at,
                               .column = column,
                               .kind = DW_SVG_STATE,
                               .conn = e->conn,
                               .certainty = e->certainty,
                               .text = e->u.state.to,
                               .from = e->u.state.from});
}

static void on_call(builder *b, const dw_trace_event *e)
{
    static const char *const quiet[] = {"send", "recv", "listen", "accept"};
    uint32_t column = column_of_conn(b->m, e->node, e->conn);
    if (column == DW_SVG_NONE || !b->config->calls || !same_connection(b, e->conn)) return;
    for (size_t i = 0; i < sizeof quiet / sizeof quiet[0]; i++)
        if (strcmp(quiet[i], e->u.call.name) == 0) return;
    add_row(b->m, (dw_svg_row){
                      .at = e->at, .column = column, .kind = DW_SVG_CALL, .text = e->u.call.name});
}

/* Timers that do something by themselves; the others show in what is sent. */
static void on_timer(builder *b, const dw_trace_event *e)
{
    uint32_t column = column_of_conn(b->m, e->node, e->conn);
    if (column == DW_SVG_NONE || !same_connection(b, e->conn)) return;
    add_row(
        b->m,
        (dw_svg_row){.at = e->at, .column = column, .kind = DW_SVG_TIMER, .text = e->u.timer.name});
}

/* What is not drawn is not the picture's: queues show in times, marks in labels, notes nowhere. */
static void on_event(builder *b, const dw_trace_event *e)
{
    switch ((enum dw_trace_type)e->type) {
    case DW_TRACE_SENT:
    case DW_TRACE_DUPLICATED: on_sent(b, e); return;
    case DW_TRACE_DELIVERED: on_delivered(b, e); return;
    case DW_TRACE_DROPPED: on_dropped(b, e); return;
    case DW_TRACE_UNKNOWN: on_unknown(b, e); return;
    case DW_TRACE_STATE: on_state(b, e); return;
    case DW_TRACE_CALL: on_call(b, e); return;
    case DW_TRACE_TIMER_FIRED: on_timer(b, e); return;
    case DW_TRACE_NODE:
    case DW_TRACE_LINK:
    case DW_TRACE_CONN:
    case DW_TRACE_QUEUED:
    case DW_TRACE_DAMAGED:
    case DW_TRACE_MARKED:
    case DW_TRACE_VARIABLE:
    case DW_TRACE_DETAIL:
    case DW_TRACE_TIMER_SET:
    case DW_TRACE_TIMER_CANCELLED:
    case DW_TRACE_NOTE:
    case DW_TRACE_TYPES: return;
    }
}

int dw_svg_model_build(const dw_trace *trace, const dw_svg_config *config, dw_svg_model *out)
{
    DW_ASSERT(config);
    *out = (dw_svg_model){.trace = trace, .flight = DW_SVG_FLIGHT};
    size_t count = dw_trace_count(trace), links = 0;
    int status = dw_trace_packets(trace, NULL, &out->packets, &out->packet_count);
    if (status == DW_OK) status = place_columns(out, config);
    if (status != DW_OK) return status;
    builder b = {.m = out, .config = config};
    b.labels = (dw_labels){
        .trace = trace,
        .numbers = config->numbers,
        .left = out->columns[0].node,
        .loop = out->column_count == 1 ||
                (out->column_count == 2 && out->columns[0].node == out->columns[1].node)};
    b.links = calloc(count + 1, sizeof *b.links);
    if (!b.links) return DW_E_NOMEM;
    /* First all links: a hop's other end may be told after it, in an import. */
    for (size_t i = 0; i < count; i++)
        if (dw_trace_at(trace, i)->type == DW_TRACE_LINK) b.links[links++] = dw_trace_at(trace, i);
    for (size_t i = 0; i < count && !out->failed; i++)
        on_event(&b, dw_trace_at(trace, i));
    free(b.links);
    free(b.labels.isn.rows);
    out->failed |= b.labels.isn.failed;
    if (!out->failed) dw_svg_place_rows(out);
    if (!out->failed) dw_svg_find_sides(out);
    return out->failed ? DW_E_NOMEM : DW_OK;
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
    free(m->packets);
    *m = (dw_svg_model){0};
}
