/* What a run's ends did, as a list for scripts of drywire's own (differ.lua). */
#ifndef DWL_OBSERVED_H
#define DWL_OBSERVED_H

#include "base/records.h"

/* Whether a segment that a host gets is one of its connection with this flow. */
static inline bool dwl_flow_takes(const dw_flow *flow, const dw_dissection *d)
{
    return flow->local_port == d->dport && flow->remote_port == d->sport &&
           dw_addr_equal(&flow->remote, &d->src) && dw_addr_equal(&flow->local, &d->dst);
}

/* While state->observes, calls of programs tell what they returned: the n values on top of the
 * stack. */
void dwl_told(lua_State *L, const char *call, int n);
/* Push what was told since the list was pushed before, and begin anew: { { host =, program =, call
 * =, result = }, ... } */
void dwl_push_told(lua_State *L);
/* Push what the trace has of ends, in its order: { { what = "sent", ... }, ... }.
 *
 *   sent, copied  host, e (the end), n (the packet), flags, seq, ack, len
 *   arrived       host, flags
 *   discarded     host, e, flags
 *   state         host, e, from, to
 *   timer, call   host, name
 *
 * All but arrived and call have why, rfc, because: the cause.  Numbers are relative to where those
 * of their direction begin, where that is known. */
void dwl_push_observed(lua_State *L, const dw_trace *trace);

#endif
