/* Buffers that grow with the path. */
#ifndef DW_TCP_TUNE_H
#define DW_TCP_TUNE_H

#include "tcp.h"

/* What the growth of the receive buffer goes by. */
typedef struct dw_tcp_tuning {
    dw_time rtt;          /* as the receiver sees it; 0: not known yet */
    dw_time started_at;   /* when counting what is read began; 0: it has not */
    dw_time window_at;    /* when the window that ends at window_end began */
    uint32_t window_end;  /* a sequence number */
    uint32_t read_before; /* octets read when counting began, from the first on */
    uint32_t copied;      /* octets read in the best round trip so far; not 0 */
    uint32_t echo;        /* the last timestamp that gave a sample */
} dw_tcp_tuning;

/* Data came in order, and has been queued for the user. */
void dw_tcp_tune_received(dw_tcb *t, const dw_seg *s);

/* A segment has come early. */
void dw_tcp_tune_out_of_order(dw_tcb *t);

/* The user has read some data. */
void dw_tcp_tune_read(dw_tcb *t);

/* Data was acknowledged: the send buffer may grow. */
void dw_tcp_tune_acked(dw_tcb *t);

/* Likewise on Linux, where the connection has opened, or the user waits for room. */
void dw_tcp_tune_space(dw_tcb *t);

void dw_tcp_tune_free(dw_tcb *t);

#endif
