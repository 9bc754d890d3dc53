/* TCP in UDP. */
#ifndef DW_TCP_UDP_H
#define DW_TCP_UDP_H

#include "tcp.h"

/* Put a UDP header in front of a segment that is to go in UDP. */
void dw_tcp_encapsulate(dw_packet *packet, const dw_flow *flow);

#endif
