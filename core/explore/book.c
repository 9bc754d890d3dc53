/* The book of an exploration. */
#include "book.h"

#include "base/list.h"

#include <stdlib.h>
#include <string.h>

/* A run that was entered, and its points in the list of all. */
typedef struct item {
    dw_book_plan plan;
    uint32_t first, count; /* its points */
    uint32_t target;
} item;

typedef struct point {
    uint64_t
        plans; /* that have a fault here next; after dw_book_schedules: here or later in its run */
    uint64_t packet; /* and whether it is a copy: the lowest bit */
    uint32_t item;
} point;

typedef struct slot {
    dw_book_key key;
    uint32_t point; /* + 1; 0: free.  Of the last size, whose points are not kept: the largest */
} slot;

/* The next ways to hold up a packet whose last one still let something happen first. */
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
    size_t slot_size, slots_used;     /* a power of two */
    uint32_t size;                    /* of the plans that are given out */
    size_t level[DW_FAULTS_MOST + 2]; /* the first item of each size */
    size_t end;                       /* of the points of the size before */
    size_t at;                        /* the point that is extended ... */
    uint8_t kind;                     /* ... by this kind next */
    bool root_given;
    again again;
    uint64_t left, delays_left; /* to be given out at points, and of them those that delay */
    uint64_t delays, ways;      /* that were given out at points; and their other ways */
    uint64_t last;              /* plans of the last size, each of which stands for itself */
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
    return (dw_fault){.packet = book->points[plan->point].packet >> 1,
                      .wait = plan->wait,
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

/* Whether a plan of the size before may be extended by a fault of this kind here. */
static bool may_have(const dw_book *book, const point *p, uint8_t kind)
{
    if ((p->packet & 1) && kind != DW_FAULT_DELAY) return false; /* without a copy: that is all */
    uint32_t used = 0;
    const dw_book_plan *plan = &book->items[p->item].plan;
    for (; plan->point != DW_BOOK_NONE; plan = &book->items[book->points[plan->point].item].plan)
        used += plan->kind == kind;
    return used < book->config.most[kind];
}

/* Other ways to be late first, then every kind at every point of the size before. */
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
        book->ways++;
        return true;
    }
    book->again.next = book->again.count = 0;
    while (book->at < book->end) {
        uint8_t kind = book->kind++;
        if (kind == DW_FAULT_KINDS) {
            book->at++;
            book->kind = 0;
        } else if (may_have(book, &book->points[book->at], kind)) {
            bool delays = kind == DW_FAULT_DELAY;
            book->left--;
            book->delays_left -= delays;
            book->delays += delays;
            *out = (dw_book_plan){
                .point = (uint32_t)book->at, .kind = kind, .wait = delays, .before = delays};
            return true;
        }
    }
    return false;
}

/* What the points of the size before can be extended by. */
static void count_left(dw_book *book)
{
    book->left = book->delays_left = 0;
    for (size_t i = book->at; i < book->end; i++)
        for (uint8_t kind = 0; kind < DW_FAULT_KINDS; kind++) {
            bool may = may_have(book, &book->points[i], kind);
            book->left += may;
            book->delays_left += may && kind == DW_FAULT_DELAY;
        }
}

uint64_t dw_book_left(const dw_book *book)
{
    uint64_t left = book->left + (book->again.count - book->again.next);
    if (book->delays == 0) return left;
    return left + book->delays_left / book->delays * book->ways +
           book->delays_left % book->delays * book->ways / book->delays;
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
    book->level[book->size + 1] = book->item_count;
    if (is_last(book)) return false;
    book->at = book->end;
    book->kind = 0;
    book->end = book->point_count;
    book->size++;
    count_left(book);
    return book->at < book->end;
}

/* States. */

static slot *place(const dw_book *book, dw_book_key key)
{
    size_t i = key.half[0] & (book->slot_size - 1);
    while (book->slots[i].point && memcmp(&book->slots[i].key, &key, sizeof key) != 0)
        i = (i + 1) & (book->slot_size - 1);
    return &book->slots[i];
}

uint32_t dw_book_find(const dw_book *book, dw_book_key key)
{
    const slot *s = place(book, key);
    return s->point ? s->point - 1 : DW_BOOK_NONE;
}

static bool widen(dw_book *book)
{
    slot *old = book->slots;
    size_t size = book->slot_size;
    book->slots = calloc(size * 2, sizeof *old);
    if (!book->slots) return book->slots = old, false;
    book->slot_size = size * 2;
    for (size_t i = 0; i < size; i++)
        if (old[i].point) *place(book, old[i].key) = old[i];
    free(old);
    return true;
}

/* The first that was there stays. */
static bool keep_state(dw_book *book, dw_book_key key, size_t number)
{
    if (book->slots_used >= book->config.max_states) return true;
    if (book->slots_used * 4 >= book->slot_size * 3 && !widen(book)) return false;
    slot *s = place(book, key);
    if (s->point) return true;
    *s = (slot){.key = key, .point = number == LAST_SIZE ? LAST_SIZE : (uint32_t)number + 1};
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
    plans[a->count] = *plan;
    plans[a->count].before = !plan->before;
    plans[a->count++].wait += !plan->before;
    return true;
}

static bool keep_point(dw_book *book, const dw_book_point *p)
{
    point *points = dw_list_room(book->points, book->point_count, sizeof *points);
    if (!points || book->point_count >= LAST_SIZE - 1) return false;
    book->points = points;
    points[book->point_count++] =
        (point){.packet = p->packet << 1 | p->copy, .item = (uint32_t)book->item_count};
    return !p->keyed || keep_state(book, p->key, book->point_count - 1);
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Of the last size only the states are kept: each such run is one plan. */
static bool enter_last(dw_book *book, const dw_book_plan *plan, const dw_book_outcome *outcome)
{
    if (plan->point == DW_BOOK_NONE)
        book->last++;
    else
        book->points[plan->point].plans = sum(book->points[plan->point].plans, 1);
    for (size_t i = 0; i < outcome->count; i++)
        if (outcome->points[i].keyed && !keep_state(book, outcome->points[i].key, LAST_SIZE))
            return false;
    return true;
}

bool dw_book_enter(dw_book *book, const dw_book_plan *plan, const dw_book_outcome *outcome)
{
    bool delays = plan->point != DW_BOOK_NONE && plan->kind == DW_FAULT_DELAY;
    if (delays && outcome->fate == DW_FAULT_STRUCK && !try_again(book, plan)) return false;
    if (is_last(book)) return enter_last(book, plan, outcome);
    item *items = dw_list_room(book->items, book->item_count, sizeof *items);
    if (!items) return false;
    book->items = items;
    item it = {.plan = *plan, .first = (uint32_t)book->point_count, .target = outcome->target};
    for (size_t i = 0; i < outcome->count; i++)
        if (!keep_point(book, &outcome->points[i])) return false;
    it.count = (uint32_t)(book->point_count - it.first);
    book->items[book->item_count++] = it;
    return true;
}

/* How many plans the runs stand for: that of each run, those that its points were extended by, and,
 * where it came to a state that another had been in, those from there on.  That other one was
 * entered before it, or has more faults. */
static uint64_t plans_of(dw_book *book, const item *it)
{
    uint64_t n = it->target == DW_BOOK_NONE || it->target >= book->point_count
                     ? 1
                     : book->points[it->target].plans;
    for (uint32_t i = it->count; i-- > 0;) {
        point *p = &book->points[it->first + i];
        p->plans = n = sum(n, p->plans);
    }
    return n;
}

uint64_t dw_book_states(const dw_book *book)
{
    return book->slots_used;
}

uint64_t dw_book_schedules(dw_book *book)
{
    uint64_t total = book->last;
    for (uint32_t size = book->size + 1; size-- > 0;) {
        size_t end = size == book->size ? book->item_count : book->level[size + 1];
        for (size_t i = book->level[size]; i < end; i++) {
            uint64_t n = plans_of(book, &book->items[i]);
            uint32_t parent = book->items[i].plan.point;
            if (parent == DW_BOOK_NONE)
                total = sum(total, n);
            else
                book->points[parent].plans = sum(book->points[parent].plans, n);
        }
    }
    return total;
}
