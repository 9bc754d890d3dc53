/* Option tables and the words of errors. */
#include "binding.h"

#include <math.h>
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

static int unknown_option(lua_State *L, const char *what, const char *name,
                          const char *const *names)
{
    const char *near = dw_nearest(name, names);
    if (near)
        return dwl_error(L, "unknown option \"%s\" for %s; did you mean \"%s\"?", name, what, near);
    char list[800] = "";
    size_t used = 0;
    for (; *names && used < sizeof list; names++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", *names);
    return dwl_error(L, "unknown option \"%s\" for %s; expected one of: %s", name, what, list);
}

/* Of several unknown names the first in byte order is reported: lua_next has no order. */
static void check_names(lua_State *L, int index, const char *what, const char *const *names,
                        bool first)
{
    const char *smallest = NULL; /* the table keeps it alive */
    index = lua_absindex(L, index);
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

/* C writes the sign of a NaN, and that depends on the processor: it has none here. */
static void unsign_nan(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TNUMBER || !isnan(lua_tonumber(L, index))) return;
    index = lua_absindex(L, index);
    lua_pushnumber(L, (lua_Number)NAN);
    lua_replace(L, index);
}

int dwl_get_option(lua_State *L, int index, const char *name)
{
    index = lua_absindex(L, index);
    lua_pushstring(L, name);
    int type = lua_rawget(L, index);
    unsign_nan(L, -1);
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

/* Types. */

/* What people may expect a method to be called, coming from elsewhere. */
static const char *synonym(const char *name)
{
    static const char *const list[][2] = {
        {"receive", "recv"},     {"read", "recv"},  {"write", "send"},       {"abort", "reset"},
        {"listen_on", "listen"}, {"wait", "sleep"}, {"bind", "listen"},      {"kill", "crash"},
        {"reboot", "crash"},     {"lose", "drop"},  {"disconnect", "close"}, {"start", "spawn"},
        {"program", "spawn"},    {"time", "now"},   {"node", "host"},        {"digest", "hash"},
        {"write_pcap", "pcap"},  {NULL, NULL}};
    for (int i = 0; list[i][0]; i++)
        if (strcmp(list[i][0], name) == 0) return list[i][1];
    return NULL;
}

/* upvalue 1: the methods; 2: "a host" */
static int index_type(lua_State *L)
{
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
    const char *what = lua_tostring(L, lua_upvalueindex(2)), *name = lua_tostring(L, 2);
    if (!name) return dwl_error(L, "%s has no field of that kind", what);
    const char *names[80] = {0}, *near = NULL;
    int n = 0;
    for (lua_pushnil(L); lua_next(L, lua_upvalueindex(1)) && n < 79; lua_pop(L, 1))
        names[n++] = lua_tostring(L, -2);
    for (int i = 0; i < n; i++) /* by name, so that ties do not depend on the hash */
        for (int k = i + 1; k < n; k++)
            if (strcmp(names[k], names[i]) < 0) {
                const char *swap = names[i];
                names[i] = names[k];
                names[k] = swap;
            }
    const char *other = synonym(name);
    for (int i = 0; other && i < n; i++)
        if (strcmp(names[i], other) == 0) near = other;
    if (!near) near = dw_nearest(name, names);
    if (near)
        return dwl_error(L, "%s has no method or field \"%s\"; did you mean \"%s\"?", what, name,
                         near);
    return dwl_error(L, "%s has no method or field \"%s\"", what, name);
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

/* Every method is called through here: outside of a run nobody else tells that it was what brought
 * the simulation to its limit. */
static int call_method(lua_State *L)
{
    const luaL_Reg *method = lua_touserdata(L, lua_upvalueindex(1));
    dwl_state *state = dwl_state_of(L);
    state->touched = NULL;
    for (int i = lua_gettop(L); i > 1; i--)
        unsign_nan(L, i);
    int results = method->func(L);
    dwl_sim *s = state->touched;
    if (!s || !s->sim || s->limit_told || state->run == s->sim) return results;
    if (DW_LIKELY(dw_sim_over(s->sim) != DW_E_LIMIT)) return results;
    s->limit_told = true;
    return dwl_fail(L, DW_E_LIMIT, "%s", dw_sim_message(s->sim));
}

/* In the table on top. */
static void set_methods(lua_State *L, const luaL_Reg *methods)
{
    for (; methods->name; methods++) {
        lua_pushlightuserdata(L, (void *)methods);
        lua_pushcclosure(L, call_method, 1);
        lua_setfield(L, -2, methods->name);
    }
}

void dwl_new_type(lua_State *L, const char *type, const char *what, const luaL_Reg *methods,
                  const luaL_Reg *meta)
{
    luaL_newmetatable(L, type);
    lua_newtable(L);
    set_methods(L, methods);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "methods"); /* the Lua sources add to it */
    lua_pushstring(L, what);
    lua_pushcclosure(L, index_type, 2);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    if (meta) luaL_setfuncs(L, meta, 0);
    lua_pop(L, 1);
}

void dwl_add_methods(lua_State *L, const char *type, const luaL_Reg *methods)
{
    luaL_getmetatable(L, type);
    lua_getfield(L, -1, "methods");
    set_methods(L, methods);
    lua_pop(L, 2);
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
