/* Options of foreign stacks: for the stack to understand, but for its tick. */
#include "foreign_stack.h"

#include "base/text.h"
#include "engine/node.h"
#include "engine/sim.h"
#include "engine/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "the stack "lwip" has no option "isn"; it has nagle, keepalive". */
static int no_such_option(const dw_stack *s, const char *name, char *why, size_t size)
{
    const char *const *names = s->ops->options;
    const char *near = names ? dw_nearest(name, names) : NULL;
    int n = snprintf(why, size, "the stack \"%s\" has no option \"%s\"", s->ops->name, name);
    if (near) snprintf(why + n, size - (size_t)n, "; did you mean \"%s\"?", near);
    for (size_t i = 0; !near && names && names[i] && n > 0 && (size_t)n < size; i++)
        n += snprintf(why + n, size - (size_t)n, "%s%s", i ? ", " : "; it has ", names[i]);
    return DW_E_NOENT;
}

int dw_stack_option(dw_stack *s, int handle, const char *name, const char *text, char *why,
                    size_t size)
{
    if (!s->ops->option) return no_such_option(s, name, why, size);
    if (!dw_stack_enter(s)) return DW_E_ABI;
    int status = s->ops->option(s->instance, handle, name, text);
    dw_stack_leave(s);
    if (status == DW_OK) return DW_OK;
    if (status == DW_E_NOENT) return no_such_option(s, name, why, size);
    status = dw_stack_error(s, status, "option");
    snprintf(why, size, "the stack \"%s\" does not take %s = \"%s\": %s", s->ops->name, name, text,
             s->reason[0] ? s->reason : dw_strerror(status));
    return status;
}

void dw_stack_free_settings(dw_stack *s)
{
    for (size_t i = 0; i < s->setting_count; i++) {
        free((char *)(uintptr_t)s->settings[i].name);
        free((char *)(uintptr_t)s->settings[i].text);
    }
    free(s->settings);
}

static bool keep_setting(dw_stack *s, const dw_setting *setting)
{
    dw_setting *more = realloc(s->settings, (s->setting_count + 1) * sizeof *more);
    if (!more) return false;
    s->settings = more;
    dw_setting *own = &s->settings[s->setting_count++];
    *own = (dw_setting){dw_copy_text(setting->name), dw_copy_text(setting->text)};
    return own->name && own->text;
}

static bool is_listed(const char *const *names, const char *name)
{
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

int dw_stack_option_later(dw_stack *s, const char *name, const char *text, char *why, size_t size)
{
    const char *const *names = s->ops->options;
    if (!s->ops->option || (names && !is_listed(names, name)))
        return no_such_option(s, name, why, size);
    if (keep_setting(s, &(dw_setting){name, text})) return DW_OK;
    snprintf(why, size, "out of memory");
    return dw_sim_no_memory(s->node->sim);
}

/* The tick is ours; all else is for the adapter, when it has been started. */
int dw_stack_keep_settings(dw_stack *s, const dw_setting *settings, size_t count)
{
    char why[300];
    int status;
    dw_sim *sim = s->node->sim;
    s->tick = s->ops->tick;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(settings[i].name, "tick") != 0) {
            status = dw_stack_option_later(s, settings[i].name, settings[i].text, why, sizeof why);
            if (status != DW_OK) return dw_sim_fail(sim, status, "%s", why);
            continue;
        }
        status = dw_parse_time(settings[i].text, &s->tick, why, sizeof why);
        if (status != DW_OK) return dw_sim_fail(sim, status, "tick: %s", why);
        if (s->tick < 0) return dw_sim_fail(sim, DW_E_INVAL, "tick: a length of time, or 0");
    }
    return DW_OK;
}
