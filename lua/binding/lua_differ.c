/* The same plans in two profiles: what dw.explore does with `against`, which is written in Lua
 * (differ.lua). */
#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "history.h"
#include "kinds.h"
#include "lua_sim.h"
#include "observed.h"
#include "verdict.h"

#include <drywire/plugin.h>
#include <stdlib.h>
#include <string.h>

static const char script_key = 0; /* its address is the key of differ.lua's function */

/* What a run changes in the record of the Lua state for as long as it lasts. */
typedef struct kept {
    const dw_fault *faults;
    size_t fault_count;
    bool own_faults;
    uint64_t faults_struck;
    const char *profile;
} kept;

static kept begin_run(dwl_state *s, const dw_fault *faults, size_t count, const char *profile)
{
    kept k = {s->faults, s->fault_count, s->own_faults, s->faults_struck, s->profile};
    s->faults = faults;
    s->fault_count = count;
    s->own_faults = false;
    s->profile = profile;
    s->observes = true;
    return k;
}

static void end_run(dwl_state *s, const kept *k)
{
    s->faults = k->faults;
    s->fault_count = k->fault_count;
    s->own_faults = k->own_faults;
    s->faults_struck = k->faults_struck;
    s->profile = k->profile;
    s->observes = false;
    s->tuned[0] = s->tuned[1] = NULL;
}

static void set_problem(lua_State *L, const dwl_verdict *v)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, v->problem);
    if (!lua_isstring(L, -1)) {
        lua_pop(L, 1);
        lua_pushliteral(L, "an error that is no text");
    }
    lua_setfield(L, -2, "problem");
}

static bool all_struck(const dwl_state *state, const dw_sim *sim)
{
    uint64_t missed = ~dwl_struck_faults(state, sim);
    return state->fault_count == 0 || missed << (64 - state->fault_count) == 0;
}

/* The simulations of the run are still there. */
static void push_outcome(lua_State *L, const dwl_verdict *v, int status)
{
    const dwl_state *state = v->state;
    const dwl_sim *s = state->sims_made > v->sims_before ? state->last_sim : NULL;
    dw_sim *sim = s ? s->sim : NULL;
    lua_createtable(L, 0, 4);
    lua_pushboolean(L, all_struck(state, sim));
    lua_setfield(L, -2, "struck");
    dwl_push_told(L);
    lua_setfield(L, -2, "told");
    dwl_push_observed(L, sim ? dw_sim_trace(sim) : NULL);
    lua_setfield(L, -2, "events");
    if (status == DW_E_MISMATCH) set_problem(L, v);
}

/* In a protected call: the function, and whether connections may be left behind. */
static int run(lua_State *L)
{
    dwl_state *state = dwl_state_of(L);
    dwl_verdict v = {.L = L, .state = state, .leaks = lua_toboolean(L, 2), .problem = LUA_NOREF};
    dwl_history_begin(L);
    int status = dwl_verdict_call(&v, 1);
    dwl_history_end(L);
    status = dwl_verdict_of(&v, status);
    if (status == DW_E_INTERRUPT) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, v.problem);
        return lua_error(L);
    }
    push_outcome(L, &v, status);
    dwl_verdict_close(&v);
    dwl_verdict_free(&v);
    return 1;
}

/* internal.differ_run(fn, plan, profile, leaks [, switch, value]): { problem =, struck =, told =,
 * events = }, with one switch of TCP set besides. */
int dwl_differ_run(lua_State *L)
{
    dw_fault faults[DW_FAULTS_MOST];
    size_t count = 0;
    char why[400];
    dwl_state *state = dwl_state_of(L);
    const char *plan = luaL_checkstring(L, 2), *profile = luaL_checkstring(L, 3);
    if (dw_faults_parse(plan, faults, DW_FAULTS_MOST, &count, why, sizeof why) != DW_OK)
        return dwl_error(L, "dw.explore: %s", why);
    kept k = begin_run(state, faults, count, profile);
    state->tuned[0] = luaL_optstring(L, 5, NULL);
    state->tuned[1] = luaL_optstring(L, 6, NULL);
    lua_pushcfunction(L, run);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 4);
    int status = lua_pcall(L, 2, 1, 0);
    end_run(state, &k);
    return status == LUA_OK ? 1 : lua_error(L);
}

/* internal.on_differ(fn): called with the options of dw.explore, its function, and the profile of
 * the command line, where they say against which profile. */
int dwl_on_differ(lua_State *L)
{
    lua_settop(L, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &script_key);
    return 0;
}

/* An error that names what is meant, where there is no such profile. */
static void check_profile(lua_State *L, const char *where, const char *name)
{
    const char *const *profiles = dw_protocol_builtin("tcp")->profiles;
    for (const char *const *p = profiles; *p; p++)
        if (strcmp(*p, name) == 0) return;
    dwl_error(L, "%s: there is no profile \"%s\"%s", where, name,
              dwl_known_words(L, name, profiles));
}

/* dw.explore with `against`: the options and the function are the stack. */
int dwl_differ(lua_State *L)
{
    dwl_state *state = dwl_state_of(L);
    const char *against = dwl_opt_string(L, 1, "dw.explore", "against");
    const char *profile = state->profile ? state->profile : "rfc9293";
    check_profile(L, "dw.explore.against", against);
    check_profile(L, "--profile", profile);
    if (strcmp(against, profile) == 0)
        return dwl_error(L, "dw.explore.against: both profiles are %s; --profile names the other",
                         profile);
    lua_settop(L, 2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &script_key);
    lua_insert(L, 1);
    lua_pushstring(L, profile);
    lua_call(L, 3, 1);
    return 1;
}

/* internal.differ_tell(report, differs): what the command shows. */
int dwl_differ_tell(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    if (!s->differed) return 0;
    free(s->differed->report);
    s->differed->report = strdup(luaL_checkstring(L, 1));
    s->differed->differs = lua_toboolean(L, 2);
    s->out_of_memory |= !s->differed->report;
    return 0;
}
