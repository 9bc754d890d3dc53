/* How a simulation fails and ends: the sentence of the last failure, and the ends that are for
 * good, memory and limits.  Everybody in the engine may call this; it calls nobody. */
#include "status.h"

#include "node.h"
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LIVELOCK_EVENTS = 1000000 };

int dw_sim_fail(dw_sim *sim, int error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(sim->message, sizeof sim->message, format, args);
    va_end(args);
    sim->failures++;
    return error;
}

int64_t dw_sim_failed(dw_sim *sim, uint64_t failures, int64_t status, const char *what)
{
    bool answer = status >= 0 || status == DW_E_AGAIN || status == DW_E_CLOSED;
    if (answer || sim->failures != failures || (sim->running && sim->stopped)) return status;
    dw_sim_fail(sim, (int)status, "%s: %s", what, dw_strerror((int)status));
    return status;
}

bool dw_sim_out_of_memory(const dw_sim *sim)
{
    return sim->out_of_memory;
}

int dw_sim_no_memory(dw_sim *sim)
{
    sim->out_of_memory = true;
    dw_sim_stop(sim, DW_E_NOMEM);
    return dw_sim_fail(sim, DW_E_NOMEM, "out of memory");
}

int dw_sim_over(const dw_sim *sim)
{
    if (sim->out_of_memory) return DW_E_NOMEM;
    return sim->limit_message[0] ? DW_E_LIMIT : DW_OK;
}

int dw_sim_refuse(dw_sim *sim)
{
    if (sim->out_of_memory) return dw_sim_no_memory(sim);
    return dw_sim_fail(sim, DW_E_LIMIT, "%s", sim->limit_message);
}

int dw_sim_over_limit(dw_sim *sim, const char *what, const char *value)
{
    char now[DW_TIME_TEXT];
    return dw_sim_fail(sim, DW_E_LIMIT,
                       "%s %s reached at %s s with %zu event%s still waiting; the simulation's "
                       "option %s raises it",
                       what, value, dw_time_format(sim->now, 6, now, sizeof now), sim->queue.live,
                       sim->queue.live == 1 ? "" : "s", what);
}

/* The limit that was told last holds from now on, whatever else is tried. */
static int over_for_good(dw_sim *sim)
{
    memcpy(sim->limit_message, sim->message, sizeof sim->message);
    return DW_E_LIMIT;
}

void dw_sim_trace_full(dw_sim *sim)
{
    char value[DW_TIME_TEXT];
    unsigned long long limit = sim->config.trace_limit;
    if (limit >= 1u << 20)
        snprintf(value, sizeof value, "%llu MiB", limit >> 20);
    else if (limit >= 1u << 10)
        snprintf(value, sizeof value, "%llu KiB", limit >> 10);
    else
        snprintf(value, sizeof value, "%llu B", limit);
    dw_sim_over_limit(sim, "trace_limit", value);
    sim->trace_full = true;
    dw_sim_stop(sim, over_for_good(sim));
}

int dw_sim_check_limits(dw_sim *sim, dw_time before)
{
    char value[DW_TIME_TEXT];
    if (sim->config.max_events && sim->events >= sim->config.max_events && sim->queue.live) {
        snprintf(value, sizeof value, "%llu", (unsigned long long)sim->config.max_events);
        dw_sim_over_limit(sim, "max_events", value);
        return over_for_good(sim);
    }
    sim->same_instant = sim->now == before ? sim->same_instant + 1 : 0;
    if (sim->same_instant <= LIVELOCK_EVENTS) return DW_OK;
    dw_sim_fail(sim, DW_E_LIMIT, "livelock: a million events at %s s, and the clock does not move",
                dw_time_format(sim->now, 6, value, sizeof value));
    return over_for_good(sim);
}

void dw_sim_stop(dw_sim *sim, int status)
{
    sim->stopped = true;
    sim->stop_status = status;
}

void dw_sim_interrupt(dw_sim *sim)
{
    atomic_store(&sim->interrupted, true);
}

const char *dw_sim_message(const dw_sim *sim)
{
    return sim->message;
}

/* Plugins. */

bool dw_plugin_fault(dw_node *node, const char *what)
{
    dw_sim *sim = node->sim;
    char time[DW_TIME_TEXT];
    if (sim->stopped && sim->stop_status == DW_E_ABI) return false; /* the first one counts */
    dw_sim_fail(sim, DW_E_ABI, "a plugin's fault at host \"%s\" at %s s: %s", node->name,
                dw_time_format(sim->now, 6, time, sizeof time), what);
    dw_sim_stop(sim, DW_E_ABI);
    return false;
}
