/* The objects of a script that point into a simulation: found, checked, made once each. */
#include "object.h"
#include "base/error.h"

#include <stdio.h>
#include <string.h>

void dwl_push_cache(lua_State *L, int sim_index)
{
    lua_getiuservalue(L, sim_index, 1);
}

/* Simulations are known by a weak table: one that nobody refers to any more is collected and
 * closed. The newest is kept, for the command's outputs. */
bool dwl_find_sim(lua_State *L, const dwl_sim *s)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.sims");
    bool found = lua_rawgetp(L, -1, s) != LUA_TNIL;
    lua_remove(L, -2);
    if (!found) lua_pop(L, 1);
    return found;
}

/* The call, where the script calls a method; `what` is what it was called on. */
static int is_closed(lua_State *L, const char *what)
{
    lua_Debug ar, caller;
    bool method =
        lua_getstack(L, 0, &ar) && lua_getinfo(L, "n", &ar) && strcmp(ar.namewhat, "method") == 0;
    bool by_script = lua_getstack(L, 1, &caller) && lua_getinfo(L, "S", &caller) &&
                     strcmp(caller.source, "=drywire") != 0;
    if (method && by_script) return dwl_error(L, "%s:%s: its simulation is closed", what, ar.name);
    return dwl_error(L, "%s: its simulation is closed", what);
}

void dwl_push_sim(lua_State *L, const dwl_sim *s)
{
    if (!dwl_find_sim(L, s)) is_closed(L, "sim");
}

void dwl_push_list(lua_State *L, const dwl_sim *s, const void *key)
{
    dwl_push_sim(L, s);
    dwl_push_cache(L, -1);
    if (lua_rawgetp(L, -1, key) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, -3, key);
    }
    lua_replace(L, -3);
    lua_pop(L, 1);
}

/* Lua stops its collector while it calls a finalizer, and newer releases then answer -1.  0 is also
 * the answer where the script stopped it, and where an older release is in a finalizer. */
static bool in_finalizer(lua_State *L)
{
    lua_Debug ar;
    int runs = lua_gc(L, LUA_GCISRUNNING);
    for (int level = 0; runs == 0 && lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "n", &ar);
        if (ar.name && strcmp(ar.name, "__gc") == 0) return true;
    }
    return runs < 0;
}

/* A script that has finalizers, which only a stock lua5.4 lets it have, could use a simulation in
 * the middle of another call that allocates memory, free what that call holds, and go on with one
 * that is about to be collected.  Lua takes that out of the weak table before any finalizer runs.
 */
static void check_reach(lua_State *L, const dwl_sim *s, const char *what)
{
    if (in_finalizer(L))
        dwl_error(L,
                  "%s: a finalizer (__gc) cannot use a simulation: it runs at any moment, which "
                  "differs from run to run; use <close> variables",
                  what);
    if (!dwl_find_sim(L, s)) is_closed(L, what);
    lua_pop(L, 1);
}

dwl_sim *dwl_alive(lua_State *L, dwl_sim *s, const char *what)
{
    if (!s->sim) is_closed(L, what);
    if (!s->state->command) check_reach(L, s, what);
    s->state->touched = s;
    return s;
}

dwl_sim *dwl_check_sim(lua_State *L, int index)
{
    dwl_sim *s = luaL_testudata(L, index, DWL_SIM);
    if (!s)
        dwl_error(L, "expected a simulation, got %s (call methods with a colon: sim:run())",
                  luaL_typename(L, index));
    return dwl_alive(L, s, "sim");
}

dwl_sim *dwl_sim_of(lua_State *L, int index)
{
    static const char *const types[][2] = {
        {DWL_HOST, "host"}, {DWL_LINK, "link"}, {DWL_RULE, "rule"}, {DWL_TRACE, "trace"}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        dwl_object *o = luaL_testudata(L, index, types[i][0]);
        if (o) return dwl_alive(L, o->sim, types[i][1]);
    }
    dwl_conn *c = luaL_testudata(L, index, DWL_CONN);
    if (!c) c = luaL_testudata(L, index, DWL_LISTENER);
    if (c) return dwl_alive(L, c->sim, "conn");
    return dwl_check_sim(L, index);
}

void dwl_push_object(lua_State *L, int sim_index, const char *type, void *pointer)
{
    sim_index = lua_absindex(L, sim_index);
    dwl_push_cache(L, sim_index);
    if (lua_rawgetp(L, -1, pointer) != LUA_TNIL) {
        lua_remove(L, -2);
        return;
    }
    lua_pop(L, 1);
    dwl_object *o = lua_newuserdatauv(L, sizeof *o, 1);
    dwl_sim *s = lua_touserdata(L, sim_index);
    *o = (dwl_object){.sim = s, .pointer = pointer, .number = ++s->state->next_object};
    lua_pushvalue(L, sim_index);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, type);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, pointer);
    lua_remove(L, -2);
}

/* "host" of DWL_HOST.  Each call of a method comes here. */
static void name_of(const char *type, char name[24])
{
    size_t n = 0;
    for (const char *c = type + sizeof "drywire." - 1; *c && n < 23; c++)
        name[n++] = *c;
    name[n] = 0;
    if (*name >= 'A' && *name <= 'Z') *name = (char)(*name - 'A' + 'a');
}

void *dwl_check_object(lua_State *L, int index, const char *type)
{
    dwl_object *o = luaL_testudata(L, index, type);
    char name[24];
    name_of(type, name);
    if (!o)
        dwl_error(L, "expected a %s, got %s (call methods with a colon)", name,
                  luaL_typename(L, index));
    dwl_alive(L, o->sim, name);
    return o->pointer;
}

dw_node *dwl_check_host(lua_State *L, int index, dwl_sim *s, const char *what)
{
    dwl_object *o = luaL_testudata(L, index, DWL_HOST);
    if (o) {
        if (o->sim != s) dwl_error(L, "%s: that host belongs to another simulation", what);
        return o->pointer;
    }
    if (lua_type(L, index) != LUA_TSTRING) {
        dwl_error(L, "%s: expected a host or its name, got %s", what, luaL_typename(L, index));
        return NULL;
    }
    const char *name = lua_tostring(L, index);
    dw_node *node = dw_node_find(s->sim, name);
    if (node) return node;
    const char *names[65] = {0};
    for (uint32_t i = 0; i < 64 && dw_node_at(s->sim, i); i++)
        names[i] = dw_node_name(dw_node_at(s->sim, i));
    const char *near = dw_nearest(name, names);
    if (near) dwl_error(L, "%s: there is no host \"%s\"; did you mean \"%s\"?", what, name, near);
    dwl_error(L, "%s: there is no host \"%s\"", what, name);
    return NULL;
}

void dwl_push_host(lua_State *L, dwl_sim *s, dw_node *node)
{
    dwl_push_sim(L, s);
    dwl_push_object(L, -1, DWL_HOST, node);
    lua_remove(L, -2);
}

/* What lives as long as a simulation. */

void *dwl_keep(lua_State *L, dwl_sim *s, size_t size)
{
    dwl_push_sim(L, s);
    dwl_push_cache(L, -1);
    void *memory = lua_newuserdatauv(L, size, 0);
    luaL_ref(L, -2);
    lua_pop(L, 2);
    return memory;
}

dwl_hook *dwl_new_hook(lua_State *L, dwl_sim *s)
{
    DW_ASSERT(lua_isfunction(L, -1));
    dwl_hook *h = dwl_keep(L, s, sizeof *h);
    *h = (dwl_hook){.sim = s, .ref = luaL_ref(L, LUA_REGISTRYINDEX)};
    dwl_where(L);
    snprintf(h->where, sizeof h->where, "%s", lua_tostring(L, -1));
    lua_pop(L, 1);
    return h;
}
