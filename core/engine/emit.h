/* What happens in a simulation, told to its trace and to its subscribers. */
#ifndef DW_EMIT_H
#define DW_EMIT_H

#include "sim.h"

/* Whether anybody wants events of a type: asked first, so that nobody makes what nobody sees. */
static inline bool dw_traced(const dw_sim *sim, enum dw_trace_type type)
{
    return DW_UNLIKELY((sim->trace_mask & DW_TRACE_BIT(type)) != 0);
}

/* The event is copied. */
void dw_trace_emit(dw_sim *sim, const dw_trace_event *event);
/* An event of a packet on a link (NULL: at a host); `other` as in dw_trace_event. */
void dw_trace_packet(dw_sim *sim, enum dw_trace_type type, const dw_direction *direction,
                     const dw_node *node, const dw_packet *packet, const dw_cause *cause,
                     uint64_t other);

#endif
