/* The protocols that every simulation begins with, and saved traces are read with.  This is the one
 * place where core reaches up to them. */
#include "protocols.h"

#include "drywire/drywire.h"

#include <string.h>

/* proto/builtin.c */
extern const dw_plugin *const dw_builtin_plugins[];

const dw_plugin *const *dw_protocols_builtin(void)
{
    return dw_builtin_plugins;
}

const dw_plugin *dw_plugin_builtin(size_t index)
{
    for (size_t i = 0; dw_builtin_plugins[i]; i++)
        if (i == index) return dw_builtin_plugins[i];
    return NULL;
}

const dw_protocol_ops *dw_protocol_builtin(const char *name)
{
    return dw_protocol_named(dw_builtin_plugins, name);
}

const dw_protocol_ops *dw_protocol_with_states(const dw_plugin *const *plugins)
{
    for (; *plugins; plugins++)
        if ((*plugins)->protocol && (*plugins)->protocol->states) return (*plugins)->protocol;
    return NULL;
}

const dw_protocol_ops *dw_protocol_named(const dw_plugin *const *plugins, const char *name)
{
    for (; *plugins; plugins++)
        if (strcmp((*plugins)->name, name) == 0) return (*plugins)->protocol;
    return NULL;
}

const char *const *dw_protocol_states(const dw_protocol_ops *ops)
{
    static const char *const none[] = {NULL};
    return ops && ops->states ? ops->states : none;
}

enum dw_state_class dw_state_class(const dw_protocol_ops *ops, const char *state)
{
    const char *const *states = dw_protocol_states(ops);
    for (size_t i = 0; states[i]; i++)
        if (strcmp(states[i], state) == 0)
            return DW_OFFERS(dw_protocol_ops, ops, state_classes) ? ops->state_classes[i]
                                                                  : DW_STATE_OTHER;
    return DW_STATE_OTHER;
}

const char *dw_state_of_class(const dw_protocol_ops *ops, enum dw_state_class wanted)
{
    const char *const *states = dw_protocol_states(ops);
    for (size_t i = 0; states[i]; i++)
        if (dw_state_class(ops, states[i]) == wanted) return states[i];
    return "";
}
