/* ICMP (RFC 792, RFC 1122 3.2.2, RFC 4443): what other protocols ask of it. */
#ifndef DW_ICMP_H
#define DW_ICMP_H

#include "drywire/plugin.h"

/* Tell the sender of a packet why it could not be carried.  The packet's header bytes must still
 * hold its IP header, from network_at on; it stays the caller's.  Nothing is sent about ICMP
 * errors, fragments, or packets that nobody in particular sent or got (RFC 1122 3.2.2). */
void dw_icmp_error(const dw_host *host, dw_node *node, const dw_packet *packet,
                   enum dw_net_error_kind kind, uint32_t mtu);

#endif
