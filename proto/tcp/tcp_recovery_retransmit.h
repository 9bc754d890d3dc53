/* What is sent again, when and in which order. */
#ifndef DW_TCP_RECOVERY_RETRANSMIT_H
#define DW_TCP_RECOVERY_RETRANSMIT_H

#include "tcp.h"

/* With a scoreboard: send again what is lost and fits; false: something that is lost still waits.
 */
bool dw_tcp_recovery_retransmit(dw_tcb *t);

/* With a scoreboard: all that is outstanding counts as lost and goes again, or all buffers of more
 * than so many octets (0: all).  The network is not to blame. */
void dw_tcp_recovery_retransmit_all(dw_tcb *t, uint32_t larger);

/* With a scoreboard: when new data has been sent as far as there is any, what may be lost. */
void dw_tcp_recovery_rescue(dw_tcb *t);

/* The first segment goes again, and the network is not to blame. */
void dw_tcp_retransmit_first(dw_tcb *t);

/* Segments under way are too big for the path: they are cut and, as they were lost, sent again when
 * the connection is settled. */
void dw_tcp_retransmit_smaller(dw_tcb *t);

/* What is outstanding was lost, all of it: it is sent again as the window allows. */
void dw_tcp_retransmit_all(dw_tcb *t, enum dw_tcp_resend why);

#endif
