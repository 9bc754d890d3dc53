/* The graph of an exploration without a limit, by the states of connections. */
#ifndef DWL_EXPLORE_GRAPH_H
#define DWL_EXPLORE_GRAPH_H

#include "deal/deal.h"

#include <drywire/explore.h>
#include <lua.h>

enum { DWL_GRAPH_HOSTS = 8 };

typedef struct dwl_graph {
    dw_octets edges;                 /* dw_explore_edge */
    char hosts[DWL_GRAPH_HOSTS][64]; /* the names of the first ones */
    uint32_t host_count;
} dwl_graph;

/* Note the names of the hosts of a run. */
void dwl_graph_hosts(dwl_graph *graph, dw_sim *sim);

/* For dw_explore_config.label: the states that the first hosts are in, that of each in its octet.
 */
uint64_t dwl_graph_label(dw_sim *sim);
/* DW_OK or DW_E_NOMEM. */
int dwl_graph_add(dwl_graph *graph, const dw_explore_edge *edge);
/* Push it as a table: drywire.StateGraph. */
void dwl_graph_push(lua_State *L, const dwl_graph *graph);
/* Whether a file of this name says how it is drawn; and whether it can be written. */
bool dwl_graph_is_named(const char *file);
bool dwl_graph_may_be(const char *file);
/* Have the graph on top drawn. */
void dwl_graph_draw(lua_State *L, const char *file);
/* internal.on_graph(fn): what draws it, fn(graph, file). */
int dwl_on_graph(lua_State *L);

#endif
