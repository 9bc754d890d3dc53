/* Faults of hosts and programs (drywire/fault.h), as a script meets them.
 *
 * Where a plan may have any, each call of a program on a connection is a choice of its host, and so
 * is, for each program that waits in one, the moment before whatever comes to the host next.  A
 * program that chooses otherwise ends there, and another one does the rest: it closes, shuts down
 * or aborts the connection (choices.lua).  A host that has crashed serves again what it served. */
#ifndef DWL_CHOICES_H
#define DWL_CHOICES_H

#include "base/records.h"

/* Calls of programs are choices from now on, in all simulations whose plan may have faults of
 * hosts.  Once; before dwl_history_begin. */
void dwl_wrap_choices(lua_State *L);
/* That, and the simulation is told what to do at moments. */
void dwl_offer_choices(lua_State *L, dwl_sim *s);
/* For choices.lua: internal.on_back(host, fn), internal.on_leave(fn). */
int dwl_on_back(lua_State *L);
int dwl_on_leave(lua_State *L);

#endif
