/* The segments of a connection: numbers without wrapping, options, and a clock without steps. */
#include "inference.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* How far from what was captured of an end a sequence number may lie and still be taken for one of
 * it. Windows are smaller, mostly; the rest is for what the capture may have missed. */
static const int64_t PLAUSIBLE = (int64_t)1 << 26;

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

/* MSS and the like are the script's business (replay.c); here count what acknowledges and echoes.
 */
static void take_options(inference *m, segment *s)
{
    const dw_dissection *d = &s->p->d;
    sender *own = &m->ends[s->from], *peer = &m->ends[!s->from];
    range blocks[SACK_BLOCKS];
    size_t count = 0;
    for (uint32_t i = 0; i < d->options_len;) {
        const uint8_t *o = d->options + i;
        uint32_t left = d->options_len - i, len = o[0] <= 1 ? 1 : left > 1 ? o[1] : 0;
        if (o[0] == 0 || len == 0 || len > left) break;
        if (o[0] == 3 && len == 3 && flags_of(s) & FLAG_SYN)
            own->scale = (int8_t)(o[2] < 14 ? o[2] : 14);
        own->permits_sack |= o[0] == 4 && flags_of(s) & FLAG_SYN;
        own->sends_sack |= o[0] == 5;
        if (o[0] == 8 && len == 10) {
            s->has_ts = true;
            s->ts_val = unwrap_clock(own, dw_get32(o + 2));
            if (s->has_ack) s->ts_ecr = unwrap_clock(peer, dw_get32(o + 6));
        }
        for (uint32_t b = 2; o[0] == 5 && s->has_ack && b + 8 <= len && count < SACK_BLOCKS;
             b += 8) {
            range r = {unwrap_of(peer, dw_get32(o + b)), unwrap_of(peer, dw_get32(o + b + 4))};
            if (r.left < r.right) blocks[count++] = r;
        }
        i += len;
    }
    take_sack(s, blocks, count);
}

/* Whether its numbers can be this connection's.  A SYN with another number than the first opens
 * another one; a RST may be anybody's.  What goes on from an implausible number says that the
 * capture missed a great deal. */
static bool is_foreign(const inference *m, const segment *s, int64_t first_syn)
{
    const sender *own = &m->ends[s->from];
    uint32_t flags = flags_of(s);
    if (flags & FLAG_SYN) return first_syn != INT64_MIN && s->seq != first_syn;
    if (s->seq <= own->top + PLAUSIBLE && s->seq >= own->top - PLAUSIBLE) return false;
    return flags & FLAG_RST || s->seq < own->strange || s->seq > own->strange + PLAUSIBLE;
}

static void take_numbers(inference *m, segment *s)
{
    const dw_dissection *d = &s->p->d;
    sender *own = &m->ends[s->from], *peer = &m->ends[!s->from];
    uint32_t flags = d->flags;
    int64_t syn = own->syn;
    bool reset = flags & FLAG_RST;
    s->has_ack = flags & FLAG_ACK;
    if (reset &&
        !own->numbered) /* a RST to a SYN has the number 0 or whatever the SYN acknowledged */
        s->seq = 0;
    else
        s->seq = unwrap_of(own, d->seq);
    s->end = s->seq + d->len + !!(flags & FLAG_SYN) + !!(flags & FLAG_FIN);
    if (s->has_ack && (peer->numbered || !reset)) s->ack = unwrap_of(peer, d->ack);
    if (is_foreign(m, s, syn)) {
        s->kind = SEGMENT_FOREIGN;
        if (!(flags & (FLAG_RST | FLAG_SYN))) own->strange = s->seq;
        return;
    }
    if (flags & FLAG_SYN) own->syn = s->seq;
    if (flags & FLAG_FIN) own->fin = s->end - 1;
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

static void take(inference *m, const captured *p)
{
    bool first = p->d.sport == m->k->port[0] && dw_addr_equal(&p->d.src, &m->k->addr[0]);
    segment *s = &m->segments[m->count++];
    *s = (segment){.p = p,
                   .expected = INT64_MIN,
                   .from = !first,
                   .shown_by = NONE,
                   .answered_by = NONE,
                   .missed_by = NONE,
                   .overdue_by = NONE,
                   .copy_of = NONE};
    take_numbers(m, s);
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
    dw_time back = latest - m->segments[i].p->at;
    if (back > DW_SECOND) return false;
    for (size_t k = i + 1; k < to && k <= i + SOON; k++)
        if (m->segments[k].p->at >= latest) return true;
    return back < DW_MILLISECOND;
}

static int by_time(const void *a, const void *b)
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
            sort = true;
        } else if (at < latest) {
            added += latest - at;
            m->clock_steps++;
            if (latest - at > m->largest_step) m->largest_step = latest - at;
            at = latest;
        }
        s->at = at - m->start;
        if (at > latest) latest = at;
    }
    if (sort) qsort(m->segments + from, to - from, sizeof *m->segments, by_time);
}

static void mend_clocks(inference *m)
{
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
        m->ends[i] = (sender){
            .strange = INT64_MAX - PLAUSIBLE, .syn = INT64_MIN, .fin = INT64_MIN, .scale = -1};
        m->to[i].min = DW_TIME_NEVER;
    }
    for (size_t i = 0; !m->failed && i < m->c->count; i++) {
        const captured *p = &m->c->packets[i];
        if (!is_of(p, conn)) continue;
        if (m->count > 0 && p->file != m->segments[m->count - 1].p->file) begin_file(m);
        if (p->icmp)
            m->errors[m->error_count++] = p;
        else
            take(m, p);
    }
    if (!m->failed) mend_clocks(m);
}
