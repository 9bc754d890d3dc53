/* Protocols on a host. */
#ifndef DW_ATTACH_H
#define DW_ATTACH_H

#include "node.h"

/* The plugin's instance on a node, made when it is first asked for; NULL: it could not be, and a
 * sentence says why. */
void *dw_node_attach(dw_node *node, const dw_plugin *plugin);
/* The plugin that a node has under a name; NULL: there is none. */
const dw_plugin *dw_node_plugin(const dw_node *node, const char *name);
/* The protocol of a layer and number, attached if a plugin offers it; NULL: none does. */
dw_attached *dw_node_attached(dw_node *node, uint8_t layer, uint16_t number);

#endif
