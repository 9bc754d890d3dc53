/* Runs of an exploration, watched as they go: no trace is kept for it. */
#include "explore_coverage.h"
#include "observed.h"

#include <drywire/plugin.h>
#include <stdlib.h>
#include <string.h>

/* A connection of the run. */
typedef struct watched {
    dw_flow flow;
    uint32_t node;
    uint32_t state; /* index; that of none, before the first change */
} watched;

/* Its names are the protocol's own, so they are found by where they are. */
static uint32_t state_index(const dwl_coverage *c, const char *name)
{
    const char *const *states = c->run.tcp->states;
    uint32_t i = 0;
    while (states[i] && states[i] != name)
        i++;
    return i;
}

static void add_conn(dwl_coverage *c, const dw_trace_event *e)
{
    const watched w = {e->u.conn.flow, e->node, state_index(c, NULL)};
    dw_octets_add(&c->conns, &w, sizeof w);
}

static watched *find_conn(const dwl_coverage *c, uint32_t conn)
{
    watched *conns = (watched *)(void *)c->conns.data;
    return conn > 0 && conn <= c->conns.len / sizeof *conns ? &conns[conn - 1] : NULL;
}

/* The connection of its receiver that a packet belongs to, the newest of such; or NULL. */
static watched *conn_of_dropped(const dwl_coverage *c, const dw_trace_event *e)
{
    dw_dissection d;
    size_t head = e->u.packet.head_len;
    dw_dissect_packet(e->u.packet.head, head, head + e->u.packet.payload_len, &d);
    watched *w;
    for (uint32_t i = (uint32_t)(c->conns.len / sizeof *w); (w = find_conn(c, i)) != NULL; i--)
        if (w->node == e->node && dwl_flow_takes(&w->flow, &d)) return w;
    return NULL;
}

static void reach(dwl_coverage *c, const watched *w, const dw_cause *cause)
{
    const dw_protocol_ops *tcp = c->run.tcp;
    uintptr_t at = (uintptr_t)cause, first = (uintptr_t)tcp->causes;
    if (at < first || at >= (uintptr_t)(tcp->causes + tcp->cause_count)) return;
    uint32_t state = w ? w->state : state_index(c, NULL);
    dwl_reached_add(&c->run, dwl_reached_pair(state, (uint32_t)(cause - tcp->causes)));
}

/* The cause acts on the state that the connection leaves. */
static void change_state(dwl_coverage *c, const dw_trace_event *e, watched *w)
{
    uint32_t from = state_index(c, e->u.state.from), to = state_index(c, e->u.state.to);
    if (!w || !c->run.tcp->states[from] || !c->run.tcp->states[to]) return;
    w->state = from;
    reach(c, w, e->cause);
    w->state = to;
    dwl_reached_add(&c->run, dwl_reached_arrow(from, to));
}

static void see(const dw_trace_event *e, void *arg)
{
    dwl_coverage *c = arg;
    watched *w = find_conn(c, e->conn);
    switch (e->type) {
    case DW_TRACE_CONN: add_conn(c, e); return;
    case DW_TRACE_STATE: change_state(c, e, w); return;
    case DW_TRACE_SENT:
        if (!w || w->node == e->node) reach(c, w, e->cause); /* it is not only passed on */
        return;
    case DW_TRACE_DROPPED:
        if (e->link == UINT32_MAX) reach(c, conn_of_dropped(c, e), e->cause);
        return;
    default: reach(c, w, e->cause);
    }
}

int dwl_coverage_watch(dwl_coverage *c, dw_sim *sim)
{
    enum {
        SEEN = DW_TRACE_BIT(DW_TRACE_CONN) | DW_TRACE_BIT(DW_TRACE_STATE) |
               DW_TRACE_BIT(DW_TRACE_SENT) | DW_TRACE_BIT(DW_TRACE_DROPPED) |
               DW_TRACE_BIT(DW_TRACE_TIMER_FIRED) | DW_TRACE_BIT(DW_TRACE_NOTE)
    };
    return dw_trace_subscribe(sim, SEEN, UINT32_MAX, 0, see, c);
}

void dwl_coverage_begin(dwl_coverage *c)
{
    dwl_reached_begin(&c->known);
    dwl_reached_begin(&c->run);
    c->since = 0;
}

void dwl_coverage_end(dwl_coverage *c)
{
    dw_octets_free(&c->conns);
}

void dwl_coverage_begin_run(dwl_coverage *c)
{
    c->conns.len = 0;
    memset(c->run.bits, 0, sizeof c->run.bits);
}

/* A number of items, and these. */
void dwl_coverage_write(const dwl_coverage *c, dw_octets *out)
{
    uint16_t items[DWL_REACHED], count = 0;
    for (uint32_t word = 0; word < DWL_REACHED / 64; word++) {
        if (!(c->run.bits[word] & ~c->known.bits[word])) continue;
        for (uint32_t item = word * 64; item < word * 64 + 64; item++)
            if (dwl_reached_has(&c->run, item) && !dwl_reached_has(&c->known, item))
                items[count++] = (uint16_t)item;
    }
    dw_octets_add(out, &count, sizeof count);
    dw_octets_add(out, items, count * sizeof items[0]);
}

size_t dwl_coverage_take(dwl_coverage *c, const char *data)
{
    uint16_t count, item;
    bool news = false;
    memcpy(&count, data, sizeof count);
    for (uint16_t i = 0; i < count; i++) {
        memcpy(&item, data + sizeof count + i * sizeof item, sizeof item);
        if (item >= DWL_REACHED || dwl_reached_has(&c->known, item)) continue;
        dwl_reached_add(&c->known, item);
        news = true;
    }
    c->since = news ? 0 : c->since + 1;
    return sizeof count + count * sizeof item;
}

bool dwl_coverage_is_flat(const dwl_coverage *c)
{
    return c->flat > 0 && c->since >= c->flat;
}
