/* Strict globals: a misspelt name is an error where it stands. */
#include "binding/base/error.h"
#include "stdlib.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NAMES = 250 };

/* Names that a variable in this place could have: globals, and the locals and upvalues of the
 * function that asks. */
static int names_in_sight(lua_State *L, const char **names)
{
    lua_Debug ar;
    const char *name;
    int n = 0;
    for (lua_pushnil(L); lua_next(L, 1) && n < MAX_NAMES; lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING) names[n++] = lua_tostring(L, -2);
    if (!lua_getstack(L, 1, &ar)) return n;
    for (int i = 1; (name = lua_getlocal(L, &ar, i)) != NULL && n < MAX_NAMES; i++) {
        lua_pop(L, 1);
        if (name[0] != '(') names[n++] = name;
    }
    lua_getinfo(L, "f", &ar);
    for (int i = 1; (name = lua_getupvalue(L, -1, i)) != NULL && n < MAX_NAMES; i++) {
        lua_pop(L, 1);
        names[n++] = name;
    }
    lua_pop(L, 1);
    return n;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_undefined(lua_State *L)
{
    const char *name = lua_tostring(L, 2);
    const char *names[MAX_NAMES + 1] = {0};
    if (!name) return 0;
    int n = names_in_sight(L, names);
    qsort(names, (size_t)n, sizeof names[0], compare_names);
    const char *near = dw_nearest(name, names);
    if (near) return dwl_error(L, "undefined variable '%s'; did you mean '%s'?", name, near);
    return dwl_error(L, "undefined variable '%s'", name);
}

static int write_undefined(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
    return dwl_error(L, "assignment to undefined global '%s'; write 'local %s'", name, name);
}

void dwl_strict_globals(lua_State *L)
{
    static const luaL_Reg strict[] = {
        {"__index", read_undefined}, {"__newindex", write_undefined}, {NULL, NULL}};
    lua_pushglobaltable(L);
    luaL_newlib(L, strict);
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}
