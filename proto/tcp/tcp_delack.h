/* When to acknowledge: RFC 9293 section 3.8.6.3. */
#ifndef DW_TCP_DELACK_H
#define DW_TCP_DELACK_H

#include "tcp.h"
#include "tcp_timer.h"

/* The shortest wait of an ACK that Linux lets wait (TCP_ATO_MIN). */
#define DW_TCP_ATO_MIN (40 * MS)

/* Linux's way, or the RFC's. */
static inline bool dw_tcp_delack_adapts(const dw_tcb *t)
{
    return t->tcp->profile.delayed_ack_rule == DW_TCP_DELACK_ADAPTS;
}

/* Whether what came waits for an ACK, or will. */
static inline bool dw_tcp_owes_ack(const dw_tcb *t)
{
    return t->delack.scheduled || dw_tcp_timer_runs(t, DW_TCP_TIMER_DELAYED_ACK);
}

/* Data leaves: soon after data came it is an answer (tcp_event_data_sent). */
static inline void dw_tcp_delack_sent_data(dw_tcb *t)
{
    dw_tcp_delack *d = &t->delack;
    bool answer = dw_tcp_delack_adapts(t) && dw_tcp_now(t) - d->lrcvtime < d->ato;
    if (answer && d->pingpong < UINT8_MAX) d->pingpong++;
}

/* A segment with ACK leaves.  The last of the quick ACKs deflates ato (tcp_dec_quickack_mode). */
static inline void dw_tcp_delack_acknowledged(dw_tcb *t)
{
    dw_tcp_delack *d = &t->delack;
    if (!dw_tcp_delack_adapts(t)) return;
    if (d->scheduled && t->quick > 0 && --t->quick == 0) d->ato = DW_TCP_ATO_MIN;
    d->scheduled = d->check = d->pushed = d->pushed_twice = false;
    d->compressed_ack = 0;
}

/* The peer's SYN is known. */
void dw_tcp_delack_begin(dw_tcb *t);

/* The SYN,ACK has come, and ack_now is set for it: its ACK may wait for data. */
void dw_tcp_delack_opened(dw_tcb *t);

/* Data came in order. */
void dw_tcp_delack_data(dw_tcb *t, const dw_seg *s);

/* Data came early. */
void dw_tcp_delack_out_of_order(dw_tcb *t, const dw_seg *s);

/* A segment came where it does not belong: the peer does not know what we have. */
void dw_tcp_delack_trouble(dw_tcb *t);

/* A segment came that holds nothing new; its sender waits for an ACK. */
void dw_tcp_delack_old(dw_tcb *t, const dw_cause *cause);

/* The peer's FIN counts. */
void dw_tcp_delack_fin(dw_tcb *t);

/* All that the segments of this instant let go has been sent: does an ACK go now? */
void dw_tcp_delack_check(dw_tcb *t);

void dw_tcp_delack_timeout(dw_tcb *t);

/* The user has read. */
void dw_tcp_delack_read(dw_tcb *t);

/* The user wants ACKs at once, or not (TCP_QUICKACK); and what getsockopt says of that. */
void dw_tcp_delack_set(dw_tcb *t, bool quick);
bool dw_tcp_delack_is_quick(const dw_tcb *t);

/* What came should be acknowledged at once (quick 0), or so many segments from now on. */
void dw_tcp_delack_soon(dw_tcb *t, uint32_t quick);

/* SACK blocks are about to change that not every ACK has room for: those that wait go now. */
void dw_tcp_delack_far(dw_tcb *t);

/* The size of the peer's segments, as far as they have told. */
uint32_t dw_tcp_delack_mss(const dw_tcb *t);

/* An ACK is to go, after a while or with data. */
void dw_tcp_ack_later(dw_tcb *t, const dw_cause *cause);

#endif
