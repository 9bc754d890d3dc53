/* RFC 9293 section 3.9.2.2: what the network reports. */
#ifndef DW_TCP_ICMP_H
#define DW_TCP_ICMP_H

#include "tcp.h"

/* dw_protocol_ops.error: an ICMP error about a segment of this flow, as this host sees it. */
void dw_tcp_network_error(void *instance, const dw_flow *flow, const dw_net_error *error);

#endif
