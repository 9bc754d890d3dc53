/* Fixed-size blocks without a malloc per object. */
#ifndef DW_POOL_H
#define DW_POOL_H

#include "drywire/base.h"

/* Zero the struct and set block_size, and account where there is one; blocks come from chunks that
 * double up to 256 KiB. Freed blocks are reused last in, first out; memory goes back to the system
 * only in dw_pool_drain, which frees every block at once. */
typedef struct dw_pool {
    size_t block_size;
    void *free_list;
    void *chunks;
    char *fresh; /* blocks never handed out yet */
    size_t fresh_count;
    size_t next_count;
    size_t live;
    size_t bytes;              /* in chunks */
    const dw_account *account; /* told of them, or NULL */
} dw_pool;

void *dw_pool_get(dw_pool *pool); /* contents undefined; NULL when out of memory */
void dw_pool_put(dw_pool *pool, void *block);
void dw_pool_drain(dw_pool *pool);

#endif
