/* RFC 9293 section 3.10.7.3: SEGMENT ARRIVES in SYN-SENT. */
#ifndef DW_TCP_SYN_SENT_H
#define DW_TCP_SYN_SENT_H

#include "tcp.h"

/* PROCEED: the connection is open, and "other controls or text" are processed at the sixth step. */
int dw_tcp_syn_sent(dw_tcb *t, dw_seg *s);

#endif
