/* The fingerprint of a simulation: its events in order, links with what is under way, hosts with
 * what their protocols tell, random streams. */
#include "fingerprint.h"

#include "base/config.h"
#include "fault.h"
#include "link.h"
#include "node.h"
#include "rule.h"
#include "status.h"
#include "timer.h"

#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

enum { PLACES = 64, ORDER_BITS = 40 };

static void finish(const dw_mixing *m, uint64_t out[2])
{
    XXH128_hash_t hash = dw_mixing_hash(m);
    out[0] = hash.low64;
    out[1] = hash.high64;
}

/* Events. */

static int compare(const void *a, const void *b)
{
    return dw_fp_before(a, b) ? -1 : dw_fp_before(b, a);
}

/* There are few, most of the time. */
static void sort(dw_fp_place *p, uint32_t count)
{
    if (count > PLACES) {
        qsort(p, count, sizeof *p, compare);
        return;
    }
    for (uint32_t i = 1; i < count; i++) {
        dw_fp_place moving = p[i];
        uint32_t at = i;
        for (; at > 0 && dw_fp_before(&moving, &p[at - 1]); at--)
            p[at] = p[at - 1];
        p[at] = moving;
    }
}

static uint32_t behind_heads(const dw_sim *sim)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sim->link_count; i++)
        for (int k = 0; k < 2; k++)
            count += sim->links[i]->direction[k].tail - sim->links[i]->direction[k].head;
    return count;
}

static void gather_events(dw_mixing *m)
{
    const dw_evq *q = &m->sim->queue;
    for (uint64_t left = q->nonempty; left; left &= left - 1) {
        const dw_evq_bucket *b = &q->bucket[__builtin_ctzll(left)];
        for (uint32_t i = 0; i < b->len; i++) {
            const dw_event *e = b->entries[i].event;
            if (e->fn) m->places[m->count++] = (dw_fp_place){e->at, e->order, e};
        }
    }
}

/* The first one under way has its event, unless the one before it is arriving; the others get
 * theirs one after the other, with the order that they took when they were sent. */
static void gather_transits(dw_mixing *m, const dw_direction *d)
{
    bool has_event = !m->sim->plan || !dw_plan_brings(m->sim->plan, d);
    for (uint32_t i = d->head + has_event; (int32_t)(d->tail - i) > 0; i++) {
        const dw_transit *t = &d->ring[i & (d->capacity - 1)];
        m->places[m->count++] = (dw_fp_place){t->arrival, t->order, NULL};
    }
}

static void gather(dw_mixing *m)
{
    gather_events(m);
    for (uint32_t i = 0; i < m->sim->link_count; i++)
        for (int k = 0; k < 2; k++)
            gather_transits(m, &m->sim->links[i]->direction[k]);
    sort(m->places, m->count);
}

enum kind { TRANSIT, TIMER, PROGRAMS_TIMER, HEAD, LOOSE, REORDER, PROGRAM };

static enum kind kind_of(const dw_fp_place *p)
{
    if (!p->event) return TRANSIT;
    if (p->event->fn == dw_protocol_timer_due) return TIMER;
    if (p->event->fn == dw_timer_due) return PROGRAMS_TIMER;
    if (p->event->fn == dw_direction_head_due) return HEAD;
    if (p->event->fn == dw_loose_due) return LOOSE;
    return p->event->fn == dw_rule_reorder_due ? REORDER : PROGRAM;
}

static uint32_t index_of(const dw_sim *sim, const dw_rule *rule)
{
    uint32_t i = 0;
    while (i < sim->rules.count && sim->rules.items[i] != rule)
        i++;
    return i;
}

/* What stands in the event queue alone.  The rest is told with what it belongs to, which names its
 * place. */
static void mix_place(dw_mixing *m, const dw_fp_place *p)
{
    enum kind kind = kind_of(p);
    dw_fp_time(&m->fp, p->at);
    dw_fp_u64(&m->fp, p->order >> ORDER_BITS << 8 | kind);
    if (kind == PROGRAMS_TIMER) {
        dw_fp_time(&m->fp, ((const dw_timer *)p->event->arg)->expires);
    } else if (kind == LOOSE) {
        const dw_loose *l = p->event->arg;
        dw_mix_direction_name(m, l->direction);
        dw_fp_u64(&m->fp, dw_loose_arrives(l));
        dw_fp_packet(&m->fp, l->packet);
    } else if (kind == REORDER) {
        dw_fp_u64(&m->fp, index_of(m->sim, p->event->arg));
    }
}

static void mix_places(dw_mixing *m)
{
    dw_fp_u64(&m->fp, m->count);
    for (uint32_t i = 0; i < m->count; i++)
        mix_place(m, &m->places[i]);
}

/* Links. */

static void mix_loss_model(dw_mixing *m, const dw_direction *d)
{
    const dw_loss_model *l = &d->loss_model;
    dw_fp_u64(&m->fp, l->kind);
    if (l->kind == DW_LOSS_INDEPENDENT) return;
    dw_fp_u64(&m->fp, (uint64_t)l->every << 32 | d->loss_position);
    dw_fp_text(&m->fp, l->kind == DW_LOSS_PATTERN ? l->pattern : NULL);
    DW_FP_MEMBERS(&m->fp, l, to_bad, bad_loss);
    dw_fp_u64(&m->fp, d->bad);
}

/* The ends of transmissions and arrivals matter as long as they are to come; so `waiting` follows
 * from the beginnings. */
static void mix_direction(dw_mixing *m, const dw_direction *d)
{
    dw_fingerprint *fp = &m->fp;
    const dw_direction_config *c = &d->config;
    DW_FP_MEMBERS(fp, c, delay_ns, jitter_ns);
    dw_fp_u64(fp, (uint64_t)c->down | (uint64_t)c->refuses << 1 | (uint64_t)d->scheduled << 2);
    mix_loss_model(m, d);
    dw_fp_until(fp, d->busy_until);
    dw_fp_until(fp, d->last_arrival);
    dw_fp_u64(fp, d->remainder);
    dw_fp_u64(fp, d->tail - d->head);
    for (uint32_t i = d->head; i != d->tail; i++) {
        const dw_transit *t = &d->ring[i & (d->capacity - 1)];
        dw_fp_until(fp, t->start);
        dw_fp_u64(fp, dw_mixing_rank(m, t->arrival, t->order));
        dw_fp_packet(fp, t->packet);
    }
}

static void mix_links(dw_mixing *m)
{
    dw_fp_u64(&m->fp, m->sim->link_count);
    for (uint32_t i = 0; i < m->sim->link_count; i++) {
        const dw_link *link = m->sim->links[i];
        dw_fp_u64(&m->fp, (uint64_t)link->end[0].node->index << 32 | link->end[1].node->index);
        mix_direction(m, &link->direction[0]);
        mix_direction(m, &link->direction[1]);
    }
}

/* First, so that all else knows what rules ask for. */
static void mix_all_rules(dw_mixing *m)
{
    dw_fp_u64(&m->fp, m->sim->rules.count);
    if (m->sim->rules.count == 0) return;
    for (uint32_t i = 0; i < m->sim->link_count; i++)
        dw_mix_rules(m, &m->sim->links[i]->direction[0].rules);
    for (uint32_t i = 0; i < m->sim->node_count; i++)
        dw_mix_rules(m, &m->sim->nodes[i]->rules);
}

/* Hosts. */

static void unknown(dw_mixing *m, const dw_node *node, const char *kind, const char *name)
{
    char what[160];
    snprintf(what, sizeof what, "%s \"%.40s\" of host \"%.60s\"", kind, name, node->name);
    dw_fp_unknown(&m->fp, what);
}

static void mix_protocol(dw_mixing *m, const dw_node *node, const dw_attached *a)
{
    dw_fp_text(&m->fp, a->plugin->name);
    if (DW_OFFERS(dw_protocol_ops, a->ops, fingerprint))
        a->ops->fingerprint(a->instance, &m->fp);
    else
        unknown(m, node, "protocol", a->plugin->name);
}

static void mix_node(dw_mixing *m, const dw_node *node)
{
    DW_FP_MEMBERS(&m->fp, node, addr, addr);
    dw_fp_u64(&m->fp, node->more_count);
    dw_fp_bytes(&m->fp, node->more_addrs, node->more_count * sizeof(dw_addr));
    dw_fp_u64(&m->fp, (uint64_t)node->attached_count << 1 | (node->on_state != NULL));
    if (node->foreign) dw_fp_unknown(&m->fp, "a foreign stack");
    for (uint32_t i = 0; i < node->attached_count; i++)
        mix_protocol(m, node, &node->attached[i]);
}

/* The simulation itself. */

static void mix_streams(dw_mixing *m)
{
    for (const dw_stream *s = m->sim->streams; s; s = s->next) {
        dw_fp_text(&m->fp, s->name);
        dw_fp_bytes(&m->fp, s->rng.s, sizeof s->rng.s);
    }
    dw_fp_text(&m->fp, NULL);
}

/* Whose sockets they are is told by their numbers, as absolute as they are: seldom are there any.
 */
static void mix_ready(dw_mixing *m)
{
    for (const dw_socket *s = m->sim->ready_first; s; s = s->ready_next)
        dw_fp_u64(&m->fp, (uint64_t)(s->node->index + 1) << 32 | s->conn);
    dw_fp_u64(&m->fp, 0);
}

/* What is left of the limits that somebody chose, or may come to. */
static void mix_limits(dw_mixing *m, bool limited)
{
    const dw_sim_config *c = &m->sim->config;
    if (limited || c->limit != DW_HOUR) dw_fp_until(&m->fp, c->limit);
    if (c->max_events) dw_fp_u64(&m->fp, c->max_events - m->sim->events);
}

static void mix_all(dw_mixing *m, const dw_fingerprint_options *o)
{
    dw_sim *sim = m->sim;
    dw_fp_u64(&m->fp, sim->config.seed);
    dw_fp_u64(&m->fp, (uint64_t)sim->node_count << 32 | sim->config.checks);
    mix_all_rules(m);
    mix_places(m);
    mix_links(m);
    if (sim->plan) dw_plan_fingerprint(sim->plan, &m->fp);
    for (uint32_t i = 0; i < sim->node_count; i++)
        mix_node(m, sim->nodes[i]);
    mix_streams(m);
    mix_ready(m);
    dw_fp_conn(&m->fp, sim->conn_count);
    if (o->program) o->program(&m->fp, o->arg);
    dw_fp_u64(&m->fp, m->fp.opening && m->fp.by_clock ? (uint64_t)sim->now : UINT64_MAX);
    mix_limits(m, o->limited);
}

static int whether_now(dw_sim *sim)
{
    int over = dw_sim_over(sim);
    if (over != DW_OK) return over;
    if (sim->inside == 0 && sim->deferred_count == 0 && sim->settle_count == 0) return DW_OK;
    return dw_sim_fail(sim, DW_E_BUSY,
                       "the state of a simulation can be told between two events only");
}

static void begin(dw_mixing *m, dw_sim *sim, const dw_fingerprint_options *o, dw_fp_place *places)
{
    m->fp = (dw_fingerprint){.at = m->room,
                             .end = m->room + sizeof m->room,
                             .now = sim->now,
                             .core = &dw_mixing_core,
                             .opening = !o->opens_no_more};
    m->sim = sim;
    m->places = places;
    m->count = 0;
    m->asks_packet = m->asks_program = false;
    m->hops = sim->link_count > 1;
    m->status = DW_OK;
}

/* Memory is asked for only where more waits than usual. */
int dw_sim_fingerprint(dw_sim *sim, const dw_fingerprint_options *options, uint64_t out[2])
{
    dw_fingerprint_options o;
    dw_fp_place few[PLACES];
    dw_mixing m;
    int status = whether_now(sim);
    if (status != DW_OK) return status;
    if (DW_CONFIG_READ(&o, options) != DW_OK)
        return dw_sim_fail(sim, DW_E_INVAL, "the options of a fingerprint are of a later version");
    size_t most = sim->queue.live + behind_heads(sim);
    dw_fp_place *many = most > PLACES ? malloc(most * sizeof *many) : NULL;
    if (most > PLACES && !many) return dw_sim_no_memory(sim);
    begin(&m, sim, &o, many ? many : few);
    gather(&m);
    mix_all(&m, &o);
    free(many);
    if (m.status != DW_OK) return dw_sim_fail(sim, m.status, "%s cannot tell its state", m.what);
    if (sim->out_of_memory) return DW_E_NOMEM; /* a protocol ran out of it */
    finish(&m, out);
    return DW_OK;
}
