/* What acknowledgments say of the segments that carry octets.
 *
 * An acknowledgment, cumulative or selective, says that octets have arrived.  Where one captured
 * segment alone carried them, it arrived, and no other explanation is left.  Where several did, the
 * timestamp that comes back tells which was first (RFC 7323 4.3, as in RFC 3522), or else how long
 * an answer takes: one that was sent too late to be meant is not.  Those before the one that is
 * meant had no effect: they were lost, unless a duplicate SACK says that octets came twice (RFC
 * 2883). */
#include "spans.h"

#include <stdlib.h>
#include <string.h>

static const dw_cause acknowledged = {.name = "acknowledged",
                                      .rfc = "RFC 9293 3.4",
                                      .text = "acknowledged"},
                      sacked = {.name = "sacked", .rfc = "RFC 2018 3", .text = "SACKed"},
                      came_twice = {.name = "d-sacked",
                                    .rfc = "RFC 2883 4",
                                    .text = "a D-SACK says that its octets came twice"},
                      answered = {.name = "answered",
                                  .rfc = "RFC 9293 3.10.7.4",
                                  .text = "answered"},
                      repeated = {.name = "repeated",
                                  .rfc = "RFC 5681 3.2",
                                  .text = "the acknowledgment before it was repeated for it"},
                      copied = {.name = "copied", .text = "the network delivered it twice"},
                      in_time = {.name = "acknowledged",
                                 .rfc = "RFC 9293 3.4",
                                 .text = "acknowledged before a later copy could be"},
                      sent_again = {.name = "sent-again",
                                    .rfc = "RFC 6298 5",
                                    .text = "sent again, and acknowledged only then"};

/* What one end has sent with octets, as captured so far. */
typedef struct sent_octets {
    size_t *firsts;     /* segments that moved the top, so in the order of their numbers */
    size_t count, done; /* those before `done` are acknowledged */
    size_t *others;     /* all others, in the order in which they passed */
    size_t other_count, other_done; /* those before `other_done` are acknowledged */
    size_t heeded; /* firsts before it have made their receiver say that something is missing, or
                      not */
    size_t open;   /* others before it need no answer any more */
    int64_t top, acked;
    bool acked_known;
    spans sacked;        /* above acked */
    int64_t last_answer; /* its peer's acknowledgment before this one, NONE */
} sent_octets;

/* The segments that carried some octets, in the order of their numbers. */
typedef struct candidates {
    size_t *list, count, capacity;
    int64_t *bounds;
} candidates;

typedef struct weighing {
    inference *m;
    sent_octets ends[2];
    candidates found;
} weighing;

void import_arrived(segment *s, enum dw_certainty certainty, const dw_cause *how, int64_t shown_by)
{
    if (s->in_pieces) certainty = DW_LIKELY;
    bool better = s->fate != FATE_ARRIVED || certainty < s->certainty;
    if (s->fate == FATE_LOST && s->certainty == DW_CERTAIN && certainty != DW_CERTAIN) return;
    if (!better) return;
    s->fate = FATE_ARRIVED;
    s->certainty = (uint8_t)certainty;
    s->how = how;
    s->shown_by = shown_by;
}

void import_lost(segment *s, enum dw_certainty certainty, const dw_cause *how, int64_t shown_by)
{
    if (s->fate == FATE_ARRIVED && certainty != DW_CERTAIN) return;
    if (s->fate == FATE_LOST && s->certainty <= certainty) return;
    if (s->fate == FATE_ARRIVED && s->certainty == DW_CERTAIN) return;
    s->fate = FATE_LOST;
    s->certainty = (uint8_t)certainty;
    s->how = how;
    s->shown_by = shown_by;
}

const dw_cause import_echoed = {
    .name = "echoed", .rfc = "RFC 7323 4.3", .text = "its timestamp came back"};

static segment *at(const weighing *w, size_t i)
{
    return &w->m->segments[i];
}

void import_answered(segment *s, int64_t by)
{
    if (s->answered_by == NONE || by < s->answered_by) s->answered_by = by;
}

static bool add_candidate(weighing *w, size_t i)
{
    candidates *c = &w->found;
    if (at(w, i)->returned) return true; /* it is known not to have come */
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 64;
        size_t *list = realloc(c->list, capacity * sizeof *list);
        if (list) c->list = list;
        int64_t *bounds = list ? realloc(c->bounds, 2 * capacity * sizeof *bounds) : NULL;
        if (!bounds) return false;
        c->bounds = bounds;
        c->capacity = capacity;
    }
    c->list[c->count++] = i;
    return true;
}

/* The first of the firsts that ends behind a number. */
static size_t first_behind(const weighing *w, const sent_octets *e, int64_t left)
{
    size_t low = 0, high = e->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (at(w, e->firsts[middle])->end <= left)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* All segments with octets of a range, of those not before `other` among the others; by number, and
 * those of one number in the order in which they passed. */
static void find_candidates(weighing *w, const sent_octets *e, range r, size_t other)
{
    candidates *c = &w->found;
    c->count = 0;
    for (size_t i = first_behind(w, e, r.left); i < e->count && at(w, e->firsts[i])->seq < r.right;
         i++)
        w->m->failed |= !add_candidate(w, e->firsts[i]);
    for (size_t i = other; i < e->other_count; i++) {
        const segment *s = at(w, e->others[i]);
        if (s->seq >= r.right || s->end <= r.left) continue;
        size_t before = c->count;
        w->m->failed |= !add_candidate(w, e->others[i]);
        for (size_t k = c->count - 1;
             c->count > before && k > 0 && at(w, c->list[k - 1])->seq > s->seq; k--) {
            size_t swap = c->list[k];
            c->list[k] = c->list[k - 1];
            c->list[k - 1] = swap;
        }
    }
}

/* One octet, or several, that all these segments carried, in the order in which they passed. */
typedef struct rivals {
    size_t list[16];
    size_t count;
} rivals;

static void add_rival(rivals *r, size_t i)
{
    if (r->count == sizeof r->list / sizeof *r->list) {
        memmove(r->list + 1, r->list + 2, (r->count - 2) * sizeof *r->list);
        r->count--;
    }
    size_t k = r->count++;
    for (; k > 0 && r->list[k - 1] > i; k--)
        r->list[k] = r->list[k - 1];
    r->list[k] = i;
}

/* The only one whose timestamp came back; NONE: none, or several. */
static int64_t echoed_one(const weighing *w, const rivals *r, const segment *a)
{
    int64_t found = NONE;
    for (size_t i = 0; i < r->count && a->has_ts; i++) {
        const segment *s = at(w, r->list[i]);
        if (!s->has_ts || s->ts_val != a->ts_ecr) continue;
        if (found != NONE) return NONE;
        found = (int64_t)i;
    }
    return found;
}

/* A SYN,ACK after which its receiver sent its SYN again had not come. */
static bool was_not_there(const weighing *w, const segment *s, const segment *a)
{
    for (const segment *k = s + 1; flags_of(s) & FLAG_SYN && k < a; k++)
        if (k->from == a->from && flags_of(k) & FLAG_SYN &&
            k->at > import_due(&w->m->to[a->from], s->at))
            return true;
    return false;
}

/* The last one that was there early enough for its answer to be this one. */
static size_t last_in_time(const weighing *w, const rivals *r, const segment *a)
{
    dw_time trip = import_round_trip(&w->m->to[a->from], a->at);
    size_t i = r->count - 1;
    while (i > 0 && a->at - at(w, r->list[i])->at < trip - trip / 8)
        i--;
    while (i + 1 < r->count && was_not_there(w, at(w, r->list[i]), a))
        i++;
    return i;
}

/* Several carried what is acknowledged for the first time: one of them is meant, those before it
 * had no effect, and of those after it nothing is said.  `edge`: the octet that was expected next
 * is among them; only then is the timestamp that comes back its sender's (RFC 7323 4.3, rule (2)).
 */
static void choose(weighing *w, const rivals *r, const segment *a, bool edge, const dw_cause *how)
{
    inference *m = w->m;
    int64_t number = a - m->segments, one = edge && !a->has_dsack ? echoed_one(w, r, a) : NONE;
    size_t meant = one != NONE ? (size_t)one : last_in_time(w, r, a);
    segment *s = at(w, r->list[meant]);
    if (one != NONE)
        import_arrived(s, DW_CERTAIN, &import_echoed, number);
    else
        import_arrived(s, DW_LIKELY, meant + 1 < r->count ? &in_time : how, number);
    import_answered(s, number);
    for (size_t i = 0; i < meant; i++) {
        segment *o = at(w, r->list[i]);
        bool same =
            s->copy_of == (int64_t)r->list[i] || (o->copy_of != NONE && o->copy_of == s->copy_of);
        if (same)
            import_arrived(o, DW_LIKELY, &copied, number);
        else if (o->p->offloaded && o->fate == FATE_ARRIVED) {
            o->in_pieces = true;
            o->certainty = DW_LIKELY;
        } else if (o->kind != SEGMENT_PROBE && o->kind != SEGMENT_KEEPALIVE) {
            /* The receiver asked for just this: no repetition was for it. */
            if (edge && o->how == &repeated) o->fate = FATE_UNKNOWN;
            import_lost(o, DW_LIKELY, &sent_again, (int64_t)r->list[meant]);
        }
    }
}

/* One segment alone carried what is acknowledged.  It arrived, unless the capture misses another:
 * that shows where acknowledged octets are missing, or where a timestamp comes back that no
 * captured segment bears. */
static void only_one(weighing *w, segment *s, const segment *a, bool edge, const dw_cause *how)
{
    enum { LOOKED_BACK = 2000 };
    inference *m = w->m;
    int64_t number = a - m->segments;
    bool known = !edge || !a->has_ts || !s->has_ts || s->ts_val == a->ts_ecr;
    for (int64_t i = number; !known && i-- > 0 && number - i <= LOOKED_BACK;)
        known = m->segments[i].from == s->from && m->segments[i].has_ts &&
                m->segments[i].ts_val == a->ts_ecr;
    bool sure =
        known && !m->unordered &&
        (!m->ends[s->from].missed || (edge && a->has_ts && s->has_ts && s->ts_val == a->ts_ecr));
    import_arrived(s, sure ? DW_CERTAIN : DW_LIKELY, how, number);
    import_answered(s, number);
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Octets that were acknowledged for the first time: each stretch of them that the same segments
 * carried. */
static void acknowledge(weighing *w, sent_octets *e, range r, const segment *a, const dw_cause *how)
{
    candidates *c = &w->found;
    find_candidates(w, e, r, e->other_done);
    if (e->other_done == e->other_count) { /* nothing was sent again: each is the only one */
        for (size_t i = 0; i < c->count; i++)
            only_one(w, at(w, c->list[i]), a, how == &acknowledged && i == 0, how);
        return;
    }
    size_t bounds = 0, from = 0;
    for (size_t i = 0; i < c->count; i++) {
        const segment *s = at(w, c->list[i]);
        c->bounds[bounds++] = s->seq > r.left ? s->seq : r.left;
        c->bounds[bounds++] = s->end < r.right ? s->end : r.right;
    }
    qsort(c->bounds, bounds, sizeof *c->bounds, by_value);
    for (size_t i = 0; i + 1 < bounds; i++) {
        int64_t left = c->bounds[i], right = c->bounds[i + 1];
        rivals all = {.count = 0};
        if (left == right) continue;
        while (from < c->count && at(w, c->list[from])->end <= left)
            from++;
        for (size_t k = from; k < c->count && at(w, c->list[k])->seq <= left; k++)
            if (at(w, c->list[k])->end >= right) add_rival(&all, c->list[k]);
        if (all.count == 1) {
            only_one(w, at(w, all.list[0]), a, left == e->acked && how == &acknowledged, how);
        } else if (all.count > 1) {
            choose(w, &all, a, left == e->acked && how == &acknowledged, how);
        }
    }
}

/* What of a range was not acknowledged selectively before. */
static void acknowledge_rest(weighing *w, sent_octets *e, range r, const segment *a,
                             const dw_cause *how)
{
    while (r.left < r.right) {
        range gap = spans_gap(&e->sacked, r);
        if (gap.left < gap.right) acknowledge(w, e, gap, a, how);
        r.left = gap.right;
    }
}

/* What a cumulative acknowledgment adds to what was acknowledged, selectively or not. */
static void cumulative(weighing *w, sent_octets *e, const segment *a)
{
    if (!e->acked_known) {
        e->acked_known = true;
        e->acked = a->ack; /* what is not in the capture is nobody's */
        if (e->count > 0 && at(w, e->firsts[0])->seq < e->acked)
            e->acked = at(w, e->firsts[0])->seq;
    }
    if (a->ack <= e->acked) return;
    acknowledge_rest(w, e, (range){e->acked, a->ack}, a, &acknowledged);
    e->acked = a->ack;
    spans_drop(&e->sacked, a->ack);
    while (e->done < e->count && at(w, e->firsts[e->done])->end <= e->acked)
        e->done++;
    while (e->other_done < e->other_count && at(w, e->others[e->other_done])->end <= e->acked)
        e->other_done++;
}

/* Blocks of it that no earlier acknowledgment had. */
static void selective(weighing *w, sent_octets *e, const segment *a)
{
    for (int i = 0; i < a->sack_count; i++) {
        range block = a->sack[i];
        if (block.left < e->acked) block.left = e->acked;
        acknowledge_rest(w, e, block, a, &sacked);
        if (block.left < block.right) w->m->failed |= !spans_add(&e->sacked, block);
    }
}

/* RFC 2883: these octets came again.  The copy that made the receiver say so is the last one that
 * was there in time; if the one that was acknowledged is that, the one before it came as well. */
static void duplicate(weighing *w, const sent_octets *e, const segment *a)
{
    enum { LOOKED_BACK = 4096 };
    inference *m = w->m;
    size_t other = e->other_count > LOOKED_BACK ? e->other_count - LOOKED_BACK : 0;
    int64_t number = a - m->segments;
    rivals all = {.count = 0};
    find_candidates(w, e, a->dsack, other);
    for (size_t i = 0; i < w->found.count; i++)
        add_rival(&all, w->found.list[i]);
    if (all.count < 2) return; /* the network doubled it behind the capture */
    size_t last = last_in_time(w, &all, a), arrived = 0;
    import_arrived(at(w, all.list[last]), DW_LIKELY, &came_twice, number);
    import_answered(at(w, all.list[last]), number);
    for (size_t i = 0; i <= last; i++)
        arrived += at(w, all.list[i])->fate == FATE_ARRIVED;
    for (size_t i = last; i-- > 0 && arrived < 2;) {
        segment *s = at(w, all.list[i]);
        if (s->fate == FATE_ARRIVED) continue;
        import_arrived(s, DW_LIKELY, &came_twice, number);
        arrived++;
    }
}

/* An acknowledgment that says nothing new answers what needed none: octets that were there already,
 * a keepalive, a probe of a closed window (RFC 9293 3.10.7.4, first check). */
static void answer(weighing *w, sent_octets *e, const segment *a)
{
    dw_time trip = import_round_trip(&w->m->to[a->from], a->at);
    const dw_time patience = 250 * DW_MILLISECOND;
    int64_t number = a - w->m->segments;
    for (; e->open < e->other_count; e->open++) {
        segment *s = at(w, e->others[e->open]);
        dw_time took = a->at - s->at;
        if (took < trip - trip / 8) return;
        if (took > 3 * trip + patience || s->fate == FATE_ARRIVED || s->end > a->ack + 1) continue;
        import_arrived(s, DW_LIKELY, &answered, number);
        import_answered(s, number);
        e->open++;
        return;
    }
}

/* Without SACK each segment behind a hole makes its receiver repeat its acknowledgment (RFC
 * 5681 3.2), so repetitions are taken for those segments, in their order, as far as the time fits.
 */
static bool repeated_for(weighing *w, sent_octets *e, const segment *a)
{
    inference *m = w->m;
    dw_time trip = import_round_trip(&m->to[a->from], a->at);
    const dw_time patience = trip / 2 + 20 * DW_MILLISECOND;
    bool sacks =
        m->ends[a->from].sends_sack || (m->ends[0].permits_sack && m->ends[1].permits_sack);
    if (sacks) return false;
    if (e->heeded < e->done) e->heeded = e->done;
    for (; e->heeded < e->count; e->heeded++) {
        segment *s = at(w, e->firsts[e->heeded]);
        dw_time took = a->at - s->at;
        if (s->seq <= e->acked || took > trip + patience) continue;
        if (took < trip - trip / 8) return false;
        e->heeded++;
        import_arrived(s, DW_LIKELY, &repeated, a - m->segments);
        return true;
    }
    return false;
}

static bool says_nothing_new(const sent_octets *e, const segment *a, const segment *last)
{
    if (has_octets(a) || !e->acked_known || a->ack != e->acked || a->sack_count > 0) return false;
    return last && last->ack == a->ack;
}

static void weigh(weighing *w, const segment *a)
{
    sent_octets *e = &w->ends[!a->from];
    const segment *last = e->last_answer == NONE ? NULL : at(w, (size_t)e->last_answer);
    bool reset = flags_of(a) & FLAG_RST;
    if (!a->has_ack || (reset && a->ack != e->top)) return;
    if (says_nothing_new(e, a, last)) {
        if (!a->has_dsack && !repeated_for(w, e, a)) answer(w, e, a);
    }
    selective(w, e, a);
    cumulative(w, e, a);
    if (a->has_dsack) duplicate(w, e, a);
    e->last_answer = a - w->m->segments;
}

/* Whether its octets were acknowledged, or are in an earlier segment: then it is sent again, and
 * late as well. */
static bool was_sent(weighing *w, const sent_octets *e, const segment *s)
{
    if (e->acked_known && s->end <= e->acked) return true;
    find_candidates(w, e, (range){s->seq, s->end}, 0);
    return w->found.count > 0;
}

/* Octets that no captured segment had, and that pass less than a round trip after a later one did:
 * nobody could have asked for them again. */
static bool is_overtaken(weighing *w, const sent_octets *e, const segment *s)
{
    const distance *to = w->m->to;
    dw_time trip = import_round_trip(&to[0], s->at) + import_round_trip(&to[1], s->at);
    size_t next = first_behind(w, e, s->seq);
    if (s->kind != SEGMENT_AGAIN || next == e->count || trip == 0) return false;
    const segment *later = at(w, e->firsts[next]);
    find_candidates(w, e, (range){s->seq, s->end}, 0);
    return w->found.count == 0 && s->at - later->at < trip - trip / 8;
}

/* What moves the top stands in the order of its numbers, and is found by them; what does not may be
 * sent for an answer alone, and is matched with those in turn (see answer()). */
static void remember(weighing *w, sent_octets *e, size_t i)
{
    segment *s = at(w, i);
    if (is_overtaken(w, e, s)) s->kind = SEGMENT_OVERTAKEN;
    if (s->kind == SEGMENT_OVERTAKEN && was_sent(w, e, s)) s->kind = SEGMENT_AGAIN;
    bool moves =
        e->count == 0 || (s->end > e->top && s->seq >= at(w, e->firsts[e->count - 1])->seq);
    if (flags_of(s) & FLAG_RST) return;
    bool probing = s->kind == SEGMENT_KEEPALIVE || s->kind == SEGMENT_PROBE;
    if (has_octets(s) && moves && !probing)
        e->firsts[e->count++] = i;
    else if (has_octets(s) || probing)
        e->others[e->other_count++] = i;
    if (s->end > e->top || e->count == 1) e->top = s->end;
}

/* A receiver acknowledges all that it has.  So what has the octet that it expects had not come when
 * it sent this, though it should have been there. */
static void note_missing(weighing *w, const segment *a)
{
    sent_octets *e = &w->ends[!a->from];
    if (!a->has_ack || flags_of(a) & FLAG_RST) return;
    size_t i = first_behind(w, e, a->ack);
    if (i == e->count) return;
    segment *s = at(w, e->firsts[i]);
    bool due = a->at - s->at >= import_round_trip(&w->m->to[a->from], a->at);
    if (s->seq <= a->ack && due && s->answered_by == NONE) s->missed_by = a - w->m->segments;
}

/* A SYN that is answered by an acknowledgment of something else reached an older connection. */
static void old_answer(inference *m, const segment *a)
{
    sender *peer = &m->ends[!a->from];
    if (flags_of(a) & (FLAG_SYN | FLAG_RST) || !a->has_ack || peer->syn == INT64_MIN) return;
    for (int64_t i = a - m->segments; i-- > 0;) {
        segment *s = &m->segments[i];
        if (s->from == a->from || s->kind == SEGMENT_FOREIGN) continue;
        if (flags_of(s) & FLAG_SYN && s->fate == FATE_UNKNOWN)
            import_arrived(s, DW_LIKELY, &answered, a - m->segments);
        return;
    }
}

/* In the order of the capture: what a segment acknowledges was captured before it, and what it
 * carries may be acknowledged by those that follow. */
void import_weigh_acknowledgments(inference *m)
{
    weighing w = {.m = m};
    for (int e = 0; e < 2; e++) {
        w.ends[e].firsts = calloc(m->count + 1, sizeof *w.ends[e].firsts);
        w.ends[e].others = calloc(m->count + 1, sizeof *w.ends[e].others);
        w.ends[e].last_answer = NONE;
        m->failed |= !w.ends[e].firsts || !w.ends[e].others;
    }
    for (size_t i = 0; i < m->count && !m->failed; i++) {
        const segment *s = &m->segments[i];
        if (s->kind == SEGMENT_FOREIGN) {
            old_answer(m, s);
            continue;
        }
        weigh(&w, s);
        note_missing(&w, s);
        remember(&w, &w.ends[s->from], i);
    }
    for (int e = 0; e < 2; e++) {
        m->ends[e].acked = w.ends[e].acked;
        free(w.ends[e].firsts);
        free(w.ends[e].others);
        spans_free(&w.ends[e].sacked);
    }
    free(w.found.list);
    free(w.found.bounds);
}
