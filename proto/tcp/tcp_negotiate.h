/* What the peer's SYN tells, and what follows from it. */
#ifndef DW_TCP_NEGOTIATE_H
#define DW_TCP_NEGOTIATE_H

#include "tcp.h"

/* Whether a SYN or SYN,ACK that is sent now has no options but MSS. */
static inline bool dw_tcp_syn_is_plain(const dw_tcb *t)
{
    uint32_t after = t->tcp->profile.syn_plain_after;
    return after > 0 && t->retransmits >= after;
}

/* The number and options of the peer's SYN or SYN,ACK. */
void dw_tcp_negotiate(dw_tcb *t, const dw_seg *syn);

/* What an ACK in SYN-RECEIVED says of the options that were agreed on. */
void dw_tcp_options_settled(dw_tcb *t, const dw_seg *s);

/* Our SYN or SYN,ACK has to be sent again. */
void dw_tcp_syn_repeated(dw_tcb *t);

/* What that means for the initial window, once the SYN,ACK has been acknowledged. */
void dw_tcp_window_after_syn(dw_tcb *t);

/* The source route along which the connection sends from now on; copied. */
void dw_tcp_set_route(dw_tcb *t, const dw_route *route);

#endif
