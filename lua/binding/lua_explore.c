/* dw.explore: a function of the script, under every plan of so many faults. */
#include "base/ending.h"
#include "base/error.h"
#include "base/options.h"
#include "choices.h"
#include "explore_coverage.h"
#include "explore_deal.h"
#include "explore_graph.h"
#include "history.h"
#include "kinds.h"
#include "leftovers.h"
#include "verdict.h"

#include <drywire/explore.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = DW_FAULTS_MOST, HOSTS = 16 };

/* What ends an exploration of any number of faults whose states nobody can tell: no error of the
 * library. */
enum { NO_STATES = 1 };

typedef struct exploration {
    lua_State *L;
    dwl_state *state;
    dw_explore_config config;
    const char *crash_hosts[HOSTS + 1];
    const char *unknown_host; /* of them: the simulation has none of that name */
    bool hosts;               /* they and programs have faults */
    dwl_verdict verdict;      /* of the last run */
    bool merge;               /* as far as the script lets it */
    bool probing;             /* what the function does is not known yet */
    bool limited;             /* a run without faults takes more than half of the default limit */
    uint32_t connects;        /* calls of connect in a run, as far as it is known */
    bool anew; /* a run did more than those before it: they must be made anew, with that in mind */
    unsigned jobs; /* that the script wants */
    const char *graph_file;
    dwl_graph graph;
    dwl_explore_deal deal;
    dwl_explore_record record; /* where the command wants one */
    bool lists;                /* every plan is wanted, whether it passes or not ... */
    int plans;                 /* ... in this list, a reference */
    dwl_coverage coverage;
} exploration;

/* What their names are, how long the run took, and whether those that may crash are among them. */
static void look_at_run(exploration *x)
{
    const dwl_sim *s = x->state->last_sim;
    if (s && s->sim) {
        dwl_graph_hosts(&x->graph, s->sim);
        x->limited = dw_sim_now(s->sim) > DW_HOUR / 2;
    }
    const char *const *name = x->crash_hosts;
    while (*name && s && s->sim && dw_node_find(s->sim, *name))
        name++;
    x->unknown_host = *name;
}

static void begin_run(exploration *x, dw_explore_run *run)
{
    dwl_state *state = x->state;
    state->exploring = run;
    state->history = 0;
    state->connects = 0;
    state->connects_most = x->connects;
    state->coverage = x->probing ? NULL : &x->coverage;
    dwl_coverage_begin_run(&x->coverage);
    dw_explore_limited(run, x->limited);
}

/* A plan fails or passes: it is noted.  The plan without faults has to pass. */
static int list_plan(exploration *x, dw_explore_run *run, int result)
{
    char text[DW_FAULTS_MOST * DW_FAULT_TEXT];
    size_t count;
    const dw_fault *faults = dw_explore_plan(run, &count);
    if (!x->lists || x->probing || count == 0) return result;
    if (result != DW_OK && result != DW_E_MISMATCH) return result;
    lua_rawgeti(x->L, LUA_REGISTRYINDEX, x->plans);
    lua_pushstring(x->L, dw_faults_format(faults, count, text, sizeof text));
    lua_rawseti(x->L, -2, (lua_Integer)lua_rawlen(x->L, -2) + 1);
    lua_pop(x->L, 1);
    return DW_OK;
}

static int run_once(dw_explore_run *run, void *arg)
{
    exploration *x = arg;
    dwl_state *state = x->state;
    dwl_piece piece = dwl_piece_begin(x->L, state);
    begin_run(x, run);
    int status = dwl_verdict_call(&x->verdict, 2);
    bool ended = dw_explore_ended(run);
    state->exploring = NULL;
    if (ended) lua_pop(x->L, 1);
    int result = ended ? DW_OK : dwl_verdict_of(&x->verdict, status);
    result = list_plan(x, run, result);
    if (x->probing) look_at_run(x);
    dwl_verdict_close(&x->verdict);
    dwl_piece_end(x->L, state, &piece);
    bool more = state->connects > x->connects;
    if (more) x->connects = x->probing ? state->connects : UINT32_MAX;
    x->anew |= !x->probing && ((more && x->config.merge) || state->past > state->past_known);
    if (x->coverage.conns.no_memory) return DW_E_NOMEM;
    return x->anew && !ended ? DW_E_AGAIN : result;
}

static int perform_round(dw_explore_round *round, void *arg)
{
    exploration *x = arg;
    return dwl_explore_deal_round(&x->deal, round);
}

static uint64_t label(dw_sim *sim, void *arg)
{
    (void)arg;
    return dwl_graph_label(sim);
}

static int keep_edge(const dw_explore_edge *edge, void *arg)
{
    exploration *x = arg;
    return dwl_graph_add(&x->graph, edge);
}

/* Options and results. */

static const char *const options[] = {
    "drop",       "duplicate", "corrupt", "delay", "old",     "queue",  "link",  "crash",
    "close",      "shutdown",  "abort",   "late",  "app",     "faults", "leaks", "max_runs",
    "max_states", "merge",     "jobs",    "flat",  "against", "graph",  NULL};

static bool is_any(lua_State *L, const char *name)
{
    bool any = dwl_get_option(L, 1, name) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "any") == 0;
    lua_settop(L, 2);
    return any;
}

static uint32_t count_option(lua_State *L, const char *name, int64_t most, int64_t otherwise)
{
    int64_t n = otherwise;
    dwl_opt_integer(L, 1, "dw.explore", name, 0, most, &n);
    return (uint32_t)n;
}

/* crash = { "server" }: one, of one of these hosts. */
static uint32_t read_crash_hosts(lua_State *L, exploration *x)
{
    lua_Integer n = luaL_len(L, -1);
    if (n == 0 || n > HOSTS)
        dwl_error(L, "dw.explore.crash: expected a number or the names of 1 to %d hosts", HOSTS);
    for (lua_Integer i = 1; i <= n; i++) {
        if (lua_rawgeti(L, -1, i) != LUA_TSTRING)
            dwl_error(L, "dw.explore.crash: expected the name of a host, got %s",
                      luaL_typename(L, -1));
        x->crash_hosts[i - 1] = lua_tostring(L, -1); /* the options hold it */
        lua_pop(L, 1);
    }
    x->config.crash_hosts = x->crash_hosts;
    return 1;
}

/* app = 1: as many of each kind that programs have, unless that is given. */
static uint32_t read_most(lua_State *L, exploration *x, int kind, int64_t app)
{
    const char *name = dwl_fault_kinds[kind];
    if (is_any(L, name)) {
        if (kind == DW_FAULT_OLD)
            dwl_error(L, "dw.explore.old: expected a number: with \"any\" there is no end of it");
        return DW_FAULTS_ANY;
    }
    bool list = kind == DW_FAULT_CRASH && dwl_get_option(L, 1, name) == LUA_TTABLE;
    if (list) return read_crash_hosts(L, x);
    bool program = DW_FAULT_BIT(kind) & DW_FAULT_OF_PROGRAMS;
    return count_option(L, name, MOST, program ? app : 0);
}

static int64_t read_app(lua_State *L)
{
    int64_t app = 0;
    if (is_any(L, "app")) return DW_FAULTS_ANY;
    if (dwl_get_option(L, 1, "app") == LUA_TBOOLEAN)
        app = lua_toboolean(L, -1);
    else
        dwl_opt_integer(L, 1, "dw.explore", "app", 0, MOST, &app);
    return app;
}

/* Of each kind as many as it says.  Which were named. */
static uint32_t read_kinds(lua_State *L, exploration *x)
{
    dw_explore_config *c = &x->config;
    int64_t app = read_app(L);
    uint32_t named = app > 0 ? DW_FAULT_OF_PROGRAMS : 0;
    for (int i = 0; i < DW_FAULT_KINDS; i++) {
        if (dwl_get_option(L, 1, dwl_fault_kinds[i]) != LUA_TNIL) named |= DW_FAULT_BIT(i);
        lua_settop(L, 2);
        c->most[i] = read_most(L, x, i, app);
        lua_settop(L, 2);
        x->hosts |= c->most[i] > 0 && (DW_FAULT_BIT(i) & DW_FAULT_OF_HOSTS);
    }
    return named;
}

/* Of those of programs as many as of one of them. */
static int64_t sum_of_kinds(const dw_explore_config *c)
{
    int64_t sum = 0, of_programs = 0;
    for (int i = 0; i < DW_FAULT_KINDS; i++) {
        if (!(DW_FAULT_BIT(i) & DW_FAULT_OF_PROGRAMS))
            sum += c->most[i];
        else if (c->most[i] > of_programs)
            of_programs = c->most[i];
    }
    return sum + of_programs;
}

/* Where only the number of all faults is given, they are losses, and where nothing is, one loss. Of
 * any number those of packets are losses, duplicates and delays, unless some are named. */
static void read_faults(lua_State *L, exploration *x)
{
    dw_explore_config *c = &x->config;
    bool any = is_any(L, "faults");
    int64_t all = -1;
    if (any)
        all = DW_FAULTS_ANY;
    else
        dwl_opt_integer(L, 1, "dw.explore", "faults", 0, MOST, &all);
    uint32_t named = read_kinds(L, x);
    if (any && !(named & ~DW_FAULT_OF_HOSTS))
        c->most[DW_FAULT_DROP] = c->most[DW_FAULT_DUPLICATE] = c->most[DW_FAULT_DELAY] =
            DW_FAULTS_ANY;
    else if (!named)
        c->most[DW_FAULT_DROP] = all >= 0 ? (uint32_t)all : 1;
    int64_t sum = sum_of_kinds(c);
    if (all >= 0 && all < sum) sum = all;
    if (sum > MOST && sum < DW_FAULTS_ANY) dwl_error(L, "dw.explore: %d faults are the most", MOST);
    c->faults = sum > DW_FAULTS_ANY ? DW_FAULTS_ANY : (uint32_t)sum;
}

static void check_graph_file(exploration *x)
{
    const char *file = x->graph_file;
    if (!dwl_graph_is_named(file))
        dwl_error(x->L, "dw.explore.graph: expected a file that ends in .svg or .dot, got \"%s\"",
                  file);
    if (x->config.faults != DW_FAULTS_ANY)
        dwl_error(x->L, "dw.explore.graph: there is one of any number of faults only, faults = "
                        "\"any\"");
    if (!dwl_graph_may_be(file)) dwl_error(x->L, "dw.explore.graph: cannot write %s", file);
}

/* The graph of what has no limit. */
static void read_graph(exploration *x)
{
    x->graph_file = dwl_opt_string(x->L, 1, "dw.explore", "graph");
    if (x->graph_file) check_graph_file(x);
    if (x->config.faults != DW_FAULTS_ANY) return;
    if (!x->merge) dwl_error(x->L, "dw.explore: any number of faults without merging has no end");
    x->config.label = label;
    x->config.edge = keep_edge;
}

static void read_options(exploration *x)
{
    lua_State *L = x->L;
    int64_t most = 0;
    dwl_check_table(L, 1, "dw.explore");
    dwl_check_names(L, 1, "dw.explore", options);
    read_faults(L, x);
    if (dwl_opt_integer(L, 1, "dw.explore", "max_runs", 1, INT64_MAX, &most))
        x->config.max_runs = (uint64_t)most;
    if (dwl_opt_integer(L, 1, "dw.explore", "max_states", 1, UINT32_MAX - 2, &most))
        x->config.max_states = (uint64_t)most;
    x->jobs = count_option(L, "jobs", DW_DEAL_MAX_WORKERS, 1);
    x->verdict.leaks = x->merge = true;
    dwl_opt_bool(L, 1, "dw.explore", "leaks", &x->verdict.leaks);
    dwl_opt_bool(L, 1, "dw.explore", "merge", &x->merge);
    read_graph(x);
    if (dwl_opt_integer(L, 1, "dw.explore", "flat", 1, INT64_MAX, &most))
        x->coverage.flat = (uint64_t)most;
}

static void set_number(lua_State *L, const char *name, uint64_t n)
{
    lua_pushinteger(L, n > INT64_MAX ? INT64_MAX : (lua_Integer)n);
    lua_setfield(L, -2, name);
}

static void push_result(lua_State *L, const exploration *x, const dw_explored *e)
{
    lua_newtable(L);
    set_number(L, "runs", e->runs);
    set_number(L, "merged", e->merged);
    set_number(L, "states", e->states);
    set_number(L, "schedules", e->schedules);
    set_number(L, "faults", e->complete ? x->config.faults : e->size);
    lua_pushboolean(L, e->complete);
    lua_setfield(L, -2, "complete");
    dwl_push_reached(L, &x->coverage.known);
    lua_setfield(L, -2, "reached");
    if (x->graph.edges.len) {
        dwl_graph_push(L, &x->graph);
        if (x->graph_file) dwl_graph_draw(L, x->graph_file);
        lua_setfield(L, -2, "graph");
    }
    if (!x->lists) return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, x->plans);
    lua_setfield(L, -2, "plans");
}

static void keep_result(const exploration *x, const dw_explored *e)
{
    dwl_explored *out = &x->state->explored;
    *out = (dwl_explored){.any = true,
                          .complete = e->complete,
                          .failed = e->failed,
                          .runs = e->runs,
                          .merged = e->merged,
                          .states = e->states,
                          .faults = x->config.faults,
                          .schedules = e->schedules,
                          .tried = e->tried,
                          .untried = e->left,
                          .size = e->size};
    memcpy(out->most, x->config.most, sizeof out->most);
    out->reached = x->coverage.known;
    if (!e->complete && dwl_coverage_is_flat(&x->coverage)) out->flat = x->coverage.flat;
    dw_faults_format(e->plan, e->plan_size, out->plan, sizeof out->plan);
    if (x->merge && !x->config.merge)
        snprintf(out->past_call, sizeof out->past_call, "%s", x->state->past_call);
}

/* Between the runs of a round. */
static int goes_on(void *arg)
{
    const exploration *x = arg;
    if (x->anew) return DW_E_AGAIN;
    if (!x->state->explores) return DW_OK;
    return x->state->explores(&x->state->explored, x->state->explores_arg);
}

/* Between rounds.  Where no plan is left all has been tried, so that is said. */
static int show_progress(const dw_explored *so_far, void *arg)
{
    const exploration *x = arg;
    bool last = so_far->size == x->config.faults && so_far->left == 0;
    if (!x->anew) {
        keep_result(x, so_far);
        x->state->explored.under_way = true;
    }
    int status = goes_on(arg);
    if (so_far->unmergeable && x->config.faults == DW_FAULTS_ANY) return NO_STATES;
    if (status == DW_OK && !last && dwl_coverage_is_flat(&x->coverage)) return DW_E_LIMIT;
    return status;
}

static int fail(const exploration *x, const dw_explored *e)
{
    const char *plan = x->state->explored.plan;
    lua_State *L = x->L;
    lua_rawgeti(L, LUA_REGISTRYINDEX, x->verdict.problem);
    const char *problem = lua_tostring(L, -1);
    if (!problem) problem = "an error that is no text";
    dwl_where(L);
    if (e->plan_size == 0) {
        lua_pushfstring(L, "dw.explore: it fails without any fault: %s", problem);
    } else {
        lua_pushfstring(L,
                        "dw.explore: it fails with %d fault%s, and with none of the %d smaller or "
                        "earlier plans that were tried: %s\n  faults: %s (run it with --faults %s)",
                        (int)e->plan_size, e->plan_size == 1 ? "" : "s", (int)e->runs - 1, problem,
                        plan, plan);
    }
    lua_concat(L, 2);
    bool wrong =
        e->plan_size == 0 && x->verdict.meaning == DW_OK; /* the script, not what it shows */
    if (!wrong)
        dwl_set_meaning(L, x->verdict.meaning != DW_OK ? x->verdict.meaning : DW_E_MISMATCH);
    return lua_error(L);
}

/* Under one plan alone: --faults. */
static int call_once(lua_State *L)
{
    lua_pushvalue(L, 2);
    lua_call(L, 0, 0);
    lua_newtable(L);
    set_number(L, "runs", 1);
    set_number(L, "schedules", 1);
    return 1;
}

/* Without faults, to learn what the function asks for and how many connections it opens. */
static int probe(exploration *x, dw_explored *out)
{
    dw_explore_config c = x->config;
    c.faults = 0;
    c.merge = false;
    c.round = NULL;
    c.progress = NULL;
    x->probing = true;
    int status = dw_explore(&c, out);
    x->probing = false;
    return status;
}

/* What is explored, in words. */
static void write_kinds(const exploration *x, char *out, size_t size)
{
    const dw_explore_config *c = &x->config;
    int at = snprintf(out, size, "%u faults, leaks %d, merge %d, %" PRIu64 " states:", c->faults,
                      !x->verdict.leaks, x->merge, c->max_states);
    for (int i = 0; i < DW_FAULT_KINDS && at > 0 && (size_t)at < size; i++)
        at += snprintf(out + at, size - (size_t)at, " %u %s", c->most[i], dwl_fault_kinds[i]);
    for (const char *const *h = x->crash_hosts; *h && at > 0 && (size_t)at < size; h++)
        at += snprintf(out + at, size - (size_t)at, " of %s", *h);
}

static bool begin_record(exploration *x)
{
    dwl_assumed assumed = {.connects = x->connects, .past = x->state->past};
    memcpy(assumed.past_call, x->state->past_call, sizeof assumed.past_call);
    return dw_deal_follows() || dwl_explore_record_begin(&x->record, &assumed);
}

static int refuse_record(exploration *x)
{
    memcpy(x->deal.problem, x->record.problem, sizeof x->deal.problem);
    return DW_E_IO;
}

/* What the record assumes, if anything. */
static bool read_record(exploration *x, dw_octets *assumed)
{
    char kinds[1000];
    bool there;
    dwl_assumed a;
    if (dw_deal_follows()) return true;
    write_kinds(x, kinds, sizeof kinds);
    if (!dwl_explore_record_open(x->L, &x->record, x->state->resume, kinds, &a, &there))
        return false;
    if (there) dw_octets_add(assumed, &a, sizeof a);
    return true;
}

/* What it assumes is assumed again. */
static bool open_record(exploration *x)
{
    dwl_state *state = x->state;
    dw_octets octets = {0};
    dwl_assumed assumed;
    if (!state->resume) return true;
    x->deal.record = &x->record;
    bool opened = read_record(x, &octets);
    dw_deal_common(&octets);
    bool there = octets.len == sizeof assumed;
    if (there) memcpy(&assumed, octets.data, sizeof assumed);
    dw_octets_free(&octets);
    if (!opened || !there) return opened && begin_record(x);
    x->connects = assumed.connects;
    state->past = assumed.past;
    memcpy(state->past_call, assumed.past_call, sizeof state->past_call);
    return true;
}

static void begin_list(exploration *x)
{
    lua_newtable(x->L);
    lua_rawseti(x->L, LUA_REGISTRYINDEX, x->plans);
}

/* Again and again, until it does no more than the runs before knew. */
static int explore(exploration *x, dw_explored *out)
{
    dwl_state *state = x->state;
    state->past = state->past_known = DWL_PAST_NOTHING;
    int status = probe(x, out);
    if (status == DW_OK && x->unknown_host)
        dwl_error(x->L, "dw.explore.crash: there is no host \"%s\"", x->unknown_host);
    if (status != DW_OK || out->failed) return status;
    if (!open_record(x)) return refuse_record(x);
    do {
        state->past_known = state->past;
        state->untraced = state->past == DWL_PAST_NOTHING;
        x->config.merge = x->merge && state->past < DWL_PAST_ALL;
        if (x->config.faults == DW_FAULTS_ANY && !x->config.merge)
            dwl_error(x->L,
                      "dw.explore: %s asks for what went before, so states cannot be compared, and "
                      "any number of faults has no end",
                      state->past_call);
        x->anew = false;
        dwl_coverage_begin(&x->coverage);
        if (x->lists) begin_list(x);
        status = dw_explore(&x->config, out);
        dwl_explore_deal_end(&x->deal);
        if (status == DW_E_AGAIN && x->deal.record && !begin_record(x)) return refuse_record(x);
    } while (status == DW_E_AGAIN);
    state->untraced = false;
    return status;
}

/* In a protected call: what came out, or the error that it means. */
static int explore_protected(lua_State *L)
{
    exploration *x = lua_touserdata(L, 3);
    const dwl_state *state = x->state;
    dw_explored e = {0};
    int status = explore(x, &e);
    if (status == DW_E_FORMAT)
        return dwl_error(L, "dw.explore: the function does not do the same twice with the same "
                            "faults, so nothing can be proved of it (drywire check says where)");
    if (status == DW_E_NOENT)
        return dwl_error(L, "dw.explore: no packet arrives, so there is nothing to explore");
    if (status == DW_E_INTERRUPT && state->ending) return dwl_raise_ending(L);
    if (status == DW_E_INTERRUPT) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, x->verdict.problem);
        return lua_error(L);
    }
    if (status == NO_STATES)
        return dwl_error(L,
                         "dw.explore: a host's stack, protocol or congestion control cannot tell "
                         "its state, so any number of faults has no end");
    if (status == DW_E_NOMEM) return dwl_no_memory(L);
    if (status == DW_E_IO) return dwl_error(L, "dw.explore: %s", x->deal.problem);
    keep_result(x, &e);
    if (status != DW_OK && status != DW_E_LIMIT)
        return dwl_error(L, "dw.explore: %s", dw_strerror(status));
    if (e.failed) return fail(x, &e);
    push_result(L, x, &e);
    return 1;
}

/* Plans are listed by one process, each by a run to its end. */
static void prepare_list(exploration *x)
{
    if (x->state->resume) dwl_error(x->L, "--resume: not with --against");
    if (x->config.faults == DW_FAULTS_ANY)
        dwl_error(x->L, "dw.explore.against: a number of faults, not any");
    if (x->hosts)
        dwl_error(x->L, "dw.explore.against: moments of hosts and programs are others in another "
                        "profile, so only packets may have faults");
    x->lists = true;
    x->merge = false;
    x->deal.jobs = 1;
    lua_newtable(x->L);
    x->plans = luaL_ref(x->L, LUA_REGISTRYINDEX);
}

static void check_place(lua_State *L, const dwl_state *state)
{
    if (!lua_isfunction(L, 2))
        dwl_error(L, "dw.explore: expected options and a function, got %s and %s",
                  luaL_typename(L, 1), luaL_typename(L, 2));
    if (dwl_explores(state)) dwl_error(L, "dw.explore: an exploration inside another");
    if (state->in_piece) dwl_error(L, "dw.explore: not within the function of a sweep");
    if (state->current || state->running) dwl_error(L, "dw.explore: not while a simulation runs");
}

/* What it takes to perform runs. */
static void prepare(exploration *x, bool lists)
{
    dwl_state *state = x->state;
    x->config.size = sizeof x->config;
    x->config.run = run_once;
    x->config.round = perform_round;
    x->config.progress = show_progress;
    x->config.arg = x;
    x->deal = (dwl_explore_deal){.L = x->L,
                                 .state = state,
                                 .jobs = dw_deal_workers(state->jobs ? state->jobs : x->jobs),
                                 .goes_on = goes_on,
                                 .coverage = &x->coverage,
                                 .arg = x};
    x->record.fd = -1;
    if (lists) prepare_list(x);
    state->explores_hosts = x->hosts;
    if (x->hosts) dwl_wrap_choices(x->L);
}

static void end(exploration *x)
{
    dwl_state *state = x->state;
    dwl_explore_record_close(&x->record);
    dwl_coverage_end(&x->coverage);
    dw_octets_free(&x->graph.edges);
    state->exploring = NULL;
    state->coverage = NULL;
    state->explored.under_way = false;
    state->untraced = false;
    dwl_verdict_free(&x->verdict);
    luaL_unref(x->L, LUA_REGISTRYINDEX, x->plans);
}

/* The options and the function are the stack.  lists: the plans are wanted, whatever their runs
 * come to. */
static int explore_function(lua_State *L, bool lists)
{
    dwl_state *state = dwl_state_of(L);
    exploration x = {.L = L,
                     .state = state,
                     .plans = LUA_NOREF,
                     .verdict = {.L = L, .state = state, .problem = LUA_NOREF}};
    check_place(L, state);
    lua_settop(L, 2);
    read_options(&x);
    lua_settop(L, 2);
    if (state->fault_count) return call_once(L);
    prepare(&x, lists);
    lua_pushcfunction(L, explore_protected);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_pushlightuserdata(L, &x);
    dwl_history_begin(L);
    int status = lua_pcall(L, 3, 1, 0);
    dwl_history_end(L);
    end(&x);
    return status == LUA_OK ? 1 : lua_error(L);
}

/* dw.explore({ ... }, fn) */
int dwl_explore(lua_State *L)
{
    bool differs = lua_istable(L, 1) && dwl_get_option(L, 1, "against") != LUA_TNIL;
    if (differs && dwl_state_of(L)->fault_count == 0) return dwl_differ(L);
    return explore_function(L, false);
}

/* internal.explore_plans(options, fn) */
int dwl_explore_plans(lua_State *L)
{
    return explore_function(L, true);
}
