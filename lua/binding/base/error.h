/* Errors: each starts with the script's line, and may mean more for the exit code than that the
 * script is wrong. */
#ifndef DWL_ERROR_H
#define DWL_ERROR_H

#include "records.h"

/* Raise an error at the script line that called into drywire. */
int dwl_error(lua_State *L, const char *format, ...);
/* The same as an assertion failure (exit code 1). */
int dwl_fail_expectation(lua_State *L, const char *format, ...);
/* The error for lack of memory: exit code 3, whoever catches it. */
int dwl_no_memory(lua_State *L);
/* An error by what it means for the exit code of a script that it ends:
 * DW_E_MISMATCH (1), DW_E_LIMIT (3), DW_E_ABI (4), DW_E_INTERRUPT (130), DW_OK (nothing more). */
int dwl_fail(lua_State *L, int meaning, const char *format, ...);
/* What a call of the core answered, as an error: "what: dw_sim_message". */
int dwl_refused(lua_State *L, dwl_sim *s, int status, const char *what);
/* Give the value on top such a meaning, until another one gets one; that of the one at index. */
void dwl_set_meaning(lua_State *L, int meaning);
int dwl_meaning(lua_State *L, int index);
/* Push "file:line: " of the script's line, or "". */
void dwl_where(lua_State *L);

/* A block that is freed (dw_free) when the box that is pushed for it goes: for what a C function
 * holds while it calls something that may raise an error. */
void **dwl_push_box(lua_State *L);

#endif
