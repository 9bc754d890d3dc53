/* Other segments than those that were sent. */
#ifndef DW_TCP_REPACKETIZE_H
#define DW_TCP_REPACKETIZE_H

#include "tcp.h"

/* The segment of rtx with this index is about to go again: cut it to the present size, together
 * with the rest of its buffer where these are kept. */
void dw_tcp_cut(dw_tcb *t, uint32_t index);

/* Make all segments of rtx, from the first on, as long as segments are now. */
void dw_tcp_recut(dw_tcb *t);

/* Make one segment of each buffer in rtx, to be cut anew. */
void dw_tcp_chain_join(dw_tcb *t);

/* A segment is about to be sent again: it takes along what follows, as far as there is room.
 * Returns where it is now. */
dw_segment *dw_tcp_chain_collapse(dw_tcb *t, dw_segment *s);

#endif
