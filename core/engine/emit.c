/* What happens in a simulation, told to its trace and to its subscribers.  The trace ends where
 * memory or its limit does; the simulation is over then. */
#include "emit.h"

#include "node.h"
#include "status.h"
#include "trace/trace.h"

#include <stdlib.h>

void dw_trace_emit(dw_sim *sim, const dw_trace_event *event)
{
    bool wanted = event->type != DW_TRACE_DETAIL || sim->config.detail;
    /* It would show what no network did, or grow past its limit. */
    if (DW_UNLIKELY(sim->out_of_memory || sim->trace_full)) return;
    if (sim->trace && wanted) {
        if (dw_trace_append(sim->trace, event) != DW_OK) {
            dw_sim_no_memory(sim);
            return;
        }
        if (DW_UNLIKELY(sim->trace->bytes > sim->config.trace_limit)) dw_sim_trace_full(sim);
    }
    for (uint32_t i = 0; i < sim->subscriber_count; i++) {
        const dw_subscriber *s = &sim->subscribers[i];
        if (!(s->mask & DW_TRACE_BIT(event->type))) continue;
        if (s->node != UINT32_MAX && s->node != event->node) continue;
        if (s->conn != 0 && s->conn != event->conn) continue;
        s->fn(event, s->arg);
    }
}

int dw_trace_subscribe(dw_sim *sim, uint32_t mask, uint32_t node, uint32_t conn,
                       void (*fn)(const dw_trace_event *event, void *arg), void *arg)
{
    if (!fn || mask & ~DW_TRACE_ALL)
        return dw_sim_fail(sim, DW_E_INVAL, "a subscriber needs a function and types of events");
    dw_subscriber *list = realloc(sim->subscribers, (sim->subscriber_count + 1) * sizeof *list);
    if (!list) return dw_sim_no_memory(sim);
    sim->subscribers = list;
    list[sim->subscriber_count++] = (dw_subscriber){mask, node, conn, fn, arg};
    sim->trace_mask |= mask;
    return DW_OK;
}

void dw_trace_packet(dw_sim *sim, enum dw_trace_type type, const dw_direction *d,
                     const dw_node *node, const dw_packet *packet, const dw_cause *cause,
                     uint64_t other)
{
    dw_trace_event e = {.at = sim->now,
                        .type = (uint8_t)type,
                        .packet = packet->id,
                        .cause = cause,
                        .node = node->index,
                        .link = UINT32_MAX,
                        .conn = packet->conn};
    if (d) {
        e.link = d->link->index;
        e.direction = d->index;
    }
    e.u.packet.payload_len = packet->payload_len;
    e.u.packet.other = other;
    /* The network header moves out of sight while a transport reads the packet. */
    bool up = type == DW_TRACE_DROPPED && !d && packet->network_at;
    uint8_t from = up ? packet->network_at : packet->head_start;
    if (type != DW_TRACE_QUEUED) { /* that one is as it was sent */
        e.u.packet.head = packet->head + from;
        e.u.packet.head_len = (uint16_t)(packet->head_end - from);
        e.u.packet.checksum = packet->checksum;
        e.u.packet.checksum_start = (uint8_t)(packet->checksum_start - from);
        e.u.packet.checksum_at = (uint8_t)(packet->checksum_at - from);
    }
    if (type == DW_TRACE_SENT || type == DW_TRACE_DAMAGED || type == DW_TRACE_DUPLICATED) {
        e.u.packet.slices = packet->slice;
        e.u.packet.slice_count = packet->slice_count;
    }
    dw_trace_emit(sim, &e);
}
