/* The exchange between two hosts (see exchange.h). */
#include "exchange.h"

#include "base/list.h"
#include "loopback.h"
#include "packet/cause.h"
#include "packet/flow.h"
#include "packet/protocols.h"
#include "picture.h"
#include "trace/packets.h"
#include "trace/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct builder {
    dw_exchange *x;
    const dw_trace *trace;
    size_t event; /* index of the one that is looked at */
    struct {
        const char *state; /* NULL: none yet */
        bool closed;       /* its class is DW_STATE_CLOSED */
        uint8_t certainty; /* enum dw_certainty */
    } * conn;              /* by number */
    struct {
        uint16_t *ports; /* listening */
        uint32_t count;
        size_t receiving; /* index + 1 of the RECEIVE that state changes belong to */
        size_t pending;   /* index + 1 of a STATE that a SEND may absorb */
    } side[2];
    bool failed; /* out of memory: a step is missing */
} builder;

/* What an end is in that has no connection, and one that waits for some. */
static const char *closed(const dw_exchange *x)
{
    return dw_state_of_class(x->protocol, DW_STATE_CLOSED);
}

static const char *listening(const dw_exchange *x)
{
    return dw_state_of_class(x->protocol, DW_STATE_LISTENING);
}

static bool is_loop(const dw_exchange *x)
{
    return x->node[0] == x->node[1];
}

/* The left one, where both are the same host; -1: none. */
static int side_at(const dw_exchange *x, uint32_t node)
{
    if (node == x->node[0]) return 0;
    return node == x->node[1] ? 1 : -1;
}

/* The side that an event of a connection (0: of none) belongs to.  Of a host that talks to itself,
 * what is no connection's is at the right, with its listeners. */
static int side_of(const builder *b, const dw_trace_event *e)
{
    const dw_exchange *x = b->x;
    int side = side_at(x, e->node);
    if (side < 0 || !dw_cut_between(&x->cut, e->conn)) return -1;
    if (e->conn && dw_loop_conn(b->trace, e->conn) != is_loop(x)) return -1;
    if (!is_loop(x)) return side;
    return e->conn ? dw_loop_conn_side(b->trace, e->conn) : !x->one_end;
}

/* The side that a packet leaves, or arrives at. */
static int side_of_packet(const builder *b, const dw_trace_event *e, const dw_packet_view *v,
                          bool receiver)
{
    const dw_exchange *x = b->x;
    if (is_loop(x)) return dw_loop_packet_side(b->trace, v, receiver);
    return side_at(x, e->node);
}

static void add_step(builder *b, dw_step step)
{
    dw_exchange *x = b->x;
    dw_step *steps = dw_list_room(x->steps, x->count, sizeof *steps);
    if (!steps) {
        b->failed = true;
        return;
    }
    x->steps = steps;
    step.event = b->event;
    x->steps[x->count++] = step;
}

static bool listens(const builder *b, int side, uint16_t port)
{
    for (uint32_t i = 0; i < b->side[side].count; i++)
        if (b->side[side].ports[i] == port) return true;
    return false;
}

static void add_listener(builder *b, int side, uint16_t port)
{
    uint16_t *ports = realloc(b->side[side].ports, (b->side[side].count + 1) * sizeof *ports);
    if (!ports) {
        b->failed = true;
        return;
    }
    ports[b->side[side].count++] = port;
    b->side[side].ports = ports;
}

/* The connection that a packet belongs to at one of its ends, the newest of that flow. */
static uint32_t find_conn(const builder *b, int side, const dw_dissection *d, bool receiver)
{
    dw_flow_end end = dw_packet_end(d, receiver);
    for (uint32_t conn = dw_trace_conns(b->trace); conn > 0; conn--) {
        const dw_trace_event *e = dw_trace_conn(b->trace, conn);
        if (!e || e->node != b->x->node[side] || !b->conn[conn].state) continue;
        if (dw_flow_at_end(&e->u.conn.flow, &end)) return conn;
    }
    return 0;
}

/* Whether an end has a connection that is not over. */
static bool is_alive(const builder *b, int side)
{
    for (uint32_t conn = dw_trace_conns(b->trace); conn > 0; conn--) {
        if (!b->conn[conn].state || b->conn[conn].closed) continue;
        if (!dw_cut_between(&b->x->cut, conn)) continue;
        if (dw_trace_conn(b->trace, conn)->node != b->x->node[side]) continue;
        if (!is_loop(b->x) || dw_loop_conn_side(b->trace, conn) == side) return true;
    }
    return false;
}

/* What no connection and no listener is concerned with says nothing of an end that has some: "". */
static const char *end_state(const builder *b, int side, uint32_t conn, uint16_t port)
{
    const char *state = conn ? b->conn[conn].state : NULL;
    if ((!state || b->conn[conn].closed) && listens(b, side, port)) return listening(b->x);
    if (state) return state;
    return is_alive(b, side) ? "" : closed(b->x);
}

/* How sure the state is that end_state gives: that of a listener or of no end is drawn from none.
 */
static uint8_t state_certainty(const builder *b, uint32_t conn, const char *state)
{
    return conn && b->conn[conn].state == state ? b->conn[conn].certainty : DW_OBSERVED;
}

static void settle_side(builder *b, int side)
{
    b->side[side].receiving = b->side[side].pending = 0;
}

static bool between_ends(const dw_exchange *x, const dw_packet_view *v)
{
    return (v->from == (int32_t)x->node[0] && v->to == (int32_t)x->node[1]) ||
           (v->from == (int32_t)x->node[1] && v->to == (int32_t)x->node[0]);
}

static const dw_packet_view *packet_of(const dw_exchange *x, uint64_t number)
{
    const dw_packet_view *v = dw_cut_find(&x->cut, number);
    return v && between_ends(x, v) ? v : NULL;
}

static void absorb_state(builder *b, int side, const dw_trace_event *e)
{
    size_t pending = b->side[side].pending;
    if (!pending) return;
    dw_step *state = &b->x->steps[pending - 1];
    if (state->at == e->at && state->conn == e->conn) state->absorbed = true;
}

static void on_sent(builder *b, const dw_trace_event *e)
{
    const dw_packet_view *v = packet_of(b->x, e->packet);
    int side = v ? side_of_packet(b, e, v, false) : -1;
    if (side < 0 || v->from != (int32_t)e->node) return;
    bool injected = dw_cause_is(v->cause, &dw_cause_inject);
    bool copy = e->type == DW_TRACE_DUPLICATED;
    if (!injected && !copy) absorb_state(b, side, e);
    /* A forged segment, a copy, an answer that belongs to no connection: it says nothing of its
     * own, but the host whose address it bears may have a connection there. */
    uint32_t conn = e->conn ? e->conn : find_conn(b, side, &v->d, false);
    const char *state = end_state(b, side, conn, v->d.sport);
    add_step(b, (dw_step){.at = e->at,
                          .packet = v,
                          .before = state,
                          .after = state,
                          .cause = e->cause,
                          .conn = e->conn,
                          .side = (uint8_t)side,
                          .kind = DW_STEP_SEND,
                          .certainty = e->certainty,
                          .state_certainty = state_certainty(b, conn, state),
                          .injected = injected || copy});
    settle_side(b, side);
}

static void on_delivered(builder *b, const dw_trace_event *e)
{
    const dw_packet_view *v = packet_of(b->x, e->packet);
    int side = v ? side_of_packet(b, e, v, true) : -1;
    if (side < 0 || v->to != (int32_t)e->node) return;
    dw_dissection d = v->d;
    dw_dissection changed;
    if (dw_view_readdressed(b->trace, v, &changed)) d = changed; /* as the receiver sees it */
    uint32_t conn = find_conn(b, side, &d, true);
    const char *state = end_state(b, side, conn, d.dport);
    add_step(b, (dw_step){.at = e->at,
                          .packet = v,
                          .before = state,
                          .after = state,
                          .conn = conn,
                          .side = (uint8_t)side,
                          .kind = DW_STEP_RECEIVE,
                          .certainty = e->certainty,
                          .state_certainty = state_certainty(b, conn, state)});
    settle_side(b, side);
    b->side[side].receiving = b->x->count;
}

/* The record of an older connection of the same addresses and ports, which goes when the next one
 * comes: what the end is in is the new one's state. */
static bool is_superseded(const builder *b, const dw_trace_event *e)
{
    const uint32_t *of = b->x->cut.incarnations.of_conn;
    for (uint32_t conn = e->conn + 1; conn <= dw_trace_conns(b->trace); conn++)
        if (of[conn] > of[e->conn] && b->conn[conn].state && !b->conn[conn].closed &&
            dw_trace_conn(b->trace, conn)->node == e->node &&
            dw_incarnation_follows(&b->x->cut.incarnations, of[conn], of[e->conn]))
            return true;
    return false;
}

/* A change of state is shown with the packet whose arrival explains it, or is a step of its own. */
static void on_state(builder *b, const dw_trace_event *e)
{
    int side = side_of(b, e);
    const char *before = b->conn[e->conn].state ? b->conn[e->conn].state : e->u.state.from;
    const dw_protocol_ops *protocol = dw_trace_protocol(b->trace, e->conn);
    b->conn[e->conn].state = e->u.state.to;
    b->conn[e->conn].certainty = e->certainty;
    b->conn[e->conn].closed = dw_state_class(protocol, e->u.state.to) == DW_STATE_CLOSED;
    if (side < 0 || is_superseded(b, e)) return;
    if (!b->x->first_state[side]) b->x->first_state[side] = e->u.state.from;
    size_t receiving = b->side[side].receiving;
    if (receiving && b->x->steps[receiving - 1].at == e->at) {
        dw_step *step = &b->x->steps[receiving - 1];
        step->after = e->u.state.to;
        step->conn = e->conn;
        step->state_certainty = e->certainty;
        if (!step->cause) step->cause = e->cause;
        return;
    }
    add_step(b, (dw_step){.at = e->at,
                          .before = before,
                          .after = e->u.state.to,
                          .cause = e->cause,
                          .conn = e->conn,
                          .side = (uint8_t)side,
                          .kind = DW_STEP_STATE,
                          .state_certainty = e->certainty});
    b->side[side].pending = b->x->count;
}

/* Whether the two ends have packets for a port of that end, or none at all. */
static bool concerns(const builder *b, int side, uint16_t port)
{
    int32_t node = (int32_t)b->x->node[side];
    bool any = false;
    for (size_t i = 0; i < b->x->cut.count; i++) {
        const dw_packet_view *v = &b->x->cut.packets[i];
        dw_dissection changed;
        if (!between_ends(b->x, v)) continue;
        if (v->to == node && v->d.dport == port) return true;
        if (v->from == node && v->d.sport == port) return true;
        if (v->to == node && dw_view_readdressed(b->trace, v, &changed) && changed.dport == port)
            return true;
        any = true;
    }
    return !any;
}

/* Calls tell which ports have listeners, too: a trace has no connection for those. */
static void on_call(builder *b, const dw_trace_event *e)
{
    int side = side_of(b, e);
    if (side < 0) return;
    if (strcmp(e->u.call.name, "listen") == 0) {
        if (!concerns(b, side, (uint16_t)e->u.call.value)) return;
        add_listener(b, side, (uint16_t)e->u.call.value);
        if (!b->x->first_state[side]) b->x->first_state[side] = listening(b->x);
    }
    settle_side(b, side);
    const dw_trace_event *c = dw_trace_conn(b->trace, e->conn);
    const char *state = b->conn[e->conn].state;
    if (!c)
        state = listening(b->x);
    else if (!state)
        state = end_state(b, side, e->conn, c->u.conn.flow.local_port);
    add_step(b, (dw_step){.at = e->at,
                          .call = e->u.call.name,
                          .detail = e->u.call.detail,
                          .value = e->u.call.value,
                          .before = state,
                          .after = state,
                          .conn = e->conn,
                          .side = (uint8_t)side,
                          .kind = DW_STEP_CALL,
                          .state_certainty = state_certainty(b, e->conn, state)});
}

/* What it is set for may have words of its own in figures, and then it is told. */
static void on_timer_set(builder *b, const dw_trace_event *e)
{
    const dw_protocol_ops *protocol = dw_trace_protocol(b->trace, e->conn);
    bool asks = e->cause && protocol && DW_OFFERS(dw_protocol_ops, protocol, figure_cause);
    int side = asks && protocol->figure_cause(e->cause->name) ? side_of(b, e) : -1;
    const char *state = b->conn[e->conn].state;
    if (side < 0 || !state) return;
    add_step(b, (dw_step){.at = e->at,
                          .before = state,
                          .after = state,
                          .cause = e->cause,
                          .conn = e->conn,
                          .side = (uint8_t)side,
                          .kind = DW_STEP_TIMER,
                          .state_certainty = b->conn[e->conn].certainty});
}

static void on_note(builder *b, const dw_trace_event *e)
{
    int side = side_of(b, e);
    if (side < 0) return;
    settle_side(b, side);
    if (dw_cause_is(e->cause, &dw_cause_crash)) {
        b->side[0].count = is_loop(b->x) ? 0 : b->side[0].count;
        b->side[side].count = 0; /* its listeners are gone */
        add_step(b, (dw_step){.at = e->at,
                              .call = "crash",
                              .detail = "",
                              .before = closed(b->x),
                              .after = closed(b->x),
                              .side = (uint8_t)side,
                              .kind = DW_STEP_CALL});
    }
}

/* After it has arrived: the host discarded it. */
static void on_dropped(builder *b, const dw_trace_event *e)
{
    for (size_t i = b->x->count; i-- > 0;) {
        dw_step *s = &b->x->steps[i];
        if (s->at != e->at) return;
        if (s->kind != DW_STEP_RECEIVE || s->packet->number != e->packet) continue;
        s->refused = e->cause;
        return;
    }
}

/* A timer that fires ends what an arrival explains: what follows is the timer's doing. */
static void on_event(builder *b, const dw_trace_event *e)
{
    switch ((enum dw_trace_type)e->type) {
    case DW_TRACE_SENT: on_sent(b, e); return;
    case DW_TRACE_DUPLICATED: on_sent(b, e); return;
    case DW_TRACE_DELIVERED: on_delivered(b, e); return;
    case DW_TRACE_DROPPED: on_dropped(b, e); return;
    case DW_TRACE_STATE: on_state(b, e); return;
    case DW_TRACE_CALL: on_call(b, e); return;
    case DW_TRACE_NOTE: on_note(b, e); return;
    case DW_TRACE_TIMER_SET: on_timer_set(b, e); return;
    case DW_TRACE_TIMER_FIRED: {
        int side = side_of(b, e);
        if (side >= 0) settle_side(b, side);
        return;
    }
    case DW_TRACE_NODE:
    case DW_TRACE_LINK:
    case DW_TRACE_CONN:
    case DW_TRACE_QUEUED:
    case DW_TRACE_DAMAGED:
    case DW_TRACE_MARKED:
    case DW_TRACE_VARIABLE:
    case DW_TRACE_DETAIL:
    case DW_TRACE_TIMER_CANCELLED:
    case DW_TRACE_UNKNOWN:
    case DW_TRACE_TYPES: return;
    }
}

/* The first connection whose ends are both in the trace; or else the first. */
static const dw_trace_event *first_between_hosts(const dw_trace *trace)
{
    for (uint32_t conn = 1; conn <= dw_trace_conns(trace); conn++)
        if (dw_trace_conn_peer(trace, conn) >= 0) return dw_trace_conn(trace, conn);
    return dw_trace_conn(trace, 1);
}

static bool begins_listening(const dw_trace *trace, uint32_t conn, const dw_protocol_ops *protocol)
{
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type == DW_TRACE_STATE && e->conn == conn)
            return dw_state_class(protocol, e->u.state.from) == DW_STATE_LISTENING;
    }
    return false;
}

static bool listen_was_called(const dw_trace *trace, uint32_t node, uint16_t port)
{
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type == DW_TRACE_CALL && e->node == node && e->u.call.value == port &&
            strcmp(e->u.call.name, "listen") == 0)
            return true;
    }
    return false;
}

/* A protocol without sockets listens without a call, from the beginning: that a connection begins
 * in a state of that class is all that a trace tells of it. */
static void find_silent_listeners(builder *b)
{
    for (uint32_t conn = 1; conn <= dw_trace_conns(b->trace); conn++) {
        const dw_trace_event *c = dw_trace_conn(b->trace, conn);
        const dw_protocol_ops *protocol = dw_trace_protocol(b->trace, conn);
        int side = c ? side_of(b, c) : -1;
        if (side < 0 || (protocol && protocol->sockets)) continue;
        uint16_t port = c->u.conn.flow.local_port;
        if (listens(b, side, port) || !begins_listening(b->trace, conn, protocol)) continue;
        if (!listen_was_called(b->trace, c->node, port)) add_listener(b, side, port);
    }
}

/* The one that is asked for, or the first that has something in the part that is. */
static const dw_trace_event *connection_for(const dw_trace *trace, const dw_picture *p)
{
    const dw_trace_event *e = p->conn ? dw_trace_conn(trace, p->conn) : NULL;
    bool part = p->stage || p->from_packet || p->to_packet || p->from_time || p->to_time;
    dw_cut cut;
    if (e) return e;
    if (part && dw_cut_build(trace, p, -1, -1, &cut) == DW_OK) {
        e = dw_trace_conn(trace, dw_cut_first_conn(&cut));
        dw_cut_free(&cut);
    }
    if (e && dw_trace_conn_peer(trace, e->conn) >= 0) return e;
    return first_between_hosts(trace);
}

/* Whom a host talks to first; -1: nobody that is known. */
static int32_t peer_of(const dw_trace *trace, int32_t node)
{
    for (uint32_t conn = 1; conn <= dw_trace_conns(trace); conn++) {
        const dw_trace_event *e = dw_trace_conn(trace, conn);
        int32_t peer = dw_trace_conn_peer(trace, conn);
        if (peer >= 0 && (int32_t)e->node == node) return peer;
        if (peer >= 0 && peer == node) return (int32_t)e->node;
    }
    return -1;
}

/* One end is given, -1: none.  The other is the connection's where it has that end. */
static int32_t other_of(const dw_trace *trace, int32_t given, int32_t a, int32_t b)
{
    if (given == a) return b;
    if (given == b) return a;
    int32_t peer = peer_of(trace, given);
    return peer >= 0 ? peer : a;
}

static int choose_ends(const dw_trace *trace, const dw_picture *p, dw_exchange *x)
{
    int32_t left = p->left_given ? (int32_t)p->left : -1;
    int32_t right = p->right_given ? (int32_t)p->right : -1;
    if (left < 0 || right < 0) {
        const dw_trace_event *first = connection_for(trace, p);
        int32_t a = first ? (int32_t)first->node : 0;
        int32_t b = first ? dw_trace_conn_peer(trace, first->conn) : 1;
        bool chosen = left >= 0 || right >= 0;
        /* The host that was made first stands on the left. */
        bool turned = first && !chosen && a > b && b >= 0;
        if (!chosen) {
            left = turned ? b : a;
            right = turned ? a : b;
        } else if (left < 0) {
            left = other_of(trace, right, a, b);
        } else {
            right = other_of(trace, left, a, b);
        }
    }
    uint32_t nodes = dw_trace_nodes(trace);
    if (left < 0 || right < 0 || (uint32_t)left >= nodes || (uint32_t)right >= nodes)
        return DW_E_NOENT;
    x->node[0] = (uint32_t)left;
    x->node[1] = (uint32_t)right;
    if (left != right) return DW_OK;
    return dw_loop_ports(trace, x->node[0], x->port, &x->one_end) ? DW_OK : DW_E_NOENT;
}

int dw_exchange_ends(const dw_trace *trace, const dw_picture *picture, int32_t ends[2])
{
    dw_exchange x = {.node = {0, 0}};
    int status = choose_ends(trace, picture, &x);
    for (int i = 0; i < 2 && status == DW_OK; i++)
        ends[i] = (int32_t)x.node[i];
    return status;
}

/* Of the first connection between the two ends. */
static const dw_protocol_ops *protocol_between(const dw_trace *trace, const dw_exchange *x)
{
    for (uint32_t conn = 1; conn <= dw_trace_conns(trace); conn++) {
        const dw_trace_event *e = dw_trace_conn(trace, conn);
        int32_t peer = dw_trace_conn_peer(trace, conn);
        bool forth = e && e->node == x->node[0] && peer == (int32_t)x->node[1];
        bool back = e && e->node == x->node[1] && peer == (int32_t)x->node[0];
        if (forth || back) return dw_trace_protocol(trace, conn);
    }
    return dw_trace_protocol(trace, 1);
}

const dw_protocol_ops *dw_exchange_protocol(const dw_trace *trace, const dw_picture *picture)
{
    dw_exchange x = {.node = {0, 0}};
    return choose_ends(trace, picture, &x) == DW_OK ? protocol_between(trace, &x)
                                                    : dw_trace_protocol(trace, 1);
}

const char *dw_exchange_name(const dw_exchange *x, const dw_trace *trace, int side, char *buf,
                             size_t size)
{
    DW_ASSERT(side == 0 || side == 1);
    const char *name = dw_trace_node_name(trace, x->node[side]);
    if (!is_loop(x) || x->port[side] == 0) return name;
    snprintf(buf, size, "%s:%u", name, x->port[side]);
    return buf;
}

/* What a packet does that is not shown itself remains a change of state, where that is. */
static void show_step(const dw_exchange *x, dw_step *s)
{
    bool there = dw_cut_shows_at(&x->cut, s->conn, s->event);
    s->shown = s->packet ? dw_cut_shows(&x->cut, s->packet) : there;
    if (s->shown || !there || s->kind != DW_STEP_RECEIVE) return;
    if (!s->conn || strcmp(s->before, s->after) == 0) return;
    s->kind = DW_STEP_STATE;
    s->packet = NULL;
    s->shown = true;
}

/* Which steps are shown, and the states in which a part of the trace begins: what the ends are in
 * before the first step there that tells. */
static void cut_out(dw_exchange *x)
{
    const char *state[2] = {NULL, NULL};
    bool begun[2] = {false, false};
    for (size_t i = 0; i < x->count; i++) {
        dw_step *s = &x->steps[i];
        show_step(x, s);
        if (begun[s->side] || !dw_cut_shows_conn(&x->cut, s->conn)) continue;
        if (!s->shown && !dw_cut_before(&x->cut, s->conn, s->event)) continue;
        const char *tells = s->shown ? s->before : s->after;
        begun[s->side] = s->shown && *tells;
        if (*tells) state[s->side] = tells;
    }
    for (int side = 0; side < 2 && !x->cut.whole; side++)
        if (state[side]) x->first_state[side] = state[side];
}

static int walk(const dw_trace *trace, dw_exchange *x)
{
    builder b = {.x = x, .trace = trace};
    b.conn = calloc((size_t)dw_trace_conns(trace) + 1, sizeof *b.conn);
    if (!b.conn) return DW_E_NOMEM;
    find_silent_listeners(&b);
    for (; b.event < dw_trace_count(trace) && !b.failed; b.event++)
        on_event(&b, dw_trace_at(trace, b.event));
    for (int side = 0; side < 2; side++) {
        free(b.side[side].ports);
        if (!x->first_state[side]) x->first_state[side] = closed(x);
    }
    free(b.conn);
    return b.failed ? DW_E_NOMEM : DW_OK;
}

/* Events are walked once; who listens without a call has to be known before the first of them. */
int dw_exchange_build(const dw_trace *trace, const dw_picture *picture, dw_exchange *out)
{
    *out = (dw_exchange){.node = {0, 0}};
    int status = choose_ends(trace, picture, out);
    if (status != DW_OK) return status;
    out->protocol = protocol_between(trace, out);
    status = dw_cut_build(trace, picture, (int32_t)out->node[0], (int32_t)out->node[1], &out->cut);
    if (status != DW_OK) return status;
    status = walk(trace, out);
    if (status == DW_OK)
        cut_out(out);
    else
        dw_exchange_free(out);
    return status;
}

void dw_exchange_free(dw_exchange *exchange)
{
    free(exchange->steps);
    dw_cut_free(&exchange->cut);
    *exchange = (dw_exchange){.node = {0, 0}};
}

bool dw_step_shown(const dw_picture *p, const dw_step *s)
{
    if (s->absorbed || !s->shown) return false;
    if (s->kind == DW_STEP_STATE || s->kind == DW_STEP_TIMER) return !p->no_states;
    if (s->kind != DW_STEP_CALL) return true;
    if (strcmp(s->call, "crash") == 0) return true;
    return dw_chosen(p->calls, false) && strcmp(s->call, "send") != 0 &&
           strcmp(s->call, "recv") != 0;
}
