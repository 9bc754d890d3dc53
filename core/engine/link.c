/* Links: made between two hosts, or from a host to itself, and changed.  How they carry packets is
 * direction.c's. */
#include "link.h"

#include "base/config.h"
#include "base/list.h"
#include "emit.h"
#include "node.h"
#include "packet_pool.h"
#include "resources.h"
#include "sim.h"
#include "status.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_MTU = 1500, LOOPBACK_MTU = 65536 };

static bool model_valid(const dw_loss_model *m)
{
    if (m->kind == DW_LOSS_EVERY) return m->every > 0;
    if (m->kind == DW_LOSS_PATTERN)
        return m->pattern[0] && memchr(m->pattern, 0, sizeof m->pattern) &&
               strspn(m->pattern, ".X") == strlen(m->pattern);
    return m->kind <= DW_LOSS_GILBERT && m->to_bad <= DW_RATIO_ONE && m->to_good <= DW_RATIO_ONE &&
           m->good_loss <= DW_RATIO_ONE && m->bad_loss <= DW_RATIO_ONE;
}

static bool config_valid(const dw_direction_config *c)
{
    return c->delay_ns >= 0 && c->reorder_delay_ns >= 0 && c->jitter_ns >= 0 &&
           c->loss <= DW_RATIO_ONE && c->duplicate <= DW_RATIO_ONE && c->corrupt <= DW_RATIO_ONE &&
           c->reorder <= DW_RATIO_ONE && c->rate_bps <= INT64_MAX && (c->mtu == 0 || c->mtu >= 68);
}

static bool add_iface(dw_node *node, dw_iface *iface)
{
    dw_iface **ifaces = realloc(node->ifaces, (node->iface_count + 1) * sizeof *ifaces);
    if (!ifaces) return false;
    iface->index = node->iface_count;
    ifaces[node->iface_count++] = iface;
    node->ifaces = ifaces;
    return true;
}

static int grow_links(dw_sim *sim)
{
    dw_link **links = dw_list_room(sim->links, sim->link_count, sizeof(dw_link *));
    if (!links) return DW_E_NOMEM;
    sim->links = links;
    return DW_OK;
}

void dw_link_trace(dw_link *link)
{
    dw_sim *sim = link->sim;
    if (!dw_traced(sim, DW_TRACE_LINK)) return;
    dw_trace_event e = {
        .at = sim->now, .type = DW_TRACE_LINK, .node = UINT32_MAX, .link = link->index};
    e.u.link.a = link->end[0].node->index;
    e.u.link.b = link->end[1].node->index;
    for (int i = 0; i < 2; i++) {
        e.u.link.delay[i] = link->direction[i].config.delay_ns;
        e.u.link.rate[i] = link->direction[i].config.rate_bps;
    }
    dw_trace_emit(sim, &e);
}

/* How a direction is asked to be: of whatever version, with its loss model. */
typedef struct wish {
    dw_direction_config config;
    dw_loss_model loss_model;
} wish;

/* DW_OK, or DW_E_INVAL with a sentence. */
static int read_config(dw_sim *sim, const dw_direction_config *config, wish *out)
{
    if (DW_CONFIG_READ(&out->config, config) != DW_OK ||
        DW_CONFIG_READ(&out->loss_model, out->config.loss_model) != DW_OK)
        return dw_sim_fail(sim, DW_E_INVAL, "a link option is of a later version");
    if (!config_valid(&out->config) || !model_valid(&out->loss_model))
        return dw_sim_fail(sim, DW_E_INVAL, "a link option is out of range");
    if (out->config.mtu == 0) out->config.mtu = DEFAULT_MTU;
    return DW_OK;
}

static void take_wish(dw_direction *d, const wish *w)
{
    d->link->sim->refusing += (uint32_t)w->config.refuses - (uint32_t)d->config.refuses;
    d->config = w->config;
    d->loss_model = w->loss_model;
    d->config.loss_model = d->loss_model.kind == DW_LOSS_INDEPENDENT ? NULL : &d->loss_model;
}

static void make_ends(dw_link *link, dw_node *a, dw_node *b, const wish w[2])
{
    link->sim = a->sim;
    link->index = a->sim->link_count;
    link->end[0].node = a;
    link->end[1].node = b;
    for (int i = 0; i < 2; i++) {
        dw_direction *d = &link->direction[i];
        *d = (dw_direction){
            .link = link, .from = &link->end[i], .to = &link->end[1 - i], .index = (uint8_t)i};
        take_wish(d, &w[i]);
        link->end[i].out = d;
    }
}

static void enter(dw_link *link)
{
    dw_sim *sim = link->sim;
    sim->links[sim->link_count++] = link;
    dw_sim_hold(sim, sizeof *link);
    dw_link_trace(link);
}

/* On failure neither host has an interface more than before. */
int dw_link_new(dw_node *a, dw_node *b, const dw_direction_config *there,
                const dw_direction_config *back, dw_link **out)
{
    dw_sim *sim = a->sim;
    wish w[2];
    if (a == b || b->sim != sim)
        return dw_sim_fail(sim, DW_E_INVAL,
                           a == b ? "a link needs two hosts; a host reaches itself without one"
                                  : "a link needs two hosts of the same simulation");
    if (dw_sim_over(sim) != DW_OK) return dw_sim_refuse(sim);
    for (int i = 0; i < 2; i++)
        if (read_config(sim, i && back ? back : there, &w[i]) != DW_OK) return DW_E_INVAL;
    dw_link *link = calloc(1, sizeof *link);
    if (!link || grow_links(sim) != DW_OK) {
        free(link);
        return dw_sim_no_memory(sim);
    }
    make_ends(link, a, b, w);
    if (!add_iface(a, &link->end[0]) || !add_iface(b, &link->end[1])) {
        if (a->iface_count && a->ifaces[a->iface_count - 1] == &link->end[0]) a->iface_count--;
        free(link);
        return dw_sim_no_memory(sim);
    }
    sim->topology++;
    enter(link);
    if (out) *out = link;
    return DW_OK;
}

/* Not in the node's list of interfaces, and no change of topology: it leads nowhere else. */
dw_link *dw_node_loopback(dw_node *node)
{
    const wish w[2] = {{.config = {.size = sizeof(dw_direction_config), .mtu = LOOPBACK_MTU}},
                       {.config = {.size = sizeof(dw_direction_config), .mtu = LOOPBACK_MTU}}};
    if (node->loopback) return node->loopback;
    dw_link *link = calloc(1, sizeof *link);
    if (!link || grow_links(node->sim) != DW_OK) {
        free(link);
        dw_sim_no_memory(node->sim);
        return NULL;
    }
    make_ends(link, node, node, w);
    node->loopback = link;
    enter(link);
    return link;
}

void dw_link_free(dw_link *link)
{
    for (int i = 0; i < 2; i++) {
        dw_direction *d = &link->direction[i];
        for (uint32_t k = d->head; k != d->tail; k++)
            dw_packet_free(link->sim, d->ring[k & (d->capacity - 1)].packet);
        free(d->ring);
        free(d->rules.items);
    }
    free(link);
}

dw_link *dw_link_at(const dw_sim *sim, uint32_t index)
{
    return index < sim->link_count ? sim->links[index] : NULL;
}

uint32_t dw_link_index(const dw_link *link)
{
    return link->index;
}

dw_node *dw_link_node(const dw_link *link, int end)
{
    return end == 0 || end == 1 ? link->end[end].node : NULL;
}

void dw_link_get(const dw_link *link, int direction, dw_direction_config *out)
{
    if (direction == 0 || direction == 1)
        *out = link->direction[direction].config;
    else
        *out = (dw_direction_config){0};
}

int dw_link_set(dw_link *link, int direction, const dw_direction_config *config)
{
    wish w;
    if (direction != 0 && direction != 1)
        return dw_sim_fail(link->sim, DW_E_INVAL, "a link has the directions 0 and 1, not %d",
                           direction);
    if (read_config(link->sim, config, &w) != DW_OK) return DW_E_INVAL;
    dw_direction *d = &link->direction[direction];
    take_wish(d, &w);
    d->cached_len = 0;
    d->remainder = 0;
    d->loss_position = 0;
    dw_link_trace(link);
    return dw_sim_over(link->sim) == DW_OK ? DW_OK : dw_sim_refuse(link->sim);
}

void dw_link_stats_get(const dw_link *link, int direction, dw_link_stats *out)
{
    if (direction == 0 || direction == 1)
        *out = link->direction[direction].stats;
    else
        *out = (dw_link_stats){0};
}
