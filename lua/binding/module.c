/* require "drywire": puts the binding together, in a stock lua5.4 and in the drywire command. */
#include "drywire/plugin.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/options.h"
#include "base/traceback.h"
#include "base/type.h"
#include "cases.h"
#include "choices.h"
#include "explore_graph.h"
#include "deal/deal.h"
#include "embedded.h"
#include "kinds.h"
#include "lua_conn.h"
#include "lua_sim.h"
#include "object.h"
#include "program.h"
#include "stdlib/stdlib.h"
#include "binding/stdlib/portable_math.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The Lua state closes. */
static int close_all(lua_State *L)
{
    dwl_state *s = luaL_checkudata(L, 1, "drywire.State");
    dwl_close_all(L, s);
    dwl_cases_free(s);
    free(s->late_problem);
    s->late_problem = NULL;
    return 0;
}

static int raw_pairs(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.rawpairs");
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 3);
    return 3;
}

static int is_empty(lua_State *L)
{
    if (!lua_istable(L, 1))
        return dwl_error(L, "dw.is_empty: expected a table, got %s", luaL_typename(L, 1));
    lua_pushnil(L);
    lua_pushboolean(L, lua_next(L, 1) == 0);
    return 1;
}

/* So that a parameter which no script asked for can be told. */
static void remember_asked(dwl_state *s, const char *name)
{
    enum { MAX_ASKED = sizeof s->params_known / sizeof s->params_known[0] };
    for (size_t i = 0; i < s->params_known_count; i++)
        if (strcmp(s->params_known[i].name, name) == 0) return;
    if (s->params_known_count == MAX_ASKED || strlen(name) >= sizeof s->params_known[0].name)
        return;
    snprintf(s->params_known[s->params_known_count++].name, sizeof s->params_known[0].name, "%s",
             name);
}

/* Of the type that the default has: a number where that is one. */
static void push_parameter(lua_State *L, const char *given, const char *value)
{
    int type = lua_type(L, 2);
    if (type == LUA_TBOOLEAN)
        lua_pushboolean(L, strcmp(value, "true") == 0);
    else if (type != LUA_TNUMBER)
        lua_pushstring(L, value);
    else if (lua_stringtonumber(L, value) != strlen(value) + 1)
        dwl_error(L, "--set %s: expected a number", given);
}

/* internal.param(name, otherwise): the value, and whether it was given. */
static int param(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    lua_settop(L, 2);
    const char *name = dwl_check_text(L, 1, "dw.param", "a name");
    size_t len = lua_rawlen(L, 1);
    remember_asked(s, name);
    for (size_t i = s->param_count; i-- > 0;) {
        const char *p = s->params[i];
        if (strncmp(p, name, len) != 0 || p[len] != '=') continue;
        for (size_t k = 0; k <= i; k++) /* of several with this name the last one counts */
            if (strncmp(s->params[k], name, len) == 0 && s->params[k][len] == '=')
                s->params_asked |= (uint64_t)1 << k;
        const char *value = p + len + 1;
        push_parameter(L, p, value);
        lua_pushboolean(L, true);
        return 2;
    }
    return 1;
}

/* dw.load "x.so": in every simulation from now on. */
static int load_plugin(lua_State *L)
{
    const char *name = dwl_check_text(L, 1, "dw.load", "a path");
    lua_settop(L, 1);
    const char *path = dwl_beside(L, name);
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.plugins");
    if (!lua_istable(L, 3)) {
        lua_newtable(L);
        lua_replace(L, 3);
        lua_pushvalue(L, 3);
        lua_setfield(L, LUA_REGISTRYINDEX, "drywire.plugins");
    }
    /* Try it now, so that the error is here. */
    dw_sim *probe;
    if (dw_sim_new(NULL, &probe) != DW_OK) return dwl_no_memory(L);
    int status = dw_plugin_load(probe, path);
    char why[1024];
    snprintf(why, sizeof why, "%s", dw_sim_message(probe));
    dw_sim_free(probe);
    if (status == DW_E_NOMEM) return dwl_no_memory(L);
    if (status != DW_OK)
        return dwl_fail(L, DW_E_ABI, "dw.load: %s", dwl_as_named(L, why, path, name));
    lua_pushvalue(L, 2);
    lua_rawseti(L, 3, (lua_Integer)lua_rawlen(L, 3) + 1);
    return 0;
}

/* For the Lua sources in drywire/: an error at the user's line, and the methods of a type. */
static int lua_fail(lua_State *L)
{
    return dwl_error(L, "%s", luaL_checkstring(L, 1));
}

static int lua_expects(lua_State *L)
{
    dwl_state_of(L)->expectations++;
    return 0;
}

static int lua_fail_expectation(lua_State *L)
{
    return dwl_fail_expectation(L, "%s", luaL_checkstring(L, 1));
}

/* A file that appears whole or not at all. */
static int lua_write(lua_State *L)
{
    char why[400];
    size_t len;
    const char *text = luaL_checklstring(L, 2, &len);
    if (dw_deal_follows()) return 0;
    int status = dw_file_write(luaL_checkstring(L, 1), text, len, why, sizeof why);
    if (status == DW_E_NOMEM) return dwl_no_memory(L);
    if (status != DW_OK) return dwl_error(L, "%s", why);
    return 0;
}

/* The path of a file that the script named. */
static int lua_beside(lua_State *L)
{
    dwl_beside(L, luaL_checkstring(L, 1));
    return 1;
}

/* A time in nanoseconds; an error says who asked. */
static int lua_time(lua_State *L)
{
    lua_pushinteger(L, dwl_check_time(L, 1, dwl_check_text(L, 2, "time", "a text")));
    return 1;
}

/* The host of a simulation that a value means, by object or name; an error says who asked. */
static int lua_host_of(lua_State *L)
{
    dwl_sim *s = dwl_check_sim(L, 1);
    dwl_push_host(L, s, dwl_check_host(L, 2, s, luaL_checkstring(L, 3)));
    return 1;
}

/* Where --plots wants the pictures of this script; or nil. */
static int lua_plots(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.plots");
    return 1;
}

/* The word of a list that comes nearest, or nil. */
static int lua_nearest(lua_State *L)
{
    const char *names[64];
    size_t n = 0, max = sizeof names / sizeof *names - 1;
    luaL_checktype(L, 2, LUA_TTABLE);
    for (lua_Integer i = 1; n < max && lua_rawgeti(L, 2, i) == LUA_TSTRING; i++)
        names[n++] = lua_tostring(L, -1); /* kept alive by the list */
    names[n] = NULL;
    lua_pushstring(L, dw_nearest(luaL_checkstring(L, 1), names));
    return 1;
}

static int lua_is_tcp_option(lua_State *L)
{
    lua_pushboolean(L, dwl_is_tcp_option(luaL_checkstring(L, 1)));
    return 1;
}

/* A type of tables that is written in Lua: its metatable, from its name and its methods. */
static int lua_new_type(lua_State *L)
{
    luaL_newmetatable(L, luaL_checkstring(L, 1));
    lua_pushvalue(L, 2);
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, 2);
    lua_setfield(L, -2, "methods");
    return 1;
}

static int lua_methods(lua_State *L)
{
    luaL_getmetatable(L, luaL_checkstring(L, 1));
    lua_getfield(L, -1, "methods");
    return 1;
}

/* dw.options "tcp": the options of a protocol, with their values under a profile, for
 * documentation: { name, value, doc, kind, min, max, choices }. */
static void push_option(lua_State *L, const dw_option *o, const char *value)
{
    static const char *const kinds[] = {"time", "size", "count", "flag", "choice"};
    const char *const fields[][2] = {
        {"name", o->name}, {"doc", o->doc}, {"value", value}, {"kind", kinds[o->kind]}};
    lua_createtable(L, 0, 7);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        lua_pushstring(L, fields[i][1]);
        lua_setfield(L, -2, fields[i][0]);
    }
    if (o->min || o->max) {
        lua_pushinteger(L, o->min);
        lua_setfield(L, -2, "min");
        lua_pushinteger(L, o->max);
        lua_setfield(L, -2, "max");
    }
    if (o->kind != DW_OPTION_CHOICE) return;
    lua_newtable(L);
    for (lua_Integer i = 0; o->choices[i]; i++) {
        lua_pushstring(L, o->choices[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "choices");
    lua_pushboolean(L, o->plugins);
    lua_setfield(L, -2, "plugins");
}

static int connection_options(lua_State *L)
{
    const dw_option *o = dw_protocol_builtin("tcp")->sockets->options;
    lua_newtable(L);
    for (lua_Integer i = 1; o && o->name; o++, i++) {
        push_option(L, o, NULL);
        lua_rawseti(L, -2, i);
    }
    return 1;
}

static int no_such_options(lua_State *L, const dw_protocol_ops *ops, const char *name,
                           const char *profile)
{
    enum { MOST = 32 };
    const char *names[MOST + 1] = {0};
    const dw_plugin *p;
    int n = 0;
    if (ops && ops->options && ops->profiles)
        return dwl_error(L, "dw.options: there is no profile \"%s\"%s", profile,
                         dwl_known_words(L, profile, ops->profiles));
    for (size_t i = 0; n < MOST && (p = dw_plugin_builtin(i)) != NULL; i++)
        if (p->protocol && p->protocol->options) names[n++] = p->name;
    return dwl_error(L, "dw.options: there is no protocol \"%s\" with options%s", name,
                     dwl_known_words(L, name, names));
}

/* Within a protected call: the name, the profile, a simulation to ask and a node of it; true, and
 * the list. */
static int list_options(lua_State *L)
{
    const char *name = lua_tostring(L, 1), *profile = lua_tostring(L, 2);
    dw_sim *sim = lua_touserdata(L, 3);
    dw_node *node = lua_touserdata(L, 4);
    const dw_protocol_ops *ops = NULL;
    for (size_t i = 0; dw_plugin_at(sim, i); i++)
        if (strcmp(dw_plugin_at(sim, i)->name, name) == 0) ops = dw_plugin_at(sim, i)->protocol;
    bool known = ops && ops->options;
    if (known && profile) known = dw_node_option(node, name, "profile", profile) == DW_OK;
    lua_newtable(L);
    for (const dw_option *o = known ? ops->options : NULL; o && o->name; o++) {
        char value[64];
        void *instance = dw_node_protocol(node, name);
        if (!instance) return dwl_no_memory(L);
        dw_option_get(o, ops->options_of(instance), value, sizeof value);
        push_option(L, o, value);
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    }
    if (dw_sim_out_of_memory(sim)) return dwl_no_memory(L);
    if (!known) return no_such_options(L, ops, name, profile);
    return 1;
}

static int protocol_options(lua_State *L)
{
    const char *name = dwl_check_text(L, 1, "dw.options", "the name of a protocol");
    if (strcmp(name, "tcp.connection") == 0) return connection_options(L);
    dw_sim *sim = NULL;
    dw_node *node;
    if (!lua_isnoneornil(L, 2)) dwl_check_text(L, 2, "dw.options", "the name of a profile");
    lua_settop(L, 2);
    lua_pushcfunction(L, list_options);
    lua_insert(L, 1);
    if (dw_sim_new(NULL, &sim) != DW_OK || dw_node_new(sim, "host", &node) != DW_OK) {
        dw_sim_free(sim);
        return dwl_no_memory(L);
    }
    lua_pushlightuserdata(L, sim);
    lua_pushlightuserdata(L, node);
    int status = lua_pcall(L, 4, 1, 0);
    dw_sim_free(sim);
    return status == LUA_OK ? 1 : lua_error(L);
}

/* dw.defects "tcp": mistakes that can be switched on: { name, rfc, text }. */
static int protocol_defects(lua_State *L)
{
    const char *name = dwl_check_text(L, 1, "dw.defects", "the name of a protocol");
    const dw_protocol_ops *ops = dw_protocol_builtin(name);
    const dw_defect *d = ops ? ops->defects : NULL;
    if (!d) return dwl_error(L, "dw.defects: protocol \"%s\" has none", name);
    lua_newtable(L);
    for (lua_Integer i = 1; d->name; d++, i++) {
        const char *const fields[][2] = {{"name", d->name}, {"rfc", d->rfc}, {"text", d->text}};
        lua_createtable(L, 0, 3);
        for (int k = 0; k < 3; k++) {
            lua_pushstring(L, fields[k][1]);
            lua_setfield(L, -2, fields[k][0]);
        }
        lua_rawseti(L, -2, i);
    }
    return 1;
}

static int portable_pow(lua_State *L)
{
    lua_Number x = dwl_check_number(L, 1, "dw.pow"), y = dwl_check_number(L, 2, "dw.pow");
    lua_pushnumber(L, dwl_pow(x, y));
    return 1;
}

static const luaL_Reg functions[] = {{"pow", portable_pow},
                                     {"options", protocol_options},
                                     {"defects", protocol_defects},
                                     {"rawpairs", raw_pairs},
                                     {"is_empty", is_empty},
                                     {"load", load_plugin},
                                     {"drill", dwl_drill},
                                     {"explore", dwl_explore},
                                     {"faults", dwl_faults},
                                     {"seed", dwl_seed},
                                     {"congestion_control", dwl_congestion_control},
                                     {NULL, NULL}};

static int lua_sim_of(lua_State *L)
{
    dwl_push_sim(L, dwl_sim_of(L, 1));
    return 1;
}

static int lua_links(lua_State *L)
{
    dwl_sim *s = dwl_check_sim(L, 1);
    dw_link *link;
    lua_newtable(L);
    for (uint32_t i = 0; (link = dw_link_at(s->sim, i)) != NULL; i++) {
        dwl_push_object(L, 1, DWL_LINK, link);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int lua_ends(lua_State *L)
{
    dw_link *link = dwl_check_object(L, 1, DWL_LINK);
    dwl_sim *s = dwl_sim_of(L, 1);
    for (int i = 0; i < 2; i++)
        dwl_push_host(L, s, dw_link_node(link, i));
    return 2;
}

static int lua_link_options(lua_State *L)
{
    lua_newtable(L);
    for (lua_Integer i = 0; dwl_link_options[i]; i++) {
        lua_pushstring(L, dwl_link_options[i]);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

/* The links that sim:partition took down. */
static int lua_partitioned(lua_State *L)
{
    dwl_check_sim(L, 1);
    dwl_push_cache(L, 1);
    if (lua_getfield(L, -1, "partitioned") == LUA_TNIL) {
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setfield(L, -4, "partitioned");
    }
    return 1;
}

/* The value is an assertion that failed, and no other error. */
static int lua_is_assertion(lua_State *L)
{
    lua_settop(L, 1);
    lua_pushboolean(L, dwl_meaning(L, 1) == DW_E_MISMATCH);
    return 1;
}

/* What drywire swarm calls, for the command. */
static int lua_on_swarm(lua_State *L)
{
    lua_settop(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "drywire.swarm_script");
    return 0;
}

/* What the script fails with when it has ended well: a sentence, whether it is a failed assertion.
 * The first one stays. */
static int lua_fail_late(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    const char *text = luaL_checkstring(L, 1);
    if (s->late_problem) return 0;
    s->late_meaning = lua_toboolean(L, 2) ? DW_E_MISMATCH : DW_OK;
    s->late_problem = strdup(text);
    s->out_of_memory |= !s->late_problem;
    return 0;
}

/* What drywire sweep wants: { csv =, jsonl =, against =, exact =, tables = }, and whether a
 * simulation runs, dw.explore does, --seed was given, the script is tested; and how many sweeps
 * there have been, with this one. */
static int lua_sweep_wanted(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    const dwl_sweep_files *f = s->sweep;
    lua_newtable(L);
    if (f) {
        const char *const texts[][2] = {
            {"csv", f->csv}, {"jsonl", f->jsonl}, {"against", f->against}};
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            lua_pushstring(L, texts[i][1]);
            lua_setfield(L, -2, texts[i][0]);
        }
        lua_pushboolean(L, f->exact);
        lua_setfield(L, -2, "exact");
        lua_pushboolean(L, !f->quiet);
        lua_setfield(L, -2, "tables");
    }
    lua_pushboolean(L, s->running > 0);
    lua_setfield(L, -2, "running");
    lua_pushboolean(L, s->seed_given);
    lua_setfield(L, -2, "seed_given");
    lua_pushboolean(L, s->exploring != NULL);
    lua_setfield(L, -2, "exploring");
    lua_pushboolean(L, s->real_time != NULL);
    lua_setfield(L, -2, "testing");
    lua_pushinteger(L, ++s->sweeps);
    lua_setfield(L, -2, "number");
    return 1;
}

static const luaL_Reg internals[] = {{"links", lua_links},
                                     {"link_options", lua_link_options},
                                     {"is_tcp_option", lua_is_tcp_option},
                                     {"ends", lua_ends},
                                     {"partitioned", lua_partitioned},
                                     {"sim_of", lua_sim_of},
                                     {"fail", lua_fail},
                                     {"expects", lua_expects},
                                     {"fail_expectation", lua_fail_expectation},
                                     {"case_begins", dwl_case_begins},
                                     {"case_ends", dwl_case_ends},
                                     {"cover", dwl_cover},
                                     {"traceback", dwl_message_handler},
                                     {"time", lua_time},
                                     {"check_open", dwl_check_open},
                                     {"on_back", dwl_on_back},
                                     {"on_leave", dwl_on_leave},
                                     {"on_graph", dwl_on_graph},
                                     {"methods", lua_methods},
                                     {"new_type", lua_new_type},
                                     {"write", lua_write},
                                     {"nearest", lua_nearest},
                                     {"plots", lua_plots},
                                     {"escape", dwl_escape},
                                     {"beside", lua_beside},
                                     {"host_of", lua_host_of},
                                     {"is_assertion", lua_is_assertion},
                                     {"fail_late", lua_fail_late},
                                     {"sweep_wanted", lua_sweep_wanted},
                                     {"deal", dwl_deal},
                                     {"in_piece", dwl_in_piece},
                                     {"jobs", dwl_jobs},
                                     {"counting", dwl_counting},
                                     {"piece_seed", dwl_piece_seed},
                                     {"record_open", dwl_record_open},
                                     {"record_read", dwl_record_read},
                                     {"record_keep", dwl_record_keep},
                                     {"record_add", dwl_record_add},
                                     {"record_close", dwl_record_close},
                                     {"work_identity", dwl_work_identity},
                                     {"series", dwl_series},
                                     {"param", param},
                                     {"swarm_run", dwl_swarm_run},
                                     {"swarm_chance", dwl_swarm_chance},
                                     {"draw", dwl_swarm_draw},
                                     {"swarm_tell", dwl_swarm_tell},
                                     {"swarm_late", dwl_swarm_late},
                                     {"swarm_refused", dwl_swarm_refused},
                                     {"on_swarm", lua_on_swarm},
                                     {"fault_kinds", dwl_swarm_kinds},
                                     {"load", dwl_swarm_load},
                                     {"explore_plans", dwl_explore_plans},
                                     {"differ_run", dwl_differ_run},
                                     {"differ_tell", dwl_differ_tell},
                                     {"on_differ", dwl_on_differ},
                                     {NULL, NULL}};

/* What is written in Lua is called through here: an error that the interpreter raises in it (its
 * place is then a line of drywire's) is moved to the line of the script. */

static int finish_call(lua_State *L, int status, lua_KContext unused)
{
    (void)unused;
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L);
    size_t digits = 0;
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    if (strncmp(text, "drywire:", 8) == 0) digits = strspn(text + 8, "0123456789");
    if (digits && text[8 + digits] == ':') {
        dwl_where(L);
        lua_pushstring(L, text + 8 + digits + 1 + (text[8 + digits + 1] == ' '));
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int call_embedded(lua_State *L)
{
    if (lua_istable(L, lua_upvalueindex(2))) /* a method of that type */
        dwl_check_self(L, lua_upvalueindex(2), lua_tostring(L, lua_upvalueindex(3)),
                       lua_tostring(L, lua_upvalueindex(4)));
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    return finish_call(L, lua_pcallk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, 0, finish_call), 0);
}

/* The metatable and what it calls its objects; or two nil. */
static void push_self(lua_State *L, int metatable)
{
    if (metatable) {
        lua_pushvalue(L, metatable);
        lua_getfield(L, metatable, "what");
    } else {
        lua_pushnil(L);
        lua_pushnil(L);
    }
}

/* The functions of the table on top, and of tables in it (dw.loss); with a metatable at an index
 * they are methods.  dw.test stays as it is: it ends by calling the script's function, whose
 * traceback is wanted whole. */
static void guard_functions(lua_State *L, int depth, int metatable)
{
    int table = lua_gettop(L);
    luaL_checkstack(L, 8, NULL);
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        if (lua_istable(L, -1) && depth > 0) guard_functions(L, depth - 1, metatable);
        if (lua_type(L, -2) != LUA_TSTRING || strcmp(lua_tostring(L, -2), "test") == 0) continue;
        if (!lua_isfunction(L, -1) || lua_iscfunction(L, -1)) continue;
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        push_self(L, metatable);
        lua_pushvalue(L, -4);
        lua_pushcclosure(L, call_embedded, 4);
        lua_rawset(L, table); /* an existing key: lua_next goes on */
    }
}

static void guard_embedded(lua_State *L, int module)
{
    static const char *const types[] = {DWL_SIM, DWL_HOST, DWL_LINK, DWL_CONN, DWL_VALUE, NULL};
    lua_pushvalue(L, module);
    guard_functions(L, 1, 0);
    for (int i = 0; types[i]; i++) {
        luaL_getmetatable(L, types[i]);
        lua_getfield(L, -1, "methods");
        guard_functions(L, 0, lua_gettop(L) - 1);
    }
    luaL_getmetatable(L, "drywire.Sweep"); /* tables: they look after themselves */
    lua_getfield(L, -1, "methods");
    guard_functions(L, 0, 0);
    lua_settop(L, module);
}

/* They share one table, in which each may leave something for the others. */
static void run_embedded(lua_State *L, int module)
{
    luaL_newlib(L, internals);
    for (const dwl_source *s = dwl_sources; s->name; s++) {
        if (luaL_loadbufferx(L, s->text, s->len, "=drywire", "t") != LUA_OK) lua_error(L);
        lua_pushvalue(L, module);
        lua_pushvalue(L, -3);
        lua_call(L, 2, 0);
    }
    lua_pop(L, 1);
}

/* The order matters: files.c takes over the tostring of shim.c, and what is written in Lua adds
 * methods to the types of the kinds. */
__attribute__((visibility("default"))) int luaopen_drywire(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    if (!s) {
        s = dwl_new_state(L, close_all);
        s->account = (dw_account){dwl_count_memory, s};
    }
    luaL_newlib(L, functions);
    int module = lua_gettop(L);
    lua_pushstring(L, dw_version());
    lua_setfield(L, module, "version");
    dwl_open_text(L);
    dwl_open_sort(L);
    dwl_open_coroutine(L);
    dwl_open_shim(L);
    dwl_open_files(L);
    dwl_open_introspection(L);
    dwl_open_sim(L);
    dwl_open_host(L);
    dwl_open_link(L);
    dwl_open_conn(L);
    dwl_open_listener(L);
    dwl_open_trace(L);
    dwl_open_expect(L);
    dwl_open_congestion(L);
    lua_settop(L, module);
    run_embedded(L, module);
    guard_embedded(L, module);
    return 1;
}
