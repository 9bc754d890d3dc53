/* Programs: coroutines on a host that wait for simulated time; and calls out of a simulation. */
#ifndef DWL_PROGRAM_H
#define DWL_PROGRAM_H

#include "base/records.h"

/* Start f (on top of the stack, below it nargs arguments) as a program of a host. */
void dwl_spawn(lua_State *L, dwl_sim *s, dw_node *node, int nargs);
/* The program that may block here, in something of this simulation, or an error that says why
 * not. */
dwl_program *dwl_blocking(lua_State *L, dwl_sim *s, const char *call);
/* Yield until somebody wakes the program or the deadline passes; then k runs. */
int dwl_wait(lua_State *L, dwl_program *p, const char *call, dw_time deadline, lua_KContext ctx,
             lua_KFunction k);
/* It goes on at once, or when the present event is over if this is the middle of one. */
void dwl_wake(dwl_program *p);
/* It goes on when what happens now is over, and before anything else comes to its host. */
void dwl_wake_in_turn(dwl_program *p);
/* The program that calls this ends here, and its <close> variables do not run.  Does not return. */
int dwl_end_here(lua_State *L, dwl_program *p);
/* One that waits ends, likewise. */
void dwl_program_abandon(lua_State *L, dwl_program *p);
void dwl_programs_close(lua_State *L, dwl_sim *s);
/* After a run: programs that still wait are an error.  Raises it. */
void dwl_check_waiting(lua_State *L, dwl_sim *s);
/* The sim's programs on a node up to this number end where they are (its host crashed). */
void dwl_programs_kill(lua_State *L, dwl_sim *s, dw_node *node, uint64_t last);
/* Call the function on the stack (with nargs arguments, nresults results) from an event; an error
 * stops the simulation.  False after an error. */
bool dwl_call(lua_State *L, dwl_sim *s, int nargs, int nresults, const char *in);
/* Stops the simulation from an event; the text is the error that sim:run raises. */
void dwl_stop(lua_State *L, dwl_sim *s, const char *text);
/* Around what asks predicates of the script about a trace: meanwhile the simulation neither runs
 * nor is closed.  dwl_query_end raises what a predicate raised. */
void dwl_query_begin(dwl_sim *s);
void dwl_query_end(lua_State *L, dwl_sim *s);

/* coroutine.c: what a blocking call yields.  It stays on top of the stack of each coroutine that
 * waits, the program's own and those it has resumed, until drywire goes on with them. */
extern const char dwl_block_tag;
bool dwl_waits(lua_State *co);
void dwl_open_coroutine(lua_State *L);

#endif
