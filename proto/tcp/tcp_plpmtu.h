/* RFC 4821 and RFC 2923: the path MTU without the help of ICMP. */
#ifndef DW_TCP_PLPMTU_H
#define DW_TCP_PLPMTU_H

#include "tcp.h"

/* Before new data leaves: send a probe, if it is time for one.  True: nothing else leaves now. */
bool dw_tcp_mtu_probe(dw_tcb *t);

/* SND.UNA has moved: over the probe? */
void dw_tcp_mtu_probe_acked(dw_tcb *t);

/* The segment at SND.UNA is lost.  True: it was the probe, and what is to follow has been done. */
bool dw_tcp_mtu_probe_lost(dw_tcb *t);

/* The retransmission timer expired: is it the size of the segments?  True: all that is outstanding
 * is to be cut anew. */
bool dw_tcp_suspect_black_hole(dw_tcb *t);

#endif
