/* How packets hang together (see relations.h): the events of the trace once, in their order, with
 * what each direction of each connection has sent and heard by then. */
#include "relations.h"

#include "base/list.h"
#include "base/map.h"
#include "base/rng.h"
#include "packet/dissect.h"
#include "packet/flow.h"
#include "trace/packets.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

/* A run of the sequence space that was sent for the first time as one. */
typedef struct piece {
    uint64_t begin, end;  /* offsets from the direction's first sequence number */
    uint64_t first, last; /* the packets that carried it */
    uint32_t times;
} piece;

/* What arrived and has not been acknowledged by a packet that came after. */
typedef struct waiting {
    uint64_t end;
    size_t view;
} waiting;

typedef struct direction {
    const dw_dissection *d; /* a packet of it */
    uint64_t next,
        acked;     /* offsets: sent up to here; the sender knows that it arrived up to here */
    uint32_t base; /* the sequence number with offset 2^32: what is older has one, too */
    piece *pieces; /* by rising offsets */
    size_t piece_count;
    waiting *waits; /* a heap, the lowest end first */
    size_t wait_count;
} direction;

typedef struct relations {
    const dw_trace *trace;
    const dw_packet_view *views;
    size_t count;
    dw_relation *out;
    direction *directions;
    uint32_t direction_count;
    dw_map by_flow;
    struct {
        dw_time at;
        uint64_t packet;
    } * arrived; /* by node: the last arrival */
    bool failed;
} relations;

#define FIRST (UINT64_C(1) << 32) /* the offset of a direction's first number */

static uint64_t hash_end(const dw_flow_end *e)
{
    uint64_t local = XXH3_64bits(e->local, sizeof *e->local);
    uint64_t remote = XXH3_64bits(e->remote, sizeof *e->remote);
    return dw_hash_mix(local + e->local_port) ^ (remote + e->remote_port);
}

static bool runs_against(const dw_dissection *d, const dw_dissection *other)
{
    dw_flow_end a = dw_packet_end(d, false), b = dw_packet_end(other, true);
    return dw_same_end(&a, &b);
}

/* The direction that a packet runs in, or with reverse the other one; NULL: nothing was sent in it.
 */
static direction *find(const relations *r, const dw_dissection *d, bool reverse)
{
    dw_flow_end wanted = dw_packet_end(d, reverse);
    uint64_t hash = hash_end(&wanted);
    uint32_t at = 0, number;
    while ((number = dw_map_next(&r->by_flow, hash, &at)) != 0) {
        dw_flow_end e = dw_packet_end(r->directions[number - 1].d, false);
        if (dw_same_end(&e, &wanted)) return &r->directions[number - 1];
    }
    return NULL;
}

static direction *add(relations *r, const dw_dissection *d)
{
    direction *list = dw_list_room(r->directions, r->direction_count, sizeof *list);
    if (list) r->directions = list;
    if (!list || !dw_map_room(&r->by_flow)) {
        r->failed = true;
        return NULL;
    }
    dw_flow_end e = dw_packet_end(d, false);
    direction *new = &list[r->direction_count++];
    *new = (direction){.d = d};
    dw_map_add(&r->by_flow, hash_end(&e), r->direction_count);
    return new;
}

/* Octets of the sequence space. */
static uint64_t units_of(const dw_dissection *d)
{
    return (uint64_t)d->len + (dw_flags_that(d, DW_FLAG_OPENS) != 0) +
           (dw_flags_that(d, DW_FLAG_CLOSES) != 0);
}

/* Sequence numbers wrap; what is meant lies within 2^31 of what was sent last. */
static uint64_t offset_of(const direction *dir, uint32_t seq)
{
    uint32_t next = dir->base + (uint32_t)dir->next;
    return dir->next + (uint64_t)(int64_t)(int32_t)(seq - next);
}

static void begin(direction *dir, uint32_t seq)
{
    dir->piece_count = dir->wait_count = 0;
    dir->base = seq;
    dir->next = dir->acked = FIRST;
}

/* A SYN with another number: the next incarnation. */
static bool begins_anew(const direction *dir, const dw_dissection *d)
{
    return dw_flags_that(d, DW_FLAG_OPENS) && offset_of(dir, d->seq) != FIRST;
}

/* The piece that an offset lies in, which must have been sent. */
static piece *piece_at(const direction *dir, uint64_t offset)
{
    size_t low = 0, high = dir->piece_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (dir->pieces[middle].end <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < dir->piece_count && dir->pieces[low].begin <= offset ? &dir->pieces[low] : NULL;
}

/* A SYN,ACK behind a SYN, as where two crossed, has its number again but says more. */
static bool says_more(const relations *r, const dw_packet_view *v, const piece *old)
{
    const dw_packet_view *first = dw_view_numbered(r->views, r->count, old->first);
    return dw_flags_that(&v->d, DW_FLAG_OPENS) && dw_flags_that(&v->d, DW_FLAG_ACKS) &&
           !dw_flags_that(&first->d, DW_FLAG_ACKS);
}

static void sent_again(const relations *r, direction *dir, piece *from, uint64_t end,
                       const dw_packet_view *v, dw_relation *out)
{
    if (says_more(r, v, from)) {
        from->first = v->number;
        from->times = 0;
    } else {
        out->again = from->last;
        out->first = from->first;
        out->times = from->times;
    }
    for (piece *p = from; p < dir->pieces + dir->piece_count && p->begin < end; p++) {
        p->last = v->number;
        p->times++;
    }
}

static void sent_first(relations *r, direction *dir, uint64_t from, uint64_t end, uint64_t number)
{
    piece *pieces = dw_list_room(dir->pieces, dir->piece_count, sizeof *pieces);
    if (!pieces) {
        r->failed = true;
        return;
    }
    dir->pieces = pieces;
    pieces[dir->piece_count++] =
        (piece){.begin = from, .end = end, .first = number, .last = number, .times = 1};
    dir->next = end;
}

/* A segment that occupies sequence space leaves its sender.  A SYN is a piece of its own: it may go
 * again without the data that went with it, and the data without it. */
static void note_space(relations *r, direction *dir, const dw_packet_view *v, dw_relation *out)
{
    uint64_t at = offset_of(dir, v->d.seq), end = at + units_of(&v->d);
    piece *old = at < dir->next ? piece_at(dir, at) : NULL;
    if (old && end > dir->acked) sent_again(r, dir, old, end, v, out);
    if (at < dir->next) at = dir->next;
    if (at == FIRST && end > FIRST + 1 && dw_flags_that(&v->d, DW_FLAG_OPENS))
        sent_first(r, dir, at++, FIRST + 1, v->number);
    if (at < end) sent_first(r, dir, at, end, v->number);
}

/* The waiting, as a heap. */

static void push_waiting(relations *r, direction *dir, waiting w)
{
    waiting *heap = dw_list_room(dir->waits, dir->wait_count, sizeof *heap);
    if (!heap) {
        r->failed = true;
        return;
    }
    dir->waits = heap;
    size_t i = dir->wait_count++;
    for (; i > 0 && heap[(i - 1) / 2].end > w.end; i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = w;
}

static void pop_waiting(direction *dir)
{
    waiting *heap = dir->waits, last = heap[--dir->wait_count];
    size_t i = 0, n = dir->wait_count;
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && heap[child + 1].end < heap[child].end) child++;
        if (heap[child].end >= last.end) break;
        heap[i] = heap[child];
    }
    heap[i] = last;
}

/* What was discarded is acknowledged by what answers it at once, if at all: what comes later means
 * a copy of it. */
static bool may_mean(const dw_packet_view *ack, const dw_packet_view *v)
{
    return !v->drop_cause || v->arrived_at == ack->sent_at;
}

/* A packet that acknowledges up to an offset leaves the receiver. */
static void note_acknowledgment(relations *r, direction *of, const dw_packet_view *v)
{
    uint64_t upto = offset_of(of, v->d.ack);
    while (of->wait_count > 0 && of->waits[0].end <= upto) {
        size_t i = of->waits[0].view;
        if (may_mean(v, &r->views[i])) r->out[i].acknowledged = v->number;
        pop_waiting(of);
    }
}

/* What arrived at the sender at this very instant, the last of it, is what it answers. */
static void note_trigger(relations *r, const dw_trace_event *e, const dw_packet_view *v,
                         dw_relation *out)
{
    const dw_packet_view *before = dw_view_numbered(r->views, r->count, r->arrived[e->node].packet);
    if (!before || r->arrived[e->node].at != e->at || !v->cause) return;
    if (runs_against(&v->d, &before->d)) out->trigger = before->number;
}

/* Copies of the network and what a script injects are nobody's: no connection has sent them. */
static void note_sent(relations *r, const dw_trace_event *e, size_t i)
{
    const dw_packet_view *v = &r->views[i];
    note_trigger(r, e, v, &r->out[i]);
    if (!v->d.flag_names || v->copy_of || !v->conn) return;
    direction *other = find(r, &v->d, true), *dir = find(r, &v->d, false);
    if (other && dw_flags_that(&v->d, DW_FLAG_ACKS)) note_acknowledgment(r, other, v);
    bool new = !dir;
    if (new) dir = add(r, &v->d);
    if (!dir) return;
    if (new || begins_anew(dir, &v->d)) begin(dir, v->d.seq);
    if (units_of(&v->d) > 0) note_space(r, dir, v, &r->out[i]);
}

static bool runs_with(const dw_dissection *d, const dw_dissection *other)
{
    dw_flow_end a = dw_packet_end(d, false), b = dw_packet_end(other, false);
    return dw_same_end(&a, &b);
}

/* Behind others of its direction that arrived at this instant, or as the first of them. */
static void note_batch(relations *r, const dw_trace_event *e, size_t i)
{
    const dw_packet_view *v = &r->views[i];
    const dw_packet_view *before = dw_view_numbered(r->views, r->count, r->arrived[e->node].packet);
    dw_relation *out = &r->out[i];
    out->batch = v->number;
    out->place = 1;
    if (before && r->arrived[e->node].at == e->at && runs_with(&v->d, &before->d)) {
        out->batch = r->out[before - r->views].batch;
        out->place = r->out[before - r->views].place + 1;
    }
    r->arrived[e->node].at = e->at;
    r->arrived[e->node].packet = v->number;
}

static void note_arrived(relations *r, const dw_trace_event *e, size_t i)
{
    const dw_packet_view *v = &r->views[i];
    if ((int32_t)e->node != v->to) return;
    note_batch(r, e, i);
    if (!v->d.flag_names) return;
    direction *dir = find(r, &v->d, false), *other = find(r, &v->d, true);
    if (dir && units_of(&v->d) > 0)
        push_waiting(r, dir, (waiting){offset_of(dir, v->d.seq) + units_of(&v->d), i});
    if (!other || !dw_flags_that(&v->d, DW_FLAG_ACKS)) return;
    uint64_t upto = offset_of(other, v->d.ack);
    if (upto > other->acked && upto <= other->next) other->acked = upto;
}

static void note_event(relations *r, const dw_trace_event *e)
{
    const dw_packet_view *v = dw_view_numbered(r->views, r->count, e->packet);
    if (!v || e->node == UINT32_MAX) return;
    size_t i = (size_t)(v - r->views);
    if (e->type == DW_TRACE_SENT && (int32_t)e->node == v->sender && e->at == v->sent_at)
        note_sent(r, e, i);
    if (e->type == DW_TRACE_DELIVERED) note_arrived(r, e, i);
}

int dw_relations_find(const dw_trace *trace, const dw_packet_view *views, size_t count,
                      dw_relation **out)
{
    relations r = {.trace = trace, .views = views, .count = count};
    r.out = calloc(count + 1, sizeof *r.out);
    r.arrived = calloc(dw_trace_nodes(trace) + 1u, sizeof *r.arrived);
    r.failed = !r.out || !r.arrived;
    for (size_t i = 0; i < dw_trace_count(trace) && !r.failed; i++)
        note_event(&r, dw_trace_at(trace, i));
    for (uint32_t i = 0; i < r.direction_count; i++) {
        free(r.directions[i].pieces);
        free(r.directions[i].waits);
    }
    free(r.directions);
    free(r.arrived);
    dw_map_free(&r.by_flow);
    if (r.failed) free(r.out);
    *out = r.failed ? NULL : r.out;
    return r.failed ? DW_E_NOMEM : DW_OK;
}
