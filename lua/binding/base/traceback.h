/* Where a script was when something failed. */
#ifndef DWL_TRACEBACK_H
#define DWL_TRACEBACK_H

#include "state.h"

/* A traceback of co without drywire's own frames, pushed on L. */
void dwl_traceback(lua_State *L, lua_State *co, int level);
/* Of the error on top, that a nil was indexed: what is not there, if the same line was answered
 * that. */
void dwl_tell_absent(lua_State *L);
/* For lua_pcall: adds a traceback to an error message, once. */
int dwl_message_handler(lua_State *L);

#endif
