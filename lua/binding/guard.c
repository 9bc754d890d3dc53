/* A cap on memory; tracebacks; strict globals. */
#include "binding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The memory cap: past the limit the script ends with an error at its line, unless most of it was
 * garbage; past a quarter more it gets none. */

enum { LEAST_SLACK = 64 * 1024 };

/* Lua asks again for what it was refused, after a collection; twice in a row is an answer. */
static bool refuse(dwl_state *s)
{
    s->memory_denied = true;
    if (++s->memory_refused >= 2) dwl_end(s, DWL_ENDS_BY_MEMORY);
    return false;
}

static bool may_grow(dwl_state *s, size_t more)
{
    size_t slack = s->memory_limit / 4 > LEAST_SLACK ? s->memory_limit / 4 : LEAST_SLACK;
    if (more > SIZE_MAX / 2 || s->memory_used + more > s->memory_limit + slack) return refuse(s);
    if (s->memory_used + more > s->memory_limit && !s->memory_over) {
        s->memory_over = 1;
        dwl_ask_thread(s);
    }
    return true;
}

static void *capped(void *ud, void *block, size_t old_size, size_t new_size)
{
    dwl_state *s = ud;
    size_t old = block ? old_size : 0;
    if (new_size > old && !may_grow(s, new_size - old)) return NULL;
    s->in_malloc = 1;
    void *fresh = s->plain_alloc(s->plain_alloc_ud, block, old_size, new_size);
    s->in_malloc = 0;
    if (!fresh && new_size > 0) return NULL;
    s->memory_used = s->memory_used - old + new_size;
    if (new_size > old) s->memory_refused = 0;
    return fresh;
}

/* The simulation, which may be running without Lua, has to come to where that can be asked. */
void dwl_count_memory(void *state, int64_t octets)
{
    dwl_state *s = state;
    s->memory_used += (size_t)octets;
    if (octets < 0 || !s->plain_alloc || s->memory_used <= s->memory_limit || s->memory_over)
        return;
    s->memory_over = 1;
    if (s->run) dw_sim_interrupt(s->run);
    dwl_ask_thread(s);
}

bool dwl_check_memory(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    if (!s->memory_over) return false;
    lua_gc(L, LUA_GCCOLLECT, 0);
    s->memory_over = s->plain_alloc && s->memory_used > s->memory_limit;
    if (s->memory_over) dwl_end(s, DWL_ENDS_BY_MEMORY);
    return s->memory_over;
}

void dwl_guard_memory(lua_State *L, size_t limit)
{
    dwl_state *s = dwl_state_of(L);
    s->memory_limit = limit;
    s->memory_used += (size_t)lua_gc(L, LUA_GCCOUNT) * 1024 + (size_t)lua_gc(L, LUA_GCCOUNTB);
    s->plain_alloc = lua_getallocf(L, &s->plain_alloc_ud);
    lua_setallocf(L, capped, s);
}

void dwl_unguard_memory(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    if (s->plain_alloc) lua_setallocf(L, s->plain_alloc, s->plain_alloc_ud);
    s->plain_alloc = NULL;
    s->memory_over = 0;
}

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
        dwl_traceback(L, L, 1);
        lua_concat(L, 2);
    }
    if (meaning != DW_OK) dwl_set_meaning(L, meaning);
    return 1;
}

/* Strict globals: a misspelt name is an error where it stands. */

enum { MOST_NAMES = 250 };

/* Names that a variable in this place could have: globals, and the locals and upvalues of the
 * function that asks. */
static int names_in_sight(lua_State *L, const char **names)
{
    lua_Debug ar;
    const char *name;
    int n = 0;
    for (lua_pushnil(L); lua_next(L, 1) && n < MOST_NAMES; lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING) names[n++] = lua_tostring(L, -2);
    if (!lua_getstack(L, 1, &ar)) return n;
    for (int i = 1; (name = lua_getlocal(L, &ar, i)) != NULL && n < MOST_NAMES; i++) {
        lua_pop(L, 1);
        if (name[0] != '(') names[n++] = name;
    }
    lua_getinfo(L, "f", &ar);
    for (int i = 1; (name = lua_getupvalue(L, -1, i)) != NULL && n < MOST_NAMES; i++) {
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
    const char *names[MOST_NAMES + 1] = {0};
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
