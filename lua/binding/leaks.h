/* What a run leaves behind, once nothing can happen any more: connections. */
#ifndef DWL_LEAKS_H
#define DWL_LEAKS_H

#include "base/records.h"

/* Whether it does, and what: a sentence. */
bool dwl_leaves(const dwl_sim *s, char *out, size_t size);
/* Raises that, of a script that is to fail then (dwl_state.leaks). */
void dwl_check_left(lua_State *L, const dwl_sim *s);

#endif
