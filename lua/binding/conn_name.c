/* What messages call a connection (see lua_conn.h). */
#include "lua_conn.h"

#include <stdio.h>

/* A trace that keeps nothing knows its number alone. */
void dwl_conn_name(const dwl_conn *c, char *buf, size_t size)
{
    dw_sim *sim = c->sim->sim ? c->sim->sim : c->sim->retired;
    const dw_trace *trace = sim ? dw_sim_trace(sim) : NULL;
    uint32_t nth = 0, node = dw_node_index(c->node);
    for (uint32_t i = 1; trace && i <= c->conn; i++) {
        const dw_trace_event *made = dw_trace_conn(trace, i);
        nth += made && made->node == node;
    }
    if (nth)
        snprintf(buf, size, "%s connection %u", dw_node_name(c->node), nth);
    else
        snprintf(buf, size, "a connection of %s (#%u)", dw_node_name(c->node), c->conn);
}
