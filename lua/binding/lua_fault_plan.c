/* Plans of faults: --faults, dw.faults, and those of dw.explore and dw.swarm, for each new
 * simulation. */
#include "base/argument.h"
#include "base/error.h"
#include "choices.h"
#include "explore_coverage.h"
#include "history.h"
#include "kinds.h"
#include "stdlib/stdlib.h"

#include <drywire/explore.h>
#include <drywire/swarm.h>

/* In words for the script, and in the order of enum dw_fault_kind. */
const char *const dwl_fault_kinds[DW_FAULT_KINDS] = {"drop",  "duplicate", "corrupt", "delay",
                                                     "old",   "queue",     "link",    "crash",
                                                     "close", "shutdown",  "abort",   "late"};

/* What is raised in a run that does not go on. */
static const char not_on = 0;

static void note_state(const dw_trace_event *e, void *arg)
{
    dwl_state *state = arg;
    if (!dwl_explores(state)) return;
    dwl_history_mix(state, e->conn);
    dwl_history_word(state, e->u.state.to);
}

/* Whether the plan has faults of hosts. */
static bool has_hosts(const dwl_state *state)
{
    for (size_t i = 0; i < state->fault_count; i++)
        if (state->faults[i].host) return true;
    return false;
}

/* What the exploration wants to be told of a run as it goes. */
static void watch(lua_State *L, dwl_sim *s)
{
    dwl_state *state = s->state;
    int status = DW_OK;
    if (state->past_known == DWL_PAST_STATES)
        status = dw_trace_subscribe(s->sim, DW_TRACE_BIT(DW_TRACE_STATE), UINT32_MAX, 0, note_state,
                                    state);
    if (status == DW_OK && state->coverage) status = dwl_coverage_watch(state->coverage, s->sim);
    if (status != DW_OK) dwl_no_memory(L);
}

void dwl_plan_faults(lua_State *L, dwl_sim *s)
{
    dwl_state *state = s->state;
    int status = DW_OK;
    s->chooses = dwl_explores(state) ? state->explores_hosts : has_hosts(state);
    if (s->chooses) dwl_offer_choices(L, s);
    if (dwl_explores(state))
        status = dw_explore_attach(state->exploring, s->sim);
    else if (state->swarming)
        status = dw_swarm_attach(state->swarming, s->sim);
    else if (state->fault_count)
        status = dw_sim_plan(s->sim, state->faults, state->fault_count);
    if (status == DW_E_EXIST)
        dwl_error(L, "dw.%s: the function makes a second simulation; one each time",
                  state->swarming ? "swarm" : "explore");
    if (status != DW_OK) dwl_no_memory(L);
    if (dwl_explores(state)) watch(L, s);
}

uint64_t dwl_struck_faults(const dwl_state *state, const dw_sim *sim)
{
    uint64_t struck = 0;
    for (size_t i = 0; sim && i < state->fault_count; i++)
        if (dw_sim_fault_fate(sim, i) != DW_FAULT_PENDING) struck |= (uint64_t)1 << i;
    return struck;
}

/* dw.faults "1d,9d": of every simulation that is made from now on.  What the
 * command line says holds over it. */
int dwl_faults(lua_State *L)
{
    char why[400];
    dwl_state *state = dwl_state_of(L);
    const char *text = dwl_check_text(L, 1, "dw.faults", "a plan of faults");
    dw_fault *faults = lua_newuserdatauv(L, DW_FAULTS_MOST * sizeof *faults, 0);
    size_t count = 0;
    if (dw_faults_parse(text, faults, DW_FAULTS_MOST, &count, why, sizeof why) != DW_OK)
        return dwl_error(L, "dw.faults: %s", why);
    if (dwl_explores(state)) return dwl_error(L, "dw.faults: dw.explore chooses the faults");
    if (state->swarming) return dwl_error(L, "dw.faults: dw.swarm draws the faults");
    if (state->fault_count && !state->own_faults) return 0;
    lua_setfield(L, LUA_REGISTRYINDEX, "drywire.faults");
    state->own_faults = state->leaks_fail = true;
    state->faults = faults;
    state->fault_count = count;
    return 0;
}

/* dw.seed(7): of every simulation that is made from now on, over its own.  What the command line
 * says holds over it. */
int dwl_seed(lua_State *L)
{
    dwl_state *state = dwl_state_of(L);
    lua_Integer seed = dwl_check_integer(L, 1, "dw.seed");
    if (state->swarming) return dwl_error(L, "dw.seed: dw.swarm says which seed it is");
    if (state->seed_given && !state->script_seed) return 0;
    state->seed_given = state->script_seed = true;
    state->seed = (uint64_t)seed;
    dwl_seed_random(L, state->seed);
    return 0;
}

void dwl_check_explored(lua_State *L, const dwl_sim *s)
{
    if (!dwl_explores(s->state) || !dw_explore_ended(s->state->exploring)) return;
    lua_pushlightuserdata(L, (void *)&not_on);
    lua_error(L);
}
