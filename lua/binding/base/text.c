/* Values as text that is the same in every run. */
#include "text.h"

#include <math.h>

/* Objects are numbered in the order in which they are first mentioned. */
static lua_Integer mention(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.mentioned");
    lua_pushvalue(L, index);
    lua_rawget(L, -2);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_getfield(L, -1, "count");
        lua_Integer n = lua_tointeger(L, -1) + 1;
        lua_pop(L, 1);
        lua_pushinteger(L, n);
        lua_setfield(L, -2, "count");
        lua_pushvalue(L, index);
        lua_pushinteger(L, n);
        lua_rawset(L, -3);
        lua_pushinteger(L, n);
    }
    lua_Integer n = lua_tointeger(L, -1);
    lua_pop(L, 2);
    return n;
}

/* As luaL_tolstring, but an object is "table: #3": which was mentioned third, not where it lies in
 * memory; and a NaN has no sign. */
void dwl_push_text(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    if (luaL_getmetafield(L, index, "__tostring") != LUA_TNIL &&
        !luaL_testudata(L, index, LUA_FILEHANDLE)) {
        lua_pushvalue(L, index);
        lua_call(L, 1, 1);
        if (!lua_isstring(L, -1)) luaL_error(L, "'__tostring' must return a string");
        return;
    }
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        if (!lua_isinteger(L, index) && isnan(lua_tonumber(L, index))) {
            lua_pushliteral(L, "nan");
            return;
        }
        luaL_tolstring(L, index, NULL);
        return;
    case LUA_TSTRING:
    case LUA_TBOOLEAN:
    case LUA_TNIL: luaL_tolstring(L, index, NULL); return;
    default: break;
    }
    const char *name = luaL_typename(L, index);
    if (luaL_testudata(L, index, LUA_FILEHANDLE))
        name = "file";
    else if (luaL_getmetafield(L, index, "__name") == LUA_TSTRING)
        name = lua_tostring(L, -1);
    lua_pushfstring(L, "%s: #%I", name, mention(L, index));
}

const char *dwl_text(lua_State *L, int index)
{
    dwl_push_text(L, index);
    return lua_tostring(L, -1);
}

/* C writes the sign of a NaN, and that depends on the processor: it has none here. */
void dwl_unsign_nan(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TNUMBER || !isnan(lua_tonumber(L, index))) return;
    index = lua_absindex(L, index);
    lua_pushnumber(L, (lua_Number)NAN);
    lua_replace(L, index);
}

static void to_buffer(void *arg, const char *bytes, size_t len)
{
    luaL_addlstring(arg, bytes, len);
}

void dwl_push_escaped(lua_State *L, enum dw_syntax syntax, const char *text, size_t len)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    dw_escape(syntax, text, len, to_buffer, &b);
    luaL_pushresult(&b);
}

int dwl_escape(lua_State *L)
{
    static const char *const names[] = {"line", "json", "xml", "gnuplot", "csv", "lua", NULL};
    static const enum dw_syntax syntax[] = {DW_IN_LINE,    DW_IN_JSON, DW_IN_XML,
                                            DW_IN_GNUPLOT, DW_IN_CSV,  DW_IN_LUA};
    size_t len;
    int which = luaL_checkoption(L, 1, NULL, names);
    const char *text = luaL_checklstring(L, 2, &len);
    dwl_push_escaped(L, syntax[which], text, len);
    return 1;
}

uint64_t dwl_hash_text(const char *text, size_t len)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)text[i]) * 0x100000001b3u;
    return h;
}

void dwl_open_text(lua_State *L)
{
    dwl_new_weak_table(L, "drywire.mentioned", "k");
}
