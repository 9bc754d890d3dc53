/* The graph of an exploration: its states and edges, put together where the states of all
 * connections are the same. */
#include "explore_graph.h"
#include "base/error.h"
#include "kinds.h"

#include <drywire/plugin.h>
#include <drywire/sim.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

static const char on_graph = 0; /* its address is the key of graph.lua's function */

uint64_t dwl_graph_label(dw_sim *sim)
{
    uint64_t label = 0;
    for (uint32_t i = 0; i < DWL_GRAPH_HOSTS && dw_node_at(sim, i); i++) {
        int64_t state = dw_node_query(dw_node_at(sim, i), "tcp", "newest_state", NULL);
        if (state > 0) label |= (uint64_t)state << (8 * i);
    }
    return label;
}

void dwl_graph_hosts(dwl_graph *g, dw_sim *sim)
{
    for (g->host_count = 0; g->host_count < DWL_GRAPH_HOSTS; g->host_count++) {
        dw_node *node = dw_node_at(sim, g->host_count);
        if (!node) break;
        snprintf(g->hosts[g->host_count], sizeof g->hosts[0], "%s", dw_node_name(node));
    }
}

int dwl_graph_add(dwl_graph *g, const dw_explore_edge *edge)
{
    dw_octets_add(&g->edges, edge, sizeof *edge);
    return g->edges.no_memory ? DW_E_NOMEM : DW_OK;
}

/* Nodes: one for each label, in the order in which they were found. */

static void push_states(lua_State *L, uint64_t label, uint32_t hosts)
{
    const char *const *names = dw_protocol_builtin("tcp")->states;
    lua_newtable(L);
    for (uint32_t i = 0; i < hosts; i++) {
        lua_pushstring(L, names[label >> (8 * i) & 255]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void add_to(lua_State *L, int table, const char *field, lua_Integer n)
{
    lua_getfield(L, table, field);
    lua_pushinteger(L, lua_tointeger(L, -1) + n);
    lua_setfield(L, table, field);
    lua_pop(L, 1);
}

/* Its number; `nodes` has them, `numbers` their numbers by label. */
static lua_Integer node(lua_State *L, int nodes, int numbers, uint64_t label, uint32_t hosts)
{
    lua_rawgeti(L, numbers, (lua_Integer)label);
    lua_Integer number = lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (number) return number;
    number = luaL_len(L, nodes) + 1;
    push_states(L, label, hosts);
    lua_rawseti(L, nodes, number);
    lua_pushinteger(L, number);
    lua_rawseti(L, numbers, (lua_Integer)label);
    return number;
}

/* A state is found by the first edge that leads to it. */
static void count_state(lua_State *L, int nodes, lua_Integer number, const dw_explore_edge *e,
                        uint32_t *known)
{
    if (e->to != DW_EXPLORE_END && e->to <= *known) return;
    lua_rawgeti(L, nodes, number);
    if (e->to == DW_EXPLORE_END)
        add_to(L, lua_gettop(L), "ends", 1);
    else
        add_to(L, lua_gettop(L), "count", 1);
    lua_pop(L, 1);
    if (e->to != DW_EXPLORE_END) *known = e->to;
}

/* Edges between nodes, told apart by what befalls the run. */

static void push_edge(lua_State *L, int edges, lua_Integer from, lua_Integer to, const char *what)
{
    lua_pushfstring(L, "%I>%I %s", (LUAI_UACINT)from, (LUAI_UACINT)to, what ? what : "");
    lua_pushvalue(L, -1);
    if (lua_rawget(L, edges) == LUA_TTABLE) {
        lua_remove(L, -2);
        return;
    }
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushinteger(L, from);
    lua_setfield(L, -2, "from");
    lua_pushinteger(L, to);
    lua_setfield(L, -2, "to");
    lua_pushstring(L, what);
    lua_setfield(L, -2, "fault");
    lua_pushvalue(L, -1);
    lua_rawseti(L, edges, luaL_len(L, edges) + 1);
    lua_pushvalue(L, -1);
    lua_insert(L, -3);
    lua_rawset(L, edges);
}

static const char *befalls(const dw_explore_edge *e)
{
    if (!e->befalls) return NULL;
    return e->kind < DW_FAULT_KINDS ? dwl_fault_kinds[e->kind] : "late";
}

static void push_all(lua_State *L, const dwl_graph *g, int at)
{
    uint32_t hosts = g->host_count;
    int nodes = at + 1, edges = at + 2, numbers = at + 3;
    uint32_t known = 0;
    const dw_explore_edge *edges_of = (const dw_explore_edge *)(const void *)g->edges.data;
    for (size_t i = 0; i < g->edges.len / sizeof *edges_of; i++) {
        const dw_explore_edge *e = &edges_of[i];
        lua_Integer to = node(L, nodes, numbers, e->to_label, hosts);
        count_state(L, nodes, to, e, &known);
        if (e->from == 0) continue;
        push_edge(L, edges, node(L, nodes, numbers, e->from_label, hosts), to, befalls(e));
        add_to(L, lua_gettop(L), "count", 1);
        lua_pop(L, 1);
    }
}

/* Names of edges are no part of what is returned. */
static void forget_names(lua_State *L, int edges)
{
    for (lua_pushnil(L); lua_next(L, edges); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) continue;
        lua_pushvalue(L, -2);
        lua_pushnil(L);
        lua_rawset(L, edges);
    }
}

void dwl_graph_push(lua_State *L, const dwl_graph *g)
{
    luaL_checkstack(L, 12, NULL);
    lua_newtable(L);
    int at = lua_gettop(L);
    lua_newtable(L);
    lua_newtable(L);
    lua_newtable(L);
    push_all(L, g, at);
    forget_names(L, at + 2);
    lua_settop(L, at + 2);
    lua_setfield(L, at, "edges");
    lua_setfield(L, at, "nodes");
    lua_newtable(L);
    for (uint32_t i = 0; i < g->host_count; i++) {
        lua_pushstring(L, g->hosts[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, at, "hosts");
}

bool dwl_graph_is_named(const char *file)
{
    size_t len = strlen(file);
    return len > 4 && (strcmp(file + len - 4, ".svg") == 0 || strcmp(file + len - 4, ".dot") == 0);
}

bool dwl_graph_may_be(const char *file)
{
    FILE *f = fopen(file, "ab");
    if (!f) return false;
    bool made = ftell(f) == 0;
    fclose(f);
    if (made) remove(file);
    return true;
}

void dwl_graph_draw(lua_State *L, const char *file)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &on_graph);
    lua_pushvalue(L, -2);
    lua_pushstring(L, file);
    lua_call(L, 2, 0);
}

int dwl_on_graph(lua_State *L)
{
    lua_settop(L, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &on_graph);
    return 0;
}
