/* Room in the send buffer. */
#ifndef DW_TCP_SENDBUF_H
#define DW_TCP_SENDBUF_H

#include "tcp.h"

/* Whether the send buffer has room worth telling of. */
bool dw_tcp_writable(const dw_tcb *t);

/* Tell the user, if it waits for room and there is some.  Where Linux's send queue is used this is
 * done when what an ACK lets out has left (tcp_check_space). */
void dw_tcp_tell_space(dw_tcb *t);

#endif
