/* The way up from a link: to the host's protocols, or to a foreign stack that speaks for it. */
#include "receive.h"

#include "attach.h"
#include "node.h"
#include "packet_pool.h"
#include "sim.h"
#include "status.h"
#include "packet/cause.h"

#include <stdlib.h>
#include <string.h>

void dw_node_set_stack(dw_node *node, dw_stack_receive receive, void *arg)
{
    node->foreign = receive;
    node->foreign_arg = arg;
    node->sim->topology++;
}

/* The node that answers for addresses which no host has. */
int32_t dw_sim_foreign_node(const dw_sim *sim)
{
    for (uint32_t i = 0; i < sim->node_count; i++)
        if (sim->nodes[i]->foreign) return (int32_t)i;
    return -1;
}

static void foreign_receive(dw_node *node, dw_packet *packet)
{
    dw_sim *sim = node->sim;
    dw_packet_complete_checksum(packet);
    uint32_t head = dw_packet_head_len(packet), len = dw_packet_len(packet);
    uint8_t *bytes = malloc(len ? len : 1);
    if (bytes) {
        memcpy(bytes, dw_packet_head(packet), head);
        dw_packet_copy_payload(packet, 0, packet->payload_len, bytes + head);
    } else {
        dw_sim_no_memory(sim);
    }
    dw_packet_free(sim, packet);
    if (bytes) node->foreign(node, bytes, len, node->foreign_arg);
    free(bytes);
}

void dw_node_receive(dw_node *node, dw_iface *iface, dw_packet *packet)
{
    dw_sim *sim = node->sim;
    dw_attached *network = NULL;
    sim->inside++;
    if (DW_UNLIKELY(node->foreign != NULL))
        foreign_receive(node, packet);
    else if ((network = dw_node_attached(node, DW_LAYER_NETWORK, packet->protocol)) != NULL)
        network->ops->input(network->instance, packet, NULL, iface);
    else
        sim->host.packet_drop(node, packet, &dw_cause_no_network);
    sim->inside--;
}
