/* coroutine.resume and wrap that know about blocking calls.
 *
 * A program may run a generator of its own.  When a blocking call yields inside it, the yield is
 * meant for drywire, not for the generator's caller: it carries a private value, and is passed up,
 * level by level, to whoever resumed the program; the answer goes the same way down. */
#include "binding.h"

const char dwl_block_tag = 0;

static int resumed(lua_State *L, int status, lua_KContext wrap);

static int finish(lua_State *L, lua_State *co, int status, int results, bool wrap)
{
    if (status == LUA_OK || status == LUA_YIELD) {
        luaL_checkstack(L, results + 1, "too many results");
        if (!wrap) lua_pushboolean(L, 1);
        lua_xmove(co, L, results);
        return results + !wrap;
    }
    if (!wrap) {
        lua_pushboolean(L, 0);
        lua_xmove(co, L, 1);
        return 2;
    }
    lua_resetthread(co); /* nobody can resume it, so its <close> variables end here */
    lua_xmove(co, L, 1);
    if (lua_type(L, -1) == LUA_TSTRING) { /* as the stock one: where the error passed through */
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

/* Stack: 1 the coroutine, then what it is to receive. */
static int resume_with(lua_State *L, int arguments, bool wrap)
{
    lua_State *co = lua_tothread(L, 1);
    dwl_state *state = dwl_state_of(L);
    if (!lua_checkstack(co, arguments)) return luaL_error(L, "too many arguments to resume");
    if (lua_status(co) == LUA_OK && lua_gettop(co) == 0) {
        lua_settop(L, 1);
        if (wrap) return luaL_error(L, "cannot resume dead coroutine");
        lua_pushboolean(L, 0);
        lua_pushliteral(L, "cannot resume dead coroutine");
        return 2;
    }
    lua_xmove(L, co, arguments);
    int results = 0;
    lua_State *before = dwl_switch(state, co);
    int status = lua_resume(co, L, arguments, &results);
    dwl_switch(state, before);
    if (status == LUA_YIELD && results == 1 && lua_touserdata(co, -1) == &dwl_block_tag) {
        lua_pop(co, 1);
        lua_settop(L, 1);
        lua_pushlightuserdata(L, (void *)&dwl_block_tag);
        return lua_yieldk(L, 1, wrap, resumed);
    }
    lua_settop(L, 1);
    return finish(L, co, status, results, wrap);
}

static int resumed(lua_State *L, int status, lua_KContext wrap)
{
    (void)status;
    return resume_with(L, lua_gettop(L) - 1, wrap != 0);
}

static int co_resume(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTHREAD);
    return resume_with(L, lua_gettop(L) - 1, false);
}

static int wrapped(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    return resume_with(L, lua_gettop(L) - 1, true);
}

static int co_wrap(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    lua_pushcclosure(L, wrapped, 1);
    return 1;
}

/* The stock function is in the first upvalue; what it runs are the <close> variables. */
static int co_close(lua_State *L)
{
    dwl_state *state = dwl_state_of(L);
    luaL_checktype(L, 1, LUA_TTHREAD);
    lua_State *before = dwl_switch(state, lua_tothread(L, 1));
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    int status = lua_pcall(L, 1, LUA_MULTRET, 0);
    dwl_switch(state, before);
    if (status == LUA_OK) return lua_gettop(L);
    if (lua_type(L, -1) != LUA_TSTRING) return lua_error(L);
    return dwl_error(L, "%s", lua_tostring(L, -1));
}

void dwl_open_coroutine(lua_State *L)
{
    lua_getglobal(L, "coroutine");
    lua_getfield(L, -1, "close");
    lua_pushcclosure(L, co_close, 1);
    lua_setfield(L, -2, "close");
    lua_pushcfunction(L, co_resume);
    lua_setfield(L, -2, "resume");
    lua_pushcfunction(L, co_wrap);
    lua_setfield(L, -2, "wrap");
    lua_pop(L, 1);
}
