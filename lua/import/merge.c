/* Two captures of one connection as one: at both ends of the path, or anywhere along it.
 *
 * A packet that is in both passed the first place and the second; one that is only in the first was
 * lost between them.  What is left of each packet is when it passed the place nearer to its sender,
 * and when the one nearer to its receiver; only beside its receiver that is an arrival.  A large
 * segment of which the other place has pieces (segmentation offload) stands as these. */
#include "clocks.h"
#include "inference.h"

#include <stdlib.h>
#include <string.h>

static const dw_cause captured_there = {.name = "captured-there",
                                        .text = "captured at the other end, too"},
                      not_there = {.name = "not-captured-there",
                                   .text = "not captured at the other end"};

enum { PLACES = 2 };

typedef struct merging {
    inference *m;
    const segment **order; /* by what they say, then by place, then in the order of the capture */
    int64_t *partner;      /* of each segment at the other place; NONE */
    bool *alike;    /* several say the same as it: which is which is a matter of their order */
    bool swapped;   /* the first file is the one nearer to the server */
    bool ids;       /* IP identifications are the same at both places */
    bool doubtful;  /* which place is which end's */
    bool beside[2]; /* the place nearer to an end is beside it */
    clocks clocks;  /* of the second place against the first one's */
    dw_time first[PLACES], last[PLACES]; /* of each place, by the first one's clock */
} merging;

/* 0: the place nearer to the client. */
static int place_of(const merging *g, const segment *s)
{
    return (s->p->file != 0) != g->swapped;
}

/* Whether a segment was captured at the place nearer to its sender. */
static bool is_near(const merging *g, const segment *s)
{
    return place_of(g, s) == s->from;
}

static const merging *sorting; /* what qsort's comparison looks at */

static int by_saying(const segment *x, const segment *y)
{
    const int64_t differences[] = {
        x->from - y->from,
        x->seq - y->seq,
        x->end - y->end,
        x->ack - y->ack,
        sorting->ids ? x->p->id - y->p->id : 0,
        (int64_t)flags_of(x) - (int64_t)flags_of(y),
        x->ts_val - y->ts_val,
        x->ts_ecr - y->ts_ecr,
    };
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
        if (differences[i] != 0) return differences[i] < 0 ? -1 : 1;
    return 0;
}

static int by_saying_and_place(const void *a, const void *b)
{
    const segment *x = *(const segment *const *)a, *y = *(const segment *const *)b;
    int order = by_saying(x, y), places = place_of(sorting, x) - place_of(sorting, y);
    if (order != 0) return order;
    if (places != 0) return places;
    return x < y ? -1 : x > y;
}

static void sort(merging *g)
{
    for (size_t i = 0; i < g->m->count; i++)
        g->order[i] = &g->m->segments[i];
    sorting = g;
    qsort(g->order, g->m->count, sizeof *g->order, by_saying_and_place);
}

static int64_t *partner_of(const merging *g, const segment *s)
{
    return &g->partner[s - g->m->segments];
}

static void join(merging *g, const segment *a, const segment *b)
{
    *partner_of(g, a) = b - g->m->segments;
    *partner_of(g, b) = a - g->m->segments;
}

/* The end of the run of segments that say the same, and where the second place's begin in it. */
static size_t run_from(const merging *g, size_t from, size_t *second)
{
    size_t to = from;
    *second = g->m->count;
    while (to < g->m->count && by_saying(g->order[from], g->order[to]) == 0) {
        if (*second == g->m->count && place_of(g, g->order[to]) == 1) *second = to;
        to++;
    }
    if (*second > to) *second = to;
    return to;
}

/* What is at each place once can be nothing else.  How many. */
static size_t join_single_ones(merging *g)
{
    size_t second, joined = 0;
    for (size_t i = 0; i < g->m->count; i++)
        g->partner[i] = NONE;
    for (size_t from = 0, to; from < g->m->count; from = to) {
        to = run_from(g, from, &second);
        if (second - from != 1 || to - second != 1) continue;
        join(g, g->order[from], g->order[second]);
        joined++;
    }
    return joined;
}

/* What packets between both places took, by two clocks. */
static void compare_clocks(merging *g)
{
    inference *m = g->m;
    clocks_free(&g->clocks);
    for (size_t i = 0; i < m->count && !m->failed; i++) {
        const segment *s = &m->segments[i];
        if (place_of(g, s) != 0 || g->partner[i] == NONE) continue;
        m->failed |= !clocks_add(&g->clocks, s->from, s->at, m->segments[g->partner[i]].at);
    }
    clocks_settle(&g->clocks);
}

/* Packets from the client pass the place nearer to it first.  Some devices rewrite identifications;
 * then nearly nothing is found by them. */
static void find_places(merging *g)
{
    g->ids = true;
    sort(g);
    size_t with = join_single_ones(g);
    if (with * 4 < g->m->count / 2) {
        g->ids = false;
        sort(g);
        join_single_ones(g);
    }
    compare_clocks(g);
    if (!clocks_run_backward(&g->clocks)) return;
    g->swapped = true;
    sort(g);
    join_single_ones(g);
    compare_clocks(g);
}

/* Of several that say the same, [a, a_end) passed the first place.  Each at the second place is the
 * one of them that passed last, but not later than it; copies that the network made take what is
 * left. */
static void join_run(merging *g, size_t a, size_t a_end, size_t b, size_t b_end, bool copies)
{
    const dw_time longest = 10 * DW_SECOND; /* on the way */
    for (; b < b_end; b++) {
        const segment *there = g->order[b];
        size_t best = a_end;
        if (*partner_of(g, there) != NONE || (there->kind == SEGMENT_COPY) != copies) continue;
        for (size_t k = a; k < a_end; k++)
            if (*partner_of(g, g->order[k]) == NONE && g->order[k]->at <= there->at &&
                there->at - g->order[k]->at < longest)
                best = k;
        if (best < a_end) join(g, g->order[best], there);
    }
}

static void join_alike(merging *g)
{
    size_t second;
    for (size_t from = 0, to; from < g->m->count; from = to) {
        to = run_from(g, from, &second);
        bool forward = g->order[from]->from == 0, alike = second - from > 1 || to - second > 1;
        for (size_t i = from; i < to; i++)
            g->alike[g->order[i] - g->m->segments] = alike;
        for (int copies = 0; copies < 2; copies++) {
            if (forward)
                join_run(g, from, second, second, to, copies);
            else
                join_run(g, second, to, from, second, copies);
        }
    }
}

/* All times by the first place's clock. */
static void align(merging *g)
{
    inference *m = g->m;
    for (int f = 0; f < PLACES; f++) {
        g->first[f] = DW_TIME_NEVER;
        g->last[f] = -DW_TIME_NEVER;
    }
    for (size_t i = 0; i < m->count; i++) {
        segment *s = &m->segments[i];
        int f = place_of(g, s);
        if (f == 1) s->at = clocks_at_first(&g->clocks, s->at);
        if (s->at < g->first[f]) g->first[f] = s->at;
        if (s->at > g->last[f]) g->last[f] = s->at;
    }
    m->ahead = clocks_ahead(&g->clocks, 0);
}

/* Large segments that the other place has in pieces, or pieces that it has as one. */

static bool is_within(const segment *piece, const segment *whole)
{
    return piece->from == whole->from && piece->seq >= whole->seq && piece->end <= whole->end &&
           piece->end - piece->seq < whole->end - whole->seq;
}

static int by_number(const void *a, const void *b)
{
    const segment *x = *(const segment *const *)a, *y = *(const segment *const *)b;
    if (x->from != y->from) return x->from - y->from;
    if (x->seq != y->seq) return x->seq < y->seq ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* A piece takes its other time from the whole, which then is left out. */
static void take_from_whole(merging *g, segment *piece, segment *whole, bool *used)
{
    piece->placed = true;
    if (is_near(g, whole)) {
        piece->arrives = piece->at;
        piece->at = whole->at;
    } else {
        piece->arrives = whole->at;
    }
    *partner_of(g, piece) = whole - g->m->segments;
    *used = true;
}

/* The first place's times lie before the second's; the nearest whole in time is meant. */
static void join_pieces(merging *g)
{
    inference *m = g->m;
    bool *used = calloc(m->count + 1, sizeof *used);
    const dw_time longest = 10 * DW_SECOND;
    m->failed |= !used;
    if (!used) return;
    qsort(g->order, m->count, sizeof *g->order, by_number);
    for (size_t i = 0; i < m->count; i++) {
        segment *piece = &m->segments[g->order[i] - m->segments];
        if (*partner_of(g, piece) != NONE || !has_octets(piece) || flags_of(piece) & FLAG_SYN)
            continue;
        segment *best = NULL;
        for (size_t k = i + 1; k-- > 0;) {
            segment *whole = &m->segments[g->order[k] - m->segments];
            if (whole->from != piece->from || whole->seq < piece->seq - ((int64_t)1 << 18)) break;
            if (place_of(g, whole) == place_of(g, piece) || !is_within(piece, whole)) continue;
            if (*partner_of(g, whole) != NONE) continue;
            dw_time took = is_near(g, whole) ? piece->at - whole->at : whole->at - piece->at;
            if (took >= 0 && took < longest &&
                (!best || llabs(piece->at - whole->at) < llabs(piece->at - best->at)))
                best = whole;
        }
        if (best) take_from_whole(g, piece, best, &used[best - m->segments]);
    }
    for (size_t i = 0; i < m->count; i++)
        if (used[i]) m->segments[i].p = NULL;
    free(used);
}

/* Verdicts, and one segment of each pair. */

static bool was_capturing(const merging *g, const segment *s, int place)
{
    return s->at >= g->first[place] && s->at + clocks_trip(&g->clocks) < g->last[place];
}

/* A packet of the place nearer to its sender, with what the other place has of it. */
static void settle_near(merging *g, segment *s)
{
    bool alike = g->alike[s - g->m->segments];
    int64_t there = *partner_of(g, s);
    if (s->placed || there != NONE) {
        if (!s->placed) s->arrives = g->m->segments[there].at;
        if (s->arrives < s->at) s->arrives = s->at;
        s->placed = true;
        if (g->beside[!s->from]) import_arrived(s, DW_LIKELY, &captured_there, NONE);
        return;
    }
    s->absent = was_capturing(g, s, !s->from);
    if (s->absent)
        import_lost(s, alike || g->doubtful || !has_octets(s) ? DW_LIKELY : DW_CERTAIN, &not_there,
                    NONE);
}

/* One that only the place nearer to its receiver has: a copy that the network made, a piece of what
 * the other place has as a whole, or the other place missed it. */
static void settle_far(merging *g, segment *s)
{
    if (!s->placed) {
        s->arrives = s->at;
        s->at -= clocks_trip(&g->clocks);
        s->placed = true;
    }
    if (g->beside[!s->from]) import_arrived(s, DW_LIKELY, &captured_there, NONE);
}

/* Of a pair the one of the place nearer to its sender stays, and of a large segment its pieces. */
static bool is_kept(const merging *g, const segment *s)
{
    return s->p && (is_near(g, s) || *partner_of(g, s) == NONE || s->placed);
}

static void settle(merging *g)
{
    for (size_t i = 0; i < g->m->count; i++) {
        segment *s = &g->m->segments[i];
        if (!is_kept(g, s)) continue;
        if (is_near(g, s))
            settle_near(g, s);
        else
            settle_far(g, s);
    }
}

/* What a copy is of, as a packet: segments are going to be moved. */
static const captured *original_of(const merging *g, const segment *s)
{
    if (s->kind != SEGMENT_COPY) return NULL;
    const segment *o = &g->m->segments[s->copy_of];
    int64_t there = *partner_of(g, o);
    return is_kept(g, o) || there == NONE ? o->p : g->m->segments[there].p;
}

/* One segment remains of each pair; what is a copy of another follows it to its new number. */
static void keep_one_of_each(merging *g)
{
    inference *m = g->m;
    const captured **originals = calloc(m->count + 1, sizeof *originals);
    bool *kept = calloc(m->count + 1, sizeof *kept);
    size_t count = 0;
    m->failed |= !originals || !kept;
    for (size_t i = 0; i < m->count && !m->failed; i++) {
        segment *s = &m->segments[i];
        kept[i] = is_kept(g, s);
        if (!kept[i]) continue;
        originals[count] = original_of(g, s);
        s->copy_of = (int64_t)count++;
    }
    size_t to = 0;
    for (size_t i = 0; i < m->count && !m->failed; i++)
        if (kept[i]) m->segments[to++] = m->segments[i];
    if (!m->failed) {
        m->count = count;
        qsort(m->segments, m->count, sizeof *m->segments, import_by_time);
    }
    for (size_t i = 0; i < m->count && !m->failed; i++) {
        segment *s = &m->segments[i];
        const captured *o = originals[s->copy_of];
        s->copy_of = NONE;
        for (size_t k = i; o && k-- > 0 && s->copy_of == NONE;)
            if (m->segments[k].p == o) s->copy_of = (int64_t)k;
        if (o && s->copy_of == NONE) s->kind = SEGMENT_NEW;
    }
    free(originals);
    free(kept);
}

/* How far each end is from the place nearer to it: as in a capture of that place alone. */
static void measure_places(merging *g)
{
    inference *m = g->m;
    for (size_t from = 0, to; from < m->count && !m->failed; from = to) {
        distance trips[2] = {{.min = DW_TIME_NEVER}, {.min = DW_TIME_NEVER}};
        int e = place_of(g, &m->segments[from]);
        for (to = from; to < m->count && place_of(g, &m->segments[to]) == e;)
            to++;
        import_kinds_of(m, from, to);
        m->failed |= !import_distances_of(m, from, to, trips);
        dw_time own = trips[e].min, other = trips[!e].min;
        g->beside[e] = own == DW_TIME_NEVER || own < DW_MILLISECOND ||
                       (other != DW_TIME_NEVER && own < other / 20);
        m->lead[e] = g->beside[e] ? 0 : own / 2;
        for (int i = 0; i < 2; i++)
            distance_free(&trips[i]);
    }
}

static bool has_pairs(const merging *g)
{
    for (size_t i = 0; i < g->m->count; i++)
        if (g->partner[i] != NONE) return true;
    return false;
}

/* The other one has nothing of this connection. */
static void keep_first_capture(merging *g)
{
    inference *m = g->m;
    size_t kept = 0;
    uint16_t file = m->segments[0].p->file;
    for (size_t i = 0; i < m->count; i++)
        if (m->segments[i].p->file == file) m->segments[kept++] = m->segments[i];
    m->count = kept;
    import_note(
        m, "no packet of the connection is in both captures; the first one that has it is shown");
}

static void merge(merging *g)
{
    inference *m = g->m;
    find_places(g);
    if (m->failed) return;
    if (clocks_trip(&g->clocks) == 0 && !has_pairs(g)) {
        keep_first_capture(g);
        return;
    }
    g->doubtful = clocks_doubtful(&g->clocks);
    measure_places(g);
    align(g);
    sort(g);
    join_alike(g);
    join_pieces(g);
    if (m->failed) return;
    settle(g);
    keep_one_of_each(g);
    m->merged = true;
    if (g->doubtful)
        import_note(
            m, "the times of both captures do not fit together: a clock was set, or is too coarse");
    m->clocks_agree = clocks_agree(&g->clocks);
}

void import_merge(inference *m)
{
    merging g = {.m = m};
    if (m->c->source_count < 2 || m->count == 0) return;
    g.order = calloc(m->count + 1, sizeof *g.order);
    g.partner = calloc(m->count + 1, sizeof *g.partner);
    g.alike = calloc(m->count + 1, sizeof *g.alike);
    m->failed |= !g.order || !g.partner || !g.alike;
    if (!m->failed) merge(&g);
    clocks_free(&g.clocks);
    free(g.order);
    free(g.alike);
    free(g.partner);
}
