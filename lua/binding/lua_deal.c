/* Work of a script for several processes: the pieces are strings, and so is what comes of them.
 *
 * Each piece begins alike, whoever does it and whatever was done before: without a last simulation,
 * with the same creation numbers.  What it changes in the record of the Lua state beside its result
 * (digests, notes, what it asked for ...) goes with that, and is added in the order of pieces; what
 * it changes in Lua stays where it was done, and must not matter. */
#include "base/ending.h"
#include "base/error.h"
#include "deal/deal.h"
#include "kinds.h"
#include "lua_sim.h"
#include "stdlib/stdlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum outcome { RETURNED, RAISED, ENDED };

/* In front of a result; behind it the requirements, the notes and the names of parameters. */
typedef struct leftovers {
    enum outcome outcome;
    int ending, exit_code;
    char ending_at[sizeof((dwl_state *)0)->ending_at];
    uint64_t mix, params_asked;
    uint32_t sims, asserts, drop_asked, drop_hit, faults_struck;
    int expectations;
    bool out_of_memory, forgotten, forgotten_ran;
    char forgotten_at[sizeof((dwl_state *)0)->forgotten_at];
    size_t covers, notes, names;
} leftovers;

typedef struct job {
    lua_State *L;
    dwl_state *s;
    int perform, result; /* indices of functions */
    dw_deal *deal;
    bool failed; /* the error is on top */
} job;

/* A piece. */

typedef struct beginning {
    dwl_sim *last;
    uint64_t next_object;
    lua_Integer mentioned;
    dwl_state before;
    size_t covers, notes;
} beginning;

static lua_Integer mentioned(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.mentioned");
    lua_getfield(L, -1, "count");
    lua_Integer n = lua_tointeger(L, -1);
    lua_pop(L, 2);
    return n;
}

static void set_mentioned(lua_State *L, lua_Integer n)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.mentioned");
    lua_pushinteger(L, n);
    lua_setfield(L, -2, "count");
    lua_pop(L, 1);
}

static size_t length(const char *text)
{
    return text ? strlen(text) : 0;
}

/* The simulation that was the last one stays in the registry, and on the stack meanwhile. */
static beginning begin_piece(lua_State *L, dwl_state *s)
{
    beginning b = {.last = s->last_sim,
                   .next_object = s->next_object,
                   .mentioned = mentioned(L),
                   .before = *s,
                   .covers = length(s->covers),
                   .notes = length(s->notes)};
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.last");
    s->last_sim = NULL;
    s->absent_at[0] = 0;
    s->in_piece = true;
    return b;
}

static void end_piece(lua_State *L, dwl_state *s, const beginning *b)
{
    lua_setfield(L, LUA_REGISTRYINDEX, "drywire.last");
    s->last_sim = b->last;
    s->next_object = b->next_object;
    set_mentioned(L, b->mentioned);
    memcpy(s->absent_at, b->before.absent_at, sizeof s->absent_at);
    memcpy(s->absent, b->before.absent, sizeof s->absent);
    s->in_piece = s->piece_seed_given = false;
    s->events++; /* it gets on, the watchdog sees */
}

static leftovers what_is_left(const dwl_state *s, const beginning *b)
{
    const dwl_state *was = &b->before;
    leftovers l = {.ending = s->ending,
                   .exit_code = s->exit_code,
                   .mix = s->closed_mix - was->closed_mix,
                   .params_asked = s->params_asked,
                   .sims = s->sims_made - was->sims_made,
                   .drop_asked = s->drop_asked,
                   .drop_hit = s->drop_hit,
                   .expectations = s->expectations - was->expectations,
                   .asserts = s->asserts - was->asserts,
                   .faults_struck = s->faults_struck,
                   .out_of_memory = s->out_of_memory,
                   .forgotten = s->forgotten && !was->forgotten,
                   .forgotten_ran = s->forgotten_ran,
                   .covers = length(s->covers) - b->covers,
                   .notes = length(s->notes) - b->notes,
                   .names = s->params_known_count - was->params_known_count};
    memcpy(l.ending_at, s->ending_at, sizeof l.ending_at);
    memcpy(l.forgotten_at, s->forgotten_at, sizeof l.forgotten_at);
    return l;
}

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
    beginning b = begin_piece(L, s);
    lua_pushcfunction(L, call_perform);
    lua_pushvalue(L, j->perform);
    lua_pushlightuserdata(L, (void *)piece);
    enum outcome outcome = lua_pcall(L, 2, 1, 0) == LUA_OK ? RETURNED : RAISED;
    lua_pushcfunction(L, close_since);
    lua_pushinteger(L, b.before.sims_made);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) outcome = RAISED;
    if (s->ending) outcome = ENDED;
    if (s->ending == DWL_ENDS_BY_SIGNAL && !dw_deal_here(j->deal)) _exit(128 + s->signal);
    leftovers l = what_is_left(s, &b);
    l.outcome = outcome;
    size_t len = 0;
    const char *text = lua_isstring(L, -1) ? lua_tolstring(L, -1, &len) : "";
    dw_octets_add(out, &l, sizeof l);
    if (s->covers) dw_octets_add(out, s->covers + b.covers, l.covers);
    if (s->notes) dw_octets_add(out, s->notes + b.notes, l.notes);
    dw_octets_add(out, s->params_known + b.before.params_known_count,
                  l.names * sizeof s->params_known[0]);
    dw_octets_add(out, text, len);
    lua_settop(L, top + 1); /* the simulation that was the last */
    end_piece(L, s, &b);
    lua_settop(L, top);
    return outcome != ENDED;
}

static void worker_begins(void *arg)
{
    job *j = arg;
    j->s->closing = NULL; /* who keeps traces counts those of one process */
    if (j->s->forked) j->s->forked(j->s);
}

static bool has_to_end(void *arg)
{
    return ((job *)arg)->s->ending != DWL_GOES_ON;
}

/* What came of it. */

static void append(dwl_state *s, char **text, const char *more, size_t len)
{
    size_t used = length(*text);
    char *grown = len ? realloc(*text, used + len + 1) : NULL;
    s->out_of_memory |= len && !grown;
    if (!grown) return;
    memcpy(grown + used, more, len);
    grown[used + len] = 0;
    *text = grown;
}

/* Of a piece that another process has done. */
static void take_over(dwl_state *s, const leftovers *l, const char *texts)
{
    enum { MAX_NAMES = sizeof s->params_known / sizeof s->params_known[0] };
    s->closed_mix += l->mix;
    s->sims_made += l->sims;
    s->params_asked |= l->params_asked;
    s->drop_asked |= l->drop_asked;
    s->drop_hit |= l->drop_hit;
    s->expectations += l->expectations;
    s->asserts += l->asserts;
    s->faults_struck |= l->faults_struck;
    s->out_of_memory |= l->out_of_memory;
    append(s, &s->covers, texts, l->covers);
    append(s, &s->notes, texts + l->covers, l->notes);
    texts += l->covers + l->notes;
    for (size_t i = 0; i < l->names && s->params_known_count < MAX_NAMES; i++)
        memcpy(&s->params_known[s->params_known_count++], texts + i * sizeof s->params_known[0],
               sizeof s->params_known[0]);
    if (l->forgotten && !s->forgotten) {
        s->forgotten = s->sims_made;
        s->forgotten_ran = l->forgotten_ran;
        memcpy(s->forgotten_at, l->forgotten_at, sizeof s->forgotten_at);
    }
    if (!l->ending || s->ending) return;
    s->exit_code = l->exit_code;
    memcpy(s->ending_at, l->ending_at, sizeof s->ending_at);
    dwl_end(s, (enum dwl_ending)l->ending);
}

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
    leftovers l;
    memcpy(&l, data, sizeof l);
    size_t own = sizeof l + l.covers + l.notes + l.names * sizeof s->params_known[0];
    if (!dw_deal_here(j->deal)) take_over(s, &l, data + sizeof l);
    s->sims_aside += l.sims;
    if (l.outcome == ENDED) return false;
    call c = {number, len - own, data + own};
    lua_pushcfunction(j->L, l.outcome == RETURNED ? call_result : raise_text);
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
    unsigned jobs = dwl_state_of(L)->jobs;
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
