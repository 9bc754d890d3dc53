/* Arguments of calls that are no options.  Every error names the call as a script writes it,
 * "sim:step", and the value. */
#ifndef DWL_ARGUMENT_H
#define DWL_ARGUMENT_H

#include "state.h"

lua_Integer dwl_check_integer(lua_State *L, int index, const char *call);
/* The same; `otherwise` where there is none. */
lua_Integer dwl_integer_or(lua_State *L, int index, const char *call, lua_Integer otherwise);
lua_Number dwl_check_number(lua_State *L, int index, const char *call);
/* A string, or a number as Lua writes it; what it is, for the error: "a name". */
const char *dwl_check_text(lua_State *L, int index, const char *call, const char *what);
void dwl_check_function(lua_State *L, int index, const char *call);

#endif
