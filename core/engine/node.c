/* Hosts: names and addresses. */
#include "node.h"

#include "attach.h"
#include "base/list.h"
#include "base/text.h"
#include "defer.h"
#include "emit.h"
#include "host_index.h"
#include "packet/cause.h"
#include "resources.h"
#include "sim.h"
#include "status.h"

#include <stdlib.h>
#include <string.h>

/* The host is new, or has another address: routes are stale, and readers of the trace are told. */
static void announce(const dw_node *node, const dw_addr *addr)
{
    dw_sim *sim = node->sim;
    sim->topology++;
    if (dw_traced(sim, DW_TRACE_NODE))
        dw_trace_emit(sim, &(dw_trace_event){.at = sim->now,
                                             .type = DW_TRACE_NODE,
                                             .node = node->index,
                                             .link = UINT32_MAX,
                                             .u.node = {.name = node->name, .addr = *addr}});
}

/* By the order of creation, but for what others were given. */
static dw_addr next_address(dw_sim *sim)
{
    dw_addr addr;
    do
        addr = dw_addr_v4(DW_FIRST_ADDRESS + sim->node_count + sim->passed_over);
    while (dw_sim_node_of(sim, &addr) >= 0 && ++sim->passed_over);
    return addr;
}

/* Whatever may fail comes before anything is changed. */
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
    node->addr = next_address(sim);
    sim->nodes[sim->node_count++] = node;
    dw_index_name(sim, node);
    dw_index_address(sim, node, &node->addr);
    dw_sim_hold(sim, sizeof *node);
    announce(node, &node->addr);
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
    announce(node, addr);
    return DW_OK;
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
    announce(node, addr);
    return DW_OK;
}

static void crash(void *arg)
{
    dw_node *node = arg;
    dw_sim *sim = node->sim;
    if (dw_traced(sim, DW_TRACE_NOTE)) sim->host.trace_note(node, 0, &dw_cause_crash, "crash");
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
