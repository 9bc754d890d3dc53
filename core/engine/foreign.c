/* Foreign stacks: a node that somebody else's code speaks for, in bytes. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 65535 + 40 }; /* an IPv6 packet with the longest payload */

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

void dw_node_foreign_receive(dw_node *node, dw_packet *packet)
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

/* The headers stand in the packet's head, what follows in a slice, as in packets of our own. */
static dw_packet *packet_of(dw_sim *sim, const uint8_t *bytes, size_t len)
{
    static const dw_cause raw = {"raw", NULL, "made outside of the simulation"};
    dw_dissection d;
    dw_dissect(sim->plugins, bytes, len, len, &d);
    size_t head = d.header_len && d.header_len <= len ? d.header_len : len;
    if (head > DW_PACKET_HEAD) head = DW_PACKET_HEAD;
    dw_packet *p = dw_packet_new(sim);
    if (!p) return NULL;
    p->protocol = bytes[0] >> 4 == 6 ? DW_ETHERTYPE_IPV6 : DW_ETHERTYPE_IPV4;
    p->cause = &raw;
    memcpy(dw_packet_push(p, (uint32_t)head), bytes, head);
    p->network_at = p->head_start;
    if (head == len) return p;
    dw_buf *buf = dw_buf_new(bytes + head, len - head);
    if (!buf) {
        dw_packet_free(sim, p);
        dw_sim_no_memory(sim);
        return NULL;
    }
    dw_buf_charge(buf, sim->config.account);
    dw_packet_append(p, (dw_slice){.buf = buf, .len = (uint32_t)(len - head)});
    return p;
}

int dw_node_send_merged(dw_node *node, const void *bytes, size_t len, uint16_t gso_size)
{
    dw_sim *sim = node->sim;
    if (len == 0 || len > MOST) return dw_sim_fail(sim, DW_E_INVAL, "no packet has %zu bytes", len);
    if (node->iface_count == 0) return dw_sim_fail(sim, DW_E_UNREACH, "the node has no link");
    dw_packet *p = packet_of(sim, bytes, len);
    if (!p) return DW_E_NOMEM;
    p->gso_size = gso_size;
    dw_iface_transmit(node->ifaces[0], p);
    return DW_OK;
}

int dw_node_send_raw(dw_node *node, const void *bytes, size_t len)
{
    return dw_node_send_merged(node, bytes, len, 0);
}
