/* RFC 7323: timestamps, what is echoed of them, and samples of the round trip.  Protection against
 * wrapped sequence numbers (PAWS) is in tcp_sequence.c. */
#include "tcp_timestamp.h"

#define TICK DW_MILLISECOND /* of the timestamp clock (RFC 7323 5.4) */

/* One clock for all connections of a host, so that timestamps rise from one incarnation of a
 * connection to the next (RFC 6191).  It does not begin at 0, which some take for "none". */
uint32_t dw_tcp_timestamp_at(dw_time at)
{
    return (uint32_t)(at / TICK) + 1;
}

uint32_t dw_tcp_timestamp_now(const dw_tcb *t)
{
    return dw_tcp_timestamp_at(dw_tcp_now(t));
}

/* 4.3: what to echo is the timestamp of the earliest segment that is not acknowledged yet. */
void dw_tcp_timestamp_update(dw_tcb *t, dw_seg *s)
{
    if (!s->has_timestamp || seq_lt(t->last_ack_sent, s->seq_first)) return;
    bool stale = dw_tcp_now(t) - t->ts_recent_at > DW_TCP_LONGEST_IDLE;
    if (seq_lt(s->ts_val, t->ts_recent) && !stale) return;
    s->ts_advanced = seq_lt(t->ts_recent, s->ts_val);
    t->ts_recent = s->ts_val;
    t->ts_recent_at = dw_tcp_now(t);
}

/* Whether the answer to a SYN echoes what no SYN of this connection carried. */
bool dw_tcp_timestamp_foreign(const dw_tcb *t, const dw_seg *s)
{
    if (!t->tcp->profile.synack_echo_check || !s->has_timestamp || s->ts_ecr == 0) return false;
    return seq_lt(dw_tcp_timestamp_now(t), s->ts_ecr);
}

dw_time dw_tcp_timestamp_sample(const dw_tcb *t, const dw_seg *s)
{
    if (!t->ts_ok || !s || !s->has_timestamp || s->ts_ecr == 0) return -1;
    uint32_t ticks = dw_tcp_timestamp_now(t) - s->ts_ecr;
    return ticks < UINT32_MAX / 2 ? (dw_time)ticks * TICK : -1;
}
