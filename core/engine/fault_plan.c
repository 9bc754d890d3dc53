/* Planned faults: what the plan has for a packet or a host's moment. */
#include "fault_plan.h"

#include "node.h"
#include "sim.h"

#define DEFAULT_LIFETIME (2 * DW_MINUTE)

bool dw_fault_valid(const dw_fault *f)
{
    if (f->kind >= DW_FAULT_KINDS || f->number == 0) return false;
    uint32_t kind = DW_FAULT_BIT(f->kind);
    if ((f->host > 0) != ((kind & DW_FAULT_OF_HOSTS) != 0)) return false;
    if (f->kind == DW_FAULT_DELAY) return f->count > 0 || !f->before;
    return (kind & DW_FAULT_FROM_NOTHING) || (f->count > 0) == ((kind & DW_FAULT_FROM_ONE) != 0);
}

size_t dw_fault_find(const dw_fault *faults, size_t count, uint32_t host, uint64_t number)
{
    size_t i = 0;
    while (i < count && (faults[i].number != number || faults[i].host != host))
        i++;
    return i;
}

uint8_t dw_sim_fault_fate(const dw_sim *sim, size_t i)
{
    return sim->plan && i < sim->plan->count ? sim->plan->fates[i] : DW_FAULT_PENDING;
}

/* The fault that strikes there, or dw_plan.count. */
static size_t planned(const dw_plan *plan, const dw_fault_point *at)
{
    size_t i = dw_fault_find(plan->faults, plan->count, at->host, at->number);
    bool strikes = i < plan->count && plan->fates[i] == DW_FAULT_PENDING &&
                   (at->kinds & DW_FAULT_BIT(plan->faults[i].kind));
    return strikes ? i : plan->count;
}

void dw_plan_tell(dw_plan *plan, const dw_fault_point *point)
{
    if (!plan->on_point || plan->ended || !(point->kinds & plan->wanted)) return;
    dw_fault_point shown = *point;
    shown.kinds &= plan->wanted;
    int status = plan->on_point(&shown, plan->on_point_arg);
    plan->ended = status != DW_OK;
    if (plan->ended) dw_sim_stop(plan->sim, status);
}

size_t dw_plan_point(dw_plan *plan, const dw_fault_point *point)
{
    size_t i = planned(plan, point);
    dw_fault_point told = *point;
    told.planned = i < plan->count;
    dw_plan_tell(plan, &told);
    return planned(plan, point); /* one may have been planned */
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
