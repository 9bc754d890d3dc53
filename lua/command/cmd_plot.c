/* drywire plot: variables of a saved trace as a picture; dw.plot draws it. */
#include "binding/kinds.h"
#include "command.h"
#include "draw.h"
#include "failure.h"

#include <stdio.h>
#include <string.h>

enum { MAX_SERIES = 8, MAX_NAMES = 24 };

/* The names of a connection's series, in order of appearance. */
static size_t names_of(const dw_trace *trace, uint32_t conn, const char *names[MAX_NAMES + 1])
{
    size_t n = 0;
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        size_t k = 0;
        if (e->type != DW_TRACE_VARIABLE || e->conn != conn) continue;
        while (k < n && strcmp(names[k], e->u.variable.name) != 0)
            k++;
        if (k == n && n < MAX_NAMES) names[n++] = e->u.variable.name;
    }
    names[n] = NULL;
    return n;
}

/* "cwnd,ssthresh": each of them has to be there. */
static int choose(const dw_trace *trace, uint32_t conn, char *text,
                  const char *chosen[MAX_SERIES + 1])
{
    const char *names[MAX_NAMES + 1];
    size_t n = 0;
    if (names_of(trace, conn, names) == 0)
        return usage_error("plot", "connection #%u has no variables in this trace", conn);
    for (char *at = text; at && n < MAX_SERIES;) {
        char *comma = strchr(at, ',');
        if (comma) *comma = 0;
        bool found = dwl_series_begins_at_zero(at); /* one that never changed */
        for (size_t i = 0; names[i]; i++)
            found |= strcmp(names[i], at) == 0;
        const char *near = found ? NULL : dw_nearest(at, names);
        if (near)
            return usage_error("plot", "--series: there is no \"%s\"; did you mean \"%s\"?", at,
                               near);
        if (!found) return usage_error("plot", "--series: connection #%u has no \"%s\"", conn, at);
        chosen[n++] = at;
        at = comma ? comma + 1 : NULL;
    }
    chosen[n] = NULL;
    return EXIT_PASS;
}

/* The options of dw.plot.  The axis has a unit if all variables share it; octets are what a mixture
 * is, mostly. */
static void push_options(lua_State *L, const options *o, const dw_trace *trace, uint32_t conn,
                         const char *const *chosen, const char *file)
{
    const dw_trace_event *e = dw_trace_conn(trace, conn);
    const dw_flow *f = &e->u.conn.flow;
    int32_t peer = dw_trace_node_seen(trace, e->node, &f->remote);
    bool times = true, rates = true;
    for (; *chosen; chosen++) {
        times &= dwl_series_is_time(*chosen);
        rates &= strstr(*chosen, "_rate") != NULL;
    }
    lua_newtable(L);
    lua_pushfstring(L, "%s:%d > %s:%d", dw_trace_node_name(trace, e->node), (int)f->local_port,
                    peer >= 0 ? dw_trace_node_name(trace, (uint32_t)peer) : "?",
                    (int)f->remote_port);
    lua_setfield(L, -2, "title");
    const char *unit = "octets";
    if (rates) unit = "octets/s";
    if (times) unit = "seconds";
    lua_pushstring(L, unit);
    lua_setfield(L, -2, "y");
    if (o->width) {
        lua_pushinteger(L, o->width);
        lua_setfield(L, -2, "width");
    }
    if (file) {
        lua_pushstring(L, file);
        lua_setfield(L, -2, "file");
    }
}

/* The points at the top of the stack; a value that never changed is 0 from the connection's
 * beginning on. */
static void add_first_point(lua_State *L, const dw_trace *trace, uint32_t conn)
{
    if (lua_rawlen(L, -1) > 0) return;
    lua_createtable(L, 2, 0);
    lua_pushnumber(L, (lua_Number)dw_trace_conn(trace, conn)->at / 1e9);
    lua_rawseti(L, -2, 1);
    lua_pushinteger(L, 0);
    lua_rawseti(L, -2, 2);
    lua_rawseti(L, -2, 1);
}

/* What is drawn, for a protected call. */
typedef struct picture {
    const options *o;
    const dw_trace *trace;
    uint32_t conn;
    const char *const *chosen;
    const char *file; /* NULL: standard output */
} picture;

static int draw(lua_State *L)
{
    const picture *p = lua_touserdata(L, 1);
    luaL_requiref(L, "drywire", luaopen_drywire, 0);
    lua_getfield(L, -1, "plot");
    lua_newtable(L);
    for (lua_Integer i = 0; p->chosen[i]; i++) {
        lua_newtable(L);
        lua_pushstring(L, p->chosen[i]);
        lua_setfield(L, -2, "label");
        dwl_push_series(L, p->trace, p->conn, p->chosen[i]);
        add_first_point(L, p->trace, p->conn);
        lua_setfield(L, -2, "points");
        lua_rawseti(L, -2, i + 1);
    }
    push_options(L, p->o, p->trace, p->conn, p->chosen, p->file);
    lua_call(L, 2, 1);
    if (!p->file) puts(lua_tostring(L, -1));
    return 0;
}

/* Once for each file, or on standard output. */
static int draw_all(lua_State *L)
{
    picture p = *(const picture *)lua_touserdata(L, 1);
    const char *const files[] = {p.o->svg, p.o->csv, p.o->gnuplot};
    bool any = false;
    luaL_openlibs(L);
    for (size_t i = 0; i < sizeof files / sizeof files[0] || !any; i++) {
        p.file = i < sizeof files / sizeof files[0] ? files[i] : NULL;
        if (!p.file && i < sizeof files / sizeof files[0]) continue;
        any = true;
        lua_pushcfunction(L, draw);
        lua_pushlightuserdata(L, &p);
        lua_call(L, 1, 0);
    }
    return 0;
}

static int plot(const options *o, const dw_trace *trace, uint32_t conn, const char *const *chosen)
{
    lua_State *L = luaL_newstate();
    if (!L) return no_memory("plot");
    lua_pushcfunction(L, draw_all);
    lua_pushlightuserdata(L, &(picture){.o = o, .trace = trace, .conn = conn, .chosen = chosen});
    int status = lua_pcall(L, 1, 0, 0);
    int code = status == LUA_OK ? EXIT_PASS : lua_failure(L, "plot", status);
    lua_close(L);
    return code;
}

int cmd_plot(int argc, char **argv)
{
    options o;
    dw_trace *trace;
    char text[200];
    const char *chosen[MAX_SERIES + 1];
    int code = parse_options(argc, argv, 0, "plot", &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count != 1)
        return usage_error("plot", "which trace? drywire plot --series cwnd,ssthresh FILE.jsonl");
    code = load_trace("plot", &o, o.rest[0], &trace);
    if (code != EXIT_PASS) return code;
    uint32_t conn = o.nth ? o.nth : 1;
    snprintf(text, sizeof text, "%s", o.series ? o.series : "cwnd");
    if (conn > dw_trace_conns(trace) || !dw_trace_conn(trace, conn))
        code = usage_error("plot", "the trace has no connection #%u", conn);
    else
        code = choose(trace, conn, text, chosen);
    if (code == EXIT_PASS) code = plot(&o, trace, conn, chosen);
    dw_trace_free(trace);
    return code;
}
