/* Planned faults: the plan, and what strikes packets. */
#include "fault_plan.h"

#include "base/config.h"
#include "corrupt.h"
#include "emit.h"
#include "node.h"
#include "packet/cause.h"
#include "packet/dissect.h"
#include "packet_pool.h"
#include "sim.h"
#include "status.h"

#include <inttypes.h>
#include <stdlib.h>

static void duplicate(dw_plan *plan, dw_direction *d, const dw_packet *packet)
{
    dw_sim *sim = plan->sim;
    dw_packet *copy = dw_packet_clone(sim, packet);
    if (!copy) return;
    copy->id = ++sim->packet_count;
    if (dw_traced(sim, DW_TRACE_DUPLICATED))
        dw_trace_packet(sim, DW_TRACE_DUPLICATED, d, d->from->node, copy, &dw_cause_planned_copy,
                        packet->id);
    dw_waiting *w = dw_plan_put_behind(plan, d, copy);
    if (w) w->copy = true;
}

/* true: it was taken. */
static bool strike(dw_plan *plan, dw_direction *d, dw_packet *packet, size_t i)
{
    plan->fates[i] = DW_FAULT_STRUCK;
    switch ((enum dw_fault_kind)plan->faults[i].kind) {
    case DW_FAULT_DROP: dw_direction_drop(d, packet, &dw_cause_planned_loss); return true;
    case DW_FAULT_DUPLICATE: duplicate(plan, d, packet); return false;
    case DW_FAULT_CORRUPT: dw_corrupt_as_planned(d, packet); return false;
    case DW_FAULT_DELAY: dw_plan_hold_up(plan, d, packet, i); return true;
    case DW_FAULT_OLD: return dw_plan_brings_back(plan, d, packet, i);
    case DW_FAULT_LINK: dw_plan_link_goes_down(plan, d, packet, i); return true;
    case DW_FAULT_QUEUE:
    case DW_FAULT_CRASH:
    case DW_FAULT_CLOSE:
    case DW_FAULT_SHUTDOWN:
    case DW_FAULT_ABORT:
    case DW_FAULT_LATE:
    case DW_FAULT_KINDS: break;
    }
    return false;
}

enum {
    OF_ARRIVALS = DW_FAULT_BIT(DW_FAULT_DROP) | DW_FAULT_BIT(DW_FAULT_DUPLICATE) |
                  DW_FAULT_BIT(DW_FAULT_CORRUPT) | DW_FAULT_BIT(DW_FAULT_DELAY) |
                  DW_FAULT_BIT(DW_FAULT_OLD) | DW_FAULT_BIT(DW_FAULT_LINK),
    OF_COPIES = DW_FAULT_BIT(DW_FAULT_DELAY) /* without the copy: that is all */
};

/* true: the packet was taken. */
static bool choose(dw_plan *plan, const dw_waiting *w)
{
    const dw_fault_point point = {
        .number = w->packet->id, .kinds = w->copy ? OF_COPIES : OF_ARRIVALS, .quiet = plan->quiet};
    if (point.kinds & plan->wanted) plan->quiet = false;
    size_t i = dw_plan_point(plan, &point);
    if (plan->ended) dw_packet_free(plan->sim, w->packet);
    return plan->ended || (i < plan->count && strike(plan, w->direction, w->packet, i));
}

/* What comes before it; true: something does, and the packet was taken. */
static bool lets_pass(dw_plan *plan, const dw_waiting *w)
{
    if (!dw_plan_before(plan, w->direction->to->node)) return false;
    if (plan->ended) {
        dw_packet_free(plan->sim, w->packet);
        return true;
    }
    dw_waiting *behind = dw_plan_put_behind(plan, w->direction, w->packet);
    if (behind) behind->chosen = behind->counted = true;
    return true;
}

/* true: the packet, which `w` tells of, was taken. */
static bool meet(dw_plan *plan, const dw_waiting *w)
{
    if (dw_plan_is_down(plan, w->direction, w->packet)) return true;
    if (!w->chosen && choose(plan, w)) return true;
    if (w->counted)
        dw_plan_passes(plan, w->direction->to->node);
    else if (lets_pass(plan, w))
        return true;
    dw_plan_remember(plan, w->direction, w->packet);
    return false;
}

/* true: it was taken. */
static bool comes(dw_plan *plan, const dw_waiting *w)
{
    const dw_sim *sim = plan->sim;
    plan->quiet = plan->event != sim->events;
    plan->in_hand = w->packet;
    plan->in_hand_from = w->direction;
    bool taken = meet(plan, w);
    plan->in_hand = NULL;
    plan->quiet = false;
    plan->event = sim->events;
    return taken;
}

static void arrives(dw_plan *plan, const dw_waiting *w)
{
    if (!comes(plan, w)) dw_direction_arrive(w->direction, w->packet);
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

/* A packet arrives.  true: it was taken. */
static bool takes(dw_plan *plan, dw_direction *d, dw_packet *packet)
{
    if (!is_for(plan->sim, d->to->node, packet)) return false;
    for (const dw_waiting *w = plan->arriving; w; w = w->next) {
        if (w->direction != d) continue;
        dw_plan_put_behind(plan, d, packet); /* of the one that came first */
        return true;
    }
    const dw_waiting w = {.plan = plan, .direction = d, .packet = packet};
    return comes(plan, &w);
}

/* A packet is about to leave its host.  true: it was taken. */
static bool leaves(dw_plan *plan, dw_direction *d, dw_packet *packet)
{
    const dw_fault_point point = {.number = packet->id, .kinds = DW_FAULT_BIT(DW_FAULT_QUEUE)};
    size_t i = dw_plan_point(plan, &point);
    if (i == plan->count) return false;
    plan->fates[i] = DW_FAULT_STRUCK;
    dw_direction_drop(d, packet, &dw_cause_queue_full);
    return true;
}

/* The plan. */

static dw_plan *plan_of(dw_sim *sim)
{
    static const dw_plan_ops ops = {.takes = takes, .leaves = leaves, .lost = dw_plan_lost};
    if (sim->plan) return sim->plan;
    dw_plan *plan = calloc(1, sizeof *plan);
    if (!plan) return NULL;
    plan->sim = sim;
    plan->arrives = arrives;
    sim->plan_ops = &ops;
    return sim->plan = plan;
}

/* Whether it can stand behind those that are planned. */
static int check(dw_sim *sim, const dw_fault *faults, size_t count, const dw_fault *f)
{
    if (!dw_fault_valid(f))
        return dw_sim_fail(sim, DW_E_INVAL, "fault %zu of the plan is none", count + 1);
    if (dw_fault_find(faults, count, f->host, f->number) == count) return DW_OK;
    return dw_sim_fail(sim, DW_E_INVAL, "two faults of %s %" PRIu64,
                       f->host ? "a host's moment" : "packet", f->number);
}

static int add(dw_plan *plan, const dw_fault *fault)
{
    dw_fault *faults = realloc(plan->faults, (plan->count + 1) * sizeof *faults);
    if (faults) plan->faults = faults;
    uint8_t *fates = realloc(plan->fates, plan->count + 1);
    if (fates) plan->fates = fates;
    if (!faults || !fates) return DW_E_NOMEM;
    faults[plan->count] = *fault;
    fates[plan->count++] = DW_FAULT_PENDING;
    plan->kinds |= DW_FAULT_BIT(fault->kind);
    return DW_OK;
}

int dw_sim_plan(dw_sim *sim, const dw_fault *faults, size_t count)
{
    if (sim->packet_count) return dw_sim_fail(sim, DW_E_BUSY, "packets are under way already");
    int status = DW_OK;
    for (size_t i = 0; i < count && status == DW_OK; i++)
        status = check(sim, faults, i, &faults[i]);
    if (status != DW_OK) return status;
    dw_plan *plan = plan_of(sim);
    if (!plan) return DW_E_NOMEM;
    plan->count = 0;
    plan->kinds = 0;
    for (size_t i = 0; i < count && status == DW_OK; i++)
        status = add(plan, &faults[i]);
    return status;
}

int dw_sim_plan_also(dw_sim *sim, const dw_fault *fault)
{
    dw_plan *plan = plan_of(sim);
    if (!plan) return DW_E_NOMEM;
    int status = check(sim, plan->faults, plan->count, fault);
    return status == DW_OK ? add(plan, fault) : status;
}

int dw_sim_on_fault_point(dw_sim *sim, uint32_t kinds,
                          int (*fn)(const dw_fault_point *point, void *arg), void *arg)
{
    dw_plan *plan = plan_of(sim);
    if (!plan) return DW_E_NOMEM;
    plan->wanted = kinds;
    plan->on_point = fn;
    plan->on_point_arg = arg;
    return DW_OK;
}

int dw_sim_fault_hooks(dw_sim *sim, const dw_fault_hooks *hooks)
{
    dw_plan *plan = plan_of(sim);
    if (!plan) return DW_E_NOMEM;
    return DW_CONFIG_READ(&plan->hooks, hooks);
}

void dw_plan_is_over(dw_plan *plan)
{
    if (plan && plan->on_point) plan->on_point(NULL, plan->on_point_arg);
}

void dw_plan_free(dw_plan *plan)
{
    if (!plan) return;
    dw_plan_forget_waiting(plan);
    dw_plan_forget_outages(plan);
    free(plan->faults);
    free(plan->fates);
    free(plan);
}
