/* Packets that reach a host. */
#ifndef DW_RECEIVE_H
#define DW_RECEIVE_H

#include "drywire/plugin.h"

void dw_node_receive(dw_node *node, dw_iface *iface, dw_packet *packet); /* takes the packet */
/* The node that answers for addresses which no host has; -1: none. */
int32_t dw_sim_foreign_node(const dw_sim *sim);

#endif
