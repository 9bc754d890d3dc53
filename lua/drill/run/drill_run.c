/* One script, wherever it runs (dw_drill_world).
 *
 * Its events run one after the other, as packetdrill has them: an inbound packet, a call, a command
 * or code at its time; an outbound packet when the next one comes, which must be at its time.  A
 * call that blocks goes on beside them. */
#include "drill_run.h"

#include "drill_sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_REMOTE_PORT = 40000 }; /* of the connections that a script opens to the host */

/* Events. */

/* When an event is to happen.  "+" counts from now, but between two inbound packets from when the
 * first was to be sent. */
static void event_times(const dw_drill_run *run, const dw_drill_event *e, dw_time *from,
                        dw_time *to)
{
    bool in = e->kind == DW_DRILL_PACKET && !e->u.packet->outbound;
    dw_time base = run->clock.last_inbound && in ? run->clock.inbound_at : dw_drill_now(run);
    switch ((enum dw_drill_time_kind)e->time_kind) {
    case DW_DRILL_AT: *from = *to = e->at; return;
    case DW_DRILL_AFTER: *from = *to = base + e->at; return;
    case DW_DRILL_RANGE:
        *from = e->at;
        *to = e->end;
        return;
    case DW_DRILL_RANGE_AFTER:
        *from = base + e->at;
        *to = base + e->end;
        return;
    case DW_DRILL_ANY: *from = *to = dw_drill_now(run); return;
    }
}

/* Packets, or calls, of one instant of which the host sees the last before it answers the first:
 * so it is in exported scripts, and only there. */
static bool goes_with_next(const dw_drill_run *run, const dw_drill_event *e)
{
    const dw_drill_event *n = e->next;
    return run->options.together && !run->config->record && n && n->kind == e->kind &&
           n->time_kind == e->time_kind && n->time_kind == DW_DRILL_AT && n->at == e->at &&
           !(n->kind == DW_DRILL_PACKET && n->u.packet->outbound);
}

/* Whether an event happens at its time.  In real time it may be late, and so may be what the host
 * does after it. */
static bool event_in_time(dw_drill_run *run, dw_time at)
{
    dw_time late = dw_drill_now(run) - at;
    if (run->world->max_late == 0)
        return dw_drill_in_time(run, "this event", at, at, dw_drill_now(run));
    if (late > run->clock.late) run->clock.late = late;
    if (late <= run->world->max_late || run->config->ignore & DW_IGNORE_TIME) return true;
    return dw_drill_stop(&run->outcome, DW_DRILL_FAILED,
                         "timing: this machine is too busy: the event is %d ms late",
                         (int)(late / DW_MILLISECOND));
}

/* What is no outbound packet happens at its time, which is waited for; false: it cannot any more.
 */
static bool come_to(dw_drill_run *run, const dw_drill_event *e, dw_time from)
{
    if (from > dw_drill_now(run) && !dw_drill_run_until(run, from)) return false;
    run->outcome.line = e->line;
    dw_drill_record_came(run);
    if (!event_in_time(run, from)) return false;
    if (run->config->record) dw_drill_record_event(run, e, dw_drill_now(run));
    /* A real call returns a moment after what it waited for. */
    bool asks = e->kind == DW_DRILL_CODE && run->world->max_late && run->pending.event;
    if (asks && dw_drill_pending_end(run) <= from) dw_drill_finish_pending(run);
    return dw_drill_going(&run->outcome);
}

static void do_packet(dw_drill_run *run, const dw_drill_event *e, dw_time from, dw_time to)
{
    dw_time now = dw_drill_now(run);
    if (!e->u.packet->outbound)
        dw_drill_inbound(run, e->u.packet);
    else if (run->config->record)
        dw_drill_run_until(run, to > now ? to : now);
    else
        dw_drill_outbound(run, e, from, to);
}

/* An event, with all that the host does in answer to it at once, unless another one comes at the
 * same time. */
static void do_event(dw_drill_run *run, const dw_drill_event *e)
{
    dw_time from, to;
    bool packet = e->kind == DW_DRILL_PACKET, out = packet && e->u.packet->outbound;
    run->outcome.line = e->line;
    event_times(run, e, &from, &to);
    if (!out && !come_to(run, e, from)) return;
    switch ((enum dw_drill_event_kind)e->kind) {
    case DW_DRILL_PACKET: do_packet(run, e, from, to); break;
    case DW_DRILL_CALL: dw_drill_do_call(run, e); break;
    case DW_DRILL_COMMAND: dw_drill_do_command(&run->env, e->u.command); break;
    case DW_DRILL_CODE: dw_drill_evaluate(run, e->u.code); break;
    }
    if (!dw_drill_going(&run->outcome)) return;
    if (!out && run->world->happened) run->world->happened(run, e, NULL);
    run->clock.last_event = from;
    run->clock.last_inbound = packet && !out;
    if (run->clock.last_inbound) run->clock.inbound_at = from;
    if (!out && !goes_with_next(run, e)) dw_drill_settle(run);
    dw_drill_record_came(run);
}

/* Commands without a time stand before the first event and behind the last; the latter are done
 * only if all went well, as each script has a host of its own. */
static void run_events(dw_drill_run *run, uint64_t *events)
{
    const dw_drill_script *s = run->script;
    if (run->config->record) dw_drill_record_head(run);
    if (run->options.init_scripts) dw_drill_do_files(&run->env, run->options.init_scripts);
    if (s->before && dw_drill_going(&run->outcome)) {
        run->outcome.line = s->before_line;
        dw_drill_do_command(&run->env, s->before);
    }
    for (const dw_drill_event *e = s->events;
         e && dw_drill_going(&run->outcome) && !dw_drill_ends(&run->outcome, run->config);
         e = e->next) {
        do_event(run, e);
        ++*events;
    }
    if (dw_drill_going(&run->outcome)) dw_drill_finish_pending(run);
    if (dw_drill_going(&run->outcome) && run->config->strict) dw_drill_surplus(run);
    if (s->after && dw_drill_going(&run->outcome)) {
        run->outcome.line = s->after_line;
        dw_drill_do_command(&run->env, s->after);
    }
}

static void tell(dw_drill_run *run, dw_drill_result *out)
{
    dw_drill_outcome *o = &run->outcome;
    out->ended = o->ended;
    if (!run->owner) dw_drill_no_memory(o);
    if (run->owner && run->world->out_of_memory && run->world->out_of_memory(run)) {
        /* Whatever else there was may follow from it. */
        o->verdict = DW_DRILL_PASSED;
        dw_drill_no_memory(o);
    }
    out->verdict = o->verdict;
    out->line = dw_drill_going(o) ? 0 : o->line;
    out->at = run->owner ? dw_drill_now(run) : 0;
    out->packets = run->came.sent;
    snprintf(out->why, sizeof out->why, "%s", o->why);
    for (const dw_drill_event *e = run->script->events; e && !dw_drill_going(o); e = e->next)
        if (e->line == o->line) snprintf(out->event, sizeof out->event, "%s", e->text);
    if (!o->culprit) return;
    out->packet = o->culprit->number;
    dw_drill_seen_text(o->culprit, &run->tested.flow, out->came, sizeof out->came);
}

static void free_run(dw_drill_run *run)
{
    dw_queue_free(&run->came);
    dw_drill_seen_free(run->outcome.culprit);
    dw_command_env_free(&run->env);
    dw_arena_free(&run->arena);
    free(run);
}

static void no_memory(dw_drill_result *out)
{
    out->verdict = DW_DRILL_NO_MEMORY;
    snprintf(out->why, sizeof out->why, "out of memory");
}

static void run_script(const dw_drill_script *script, const dw_drill_config *config,
                       const dw_drill_world *world, dw_drill_result *out)
{
    dw_drill_run *run = calloc(1, sizeof *run);
    if (!run) {
        no_memory(out);
        return;
    }
    run->script = script;
    run->config = config;
    run->world = world;
    run->fds.current = -1;
    run->tested.next_port = FIRST_REMOTE_PORT;
    run->env = (dw_command_env){.outcome = &run->outcome, .script = script->path, .owner = run};
    dw_drill_default_options(&run->options, config);
    if (dw_drill_do_options(&run->options, script, config, &run->outcome) &&
        world->open(run, out->profile) && !run->options.dry)
        run_events(run, &out->events);
    tell(run, out);
    world->close(run, out);
    free_run(run);
}

/* The profile that the host's TCP is to have; false: the world has not got it. */
static bool choose_profile(const char *path, const char *text, size_t len,
                           const dw_drill_config *config, const dw_drill_world *world,
                           dw_drill_result *out)
{
    out->profile = config->profile ? config->profile : dw_drill_guess_profile(text, len);
    if (!world->profile) return true;
    if (strcmp(out->profile, "freebsd") == 0) {
        out->verdict = DW_DRILL_WRONG;
        snprintf(out->why, sizeof out->why, "%s is for FreeBSD, and this kernel is Linux", path);
        return false;
    }
    out->profile = world->profile;
    return true;
}

void dw_drill_text(const char *path, const char *text, size_t len, const dw_drill_config *config,
                   dw_drill_result *out)
{
    const dw_drill_world *world = config->world ? config->world : &dw_drill_simulated;
    dw_drill_names names;
    dw_drill_script script;
    *out = (dw_drill_result){0};
    if (!choose_profile(path, text, len, config, world, out)) return;
    if (!dw_drill_predefine(out->profile, path, text, len, config, &names)) {
        no_memory(out);
        return;
    }
    int status = dw_drill_parse(path, text, len, names.list, &script, out->why, sizeof out->why);
    if (status == DW_E_NOMEM)
        no_memory(out);
    else if (status != DW_OK)
        out->verdict = status == DW_E_NOENT ? DW_DRILL_UNSUPPORTED : DW_DRILL_WRONG;
    else if ((script.text = text) != NULL)
        run_script(&script, config, world, out);
    dw_drill_free(&script);
}

/* A file of another kind (a directory) opens, and is no file when it is read. */
void dw_drill_file(const char *path, const dw_drill_config *config, dw_drill_result *out)
{
    enum { MAX_SIZE = 4 << 20 };
    FILE *f = fopen(path, "rb");
    char *text = f ? malloc(MAX_SIZE + 1) : NULL;
    size_t len = text ? fread(text, 1, MAX_SIZE + 1, f) : 0;
    *out = (dw_drill_result){.verdict = DW_DRILL_WRONG, .profile = ""};
    out->ended = errno == EINTR && (!f || ferror(f)) && config->ended && config->ended() != 0;
    bool lacks_memory = f ? !text : errno == ENOMEM;
    if (lacks_memory)
        no_memory(out);
    else if (!f || ferror(f))
        snprintf(out->why, sizeof out->why, "%s: %s", path, strerror(errno));
    else if (len > MAX_SIZE)
        snprintf(out->why, sizeof out->why, "%s: a script of more than 4 MiB", path);
    else
        dw_drill_text(path, text, len, config, out);
    if (f) fclose(f);
    free(text);
}

void dw_drill_result_free(dw_drill_result *result)
{
    dw_sim_free(result->sim);
    result->sim = NULL;
}
