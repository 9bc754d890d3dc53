/* The record of a Lua state, and tables, that the registry keeps. */
#include "state.h"

#include <string.h>

static const char state_key = 0;

dwl_state *dwl_state_of(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &state_key);
    dwl_state *s = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return s;
}

dwl_state *dwl_new_state(lua_State *L, lua_CFunction close)
{
    DW_ASSERT(!dwl_state_of(L));
    dwl_state *s = lua_newuserdatauv(L, sizeof *s, 0);
    memset(s, 0, sizeof *s);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    s->main = lua_tothread(L, -1);
    s->thread = L;
    lua_pop(L, 1);
    luaL_newmetatable(L, "drywire.State");
    lua_pushcfunction(L, close);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &state_key);
    return s;
}

void dwl_new_weak_table(lua_State *L, const char *name, const char *mode)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushstring(L, mode);
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_setfield(L, LUA_REGISTRYINDEX, name);
}
