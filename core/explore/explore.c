/* Exploring: plan by plan, the smallest first. */
#include "base/config.h"
#include "base/list.h"
#include "drywire/fingerprint.h"
#include "drywire/sim.h"
#include "round.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* One run. */

/* Whether something is down, or late, of which it is not known how long, or which is no part of the
 * state: all but packets that are held up. */
static bool waits(const dw_explore_run *run)
{
    for (size_t i = 0; i < run->count; i++)
        if (run->faults[i].kind != DW_FAULT_DELAY &&
            dw_sim_fault_fate(run->sim, i) == DW_FAULT_WAITING)
            return true;
    return false;
}

/* Whether this host may crash. */
static bool names_host(const dw_explore_run *run, const dw_fault_point *at)
{
    const char *const *names = run->config->crash_hosts;
    if (!at->host || !names) return true;
    const char *name = dw_node_name(dw_node_at(run->sim, at->host - 1));
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

/* Whether the state decides what may follow: between events, or, as far as packets go, in the
 * middle of one, where the rest of it is among what the simulation has still to do. */
static bool is_known_by_state(const dw_explore_run *run, const dw_fault_point *at)
{
    return run->keys && (at->quiet || !at->host) && !waits(run);
}

/* The state at a point: false, where nobody can tell, or not now. */
static bool key_of(dw_explore_run *run, const dw_fault_point *at, dw_book_key *out)
{
    struct {
        uint64_t state[2];
        uint64_t history;
        uint64_t host, kinds, place; /* which faults may strike first */
    } whole;
    memset(&whole, 0, sizeof whole);
    const dw_fingerprint_options options = {
        .size = sizeof options, .opens_no_more = run->opens_no_more, .limited = run->limited};
    int status = dw_sim_fingerprint(run->sim, &options, whole.state);
    if (status != DW_OK) {
        run->outcome->unkeyed |= status != DW_E_BUSY;
        return false;
    }
    whole.history = run->history;
    whole.host = at->host;
    whole.kinds = at->kinds;
    whole.place = (uint64_t)at->place << 1 | at->quiet;
    XXH128_hash_t h = XXH3_128bits(&whole, sizeof whole);
    *out = (dw_book_key){{h.low64, h.high64}};
    return true;
}

static int at_point(const dw_fault_point *at, void *arg)
{
    dw_explore_run *run = arg;
    dw_book_outcome *o = run->outcome;
    const dw_explore_config *c = run->config;
    if (!at) { /* it is over */
        if (c->label) o->label = c->label(run->sim, c->arg);
        if (run->count) o->fate = dw_sim_fault_fate(run->sim, run->count - 1);
        return DW_OK;
    }
    if (run->struck < run->points) {
        run->struck += at->planned;
        return DW_OK;
    }
    dw_book_point p = {
        .number = at->number, .host = at->host, .kinds = at->kinds, .waited = at->waited};
    if (!names_host(run, at)) p.kinds &= ~DW_FAULT_BIT(DW_FAULT_CRASH);
    if (is_known_by_state(run, at)) p.keyed = key_of(run, at, &p.key);
    if (p.keyed && c->label) p.label = c->label(run->sim, c->arg);
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

/* Where none are, that of packets all the same: a run without any is refused. */
static uint32_t wanted_kinds(const dw_explore_config *c)
{
    uint32_t kinds = 0;
    for (int i = 0; i < DW_FAULT_KINDS; i++)
        if (c->most[i]) kinds |= DW_FAULT_BIT(i);
    if (c->most[DW_FAULT_DELAY]) kinds |= DW_MOVES;
    return kinds ? kinds : DW_FAULT_BIT(DW_FAULT_DROP);
}

int dw_explore_attach(dw_explore_run *run, dw_sim *sim)
{
    if (run->sim) return DW_E_EXIST;
    int status = dw_sim_plan(sim, run->faults, run->count);
    if (status == DW_OK)
        status = dw_sim_on_fault_point(sim, wanted_kinds(run->config), at_point, run);
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

void dw_explore_limited(dw_explore_run *run, bool limited)
{
    run->limited = limited;
}

void dw_explore_history(dw_explore_run *run, uint64_t history)
{
    run->history = history;
}

/* DW_OK, or what ends the exploration. */
static int perform(dw_explore_round *r, const dw_book_plan *plan, dw_book_outcome *outcome)
{
    dw_explore_run *run = &r->run;
    run->config = r->config;
    run->book = r->book;
    run->plan = plan;
    run->count = dw_book_faults(run->book, plan, run->faults, &run->points);
    run->outcome = outcome;
    run->struck = 0;
    run->sim = NULL;
    run->history = 0;
    run->opens_no_more = run->limited = false;
    run->keys =
        r->config->merge && !r->out->unmergeable && !dw_book_leaves(run->book, plan, DW_FAULT_OLD);
    outcome->count = 0;
    outcome->unkeyed = false;
    outcome->target = DW_BOOK_NONE;
    outcome->fate = DW_FAULT_PENDING;
    int status = r->config->run(run, r->config->arg);
    if (run->no_memory) return DW_E_NOMEM;
    if (dw_explore_ended(run)) status = DW_OK;
    outcome->status = status;
    if (status != DW_OK && status != DW_E_MISMATCH) return status;
    /* Up to its last fault everything has happened before in just this way. */
    return run->struck < run->points ? DW_E_FORMAT : DW_OK;
}

static bool same_points(const dw_book_outcome *a, const dw_book_outcome *b)
{
    if (a->status != b->status || a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->points[i].number != b->points[i].number || a->points[i].host != b->points[i].host ||
            (a->points[i].keyed && memcmp(&a->points[i].key, &b->points[i].key, 16) != 0))
            return false;
    return true;
}

/* The run without faults, which is to pass, and to do the same twice. */
static int perform_twice(dw_explore_round *r, const dw_book_plan *plan, dw_book_outcome *outcome)
{
    dw_book_outcome second = {0};
    int status = perform(r, plan, outcome);
    if (status == DW_OK) status = perform(r, plan, &second);
    if (status == DW_OK && !same_points(outcome, &second)) status = DW_E_FORMAT;
    if (status == DW_OK && outcome->status == DW_OK && outcome->count == 0) status = DW_E_NOENT;
    free(second.points);
    return status;
}

/* Rounds. */

enum { SMALL = 256, MOST = 16384, SHARE = 16 };

/* Runs of one round are not told of each other's states, so there are few at first, when each that
 * is entered tells the next ones much, and never more than a small part of those before.  Larger
 * rounds cost less to deal out. */
static size_t wanted_runs(const dw_explore_round *r)
{
    uint64_t runs = r->out->runs, limit = r->config->max_runs;
    uint64_t n = 1 + runs / 4 < SMALL ? 1 + runs / 4 : SMALL;
    if (n < runs / SHARE) n = runs / SHARE < MOST ? runs / SHARE : MOST;
    if (limit && limit - runs < n) n = limit - runs;
    return (size_t)n;
}

static bool has_room(dw_explore_round *r)
{
    if (r->count < r->room) return true;
    size_t room = r->room ? r->room * 2 : SMALL;
    dw_book_plan *plans = realloc(r->plans, room * sizeof *plans);
    if (plans) r->plans = plans;
    dw_book_outcome *outcomes = realloc(r->outcomes, room * sizeof *outcomes);
    if (outcomes) r->outcomes = outcomes;
    if (!plans || !outcomes) return false;
    memset(outcomes + r->room, 0, (room - r->room) * sizeof *outcomes);
    r->room = room;
    return true;
}

static int give_out(dw_explore_round *r)
{
    size_t wanted = wanted_runs(r);
    r->count = 0;
    while (r->count < wanted) {
        if (!has_room(r)) return DW_E_NOMEM;
        if (!dw_book_next(r->book, &r->plans[r->count])) break;
        r->outcomes[r->count++].known = false;
    }
    return DW_OK;
}

/* The next round, of the next size where this one is done.  It has no runs where all is done. */
static int next_round(dw_explore_round *r)
{
    const dw_explore_config *c = r->config;
    int status = give_out(r);
    while (status == DW_OK && r->count == 0) {
        if (c->max_runs && r->out->runs >= c->max_runs) return DW_OK;
        if (!dw_book_grow(r->book)) {
            r->out->complete = !dw_book_is_full(r->book);
            return DW_OK;
        }
        r->out->size = dw_book_size(r->book);
        r->out->tried = 0;
        status = give_out(r);
    }
    return status;
}

/* Up to the first that fails.  DW_E_INVAL: one is not known. */
static int enter_round(dw_explore_round *r)
{
    dw_explored *out = r->out;
    for (size_t i = 0; i < r->count && !out->failed; i++) {
        dw_book_outcome *o = &r->outcomes[i];
        if (!o->known) return DW_E_INVAL;
        out->runs++;
        out->tried++;
        out->unmergeable |= o->unkeyed;
        if (!dw_book_enter(r->book, &r->plans[i], o)) return DW_E_NOMEM;
        out->merged += o->target != DW_BOOK_NONE;
        out->failed = o->status != DW_OK;
        if (out->failed) out->plan_size = dw_book_faults(r->book, &r->plans[i], out->plan, NULL);
    }
    out->states = dw_book_states(r->book);
    out->left = dw_book_left(r->book);
    return DW_OK;
}

size_t dw_explore_round_size(const dw_explore_round *round)
{
    return round->count;
}

int dw_explore_perform(dw_explore_round *r, size_t number)
{
    if (number >= r->count) return DW_E_INVAL;
    bool root = r->plans[number].point == DW_BOOK_NONE;
    dw_book_outcome *o = &r->outcomes[number];
    int status = (root ? perform_twice : perform)(r, &r->plans[number], o);
    o->known = status == DW_OK;
    return status == DW_OK ? o->status : status;
}

int dw_explore_go_on(dw_explore_round *r)
{
    int status = enter_round(r);
    return status == DW_OK ? next_round(r) : status;
}

/* Without anybody else. */
static int perform_all(dw_explore_round *r)
{
    const dw_explore_config *c = r->config;
    for (size_t i = 0; i < r->count; i++) {
        int status = dw_explore_perform(r, i);
        if (status == DW_OK && c->progress && i % SMALL == SMALL - 1)
            status = c->progress(r->out, c->arg);
        if (status != DW_OK) return status == DW_E_MISMATCH ? DW_OK : status;
    }
    return DW_OK;
}

static int explore(dw_explore_round *r)
{
    const dw_explore_config *c = r->config;
    int status = next_round(r);
    while (status == DW_OK && r->count > 0) {
        status = c->round ? c->round(r, c->arg) : perform_all(r);
        if (status == DW_OK) status = enter_round(r);
        if (status == DW_OK && c->progress) status = c->progress(r->out, c->arg);
        if (status != DW_OK || r->out->failed) return status;
        status = next_round(r);
    }
    return status;
}

/* What follows from all plans, when they were tried. */
static int sum_up(const dw_explore_round *r)
{
    const dw_explore_config *c = r->config;
    if (!dw_book_schedules(r->book, &r->out->schedules)) return DW_E_NOMEM;
    bool graph = c->label && c->edge && c->faults == DW_FAULTS_ANY && r->out->complete;
    return graph ? dw_book_edges(r->book) : DW_OK;
}

int dw_explore(const dw_explore_config *config, dw_explored *out)
{
    dw_explore_config c = {.size = sizeof c};
    memset(out, 0, sizeof *out);
    if (DW_CONFIG_READ(&c, config) != DW_OK || !c.run) return DW_E_INVAL;
    if (c.faults > DW_FAULTS_MOST && c.faults != DW_FAULTS_ANY) return DW_E_INVAL;
    if (c.max_states == 0) c.max_states = 10000000;
    dw_explore_round r = {.config = &c, .book = dw_book_new(&c), .out = out};
    int status = r.book ? explore(&r) : DW_E_NOMEM;
    if (r.book) {
        int summed = sum_up(&r);
        if (status == DW_OK) status = summed;
    }
    for (size_t i = 0; i < r.room; i++)
        free(r.outcomes[i].points);
    free(r.outcomes);
    free(r.plans);
    dw_book_free(r.book);
    return status;
}
