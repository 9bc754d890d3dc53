/* Faults: what scripts do to packets on purpose. */
#include "rule.h"
#include "packet/cause.h"

#include "base/config.h"
#include "base/text.h"
#include "corrupt.h"
#include "emit.h"
#include "host_index.h"
#include "node.h"
#include "packet/dissect.h"
#include "packet/match.h"
#include "packet_pool.h"
#include "resources.h"
#include "sim.h"
#include "status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rules. */

static bool reserve(dw_rule_list *list)
{
    dw_rule **items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (items) list->items = items;
    return items != NULL;
}

/* A rule in the simulation's list and in one or two others, or in none. */
static int new_rule(dw_sim *sim, const dw_rule_config *config, dw_rule_list *list,
                    dw_rule_list *second, dw_rule **out)
{
    dw_rule_config c;
    dw_match match;
    if (DW_CONFIG_READ(&c, config) != DW_OK)
        return dw_sim_fail(sim, DW_E_INVAL, "a rule is of a later version");
    if (dw_match_read(&match, c.match) != DW_OK)
        return dw_sim_fail(sim, DW_E_INVAL,
                           "a match is of a later version, names more than %d packets, or says "
                           "neither yes nor no of data",
                           DW_MATCH_NTH);
    int status = dw_rule_check(sim, &c);
    if (status != DW_OK) return status;
    bool room = reserve(&sim->rules) && reserve(list) && (!second || reserve(second));
    dw_rule *rule = room ? calloc(1, sizeof *rule) : NULL;
    if (!rule) return dw_sim_no_memory(sim);
    rule->config = c;
    rule->match = match;
    rule->config.match = &rule->match;
    rule->sim = sim;
    rule->where = dw_copy_text(c.where ? c.where : "");
    rule->what = dw_copy_text(c.what ? c.what : "fault");
    if (!rule->where || !rule->what) {
        dw_rule_free(rule);
        return dw_sim_no_memory(sim);
    }
    sim->rules.items[sim->rules.count++] = rule;
    list->items[list->count++] = rule;
    if (second) second->items[second->count++] = rule;
    if (out) *out = rule;
    return DW_OK;
}

/* One rule, known to both directions: nth counts over both. */
int dw_link_rule(dw_link *link, const dw_rule_config *config, dw_rule **out)
{
    dw_direction *d = link->direction;
    return new_rule(link->sim, config, &d[0].rules, &d[1].rules, out);
}

int dw_node_rule(dw_node *node, const dw_rule_config *config, dw_rule **out)
{
    if (config && config->back)
        return dw_sim_fail(node->sim, DW_E_INVAL,
                           "what comes back is seen by a rule of a link, not of a host");
    return new_rule(node->sim, config, &node->rules, NULL, out);
}

void dw_rule_free(dw_rule *rule)
{
    for (uint32_t i = 0; i < rule->held_count; i++)
        if (rule->held[i].packet) dw_packet_free(rule->sim, rule->held[i].packet);
    free(rule->held);
    free(rule->translations);
    free(rule->where);
    free(rule->what);
    free(rule);
}

uint64_t dw_rule_hits(const dw_rule *rule)
{
    return rule->hits;
}

uint64_t dw_rule_held(const dw_rule *rule)
{
    uint64_t held = 0;
    for (uint32_t i = 0; i < rule->held_count; i++)
        held += rule->held[i].packet != NULL;
    return held;
}

void dw_rule_cancel(dw_rule *rule)
{
    rule->cancelled = true;
}

dw_rule *dw_rule_at(const dw_sim *sim, size_t index)
{
    return index < sim->rules.count ? sim->rules.items[index] : NULL;
}

const char *dw_rule_where(const dw_rule *rule)
{
    return rule->where;
}

const char *dw_rule_what(const dw_rule *rule)
{
    return rule->what;
}

/* Holding packets. */

static void hold(dw_rule *rule, dw_direction *d, dw_packet *packet, uint32_t behind)
{
    if (rule->held_count == rule->held_capacity) {
        uint32_t capacity = rule->held_capacity ? rule->held_capacity * 2 : 4;
        struct dw_held *held = realloc(rule->held, capacity * sizeof *held);
        if (!held) {
            dw_packet_free(rule->sim, packet);
            dw_sim_no_memory(rule->sim);
            return;
        }
        rule->held = held;
        rule->held_capacity = capacity;
    }
    rule->held[rule->held_count++] =
        (struct dw_held){.packet = packet, .direction = d, .behind = behind};
}

static void let_go(dw_rule *rule, uint32_t i)
{
    dw_packet *packet = rule->held[i].packet;
    rule->held[i].packet = NULL;
    if (packet) dw_direction_enqueue(rule->held[i].direction, packet, 0);
}

void dw_rule_release(dw_rule *rule)
{
    for (uint32_t i = 0; i < rule->held_count; i++)
        let_go(rule, i);
    rule->held_count = 0;
}

/* A reordered packet that nothing overtakes must not wait for ever. */
void dw_rule_reorder_due(void *arg)
{
    dw_rule_release(arg);
}

/* A packet went past: whoever waits to be overtaken has one less to wait for. */
static void count_overtaking(dw_rule *rule, const dw_direction *d)
{
    for (uint32_t i = 0; i < rule->held_count; i++) {
        struct dw_held *h = &rule->held[i];
        if (h->packet && h->direction == d && h->behind && --h->behind == 0) let_go(rule, i);
    }
    while (rule->held_count && !rule->held[rule->held_count - 1].packet)
        rule->held_count--;
}

static void count_overtaking_all(const dw_rule_list *rules, const dw_direction *d)
{
    for (uint32_t i = 0; i < rules->count; i++)
        if (rules->items[i]->config.action == DW_ACTION_REORDER)
            count_overtaking(rules->items[i], d);
}

static void corrupt(const dw_rule *rule, dw_direction *d, dw_packet *packet)
{
    const dw_rule_config *c = &rule->config;
    dw_corrupt(d, packet, c->byte_given ? (int64_t)c->byte : -1, &dw_cause_fault_corrupt);
}

/* Acting. */

static void duplicate(dw_rule *rule, dw_direction *d, dw_packet *packet)
{
    dw_sim *sim = rule->sim;
    dw_packet *copy = dw_packet_clone(sim, packet);
    if (!copy) {
        dw_direction_enqueue(d, packet, 0);
        return;
    }
    copy->id = ++sim->packet_count;
    copy->faulted = 1;
    if (dw_traced(sim, DW_TRACE_DUPLICATED))
        dw_trace_packet(sim, DW_TRACE_DUPLICATED, d, d->from->node, copy, &dw_cause_fault_duplicate,
                        packet->id);
    dw_direction_enqueue(d, packet, 0);
    dw_direction_enqueue(d, copy, rule->config.by);
}

static void note(dw_sim *sim, dw_direction *d, const dw_packet *packet, const dw_cause *cause)
{
    if (dw_traced(sim, DW_TRACE_QUEUED))
        dw_trace_packet(sim, DW_TRACE_QUEUED, d, d->from->node, packet, cause, 0);
}

/* Returns true when the packet was taken. */
static bool act(dw_rule *rule, dw_direction *d, dw_packet *packet, const dw_packet_view *view,
                enum dw_action action, dw_time by)
{
    dw_sim *sim = rule->sim;
    switch (action) {
    case DW_ACTION_PASS:
    case DW_ACTION_INTERCEPT: return false;
    case DW_ACTION_DROP:
        d->stats.dropped_packets++;
        if (dw_traced(sim, DW_TRACE_DROPPED))
            dw_trace_packet(sim, DW_TRACE_DROPPED, d, d->from->node, packet, &dw_cause_fault_drop,
                            0);
        dw_packet_free(sim, packet);
        return true;
    case DW_ACTION_DELAY:
        note(sim, d, packet, &dw_cause_fault_delay);
        dw_direction_enqueue(d, packet, by);
        return true;
    case DW_ACTION_DUPLICATE: duplicate(rule, d, packet); return true;
    case DW_ACTION_REORDER:
        note(sim, d, packet, &dw_cause_fault_hold);
        hold(rule, d, packet, rule->config.behind ? rule->config.behind : 1);
        dw_sim_schedule(sim, d->from->node, dw_time_add(sim->now, by ? by : DW_SECOND),
                        dw_rule_reorder_due, rule);
        return true;
    case DW_ACTION_CORRUPT: corrupt(rule, d, packet); return false;
    case DW_ACTION_REWRITE: dw_rewrite(rule, d, packet, view); return false;
    case DW_ACTION_HOLD:
        note(sim, d, packet, &dw_cause_fault_hold);
        hold(rule, d, packet, 0);
        return true;
    }
    return false;
}

static bool nth_matches(dw_rule *rule)
{
    const dw_match *m = &rule->match;
    rule->matched++;
    if (m->nth_count == 0) return true;
    for (uint32_t i = 0; i < m->nth_count; i++)
        if (m->nth[i] == rule->matched) return true;
    return false;
}

static void view_packet(const dw_direction *d, dw_packet *packet, dw_packet_view *view)
{
    dw_sim *sim = d->link->sim;
    *view = (dw_packet_view){.number = packet->id,
                             .sent_at = sim->now,
                             .arrived_at = -1,
                             .lost_at = -1,
                             .unknown_at = -1,
                             .conn = packet->conn,
                             .cause = packet->cause,
                             .head = dw_packet_head(packet),
                             .head_len = dw_packet_head_len(packet),
                             .slices = packet->slice,
                             .slice_count = packet->slice_count,
                             .sender = (int32_t)d->from->node->index};
    dw_dissect(sim->plugins, view->head, view->head_len, dw_packet_len(packet), &view->d);
    view->from = dw_sim_node_of(sim, &view->d.src);
    view->to = dw_sim_node_of(sim, &view->d.dst);
    if (d->link->end[0].node == d->link->end[1].node) view->from = view->to = view->sender;
}

/* A predicate may add rules, which moves the list: they act from the next packet on. */
static bool apply_list(const dw_rule_list *rules, dw_direction *d, dw_packet *packet,
                       dw_packet_view *view)
{
    for (uint32_t i = 0, count = rules->count; i < count; i++) {
        dw_rule *rule = rules->items[i];
        const dw_match *m = &rule->match;
        if (rule->cancelled) continue;
        if (rule->config.back && dw_rewrite_back(rule, d, packet, view)) {
            view_packet(d, packet, view);
            continue;
        }
        if (m->count && rule->hits >= m->count) continue;
        enum dw_action action = rule->config.action;
        if (action == DW_ACTION_REWRITE && !dw_rewrite_applies(rule, &view->d)) continue;
        if (!dw_match_view(m, view) || !nth_matches(rule)) continue;
        dw_time by = rule->config.by;
        if (action == DW_ACTION_INTERCEPT)
            action = rule->config.intercept(view, &by, rule->config.intercept_arg);
        rule->hits++;
        if (act(rule, d, packet, view, action, by)) return true;
        if (action == DW_ACTION_CORRUPT || action == DW_ACTION_REWRITE)
            view_packet(d, packet, view);
    }
    return false;
}

bool dw_rules_apply(dw_direction *d, dw_packet *packet)
{
    if (packet->faulted) return false;
    dw_node *node = d->from->node;
    dw_sim *sim = d->link->sim;
    dw_packet_view view;
    sim->inside++;
    view_packet(d, packet, &view);
    bool taken = apply_list(&d->rules, d, packet, &view);
    if (!taken && view.sender == (int32_t)node->index)
        taken = apply_list(&node->rules, d, packet, &view);
    if (!taken) dw_direction_enqueue(d, packet, 0);
    if (!taken) {
        count_overtaking_all(&d->rules, d);
        count_overtaking_all(&node->rules, d);
    }
    sim->inside--;
    return true;
}
