/* RFC 9293 section 3.6.1: TIME-WAIT as a small record. */
#ifndef DW_TCP_TIMEWAIT_H
#define DW_TCP_TIMEWAIT_H

#include "tcp.h"

/* A connection in TIME-WAIT whose user is gone needs no more than this.  Fields with the names of
 * dw_tcb's mean the same. */
struct dw_tcp_time_wait {
    dw_tcp_link link; /* first, so that a link of dw_tcp.time_wait is a record */
    dw_tcp *tcp;
    dw_timer timer;
    uint32_t conn; /* its number in the trace */
    uint32_t snd_nxt, rcv_nxt, rcv_wnd, irs, iss;
    uint32_t ts_recent, challenges;
    dw_time ts_recent_at, challenge_at;
    dw_tcp_time_wait *older, *newer; /* by the time of entry */
    dw_tcb *parked_by;               /* the new connection that took its place, for now */
    /* For those who ask only (dw_socket_ops.info). */
    uint64_t ssthresh;
    dw_time srtt, rttvar, rto;
    uint32_t cwnd, snd_wnd;
    uint16_t snd_mss, rcv_mss;
    bool sack_ok, wscale_ok;
    uint8_t rcv_wscale, snd_wscale, tos, ttl;
    uint8_t ace; /* the bits of accurate ECN, where ACKs go on to tell them; else 0 */
    bool ts_ok, options, parked, ecn_ok, ecn_echo;
};
_Static_assert(sizeof(dw_tcp_time_wait) <= 256, "a record of TIME-WAIT is to be small");

/* The record of a flow, or NULL. */
static inline dw_tcp_time_wait *dw_tcp_time_wait_of(dw_tcp_link *link)
{
    return (dw_tcp_time_wait *)(void *)link;
}

/* Make a record of a TCB in TIME-WAIT, which is freed. */
void dw_tcp_fold(dw_tcb *t);

/* A segment reaches a record, which may be gone afterwards. */
void dw_tcp_time_wait_arrives(dw_tcp_time_wait *w, dw_seg *s);

/* A segment in TIME-WAIT, as BSD treats it; one that opens the next connection did so before. */
void dw_tcp_time_wait_bsd(dw_tcb *t, dw_seg *s);

/* Whether a SYN may open the next incarnation of a connection in TIME-WAIT (RFC 6191 2). */
bool dw_tcp_syn_may_reopen(const dw_tcp *tcp, const dw_seg *syn, uint32_t rcv_nxt, bool ts_ok,
                           uint32_t ts_recent);

/* A new connection takes the record's place, but "returns to TIME-WAIT state if the SYN turns out
 * to be an old duplicate" (MAY-2): so the record is kept aside. */
void dw_tcp_time_wait_park(dw_tcp_time_wait *w);

/* Who took its place; NULL when the SYN opened nothing: the record takes it again. */
void dw_tcp_time_wait_parked_by(dw_tcp_time_wait *w, dw_tcb *by);

/* The new connection came to nothing: the wait goes on, if t had ended one. */
void dw_tcp_time_wait_unpark(dw_tcb *t);

/* The new connection is there to stay, or everything ends. */
void dw_tcp_time_wait_forget_parked(dw_tcb *t);

/* The oldest wait ends before its time, to make room; false: there is none. */
bool dw_tcp_time_wait_end_oldest(dw_tcp *tcp);

/* Into CLOSED, and free it. */
void dw_tcp_time_wait_end(dw_tcp_time_wait *w, const dw_cause *cause);
void dw_tcp_time_wait_free(dw_tcp_time_wait *w);

/* STATUS of a record, by its number in the trace; DW_E_NOENT: there is none. */
int dw_tcp_time_wait_info(dw_tcp *tcp, uint32_t conn, dw_info_fn each, void *ctx);

#endif
