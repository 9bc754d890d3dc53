/* Rewriting: what NATs, MSS clamps and other boxes on the way do to headers on purpose. */
#include "base/list.h"
#include "emit.h"
#include "node.h"
#include "packet/cause.h"
#include "packet/dissect.h"
#include "rule.h"
#include "sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A packet that is being changed. */
typedef struct work {
    dw_rule *rule;
    const dw_direction *direction;
    dw_packet *packet;
    const dw_dissection *d; /* as it came */
    const dw_protocol_ops *network, *transport;
    bool changed; /* something of it was */
} work;

static work begin(dw_rule *rule, const dw_direction *d, dw_packet *packet,
                  const dw_packet_view *view)
{
    const dw_plugin *const *plugins = rule->sim->plugins;
    return (work){.rule = rule,
                  .direction = d,
                  .packet = packet,
                  .d = &view->d,
                  .network = dw_protocol_numbered(plugins, DW_LAYER_NETWORK, packet->protocol),
                  .transport =
                      dw_protocol_numbered(plugins, DW_LAYER_TRANSPORT, view->d.transport)};
}

/* That a field cannot be changed is said once for each field of a rule: what one packet of a flow
 * lacks, most of the others do. */
static void tell_impossible(const work *w, const char *name)
{
    enum { OTHERS = DW_REWRITE_FIELDS }; /* ports of a flow that a NAT has moved */
    dw_rule *rule = w->rule;
    char text[200];
    uint32_t i = 0;
    while (i < rule->config.field_count && strcmp(rule->config.fields[i].name, name) != 0)
        i++;
    if (i == rule->config.field_count) i = OTHERS;
    if (rule->told >> i & 1) return;
    rule->told |= 1u << i;
    if (!dw_traced(rule->sim, DW_TRACE_NOTE)) return;
    snprintf(text, sizeof text, "%s: packet %" PRIu64 ": %s has no field \"%s\" to rewrite",
             rule->what, w->packet->id, w->d->protocol ? w->d->protocol : "its protocol", name);
    dw_trace_event e = {.at = rule->sim->now,
                        .type = DW_TRACE_NOTE,
                        .packet = w->packet->id,
                        .cause = &dw_cause_cannot_rewrite,
                        .node = w->direction->from->node->index,
                        .link = UINT32_MAX,
                        .conn = w->packet->conn};
    e.u.note.text = text;
    dw_trace_emit(rule->sim, &e);
}

/* By the first of its protocols that has such a field. */
static void set_field(work *w, const char *name, int64_t value)
{
    const dw_protocol_ops *layers[2] = {w->transport, w->network};
    for (int k = 0; k < 2; k++)
        if (layers[k] && layers[k]->rewrite &&
            layers[k]->rewrite(w->packet, w->d, name, value) == DW_OK) {
            w->changed = true;
            return;
        }
    tell_impossible(w, name);
}

/* The transport's checksum where it covers the addresses, or NULL. */
static uint8_t *address_checksum(const work *w)
{
    const dw_protocol_ops *t = w->transport;
    return t && DW_OFFERS(dw_protocol_ops, t, address_checksum)
               ? t->address_checksum(w->packet, w->d)
               : NULL;
}

static uint16_t sum_of(const dw_addr *addr)
{
    uint64_t sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (addr->word[i] >> 16) + (addr->word[i] & 0xffff);
    return dw_checksum_fold(sum);
}

/* Incrementally, as RFC 1624 has it.  A field that waits for its data to be added (see
 * DW_CHECKSUM_PARTIAL) holds the sum, any other its complement. */
static void adjust_checksum(const work *w, const dw_addr *before, const dw_addr *after)
{
    uint8_t *field = address_checksum(w);
    if (!field) return;
    uint16_t flip = w->packet->checksum == DW_CHECKSUM_PARTIAL ? 0 : UINT16_MAX;
    uint64_t sum = (uint64_t)(dw_get16(field) ^ flip) + (uint16_t)~sum_of(before) + sum_of(after);
    uint16_t value = dw_checksum_fold(sum) ^ flip;
    dw_put16(field, value || !flip ? value : UINT16_MAX); /* to UDP 0 says that there is none */
}

static void set_address(work *w, bool source, const dw_addr *to)
{
    const dw_addr *before = source ? &w->d->src : &w->d->dst;
    const dw_protocol_ops *n = w->network;
    if (!n || !DW_OFFERS(dw_protocol_ops, n, readdress)) return;
    if (dw_addr_equal(before, to) || n->readdress(w->packet, source, to) != DW_OK) return;
    w->changed = true;
    adjust_checksum(w, before, to);
}

/* Flows that a rule with `back` has changed. */

static bool same_end(const dw_endpoint *a, const dw_endpoint *b)
{
    return a->port == b->port && dw_addr_equal(&a->addr, &b->addr);
}

/* Somebody else's flow has these numbers already. */
static bool is_taken(const dw_rule *rule, const dw_translation *t)
{
    for (uint32_t i = 0; i < rule->translation_count; i++) {
        const dw_translation *o = &rule->translations[i];
        bool same_out = same_end(&o->new_src, &t->new_src) && same_end(&o->new_dst, &t->new_dst);
        if (same_out && !(same_end(&o->src, &t->src) && same_end(&o->dst, &t->dst))) return true;
    }
    return false;
}

static const dw_translation *known_flow(const dw_rule *rule, const dw_dissection *d)
{
    const dw_endpoint src = {d->src, d->sport}, dst = {d->dst, d->dport};
    for (uint32_t i = 0; i < rule->translation_count; i++) {
        const dw_translation *t = &rule->translations[i];
        if (same_end(&t->src, &src) && same_end(&t->dst, &dst)) return t;
    }
    return NULL;
}

static uint16_t field_or(const dw_rule_config *c, const char *name, uint16_t otherwise)
{
    for (uint32_t i = 0; i < c->field_count; i++)
        if (strcmp(c->fields[i].name, name) == 0) return (uint16_t)c->fields[i].value;
    return otherwise;
}

/* A flow seen for the first time.  Where its new numbers are another's, its source port counts on
 * until they are not. */
static const dw_translation *new_flow(dw_rule *rule, const dw_dissection *d)
{
    enum { FIRST_PORT = 1024 };
    const dw_rule_config *c = &rule->config;
    dw_translation *all = dw_list_room(rule->translations, rule->translation_count, sizeof *all);
    if (!all) {
        dw_sim_no_memory(rule->sim);
        return NULL;
    }
    rule->translations = all;
    dw_translation t = {.src = {d->src, d->sport}, .dst = {d->dst, d->dport}};
    t.new_src = (dw_endpoint){c->src.family ? c->src : d->src, field_or(c, "src_port", d->sport)};
    t.new_dst = (dw_endpoint){c->dst.family ? c->dst : d->dst, field_or(c, "dst_port", d->dport)};
    for (uint32_t tries = 0; is_taken(rule, &t) && tries < UINT16_MAX; tries++)
        t.new_src.port = t.new_src.port == UINT16_MAX ? FIRST_PORT : (uint16_t)(t.new_src.port + 1);
    all[rule->translation_count] = t;
    return &all[rule->translation_count++];
}

static void set_ends(work *w, const dw_endpoint *src, const dw_endpoint *dst)
{
    set_address(w, true, &src->addr);
    set_address(w, false, &dst->addr);
    if (src->port != w->d->sport) set_field(w, "src_port", src->port);
    if (dst->port != w->d->dport) set_field(w, "dst_port", dst->port);
}

static void trace(const work *w)
{
    dw_sim *sim = w->rule->sim;
    const dw_direction *d = w->direction;
    if (w->changed && dw_traced(sim, DW_TRACE_DAMAGED))
        dw_trace_packet(sim, DW_TRACE_DAMAGED, d, d->from->node, w->packet, &dw_cause_rewrite, 0);
}

bool dw_rewrite_applies(const dw_rule *rule, const dw_dissection *d)
{
    const dw_rule_config *c = &rule->config;
    if (c->flag_names && c->flag_names != d->flag_names) return false;
    return (!c->src.family || c->src.family == d->src.family) &&
           (!c->dst.family || c->dst.family == d->dst.family);
}

void dw_rewrite(dw_rule *rule, dw_direction *d, dw_packet *packet, const dw_packet_view *view)
{
    const dw_rule_config *c = &rule->config;
    work w = begin(rule, d, packet, view);
    if (c->keep_checksum) dw_packet_complete_checksum(packet);
    uint8_t *field = address_checksum(&w);
    uint16_t before = field ? dw_get16(field) : 0;
    for (uint32_t i = 0; i < c->field_count; i++)
        set_field(&w, c->fields[i].name, c->fields[i].value);
    if (c->back) {
        const dw_translation *t = known_flow(rule, &view->d);
        if (!t) t = new_flow(rule, &view->d);
        if (t) set_ends(&w, &t->new_src, &t->new_dst);
    } else {
        if (c->src.family) set_address(&w, true, &c->src);
        if (c->dst.family) set_address(&w, false, &c->dst);
    }
    if (c->keep_checksum && field) dw_put16(field, before);
    trace(&w);
}

bool dw_rewrite_back(dw_rule *rule, dw_direction *d, dw_packet *packet, const dw_packet_view *view)
{
    const dw_endpoint src = {view->d.src, view->d.sport}, dst = {view->d.dst, view->d.dport};
    for (uint32_t i = 0; i < rule->translation_count; i++) {
        const dw_translation *t = &rule->translations[i];
        if (!same_end(&t->new_dst, &src) || !same_end(&t->new_src, &dst)) continue;
        work w = begin(rule, d, packet, view);
        set_ends(&w, &t->dst, &t->src);
        trace(&w);
        return true;
    }
    return false;
}
