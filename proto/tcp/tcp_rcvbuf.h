/* The receive buffer as Linux counts it. */
#ifndef DW_TCP_RCVBUF_H
#define DW_TCP_RCVBUF_H

#include "tcp.h"

/* The window that Linux would offer now (__tcp_select_window); may be less than what was. */
uint32_t dw_tcp_rcvbuf_window(dw_tcb *t);

/* The handshake is over, and the first window has been offered. */
void dw_tcp_rcvbuf_begin(dw_tcb *t);
void dw_tcp_rcvbuf_free(dw_tcb *t);

/* The buffers of what waits to be read. */
void dw_tcp_rcvbuf_fingerprint(const dw_tcb *t, dw_fingerprint *into);

/* receive_buffer has changed by itself: the bounds of the window follow (tcp_set_window_clamp). */
void dw_tcp_rcvbuf_resized(dw_tcb *t);

/* Make the memory enough for such a window; false: it is already, or as much as there may be. */
bool dw_tcp_rcvbuf_resize(dw_tcb *t, uint64_t window);

/* What a connection may use in memory for what it receives, in octets. */
uint64_t dw_tcp_rcvbuf_memory(const dw_tcb *t);

/* Whether there is memory for a segment in order; else an ACK will close the window for now. */
bool dw_tcp_rcvbuf_takes(dw_tcb *t, const dw_seg *s);

/* A segment in order was queued for the user. */
void dw_tcp_rcvbuf_queued(dw_tcb *t, const dw_seg *s);

/* Whether there is memory for a segment that comes early. */
bool dw_tcp_rcvbuf_takes_out_of_order(dw_tcb *t, const dw_seg *s);

/* A segment came early: set in `early`, which will be kept, what its buffer costs. */
void dw_tcp_rcvbuf_came_out_of_order(dw_tcb *t, const dw_seg *s, dw_segment *out_of_order);

/* A part of such a segment is kept, behind another one or (NULL) as the first. */
void dw_tcp_rcvbuf_keep_out_of_order(dw_tcb *t, dw_segment *before, dw_segment *part);

/* `fresh` covers one that is kept, and its buffer takes over; next is the one behind that, or NULL.
 */
void dw_tcp_rcvbuf_replace(dw_tcb *t, dw_segment *kept, dw_segment *next, dw_segment *fresh);

/* One that came early is so no longer: it is delivered, or (dropped) had come to nothing. */
void dw_tcp_rcvbuf_settled(dw_tcb *t, const dw_segment *out_of_order, bool dropped);

/* A segment as large as any came: how well do such segments fill their buffers? */
void dw_tcp_rcvbuf_measure(dw_tcb *t, const dw_seg *s);

/* Data came in order: may the window grow with it (tcp_grow_window)? */
void dw_tcp_rcvbuf_grow(dw_tcb *t, const dw_seg *s);

/* Likewise for data that came early, whose buffer costs true_size; 0: it shares another's. */
void dw_tcp_rcvbuf_grow_out_of_order(dw_tcb *t, const dw_seg *s, uint32_t true_size);

/* The user has read so many octets. */
void dw_tcp_rcvbuf_read(dw_tcb *t, uint32_t octets);

#endif
