/* The send queue as Linux has it: a chain of buffers, each of many segments, that a network card
 * cuts (TSO).  Three things that the wire shows follow from it, which RFC 9293 leaves open:
 *
 * How much a call takes: room is asked for only when a buffer is begun, and each costs more than
 * what is in it (tcp_sendmsg_locked, sk_stream_memory_free): tcp_chain_write.c.
 *
 * Where PSH is: on a buffer in which a call ended, on one with which half of the largest window was
 * written since the last PSH, and on what leaves as several segments at once (tcp_mark_push,
 * forced_push).
 *
 * What leaves together: the head of the chain, as far as the windows and the burst go
 * (tcp_write_xmit, tcp_mss_split_point): tcp_chain_output.c.
 *
 * Sent data stays in buffers, too: DW_MARK_BURST_END is on the last segment of each.
 *
 * All of this is for profiles with send_whole_buffers. */
#ifndef DW_TCP_CHAIN_H
#define DW_TCP_CHAIN_H

#include "tcp.h"

/* A buffer of the send queue. */
typedef struct dw_tcp_buffer {
    uint32_t end; /* the sequence number after its last octet */
    bool push;    /* its last segment has PSH */
    bool record;  /* nothing is added to it: a record of the user's ends with it */
} dw_tcp_buffer;

/* A ring.  The buffers hold what is `unsent`, without gaps: each begins where the one before ends,
 * the first at SND.NXT (after dw_tcp_chain_fit). */
typedef struct dw_tcp_chain {
    uint32_t head, count, capacity; /* a power of two */
    dw_tcp_buffer buffer[];
} dw_tcp_chain;

/* Nagle's flags as Linux has them (TCP_NAGLE_OFF and so on): turned off, corked, and "now". */
enum dw_tcp_nagle_flag { DW_TCP_NAGLE_OFF = 1, DW_TCP_NAGLE_CORK = 2, DW_TCP_NAGLE_PUSH = 4 };

/* dw_trace_call's text of a send that goes on: the octets are of the same call as those before. */
#define DW_TCP_GOES_ON "goes on"

/* The buffer with this index, which must be below count. */
static inline dw_tcp_buffer *dw_tcp_chain_at(const dw_tcp_chain *c, uint32_t index)
{
    dw_tcp_chain *chain = (dw_tcp_chain *)(uintptr_t)c;
    return &chain->buffer[(c->head + index) & (c->capacity - 1)];
}

/* The head of the chain and its tail; NULL: it is empty. */
static inline dw_tcp_buffer *dw_tcp_chain_first(const dw_tcb *t)
{
    return t->chain && t->chain->count > 0 ? dw_tcp_chain_at(t->chain, 0) : NULL;
}

static inline dw_tcp_buffer *dw_tcp_chain_last(const dw_tcb *t)
{
    return t->chain && t->chain->count > 0 ? dw_tcp_chain_at(t->chain, t->chain->count - 1) : NULL;
}

/* The sequence number that the user's next octet will have (Linux's write_seq). */
static inline uint32_t dw_tcp_write_seq(const dw_tcb *t)
{
    return t->snd_nxt + t->unsent.bytes;
}

static inline void dw_tcp_chain_remove_first(dw_tcp_chain *c)
{
    c->head = (c->head + 1) & (c->capacity - 1);
    c->count--;
}

/* tcp_chain.c */

/* Make the chain agree with `unsent`, which other ways may have changed: data with the OPEN, or
 * that a SYN did not bring over.  Called before the chain is looked at. */
void dw_tcp_chain_fit(dw_tcb *t);
/* One more buffer at the end, empty; NULL: there was no memory for it. */
dw_tcp_buffer *dw_tcp_chain_begin(dw_tcb *t);
void dw_tcp_chain_forget(dw_tcb *t);
/* The send buffer that is in use, in octets: what is unsent and unacknowledged, and what each of
 * its buffers costs besides (sk_wmem_queued). */
uint64_t dw_tcp_chain_used(const dw_tcb *t);
/* Whether there is room worth telling of: a third of what is in use, and half of what may wait
 * unsent (__sk_stream_is_writeable, tcp_stream_memory_free). */
bool dw_tcp_chain_writable(const dw_tcb *t);
/* The flags and marks of a segment of so many octets from SND.NXT on: whole buffers that are taken
 * over bring their PSH (tcp_mtu_probe).  false: a record ends within. */
bool dw_tcp_chain_across(dw_tcb *t, uint32_t len, uint8_t *flags, uint8_t *marks);
/* Bits of enum dw_tcp_nagle_flag, by what the user has set. */
uint32_t dw_tcp_chain_nagle(const dw_tcb *t);

/* tcp_chain_write.c */

/* SEND: as much as there is room for, some of which leaves at once.  Returns how many octets; takes
 * the references of those. */
int64_t dw_tcp_chain_take(dw_tcb *t, const dw_slice *slices, size_t count, uint32_t flags);

/* tcp_chain_output.c */

/* Send new data, as windows, pacing and Nagle allow. */
void dw_tcp_chain_output(dw_tcb *t);
/* RFC 8985 7.3: one segment of new data or the FIN, whatever the congestion window says. */
void dw_tcp_chain_probe(dw_tcb *t);
/* The probe timer expired, and the window is not closed: what was held back leaves, one segment,
 * with PSH (tcp_write_wakeup).  false: there is nothing that may. */
bool dw_tcp_chain_wakeup(dw_tcb *t);

#endif
