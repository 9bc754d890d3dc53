/* One run of a script's function that makes a simulation, and what is to be said of it: for
 * dw.explore and dw.swarm. */
#ifndef DWL_VERDICT_H
#define DWL_VERDICT_H

#include "base/records.h"

typedef struct dwl_verdict {
    lua_State *L;
    dwl_state *state;
    bool leaks;  /* look for what is left behind */
    int problem; /* what the last run that failed raised, in the registry; LUA_NOREF at first */
    int meaning; /* of it, as dwl_meaning has it */
    uint32_t sims_before;
} dwl_verdict;

/* Call the function at this stack index; its error, or nil, is on top then. */
int dwl_verdict_call(dwl_verdict *v, int function);
/* What that says of the run, and pop it: DW_OK; DW_E_MISMATCH: it fails, as problem says; or
 * DW_E_INTERRUPT: the script ends. */
int dwl_verdict_of(dwl_verdict *v, int status);
/* Close what the run has made; it counts as put aside. */
void dwl_verdict_close(dwl_verdict *v);
void dwl_verdict_free(dwl_verdict *v);
/* Whether a simulation with a higher number than this one, that has come to its end, has left a
 * connection behind: a sentence. */
bool dwl_left_behind(const dwl_state *state, uint32_t number, char *out, size_t size);

#endif
