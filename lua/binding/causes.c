/* The names of causes that a script may ask for (see kinds.h). */
#include "drywire/plugin.h"
#include "kinds.h"

#include <string.h>

enum { MOST = 1024 };

typedef struct name_list {
    const char *names[MOST + 1]; /* ends with NULL */
    size_t count;
} name_list;

static void add(name_list *list, const dw_cause *cause)
{
    if (list->count < MOST) list->names[list->count++] = cause->name;
}

static void add_all(name_list *list, const dw_sim *sim)
{
    const dw_cause *cause;
    const dw_plugin *plugin;
    for (size_t i = 0; (cause = dw_cause_builtin(i)) != NULL; i++)
        add(list, cause);
    for (size_t i = 0; (plugin = dw_plugin_at(sim, i)) != NULL; i++)
        for (size_t k = 0; plugin->protocol && k < plugin->protocol->cause_count; k++)
            add(list, &plugin->protocol->causes[k]);
}

bool dwl_cause_known(const dwl_sim *s, const char *name, const char **near)
{
    name_list list = {.count = 0};
    add_all(&list, s->sim);
    *near = NULL;
    for (size_t i = 0; i < list.count; i++)
        if (strcmp(list.names[i], name) == 0) return true;
    *near = dw_nearest(name, list.names);
    return false;
}
