/* Incarnations of connections (see incarnation.h).
 *
 * A connection begins a new one when the one before has a connection at that end already; the other
 * end's joins it.  So a SYN that reopens a connection from TIME-WAIT is the new one's first packet,
 * although the peer's old record is still there when it comes. */
#include "incarnation.h"

#include "base/list.h"
#include "packet/flow.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

static uint64_t hash_end(const dw_addr *addr, uint16_t port)
{
    struct {
        dw_addr addr;
        uint32_t port;
    } end = {*addr, port};
    return XXH3_64bits(&end, sizeof end);
}

/* The same for both directions. */
static uint64_t hash_pair(const dw_flow_end *e)
{
    return hash_end(e->local, e->local_port) + hash_end(e->remote, e->remote_port);
}

/* Whether a flow is at that end, or at the other. */
static bool is_of(const dw_flow *f, const dw_flow_end *e)
{
    dw_flow_end other = dw_other_end(*e);
    return dw_flow_at_end(f, e) || dw_flow_at_end(f, &other);
}

/* The latest, whose first packet has at most this number; 0: none. */
static uint32_t find(const dw_incarnations *in, const dw_flow_end *e, uint64_t packet)
{
    uint32_t at = 0, number, latest = 0;
    uint64_t hash = hash_pair(e);
    while ((number = dw_map_next(&in->by_flow, hash, &at)) != 0)
        if (is_of(in->list[number].flow, e)) latest = number;
    while (latest && in->list[latest].first_packet > packet)
        latest = in->list[latest].before;
    return latest;
}

static bool begin(dw_incarnations *in, const dw_flow *flow, uint64_t packet, uint32_t before)
{
    struct dw_incarnation *list = dw_list_room(in->list, in->count + 1, sizeof *list);
    if (list) in->list = list;
    if (!list || !dw_map_room(&in->by_flow)) return false;
    dw_flow_end e = dw_own_end(flow);
    in->list[++in->count] = (struct dw_incarnation){flow, packet, before, {false, false}};
    dw_map_add(&in->by_flow, hash_pair(&e), in->count);
    return true;
}

/* A connection ends where the next one at the same end begins. */
static void end_before(const dw_trace *trace, dw_incarnations *in, uint32_t conn)
{
    dw_flow_end e = dw_own_end(&dw_trace_conn(trace, conn)->u.conn.flow);
    for (uint32_t c = conn - 1; c > 0; c--) {
        const dw_trace_event *other = dw_trace_conn(trace, c);
        if (!other || !dw_flow_at_end(&other->u.conn.flow, &e)) continue;
        in->end[c] = in->first[conn];
        return;
    }
}

static bool add(const dw_trace *trace, dw_incarnations *in, uint32_t conn, uint64_t packet)
{
    const dw_trace_event *c = dw_trace_conn(trace, conn);
    if (!c) return true;
    const dw_flow *flow = &c->u.conn.flow;
    dw_flow_end e = dw_own_end(flow);
    uint32_t found = find(in, &e, UINT64_MAX);
    bool near = !found || dw_flow_at_end(in->list[found].flow, &e);
    if (!found || in->list[found].end[!near]) {
        if (!begin(in, flow, packet, found)) return false;
        found = in->count;
        near = true;
    }
    in->list[found].end[!near] = true;
    in->of_conn[conn] = found;
    in->first[conn] = in->list[found].first_packet;
    in->end[conn] = UINT64_MAX;
    if (in->list[found].before) end_before(trace, in, conn);
    return true;
}

int dw_incarnations_build(const dw_trace *trace, dw_incarnations *out)
{
    size_t conns = (size_t)dw_trace_conns(trace) + 1;
    *out = (dw_incarnations){.of_conn = calloc(conns, sizeof *out->of_conn),
                             .first = calloc(conns, sizeof *out->first),
                             .end = calloc(conns, sizeof *out->end),
                             .list = calloc(8, sizeof *out->list)};
    uint64_t next = 1;
    bool fine = out->of_conn && out->first && out->end && out->list;
    for (size_t i = 0; fine && i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type == DW_TRACE_CONN) fine = add(trace, out, e->conn, next);
        if (e->type == DW_TRACE_SENT && e->packet >= next) next = e->packet + 1;
    }
    return fine ? DW_OK : DW_E_NOMEM;
}

void dw_incarnations_free(dw_incarnations *in)
{
    free(in->list);
    free(in->of_conn);
    free(in->first);
    free(in->end);
    dw_map_free(&in->by_flow);
    *in = (dw_incarnations){0};
}

uint32_t dw_incarnation_of(const dw_incarnations *in, const dw_dissection *d, uint64_t packet)
{
    dw_flow_end e = dw_sender_end(d);
    return find(in, &e, packet);
}

bool dw_incarnation_has(const dw_trace *trace, const dw_incarnations *in, uint32_t conn,
                        const dw_dissection *d, uint64_t packet)
{
    dw_flow_end e = dw_sender_end(d);
    const dw_trace_event *c = dw_trace_conn(trace, conn);
    return c && is_of(&c->u.conn.flow, &e) && packet >= in->first[conn] && packet < in->end[conn];
}

bool dw_incarnation_follows(const dw_incarnations *in, uint32_t later, uint32_t earlier)
{
    while (later > earlier)
        later = in->list[later].before;
    return later == earlier && later != 0;
}

bool dw_incarnation_shares(const dw_trace *trace, const dw_incarnations *in, uint32_t a, uint32_t b)
{
    const dw_trace_event *x = dw_trace_conn(trace, a), *y = dw_trace_conn(trace, b);
    if (!x || !y) return false;
    dw_flow_end e = dw_own_end(&x->u.conn.flow);
    return is_of(&y->u.conn.flow, &e) && in->first[a] < in->end[b] && in->first[b] < in->end[a];
}
