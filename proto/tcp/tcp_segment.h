/* RFC 9293 section 3.7: one segment is built and handed to the network layer. */
#ifndef DW_TCP_SEGMENT_H
#define DW_TCP_SEGMENT_H

#include "tcp.h"

/* To the network layer, in UDP where the connection is.  Takes the packet. */
void dw_tcp_send_down(dw_tcp *tcp, dw_packet *packet, const dw_flow *flow);

/* Send a segment that begins at seq, with these flags and with the text of data (NULL: none), which
 * keeps its references.  With ACK, what was owed to the peer counts as acknowledged. */
void dw_tcp_transmit(dw_tcb *t, uint32_t seq, uint8_t flags, const dw_segment *data,
                     const dw_cause *cause);

/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */
void dw_tcp_send_ack(dw_tcb *t, const dw_cause *cause);

/* 3.8.4: an ACK with an old sequence number, with or without an octet of garbage. */
void dw_tcp_send_keepalive(dw_tcb *t);

/* <SEQ=SND.NXT><CTL=RST>, and the same with <ACK=RCV.NXT>, as some systems always have it. */
void dw_tcp_reset(dw_tcb *t, const dw_cause *cause);
void dw_tcp_reset_and_ack(dw_tcb *t, const dw_cause *cause);

/* 3.10.7.1: a reset that the sender of s will accept.  t, where there is one, is the connection
 * that it is about. */
void dw_tcp_reset_reply(dw_tcp *tcp, const dw_seg *s, const dw_tcb *t, const dw_cause *cause);

/* The SYN,ACK of a connection that is not kept (RFC 4987 3.6). */
void dw_tcp_send_cookie(dw_tcb *t);

/* s, which is in rtx, was sent together with the segments before it, and not with those behind. */
static inline void dw_tcp_end_buffer(dw_tcb *t, dw_segment *s)
{
    if (s->marks & DW_MARK_BURST_END) return;
    s->marks |= DW_MARK_BURST_END;
    t->sent_buffers++;
}

#endif
