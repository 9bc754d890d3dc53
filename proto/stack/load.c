/* A foreign stack comes to a host. */
#include "foreign_stack.h"

#include "engine/attach.h"
#include "engine/node.h"
#include "engine/registry.h"
#include "engine/sim.h"
#include "engine/status.h"

#include <stdlib.h>
#include <string.h>

/* The host's TCP must be nobody's yet. */
static int check_node(const dw_node *node)
{
    dw_sim *sim = node->sim;
    if (node->own)
        return dw_sim_fail(sim, DW_E_EXIST, "host \"%s\" has a foreign stack already", node->name);
    if (node->foreign)
        return dw_sim_fail(sim, DW_E_EXIST, "something else speaks for host \"%s\" already",
                           node->name);
    for (uint32_t i = 0; i < node->attached_count; i++)
        if (strcmp(node->attached[i].plugin->name, dw_stack_plugin.name) == 0)
            return dw_sim_fail(sim, DW_E_EXIST,
                               "the TCP of host \"%s\" has been used, or has got options, before "
                               "its stack was named",
                               node->name);
    return DW_OK;
}

/* Takes the object and the path, whatever happens. */
static int join(dw_node *node, const dw_stack_ops *ops, void *object, char *path,
                const dw_setting *settings, size_t count)
{
    dw_stack *s = calloc(1, sizeof *s);
    if (!s) {
        dw_stack_close(object);
        free(path);
        return dw_sim_no_memory(node->sim);
    }
    s->node = node;
    s->ops = ops;
    s->object = object;
    s->path = path;
    int status = dw_stack_keep_settings(s, settings, count);
    if (status != DW_OK) {
        dw_stack_free_settings(s);
        dw_stack_close(object);
        free(path);
        free(s);
        return status;
    }
    node->own = &dw_stack_plugin;
    dw_node_set_stack(node, dw_stack_arrives, s);
    return dw_node_attach(node, &dw_stack_plugin) ? DW_OK : DW_E_NOMEM;
}

int dw_stack_add(dw_node *node, const dw_stack_ops *ops, const dw_setting *settings, size_t count)
{
    int status = check_node(node);
    if (status == DW_OK) status = dw_stack_check_table(node->sim, ops);
    return status == DW_OK ? join(node, ops, NULL, NULL, settings, count) : status;
}

int dw_stack_load(dw_node *node, const char *path, const dw_setting *settings, size_t count)
{
    void *object;
    const dw_stack_ops *ops;
    int status = check_node(node);
    if (status != DW_OK) return status;
    char *file = dw_object_path(path);
    if (!file) return dw_sim_no_memory(node->sim);
    status = dw_stack_open(node->sim, file, &object, &ops);
    if (status == DW_OK) return join(node, ops, object, file, settings, count);
    free(file);
    return status;
}

/* What is left to be asked for its name. */
static const dw_stack_ops nothing = {
    .abi = DW_STACK_ABI, .size = sizeof nothing, .name = "unloaded"};

int dw_stack_unload(dw_node *node)
{
    dw_sim *sim = node->sim;
    dw_stack *s = node->own ? node->foreign_arg : NULL;
    if (!s) return dw_sim_fail(sim, DW_E_NOENT, "host \"%s\" has no stack to unload", node->name);
    if (sim->running || sim->inside)
        return dw_sim_fail(sim, DW_E_BUSY, "a stack cannot be unloaded while it may be called");
    dw_stack_stop(s);
    dw_stack_rest(s);
    s->unloaded = true;
    s->ops = &nothing;
    dw_stack_close(s->object);
    s->object = NULL;
    return DW_OK;
}

const char *dw_stack_name(const dw_node *node)
{
    const dw_stack *s = node->own ? node->foreign_arg : NULL;
    return s && !s->unloaded ? s->ops->name : NULL;
}
