/* Hosts by their names and by their addresses. */
#ifndef DW_HOST_INDEX_H
#define DW_HOST_INDEX_H

#include "drywire/plugin.h"

#define DW_FIRST_ADDRESS 0x0a000001u /* 10.0.0.1: hosts get addresses from there on */

/* Room for one name and one address more, before they are put there; false: no memory. */
bool dw_index_room(dw_sim *sim);
void dw_index_name(dw_sim *sim, const dw_node *node);
void dw_index_address(dw_sim *sim, const dw_node *node, const dw_addr *addr);
dw_node *dw_index_find(const dw_sim *sim, const char *name);    /* NULL: none */
int32_t dw_index_owner(const dw_sim *sim, const dw_addr *addr); /* -1: none */
void dw_index_free(dw_sim *sim);
/* As dw_index_owner, which it asks where a look does not tell. */
int32_t dw_sim_node_of(const dw_sim *sim, const dw_addr *addr);

#endif
