/* What an acknowledgment tells a connection with a scoreboard. */
#ifndef DW_TCP_NEWS_H
#define DW_TCP_NEWS_H

#include "tcp.h"
#include "tcp_scoreboard.h"

/* Begin *n with what holds before the ACK and what the segment itself says; s is NULL, here and
 * below, where none brought the ACK. */
void dw_tcp_news_begin(const dw_tcb *t, const dw_seg *s, uint32_t ack, dw_tcp_news *n);

/* What its SACK blocks tell. */
void dw_tcp_news_sacked(dw_tcb *t, const dw_seg *s, dw_tcp_news *n);

/* SND.UNA is about to move to ack: segments leave the front of the queue. */
void dw_tcp_news_acked(dw_tcb *t, uint32_t ack, dw_tcp_news *n);

/* How much of what was delivered was marked.  handshake: the ACK covers a SYN; old: it lies below
 * SND.UNA. */
void dw_tcp_news_marks(dw_tcb *t, const dw_seg *s, dw_tcp_news *n, bool handshake, bool old);

/* A sample of the round trip, for the estimate. */
void dw_tcp_news_sample(dw_tcb *t, const dw_seg *s, dw_tcp_news *n);

/* 1: it is a duplicate ACK; else 0. */
uint64_t dw_tcp_news_duplicates(const dw_tcb *t, const dw_seg *s, const dw_tcp_news *n);

/* Whether a segment has the echo of RFC 3168's kind. */
bool dw_tcp_says_ece(const dw_tcb *t, const dw_seg *s);

#endif
