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
    uint16_t host, kinds;
    uint32_t item;
    uint32_t last; /* plans of the last size, of which no item is kept, whose last fault is here */
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

/* The next lengths of faults whose last one still let something happen first. */
typedef struct again {
    dw_book_plan *plans;
    size_t count, next;
} again;

struct dw_book {
    dw_explore_config config;
    item *items;
    point *points;
    size_t item_count, point_count;
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
    free(book->slots);
    free(book->again.plans);
    free(book);
}

/* Plans. */

static dw_fault fault_of(const dw_book *book, const dw_book_plan *plan)
{
    return (dw_fault){.number = book->points[plan->point].number,
                      .host = book->points[plan->point].host,
                      .count = plan->count,
                      .kind = plan->kind,
                      .before = plan->before};
}

size_t dw_book_faults(const dw_book *book, const dw_book_plan *plan, dw_fault out[DW_FAULTS_MOST])
{
    size_t n = 0;
    const dw_book_plan *p = plan;
    for (; p->point != DW_BOOK_NONE; p = &book->items[book->points[p->point].item].plan)
        out[n++] = fault_of(book, p);
    for (size_t i = 0; i < n / 2; i++) {
        dw_fault first = out[i];
        out[i] = out[n - 1 - i];
        out[n - 1 - i] = first;
    }
    return n;
}

/* Of no kind more than in all. */
static left left_behind(const dw_book *book, const dw_book_plan *plan)
{
    left l = {.all = book->config.faults};
    memcpy(l.of, book->config.most, sizeof l.of);
    for (; plan->point != DW_BOOK_NONE; plan = &book->items[book->points[plan->point].item].plan) {
        l.of[plan->kind]--;
        l.all--;
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
                          .count = (DW_FAULT_BIT(kind) & DW_FAULT_FROM_ONE) != 0,
                          .before = kind == DW_FAULT_DELAY};
}

/* Other lengths first, then every kind at every point of the size before. */
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

uint32_t dw_book_size(const dw_book *book)
{
    return book->size;
}

bool dw_book_grow(dw_book *book)
{
    if (is_last(book)) return false;
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

/* The first that was there stays. */
static bool keep_state(dw_book *book, const left *here, dw_book_key key, size_t number)
{
    if (book->slots_used >= book->config.max_states) return true;
    if (find(book, here, key) != DW_BOOK_NONE) return true;
    if (book->slots_used * 4 >= book->slot_size * 3 && !widen(book)) return false;
    slot s = slot_of(key, number);
    put(book, &s);
    book->slots_used++;
    return true;
}

/* Entries. */

static bool try_again(dw_book *book, const dw_book_plan *plan)
{
    again *a = &book->again;
    dw_book_plan *plans = dw_list_room(a->plans, a->count, sizeof *plans);
    if (!plans) return false;
    a->plans = plans;
    dw_book_plan *longer = &plans[a->count++];
    *longer = *plan;
    longer->before = plan->kind == DW_FAULT_DELAY && !plan->before;
    longer->count += !plan->before;
    return true;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Of the last size only the states are kept: each such run is one plan. */
static bool enter_last(dw_book *book, const dw_book_plan *plan, const dw_book_outcome *outcome)
{
    const left none = {.all = 0};
    if (plan->point == DW_BOOK_NONE)
        book->last++;
    else
        book->points[plan->point].last++;
    for (size_t i = 0; i < outcome->count; i++)
        if (outcome->points[i].keyed && !keep_state(book, &none, outcome->points[i].key, LAST_SIZE))
            return false;
    return true;
}

/* More points or packets than their numbers can count are too many for any memory. */
static bool keep_point(dw_book *book, const dw_book_point *p)
{
    point *points = dw_list_room(book->points, book->point_count, sizeof *points);
    if (!points) return false;
    book->points = points;
    if (book->point_count >= LAST_SIZE - 1 || p->number > UINT32_MAX) return false;
    points[book->point_count++] = (point){.number = (uint32_t)p->number,
                                          .host = (uint16_t)p->host,
                                          .kinds = (uint16_t)p->kinds,
                                          .item = (uint32_t)book->item_count - 1};
    return true;
}

static bool enter_item(dw_book *book, const dw_book_plan *plan, const dw_book_outcome *outcome)
{
    item *items = dw_list_room(book->items, book->item_count, sizeof *items);
    if (!items) return false;
    book->items = items;
    uint32_t first = (uint32_t)book->point_count;
    left here = left_behind(book, plan);
    items[book->item_count++] = (item){.plan = *plan, .first = first, .target = outcome->target};
    for (size_t i = 0; i < outcome->count; i++) {
        const dw_book_point *p = &outcome->points[i];
        if (!keep_point(book, p)) return false;
        if (p->keyed && !keep_state(book, &here, p->key, first + i)) return false;
    }
    return true;
}

bool dw_book_enter(dw_book *book, const dw_book_plan *plan, const dw_book_outcome *outcome)
{
    bool lasts = plan->point != DW_BOOK_NONE && (DW_FAULT_BIT(plan->kind) & DW_FAULT_LASTING);
    if (lasts && outcome->fate == DW_FAULT_STRUCK && !try_again(book, plan)) return false;
    if (lasts && plan->kind == DW_FAULT_OLD && outcome->fate == DW_FAULT_OUTLIVED)
        return true; /* there is no older packet: it is no plan */
    return is_last(book) ? enter_last(book, plan, outcome) : enter_item(book, plan, outcome);
}

uint64_t dw_book_states(const dw_book *book)
{
    return book->slots_used;
}

/* Counting plans: those with so many faults behind each point, or behind each run's own, when they
 * have been counted with one fault less. */
typedef struct counts {
    uint64_t *points, *runs;
} counts;

/* Those whose first fault behind a point is at that point. */
static void count_here(const dw_book *book, counts *c, uint32_t behind)
{
    for (size_t i = 0; i < book->point_count; i++)
        c->points[i] = behind == 1 ? book->points[i].last : 0;
    for (size_t i = 0; i < book->item_count && behind > 0; i++) {
        uint32_t parent = book->items[i].plan.point;
        if (parent != DW_BOOK_NONE) c->points[parent] = sum(c->points[parent], c->runs[i]);
    }
}

/* And those whose first is later in the run, or, where that came to a state that another had been
 * in, from there on.  That other one was entered before it. */
static void count_later(const dw_book *book, counts *c, uint32_t behind)
{
    size_t end = book->item_count;
    for (size_t i = 0; i < end; i++) {
        const item *it = &book->items[i];
        size_t p = i + 1 < end ? it[1].first : book->point_count;
        uint64_t n = it->target == DW_BOOK_NONE ? behind == 0 : c->points[it->target];
        while (p-- > it->first)
            c->points[p] = n = sum(n, c->points[p]);
        c->runs[i] = n;
    }
}

bool dw_book_schedules(const dw_book *book, uint64_t *out)
{
    counts c = {calloc(book->point_count + 1, sizeof *c.points),
                calloc(book->item_count + 1, sizeof *c.runs)};
    bool any = c.points && c.runs;
    *out = book->last;
    for (uint32_t behind = 0; any && book->item_count && behind <= book->size; behind++) {
        count_here(book, &c, behind);
        count_later(book, &c, behind);
        *out = sum(*out, c.runs[0]); /* the run without any fault is the first */
    }
    free(c.points);
    free(c.runs);
    return any;
}
