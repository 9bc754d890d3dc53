/* One run of a script's function whose faults are drawn: for dw.swarm, which is written in Lua. */
#include "base/ending.h"
#include "base/error.h"
#include "kinds.h"
#include "lua_sim.h"
#include "stdlib/stdlib.h"
#include "verdict.h"

#include <drywire/swarm.h>
#include <stdlib.h>
#include <string.h>

/* Upper bounds are checked by whoever calls: these are numbers of ours. */
static uint64_t number_of(lua_State *L, const char *name)
{
    lua_getfield(L, 2, name);
    uint64_t n = (uint64_t)luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    return n;
}

static bool flag_of(lua_State *L, const char *name)
{
    lua_getfield(L, 2, name);
    bool set = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return set;
}

/* most = { drop = 2, delay = 1 }, in the table at index. */
static void read_most(lua_State *L, int index, uint32_t most[DW_FAULT_KINDS])
{
    lua_getfield(L, index, "most");
    for (int i = 0; i < DW_FAULT_KINDS; i++) {
        most[i] = 0;
        if (!lua_istable(L, -1)) continue;
        lua_getfield(L, -1, dwl_fault_kinds[i]);
        most[i] = (uint32_t)luaL_optinteger(L, -1, 0);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void read_plan(lua_State *L, dw_fault faults[DW_FAULTS_MOST], dw_swarm_config *c)
{
    char why[400];
    lua_getfield(L, 2, "plan");
    const char *text = luaL_optstring(L, -1, "");
    if (dw_faults_parse(text, faults, DW_FAULTS_MOST, &c->planned_count, why, sizeof why) != DW_OK)
        dwl_error(L, "dw.swarm: %s", why);
    c->planned = faults;
    lua_pop(L, 1);
}

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, name);
}

/* What came of it, as a table. */
static void push_outcome(lua_State *L, const dwl_verdict *v, const dw_swarm *swarm, int status)
{
    char plan[DW_FAULTS_MOST * 40];
    size_t count;
    const dw_fault *faults = dw_swarm_faults(swarm, &count);
    lua_createtable(L, 0, 5);
    set_text(L, "plan", dw_faults_format(faults, count, plan, sizeof plan));
    set_integer(L, "points", dw_swarm_arrivals(swarm));
    if (status != DW_E_MISMATCH) return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, v->problem);
    if (!lua_isstring(L, -1)) {
        lua_pop(L, 1);
        lua_pushliteral(L, "an error that is no text");
    }
    lua_setfield(L, -2, "problem");
    lua_pushboolean(L, v->meaning != DW_OK);
    lua_setfield(L, -2, "judged");
}

/* The arrivals as numbers of packets, where they are wanted. */
static void push_arrivals(lua_State *L, const dw_swarm *swarm)
{
    uint64_t count = dw_swarm_arrivals(swarm);
    lua_newtable(L);
    for (uint64_t i = 0; i < count; i++) {
        lua_pushinteger(L, (lua_Integer)dw_swarm_arrival(swarm, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "arrivals");
}

/* "#3 client:49152 > server:80 ACK ...", as the trace has it where the packet is first mentioned.
 */
static void push_label(lua_State *L, const dw_trace *trace, uint64_t packet)
{
    char text[300] = "";
    size_t i = 0;
    while (i < dw_trace_count(trace) && dw_trace_at(trace, i)->packet != packet)
        i++;
    if (i < dw_trace_count(trace))
        dw_trace_event_text(trace, dw_trace_at(trace, i), text, sizeof text);
    const char *from = strchr(text, '#');
    lua_pushstring(L, from ? from : text);
}

/* Of each arrival, as far as the run's simulation has a trace. */
static void push_labels(lua_State *L, const dwl_state *state, const dw_swarm *swarm)
{
    const dwl_sim *s = state->last_sim;
    const dw_trace *trace = s && s->sim ? dw_sim_trace(s->sim) : NULL;
    lua_newtable(L);
    for (uint64_t i = 0; trace && i < dw_swarm_arrivals(swarm); i++) {
        push_label(L, trace, dw_swarm_arrival(swarm, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "labels");
}

/* The seed is that of --seed, for this run: over the script's own. */
typedef struct kept_seed {
    bool given, own_given;
    uint64_t seed;
} kept_seed;

static kept_seed set_seed(lua_State *L, dwl_state *s, uint64_t seed)
{
    kept_seed kept = {s->seed_given, s->own_seed_given, s->seed};
    s->seed_given = true;
    s->own_seed_given = false;
    s->seed = seed;
    dwl_seed_random(L, seed);
    return kept;
}

static void set_back(dwl_state *s, kept_seed kept)
{
    s->seed_given = kept.given;
    s->own_seed_given = kept.own_given;
    s->seed = kept.seed;
}

static int run(lua_State *L)
{
    dwl_state *state = dwl_state_of(L);
    dwl_verdict v = {.L = L, .state = state, .leaks = flag_of(L, "leaks"), .problem = LUA_NOREF};
    dw_swarm *swarm = lua_touserdata(L, 3);
    bool labels = flag_of(L, "labels");
    kept_seed kept = set_seed(L, state, number_of(L, "seed"));
    state->swarming = swarm;
    int status = dwl_verdict_of(&v, dwl_verdict_call(&v, 1));
    state->swarming = NULL;
    set_back(state, kept);
    if (status == DW_E_INTERRUPT) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, v.problem);
        return lua_error(L);
    }
    push_outcome(L, &v, swarm, status);
    if (labels) push_arrivals(L, swarm);
    if (labels) push_labels(L, state, swarm);
    dwl_verdict_close(&v);
    dwl_verdict_free(&v);
    return 1;
}

/* internal.swarm_run(fn, { seed =, draws =, faults =, most =, points =, behind =, redraw =, plan =,
 * leaks =, labels = }): { plan =, points =, problem =, judged =, arrivals =, labels = }.  `draws`
 * is the seed of the faults that are drawn; `seed` where there is none. */
int dwl_swarm_run(lua_State *L)
{
    dw_fault planned[DW_FAULTS_MOST];
    dw_swarm_config c = {.size = sizeof c};
    dw_swarm *swarm;
    lua_settop(L, 2);
    lua_getfield(L, 2, "draws");
    c.seed = lua_isnil(L, -1) ? number_of(L, "seed") : (uint64_t)lua_tointeger(L, -1);
    lua_settop(L, 2);
    c.faults = (uint32_t)number_of(L, "faults");
    c.points = number_of(L, "points");
    c.behind = number_of(L, "behind");
    c.redraw = flag_of(L, "redraw");
    read_most(L, 2, c.most);
    read_plan(L, planned, &c);
    if (dw_swarm_new(&c, &swarm) != DW_OK) return dwl_no_memory(L);
    lua_pushcfunction(L, run);
    lua_insert(L, 1);
    lua_pushlightuserdata(L, swarm);
    int status = lua_pcall(L, 3, 1, 0);
    dwl_state_of(L)->swarming = NULL;
    dw_swarm_free(swarm);
    return status == LUA_OK ? 1 : lua_error(L);
}

/* internal.swarm_chance({ faults =, most =, points = }, "dh"): dw_swarm_chance of faults of these
 * kinds. */
int dwl_swarm_chance(lua_State *L)
{
    dw_fault faults[DW_FAULTS_MOST] = {0};
    dw_swarm_config c = {.size = sizeof c};
    const char *letters = luaL_checkstring(L, 2);
    size_t count = 0;
    lua_insert(L, 1); /* the table is where those of a run have theirs */
    c.faults = (uint32_t)number_of(L, "faults");
    c.points = number_of(L, "points");
    read_most(L, 2, c.most);
    for (; letters[count] && count < DW_FAULTS_MOST; count++) {
        const char *at = strchr(DW_FAULT_LETTERS, letters[count]);
        faults[count].kind = at ? (uint8_t)(at - DW_FAULT_LETTERS) : DW_FAULT_KINDS;
    }
    lua_pushnumber(L, dw_swarm_chance(&c, faults, count));
    return 1;
}

/* internal.draw(seed, name, n): from 1 to n, from the stream of this name. */
int dwl_swarm_draw(lua_State *L)
{
    uint64_t n = dw_swarm_draw((uint64_t)luaL_checkinteger(L, 1), luaL_checkstring(L, 2),
                               (uint64_t)luaL_checkinteger(L, 3));
    lua_pushinteger(L, (lua_Integer)n + 1);
    return 1;
}

static void tell_text(lua_State *L, const char *name, char **out)
{
    lua_getfield(L, 1, name);
    free(*out);
    *out = lua_isnil(L, -1) ? NULL : strdup(luaL_checkstring(L, -1));
    dwl_state_of(L)->out_of_memory |= !lua_isnil(L, -1) && !*out;
    lua_pop(L, 1);
}

/* internal.swarm_tell({ report =, failed =, seed =, plan =, sets =, small = }): what the command
 * shows; all but the report may be nil. */
int dwl_swarm_tell(lua_State *L)
{
    dwl_swarmed *out = dwl_state_of(L)->swarmed;
    if (!out) return 0;
    lua_settop(L, 1);
    tell_text(L, "report", &out->report);
    tell_text(L, "plan", &out->plan);
    tell_text(L, "sets", &out->sets);
    tell_text(L, "small", &out->small);
    lua_getfield(L, 1, "failed");
    out->failed = lua_toboolean(L, -1);
    lua_getfield(L, 1, "seed");
    out->seed = (uint64_t)luaL_optinteger(L, -1, 0);
    return 0;
}

/* internal.swarm_late(): whether the command's time is over. */
int dwl_swarm_late(lua_State *L)
{
    const dwl_swarmed *out = dwl_state_of(L)->swarmed;
    lua_pushboolean(L, out && out->is_over && out->is_over(out->arg));
    return 1;
}

/* internal.swarm_refused(): why there is no place for a swarm here, or nil. */
int dwl_swarm_refused(lua_State *L)
{
    const dwl_state *s = dwl_state_of(L);
    if (s->swarming)
        lua_pushliteral(L, "a swarm inside another");
    else if (s->exploring)
        lua_pushliteral(L, "not within the function of dw.explore");
    else if (s->in_piece)
        lua_pushliteral(L, "not within the function of a sweep");
    else if (s->current || s->running)
        lua_pushliteral(L, "not while a simulation runs");
    else
        lua_pushnil(L);
    return 1;
}

/* internal.fault_kinds(): { { name =, letter = }, ... }, and how many faults one run may have. */
int dwl_swarm_kinds(lua_State *L)
{
    lua_newtable(L);
    for (int i = 0; i < DW_FAULT_KINDS; i++) {
        if (!(DW_SWARM_KINDS & DW_FAULT_BIT(i))) continue;
        const char letter[2] = {DW_FAULT_LETTERS[i], 0};
        lua_createtable(L, 0, 2);
        set_text(L, "name", dwl_fault_kinds[i]);
        set_text(L, "letter", letter);
        lua_rawseti(L, -2, luaL_len(L, -2) + 1);
    }
    lua_pushinteger(L, DW_FAULTS_MOST);
    return 2;
}

/* internal.load(text, name): a script's text as a function; nil: it is no Lua. */
int dwl_swarm_load(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    if (dwl_load_text(L, text, len, luaL_checkstring(L, 2)) != LUA_OK) lua_pushnil(L);
    return 1;
}
