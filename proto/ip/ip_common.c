/* What the two versions of IP share. */
#include "ip_common.h"
#include "../icmp/icmp.h"

int dw_ip_attach(dw_node *node, const dw_host *host, void **instance)
{
    dw_ip *self = host->alloc(node, sizeof *self);
    if (!self) return DW_E_NOMEM;
    self->node = node;
    self->host = host;
    *instance = self;
    return DW_OK;
}

void dw_ip_detach(void *instance)
{
    dw_ip *self = instance;
    self->host->free(self->node, self, sizeof *self);
}

void dw_ip_fingerprint(void *instance, dw_fingerprint *into)
{
    (void)instance;
    (void)into;
}

void dw_ip_refuse(dw_ip *self, dw_packet *p, const dw_cause *cause, enum dw_net_error_kind kind,
                  uint32_t mtu)
{
    dw_icmp_error(self->host, self->node, p, kind, mtu);
    self->host->packet_drop(self->node, p, cause);
}

/* Our own packet without a route is nobody else's affair: the caller hears of it (DW_E_UNREACH), no
 * ICMP error is made. */
dw_iface *dw_ip_way_out(dw_ip *self, dw_packet *p, const dw_addr *dst, const dw_ip_version *version)
{
    dw_iface *iface = self->host->route(self->node, dst);
    if (!iface) self->host->packet_drop(self->node, p, version->no_route);
    return iface;
}

dw_iface *dw_ip_next_hop(dw_ip *self, dw_packet *p, const dw_addr *dst,
                         const dw_ip_version *version)
{
    dw_iface *iface = self->host->route(self->node, dst);
    if (!iface) {
        dw_ip_refuse(self, p, version->no_route, version->unreachable, 0);
        return NULL;
    }
    if (dw_packet_head(p)[version->hop_limit_at] <= 1) {
        dw_ip_refuse(self, p, version->hop_limit, DW_NET_TIME_EXCEEDED, 0);
        return NULL;
    }
    uint32_t mtu = self->host->iface_mtu(iface);
    if (dw_packet_len(p) > mtu && !p->may_fragment) { /* which packets of IPv6 never may */
        dw_ip_refuse(self, p, version->too_big, DW_NET_TOO_BIG, mtu);
        return NULL;
    }
    return iface;
}

bool dw_ip_is_martian(const dw_ip *self, const dw_flow *flow, const dw_iface *iface)
{
    if (iface && self->host->iface_is_loopback(iface)) return false;
    return dw_addr_is_loopback(&flow->local) || self->host->is_local(self->node, &flow->remote);
}
