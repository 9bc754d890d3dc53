/* The connection's segments in the trace, with numbers that do not wrap. */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

bool passage_has_octets(const passage *p)
{
    return p->v->d.len > 0 || p->v->d.flags & (FLAG_SYN | FLAG_FIN);
}

int64_t passage_next(const passage *p)
{
    return p->end + !!(p->v->d.flags & FLAG_FIN);
}

/* Numbers rise, with gaps. */
const dw_packet_view *replay_view(const replay *r, uint64_t number)
{
    size_t low = 0, high = r->packet_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->packets[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->packet_count && r->packets[low].number == number ? &r->packets[low] : NULL;
}

/* Of one file the numbers are those of its frames, which rise; merged ones are numbered anew. */
const captured *replay_captured(const replay *r, uint64_t number)
{
    size_t low = 0, high = r->c->count;
    if (r->c->source_count > 1) return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->c->packets[middle].frame < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->c->count && r->c->packets[low].frame == number ? &r->c->packets[low] : NULL;
}

static enum passage_kind kind_of(const dw_packet_view *v)
{
    static const struct {
        const char *name;
        enum passage_kind kind;
    } names[] = {
        {"retransmission", PASSAGE_AGAIN}, {"likely-fast-retransmit", PASSAGE_AGAIN},
        {"likely-timeout", PASSAGE_AGAIN}, {"likely-recovery", PASSAGE_AGAIN},
        {"overtaken", PASSAGE_OVERTAKEN},  {"keepalive", PASSAGE_KEEPALIVE},
        {"window-probe", PASSAGE_PROBE},   {"network-copy", PASSAGE_COPY},
        {"foreign", PASSAGE_FOREIGN},
    };
    for (size_t i = 0; v->cause && i < sizeof names / sizeof *names; i++)
        if (strcmp(v->cause->name, names[i].name) == 0) return names[i].kind;
    return PASSAGE_PLAIN;
}

/* Numbers of one end's stream without wrapping: counted from the first one that is met, until it is
 * known which one is the least. */
typedef struct numbering {
    bool any, syn;
    uint32_t base;
    int64_t last, least, first_octet;
} numbering;

static int64_t unwrap(numbering *n, uint32_t number)
{
    if (!n->any) {
        n->any = true;
        n->base = number;
    }
    n->last += (int32_t)(number - (uint32_t)(n->base + (uint64_t)n->last));
    if (n->last < n->least) n->least = n->last;
    return n->last;
}

/* A RST says nothing of numbers: RFC 9293 3.10.7.1 has it take those of what it answers. */
static void take_numbers(passage *p, numbering streams[2])
{
    const dw_dissection *d = &p->v->d;
    numbering *own = &streams[p->from], *peer = &streams[!p->from];
    bool reset = d->flags & FLAG_RST, syn = d->flags & FLAG_SYN;
    p->has_ack = d->flags & FLAG_ACK;
    if (p->kind == PASSAGE_FOREIGN) return;
    if (p->has_ack) p->ack = unwrap(peer, d->ack);
    if (reset && !own->any) return;
    p->seq = unwrap(own, d->seq + syn);
    if (syn && !own->syn) {
        own->syn = true;
        own->first_octet = p->seq;
    }
}

/* A RST whose sender goes on, and never was at its number, is somebody else's. */
static void find_blind_resets(replay *r)
{
    int64_t top[2] = {0, 0};
    const passage *last[2] = {NULL, NULL};
    for (size_t i = 0; i < r->count; i++)
        if (!(r->passages[i].v->d.flags & FLAG_RST)) last[r->passages[i].from] = &r->passages[i];
    for (size_t i = 0; i < r->count; i++) {
        passage *p = &r->passages[i];
        bool reset = p->v->d.flags & FLAG_RST;
        if (p->kind == PASSAGE_FOREIGN) continue;
        if (reset && p < last[p->from] && (p->seq < NO_NUMBER || p->seq > top[p->from] + 1))
            p->kind = PASSAGE_FOREIGN;
        else if (!reset && p->end > top[p->from])
            top[p->from] = p->end;
    }
}

static void count_from_first_octet(replay *r, numbering streams[2])
{
    for (int e = 0; e < 2; e++) {
        numbering *n = &streams[e];
        if (!n->syn) n->first_octet = n->least;
        r->ends[e].numbered = n->any;
        r->ends[e].isn = n->base + (uint32_t)(uint64_t)n->first_octet - 1;
    }
    for (size_t i = 0; i < r->count; i++) {
        passage *p = &r->passages[i];
        p->seq -= streams[p->from].first_octet;
        p->ack -= streams[!p->from].first_octet;
        p->end = p->seq + p->v->d.len;
    }
}

/* In order of departure, which is that of the trace's events, not of the packets' numbers. */
void replay_take_passages(replay *r)
{
    numbering streams[2] = {0};
    r->passages = calloc(r->packet_count + 1, sizeof *r->passages);
    r->no_memory |= !r->passages;
    for (size_t i = 0; i < dw_trace_count(r->trace) && !r->no_memory; i++) {
        const dw_trace_event *e = dw_trace_at(r->trace, i);
        if (e->at > r->over && e->type != DW_TRACE_LINK) r->over = e->at;
        if (e->type == DW_TRACE_LINK) r->delay = e->u.link.delay[0];
        if (e->type != DW_TRACE_SENT || e->node > SERVER) continue;
        passage *p = &r->passages[r->count];
        const dw_packet_view *v = replay_view(r, e->packet);
        if (!v) continue;
        const captured *c = replay_captured(r, v->number);
        *p = (passage){.v = v, .from = (uint8_t)e->node, .kind = (uint8_t)kind_of(v)};
        p->offloaded = c && c->offloaded && v->d.len > 0;
        take_numbers(p, streams);
        r->count++;
    }
    if (r->no_memory) return;
    count_from_first_octet(r, streams);
    find_blind_resets(r);
}
