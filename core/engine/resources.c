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

static size_t class_of(size_t size)
{
    return size / DW_POOL_STEP + (size % DW_POOL_STEP != 0);
}

void *dw_sim_alloc(dw_sim *sim, size_t size)
{
    size_t class = class_of(size);
    bool large = class > DW_POOL_CLASSES;
    void *block = large ? large_block(sim, size) : dw_pool_get(&sim->blocks[class ? class - 1 : 0]);
    if (DW_UNLIKELY(!block))
        dw_sim_no_memory(sim);
    else if (!large)
        memset(block, 0, size);
    return block;
}

void dw_sim_block_free(dw_sim *sim, void *block, size_t size)
{
    if (!block) return;
    size_t class = class_of(size);
    if (class > DW_POOL_CLASSES)
        large_block_free(sim, block, size);
    else
        dw_pool_put(&sim->blocks[class ? class - 1 : 0], block);
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

dw_rng *dw_sim_random(dw_sim *sim, const char *name)
{
    return stream(sim, "program", name);
}
