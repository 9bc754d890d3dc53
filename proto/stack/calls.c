/* The way into a foreign stack, and what it did wrong. */
#include "foreign_stack.h"

#include "engine/node.h"
#include "engine/sim.h"
#include "engine/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A variable of each thread's own: its address tells them apart. */
const char *dw_stack_thread(void)
{
    static _Thread_local const char here = 0;
    return &here;
}

bool dw_stack_enter(dw_stack *s)
{
    if (s->unloaded) dw_stack_fault(s, "it was unloaded when it was idle, to make room for others");
    if (s->broken || !s->started) return false;
    s->caller = dw_stack_thread();
    s->reason[0] = 0;
    s->depth++;
    dw_time now = s->node->sim->now;
    if (now != s->told && s->ops->now) s->ops->now(s->instance, now);
    s->told = now;
    return true;
}

void dw_stack_leave(dw_stack *s)
{
    s->depth--;
    if (atomic_load(&s->other_thread))
        dw_stack_fault(s, "it sends a packet from a thread of its own");
}

void dw_stack_fault(dw_stack *s, const char *format, ...)
{
    dw_sim *sim = s->node->sim;
    char time[DW_TIME_TEXT], text[400];
    va_list args;
    if (s->broken) return; /* the first one counts */
    s->broken = true;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    dw_sim_fail(sim, DW_E_ABI, "stack \"%s\" of host \"%s\" at %s s: %s", s->ops->name,
                s->node->name, dw_time_format(sim->now, 6, time, sizeof time), text);
    dw_sim_stop(sim, DW_E_ABI);
}

int dw_stack_error(dw_stack *s, int64_t result, const char *call)
{
    if (result < 0 && result >= -64 && strcmp(dw_strerror((int)result), dw_strerror(1)) != 0)
        return (int)result;
    dw_stack_fault(s, "%s returned %lld, which is no error of base.h", call, (long long)result);
    return DW_E_ABI;
}

int dw_stack_failed(dw_stack *s, const char *call, int error)
{
    dw_sim *sim = s->node->sim;
    if (s->broken || error == DW_OK || error == DW_E_AGAIN || error == DW_E_CLOSED) return error;
    if (s->reason[0])
        return dw_sim_fail(sim, error, "%s: the stack \"%s\" says: %s", call, s->ops->name,
                           s->reason);
    return error;
}
