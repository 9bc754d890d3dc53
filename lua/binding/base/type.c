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

/* upvalue 1: the methods; 2: "a host" */
static int index_type(lua_State *L)
{
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
    const char *what = lua_tostring(L, lua_upvalueindex(2)), *name = lua_tostring(L, 2);
    if (!name) return dwl_error(L, "%s has no field of that kind", what);
    const char *names[80] = {0}, *near = NULL;
    int n = 0;
    for (lua_pushnil(L); lua_next(L, lua_upvalueindex(1)) && n < 79; lua_pop(L, 1))
        names[n++] = lua_tostring(L, -2);
    for (int i = 0; i < n; i++) /* by name, so that ties do not depend on the hash */
        for (int k = i + 1; k < n; k++)
            if (strcmp(names[k], names[i]) < 0) {
                const char *swap = names[i];
                names[i] = names[k];
                names[k] = swap;
            }
    const char *other = synonym(name);
    for (int i = 0; other && i < n; i++)
        if (strcmp(names[i], other) == 0) near = other;
    if (!near) near = dw_nearest(name, names);
    if (near)
        return dwl_error(L, "%s has no method or field \"%s\"; did you mean \"%s\"?", what, name,
                         near);
    return dwl_error(L, "%s has no method or field \"%s\"", what, name);
}

/* Every method is called through here: outside of a run nobody else tells that it was what brought
 * the simulation to its limit. */
static int call_method(lua_State *L)
{
    const luaL_Reg *method = lua_touserdata(L, lua_upvalueindex(1));
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

/* In the table on top. */
static void set_methods(lua_State *L, const luaL_Reg *methods)
{
    for (; methods->name; methods++) {
        lua_pushlightuserdata(L, (void *)methods);
        lua_pushcclosure(L, call_method, 1);
        lua_setfield(L, -2, methods->name);
    }
}

void dwl_new_type(lua_State *L, const char *type, const char *what, const luaL_Reg *methods,
                  const luaL_Reg *meta)
{
    luaL_newmetatable(L, type);
    lua_newtable(L);
    set_methods(L, methods);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "methods"); /* the Lua sources add to it */
    lua_pushstring(L, what);
    lua_pushcclosure(L, index_type, 2);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    if (meta) luaL_setfuncs(L, meta, 0);
    lua_pop(L, 1);
}

void dwl_add_methods(lua_State *L, const char *type, const luaL_Reg *methods)
{
    luaL_getmetatable(L, type);
    lua_getfield(L, -1, "methods");
    set_methods(L, methods);
    lua_pop(L, 2);
}
