/* The metatables of what a script holds. */
#ifndef DWL_TYPE_H
#define DWL_TYPE_H

#include "records.h"

/* __index for a type: its methods, then an error with the nearest name. */
void dwl_new_type(lua_State *L, const char *type, const char *what, const luaL_Reg *methods,
                  const luaL_Reg *meta);
void dwl_add_methods(lua_State *L, const char *type, const luaL_Reg *methods);

#endif
