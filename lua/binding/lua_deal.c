/* Work of a script for several processes: the pieces are strings, and so is what comes of them (see
 * leftovers.h). */
#include "base/ending.h"
#include "base/error.h"
#include "deal/deal.h"
#include "kinds.h"
#include "leftovers.h"
#include "lua_sim.h"
#include "stdlib/stdlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum outcome { RETURNED, RAISED, ENDED };

typedef struct job {
    lua_State *L;
    dwl_state *s;
    int perform, result; /* indices of functions */
    dw_deal *deal;
    bool failed; /* the error is on top */
} job;

/* A piece. */

static int call_perform(lua_State *L)
{
    const dw_deal_piece *piece = lua_touserdata(L, 2);
    lua_pushlstring(L, piece->data, piece->len);
    lua_replace(L, 2);
    lua_call(L, 1, 1);
    luaL_checkstring(L, -1);
    return 1;
}

static int close_since(lua_State *L)
{
    dwl_close_since(L, dwl_state_of(L), (uint32_t)lua_tointeger(L, 1));
    return 0;
}

/* Whoever has been told to end does so without a word: the process that deals has been told, too,
 * or another one takes its place. */
static bool do_piece(void *arg, size_t number, const dw_deal_piece *piece, dw_octets *out)
{
    job *j = arg;
    dwl_state *s = j->s;
    lua_State *L = j->L;
    int top = lua_gettop(L);
    (void)number;
    dwl_piece b = dwl_piece_begin(L, s);
    s->in_piece = true;
    lua_pushcfunction(L, call_perform);
    lua_pushvalue(L, j->perform);
    lua_pushlightuserdata(L, (void *)piece);
    enum outcome outcome = lua_pcall(L, 2, 1, 0) == LUA_OK ? RETURNED : RAISED;
    lua_pushcfunction(L, close_since);
    lua_pushinteger(L, b.sims_made);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) outcome = RAISED;
    if (s->ending) outcome = ENDED;
    if (s->ending == DWL_ENDS_BY_SIGNAL && !dw_deal_here(j->deal)) _exit(128 + s->signal);
    const dwl_leftovers l = dwl_leftovers_of(s, &b);
    size_t len = 0;
    const char *text = lua_isstring(L, -1) ? lua_tolstring(L, -1, &len) : "";
    dw_octets_add(out, &outcome, sizeof outcome);
    dwl_leftovers_write(s, &b, &l, out);
    dw_octets_add(out, text, len);
    lua_settop(L, top + 1); /* the simulation that was the last */
    dwl_piece_end(L, s, &b);
    s->in_piece = s->piece_seed_given = false;
    s->events++; /* it gets on, the watchdog sees */
    lua_settop(L, top);
    return outcome != ENDED;
}

static void worker_begins(void *arg)
{
    dwl_worker_begins(((job *)arg)->s);
}

static bool has_to_end(void *arg)
{
    return ((job *)arg)->s->ending != DWL_GOES_ON;
}

/* What came of it. */

typedef struct call {
    size_t number, len;
    const char *text;
} call;

static int call_result(lua_State *L)
{
    const call *c = lua_touserdata(L, 2);
    lua_settop(L, 1);
    lua_pushinteger(L, (lua_Integer)c->number + 1);
    lua_pushlstring(L, c->text, c->len);
    lua_call(L, 2, 0);
    return 0;
}

static int raise_text(lua_State *L)
{
    const call *c = lua_touserdata(L, 2);
    lua_pushlstring(L, c->text, c->len);
    return lua_error(L);
}

static bool take_result(void *arg, size_t number, const char *data, size_t len)
{
    job *j = arg;
    dwl_state *s = j->s;
    enum outcome outcome;
    memcpy(&outcome, data, sizeof outcome);
    size_t own = sizeof outcome;
    own += dwl_leftovers_read(s, data + own, !dw_deal_here(j->deal));
    if (outcome == ENDED) return false;
    call c = {number, len - own, data + own};
    lua_pushcfunction(j->L, outcome == RETURNED ? call_result : raise_text);
    lua_pushvalue(j->L, j->result);
    lua_pushlightuserdata(j->L, &c);
    j->failed = lua_pcall(j->L, 2, 0, 0) != LUA_OK;
    s->events++;
    s->parts_done = number + 1;
    return !j->failed;
}

static int deal_round(lua_State *L, job *j, size_t count)
{
    dw_deal_piece *pieces = lua_newuserdatauv(L, (count + 1) * sizeof *pieces, 0);
    for (size_t i = 0; i < count; i++) {
        if (lua_rawgeti(L, 2, (lua_Integer)i + 1) != LUA_TSTRING)
            return dwl_error(L, "deal: piece %d is no string", (int)i + 1);
        pieces[i].data = lua_tolstring(L, -1, &pieces[i].len); /* kept alive by the list */
        lua_pop(L, 1);
    }
    const dw_deal_work work = {do_piece, NULL, worker_begins, has_to_end, j};
    unsigned jobs = (unsigned)luaL_checkinteger(L, 1);
    if (dw_deal_new(count < jobs ? (unsigned)count : jobs, &work, &j->deal) != DW_OK)
        return dwl_error(L, "no process could be started");
    return dw_deal_round(j->deal, NULL, pieces, count, take_result, j);
}

/* internal.deal(jobs, pieces, perform, result): perform(piece), in so many processes, then
 * result(number, what it returned), here and in the order of the list.  Nothing; or a sentence and
 * the number of the piece on which two of them died.  An error of either function ends all. */
int dwl_deal(lua_State *L)
{
    job j = {.L = L, .s = dwl_state_of(L), .perform = 3, .result = 4};
    char why[400];
    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_checktype(L, 3, LUA_TFUNCTION);
    luaL_checktype(L, 4, LUA_TFUNCTION);
    lua_settop(L, 4);
    luaL_checkstack(L, 20, NULL);
    size_t count = lua_rawlen(L, 2);
    int status = deal_round(L, &j, count);
    size_t deadly = dw_deal_deadly(j.deal);
    snprintf(why, sizeof why, "%s", dw_deal_problem(j.deal));
    dw_deal_free(j.deal);
    j.s->parts_done = j.s->parts_count = 0;
    if (j.s->ending) return dwl_raise_ending(L);
    if (status == DW_E_NOMEM) return dwl_no_memory(L);
    if (j.failed) return lua_error(L);
    if (status == DW_OK) return 0;
    lua_pushstring(L, why);
    lua_pushinteger(L, deadly < count ? (lua_Integer)deadly + 1 : 0);
    return 2;
}

/* For those who deal: whether a piece is being done; how many processes the command wants, or nil;
 * how many pieces there will be, for whoever looks. */

int dwl_in_piece(lua_State *L)
{
    lua_pushboolean(L, dwl_state_of(L)->in_piece);
    return 1;
}

int dwl_jobs(lua_State *L)
{
    unsigned jobs = dw_deal_workers(dwl_state_of(L)->jobs);
    if (jobs == 0) return 0;
    lua_pushinteger(L, jobs);
    return 1;
}

int dwl_counting(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    s->parts_done = 0;
    s->parts_count = (size_t)luaL_checkinteger(L, 1);
    lua_pushboolean(L, s->shows_progress);
    return 1;
}

/* The seed of the simulations of a piece that set none, and of math.random; nil: as ever. */
int dwl_piece_seed(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    s->piece_seed_given = !lua_isnoneornil(L, 1);
    s->piece_seed = s->piece_seed_given ? (uint64_t)luaL_checkinteger(L, 1) : 0;
    uint64_t otherwise = s->seed_given ? s->seed : 1;
    dwl_seed_random(L, s->piece_seed_given ? s->piece_seed : otherwise);
    return 0;
}
