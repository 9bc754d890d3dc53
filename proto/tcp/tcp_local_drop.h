/* Local drops: the host's own queue takes nothing, and this TCP cares. */
#ifndef DW_TCP_LOCAL_DROP_H
#define DW_TCP_LOCAL_DROP_H

#include "tcp.h"

/* Whether nothing can be sent now. */
bool dw_tcp_refused(dw_tcb *t);

/* Whether new data cannot be sent; then it will be tried again. */
bool dw_tcp_new_data_refused(dw_tcb *t);

/* Whether what should be sent again cannot be; it counts as a retransmission all the same. */
bool dw_tcp_retransmit_refused(dw_tcb *t);

#endif
