/* Hosts by their names and by their addresses.
 *
 * Two open hash tables, which nobody walks: what is found depends on names, addresses and the order
 * of the hosts alone.  Names are never given up.  An address that a host no longer has stays where
 * it is until the table grows; whoever finds it asks the host. */
#include "host_index.h"

#include "node.h"
#include "sim.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { FIRST_SIZE = 64 };

static uint64_t name_hash(const char *name)
{
    return XXH3_64bits(name, strlen(name));
}

static uint64_t address_hash(const dw_addr *addr)
{
    return XXH3_64bits_withSeed(addr->word, sizeof addr->word, addr->family);
}

/* The first free place from where the hash says. */
static void put(dw_host_slot *slots, uint32_t size, uint64_t hash, dw_host_slot slot)
{
    uint32_t at = (uint32_t)hash & (size - 1);
    while (slots[at].node)
        at = (at + 1) & (size - 1);
    slots[at] = slot;
}

/* Room for one more, with half of the table free. */
static bool make_room(dw_host_index *index, const dw_sim *sim, bool names)
{
    if (2 * (index->used + 1) <= index->size) return true;
    uint32_t size = index->size ? 2 * index->size : FIRST_SIZE;
    dw_host_slot *slots = calloc(size, sizeof *slots);
    if (!slots) return false;
    index->used = 0;
    for (uint32_t i = 0; i < index->size; i++) {
        const dw_host_slot *s = &index->slots[i];
        if (!s->node) continue;
        const dw_node *node = sim->nodes[s->node - 1];
        if (!names && !dw_node_has_address(node, &s->addr)) continue;
        put(slots, size, names ? name_hash(node->name) : address_hash(&s->addr), *s);
        index->used++;
    }
    free(index->slots);
    index->slots = slots;
    index->size = size;
    return true;
}

bool dw_index_room(dw_sim *sim)
{
    return make_room(&sim->names, sim, true) && make_room(&sim->addresses, sim, false);
}

void dw_index_name(dw_sim *sim, const dw_node *node)
{
    dw_host_index *index = &sim->names;
    put(index->slots, index->size, name_hash(node->name), (dw_host_slot){.node = node->index + 1});
    index->used++;
}

/* One that the host had before is still there. */
void dw_index_address(dw_sim *sim, const dw_node *node, const dw_addr *addr)
{
    dw_host_index *index = &sim->addresses;
    uint64_t hash = address_hash(addr);
    uint32_t mask = index->size - 1;
    for (uint32_t at = (uint32_t)hash & mask; index->slots[at].node; at = (at + 1) & mask) {
        const dw_host_slot *s = &index->slots[at];
        if (s->node == node->index + 1 && dw_addr_equal(&s->addr, addr)) return;
    }
    put(index->slots, index->size, hash, (dw_host_slot){.node = node->index + 1, .addr = *addr});
    index->used++;
}

dw_node *dw_index_find(const dw_sim *sim, const char *name)
{
    const dw_host_index *index = &sim->names;
    uint32_t mask = index->size - 1;
    if (index->size == 0) return NULL;
    for (uint32_t at = (uint32_t)name_hash(name) & mask; index->slots[at].node;
         at = (at + 1) & mask) {
        dw_node *node = sim->nodes[index->slots[at].node - 1];
        if (strcmp(node->name, name) == 0) return node;
    }
    return NULL;
}

/* Of several, the one that was made first. */
int32_t dw_index_owner(const dw_sim *sim, const dw_addr *addr)
{
    const dw_host_index *index = &sim->addresses;
    uint32_t mask = index->size - 1;
    int32_t owner = -1;
    if (index->size == 0) return -1;
    for (uint32_t at = (uint32_t)address_hash(addr) & mask; index->slots[at].node;
         at = (at + 1) & mask) {
        const dw_host_slot *s = &index->slots[at];
        int32_t node = (int32_t)s->node - 1;
        if (!dw_addr_equal(&s->addr, addr) || (owner >= 0 && owner <= node)) continue;
        if (dw_node_has_address(sim->nodes[node], addr)) owner = node;
    }
    return owner;
}

void dw_index_free(dw_sim *sim)
{
    free(sim->names.slots);
    free(sim->addresses.slots);
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
