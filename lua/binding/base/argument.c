/* What calls are given (see argument.h). */
#include "argument.h"
#include "error.h"
#include "text.h"

static int unexpected(lua_State *L, int index, const char *call, const char *expected)
{
    int type = lua_type(L, index);
    if (type == LUA_TSTRING)
        return dwl_error(L, "%s: expected %s, got \"%s\"", call, expected, lua_tostring(L, index));
    if (type == LUA_TNUMBER || type == LUA_TBOOLEAN)
        return dwl_error(L, "%s: expected %s, got %s", call, expected, dwl_text(L, index));
    return dwl_error(L, "%s: expected %s, got %s", call, expected, luaL_typename(L, index));
}

lua_Integer dwl_check_integer(lua_State *L, int index, const char *call)
{
    int whole;
    lua_Integer value = lua_tointegerx(L, index, &whole);
    return whole ? value : unexpected(L, index, call, "a whole number");
}

lua_Integer dwl_integer_or(lua_State *L, int index, const char *call, lua_Integer otherwise)
{
    return lua_isnoneornil(L, index) ? otherwise : dwl_check_integer(L, index, call);
}

lua_Number dwl_check_number(lua_State *L, int index, const char *call)
{
    int is_number;
    lua_Number value = lua_tonumberx(L, index, &is_number);
    return is_number ? value : unexpected(L, index, call, "a number");
}

const char *dwl_check_text(lua_State *L, int index, const char *call, const char *what)
{
    if (!lua_isstring(L, index)) unexpected(L, index, call, what);
    return lua_tostring(L, index);
}

void dwl_check_function(lua_State *L, int index, const char *call)
{
    if (!lua_isfunction(L, index)) unexpected(L, index, call, "a function");
}
