/* RFC 8985 section 7: the tail loss probe. */
#ifndef DW_TCP_TLP_H
#define DW_TCP_TLP_H

#include "tcp.h"
#include "tcp_scoreboard.h"

/* The probe's timer expired. */
void dw_tcp_probe_timeout(dw_tcb *t);

/* An ACK came while a probe was outstanding: was what it replaced lost? */
void dw_tcp_probe_acked(dw_tcb *t, const dw_tcp_news *n);

#endif
