/* Where a script was when something failed. */
#ifndef DWL_TRACEBACK_H
#define DWL_TRACEBACK_H

#include "state.h"

/* A traceback of co without drywire's own frames, pushed on L. */
void dwl_traceback(lua_State *L, lua_State *co, int level);
/* For lua_pcall: adds a traceback to an error message, once. */
int dwl_message_handler(lua_State *L);

#endif
