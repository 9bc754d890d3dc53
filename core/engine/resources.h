/* What a simulation gives to whatever happens in it: events, memory, random numbers. */
#ifndef DW_RESOURCES_H
#define DW_RESOURCES_H

#include "drywire/drywire.h"
#include "evq.h"

/* NULL when there was no memory.  dw_sim_no_memory has then been told, as by everybody who cannot
 * get memory for a simulation; the caller drops what it cannot keep and goes on in any way that is
 * safe.
 */
dw_event *dw_sim_schedule(dw_sim *sim, dw_node *node, dw_time at, dw_event_fn fn, void *arg);
/* The key of the next event of a node; NULL: of the simulation itself, before every node's. */
uint64_t dw_sim_next_order(dw_sim *sim, dw_node *node);

void *dw_sim_alloc(dw_sim *sim, size_t size); /* zeroed; NULL as dw_sim_schedule's */
/* size as it was asked for; block may be NULL. */
void dw_sim_block_free(dw_sim *sim, void *block, size_t size);
void dw_sim_hold(dw_sim *sim, size_t size); /* count memory that is freed with the simulation */

/* Never NULL: without memory, numbers that nobody will see. */
dw_rng *dw_sim_stream(dw_sim *sim, const char *object, const char *purpose);

#endif
