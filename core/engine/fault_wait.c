/* Planned faults: packets that are held up, that arrive in an event of their own, and that come
 * again. */
#include "fault_plan.h"

#include "emit.h"
#include "node.h"
#include "packet/cause.h"
#include "packet_pool.h"
#include "resources.h"
#include "sim.h"

static void take_out(dw_waiting **list, const dw_waiting *w)
{
    while (*list != w)
        list = &(*list)->next;
    *list = w->next;
}

static void forget(dw_plan *plan, dw_waiting *list)
{
    for (dw_waiting *w = list; w; w = w->next)
        dw_packet_free(plan->sim, w->packet);
}

void dw_plan_forget_waiting(dw_plan *plan)
{
    forget(plan, plan->held);
    forget(plan, plan->arriving);
    for (dw_old *o = plan->old; o; o = o->next)
        dw_packet_free(plan->sim, o->packet);
}

/* Arrivals as events of their own. */

static dw_waiting *new_waiting(dw_plan *plan, dw_direction *d, dw_packet *packet)
{
    dw_waiting *w = dw_sim_alloc(plan->sim, sizeof *w);
    if (!w) {
        dw_packet_free(plan->sim, packet);
        return NULL;
    }
    *w = (dw_waiting){.plan = plan, .direction = d, .packet = packet};
    return w;
}

static void due(void *arg)
{
    dw_waiting w = *(dw_waiting *)arg;
    dw_plan *plan = w.plan;
    take_out(&plan->arriving, arg);
    dw_sim_block_free(plan->sim, arg, sizeof w);
    plan->arrives(plan, &w);
}

static void arrive_in_turn(dw_waiting *w)
{
    dw_plan *plan = w->plan;
    w->next = plan->arriving;
    plan->arriving = w;
    w->event = dw_sim_schedule(plan->sim, w->direction->to->node, plan->sim->now, due, w);
}

dw_waiting *dw_plan_put_behind(dw_plan *plan, dw_direction *d, dw_packet *packet)
{
    dw_waiting *w = new_waiting(plan, d, packet);
    if (w) arrive_in_turn(w);
    return w;
}

/* Packets that are held up. */

/* Whether it has waited long enough. */
static bool is_due(const dw_waiting *w)
{
    return !w->lasts && w->left == 0;
}

/* Those that have waited long enough come; of one kind, before or after what they waited for. */
static bool release(dw_plan *plan, const dw_node *node, bool before)
{
    bool any = false;
    for (dw_waiting **at = &plan->held; *at;) {
        dw_waiting *w = *at;
        if (w->direction->to->node != node || !is_due(w) || w->before != before) {
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

/* Nobody is asked about one that is about to come already, nor about a second one that could come
 * here: it can when the first does, before or behind that.  true: it comes. */
static bool count(dw_plan *plan, dw_waiting *w, uint32_t place, bool another)
{
    if (is_due(w)) return false;
    w->left -= !w->lasts;
    const dw_fault_point point = {.number = w->packet->id,
                                  .kinds = DW_MOVES,
                                  .waited = ++w->waited,
                                  .place = place,
                                  .quiet = plan->quiet,
                                  .planned = is_due(w)};
    if (plan->wanted & DW_MOVES) plan->quiet = false;
    if (!another) dw_plan_tell(plan, &point);
    return point.planned;
}

bool dw_plan_count(dw_plan *plan, const dw_node *node)
{
    bool any = false;
    uint32_t place = 0;
    for (dw_waiting *w = plan->held; w && !plan->ended; w = w->next)
        if (w->direction->to->node == node) any |= count(plan, w, place++, any);
    if (plan->ended || release(plan, node, true)) return true;
    release(plan, node, false);
    return false;
}

void dw_plan_passes(dw_plan *plan, const dw_node *node)
{
    if (plan->held) release(plan, node, false);
}

static void outlived(void *arg)
{
    dw_waiting *w = arg;
    dw_plan *plan = w->plan;
    take_out(&plan->held, w);
    plan->fates[w->fault] = w->lasts ? DW_FAULT_STRUCK : DW_FAULT_OUTLIVED;
    arrive_in_turn(w);
}

void dw_plan_hold_up(dw_plan *plan, dw_direction *d, dw_packet *packet, size_t fault)
{
    dw_sim *sim = plan->sim;
    dw_node *node = d->to->node;
    if (dw_traced(sim, DW_TRACE_QUEUED))
        dw_trace_packet(sim, DW_TRACE_QUEUED, d, d->from->node, packet, &dw_cause_planned_wait, 0);
    dw_waiting *w = new_waiting(plan, d, packet);
    if (!w) return;
    w->fault = fault;
    w->left = plan->faults[fault].count;
    w->lasts = w->left == 0;
    w->before = plan->faults[fault].before;
    w->chosen = true;
    dw_waiting **end = &plan->held;
    while (*end)
        end = &(*end)->next;
    *end = w;
    dw_time until = dw_time_add(sim->now, dw_node_packet_lifetime(node));
    w->event = dw_sim_schedule(sim, node, until, outlived, w);
    plan->fates[fault] = DW_FAULT_WAITING;
}

/* Packets that come again. */

void dw_plan_remember(dw_plan *plan, dw_direction *d, const dw_packet *packet)
{
    dw_sim *sim = plan->sim;
    if (!((plan->kinds | plan->wanted) & DW_FAULT_BIT(DW_FAULT_OLD))) return;
    dw_old *o = dw_sim_alloc(sim, sizeof *o);
    dw_packet *copy = o ? dw_packet_clone(sim, packet) : NULL;
    if (!copy) {
        if (o) dw_sim_block_free(sim, o, sizeof *o);
        return;
    }
    copy->id = packet->id;
    *o = (dw_old){.next = plan->old, .direction = d, .packet = copy, .at = sim->now};
    plan->old = o;
}

/* The n-th last that came to the host, if it may live yet. */
static const dw_old *find_old(const dw_plan *plan, const dw_node *node, uint32_t n)
{
    dw_time lifetime = dw_node_packet_lifetime(node);
    for (const dw_old *o = plan->old; o; o = o->next) {
        if (o->direction->to->node != node || --n > 0) continue;
        return plan->sim->now - o->at <= lifetime ? o : NULL;
    }
    return NULL;
}

bool dw_plan_brings_back(dw_plan *plan, dw_direction *d, dw_packet *packet, size_t fault)
{
    dw_sim *sim = plan->sim;
    const dw_old *o = find_old(plan, d->to->node, plan->faults[fault].count);
    dw_packet *again = o ? dw_packet_clone(sim, o->packet) : NULL;
    if (!again) {
        plan->fates[fault] = DW_FAULT_OUTLIVED;
        return false;
    }
    again->id = ++sim->packet_count;
    if (dw_traced(sim, DW_TRACE_DUPLICATED))
        dw_trace_packet(sim, DW_TRACE_DUPLICATED, o->direction, o->direction->from->node, again,
                        &dw_cause_planned_old, o->packet->id);
    dw_waiting *first = dw_plan_put_behind(plan, o->direction, again);
    if (first) first->chosen = true;
    dw_waiting *behind = dw_plan_put_behind(plan, d, packet);
    if (behind) behind->chosen = true;
    return true;
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

static void mix_waiting(dw_fingerprint *fp, const dw_waiting *w)
{
    mix_packet(fp, w->direction, w->packet);
    dw_fp_u64(fp, fp->core->rank(fp, w->event));
    dw_fp_u64(fp, (uint64_t)w->left << 5 | (uint64_t)w->lasts << 4 | (uint64_t)w->before << 3 |
                      (uint64_t)w->chosen << 2 | (uint64_t)w->counted << 1 | w->copy);
}

static void mix_list(dw_fingerprint *fp, const dw_waiting *list)
{
    for (const dw_waiting *w = list; w; w = w->next)
        mix_waiting(fp, w);
    dw_fp_u64(fp, UINT64_MAX);
}

void dw_plan_fingerprint(const dw_plan *plan, dw_fingerprint *fp)
{
    if (plan->in_hand) mix_packet(fp, plan->in_hand_from, plan->in_hand);
    mix_list(fp, plan->held);
    mix_list(fp, plan->arriving);
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->fates[i] != DW_FAULT_PENDING) continue;
        dw_fp_u64(fp, plan->faults[i].number);
        dw_fp_u64(fp, plan->faults[i].host);
    }
}
