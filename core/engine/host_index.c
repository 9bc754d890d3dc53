/* Hosts by their names and by their addresses.
 *
 * Names are never given up.  A host stays under an address that it had before; whoever finds it
 * there asks the host. */
#include "host_index.h"

#include "node.h"
#include "sim.h"

#include <string.h>
#include <xxhash.h>

static uint64_t name_hash(const char *name)
{
    return XXH3_64bits(name, strlen(name));
}

static uint64_t address_hash(const dw_addr *addr)
{
    return XXH3_64bits_withSeed(addr->word, sizeof addr->word, addr->family);
}

bool dw_index_room(dw_sim *sim)
{
    return dw_map_room(&sim->names) && dw_map_room(&sim->addresses);
}

void dw_index_name(dw_sim *sim, const dw_node *node)
{
    dw_map_add(&sim->names, name_hash(node->name), node->index + 1);
}

/* Under one that the host had before it still is. */
void dw_index_address(dw_sim *sim, const dw_node *node, const dw_addr *addr)
{
    uint64_t hash = address_hash(addr);
    uint32_t at = 0, number;
    while ((number = dw_map_next(&sim->addresses, hash, &at)) != 0)
        if (number == node->index + 1) return;
    dw_map_add(&sim->addresses, hash, node->index + 1);
}

dw_node *dw_index_find(const dw_sim *sim, const char *name)
{
    uint64_t hash = name_hash(name);
    uint32_t at = 0, number;
    while ((number = dw_map_next(&sim->names, hash, &at)) != 0)
        if (strcmp(sim->nodes[number - 1]->name, name) == 0) return sim->nodes[number - 1];
    return NULL;
}

/* Of several, the one that was made first. */
int32_t dw_index_owner(const dw_sim *sim, const dw_addr *addr)
{
    uint64_t hash = address_hash(addr);
    uint32_t at = 0, number, owner = 0;
    while ((number = dw_map_next(&sim->addresses, hash, &at)) != 0)
        if ((owner == 0 || number < owner) && dw_node_has_address(sim->nodes[number - 1], addr))
            owner = number;
    return (int32_t)owner - 1;
}

/* Assigned addresses count up with the index, so the owner is usually where they say. */
int32_t dw_sim_node_of(const dw_sim *sim, const dw_addr *addr)
{
    uint32_t guess = addr->word[0] - DW_FIRST_ADDRESS;
    if (addr->family == 4 && guess < sim->node_count &&
        dw_addr_equal(&sim->nodes[guess]->addr, addr))
        return (int32_t)guess;
    return dw_index_owner(sim, addr);
}

void dw_index_free(dw_sim *sim)
{
    dw_map_free(&sim->names);
    dw_map_free(&sim->addresses);
}
