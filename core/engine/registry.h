/* The plugins of a simulation. */
#ifndef DW_REGISTRY_H
#define DW_REGISTRY_H

#include "drywire/drywire.h"
#include "drywire/plugin.h"

/* The built-in ones.  DW_OK; DW_E_NOMEM. */
int dw_plugins_begin(dw_sim *sim);
/* As dw_plugin_add, of one whose tables are known to be whole. */
int dw_plugin_register(dw_sim *sim, const dw_plugin *plugin);
const dw_plugin *dw_plugin_find(const dw_sim *sim, const char *name); /* NULL: none */

/* plugin_check.c: DW_OK, or DW_E_ABI with a sentence. */
int dw_plugin_check(dw_sim *sim, const dw_plugin *plugin);

/* shared_object.c.  The object stays open until the simulation closes all of its. */
int dw_host_dlopen(dw_sim *sim, const char *path, dw_plugin_entry_fn *entry);
void dw_host_dlclose_all(dw_sim *sim);
/* Whether a file can be a whole shared object of such a kind ("plugin"): DW_OK, or an error with a
 * sentence. */
int dw_object_look(dw_sim *sim, const char *path, const char *what);
/* A path as the loader takes it, for the caller to free; NULL when out of memory. */
char *dw_object_path(const char *path);

#endif
