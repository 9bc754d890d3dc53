/* The objects of a script that point into a simulation. */
#ifndef DWL_OBJECT_H
#define DWL_OBJECT_H

#include "base/records.h"

dwl_sim *dwl_check_sim(lua_State *L, int index);
/* The sim of a host, link, ... at index, alive or an error; leaves the stack as it was. */
dwl_sim *dwl_sim_of(lua_State *L, int index);
/* Push the table in the sim's user value; index is the stack index of its userdata. */
void dwl_push_cache(lua_State *L, int sim_index);
/* Push the userdata of a simulation that is alive. */
void dwl_push_sim(lua_State *L, const dwl_sim *s);
/* The same; false, and nothing pushed, of one that is about to be collected. */
bool dwl_find_sim(lua_State *L, const dwl_sim *s);
/* What a script may use: neither closed nor about to be collected, and this is no finalizer.
 * Otherwise an error about `what`. */
dwl_sim *dwl_alive(lua_State *L, dwl_sim *s, const char *what);
/* Push the list that the simulation keeps under a key, made if there was none. */
void dwl_push_list(lua_State *L, const dwl_sim *s, const void *key);
/* The object for a pointer, made if it was not; sim_index is the sim's userdata. */
void dwl_push_object(lua_State *L, int sim_index, const char *type, void *pointer);
void *dwl_check_object(lua_State *L, int index, const char *type);
/* A host by object or name; sim for finding names. */
dw_node *dwl_check_host(lua_State *L, int index, dwl_sim *s, const char *what);
void dwl_push_host(lua_State *L, dwl_sim *s, dw_node *node);
/* Memory that lives as long as the simulation. */
void *dwl_keep(lua_State *L, dwl_sim *s, size_t size);
/* A hook for the function that is on top of the stack, and popped. */
dwl_hook *dwl_new_hook(lua_State *L, dwl_sim *s);

#endif
