/* What dw.test and dw.covers were told, for drywire test: kept in C, where the script cannot change
 * it. */
#include "cases.h"
#include "base/error.h"
#include "history.h"
#include "lua_sim.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dwl_cases_free(dwl_state *s)
{
    for (size_t i = 0; i < s->case_count; i++) {
        free(s->cases[i].name);
        free(s->cases[i].problem);
        dw_free(s->cases[i].ladder);
    }
    free(s->cases);
    free(s->covers);
    free(s->notes);
    s->notes = NULL;
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

bool dwl_name_matches(const char *name, const char *pattern)
{
    if (pattern[0] == '=') return strcmp(name, pattern + 1) == 0;
    size_t len = strlen(pattern);
    char *anywhere = malloc(len + 3);
    if (!anywhere) return true; /* rather too many than one that is not run */
    snprintf(anywhere, len + 3, "*%s*", pattern);
    bool matches = fnmatch(anywhere, name, 0) == 0;
    free(anywhere);
    return matches;
}

static bool is_wanted(const dwl_state *s, const char *name)
{
    if (s->filter && !dwl_name_matches(name, s->filter)) return false;
    for (size_t i = 0; i < s->exclude_count; i++)
        if (dwl_name_matches(name, s->excludes[i])) return false;
    return true;
}

/* Reports, --filter and replay lines tell cases apart by their names. */
static void refuse_second(lua_State *L, const dwl_state *s, const char *name)
{
    for (size_t i = 0; s->names_once && i < s->case_count; i++)
        if (strcmp(s->cases[i].name, name) == 0)
            dwl_error(L, "dw.test: there is a case \"%s\" already; each needs a name of its own",
                      name);
}

static size_t events_of(const dwl_sim *last)
{
    dw_sim *sim = last ? dwl_shown(last) : NULL;
    return sim ? dw_trace_count(dw_sim_trace(sim)) : 0;
}

uint32_t dwl_checks(const dwl_state *s)
{
    return (uint32_t)s->expectations + s->asserts;
}

/* Whether and as what a case is run: its number, nothing where nobody counts, false for neither.
 * What one does in another process would be lost. */
int dwl_case_begins(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    if (s->in_piece && !s->swarming)
        return dwl_error(L, "dw.test: a case has no place in the function of a sweep, which other "
                            "processes may call; let the case look at the sweep's results");
    s->cases_met++;
    if (!is_wanted(s, luaL_checkstring(L, 1))) {
        lua_pushboolean(L, false);
        return 1;
    }
    s->cases_taken++;
    if (dwl_explores(s) || s->swarming) return 0; /* the same case, again and again */
    refuse_second(L, s, luaL_checkstring(L, 1));
    if (!s->real_time && !s->names_once) return 0;
    dwl_case *cases = realloc(s->cases, (s->case_count + 1) * sizeof *cases);
    if (!cases) return dwl_no_memory(L);
    s->cases = cases;
    cases[s->case_count] = (dwl_case){.name = copy_text(L, 1),
                                      .passed = s->lists,
                                      .sims_before = s->sims_made,
                                      .checks = dwl_checks(s),
                                      .events_before = events_of(s->last_sim)};
    s->case_count++;
    if (!s->real_time) return 0;
    lua_pushinteger(L, (lua_Integer)s->case_count - 1);
    if (s->lists) lua_pushboolean(L, false);
    return 1;
}

char *dwl_last_exchange(const dw_trace *trace, bool ascii)
{
    enum { MOST = 40 }; /* packets: what is longer is read with drywire run --ladder */
    uint64_t last = 0;
    if (!trace || dw_trace_conns(trace) == 0) return NULL;
    for (size_t i = dw_trace_count(trace); i > 0; i--)
        if (dw_trace_at(trace, i - 1)->packet > last) last = dw_trace_at(trace, i - 1)->packet;
    if (last == 0) return NULL;
    const dw_picture picture = {.calls = DW_YES, .from_packet = last > MOST ? last - MOST + 1 : 0};
    enum dw_ladder_style style = ascii ? DW_LADDER_ASCII : DW_LADDER_UNICODE;
    return dw_ladder(trace, &(dw_ladder_config){.style = style, .picture = &picture});
}

/* Whether another case has made the last simulation, and this one has let nothing happen in it:
 * what happened there says nothing about this one. */
static bool is_of_another(const dwl_state *s, const dwl_case *c)
{
    const dwl_sim *last = s->last_sim;
    if (!last || last->number > c->sims_before || events_of(last) > c->events_before) return false;
    for (size_t i = 0; i < s->case_count; i++) {
        const dwl_case *other = &s->cases[i];
        if (last->number > other->sims_before && last->number <= other->sims_after) return true;
    }
    return false;
}

int dwl_case_ends(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    dwl_case *c = &s->cases[luaL_checkinteger(L, 1)];
    int64_t now = s->real_time();
    if (!lua_toboolean(L, 2) && lua_isstring(L, 3)) c->problem = copy_text(L, 3);
    c->passed = lua_toboolean(L, 2);
    c->sims_after = s->sims_made;
    c->checks = dwl_checks(s) - c->checks;
    c->took_ns = now - s->case_ended;
    s->case_ended = now;
    if (c->passed) return 0;
    c->meaning = dwl_meaning(L, 3);
    dw_sim *shown = is_of_another(s, c) || !s->last_sim ? NULL : dwl_shown(s->last_sim);
    if (shown) c->ladder = dwl_last_exchange(dw_sim_trace(shown), s->ascii);
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
