/* A cap on memory: past the limit the script ends with an error at its line, unless most of it was
 * garbage; past a quarter more it gets none. */
#include "memory.h"
#include "ending.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIN_SLACK = 64 * 1024 };

/* Lua asks again for what it was refused, after a collection; twice in a row is an answer. */
static bool refuse(dwl_state *s)
{
    s->memory_denied = true;
    if (++s->memory_refused >= 2) dwl_end(s, DWL_ENDS_BY_MEMORY);
    return false;
}

static bool may_grow(dwl_state *s, size_t more)
{
    size_t slack = s->memory_limit / 4 > MIN_SLACK ? s->memory_limit / 4 : MIN_SLACK;
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

void dwl_guard_memory(lua_State *L, size_t limit)
{
    dwl_state *s = dwl_state_of(L);
    DW_ASSERT(!s->plain_alloc);
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
