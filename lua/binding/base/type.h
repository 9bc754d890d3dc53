/* The metatables of what a script holds. */
#ifndef DWL_TYPE_H
#define DWL_TYPE_H

#include "records.h"

/* __index for a type: its methods, then an error with the nearest name.  what, "a host", lives as
 * long as the process. */
void dwl_new_type(lua_State *L, const char *type, const char *what, const luaL_Reg *methods,
                  const luaL_Reg *meta);
void dwl_add_methods(lua_State *L, const char *type, const char *what, const luaL_Reg *methods);
/* Tables that a script reads, with this metatable: a field that is neither there nor among those
 * that may be absent (NULL: none) is an error with the nearest name, and not nil. */
void dwl_new_record(lua_State *L, const char *type, const char *what, const char *const *absent,
                    const luaL_Reg *methods);
/* The first argument of a method has this metatable (an index), or whoever called it wrote a dot
 * for the colon: an error says so. */
void dwl_check_self(lua_State *L, int metatable, const char *what, const char *method);
/* The trace of a simulation that keeps one; else an error that begins with what. */
dw_trace *dwl_kept_trace(lua_State *L, const dwl_sim *s, const char *what);

#endif
