/* The way onto a link: the packet gets its number, is traced, and shown to the rules. */
#include "transmit.h"

#include "emit.h"
#include "link.h"
#include "node.h"
#include "packet/cause.h"
#include "packet_pool.h"
#include "rule.h"
#include "sim.h"
#include "status.h"

/* Whether a rule, or the plan, does something else with it than to put it onto the link. */
static bool is_taken(dw_direction *d, dw_packet *packet, bool leaves_host)
{
    const dw_sim *sim = d->link->sim;
    if (DW_UNLIKELY(sim->plan != NULL) && leaves_host &&
        sim->plan_ops->leaves(sim->plan, d, packet))
        return true;
    return DW_UNLIKELY(d->rules.count || d->from->node->rules.count) && dw_rules_apply(d, packet);
}

void dw_iface_transmit(dw_iface *iface, dw_packet *packet)
{
    dw_direction *d = iface->out;
    dw_sim *sim = d->link->sim;
    if (DW_UNLIKELY(packet->payload_len > UINT16_MAX)) {
        dw_plugin_fault(iface->node, "a packet of more than 65535 octets");
        dw_packet_free(sim, packet);
        return;
    }
    bool leaves_host = packet->id == 0;
    if (leaves_host) packet->id = ++sim->packet_count;
    if (DW_UNLIKELY(d->config.refuses)) {
        dw_direction_drop(d, packet, &dw_cause_queue_refuses);
        return;
    }
    d->stats.sent_packets++;
    d->stats.sent_bytes += dw_packet_len(packet);
    if (dw_traced(sim, DW_TRACE_SENT))
        dw_trace_packet(sim, DW_TRACE_SENT, d, iface->node, packet, packet->cause, 0);
    if (!is_taken(d, packet, leaves_host)) dw_direction_enqueue(d, packet, 0);
}
