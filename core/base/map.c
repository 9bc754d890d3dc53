/* Hash tables of numbers: open addressing, the next slot after a taken one. */
#include "map.h"

#include <stdlib.h>

enum { FIRST_SIZE = 64 };

static void put(dw_map *map, uint64_t hash, uint32_t number)
{
    uint32_t at = (uint32_t)hash & (map->size - 1);
    while (map->slots[at].number)
        at = (at + 1) & (map->size - 1);
    map->slots[at] = (struct dw_map_slot){hash, number};
}

bool dw_map_room(dw_map *map)
{
    if (2 * ((uint64_t)map->used + 1) <= map->size) return true;
    dw_map grown = {.size = map->size ? 2 * map->size : FIRST_SIZE, .used = map->used};
    grown.slots = grown.size ? calloc(grown.size, sizeof *grown.slots) : NULL;
    if (!grown.slots) return false;
    for (uint32_t i = 0; i < map->size; i++)
        if (map->slots[i].number) put(&grown, map->slots[i].hash, map->slots[i].number);
    free(map->slots);
    *map = grown;
    return true;
}

void dw_map_add(dw_map *map, uint64_t hash, uint32_t number)
{
    DW_ASSERT(number != 0);
    DW_ASSERT(map->used < map->size);
    put(map, hash, number);
    map->used++;
}

/* *at counts the slots that were passed. */
uint32_t dw_map_next(const dw_map *map, uint64_t hash, uint32_t *at)
{
    while (map->size) {
        const struct dw_map_slot *s = &map->slots[((uint32_t)hash + (*at)++) & (map->size - 1)];
        if (s->number == 0 || s->hash == hash) return s->number;
    }
    return 0;
}

void dw_map_free(dw_map *map)
{
    free(map->slots);
}
