/* RFC 3168: explicit congestion notification, what is asked, said and marked. */
#ifndef DW_TCP_ECN_H
#define DW_TCP_ECN_H

#include "tcp.h"

/* ECN codepoints in the IP header (RFC 3168 5, RFC 8311). */
enum dw_tcp_codepoint { DW_TCP_NOT_ECT, DW_TCP_ECT_1, DW_TCP_ECT_0, DW_TCP_CE };

/* How soon ECN wants an ACK: as usual, now, or now and for the segments after it, too. */
enum dw_ecn_urge { DW_ECN_URGE_NONE, DW_ECN_URGE_ACK, DW_ECN_URGE_QUICK };

/* Whether the congestion control lives on marks, like DCTCP. */
static inline bool dw_tcp_ecn_echoes_exactly(const dw_tcb *t)
{
    if (t->folded) return false; /* a record of TIME-WAIT has no congestion control any more */
    return t->cc.ops && DW_OFFERS(dw_congestion_ops, t->cc.ops, exact_echo);
}

/* ECE, CWR and AE for a segment with these flags and len octets of data that is about to leave.
 * plain: it is sent again, or probes a closed window. */
uint16_t dw_tcp_ecn_flags(dw_tcb *t, uint8_t flags, uint32_t len, bool plain);

/* Whether that segment is marked as capable: ECT(0). */
bool dw_tcp_ecn_marks(const dw_tcb *t, uint8_t flags, uint32_t len, bool plain);

/* Likewise for our SYN or SYN,ACK. */
bool dw_tcp_ecn_marks_syn(const dw_tcb *t);

/* The codepoint of a pure ACK. */
uint8_t dw_tcp_ecn_codepoint(const dw_tcb *t);

/* STATUS: 0 none, 1 classic, 2 accurate, 3 accurate that was asked for. */
uint8_t dw_tcp_ecn_mode(const dw_tcb *t);

/* The window has been reduced, for whatever reason (6.1.2). */
void dw_tcp_ecn_window_reduced(dw_tcb *t);

/* The peer's SYN or SYN,ACK says which kind of ECN both ends speak. */
void dw_tcp_ecn_negotiate(dw_tcb *t, const dw_seg *syn);

/* Likewise, where RFC 3168's kind is all that may be agreed on. */
void dw_tcp_ecn_negotiate_plain(dw_tcb *t, const dw_seg *syn);

/* The ACK that completes the handshake came. */
void dw_tcp_ecn_third_ack(dw_tcb *t, const dw_seg *s);

/* Octets that an ACK of so many reports as marked, where the echo is exact; s is NULL where no
 * segment brought the ACK. */
uint64_t dw_tcp_ecn_marked(const dw_tcb *t, const dw_seg *s, uint64_t octets);

#endif
