/* The simulation: its run loop, and what everything in it is made from. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIVELOCK_EVENTS = 1000000 };
#define DEFAULT_TRACE_LIMIT ((uint64_t)2 << 30)

int dw_sim_new(const dw_sim_config *config, dw_sim **out)
{
    dw_sim *sim = calloc(1, sizeof *sim);
    if (!sim) return DW_E_NOMEM;
    if (config) sim->config = *config;
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
    for (size_t i = 0; status == DW_OK && dw_builtin_plugins[i]; i++)
        status = dw_plugin_register(sim, dw_builtin_plugins[i]);
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

int dw_sim_free(dw_sim *sim)
{
    if (!sim) return DW_OK;
    if (sim->running || sim->inside)
        return dw_sim_fail(sim, DW_E_BUSY, "a simulation cannot be freed by its own callback");
    sim->trace_mask = 0;
    for (uint32_t i = 0; i < sim->node_count; i++)
        dw_node_free(sim->nodes[i]);
    dw_index_free(sim);
    for (uint32_t i = 0; i < sim->rules.count; i++)
        dw_rule_free(sim->rules.items[i]);
    for (dw_loose *l = sim->loose; l; l = l->next)
        dw_packet_free(sim, l->packet);
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

int dw_sim_fail(dw_sim *sim, int error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(sim->message, sizeof sim->message, format, args);
    va_end(args);
    return error;
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
    return sim->out_of_memory ? DW_E_NOMEM : sim->limit_message[0] ? DW_E_LIMIT : DW_OK;
}

/* The answer of a call that a simulation which is over cannot do. */
int dw_sim_refuse(dw_sim *sim)
{
    if (sim->out_of_memory) return dw_sim_no_memory(sim);
    return dw_sim_fail(sim, DW_E_LIMIT, "%s", sim->limit_message);
}

/* Events. */

uint64_t dw_sim_next_order(dw_sim *sim, dw_node *node)
{
    return node ? node->order++ : sim->order++;
}

dw_event *dw_sim_schedule(dw_sim *sim, dw_node *node, dw_time at, dw_event_fn fn, void *arg)
{
    dw_event *event = dw_evq_push(&sim->queue, at, dw_sim_next_order(sim, node), fn, arg);
    if (DW_UNLIKELY(!event)) dw_sim_no_memory(sim);
    return event;
}

int dw_sim_at(dw_sim *sim, dw_node *node, dw_time at, void (*fn)(void *arg), void *arg)
{
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
void dw_sim_settle(dw_sim *sim)
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

static int over_limit(dw_sim *sim, const char *what, const char *value)
{
    char now[DW_TIME_TEXT];
    return dw_sim_fail(sim, DW_E_LIMIT, "%s %s reached at %s s with %zu events still waiting", what,
                       value, dw_time_format(sim->now, 6, now, sizeof now), sim->queue.live);
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
    const char *unit = limit >> 20 ? "MiB" : limit >> 10 ? "KiB" : "B";
    snprintf(value, sizeof value, "%llu %s",
             limit >> 20   ? limit >> 20
             : limit >> 10 ? limit >> 10
                           : limit,
             unit);
    over_limit(sim, "trace_limit", value);
    sim->trace_full = true;
    dw_sim_stop(sim, over_for_good(sim));
}

static int check_limits(dw_sim *sim, dw_time before)
{
    char value[DW_TIME_TEXT];
    if (sim->config.max_events && sim->events >= sim->config.max_events && sim->queue.live) {
        snprintf(value, sizeof value, "%llu", (unsigned long long)sim->config.max_events);
        over_limit(sim, "max_events", value);
        return over_for_good(sim);
    }
    sim->same_instant = sim->now == before ? sim->same_instant + 1 : 0;
    if (sim->same_instant <= LIVELOCK_EVENTS) return DW_OK;
    dw_sim_fail(sim, DW_E_LIMIT, "livelock: a million events at %s s, and the clock does not move",
                dw_time_format(sim->now, 6, value, sizeof value));
    return over_for_good(sim);
}

/* What comes after each event.  A limit holds also where the caller wants a pause there. */
static int end_event(dw_sim *sim, dw_time before)
{
    int wanted = DW_OK;
    if (unsettled(sim)) dw_sim_settle(sim);
    if (DW_UNLIKELY(sim->after_event != NULL)) {
        wanted = sim->after_event(sim->after_event_arg);
        if (wanted == DW_OK && unsettled(sim)) dw_sim_settle(sim);
    }
    if (wanted != DW_OK && wanted != DW_E_AGAIN) return wanted;
    int status = check_limits(sim, before);
    if (status != DW_OK || wanted != DW_OK) return status != DW_OK ? status : wanted;
    if (!atomic_load_explicit(&sim->interrupted, memory_order_relaxed)) return DW_OK;
    atomic_store(&sim->interrupted, false); /* this run has heard it */
    return dw_sim_fail(sim, DW_E_INTERRUPT, "interrupted");
}

static int run_loop(dw_sim *sim, dw_time until)
{
    dw_time stop_at = until < sim->config.limit ? until : sim->config.limit;
    dw_event event;
    dw_sim_settle(sim);
    while (!sim->stopped && dw_evq_pop(&sim->queue, stop_at, &event)) {
        dw_time before = sim->now;
        sim->now = event.at;
        sim->events++;
        event.fn(event.arg);
        int status = end_event(sim, before);
        if (status != DW_OK) return status;
    }
    if (sim->queue.failed) return dw_sim_no_memory(sim);
    if (sim->stopped) return sim->stop_status;
    if (sim->queue.live && until > sim->config.limit) {
        char value[DW_TIME_TEXT];
        sim->now = sim->config.limit;
        return over_limit(sim, "limit", dw_duration_format(sim->config.limit, value, sizeof value));
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
    if (status == DW_E_LIMIT && dw_sim_over(sim)) dw_sim_refuse(sim); /* its message */
    /* Whatever else went wrong since memory ran out may be its consequence. */
    bool failed = sim->out_of_memory || (sim->trace && dw_trace_failed(sim->trace));
    return failed ? dw_sim_no_memory(sim) : status;
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

dw_time dw_sim_now(const dw_sim *sim)
{
    return sim->now;
}

uint64_t dw_sim_seed(const dw_sim *sim)
{
    return sim->config.seed;
}

uint64_t dw_sim_events(const dw_sim *sim)
{
    return sim->events;
}

const char *dw_sim_message(const dw_sim *sim)
{
    return sim->message;
}

dw_trace *dw_sim_trace(dw_sim *sim)
{
    return sim->trace;
}

/* Memory. */

void dw_sim_hold(dw_sim *sim, size_t size)
{
    sim->held += size;
    dw_account_change(sim->config.account, (int64_t)size);
}

static void *large_block(dw_sim *sim, size_t size)
{
    void *block = size <= PTRDIFF_MAX ? calloc(1, size) : NULL; /* no object is larger */
    if (block) dw_account_change(sim->config.account, (int64_t)size);
    return block;
}

static void large_block_free(dw_sim *sim, void *block, size_t size)
{
    free(block);
    dw_account_change(sim->config.account, -(int64_t)size);
}

static size_t class_of(size_t size)
{
    return size / DW_POOL_STEP + (size % DW_POOL_STEP != 0);
}

void *dw_sim_alloc(dw_sim *sim, size_t size)
{
    size_t class = class_of(size);
    bool large = class > DW_POOL_CLASSES;
    void *block = large ? large_block(sim, size) : dw_pool_get(&sim->blocks[class ? class - 1 : 0]);
    if (DW_UNLIKELY(!block))
        dw_sim_no_memory(sim);
    else if (!large)
        memset(block, 0, size);
    return block;
}

void dw_sim_block_free(dw_sim *sim, void *block, size_t size)
{
    if (!block) return;
    size_t class = class_of(size);
    if (class > DW_POOL_CLASSES)
        large_block_free(sim, block, size);
    else
        dw_pool_put(&sim->blocks[class ? class - 1 : 0], block);
}

char *dw_copy_text(const char *text)
{
    if (!text) return NULL;
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (copy) memcpy(copy, text, size);
    return copy;
}

/* Random streams. */

static dw_rng *stream(dw_sim *sim, const char *object, const char *purpose)
{
    char name[256];
    snprintf(name, sizeof name, "%s/%s", object, purpose);
    for (dw_stream *s = sim->streams; s; s = s->next)
        if (strcmp(s->name, name) == 0) return &s->rng;
    dw_stream *s = calloc(1, sizeof *s);
    if (!s || !(s->name = dw_copy_text(name))) {
        free(s);
        dw_sim_no_memory(sim);
        return NULL;
    }
    dw_rng_seed(&s->rng, sim->config.seed, object, purpose);
    s->next = sim->streams;
    sim->streams = s;
    return &s->rng;
}

dw_rng *dw_sim_stream(dw_sim *sim, const char *object, const char *purpose)
{
    dw_rng *found = stream(sim, object, purpose);
    return found ? found : &sim->no_stream;
}

dw_rng *dw_sim_random(dw_sim *sim, const char *name)
{
    return stream(sim, "program", name);
}
