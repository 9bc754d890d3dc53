/* The standard library without what would differ from run to run.
 *
 * The clock is the simulated one, text shows no addresses, and in the zone (the whole script under
 * the drywire command, elsewhere while a simulation runs) whatever lets the outside in raises an
 * error that says what to write instead. */
#include "binding/base/ending.h"
#include "binding/base/error.h"
#include "binding/base/text.h"
#include "portable_math.h"
#include "stdlib.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static dw_time clock_now(dwl_state *s)
{
    return s->last_sim && s->last_sim->sim ? dw_sim_now(s->last_sim->sim) : 0;
}

/* Replacing functions. */

/* The replaced function is the last upvalue; before it are the upvalues that it has itself. */
static int last_upvalue(lua_State *L)
{
    int i = 1;
    while (!lua_isnone(L, lua_upvalueindex(i + 1)))
        i++;
    return i;
}

int dwl_call_stock(lua_State *L)
{
    int index = lua_upvalueindex(last_upvalue(L));
    lua_CFunction function = lua_tocfunction(L, index);
    if (function) return function(L);
    lua_pushvalue(L, index); /* somebody has replaced it in Lua */
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

int dwl_refuse(lua_State *L, const char *what, const char *instead)
{
    return dwl_error(L, "%s would let the outside world into the simulation; %s", what, instead);
}

/* The two last upvalues but one: the name, and what to do instead. */
static int refused(lua_State *L)
{
    if (!dwl_in_zone(dwl_state_of(L))) return dwl_call_stock(L);
    int last = last_upvalue(L);
    return dwl_refuse(L, lua_tostring(L, lua_upvalueindex(last - 2)),
                      lua_tostring(L, lua_upvalueindex(last - 1)));
}

/* Push a library, or the methods of files. */
static void push_library(lua_State *L, const char *name)
{
    if (strcmp(name, LUA_FILEHANDLE) != 0) {
        lua_getglobal(L, name);
    } else if (luaL_getmetatable(L, name) == LUA_TTABLE) {
        lua_getfield(L, -1, "__index");
        lua_remove(L, -2);
    }
}

void dwl_replace(lua_State *L, const dwl_replacement *rows)
{
    for (const dwl_replacement *r = rows; r->name; r++) {
        int top = lua_gettop(L), upvalues = 0;
        DW_ASSERT(r->function || r->instead);
        push_library(L, r->table);
        if (lua_istable(L, -1) && lua_getfield(L, -1, r->name) == LUA_TFUNCTION) {
            while (lua_iscfunction(L, top + 2) && lua_getupvalue(L, top + 2, upvalues + 1))
                upvalues++;
            if (r->instead) {
                lua_pushfstring(L, "%s.%s", r->table, r->name);
                lua_pushstring(L, r->instead);
                upvalues += 2;
            }
            lua_pushvalue(L, top + 2);
            lua_pushcclosure(L, r->function ? r->function : refused, upvalues + 1);
            lua_setfield(L, top + 1, r->name);
        }
        lua_settop(L, top);
    }
}

/* Text. */

static int stable_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    dwl_push_text(L, 1);
    return 1;
}

static int stable_print(lua_State *L)
{
    int n = lua_gettop(L);
    for (int i = 1; i <= n; i++) {
        size_t len;
        dwl_push_text(L, i);
        const char *s = lua_tolstring(L, -1, &len);
        if (i > 1) lua_writestring("\t", 1);
        lua_writestring(s, len);
        lua_pop(L, 1);
    }
    lua_writeline();
    return 0;
}

/* string.format: %s with an object prints its number, %p is refused; a NaN has no sign, which
 * depends on the processor. */
static int stable_format(lua_State *L)
{
    const char *f = luaL_checkstring(L, 1);
    int arg = 1;
    for (; *f; f++) {
        if (*f != '%') continue;
        f++;
        if (*f == '%') continue;
        while (*f && strchr("-+ #0123456789.", *f))
            f++;
        if (!*f) break;
        arg++;
        if (*f == 'p' && dwl_in_zone(dwl_state_of(L)))
            return dwl_error(L,
                             "string.format: %%p prints a memory address, which differs from run "
                             "to run; use %%s");
        if (*f == 's' && arg <= lua_gettop(L) && lua_type(L, arg) != LUA_TSTRING) {
            dwl_push_text(L, arg);
            lua_replace(L, arg);
        }
        if (strchr("aAeEfFgG", *f) && lua_type(L, arg) == LUA_TNUMBER &&
            isnan(lua_tonumber(L, arg))) {
            lua_pushnumber(L, (lua_Number)NAN);
            lua_replace(L, arg);
        }
    }
    return dwl_call_stock(L);
}

/* The outside world. */

static int sim_time(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    if (!dwl_in_zone(s)) return dwl_call_stock(L);
    if (lua_istable(L, 1))
        return dwl_refuse(L, "os.time with a table", "it depends on the machine's time zone");
    lua_pushinteger(L, (lua_Integer)(clock_now(s) / DW_SECOND));
    return 1;
}

static int sim_clock(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    if (!dwl_in_zone(s)) return dwl_call_stock(L);
    lua_pushnumber(L, (lua_Number)clock_now(s) / 1e9);
    return 1;
}

static int no_setlocale(lua_State *L)
{
    const char *locale = luaL_optstring(L, 1, NULL);
    if (!dwl_in_zone(dwl_state_of(L)) || !locale || strcmp(locale, "C") == 0)
        return dwl_call_stock(L);
    return dwl_refuse(L, "os.setlocale", "the locale stays \"C\"");
}

/* Garbage collection must leave no trace. */

void dwl_check_metatable(lua_State *L, int index)
{
    static const char *const banned[] = {"__gc", "__mode", NULL};
    for (int i = 0; banned[i] && lua_istable(L, index); i++) {
        lua_pushstring(L, banned[i]);
        lua_rawget(L, index);
        if (!lua_isnil(L, -1))
            dwl_error(L,
                      "setmetatable: %s makes the moment of garbage collection visible, which "
                      "differs from run to run; use <close> variables",
                      banned[i]);
        lua_pop(L, 1);
    }
}

static int quiet_setmetatable(lua_State *L)
{
    if (dwl_in_zone(dwl_state_of(L))) dwl_check_metatable(L, 2);
    return dwl_call_stock(L);
}

/* How much memory is in use, and when a cycle ends, differ; a step is a whole cycle. */
static int quiet_collectgarbage(lua_State *L)
{
    const char *what = luaL_optstring(L, 1, "collect");
    if (!dwl_in_zone(dwl_state_of(L))) return dwl_call_stock(L);
    if (strcmp(what, "count") == 0) {
        lua_pushnumber(L, 0);
        return 1;
    }
    if (strcmp(what, "step") != 0) return dwl_call_stock(L);
    lua_gc(L, LUA_GCCOLLECT, 0);
    lua_pushboolean(L, 1);
    return 1;
}

/* Source only: bytecode can crash the interpreter and is not portable. */
static int text_load(lua_State *L)
{
    if (dwl_in_zone(dwl_state_of(L)) && !lua_isnone(L, 1)) {
        if (lua_gettop(L) < 3) lua_settop(L, 3);
        lua_pushliteral(L, "t");
        lua_replace(L, 3);
    }
    return dwl_call_stock(L);
}

/* Functions of the C library that differ in the last digit between processors. */

static int portable(lua_State *L, double (*function)(double))
{
    lua_pushnumber(L, function(luaL_checknumber(L, 1)));
    return 1;
}

static int math_exp(lua_State *L)
{
    return portable(L, dwl_exp);
}

static int math_sin(lua_State *L)
{
    return portable(L, dwl_sin);
}

static int math_cos(lua_State *L)
{
    return portable(L, dwl_cos);
}

static int math_tan(lua_State *L)
{
    return portable(L, dwl_tan);
}

static int math_asin(lua_State *L)
{
    return portable(L, dwl_asin);
}

static int math_acos(lua_State *L)
{
    return portable(L, dwl_acos);
}

static int math_atan(lua_State *L)
{
    lua_pushnumber(L, dwl_atan2(luaL_checknumber(L, 1), luaL_optnumber(L, 2, 1)));
    return 1;
}

static int math_sinh(lua_State *L)
{
    return portable(L, dwl_sinh);
}

static int math_cosh(lua_State *L)
{
    return portable(L, dwl_cosh);
}

static int math_tanh(lua_State *L)
{
    return portable(L, dwl_tanh);
}

static int math_log10(lua_State *L)
{
    return portable(L, dwl_log10);
}

static int math_pow(lua_State *L)
{
    lua_pushnumber(L, dwl_pow(luaL_checknumber(L, 1), luaL_checknumber(L, 2)));
    return 1;
}

static int math_log(lua_State *L)
{
    double x = luaL_checknumber(L, 1);
    if (lua_isnoneornil(L, 2)) return portable(L, dwl_log);
    double base = luaL_checknumber(L, 2);
    if (base == 2)
        lua_pushnumber(L, dwl_log2(x));
    else if (base == 10)
        lua_pushnumber(L, dwl_log10(x));
    else
        lua_pushnumber(L, dwl_log(x) / dwl_log(base));
    return 1;
}

/* math.random: the stock generator is exact and portable once it has a seed. */
static int seeded_randomseed(lua_State *L)
{
    if (lua_gettop(L) == 0 && dwl_in_zone(dwl_state_of(L)))
        return dwl_error(L, "math.randomseed() without a number seeds from the clock; the "
                            "simulation's seed is already set, or give a number");
    return dwl_call_stock(L);
}

/* assert says where it failed, and is an assertion failure (exit code 1) rather than an error; but
 * assert(pcall(sim.run, sim)) means what the error means that it passes on. */
static int placed_assert(lua_State *L)
{
    dwl_state_of(L)->asserts++;
    if (lua_toboolean(L, 1)) return lua_gettop(L);
    luaL_checkany(L, 1);
    if (!dwl_in_zone(dwl_state_of(L))) return dwl_call_stock(L);
    int meaning = lua_gettop(L) >= 2 ? dwl_meaning(L, 2) : DW_OK;
    if (meaning == DW_OK) meaning = DW_E_MISMATCH;
    if (lua_gettop(L) >= 2 && !lua_isstring(L, 2)) { /* an error object goes through as it is */
        lua_settop(L, 2);
        dwl_set_meaning(L, meaning);
        return lua_error(L);
    }
    return dwl_fail(L, meaning, "%s", luaL_optstring(L, 2, "assertion failed!"));
}

static const dwl_replacement replacements[] = {
    {"_G", "tostring", stable_tostring, NULL},
    {"_G", "print", stable_print, NULL},
    {"_G", "setmetatable", quiet_setmetatable, NULL},
    {"_G", "collectgarbage", quiet_collectgarbage, NULL},
    {"_G", "load", text_load, NULL},
    {"_G", "assert", placed_assert, NULL},
    {"string", "format", stable_format, NULL},
    {"os", "time", sim_time, NULL},
    {"os", "clock", sim_clock, NULL},
    {"os", "date", NULL, "use sim:now()"},
    {"os", "getenv", NULL, "use dw.param(name, default) and --set name=value"},
    {"os", "execute", NULL, "run the other program before or after drywire"},
    {"os", "exit", dwl_exit, NULL},
    {"os", "setlocale", no_setlocale, NULL},
    {"math", "randomseed", seeded_randomseed, NULL},
    {"math", "exp", math_exp, NULL},
    {"math", "log", math_log, NULL},
    {"math", "sin", math_sin, NULL},
    {"math", "cos", math_cos, NULL},
    {"math", "tan", math_tan, NULL},
    {"math", "asin", math_asin, NULL},
    {"math", "acos", math_acos, NULL},
    {"math", "atan", math_atan, NULL},
    {"math", "sinh", math_sinh, NULL}, /* these five where Lua was built to be compatible */
    {"math", "cosh", math_cosh, NULL},
    {"math", "tanh", math_tanh, NULL},
    {"math", "log10", math_log10, NULL},
    {"math", "pow", math_pow, NULL},
    {NULL, NULL, NULL, NULL},
};

static void remember_stock_randomseed(lua_State *L)
{
    lua_getglobal(L, "math");
    lua_getfield(L, -1, "randomseed");
    lua_setfield(L, LUA_REGISTRYINDEX, "drywire.randomseed");
    lua_pop(L, 1);
}

void dwl_seed_random(lua_State *L, uint64_t seed)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.randomseed");
    lua_pushinteger(L, (lua_Integer)seed);
    lua_call(L, 1, 0);
}

void dwl_open_shim(lua_State *L)
{
    remember_stock_randomseed(L);
    dwl_replace(L, replacements);
    dwl_seed_random(L, 1); /* until a simulation says otherwise */
}
