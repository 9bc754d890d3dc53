/* What a run's ends did, as a list for scripts of drywire's own (differ.lua). */
#ifndef DWL_OBSERVED_H
#define DWL_OBSERVED_H

#include "base/records.h"

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
