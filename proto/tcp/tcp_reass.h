/* RFC 9293 section 3.10.7.4, "seventh, process the segment text". */
#ifndef DW_TCP_REASS_H
#define DW_TCP_REASS_H

#include "tcp.h"

/* A segment that is in the window, with what text and FIN it has. */
void dw_tcp_process_text(dw_tcb *t, dw_seg *s);

/* Keep a segment for later: it has come before what precedes it. */
void dw_tcp_keep_out_of_order(dw_tcb *t, const dw_seg *s);

/* Deliver what was kept and is now in order.  True when that was anything. */
bool dw_tcp_deliver_out_of_order(dw_tcb *t);

#endif
