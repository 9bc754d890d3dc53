/* What pieces of a script's work leave besides their results. */
#include "leftovers.h"
#include "base/ending.h"

#include <stdlib.h>
#include <string.h>

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

void dwl_worker_begins(dwl_state *s)
{
    s->closing = NULL; /* who keeps traces counts those of one process */
    if (s->forked) s->forked(s);
}

dwl_piece dwl_piece_begin(lua_State *L, dwl_state *s)
{
    dwl_piece b = {.last = s->last_sim,
                   .next_object = s->next_object,
                   .mix = s->closed_mix,
                   .mentioned = mentioned(L),
                   .sims_made = s->sims_made,
                   .asserts = s->asserts,
                   .expectations = s->expectations,
                   .forgotten = s->forgotten != 0,
                   .covers = length(s->covers),
                   .notes = length(s->notes),
                   .names = s->params_known_count};
    memcpy(b.absent_at, s->absent_at, sizeof b.absent_at);
    memcpy(b.absent, s->absent, sizeof b.absent);
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.last");
    s->last_sim = NULL;
    s->absent_at[0] = 0;
    return b;
}

void dwl_piece_end(lua_State *L, dwl_state *s, const dwl_piece *b)
{
    lua_setfield(L, LUA_REGISTRYINDEX, "drywire.last");
    s->last_sim = b->last;
    s->next_object = b->next_object;
    set_mentioned(L, b->mentioned);
    memcpy(s->absent_at, b->absent_at, sizeof s->absent_at);
    memcpy(s->absent, b->absent, sizeof s->absent);
}

dwl_leftovers dwl_leftovers_of(const dwl_state *s, const dwl_piece *b)
{
    dwl_leftovers l = {.ending = s->ending,
                       .exit_code = s->exit_code,
                       .mix = s->closed_mix - b->mix,
                       .params_asked = s->params_asked,
                       .sims = s->sims_made - b->sims_made,
                       .drop_asked = s->drop_asked,
                       .drop_hit = s->drop_hit,
                       .expectations = s->expectations - b->expectations,
                       .asserts = s->asserts - b->asserts,
                       .faults_struck = s->faults_struck,
                       .stacks_used = s->stacks_used,
                       .out_of_memory = s->out_of_memory,
                       .forgotten = s->forgotten && !b->forgotten,
                       .forgotten_ran = s->forgotten_ran,
                       .covers = length(s->covers) - b->covers,
                       .notes = length(s->notes) - b->notes,
                       .names = s->params_known_count - b->names};
    memcpy(l.ending_at, s->ending_at, sizeof l.ending_at);
    memcpy(l.forgotten_at, s->forgotten_at, sizeof l.forgotten_at);
    return l;
}

void dwl_leftovers_write(const dwl_state *s, const dwl_piece *b, const dwl_leftovers *l,
                         dw_octets *out)
{
    dw_octets_add(out, l, sizeof *l);
    if (s->covers) dw_octets_add(out, s->covers + b->covers, l->covers);
    if (s->notes) dw_octets_add(out, s->notes + b->notes, l->notes);
    dw_octets_add(out, s->params_known + b->names, l->names * sizeof s->params_known[0]);
}

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
static void take_over(dwl_state *s, const dwl_leftovers *l, const char *texts)
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
    s->stacks_used |= l->stacks_used;
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

size_t dwl_leftovers_read(dwl_state *s, const char *data, bool others)
{
    dwl_leftovers l;
    memcpy(&l, data, sizeof l);
    if (others) take_over(s, &l, data + sizeof l);
    s->sims_aside += l.sims;
    return sizeof l + l.covers + l.notes + l.names * sizeof s->params_known[0];
}
