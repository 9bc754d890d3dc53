/* Packets that are in the capture twice: captured at two places, or doubled by the network.
 *
 * A packet that is sent again is another packet: it has another IP identification, and a later
 * timestamp. One that is the same to the octet was sent once.  If its TTL is less, or it came
 * through another interface, or every packet of its direction is there twice, it was captured twice
 * on its way (both ports of a router, a mirrored port, "-i any" beside containers).  Otherwise the
 * network delivered it twice. */
#include "inference.h"

#include <stdlib.h>
#include <string.h>

enum {
    LOOKED_BACK = 100,         /* segments */
    MOST_DOUBLED_PERCENT = 80, /* so many of a direction: all are captured twice */
    FEWEST_DOUBLED = 3,
};
static const dw_time LONGEST_APART = 2 * DW_SECOND, AT_ONCE = DW_MILLISECOND;

static bool same_octets(const captured *a, const captured *b)
{
    uint32_t from = a->d.transport_at;
    if (a->len != b->len || a->have != b->have || b->d.transport_at != from || from > a->have)
        return false;
    return memcmp(a->bytes + from, b->bytes + from, a->have - from) == 0;
}

/* Without an identification and timestamps a repetition is the same to the octet, too, and may
 * follow after a round trip (RFC 5681 3.2).  So then only what follows at once is the same packet.
 */
static bool same_packet(const segment *a, const segment *b, bool ids)
{
    const captured *p = a->p, *q = b->p;
    if (p->file != q->file || p->has_id != q->has_id || p->id != q->id || a->seq != b->seq ||
        a->end != b->end)
        return false;
    bool numbered = p->has_id && p->id != 0 && ids;
    bool told = numbered || (has_octets(a) && (a->has_ts || b->at - a->at < AT_ONCE));
    return told && same_octets(p, q);
}

/* The segment that number i is the double of; NONE: of none. */
static int64_t original_of(const inference *m, size_t i)
{
    const segment *s = &m->segments[i];
    for (size_t k = i; k-- > 0 && i - k <= LOOKED_BACK;) {
        const segment *o = &m->segments[k];
        if (s->at - o->at > LONGEST_APART) return NONE;
        if (o->from == s->from && same_packet(o, s, m->ends[s->from].numbers_packets))
            return o->kind == SEGMENT_COPY ? o->copy_of : (int64_t)k;
    }
    return NONE;
}

static bool at_another_place(const segment *a, const segment *b)
{
    return a->p->d.ttl != b->p->d.ttl || a->p->interface != b->p->interface;
}

/* Those captured twice are left out; what refers to a segment follows it to its new number. */
static void leave_out(inference *m, const bool all[2])
{
    size_t kept = 0;
    int64_t *moved = calloc(m->count + 1, sizeof *moved); /* to which number */
    if (!moved) {
        m->failed = true;
        return;
    }
    for (size_t i = 0; i < m->count; i++) {
        segment s = m->segments[i];
        if (s.kind == SEGMENT_COPY) s.copy_of = moved[s.copy_of];
        moved[i] = (int64_t)kept;
        if (s.kind == SEGMENT_COPY &&
            (all[s.from] || at_another_place(&m->segments[s.copy_of], &s))) {
            m->ends[s.from].packets--;
            m->captured_twice++;
            continue;
        }
        m->segments[kept++] = s;
    }
    m->count = kept;
    free(moved);
}

/* Small systems give all packets one identification, or all but the first. */
static void look_at_ids(inference *m)
{
    enum { FEWEST_PERCENT = 40 }; /* half of them, where each is captured twice */
    const captured *last[2] = {NULL};
    uint64_t changes[2] = {0}, pairs[2] = {0};
    for (size_t i = 0; i < m->count; i++) {
        const captured *p = m->segments[i].p;
        int e = m->segments[i].from;
        if (p->id == 0) continue;
        pairs[e] += last[e] != NULL;
        changes[e] += last[e] && last[e]->id != p->id;
        last[e] = p;
    }
    for (int e = 0; e < 2; e++)
        m->ends[e].numbers_packets =
            changes[e] > 0 && changes[e] * 100 >= pairs[e] * FEWEST_PERCENT;
}

void import_find_doubles(inference *m)
{
    uint64_t doubled[2] = {0};
    look_at_ids(m);
    for (size_t i = 0; i < m->count; i++) {
        segment *s = &m->segments[i];
        s->copy_of = s->kind == SEGMENT_FOREIGN ? NONE : original_of(m, i);
        if (s->copy_of == NONE) continue;
        s->kind = SEGMENT_COPY;
        doubled[s->from]++;
    }
    bool all[2];
    for (int e = 0; e < 2; e++) {
        uint64_t once = m->ends[e].packets - doubled[e];
        all[e] = doubled[e] >= FEWEST_DOUBLED && doubled[e] * 100 >= once * MOST_DOUBLED_PERCENT;
    }
    leave_out(m, all);
}
