/* Planned faults: hosts that crash, links that go down, and what comes first at a host's moments.
 */
#include "fault_plan.h"

#include "link.h"
#include "node.h"
#include "packet/cause.h"
#include "resources.h"
#include "sim.h"

static dw_outage *new_outage(dw_plan *plan, size_t fault)
{
    dw_outage *o = dw_sim_alloc(plan->sim, sizeof *o);
    if (!o) return NULL;
    *o = (dw_outage){
        .next = plan->outages, .plan = plan, .fault = fault, .left = plan->faults[fault].count};
    plan->outages = o;
    return o;
}

static void forget(dw_outage *o)
{
    dw_plan *plan = o->plan;
    dw_outage **at = &plan->outages;
    while (*at != o)
        at = &(*at)->next;
    *at = o->next;
    if (o->end) dw_evq_cancel(&plan->sim->queue, o->end);
    dw_sim_block_free(plan->sim, o, sizeof *o);
}

static void link_is_up(dw_outage *o)
{
    for (int i = 0; i < 2; i++)
        if (o->was_up[i]) o->link->direction[i].config.down = false;
    dw_link_trace(o->link);
}

static void end(dw_outage *o, uint8_t fate)
{
    dw_plan *plan = o->plan;
    dw_node *node = o->node;
    plan->fates[o->fault] = fate;
    if (o->link) link_is_up(o);
    forget(o);
    if (node && plan->hooks.back) plan->hooks.back(node, plan->hooks.arg);
}

static void outlived(void *arg)
{
    dw_outage *o = arg;
    o->end = NULL;
    end(o, DW_FAULT_OUTLIVED);
}

/* It lasts until so many packets were lost, or as long as packets live. */
static void begin(dw_outage *o, dw_node *node)
{
    dw_plan *plan = o->plan;
    dw_sim *sim = plan->sim;
    plan->fates[o->fault] = DW_FAULT_WAITING;
    o->begun = true;
    if (o->left == 0) {
        end(o, DW_FAULT_STRUCK);
        return;
    }
    dw_time until = dw_time_add(sim->now, dw_node_packet_lifetime(node));
    o->end = dw_sim_schedule(sim, node, until, outlived, o);
}

static void loses_one(dw_outage *o)
{
    if (--o->left == 0) end(o, DW_FAULT_STRUCK);
}

void dw_plan_forget_outages(dw_plan *plan)
{
    while (plan->outages) {
        plan->outages->end = NULL;
        forget(plan->outages);
    }
}

/* Hosts. */

static void crashes(void *arg)
{
    dw_outage *o = arg;
    dw_plan *plan = o->plan;
    o->end = NULL;
    if (plan->hooks.crash) plan->hooks.crash(o->node, plan->hooks.arg);
    dw_node_crash(o->node);
    begin(o, o->node);
}

static void crash(dw_plan *plan, dw_node *node, size_t fault)
{
    dw_outage *o = new_outage(plan, fault);
    if (!o) return;
    o->node = node;
    plan->fates[fault] = DW_FAULT_WAITING;
    o->end = dw_sim_schedule(plan->sim, node, plan->sim->now, crashes, o);
}

bool dw_plan_is_down(dw_plan *plan, dw_direction *d, dw_packet *packet)
{
    for (dw_outage *o = plan->outages; o; o = o->next) {
        if (o->node != d->to->node || !o->begun) continue;
        dw_direction_drop(d, packet, &dw_cause_host_down);
        loses_one(o);
        return true;
    }
    return false;
}

/* Links. */

static void lose_what_is_under_way(dw_direction *d)
{
    while (d->head != d->tail)
        dw_direction_drop(d, dw_direction_take_head(d), &dw_cause_link_down);
}

void dw_plan_link_goes_down(dw_plan *plan, dw_direction *d, dw_packet *packet, size_t fault)
{
    dw_link *link = d->link;
    dw_outage *o = new_outage(plan, fault);
    dw_direction_drop(d, packet, &dw_cause_link_down);
    if (!o) return;
    o->link = link;
    for (int i = 0; i < 2; i++) {
        o->was_up[i] = !link->direction[i].config.down;
        link->direction[i].config.down = true;
    }
    dw_link_trace(link);
    for (int i = 0; i < 2; i++)
        lose_what_is_under_way(&link->direction[i]);
    begin(o, d->to->node);
}

void dw_plan_lost(dw_plan *plan, const dw_direction *d)
{
    for (dw_outage *o = plan->outages; o; o = o->next) {
        if (o->link != d->link) continue;
        loses_one(o);
        return;
    }
}

/* Moments. */

/* The next one: the index of the fault of these kinds that strikes, or dw_plan.count. */
static size_t next_moment(dw_plan *plan, dw_node *node, uint32_t kinds)
{
    const dw_fault_point point = {
        .host = node->index + 1, .number = ++node->moments, .kinds = kinds, .quiet = plan->quiet};
    plan->quiet = false;
    return dw_plan_point(plan, &point);
}

const dw_fault *dw_node_choice(dw_node *node, uint32_t kinds)
{
    dw_plan *plan = node->sim->plan;
    if (!plan || plan->ended) return NULL;
    size_t i = next_moment(plan, node, kinds & DW_FAULT_OF_HOSTS);
    if (i == plan->count || plan->ended) return NULL;
    const dw_fault *fault = &plan->faults[i];
    plan->fates[i] = fault->count ? DW_FAULT_WAITING : DW_FAULT_STRUCK;
    if (fault->kind == DW_FAULT_CRASH) crash(plan, node, i);
    return fault;
}

/* Whether anybody may look at them. */
static bool counts_moments(const dw_plan *plan)
{
    return ((plan->kinds | plan->wanted) & DW_FAULT_OF_HOSTS) != 0;
}

bool dw_plan_before_timer(dw_plan *plan, dw_node *node)
{
    plan->quiet = true;
    bool first = dw_plan_before(plan, node);
    plan->quiet = false;
    return first;
}

bool dw_plan_before(dw_plan *plan, dw_node *node)
{
    bool first = false;
    if (counts_moments(plan)) {
        if (plan->hooks.moment) first = plan->hooks.moment(node, plan->hooks.arg);
        size_t i =
            plan->ended ? plan->count : next_moment(plan, node, DW_FAULT_BIT(DW_FAULT_CRASH));
        if (i < plan->count) crash(plan, node, i);
        first |= i < plan->count || plan->ended;
    }
    if (plan->held && !plan->ended) first |= dw_plan_count(plan, node);
    return first;
}
