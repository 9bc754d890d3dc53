/* Calls out of callbacks.
 *
 * While a protocol or a link is at work (sim->inside), whatever it calls out to finds it half-way:
 * hooks for state changes, predicates and intercepts of rules, subscribers of the trace, congestion
 * controls, foreign stacks.  What would change a connection under its feet waits here until the
 * event is over. */
#include "drywire/plugin.h"
#include "defer.h"

#include "node.h"
#include "sim.h"
#include "status.h"

#include <stdlib.h>
#include <string.h>

bool dw_sim_inside(const dw_sim *sim)
{
    return sim->inside > 0;
}

static int keep(dw_sim *sim, dw_deferred call)
{
    if (sim->deferred_count == sim->deferred_capacity) {
        uint32_t capacity = sim->deferred_capacity ? sim->deferred_capacity * 2 : 8;
        dw_deferred *grown = realloc(sim->deferred, capacity * sizeof *grown);
        if (!grown) return dw_sim_no_memory(sim);
        sim->deferred = grown;
        sim->deferred_capacity = capacity;
    }
    sim->deferred[sim->deferred_count++] = call;
    return DW_OK;
}

int dw_sim_defer(dw_sim *sim, void (*fn)(void *arg), void *arg)
{
    if (sim->inside) return keep(sim, (dw_deferred){.fn = fn, .arg = arg});
    fn(arg);
    return DW_OK;
}

int dw_socket_defer(dw_socket *socket, void (*fn)(void *arg), void *arg, void *owned)
{
    return keep(socket->node->sim,
                (dw_deferred){.fn = fn, .arg = arg, .socket = socket, .owned = owned});
}

/* One after the other, in the order in which they were asked for; those that one of them asks for
 * come last. */
void dw_deferred_run(dw_sim *sim)
{
    for (uint32_t i = 0; i < sim->deferred_count; i++) {
        dw_deferred call = sim->deferred[i];
        sim->deferred[i] = (dw_deferred){0};
        if (call.fn && !sim->out_of_memory) call.fn(call.arg);
        free(call.owned);
    }
    sim->deferred_count = 0;
}

/* The socket is about to be freed. */
void dw_deferred_forget(dw_sim *sim, const dw_socket *socket)
{
    for (uint32_t i = 0; i < sim->deferred_count; i++)
        if (sim->deferred[i].socket == socket) sim->deferred[i].fn = NULL;
}

void dw_deferred_free(dw_sim *sim)
{
    for (uint32_t i = 0; i < sim->deferred_count; i++)
        free(sim->deferred[i].owned);
    free(sim->deferred);
}
