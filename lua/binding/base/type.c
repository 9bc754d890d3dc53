/* Types: the metatables of what a script holds. */
#include "type.h"
#include "error.h"
#include "text.h"

#include <string.h>

/* What people may expect a method to be called, coming from elsewhere. */
static const char *synonym(const char *name)
{
    static const char *const list[][2] = {
        {"receive", "recv"},     {"read", "recv"},  {"write", "send"},       {"abort", "reset"},
        {"listen_on", "listen"}, {"wait", "sleep"}, {"bind", "listen"},      {"kill", "crash"},
        {"reboot", "crash"},     {"lose", "drop"},  {"disconnect", "close"}, {"start", "spawn"},
        {"program", "spawn"},    {"time", "now"},   {"node", "host"},        {"digest", "hash"},
        {"write_pcap", "pcap"},  {NULL, NULL}};
    for (int i = 0; list[i][0]; i++)
        if (strcmp(list[i][0], name) == 0) return list[i][1];
    return NULL;
}

enum { MOST_NAMES = 250 };

/* The string keys of the table at index are added to names; how many there are then. */
static int add_names(lua_State *L, int index, const char **names, int n)
{
    index = lua_absindex(L, index);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING && n < MOST_NAMES) names[n++] = lua_tostring(L, -2);
    return n;
}

/* By name, so that ties do not depend on the hash. */
static void sort_names(const char **names, int n)
{
    for (int i = 0; i < n; i++)
        for (int k = i + 1; k < n; k++)
            if (strcmp(names[k], names[i]) < 0) {
                const char *swap = names[i];
                names[i] = names[k];
                names[k] = swap;
            }
}

static int has_no_such(lua_State *L, const char *what, const char *kind, const char *name,
                       const char *near)
{
    if (near)
        return dwl_error(L, "%s has no %s \"%s\"; did you mean \"%s\"?", what, kind, name, near);
    return dwl_error(L, "%s has no %s \"%s\"", what, kind, name);
}

/* upvalue 1: the methods; 2: "a host" */
static int index_type(lua_State *L)
{
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
    const char *what = lua_tostring(L, lua_upvalueindex(2)), *name = lua_tostring(L, 2);
    if (!name) return dwl_error(L, "%s has no field of that kind", what);
    const char *names[MOST_NAMES + 1] = {0}, *near = NULL;
    int n = add_names(L, lua_upvalueindex(1), names, 0);
    sort_names(names, n);
    const char *other = synonym(name);
    for (int i = 0; other && i < n; i++)
        if (strcmp(names[i], other) == 0) near = other;
    if (!near) near = dw_nearest(name, names);
    return has_no_such(L, what, "method or field", name, near);
}

/* "rto_ns" for "rto". */
static const char *with_unit(const char *name, const char *const *names)
{
    size_t len = strlen(name);
    for (; *names; names++)
        if (strncmp(*names, name, len) == 0 && strcmp(*names + len, "_ns") == 0) return *names;
    return NULL;
}

/* upvalue 1: the methods, and true for a field that may be absent; 2: "a packet" */
static int index_record(lua_State *L)
{
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TFUNCTION) return 1;
    lua_pushnil(L);
    if (lua_type(L, 2) != LUA_TSTRING || !lua_isnil(L, -2)) return 1;
    const char *names[MOST_NAMES + 1] = {0}, *name = lua_tostring(L, 2);
    int n = add_names(L, lua_upvalueindex(1), names, 0);
    n = add_names(L, 1, names, n);
    sort_names(names, n);
    const char *near = dw_nearest(name, names);
    if (!near) near = with_unit(name, names);
    return has_no_such(L, lua_tostring(L, lua_upvalueindex(2)), "field", name, near);
}

void dwl_new_record(lua_State *L, const char *type, const char *what, const char *const *absent,
                    const luaL_Reg *methods)
{
    luaL_newmetatable(L, type);
    lua_newtable(L);
    for (; absent && *absent; absent++) {
        lua_pushboolean(L, true);
        lua_setfield(L, -2, *absent);
    }
    if (methods) luaL_setfuncs(L, methods, 0);
    lua_pushstring(L, what);
    lua_pushcclosure(L, index_record, 2);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

static const char *type_name(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TUSERDATA && lua_type(L, index) != LUA_TTABLE)
        return luaL_typename(L, index);
    return luaL_getmetafield(L, index, "__name") == LUA_TSTRING ? lua_tostring(L, -1)
                                                                : luaL_typename(L, index);
}

/* What one calls such an object in a script: "a host" is host. */
static const char *variable_of(const char *what)
{
    const char *noun = strchr(what, ' ');
    noun = noun ? noun + 1 : what;
    if (strcmp(noun, "simulation") == 0) return "sim";
    return strcmp(noun, "connection") == 0 ? "conn" : noun;
}

void dwl_check_self(lua_State *L, int metatable, const char *what, const char *method)
{
    if (DW_LIKELY(lua_getmetatable(L, 1))) {
        bool same = lua_rawequal(L, -1, metatable);
        lua_pop(L, 1);
        if (DW_LIKELY(same)) return;
    }
    dwl_error(L, "expected %s, got %s (call methods with a colon: %s:%s(...))", what,
              type_name(L, 1), variable_of(what), method);
}

/* Every method is called through here: outside of a run nobody else tells that it was what brought
 * the simulation to its limit. */
static int call_method(lua_State *L)
{
    const luaL_Reg *method = lua_touserdata(L, lua_upvalueindex(1));
    dwl_check_self(L, lua_upvalueindex(2), lua_touserdata(L, lua_upvalueindex(3)), method->name);
    dwl_state *state = dwl_state_of(L);
    state->touched = NULL;
    for (int i = lua_gettop(L); i > 1; i--)
        dwl_unsign_nan(L, i);
    int results = method->func(L);
    dwl_sim *s = state->touched;
    if (!s || !s->sim || s->limit_told || state->run == s->sim) return results;
    if (DW_LIKELY(dw_sim_over(s->sim) != DW_E_LIMIT)) return results;
    s->limit_told = true;
    return dwl_fail(L, DW_E_LIMIT, "%s", dw_sim_message(s->sim));
}

/* In the table on top; the metatable is below it. */
static void set_methods(lua_State *L, const char *what, const luaL_Reg *methods)
{
    for (; methods->name; methods++) {
        lua_pushlightuserdata(L, (void *)methods);
        lua_pushvalue(L, -3);
        lua_pushlightuserdata(L, (void *)what);
        lua_pushcclosure(L, call_method, 3);
        lua_setfield(L, -2, methods->name);
    }
}

void dwl_new_type(lua_State *L, const char *type, const char *what, const luaL_Reg *methods,
                  const luaL_Reg *meta)
{
    luaL_newmetatable(L, type);
    lua_newtable(L);
    set_methods(L, what, methods);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "methods"); /* the Lua sources add to it */
    lua_pushstring(L, what);
    lua_setfield(L, -3, "what");
    lua_pushstring(L, what);
    lua_pushcclosure(L, index_type, 2);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    if (meta) luaL_setfuncs(L, meta, 0);
    lua_pop(L, 1);
}

void dwl_add_methods(lua_State *L, const char *type, const char *what, const luaL_Reg *methods)
{
    luaL_getmetatable(L, type);
    lua_getfield(L, -1, "methods");
    set_methods(L, what, methods);
    lua_pop(L, 2);
}

dw_trace *dwl_kept_trace(lua_State *L, const dwl_sim *s, const char *what)
{
    dw_trace *trace = dw_sim_trace(s->sim);
    if (trace && dw_trace_keeps(trace)) return trace;
    dwl_error(L, "%s: this simulation was made with trace = \"%s\", so it keeps nothing to look at",
              what, trace ? "digest" : "off");
    return NULL;
}
