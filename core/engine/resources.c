/* What a simulation gives to whatever happens in it: events, memory, random numbers. */
#include "resources.h"

#include "base/account.h"
#include "base/text.h"
#include "node.h"
#include "sim.h"
#include "status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Events. */

uint64_t dw_sim_next_order(dw_sim *sim, dw_node *node)
{
    return node ? node->order++ : sim->order++;
}

dw_event *dw_sim_schedule(dw_sim *sim, dw_node *node, dw_time at, dw_event_fn fn, void *arg)
{
    DW_ASSERT(fn); /* an entry without one is taken for a cancelled one */
    dw_event *event = dw_evq_push(&sim->queue, at, dw_sim_next_order(sim, node), fn, arg);
    if (DW_UNLIKELY(!event)) dw_sim_no_memory(sim);
    return event;
}

/* Memory. */

void dw_sim_hold(dw_sim *sim, size_t size)
{
    sim->held += size;
    dw_account_change(sim->config.account, (int64_t)size);
}

static void *large_block(dw_sim *sim, size_t size)
{
    void *block = size <= PTRDIFF_MAX ? calloc(1, size) : NULL; /* no object is larger */
    if (block) dw_account_change(sim->config.account, (int64_t)size);
    return block;
}

static void large_block_free(dw_sim *sim, void *block, size_t size)
{
    free(block);
    dw_account_change(sim->config.account, -(int64_t)size);
}

/* The pool whose blocks are just large enough; NULL: none are. */
static dw_pool *pool_of(dw_sim *sim, size_t size)
{
    size_t class = size ? (size - 1) / DW_POOL_STEP : 0;
    return class < DW_POOL_CLASSES ? &sim->blocks[class] : NULL;
}

void *dw_sim_alloc(dw_sim *sim, size_t size)
{
    dw_pool *pool = pool_of(sim, size);
    void *block = pool ? dw_pool_get(pool) : large_block(sim, size);
    if (DW_UNLIKELY(!block))
        dw_sim_no_memory(sim);
    else if (pool)
        memset(block, 0, size);
    return block;
}

void dw_sim_block_free(dw_sim *sim, void *block, size_t size)
{
    if (!block) return;
    dw_pool *pool = pool_of(sim, size);
    if (pool)
        dw_pool_put(pool, block);
    else
        large_block_free(sim, block, size);
}

/* Random streams. */

static dw_rng *stream(dw_sim *sim, const char *object, const char *purpose)
{
    char name[256];
    snprintf(name, sizeof name, "%s/%s", object, purpose);
    for (dw_stream *s = sim->streams; s; s = s->next)
        if (strcmp(s->name, name) == 0) return &s->rng;
    dw_stream *s = calloc(1, sizeof *s);
    if (!s || !(s->name = dw_copy_text(name))) {
        free(s);
        dw_sim_no_memory(sim);
        return NULL;
    }
    dw_rng_seed(&s->rng, sim->config.seed, object, purpose);
    s->next = sim->streams;
    sim->streams = s;
    return &s->rng;
}

dw_rng *dw_sim_stream(dw_sim *sim, const char *object, const char *purpose)
{
    dw_rng *found = stream(sim, object, purpose);
    return found ? found : &sim->no_stream;
}

void dw_sim_reseed(dw_sim *sim, uint64_t seed)
{
    sim->config.seed = seed;
    for (dw_stream *s = sim->streams; s; s = s->next)
        dw_rng_seed(&s->rng, seed, s->name, "again");
}

dw_rng *dw_sim_random(dw_sim *sim, const char *name)
{
    return stream(sim, "program", name);
}
