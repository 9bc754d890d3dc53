/* RFC 4987 section 3.6: SYN cookies. */
#ifndef DW_TCP_COOKIE_H
#define DW_TCP_COOKIE_H

#include "tcp.h"

/* The ISS of a SYN,ACK that carries the connection's particulars. */
uint32_t dw_tcp_cookie_make(const dw_tcp *tcp, const dw_seg *syn);

/* Reading it back: *syn becomes the SYN that it was made from, as far as known; false when the ACK
 * is of no cookie of ours. */
bool dw_tcp_cookie_check(const dw_tcp *tcp, const dw_seg *ack, dw_seg *syn);

/* t, which will be forgotten, takes what of the SYN's options the cookie can tell again.  True: it
 * can tell of ECN, too. */
bool dw_tcp_cookie_offers(dw_tcb *t, const dw_seg *syn);

/* The timestamp of its SYN,ACK. */
uint32_t dw_tcp_cookie_timestamp(const dw_tcb *t);

/* A keyed hash of a flow, for cookies and initial sequence numbers. */
uint64_t dw_tcp_hash_flow(uint64_t secret, const dw_flow *flow);

#endif
