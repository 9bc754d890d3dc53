/* In what order hosts stand side by side: along the path that packets take. */
#ifndef DW_ORDER_H
#define DW_ORDER_H

#include "drywire/drywire.h"

/* All nodes of a trace from left to right: the ends of a connection (0: of the first between two
 * hosts) at the edges, what is between them in the order of the path, and whatever hangs on that
 * beside it, ends farther out.  Of both ends the one that was made first is on the left.  Networks
 * that are not connected follow each other.  The caller frees it; NULL when out of memory. */
uint32_t *dw_path_order(const dw_trace *trace, uint32_t conn);

/* Likewise for a picture: of its connection, and turned round where that puts the host that is
 * asked for at the left, or at the right. */
uint32_t *dw_picture_order(const dw_trace *trace, const dw_picture *picture);

#endif
