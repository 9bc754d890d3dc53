/* STATUS, RFC 9293 section 3.10.6. */
#ifndef DW_TCP_INFO_H
#define DW_TCP_INFO_H

#include "tcp.h"

/* dw_socket_ops.info: each name and number that a connection or listener tells of itself. */
void dw_tcp_info(const dw_socket *socket, dw_info_fn each, void *ctx);

#endif
