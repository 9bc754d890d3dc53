/* A script that must end: it loops, it has used its memory, it called os.exit, or somebody pressed
 * ctrl-C.
 *
 * No hook is set while all is well, because any hook slows every instruction.  A signal handler may
 * call nothing of Lua but lua_sethook; so it sets a flag, and a hook in the coroutine that runs.
 * The hook, which may use Lua as any function may, raises the error; and since it stays, it does so
 * again in whatever catches that.  Each change of coroutine passes dwl_switch, so the error goes
 * after the script from one coroutine to the next. */
#include "ending.h"
#include "error.h"
#include "traceback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVERY = 1000 }; /* instructions, in code without calls */

/* The error is on its way, and names the line where the script was. */
static bool reports_error(lua_State *L, lua_Debug *ar)
{
    lua_getinfo(L, "f", ar);
    bool reports = lua_tocfunction(L, -1) == dwl_message_handler;
    lua_pop(L, 1);
    return reports;
}

bool dwl_check_memory(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    if (!s->memory_over) return false;
    lua_gc(L, LUA_GCCOLLECT, 0);
    s->memory_over = s->plain_alloc && s->memory_used > s->memory_limit;
    if (s->memory_over) dwl_end(s, DWL_ENDS_BY_MEMORY);
    return s->memory_over;
}

/* A hook that nobody needs any more takes itself away: a coroutine that is made while one is set
 * inherits it. */
static void end_here(lua_State *L, lua_Debug *ar)
{
    dwl_state *s = dwl_state_of(L);
    if (reports_error(L, ar)) return;
    if (s->ending || dwl_check_memory(L)) dwl_raise_ending(L);
    lua_sethook(L, NULL, 0, 0);
}

static void hook(lua_State *thread)
{
    if (thread) lua_sethook(thread, end_here, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, EVERY);
}

void dwl_ask_thread(dwl_state *s)
{
    hook(s->thread);
}

void dwl_end(dwl_state *s, enum dwl_ending why)
{
    dw_sim *run = s->run;
    if (!s->ending) s->ending = why;
    if (run) dw_sim_interrupt(run);
    hook(s->thread);
}

lua_State *dwl_switch(dwl_state *s, lua_State *thread)
{
    lua_State *before = s->thread;
    s->thread = thread;
    if (DW_UNLIKELY(s->ending || s->memory_over)) hook(thread);
    return before;
}

int dwl_reset_thread(dwl_state *s, lua_State *co)
{
    lua_State *before = dwl_switch(s, co);
    int status = lua_resetthread(co);
    dwl_switch(s, before);
    return status;
}

/* What the script sees and the command says. */

static void signal_text(int number, char *out, size_t size)
{
    switch (number) {
    case SIGTERM: snprintf(out, size, "ended by SIGTERM"); break;
    case SIGHUP: snprintf(out, size, "ended by SIGHUP"); break;
    case SIGPIPE: snprintf(out, size, "ended: nobody reads the standard output any more"); break;
    default: snprintf(out, size, "interrupted"); break;
    }
}

void dwl_memory_text(const dwl_state *s, char *out, size_t size)
{
    size_t limit = s->memory_limit;
    static const char *const units[] = {"B", "KiB", "MiB"};
    int unit = 0;
    for (; unit < 2 && limit >> 10; unit++)
        limit >>= 10;
    snprintf(out, size, "the script has reached its memory limit of %zu %s (--memory raises it)",
             limit, units[unit]);
}

void dwl_ending_text(const dwl_state *s, char *out, size_t size)
{
    char time[DW_TIME_TEXT];
    switch ((enum dwl_ending)s->ending) {
    case DWL_GOES_ON: snprintf(out, size, "nothing ends the script"); break;
    case DWL_ENDS_BY_WATCHDOG:
        dw_duration_format((dw_time)s->watchdog_ms * DW_MILLISECOND, time, sizeof time);
        snprintf(out, size,
                 "the script has been running for %s without getting on; is there an endless loop? "
                 "(--watchdog sets the time)",
                 time);
        break;
    case DWL_ENDS_BY_SIGNAL: signal_text(s->signal, out, size); break;
    case DWL_ENDS_BY_EXIT: snprintf(out, size, "os.exit(%d)", s->exit_code); break;
    case DWL_ENDS_BY_MEMORY: dwl_memory_text(s, out, size); break;
    }
}

int dwl_raise_ending(lua_State *L)
{
    char text[200];
    dwl_state *s = dwl_state_of(L);
    if (!s->ending_at[0]) {
        dwl_where(L);
        snprintf(s->ending_at, sizeof s->ending_at, "%s", lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    dwl_ending_text(s, text, sizeof text);
    return dwl_error(L, "%s", text);
}

int dwl_ending_code(const dwl_state *s)
{
    enum { LIMIT = 3, SIGNALS = 128 };
    switch ((enum dwl_ending)s->ending) {
    case DWL_GOES_ON: return 0;
    case DWL_ENDS_BY_WATCHDOG:
    case DWL_ENDS_BY_MEMORY: return LIMIT;
    case DWL_ENDS_BY_SIGNAL: return SIGNALS + s->signal;
    case DWL_ENDS_BY_EXIT: return s->exit_code;
    }
    return 0;
}

/* Work. */

void dwl_work(dwl_state *s, bool begins)
{
    if (begins && s->at_work == 0 && s->asking == 0) s->works = s->works + 1;
    s->at_work = s->at_work + (begins ? 1 : -1);
}

int dwl_work_pauses(dwl_state *s)
{
    int kept = s->at_work;
    if (kept && s->asking++ == 0) s->asked = s->asked + 1;
    s->at_work = 0;
    return kept;
}

void dwl_work_goes_on(dwl_state *s, int kept)
{
    s->at_work = kept;
    DW_ASSERT(!kept || s->asking > 0);
    if (kept) s->asking--;
}

/* os.exit */

static int wanted_code(lua_State *L)
{
    if (lua_isboolean(L, 1)) return lua_toboolean(L, 1) ? EXIT_SUCCESS : EXIT_FAILURE;
    lua_Integer code = luaL_optinteger(L, 1, EXIT_SUCCESS);
    if (code < 0 || code > 255)
        return dwl_error(L, "os.exit: an exit code is from 0 to 255, not %lld", (long long)code);
    return (int)code;
}

/* Under the command the script ends as if by ctrl-C, with its own exit code: what was traced is
 * written.  In a stock lua5.4 the process ends at once, as there; but a simulation that is open may
 * be in the middle of an event, so its state is left to the operating system. */
int dwl_exit(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    if (!s->command) {
        lua_settop(L, s->sims ? 1 : 2);
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_insert(L, 1);
        lua_call(L, lua_gettop(L) - 1, 0);
        return 0;
    }
    int code = wanted_code(L);
    if (!s->ending) s->exit_code = code;
    dwl_end(s, DWL_ENDS_BY_EXIT);
    return dwl_raise_ending(L);
}
