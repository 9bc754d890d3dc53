/* The connections of a foreign stack, and their states: told by the stack, or inferred. */
#include "foreign_stack.h"

#include "engine/emit.h"
#include "engine/node.h"
#include "packet/cause.h"

const char *dw_stack_state_name(enum dw_end_state state)
{
    return dw_protocol_builtin("tcp")->states[state];
}

static uint32_t bucket_of(const dw_flow *f)
{
    uint32_t hash = f->remote.word[0] ^ f->remote.word[3];
    hash = (hash * 31 + f->remote_port) * 31 + f->local_port;
    return hash % DW_STACK_BUCKETS;
}

/* The address of this side is the host's, whichever. */
dw_stack_conn *dw_stack_find(const dw_stack *s, const dw_flow *flow)
{
    for (dw_stack_conn *c = s->buckets[bucket_of(flow)]; c; c = c->chain)
        if (c->flow.local_port == flow->local_port && c->flow.remote_port == flow->remote_port &&
            dw_addr_equal(&c->flow.remote, &flow->remote))
            return c;
    return NULL;
}

dw_stack_listener *dw_stack_listens(const dw_stack *s, uint16_t port)
{
    for (dw_stack_listener *l = s->listeners; l; l = l->next)
        if (l->flow.local_port == port && !l->crashed) return l;
    return NULL;
}

dw_stack_conn *dw_stack_conn_new(dw_stack *s, const dw_flow *flow, enum dw_end_state state)
{
    dw_stack_conn *c = s->host->alloc(s->node, sizeof *c);
    if (!c) return NULL;
    *c = (dw_stack_conn){.socket = {.ops = s->sockets, .node = s->node},
                         .stack = s,
                         .flow = *flow,
                         .handle = -1,
                         .state = (uint8_t)state,
                         .end = {.state = (uint8_t)state},
                         .previous = s->last};
    c->flow.transport = DW_STACK_TCP;
    if (c->flow.local.family == 0) c->flow.local = s->host->source(s->node, &flow->remote);
    c->socket.conn = s->host->conn_new(s->node, "tcp", &c->flow);
    dw_stack_conn **bucket = &s->buckets[bucket_of(flow)];
    c->chain = *bucket;
    *bucket = c;
    if (s->last)
        s->last->next = c;
    else
        s->first = c;
    s->last = c;
    return c;
}

static void leave_bucket(dw_stack_conn *c)
{
    dw_stack_conn **at = &c->stack->buckets[bucket_of(&c->flow)];
    while (*at != c)
        at = &(*at)->chain;
    *at = c->chain;
}

static void unlist(dw_stack_conn *c)
{
    dw_stack_conn **at = &c->stack->touched;
    while (c->touched && *at != c)
        at = &(*at)->touched_next;
    if (c->touched) *at = c->touched_next;
    c->touched = false;
}

void dw_stack_conn_free(dw_stack_conn *c)
{
    dw_stack *s = c->stack;
    if (c->handle >= 0 && s->ops->release && dw_stack_enter(s)) {
        s->ops->release(s->instance, c->handle);
        dw_stack_leave(s);
    }
    leave_bucket(c);
    unlist(c);
    *(c->previous ? &c->previous->next : &s->first) = c->next;
    *(c->next ? &c->next->previous : &s->last) = c->previous;
    s->host->notify(&c->socket, 0);
    s->host->free(s->node, c, sizeof *c);
}

static void list(dw_stack_conn *c)
{
    if (c->touched) return;
    c->touched = true;
    c->touched_next = c->stack->touched;
    c->stack->touched = c;
}

void dw_stack_touch(dw_stack_conn *c)
{
    list(c);
    c->fresh = true;
}

/* The one place that changes a state. */
static void go(dw_stack_conn *c, enum dw_end_state to, enum dw_certainty certainty,
               const dw_cause *cause)
{
    dw_node *node = c->stack->node;
    dw_trace_event e = {
        .at = node->sim->now,
        .type = DW_TRACE_STATE,
        .node = node->index,
        .link = UINT32_MAX,
        .conn = c->socket.conn,
        .certainty = (uint8_t)certainty,
        .cause = cause,
        .u.state = {.from = dw_stack_state_name(c->state), .to = dw_stack_state_name(to)}};
    c->state = (uint8_t)to;
    list(c);
    if (to == DW_END_CLOSED) c->over = true;
    if (dw_traced(node->sim, DW_TRACE_STATE)) dw_trace_emit(node->sim, &e);
    c->stack->host->state_hook(node, c->socket.conn, e.u.state.to);
}

void dw_stack_show_moves(dw_stack_conn *c)
{
    for (uint8_t i = 0; i < c->end.move_count && !dw_stack_tells(c); i++)
        if (c->end.moves[i] != c->state) go(c, c->end.moves[i], DW_LIKELY, &dw_cause_stack_shows);
    c->end.move_count = 0;
}

void dw_stack_ask_state(dw_stack_conn *c)
{
    dw_stack *s = c->stack;
    if (!dw_stack_tells(c) || !dw_stack_enter(s)) return;
    const char *name = s->ops->state(s->instance, c->handle);
    dw_stack_leave(s);
    if (name && name == c->word) return;
    c->word = name;
    enum dw_end_state state = name ? dw_end_state_of(name) : DW_END_STATES;
    if (state == DW_END_STATES)
        dw_stack_fault(s, name ? "there is no state \"%.40s\"" : "a connection without a state",
                       name);
    else if (state != c->state)
        go(c, state, DW_OBSERVED, &dw_cause_stack_says);
}
