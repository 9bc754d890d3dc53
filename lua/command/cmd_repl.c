/* drywire repl: a prompt beside a simulation.  The words are Lua (repl/repl.lua); here are the
 * line, its history and completion (libedit), and what Lua cannot see. */
#include "printing.h"
#include "binding/base/ending.h"
#include "binding/base/memory.h"
#include "binding/base/text.h"
#include "binding/embedded.h"
#include "binding/object.h"
#include "command.h"
#include "draw.h"
#include "failure.h"
#include "run.h"
#include "signals.h"

#include <editline/readline.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

extern const dwl_source dwl_repl[];

static lua_State *completing; /* libedit hands its callbacks no argument */
static bool leaving;
static int leaving_code;
static bool broken; /* the Lua state, see SCRIPT_LEFT */

/* What repl.lua is offered. */

static int repl_sims(lua_State *L)
{
    lua_Integer n = 0;
    lua_newtable(L);
    for (dwl_sim *s = dwl_state_of(L)->sims; s; s = s->next) {
        if (!s->sim || !dwl_find_sim(L, s)) continue;
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

static int repl_hosts(lua_State *L)
{
    dwl_sim *s = dwl_check_sim(L, 1);
    dw_node *node;
    lua_newtable(L);
    for (uint32_t i = 0; (node = dw_node_at(s->sim, i)) != NULL; i++) {
        dwl_push_host(L, s, node);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int repl_link(lua_State *L)
{
    dwl_sim *s = dwl_check_sim(L, 1);
    dw_link *link = dw_link_at(s->sim, 0);
    if (!link) return 0;
    dwl_push_object(L, 1, DWL_LINK, link);
    return 1;
}

/* Lines of the events from an index on, and the index after the last. */
static int repl_events(lua_State *L)
{
    dwl_sim *s = dwl_check_sim(L, 1);
    size_t at = (size_t)luaL_checkinteger(L, 2);
    const dw_trace *trace = dw_sim_trace(s->sim);
    size_t count = trace ? dw_trace_count(trace) : 0;
    lua_Integer n = 0;
    char line[512];
    lua_newtable(L);
    for (; at < count; at++) {
        const dw_trace_event *e = dw_trace_at(trace, at);
        if (dw_trace_is_minor(e)) continue;
        lua_pushstring(L, dw_trace_event_text(trace, e, line, sizeof line));
        lua_rawseti(L, -2, ++n);
    }
    lua_pushinteger(L, (lua_Integer)count);
    return 2;
}

static int repl_methods(lua_State *L)
{
    luaL_getmetatable(L, luaL_checkstring(L, 1));
    lua_getfield(L, -1, "methods");
    return 1;
}

/* Those of a value; {} for one without. */
static int repl_methods_of(lua_State *L)
{
    luaL_checkany(L, 1);
    if (lua_isuserdata(L, 1) && luaL_getmetafield(L, 1, "methods") == LUA_TTABLE) return 1;
    lua_newtable(L);
    return 1;
}

static int repl_width(lua_State *L)
{
    enum { WITHOUT_TERMINAL = 100 };
    dw_ladder_config c;
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.options");
    ladder_config(lua_touserdata(L, -1), &c);
    lua_pushinteger(L, c.width == 0 ? WITHOUT_TERMINAL : legal_width(c.width));
    return 1;
}

static int repl_quit(lua_State *L)
{
    (void)L;
    leaving = true;
    return 0;
}

static const luaL_Reg offered[] = {{"sims", repl_sims},       {"hosts", repl_hosts},
                                   {"link", repl_link},       {"events", repl_events},
                                   {"methods", repl_methods}, {"methods_of", repl_methods_of},
                                   {"width", repl_width},     {"quit", repl_quit},
                                   {"escape", dwl_escape},    {NULL, NULL}};

/* repl.lua, with its table left on the stack. */
static int open_words(lua_State *L)
{
    lua_pushlightuserdata(L, lua_touserdata(L, 1));
    lua_setfield(L, LUA_REGISTRYINDEX, "drywire.options");
    luaL_newlib(L, offered);
    if (luaL_loadbufferx(L, dwl_repl->text, dwl_repl->len, "=repl", "t") != LUA_OK) lua_error(L);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, "drywire");
    lua_remove(L, -2);
    lua_pushvalue(L, -3);
    lua_call(L, 2, 0);
    return 1;
}

/* A call, after which the prompt comes again, whatever ended it but os.exit and signals that mean
 * the process.  Its error is left on the stack. */
static bool call(lua_State *L, const options *o, int arguments, int results)
{
    dwl_state *s = dwl_state_of(L);
    signals_catch();
    int status = call_interruptibly(L, o, arguments, results, 0);
    int caught = signals_caught();
    signals_release();
    if (status == LUA_OK) return true;
    s->out_of_memory |= status == LUA_ERRMEM && !s->memory_denied;
    bool of_process = status == SCRIPT_LEFT || (caught && caught != SIGINT);
    if (status == SCRIPT_LEFT) {
        char text[200];
        dwl_ending_text(s, text, sizeof text);
        fprintf(stderr, "%s\n", text);
    }
    if (!of_process && s->ending != DWL_ENDS_BY_EXIT) return false;
    leaving = true;
    leaving_code = dwl_ending_code(s);
    broken = status == SCRIPT_LEFT;
    return false;
}

static void say_error(lua_State *L)
{
    if (leaving) return;
    print_lines(stderr, "", lua_tostring(L, -1) ? lua_tostring(L, -1) : "an error");
}

/* Input. */

/* The state-th of what a text may become; the list is made for the first. */
static char *candidate(const char *text, int state)
{
    static int at;
    lua_State *L = completing;
    char *found = NULL;
    int top = lua_gettop(L);
    at = state == 0 ? 1 : at + 1;
    if (state == 0) {
        lua_getfield(L, 1, "complete");
        lua_pushstring(L, text);
        if (lua_pcall(L, 1, 1, 0) != LUA_OK) lua_newtable(L);
        lua_setfield(L, LUA_REGISTRYINDEX, "drywire.candidates");
    }
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.candidates");
    if (lua_rawgeti(L, -1, at) == LUA_TSTRING) found = strdup(lua_tostring(L, -1));
    lua_settop(L, top);
    return found;
}

static char **complete(const char *text, int start, int end)
{
    (void)start;
    (void)end;
    rl_attempted_completion_over = 1; /* no file names */
    rl_completion_append_character = 0;
    return rl_completion_matches(text, candidate);
}

/* libedit (3.1-20221030) reads a NUL as "insert the next key as it is", and a ctrl-D that was typed
 * before the line is edited arrives as a NUL: after it ctrl-D would never end anything. */
static int bind_nul(void)
{
    return rl_parse_and_bind("bind ^@ em-set-mark");
}

static bool history_path(char *out, size_t size)
{
    const char *home = getenv("HOME");
    if (!home || !*home) return false;
    return snprintf(out, size, "%s/.drywire_history", home) < (int)size;
}

/* libedit writes past its lines where a terminal is not much wider than the prompt.  So it learns
 * of another size between lines alone, and edits none where there is no room. */
static bool has_room(void)
{
    enum { NARROWEST = 20 };
    static struct winsize known;
    struct winsize size = {0};
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    if (size.ws_col > 0 && size.ws_col < NARROWEST) return false;
    if (size.ws_col != known.ws_col || size.ws_row != known.ws_row) rl_resize_terminal();
    known = size;
    return true;
}

/* The signal that tells of another size stays blocked while a line is edited. */
static char *edit_line(const char *prompt)
{
    sigset_t resized, before;
    sigemptyset(&resized);
    sigaddset(&resized, SIGWINCH);
    sigprocmask(SIG_BLOCK, &resized, &before);
    char *line = readline(prompt);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (line && *line) add_history(line);
    return line;
}

/* A line without its end; NULL: no more.  The caller frees it. */
static char *read_input(bool terminal, bool more)
{
    char *line = NULL;
    size_t capacity = 0;
    const char *prompt = more ? "     ... " : "drywire> ";
    if (terminal && has_room()) return edit_line(prompt);
    if (terminal) fputs(prompt, stdout);
    fflush(stdout);
    ssize_t n = getline(&line, &capacity, stdin);
    if (n < 0) {
        free(line);
        return NULL;
    }
    line[strcspn(line, "\n")] = 0;
    return line;
}

/* Hand a line to repl.lua; false: it failed, and has said so. */
static bool run_line(lua_State *L, const options *o, const char *line, bool *more)
{
    lua_getfield(L, 1, "line");
    lua_pushstring(L, line);
    bool ok = call(L, o, 1, 1);
    *more = ok && lua_toboolean(L, -1);
    if (!ok) say_error(L);
    if (!broken) lua_settop(L, 1);
    fflush(stdout);
    return ok;
}

static int converse(lua_State *L, const options *o)
{
    char path[PATH_MAX], *line;
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO), more = false;
    bool kept = terminal && history_path(path, sizeof path);
    int code = EXIT_PASS;
    completing = L;
    rl_readline_name = "drywire";
    rl_attempted_completion_function = complete;
    rl_pre_input_hook = bind_nul;
    if (terminal) using_history();
    if (kept) read_history(path);
    while (!leaving && (line = read_input(terminal, more)) != NULL) {
        if (!run_line(L, o, line, &more) && !terminal) code = EXIT_USAGE;
        free(line);
    }
    if (kept) write_history(path);
    if (terminal && !leaving) puts("");
    return code;
}

/* The script's text becomes a function that stops at each sim:run(). */
static int begin_script(lua_State *L)
{
    const char *path = lua_touserdata(L, 2), *slash = strrchr(path, '/');
    if (load_script(L, path, lua_touserdata(L, 3)) != LUA_OK) return lua_error(L);
    lua_getfield(L, 1, "begin");
    lua_insert(L, -2);
    lua_pushstring(L, slash ? slash + 1 : path);
    lua_call(L, 2, 0);
    return 0;
}

static bool begin(lua_State *L, const options *o, const char *path)
{
    lua_pushcfunction(L, begin_script);
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, (void *)path);
    lua_pushlightuserdata(L, (void *)o);
    bool ok = call(L, o, 3, 0);
    if (!ok) say_error(L);
    if (!broken) lua_settop(L, 1);
    return ok;
}

/* A script that fails leaves a prompt all the same, to look at what it did; the exit code remembers
 * it.  `broken` is a Lua state that must not be used any more, nor closed. */
int cmd_repl(int argc, char **argv)
{
    options o;
    char *problem;
    int code = parse_options(argc, argv, 0, "repl", &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count > 1) return usage_error("repl", "one script at a time");
    const char *path = o.rest_count ? o.rest[0] : "input";
    lua_State *L = open_script_state(path, &o, false, &problem);
    if (!L) {
        code = problem ? usage_error("repl", "%s", problem) : no_memory("repl");
        free(problem);
        return code;
    }
    dwl_guard_memory(L, o.memory);
    lua_pushcfunction(L, open_words);
    lua_pushlightuserdata(L, &o);
    int status = lua_pcall(L, 1, 1, 0);
    if (status != LUA_OK) {
        code = lua_failure(L, "repl", status);
    } else {
        bool terminal = isatty(STDIN_FILENO) && !o.quiet;
        if (terminal) printf("drywire %s; help() lists the words, ctrl-D ends\n", dw_version());
        bool ok = !o.rest_count || begin(L, &o, path);
        fflush(stdout);
        code = converse(L, &o);
        if (!ok && code == EXIT_PASS) code = EXIT_USAGE;
    }
    if (leaving_code) code = leaving_code;
    if (broken) return code;
    if (dwl_state_of(L)->out_of_memory) code = EXIT_LIMIT;
    dwl_unguard_memory(L);
    lua_close(L);
    return code;
}
