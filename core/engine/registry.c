/* The plugins that a simulation knows, by name: the built-in ones, then those that were added. */
#include "drywire/plugin.h"
#include "registry.h"

#include "base/list.h"
#include "packet/protocols.h"
#include "sim.h"
#include "status.h"
#include "trace/trace.h"

#include <stdlib.h>
#include <string.h>

/* The list has a NULL at its end, so with the first plugin it gets two items. */
static int append(dw_sim *sim, const dw_plugin *plugin)
{
    size_t count = sim->plugins ? sim->plugin_count + 1 : 0;
    const dw_plugin **plugins = dw_list_room(sim->plugins, count, sizeof *plugins);
    if (!plugins) return dw_sim_no_memory(sim);
    sim->plugins = plugins;
    plugins[sim->plugin_count++] = plugin;
    plugins[sim->plugin_count] = NULL;
    if (sim->trace) sim->trace->plugins = plugins; /* which reads packets with them */
    return DW_OK;
}

int dw_plugins_begin(dw_sim *sim)
{
    const dw_plugin *const *builtin = dw_protocols_builtin();
    int status = DW_OK;
    for (size_t i = 0; status == DW_OK && builtin[i]; i++)
        status = append(sim, builtin[i]);
    return status;
}

int dw_plugin_register(dw_sim *sim, const dw_plugin *plugin)
{
    if (dw_plugin_find(sim, plugin->name))
        return dw_sim_fail(sim, DW_E_EXIST, "there is already a plugin \"%s\"", plugin->name);
    return append(sim, plugin);
}

int dw_plugin_add(dw_sim *sim, const dw_plugin *plugin)
{
    int status = dw_plugin_check(sim, plugin);
    return status == DW_OK ? dw_plugin_register(sim, plugin) : status;
}

int dw_plugin_load(dw_sim *sim, const char *path)
{
    dw_plugin_entry_fn entry;
    int status = dw_host_dlopen(sim, path, &entry);
    if (status != DW_OK) return status;
    const dw_plugin *plugin = entry();
    if (!plugin)
        return dw_sim_fail(sim, DW_E_ABI, "%s: %s returned nothing", path, DW_PLUGIN_ENTRY);
    status = dw_plugin_add(sim, plugin);
    if (status == DW_OK) return DW_OK;
    char reason[512];
    memcpy(reason, sim->message, sizeof reason);
    reason[sizeof reason - 1] = 0;
    return dw_sim_fail(sim, status, "%s: %s", path, reason);
}

const dw_plugin *dw_plugin_at(const dw_sim *sim, size_t index)
{
    return index < sim->plugin_count ? sim->plugins[index] : NULL;
}

const dw_plugin *dw_plugin_find(const dw_sim *sim, const char *name)
{
    for (uint32_t i = 0; i < sim->plugin_count; i++)
        if (strcmp(sim->plugins[i]->name, name) == 0) return sim->plugins[i];
    return NULL;
}

const dw_plugin *const *dw_sim_plugins(const dw_sim *sim)
{
    return sim->plugins;
}
