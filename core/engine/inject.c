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

/* The names of some flags, for a sentence: "SYN,ACK"; bits without a name are left out. */
static const char *flags_text(const char *const *names, uint32_t flags, char *out, size_t size)
{
    size_t n = 0;
    out[0] = 0;
    for (int i = 0; names && names[i] && n < size; i++)
        if (flags >> i & 1)
            n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "," : "", names[i]);
    return out;
}

/* Flags are those of the protocol that is named.  A plugin that does not tell its flags may get
 * any.
 */
static int check_flags(dw_sim *sim, const dw_plugin *plugin, const dw_dissection *fields)
{
    const dw_protocol_ops *ops = plugin->protocol;
    if (!fields->flags || ops->size < offsetof(dw_protocol_ops, flags) + sizeof ops->flags)
        return DW_OK;
    if (!ops->flags)
        return dw_sim_fail(sim, DW_E_INVAL, "packets of protocol \"%s\" have no flags",
                           plugin->name);
    if (fields->flag_names && fields->flag_names != ops->flags)
        return dw_sim_fail(sim, DW_E_INVAL, "the flags are of another protocol than \"%s\"",
                           plugin->name);
    uint32_t known = 0;
    for (int i = 0; ops->flags[i]; i++)
        known |= 1u << i;
    if (!(fields->flags & ~known)) return DW_OK;
    return dw_sim_fail(sim, DW_E_INVAL, "protocol \"%s\" has no flags 0x%x", plugin->name,
                       (unsigned)(fields->flags & ~known));
}

/* Why a protocol made no packet of these fields. */
static int not_built(dw_sim *sim, const dw_plugin *plugin, const dw_dissection *fields, int status)
{
    char flags[200];
    const char *const *names =
        DW_OFFERS(dw_protocol_ops, plugin->protocol, flags) ? plugin->protocol->flags : NULL;
    if (status != DW_E_NOENT)
        return dw_sim_fail(sim, status, "a field of the packet is out of range");
    if (!*flags_text(names, fields->flags, flags, sizeof flags))
        return dw_sim_fail(sim, status, "protocol \"%s\" has no such packet", plugin->name);
    return dw_sim_fail(sim, status, "protocol \"%s\" has no \"%s\"", plugin->name, flags);
}

static int build(dw_sim *sim, dw_packet *packet, const char *protocol, dw_dissection fields,
                 const void *data, size_t len)
{
    const dw_plugin *plugin = dw_plugin_find(sim, protocol);
    const dw_protocol_ops *network =
        dw_protocol_numbered(sim->plugins, DW_LAYER_NETWORK, packet->protocol);
    if (!plugin || !plugin->protocol || !plugin->protocol->build || !network || !network->build)
        return dw_sim_fail(sim, DW_E_NOENT, "cannot make packets of protocol \"%s\"", protocol);
    int status = check_flags(sim, plugin, &fields);
    if (status != DW_OK) return status;
    if (len) {
        dw_buf *buf = dw_buf_new(data, len);
        if (!buf) return dw_sim_no_memory(sim);
        dw_buf_charge(buf, sim->config.account);
        dw_packet_append(packet, (dw_slice){.buf = buf, .len = (uint32_t)len});
    }
    fields.transport = (uint8_t)plugin->protocol->number;
    if (fields.src.family != fields.dst.family)
        return dw_sim_fail(sim, DW_E_INVAL, "its addresses are of different families");
    status = plugin->protocol->build(packet, &fields);
    if (status == DW_OK) status = network->build(packet, &fields);
    return status == DW_OK ? DW_OK : not_built(sim, plugin, &fields, status);
}

static void enter(dw_direction *d, dw_packet *packet)
{
    dw_iface_transmit(d->from, packet);
}

/* What the caller says is looked at first: nothing is made of what cannot be sent.  Rules leave the
 * packet alone, as a fault that acted already. */
int dw_link_inject(dw_link *link, int direction, dw_time at, const char *protocol,
                   const dw_dissection *fields, const void *data, size_t len)
{
    dw_sim *sim = link->sim;
    if (at < sim->now) return dw_sim_fail(sim, DW_E_INVAL, "that time has already passed");
    if (!protocol || !fields)
        return dw_sim_fail(sim, DW_E_INVAL, "a packet needs a protocol and its fields");
    if (direction != 0 && direction != 1)
        return dw_sim_fail(sim, DW_E_INVAL, "a link has the directions 0 and 1, not %d", direction);
    if (len && !data) return dw_sim_fail(sim, DW_E_INVAL, "there is no data to send");
    dw_direction *d = &link->direction[direction];
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
