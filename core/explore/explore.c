/* Exploring: plan by plan, the smallest first. */
#include "base/config.h"
#include "base/list.h"
#include "book.h"
#include "drywire/fingerprint.h"
#include "drywire/sim.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { ROUND = 256 };

/* So many runs are told of the same states (see book.h) after so many: few at first, when each that
 * is entered tells the next ones much. */
static size_t round_size(uint64_t runs)
{
    uint64_t size = 1 + runs / 4;
    return size < ROUND ? (size_t)size : ROUND;
}

struct dw_explore_run {
    const dw_explore_config *config;
    const dw_book *book;
    const dw_book_plan *plan;
    dw_fault faults[DW_FAULTS_MOST];
    size_t count, struck;
    dw_sim *sim;
    dw_book_outcome *outcome;
    uint64_t history;
    bool opens_no_more;
    bool keys;    /* states are to be known */
    bool unkeyed; /* one has no fingerprint */
    bool no_memory;
};

/* One run. */

static bool last_waits(const dw_explore_run *run)
{
    return run->count && dw_sim_fault_fate(run->sim, run->count - 1) == DW_FAULT_WAITING;
}

/* The state at a point: false, where nobody can tell. */
static bool key_of(dw_explore_run *run, bool copy, dw_book_key *out)
{
    struct {
        uint64_t state[2];
        uint64_t history;
        uint64_t copy; /* which other faults may strike than one that a host sent */
    } whole;
    memset(&whole, 0, sizeof whole);
    const dw_fingerprint_options options = {.size = sizeof options,
                                            .opens_no_more = run->opens_no_more};
    if (dw_sim_fingerprint(run->sim, &options, whole.state) != DW_OK) {
        run->unkeyed = true;
        return false;
    }
    whole.history = run->history;
    whole.copy = copy;
    XXH128_hash_t h = XXH3_128bits(&whole, sizeof whole);
    *out = (dw_book_key){{h.low64, h.high64}};
    return true;
}

/* How long a packet that is held up waits is found out by waiting, so a run is not ended before. */
static int at_point(const dw_fault_point *at, void *arg)
{
    dw_explore_run *run = arg;
    dw_book_outcome *o = run->outcome;
    if (!at) { /* it is over */
        if (run->count) o->fate = dw_sim_fault_fate(run->sim, run->count - 1);
        return DW_OK;
    }
    if (run->struck < run->count) {
        run->struck += at->planned;
        return DW_OK;
    }
    dw_book_point p = {.packet = at->packet, .copy = at->copy};
    if (run->keys && at->quiet && !last_waits(run)) p.keyed = key_of(run, at->copy, &p.key);
    if (p.keyed) o->target = dw_book_find(run->book, run->plan, p.key);
    if (o->target != DW_BOOK_NONE) return DW_E_AGAIN;
    dw_book_point *points = dw_list_room(o->points, o->count, sizeof *points);
    if (!points) {
        run->no_memory = true;
        return DW_E_NOMEM;
    }
    o->points = points;
    points[o->count++] = p;
    return DW_OK;
}

int dw_explore_attach(dw_explore_run *run, dw_sim *sim)
{
    if (run->sim) return DW_E_EXIST;
    int status = dw_sim_plan(sim, run->faults, run->count);
    if (status == DW_OK) status = dw_sim_on_fault_point(sim, at_point, run);
    if (status == DW_OK) run->sim = sim;
    return status;
}

const dw_fault *dw_explore_plan(const dw_explore_run *run, size_t *count)
{
    *count = run->count;
    return run->faults;
}

bool dw_explore_ended(const dw_explore_run *run)
{
    return run->outcome->target != DW_BOOK_NONE;
}

void dw_explore_opens_no_more(dw_explore_run *run, bool no_more)
{
    run->opens_no_more = no_more;
}

void dw_explore_history(dw_explore_run *run, uint64_t history)
{
    run->history = history;
}

/* DW_OK, or what ends the exploration. */
static int perform(dw_explore_run *run, const dw_book_plan *plan, dw_book_outcome *outcome)
{
    run->plan = plan;
    run->count = dw_book_faults(run->book, plan, run->faults);
    run->outcome = outcome;
    run->struck = 0;
    run->sim = NULL;
    run->history = 0;
    run->opens_no_more = false;
    run->keys = run->config->merge && !run->unkeyed;
    outcome->count = 0;
    outcome->target = DW_BOOK_NONE;
    outcome->fate = DW_FAULT_PENDING;
    int status = run->config->run(run, run->config->arg);
    if (run->no_memory) return DW_E_NOMEM;
    if (dw_explore_ended(run)) status = DW_OK;
    outcome->status = status;
    if (status != DW_OK && status != DW_E_MISMATCH) return status;
    /* Up to its last fault everything has happened before in just this way. */
    return run->struck < run->count ? DW_E_FORMAT : DW_OK;
}

static bool same_points(const dw_book_outcome *a, const dw_book_outcome *b)
{
    if (a->status != b->status || a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->points[i].packet != b->points[i].packet ||
            (a->points[i].keyed && memcmp(&a->points[i].key, &b->points[i].key, 16) != 0))
            return false;
    return true;
}

/* The run without faults, which is to pass, and to do the same twice. */
static int perform_twice(dw_explore_run *run, const dw_book_plan *plan, dw_book_outcome *outcome)
{
    dw_book_outcome second = {0};
    int status = perform(run, plan, outcome);
    if (status == DW_OK) status = perform(run, plan, &second);
    if (status == DW_OK && !same_points(outcome, &second)) status = DW_E_FORMAT;
    if (status == DW_OK && outcome->status == DW_OK && outcome->count == 0) status = DW_E_NOENT;
    free(second.points);
    return status;
}

/* A round: runs that are told of the same states. */

typedef struct round {
    dw_book_plan plans[ROUND];
    dw_book_outcome outcomes[ROUND];
    size_t count;
} round;

static void give_out(const dw_explore_config *c, dw_book *book, round *r, uint64_t runs)
{
    const size_t most = round_size(runs);
    r->count = 0;
    while (r->count < most && (!c->max_runs || runs + r->count < c->max_runs) &&
           dw_book_next(book, &r->plans[r->count]))
        r->count++;
}

/* Up to the first that fails. */
static int perform_round(dw_explore_run *run, round *r)
{
    for (size_t i = 0; i < r->count; i++) {
        bool root = r->plans[i].point == DW_BOOK_NONE;
        int status = (root ? perform_twice : perform)(run, &r->plans[i], &r->outcomes[i]);
        if (status != DW_OK) return status;
        if (r->outcomes[i].status != DW_OK) r->count = i + 1;
    }
    return DW_OK;
}

static int enter_round(dw_book *book, const round *r, dw_explored *out)
{
    for (size_t i = 0; i < r->count; i++) {
        const dw_book_outcome *o = &r->outcomes[i];
        out->runs++;
        out->merged += o->target != DW_BOOK_NONE;
        if (!dw_book_enter(book, &r->plans[i], o)) return DW_E_NOMEM;
        if (o->status == DW_OK) continue;
        out->failed = true;
        out->plan_size = dw_book_faults(book, &r->plans[i], out->plan);
    }
    return DW_OK;
}

/* Plans of one size after the other. */
static int explore(const dw_explore_config *c, dw_book *book, round *r, dw_explored *out)
{
    dw_explore_run run = {.config = c, .book = book};
    do {
        out->size = dw_book_size(book);
        for (give_out(c, book, r, out->runs); r->count; give_out(c, book, r, out->runs)) {
            int status = perform_round(&run, r);
            if (status == DW_OK) status = enter_round(book, r, out);
            out->unmergeable = run.unkeyed;
            out->states = dw_book_states(book);
            if (status == DW_OK && c->progress) status = c->progress(out, c->arg);
            if (status != DW_OK || out->failed) return status;
        }
        if (c->max_runs && out->runs >= c->max_runs) return DW_OK;
    } while (dw_book_grow(book));
    out->complete = true;
    return DW_OK;
}

int dw_explore(const dw_explore_config *config, dw_explored *out)
{
    dw_explore_config c = {.size = sizeof c};
    memset(out, 0, sizeof *out);
    if (DW_CONFIG_READ(&c, config) != DW_OK || !c.run || c.faults > DW_FAULTS_MOST)
        return DW_E_INVAL;
    if (c.max_states == 0) c.max_states = 10000000;
    dw_book *book = dw_book_new(&c);
    round *r = calloc(1, sizeof *r);
    int status = book && r ? explore(&c, book, r, out) : DW_E_NOMEM;
    if (book && !dw_book_schedules(book, &out->schedules)) status = DW_E_NOMEM;
    for (size_t i = 0; r && i < ROUND; i++)
        free(r->outcomes[i].points);
    free(r);
    dw_book_free(book);
    return status;
}
