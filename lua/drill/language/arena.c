/* The memory that a script is made of: blocks from which pieces are cut, freed at once. */
#include "script.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 16384 };

struct dw_arena_block {
    struct dw_arena_block *next;
    size_t used, size;
    _Alignas(16) unsigned char bytes[];
};

void *dw_arena_alloc(dw_arena *arena, size_t size)
{
    DW_ASSERT(size <= SIZE_MAX / 2);
    size = (size + 15) & ~(size_t)15;
    struct dw_arena_block *b = arena->blocks;
    if (!b || b->size - b->used < size) {
        size_t room = size > BLOCK ? size : BLOCK;
        b = malloc(sizeof *b + room);
        if (!b) return NULL;
        *b = (struct dw_arena_block){.next = arena->blocks, .size = room};
        arena->blocks = b;
    }
    void *at = b->bytes + b->used;
    b->used += size;
    return memset(at, 0, size);
}

char *dw_arena_text(dw_arena *arena, const char *text, size_t len)
{
    char *copy = dw_arena_alloc(arena, len + 1);
    if (copy) memcpy(copy, text, len);
    return copy;
}

void dw_arena_free(dw_arena *arena)
{
    while (arena->blocks) {
        struct dw_arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}
