/* Running a simulation: to its end, for some events, until a function says so, and while its
 * invariants hold. */
#include "base/ending.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "history.h"
#include "kinds.h"
#include "object.h"
#include "program.h"

#include <stdio.h>
#include <string.h>

static int raise_kept(lua_State *L, dwl_sim *s)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, s->error_ref);
    luaL_unref(L, LUA_REGISTRYINDEX, s->error_ref);
    s->error_ref = LUA_NOREF;
    return lua_error(L);
}

/* Run, with what a failure means for the script raised as an error.  true: it was paused. */
static bool run_until(lua_State *L, dwl_sim *s, dw_time until)
{
    dwl_state *state = s->state;
    lua_State *main = state->main;
    dwl_check_explored(L, s);
    state->main = L;
    state->running++;
    state->goal = until;
    s->ran = true;
    s->scheduled = false;
    state->events_before = dw_sim_events(s->sim);
    state->run = s->sim;
    s->busy++;
    int status = DW_OK;
    do { /* what interrupts may be memory that turns out to be garbage */
        if (state->ending) break;
        status = dw_sim_run(s->sim, until);
    } while (status == DW_E_INTERRUPT && !state->ending && !dwl_check_memory(L));
    s->busy--;
    state->run = NULL;
    state->events += dw_sim_events(s->sim) - state->events_before;
    s->limit_told |= dw_sim_over(s->sim) == DW_E_LIMIT;
    state->running--;
    state->main = main;
    dwl_check_explored(L, s);
    if (s->error_ref != LUA_NOREF && !dw_sim_out_of_memory(s->sim)) raise_kept(L, s);
    if (state->out_of_memory || status == DW_E_NOMEM) dwl_no_memory(L);
    if (status == DW_E_AGAIN) return true;
    if (state->ending) dwl_raise_ending(L);
    bool means = status == DW_E_LIMIT || status == DW_E_INTERRUPT || status == DW_E_ABI ||
                 status == DW_E_MISMATCH;
    if (status != DW_OK) dwl_fail(L, means ? status : DW_OK, "%s", dw_sim_message(s->sim));
    return false;
}

static dwl_sim *check_idle(lua_State *L, const char *what)
{
    dwl_sim *s = dwl_check_sim(L, 1);
    if (s->state->current || s->state->running)
        dwl_error(L, "%s() cannot be called while the simulation runs", what);
    if (s->busy || dw_sim_inside(s->sim))
        dwl_error(L, "%s() cannot be called from a callback of the simulation", what);
    return s;
}

/* --until holds for every run. */
static dw_time bound(const dwl_sim *s, dw_time until)
{
    if (!s->state->until || until <= s->state->until) return until;
    dw_time now = dw_sim_now(s->sim);
    return now > s->state->until ? now : s->state->until;
}

static int sim_run(lua_State *L)
{
    dwl_sim *s = check_idle(L, "sim:run");
    bool timed = !lua_isnoneornil(L, 2);
    dw_time until = timed ? dwl_deadline_after(L, s, 2, "sim:run") : DW_TIME_NEVER;
    run_until(L, s, bound(s, until));
    if (!timed && bound(s, until) == until) dwl_check_waiting(L, s);
    lua_settop(L, 1);
    return 1;
}

/* After an event.  The first invariant that does not hold ends the run, with the trace's last
 * events, which led there.  In the table: name, function, name, function ... */
static int check_invariants(dwl_sim *s)
{
    lua_State *L = s->state->main;
    int top = lua_gettop(L);
    dwl_push_sim(L, s);
    dwl_push_cache(L, -1);
    lua_getfield(L, -1, "invariants");
    for (int i = 1; i <= s->invariants; i++) {
        lua_rawgeti(L, -1, 2 * i);
        if (!dwl_call(L, s, 0, 1, "sim:invariant")) break;
        bool holds = lua_isnil(L, -1) || lua_toboolean(L, -1);
        lua_pop(L, 1);
        if (holds) continue;
        char time[DW_TIME_TEXT];
        lua_rawgeti(L, -1, 2 * i - 1);
        const char *name = lua_tostring(L, -1);
        luaL_Buffer b;
        luaL_buffinit(L, &b);
        lua_pushfstring(L, "invariant \"%s\" does not hold at %s s", name,
                        dw_time_format(dw_sim_now(s->sim), 9, time, sizeof time));
        luaL_addvalue(&b);
        const dw_trace *trace = dw_sim_trace(s->sim);
        size_t n = trace ? dw_trace_count(trace) : 0;
        if (n) luaL_addstring(&b, "; the last events:");
        for (size_t k = n > 5 ? n - 5 : 0; k < n; k++) {
            char line[512];
            luaL_addstring(&b, "\n  ");
            luaL_addstring(&b,
                           dw_trace_event_text(trace, dw_trace_at(trace, k), line, sizeof line));
        }
        luaL_pushresult(&b);
        dwl_set_meaning(L, DW_E_MISMATCH);
        if (s->error_ref == LUA_NOREF) s->error_ref = luaL_ref(L, LUA_REGISTRYINDEX);
        lua_settop(L, top);
        return DW_E_MISMATCH;
    }
    lua_settop(L, top);
    return DW_OK;
}

static bool pauses(dwl_sim *s)
{
    if (s->steps_left > 0 && --s->steps_left == 0) return true;
    if (s->pause_ref == 0) return false;
    lua_State *L = s->state->main;
    int top = lua_gettop(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, s->pause_ref);
    bool done = !dwl_call(L, s, 0, 1, "sim:until_") || lua_toboolean(L, -1);
    lua_settop(L, top);
    return done;
}

static int after_event(void *arg)
{
    dwl_sim *s = arg;
    int status = s->invariants ? check_invariants(s) : DW_OK;
    if (status == DW_OK && pauses(s)) status = DW_E_AGAIN;
    return status;
}

static int sim_step(lua_State *L)
{
    dwl_sim *s = check_idle(L, "sim:step");
    lua_Integer n = dwl_integer_or(L, 2, "sim:step", 1);
    if (n < 1) return dwl_error(L, "sim:step: expected one event at least, got %lld", (long long)n);
    s->steps_left = (uint64_t)n;
    dw_sim_after_event(s->sim, after_event, s);
    bool paused = run_until(L, s, bound(s, DW_TIME_NEVER));
    s->steps_left = 0;
    lua_pushboolean(L, paused);
    return 1;
}

static int run_with_pause(lua_State *L)
{
    dwl_sim *s = dwl_check_sim(L, 1);
    lua_pushboolean(L, run_until(L, s, (dw_time)lua_tointeger(L, 2)));
    return 1;
}

static int sim_until(lua_State *L)
{
    dwl_sim *s = check_idle(L, "sim:until_");
    dwl_check_function(L, 2, "sim:until_");
    dw_time until = dwl_deadline_after(L, s, 3, "sim:until_");
    lua_settop(L, 2);
    s->pause_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    dw_sim_after_event(s->sim, after_event, s);
    lua_pushcfunction(L, run_with_pause);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, bound(s, until));
    int status = lua_pcall(L, 2, 1, 0);
    luaL_unref(L, LUA_REGISTRYINDEX, s->pause_ref);
    s->pause_ref = 0;
    return status == LUA_OK ? 1 : lua_error(L);
}

static int sim_invariant(lua_State *L)
{
    dwl_sim *s = dwl_check_sim(L, 1);
    dwl_check_text(L, 2, "sim:invariant", "a name");
    dwl_check_function(L, 3, "sim:invariant");
    dwl_push_cache(L, 1);
    if (lua_getfield(L, -1, "invariants") == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, "invariants");
    }
    s->invariants++;
    s->state->expectations++;
    lua_pushvalue(L, 2);
    lua_rawseti(L, -2, 2 * s->invariants - 1);
    lua_pushvalue(L, 3);
    lua_rawseti(L, -2, 2 * s->invariants);
    dw_sim_after_event(s->sim, after_event, s);
    dwl_wants_run(s);
    lua_settop(L, 1);
    return 1;
}

const luaL_Reg dwl_run_methods[] = {
    {"run", sim_run}, {"invariant", sim_invariant}, {"step", sim_step}, {"until_", sim_until},
    {NULL, NULL},
};
