/* What dw.test and dw.covers were told, for drywire test: kept in C, where the script cannot change
 * it. */
#include "cases.h"
#include "base/error.h"

#include <stdlib.h>
#include <string.h>

void dwl_cases_free(dwl_state *s)
{
    for (size_t i = 0; i < s->case_count; i++) {
        free(s->cases[i].name);
        free(s->cases[i].problem);
    }
    free(s->cases);
    free(s->covers);
    s->cases = NULL;
    s->case_count = 0;
    s->covers = NULL;
}

/* The text at index, for free; zero bytes become SUB. */
static char *copy_text(lua_State *L, int index)
{
    size_t len;
    const char *text = luaL_checklstring(L, index, &len);
    char *copy = malloc(len + 1);
    if (!copy) dwl_no_memory(L);
    for (size_t i = 0; i < len; i++)
        copy[i] = text[i] ? text[i] : '\x1a';
    copy[len] = 0;
    return copy;
}

int dwl_case_begins(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    luaL_checkstring(L, 1);
    if (!s->real_time) return 0;
    dwl_case *cases = realloc(s->cases, (s->case_count + 1) * sizeof *cases);
    if (!cases) return dwl_no_memory(L);
    s->cases = cases;
    cases[s->case_count] = (dwl_case){.name = copy_text(L, 1)};
    lua_pushinteger(L, (lua_Integer)s->case_count++);
    return 1;
}

int dwl_case_ends(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    dwl_case *c = &s->cases[luaL_checkinteger(L, 1)];
    int64_t now = s->real_time();
    if (!lua_toboolean(L, 2) && lua_isstring(L, 3)) c->problem = copy_text(L, 3);
    c->passed = lua_toboolean(L, 2);
    c->took_ns = now - s->case_ended;
    s->case_ended = now;
    return 0;
}

int dwl_cover(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    size_t len, used = s->covers ? strlen(s->covers) : 0;
    const char *id = luaL_checklstring(L, 1, &len);
    char *covers = realloc(s->covers, used + len + 2);
    if (!covers) return dwl_no_memory(L);
    s->covers = covers;
    memcpy(covers + used, id, len);
    memcpy(covers + used + len, " ", 2);
    return 0;
}
