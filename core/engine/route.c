/* Static routes: the fewest hops. */
#include "route.h"

#include "host_index.h"
#include "link.h"
#include "node.h"
#include "receive.h"
#include "sim.h"
#include "status.h"

#include <stdlib.h>
#include <string.h>

/* Routes: the fewest hops; among equals, the link that was made first.  Found by a search in
 * breadth from this node, and kept until the topology changes. */
static bool compute_routes(dw_node *node)
{
    dw_sim *sim = node->sim;
    uint32_t n = sim->node_count;
    dw_iface **next_hop = realloc(node->next_hop, n * sizeof *next_hop);
    uint32_t *queue = malloc(n * sizeof *queue);
    if (next_hop) node->next_hop = next_hop;
    if (!next_hop || !queue) {
        free(queue);
        dw_sim_no_memory(sim);
        return false;
    }
    memset(next_hop, 0, n * sizeof(dw_iface *));
    uint32_t head = 0, tail = 0;
    queue[tail++] = node->index;
    while (head < tail) {
        dw_node *at = sim->nodes[queue[head++]];
        for (uint32_t i = 0; i < at->iface_count; i++) {
            dw_node *peer = at->ifaces[i]->out->to->node;
            if (peer == node || next_hop[peer->index]) continue;
            next_hop[peer->index] = at == node ? at->ifaces[i] : next_hop[at->index];
            queue[tail++] = peer->index;
        }
    }
    free(queue);
    node->next_hop_version = sim->topology;
    return true;
}

static dw_iface *way_to_itself(dw_node *node)
{
    dw_link *link = dw_node_loopback(node);
    return link ? &link->end[0] : NULL;
}

dw_iface *dw_node_route(dw_node *node, const dw_addr *to)
{
    dw_sim *sim = node->sim;
    if (DW_LIKELY(node->route_version == sim->topology && dw_addr_equal(&node->route_addr, to)))
        return node->route_iface;
    int32_t owner = dw_sim_node_of(sim, to);
    dw_iface *iface = NULL;
    if (owner < 0) owner = dw_sim_foreign_node(sim);
    if (owner == (int32_t)node->index || dw_addr_is_loopback(to)) {
        iface = way_to_itself(node);
    } else if (owner >= 0) {
        if (node->next_hop_version != sim->topology && !compute_routes(node)) return NULL;
        iface = node->next_hop[owner];
    }
    node->route_version = sim->topology;
    node->route_addr = *to;
    node->route_iface = iface;
    return iface;
}
