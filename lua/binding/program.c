/* Programs: coroutines that live on a host and wait for simulated time. */
#include "program.h"
#include "base/ending.h"
#include "base/error.h"
#include "base/traceback.h"
#include "history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void where_of(lua_State *co, char *buf, size_t size)
{
    lua_Debug ar;
    buf[0] = 0;
    for (int level = 0; lua_getstack(co, level, &ar); level++) {
        lua_getinfo(co, "Sl", &ar);
        if (ar.currentline <= 0 || strcmp(ar.source, "=drywire") == 0) continue;
        snprintf(buf, size, "%s:%d", ar.short_src, ar.currentline);
        return;
    }
}

/* Errors inside the simulation: kept, told with where and when, and raised by sim:run. */

static void describe_place(dwl_sim *s, dw_node *node, char *buf, size_t size)
{
    char time[DW_TIME_TEXT];
    unsigned long long seed = dw_sim_seed(s->sim);
    int n;
    dw_time_format(dw_sim_now(s->sim), 6, time, sizeof time);
    if (node)
        n = snprintf(buf, size, "\n  in the program of host \"%s\", at %s s, seed %llu",
                     dw_node_name(node), time, seed);
    else
        n = snprintf(buf, size, "\n  in a callback, at %s s, seed %llu", time, seed);
    if (s->last_failure[0] && n > 0 && (size_t)n < size)
        snprintf(buf + n, size - (size_t)n, "\n  note: %s (%s)", s->last_failure, s->where);
}

typedef struct failure {
    dwl_sim *sim;
    dw_node *node;    /* NULL: in a callback */
    lua_State *from;  /* where it was raised */
    const char *text; /* what is raised; NULL: what is on top there */
} failure;

/* Within a protected call: the failure, and the error value. */
static int tell_error(lua_State *L)
{
    const failure *f = lua_touserdata(L, 1);
    if (f->text) lua_pushstring(L, f->text);
    int meaning = dwl_meaning(L, -1);
    if (lua_type(L, -1) == LUA_TSTRING) {
        char place[600];
        dwl_tell_absent(L);
        describe_place(f->sim, f->node, place, sizeof place);
        lua_pushstring(L, place);
        lua_concat(L, 2);
        dwl_traceback(L, f->from, 0);
        lua_concat(L, 2);
        if (meaning != DW_OK) dwl_set_meaning(L, meaning);
    }
    f->sim->error_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

/* Without the hook of a script that ends, which would raise its error here, too.  false: there is
 * no memory for it. */
static bool remember_error(lua_State *L, failure f)
{
    lua_pushcfunction(L, tell_error);
    lua_pushlightuserdata(L, &f);
    if (f.text)
        lua_pushnil(L);
    else
        lua_pushvalue(f.from, f.from == L ? -3 : -1);
    if (!f.text && f.from != L) lua_xmove(f.from, L, 1);
    lua_Hook hook = lua_gethook(L);
    int mask = lua_gethookmask(L), count = lua_gethookcount(L);
    lua_sethook(L, NULL, 0, 0);
    int status = lua_pcall(L, 2, 0, 0);
    if (status != LUA_OK) lua_pop(L, 1);
    lua_sethook(L, hook, mask, count);
    if (f.sim->state->ending) dwl_ask_thread(f.sim->state);
    return status != LUA_ERRMEM;
}

/* The error value is on top of `from`; keep it for sim:run, or for the query that asked, and stop.
 * Where the script has reached its own limit on memory, it is told so (ending.c). */
static void keep_error(lua_State *L, failure f, int status)
{
    dwl_sim *s = f.sim;
    bool kept = status != LUA_ERRMEM || s->state->memory_denied;
    if (kept && s->error_ref == LUA_NOREF) kept = remember_error(L, f);
    if (!kept) dw_sim_no_memory(s->sim);
    if (s->queries) return;
    s->failed = true;
    if (kept) dw_sim_stop(s->sim, DW_E_MISMATCH);
}

void dwl_stop(lua_State *L, dwl_sim *s, const char *text)
{
    keep_error(L, (failure){.sim = s, .from = L, .text = text}, LUA_ERRRUN);
}

void dwl_query_begin(dwl_sim *s)
{
    s->busy++;
    s->queries++;
    dwl_work(s->state, true);
}

void dwl_query_end(lua_State *L, dwl_sim *s)
{
    DW_ASSERT(s->queries > 0);
    s->busy--;
    s->queries--;
    dwl_work(s->state, false);
    if (s->error_ref == LUA_NOREF) return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, s->error_ref);
    luaL_unref(L, LUA_REGISTRYINDEX, s->error_ref);
    s->error_ref = LUA_NOREF;
    lua_error(L);
}

/* A callback is no program: it must not wait, even where a program's call led to it. */
bool dwl_call(lua_State *L, dwl_sim *s, int nargs, int nresults, const char *in)
{
    DW_ASSERT(lua_gettop(L) > nargs);
    if (dwl_explores(s->state)) dwl_history_callback(L, s->state, nargs, in);
    dwl_program *current = s->state->current;
    int base = lua_gettop(L) - nargs;
    lua_pushcfunction(L, dwl_message_handler);
    lua_insert(L, base);
    lua_State *before = dwl_switch(s->state, L);
    s->state->current = NULL;
    int work = dwl_work_pauses(s->state);
    int status = lua_pcall(L, nargs, nresults, base);
    dwl_work_goes_on(s->state, work);
    s->state->current = current;
    dwl_switch(s->state, before);
    lua_remove(L, base);
    if (status == LUA_OK) return true;
    keep_error(L, (failure){.sim = s, .from = L}, status);
    lua_pop(L, 1);
    return false;
}

/* Life of a program. */

static void unlink_program(dwl_program *p)
{
    dwl_sim *s = p->sim;
    if (p->previous)
        p->previous->next = p->next;
    else
        s->programs = p->next;
    if (p->next)
        p->next->previous = p->previous;
    else
        s->last_program = p->previous;
    p->next = p->previous = NULL;
    p->status = DWL_DONE;
    p->number = 0;
    dw_timer_cancel(&p->timer);
}

/* The coroutine of one that is not in the list any more goes, and its memory waits for another. */
static void discard(lua_State *L, dwl_program *p)
{
    luaL_unref(L, LUA_REGISTRYINDEX, p->ref);
    p->ref = LUA_NOREF;
    p->co = NULL;
    p->next = p->sim->spare;
    p->sim->spare = p;
}

/* Its coroutine is on the stack; by whose hand is for Lua to know. */
static bool runs(const dwl_program *p)
{
    lua_Debug ar;
    return lua_status(p->co) == LUA_OK && lua_getstack(p->co, 0, &ar);
}

/* End the first of those that have to, which are not in the list any more; its <close> variables
 * run, and may call whatever callbacks may.  Others may come in front of it meanwhile, and are gone
 * when it is done.  One that runs, which only the stock coroutine.resume of before
 * require "drywire" brings about, ends by itself. */
static void end_first(lua_State *L, dwl_sim *s)
{
    dwl_program *p = s->ending, *before = s->state->current;
    s->state->current = NULL;
    s->busy++;
    int status = runs(p) ? LUA_OK : dwl_reset_thread(s->state, p->co);
    if (status != LUA_OK)
        keep_error(L, (failure){.sim = s, .node = p->node, .from = p->co}, status);
    s->busy--;
    s->state->current = before;
    s->ending = p->next;
    discard(L, p);
}

static void end_here(lua_State *L, dwl_program *p)
{
    p->next = p->sim->ending;
    p->sim->ending = p;
    end_first(L, p->sim);
}

static const char stray_yield[] = "coroutine.yield outside a coroutine: a program may only wait in "
                                  "drywire's own calls";

/* Let a program go on, with nargs values on its stack, until it waits again or ends.  What it
 * leaves behind is an error (kept for sim:run), a yield that is not drywire's (an error, too), or
 * the mark of a blocking call, which stays; a program that is doomed is over once it waits. */
static void resume(dwl_program *p, int nargs)
{
    dwl_sim *s = p->sim;
    dwl_state *state = s->state;
    lua_State *L = state->main;
    dwl_program *before = state->current;
    int results = 0;
    bool stray = false, pinned = state->pinned;
    p->status = DWL_RUNNABLE;
    p->woken = false;
    dw_timer_cancel(&p->timer);
    if (dwl_waits(p->co)) lua_pop(p->co, 1);
    s->busy++;
    state->current = p;
    state->pinned = false;
    if (dwl_explores(state)) dwl_history_mix(state, p->number << 1 | p->timed_out);
    lua_State *thread = dwl_switch(state, p->co);
    int status = lua_resume(p->co, L, nargs, &results);
    dwl_switch(state, thread);
    state->pinned = pinned;
    state->current = before;
    s->busy--;
    if (status == LUA_YIELD) {
        stray = !dwl_waits(p->co);
        if (!stray && !p->doomed) return;
        if (stray) lua_pop(p->co, results);
    }
    unlink_program(p);
    if (status != LUA_OK && (status != LUA_YIELD || stray)) {
        if (!lua_checkstack(p->co, 20)) status = LUA_ERRMEM;
        keep_error(L, (failure){s, p->node, p->co, stray ? stray_yield : NULL}, status);
    }
    if (status == LUA_OK || p->abandoned)
        discard(L, p);
    else
        end_here(L, p);
}

/* The start of a program, the deadline of what it waits for, or somebody woke it. */
static void timer_fired(void *arg)
{
    dwl_program *p = arg;
    if (p->status == DWL_RUNNABLE) {
        resume(p, lua_gettop(p->co) - 1);
    } else if (p->status == DWL_WAITING) {
        p->timed_out = !p->woken;
        resume(p, 0);
    }
}

static dwl_program *new_program(dwl_sim *s)
{
    dwl_program *p = s->spare;
    if (p) {
        s->spare = p->next;
        memset(p, 0, sizeof *p);
    } else {
        p = calloc(1, sizeof *p);
        if (!p) return NULL;
    }
    p->previous = s->last_program;
    if (s->last_program)
        s->last_program->next = p;
    else
        s->programs = p;
    s->last_program = p;
    return p;
}

void dwl_spawn(lua_State *L, dwl_sim *s, dw_node *node, int nargs)
{
    DW_ASSERT(lua_gettop(L) > nargs);
    lua_State *co = lua_newthread(L);
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);
    dwl_program *p = lua_checkstack(co, nargs + 1) ? new_program(s) : NULL;
    if (!p) {
        luaL_unref(L, LUA_REGISTRYINDEX, ref);
        dwl_no_memory(L);
    }
    p->sim = s;
    p->node = node;
    p->number = ++s->program_count;
    p->timer = (dw_timer){.expires = DW_TIME_NEVER, .node = node, .fire = timer_fired, .arg = p};
    p->co = co;
    p->ref = ref;
    where_of(L, p->where, sizeof p->where);
    lua_xmove(L, p->co, nargs + 1); /* the function and its arguments */
    dw_timer_set(&p->timer, dw_sim_now(s->sim));
    dwl_wants_run(s);
}

/* Waiting. */

dwl_program *dwl_blocking(lua_State *L, dwl_sim *s, const char *call)
{
    dwl_state *state = s->state;
    if (!state->current)
        dwl_error(L,
                  "%s() waits for simulated time, so it can only be called inside a program: "
                  "host:spawn(function() ... end)",
                  call);
    if (!lua_isyieldable(L) || state->pinned)
        dwl_error(L,
                  "%s() waits for simulated time, and cannot do so inside a callback of another "
                  "function (a comparison for table.sort, a gsub function, a metamethod)",
                  call);
    if (state->thread != L)
        dwl_error(L,
                  "%s() waits for simulated time, and cannot do so in a coroutine that the stock "
                  "coroutine.resume or wrap of before require \"drywire\" has resumed",
                  call);
    if (state->current->sim != s)
        dwl_error(L, "%s: that belongs to another simulation than the program that waits", call);
    if (state->current->doomed) { /* never to be resumed */
        lua_pushlightuserdata(L, (void *)&dwl_block_tag);
        lua_yield(L, 1);
    }
    return state->current;
}

int dwl_wait(lua_State *L, dwl_program *p, const char *call, dw_time deadline, lua_KContext ctx,
             lua_KFunction k)
{
    DW_ASSERT(p->sim->state->current == p);
    p->status = DWL_WAITING;
    p->waits_in = call;
    p->timed_out = false;
    where_of(L, p->where, sizeof p->where);
    if (deadline != DW_TIME_NEVER) dw_timer_set(&p->timer, deadline);
    lua_pushlightuserdata(L, (void *)&dwl_block_tag);
    return lua_yieldk(L, 1, ctx, k);
}

void dwl_wake_in_turn(dwl_program *p)
{
    p->woken = true;
    dw_timer_set(&p->timer, dw_sim_now(p->sim->sim));
}

/* Programs that wake each other outside a run are nested; what is deeper waits for the next run. */
enum { MAX_WAKES = 100 };

void dwl_wake(dwl_program *p)
{
    if (p->status != DWL_WAITING) return;
    dw_sim *sim = p->sim->sim;
    dwl_state *state = p->sim->state;
    if (dw_sim_inside(sim) || state->wakes >= MAX_WAKES) {
        dwl_wake_in_turn(p);
        return;
    }
    p->woken = true;
    state->wakes++;
    resume(p, 0);
    state->wakes--;
}

int dwl_end_here(lua_State *L, dwl_program *p)
{
    p->doomed = p->abandoned = true;
    return dwl_wait(L, p, "", DW_TIME_NEVER, 0, NULL);
}

void dwl_program_abandon(lua_State *L, dwl_program *p)
{
    unlink_program(p);
    discard(L, p);
}

/* All are taken out of the list before the first <close> variable runs. */
void dwl_programs_kill(lua_State *L, dwl_sim *s, dw_node *node, uint64_t last)
{
    dwl_program *rest = s->ending, **end = &s->ending;
    for (dwl_program *p = s->programs, *next; p; p = next) {
        next = p->next;
        if (p->node != node || p->number > last) continue;
        p->doomed = true;
        if (runs(p)) continue;
        unlink_program(p);
        *end = p;
        end = &p->next;
    }
    *end = rest;
    while (s->ending != rest)
        end_first(L, s);
}

void dwl_programs_close(lua_State *L, dwl_sim *s)
{
    while (s->programs) {
        dwl_program *p = s->programs;
        unlink_program(p);
        /* <close> variables do not run from a collection, whose moment differs. */
        if (s->collected)
            discard(L, p);
        else
            end_here(L, p);
    }
    while (s->spare) {
        dwl_program *p = s->spare;
        s->spare = p->next;
        free(p);
    }
}

void dwl_check_waiting(lua_State *L, dwl_sim *s)
{
    luaL_Buffer b;
    int count = 0;
    char time[DW_TIME_TEXT];
    for (dwl_program *p = s->programs; p; p = p->next)
        count += p->status == DWL_WAITING && !p->for_ever;
    if (count == 0) return;
    luaL_buffinit(L, &b);
    for (dwl_program *p = s->programs; p; p = p->next) {
        if (p->status != DWL_WAITING || p->for_ever) continue;
        char line[400];
        snprintf(line, sizeof line, "%shost \"%s\" still waits in %s (%s)", b.n ? "; " : "",
                 dw_node_name(p->node), p->waits_in, p->where);
        luaL_addstring(&b, line);
    }
    luaL_pushresult(&b);
    dwl_fail_expectation(L,
                         "nothing left to simulate at %s s, but %s; a timeout (conn:recv(nil, { "
                         "timeout = \"10s\" })) ends such a wait, sim:run(\"10s\") the run",
                         dw_time_format(dw_sim_now(s->sim), 6, time, sizeof time),
                         lua_tostring(L, -1));
}
