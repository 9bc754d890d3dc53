/* In what order hosts stand side by side: along the path that packets take. */
#ifndef DW_ORDER_H
#define DW_ORDER_H

#include "drywire/drywire.h"

/* All nodes of a trace from left to right: the ends of a connection (0: of the first between two
 * hosts) at the edges, what is between them in the order of the path, and whatever hangs on that
 * beside it, ends farther out.  Of both ends the one that was made first is on the left.  A star,
 * whose centre is such an end, has that in the middle, and around it the others as they were made,
 * but for a connection that was asked for.  Networks that are not connected follow each other.  The
 * caller frees it; NULL when out of memory. */
uint32_t *dw_path_order(const dw_trace *trace, uint32_t conn);
/* The same with two nodes, left and right, at the edges. */
uint32_t *dw_path_order_between(const dw_trace *trace, const int32_t ends[2]);

#endif
