/* Damage: a bit of a packet that flips, by chance or because a rule says so. */
#include "corrupt.h"

#include "emit.h"
#include "packet/cause.h"
#include "packet/dissect.h"
#include "resources.h"
#include "sim.h"

/* How long the network header is; 0 where nobody can tell. */
static uint32_t network_header(const dw_sim *sim, dw_packet *packet)
{
    if (packet->checksum_start > packet->head_start)
        return packet->checksum_start - (uint32_t)packet->head_start;
    dw_dissection d;
    dw_dissect(sim->plugins, dw_packet_head(packet), dw_packet_head_len(packet),
               dw_packet_len(packet), &d);
    return d.transport_at < dw_packet_len(packet) ? d.transport_at : 0;
}

/* After a damage the checksum must be the one from before, so that the receiver can see it. */
static void corrupt(dw_direction *d, dw_packet *packet, int64_t byte, const dw_cause *cause,
                    dw_rng *random)
{
    dw_sim *sim = d->link->sim;
    dw_packet_complete_checksum(packet);
    uint32_t len = dw_packet_len(packet), protected_head = network_header(sim, packet);
    if (len == 0) return; /* a plugin's; there is nothing to damage */
    /* By chance any bit behind the network header; damage to that would only test IP. */
    uint64_t at = byte >= 0 && (uint64_t)byte < packet->payload_len
                      ? dw_packet_head_len(packet) + (uint64_t)byte
                      : protected_head + dw_rng_below(random, len - protected_head);
    uint8_t mask = (uint8_t)(1u << dw_rng_below(random, 8));
    if (at < dw_packet_head_len(packet)) {
        dw_packet_head(packet)[at] ^= mask;
    } else {
        uint8_t *bytes = dw_packet_own_payload(packet);
        if (bytes)
            bytes[at - dw_packet_head_len(packet)] ^= mask;
        else
            dw_sim_no_memory(sim);
    }
    if (dw_traced(sim, DW_TRACE_DAMAGED))
        dw_trace_packet(sim, DW_TRACE_DAMAGED, d, d->from->node, packet, cause, at);
}

void dw_corrupt(dw_direction *d, dw_packet *packet, int64_t byte, const dw_cause *cause)
{
    corrupt(d, packet, byte, cause, dw_sim_stream(d->link->sim, "faults", "corrupt"));
}

void dw_corrupt_as_planned(dw_direction *d, dw_packet *packet)
{
    dw_rng random;
    dw_rng_seed(&random, d->link->sim->config.seed, "faults", "corrupt");
    corrupt(d, packet, -1, &dw_cause_planned_damage, &random);
}
