/* debug.* sees the script's own functions, and nothing of drywire or of the stock library: through
 * an upvalue, a temporary or the registry a script could reach the functions that others replace
 * (shim.c, files.c), or objects that the simulation owns. */
#include "binding/base/state.h"
#include "binding/base/traceback.h"
#include "stdlib.h"

#include <string.h>

#define INSTEAD "in drywire debug.* is about the functions of the script alone"

static int refuse(lua_State *L, const char *call)
{
    return dwl_refuse(L, call, INSTEAD);
}

static bool is_own(const lua_Debug *ar)
{
    return strcmp(ar->what, "C") != 0 && strcmp(ar->source, "=drywire") != 0;
}

static bool is_own_function(lua_State *L, int index)
{
    lua_Debug ar;
    lua_pushvalue(L, index);
    lua_getinfo(L, ">S", &ar);
    return is_own(&ar);
}

/* A function at index must be the script's; anything else is the stock function's to refuse. */
static void check_function(lua_State *L, int index, const char *call)
{
    if (lua_isfunction(L, index) && !is_own_function(L, index)) refuse(L, call);
}

static int upvalue(lua_State *L, const char *call)
{
    if (!dwl_in_zone(dwl_state_of(L))) return dwl_call_stock(L);
    check_function(L, 1, call);
    check_function(L, 3, call); /* of upvaluejoin */
    return dwl_call_stock(L);
}

static int own_getupvalue(lua_State *L)
{
    return upvalue(L, "debug.getupvalue");
}

static int own_setupvalue(lua_State *L)
{
    if (dwl_in_zone(dwl_state_of(L))) check_function(L, 1, "debug.setupvalue");
    return dwl_call_stock(L); /* its third argument is any value */
}

static int own_upvalueid(lua_State *L)
{
    return upvalue(L, "debug.upvalueid");
}

static int own_upvaluejoin(lua_State *L)
{
    return upvalue(L, "debug.upvaluejoin");
}

/* [thread,] function or level, ... */
static int local_variable(lua_State *L, const char *call)
{
    lua_Debug ar;
    lua_State *of = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    int index = lua_isthread(L, 1) ? 2 : 1;
    if (!dwl_in_zone(dwl_state_of(L))) return dwl_call_stock(L);
    check_function(L, index, call);
    /* A level as the stock functions read it: also "2", 2.0, or one that an int cuts short. */
    int level = lua_isfunction(L, index) ? -1 : (int)lua_tointeger(L, index);
    if (level >= 0 && lua_getstack(of, level, &ar)) {
        lua_getinfo(of, "S", &ar);
        if (!is_own(&ar)) return refuse(L, call);
    }
    return dwl_call_stock(L);
}

static int own_getlocal(lua_State *L)
{
    return local_variable(L, "debug.getlocal");
}

static int own_setlocal(lua_State *L)
{
    return local_variable(L, "debug.setlocal");
}

/* Where and what a function is, but not the function, unless it is the script's. */
static int own_getinfo(lua_State *L)
{
    int results = dwl_call_stock(L);
    if (!dwl_in_zone(dwl_state_of(L)) || !lua_istable(L, -1)) return results;
    lua_getfield(L, -1, "func");
    bool foreign = lua_isfunction(L, -1) && !is_own_function(L, -1);
    lua_pop(L, 1);
    if (!foreign) return results;
    lua_pushnil(L);
    lua_setfield(L, -2, "func");
    return results;
}

/* As getmetatable: __metatable hides those of drywire's objects. */
static int own_getmetatable(lua_State *L)
{
    if (!dwl_in_zone(dwl_state_of(L)) || lua_type(L, 1) != LUA_TUSERDATA) return dwl_call_stock(L);
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return 1;
    return dwl_call_stock(L);
}

static int own_setmetatable(lua_State *L)
{
    if (!dwl_in_zone(dwl_state_of(L))) return dwl_call_stock(L);
    if (lua_isuserdata(L, 1)) return refuse(L, "debug.setmetatable of an object");
    dwl_check_metatable(L, 2);
    return dwl_call_stock(L);
}

/* A traceback without the names that the stock one finds in the hash order of loaded modules. */
static int own_traceback(lua_State *L)
{
    lua_State *of = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    int index = lua_isthread(L, 1) ? 2 : 1;
    if (!dwl_in_zone(dwl_state_of(L))) return dwl_call_stock(L);
    if (!lua_isstring(L, index) && !lua_isnoneornil(L, index)) {
        lua_pushvalue(L, index); /* a message that is no text stays what it is */
        return 1;
    }
    int level = (int)luaL_optinteger(L, index + 1, of == L);
    const char *message = lua_isnoneornil(L, index) ? NULL : lua_tostring(L, index);
    if (message)
        lua_pushfstring(L, "%s\nstack traceback:", message);
    else
        lua_pushliteral(L, "stack traceback:");
    dwl_traceback(L, of, level);
    lua_concat(L, 2);
    return 1;
}

/* What is refused whole: the registry, hooks (the watchdog's is one), the values behind objects, a
 * prompt on standard input. */
void dwl_open_introspection(lua_State *L)
{
    static const dwl_replacement replacements[] = {
        {"debug", "getupvalue", own_getupvalue, NULL},
        {"debug", "setupvalue", own_setupvalue, NULL},
        {"debug", "upvalueid", own_upvalueid, NULL},
        {"debug", "upvaluejoin", own_upvaluejoin, NULL},
        {"debug", "getlocal", own_getlocal, NULL},
        {"debug", "setlocal", own_setlocal, NULL},
        {"debug", "getinfo", own_getinfo, NULL},
        {"debug", "getmetatable", own_getmetatable, NULL},
        {"debug", "setmetatable", own_setmetatable, NULL},
        {"debug", "traceback", own_traceback, NULL},
        {"debug", "getregistry", NULL, INSTEAD},
        {"debug", "getuservalue", NULL, INSTEAD},
        {"debug", "setuservalue", NULL, INSTEAD},
        {"debug", "gethook", NULL, INSTEAD},
        {"debug", "sethook", NULL, INSTEAD},
        {"debug", "debug", NULL, INSTEAD},
        {"debug", "setcstacklimit", NULL, INSTEAD},
        {NULL, NULL, NULL, NULL},
    };
    dwl_replace(L, replacements);
}
