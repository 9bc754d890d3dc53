/* Planned faults strike. */
#include "fault.h"

#include "corrupt.h"
#include "emit.h"
#include "node.h"
#include "packet/cause.h"
#include "packet/dissect.h"
#include "packet_pool.h"
#include "resources.h"
#include "sim.h"
#include "status.h"

#include <inttypes.h>
#include <stdlib.h>

#define DEFAULT_LIFETIME (2 * DW_MINUTE)

/* A packet that is held up, or about to arrive in an event of its own. */
typedef struct waiting {
    struct waiting *next;
    dw_plan *plan;
    dw_direction *direction;
    dw_packet *packet;
    dw_event *event; /* its arrival: at the end of its life, or at this instant */
    size_t fault;    /* its index, while it is held up ... */
    uint32_t left;   /* ... until so much more has happened at the receiver, and it comes ... */
    bool before;     /* ... before the last of it */
    bool chosen;     /* its fault was chosen */
    bool counted;    /* packets that are held up have heard of its arrival */
    bool copy;
} waiting;

struct dw_plan {
    dw_sim *sim;
    dw_fault *faults; /* in the order given ... */
    uint8_t *fates;   /* ... and enum dw_fault_fate of each */
    size_t count;
    waiting *held;     /* in the order in which they came */
    waiting *arriving; /* in no order */
    uint64_t event;    /* dw_sim.events when a packet arrived last */
    int (*on_point)(const dw_fault_point *point, void *arg);
    void *on_point_arg;
    bool ended;         /* on_point said so */
    dw_packet *in_hand; /* while on_point is asked about it; or NULL */
    const dw_direction *in_hand_from;
};

static bool takes(dw_plan *plan, dw_direction *d, dw_packet *packet);

static dw_plan *plan_of(dw_sim *sim)
{
    if (sim->plan) return sim->plan;
    dw_plan *plan = calloc(1, sizeof *plan);
    if (!plan) return NULL;
    plan->sim = sim;
    sim->plan_takes = takes;
    return sim->plan = plan;
}

static int check(dw_sim *sim, const dw_fault *faults, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const dw_fault *f = &faults[i];
        if (f->packet == 0 || f->kind >= DW_FAULT_KINDS || (f->kind == DW_FAULT_DELAY && !f->wait))
            return dw_sim_fail(sim, DW_E_INVAL, "fault %zu of the plan is none", i + 1);
        for (size_t j = 0; j < i; j++)
            if (faults[j].packet == f->packet)
                return dw_sim_fail(sim, DW_E_INVAL, "two faults of packet %" PRIu64, f->packet);
    }
    return DW_OK;
}

int dw_sim_plan(dw_sim *sim, const dw_fault *faults, size_t count)
{
    if (sim->packet_count) return dw_sim_fail(sim, DW_E_BUSY, "packets are under way already");
    int status = check(sim, faults, count);
    if (status != DW_OK) return status;
    dw_plan *plan = plan_of(sim);
    if (!plan) return DW_E_NOMEM;
    free(plan->faults);
    free(plan->fates);
    plan->faults = malloc((count + 1) * sizeof *faults);
    plan->fates = calloc(count + 1, 1);
    plan->count = 0;
    if (!plan->faults || !plan->fates) return DW_E_NOMEM;
    for (size_t i = 0; i < count; i++)
        plan->faults[i] = faults[i];
    plan->count = count;
    return DW_OK;
}

int dw_sim_plan_also(dw_sim *sim, const dw_fault *fault)
{
    dw_plan *plan = plan_of(sim);
    dw_fault *faults = plan ? realloc(plan->faults, (plan->count + 2) * sizeof *faults) : NULL;
    if (faults) plan->faults = faults;
    uint8_t *fates = faults ? realloc(plan->fates, plan->count + 2) : NULL;
    if (!fates) return DW_E_NOMEM;
    plan->fates = fates;
    faults[plan->count] = *fault;
    fates[plan->count] = DW_FAULT_PENDING;
    int status = check(sim, faults, plan->count + 1);
    plan->count += status == DW_OK;
    return status;
}

uint8_t dw_sim_fault_fate(const dw_sim *sim, size_t i)
{
    return sim->plan && i < sim->plan->count ? sim->plan->fates[i] : DW_FAULT_PENDING;
}

int dw_sim_on_fault_point(dw_sim *sim, int (*fn)(const dw_fault_point *point, void *arg), void *arg)
{
    dw_plan *plan = plan_of(sim);
    if (!plan) return DW_E_NOMEM;
    plan->on_point = fn;
    plan->on_point_arg = arg;
    return DW_OK;
}

void dw_plan_free(dw_plan *plan)
{
    if (!plan) return;
    if (plan->on_point) plan->on_point(NULL, plan->on_point_arg);
    for (waiting *w = plan->held; w; w = w->next)
        dw_packet_free(plan->sim, w->packet);
    for (waiting *w = plan->arriving; w; w = w->next)
        dw_packet_free(plan->sim, w->packet);
    free(plan->faults);
    free(plan->fates);
    free(plan);
}

/* Arrivals as events of their own. */

static void take_out(waiting **list, const waiting *w)
{
    while (*list != w)
        list = &(*list)->next;
    *list = w->next;
}

/* A router's packets are for somebody else. */
static bool is_for(const dw_sim *sim, const dw_node *node, dw_packet *packet)
{
    if (node->iface_count <= 1) return true;
    dw_dissection d;
    dw_dissect(sim->plugins, dw_packet_head(packet), dw_packet_head_len(packet),
               dw_packet_len(packet), &d);
    return dw_node_has_address(node, &d.dst);
}

static void arrives(void *arg);

static waiting *new_waiting(dw_plan *plan, dw_direction *d, dw_packet *packet)
{
    waiting *w = dw_sim_alloc(plan->sim, sizeof *w);
    if (!w) {
        dw_packet_free(plan->sim, packet);
        return NULL;
    }
    *w = (waiting){.plan = plan, .direction = d, .packet = packet};
    return w;
}

/* In the receiver's turn, behind what it has asked for itself. */
static void arrive_in_turn(waiting *w)
{
    dw_plan *plan = w->plan;
    w->next = plan->arriving;
    plan->arriving = w;
    w->event = dw_sim_schedule(plan->sim, w->direction->to->node, plan->sim->now, arrives, w);
}

static void put_behind(waiting *w)
{
    if (w) arrive_in_turn(w);
}

/* Packets that are held up. */

/* Those that have waited long enough come; of one kind, before or after what they waited for. */
static bool release(dw_plan *plan, const dw_node *node, bool before)
{
    bool any = false;
    for (waiting **at = &plan->held; *at;) {
        waiting *w = *at;
        if (w->direction->to->node != node || w->left > 0 || w->before != before) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        if (w->event) dw_evq_cancel(&plan->sim->queue, w->event);
        plan->fates[w->fault] = DW_FAULT_STRUCK;
        any = true;
        arrive_in_turn(w);
    }
    return any;
}

/* Something is about to happen at the host.  true: a packet comes before it, and those that come
 * after it wait for dw_plan_passes. */
static bool count(dw_plan *plan, const dw_node *node)
{
    for (waiting *w = plan->held; w; w = w->next)
        if (w->direction->to->node == node && w->left > 0) w->left--;
    if (release(plan, node, true)) return true;
    release(plan, node, false);
    return false;
}

bool dw_plan_goes_first(dw_plan *plan, dw_node *node)
{
    return plan->held && count(plan, node);
}

void dw_plan_passes(dw_plan *plan, dw_node *node)
{
    if (plan->held) release(plan, node, false);
}

static void outlived(void *arg)
{
    waiting *w = arg;
    dw_plan *plan = w->plan;
    take_out(&plan->held, w);
    plan->fates[w->fault] = DW_FAULT_OUTLIVED;
    arrive_in_turn(w);
}

/* What the node's transport takes it for. */
static dw_time lifetime_at(const dw_node *node)
{
    for (uint32_t i = 0; i < node->attached_count; i++) {
        const dw_protocol_ops *ops = node->attached[i].ops;
        if (!DW_OFFERS(dw_protocol_ops, ops, query)) continue;
        int64_t msl = ops->query(node->attached[i].instance, "msl_ns", NULL);
        if (msl > 0) return msl;
    }
    return DEFAULT_LIFETIME;
}

static void hold_up(dw_plan *plan, dw_direction *d, dw_packet *packet, size_t i)
{
    dw_sim *sim = plan->sim;
    const dw_fault *f = &plan->faults[i];
    if (dw_traced(sim, DW_TRACE_QUEUED))
        dw_trace_packet(sim, DW_TRACE_QUEUED, d, d->from->node, packet, &dw_cause_planned_wait, 0);
    waiting *w = new_waiting(plan, d, packet);
    if (!w) return;
    w->fault = i;
    w->left = f->wait;
    w->before = f->before;
    w->chosen = true;
    waiting **end = &plan->held;
    while (*end)
        end = &(*end)->next;
    *end = w;
    w->event = dw_sim_schedule(sim, d->to->node, dw_time_add(sim->now, lifetime_at(d->to->node)),
                               outlived, w);
    plan->fates[i] = DW_FAULT_WAITING;
}

static void duplicate(dw_plan *plan, dw_direction *d, const dw_packet *packet)
{
    dw_sim *sim = plan->sim;
    dw_packet *copy = dw_packet_clone(sim, packet);
    if (!copy) return;
    copy->id = ++sim->packet_count;
    if (dw_traced(sim, DW_TRACE_DUPLICATED))
        dw_trace_packet(sim, DW_TRACE_DUPLICATED, d, d->from->node, copy, &dw_cause_planned_copy,
                        packet->id);
    waiting *w = new_waiting(plan, d, copy);
    if (w) w->copy = true;
    put_behind(w);
}

/* true: it was taken. */
static bool strike(dw_plan *plan, dw_direction *d, dw_packet *packet, size_t i)
{
    plan->fates[i] = DW_FAULT_STRUCK;
    switch ((enum dw_fault_kind)plan->faults[i].kind) {
    case DW_FAULT_DROP: dw_direction_drop(d, packet, &dw_cause_planned_loss); return true;
    case DW_FAULT_DUPLICATE: duplicate(plan, d, packet); return false;
    case DW_FAULT_CORRUPT: dw_corrupt_as_planned(d, packet); return false;
    case DW_FAULT_DELAY: hold_up(plan, d, packet, i); return true;
    case DW_FAULT_KINDS: break;
    }
    return false;
}

/* The plan as a part of the state.  Faults that are to strike yet are so by the numbers of packets.
 */

bool dw_plan_brings(const dw_plan *plan, const dw_direction *d)
{
    return plan->in_hand && plan->in_hand_from == d;
}

static void mix_packet(dw_fingerprint *fp, const dw_direction *d, const dw_packet *packet)
{
    dw_fp_u64(fp, (uint64_t)d->link->index << 1 | d->index);
    dw_fp_packet(fp, packet);
}

static void mix_waiting(dw_fingerprint *fp, const waiting *w)
{
    mix_packet(fp, w->direction, w->packet);
    dw_fp_u64(fp, fp->core->rank(fp, w->event));
    dw_fp_u64(fp, (uint64_t)w->left << 4 | (uint64_t)w->before << 3 | (uint64_t)w->chosen << 2 |
                      (uint64_t)w->counted << 1 | w->copy);
}

static void mix_list(dw_fingerprint *fp, const waiting *list)
{
    for (const waiting *w = list; w; w = w->next)
        mix_waiting(fp, w);
    dw_fp_u64(fp, UINT64_MAX);
}

void dw_plan_fingerprint(const dw_plan *plan, dw_fingerprint *fp)
{
    if (plan->in_hand) mix_packet(fp, plan->in_hand_from, plan->in_hand);
    mix_list(fp, plan->held);
    mix_list(fp, plan->arriving);
    for (size_t i = 0; i < plan->count; i++)
        if (plan->fates[i] == DW_FAULT_PENDING) dw_fp_u64(fp, plan->faults[i].packet);
}

/* What is planned for a packet: the index of the fault, or count. */
static size_t planned(const dw_plan *plan, const dw_packet *packet)
{
    size_t i = 0;
    while (i < plan->count && plan->faults[i].packet != packet->id)
        i++;
    return i;
}

/* true: the packet was taken. */
static bool choose(dw_plan *plan, dw_direction *d, dw_packet *packet, bool copy)
{
    dw_sim *sim = plan->sim;
    size_t i = planned(plan, packet);
    if (plan->on_point && !plan->ended) {
        dw_fault_point point = {.packet = packet->id,
                                .copy = copy,
                                .quiet = plan->event != sim->events,
                                .planned = i < plan->count};
        plan->in_hand = packet;
        plan->in_hand_from = d;
        int status = plan->on_point(&point, plan->on_point_arg);
        plan->in_hand = NULL;
        i = planned(plan, packet); /* it may have planned one */
        plan->ended = status != DW_OK;
        if (plan->ended) dw_sim_stop(sim, status);
    }
    plan->event = sim->events;
    if (plan->ended) {
        dw_packet_free(sim, packet);
        return true;
    }
    return i < plan->count && strike(plan, d, packet, i);
}

/* true: the packet, which `w` tells of, was taken. */
static bool meet(dw_plan *plan, waiting w)
{
    if (!w.chosen && choose(plan, w.direction, w.packet, w.copy)) return true;
    if (w.counted) {
        dw_plan_passes(plan, w.direction->to->node);
        return false;
    }
    if (!dw_plan_goes_first(plan, w.direction->to->node)) return false;
    waiting *behind = new_waiting(plan, w.direction, w.packet);
    if (behind) behind->chosen = behind->counted = true;
    put_behind(behind);
    return true;
}

static void arrives(void *arg)
{
    waiting w = *(waiting *)arg;
    dw_plan *plan = w.plan;
    take_out(&plan->arriving, arg);
    dw_sim_block_free(plan->sim, arg, sizeof w);
    bool taken = meet(plan, w);
    plan->event = plan->sim->events;
    if (!taken) dw_direction_arrive(w.direction, w.packet);
}

/* A packet arrives.  true: it was taken. */
static bool takes(dw_plan *plan, dw_direction *d, dw_packet *packet)
{
    if (!is_for(plan->sim, d->to->node, packet)) return false;
    for (const waiting *w = plan->arriving; w; w = w->next) {
        if (w->direction != d) continue;
        put_behind(new_waiting(plan, d, packet)); /* of the one that came first */
        return true;
    }
    return meet(plan, (waiting){.plan = plan, .direction = d, .packet = packet});
}
