/* Protocols on a host: each is attached when it is first needed, with the options that were set for
 * every host. */
#include "drywire/plugin.h"
#include "attach.h"

#include "base/text.h"
#include "registry.h"
#include "sim.h"
#include "status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail_to_attach(dw_node *node, const dw_plugin *plugin, int status)
{
    char number[40];
    const char *why = status == DW_OK ? "it made no instance" : dw_strerror(status);
    if (strcmp(why, dw_strerror(1)) == 0) { /* no number of ours */
        snprintf(number, sizeof number, "its attach returned %d", status);
        why = number;
    }
    dw_sim_fail(node->sim, DW_E_ABI, "plugin \"%s\" could not be attached to host \"%s\": %s",
                plugin->name, node->name, why);
}

const dw_plugin *dw_node_plugin(const dw_node *node, const char *name)
{
    bool own = DW_UNLIKELY(node->own != NULL) && strcmp(node->own->name, name) == 0;
    return own ? node->own : dw_plugin_find(node->sim, name);
}

/* A plugin of the node's own has other options. */
static void set_defaults(dw_node *node, const dw_plugin *plugin)
{
    const dw_sim *sim = node->sim;
    for (uint32_t i = 0; i < sim->default_count && plugin != node->own; i++)
        if (strcmp(sim->defaults[i].protocol, plugin->name) == 0)
            dw_node_option(node, plugin->name, sim->defaults[i].name, sim->defaults[i].text);
}

void *dw_node_attach(dw_node *node, const dw_plugin *plugin)
{
    DW_ASSERT(plugin->protocol);
    for (uint32_t i = 0; i < node->attached_count; i++)
        if (node->attached[i].plugin == plugin) return node->attached[i].instance;
    if (node->attached_count == DW_NODE_PROTOCOLS) return NULL;
    dw_sim *sim = node->sim;
    dw_attached *a = &node->attached[node->attached_count];
    a->instance = NULL;
    int status = plugin->protocol->attach(node, &sim->host, &a->instance);
    if (status != DW_OK && sim->out_of_memory) return NULL;
    if (status != DW_OK || !a->instance) {
        fail_to_attach(node, plugin, status);
        if (sim->running) dw_sim_stop(sim, DW_E_ABI);
        return NULL;
    }
    a->ops = plugin->protocol;
    a->plugin = plugin;
    node->attached_count++;
    set_defaults(node, plugin);
    return a->instance;
}

/* The protocol of a layer and number on a node, attached if a plugin offers it.  A plugin
 * registered later takes the place of an earlier one with the same number. */
dw_attached *dw_node_attached(dw_node *node, uint8_t layer, uint16_t number)
{
    for (uint32_t i = 0; i < node->attached_count; i++)
        if (node->attached[i].ops->number == number && node->attached[i].ops->layer == layer)
            return &node->attached[i];
    for (uint32_t i = node->sim->plugin_count; i-- > 0;) {
        const dw_protocol_ops *ops = node->sim->plugins[i]->protocol;
        if (!ops || ops->number != number || ops->layer != layer) continue;
        if (!dw_node_attach(node, node->sim->plugins[i])) return NULL;
        return &node->attached[node->attached_count - 1];
    }
    return NULL;
}

/* Options, for one host and for all. */

/* The last one, which did not go well. */
static int drop_default(dw_sim *sim, int status)
{
    dw_default_option *last = &sim->defaults[--sim->default_count];
    free(last->protocol);
    free(last->name);
    free(last->text);
    return status == DW_E_NOMEM ? dw_sim_no_memory(sim) : status;
}

int dw_sim_option(dw_sim *sim, const char *protocol, const char *name, const char *text)
{
    dw_default_option *defaults =
        realloc(sim->defaults, (sim->default_count + 1) * sizeof *defaults);
    if (!defaults) return dw_sim_no_memory(sim);
    sim->defaults = defaults;
    dw_default_option *own = &defaults[sim->default_count++];
    *own = (dw_default_option){dw_copy_text(protocol), dw_copy_text(name), dw_copy_text(text)};
    if (!own->protocol || !own->name || !own->text) return drop_default(sim, DW_E_NOMEM);
    /* Try it on a node of no simulation's, so that a mistake is reported here and now. */
    const dw_plugin *plugin = dw_plugin_find(sim, protocol);
    if (!plugin || !plugin->protocol)
        return drop_default(sim,
                            dw_sim_fail(sim, DW_E_NOENT, "there is no protocol \"%s\"", protocol));
    char no_name[1] = "";
    dw_node probe = {.sim = sim, .name = no_name, .order = (uint64_t)1 << 63};
    void *instance = dw_node_attach(&probe, plugin);
    int status = sim->out_of_memory ? DW_E_NOMEM : DW_E_ABI;
    if (instance) status = dw_node_option(&probe, protocol, name, text);
    for (uint32_t i = 0; i < probe.attached_count; i++)
        probe.attached[i].ops->detach(probe.attached[i].instance);
    return status == DW_OK ? DW_OK : drop_default(sim, status);
}

int dw_node_option(dw_node *node, const char *protocol, const char *name, const char *text)
{
    dw_sim *sim = node->sim;
    const dw_plugin *plugin = dw_node_plugin(node, protocol);
    if (!plugin || !plugin->protocol)
        return dw_sim_fail(sim, DW_E_NOENT, "there is no protocol \"%s\"", protocol);
    void *instance = dw_node_attach(node, plugin);
    if (!instance) return sim->out_of_memory ? DW_E_NOMEM : DW_E_ABI;
    const dw_protocol_ops *ops = plugin->protocol;
    char why[512] = "";
    int status = DW_E_NOENT;
    if (ops->option) status = ops->option(instance, name, text, why, sizeof why);
    if (status == DW_E_NOENT && !why[0] && ops->options)
        status =
            dw_option_set(ops->options, ops->options_of(instance), name, text, why, sizeof why);
    if (status == DW_OK) return DW_OK;
    if (!why[0]) return dw_sim_fail(sim, status, "%s has no option \"%s\"", protocol, name);
    if (plugin == node->own) return dw_sim_fail(sim, status, "%s", why);
    return dw_sim_fail(sim, status, "%s.%s", protocol, why);
}

void *dw_node_protocol(dw_node *node, const char *protocol)
{
    const dw_plugin *plugin = dw_node_plugin(node, protocol);
    return plugin && plugin->protocol ? dw_node_attach(node, plugin) : NULL;
}

int64_t dw_node_query(dw_node *node, const char *protocol, const char *what, const dw_addr *about)
{
    const dw_plugin *plugin = dw_node_plugin(node, protocol);
    void *instance = plugin && plugin->protocol ? dw_node_attach(node, plugin) : NULL;
    uint64_t failures = node->sim->failures;
    int64_t answer = DW_E_NOENT;
    if (instance && DW_OFFERS(dw_protocol_ops, plugin->protocol, query))
        answer = plugin->protocol->query(instance, what, about);
    return dw_sim_failed(node->sim, failures, answer, what);
}

int dw_node_connection(dw_node *node, const char *protocol, uint32_t conn, dw_info_fn each,
                       void *ctx)
{
    const dw_plugin *plugin = dw_node_plugin(node, protocol);
    void *instance = plugin && plugin->protocol ? dw_node_attach(node, plugin) : NULL;
    if (!instance || !DW_OFFERS(dw_protocol_ops, plugin->protocol, connection)) return DW_E_NOENT;
    return plugin->protocol->connection(instance, conn, each, ctx);
}
