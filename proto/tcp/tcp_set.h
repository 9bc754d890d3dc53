/* What a user sets for one connection, or for those that a listener will accept. */
#ifndef DW_TCP_SET_H
#define DW_TCP_SET_H

#include "tcp.h"

/* Set an option of one connection, as dw_socket_ops.set does: DW_OK, DW_E_NOENT where there is none
 * of this name, or another error with a sentence in why. */
int dw_tcp_set(dw_tcb *t, const char *name, const char *text, char *why, size_t why_size);
/* The same for what its listener was set to, which the trace has told already. */
int dw_tcp_inherit(dw_tcb *t, const char *name, const char *text, char *why, size_t why_size);

/* Likewise to a number in the option's unit. */
int dw_tcp_set_value(dw_tcb *t, const char *name, int64_t value, char *why, size_t why_size);

/* The same two for connections to come of a listener; the texts are copied. */
int dw_tcp_set_listener_value(dw_tcp_listener *l, const char *name, int64_t value, char *why,
                              size_t why_size);
int dw_tcp_set_listener(dw_tcp_listener *l, const char *name, const char *text, char *why,
                        size_t why_size);

#endif
