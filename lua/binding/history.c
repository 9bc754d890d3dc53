/* The history of a script that is explored. */
#include "history.h"
#include "base/error.h"
#include "base/text.h"
#include "observed.h"

#include <drywire/explore.h>
#include <stdio.h>
#include <string.h>

void dwl_history_mix(dwl_state *state, uint64_t value)
{
    uint64_t h = (state->history ^ value) * 0x9e3779b97f4a7c15u;
    state->history = h ^ h >> 32;
    dw_explore_history(state->exploring, state->history);
}

enum { DEEPEST = 8 };

static uint64_t hash_value(lua_State *L, int index, int depth);

/* The same in whatever order its keys come. */
static uint64_t hash_table(lua_State *L, int index, int depth)
{
    uint64_t h = 7;
    luaL_checkstack(L, 4, NULL);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        uint64_t key = hash_value(L, lua_absindex(L, -2), depth + 1);
        h += (key * 31 + hash_value(L, lua_absindex(L, -1), depth + 1)) * 0x9e3779b97f4a7c15u;
    }
    return h;
}

/* Objects are the same in all runs where they were made by the same calls. */
static uint64_t hash_value(lua_State *L, int index, int depth)
{
    size_t len;
    const char *text;
    uint64_t type = (uint64_t)lua_type(L, index) + 1;
    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN: return type + 64 * (uint64_t)lua_toboolean(L, index);
    case LUA_TSTRING: text = lua_tolstring(L, index, &len); return dwl_hash_text(text, len) + type;
    case LUA_TTABLE: return depth < DEEPEST ? hash_table(L, index, depth) : type;
    case LUA_TNUMBER:
        if (lua_isinteger(L, index)) return (uint64_t)lua_tointeger(L, index) * 1099511628211u;
        lua_Number number = lua_tonumber(L, index);
        return dwl_hash_text((const char *)&number, sizeof number);
    }
    return type;
}

void dwl_history_values(lua_State *L, dwl_state *state, int n)
{
    dwl_history_mix(state, (uint64_t)n);
    for (int i = lua_gettop(L) - n + 1; i <= lua_gettop(L); i++)
        dwl_history_mix(state, hash_value(L, i, 0));
}

void dwl_history_word(dwl_state *state, const char *word)
{
    dwl_history_mix(state, dwl_hash_text(word, strlen(word)));
}

void dwl_history_callback(lua_State *L, dwl_state *state, int nargs, const char *in)
{
    lua_Debug ar;
    lua_pushvalue(L, -1 - nargs);
    lua_getinfo(L, ">S", &ar);
    dwl_history_word(state, in);
    dwl_history_mix(state, (uint64_t)ar.linedefined);
    dwl_history_values(L, state, nargs);
}

void dwl_looks_back(lua_State *L, enum dwl_past how_far, const char *call)
{
    dwl_state *state = dwl_state_of(L);
    if (!dwl_explores(state) || how_far <= state->past) return;
    state->past = (uint8_t)how_far;
    dwl_where(L);
    snprintf(state->past_call, sizeof state->past_call, "%s%s", lua_tostring(L, -1), call);
    lua_pop(L, 1);
}

void dwl_history_connects(dwl_state *state)
{
    if (!dwl_explores(state)) return;
    state->connects++;
    dw_explore_opens_no_more(state->exploring, state->connects >= state->connects_most);
}

/* Methods. */

/* Those whose results the simulation's state decides; others ask for what went before. */
static const char *const told[][2] = {
    {DWL_SIM, " host link at after run partition heal random seed close "},
    {DWL_HOST,
     " spawn serve listen connect sleep conn name addr crash on_state loopback drop delay "
     "duplicate reorder corrupt rewrite hold intercept "},
    {DWL_LINK, " set down up schedule inject drop delay duplicate reorder corrupt rewrite hold "
               "intercept "},
    {DWL_RULE, " cancel release "},
    {DWL_LISTENER, " accept close "},
    {DWL_CONN, " send drain set urgent recv peek recv_all chunks shutdown close reset state states "
               "on_report "},
    {DWL_RANDOM, " integer chance number "},
};
enum { TYPES = sizeof told / sizeof told[0] };

static bool is_told(const char *names, const char *name)
{
    char word[64];
    snprintf(word, sizeof word, " %s ", name);
    return strstr(names, word) != NULL;
}

static int tell(lua_State *L, int status, lua_KContext base)
{
    (void)status;
    int n = lua_gettop(L) - (int)base;
    dwl_state *state = dwl_state_of(L);
    if (dwl_explores(state)) dwl_history_values(L, state, n);
    if (state->observes) dwl_told(L, lua_tostring(L, lua_upvalueindex(2)), n);
    return n;
}

/* Upvalue 1: the method; 2: what it is called. */
static int call_told(lua_State *L)
{
    int n = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_callk(L, n, LUA_MULTRET, 0, tell);
    return tell(L, LUA_OK, 0);
}

static int call_looking_back(lua_State *L)
{
    dwl_looks_back(L, DWL_PAST_ALL, lua_tostring(L, lua_upvalueindex(2)));
    return call_told(L);
}

static void wrap(lua_State *L, int methods, const char *type, const char *names)
{
    for (lua_pushnil(L); lua_next(L, methods); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || !lua_isfunction(L, -1)) continue;
        const char *name = lua_tostring(L, -2);
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        if (is_told(names, name)) {
            lua_pushstring(L, name);
            lua_pushcclosure(L, call_told, 2);
        } else {
            lua_pushfstring(L, "%s:%s", strchr(type, '.') + 1, name);
            lua_pushcclosure(L, call_looking_back, 2);
        }
        lua_rawset(L, methods); /* an existing key: lua_next goes on */
    }
}

static void unwrap(lua_State *L, int methods)
{
    for (lua_pushnil(L); lua_next(L, methods); lua_pop(L, 1)) {
        lua_CFunction f = lua_tocfunction(L, -1);
        if (f != call_told && f != call_looking_back) continue;
        lua_pushvalue(L, -2);
        lua_getupvalue(L, -2, 1);
        lua_rawset(L, methods);
    }
}

void dwl_history_begin(lua_State *L)
{
    for (int i = 0; i < TYPES; i++) {
        luaL_getmetatable(L, told[i][0]);
        lua_getfield(L, -1, "methods");
        wrap(L, lua_gettop(L), told[i][0], told[i][1]);
        lua_pop(L, 2);
    }
}

void dwl_history_end(lua_State *L)
{
    for (int i = 0; i < TYPES; i++) {
        luaL_getmetatable(L, told[i][0]);
        lua_getfield(L, -1, "methods");
        unwrap(L, lua_gettop(L));
        lua_pop(L, 2);
    }
}
