/* A hash table of numbers.  It holds no keys: whoever looks one up compares what the numbers stand
 * for, which it has anyway.  Nobody walks it, so its order decides nothing. */
#ifndef DW_MAP_H
#define DW_MAP_H

#include "drywire/base.h"

/* Zero it. */
typedef struct dw_map {
    struct dw_map_slot {
        uint64_t hash;
        uint32_t number; /* 0: the slot is free */
    } * slots;
    uint32_t size, used; /* size: 0, or a power of two; at most half of it is used */
} dw_map;

/* Room for one more, so that dw_map_add cannot fail; false: no memory. */
bool dw_map_room(dw_map *map);
/* A number from 1 up, under the hash of its key.  There must be room. */
void dw_map_add(dw_map *map, uint64_t hash, uint32_t number);
/* The numbers under a hash, in the order in which they were added: the first when *at is 0, then
 * the others; 0: there are no more. */
uint32_t dw_map_next(const dw_map *map, uint64_t hash, uint32_t *at);
void dw_map_free(dw_map *map);

#endif
