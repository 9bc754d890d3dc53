/* What dw.test and dw.covers were told, for drywire test. */
#ifndef DWL_CASES_H
#define DWL_CASES_H

#include "base/state.h"

/* The number of a case with this name, or nothing where nobody wants to know; number, ok,
 * problem: how it ended; a requirement that is covered. */
int dwl_case_begins(lua_State *L);
int dwl_case_ends(lua_State *L);
int dwl_cover(lua_State *L);
void dwl_cases_free(dwl_state *s);

#endif
