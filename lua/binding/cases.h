/* What dw.test and dw.covers were told, for drywire test. */
#ifndef DWL_CASES_H
#define DWL_CASES_H

#include "base/state.h"

/* The number of a case with this name; nothing where nobody wants to know; or false where it is not
 * to be run.  number, ok, problem: how it ended; a requirement that is covered. */
int dwl_case_begins(lua_State *L);
int dwl_case_ends(lua_State *L);
int dwl_cover(lua_State *L);
/* How often something was asserted or expected so far. */
uint32_t dwl_checks(const dwl_state *s);
void dwl_cases_free(dwl_state *s);
/* Whether a pattern, in which *, ? and [abc] mean what they mean to a shell, is met anywhere in a
 * name; of one that begins with "=", whether the rest is the name. */
bool dwl_name_matches(const char *name, const char *pattern);
/* The last exchange of a simulation as text, at most its last packets; NULL: there is none.  For
 * dw_free. */
char *dwl_last_exchange(const dw_trace *trace, bool ascii);

#endif
