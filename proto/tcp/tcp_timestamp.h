/* RFC 7323: timestamps. */
#ifndef DW_TCP_TIMESTAMP_H
#define DW_TCP_TIMESTAMP_H

#include "tcp.h"

/* ts_recent means nothing after that (5.5). */
#define DW_TCP_LONGEST_IDLE (24 * (dw_time)24 * DW_HOUR)

/* The timestamp of a segment that leaves now, or then; the clock ticks once in a millisecond. */
uint32_t dw_tcp_timestamp_now(const dw_tcb *t);
uint32_t dw_tcp_timestamp_at(dw_time at);

/* An acceptable segment came: TS.Recent may be taken from it. */
void dw_tcp_timestamp_update(dw_tcb *t, dw_seg *s);

/* Whether the answer to a SYN echoes what no SYN of this connection carried. */
bool dw_tcp_timestamp_foreign(const dw_tcb *t, const dw_seg *s);

/* A round-trip sample from the echoed timestamp, in whole ticks, or -1; s may be NULL. */
dw_time dw_tcp_timestamp_sample(const dw_tcb *t, const dw_seg *s);

#endif
