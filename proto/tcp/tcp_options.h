/* RFC 9293 section 3.2: the options of a header that is sent. */
#ifndef DW_TCP_OPTIONS_H
#define DW_TCP_OPTIONS_H

#include "tcp.h"
#include "tcp_wire.h"

/* Add to h, whose flags are set, the options of a segment with len octets of data.  What is told
 * once (a duplicate, the user timeout) counts as told. */
void dw_tcp_write_options(dw_tcb *t, dw_tcp_header *h, uint32_t len);

#endif
