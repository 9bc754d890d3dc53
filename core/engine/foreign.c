/* What a foreign stack sends: packets of somebody else's making, in bytes.  What it is handed is
 * receive.c's. */
#include "foreign.h"

#include "link.h"
#include "packet/cause.h"
#include "packet/buffer.h"
#include "packet/dissect.h"
#include "packet_pool.h"
#include "route.h"
#include "sim.h"
#include "status.h"
#include "transmit.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_SIZE = 65535 + 40 }; /* an IPv6 packet with the longest payload */

/* The headers stand in the packet's head, what follows in a slice, as in packets of our own. */
static dw_packet *packet_of(dw_sim *sim, const dw_foreign *f, const dw_dissection *d)
{
    const uint8_t *bytes = f->bytes;
    size_t head = d->header_len && d->header_len <= f->len ? d->header_len : f->len;
    if (head > DW_PACKET_HEAD) head = DW_PACKET_HEAD;
    dw_packet *p = dw_packet_new(sim);
    if (!p) return NULL;
    p->protocol = bytes[0] >> 4 == 6 ? DW_ETHERTYPE_IPV6 : DW_ETHERTYPE_IPV4;
    p->cause = f->cause;
    p->conn = f->conn;
    p->gso_size = f->gso_size;
    memcpy(dw_packet_push(p, (uint32_t)head), bytes, head);
    p->network_at = p->head_start;
    if (head == f->len) return p;
    dw_buf *buf = dw_buf_new(bytes + head, f->len - head);
    if (!buf) {
        dw_packet_free(sim, p);
        dw_sim_no_memory(sim);
        return NULL;
    }
    dw_buf_charge(buf, sim->config.account);
    dw_packet_append(p, (dw_slice){.buf = buf, .len = (uint32_t)(f->len - head)});
    return p;
}

static dw_iface *way_of(dw_node *node, const dw_dissection *d)
{
    dw_iface *way = node->iface_count > 1 && d->dst.family ? dw_node_route(node, &d->dst) : NULL;
    return way ? way : node->ifaces[0];
}

int dw_foreign_send(dw_node *node, const dw_foreign *packet)
{
    dw_sim *sim = node->sim;
    dw_dissection d;
    if (packet->len == 0 || packet->len > MAX_SIZE)
        return dw_sim_fail(sim, DW_E_INVAL, "no packet has %zu bytes", packet->len);
    if (node->iface_count == 0) return dw_sim_fail(sim, DW_E_UNREACH, "the node has no link");
    dw_dissect(sim->plugins, packet->bytes, packet->len, packet->len, &d);
    dw_packet *p = packet_of(sim, packet, &d);
    if (!p) return DW_E_NOMEM;
    dw_iface_transmit(way_of(node, &d), p);
    return DW_OK;
}

int dw_node_send_merged(dw_node *node, const void *bytes, size_t len, uint16_t gso_size)
{
    return dw_foreign_send(
        node,
        &(dw_foreign){.bytes = bytes, .len = len, .cause = &dw_cause_raw, .gso_size = gso_size});
}

int dw_node_send_raw(dw_node *node, const void *bytes, size_t len)
{
    return dw_node_send_merged(node, bytes, len, 0);
}
