/* After a foreign stack was called: what it did, and when it is to be called again. */
#include "foreign_stack.h"

#include "engine/node.h"
#include "engine/sim.h"

enum { MOST_TURNS = 10000 }; /* calls at one moment that the stack itself asked for */

/* How long a stack that has nothing outstanding is waited for: a delayed acknowledgment takes half
 * a second at most (RFC 9293 MUST-40), and FIN-WAIT-2 ends in minutes, where it ends at all. */
#define QUIET (2 * DW_SECOND)
#define QUIET_CLOSING (15 * 60 * DW_SECOND)

/* Until when the simulation waits for what the stack may yet do about a connection. */
static dw_time awaited(const dw_stack_conn *c)
{
    bool told = dw_stack_tells(c);
    dw_time since = c->stack->active;
    /* Nothing shows that a stack has given up, unless it tells. */
    dw_time unfinished = told ? DW_TIME_NEVER : since + QUIET_CLOSING;
    if (c->state != DW_END_CLOSED && dw_end_outstanding(&c->end)) return unfinished;
    switch ((enum dw_end_state)c->state) {
    case DW_END_CLOSED:
    case DW_END_LISTEN: return since;
    case DW_END_SYN_SENT:
    case DW_END_SYN_RECEIVED:
    case DW_END_FIN_WAIT_1:
    case DW_END_CLOSING:
    case DW_END_LAST_ACK: return unfinished;
    case DW_END_TIME_WAIT: return told ? DW_TIME_NEVER : since + QUIET;
    case DW_END_FIN_WAIT_2: return since + (c->user || !told ? QUIET : QUIET_CLOSING);
    case DW_END_ESTABLISHED:
    case DW_END_CLOSE_WAIT:
    case DW_END_STATES: break;
    }
    uint64_t sent = c->end.snd_nxt - c->end.iss - 1; /* modulo 2^32 */
    bool unsent = c->end.own_syn && (uint32_t)c->taken != (uint32_t)sent && !c->end.own_fin;
    return unsent ? unfinished : since + QUIET;
}

/* Many stacks ask to be called for ever.  A simulation ends when nothing else is left and nothing
 * of the stack's connections is unfinished. */
static void weigh(dw_stack *s)
{
    dw_sim *sim = s->node->sim;
    bool waits = s->timer.event != NULL;
    bool background = waits && s->timer.expires > s->active;
    for (const dw_stack_conn *c = s->last; background && c; c = c->previous)
        background = awaited(c) < s->timer.expires; /* the latest ones are busy mostly */
    if (background && !s->background) sim->background++;
    if (!background && s->background) sim->background--;
    s->background = background;
}

static void wake_at(dw_stack *s, dw_time at)
{
    dw_time now = s->node->sim->now;
    if (at < now) {
        char asked[DW_TIME_TEXT];
        dw_stack_fault(s, "poll asks to be called at %s s, which has passed",
                       dw_time_format(at, 9, asked, sizeof asked));
        return;
    }
    if (s->same != now) s->sent_now = s->again = 0;
    s->same = now;
    if (at == now && ++s->again > MOST_TURNS)
        dw_stack_fault(s, "poll asks to be called at once for the %dth time", MOST_TURNS + 1);
    else if (at == DW_TIME_NEVER)
        s->host->timer_cancel(&s->timer);
    else
        s->host->timer_set(&s->timer, at);
}

/* A stack that lives by a tick is called at its multiples alone. */
static void poll(dw_stack *s, bool woken)
{
    dw_time now = s->node->sim->now, next = DW_TIME_NEVER;
    if (s->tick && !woken) {
        if (!s->timer.event) wake_at(s, (now / s->tick + 1) * s->tick);
        return;
    }
    if (!dw_stack_enter(s)) return;
    next = s->ops->poll(s->instance);
    dw_stack_leave(s);
    wake_at(s, s->tick ? now + s->tick : next);
}

/* The connection that the stack hands out.  What its segments looked like may have been wrong: one
 * that seemed to be over is there all the same. */
static dw_stack_conn *handed_out(dw_stack *s, const dw_flow *flow)
{
    char text[DW_ADDR_TEXT];
    dw_stack_conn *c = dw_stack_find(s, flow);
    if (flow->remote.family == 0 || flow->remote_port == 0) {
        dw_stack_fault(s, "accept did not say whose connection it hands out");
        return NULL;
    }
    if (c && c->handle >= 0 && !c->over) {
        dw_stack_fault(s, "accept hands out the connection with %s port %u for the second time",
                       dw_addr_format(&flow->remote, text, sizeof text), flow->remote_port);
        return NULL;
    }
    return c && c->handle < 0 ? c : dw_stack_conn_new(s, flow, DW_END_LISTEN);
}

/* The next connection that the stack has ready for a listener. */
static bool take_one(dw_stack_listener *l)
{
    dw_stack *s = l->stack;
    dw_flow flow = {.local_port = l->flow.local_port};
    if (!dw_stack_enter(s)) return false;
    int handle = s->ops->accept(s->instance, l->handle, &flow);
    dw_stack_leave(s);
    if (handle == DW_E_AGAIN) return false;
    if (handle < 0) {
        dw_stack_error(s, handle, "accept");
        return false;
    }
    dw_stack_conn *c = handed_out(s, &flow);
    if (!c) return false;
    c->handle = handle;
    c->over = false;
    c->user = true;
    c->listener = l;
    *(l->last ? &l->last->waiting : &l->first) = c;
    l->last = c;
    l->waiting++;
    dw_stack_touch(c);
    return true;
}

void dw_stack_take_accepted(dw_stack *s)
{
    for (dw_stack_listener *l = s->listeners; l; l = l->next) {
        bool any = false;
        while (!l->crashed && l->waiting < l->backlog && take_one(l))
            any = true;
        if (any) s->host->notify(&l->socket, DW_SOCKET_READABLE);
    }
}

/* As the stack tells, or as it looks: an answer to a SYN that is a reset refuses. */
static int why_over(dw_stack_conn *c)
{
    dw_stack *s = c->stack;
    if (s->ops->error && c->handle >= 0 && dw_stack_enter(s)) {
        int error = s->ops->error(s->instance, c->handle);
        dw_stack_leave(s);
        if (error == DW_E_RESET && c->opening) return DW_E_REFUSED;
        return error == DW_OK ? DW_OK : dw_stack_error(s, error, "error");
    }
    if (c->end.reset_by_peer) return c->opening ? DW_E_REFUSED : DW_E_RESET;
    if (c->opening) return DW_E_TIMEOUT;
    return c->end.own_fin ? DW_OK : DW_E_TIMEOUT;
}

static bool is_open(const dw_stack_conn *c)
{
    return c->state >= DW_END_ESTABLISHED;
}

/* What a program is told.  It asks again where it could not go on, so too much does no harm. */
static void tell(dw_stack_conn *c)
{
    uint32_t events = DW_SOCKET_READABLE | DW_SOCKET_WRITABLE;
    if (c->opening && !is_open(c) && !c->over) return;
    if (c->over && c->error == DW_OK) c->error = why_over(c);
    if (c->opening && is_open(c)) events |= DW_SOCKET_CONNECTED;
    c->opening = false;
    if (c->over) events |= c->error ? DW_SOCKET_ERROR : DW_SOCKET_CLOSED;
    if (!dw_end_outstanding(&c->end)) events |= DW_SOCKET_DRAINED;
    c->stack->host->notify(&c->socket, events);
}

/* Told in the order of their beginnings, whatever the order of the list: it is mostly of one. */
static dw_stack_conn *take_first_touched(dw_stack *s)
{
    dw_stack_conn **first = &s->touched;
    for (dw_stack_conn **at = first; *at; at = &(*at)->touched_next)
        if ((*at)->socket.conn < (*first)->socket.conn) first = at;
    dw_stack_conn *c = *first;
    if (c) *first = c->touched_next;
    return c;
}

/* A tick may have changed any of them. */
static void look_at_all(dw_stack *s)
{
    for (dw_stack_conn *c = s->first; c && !s->broken; c = c->next) {
        bool fresh = c->fresh;
        if (c->state != DW_END_CLOSED) dw_stack_ask_state(c);
        if (fresh) dw_stack_touch(c);
        c->fresh = false;
    }
}

static void look_at_touched(dw_stack *s)
{
    for (dw_stack_conn *c = s->touched; c && !s->broken; c = c->touched_next)
        dw_stack_ask_state(c);
}

static void tell_touched(dw_stack *s)
{
    dw_stack_conn *c;
    while (!s->broken && (c = take_first_touched(s)) != NULL) {
        c->touched = false;
        s->active = s->node->sim->now;
        if (c->user && !c->listener) tell(c);
        if (!c->user && c->state == DW_END_CLOSED) dw_stack_conn_free(c);
    }
}

void dw_stack_look(dw_stack *s)
{
    look_at_touched(s);
    dw_stack_flush(s);
}

/* What the stack does by itself.  `woken`: it is its time; else it was called. */
static void turn(dw_stack *s, bool woken)
{
    if (!s->started || s->broken) return;
    poll(s, woken);
    dw_stack_take_accepted(s);
    if (woken)
        look_at_all(s);
    else
        look_at_touched(s);
    dw_stack_flush(s);
    tell_touched(s);
    weigh(s);
}

void dw_stack_woken(void *arg)
{
    turn(arg, true);
}

static void settle(void *arg)
{
    dw_stack *s = arg;
    s->settling = false;
    turn(s, false);
}

void dw_stack_settle_later(dw_stack *s)
{
    if (s->settling || s->broken) return;
    s->settling = true;
    s->active = s->node->sim->now;
    s->host->settle(s->node, s, settle);
}
