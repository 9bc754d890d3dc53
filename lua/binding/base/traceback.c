/* Where a script was when something failed. */
#include "traceback.h"
#include "error.h"

#include <stdio.h>
#include <string.h>

/* Tracebacks without names that depend on the hash order of loaded modules, and without our own
 * frames. */
void dwl_traceback(lua_State *L, lua_State *co, int level)
{
    luaL_Buffer b;
    lua_Debug ar;
    int shown = 0;
    luaL_buffinit(L, &b);
    for (; lua_getstack(co, level, &ar) && shown < 22; level++) {
        char line[300];
        lua_getinfo(co, "nSl", &ar);
        if (strcmp(ar.what, "C") == 0 || strcmp(ar.source, "=drywire") == 0) continue;
        if (*ar.namewhat)
            snprintf(line, sizeof line, "\n\t%s:%d: in %s '%s'", ar.short_src, ar.currentline,
                     ar.namewhat, ar.name);
        else if (*ar.what == 'm')
            snprintf(line, sizeof line, "\n\t%s:%d: in the main chunk", ar.short_src,
                     ar.currentline);
        else
            snprintf(line, sizeof line, "\n\t%s:%d: in the function at line %d", ar.short_src,
                     ar.currentline, ar.linedefined);
        luaL_addstring(&b, line);
        shown++;
    }
    luaL_pushresult(&b);
}

void dwl_tell_absent(lua_State *L)
{
    static const char bare[] = "attempt to index a nil value";
    const dwl_state *s = dwl_state_of(L);
    size_t n = strlen(s->absent_at);
    const char *text = lua_tostring(L, -1);
    if (n == 0 || strncmp(text, s->absent_at, n) != 0 || strcmp(text + n, bare) != 0) return;
    lua_pushfstring(L, "%s: %s", text, s->absent);
    lua_remove(L, -2);
}

/* Add a traceback to an error message, once. */
int dwl_message_handler(lua_State *L)
{
    int meaning = dwl_meaning(L, 1);
    if (lua_type(L, 1) != LUA_TSTRING) {
        if (luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL || lua_isnumber(L, 1))
            luaL_tolstring(L, 1, NULL);
        else
            lua_pushfstring(L, "the script raised an error that is a %s, not a text",
                            luaL_typename(L, 1));
        lua_replace(L, 1);
        lua_settop(L, 1);
    }
    if (!strstr(lua_tostring(L, 1), "\n\t")) {
        lua_settop(L, 1);
        dwl_tell_absent(L);
        dwl_traceback(L, L, 1);
        lua_concat(L, 2);
    }
    if (meaning != DW_OK) dwl_set_meaning(L, meaning);
    return 1;
}
