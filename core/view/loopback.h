/* Hosts that talk to themselves. */
#ifndef DW_LOOPBACK_H
#define DW_LOOPBACK_H

#include "drywire/drywire.h"

/* Whether both ends of a connection are at its node. */
bool dw_loop_conn(const dw_trace *trace, uint32_t conn);
/* Which end is its sender's, or its receiver's: 0, left, is whoever opened; 1. */
int dw_loop_packet_side(const dw_trace *trace, const dw_packet_view *v, bool receiver);
int dw_loop_conn_side(const dw_trace *trace, uint32_t conn);
/* The ports at either end of a host's connections to itself (0: they have none in common), and
 * whether each is its own peer; false: it has none. */
bool dw_loop_ports(const dw_trace *trace, uint32_t node, uint16_t port[2], bool *one_end);

#endif
