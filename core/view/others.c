/* What a ladder has no room for: connections of other hosts than its two. */
#include "exchange.h"

static bool are_ends(const int32_t ends[2], int32_t a, int32_t b)
{
    return (a == ends[0] && b == ends[1]) || (a == ends[1] && b == ends[0]);
}

/* Whether a connection is the other end of one with a lower number. */
static bool was_counted(const dw_trace *trace, uint32_t conn)
{
    const dw_trace_event *e = dw_trace_conn(trace, conn);
    const dw_flow *f = &e->u.conn.flow;
    for (uint32_t k = 1; k < conn; k++) {
        const dw_trace_event *c = dw_trace_conn(trace, k);
        if (!c || (int32_t)c->node != dw_trace_conn_peer(trace, conn)) continue;
        const dw_flow *g = &c->u.conn.flow;
        bool ports = g->local_port == f->remote_port && g->remote_port == f->local_port;
        if (ports && dw_trace_conn_peer(trace, k) == (int32_t)e->node) return true;
    }
    return false;
}

/* A connection whose ends are both in the trace is two there, and counts once. */
uint32_t dw_ladder_others(const dw_trace *trace, const dw_picture *p, int32_t shown[2],
                          uint32_t *hosts, size_t max, size_t *host_count)
{
    uint32_t count = 0;
    *host_count = 0;
    if (p->conn || p->left_given || p->right_given) return 0;
    if (dw_exchange_ends(trace, p, shown) != DW_OK) return 0;
    for (uint32_t conn = 1; conn <= dw_trace_conns(trace); conn++) {
        const dw_trace_event *e = dw_trace_conn(trace, conn);
        int32_t peer = dw_trace_conn_peer(trace, conn);
        if (!e || peer < 0 || are_ends(shown, (int32_t)e->node, peer)) continue;
        if (was_counted(trace, conn)) continue;
        count++;
        bool named = false;
        for (size_t i = 0; i < *host_count; i++)
            named |= hosts[i] == e->node;
        if (!named && *host_count < max) hosts[(*host_count)++] = e->node;
    }
    return count;
}
