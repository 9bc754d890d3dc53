/* One script, wherever it runs (dw_drill_world).
 *
 * Its events run one after the other, as packetdrill has them: an inbound packet, a call, a command
 * or code at its time; an outbound packet when the next one comes, which must be at its time.  A
 * call that blocks goes on beside them. */
#include "drill_run.h"

#include "drywire/plugin.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_REMOTE_PORT = 40000 };

#define TIME_ENDS (30 * 24 * DW_HOUR)

bool dw_drill_stop(dw_drill_run *run, enum dw_drill_verdict verdict, const char *format, ...)
{
    if (run->verdict != DW_DRILL_PASSED) return false;
    run->verdict = verdict;
    va_list args;
    va_start(args, format);
    vsnprintf(run->why, sizeof run->why, format, args);
    va_end(args);
    return false;
}

bool dw_drill_no_memory(dw_drill_run *run)
{
    return dw_drill_stop(run, DW_DRILL_NO_MEMORY, "out of memory");
}

static bool going(const dw_drill_run *run)
{
    return run->verdict == DW_DRILL_PASSED;
}

/* --non_fatal: the difference does not count. */
static void forgive(dw_drill_run *run, bool may_differ)
{
    if (!may_differ || run->verdict != DW_DRILL_FAILED) return;
    run->verdict = DW_DRILL_PASSED;
    run->why[0] = 0;
    dw_drill_seen_free(run->culprit);
    run->culprit = NULL;
}

/* Time. */

static dw_time now(const dw_drill_run *run)
{
    return run->world->now(run);
}

static const char *seconds(dw_time t, char buf[DW_TIME_TEXT])
{
    return dw_time_format(t, 6, buf, DW_TIME_TEXT);
}

static dw_time share_of(const dw_drill_run *run, dw_time t)
{
    return t / 1000 * run->tolerance_permille;
}

static dw_time tolerance(const dw_drill_run *run, dw_time expected)
{
    dw_time share = share_of(run, expected - run->last_event);
    return (share > run->tolerance ? share : run->tolerance) + run->late;
}

static bool timing(dw_drill_run *run, const char *what, dw_time from, dw_time to, dw_time came)
{
    char a[DW_TIME_TEXT], b[DW_TIME_TEXT], c[DW_TIME_TEXT], d[DW_TIME_TEXT];
    dw_time allowed = tolerance(run, from);
    if (came >= from - allowed && came <= to + allowed) return true;
    if (from == to)
        return dw_drill_stop(
            run, DW_DRILL_FAILED,
            "timing: expected %s at %s s, but it happened at %s s (tolerance %s s)", what,
            seconds(from, a), seconds(came, b), seconds(allowed, c));
    return dw_drill_stop(run, DW_DRILL_FAILED,
                         "timing: expected %s from %s to %s s, but it happened at %s s (tolerance "
                         "%s s)",
                         what, seconds(from, a), seconds(to, b), seconds(came, c),
                         seconds(allowed, d));
}

void dw_drill_try_pending(dw_drill_run *run)
{
    dw_drill_pending *p = &run->pending;
    if (!p->event || !going(run)) return;
    int line = run->line;
    run->line = p->event->line;
    const dw_drill_call *call = p->event->u.call;
    if (dw_drill_do_call(run, call, p)) {
        dw_time end = p->event->time_kind == DW_DRILL_AFTER ? p->started - p->event->at + call->end
                                                            : call->end;
        p->event = NULL;
        forgive(run, run->calls_may_differ);
        if (going(run) && call->blocking) timing(run, "the end of the call", end, end, now(run));
    }
    if (going(run)) run->line = line;
}

/* Let time go on. */
static bool run_until(dw_drill_run *run, dw_time until)
{
    if (until > TIME_ENDS)
        return dw_drill_stop(run, DW_DRILL_WRONG, "this waits for ever: time ends after 30 days");
    return run->world->run_until(run, until);
}

/* What the host does in answer to a call or a packet, at this instant. */
static bool settle(dw_drill_run *run)
{
    return run_until(run, now(run));
}

/* Flows. */

static void new_flow(dw_drill_run *run)
{
    run->flow = (dw_drill_flow){.local = run->local,
                                .remote = run->remote,
                                .local_port = run->bind_port,
                                .remote_port = run->next_port++};
    run->has_flow = true;
    run->stage = DW_DRILL_OPEN;
}

/* Whether a packet of the host is the tested connection's; others (a RST for one before it) are
 * nobody's business. */
static bool of_flow(dw_drill_run *run, const dw_drill_seen *s)
{
    dw_drill_flow *f = &run->flow;
    if (!run->has_flow) return false;
    if (s->transport != 6 && s->transport != 17) return true;
    if (!dw_addr_equal(&s->dst, &f->remote) || s->dport != f->remote_port) return false;
    if (run->stage == DW_DRILL_CONNECTS && s->flags & DW_DRILL_SYN && !f->local_port) {
        f->local = s->src;
        f->local_port = s->sport;
        run->stage = DW_DRILL_OPEN;
    }
    return s->sport == f->local_port && dw_addr_equal(&s->src, &f->local);
}

/* Packets. */

bool dw_drill_came(dw_drill_run *run, const uint8_t *bytes, size_t len, uint64_t number)
{
    dw_drill_seen *s = dw_drill_see(bytes, len, now(run), number);
    if (!s) return dw_drill_no_memory(run);
    if (run->last)
        run->last->next = s;
    else
        run->first = s;
    run->last = s;
    return true;
}

dw_drill_seen *dw_drill_take_first(dw_drill_run *run)
{
    dw_drill_seen *s = run->first;
    run->first = s->next;
    if (!run->first) run->last = NULL;
    s->next = NULL;
    return s;
}

/* It was not meant for this. */
static void put_back(dw_drill_run *run, dw_drill_seen *s)
{
    s->next = run->first;
    run->first = s;
    if (!run->last) run->last = s;
}

/* The next packet of the connection, or NULL when none comes by then. */
static dw_drill_seen *next_packet(dw_drill_run *run, dw_time until)
{
    while (going(run)) {
        while (run->first) {
            dw_drill_seen *s = dw_drill_take_first(run);
            if (of_flow(run, s)) return s;
            dw_drill_seen_free(s);
        }
        if (now(run) >= until && !run->pending.event) {
            run->waiting = true;
            settle(run);
            run->waiting = false;
            if (!run->first) return NULL;
            continue;
        }
        run->waiting = true;
        run_until(run, until);
        run->waiting = false;
        if (!run->first && now(run) >= until) return NULL;
    }
    return NULL;
}

/* Whether one segment goes on where another ends, as when a device has cut a large one: with the
 * same acknowledgment, window and options, at the same time.  A FIN is in the last only, and CWR in
 * the first. */
static bool goes_on(const dw_drill_run *run, const dw_drill_seen *s, const dw_drill_seen *more)
{
    enum { CWR = 0x80 };
    uint16_t differ = (uint16_t)(s->flags ^ more->flags);
    if (differ & ~(DW_DRILL_PSH | DW_DRILL_FIN | CWR)) return false;
    if (s->flags & DW_DRILL_FIN || (more->flags & CWR && !(s->flags & CWR))) return false;
    if (more->seq != s->seq + s->payload_len || more->payload_len == 0) return false;
    if (s->ack != more->ack || s->window != more->window || s->urgent != more->urgent) return false;
    if (s->tos != more->tos || s->options_len != more->options_len) return false;
    if (memcmp(s->options, more->options, s->options_len) != 0) return false;
    return more->at - s->at <= (run->world->most_late ? run->tolerance : 0);
}

/* A sender may have cut what the script has as one segment into several of equal size and a rest;
 * together they are compared as one. */
static bool merge(dw_drill_run *run, const dw_drill_packet *k, dw_drill_seen *s, dw_time until)
{
    uint32_t piece = s->payload_len;
    while (going(run) && piece > 0 && s->payload_len < k->payload) {
        dw_drill_seen *more = next_packet(run, until);
        if (!more) return going(run);
        bool last = s->payload_len + more->payload_len >= k->payload;
        if (!goes_on(run, s, more) || (!last && more->payload_len != piece)) {
            put_back(run, more);
            return true; /* the comparison finds that it is too short */
        }
        s->payload_len += more->payload_len;
        s->payload = NULL;
        s->at = more->at;
        s->flags = (uint16_t)(more->flags | (s->flags & 0x80));
        dw_drill_seen_free(more);
    }
    return true;
}

static bool no_packet(dw_drill_run *run, const dw_drill_event *e)
{
    char came[600], at[DW_TIME_TEXT];
    if (!going(run)) return false;
    dw_drill_seen *late =
        e->time_kind == DW_DRILL_ANY ? NULL : next_packet(run, now(run) + run->world->patience);
    if (!going(run)) return false;
    if (!late) return dw_drill_stop(run, DW_DRILL_FAILED, "no packet came");
    seconds(late->at, at);
    dw_drill_stop(run, DW_DRILL_FAILED, "no packet came in time; the next one, at %s s, is %s", at,
                  dw_drill_seen_text(late, &run->flow, came, sizeof came));
    run->culprit = late;
    return false;
}

static void outbound(dw_drill_run *run, const dw_drill_event *e, dw_time from, dw_time to)
{
    bool any = e->time_kind == DW_DRILL_ANY;
    const dw_drill_packet *k = e->u.packet;
    dw_time until = any ? now(run) + run->world->any_time : to + tolerance(run, from);
    if (run->config->ignore & DW_IGNORE_TIME) until += run->world->patience;
    dw_drill_seen *s = next_packet(run, until < now(run) ? now(run) : until);
    if (!s) {
        no_packet(run, e);
        return;
    }
    if (!run->strict_segments && k->protocol == DW_DRILL_TCP) merge(run, k, s, until);
    char why[500];
    run->culprit = s;
    if (!going(run)) return;
    run->strictness.tolerance = tolerance(run, from);
    dw_time cumulative = share_of(run, from);
    if (cumulative > run->strictness.tolerance) run->strictness.tolerance = cumulative;
    if (!dw_drill_matches(k, s, &run->flow, &run->strictness, why, sizeof why)) {
        dw_drill_stop(run, DW_DRILL_FAILED, "%s", why);
        return;
    }
    bool whenever = any || run->config->ignore & DW_IGNORE_TIME;
    if (!whenever && !timing(run, "this packet", from, to, s->at)) return;
    if (run->world->happened) run->world->happened(run, e, s);
    /* Real timers are late, and what follows them too where the script has absolute times. */
    if (run->world->most_late && !whenever && s->at - to > run->late) run->late = s->at - to;
    run->culprit = NULL;
    dw_drill_seen_free(s);
}

static void expect(dw_drill_run *run, const dw_drill_event *e, dw_time from, dw_time to)
{
    outbound(run, e, from, to);
    forgive(run, run->packets_may_differ);
}

static void inbound(dw_drill_run *run, const dw_drill_packet *k)
{
    char why[300] = "";
    bool listens = run->stage == DW_DRILL_LISTENS && k->protocol == DW_DRILL_TCP;
    if (listens || !run->has_flow) new_flow(run);
    if (k->protocol == DW_DRILL_TCP && k->flags & DW_DRILL_SYN && !run->flow.remote_isn_known) {
        run->flow.remote_isn_known = true;
        run->flow.remote_isn = k->seq;
    }
    uint8_t *bytes = malloc(DW_DRILL_MOST_BYTES);
    if (!bytes) dw_drill_no_memory(run);
    if (!bytes) return;
    bool merged = k->protocol == DW_DRILL_TCP && k->payload > run->mss;
    size_t len = dw_drill_build(k, &run->flow, bytes, why, sizeof why);
    bool unsupported = strncmp(why, "not supp", 8) == 0;
    if (len == 0)
        dw_drill_stop(run, unsupported ? DW_DRILL_UNSUPPORTED : DW_DRILL_WRONG, "%s", why);
    else
        run->world->send(run, bytes, len, merged ? run->mss : 0);
    free(bytes);
}

/* Calls. */

/* When the script has the call that waits return. */
static dw_time pending_end(const dw_drill_run *run)
{
    const dw_drill_event *e = run->pending.event;
    return e->u.call->end + (e->time_kind == DW_DRILL_AFTER ? run->pending.started - e->at : 0);
}

static void finish_pending(dw_drill_run *run)
{
    const dw_drill_event *e = run->pending.event;
    if (!e) return;
    dw_time end = pending_end(run);
    run->finishing = true;
    run_until(run, end + tolerance(run, end) > now(run) ? end + tolerance(run, end) : now(run));
    run->finishing = false;
    if (!run->pending.event || !going(run)) return;
    run->line = run->pending.event->line;
    char state[40];
    dw_drill_stop(run, DW_DRILL_FAILED, "the call %s does not return%s", e->u.call->name,
                  dw_drill_call_state(run, e->u.call, state));
}

static void do_call(dw_drill_run *run, const dw_drill_event *e)
{
    finish_pending(run);
    if (!going(run)) return;
    dw_drill_pending p = {.event = e, .started = now(run), .deadline = DW_TIME_NEVER};
    const dw_drill_call *call = e->u.call;
    run->pending = p;
    if (!call->blocking) {
        run->pending.event = NULL;
        bool done = dw_drill_do_call(run, call, &run->pending);
        forgive(run, run->calls_may_differ);
        if (done) return;
        char state[40];
        dw_drill_stop(run, DW_DRILL_FAILED,
                      "the call %s would block%s; give it the time of its end (+0...0.1 %s)",
                      call->name, dw_drill_call_state(run, call, state), call->name);
        return;
    }
    dw_drill_try_pending(run);
    if (run->pending.event) run->pending.started = p.started;
}

/* Events. */

/* When an event is to happen.  "+" counts from now, but between two inbound packets from when the
 * first was to be sent. */
static void event_times(const dw_drill_run *run, const dw_drill_event *e, dw_time *from,
                        dw_time *to)
{
    bool in = e->kind == DW_DRILL_PACKET && !e->u.packet->outbound;
    dw_time base = run->last_inbound && in ? run->inbound_at : now(run);
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
    case DW_DRILL_ANY: *from = *to = now(run); return;
    }
}

/* Packets, or calls, of one instant of which the host sees the last before it answers the first:
 * so it is in exported scripts, and only there. */
static bool goes_with_next(const dw_drill_run *run, const dw_drill_event *e)
{
    const dw_drill_event *n = e->next;
    return run->together && !run->config->record && n && n->kind == e->kind &&
           n->time_kind == e->time_kind && n->time_kind == DW_DRILL_AT && n->at == e->at &&
           !(n->kind == DW_DRILL_PACKET && n->u.packet->outbound);
}

/* Write down the packets that came. */
static void record_packets(dw_drill_run *run)
{
    while (run->config->record && run->first) {
        dw_drill_seen *s = dw_drill_take_first(run);
        if (of_flow(run, s)) dw_drill_record_packet(run, s);
        dw_drill_seen_free(s);
    }
}

/* Whether an event happens at its time.  In real time it may be late, and so may be what the host
 * does after it. */
static bool in_time(dw_drill_run *run, dw_time at)
{
    dw_time late = now(run) - at;
    if (run->world->most_late == 0) return timing(run, "this event", at, at, now(run));
    if (late > run->late) run->late = late;
    if (late <= run->world->most_late || run->config->ignore & DW_IGNORE_TIME) return true;
    return dw_drill_stop(run, DW_DRILL_FAILED,
                         "timing: this machine is too busy: the event is %d ms late",
                         (int)(late / DW_MILLISECOND));
}

static void do_event(dw_drill_run *run, const dw_drill_event *e)
{
    dw_time from, to;
    run->line = e->line;
    event_times(run, e, &from, &to);
    bool out = e->kind == DW_DRILL_PACKET && e->u.packet->outbound;
    if (!out) {
        if (from > now(run) && !run_until(run, from)) return;
        run->line = e->line;
        record_packets(run);
        if (!in_time(run, from)) return;
        if (run->config->record) dw_drill_record_event(run, e, now(run));
    }
    /* A real call returns a moment after what it waited for. */
    bool asks = e->kind == DW_DRILL_CODE && run->world->most_late && run->pending.event;
    if (asks && pending_end(run) <= from) finish_pending(run);
    if (!going(run)) return;
    switch ((enum dw_drill_event_kind)e->kind) {
    case DW_DRILL_PACKET:
        if (out && run->config->record)
            run_until(run, to > now(run) ? to : now(run));
        else if (out)
            expect(run, e, from, to);
        else
            inbound(run, e->u.packet);
        break;
    case DW_DRILL_CALL: do_call(run, e); break;
    case DW_DRILL_COMMAND: dw_drill_do_command(run, e->u.command); break;
    case DW_DRILL_CODE: dw_drill_evaluate(run, e->u.code); break;
    }
    if (!going(run)) return;
    if (!out && run->world->happened) run->world->happened(run, e, NULL);
    run->last_event = from;
    run->last_inbound = e->kind == DW_DRILL_PACKET && !out;
    if (run->last_inbound) run->inbound_at = from;
    if (!out && !goes_with_next(run, e)) settle(run);
    record_packets(run);
}

static void surplus(dw_drill_run *run)
{
    char text[600];
    dw_drill_seen *s = next_packet(run, now(run));
    if (!s) return;
    dw_drill_stop(run, DW_DRILL_FAILED, "the script ends, but one more packet came: %s",
                  dw_drill_seen_text(s, &run->flow, text, sizeof text));
    run->culprit = s;
}

static void run_events(dw_drill_run *run, uint64_t *events)
{
    const dw_drill_script *s = run->script;
    if (run->config->record) dw_drill_record_head(run);
    if (run->init_scripts) dw_drill_do_files(run, run->init_scripts);
    if (s->before && going(run)) {
        run->line = s->before_line;
        dw_drill_do_command(run, s->before);
    }
    for (const dw_drill_event *e = s->events; e && going(run) && !dw_drill_ends(run); e = e->next) {
        do_event(run, e);
        ++*events;
    }
    if (going(run)) finish_pending(run);
    if (going(run) && run->config->strict) surplus(run);
    if (s->after && going(run)) {
        run->line = s->after_line;
        dw_drill_do_command(run, s->after);
    }
}

bool dw_drill_ends(dw_drill_run *run)
{
    if (!going(run) || !run->config->ended || run->config->ended() == 0) return run->ended;
    run->ended = true;
    dw_drill_stop(run, DW_DRILL_FAILED, "ended by a signal");
    return true;
}

static void tell(dw_drill_run *run, dw_drill_result *out)
{
    out->ended = run->ended;
    if (!run->sim && !run->live && going(run)) dw_drill_no_memory(run);
    if (run->sim &&
        dw_sim_out_of_memory(run->sim)) { /* whatever else there was may follow from it */
        run->verdict = DW_DRILL_PASSED;
        dw_drill_no_memory(run);
    }
    out->verdict = run->verdict;
    out->line = going(run) ? 0 : run->line;
    out->at = run->sim || run->live ? now(run) : 0;
    out->packets = run->sent;
    snprintf(out->why, sizeof out->why, "%s", run->why);
    for (const dw_drill_event *e = run->script->events; e && !going(run); e = e->next)
        if (e->line == run->line) snprintf(out->event, sizeof out->event, "%s", e->text);
    if (!run->culprit) return;
    out->packet = run->culprit->number;
    dw_drill_seen_text(run->culprit, &run->flow, out->came, sizeof out->came);
}

static void free_run(dw_drill_run *run)
{
    while (run->first)
        dw_drill_seen_free(dw_drill_take_first(run));
    dw_drill_seen_free(run->culprit);
    dw_arena_free(&run->arena);
    free(run);
}

static void no_memory(dw_drill_result *out)
{
    out->verdict = DW_DRILL_NO_MEMORY;
    snprintf(out->why, sizeof out->why, "out of memory");
}

void dw_drill_defaults(dw_drill_run *run, const dw_drill_script *script,
                       const dw_drill_config *config)
{
    run->script = script;
    run->config = config;
    run->world = config->live ? &dw_drill_live_world : &dw_drill_simulated;
    run->bind_port = run->connect_port = 8080;
    run->next_port = FIRST_REMOTE_PORT;
    run->tolerance = 4 * DW_MILLISECOND;
    run->tolerance_permille = 125;
    run->current_fd = -1;
    run->strictness.ignore = config->ignore;
}

static void run_script(const dw_drill_script *script, const dw_drill_config *config,
                       const char *profile, dw_drill_result *out)
{
    dw_drill_run *run = calloc(1, sizeof *run);
    if (!run) {
        no_memory(out);
        return;
    }
    dw_drill_defaults(run, script, config);
    int64_t mtu;
    if (dw_drill_do_options(run, &mtu) && run->world->open(run, profile, mtu) && !run->dry)
        run_events(run, &out->events);
    tell(run, out);
    run->world->close(run, out);
    free_run(run);
}

void dw_drill_text(const char *path, const char *text, size_t len, const dw_drill_config *config,
                   dw_drill_result *out)
{
    dw_drill_names names;
    dw_drill_script script;
    *out = (dw_drill_result){0};
    out->profile = config->profile ? config->profile : dw_drill_guess_profile(text, len);
    if (config->live && strcmp(out->profile, "freebsd") == 0) {
        out->verdict = DW_DRILL_WRONG;
        snprintf(out->why, sizeof out->why, "%s is for FreeBSD, and this kernel is Linux", path);
        return;
    }
    if (config->live) out->profile = "linux";
    if (!dw_drill_predefine(out->profile, path, text, len, config, &names)) {
        no_memory(out);
        return;
    }
    int status = dw_drill_parse(path, text, len, names.list, &script, out->why, sizeof out->why);
    if (status == DW_E_NOMEM)
        no_memory(out);
    else if (status != DW_OK)
        out->verdict = DW_DRILL_WRONG;
    else if ((script.text = text) != NULL)
        run_script(&script, config, out->profile, out);
    dw_drill_free(&script);
}

void dw_drill_file(const char *path, const dw_drill_config *config, dw_drill_result *out)
{
    enum { MOST = 4 << 20 };
    FILE *f = fopen(path, "rb");
    char *text = f ? malloc(MOST + 1) : NULL;
    size_t len = text ? fread(text, 1, MOST + 1, f) : 0;
    *out = (dw_drill_result){.verdict = DW_DRILL_WRONG, .profile = ""};
    out->ended = errno == EINTR && (!f || ferror(f)) && config->ended && config->ended() != 0;
    if (f ? !text : errno == ENOMEM)
        no_memory(out);
    else if (!f || ferror(f))
        snprintf(out->why, sizeof out->why, "%s: %s", path, strerror(errno));
    else if (len > MOST)
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
