/* Simulations. */
#include "lua_sim.h"
#include "base/argument.h"
#include "base/ending.h"
#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "base/type.h"
#include "history.h"
#include "kinds.h"
#include "lua_conn.h"
#include "object.h"
#include "lua_picture.h"
#include "program.h"
#include "stdlib/stdlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const sim_options[] = {"seed",   "limit",       "msl", "max_events", "profile",
                                          "trace",  "trace_limit", "tcp", "checks",     "name",
                                          "detail", "numbers",     NULL};

static void apply_option(lua_State *L, void *sim, const char *name, const char *text)
{
    dwl_sim *s = sim;
    if (dw_sim_option(s->sim, "tcp", name, text) == DW_OK) return;
    if (strcmp(name, "congestion_control") == 0) dwl_no_such_congestion(L, s, "sim", text);
    dwl_error(L, "sim: %s%s", dw_sim_message(s->sim), dwl_tcp_option_hint(L, name));
}

static void register_plugin(lua_State *L, dwl_sim *s, const char *path)
{
    if (dw_plugin_load(s->sim, path) == DW_OK) return;
    dwl_fail(L, DW_E_ABI, "%s", dw_sim_message(s->sim));
}

/* Those of the command line and of dw.load. */
static void register_plugins(lua_State *L, dwl_sim *s)
{
    for (size_t i = 0; i < s->state->plugin_count; i++)
        register_plugin(L, s, s->state->plugins[i]);
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.plugins");
    for (lua_Integer i = 1; lua_istable(L, -1) && lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
        register_plugin(L, s, lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    lua_settop(L, 2);
}

static void apply_other(lua_State *L, void *sim, const char *name, const char *text)
{
    if (strcmp(name, "profile") != 0) apply_option(L, sim, name, text);
}

/* It comes first, for it sets all the others: profile = "linux", or tcp = { profile = "linux" }. */
static void apply_profile(lua_State *L, dwl_sim *s)
{
    const char *profile = dwl_opt_string(L, 1, "sim", "profile");
    if (dwl_get_option(L, 1, "tcp") == LUA_TTABLE && dwl_get_option(L, -1, "profile") != LUA_TNIL)
        profile = dwl_option_text(L, "sim.tcp", "profile");
    if (s->state->profile) profile = s->state->profile;
    if (profile) apply_option(L, s, "profile", profile);
    lua_settop(L, 2);
}

static void tcp_defaults(lua_State *L, dwl_sim *s)
{
    apply_profile(L, s);
    if (s->state->tuned[0]) apply_option(L, s, s->state->tuned[0], s->state->tuned[1]);
    const char *msl = dwl_opt_string(L, 1, "sim", "msl");
    if (msl) apply_option(L, s, "msl", msl);
    if (dwl_get_option(L, 1, "tcp") == LUA_TTABLE)
        dwl_each_option(L, -1, "sim.tcp", apply_other, s);
    s->mss_given = lua_istable(L, -1) && dwl_get_option(L, -1, "mss") != LUA_TNIL;
    lua_settop(L, 2);
}

/* One of three words, in the order of the list: 0, 1 or 2; 0 when it is not given. */
static int read_word(lua_State *L, const char *name, const char *const words[3])
{
    const char *word = dwl_opt_string(L, 1, "sim", name);
    for (int i = 0; i < 3; i++)
        if (!word || strcmp(word, words[i]) == 0) return i;
    return dwl_error(L, "sim.%s: \"%s\" is not \"%s\", \"%s\" or \"%s\"", name, word, words[0],
                     words[1], words[2]);
}

/* --seed would make one run of what the script means to be several. */
static void check_seed(lua_State *L, dwl_state *state, int64_t seed)
{
    if (!state->own_seed_given) {
        state->own_seed_given = true;
        state->own_seed = seed;
        dwl_where(L);
        const char *at = lua_tostring(L, -1);
        snprintf(state->own_seed_at, sizeof state->own_seed_at, "%.*s",
                 (int)strlen(at) - (*at ? 2 : 0), at);
        lua_pop(L, 1);
    }
    if (state->own_seed == seed || !state->seed_given) return;
    dwl_error(L,
              "--seed would give one seed to all simulations of this script, which sets several "
              "itself: %lld at %s, %lld here; leave it out, or read a number with dw.param and say "
              "it with --set",
              (long long)state->own_seed, state->own_seed_at, (long long)seed);
}

/* What the command line says holds over the script. */
static dw_sim_config read_config(lua_State *L, dwl_state *state)
{
    static const char *const traces[] = {"on", "digest", "off"};
    static const char *const checks[] = {"fail", "note", "off"};
    static const enum dw_checks meant[] = {DW_CHECKS_FAIL, DW_CHECKS_NOTE, DW_CHECKS_OFF};
    char why[200];
    int64_t seed = state->piece_seed_given ? (int64_t)state->piece_seed : 1, max_events = 0;
    dw_sim_config c = {.account = &state->account};
    if (dwl_opt_integer(L, 1, "sim", "seed", INT64_MIN, INT64_MAX, &seed))
        check_seed(L, state, seed);
    dwl_opt_integer(L, 1, "sim", "max_events", 1, INT64_MAX, &max_events);
    dwl_opt_time(L, 1, "sim", "limit", &c.limit);
    const char *size = dwl_opt_string(L, 1, "sim", "trace_limit");
    if (size && dw_parse_size(size, &c.trace_limit, why, sizeof why) != DW_OK)
        dwl_error(L, "sim.trace_limit: %s", why);
    int trace = state->untraced ? 2 : read_word(L, "trace", traces);
    if (state->observes) trace = 0;
    c.digest_only = trace == 1;
    c.trace = trace != 2;
    dwl_opt_bool(L, 1, "sim", "detail", &c.detail);
    c.detail |= state->detail;
    c.checks = (uint8_t)meant[read_word(L, "checks", checks)];
    c.seed = state->seed_given ? state->seed : (uint64_t)seed;
    c.max_events = (uint64_t)max_events;
    return c;
}

/* Push the record of a simulation that is yet to be made: from here on its finalizer is called. */
static dwl_sim *push_record(lua_State *L, dwl_state *state)
{
    dwl_sim *s = lua_newuserdatauv(L, sizeof *s, 1);
    memset(s, 0, sizeof *s);
    s->state = state;
    s->error_ref = s->kept_ref = LUA_NOREF;
    s->number = ++state->sims_made;
    dwl_where(L);
    snprintf(s->made, sizeof s->made, "%s", lua_tostring(L, -1));
    lua_pop(L, 1);
    const char *name = dwl_opt_string(L, 1, "sim", "name");
    if (name) snprintf(s->name, sizeof s->name, "%s", name);
    s->numbers = (uint8_t)dwl_choice(L, 1, "sim", "numbers", dwl_numbers, DW_NUMBERS_RELATIVE);
    luaL_setmetatable(L, DWL_SIM);
    if (name) { /* it will be drawn, so it stays until the script closes it */
        lua_pushvalue(L, 2);
        s->kept_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_newtable(L);
    lua_setiuservalue(L, 2, 1);
    return s;
}

/* It is the newest now, which the command shows.  The one before, if the script has closed it, was
 * kept for that alone. */
static void become_last(lua_State *L, dwl_state *state, dwl_sim *s)
{
    dwl_sim *before = state->last_sim;
    if (before && before->retired && !(before->name[0] && state->shows_named))
        dwl_close_sim(L, before);
    dwl_sim **at = &state->sims;
    while (*at)
        at = &(*at)->next;
    *at = s;
    state->last_sim = s;
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.sims");
    lua_pushvalue(L, 2);
    lua_rawsetp(L, -2, s);
    lua_pushvalue(L, 2);
    lua_setfield(L, LUA_REGISTRYINDEX, "drywire.last");
    lua_settop(L, 2);
}

/* dw.sim { ... }.  Stack: the options, then the simulation. */
static int new_sim(lua_State *L)
{
    dwl_state *state = dwl_state_of(L);
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    if (!lua_istable(L, 1))
        return dwl_error(L, "dw.sim: expected a table of options, got %s", luaL_typename(L, 1));
    lua_settop(L, 1);
    dwl_check_host_names(L, 1, "sim", sim_options);
    dw_sim_config c = read_config(L, state);
    dwl_sim *s = push_record(L, state);
    if (dw_sim_new(&c, &s->sim) != DW_OK) return dwl_no_memory(L);
    become_last(L, state, s);
    register_plugins(L, s);
    dwl_add_congestion_controls(L, s);
    dwl_seed_random(L, c.seed);
    tcp_defaults(L, s);
    dwl_plan_faults(L, s);
    return 1;
}

uint64_t dwl_digest_mix(const dwl_sim *s)
{
    return dwl_trace_mix(s->sim ? dw_sim_trace(s->sim) : NULL);
}

uint64_t dwl_trace_mix(const dw_trace *trace)
{
    char digest[DW_DIGEST_TEXT];
    if (!trace) return 0;
    dw_trace_digest(trace, digest);
    return dwl_hash_text(digest, strlen(digest));
}

/* The script cannot use it any more; what it did can still be shown. */
static void retire(lua_State *L, dwl_sim *s)
{
    if (s->state->closing) s->state->closing(s, s->state->closing_arg);
    s->state->closed_mix += dwl_digest_mix(s);
    s->state->out_of_memory |= dw_sim_out_of_memory(s->sim);
    s->busy++;
    dwl_programs_close(L, s);
    while (s->conns)
        dwl_conn_forget(s->conns);
    dw_rule *rule;
    for (size_t i = 0; (rule = dw_rule_at(s->sim, i)) != NULL; i++)
        dwl_note_drop(s->state, rule);
    s->state->faults_struck |= dwl_struck_faults(s->state, s->sim);
    s->retired = s->sim;
    s->sim = NULL;
    s->closed = true;
}

void dwl_close_sim(lua_State *L, dwl_sim *s)
{
    if (s->sim) retire(L, s);
    if (!s->retired) return;
    dw_sim *sim = s->retired;
    s->retired = NULL;
    dwl_at_work(L, true);
    dw_sim_free(sim);
    dwl_at_work(L, false);
    luaL_unref(L, LUA_REGISTRYINDEX, s->error_ref);
    luaL_unref(L, LUA_REGISTRYINDEX, s->kept_ref);
    s->error_ref = s->kept_ref = LUA_NOREF;
    for (dwl_sim **at = &s->state->sims; *at; at = &(*at)->next) {
        if (*at != s) continue;
        *at = s->next;
        break;
    }
    if (s->state->last_sim == s) s->state->last_sim = NULL;
    if (s->state->touched == s) s->state->touched = NULL;
}

/* Whether the command will show it at the end. */
static bool will_be_shown(const dwl_sim *s)
{
    const dwl_state *state = s->state;
    return (s == state->last_sim && state->shows_last) || (s->name[0] && state->shows_named);
}

void dwl_close_all(lua_State *L, dwl_state *state)
{
    while (state->sims) {
        state->sims->collected = true;
        dwl_close_sim(L, state->sims);
    }
}

static int sim_close(lua_State *L)
{
    dwl_sim *s = luaL_checkudata(L, 1, DWL_SIM);
    if (!s->sim) return 0;
    dwl_alive(L, s, "sim");
    if (s->busy || dw_sim_inside(s->sim))
        return dwl_error(L, "sim:close() cannot be called from a callback of the simulation");
    if (will_be_shown(s))
        retire(L, s);
    else
        dwl_close_sim(L, s);
    return 0;
}

static void note_forgotten(const dwl_sim *s)
{
    dwl_state *state = s->state;
    if (!s->scheduled || (state->forgotten && state->forgotten < s->number)) return;
    state->forgotten = s->number;
    state->forgotten_ran = s->ran;
    snprintf(state->forgotten_at, sizeof state->forgotten_at, "%s", s->made);
}

const char *dwl_forgotten_sim(dwl_state *state)
{
    for (const dwl_sim *s = state->sims; s; s = s->next)
        note_forgotten(s);
    return state->forgotten ? state->forgotten_at : NULL;
}

void dwl_close_since(lua_State *L, dwl_state *state, uint32_t number)
{
    for (dwl_sim *s = state->sims, *next; s; s = next) {
        next = s->next;
        if (s->number <= number) continue;
        if (s->sim) note_forgotten(s);
        s->collected = true;
        dwl_close_sim(L, s);
    }
}

/* Nobody can reach it any more, so it does not run; another may. */
static int sim_collect(lua_State *L)
{
    dwl_sim *s = luaL_checkudata(L, 1, DWL_SIM);
    if (s->sim) note_forgotten(s);
    s->collected = true;
    dwl_close_sim(L, s);
    return 0;
}

/* Time. */

/* Kept, with its function as user value, by the simulation's cache table until it is called. */
typedef struct callback {
    dwl_sim *sim;
    int ref;
} callback;

static void call_back(void *arg)
{
    callback *c = arg;
    dwl_sim *s = c->sim;
    lua_State *L = s->state->main;
    int top = lua_gettop(L);
    dwl_push_sim(L, s);
    dwl_push_cache(L, -1);
    lua_rawgeti(L, -1, c->ref);
    luaL_unref(L, -2, c->ref);
    lua_getiuservalue(L, -1, 1);
    if (dwl_explores(s->state)) dwl_history_mix(s->state, (uint64_t)c->ref);
    dwl_call(L, s, 0, 0, "sim:at");
    lua_settop(L, top);
}

static int schedule(lua_State *L, dw_time at, const char *what)
{
    dwl_sim *s = dwl_check_sim(L, 1);
    dwl_check_function(L, 3, what);
    if (at < dw_sim_now(s->sim)) return dwl_error(L, "%s: that time has already passed", what);
    dwl_push_cache(L, 1);
    callback *c = lua_newuserdatauv(L, sizeof *c, 1);
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, -2, 1);
    *c = (callback){.sim = s, .ref = luaL_ref(L, -2)};
    if (dw_sim_at(s->sim, NULL, at, call_back, c) != DW_OK)
        return dwl_error(L, "%s: %s", what, dw_sim_message(s->sim));
    dwl_wants_run(s);
    lua_settop(L, 1);
    return 1;
}

/* Later than at the start, how much is left until then is a question of how late it is. */
static int sim_at(lua_State *L)
{
    if (dw_sim_now(dwl_check_sim(L, 1)->sim) > 0) dwl_looks_back(L, DWL_PAST_ALL, "sim:at");
    return schedule(L, dwl_check_time(L, 2, "sim:at"), "sim:at");
}

static int sim_after(lua_State *L)
{
    dwl_sim *s = dwl_check_sim(L, 1);
    return schedule(L, dwl_moment_after(L, s, 2, "sim:after"), "sim:after");
}

static int sim_now(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)dw_sim_now(dwl_check_sim(L, 1)->sim) / 1e9);
    return 1;
}

static int sim_now_ns(lua_State *L)
{
    lua_pushinteger(L, dw_sim_now(dwl_check_sim(L, 1)->sim));
    return 1;
}

/* Random streams of the script. */

static int sim_random(lua_State *L)
{
    dwl_sim *s = dwl_check_sim(L, 1);
    dw_rng *rng = dw_sim_random(s->sim, dwl_check_text(L, 2, "sim:random", "a name"));
    if (!rng) return dwl_no_memory(L);
    dwl_push_object(L, 1, DWL_RANDOM, rng);
    return 1;
}

static int random_integer(lua_State *L)
{
    dwl_object *o = luaL_checkudata(L, 1, DWL_RANDOM);
    dwl_alive(L, o->sim, "random");
    lua_Integer low = dwl_check_integer(L, 2, "random:integer");
    lua_Integer high = dwl_check_integer(L, 3, "random:integer");
    if (low > high)
        return dwl_error(L, "random:integer: %lld is more than %lld", (long long)low,
                         (long long)high);
    uint64_t span = (uint64_t)high - (uint64_t)low;
    uint64_t draw =
        span == UINT64_MAX ? dw_rng_next(o->pointer) : dw_rng_below(o->pointer, span + 1);
    lua_pushinteger(L, (lua_Integer)((uint64_t)low + draw));
    return 1;
}

static int random_chance(lua_State *L)
{
    dwl_object *o = luaL_checkudata(L, 1, DWL_RANDOM);
    dwl_alive(L, o->sim, "random");
    dw_ratio p = 0;
    lua_settop(L, 2);
    lua_createtable(L, 0, 1);
    lua_insert(L, 2);
    lua_setfield(L, 2, "probability");
    if (!dwl_opt_ratio(L, 2, "random:chance", "probability", &p))
        return dwl_error(L, "random:chance: a probability is missing");
    lua_pushboolean(L, dw_rng_chance(o->pointer, p));
    return 1;
}

static int random_number(lua_State *L)
{
    dwl_object *o = luaL_checkudata(L, 1, DWL_RANDOM);
    dwl_alive(L, o->sim, "random");
    lua_pushnumber(L, (lua_Number)(dw_rng_next(o->pointer) >> 11) * 0x1p-53);
    return 1;
}

static int sim_seed(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)dw_sim_seed(dwl_check_sim(L, 1)->sim));
    return 1;
}

static int sim_tostring(lua_State *L)
{
    dwl_sim *s = luaL_checkudata(L, 1, DWL_SIM);
    if (!s->sim)
        lua_pushliteral(L, "sim (closed)");
    else
        lua_pushfstring(L, "sim (seed %I)", (lua_Integer)dw_sim_seed(s->sim));
    return 1;
}

static int sim_host(lua_State *L);

static const luaL_Reg methods[] = {
    {"host", sim_host},   {"link", dwl_sim_link}, {"at", sim_at},         {"after", sim_after},
    {"now", sim_now},     {"now_ns", sim_now_ns}, {"random", sim_random}, {"seed", sim_seed},
    {"close", sim_close}, {NULL, NULL},
};

/* sim.trace is a field. */
static int sim_index(lua_State *L)
{
    if (lua_type(L, 2) == LUA_TSTRING && strcmp(lua_tostring(L, 2), "trace") == 0) {
        dwl_sim *s = dwl_check_sim(L, 1);
        dwl_looks_back(L, DWL_PAST_ALL, "sim.trace");
        if (!dw_sim_trace(s->sim))
            return dwl_error(L, "this simulation was made with trace = \"off\"");
        dwl_push_object(L, 1, DWL_TRACE, dw_sim_trace(s->sim));
        return 1;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 2, 1);
    return 1;
}

static int sim_host(lua_State *L)
{
    dwl_sim *s = dwl_check_sim(L, 1);
    const char *name = dwl_check_text(L, 2, "sim:host", "a name");
    if (strlen(name) < lua_rawlen(L, 2)) return dwl_error(L, "sim:host: a name has no zero bytes");
    dw_node *node = dw_node_find(s->sim, name);
    bool fresh = !node;
    int status = fresh ? dw_node_new(s->sim, name, &node) : DW_OK;
    if (status != DW_OK) return dwl_refused(L, s, status, "sim:host");
    dwl_give_stack(L, s, node, lua_isnoneornil(L, 3) ? 0 : 3, fresh);
    if (!lua_isnoneornil(L, 3)) dwl_configure_host(L, s, node, 3);
    if (fresh && s->mss_given) dwl_check_mss(L, node);
    dwl_push_object(L, 1, DWL_HOST, node);
    return 1;
}

static const luaL_Reg meta[] = {
    {"__tostring", sim_tostring}, {"__gc", sim_collect}, {"__close", sim_close}, {NULL, NULL}};

static const luaL_Reg random_methods[] = {{"integer", random_integer},
                                          {"chance", random_chance},
                                          {"number", random_number},
                                          {NULL, NULL}};

void dwl_open_sim(lua_State *L)
{
    dwl_new_weak_table(L, "drywire.sims", "v");
    dwl_new_type(L, DWL_SIM, "a simulation", methods, meta);
    dwl_add_methods(L, DWL_SIM, "a simulation", dwl_run_methods);
    luaL_getmetatable(L, DWL_SIM);
    lua_getfield(L, -1, "methods"); /* a field, but one that a misspelt name may mean */
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "trace");
    lua_pop(L, 1);
    lua_getfield(L, -1, "__index");
    lua_pushcclosure(L, sim_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    dwl_new_type(L, DWL_RANDOM, "a random stream", random_methods, NULL);
    lua_pushcfunction(L, new_sim);
    lua_setfield(L, -2, "sim");
}
