/* Which congestion control a connection has, and its life. */
#ifndef DW_TCP_CONGESTION_H
#define DW_TCP_CONGESTION_H

#include "tcp.h"

/* Whether the congestion control sets the window itself, in recovery too. */
static inline bool dw_tcp_rules_window(const dw_tcb *t)
{
    return DW_OFFERS(dw_congestion_ops, t->cc.ops, control);
}

/* Whether the window is being reduced, because of a mark or a loss. */
static inline bool dw_tcp_reducing(const dw_tcb *t)
{
    return t->cc.state == DW_CONGESTION_CWR || t->cc.state == DW_CONGESTION_RECOVERY;
}

/* A built-in one or a plugin's; NULL: there is none of this name. */
const dw_congestion_ops *dw_tcp_congestion_named(const dw_tcp *tcp, const char *name);

/* A host's, for connections to come.  DW_E_NOENT: there is none, or it is a built-in one, which the
 * profile's switch is for. */
int dw_tcp_congestion_host(dw_tcp *tcp, const char *name);

/* One connection's, also in the middle of it: then it goes on with the window that it finds.
 * DW_E_NOENT: there is none. */
int dw_tcp_congestion_set(dw_tcb *t, const char *name);

/* The host's, for a new connection. */
void dw_tcp_congestion_choose(dw_tcb *t);

/* The handshake has told the segment size and the initial window. */
void dw_tcp_congestion_begin(dw_tcb *t);
void dw_tcp_congestion_end(dw_tcb *t);

/* What the transport is doing now, for the congestion control. */
void dw_tcp_congestion_state(dw_tcb *t, enum dw_congestion_state state);

/* Likewise with a scoreboard, for the trace too; cause (NULL: none) is why an episode of Recovery
 * or Loss begins or ends. */
void dw_tcp_recovery_state(dw_tcb *t, enum dw_congestion_state to, const dw_cause *cause);

#endif
