/* Running one script for the command. */
#include "printing.h"
#include "binding/base/ending.h"
#include "binding/base/error.h"
#include "binding/base/memory.h"
#include "binding/base/traceback.h"
#include "binding/kinds.h"
#include "binding/lua_sim.h"
#include "binding/stdlib/stdlib.h"
#include "binding/verdict.h"
#include "deal/deal.h"
#include "draw.h"
#include "failure.h"
#include "progress.h"
#include "outcome.h"
#include "scripts.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void set_arguments(lua_State *L, const char *script, const options *o)
{
    const char *slash = strrchr(script, '/');
    lua_createtable(L, o->script_arg_count, 1);
    lua_pushstring(L, slash ? slash + 1 : script);
    lua_rawseti(L, -2, 0);
    for (int i = 0; i < o->script_arg_count; i++) {
        lua_pushstring(L, o->script_args[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setglobal(L, "arg");
}

/* With those above it.  One that cannot be made is said when a picture is written into it. */
static void make_directories(const char *dir)
{
    char path[PATH_MAX];
    for (const char *slash = strchr(dir + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(path, sizeof path, "%.*s", (int)(slash - dir), dir);
        mkdir(path, 0777);
    }
    mkdir(dir, 0777);
}

static void set_plots(lua_State *L, const char *script, const char *dir)
{
    char prefix[PATH_MAX];
    plots_prefix(script, dir, prefix, sizeof prefix);
    if (*dir) make_directories(dir);
    lua_pushstring(L, prefix);
    lua_setfield(L, LUA_REGISTRYINDEX, "drywire.plots");
}

int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int prepare(lua_State *L)
{
    const char *script = lua_touserdata(L, 1);
    const options *o = lua_touserdata(L, 2);
    bool testing = lua_toboolean(L, 3);
    lua_gc(L, LUA_GCSTOP, 0); /* not while the allocator changes */
    luaL_openlibs(L);
    luaL_requiref(L, "drywire", luaopen_drywire, 0);
    dwl_state *s = dwl_state_of(L);
    s->command = true;
    s->seed_given = o->seed_given;
    s->seed = o->seed;
    s->params = o->sets;
    s->param_count = o->set_count;
    s->plugins = o->plugins;
    s->plugin_count = o->plugin_count;
    s->stacks = o->stacks;
    s->stack_count = o->stack_count;
    s->profile = o->profile;
    s->until = o->until;
    s->detail = o->detail;
    s->watchdog_ms = o->watchdog_ms;
    s->forked = signals_forked;
    s->jobs = testing && o->jobs == 0 ? 1 : o->jobs; /* tests run side by side already */
    s->sweep = o->sweep;
    s->drop_count = o->drop_count;
    memcpy(s->drop, o->drop, sizeof s->drop);
    s->faults = o->faults;
    s->fault_count = o->fault_count;
    s->leaks_fail = o->leaks_fail;
    s->explores = o->exploring;
    s->explores_arg = o->exploring_arg;
    s->resume = o->resume;
    s->swarmed = o->swarmed;
    s->differed = o->differed;
    char title[300];
    if (o->filter && script_headline(script, title, sizeof title) &&
        !filter_takes(o, script, title))
        s->filter = o->filter;
    s->excludes = o->excludes;
    s->exclude_count = o->exclude_count;
    s->lists = o->list;
    s->ascii = plain_characters(o);
    if (testing) {
        s->real_time = clock_ns;
        s->case_ended = clock_ns();
    }
    lua_pop(L, 1);
    lua_pushboolean(L, o->update);
    lua_setfield(L, LUA_REGISTRYINDEX, "drywire.update");
    if (o->plots) set_plots(L, script, o->plots);
    dwl_set_script(L, script);
    dwl_seed_random(L, o->seed_given ? o->seed : 1);
    set_arguments(L, script, o);
    dwl_strict_globals(L);
    lua_gc(L, LUA_GCRESTART, 0);
    return 0;
}

/* The script's own name, not its path: messages are the same wherever it lies. */
int load_script(lua_State *L, const char *path, const options *o)
{
    char name[300];
    const char *slash = strrchr(path, '/');
    snprintf(name, sizeof name, "@%s", slash ? slash + 1 : path);
    dwl_state *s = dwl_state_of(L);
    if (o->source) {
        headline_of(o->source, o->source_len, s->headline, sizeof s->headline);
        return dwl_load_text(L, o->source, o->source_len, name);
    }
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!f && errno == ENOMEM) return dwl_no_memory(L);
    if (!f) {
        lua_pushfstring(L, "cannot open %s: %s", path, strerror(errno));
        return LUA_ERRFILE;
    }
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    size_t n;
    do {
        char *room = luaL_prepbuffer(&b);
        n = fread(room, 1, LUAL_BUFFERSIZE, f);
        luaL_addsize(&b, n);
    } while (n > 0);
    bool failed = ferror(f);
    int error = errno;
    if (f != stdin) fclose(f);
    if (s->ending) dwl_raise_ending(L); /* whoever waited for it has gone */
    luaL_pushresult(&b);
    if (failed) {
        lua_pushfstring(L, "cannot read %s: %s", path, strerror(error));
        return LUA_ERRFILE;
    }
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    headline_of(text, len, s->headline, sizeof s->headline);
    int status = dwl_load_text(L, text, len, strcmp(path, "-") == 0 ? "@stdin" : name);
    lua_remove(L, -2);
    return status;
}

static const char lua_says[] = "not enough memory"; /* and no more */

static const char *lacks_memory(lua_State *L)
{
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
    return dwl_state_of(L)->memory_denied ? strstr(text, lua_says) : NULL;
}

/* The error is on top. */
static int exit_code_of(lua_State *L, int status)
{
    const dwl_state *s = dwl_state_of(L);
    if (s->ending) return dwl_ending_code(s);
    if (status == LUA_ERRMEM || lacks_memory(L)) return EXIT_LIMIT;
    switch (dwl_meaning(L, -1)) {
    case DW_E_INTERRUPT: return EXIT_INTERRUPTED;
    case DW_E_LIMIT: return EXIT_LIMIT;
    case DW_E_ABI: return EXIT_PLUGIN;
    case DW_E_MISMATCH: return EXIT_FAILED;
    default: return EXIT_USAGE;
    }
}

/* By the machine's speed, its memory or the user: another run would not end at the same place.  The
 * simulation's own limits are the same in every run. */
static bool ends_by_chance(const dwl_state *s)
{
    switch ((enum dwl_ending)s->ending) {
    case DWL_GOES_ON:
    case DWL_ENDS_BY_EXIT: return false;
    case DWL_ENDS_BY_WATCHDOG:
    case DWL_ENDS_BY_SIGNAL:
    case DWL_ENDS_BY_MEMORY: return true;
    }
    return true;
}

/* A copy of the text at index, for free; "" when it is none. */
static char *text_at(lua_State *L, int index)
{
    size_t len = 0;
    const char *text = lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &len) : "";
    char *copy = malloc(len + 1);
    if (!copy) return NULL;
    memcpy(copy, text, len);
    copy[len] = 0;
    replace_zeros(copy, len);
    return copy;
}

/* NULL when there is no memory for it. */
static char *error_text(lua_State *L)
{
    if (!lua_isstring(L, -1)) return strdup("the script raised an error that is not a text");
    return text_at(L, -1);
}

/* For those who compare runs: the trace of each simulation, as its number. */
static void keep_trace(const dwl_sim *s, void *arg)
{
    const options *o = arg;
    char path[PATH_MAX], why[300];
    const dw_trace *trace = dw_sim_trace(s->sim);
    snprintf(path, sizeof path, "%s/%u.jsonl", o->keep, s->number);
    if (trace && s->number <= MAX_KEPT && dw_trace_save(trace, path, why, sizeof why) == DW_E_NOMEM)
        s->state->out_of_memory = true;
}

/* A simulation that was given something to do, and never did it, shows nothing. */
static void check_all_ran(lua_State *L, outcome *r)
{
    static const char never[] = "this simulation has programs or events, but was never run; call "
                                "sim:run(), or sim:close() if it is not wanted";
    static const char after[] = "this simulation was given programs or events after its last run; "
                                "call sim:run() after them, or sim:close()";
    const dwl_state *s = dwl_state_of(L);
    const char *made = dwl_forgotten_sim(dwl_state_of(L)), *text = s->forgotten_ran ? after : never;
    if (r->code != EXIT_PASS || !made) return;
    size_t size = strlen(made) + strlen(text) + 1;
    r->code = EXIT_USAGE;
    r->problem = malloc(size);
    r->out_of_memory |= !r->problem;
    if (r->problem) snprintf(r->problem, size, "%s%s", made, text);
}

/* With a plan of faults a run has to leave nothing behind. */
static void check_left(const dwl_state *s, outcome *r)
{
    char left[200];
    if (r->code != EXIT_PASS || !s->leaks_fail || !dwl_left_behind(s, 0, left, sizeof left)) return;
    r->code = EXIT_FAILED;
    r->problem = strdup(left);
    r->out_of_memory |= !r->problem;
}

/* Parts of its work have failed, and it went on. */
static void check_parts(dwl_state *s, outcome *r)
{
    if (r->code != EXIT_PASS || !s->late_problem) return;
    r->code = s->late_meaning == DW_E_MISMATCH ? EXIT_FAILED : EXIT_USAGE;
    r->problem = s->late_problem;
    s->late_problem = NULL;
}

static char *told_problem(lua_State *L)
{
    char text[200];
    size_t size = 0;
    char *whole = NULL;
    const char *at = lacks_memory(L), *error = lua_tostring(L, -1);
    if (!at) return error_text(L);
    FILE *f = open_memstream(&whole, &size);
    if (!f) return NULL;
    dwl_memory_text(dwl_state_of(L), text, sizeof text);
    fprintf(f, "%.*s%s%s", (int)(at - error), error, text, at + strlen(lua_says));
    if (close_text(f)) return whole;
    free(whole);
    return NULL;
}

/* Of a script that was left in the middle of something: only what needs no change is looked at. */
static char *problem_where_left(const dwl_state *s)
{
    char text[200], line[600];
    lua_Debug ar;
    dwl_ending_text(s, text, sizeof text);
    snprintf(line, sizeof line, "%s%s", s->ending_at, text);
    if (s->ending_at[0]) return strdup(line);
    for (int level = 0; lua_getstack(s->thread, level, &ar); level++) {
        lua_getinfo(s->thread, "Sl", &ar);
        if (ar.currentline <= 0 || strcmp(ar.source, "=drywire") == 0) continue;
        snprintf(line, sizeof line, "%s:%d: %s", ar.short_src, ar.currentline, text);
        return strdup(line);
    }
    return strdup(text);
}

lua_State *open_script_state(const char *path, const options *o, bool testing, char **problem)
{
    lua_State *L = luaL_newstate();
    *problem = NULL;
    if (!L) return NULL;
    lua_pushcfunction(L, prepare);
    lua_pushlightuserdata(L, (void *)path);
    lua_pushlightuserdata(L, (void *)o);
    lua_pushboolean(L, testing);
    int status = lua_pcall(L, 3, 0, 0);
    if (status == LUA_OK) return L;
    if (status != LUA_ERRMEM) *problem = error_text(L);
    lua_close(L);
    return NULL;
}

static void show_progress(const dwl_state *s)
{
    const dwl_explored *e = &s->explored;
    if (e->under_way) {
        progress_explored(e->size, e->faults, e->tried, e->untried);
        return;
    }
    if (s->parts_count > 0) {
        progress_count(s->parts_done, s->parts_count, "runs");
        return;
    }
    const dw_sim *sim = s->running && s->last_sim ? s->last_sim->sim : NULL;
    if (sim) progress_run(dw_sim_now(sim), s->goal, dw_sim_events(sim));
}

int call_interruptibly(lua_State *L, const options *o, int arguments, int results, int handler)
{
    signal_exit out;
    volatile int status = SCRIPT_LEFT;
    dwl_state *s = dwl_state_of(L);
    if (sigsetjmp(out.where, 1) == 0) {
        s->shows_progress = progress_begin(o);
        signals_enter(s, &out, s->shows_progress ? show_progress : NULL);
        status = lua_pcall(L, arguments, results, handler);
    }
    signals_leave();
    progress_clear();
    return status;
}

/* Whoever caught the error. */
static bool ran_out_of_memory(const dwl_state *s)
{
    bool any = s->out_of_memory;
    for (const dwl_sim *sim = s->sims; sim; sim = sim->next)
        any |= sim->sim && dw_sim_out_of_memory(sim->sim);
    return any;
}

/* A plugin of the command line that cannot be used is told before the script runs. */
static void try_plugins(const options *o, outcome *r)
{
    dw_sim *probe = NULL;
    if (o->plugin_count == 0) return;
    int status = dw_sim_new(NULL, &probe);
    for (size_t i = 0; i < o->plugin_count && status == DW_OK; i++)
        status = dw_plugin_load(probe, o->plugins[i]);
    r->out_of_memory = status == DW_E_NOMEM;
    if (status != DW_OK && !r->out_of_memory) {
        r->code = EXIT_PLUGIN;
        r->problem = kept_text(r, dw_sim_message(probe));
    }
    dw_sim_free(probe);
}

/* Everything that may raise an error: reads the script and runs it. */
typedef struct task {
    const char *path;
    const options *o;
} task;

static void call_script(lua_State *L, const options *o)
{
    luaL_checkstack(L, o->script_arg_count, "too many arguments");
    for (int i = 0; i < o->script_arg_count; i++)
        lua_pushstring(L, o->script_args[i]);
    lua_call(L, o->script_arg_count, 0);
}

/* Upvalues: the script as a function, and the options. */
static int call_again(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    call_script(L, lua_touserdata(L, lua_upvalueindex(2)));
    return 0;
}

static void set_most_faults(lua_State *L, const char *name, uint64_t most)
{
    if (most == 0) return;
    if (most - 1 == DW_FAULTS_ANY)
        lua_pushliteral(L, "any");
    else
        lua_pushinteger(L, (lua_Integer)most - 1);
    lua_setfield(L, -2, name);
}

static void set_count(lua_State *L, const char *name, uint64_t count)
{
    if (count == 0) return;
    lua_pushinteger(L, (lua_Integer)count);
    lua_setfield(L, -2, name);
}

static void set_word(lua_State *L, const char *name, const char *word)
{
    if (!word) return;
    lua_pushstring(L, word);
    lua_setfield(L, -2, name);
}

/* --crash server,router */
static void set_crash_hosts(lua_State *L, const char *names)
{
    if (!names) return;
    lua_newtable(L);
    for (lua_Integer i = 1; *names; i++) {
        size_t len = strcspn(names, ",");
        lua_pushlstring(L, names, len);
        lua_rawseti(L, -2, i);
        names += len + (names[len] == ',');
    }
    lua_setfield(L, -2, "crash");
}

/* What dw.explore and dw.swarm have alike, as a table. */
static void push_fault_options(lua_State *L, const options *o)
{
    lua_newtable(L);
    for (int i = 0; i < DW_FAULT_KINDS; i++)
        set_most_faults(L, dwl_fault_kinds[i], o->most[i]);
    set_most_faults(L, "faults", o->most_faults);
    set_most_faults(L, "app", o->most_app);
    set_crash_hosts(L, o->crash_hosts);
    set_count(L, "max_runs", o->max_runs);
    lua_pushboolean(L, !o->no_leaks);
    lua_setfield(L, -2, "leaks");
}

/* The whole script is what dw.explore calls; it is on top. */
static void explore_script(lua_State *L, const options *o)
{
    lua_pushcfunction(L, dwl_explore);
    push_fault_options(L, o);
    lua_pushboolean(L, !o->no_merging);
    lua_setfield(L, -2, "merge");
    set_word(L, "against", o->differed ? o->against : NULL);
    set_word(L, "graph", o->graph);
    set_count(L, "flat", o->flat);
    lua_pushvalue(L, -3);
    lua_pushlightuserdata(L, (void *)o);
    lua_pushcclosure(L, call_again, 2);
    lua_call(L, 2, 0);
}

static void push_seeds(lua_State *L, const options *o)
{
    lua_Integer count = 0;
    lua_newtable(L);
    for (size_t i = 0; i < o->seed_ranges; i++)
        for (uint64_t seed = o->seeds[i].low;; seed++) {
            lua_pushinteger(L, (lua_Integer)seed);
            lua_rawseti(L, -2, ++count);
            if (seed == o->seeds[i].high) break;
        }
}

/* How the command wants it: why, and in portions of how many seeds, where time is limited. */
static void push_manner(lua_State *L, const options *o)
{
    enum { PORTION = 1000 };
    lua_newtable(L);
    lua_pushboolean(L, o->why);
    lua_setfield(L, -2, "why");
    if (!o->time_budget) return;
    lua_pushinteger(L, PORTION);
    lua_setfield(L, -2, "portion");
}

/* The whole script, whose text the options have, is what dw.swarm calls. */
static void swarm_script(lua_State *L, const options *o, const char *path)
{
    const char *slash = strrchr(path, '/');
    luaL_checkstack(L, o->script_arg_count + 10, "too many arguments");
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.swarm_script");
    push_fault_options(L, o);
    push_seeds(L, o);
    lua_setfield(L, -2, "seeds");
    push_manner(L, o);
    lua_pushlstring(L, o->source, o->source_len);
    lua_pushfstring(L, "@%s", slash ? slash + 1 : path);
    for (int i = 0; i < o->script_arg_count; i++)
        lua_pushstring(L, o->script_args[i]);
    lua_call(L, 4 + o->script_arg_count, 0);
}

static int perform(lua_State *L)
{
    const task *t = lua_touserdata(L, 1);
    if (load_script(L, t->path, t->o) != LUA_OK) return lua_error(L);
    if (t->o->swarmed)
        swarm_script(L, t->o, t->path);
    else
        (t->o->explores ? explore_script : call_script)(L, t->o);
    return 0;
}

static int perform_script(lua_State *L, const char *path, const options *o)
{
    task whole = {path, o};
    lua_pushcfunction(L, dwl_message_handler);
    lua_pushcfunction(L, perform);
    lua_pushlightuserdata(L, &whole);
    return call_interruptibly(L, o, 1, 0, 1);
}

/* Within a protected call: what is to be filled in, the status, whether it is a test; the error. */
static int tell_end(lua_State *L)
{
    outcome *r = lua_touserdata(L, 1);
    int status = (int)lua_tointeger(L, 2);
    const dwl_state *s = dwl_state_of(L);
    bool testing = lua_toboolean(L, 3);
    r->by_chance = ends_by_chance(s) || lacks_memory(L);
    r->code = s->ending == DWL_ENDS_BY_EXIT && testing ? EXIT_FAILED : exit_code_of(L, status);
    r->problem = told_problem(L);
    r->out_of_memory |= !r->problem;
    return 0;
}

/* What its end means, where it is not the last line; the error is on top. */
static void judge(lua_State *L, int status, bool testing, outcome *r)
{
    const dwl_state *s = dwl_state_of(L);
    r->exited = s->ending == DWL_ENDS_BY_EXIT;
    if (status == LUA_OK || (r->exited && s->exit_code == EXIT_PASS)) return;
    r->out_of_memory = status == LUA_ERRMEM && !s->memory_denied;
    if (r->out_of_memory) return; /* there is no memory to say more */
    lua_pushcfunction(L, tell_end);
    lua_pushlightuserdata(L, r);
    lua_pushinteger(L, status);
    lua_pushboolean(L, testing);
    lua_pushvalue(L, -5);
    lua_sethook(L, NULL, 0, 0); /* it would raise the same again */
    int told = lua_pcall(L, 4, 0, 0);
    r->out_of_memory |= told == LUA_ERRMEM;
    if (told == LUA_OK || r->out_of_memory) return;
    r->code = dwl_ending_code(s); /* a signal came meanwhile */
    r->by_chance = true;
    r->problem = problem_where_left(s);
}

/* Its Lua state is out of order: not even closed, and kept where leaks are not looked for. */
static void abandon(lua_State *L)
{
    static lua_State *volatile abandoned;
    abandoned = L;
    (void)abandoned;
}

static int close_simulations(lua_State *L)
{
    dwl_close_all(L, dwl_state_of(L));
    return 0;
}

static void close_state(lua_State *L, const options *o, outcome *r)
{
    const dwl_state *s = dwl_state_of(L);
    lua_pushcfunction(L, close_simulations);
    int status = call_interruptibly(L, o, 0, 0, 0);
    if (s->ending && r->code == EXIT_PASS) {
        r->code = dwl_ending_code(s);
        r->by_chance = ends_by_chance(s);
        r->problem = problem_where_left(s);
    }
    r->out_of_memory |= status == LUA_ERRMEM || ran_out_of_memory(s);
    if (status == SCRIPT_LEFT)
        abandon(L);
    else
        lua_close(L);
}

static void run_in(lua_State *L, const char *path, const options *o, bool testing, outcome *r)
{
    dwl_state *s = dwl_state_of(L);
    if (o->keep) {
        s->closing = keep_trace;
        s->closing_arg = (void *)o;
    }
    s->names_once = true;
    s->shows_last = !testing;
    s->shows_named = !testing && (o->ladder || o->svg || o->tikz || o->html);
    dwl_guard_memory(L, o->memory);
    int status = perform_script(L, path, o);
    if (dw_deal_follows()) exit(EXIT_PASS); /* what comes now, one rank does */
    if (status == SCRIPT_LEFT) {
        r->code = dwl_ending_code(s);
        r->by_chance = ends_by_chance(s);
        r->problem = problem_where_left(s);
    } else {
        dwl_unguard_memory(L);
        judge(L, status, testing, r);
        lua_settop(L, 0);
        s->ending = DWL_GOES_ON; /* it has ended */
    }
    collect_outcome(s, path, o, r, testing);
    r->out_of_memory |= ran_out_of_memory(s);
    if (status == SCRIPT_LEFT) {
        abandon(L);
        return;
    }
    check_parts(s, r);
    check_all_ran(L, r);
    check_left(s, r);
    close_state(L, o, r);
}

static void try_script(const char *path, const options *o, bool testing, outcome *r)
{
    try_plugins(o, r);
    if (r->problem || r->out_of_memory) return;
    signals_catch();
    lua_State *L = open_script_state(path, o, testing, &r->problem);
    r->out_of_memory = !L && !r->problem;
    if (L)
        run_in(L, path, o, testing, r);
    else
        r->code = EXIT_USAGE;
    bool fine = r->code == EXIT_PASS || r->code == EXIT_USAGE; /* but for an output, perhaps */
    if (signals_caught() && fine) {
        r->code = EXIT_SIGNAL + signals_caught();
        r->by_chance = true;
    }
    signals_release();
}

void run_script(const char *path, const options *o, bool testing, outcome *r)
{
    *r = (outcome){0};
    try_script(path, o, testing, r);
    if (r->out_of_memory) r->code = EXIT_LIMIT;
}

void run_silently(const char *path, const options *o, bool testing, outcome *r)
{
    fflush(stdout);
    int kept = dup(STDOUT_FILENO), nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) dup2(nowhere, STDOUT_FILENO);
    run_script(path, o, testing, r);
    fflush(stdout);
    if (kept >= 0) {
        dup2(kept, STDOUT_FILENO);
        close(kept);
    }
    if (nowhere >= 0) close(nowhere);
}
