/* A script's surroundings in a simulation: two nodes and a link without delay.  The host, whose TCP
 * is under test, and the wire, where the script is; virtual time. */
#include "drill_sim.h"

#include "drywire/plugin.h"

#include <stdlib.h>
#include <string.h>

/* Scripts that wait for longer are told so (drill_timing.c). */
#define TIME_ENDS (30 * 24 * DW_HOUR)

/* The numbers on the ladder of packets that the host sent and that have not arrived yet: a ring, as
 * the link keeps their order. */
typedef struct under_way {
    uint64_t *numbers;
    size_t head, count, capacity;
} under_way;

typedef struct simulation {
    dw_sim *sim;
    dw_node *host, *wire;
    under_way under_way;
    dw_drill_counts counts;
    bool counted; /* the script has commands, one of which may be nstat */
} simulation;

static simulation *of(const dw_drill_run *run)
{
    return run->owner;
}

static dw_time now(const dw_drill_run *run)
{
    return dw_sim_now(of(run)->sim);
}

/* Packets under way. */

static bool has_left(under_way *u, uint64_t number)
{
    enum { FIRST = 256 };
    if (u->count == u->capacity) {
        size_t capacity = u->capacity ? 2 * u->capacity : FIRST;
        uint64_t *numbers = malloc(capacity * sizeof *numbers);
        if (!numbers) return false;
        for (size_t i = 0; i < u->count; i++)
            numbers[i] = u->numbers[(u->head + i) % u->capacity];
        free(u->numbers);
        *u = (under_way){numbers, 0, u->count, capacity};
    }
    u->numbers[(u->head + u->count++) % u->capacity] = number;
    return true;
}

/* The number of the packet that arrives; 0: none is known to be under way. */
static uint64_t has_arrived(under_way *u)
{
    if (u->count == 0) return 0;
    uint64_t number = u->numbers[u->head];
    u->head = (u->head + 1) % u->capacity;
    u->count--;
    return number;
}

/* What happens on the host. */

static void packet_came(dw_node *node, const uint8_t *bytes, size_t len, void *arg)
{
    dw_drill_run *run = arg;
    (void)node;
    uint64_t number = has_arrived(&of(run)->under_way);
    if (!dw_queue_add(&run->came, bytes, len, now(run), number)) {
        dw_drill_no_memory(&run->outcome);
        dw_sim_no_memory(of(run)->sim);
    }
    if (run->waiting) dw_sim_stop(of(run)->sim, DW_OK);
}

static void traced(const dw_trace_event *e, void *arg)
{
    dw_drill_run *run = arg;
    simulation *s = of(run);
    if (e->type == DW_TRACE_SENT) run->came.sent++;
    if (e->node != dw_node_index(s->host)) return;
    if (s->counted) dw_drill_count(&s->counts, e);
    if (e->type == DW_TRACE_SENT && !has_left(&s->under_way, run->came.sent))
        dw_sim_no_memory(s->sim);
}

static int after_event(void *arg)
{
    dw_drill_run *run = arg;
    dw_sys_look(run->sys);
    dw_drill_try_pending(run);
    dw_drill_ends(&run->outcome, run->config);
    if (!dw_drill_going(&run->outcome)) dw_sim_stop(of(run)->sim, DW_OK);
    return DW_OK;
}

/* Let time go on; a call's own timeout may be on the way. */
static bool run_until(dw_drill_run *run, dw_time until)
{
    dw_sim *sim = of(run)->sim;
    while (dw_drill_going(&run->outcome)) {
        dw_time stop =
            run->pending.event && run->pending.deadline < until ? run->pending.deadline : until;
        if (stop < now(run)) stop = now(run);
        int status = dw_sim_run(sim, stop);
        if (status == DW_E_LIMIT)
            return dw_drill_stop(&run->outcome, DW_DRILL_WRONG, "%s", dw_sim_message(sim));
        if (status != DW_OK)
            return dw_drill_stop(&run->outcome, DW_DRILL_FAILED, "%s", dw_sim_message(sim));
        if (run->pending.event && now(run) >= run->pending.deadline) dw_drill_try_pending(run);
        if ((run->waiting && run->came.first) || now(run) >= until) break;
    }
    return dw_drill_going(&run->outcome);
}

static enum dw_sys_kind kind_of(const char *profile)
{
    if (strcmp(profile, "linux") == 0) return DW_SYS_LINUX;
    return strcmp(profile, "freebsd") == 0 ? DW_SYS_FREEBSD : DW_SYS_PLAIN;
}

/* Whether anything may ask what the host has counted. */
static bool has_commands(const dw_drill_run *run)
{
    const dw_drill_script *s = run->script;
    if (s->before || s->after || run->options.init_scripts) return true;
    for (const dw_drill_event *e = s->events; e; e = e->next)
        if (e->kind == DW_DRILL_COMMAND) return true;
    return false;
}

/* What the host sends into; 0: as usual. */
static uint32_t mtu_of_host(const dw_drill_run *run, enum dw_sys_kind kind)
{
    bool as_the_suites_are_run = run->options.family == 6 && kind == DW_SYS_LINUX;
    if (run->options.mtu == 0 && as_the_suites_are_run) return 1520; /* MSS 1460 */
    return (uint32_t)run->options.mtu;
}

static bool choose_tcp(const dw_drill_run *run, const char *profile)
{
    dw_node *host = of(run)->host;
    if (run->config->stack) return dw_stack_load(host, run->config->stack, NULL, 0) == DW_OK;
    return dw_node_option(host, "tcp", "profile", profile) == DW_OK;
}

/* The two nodes and what is between them; false with a message of the simulation's. */
static bool connect_nodes(dw_drill_run *run, const char *profile, enum dw_sys_kind kind)
{
    simulation *s = of(run);
    const dw_direction_config out = {.size = sizeof out, .mtu = mtu_of_host(run, kind)};
    /* The script may send what a receiver has put together. */
    const dw_direction_config in = {.size = sizeof in, .mtu = 65535};
    return dw_node_new(s->sim, "host", &s->host) == DW_OK &&
           dw_node_new(s->sim, "wire", &s->wire) == DW_OK &&
           dw_node_set_address(s->host, &run->options.local) == DW_OK &&
           dw_node_set_address(s->wire, &run->options.remote) == DW_OK &&
           dw_link_new(s->host, s->wire, &out, &in, NULL) == DW_OK && choose_tcp(run, profile) &&
           dw_sys_new(s->host, kind, &run->sys) == DW_OK;
}

static simulation *new_simulation(const dw_drill_config *config)
{
    const dw_sim_config sim = {.size = sizeof sim,
                               .seed = 1,
                               .limit = TIME_ENDS,
                               .max_events = 2000000,
                               .trace = config->keep,
                               .detail = config->detail,
                               .checks = DW_CHECKS_OFF};
    simulation *s = calloc(1, sizeof *s);
    if (s && dw_sim_new(&sim, &s->sim) == DW_OK) return s;
    free(s);
    return NULL;
}

static bool make_world(dw_drill_run *run, const char *profile)
{
    enum dw_sys_kind kind = kind_of(profile);
    simulation *s = new_simulation(run->config);
    run->owner = s;
    if (!s) return false;
    if (!connect_nodes(run, profile, kind))
        return dw_drill_stop(&run->outcome, DW_DRILL_WRONG, "%s", dw_sim_message(s->sim));
    s->counted = has_commands(run);
    run->env.host = s->host;
    run->env.sys = run->sys;
    run->env.counts = &s->counts;
    run->env.bind_port = run->options.bind_port;
    run->env.sysctl = dw_drill_set_sysctl;
    dw_node_set_stack(s->wire, packet_came, run);
    uint32_t mask = DW_TRACE_BIT(DW_TRACE_STATE) | DW_TRACE_BIT(DW_TRACE_SENT) |
                    DW_TRACE_BIT(DW_TRACE_DELIVERED) | DW_TRACE_BIT(DW_TRACE_DROPPED) |
                    DW_TRACE_BIT(DW_TRACE_NOTE);
    if (dw_trace_subscribe(s->sim, mask, UINT32_MAX, 0, traced, run) != DW_OK) return false;
    dw_sim_after_event(s->sim, after_event, run);
    return true;
}

/* What the script's first comment says of the host; the profile is set already, unless there is
 * none of that name. */
static bool set_host(dw_drill_run *run, const char *profile)
{
    simulation *s = of(run);
    for (const dw_drill_option *o = run->script->options; o; o = o->next) {
        if (!o->of_host) continue;
        bool set = run->config->profile || run->config->stack || strcmp(o->value, profile) == 0;
        if (strcmp(o->name, "profile") == 0 && set) continue;
        run->outcome.line = o->line;
        if (strcmp(o->name, "same_time") == 0 && strcmp(o->value, "together") == 0)
            run->options.together = true;
        else if (dw_node_option(s->host, "tcp", o->name, o->value) != DW_OK)
            return dw_drill_stop(&run->outcome,
                                 run->config->stack ? DW_DRILL_UNSUPPORTED : DW_DRILL_WRONG, "%s",
                                 dw_sim_message(s->sim));
    }
    return true;
}

static bool open_world(dw_drill_run *run, const char *profile)
{
    return make_world(run, profile) && set_host(run, profile);
}

static void close_world(dw_drill_run *run, dw_drill_result *out)
{
    simulation *s = of(run);
    if (!s) return;
    dw_sim_after_event(s->sim, NULL, NULL);
    dw_sys_free(run->sys);
    free(s->under_way.numbers);
    if (run->config->keep)
        out->sim = s->sim;
    else
        dw_sim_free(s->sim);
    free(s);
}

static bool send_packet(dw_drill_run *run, const uint8_t *bytes, size_t len, uint16_t gso_size)
{
    if (dw_node_send_merged(of(run)->wire, bytes, len, gso_size) == DW_OK) return true;
    return dw_drill_stop(&run->outcome, DW_DRILL_WRONG, "%s", dw_sim_message(of(run)->sim));
}

static bool out_of_memory(const dw_drill_run *run)
{
    return dw_sim_out_of_memory(of(run)->sim);
}

const dw_drill_world dw_drill_simulated = {
    .calls = &dw_sys_simulated,
    .patience = 300 * DW_SECOND,
    .any_time = 300 * DW_SECOND,
    .open = open_world,
    .close = close_world,
    .now = now,
    .run_until = run_until,
    .send = send_packet,
    .out_of_memory = out_of_memory,
};
