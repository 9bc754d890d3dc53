/* The packets of a script: those that it sends to the host, and those that it expects from it. */
#include "drill_run.h"

#include <stdlib.h>
#include <string.h>

/* Flows. */

static void new_flow(dw_drill_run *run)
{
    run->tested.flow = (dw_drill_flow){.local = run->options.local,
                                       .remote = run->options.remote,
                                       .local_port = run->options.bind_port,
                                       .remote_port = run->tested.next_port++};
    run->tested.has_flow = true;
    run->tested.stage = DW_DRILL_OPEN;
}

/* Whether a packet of the host is the tested connection's; others (a RST for one before it) are
 * nobody's business. */
static bool of_flow(dw_drill_run *run, const dw_drill_seen *s)
{
    dw_drill_flow *f = &run->tested.flow;
    if (!run->tested.has_flow) return false;
    if (s->transport != 6 && s->transport != 17) return true;
    if (!dw_addr_equal(&s->dst, &f->remote) || s->dport != f->remote_port) return false;
    if (run->tested.stage == DW_DRILL_CONNECTS && s->flags & DW_DRILL_SYN && !f->local_port) {
        f->local = s->src;
        f->local_port = s->sport;
        run->tested.stage = DW_DRILL_OPEN;
    }
    return s->sport == f->local_port && dw_addr_equal(&s->src, &f->local);
}

/* The next packet of the connection, or NULL when none comes by then. */
static dw_drill_seen *next_packet(dw_drill_run *run, dw_time until)
{
    while (dw_drill_going(&run->outcome)) {
        while (run->came.first) {
            dw_drill_seen *s = dw_queue_take(&run->came);
            if (of_flow(run, s)) return s;
            dw_drill_seen_free(s);
        }
        if (dw_drill_now(run) >= until && !run->pending.event) {
            run->waiting = true;
            dw_drill_settle(run);
            run->waiting = false;
            if (!run->came.first) return NULL;
            continue;
        }
        run->waiting = true;
        dw_drill_run_until(run, until);
        run->waiting = false;
        if (!run->came.first && dw_drill_now(run) >= until) return NULL;
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
    return more->at - s->at <= (run->world->max_late ? run->options.tolerance : 0);
}

/* A sender may have cut what the script has as one segment into several of equal size and a rest;
 * together they are compared as one. */
static bool merge(dw_drill_run *run, const dw_drill_packet *k, dw_drill_seen *s, dw_time until)
{
    uint32_t piece = s->payload_len;
    while (dw_drill_going(&run->outcome) && piece > 0 && s->payload_len < k->payload) {
        dw_drill_seen *more = next_packet(run, until);
        if (!more) return dw_drill_going(&run->outcome);
        bool last = s->payload_len + more->payload_len >= k->payload;
        if (!goes_on(run, s, more) || (!last && more->payload_len != piece)) {
            dw_queue_put_back(&run->came, more);
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
    if (!dw_drill_going(&run->outcome)) return false;
    dw_drill_seen *late = e->time_kind == DW_DRILL_ANY
                              ? NULL
                              : next_packet(run, dw_drill_now(run) + run->world->patience);
    if (!dw_drill_going(&run->outcome)) return false;
    if (!late) return dw_drill_stop(&run->outcome, DW_DRILL_FAILED, "no packet came");
    dw_time_format(late->at, 6, at, sizeof at);
    dw_drill_stop(&run->outcome, DW_DRILL_FAILED,
                  "no packet came in time; the next one, at %s s, is %s", at,
                  dw_drill_seen_text(late, &run->tested.flow, came, sizeof came));
    run->outcome.culprit = late;
    return false;
}

static void outbound(dw_drill_run *run, const dw_drill_event *e, dw_time from, dw_time to)
{
    bool any = e->time_kind == DW_DRILL_ANY;
    const dw_drill_packet *k = e->u.packet;
    dw_time until =
        any ? dw_drill_now(run) + run->world->any_time : to + dw_drill_tolerance(run, from);
    if (run->config->ignore & DW_IGNORE_TIME) until += run->world->patience;
    dw_drill_seen *s = next_packet(run, until < dw_drill_now(run) ? dw_drill_now(run) : until);
    if (!s) {
        no_packet(run, e);
        return;
    }
    if (!run->options.strict_segments && k->protocol == DW_DRILL_TCP) merge(run, k, s, until);
    char why[500];
    run->outcome.culprit = s;
    if (!dw_drill_going(&run->outcome)) return;
    run->options.strictness.tolerance = dw_drill_tolerance(run, from);
    dw_time cumulative = dw_drill_share(run, from);
    if (cumulative > run->options.strictness.tolerance)
        run->options.strictness.tolerance = cumulative;
    if (!dw_drill_matches(k, s, &run->tested.flow, &run->options.strictness, why, sizeof why)) {
        dw_drill_stop(&run->outcome, DW_DRILL_FAILED, "%s", why);
        return;
    }
    bool whenever = any || run->config->ignore & DW_IGNORE_TIME;
    if (!whenever && !dw_drill_in_time(run, "this packet", from, to, s->at)) return;
    if (run->world->happened) run->world->happened(run, e, s);
    /* Real timers are late, and what follows them too where the script has absolute times. */
    if (run->world->max_late && !whenever && s->at - to > run->clock.late)
        run->clock.late = s->at - to;
    run->outcome.culprit = NULL;
    dw_drill_seen_free(s);
}

void dw_drill_outbound(dw_drill_run *run, const dw_drill_event *e, dw_time from, dw_time to)
{
    outbound(run, e, from, to);
    dw_drill_forgive(&run->outcome, run->options.packets_may_differ);
}

/* A SYN to a listener, or the first packet at all, begins a connection; its sequence number is the
 * wire's ISN. */
void dw_drill_inbound(dw_drill_run *run, const dw_drill_packet *k)
{
    char why[300] = "";
    bool listens = run->tested.stage == DW_DRILL_LISTENS && k->protocol == DW_DRILL_TCP;
    if (listens || !run->tested.has_flow) new_flow(run);
    if (k->protocol == DW_DRILL_TCP && k->flags & DW_DRILL_SYN &&
        !run->tested.flow.remote_isn_known) {
        run->tested.flow.remote_isn_known = true;
        run->tested.flow.remote_isn = k->seq;
    }
    uint8_t *bytes = malloc(DW_DRILL_MAX_BYTES);
    if (!bytes) dw_drill_no_memory(&run->outcome);
    if (!bytes) return;
    bool merged = k->protocol == DW_DRILL_TCP && k->payload > run->options.mss;
    size_t len;
    switch (dw_drill_build(k, &run->tested.flow, bytes, &len, why, sizeof why)) {
    case DW_DRILL_BUILT: run->world->send(run, bytes, len, merged ? run->options.mss : 0); break;
    case DW_DRILL_NOT_BUILT: dw_drill_stop(&run->outcome, DW_DRILL_UNSUPPORTED, "%s", why); break;
    case DW_DRILL_MEANINGLESS: dw_drill_stop(&run->outcome, DW_DRILL_WRONG, "%s", why); break;
    }
    free(bytes);
}

void dw_drill_record_came(dw_drill_run *run)
{
    while (run->config->record && run->came.first) {
        dw_drill_seen *s = dw_queue_take(&run->came);
        if (of_flow(run, s)) dw_drill_record_packet(run, s);
        dw_drill_seen_free(s);
    }
}

void dw_drill_surplus(dw_drill_run *run)
{
    char text[600];
    dw_drill_seen *s = next_packet(run, dw_drill_now(run));
    if (!s) return;
    dw_drill_stop(&run->outcome, DW_DRILL_FAILED, "the script ends, but one more packet came: %s",
                  dw_drill_seen_text(s, &run->tested.flow, text, sizeof text));
    run->outcome.culprit = s;
}
