/* Packets of somebody else's making. */
#ifndef DW_FOREIGN_H
#define DW_FOREIGN_H

#include "node.h"

/* One of them: from its network header on. */
typedef struct dw_foreign {
    const uint8_t *bytes;
    size_t len;
    const dw_cause *cause;
    uint32_t conn;     /* of which it is; 0: none */
    uint16_t gso_size; /* see dw_packet */
} dw_foreign;

/* Put a copy onto the node's way to where it goes: the first link where there is none.  As
 * dw_node_send_raw. */
int dw_foreign_send(dw_node *node, const dw_foreign *packet);

#endif
