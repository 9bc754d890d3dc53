/* A segment arrives that the network may have marked. */
#ifndef DW_TCP_ECN_ECHO_H
#define DW_TCP_ECN_ECHO_H

#include "tcp.h"

/* The segment is acceptable. */
void dw_tcp_ecn_acceptable(dw_tcb *t, const dw_seg *s);

/* Its text is to be processed, in a state where it may have some. */
void dw_tcp_ecn_arrives(dw_tcb *t, const dw_seg *s);

/* The text has been processed: does an ACK have to go at once? */
void dw_tcp_ecn_taken(dw_tcb *t, const dw_seg *s);

/* A SYN, or SYN,ACK, of this connection comes once more. */
void dw_tcp_ecn_syn_again(dw_tcb *t, const dw_seg *s);

/* That segment was answered, unless there were too many; the answer tells how it arrived. */
void dw_tcp_ecn_challenged(dw_tcb *t);

#endif
