/* Packets that a script makes from fields and puts on a link. */
#include "link.h"
#include "packet/buffer.h"
#include "packet/cause.h"
#include "packet/dissect.h"
#include "packet_pool.h"
#include "registry.h"
#include "sim.h"
#include "status.h"
#include "transmit.h"

#include <stdio.h>

static int build(dw_sim *sim, dw_packet *packet, const char *protocol, dw_dissection fields,
                 const void *data, size_t len)
{
    const dw_plugin *plugin = dw_plugin_find(sim, protocol);
    const dw_protocol_ops *network =
        dw_protocol_numbered(sim->plugins, DW_LAYER_NETWORK, packet->protocol);
    if (!plugin || !plugin->protocol || !plugin->protocol->build || !network || !network->build)
        return dw_sim_fail(sim, DW_E_NOENT, "cannot make packets of protocol \"%s\"", protocol);
    if (len) {
        dw_buf *buf = dw_buf_new(data, len);
        if (!buf) return dw_sim_no_memory(sim);
        dw_buf_charge(buf, sim->config.account);
        dw_packet_append(packet, (dw_slice){.buf = buf, .len = (uint32_t)len});
    }
    fields.transport = (uint8_t)plugin->protocol->number;
    if (fields.src.family != fields.dst.family)
        return dw_sim_fail(sim, DW_E_INVAL, "its addresses are of different families");
    int status = plugin->protocol->build(packet, &fields);
    if (status == DW_OK) status = network->build(packet, &fields);
    return status == DW_OK ? DW_OK
                           : dw_sim_fail(sim, status, "a field of the packet is out of range");
}

static void enter(dw_direction *d, dw_packet *packet)
{
    dw_iface_transmit(d->from, packet);
}

int dw_link_inject(dw_link *link, int direction, dw_time at, const char *protocol,
                   const dw_dissection *fields, const void *data, size_t len)
{
    dw_sim *sim = link->sim;
    if (at < sim->now) return dw_sim_fail(sim, DW_E_INVAL, "that time has already passed");
    if (!protocol || !fields)
        return dw_sim_fail(sim, DW_E_INVAL, "a packet needs a protocol and its fields");
    dw_direction *d = &link->direction[direction ? 1 : 0];
    if (len > 65535 - DW_PACKET_HEAD)
        return dw_sim_fail(sim, DW_E_INVAL, "a packet carries at most 65,399 bytes of data");
    dw_packet *packet = dw_packet_new(sim);
    if (!packet) return DW_E_NOMEM;
    packet->protocol = fields->src.family == 6 ? DW_ETHERTYPE_IPV6 : DW_ETHERTYPE_IPV4;
    packet->cause = &dw_cause_inject;
    packet->faulted = 1;
    int status = build(sim, packet, protocol, *fields, data, len);
    if (status != DW_OK) {
        dw_packet_free(sim, packet);
        return status;
    }
    dw_direction_launch(d, packet, at, enter);
    return dw_sim_over(sim) == DW_OK ? DW_OK : dw_sim_refuse(sim);
}
