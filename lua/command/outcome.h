/* What a script left behind, collected without Lua, whose state may be out of order. */
#ifndef DWL_OUTCOME_H
#define DWL_OUTCOME_H

#include "binding/base/state.h"
#include "run.h"

/* Fills in what is known of the simulations, and writes what the options want of them: what could
 * not be written changes r->code.  testing: the state changes and the cases, too, and no outputs.
 */
void collect_outcome(dwl_state *s, const char *path, const options *o, outcome *r, bool testing);
/* A copy, for free; NULL, which r then says, when there is no memory. */
char *kept_text(outcome *r, const char *text);
/* What the names of the files of dw.plot begin with: the directory and the script's name. */
void plots_prefix(const char *script, const char *dir, char *out, size_t size);

#endif
