/* RFC 2018 and RFC 2883: what a receiver tells of segments out of order. */
#ifndef DW_TCP_SACK_H
#define DW_TCP_SACK_H

#include "tcp.h"

enum { DW_TCP_SACK_BLOCKS = 6 }; /* remembered; a segment has room for four */

typedef struct dw_tcp_sacks {
    dw_tcp_range block[DW_TCP_SACK_BLOCKS]; /* stretches that came early, the latest first */
    dw_range_list stretches;                /* all of them */
} dw_tcp_sacks;

/* A stretch has come that cannot be delivered yet. */
void dw_tcp_sack_out_of_order(dw_tcb *t, uint32_t from, uint32_t to);

/* A stretch has come twice; it is told once.  An empty one is none. */
void dw_tcp_sack_duplicate(dw_tcb *t, uint32_t from, uint32_t to);

/* RCV.NXT has moved. */
void dw_tcp_sack_delivered(dw_tcb *t);

/* How many blocks there are to send, at most `most`. */
uint32_t dw_tcp_sack_count(const dw_tcb *t, uint32_t max);

/* These blocks into out, and how many.  A duplicate counts as told. */
uint32_t dw_tcp_sack_blocks(dw_tcb *t, dw_tcp_range *out, uint32_t max);

/* Whether a stretch is news of what few ACKs tell: none of the latest two that are told. */
bool dw_tcp_sack_is_far(const dw_tcb *t, uint32_t from, uint32_t to);

void dw_tcp_sack_forget(dw_tcb *t);

#endif
