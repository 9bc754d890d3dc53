/* A script that must end, whatever it does. */
#ifndef DWL_ENDING_H
#define DWL_ENDING_H

#include "state.h"

/* From now on the script ends: wherever Lua runs, an error is raised at each call and return and
 * every 1000 instructions, so no pcall holds it up; a run ends after its event.  The first reason
 * stays.  Also from a signal handler. */
void dwl_end(dwl_state *s, enum dwl_ending why);
/* Let the hook ask, in whatever runs, whether the script has to end. */
void dwl_ask_thread(dwl_state *s);
/* Before and after Lua runs in another coroutine than the present one: returns that, and lets the
 * end of the script reach the new one. */
lua_State *dwl_switch(dwl_state *s, lua_State *thread);
/* lua_resetthread, whose <close> variables may run anything. */
int dwl_reset_thread(dwl_state *s, lua_State *co);
/* Why the script ends, as a sentence. */
void dwl_ending_text(const dwl_state *s, char *out, size_t size);
void dwl_memory_text(const dwl_state *s, char *out, size_t size);
/* That sentence as an error at the script's line. */
int dwl_raise_ending(lua_State *L);
/* The exit code for it. */
int dwl_ending_code(const dwl_state *s);
/* Around C of ours that may take long and ends by itself: it is not left in the middle, and the
 * watchdog has more patience with one call of it (signals.c), though none with a loop of calls. */
void dwl_work(dwl_state *s, bool begins);
static inline void dwl_at_work(lua_State *L, bool begins)
{
    dwl_work(dwl_state_of(L), begins);
}
/* Around a call of the script from it, which may never return.  What the first returns is for the
 * second. */
int dwl_work_pauses(dwl_state *s);
void dwl_work_goes_on(dwl_state *s, int kept);
/* os.exit: replaces the stock function, which is in its first upvalue. */
int dwl_exit(lua_State *L);
/* Whether the script is past its limit even without its garbage; it ends then. */
bool dwl_check_memory(lua_State *L);

#endif
