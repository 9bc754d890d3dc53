/* Plans of faults: --faults, dw.faults, and those of dw.explore, for each new simulation. */
#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "choices.h"
#include "history.h"
#include "kinds.h"

#include <drywire/explore.h>

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

void dwl_plan_faults(lua_State *L, dwl_sim *s)
{
    dwl_state *state = s->state;
    int status = DW_OK;
    s->chooses = dwl_explores(state) ? state->explores_hosts : has_hosts(state);
    if (s->chooses) dwl_offer_choices(L, s);
    if (dwl_explores(state))
        status = dw_explore_attach(state->exploring, s->sim);
    else if (state->fault_count)
        status = dw_sim_plan(s->sim, state->faults, state->fault_count);
    if (status == DW_E_EXIST)
        dwl_error(L, "dw.explore: the function makes a second simulation; one each time");
    if (status != DW_OK) dwl_no_memory(L);
    if (dwl_explores(state) && state->past_known == DWL_PAST_STATES)
        dw_trace_subscribe(s->sim, DW_TRACE_BIT(DW_TRACE_STATE), UINT32_MAX, 0, note_state, state);
}

uint32_t dwl_struck_faults(const dwl_state *state, const dw_sim *sim)
{
    uint32_t struck = 0;
    for (size_t i = 0; sim && i < state->fault_count; i++)
        if (dw_sim_fault_fate(sim, i) != DW_FAULT_PENDING) struck |= 1u << i;
    return struck;
}

static const char *const options[] = {"leaks", NULL};

/* dw.faults("1d,9d", { leaks = true }): of every simulation that is made from now on.  What the
 * command line says holds over it. */
int dwl_faults(lua_State *L)
{
    char why[400];
    dwl_state *state = dwl_state_of(L);
    const char *text = dwl_check_text(L, 1, "dw.faults", "a plan of faults");
    lua_settop(L, 2);
    dw_fault *faults = lua_newuserdatauv(L, DW_FAULTS_MOST * sizeof *faults, 0);
    size_t count = 0;
    if (dw_faults_parse(text, faults, DW_FAULTS_MOST, &count, why, sizeof why) != DW_OK)
        return dwl_error(L, "dw.faults: %s", why);
    if (!lua_isnoneornil(L, 2)) {
        dwl_check_table(L, 2, "dw.faults");
        dwl_check_names(L, 2, "dw.faults", options);
        dwl_opt_bool(L, 2, "dw.faults", "leaks", &state->leaks);
    }
    if (dwl_explores(state)) return dwl_error(L, "dw.faults: dw.explore chooses the faults");
    if (state->fault_count && !state->own_faults) return 0;
    lua_setfield(L, LUA_REGISTRYINDEX, "drywire.faults");
    state->own_faults = true;
    state->faults = faults;
    state->fault_count = count;
    return 0;
}

void dwl_check_explored(lua_State *L, const dwl_sim *s)
{
    if (!dwl_explores(s->state) || !dw_explore_ended(s->state->exploring)) return;
    lua_pushlightuserdata(L, (void *)&not_on);
    lua_error(L);
}
