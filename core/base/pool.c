/* Pools of fixed-size blocks (see pool.h). */
#include "pool.h"

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define DW_POOL_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DW_POOL_POISON 1
#endif
#endif
#ifdef DW_POOL_POISON
/* As in <sanitizer/asan_interface.h>, whose const would tell a compiler that the block is read. */
void __asan_poison_memory_region(volatile void *block, size_t size);
void __asan_unpoison_memory_region(volatile void *block, size_t size);
#define POISON(block, size) __asan_poison_memory_region(block, size)
#define UNPOISON(block, size) __asan_unpoison_memory_region(block, size)
#else
#define POISON(block, size) ((void)0)
#define UNPOISON(block, size) ((void)0)
#endif

/* The first chunk, with its head, is what allocators still call small: a run that needs no more is
 * set up and thrown away much faster. */
enum { FIRST_CHUNK_BYTES = 960, LARGEST_CHUNK_BYTES = 256 * 1024, ALIGNMENT = 16 };

typedef struct chunk {
    struct chunk *next;
    max_align_t blocks[];
} chunk;

static size_t rounded(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void tell(dw_pool *pool, int64_t octets)
{
    pool->bytes += (size_t)octets;
    if (pool->account) pool->account->change(pool->account->arg, octets);
}

static bool grow(dw_pool *pool)
{
    size_t size = rounded(pool->block_size);
    size_t count = pool->next_count ? pool->next_count : FIRST_CHUNK_BYTES / size;
    if (count == 0) count = 1;
    chunk *c = malloc(sizeof *c + count * size);
    if (!c) return false;
    tell(pool, (int64_t)(sizeof *c + count * size));
    c->next = pool->chunks;
    pool->chunks = c;
    pool->fresh = (char *)c->blocks;
    pool->fresh_count = count;
    pool->next_count = count * size < LARGEST_CHUNK_BYTES ? count * 2 : count;
    POISON(pool->fresh, count * size);
    return true;
}

void *dw_pool_get(dw_pool *pool)
{
    void *block = pool->free_list;
    if (block) {
        UNPOISON(block, pool->block_size);
        pool->free_list = *(void **)block;
    } else {
        if (pool->fresh_count == 0 && !grow(pool)) return NULL;
        block = pool->fresh;
        pool->fresh += rounded(pool->block_size);
        pool->fresh_count--;
        UNPOISON(block, pool->block_size);
    }
    pool->live++;
    return block;
}

void dw_pool_put(dw_pool *pool, void *block)
{
    *(void **)block = pool->free_list;
    pool->free_list = block;
    pool->live--;
    POISON(block, pool->block_size);
}

void dw_pool_drain(dw_pool *pool)
{
    for (chunk *c = pool->chunks; c;) {
        chunk *next = c->next;
        free(c);
        c = next;
    }
    tell(pool, -(int64_t)pool->bytes);
    *pool = (dw_pool){.block_size = pool->block_size, .account = pool->account};
}
