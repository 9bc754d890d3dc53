/* Running one script for the command. */
#include "command.h"
#include "drill/drill.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ctrl-C ends the run after the present event; what was traced is still written. */
static lua_State *volatile interruptible_lua;
static volatile sig_atomic_t interrupted;

static void raise_interrupt(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    lua_sethook(L, NULL, 0, 0);
    luaL_error(L, "interrupted");
}

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
    dwl_state *s = interruptible_lua ? dwl_state_of(interruptible_lua) : NULL;
    if (s && s->running && s->last_sim && s->last_sim->sim) dw_sim_interrupt(s->last_sim->sim);
    if (s && s->thread)
        lua_sethook(s->thread, raise_interrupt, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

static void set_path(lua_State *L, const char *script)
{
    const char *slash = strrchr(script, '/');
    lua_getglobal(L, "package");
    if (slash)
        lua_pushlstring(L, script, (size_t)(slash - script));
    else
        lua_pushliteral(L, ".");
    const char *dir = lua_tostring(L, -1);
    lua_pushfstring(L, "%s/?.lua;%s/?/init.lua", dir, dir);
    lua_setfield(L, -3, "path");
    lua_pushliteral(L, "");
    lua_setfield(L, -3, "cpath");
    lua_pop(L, 2);
}

static void set_arguments(lua_State *L, const char *script, const options *o)
{
    lua_createtable(L, o->script_arg_count, 1);
    lua_pushstring(L, script);
    lua_rawseti(L, -2, 0);
    for (int i = 0; i < o->script_arg_count; i++) {
        lua_pushstring(L, o->script_args[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setglobal(L, "arg");
}

/* What the files begin with: the directory and the script's name. */
static void set_plots(lua_State *L, const char *script, const char *dir)
{
    const char *slash = strrchr(script, '/'), *name = slash ? slash + 1 : script;
    const char *dot = strrchr(name, '.');
    lua_pushfstring(L, "%s/", dir);
    lua_pushlstring(L, name, dot ? (size_t)(dot - name) : strlen(name));
    lua_concat(L, 2);
    lua_setfield(L, LUA_REGISTRYINDEX, "drywire.plots");
}

static int case_report(lua_State *L)
{
    return dwl_message_handler(L);
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
    s->profile = o->profile;
    s->until = o->until;
    s->detail = o->detail;
    s->drop_count = o->drop_count;
    memcpy(s->drop, o->drop, sizeof s->drop);
    if (testing) {
        lua_getfield(L, -1, "cases");
        lua_pushcfunction(L, case_report);
        lua_setfield(L, -2, "report");
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    lua_pushboolean(L, o->update);
    lua_setfield(L, LUA_REGISTRYINDEX, "drywire.update");
    if (o->plots) set_plots(L, script, o->plots);
    set_path(L, script);
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
    if (o->source) return luaL_loadbufferx(L, o->source, o->source_len, name, "t");
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
    luaL_pushresult(&b);
    if (failed) {
        lua_pushfstring(L, "cannot read %s: %s", path, strerror(error));
        return LUA_ERRFILE;
    }
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    if (len && text[0] == '#') { /* #!/usr/bin/env drywire */
        size_t skip = strcspn(text, "\n");
        text += skip;
        len -= skip;
    }
    int status = luaL_loadbufferx(L, text, len, strcmp(path, "-") == 0 ? "@stdin" : name, "t");
    lua_remove(L, -2);
    return status;
}

static int exit_code_of(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.status");
    int kept = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (interrupted || kept == DW_E_INTERRUPT) return EXIT_INTERRUPTED;
    if (kept == DW_E_LIMIT) return EXIT_LIMIT;
    if (kept == DW_E_ABI) return EXIT_PLUGIN;
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.failed");
    bool expectation = !lua_isnil(L, -1) && lua_rawequal(L, -1, -2);
    lua_pop(L, 1);
    return expectation ? EXIT_FAILED : EXIT_USAGE;
}

typedef struct note_list {
    char *text;
    size_t len;
    bool failed;
} note_list;

static void add_note(const char *text, void *arg)
{
    note_list *notes = arg;
    size_t n = strlen(text);
    char *grown = realloc(notes->text, notes->len + n + 2);
    notes->failed |= !grown;
    if (!grown) return;
    memcpy(grown + notes->len, text, n);
    notes->len += n;
    grown[notes->len++] = '\n';
    grown[notes->len] = 0;
    notes->text = grown;
}

static void note_open_connections(dwl_sim *s, note_list *notes)
{
    for (dwl_conn *c = s->conns; c; c = c->next) {
        char line[300];
        if (c->listener || !c->socket) continue;
        const char *state = dw_socket_state(c->socket);
        if (strcmp(state, "CLOSED") == 0) continue;
        snprintf(line, sizeof line, "connection #%u of host \"%s\" was never closed (%s)", c->conn,
                 dw_node_name(c->node), state);
        add_note(line, notes);
    }
}

/* The script's last simulation; or, where it named several, each of those under its name. */
static void draw_ladders(const dwl_state *s, const options *o, outcome *r)
{
    dw_ladder_config c;
    ladder_config(o, &c);
    bool first = true;
    for (const dwl_sim *sim = s->sims; sim; sim = sim->next) {
        const dw_trace *trace = sim->sim ? dw_sim_trace(sim->sim) : NULL;
        if (!trace || (!sim->name[0] && sim != s->last_sim)) continue;
        if (sim->name[0]) printf("%s%s:\n\n", first ? "" : "\n", sim->name);
        char *text = dw_ladder(trace, &c);
        r->out_of_memory |= !text;
        if (text) fputs(text, stdout);
        dw_free(text);
        first = false;
    }
}

static void write_outputs(dw_sim *sim, const char *title, const options *o, outcome *r)
{
    char why[600];
    const dw_trace *trace = dw_sim_trace(sim);
    int status = DW_OK;
    if (o->exported)
        status = dw_drill_export(trace, sim, o->host, o->nth, title, o->exported, why, sizeof why);
    if (status == DW_OK && o->pcap) status = dw_trace_pcapng(trace, o->pcap, -1, why, sizeof why);
    if (status == DW_OK && o->jsonl) status = dw_trace_save(trace, o->jsonl, why, sizeof why);
    if (status == DW_OK) return;
    if (r->code == EXIT_PASS) r->code = EXIT_USAGE;
    if (status == DW_E_NOMEM) r->code = EXIT_LIMIT;
    fprintf(stderr, "drywire: %s\n", why);
}

void headline_of(const char *text, size_t len, char *out, size_t size)
{
    const char *at = text, *end = text + len;
    *out = 0;
    while (at < end && *at == '#') { /* #!/usr/bin/env drywire */
        const char *line = memchr(at, '\n', (size_t)(end - at));
        at = line ? line + 1 : end;
    }
    if (end - at < 2 || strncmp(at, "--", 2) != 0) return;
    while (at < end && (*at == '-' || *at == ' '))
        at++;
    const char *line = memchr(at, '\n', (size_t)(end - at));
    snprintf(out, size, "%.*s", (int)((line ? line : end) - at), at);
}

bool script_headline(const char *path, const options *o, char *out, size_t size)
{
    char text[600];
    *out = 0;
    if (o && o->source) {
        headline_of(o->source, o->source_len, out, size);
        return true;
    }
    FILE *f = strcmp(path, "-") == 0 ? NULL : fopen(path, "rb");
    if (!f) return strcmp(path, "-") == 0 || errno != ENOMEM;
    headline_of(text, fread(text, 1, sizeof text, f), out, size);
    fclose(f);
    return true;
}

/* NAME.svg, NAME-2.svg, NAME-3.svg ... */
static void numbered_path(const char *path, int number, char *out, size_t size)
{
    const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
    if (!dot || (slash && dot < slash)) dot = path + strlen(path);
    if (number == 1)
        snprintf(out, size, "%s", path);
    else
        snprintf(out, size, "%.*s-%d%s", (int)(dot - path), path, number, dot);
}

static size_t packets_of(const dw_trace *trace)
{
    size_t most = 0;
    for (size_t i = 0; i < dw_trace_count(trace); i++)
        if (dw_trace_at(trace, i)->packet > most) most = dw_trace_at(trace, i)->packet;
    return most;
}

static bool has_plots(lua_State *L)
{
    char path[PATH_MAX];
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.plots");
    snprintf(path, sizeof path, "%s.svg", lua_isstring(L, -1) ? lua_tostring(L, -1) : "");
    lua_pop(L, 1);
    return access(path, R_OK) == 0;
}

/* --svg and --html of one simulation, the numberth. */
static int draw_picture(const options *o, const dw_trace *trace, const char *about,
                        const char *name, int number, bool beginning, char *why, size_t size)
{
    char title[400], path[PATH_MAX];
    enum { BEGINNING = 60 };
    int status = DW_OK;
    int n = snprintf(title, sizeof title, "%s%s%s", about ? about : "", about && *name ? ": " : "",
                     name);
    if (o->html) {
        numbered_path(o->html, number, path, sizeof path);
        status = write_html(path, trace, *title ? title : NULL, why, size);
    }
    if (status != DW_OK || !o->svg) return status;
    if (beginning && n > 0 && (size_t)n < sizeof title)
        snprintf(title + n, sizeof title - (size_t)n, " (the beginning)");
    numbered_path(o->svg, number, path, sizeof path);
    return write_svg(o, path, trace, beginning ? BEGINNING : 0, *title ? title : NULL, why, size);
}

/* The script's last simulation; or, where it named several, each of those. */
static void draw_pictures(lua_State *L, const char *script, const options *o, outcome *r)
{
    char line[200], why[600];
    const dwl_state *s = dwl_state_of(L);
    r->out_of_memory |= !script_headline(script, o, line, sizeof line);
    const char *about = *line ? line : NULL;
    int number = 0;
    for (const dwl_sim *sim = s->sims; sim; sim = sim->next) {
        const dw_trace *trace = sim->sim ? dw_sim_trace(sim->sim) : NULL;
        if (!trace || (!sim->name[0] && sim != s->last_sim)) continue;
        bool long_one = o->ladder_most && packets_of(trace) > o->ladder_most;
        if (long_one && has_plots(L)) continue; /* they say more */
        int status = draw_picture(o, trace, about, sim->name, ++number, long_one, why, sizeof why);
        if (status == DW_OK) continue;
        if (r->code == EXIT_PASS) r->code = EXIT_USAGE;
        if (status == DW_E_NOMEM) r->code = EXIT_LIMIT;
        fprintf(stderr, "drywire: %s\n", why);
        return;
    }
}

/* As a block of Markdown. */
static void draw_mermaid(const dw_trace *trace, const options *o, outcome *r)
{
    dw_ladder_config c = {
        .style = DW_LADDER_MERMAID, .left = -1, .right = -1, .to_packet = o->mermaid_most};
    char *text = dw_ladder(trace, &c);
    r->out_of_memory |= !text;
    if (text && dw_trace_conns(trace) > 0) fprintf(o->mermaid, "```mermaid\n%s```\n\n", text);
    dw_free(text);
}

static void collect(lua_State *L, const char *path, const options *o, outcome *r, bool testing)
{
    dwl_state *s = dwl_state_of(L);
    note_list notes = {0};
    r->expectations = s->expectations;
    for (dwl_sim *sim = s->sims; sim; sim = sim->next) {
        dwl_note_unused_rules(sim, add_note, &notes);
        note_open_connections(sim, &notes);
    }
    r->notes = notes.text;
    r->out_of_memory |= notes.failed;
    r->mix = s->closed_mix;
    for (dwl_sim *sim = s->sims; sim; sim = sim->next)
        r->mix += dwl_digest_mix(sim);
    dwl_sim *last = s->last_sim;
    dw_trace *trace = last && last->sim ? dw_sim_trace(last->sim) : NULL;
    bool wanted = o->svg || o->html || o->pcap || o->jsonl;
    if (!trace && wanted && !testing && r->code == EXIT_PASS) {
        fprintf(stderr,
                "drywire: there is nothing to write: %s made no simulation that keeps a trace\n",
                path);
        r->code = EXIT_USAGE;
    }
    if (!trace) return;
    dw_trace_digest(trace, r->hash);
    r->seconds = (double)dw_sim_now(last->sim) / 1e9;
    r->events = dw_trace_count(trace);
    r->packets = packets_of(trace);
    fflush(stdout);
    if (testing) return;
    if (o->ladder && (o->ladder_most == 0 || r->packets <= o->ladder_most)) draw_ladders(s, o, r);
    if (o->mermaid) draw_mermaid(trace, o, r);
    if (o->svg || o->html) draw_pictures(L, path, o, r);
    write_outputs(last->sim, path, o, r);
}

static char *kept_text(outcome *r, const char *text)
{
    char *copy = strdup(text);
    r->out_of_memory |= !copy;
    return copy;
}

/* What dw.covers was told. */
static void collect_covers(lua_State *L, outcome *r)
{
    int top = lua_gettop(L);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, "drywire");
    lua_getfield(L, -1, "covered");
    luaL_Buffer b;
    int list = lua_gettop(L);
    lua_Integer n = (lua_Integer)lua_rawlen(L, list);
    luaL_buffinit(L, &b);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, list, i);
        luaL_addvalue(&b);
        luaL_addchar(&b, ' ');
    }
    luaL_pushresult(&b);
    r->covers = kept_text(r, lua_tostring(L, -1));
    lua_settop(L, top);
}

/* The state changes of all simulations that are still there, each pair once. */
static void collect_arrows(const dwl_state *s, outcome *r)
{
    char text[4000] = "";
    size_t used = 0;
    for (const dwl_sim *sim = s->sims; sim; sim = sim->next) {
        const dw_trace *trace = sim->sim ? dw_sim_trace(sim->sim) : NULL;
        for (size_t i = 0; trace && i < dw_trace_count(trace); i++) {
            const dw_trace_event *e = dw_trace_at(trace, i);
            char arrow[48];
            if (e->type != DW_TRACE_STATE) continue;
            snprintf(arrow, sizeof arrow, "%s>%s ", e->u.state.from, e->u.state.to);
            if (strstr(text, arrow) || used + sizeof arrow >= sizeof text) continue;
            used += (size_t)snprintf(text + used, sizeof text - used, "%s", arrow);
        }
    }
    r->arrows = kept_text(r, text);
}

/* Cases of dw.test. */
static void collect_cases(lua_State *L, outcome *r)
{
    luaL_Buffer b;
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, "drywire");
    lua_getfield(L, -1, "cases");
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    int cases = lua_gettop(L);
    if (n == 0) return;
    luaL_buffinit(L, &b);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, cases, i);
        lua_getfield(L, -1, "ok");
        bool ok = lua_toboolean(L, -1);
        lua_getfield(L, -2, "name");
        lua_pushfstring(L, "%s %s\n", ok ? "ok" : "not ok", lua_tostring(L, -1));
        luaL_addvalue(&b);
        if (!ok) {
            lua_getfield(L, -3, "problem");
            const char *problem = lua_tostring(L, -1);
            luaL_gsub(L, problem ? problem : "", "\n", "\n  ");
            lua_remove(L, -2);
            lua_pushfstring(L, "  %s\n", lua_tostring(L, -1));
            lua_remove(L, -2);
            luaL_addvalue(&b);
            r->failed_cases++;
        }
        r->cases++;
        lua_pop(L, 3);
    }
    luaL_pushresult(&b);
    r->tap = kept_text(r, lua_tostring(L, -1));
    lua_settop(L, cases - 3);
    if (r->failed_cases && r->code == EXIT_PASS) r->code = EXIT_FAILED;
}

/* NULL when there is no memory for it. */
static char *error_text(lua_State *L)
{
    const char *text = lua_tostring(L, -1);
    return strdup(text ? text : "the script raised an error that is not a text");
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
    const dw_sim *sim = s->running && s->last_sim ? s->last_sim->sim : NULL;
    if (sim) progress_run(dw_sim_now(sim), s->goal, dw_sim_events(sim));
}

int call_interruptibly(lua_State *L, const options *o, int arguments, int results, int handler)
{
    struct sigaction action = {.sa_handler = on_interrupt}, before;
    interrupted = 0;
    interruptible_lua = L;
    sigaction(SIGINT, &action, &before);
    dwl_watchdog_start(L, o->watchdog_ms, progress_begin(o) ? show_progress : NULL);
    int status = lua_pcall(L, arguments, results, handler);
    dwl_watchdog_stop();
    progress_clear();
    sigaction(SIGINT, &before, NULL);
    interruptible_lua = NULL;
    return status;
}

/* Within a protected call: the script's path and the options; the function and its arguments. */
static int load_with_arguments(lua_State *L)
{
    const char *path = lua_touserdata(L, 1);
    const options *o = lua_touserdata(L, 2);
    if (load_script(L, path, o) != LUA_OK) return lua_error(L);
    luaL_checkstack(L, o->script_arg_count, "too many arguments");
    for (int i = 0; i < o->script_arg_count; i++)
        lua_pushstring(L, o->script_args[i]);
    return 1 + o->script_arg_count;
}

/* LUA_OK, or with the error on the stack what lua_pcall returns. */
static int load_and_run(lua_State *L, const char *path, const options *o)
{
    lua_pushcfunction(L, dwl_message_handler);
    int handler = lua_gettop(L);
    lua_pushcfunction(L, load_with_arguments);
    lua_pushlightuserdata(L, (void *)path);
    lua_pushlightuserdata(L, (void *)o);
    int status = lua_pcall(L, 2, LUA_MULTRET, 0);
    if (status != LUA_OK) return status;
    return call_interruptibly(L, o, o->script_arg_count, 0, handler);
}

typedef struct collection {
    const char *path;
    const options *o;
    outcome *r;
    bool testing;
} collection;

/* Within a protected call; the script's error, if there was one, is the second argument. */
static int collect_all(lua_State *L)
{
    const collection *c = lua_touserdata(L, 1);
    if (lua_gettop(L) == 2) {
        c->r->code = exit_code_of(L);
        c->r->problem = error_text(L);
        c->r->out_of_memory |= !c->r->problem;
        lua_settop(L, 1);
    }
    collect(L, c->path, c->o, c->r, c->testing);
    if (!c->testing) return 0;
    collect_cases(L, c->r);
    collect_covers(L, c->r);
    collect_arrows(dwl_state_of(L), c->r);
    return 0;
}

/* Whoever caught the error. */
static bool ran_out_of_memory(const dwl_state *s)
{
    bool any = s->out_of_memory;
    for (const dwl_sim *sim = s->sims; sim; sim = sim->next)
        any |= sim->sim && dw_sim_out_of_memory(sim->sim);
    return any;
}

void run_script(const char *path, const options *o, bool testing, outcome *r)
{
    *r = (outcome){0};
    lua_State *L = open_script_state(path, o, testing, &r->problem);
    if (!L) {
        r->out_of_memory = !r->problem;
        r->code = r->problem ? EXIT_USAGE : EXIT_LIMIT;
        return;
    }
    dwl_guard_memory(L, o->memory);
    int status = load_and_run(L, path, o);
    bool told = status != LUA_OK && status != LUA_ERRMEM;
    r->out_of_memory = status == LUA_ERRMEM;
    lua_pushcfunction(L, collect_all);
    lua_pushlightuserdata(L, &(collection){path, o, r, testing});
    if (told) lua_pushvalue(L, -3);
    if (lua_pcall(L, 1 + told, 0, 0) != LUA_OK) r->out_of_memory = true;
    if (ran_out_of_memory(dwl_state_of(L)) || r->out_of_memory) r->code = EXIT_LIMIT;
    dwl_unguard_memory(L);
    lua_close(L);
}

const char *problem_of(const outcome *r)
{
    if (r->problem || r->code != EXIT_LIMIT) return r->problem;
    return "drywire: out of memory";
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

void free_outcome(outcome *r)
{
    free(r->problem);
    free(r->notes);
    free(r->tap);
    free(r->covers);
    free(r->arrows);
}
