/* Hosts: names, addresses, static shortest-path routes, and the way up the protocol stack. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static const dw_cause no_network = {"no-network-protocol", NULL,
                                    "the host has no protocol for packets of this kind"};
static const uint32_t first_address = 0x0a000001; /* 10.0.0.1 */

/* The host is new, or has another address: routes are stale, and readers of the trace are told. */
static void announce(const dw_node *node)
{
    dw_sim *sim = node->sim;
    sim->topology++;
    if (dw_traced(sim, DW_TRACE_NODE))
        dw_trace_emit(sim, &(dw_trace_event){.at = sim->now,
                                             .type = DW_TRACE_NODE,
                                             .node = node->index,
                                             .link = UINT32_MAX,
                                             .u.node = {.name = node->name, .addr = node->addr}});
}

int dw_node_new(dw_sim *sim, const char *name, dw_node **out)
{
    if (!name || !*name) return dw_sim_fail(sim, DW_E_INVAL, "a host needs a name");
    if (strlen(name) > 64)
        return dw_sim_fail(sim, DW_E_INVAL, "a host's name may have at most 64 characters");
    if (dw_node_find(sim, name))
        return dw_sim_fail(sim, DW_E_EXIST, "there is already a host \"%s\"", name);
    if (dw_sim_over(sim) != DW_OK) return dw_sim_refuse(sim);
    dw_node **nodes = dw_list_room(sim->nodes, sim->node_count, sizeof *nodes);
    if (!nodes) return dw_sim_no_memory(sim);
    sim->nodes = nodes;
    if (!dw_index_room(sim)) return dw_sim_no_memory(sim);
    dw_node *node = calloc(1, sizeof *node);
    if (!node || !(node->name = dw_copy_text(name))) {
        free(node);
        return dw_sim_no_memory(sim);
    }
    node->sim = sim;
    node->index = sim->node_count;
    node->order = (uint64_t)(node->index + 1) << 40;
    node->addr = dw_addr_v4(first_address + node->index);
    sim->nodes[sim->node_count++] = node;
    dw_index_name(sim, node);
    dw_index_address(sim, node, &node->addr);
    dw_sim_hold(sim, sizeof *node);
    announce(node);
    *out = node;
    return DW_OK;
}

void dw_node_free(dw_node *node)
{
    for (uint32_t i = node->attached_count; i-- > 0;)
        node->attached[i].ops->detach(node->attached[i].instance);
    free(node->ifaces);
    free(node->next_hop);
    free(node->rules.items);
    free(node->name);
    free(node);
}

dw_node *dw_node_find(const dw_sim *sim, const char *name)
{
    return dw_index_find(sim, name);
}

dw_node *dw_node_at(const dw_sim *sim, uint32_t index)
{
    return index < sim->node_count ? sim->nodes[index] : NULL;
}

const char *dw_node_name(const dw_node *node)
{
    return node->name;
}

uint32_t dw_node_index(const dw_node *node)
{
    return node->index;
}

dw_sim *dw_node_sim(const dw_node *node)
{
    return node->sim;
}

dw_addr dw_node_address(const dw_node *node)
{
    return node->addr;
}

/* Neither everybody's nor nobody's, nor what every host calls itself (RFC 1122 3.2.1.3, RFC 4291
 * 2.5). */
static int check_address(dw_sim *sim, const dw_addr *addr)
{
    char text[DW_ADDR_TEXT];
    bool known = addr->family == 4 || addr->family == 6;
    if (known && dw_addr_is_unicast(addr) && !dw_addr_is_loopback(addr)) return DW_OK;
    return dw_sim_fail(sim, DW_E_INVAL, "no host can have the address %s",
                       dw_addr_format(addr, text, sizeof text));
}

int dw_node_set_address(dw_node *node, const dw_addr *addr)
{
    dw_sim *sim = node->sim;
    int status = check_address(sim, addr);
    if (status != DW_OK) return status;
    int32_t owner = dw_sim_node_of(sim, addr);
    if (owner >= 0 && owner != (int32_t)node->index)
        return dw_sim_fail(sim, DW_E_EXIST, "host \"%s\" already has that address",
                           sim->nodes[owner]->name);
    if (dw_sim_over(sim) != DW_OK) return dw_sim_refuse(sim);
    if (!dw_index_room(sim)) return dw_sim_no_memory(sim);
    node->addr = *addr;
    if (owner < 0) dw_index_address(sim, node, addr);
    announce(node);
    return DW_OK;
}

bool dw_node_has_address(const dw_node *node, const dw_addr *addr)
{
    if (DW_LIKELY(dw_addr_equal(&node->addr, addr))) return true;
    for (uint32_t i = 0; i < node->more_count; i++)
        if (dw_addr_equal(&node->more_addrs[i], addr)) return true;
    return false;
}

int dw_node_add_address(dw_node *node, const dw_addr *addr)
{
    dw_sim *sim = node->sim;
    int status = check_address(sim, addr);
    if (status != DW_OK) return status;
    int32_t owner = dw_sim_node_of(sim, addr);
    if (owner >= 0)
        return dw_sim_fail(sim, DW_E_EXIST, "host \"%s\" already has that address",
                           sim->nodes[owner]->name);
    if (node->more_count == DW_NODE_MORE_ADDRESSES)
        return dw_sim_fail(sim, DW_E_LIMIT, "a host has at most %d addresses",
                           DW_NODE_MORE_ADDRESSES + 1);
    if (dw_sim_over(sim) != DW_OK) return dw_sim_refuse(sim);
    if (!dw_index_room(sim)) return dw_sim_no_memory(sim);
    node->more_addrs[node->more_count++] = *addr;
    dw_index_address(sim, node, addr);
    sim->topology++;
    if (dw_traced(sim, DW_TRACE_NODE))
        dw_trace_emit(sim, &(dw_trace_event){.at = sim->now,
                                             .type = DW_TRACE_NODE,
                                             .node = node->index,
                                             .link = UINT32_MAX,
                                             .u.node = {.name = node->name, .addr = *addr}});
    return DW_OK;
}

/* Assigned addresses count up with the index, so the owner is usually where they say. */
int32_t dw_sim_node_of(const dw_sim *sim, const dw_addr *addr)
{
    uint32_t guess = addr->word[0] - first_address;
    if (addr->family == 4 && guess < sim->node_count &&
        dw_addr_equal(&sim->nodes[guess]->addr, addr))
        return (int32_t)guess;
    return dw_index_owner(sim, addr);
}

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

void dw_node_receive(dw_node *node, dw_iface *iface, dw_packet *packet)
{
    dw_sim *sim = node->sim;
    dw_attached *network = NULL;
    sim->inside++;
    if (DW_UNLIKELY(node->foreign != NULL))
        dw_node_foreign_receive(node, packet);
    else if ((network = dw_node_attached(node, DW_LAYER_NETWORK, packet->protocol)) != NULL)
        network->ops->input(network->instance, packet, NULL, iface);
    else
        sim->host.packet_drop(node, packet, &no_network);
    sim->inside--;
}

int dw_node_option(dw_node *node, const char *protocol, const char *name, const char *text)
{
    dw_sim *sim = node->sim;
    const dw_plugin *plugin = dw_plugin_find(sim, protocol);
    if (!plugin || !plugin->protocol)
        return dw_sim_fail(sim, DW_E_NOENT, "there is no protocol \"%s\"", protocol);
    void *instance = dw_node_attach(node, plugin);
    if (!instance) return sim->out_of_memory ? DW_E_NOMEM : DW_E_ABI;
    const dw_protocol_ops *ops = plugin->protocol;
    char why[512] = "";
    int status = DW_E_NOENT;
    if (ops->option) status = ops->option(instance, name, text, why, sizeof why);
    if (status == DW_E_NOENT && !why[0] && ops->options)
        status =
            dw_option_set(ops->options, ops->options_of(instance), name, text, why, sizeof why);
    if (status == DW_OK) return DW_OK;
    if (!why[0]) return dw_sim_fail(sim, status, "%s has no option \"%s\"", protocol, name);
    return dw_sim_fail(sim, status, "%s.%s", protocol, why);
}

void *dw_node_protocol(dw_node *node, const char *protocol)
{
    const dw_plugin *plugin = dw_plugin_find(node->sim, protocol);
    return plugin && plugin->protocol ? dw_node_attach(node, plugin) : NULL;
}

int64_t dw_node_query(dw_node *node, const char *protocol, const char *what, const dw_addr *about)
{
    const dw_plugin *plugin = dw_plugin_find(node->sim, protocol);
    void *instance = plugin && plugin->protocol ? dw_node_attach(node, plugin) : NULL;
    if (!instance || !DW_OFFERS(dw_protocol_ops, plugin->protocol, query)) return DW_E_NOENT;
    return plugin->protocol->query(instance, what, about);
}

int dw_node_connection(dw_node *node, const char *protocol, uint32_t conn, dw_info_fn each,
                       void *ctx)
{
    const dw_plugin *plugin = dw_plugin_find(node->sim, protocol);
    void *instance = plugin && plugin->protocol ? dw_node_attach(node, plugin) : NULL;
    if (!instance || !DW_OFFERS(dw_protocol_ops, plugin->protocol, connection)) return DW_E_NOENT;
    return plugin->protocol->connection(instance, conn, each, ctx);
}

static void crash(void *arg)
{
    static const dw_cause crashed = {"crash", NULL, "the host lost its memory and restarted"};
    dw_node *node = arg;
    dw_sim *sim = node->sim;
    if (dw_traced(sim, DW_TRACE_NOTE)) sim->host.trace_note(node, 0, &crashed, "crash");
    sim->inside++;
    for (uint32_t i = node->attached_count; i-- > 0;)
        if (node->attached[i].ops->crash) node->attached[i].ops->crash(node->attached[i].instance);
    sim->inside--;
}

int dw_node_crash(dw_node *node)
{
    dw_sim *sim = node->sim;
    int status = dw_sim_defer(sim, crash, node);
    if (status != DW_OK || dw_sim_over(sim) == DW_OK) return status;
    return dw_sim_refuse(sim);
}

void dw_node_on_state(dw_node *node,
                      void (*fn)(dw_node *node, uint32_t conn, const char *state, void *arg),
                      void *arg)
{
    node->on_state = fn;
    node->on_state_arg = arg;
}
