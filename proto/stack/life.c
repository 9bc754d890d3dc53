/* The beginning and the end of a foreign stack at a host. */
#include "foreign_stack.h"

#include "engine/node.h"
#include "engine/sim.h"
#include "engine/status.h"
#include "packet/cause.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool apply_settings(dw_stack *s)
{
    char why[300] = "";
    for (size_t i = 0; i < s->setting_count && !s->broken; i++) {
        const dw_setting *set = &s->settings[i];
        if (dw_stack_option(s, -1, set->name, set->text, why, sizeof why) != DW_OK)
            dw_stack_fault(s, "%s", why);
    }
    return !s->broken;
}

static bool fail_to_start(dw_stack *s, int status)
{
    s->started = false;
    if (status == DW_E_NOMEM)
        s->host->no_memory(s->node);
    else
        dw_stack_fault(s, "it could not be started: %s",
                       s->reason[0] ? s->reason : dw_strerror(status));
    s->broken = true;
    return false;
}

bool dw_stack_start(dw_stack *s)
{
    if (s->unloaded) return dw_stack_enter(s);
    if (s->started || s->broken) return s->started && !s->broken;
    dw_stack_fill_table(s);
    s->started = true;
    s->told = -1;
    s->active = s->node->sim->now;
    dw_stack_enter(s);
    int status = s->ops->start(&s->table, &s->instance);
    dw_stack_leave(s);
    if (status != DW_OK) return fail_to_start(s, status < 0 ? status : DW_E_ABI);
    if (!apply_settings(s)) return false;
    char note[120];
    snprintf(note, sizeof note, "the foreign stack \"%s\" speaks for the host", s->ops->name);
    s->host->trace_note(s->node, 0, &dw_cause_stack, note);
    dw_stack_settle_later(s);
    return true;
}

static void drop_sent(dw_stack *s)
{
    while (s->sent_first) {
        dw_stack_sent *p = s->sent_first;
        s->sent_first = p->next;
        free(p);
    }
    s->sent_last = NULL;
}

void dw_stack_stop(dw_stack *s)
{
    bool running = s->started && !s->broken;
    s->ending = true;
    s->depth++;
    if (running && s->ops->stop) s->ops->stop(s->instance);
    s->depth--;
    s->started = false;
    s->instance = NULL;
    s->ending = false;
    drop_sent(s);
}

void dw_stack_rest(dw_stack *s)
{
    s->host->timer_cancel(&s->timer);
    if (s->background) s->node->sim->background--;
    s->background = false;
}
