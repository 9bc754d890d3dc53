/* Expectations: dw.expect(sim, host or connection). */
#include "drywire/plugin.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "base/type.h"
#include "history.h"
#include "kinds.h"
#include "notes.h"
#include "lua_match.h"
#include "object.h"
#include "program.h"
#include "stdlib/stdlib.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* An expectation is a table { subject = x } with these methods. */

static dwl_sim *subject(lua_State *L, uint32_t *conn)
{
    lua_getfield(L, 1, "subject");
    int at = lua_gettop(L);
    dwl_sim *s = dwl_sim_of(L, at);
    const dw_trace *trace = dwl_kept_trace(L, s, "expect");
    *conn = 0;
    dwl_conn *c = luaL_testudata(L, at, DWL_CONN);
    if (c) *conn = c->conn;
    dwl_object *host = luaL_testudata(L, at, DWL_HOST);
    if (host) *conn = dw_trace_conn_of(trace, dw_node_index(host->pointer), 1);
    lua_settop(L, at - 1);
    s->state->expectations++;
    return s;
}

/* *conn is 0 for a host that had none: what is asked about it is looked at all the same, and may be
 * misspelt. */
static dwl_sim *subject_conn(lua_State *L, uint32_t *conn, const char *what)
{
    dwl_sim *s = subject(L, conn);
    if (*conn) return s;
    lua_getfield(L, 1, "subject");
    if (!luaL_testudata(L, -1, DWL_HOST))
        dwl_error(L, "expect: \"%s\" is about a host or a connection, not a simulation", what);
    lua_pop(L, 1);
    return s;
}

/* What most often is the reason why nothing is there. */
static const char *unless_run(const dwl_sim *s)
{
    return s->ran ? "" : "; the simulation was never run: call sim:run() first";
}

/* Of a host without a connection there is nothing to report. */
static int no_connection(lua_State *L, const dwl_sim *s, const char *what)
{
    lua_getfield(L, 1, "subject");
    const char *name = dw_node_name(dwl_check_object(L, -1, DWL_HOST));
    return dwl_fail_expectation(L, "%s: host \"%s\" had no connection%s", what, name,
                                unless_run(s));
}

/* It holds: more may be asked. */
static int holds(lua_State *L)
{
    lua_settop(L, 1);
    return 1;
}

/* Raise what a check found. */
static int verdict(lua_State *L, const dwl_sim *s, const char *what, int status, char *report)
{
    if (status == DW_OK) return holds(L);
    *dwl_push_box(L) = report;
    if (status == DW_E_NOMEM) return dwl_no_memory(L);
    if (status == DW_E_NOENT) return no_connection(L, s, what);
    lua_pushstring(L, report ? report : dw_strerror(status));
    if (status == DW_E_MISMATCH)
        return dwl_fail_expectation(L, "%s%s", lua_tostring(L, -1), unless_run(s));
    return dwl_error(L, "expect: %s", lua_tostring(L, -1));
}

static int expect_states(lua_State *L)
{
    uint32_t conn;
    char *report = NULL;
    const char *states = dwl_check_text(L, 2, "states", "a list of states");
    dwl_looks_back(L, DWL_PAST_STATES, "dw.expect():states");
    dwl_sim *s = subject_conn(L, &conn, "states");
    int status = dw_expect_states(dw_sim_trace(s->sim), conn, states, &report);
    return verdict(L, s, "states", status, report);
}

/* The option conn: which of a host's connections, from 1; otherwise the first. */
static void choose_conn(lua_State *L, dwl_sim *s, uint32_t *conn, const char *what)
{
    int64_t nth;
    const dw_trace *trace = dw_sim_trace(s->sim);
    if (!*conn || lua_isnil(L, 3) || !dwl_opt_integer(L, 3, what, "conn", 1, UINT32_MAX, &nth))
        return;
    uint32_t node = dw_trace_conn(trace, *conn)->node;
    *conn = dw_trace_conn_of(trace, node, (uint32_t)nth);
    if (*conn) return;
    dwl_fail_expectation(L, "%s: host \"%s\" had no connection %d", what,
                         dw_trace_node_name(trace, node), (int)nth);
}

static const char *const reaches_options[] = {"within", "by", "conn", NULL};

static int expect_reaches(lua_State *L)
{
    uint32_t conn;
    char *report = NULL;
    dw_time within = DW_TIME_NEVER, by = DW_TIME_NEVER;
    const char *state = dwl_check_text(L, 2, "reaches", "a state");
    lua_settop(L, 3);
    if (!lua_isnil(L, 3)) {
        dwl_check_names(L, 3, "reaches", reaches_options);
        dwl_opt_time(L, 3, "reaches", "within", &within);
        dwl_opt_time(L, 3, "reaches", "by", &by);
    }
    bool timed = within != DW_TIME_NEVER || by != DW_TIME_NEVER;
    dwl_looks_back(L, timed ? DWL_PAST_ALL : DWL_PAST_STATES, "dw.expect():reaches");
    dwl_sim *s = subject_conn(L, &conn, "reaches");
    choose_conn(L, s, &conn, "reaches");
    int status = dw_expect_reaches(dw_sim_trace(s->sim), conn, state, within, by, &report);
    return verdict(L, s, "reaches", status, report);
}

static const char *const stays_options[] = {"lasting", "from", "to", "conn", NULL};

static int expect_stays(lua_State *L)
{
    dwl_looks_back(L, DWL_PAST_ALL, "dw.expect():stays");
    uint32_t conn;
    char *report = NULL;
    dw_time lasting = 0, from = 0, to = DW_TIME_NEVER;
    const char *state = dwl_check_text(L, 2, "stays", "a state");
    dwl_check_names(L, 3, "stays", stays_options);
    dwl_sim *s = subject_conn(L, &conn, "stays");
    choose_conn(L, s, &conn, "stays");
    dwl_opt_time(L, 3, "stays", "from", &from);
    dwl_opt_time(L, 3, "stays", "to", &to);
    if (!dwl_opt_time(L, 3, "stays", "lasting", &lasting))
        return dwl_error(L, "stays: say for how long: { lasting = \"60s\" }");
    int status = dw_expect_stays(dw_sim_trace(s->sim), conn, state, lasting, from, to, &report);
    return verdict(L, s, "stays", status, report);
}

static int count_packets(lua_State *L, int matcher, lua_Integer count, const char *what)
{
    uint32_t conn;
    char *report = NULL;
    dw_match m;
    dwl_sim *s = subject(L, &conn);
    dwl_read_match(L, matcher, what, s, &m, NULL);
    bool own = conn && !m.conn;
    if (own) m.conn = conn;
    dwl_query_begin(s);
    int status = dw_expect_packets(dw_sim_trace(s->sim), &m, (uint64_t)count, &report);
    if (s->error_ref != LUA_NOREF) dw_free(report);
    dwl_query_end(L, s);
    if (!own || status != DW_E_MISMATCH || !report) return verdict(L, s, what, status, report);
    *dwl_push_box(L) = report;
    const dw_trace_event *made = dw_trace_conn(dw_sim_trace(s->sim), conn);
    return dwl_fail_expectation(
        L, "sent by %s's connection alone (dw.expect(sim) asks of all): %s",
        made ? dw_trace_node_name(dw_sim_trace(s->sim), made->node) : "the host", report);
}

/* never "CLOSING" is about a state, never { flags = "RST" } about packets. */
static int expect_never(lua_State *L)
{
    uint32_t conn;
    char *report = NULL;
    if (lua_istable(L, 2)) {
        dwl_looks_back(L, DWL_PAST_ALL, "dw.expect():never");
        return count_packets(L, 2, 0, "never");
    }
    if (lua_type(L, 2) != LUA_TSTRING)
        return dwl_error(L, "never: expected a state or a table that says which packets, got %s",
                         luaL_typename(L, 2));
    const char *state = lua_tostring(L, 2);
    dwl_looks_back(L, DWL_PAST_STATES, "dw.expect():never");
    dwl_sim *s = subject_conn(L, &conn, "never");
    int status = dw_expect_never_state(dw_sim_trace(s->sim), conn, state, &report);
    return verdict(L, s, "never", status, report);
}

static int expect_packets(lua_State *L)
{
    dwl_looks_back(L, DWL_PAST_ALL, "dw.expect():packets");
    if (lua_isnoneornil(L, 2)) return dwl_error(L, "packets: say which: { flags = \"SYN\" }");
    lua_Integer count = dwl_check_integer(L, 3, "packets");
    if (count < 0) return dwl_error(L, "packets: expected a count from 0 up");
    return count_packets(L, 2, count, "packets");
}

static int expect_figure(lua_State *L)
{
    dwl_looks_back(L, DWL_PAST_ALL, "dw.expect():figure");
    uint32_t conn;
    char *report = NULL;
    const char *figure = dwl_check_text(L, 2, "figure", "the text of a figure");
    dwl_sim *s = subject(L, &conn);
    int status = dw_expect_figure(dw_sim_trace(s->sim), figure, -1, -1, &report);
    return verdict(L, s, "figure", status, report);
}

/* What became of a golden file, for the notes of the command. */
static void note_update(lua_State *L, const char *format, const char *name, const char *report)
{
    const char *ladders = strstr(report, "\n\n"); /* which follow the first difference */
    lua_pushlstring(L, report, ladders ? (size_t)(ladders - report) + 1 : strlen(report));
    lua_pushfstring(L, format, name, lua_tostring(L, -1));
    dwl_note(L, lua_tostring(L, -1));
    lua_pop(L, 2);
}

/* Those of a file that is to be written; one that cannot be made is told when it is. */
static void make_directories(const char *path)
{
    char directory[PATH_MAX];
    if (snprintf(directory, sizeof directory, "%s", path) >= PATH_MAX) return;
    for (char *at = directory; (at = strchr(at + 1, '/')) != NULL; *at = '/') {
        *at = 0;
        mkdir(directory, 0777);
    }
}

/* A golden file that says the same is left alone. */
static int update_golden(lua_State *L, const dw_trace *golden, const dw_trace *trace,
                         const char *path, const char *name)
{
    char why[400];
    void **box = dwl_push_box(L);
    int differs = golden ? dw_trace_diff(golden, trace, 100, (char **)box) : DW_E_MISMATCH;
    if (differs == DW_OK) return holds(L);
    if (differs == DW_E_NOMEM) return dwl_no_memory(L);
    if (!golden) make_directories(path);
    int status = dw_trace_save(trace, path, why, sizeof why);
    if (status == DW_E_NOMEM) return dwl_no_memory(L);
    if (status != DW_OK) return dwl_error(L, "golden: %s", dwl_as_named(L, why, path, name));
    if (golden)
        note_update(L, "golden %s: changed (A: before, B: now); %s", name, *box);
    else
        note_update(L, "golden %s: written\n%s", name, "");
    return holds(L);
}

static int free_trace(lua_State *L)
{
    dw_trace **box = lua_touserdata(L, 1);
    dw_trace_free(*box);
    *box = NULL;
    return 0;
}

/* A trace that is freed when its box, which is pushed, goes. */
static dw_trace **push_trace(lua_State *L)
{
    dw_trace **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    if (luaL_newmetatable(L, "drywire.Golden")) {
        lua_pushcfunction(L, free_trace);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return box;
}

/* golden "x.trace": the trace equals a saved one, beside the script; --update writes it. */
static int expect_golden(lua_State *L)
{
    dwl_looks_back(L, DWL_PAST_ALL, "dw.expect():golden");
    uint32_t conn;
    char *report = NULL, why[400];
    const char *name = dwl_check_text(L, 2, "golden", "a path"), *path = dwl_beside(L, name);
    dwl_sim *s = subject(L, &conn);
    const dw_trace *trace = dw_sim_trace(s->sim);
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.update");
    bool update = lua_toboolean(L, -1);
    dw_trace **golden = push_trace(L);
    int status = dw_trace_load(path, golden, why, sizeof why);
    if (status == DW_E_NOMEM) return dwl_no_memory(L);
    if (update) return update_golden(L, *golden, trace, path, name);
    if (status != DW_OK)
        return dwl_error(L, "golden: %s (run with --update to write it)",
                         dwl_as_named(L, why, path, name));
    status = dw_trace_diff(*golden, trace, 100, &report);
    if (status != DW_E_MISMATCH) return verdict(L, s, "golden", status, report);
    *dwl_push_box(L) = report;
    return dwl_fail_expectation(
        L, "golden: this run (B) is not as %s has it (A); --update takes it over\n%s", name,
        report ? report : "");
}

/* cause("paws", 1): so many events of the trace, or of the host, have this cause; without a number,
 * some have.  One that nothing knows by this name is a slip of the pen, unless a plugin that lists
 * none gave it. */
static int expect_cause(lua_State *L)
{
    dwl_looks_back(L, DWL_PAST_ALL, "dw.expect():cause");
    uint32_t conn;
    const char *near, *name = dwl_check_text(L, 2, "cause", "the name of a cause");
    lua_Integer wanted = dwl_integer_or(L, 3, "cause", -1), found = 0;
    dwl_sim *s = subject(L, &conn);
    const dw_trace *trace = dw_sim_trace(s->sim);
    const dw_trace_event *opened = conn ? dw_trace_conn(trace, conn) : NULL;
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        bool counts = e->type == DW_TRACE_SENT || e->type == DW_TRACE_DROPPED ||
                      e->type == DW_TRACE_STATE || e->type == DW_TRACE_NOTE;
        if (e->cause && counts && (!opened || e->node == opened->node) &&
            strcmp(e->cause->name, name) == 0)
            found++;
    }
    if (!found && !dwl_cause_known(s, name, &near))
        return near ? dwl_error(L, "expect: there is no cause \"%s\"; did you mean \"%s\"?", name,
                                near)
                    : dwl_error(L, "expect: there is no cause \"%s\"", name);
    if (wanted >= 0 ? found == wanted : found > 0) return holds(L);
    if (wanted < 0)
        return dwl_fail_expectation(L, "cause: nothing happened because of \"%s\"%s", name,
                                    unless_run(s));
    return dwl_fail_expectation(L, "cause: expected %d event%s because of \"%s\", found %d%s",
                                (int)wanted, wanted == 1 ? "" : "s", name, (int)found,
                                unless_run(s));
}

static const luaL_Reg methods[] = {
    {"states", expect_states}, {"reaches", expect_reaches}, {"stays", expect_stays},
    {"never", expect_never},   {"packets", expect_packets}, {"figure", expect_figure},
    {"golden", expect_golden}, {"cause", expect_cause},     {NULL, NULL}};

/* Its methods are written in Lua (expect.lua).  Asked for one that is about a simulation, it says
 * so: whoever writes dw.expect("client") means the host. */
static const char *value_type(lua_State *L)
{
    lua_pushliteral(L, "value");
    lua_rawget(L, 1);
    return luaL_typename(L, -1);
}

static int index_value(lua_State *L)
{
    luaL_getmetatable(L, DWL_VALUE);
    lua_getfield(L, -1, "methods");
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNIL) return 1;
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
    const char *names[] = {"equals", "is_between", "is_true", "matches", NULL};
    const char *near = dw_nearest(name, names);
    for (const luaL_Reg *m = methods; m->name; m++)
        if (strcmp(m->name, name) == 0)
            return dwl_error(L, "%s is about a simulation, a host or a connection; got a %s", name,
                             value_type(L));
    if (near)
        return dwl_error(L, "there is no expectation \"%s\" of a value; did you mean \"%s\"?", name,
                         near);
    return dwl_error(L, "there is no expectation \"%s\" of a value", name);
}

/* An object belongs to a simulation; anything else is a value. */
static int expect(lua_State *L)
{
    if (lua_isnone(L, 1)) return dwl_error(L, "dw.expect: of what? A value is missing");
    bool object = lua_type(L, 1) == LUA_TUSERDATA;
    if (object) dwl_sim_of(L, 1); /* complains about those that do not */
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, object ? "subject" : "value");
    luaL_setmetatable(L, object ? "drywire.Expectation" : DWL_VALUE);
    return 1;
}

void dwl_open_expect(lua_State *L)
{
    static const luaL_Reg none[] = {{NULL, NULL}},
                          meta[] = {{"__index", index_value}, {NULL, NULL}};
    dwl_new_type(L, "drywire.Expectation", "an expectation", methods, NULL);
    dwl_new_type(L, DWL_VALUE, "an expectation", none, meta);
    lua_pushcfunction(L, expect);
    lua_setfield(L, -2, "expect");
}
