/* RFC 9293 sections 3.10.1 to 3.10.6: the user's calls. */
#ifndef DW_TCP_USER_H
#define DW_TCP_USER_H

#include "tcp.h"

extern const dw_socket_ops dw_tcp_sockets;

#endif
