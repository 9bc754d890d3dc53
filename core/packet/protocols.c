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
    for (size_t i = 0; dw_builtin_plugins[i]; i++)
        if (strcmp(dw_builtin_plugins[i]->name, name) == 0) return dw_builtin_plugins[i]->protocol;
    return NULL;
}

const dw_protocol_ops *dw_protocol_with_states(const dw_plugin *const *plugins)
{
    for (; *plugins; plugins++)
        if ((*plugins)->protocol && (*plugins)->protocol->states) return (*plugins)->protocol;
    return NULL;
}
