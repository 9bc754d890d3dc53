/* Option tables: units, unknown names, the nearest right one. */
#include "options.h"
#include "error.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A name with a zero byte in it is none that C could compare. */
static bool known_name(const char *name, size_t whole, const char *const *names)
{
    if (strlen(name) != whole) return false;
    for (; *names; names++) {
        size_t len = strlen(*names);
        if (len && (*names)[len - 1] == '*') {
            if (strncmp(name, *names, len - 1) == 0 && name[len - 1]) return true;
        } else if (strcmp(name, *names) == 0) {
            return true;
        }
    }
    return false;
}

const char *dwl_known_words(lua_State *L, const char *word, const char *const *names)
{
    const char *near = dw_nearest(word, names);
    if (near) return lua_pushfstring(L, "; did you mean \"%s\"?", near);
    char list[800] = "";
    size_t used = 0;
    for (; *names && used < sizeof list; names++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", *names);
    return lua_pushfstring(L, "; expected one of: %s", list);
}

static int unknown_option(lua_State *L, const char *what, const char *name,
                          const char *const *names)
{
    const char *socket = dwl_socket_option(name, names);
    if (socket)
        return dwl_error(L, "unknown option \"%s\" for %s; it is %s here", name, what, socket);
    return dwl_error(L, "unknown option \"%s\" for %s%s", name, what,
                     dwl_known_words(L, name, names));
}

void dwl_check_table(lua_State *L, int index, const char *what)
{
    if (!lua_istable(L, index))
        dwl_error(L, "%s: expected a table of options, got %s", what, luaL_typename(L, index));
}

/* Of several unknown names the first in byte order is reported: lua_next has no order. */
static void check_names(lua_State *L, int index, const char *what, const char *const *names,
                        bool first)
{
    const char *smallest = NULL; /* the table keeps it alive */
    index = lua_absindex(L, index);
    dwl_check_table(L, index, what);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        bool notation = first && lua_isinteger(L, -2) && lua_tointeger(L, -2) == 1;
        if (notation && lua_type(L, -1) == LUA_TSTRING) continue;
        if (lua_type(L, -2) != LUA_TSTRING) {
            dwl_error(L, "the options of %s are named; found one at index %s", what,
                      lua_type(L, -2) == LUA_TNUMBER ? "1" : luaL_typename(L, -2));
            return;
        }
        size_t len;
        const char *name = lua_tolstring(L, -2, &len);
        if (known_name(name, len, names) || (smallest && strcmp(name, smallest) >= 0)) continue;
        smallest = name;
    }
    if (smallest) unknown_option(L, what, smallest, names);
}

void dwl_check_names(lua_State *L, int index, const char *what, const char *const *names)
{
    check_names(L, index, what, names, false);
}

void dwl_check_names_after(lua_State *L, int index, const char *what, const char *const *names)
{
    check_names(L, index, what, names, true);
}

/* Values.  Metatables of option tables and of what is in them are not asked: no code of the script
 * runs while its options are read, so nothing that was looked up before can be gone after. */

int dwl_get_option(lua_State *L, int index, const char *name)
{
    index = lua_absindex(L, index);
    lua_pushstring(L, name);
    int type = lua_rawget(L, index);
    dwl_unsign_nan(L, -1);
    return type;
}

const char *dwl_option_text(lua_State *L, const char *what, const char *name)
{
    if (lua_isboolean(L, -1)) {
        lua_pushstring(L, lua_toboolean(L, -1) ? "true" : "false");
        lua_replace(L, -2);
    }
    if (!lua_isstring(L, -1))
        dwl_error(L, "%s.%s: expected a text, a number, true or false, got %s", what, name,
                  luaL_typename(L, -1));
    return lua_tostring(L, -1);
}

/* math.huge, and the longest time in whole seconds that there is, mean for ever. */
static dw_time seconds_to_time(lua_State *L, int index, const char *what, const char *name)
{
    lua_Number seconds = lua_tonumber(L, index);
    if (lua_isinteger(L, index)) {
        lua_Integer whole = lua_tointeger(L, index);
        if (whole < 0 || whole > INT64_MAX / DW_SECOND)
            dwl_error(L, "%s%s: %lld is out of range", what, name, (long long)whole);
        return whole == INT64_MAX / DW_SECOND ? DW_TIME_NEVER : whole * DW_SECOND;
    }
    if (isinf(seconds) && seconds > 0) return DW_TIME_NEVER;
    if (!(seconds >= 0) || seconds > 9e9) {
        dwl_error(L, "%s%s: a length of time must be a number from 0 s up", what, name);
        return 0;
    }
    return (dw_time)floor(seconds * 1e9 + 0.5);
}

dw_time dwl_to_time(lua_State *L, int index, const char *what, const char *name)
{
    char why[300];
    dw_time value = 0;
    if (lua_type(L, index) == LUA_TNUMBER) return seconds_to_time(L, index, what, name);
    if (lua_type(L, index) != LUA_TSTRING) {
        dwl_error(L, "%s%s: expected a length of time such as \"20ms\", got %s", what, name,
                  luaL_typename(L, index));
        return 0;
    }
    if (dw_parse_time(lua_tostring(L, index), &value, why, sizeof why) != DW_OK)
        dwl_error(L, "%s%s: %s", what, name, why);
    return value;
}

dw_time dwl_check_time(lua_State *L, int index, const char *what)
{
    if (lua_isnoneornil(L, index)) dwl_error(L, "%s: a length of time is missing", what);
    return dwl_to_time(L, index, what, "");
}

dw_time dwl_deadline_after(lua_State *L, dwl_sim *s, int index, const char *what)
{
    if (lua_isnoneornil(L, index)) return DW_TIME_NEVER;
    return dw_time_add(dw_sim_now(s->sim), dwl_check_time(L, index, what));
}

dw_time dwl_moment_after(lua_State *L, dwl_sim *s, int index, const char *what)
{
    dw_time wait = dwl_check_time(L, index, what);
    dw_time at = dw_time_add(dw_sim_now(s->sim), wait);
    if (at == DW_TIME_NEVER && wait != DW_TIME_NEVER)
        dwl_error(L, "%s: that is past the end of time, which is at 292 years", what);
    return at;
}

/* Push option name of the table at index; false and nothing pushed when it is absent. */
static bool get(lua_State *L, int index, const char *name)
{
    if (dwl_get_option(L, index, name) != LUA_TNIL) return true;
    lua_pop(L, 1);
    return false;
}

bool dwl_opt_time(lua_State *L, int index, const char *what, const char *name, dw_time *out)
{
    char prefix[80];
    if (!get(L, index, name)) return false;
    snprintf(prefix, sizeof prefix, "%s.", what);
    /* A bare 20 for a link would mean 20 seconds, which nobody means. */
    if (lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) != 0)
        dwl_error(L, "%s.%s: %s has no unit; write for example \"20ms\" or \"1.5s\"", what, name,
                  lua_tostring(L, -1));
    *out = dwl_to_time(L, -1, prefix, name);
    lua_pop(L, 1);
    return true;
}

bool dwl_opt_rate(lua_State *L, int index, const char *what, const char *name, uint64_t *out)
{
    char why[300];
    if (!get(L, index, name)) return false;
    if (lua_type(L, -1) != LUA_TSTRING)
        dwl_error(L, "%s.%s: %s has no unit; write for example \"10Mbps\"", what, name,
                  dwl_text(L, -1));
    if (dw_parse_rate(lua_tostring(L, -1), out, why, sizeof why) != DW_OK)
        dwl_error(L, "%s.%s: %s", what, name, why);
    if (*out == 0) dwl_error(L, "%s.%s: a rate of 0 carries nothing; use down = true", what, name);
    lua_pop(L, 1);
    return true;
}

bool dwl_opt_ratio(lua_State *L, int index, const char *what, const char *name, dw_ratio *out)
{
    char why[300], number[40];
    if (!get(L, index, name)) return false;
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    if (lua_type(L, -1) == LUA_TNUMBER) {
        lua_Number p = lua_tonumber(L, -1);
        if (!(p >= 0 && p <= 1)) {
            snprintf(number, sizeof number, "%.14g", p);
            dwl_error(L, "%s.%s = %s is %s; write \"2%%\" or 0.02", what, name, number,
                      p > 1 ? "more than 100%" : "no probability");
        }
        *out = (dw_ratio)floor(p * (double)DW_RATIO_ONE + 0.5);
    } else if (!text) {
        dwl_error(L, "%s.%s: expected a probability such as \"2%%\", got %s", what, name,
                  luaL_typename(L, -1));
    } else if (dw_parse_ratio(text, out, why, sizeof why) != DW_OK) {
        dwl_error(L, "%s.%s: %s", what, name, why);
    }
    lua_pop(L, 1);
    return true;
}

bool dwl_opt_integer(lua_State *L, int index, const char *what, const char *name, int64_t low,
                     int64_t high, int64_t *out)
{
    if (!get(L, index, name)) return false;
    int whole;
    *out = lua_tointegerx(L, -1, &whole);
    if (!whole || lua_type(L, -1) != LUA_TNUMBER)
        dwl_error(L, "%s.%s: expected a whole number, got %s", what, name, dwl_text(L, -1));
    if (*out < low || *out > high)
        dwl_error(L, "%s.%s: %lld is outside %lld to %lld", what, name, (long long)*out,
                  (long long)low, (long long)high);
    lua_pop(L, 1);
    return true;
}

bool dwl_opt_bool(lua_State *L, int index, const char *what, const char *name, bool *out)
{
    if (!get(L, index, name)) return false;
    if (!lua_isboolean(L, -1))
        dwl_error(L, "%s.%s: expected true or false, got %s", what, name, luaL_typename(L, -1));
    *out = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return true;
}

const char *dwl_opt_string(lua_State *L, int index, const char *what, const char *name)
{
    if (!get(L, index, name)) return NULL;
    if (lua_type(L, -1) != LUA_TSTRING)
        dwl_error(L, "%s.%s: expected a string, got %s", what, name, luaL_typename(L, -1));
    const char *s = lua_tostring(L, -1);
    lua_pop(L, 1); /* the table keeps it alive */
    return s;
}

/* Every option of a table in byte order of the names, as text. */
void dwl_each_option(lua_State *L, int index, const char *what,
                     void (*fn)(lua_State *L, void *ctx, const char *name, const char *text),
                     void *ctx)
{
    const char *last = NULL; /* names: the table keeps them alive */
    index = lua_absindex(L, index);
    dwl_check_table(L, index, what);
    for (;;) {
        const char *next = NULL;
        for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
            if (lua_type(L, -2) != LUA_TSTRING) {
                dwl_error(L, "the options of %s are named", what);
                return;
            }
            size_t len;
            const char *name = lua_tolstring(L, -2, &len);
            if (len == 0 || strlen(name) != len)
                dwl_error(L, "an option of %s has %s name", what,
                          len ? "a zero byte in its" : "an empty");
            if ((last && strcmp(name, last) <= 0) || (next && strcmp(name, next) >= 0)) continue;
            next = name;
        }
        if (!next) return;
        last = next;
        dwl_get_option(L, index, next);
        fn(L, ctx, next, dwl_option_text(L, what, next));
        lua_pop(L, 1);
    }
}

lua_Integer dwl_opt_list(lua_State *L, int index, const char *what, const char *name,
                         const char *of)
{
    if (dwl_get_option(L, index, name) == LUA_TNIL) return 0;
    if (!lua_istable(L, -1))
        dwl_error(L, "%s.%s: expected a list of %s, got %s", what, name, of, luaL_typename(L, -1));
    return (lua_Integer)lua_rawlen(L, -1);
}

lua_Integer dwl_list_length(lua_State *L, int index)
{
    return lua_istable(L, index) ? (lua_Integer)lua_rawlen(L, index) : 1;
}

uint32_t dwl_list_number(lua_State *L, int index, lua_Integer i, lua_Integer lowest,
                         const char *what, const char *name, const char *expected)
{
    if (lua_istable(L, index))
        lua_rawgeti(L, index, i);
    else
        lua_pushvalue(L, index);
    int whole;
    lua_Integer value = lua_tointegerx(L, -1, &whole);
    if (!whole || value < lowest || value > UINT32_MAX)
        dwl_error(L, "%s.%s: expected %s, got %s", what, name, expected, dwl_text(L, -1));
    lua_pop(L, 1);
    return (uint32_t)value;
}
