/* What the two versions of IP share: an instance, the way out of a host, and what a router refuses.
 */
#ifndef DW_IP_COMMON_H
#define DW_IP_COMMON_H

#include "drywire/plugin.h"

/* IP of one node. */
typedef struct dw_ip {
    dw_node *node;
    const dw_host *host;
    uint16_t next_id; /* IPv4's identification of the next packet */
} dw_ip;

/* In what the versions differ as far as this goes. */
typedef struct dw_ip_version {
    const dw_cause *no_route, *hop_limit, *too_big; /* why a packet is dropped */
    enum dw_net_error_kind unreachable;             /* what its sender is told without a route */
    uint32_t hop_limit_at;                          /* where in the header it stands */
} dw_ip_version;

/* dw_protocol_ops.attach and .detach. */
int dw_ip_attach(dw_node *node, const dw_host *host, void **instance);
void dw_ip_detach(void *instance);
/* dw_protocol_ops.fingerprint: nothing of the next identification matters to anybody. */
void dw_ip_fingerprint(void *instance, dw_fingerprint *into);

/* Drop a packet and tell its sender why; mtu is for DW_NET_TOO_BIG.  Takes the packet. */
void dw_ip_refuse(dw_ip *self, dw_packet *p, const dw_cause *cause, enum dw_net_error_kind kind,
                  uint32_t mtu);

/* The interface towards dst for a packet of this host's; without one it is dropped (NULL). */
dw_iface *dw_ip_way_out(dw_ip *self, dw_packet *p, const dw_addr *dst,
                        const dw_ip_version *version);

/* Likewise for a packet that is to be forwarded, and may be refused for its hop limit or size, too.
 * Its header is at the front and whole; the hop limit is left as it is. */
dw_iface *dw_ip_next_hop(dw_ip *self, dw_packet *p, const dw_addr *dst,
                         const dw_ip_version *version);

/* Loopback addresses "MUST NOT appear outside a host" (RFC 1122 3.2.1.3 (g), RFC 4291 2.5.3).  Nor
 * does anybody else send with an address of ours: a SYN that seems to come from the listener itself
 * would have it answer itself without end (CERT CA-1997-28, "land"). */
bool dw_ip_is_martian(const dw_ip *self, const dw_flow *flow, const dw_iface *iface);

#endif
