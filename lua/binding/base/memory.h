/* A cap on a script's memory, with what its simulations hold. */
#ifndef DWL_MEMORY_H
#define DWL_MEMORY_H

#include "state.h"

/* From now on the allocator of the Lua state refuses more than this many octets, and a quarter. */
void dwl_guard_memory(lua_State *L, size_t limit);
void dwl_unguard_memory(lua_State *L);
/* Memory that is not Lua's. */
void dwl_count_memory(void *state, int64_t octets);

#endif
