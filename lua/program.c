/* Programs: coroutines that live on a host and wait for simulated time. */
#include "binding.h"

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
    dw_time_format(dw_sim_now(s->sim), 6, time, sizeof time);
    int n = snprintf(buf, size, "\n  in %s%s%s, at %s s, seed %llu",
                     node ? "the program of host \"" : "a callback", node ? dw_node_name(node) : "",
                     node ? "\"" : "", time, (unsigned long long)dw_sim_seed(s->sim));
    if (s->last_failure[0] && n > 0 && (size_t)n < size)
        snprintf(buf + n, size - (size_t)n, "\n  note: %s (%s)", s->last_failure, s->where);
}

typedef struct failure {
    dwl_sim *sim;
    dw_node *node;   /* NULL: in a callback */
    lua_State *from; /* where it was raised */
    bool yielded;    /* it is about a yield that is nobody's */
} failure;

/* Within a protected call: the failure, and the error value. */
static int keep_error(lua_State *L)
{
    const failure *f = lua_touserdata(L, 1);
    if (f->yielded)
        lua_pushliteral(L, "coroutine.yield outside a coroutine: a program may only wait in "
                           "drywire's own calls");
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.failed");
    bool expectation = !lua_isnil(L, -1) && lua_rawequal(L, -1, -2);
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING) {
        char place[600];
        describe_place(f->sim, f->node, place, sizeof place);
        lua_pushstring(L, place);
        lua_concat(L, 2);
        dwl_traceback(L, f->from, 0);
        lua_concat(L, 2);
        if (expectation) {
            lua_pushvalue(L, -1);
            lua_setfield(L, LUA_REGISTRYINDEX, "drywire.failed");
        }
    }
    f->sim->error_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

/* The error value is on top of `from`; keep it for sim:run and stop. */
static void stop_with_error(lua_State *L, failure f, int status)
{
    dwl_sim *s = f.sim;
    bool kept = status != LUA_ERRMEM;
    if (kept && s->error_ref == LUA_NOREF) {
        lua_pushvalue(f.from, -1);
        if (f.from != L) lua_xmove(f.from, L, 1);
        lua_pushcfunction(L, keep_error);
        lua_insert(L, -2);
        lua_pushlightuserdata(L, &f);
        lua_insert(L, -2);
        kept = lua_pcall(L, 2, 0, 0) == LUA_OK;
        if (!kept) lua_pop(L, 1);
    }
    s->failed = true;
    if (kept)
        dw_sim_stop(s->sim, DW_E_MISMATCH);
    else
        dw_sim_no_memory(s->sim);
}

bool dwl_call(lua_State *L, dwl_sim *s, int nargs, int nresults, const char *in)
{
    (void)in;
    int base = lua_gettop(L) - nargs;
    lua_pushcfunction(L, dwl_message_handler);
    lua_insert(L, base);
    dwl_watchdog_progress();
    int status = lua_pcall(L, nargs, nresults, base);
    lua_remove(L, base);
    if (status == LUA_OK) return true;
    stop_with_error(L, (failure){.sim = s, .from = L}, status);
    lua_pop(L, 1);
    return false;
}

/* Life of a program. */

static void finished(lua_State *L, dwl_program *p)
{
    p->status = DWL_DONE;
    luaL_unref(L, LUA_REGISTRYINDEX, p->ref);
    p->ref = LUA_NOREF;
    p->co = NULL;
    dwl_sim *s = p->sim;
    if (p->previous)
        p->previous->next = p->next;
    else
        s->programs = p->next;
    if (p->next)
        p->next->previous = p->previous;
    else
        s->last_program = p->previous;
    dw_timer_cancel(&p->timer);
    p->next = s->spare;
    s->spare = p;
}

static void resume(dwl_program *p, int nargs)
{
    dwl_sim *s = p->sim;
    dwl_state *state = s->state;
    lua_State *L = state->main;
    dwl_program *before = state->current;
    lua_State *thread = state->thread;
    int results = 0;
    p->status = DWL_RUNNABLE;
    dw_timer_cancel(&p->timer);
    state->current = p;
    state->thread = p->co;
    dwl_watchdog_progress();
    int status = lua_resume(p->co, L, nargs, &results);
    state->current = before;
    state->thread = thread;
    if (status == LUA_YIELD) {
        bool ours = results == 1 && lua_touserdata(p->co, -1) == &dwl_block_tag;
        lua_pop(p->co, results);
        if (ours) return;
        lua_pushnil(p->co);
    }
    if (status != LUA_OK) {
        if (!lua_checkstack(p->co, 20)) status = LUA_ERRMEM;
        failure f = {s, p->node, p->co, status == LUA_YIELD};
        stop_with_error(L, f, status);
        lua_resetthread(p->co);
    }
    finished(L, p);
}

/* The start of a program, or the deadline of what it waits for. */
static void timer_fired(void *arg)
{
    dwl_program *p = arg;
    if (p->status == DWL_RUNNABLE) {
        resume(p, lua_gettop(p->co) - 1);
    } else if (p->status == DWL_WAITING) {
        p->timed_out = true;
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
    lua_State *co = lua_newthread(L);
    int ref = luaL_ref(L, LUA_REGISTRYINDEX);
    dwl_program *p = lua_checkstack(co, nargs + 1) ? new_program(s) : NULL;
    if (!p) {
        luaL_unref(L, LUA_REGISTRYINDEX, ref);
        dwl_no_memory(L);
    }
    p->sim = s;
    p->node = node;
    p->timer = (dw_timer){.expires = DW_TIME_NEVER, .node = node, .fire = timer_fired, .arg = p};
    p->co = co;
    p->ref = ref;
    where_of(L, p->where, sizeof p->where);
    lua_xmove(L, p->co, nargs + 1); /* the function and its arguments */
    dw_timer_set(&p->timer, dw_sim_now(s->sim));
}

/* Waiting. */

dwl_program *dwl_blocking(lua_State *L, const char *call)
{
    dwl_state *state = dwl_state_of(L);
    if (!state->current)
        dwl_error(L,
                  "%s() waits for simulated time, so it can only be called inside a program: "
                  "host:spawn(function() ... end)",
                  call);
    if (!lua_isyieldable(L))
        dwl_error(L,
                  "%s() waits for simulated time, and cannot do so inside a callback of another "
                  "function (a comparison for table.sort, a gsub function, a metamethod)",
                  call);
    return state->current;
}

int dwl_wait(lua_State *L, dwl_program *p, const char *call, dw_time deadline, lua_KContext ctx,
             lua_KFunction k)
{
    p->status = DWL_WAITING;
    p->waits_in = call;
    p->timed_out = false;
    where_of(L, p->where, sizeof p->where);
    if (deadline != DW_TIME_NEVER) dw_timer_set(&p->timer, deadline);
    lua_pushlightuserdata(L, (void *)&dwl_block_tag);
    return lua_yieldk(L, 1, ctx, k);
}

void dwl_wake(dwl_program *p)
{
    if (p->status == DWL_WAITING) resume(p, 0);
}

void dwl_programs_kill(lua_State *L, dwl_sim *s, dw_node *node)
{
    for (dwl_program *p = s->programs, *next; p; p = next) {
        next = p->next;
        if (p->node != node || p == s->state->current) continue;
        p->status = DWL_DONE;
        lua_resetthread(p->co);
        finished(L, p);
    }
}

void dwl_programs_close(lua_State *L, dwl_sim *s)
{
    while (s->programs) {
        dwl_program *p = s->programs;
        if (p->co) lua_resetthread(p->co); /* runs its <close> variables */
        finished(L, p);
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
        count += p->status == DWL_WAITING && !p->accepting;
    if (count == 0) return;
    luaL_buffinit(L, &b);
    for (dwl_program *p = s->programs; p; p = p->next) {
        if (p->status != DWL_WAITING || p->accepting) continue;
        char line[400];
        snprintf(line, sizeof line, "%shost \"%s\" still waits in %s (%s)", b.n ? "; " : "",
                 dw_node_name(p->node), p->waits_in, p->where);
        luaL_addstring(&b, line);
    }
    luaL_pushresult(&b);
    dwl_fail_expectation(L, "nothing left to simulate at %s s, but %s",
                         dw_time_format(dw_sim_now(s->sim), 6, time, sizeof time),
                         lua_tostring(L, -1));
}
