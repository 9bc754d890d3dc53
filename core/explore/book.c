/* The book of an exploration. */
#include "book.h"

#include "base/list.h"

#include <stdlib.h>
#include <string.h>

/* A run that was entered.  Its points are in the list of all, up to the first of the next one. */
typedef struct item {
    dw_book_plan plan;
    uint32_t first;
    uint32_t target;
} item;

typedef struct point {
    uint32_t number; /* of dw_fault_point, as the next two */
    uint16_t host;   /* of a packet that may come: how much it has waited for */
    uint16_t kinds;  /* and KEYED */
    uint32_t item;
    uint32_t last; /* plans of the last size, of which no item is kept, that go on here */
} point;

/* Ten million of them are the most that are kept unless somebody asks for more, so a key is in
 * parts that need no padding. */
typedef struct slot {
    uint32_t key[4];
    uint32_t point; /* + 1; 0: free.  Of the last size, whose points are not kept: the largest */
} slot;

/* How many faults are still to come, of each kind and in all. */
typedef struct left {
    uint32_t of[DW_FAULT_KINDS], all;
} left;

/* Plans of the size that is given out which follow from others of that size: the next lengths of
 * faults whose last one still let something happen first, and packets that come. */
typedef struct again {
    dw_book_plan *plans;
    size_t count, next;
} again;

struct dw_book {
    dw_explore_config config;
    item *items;
    point *points;
    size_t item_count, point_count;
    uint64_t *labels, *end_labels; /* of each point and item, if a graph is wanted */
    slot *slots;
    size_t slot_size, slots_used; /* a power of two */
    uint32_t size;                /* of the plans that are given out */
    size_t end;                   /* of the points of the size before */
    size_t at;                    /* the point that is extended ... */
    uint8_t kind;                 /* ... by this kind next */
    bool root_given;
    again again;
    uint64_t left, lasting_left; /* to be given out at points; of them, faults that last */
    uint64_t lasting, lengths;   /* that were given out at points; and their other lengths */
    uint64_t last;               /* plans of the last size without any fault */
};

#define LAST_SIZE UINT32_MAX /* the point of a state that is kept of the last size */
#define KEYED (1u << 15)     /* beside a point's kinds: its state is known */

/* Faults that have a run for each length.  A packet that is held up comes in runs that go on from
 * points of their own. */
#define LENGTHS (DW_FAULT_LASTING & ~DW_FAULT_BIT(DW_FAULT_DELAY))

dw_book *dw_book_new(const dw_explore_config *config)
{
    dw_book *book = calloc(1, sizeof *book);
    if (!book) return NULL;
    book->config = *config;
    book->slot_size = 1024;
    book->slots = calloc(book->slot_size, sizeof *book->slots);
    if (book->slots) return book;
    free(book);
    return NULL;
}

void dw_book_free(dw_book *book)
{
    if (!book) return;
    free(book->items);
    free(book->points);
    free(book->labels);
    free(book->end_labels);
    free(book->slots);
    free(book->again.plans);
    free(book);
}

/* Plans. */

/* That of the run which had the point where this one went another way. */
static const dw_book_plan *before(const dw_book *book, const dw_book_plan *plan)
{
    return &book->items[book->points[plan->point].item].plan;
}

static bool is_move(const dw_book_plan *plan)
{
    return plan->kind >= DW_FAULT_KINDS;
}

/* Packets of a plan that come, by what their delays are to say. */
typedef struct comings {
    dw_fault of[DW_FAULTS_MOST];
    size_t count;
} comings;

static dw_fault coming_of(const point *p, uint8_t kind)
{
    return (dw_fault){.number = p->number,
                      .kind = DW_FAULT_DELAY,
                      .count = p->host,
                      .before = kind == DW_MOVE_BEFORE};
}

static dw_fault fault_of(const point *p, const dw_book_plan *plan, const comings *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (plan->kind == DW_FAULT_DELAY && c->of[i].number == p->number) return c->of[i];
    return (dw_fault){
        .number = p->number, .host = p->host, .count = plan->count, .kind = plan->kind};
}

static void turn_round(dw_fault *faults, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        dw_fault first = faults[i];
        faults[i] = faults[count - 1 - i];
        faults[count - 1 - i] = first;
    }
}

size_t dw_book_faults(const dw_book *book, const dw_book_plan *plan, dw_fault out[DW_FAULTS_MOST],
                      size_t *points)
{
    comings c = {.count = 0};
    size_t n = 0;
    for (; plan->point != DW_BOOK_NONE; plan = before(book, plan)) {
        const point *p = &book->points[plan->point];
        if (is_move(plan))
            c.of[c.count++] = coming_of(p, plan->kind);
        else
            out[n++] = fault_of(p, plan, &c);
    }
    turn_round(out, n);
    if (points) *points = n + c.count;
    return n;
}

/* Of no kind more than in all. */
static left left_behind(const dw_book *book, const dw_book_plan *plan)
{
    left l = {.all = book->config.faults};
    memcpy(l.of, book->config.most, sizeof l.of);
    for (; plan->point != DW_BOOK_NONE; plan = before(book, plan)) {
        if (is_move(plan)) continue;
        l.of[plan->kind] -= l.of[plan->kind] != DW_FAULTS_ANY;
        l.all -= l.all != DW_FAULTS_ANY;
    }
    for (int i = 0; i < DW_FAULT_KINDS; i++)
        if (l.of[i] > l.all) l.of[i] = l.all;
    return l;
}

bool dw_book_leaves(const dw_book *book, const dw_book_plan *plan, uint8_t kind)
{
    return left_behind(book, plan).of[kind] > 0;
}

/* Whether a plan of the size before may be extended by a fault of this kind here. */
static bool may_have(const dw_book *book, const point *p, uint8_t kind)
{
    return (p->kinds & DW_FAULT_BIT(kind)) &&
           dw_book_leaves(book, &book->items[p->item].plan, kind);
}

static dw_book_plan first_of(uint8_t kind, size_t at)
{
    return (dw_book_plan){.point = (uint32_t)at,
                          .kind = kind,
                          .count = (DW_FAULT_BIT(kind) & DW_FAULT_FROM_ONE) != 0};
}

/* What follows from plans of this size first, then every kind at every point of the size before. */
bool dw_book_next(dw_book *book, dw_book_plan *out)
{
    if (book->size == 0) {
        *out = (dw_book_plan){.point = DW_BOOK_NONE};
        bool given = book->root_given;
        book->root_given = true;
        return !given;
    }
    if (book->again.next < book->again.count) {
        *out = book->again.plans[book->again.next++];
        book->lengths++;
        return true;
    }
    book->again.next = book->again.count = 0;
    while (book->at < book->end) {
        uint8_t kind = book->kind++;
        if (kind == DW_FAULT_KINDS) {
            book->at++;
            book->kind = 0;
        } else if (may_have(book, &book->points[book->at], kind)) {
            bool lasts = DW_FAULT_BIT(kind) & DW_FAULT_LASTING;
            book->left--;
            book->lasting_left -= lasts;
            book->lasting += lasts;
            *out = first_of(kind, book->at);
            return true;
        }
    }
    return false;
}

/* What the points of the size before can be extended by. */
static void count_left(dw_book *book)
{
    book->left = book->lasting_left = 0;
    for (size_t i = book->at; i < book->end; i++)
        for (uint8_t kind = 0; kind < DW_FAULT_KINDS; kind++) {
            bool may = may_have(book, &book->points[i], kind);
            book->left += may;
            book->lasting_left += may && (DW_FAULT_BIT(kind) & DW_FAULT_LASTING);
        }
}

uint64_t dw_book_left(const dw_book *book)
{
    uint64_t known = book->left + (book->again.count - book->again.next);
    if (book->lasting == 0) return known;
    return known + book->lasting_left / book->lasting * book->lengths +
           book->lasting_left % book->lasting * book->lengths / book->lasting;
}

static bool is_last(const dw_book *book)
{
    return book->size == book->config.faults;
}

bool dw_book_is_full(const dw_book *book)
{
    return book->size == DW_FAULTS_MOST && !is_last(book);
}

uint32_t dw_book_size(const dw_book *book)
{
    return book->size;
}

bool dw_book_grow(dw_book *book)
{
    if (is_last(book) || book->size == DW_FAULTS_MOST) return false;
    book->at = book->end;
    book->kind = 0;
    book->end = book->point_count;
    book->size++;
    count_left(book);
    return book->at < book->end;
}

/* States. */

static slot slot_of(dw_book_key key, size_t number)
{
    slot s = {.point = number == LAST_SIZE ? LAST_SIZE : (uint32_t)number + 1};
    memcpy(s.key, &key, sizeof s.key);
    return s;
}

static size_t first_place(const dw_book *book, const slot *s)
{
    return s->key[0] & (book->slot_size - 1);
}

static void put(dw_book *book, const slot *s)
{
    size_t i = first_place(book, s);
    while (book->slots[i].point)
        i = (i + 1) & (book->slot_size - 1);
    book->slots[i] = *s;
}

/* Whether from a state that was met with `there` left all is tried that could be tried with `here`
 * left: the same kinds, and as many of each.  Where more is left there, its plans are the smaller
 * ones, and have come or will come before. */
static bool covers(const left *there, const left *here)
{
    for (int i = 0; i < DW_FAULT_KINDS; i++)
        if ((there->of[i] < here->all ? there->of[i] : here->all) != here->of[i]) return false;
    return there->all >= here->all;
}

static left left_at(const dw_book *book, const slot *s)
{
    if (s->point == LAST_SIZE) return (left){.all = 0};
    return left_behind(book, &book->items[book->points[s->point - 1].item].plan);
}

/* The same state may stand there several times, with other faults left. */
static uint32_t find(const dw_book *book, const left *here, dw_book_key key)
{
    const slot wanted = slot_of(key, 0);
    size_t i = first_place(book, &wanted);
    for (; book->slots[i].point; i = (i + 1) & (book->slot_size - 1)) {
        if (memcmp(book->slots[i].key, wanted.key, sizeof wanted.key) != 0) continue;
        left there = left_at(book, &book->slots[i]);
        if (covers(&there, here)) return book->slots[i].point - 1;
    }
    return DW_BOOK_NONE;
}

uint32_t dw_book_find(const dw_book *book, const dw_book_plan *plan, dw_book_key key)
{
    left here = left_behind(book, plan);
    return find(book, &here, key);
}

static bool widen(dw_book *book)
{
    slot *old = book->slots;
    size_t size = book->slot_size;
    book->slots = calloc(size * 2, sizeof *old);
    if (!book->slots) return book->slots = old, false;
    book->slot_size = size * 2;
    for (size_t i = 0; i < size; i++)
        if (old[i].point) put(book, &old[i]);
    free(old);
    return true;
}

/* One that is not known (end_where_known). */
static bool keep_state(dw_book *book, dw_book_key key, size_t number)
{
    if (book->slots_used >= book->config.max_states) return true;
    if (book->slots_used * 4 >= book->slot_size * 3 && !widen(book)) return false;
    slot s = slot_of(key, number);
    put(book, &s);
    book->slots_used++;
    return true;
}

/* Entries. */

/* Whether it is a point; or else nobody's, or that of a state behind which there is nothing. */
static bool is_point(uint32_t target)
{
    return target < LAST_SIZE - 1;
}

static bool try_also(dw_book *book, dw_book_plan plan)
{
    again *a = &book->again;
    dw_book_plan *plans = dw_list_room(a->plans, a->count, sizeof *plans);
    if (!plans) return false;
    a->plans = plans;
    plans[a->count++] = plan;
    return true;
}

static bool try_longer(dw_book *book, dw_book_plan plan)
{
    plan.count++;
    return try_also(book, plan);
}

/* A packet that may come at a point. */
static bool try_moves(dw_book *book, size_t at)
{
    for (uint8_t kind = DW_MOVE_BEFORE; kind < DW_MOVE_KINDS; kind++)
        if (!try_also(book, (dw_book_plan){.point = (uint32_t)at, .kind = kind})) return false;
    return true;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Of the last size only the states are kept where no packet is held up any more. */
static bool keep_last(dw_book *book, const dw_book_outcome *outcome, size_t from)
{
    for (size_t i = from; i < outcome->count; i++)
        if (outcome->points[i].keyed && !keep_state(book, outcome->points[i].key, LAST_SIZE))
            return false;
    return true;
}

/* Such a run is one plan, if it did not come to where more packets may come. */
static bool enter_last(dw_book *book, const dw_book_plan *plan, const dw_book_outcome *outcome)
{
    if (plan->point == DW_BOOK_NONE)
        book->last++;
    else
        book->points[plan->point].last++;
    return keep_last(book, outcome, 0);
}

/* That of the last of so many points or items. */
static bool keep_label(const dw_book *book, uint64_t **labels, size_t count, uint64_t label)
{
    if (!book->config.label) return true;
    uint64_t *more = dw_list_room(*labels, count - 1, sizeof *more);
    if (!more) return false;
    *labels = more;
    more[count - 1] = label;
    return true;
}

/* More points or packets than their numbers can count are too many for any memory. */
static bool keep_point(dw_book *book, const dw_book_point *p)
{
    point *points = dw_list_room(book->points, book->point_count, sizeof *points);
    if (!points) return false;
    book->points = points;
    if (book->point_count >= LAST_SIZE - 1 || p->number > UINT32_MAX || p->waited > UINT16_MAX)
        return false;
    points[book->point_count++] = (point){.number = (uint32_t)p->number,
                                          .host = (uint16_t)(p->host | p->waited),
                                          .kinds = (uint16_t)(p->kinds | (p->keyed ? KEYED : 0)),
                                          .item = (uint32_t)book->item_count - 1};
    return keep_label(book, &book->labels, book->point_count, p->label);
}

/* The first so many points are kept. */
static bool enter_item(dw_book *book, const dw_book_plan *plan, const dw_book_outcome *outcome,
                       size_t kept)
{
    item *items = dw_list_room(book->items, book->item_count, sizeof *items);
    if (!items) return false;
    book->items = items;
    uint32_t first = (uint32_t)book->point_count;
    items[book->item_count++] = (item){.plan = *plan, .first = first, .target = outcome->target};
    if (!keep_label(book, &book->end_labels, book->item_count, outcome->label)) return false;
    for (size_t i = 0; i < kept; i++) {
        const dw_book_point *p = &outcome->points[i];
        if (!keep_point(book, p)) return false;
        if (p->keyed && !keep_state(book, p->key, first + i)) return false;
        if ((p->kinds & DW_MOVES) && !try_moves(book, first + i)) return false;
    }
    return keep_last(book, outcome, kept);
}

/* All points up to the last one behind which a packet may come. */
static size_t points_with_moves(const dw_book *book, const dw_book_outcome *outcome)
{
    size_t n = outcome->count;
    if (book->config.most[DW_FAULT_DELAY] && is_point(outcome->target)) return n;
    while (n > 0 && !(outcome->points[n - 1].kinds & DW_MOVES))
        n--;
    return n;
}

/* What another run of the round came to, this one need not have gone on from. */
static void end_where_known(const dw_book *book, const dw_book_plan *plan, dw_book_outcome *o)
{
    left here = left_behind(book, plan);
    for (size_t i = 0; i < o->count; i++) {
        uint32_t known = o->points[i].keyed ? find(book, &here, o->points[i].key) : DW_BOOK_NONE;
        if (known == DW_BOOK_NONE) continue;
        o->target = known;
        o->count = i;
    }
}

bool dw_book_enter(dw_book *book, const dw_book_plan *plan, dw_book_outcome *outcome)
{
    end_where_known(book, plan, outcome);
    bool lasts = plan->point != DW_BOOK_NONE && (DW_FAULT_BIT(plan->kind) & LENGTHS);
    if (lasts && outcome->fate == DW_FAULT_STRUCK && !try_longer(book, *plan)) return false;
    if (lasts && plan->kind == DW_FAULT_OLD && outcome->fate == DW_FAULT_OUTLIVED)
        return true; /* there is no older packet: it is no plan */
    size_t kept = is_last(book) ? points_with_moves(book, outcome) : outcome->count;
    bool more = kept > 0 || (is_point(outcome->target) && book->config.most[DW_FAULT_DELAY] > 0);
    return is_last(book) && !more ? enter_last(book, plan, outcome)
                                  : enter_item(book, plan, outcome, kept);
}

uint64_t dw_book_states(const dw_book *book)
{
    return book->slots_used;
}

/* The graph. */

static size_t end_of(const dw_book *book, size_t run)
{
    return run + 1 < book->item_count ? book->items[run + 1].first : book->point_count;
}

typedef struct edges {
    const dw_book *book;
    uint32_t *names; /* of points with states */
    dw_explore_edge now;
    int status;
} edges;

static void tell_edge(edges *e, uint32_t to, uint64_t label)
{
    const dw_explore_config *c = &e->book->config;
    e->now.to = to;
    e->now.to_label = label;
    if (e->status == DW_OK) e->status = c->edge(&e->now, c->arg);
    e->now = (dw_explore_edge){.from = to, .from_label = label};
}

/* The last point up to this one whose state is known, in its run or in those that it went on from;
 * DW_BOOK_NONE: there is none. */
static uint32_t last_known(const dw_book *b, uint32_t from)
{
    while (from != DW_BOOK_NONE) {
        const item *run = &b->items[b->points[from].item];
        for (uint32_t i = from + 1; i > run->first; i--)
            if (b->points[i - 1].kinds & KEYED) return i - 1;
        from = run->plan.point;
    }
    return DW_BOOK_NONE;
}

static void begin_at(edges *e, const dw_book_plan *plan)
{
    uint32_t at = last_known(e->book, plan->point);
    e->now = (dw_explore_edge){.kind = plan->kind, .befalls = plan->point != DW_BOOK_NONE};
    if (at == DW_BOOK_NONE) return;
    e->now.from = e->names[at];
    e->now.from_label = e->book->labels[at];
}

static void tell_run(edges *e, size_t run)
{
    const dw_book *b = e->book;
    const item *it = &b->items[run];
    begin_at(e, &it->plan);
    for (size_t i = it->first; i < end_of(b, run); i++)
        if (b->points[i].kinds & KEYED) tell_edge(e, e->names[i], b->labels[i]);
    if (is_point(it->target))
        tell_edge(e, e->names[it->target], b->labels[it->target]);
    else
        tell_edge(e, DW_EXPLORE_END, b->end_labels[run]);
}

int dw_book_edges(const dw_book *book)
{
    edges e = {.book = book, .names = malloc((book->point_count + 1) * sizeof *e.names)};
    uint32_t name = 0;
    if (!e.names) return DW_E_NOMEM;
    for (size_t i = 0; i < book->point_count; i++)
        e.names[i] = name += (book->points[i].kinds & KEYED) != 0;
    for (size_t i = 0; i < book->item_count && e.status == DW_OK; i++)
        tell_run(&e, i);
    free(e.names);
    return e.status;
}

/* Counting plans: those with so many faults behind each point, or behind each run's own, when they
 * have been counted with one fault less.
 *
 * What comes behind a point is what goes on from there with one fault more, or with a packet that
 * comes, and what comes behind the next point of its run, or behind the one whose state the run
 * came to.  Whatever that is, it is later in time; so it is known at last. */
typedef struct counts {
    uint64_t *points, *runs, *shorter; /* behind each point and run; and with one fault less */
    uint32_t *open;  /* of each point: runs with a packet that comes, not counted */
    size_t *from;    /* of each run: the first point that is counted, and from there on .runs */
    uint32_t behind; /* faults */
} counts;

/* What goes on from each point with one fault more. */
static void count_here(const dw_book *book, counts *c)
{
    for (size_t i = 0; i < book->point_count; i++) {
        bool move = book->points[i].kinds & DW_MOVES;
        c->points[i] = c->behind == !move ? book->points[i].last : 0;
        c->open[i] = 0;
    }
    for (size_t i = 0; i < book->item_count; i++) {
        const dw_book_plan *plan = &book->items[i].plan;
        c->from[i] = end_of(book, i) + 1;
        if (plan->point == DW_BOOK_NONE) continue;
        if (is_move(plan))
            c->open[plan->point]++;
        else if (c->behind > 0)
            c->points[plan->point] = sum(c->points[plan->point], c->shorter[i]);
    }
}

/* All of it is counted: so is what it goes on from, if that waited for it. */
static void count_run(const dw_book *book, counts *c, size_t run)
{
    const dw_book_plan *plan = &book->items[run].plan;
    if (plan->point == DW_BOOK_NONE || !is_move(plan)) return;
    c->points[plan->point] = sum(c->points[plan->point], c->runs[run]);
    c->open[plan->point]--;
}

/* What comes behind the last point of a run.  false: not known yet. */
static bool count_end(const dw_book *book, counts *c, size_t run)
{
    uint32_t target = book->items[run].target;
    c->runs[run] = is_point(target) ? c->points[target] : c->behind == 0;
    return !is_point(target) || c->from[book->points[target].item] <= target;
}

/* From its end on, as far as that is known: whether any more of it is. */
static bool count_on(const dw_book *book, counts *c, size_t run)
{
    size_t first = book->items[run].first, end = end_of(book, run), at = c->from[run];
    if (at == first || (at > end && !count_end(book, c, run))) return false;
    if (at > end) at = end;
    for (; at > first && c->open[at - 1] == 0; at--)
        c->points[at - 1] = c->runs[run] = sum(c->runs[run], c->points[at - 1]);
    if (at == first) count_run(book, c, run);
    bool more = at < c->from[run];
    c->from[run] = at;
    return more;
}

static void count_size(const dw_book *book, counts *c)
{
    bool more = true;
    count_here(book, c);
    while (more) {
        more = false;
        for (size_t i = 0; i < book->item_count; i++)
            more |= count_on(book, c, i);
        for (size_t i = book->item_count; i-- > 0;)
            more |= count_on(book, c, i);
    }
}

static bool count_all(const dw_book *book, counts *c, uint64_t *out)
{
    if (!c->points || !c->runs || !c->shorter || !c->open || !c->from) return false;
    for (c->behind = 0; book->item_count && c->behind <= book->size; c->behind++) {
        uint64_t *runs = c->runs;
        c->runs = c->shorter;
        c->shorter = runs;
        count_size(book, c);
        *out = sum(*out, c->runs[0]); /* the run without any fault is the first */
    }
    return true;
}

bool dw_book_schedules(const dw_book *book, uint64_t *out)
{
    size_t points = book->point_count + 1, runs = book->item_count + 1;
    *out = book->config.faults == DW_FAULTS_ANY ? UINT64_MAX : book->last;
    if (*out == UINT64_MAX) return true;
    counts c = {.points = calloc(points, sizeof *c.points),
                .runs = calloc(runs, sizeof *c.runs),
                .shorter = calloc(runs, sizeof *c.shorter),
                .open = calloc(points, sizeof *c.open),
                .from = calloc(runs, sizeof *c.from)};
    bool done = count_all(book, &c, out);
    free(c.points);
    free(c.runs);
    free(c.shorter);
    free(c.open);
    free(c.from);
    return done;
}
