/* Planned faults: what the plan has for a packet or a host's moment. */
#include "fault_plan.h"

#include "node.h"
#include "sim.h"

#define DEFAULT_LIFETIME (2 * DW_MINUTE)

/* Which kinds have no count, or one from 1 up. */
static bool count_fits(const dw_fault *f)
{
    switch ((enum dw_fault_kind)f->kind) {
    case DW_FAULT_DROP:
    case DW_FAULT_DUPLICATE:
    case DW_FAULT_CORRUPT:
    case DW_FAULT_QUEUE:
    case DW_FAULT_CLOSE:
    case DW_FAULT_SHUTDOWN:
    case DW_FAULT_ABORT: return f->count == 0;
    case DW_FAULT_DELAY:
    case DW_FAULT_OLD:
    case DW_FAULT_LATE: return f->count > 0;
    case DW_FAULT_LINK:
    case DW_FAULT_CRASH: return true;
    case DW_FAULT_KINDS: break;
    }
    return false;
}

bool dw_fault_valid(const dw_fault *f)
{
    bool of_host = f->kind >= DW_FAULT_CRASH;
    return f->number > 0 && count_fits(f) && of_host == (f->host > 0);
}

uint8_t dw_sim_fault_fate(const dw_sim *sim, size_t i)
{
    return sim->plan && i < sim->plan->count ? sim->plan->fates[i] : DW_FAULT_PENDING;
}

size_t dw_plan_find(const dw_plan *plan, uint32_t host, uint64_t number)
{
    size_t i = 0;
    while (i < plan->count && (plan->faults[i].number != number || plan->faults[i].host != host))
        i++;
    return i;
}

static bool may_strike(const dw_plan *plan, size_t i, uint32_t kinds)
{
    return i < plan->count && plan->fates[i] == DW_FAULT_PENDING &&
           (kinds & DW_FAULT_BIT(plan->faults[i].kind));
}

size_t dw_plan_point(dw_plan *plan, const dw_fault_point *point)
{
    size_t i = dw_plan_find(plan, point->host, point->number);
    if (!may_strike(plan, i, point->kinds)) i = plan->count;
    if (!plan->on_point || plan->ended || !(point->kinds & plan->wanted)) return i;
    dw_fault_point shown = *point;
    shown.kinds &= plan->wanted;
    shown.planned = i < plan->count;
    int status = plan->on_point(&shown, plan->on_point_arg);
    i = dw_plan_find(plan, point->host, point->number); /* it may have planned one */
    if (!may_strike(plan, i, point->kinds)) i = plan->count;
    plan->ended = status != DW_OK;
    if (plan->ended) dw_sim_stop(plan->sim, status);
    return i;
}

size_t dw_plan_moment(dw_plan *plan, dw_node *node, uint32_t kinds)
{
    const dw_fault_point point = {
        .host = node->index + 1, .number = ++node->moments, .kinds = kinds, .quiet = plan->quiet};
    plan->quiet = false;
    return dw_plan_point(plan, &point);
}

void dw_node_chosen(dw_node *node, const dw_fault *fault, uint8_t fate)
{
    dw_plan *plan = node->sim->plan;
    plan->fates[fault - plan->faults] = fate;
}

dw_time dw_node_packet_lifetime(const dw_node *node)
{
    for (uint32_t i = 0; i < node->attached_count; i++) {
        const dw_protocol_ops *ops = node->attached[i].ops;
        if (!DW_OFFERS(dw_protocol_ops, ops, query)) continue;
        int64_t msl = ops->query(node->attached[i].instance, "msl_ns", NULL);
        if (msl > 0) return msl;
    }
    return DEFAULT_LIFETIME;
}
