/* Two captures of one connection as one: at both ends of the path, or anywhere along it.
 *
 * A packet that is in both passed the first place and the second; one that is only in the first was
 * lost between them.  The clocks are brought together by the least delays of either direction,
 * which are taken to be the same (as RFC 5905 8 does for NTP), from moment to moment, because
 * clocks drift.  What is left of each packet is when it passed the place nearer to its sender and
 * when the one nearer to its receiver. */
#include "inference.h"

#include <stdlib.h>
#include <string.h>

static const dw_cause captured_there = {.name = "captured-there",
                                        .text = "captured at the other end, too"},
                      not_there = {.name = "not-captured-there",
                                   .text = "the capture at the other end does not have it"};

typedef struct merging {
    inference *m;
    const segment **order; /* by what they say, then by file, then in the order of the capture */
    int64_t *partner;      /* of each segment in the other file; NONE */
    distance delay[2]; /* of each end's packets, from the first file to the second; the second end's
                          negated */
    bool *alike;       /* several say the same as it: which is which is a matter of their order */
    dw_time trip;  /* the least delay of either direction; the same for both, as clocks are aligned
                      by that */
    int nearer[2]; /* which file is nearer to each end */
    dw_time first[2], last[2]; /* of each file, by the first file's clock */
} merging;

static int by_saying(const segment *x, const segment *y)
{
    const int64_t differences[] = {
        x->from - y->from,     x->seq - y->seq,       x->end - y->end,
        x->ack - y->ack,       x->p->id - y->p->id,   (int64_t)flags_of(x) - (int64_t)flags_of(y),
        x->ts_val - y->ts_val, x->ts_ecr - y->ts_ecr,
    };
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
        if (differences[i] != 0) return differences[i] < 0 ? -1 : 1;
    return 0;
}

static int by_saying_and_order(const void *a, const void *b)
{
    const segment *x = *(const segment *const *)a, *y = *(const segment *const *)b;
    int order = by_saying(x, y);
    if (order != 0) return order;
    return x < y ? -1 : x > y; /* the first file's stand before the second's */
}

static int file_of(const segment *s)
{
    return s->p->file != 0;
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

/* The end of the run of segments that say the same, and where the second file's begin in it. */
static size_t run_from(const merging *g, size_t from, size_t *second)
{
    size_t to = from;
    *second = g->m->count;
    while (to < g->m->count && by_saying(g->order[from], g->order[to]) == 0) {
        if (*second == g->m->count && file_of(g->order[to])) *second = to;
        to++;
    }
    if (*second > to) *second = to;
    return to;
}

/* What is in each file once can be nothing else; it tells the clocks. */
static void join_single_ones(merging *g)
{
    inference *m = g->m;
    size_t second;
    for (size_t from = 0, to; from < m->count; from = to) {
        to = run_from(g, from, &second);
        if (second - from == 1 && to - second == 1) join(g, g->order[from], g->order[second]);
    }
    for (size_t i = 0; i < m->count && !file_of(&m->segments[i]); i++) {
        const segment *s = &m->segments[i];
        if (g->partner[i] == NONE) continue;
        dw_time took = m->segments[g->partner[i]].at - s->at;
        m->failed |= !distance_add(&g->delay[s->from], s->at, s->from == 0 ? took : -took);
    }
}

/* How far the second file's clock is ahead of the first's. */
static dw_time ahead(const merging *g, dw_time at)
{
    if (g->delay[0].count == 0 || g->delay[1].count == 0) return 0;
    return (import_round_trip(&g->delay[0], at) - import_round_trip(&g->delay[1], at)) / 2;
}

/* Of several that say the same, [a, a_end) passed the first place.  Each at the second place is the
 * one of them that passed last, but not later than it; copies that the network made take what is
 * left. */
static void join_run(merging *g, size_t a, size_t a_end, size_t b, size_t b_end, bool copies)
{
    for (; b < b_end; b++) {
        const segment *there = g->order[b];
        size_t best = a_end;
        if (*partner_of(g, there) != NONE || (there->kind == SEGMENT_COPY) != copies) continue;
        for (size_t k = a; k < a_end; k++)
            if (*partner_of(g, g->order[k]) == NONE && g->order[k]->at <= there->at) best = k;
        if (best < a_end) join(g, g->order[best], there);
    }
}

static void join_alike(merging *g)
{
    inference *m = g->m;
    size_t second;
    for (size_t from = 0, to; from < m->count; from = to) {
        to = run_from(g, from, &second);
        bool forward = g->nearer[g->order[from]->from] == 0,
             alike = second - from > 1 || to - second > 1;
        for (size_t i = from; i < to; i++)
            g->alike[g->order[i] - m->segments] = alike;
        for (int copies = 0; copies < 2; copies++) {
            if (forward)
                join_run(g, from, second, second, to, copies);
            else
                join_run(g, second, to, from, second, copies);
        }
    }
}

/* Which file is nearer to which end: packets pass the nearer one first. */
static void find_places(merging *g)
{
    dw_time client = g->delay[0].min, server = g->delay[1].min; /* d + ahead; d - ahead */
    if (client != DW_TIME_NEVER && server != DW_TIME_NEVER) g->trip = llabs(client + server) / 2;
    bool backward = client != DW_TIME_NEVER && server != DW_TIME_NEVER && client + server < 0;
    g->nearer[0] = backward;
    g->nearer[1] = !backward;
}

static void align(merging *g)
{
    inference *m = g->m;
    for (int f = 0; f < 2; f++) {
        g->first[f] = DW_TIME_NEVER;
        g->last[f] = -DW_TIME_NEVER;
    }
    m->ahead = ahead(g, 0);
    for (size_t i = 0; i < m->count; i++) {
        segment *s = &m->segments[i];
        int f = file_of(&m->segments[i]);
        if (f) s->at -= ahead(g, s->at - m->ahead);
        if (s->at < g->first[f]) g->first[f] = s->at;
        if (s->at > g->last[f]) g->last[f] = s->at;
    }
}

/* A packet of the place nearer to its sender, with what the other place has of it. */
static void place(merging *g, size_t i)
{
    inference *m = g->m;
    segment *s = &m->segments[i];
    enum dw_certainty sure = g->alike[i] ? DW_LIKELY : DW_CERTAIN;
    int other = g->nearer[!s->from];
    if (g->partner[i] != NONE) {
        const segment *there = &m->segments[g->partner[i]];
        s->placed = true;
        s->arrives = there->at > s->at ? there->at : s->at;
        import_arrived(s, sure, &captured_there, NONE);
    } else if (s->at >= g->first[other] && s->at + g->trip < g->last[other]) {
        import_lost(s, sure, &not_there, NONE);
    }
}

/* One that only the place nearer to its receiver has: a copy that the network made, or the capture
 * at the other place missed it. */
static void place_late(merging *g, size_t i)
{
    segment *s = &g->m->segments[i];
    s->placed = true;
    s->arrives = s->at;
    s->at -= g->trip;
    import_arrived(s, DW_CERTAIN, &captured_there, NONE);
}

static int by_time(const void *a, const void *b)
{
    const segment *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    return x->p < y->p ? -1 : x->p > y->p;
}

/* One segment remains of each pair; what is a copy of another follows it to its new number. */
static void keep_one_of_each(merging *g)
{
    inference *m = g->m;
    const captured **originals = calloc(m->count + 1, sizeof *originals);
    size_t kept = 0;
    if (!originals) {
        m->failed = true;
        return;
    }
    for (size_t i = 0; i < m->count; i++) {
        segment *s = &m->segments[i];
        bool late = file_of(&m->segments[i]) != g->nearer[s->from];
        if (late && g->partner[i] != NONE) s->p = NULL;
        if (s->p && late) place_late(g, i);
    }
    for (size_t i = 0; i < m->count; i++) {
        segment *s = &m->segments[i];
        if (!s->p) continue;
        if (s->kind == SEGMENT_COPY) {
            const segment *o = &m->segments[s->copy_of];
            int64_t there = o->p ? NONE : g->partner[s->copy_of];
            originals[kept] = there == NONE ? o->p : m->segments[there].p;
        }
        s->copy_of = (int64_t)kept;
        kept++;
    }
    size_t to = 0;
    for (size_t i = 0; i < m->count; i++)
        if (m->segments[i].p) m->segments[to++] = m->segments[i];
    m->count = kept;
    qsort(m->segments, m->count, sizeof *m->segments, by_time);
    for (size_t i = 0; i < m->count; i++) {
        segment *s = &m->segments[i];
        const captured *o = s->kind == SEGMENT_COPY ? originals[s->copy_of] : NULL;
        s->copy_of = NONE;
        for (size_t k = i; o && k-- > 0 && s->copy_of == NONE;)
            if (m->segments[k].p == o) s->copy_of = (int64_t)k;
        if (o && s->copy_of == NONE) s->kind = SEGMENT_NEW;
    }
    free(originals);
}

void import_merge(inference *m)
{
    merging g = {.m = m};
    if (m->c->source_count < 2 || m->count == 0) return;
    g.order = calloc(m->count + 1, sizeof *g.order);
    g.partner = calloc(m->count + 1, sizeof *g.partner);
    g.alike = calloc(m->count + 1, sizeof *g.alike);
    m->failed |= !g.order || !g.partner || !g.alike;
    for (size_t i = 0; i < m->count && !m->failed; i++) {
        g.order[i] = &m->segments[i];
        g.partner[i] = NONE;
    }
    for (int e = 0; e < 2; e++)
        g.delay[e].min = DW_TIME_NEVER;
    if (!m->failed) {
        qsort(g.order, m->count, sizeof *g.order, by_saying_and_order);
        join_single_ones(&g);
        find_places(&g);
        align(&g);
        join_alike(&g);
        for (size_t i = 0; i < m->count; i++)
            if (file_of(&m->segments[i]) == g.nearer[m->segments[i].from]) place(&g, i);
        keep_one_of_each(&g);
        m->merged = true;
    }
    for (int e = 0; e < 2; e++)
        distance_free(&g.delay[e]);
    free(g.order);
    free(g.alike);
    free(g.partner);
}
