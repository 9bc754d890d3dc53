/* Judging a run: what the script asserts, and what must not be left behind. */
#include "verdict.h"
#include "base/error.h"
#include "base/traceback.h"
#include "lua_sim.h"

#include <stdio.h>

static void ignore(void *ctx, const char *name, int64_t value)
{
    (void)ctx;
    (void)name;
    (void)value;
}

static bool has_connection(dw_sim *sim, uint32_t conn, char *out, size_t size)
{
    for (uint32_t i = 0; dw_node_at(sim, i); i++) {
        dw_node *node = dw_node_at(sim, i);
        if (dw_node_connection(node, "tcp", conn, ignore, NULL) == DW_E_NOENT) continue;
        snprintf(out, size, "connection #%u of host \"%s\" is still there at the end", conn,
                 dw_node_name(node));
        return true;
    }
    return false;
}

/* What must not be left once nothing can happen any more. */
static bool leaves(dwl_sim *s, char *out, size_t size)
{
    if (!s->sim || !dw_sim_idle(s->sim)) return false;
    for (uint32_t conn = 1; conn <= dw_sim_connections(s->sim); conn++)
        if (has_connection(s->sim, conn, out, size)) return true;
    return false;
}

static void keep_problem(dwl_verdict *v)
{
    lua_State *L = v->L;
    luaL_unref(L, LUA_REGISTRYINDEX, v->problem);
    v->meaning = dwl_meaning(L, -1);
    v->problem = luaL_ref(L, LUA_REGISTRYINDEX);
}

bool dwl_left_behind(const dwl_state *state, uint32_t number, char *out, size_t size)
{
    for (dwl_sim *s = state->sims; s; s = s->next)
        if (s->number > number && leaves(s, out, size)) return true;
    return false;
}

static int judge_leaks(dwl_verdict *v)
{
    char left[200];
    if (!v->leaks || !dwl_left_behind(v->state, v->sims_before, left, sizeof left)) return DW_OK;
    lua_pushstring(v->L, left);
    dwl_set_meaning(v->L, DW_E_MISMATCH);
    keep_problem(v);
    return DW_E_MISMATCH;
}

int dwl_verdict_of(dwl_verdict *v, int status)
{
    if (status == LUA_ERRMEM || v->state->ending) {
        keep_problem(v);
        return DW_E_INTERRUPT;
    }
    if (status != LUA_OK) {
        keep_problem(v);
        return DW_E_MISMATCH;
    }
    lua_pop(v->L, 1);
    if (v->state->sims_made == v->sims_before) {
        lua_pushliteral(v->L, "the function makes no simulation");
        keep_problem(v);
        return DW_E_MISMATCH;
    }
    return judge_leaks(v);
}

int dwl_verdict_call(dwl_verdict *v, int function)
{
    lua_State *L = v->L;
    v->sims_before = v->state->sims_made;
    lua_pushcfunction(L, dwl_message_handler);
    lua_pushvalue(L, function);
    int status = lua_pcall(L, 0, 0, -2);
    lua_remove(L, status == LUA_OK ? -1 : -2);
    if (status == LUA_OK) lua_pushnil(L);
    return status;
}

void dwl_verdict_close(dwl_verdict *v)
{
    for (dwl_sim *s = v->state->sims, *next; s; s = next) {
        next = s->next;
        if (s->number <= v->sims_before) continue;
        s->collected = true; /* no <close> variable of a program runs */
        dwl_close_sim(v->L, s);
    }
    v->state->sims_aside += v->state->sims_made - v->sims_before;
}

void dwl_verdict_free(dwl_verdict *v)
{
    luaL_unref(v->L, LUA_REGISTRYINDEX, v->problem);
    v->problem = LUA_NOREF;
}
