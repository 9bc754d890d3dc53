/* The segments of a connection: numbers without wrapping, options, and a clock without steps. */
#include "inference.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* How far from what was captured of an end a sequence number may lie and still be taken for one of
 * it. Windows are smaller, mostly; the rest is for what the capture may have missed. */
static const int64_t PLAUSIBLE = (int64_t)1 << 26;

static const dw_cause damaged = {
    .name = "damaged",
    .rfc = "RFC 9293 3.1",
    .text = "its checksum is wrong, and those of its sender's others are right"};

/* A 32-bit number near one whose place is known. */
static int64_t unwrap(uint32_t number, uint32_t base, int64_t near)
{
    return near + (int32_t)(number - (base + (uint32_t)near));
}

static int64_t unwrap_of(sender *e, uint32_t number)
{
    if (!e->numbered) {
        e->numbered = true;
        e->base = number;
    }
    return unwrap(number, e->base, e->top);
}

static int64_t unwrap_clock(sender *e, uint32_t value)
{
    if (!e->has_clock) {
        e->has_clock = true;
        e->clock_base = value;
    }
    int64_t at = unwrap(value, e->clock_base, e->clock_top);
    if (at > e->clock_top && at - e->clock_top < INT32_MAX / 2) e->clock_top = at;
    return at;
}

/* RFC 2883: the first block is a duplicate if it lies below the acknowledgment, or in the second.
 */
static void take_sack(segment *s, const range *blocks, size_t count)
{
    bool below = count > 0 && blocks[0].right <= s->ack;
    bool within =
        count > 1 && blocks[0].left >= blocks[1].left && blocks[0].right <= blocks[1].right;
    s->has_dsack = below || within;
    if (s->has_dsack) s->dsack = blocks[0];
    for (size_t i = s->has_dsack; i < count; i++)
        s->sack[s->sack_count++] = blocks[i];
}

/* RFC 2018 3: what an option says to have arrived, added to so many blocks; how many there are
 * then. */
static size_t take_blocks(sender *peer, const tcp_option *o, range blocks[SACK_BLOCKS],
                          size_t count)
{
    for (uint32_t b = 0; b + 8 <= o->len && count < SACK_BLOCKS; b += 8) {
        range r = {unwrap_of(peer, dw_get32(o->value + b)),
                   unwrap_of(peer, dw_get32(o->value + b + 4))};
        if (r.left < r.right) blocks[count++] = r;
    }
    return count;
}

/* MSS and the like are the script's business (replay_settings.c); here count what acknowledges and
 * echoes. */
static void take_options(inference *m, segment *s)
{
    sender *own = &m->ends[s->from], *peer = &m->ends[!s->from];
    bool syn = flags_of(s) & FLAG_SYN;
    range blocks[SACK_BLOCKS];
    size_t count = 0;
    tcp_option o;
    for (uint32_t at = 0; tcp_option_next(&s->p->d, &at, &o);) {
        if (o.kind == OPTION_SCALE && o.len == 1 && syn)
            own->scale = (int8_t)(*o.value < MAX_SCALE ? *o.value : MAX_SCALE);
        own->permits_sack |= o.kind == OPTION_SACK_PERMITTED && syn;
        own->sends_sack |= o.kind == OPTION_SACK;
        if (o.kind == OPTION_SACK && s->has_ack) count = take_blocks(peer, &o, blocks, count);
        if (o.kind != OPTION_TIMESTAMPS || o.len != 8) continue;
        s->has_ts = true;
        s->ts_val = unwrap_clock(own, dw_get32(o.value));
        if (s->has_ack) s->ts_ecr = unwrap_clock(peer, dw_get32(o.value + 4));
    }
    take_sack(s, blocks, count);
}

/* Whether its numbers can be this connection's.  Another SYN than the one that was acknowledged is
 * of another one.  So is what an end sends before its SYN that does not acknowledge its peer's: it
 * still has an older connection (RFC 9293 3.5.1, figure 9).  A RST may be anybody's.  What goes on
 * from an implausible number says that the capture missed a great deal. */
static bool is_foreign(const inference *m, const segment *s)
{
    const sender *own = &m->ends[s->from], *peer = &m->ends[!s->from];
    uint32_t flags = flags_of(s);
    bool early = own->syn == INT64_MIN && peer->syn != INT64_MIN;
    if (early && s->has_ack && flags & FLAG_SYN && s->ack <= peer->syn) return true;
    if (flags & FLAG_SYN) return own->opens && s->seq != 0;
    if (early && s->has_ack && !(flags & FLAG_RST))
        return s->ack <= peer->syn || s->ack > peer->top;
    if (own->opens && s->seq < 0) return true; /* nothing lies below its SYN */
    if (s->seq <= own->top + PLAUSIBLE && s->seq >= own->top - PLAUSIBLE) return false;
    return flags & FLAG_RST || s->seq < own->strange || s->seq > own->strange + PLAUSIBLE;
}

/* A RST to a SYN has the number 0, or whatever the SYN acknowledged. */
static void take_numbers(inference *m, segment *s)
{
    const dw_dissection *d = &s->p->d;
    sender *own = &m->ends[s->from], *peer = &m->ends[!s->from];
    uint32_t flags = d->flags;
    bool reset = flags & FLAG_RST, new_to_us = !own->numbered;
    s->has_ack = flags & FLAG_ACK;
    s->seq = reset && new_to_us ? 0 : unwrap_of(own, d->seq);
    s->end = s->seq + d->len + !!(flags & FLAG_SYN) + !!(flags & FLAG_FIN);
    if (s->has_ack && (peer->numbered || !reset)) s->ack = unwrap_of(peer, d->ack);
    if (is_foreign(m, s)) {
        s->kind = SEGMENT_FOREIGN;
        own->numbered &= !new_to_us;
        if (!(flags & (FLAG_RST | FLAG_SYN))) own->strange = s->seq;
        return;
    }
    if (flags & FLAG_SYN) {
        own->syn = s->seq;
        own->data_in_syn |= d->len > 0;
    }
    if (!reset && s->end > own->top) own->top = s->end;
}

static void take_window(inference *m, segment *s)
{
    bool scaled = m->ends[0].scale >= 0 && m->ends[1].scale >= 0 && !(flags_of(s) & FLAG_SYN);
    s->window = s->p->d.window << (scaled ? m->ends[s->from].scale : 0);
}

/* Another file begins anew, with the same numbers. */
static void begin_file(inference *m)
{
    for (int e = 0; e < 2; e++)
        m->ends[e].top = m->ends[e].clock_top = 0;
}

static int side_of(const inference *m, const captured *p)
{
    return !(p->d.sport == m->k->port[0] && dw_addr_equal(&p->d.src, &m->k->addr[0]));
}

static void take(inference *m, const captured *p)
{
    segment *s = &m->segments[m->count++];
    *s = (segment){.p = p,
                   .expected = INT64_MIN,
                   .from = (uint8_t)side_of(m, p),
                   .shown_by = NONE,
                   .answered_by = NONE,
                   .missed_by = NONE,
                   .overdue_by = NONE,
                   .copy_of = NONE};
    if (p->bad_checksum && m->ends[s->from].sums) { /* what its fields say was changed on the way */
        s->kind = SEGMENT_FOREIGN;
        import_lost(s, DW_CERTAIN, &damaged, NONE);
    } else {
        take_numbers(m, s);
    }
    if (s->kind != SEGMENT_FOREIGN) take_options(m, s);
    take_window(m, s);
    m->ends[s->from].packets++;
}

/* Clocks. */

enum {
    SOON = 16, /* packets within which a clock that was not set is back where it was */
};

/* Whether the packets after number i soon are as late as those before it: then the file has them
 * out of order, as several queues of a network card may, and the clock did not step back. */
static bool out_of_order(const inference *m, size_t i, size_t to, dw_time latest)
{
    const segment *s = &m->segments[i];
    for (size_t k = i; k-- > 0 && i - k <= SOON;) { /* it answers one that would come after it */
        const segment *o = &m->segments[k];
        if (o->p->at > s->p->at && o->from != s->from && has_octets(o) && s->has_ack &&
            s->ack >= o->end)
            return false;
    }
    dw_time back = latest - m->segments[i].p->at;
    if (back > DW_SECOND) return false;
    for (size_t k = i + 1; k < to && k <= i + SOON; k++)
        if (m->segments[k].p->at >= latest) return true;
    return back < DW_MILLISECOND;
}

int import_by_time(const void *a, const void *b)
{
    const segment *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    return x->p < y->p ? -1 : x->p > y->p;
}

/* Times of one file's segments, [from, to), since `start`.  Where the clock was set back, all that
 * follows is as much later, so that packets keep their order; how long it really was until then
 * nobody knows. */
static void mend_clock(inference *m, size_t from, size_t to)
{
    dw_time latest = m->segments[from].p->at, added = 0;
    bool sort = false;
    for (size_t i = from; i < to; i++) {
        segment *s = &m->segments[i];
        dw_time at = s->p->at + added;
        if (at < latest && out_of_order(m, i, to, latest - added)) {
            sort = m->unordered = true;
        } else if (at < latest) {
            added += latest - at;
            m->clock_steps++;
            m->epoch++;
            if (latest - at > m->largest_step) m->largest_step = latest - at;
            at = latest;
        }
        s->at = at - m->start;
        s->epoch = m->epoch;
        if (at > latest) latest = at;
    }
    if (sort) qsort(m->segments + from, to - from, sizeof *m->segments, import_by_time);
}

/* A capture of several queues may have an answer before what it answers.  Where the octets that it
 * acknowledges are captured within a millisecond, they belong in front. */
static void untangle(inference *m)
{
    int64_t top[2] = {INT64_MIN, INT64_MIN};
    for (size_t i = 0; i < m->count; i++) {
        segment s = m->segments[i];
        bool early = s.kind != SEGMENT_FOREIGN && s.has_ack && !(flags_of(&s) & FLAG_RST) &&
                     m->ends[!s.from].opens && s.ack > top[!s.from];
        for (size_t k = i + 1;
             early && k < m->count && k - i <= SOON && m->segments[k].at - s.at <= DW_MILLISECOND;
             k++) {
            segment o = m->segments[k];
            if (o.from == s.from || o.kind == SEGMENT_FOREIGN || o.end < s.ack || o.seq >= s.ack)
                continue;
            memmove(m->segments + i + 1, m->segments + i, (k - i) * sizeof s);
            o.at = s.at;
            m->segments[i] = o;
            m->unordered = true;
            s = o;
            break;
        }
        if (s.kind != SEGMENT_FOREIGN && s.end > top[s.from]) top[s.from] = s.end;
    }
}

/* The coarsest unit of which all times are multiples. */
static dw_time grain_of(const inference *m)
{
    dw_time grain = 0;
    for (size_t i = 1; i < m->count; i++)
        for (dw_time rest = llabs(m->segments[i].p->at - m->segments[i - 1].p->at), t; rest;
             rest = t) {
            t = grain % rest;
            grain = rest;
        }
    return grain;
}

static void mend_clocks(inference *m)
{
    m->grain = grain_of(m);
    m->start = m->count ? m->segments[0].p->at : 0;
    for (size_t from = 0, to; from < m->count; from = to) {
        to = from;
        while (to < m->count && m->segments[to].p->file == m->segments[from].p->file)
            to++;
        mend_clock(m, from, to);
    }
}

static bool is_of(const captured *p, uint32_t conn)
{
    return p->conn == conn;
}

enum { MOST_SYNS = 8, LATEST_ACK = 1 << 24, DAMAGED_PERCENT = 20 };

/* What an end's packets have in common. */
typedef struct survey {
    uint32_t syns[MOST_SYNS]; /* different sequence numbers of its SYNs */
    size_t syn_count;
    uint64_t packets, bad_checksums;
    uint32_t acknowledged; /* of these, the one that its peer goes on from ... */
    bool known;            /* ... where it does */
} survey;

static void add_syn(survey *e, uint32_t number)
{
    for (size_t i = 0; i < e->syn_count; i++)
        if (e->syns[i] == number) return;
    if (e->syn_count < MOST_SYNS) e->syns[e->syn_count++] = number;
}

/* The SYN that an acknowledgment, or what is a little above it, belongs to. */
static void look_at_ack(survey *e, uint32_t ack)
{
    uint32_t least = LATEST_ACK;
    for (size_t i = 0; i < e->syn_count && !e->known; i++) {
        uint32_t above = ack - e->syns[i];
        if (above == 0 || above > least) continue;
        least = above;
        e->acknowledged = e->syns[i];
    }
    e->known |= least < LATEST_ACK;
}

/* Which SYN of each end is this connection's: a server may have answered with several numbers (a
 * restart, cookies, a proxy), of which the client goes on from one. */
static void look_over(inference *m, uint32_t conn)
{
    survey ends[2] = {0};
    for (size_t i = 0; i < m->c->count; i++) {
        const captured *p = &m->c->packets[i];
        if (!is_of(p, conn) || p->icmp) continue;
        survey *own = &ends[side_of(m, p)], *peer = &ends[!side_of(m, p)];
        uint32_t flags = p->d.flags;
        own->packets++;
        own->bad_checksums += p->bad_checksum;
        if (!m->ends[side_of(m, p)].ttl) m->ends[side_of(m, p)].ttl = p->d.ttl;
        if (flags & FLAG_SYN) add_syn(own, p->d.seq);
        if ((flags & (FLAG_ACK | FLAG_SYN | FLAG_RST)) == FLAG_ACK) look_at_ack(peer, p->d.ack);
    }
    for (int e = 0; e < 2; e++) {
        sender *s = &m->ends[e];
        s->sums = ends[e].bad_checksums * 100 < ends[e].packets * DAMAGED_PERCENT;
        s->opens = ends[e].syn_count > 0;
        if (!s->opens) continue;
        s->numbered = true;
        s->base = ends[e].known ? ends[e].acknowledged : ends[e].syns[0];
    }
}

/* Those of one connection, in the order of the capture; ICMP errors about it apart. */
void import_take_segments(inference *m, uint32_t conn)
{
    size_t count = 0, errors = 0;
    for (size_t i = 0; i < m->c->count; i++) {
        count += is_of(&m->c->packets[i], conn) && !m->c->packets[i].icmp;
        errors += is_of(&m->c->packets[i], conn) && m->c->packets[i].icmp;
    }
    m->segments = calloc(count + 1, sizeof *m->segments);
    m->errors = calloc(errors + 1, sizeof *m->errors);
    m->failed |= !m->segments || !m->errors;
    for (int i = 0; i < 2; i++) {
        m->ends[i] = (sender){.strange = INT64_MAX - PLAUSIBLE, .syn = INT64_MIN, .scale = -1};
        m->to[i].min = DW_TIME_NEVER;
    }
    look_over(m, conn);
    for (size_t i = 0; !m->failed && i < m->c->count; i++) {
        const captured *p = &m->c->packets[i];
        if (!is_of(p, conn)) continue;
        if (m->count > 0 && p->file != m->segments[m->count - 1].p->file) begin_file(m);
        if (p->icmp)
            m->errors[m->error_count++] = p;
        else
            take(m, p);
    }
    if (m->failed) return;
    mend_clocks(m);
    if (m->c->source_count < 2) untangle(m);
}
