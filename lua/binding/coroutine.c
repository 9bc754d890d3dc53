/* coroutine.resume, wrap and close that know about blocking calls.
 *
 * A program may run a generator of its own.  When a blocking call yields inside it, the yield is
 * meant for drywire, not for the generator's caller: it carries a private value, and is passed up,
 * level by level, to whoever resumed the program; the answer goes the same way down.  Meanwhile the
 * value stays on top of each of these coroutines, and nobody else resumes or closes one that has it
 * there: the call that waits would return before its time, and drywire would go on with a coroutine
 * that is running or dead. */
#include "base/ending.h"
#include "base/error.h"
#include "program.h"

const char dwl_block_tag = 0;

bool dwl_waits(lua_State *co)
{
    return lua_status(co) == LUA_YIELD && lua_gettop(co) > 0 &&
           lua_touserdata(co, -1) == &dwl_block_tag;
}

/* The coroutine that one which waits has resumed, or NULL. */
static lua_State *resumed_by(lua_State *co)
{
    lua_Debug ar;
    if (!dwl_waits(co) || !lua_getstack(co, 0, &ar) || !lua_getlocal(co, &ar, 1)) return NULL;
    lua_State *inner = lua_tothread(co, -1); /* of resume_with; a blocking call has its object */
    lua_pop(co, 1);
    return inner;
}

static const dwl_program *find_chain(const dwl_program *programs, const lua_State *co)
{
    for (const dwl_program *p = programs; p; p = p->next)
        for (lua_State *link = p->co; link; link = resumed_by(link))
            if (link == co) return p;
    return NULL;
}

/* What a program leaves behind when it ends while it waits is nobody's: that may be closed. */
static void check_free(lua_State *L, lua_State *co, bool closing)
{
    const dwl_program *p = NULL;
    if (!dwl_waits(co)) return;
    for (const dwl_sim *s = dwl_state_of(L)->sims; s && !p; s = s->next) {
        p = find_chain(s->programs, co);
        if (!p) p = find_chain(s->ending, co);
    }
    if (p)
        dwl_error(L,
                  "this coroutine waits for simulated time in %s (%s); only the simulation goes on "
                  "with it",
                  p->waits_in, p->where);
    if (!closing)
        dwl_error(L, "this coroutine waits for simulated time, and its program has gone on without "
                     "it; it can only be closed");
}

/* In the words of the stock functions; NULL: it can be resumed. */
static const char *unfit(lua_State *co)
{
    lua_Debug ar;
    if (lua_status(co) == LUA_YIELD) return NULL;
    if (lua_status(co) == LUA_OK && lua_getstack(co, 0, &ar))
        return "cannot resume non-suspended coroutine";
    return lua_status(co) == LUA_OK && lua_gettop(co) > 0 ? NULL : "cannot resume dead coroutine";
}

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
    /* Nobody can resume it, so its <close> variables end here. */
    if (lua_status(co) > LUA_YIELD) dwl_reset_thread(dwl_state_of(L), co);
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
    const char *why = unfit(co);
    if (why) {
        lua_settop(L, 1);
        if (wrap) return luaL_error(L, "%s", why);
        lua_pushboolean(L, 0);
        lua_pushstring(L, why);
        return 2;
    }
    if (!lua_checkstack(co, arguments)) return luaL_error(L, "too many arguments to resume");
    bool waited = dwl_waits(co), pinned = state->pinned;
    if (waited) lua_pop(co, 1);
    lua_xmove(L, co, arguments);
    int results = 0;
    state->pinned |= !lua_isyieldable(L);
    lua_State *before = dwl_switch(state, co);
    int status = lua_resume(co, L, arguments, &results);
    dwl_switch(state, before);
    state->pinned = pinned;
    if (status == LUA_YIELD && dwl_waits(co)) {
        lua_settop(L, 1);
        lua_pushlightuserdata(L, (void *)&dwl_block_tag);
        return lua_yieldk(L, 1, wrap, resumed);
    }
    if (waited && status > LUA_YIELD &&
        lua_status(co) == LUA_YIELD) { /* too deep: it still waits */
        lua_pushlightuserdata(co, (void *)&dwl_block_tag);
        lua_insert(co, -2);
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
    check_free(L, lua_tothread(L, 1), false);
    return resume_with(L, lua_gettop(L) - 1, false);
}

static int wrapped(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    check_free(L, lua_tothread(L, 1), false);
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
    check_free(L, lua_tothread(L, 1), true);
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
