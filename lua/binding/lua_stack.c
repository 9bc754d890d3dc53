/* Foreign stacks of hosts: the option of sim:host, and --stack of the command line. */
#include "base/error.h"
#include "base/options.h"
#include "kinds.h"
#include "notes.h"
#include "stdlib/stdlib.h"

#include <drywire/stack.h>
#include <stdio.h>
#include <string.h>

enum { MAX_SETTINGS = 32 };

/* The file that --stack names for a host, or NULL. */
static const char *commanded(dwl_state *s, const char *host)
{
    size_t len = strlen(host);
    for (size_t i = s->stack_count; i-- > 0;) {
        const char *row = s->stacks[i];
        if (strncmp(row, host, len) != 0 || row[len] != '=') continue;
        s->stacks_used |= (uint32_t)1 << i;
        return row + len + 1;
    }
    return NULL;
}

/* Settings from a table, with their texts. */
typedef struct collected {
    dw_setting list[MAX_SETTINGS];
    size_t count;
    char texts[2048];
    size_t used;
} collected;

static const char *copy_of(lua_State *L, collected *c, const char *text)
{
    size_t size = strlen(text) + 1;
    if (size > sizeof c->texts - c->used) dwl_error(L, "host.stack: the options are too long");
    char *own = memcpy(c->texts + c->used, text, size);
    c->used += size;
    return own;
}

static void collect(lua_State *L, void *ctx, const char *name, const char *text)
{
    collected *c = ctx;
    if (c->count == MAX_SETTINGS) dwl_error(L, "host.stack: at most %d options", MAX_SETTINGS);
    dw_setting *own = &c->list[c->count++];
    own->name = copy_of(L, c, name);
    own->text = copy_of(L, c, text);
}

static bool is_over(const dwl_sim *s)
{
    return s->sim && s->ran && !s->busy && dw_sim_idle(s->sim);
}

static bool has_stack(const dwl_sim *s)
{
    bool any = false;
    for (uint32_t i = 0; dw_node_at(s->sim, i); i++)
        any |= dw_stack_name(dw_node_at(s->sim, i)) != NULL;
    return any;
}

/* A process has room for a few copies of stacks.  Simulations stay for what a script may yet ask of
 * them, and the oldest that is over will hardly run again; if it does, its error says why. */
static bool make_room(dwl_sim *but)
{
    dwl_sim *oldest = NULL;
    for (dwl_sim *s = but->state->sims; s; s = s->next)
        if (s != but && is_over(s) && has_stack(s) && (!oldest || s->number < oldest->number))
            oldest = s;
    for (uint32_t i = 0; oldest && dw_node_at(oldest->sim, i); i++)
        if (dw_stack_name(dw_node_at(oldest->sim, i))) dw_stack_unload(dw_node_at(oldest->sim, i));
    return oldest != NULL;
}

static void load(lua_State *L, dwl_sim *s, dw_node *node, const char *path, const char *named,
                 const collected *settings)
{
    char why[1024];
    int status;
    do
        status = dw_stack_load(node, path, settings->list, settings->count);
    while (status == DW_E_LIMIT && make_room(s));
    if (status == DW_OK) return;
    if (status == DW_E_NOMEM) dwl_no_memory(L);
    snprintf(why, sizeof why, "%s", dw_sim_message(s->sim));
    dwl_fail(L, DW_E_ABI, "host \"%s\": %s", dw_node_name(node), dwl_as_named(L, why, path, named));
}

/* stack = "./x.so", or { "./x.so", tick = "10ms" }, on top of the stack of Lua. */
static const char *read_option(lua_State *L, collected *out)
{
    int option = lua_gettop(L);
    if (!lua_istable(L, option)) return dwl_option_text(L, "host", "stack");
    lua_rawgeti(L, option, 1);
    if (lua_type(L, -1) != LUA_TSTRING)
        dwl_error(L, "host.stack: expected a file, or a table that begins with one");
    const char *path = lua_tostring(L, -1);
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, option); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) continue;
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, -5);
    }
    dwl_each_option(L, -1, "host.stack", collect, out);
    return path; /* which the option's table keeps */
}

void dwl_give_stack(lua_State *L, dwl_sim *s, dw_node *node, int options, bool fresh)
{
    const char *path = fresh ? commanded(s->state, dw_node_name(node)) : NULL;
    collected settings = {.count = 0, .used = 0};
    int top = lua_gettop(L);
    if (path) {
        load(L, s, node, path, path, &settings);
        return;
    }
    if (!options || !lua_istable(L, options)) return;
    if (dwl_get_option(L, options, "stack") != LUA_TNIL) {
        const char *named = read_option(L, &settings);
        load(L, s, node, dwl_beside(L, named), named, &settings);
    }
    lua_settop(L, top);
}

bool dwl_stack_leaves_out(lua_State *L, const dwl_sim *s, dw_node *node, const char *name)
{
    char line[300];
    const char *stack = dw_stack_name(node);
    if (!stack || !commanded(s->state, dw_node_name(node))) return false;
    snprintf(line, sizeof line, "--stack: \"%s\" has no option %s, which host \"%s\" goes without",
             stack, name, dw_node_name(node));
    dwl_note(L, line);
    return true;
}
