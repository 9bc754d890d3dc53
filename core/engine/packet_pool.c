/* Packets come from the simulation's pool and go back to it. */
#include "packet_pool.h"

#include "sim.h"
#include "status.h"

#include <string.h>

static dw_packet *take(dw_sim *sim)
{
    dw_packet *p = dw_pool_get(&sim->packets);
    if (DW_UNLIKELY(!p)) dw_sim_no_memory(sim);
    return p;
}

dw_packet *dw_packet_new(dw_sim *sim)
{
    dw_packet *p = take(sim);
    if (!p) return NULL;
    memset(p, 0, offsetof(dw_packet, slice));
    p->head_start = p->head_end = DW_PACKET_HEAD;
    return p;
}

dw_packet *dw_packet_clone(dw_sim *sim, const dw_packet *packet)
{
    dw_packet *p = take(sim);
    if (!p) return NULL;
    *p = *packet;
    p->id = 0;
    for (int i = 0; i < p->slice_count; i++)
        dw_buf_ref(p->slice[i].buf);
    return p;
}

void dw_packet_free(dw_sim *sim, dw_packet *packet)
{
    for (int i = 0; i < packet->slice_count; i++)
        dw_buf_unref(packet->slice[i].buf);
    dw_pool_put(&sim->packets, packet);
}
