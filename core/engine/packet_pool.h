/* Packets out of a simulation's pool. */
#ifndef DW_PACKET_POOL_H
#define DW_PACKET_POOL_H

#include "drywire/plugin.h"

/* An empty packet, with room for all headers; NULL as dw_sim_schedule's. */
dw_packet *dw_packet_new(dw_sim *sim);
/* The same bytes under no number yet. */
dw_packet *dw_packet_clone(dw_sim *sim, const dw_packet *packet);
void dw_packet_free(dw_sim *sim, dw_packet *packet);

#endif
