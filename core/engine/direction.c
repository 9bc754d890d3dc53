/* One direction of a link: a transmitter with a rate and a drop-tail queue, then a delay.
 *
 * A packet's fate on a link is known when it enters: when its transmission begins, and when it
 * arrives.  So each packet costs one event a hop, and the queue's length is found by counting the
 * packets whose transmission has not begun. */
#include "corrupt.h"
#include "emit.h"
#include "link.h"
#include "node.h"
#include "packet/cause.h"
#include "packet_pool.h"
#include "receive.h"
#include "resources.h"
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>

/* Exact over a long run: the part of a nanosecond that a packet leaves over is carried. */
static dw_time transmission_time(dw_direction *d, uint32_t len)
{
    uint64_t rate = d->config.rate_bps;
    if (rate == 0) return 0;
    if (len != d->cached_len) {
        uint64_t scaled = (uint64_t)len * 8 * (uint64_t)DW_SECOND;
        d->cached_len = len;
        d->cached_ns = scaled / rate;
        d->cached_remainder = scaled % rate;
    }
    uint64_t ns = d->cached_ns;
    d->remainder += d->cached_remainder;
    if (d->remainder >= rate) {
        d->remainder -= rate;
        ns++;
    }
    return (dw_time)ns;
}

static dw_transit *slot(dw_direction *d, uint32_t i)
{
    return &d->ring[i & (d->capacity - 1)];
}

static void count_waiting(dw_direction *d, dw_time now)
{
    while (d->waiting != d->tail && slot(d, d->waiting)->start <= now) {
        d->waiting_bytes -= dw_packet_len(slot(d, d->waiting)->packet);
        d->waiting++;
    }
    d->stats.queue_packets = d->tail - d->waiting;
    if (d->stats.queue_packets > d->stats.queue_packets_max)
        d->stats.queue_packets_max = d->stats.queue_packets;
}

static bool has_room(const dw_direction *d, uint32_t len)
{
    if (d->busy_until <= d->link->sim->now) return true;
    if (d->config.queue_packets && d->tail - d->waiting >= d->config.queue_packets) return false;
    return !d->config.queue_bytes || d->waiting_bytes + len <= d->config.queue_bytes;
}

void dw_direction_drop(dw_direction *d, dw_packet *packet, const dw_cause *cause)
{
    dw_sim *sim = d->link->sim;
    d->stats.dropped_packets++;
    if (dw_traced(sim, DW_TRACE_DROPPED))
        dw_trace_packet(sim, DW_TRACE_DROPPED, d, d->from->node, packet, cause, 0);
    dw_packet_free(sim, packet);
}

static bool chance(dw_direction *d, dw_ratio probability)
{
    if (probability == 0) return false;
    if (!d->random) {
        char name[160];
        dw_sim *sim = d->link->sim;
        /* Named after the ends, and counted among links between the same two: another link
         * elsewhere does not move this one's stream. */
        uint32_t twin = 0;
        for (uint32_t i = 0; i < d->link->index; i++)
            if (sim->links[i]->end[0].node == d->link->end[0].node &&
                sim->links[i]->end[1].node == d->link->end[1].node)
                twin++;
        snprintf(name, sizeof name, "%s>%s#%u", d->from->node->name, d->to->node->name, twin);
        d->random = dw_sim_stream(sim, name, "link");
    }
    return dw_rng_chance(d->random, probability);
}

/* Whether the loss model takes this packet. */
static bool model_loses(dw_direction *d)
{
    const dw_loss_model *m = &d->loss_model;
    switch ((enum dw_loss_kind)m->kind) {
    case DW_LOSS_INDEPENDENT: return false;
    case DW_LOSS_EVERY: return ++d->loss_position % m->every == 0;
    case DW_LOSS_PATTERN: {
        char c = m->pattern[d->loss_position++];
        if (!m->pattern[d->loss_position]) d->loss_position = 0;
        return c == 'X';
    }
    case DW_LOSS_GILBERT:
        if (chance(d, d->bad ? m->to_good : m->to_bad)) d->bad = !d->bad;
        return chance(d, d->bad ? m->bad_loss : m->good_loss);
    }
    return false;
}

void dw_direction_arrive(dw_direction *d, dw_packet *packet)
{
    dw_sim *sim = d->link->sim;
    d->stats.delivered_packets++;
    d->stats.delivered_bytes += dw_packet_len(packet);
    if (dw_traced(sim, DW_TRACE_DELIVERED))
        dw_trace_packet(sim, DW_TRACE_DELIVERED, d, d->to->node, packet, NULL, 0);
    dw_node_receive(d->to->node, d->to, packet);
}

static void arrive(dw_direction *d, dw_packet *packet)
{
    const dw_sim *sim = d->link->sim;
    if (DW_UNLIKELY(sim->plan != NULL) && sim->plan_ops->takes(sim->plan, d, packet)) return;
    dw_direction_arrive(d, packet);
}

void dw_loose_due(void *arg)
{
    dw_loose l = *(dw_loose *)arg;
    dw_sim *sim = l.direction->link->sim;
    *l.previous = l.next;
    if (l.next) l.next->previous = l.previous;
    dw_sim_block_free(sim, arg, sizeof(dw_loose));
    l.due(l.direction, l.packet);
}

bool dw_loose_arrives(const dw_loose *loose)
{
    return loose->due == arrive;
}

void dw_direction_launch(dw_direction *d, dw_packet *packet, dw_time at, dw_loose_fn due)
{
    dw_sim *sim = d->link->sim;
    DW_ASSERT(due);
    dw_loose *l = dw_sim_alloc(sim, sizeof *l);
    if (!l) {
        dw_packet_free(sim, packet);
        return;
    }
    *l = (dw_loose){
        .direction = d, .packet = packet, .due = due, .next = sim->loose, .previous = &sim->loose};
    if (l->next) l->next->previous = &l->next;
    sim->loose = l;
    dw_sim_schedule(sim, d->from->node, at, dw_loose_due, l);
}

static void schedule_head(dw_direction *d, const dw_transit *head)
{
    dw_sim *sim = d->link->sim;
    if (dw_evq_push(&sim->queue, head->arrival, head->order, dw_direction_head_due, d))
        d->scheduled = true;
    else
        dw_sim_no_memory(sim);
}

dw_packet *dw_direction_take_head(dw_direction *d)
{
    DW_ASSERT(d->head != d->tail);
    dw_packet *packet = slot(d, d->head)->packet;
    if (d->waiting == d->head) {
        d->waiting_bytes -= dw_packet_len(packet);
        d->waiting++;
    }
    d->head++;
    return packet;
}

/* Everything that arrives at this instant is one event, so that the receiver can answer once. */
void dw_direction_head_due(void *arg)
{
    dw_direction *d = arg;
    dw_sim *sim = d->link->sim;
    /* Still scheduled: what is sent meanwhile goes behind those that are under way. */
    while (d->head != d->tail && slot(d, d->head)->arrival == sim->now) {
        dw_packet *packet = slot(d, d->head)->packet;
        if (d->waiting == d->head) count_waiting(d, sim->now);
        d->head++;
        arrive(d, packet);
    }
    d->scheduled = false;
    if (d->head != d->tail) schedule_head(d, slot(d, d->head));
}

static bool widen_ring(dw_direction *d)
{
    uint32_t capacity = d->capacity ? d->capacity * 2 : 8;
    dw_transit *ring = malloc(capacity * sizeof *ring);
    if (!ring) return dw_sim_no_memory(d->link->sim), false;
    for (uint32_t i = d->head; i != d->tail; i++)
        ring[i & (capacity - 1)] = *slot(d, i);
    free(d->ring);
    d->ring = ring;
    d->capacity = capacity;
    return true;
}

static void ring_push(dw_direction *d, dw_transit transit)
{
    if (d->tail - d->head == d->capacity && !widen_ring(d)) {
        dw_packet_free(d->link->sim, transit.packet);
        return;
    }
    *slot(d, d->tail++) = transit;
    d->waiting_bytes += dw_packet_len(transit.packet);
    if (!d->scheduled) schedule_head(d, &transit);
}

static dw_time held_back_by(const dw_direction *d)
{
    if (d->config.reorder_delay_ns) return d->config.reorder_delay_ns;
    return d->config.delay_ns > DW_MILLISECOND ? d->config.delay_ns : DW_MILLISECOND;
}

/* Put a packet on the wire: extra > 0 lets it arrive that much later than its turn. */
static void start(dw_direction *d, dw_packet *packet, dw_time extra)
{
    dw_sim *sim = d->link->sim;
    dw_time now = sim->now;
    uint32_t len = dw_packet_len(packet);
    count_waiting(d, now);
    if (!has_room(d, len)) {
        dw_direction_drop(d, packet, &dw_cause_queue_full);
        return;
    }
    dw_time begins = d->busy_until > now ? d->busy_until : now;
    if (begins > now && dw_traced(sim, DW_TRACE_QUEUED))
        dw_trace_packet(sim, DW_TRACE_QUEUED, d, d->from->node, packet, NULL, d->tail - d->waiting);
    d->busy_until = dw_time_add(begins, transmission_time(d, len));
    if (chance(d, d->config.loss) || model_loses(d)) {
        dw_direction_drop(d, packet, &dw_cause_random_loss);
        return;
    }
    dw_time arrival = dw_time_add(d->busy_until, d->config.delay_ns);
    if (chance(d, d->config.reorder)) extra = dw_time_add(extra, held_back_by(d));
    if (extra > 0) {
        dw_direction_launch(d, packet, dw_time_add(arrival, extra), arrive);
        return;
    }
    if (d->config.jitter_ns) {
        chance(d, 1); /* makes the stream */
        uint64_t jitter = dw_rng_below(d->random, (uint64_t)d->config.jitter_ns + 1);
        arrival = dw_time_add(arrival, (dw_time)jitter);
    }
    if (arrival < d->last_arrival) arrival = d->last_arrival;
    d->last_arrival = arrival;
    ring_push(d, (dw_transit){.packet = packet,
                              .start = begins,
                              .arrival = arrival,
                              .order = dw_sim_next_order(sim, d->from->node)});
}

void dw_direction_enqueue(dw_direction *d, dw_packet *packet, dw_time extra)
{
    dw_sim *sim = d->link->sim;
    if (DW_UNLIKELY(d->config.down)) {
        dw_direction_drop(d, packet, &dw_cause_link_down);
        if (sim->plan) sim->plan_ops->lost(sim->plan, d);
        return;
    }
    if (DW_UNLIKELY(dw_packet_len(packet) > d->config.mtu) && !packet->may_fragment) {
        dw_direction_drop(d, packet, &dw_cause_too_big);
        return;
    }
    if (chance(d, d->config.corrupt)) dw_corrupt(d, packet, -1, &dw_cause_random_corrupt);
    dw_packet *copy = NULL;
    if (chance(d, d->config.duplicate) && (copy = dw_packet_clone(sim, packet))) {
        copy->id = ++sim->packet_count;
        if (dw_traced(sim, DW_TRACE_DUPLICATED))
            dw_trace_packet(sim, DW_TRACE_DUPLICATED, d, d->from->node, copy,
                            &dw_cause_random_duplicate, packet->id);
    }
    start(d, packet, extra);
    if (copy) start(d, copy, extra);
}
