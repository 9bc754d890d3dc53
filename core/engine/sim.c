/* The simulation: its run loop, and what everything in it is made from. */
#include "sim.h"

#include "base/account.h"
#include "base/config.h"
#include "defer.h"
#include "fault.h"
#include "host.h"
#include "host_index.h"
#include "link.h"
#include "node.h"
#include "packet_pool.h"
#include "registry.h"
#include "resources.h"
#include "rule.h"
#include "status.h"
#include "trace/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TRACE_LIMIT ((uint64_t)2 << 30)

/* The trace is made before the plugins are registered: it is read with them. */
int dw_sim_new(const dw_sim_config *config, dw_sim **out)
{
    dw_sim *sim = calloc(1, sizeof *sim);
    if (!sim) return DW_E_NOMEM;
    if (DW_CONFIG_READ(&sim->config, config) != DW_OK || sim->config.limit < 0 ||
        sim->config.checks > DW_CHECKS_OFF) {
        free(sim);
        return DW_E_INVAL;
    }
    if (sim->config.limit == 0) sim->config.limit = DW_HOUR;
    if (sim->config.trace_limit == 0) sim->config.trace_limit = DEFAULT_TRACE_LIMIT;
    dw_evq_init(&sim->queue);
    sim->queue.events.account = sim->config.account;
    sim->packets = (dw_pool){.block_size = sizeof(dw_packet), .account = sim->config.account};
    for (int i = 0; i < DW_POOL_CLASSES; i++)
        sim->blocks[i] =
            (dw_pool){.block_size = (size_t)(i + 1) * DW_POOL_STEP, .account = sim->config.account};
    dw_host_fill(sim);
    dw_rng_seed(&sim->no_stream, sim->config.seed, "", "");
    int status = DW_OK;
    if (sim->config.trace) {
        status = dw_trace_new(&sim->trace, !sim->config.digest_only);
        sim->trace_mask = DW_TRACE_ALL;
        if (!sim->config.detail) sim->trace_mask &= ~DW_TRACE_BIT(DW_TRACE_DETAIL);
    }
    if (status == DW_OK) status = dw_plugins_begin(sim);
    if (status != DW_OK) {
        dw_sim_free(sim);
        return status;
    }
    *out = sim;
    return DW_OK;
}

static void free_defaults(dw_sim *sim)
{
    for (uint32_t i = 0; i < sim->default_count; i++) {
        free(sim->defaults[i].protocol);
        free(sim->defaults[i].name);
        free(sim->defaults[i].text);
    }
    free(sim->defaults);
}

static void free_streams(dw_sim *sim)
{
    for (dw_stream *s = sim->streams; s;) {
        dw_stream *next = s->next;
        free(s->name);
        free(s);
        s = next;
    }
}

/* In an order in which nobody asks for what is gone: instances of protocols first, which give back
 * what they have, then packets that rules and links hold, then what all of them came from.  Plugins
 * are closed after the trace, whose names point into them. */
int dw_sim_free(dw_sim *sim)
{
    if (!sim) return DW_OK;
    if (sim->running || sim->inside)
        return dw_sim_fail(sim, DW_E_BUSY, "a simulation cannot be freed by its own callback");
    sim->trace_mask = 0;
    dw_plan_is_over(sim->plan);
    for (uint32_t i = sim->node_count; i-- > 0;) /* as glibc gets back what copies of it had */
        dw_node_free(sim->nodes[i]);
    dw_index_free(sim);
    for (uint32_t i = 0; i < sim->rules.count; i++)
        dw_rule_free(sim->rules.items[i]);
    for (dw_loose *l = sim->loose; l; l = l->next)
        dw_packet_free(sim, l->packet);
    dw_plan_free(sim->plan);
    for (uint32_t i = 0; i < sim->link_count; i++)
        dw_link_free(sim->links[i]);
    dw_trace_free(sim->trace);
    dw_host_dlclose_all(sim);
    free_defaults(sim);
    free_streams(sim);
    free(sim->subscribers);
    free(sim->settling);
    free(sim->nodes);
    free(sim->links);
    free(sim->rules.items);
    free(sim->plugins);
    dw_evq_free(&sim->queue);
    dw_pool_drain(&sim->packets);
    for (int i = 0; i < DW_POOL_CLASSES; i++)
        dw_pool_drain(&sim->blocks[i]);
    dw_deferred_free(sim);
    dw_account_change(sim->config.account, -(int64_t)sim->held);
    free(sim);
    return DW_OK;
}

/* Events. */

int dw_sim_at(dw_sim *sim, dw_node *node, dw_time at, void (*fn)(void *arg), void *arg)
{
    if (!fn) return dw_sim_fail(sim, DW_E_INVAL, "there is nothing to call");
    if (at < sim->now) return dw_sim_fail(sim, DW_E_INVAL, "that time has already passed");
    if (at == DW_TIME_NEVER) return DW_OK;
    return dw_sim_schedule(sim, node, at, fn, arg) ? DW_OK : DW_E_NOMEM;
}

void dw_sim_after_event(dw_sim *sim, int (*fn)(void *arg), void *arg)
{
    sim->after_event = fn;
    sim->after_event_arg = arg;
}

static void notify_ready(dw_sim *sim)
{
    dw_socket *socket = sim->ready_first;
    sim->ready_first = socket->ready_next;
    if (!sim->ready_first) sim->ready_last = NULL;
    socket->ready_next = NULL;
    socket->ready = false;
    uint32_t events = socket->events;
    socket->events = 0;
    if (socket->notify && events) socket->notify(socket, events, socket->user);
}

static void settle_protocols(dw_sim *sim)
{
    sim->inside++;
    for (uint32_t i = 0; i < sim->settle_count && !sim->out_of_memory; i++)
        sim->settling[i].fn(sim->settling[i].instance);
    sim->settle_count = 0;
    sim->inside--;
}

static bool unsettled(const dw_sim *sim)
{
    return sim->settle_count || sim->deferred_count || sim->ready_first;
}

/* The end of an event.  First what callbacks asked for in the middle of it; then protocols, so that
 * what they send does not depend on how many segments arrived at this instant (RFC 9293, MUST-58
 * and MUST-59); then the applications, one after the other. */
static void settle(dw_sim *sim)
{
    for (;;) {
        if (sim->deferred_count)
            dw_deferred_run(sim);
        else if (sim->settle_count)
            settle_protocols(sim);
        else if (sim->ready_first && !sim->stopped)
            notify_ready(sim);
        else
            return;
    }
}

/* What comes after each event.  A limit holds also where the caller wants a pause there. */
static int end_event(dw_sim *sim, dw_time before)
{
    int wanted = DW_OK;
    if (unsettled(sim)) settle(sim);
    if (DW_UNLIKELY(sim->after_event != NULL)) {
        wanted = sim->after_event(sim->after_event_arg);
        if (wanted == DW_OK && unsettled(sim)) settle(sim);
    }
    if (wanted != DW_OK && wanted != DW_E_AGAIN) return wanted;
    int status = dw_sim_check_limits(sim, before);
    if (status != DW_OK || wanted != DW_OK) return status != DW_OK ? status : wanted;
    if (!atomic_load_explicit(&sim->interrupted, memory_order_relaxed)) return DW_OK;
    atomic_store(&sim->interrupted, false); /* this run has heard it */
    return dw_sim_fail(sim, DW_E_INTERRUPT, "interrupted");
}

/* What a foreign stack does for ever keeps nobody waiting. */
static bool only_background(const dw_sim *sim, dw_time until)
{
    return DW_UNLIKELY(sim->background > 0) && until == DW_TIME_NEVER && dw_sim_idle(sim);
}

/* Until nothing is left that may run.  Where the simulation has no more to do before `until`, the
 * clock goes there; where only its limit keeps it from that, it fails. */
static int run_loop(dw_sim *sim, dw_time until)
{
    dw_time stop_at = until < sim->config.limit ? until : sim->config.limit;
    dw_event event;
    settle(sim);
    while (!sim->stopped && !only_background(sim, until) &&
           dw_evq_pop(&sim->queue, stop_at, &event)) {
        dw_time before = sim->now;
        sim->now = event.at;
        sim->events++;
        event.fn(event.arg);
        int status = end_event(sim, before);
        if (status != DW_OK) return status;
    }
    if (sim->queue.failed) return dw_sim_no_memory(sim);
    if (sim->stopped) return sim->stop_status;
    if (!dw_sim_idle(sim) && until > sim->config.limit) {
        char value[DW_TIME_TEXT];
        sim->now = sim->config.limit;
        return dw_sim_over_limit(sim, "limit",
                                 dw_duration_format(sim->config.limit, value, sizeof value));
    }
    if (until != DW_TIME_NEVER && sim->now < until) {
        sim->now = until;
        sim->same_instant = 0;
    }
    return DW_OK;
}

int dw_sim_run(dw_sim *sim, dw_time until)
{
    if (sim->running || sim->inside)
        return dw_sim_fail(sim, DW_E_BUSY, "the simulation is already running");
    if (until < sim->now) return dw_sim_fail(sim, DW_E_INVAL, "that time has already passed");
    sim->running = true;
    sim->stopped = false;
    sim->message[0] = 0;
    int status = dw_sim_over(sim);
    if (status == DW_OK) status = run_loop(sim, until);
    sim->running = false;
    if (sim->trace) sim->trace->until = sim->now;
    if (status == DW_E_LIMIT && dw_sim_over(sim)) dw_sim_refuse(sim); /* its message */
    /* Whatever else went wrong since memory ran out may be its consequence. */
    bool failed = sim->out_of_memory || (sim->trace && dw_trace_failed(sim->trace));
    return failed ? dw_sim_no_memory(sim) : status;
}

dw_time dw_sim_now(const dw_sim *sim)
{
    return sim->now;
}

uint64_t dw_sim_seed(const dw_sim *sim)
{
    return sim->config.seed;
}

uint64_t dw_sim_packets(const dw_sim *sim)
{
    return sim->packet_count;
}

uint32_t dw_sim_connections(const dw_sim *sim)
{
    return sim->conn_count;
}

bool dw_sim_idle(const dw_sim *sim)
{
    return sim->queue.live == sim->background;
}

dw_time dw_sim_next(const dw_sim *sim)
{
    return unsettled(sim) ? sim->now : dw_evq_next(&sim->queue);
}

uint64_t dw_sim_events(const dw_sim *sim)
{
    return sim->events;
}

dw_trace *dw_sim_trace(dw_sim *sim)
{
    return sim->trace;
}
