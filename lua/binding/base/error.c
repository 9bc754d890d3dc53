/* Errors: at the script's line, and what they mean for the exit code. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The innermost frame that is the user's: Lua code that is not drywire's own. */
void dwl_where(lua_State *L)
{
    lua_Debug ar;
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline <= 0 || strcmp(ar.source, "=drywire") == 0) continue;
        lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
        return;
    }
    lua_pushliteral(L, "");
}

static int free_box(lua_State *L)
{
    void **box = lua_touserdata(L, 1);
    dw_free(*box);
    *box = NULL;
    return 0;
}

void **dwl_push_box(lua_State *L)
{
    void **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    if (luaL_newmetatable(L, "drywire.Box")) {
        lua_pushcfunction(L, free_box);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return box;
}

int dwl_no_memory(lua_State *L)
{
    dwl_state_of(L)->out_of_memory = true;
    return dwl_error(L, "out of memory");
}

int dwl_error(lua_State *L, const char *format, ...)
{
    va_list args;
    char text[2000];
    dwl_where(L);
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    lua_pushstring(L, text);
    lua_concat(L, 2);
    return lua_error(L);
}

/* The value of the last error that means more than a script that is wrong is kept, with what it
 * means, so that the exit code is that of the error which ends the script, not of one that was
 * caught.  nil, which assert(nil, nil) raises, has a stand-in. */
static const char nil_failed = 0;

void dwl_set_meaning(lua_State *L, int meaning)
{
    dwl_state_of(L)->error_meaning = meaning;
    if (lua_isnil(L, -1))
        lua_pushlightuserdata(L, (void *)&nil_failed);
    else
        lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, "drywire.failed");
}

int dwl_meaning(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    bool nothing = lua_isnil(L, index);
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.failed");
    bool same = nothing ? lua_touserdata(L, -1) == &nil_failed
                        : !lua_isnil(L, -1) && lua_rawequal(L, index, -1);
    lua_pop(L, 1);
    return same ? dwl_state_of(L)->error_meaning : DW_OK;
}

static int fail(lua_State *L, int meaning, const char *format, va_list args)
{
    luaL_Buffer b;
    dwl_where(L);
    luaL_buffinit(L, &b);
    char small[1024];
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(small, sizeof small, format, args);
    if (n < (int)sizeof small) {
        luaL_addlstring(&b, small, n > 0 ? (size_t)n : 0);
    } else {
        char *big = luaL_prepbuffsize(&b, (size_t)n + 1);
        vsnprintf(big, (size_t)n + 1, format, again);
        luaL_addsize(&b, (size_t)n);
    }
    va_end(again);
    luaL_pushresult(&b);
    lua_concat(L, 2);
    if (meaning != DW_OK) dwl_set_meaning(L, meaning);
    return lua_error(L);
}

int dwl_fail(lua_State *L, int meaning, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail(L, meaning, format, args);
    va_end(args);
    return 0;
}

int dwl_fail_expectation(lua_State *L, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail(L, DW_E_MISMATCH, format, args);
    va_end(args);
    return 0;
}

int dwl_refused(lua_State *L, dwl_sim *s, int status, const char *what)
{
    bool limit = status == DW_E_LIMIT && dw_sim_over(s->sim) == DW_E_LIMIT;
    s->limit_told |= limit;
    return dwl_fail(L, limit ? DW_E_LIMIT : DW_OK, "%s: %s", what, dw_sim_message(s->sim));
}
