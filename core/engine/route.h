/* Ways through the network. */
#ifndef DW_ROUTE_TABLE_H
#define DW_ROUTE_TABLE_H

#include "drywire/plugin.h"

/* The interface towards an address, or NULL. */
dw_iface *dw_node_route(dw_node *node, const dw_addr *to);

#endif
