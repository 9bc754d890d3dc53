/* RFC 9293 sections 3.7 and 3.8: what to send, and when. */
#ifndef DW_TCP_OUTPUT_H
#define DW_TCP_OUTPUT_H

#include "tcp.h"

/* Send all that may be sent now: what a timeout made due again, new data, and an acknowledgment
 * that nothing else carried. */
void dw_tcp_output(dw_tcb *t);

/* New data alone, as windows and Nagle allow; else a timer is set that tries again. */
void dw_tcp_send_new(dw_tcb *t);

/* RFC 8985 7.3: one segment of new data, whatever the congestion window and Nagle say. */
void dw_tcp_output_probe(dw_tcb *t);

/* 3.8.6.1: probe a closed window. */
void dw_tcp_probe(dw_tcb *t);

#endif
