/* A host that talks to itself has both ends of a connection in one place: which of them a packet or
 * a connection belongs to, for those who draw ends. */
#include "loopback.h"

#include "packet/flow.h"

bool dw_loop_conn(const dw_trace *trace, uint32_t conn)
{
    const dw_trace_event *e = dw_trace_conn(trace, conn);
    return e && dw_trace_conn_peer(trace, conn) == (int32_t)e->node;
}

/* The first connection of an end on a host; 0: it has none. */
static uint32_t first_conn(const dw_trace *trace, uint32_t node, const dw_flow_end *e)
{
    for (uint32_t conn = 1; conn <= dw_trace_conns(trace); conn++) {
        const dw_trace_event *opened = dw_trace_conn(trace, conn);
        if (opened && opened->node == node && dw_flow_at_end(&opened->u.conn.flow, e)) return conn;
    }
    return 0;
}

/* Whoever opens is traced first, and stands on the left; so does an end that is its own peer. */
static int side_of(const dw_trace *trace, uint32_t node, const dw_flow_end *e)
{
    const dw_flow_end peer = dw_other_end(*e);
    uint32_t own = first_conn(trace, node, e), other = first_conn(trace, node, &peer);
    if (own == 0) return other != 0;
    return other != 0 && other < own;
}

int dw_loop_packet_side(const dw_trace *trace, const dw_packet_view *v, bool receiver)
{
    dw_flow_end e = dw_packet_end(&v->d, receiver);
    return side_of(trace, (uint32_t)v->sender, &e);
}

int dw_loop_conn_side(const dw_trace *trace, uint32_t conn)
{
    const dw_trace_event *e = dw_trace_conn(trace, conn);
    dw_flow_end end = dw_own_end(&e->u.conn.flow);
    return side_of(trace, e->node, &end);
}

bool dw_loop_ports(const dw_trace *trace, uint32_t node, uint16_t port[2], bool *one_end)
{
    bool any = false, several[2] = {false, false};
    *one_end = true;
    for (uint32_t conn = 1; conn <= dw_trace_conns(trace); conn++) {
        const dw_trace_event *e = dw_trace_conn(trace, conn);
        if (!e || e->node != node || !dw_loop_conn(trace, conn)) continue;
        const dw_flow *f = &e->u.conn.flow;
        bool right = dw_loop_conn_side(trace, conn) == 1;
        const uint16_t own[2] = {f->local_port, f->remote_port};
        const uint16_t ports[2] = {own[right], own[!right]};
        for (int i = 0; i < 2; i++) {
            several[i] |= any && port[i] != ports[i];
            port[i] = ports[i];
        }
        *one_end &= f->local_port == f->remote_port && dw_addr_equal(&f->local, &f->remote);
        any = true;
    }
    for (int i = 0; i < 2; i++)
        if (several[i]) port[i] = 0;
    return any;
}
