/* In what order hosts stand side by side (see order.h). */
#include "order.h"

#include "trace/trace.h"

#include <stdlib.h>

static const uint32_t FAR = UINT32_MAX;

/* Where a node stands: before others whose place is smaller, member by member. */
typedef struct place {
    uint32_t network; /* from 1; 0: none yet */
    int64_t along;    /* how much nearer the left end than the right one: negative */
    int64_t aside;    /* from the path, so that what is farther out stands farther out */
    uint32_t node;
} place;

typedef struct survey {
    const dw_trace *trace;
    uint32_t count;        /* of nodes */
    uint32_t *distance[2]; /* of each node from both ends, in links */
    uint32_t *degree;
    place *places;
} survey;

static bool is_link(const survey *s, const dw_trace_event *e)
{
    return e && e->u.link.a < s->count && e->u.link.b < s->count;
}

/* One link after the other gets shorter ways known, until there is none. */
static void measure(const survey *s, uint32_t from, uint32_t *distance)
{
    for (uint32_t i = 0; i < s->count; i++)
        distance[i] = FAR;
    distance[from] = 0;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < s->trace->link_count; i++) {
            const dw_trace_event *e = s->trace->links[i];
            if (!is_link(s, e)) continue;
            uint32_t *a = &distance[e->u.link.a], *b = &distance[e->u.link.b];
            if (*a != FAR && *b > *a + 1) *b = *a + 1, changed = true;
            if (*b != FAR && *a > *b + 1) *a = *b + 1, changed = true;
        }
    }
}

/* On which side of the path something stands that is as far from one end as from the other: not
 * between the path and whom it talks to. */
static bool talks_to_the_left(const survey *s, uint32_t node)
{
    int32_t peer = dw_trace_conn_peer(s->trace, dw_trace_conn_of(s->trace, node, 1));
    return peer >= 0 && s->distance[0][peer] < s->distance[1][peer];
}

/* Both ends of a network are known: everything in it gets its place. */
static void place_network(survey *s, uint32_t network, uint32_t left, uint32_t right)
{
    measure(s, left, s->distance[0]);
    measure(s, right, s->distance[1]);
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->distance[0][i] == FAR || s->distance[1][i] == FAR) continue;
        int64_t near = s->distance[0][i], far = s->distance[1][i], along = near - far;
        int64_t aside = near + far - (int64_t)s->distance[0][right];
        bool behind = along > 0 || (along == 0 && aside > 0 && talks_to_the_left(s, i));
        s->places[i] = (place){network, along, behind ? aside : -aside, i};
    }
}

/* The ends of a connection, where they are two hosts. */
static bool ends_of(const dw_trace *trace, uint32_t conn, uint32_t ends[2])
{
    const dw_trace_event *e = dw_trace_conn(trace, conn);
    int32_t peer = dw_trace_conn_peer(trace, conn);
    if (peer < 0 || (uint32_t)peer == e->node) return false;
    ends[0] = e->node < (uint32_t)peer ? e->node : (uint32_t)peer;
    ends[1] = e->node < (uint32_t)peer ? (uint32_t)peer : e->node;
    return true;
}

static bool find_ends(const dw_trace *trace, uint32_t conn, uint32_t ends[2])
{
    if (conn) return ends_of(trace, conn, ends);
    for (conn = 1; conn <= dw_trace_conns(trace); conn++)
        if (ends_of(trace, conn, ends)) return true;
    return false;
}

/* Where no connection says it: from a node of one link, or else the first, to the farthest. */
static void guess_ends(const survey *s, uint32_t first, uint32_t ends[2])
{
    measure(s, first, s->distance[0]);
    ends[0] = first;
    for (uint32_t i = s->count; i-- > 0;)
        if (s->distance[0][i] != FAR && s->degree[i] == 1) ends[0] = i;
    measure(s, ends[0], s->distance[0]);
    ends[1] = ends[0];
    for (uint32_t i = 0; i < s->count; i++)
        if (s->distance[0][i] != FAR && s->distance[0][i] > s->distance[0][ends[1]]) ends[1] = i;
}

/* The end whose links lead to everything else that there is, with two or more at it; -1: neither.
 * Both ends know their distances. */
static int hub_of(const survey *s, const uint32_t ends[2])
{
    for (int k = 1; k >= 0; k--) {
        bool all = s->degree[ends[k]] >= 2;
        for (uint32_t i = 0; all && i < s->count; i++)
            all = i == ends[k] || s->distance[k][i] == 1;
        if (all) return k;
    }
    return -1;
}

/* A star: the first half of those around it stand at its left. */
static void place_star(survey *s, uint32_t hub)
{
    uint32_t before = 0, half = (s->count - 1) / 2;
    for (uint32_t i = 0; i < s->count; i++) {
        int64_t along = i == hub ? 0 : 1;
        if (i != hub && before < half) along = -1;
        before += i != hub;
        s->places[i] = (place){.network = 1, .along = along, .node = i};
    }
}

static int by_place(const void *a, const void *b)
{
    const place *x = a, *y = b;
    if (x->network != y->network) return x->network < y->network ? -1 : 1;
    if (x->along != y->along) return x->along < y->along ? -1 : 1;
    if (x->aside != y->aside) return x->aside < y->aside ? -1 : 1;
    return x->node < y->node ? -1 : x->node > y->node;
}

/* between: the ends, NULL: those of a connection. */
static void place_all(survey *s, uint32_t conn, const int32_t *between)
{
    uint32_t network = 0, ends[2] = {0, 0};
    for (int k = 0; between && k < 2; k++)
        ends[k] = (uint32_t)between[k];
    for (uint32_t i = 0; i < s->trace->link_count; i++) {
        const dw_trace_event *e = s->trace->links[i];
        if (!is_link(s, e)) continue;
        s->degree[e->u.link.a]++;
        s->degree[e->u.link.b]++;
    }
    if (between || find_ends(s->trace, conn, ends)) {
        place_network(s, ++network, ends[0], ends[1]);
        int hub = between || conn ? -1 : hub_of(s, ends);
        if (hub >= 0) place_star(s, ends[hub]);
        /* A capture need not know the way between them. */
        for (uint32_t k = 0; k < 2; k++)
            if (!s->places[ends[k]].network) s->places[ends[k]] = (place){network, k, 0, ends[k]};
    }
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->places[i].network) continue;
        guess_ends(s, i, ends);
        place_network(s, ++network, ends[0], ends[1]);
    }
}

static uint32_t *in_order(const dw_trace *trace, uint32_t conn, const int32_t *between)
{
    survey s = {.trace = trace, .count = dw_trace_nodes(trace)};
    uint32_t *numbers = calloc(3 * (size_t)s.count + 1, sizeof *numbers);
    uint32_t *order = calloc((size_t)s.count + 1, sizeof *order);
    s.places = calloc((size_t)s.count + 1, sizeof *s.places);
    bool ready = numbers && order && s.places;
    if (ready) {
        s.distance[0] = numbers;
        s.distance[1] = numbers + s.count;
        s.degree = numbers + 2 * (size_t)s.count;
        place_all(&s, conn, between);
        qsort(s.places, s.count, sizeof *s.places, by_place);
        for (uint32_t i = 0; i < s.count; i++)
            order[i] = s.places[i].node;
    }
    free(numbers);
    free(s.places);
    if (ready) return order;
    free(order);
    return NULL;
}

uint32_t *dw_path_order(const dw_trace *trace, uint32_t conn)
{
    return in_order(trace, conn, NULL);
}

uint32_t *dw_path_order_between(const dw_trace *trace, const int32_t ends[2])
{
    return in_order(trace, 0, ends);
}
