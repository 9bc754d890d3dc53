/* Simulations, for the command and for whoever closes the Lua state. */
#ifndef DWL_LUA_SIM_H
#define DWL_LUA_SIM_H

#include "base/records.h"

void dwl_close_sim(lua_State *L, dwl_sim *s);
/* Close those that are still open at the end, as if they had been collected (whether one was
 * differs): no <close> variable of a program runs. */
void dwl_close_all(lua_State *L, dwl_state *state);
/* Close those with a higher number than this, likewise; what was forgotten in them is noted. */
void dwl_close_since(lua_State *L, dwl_state *state, uint32_t number);
/* The line of the first simulation with something to do that never ran, nor was closed by the
 * script; NULL: there is none. */
const char *dwl_forgotten_sim(dwl_state *state);
/* A number from a simulation's digest; sums of these compare whole scripts. */
uint64_t dwl_digest_mix(const dwl_sim *s);

#endif
