/* drywire plot: variables of a saved trace as a picture; dw.plot draws it. */
#include "binding/kinds.h"
#include "command.h"
#include "draw.h"
#include "failure.h"

#include <stdio.h>
#include <string.h>

enum { MAX_SERIES = 8, MAX_NAMES = 60 };

static const char throughput[] = "throughput", queue[] = "queue";

static bool is_among(const char *name, const char *const *names)
{
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

/* All that may be plotted of a connection. */
static void names_of(const dw_trace *trace, uint32_t conn, const char *names[MAX_NAMES + 3])
{
    size_t n = dwl_series_names(trace, conn, names, MAX_NAMES);
    names[n++] = throughput;
    names[n++] = queue;
    names[n] = NULL;
}

/* One that never changed is 0 all the time. */
static int check_name(const char *name, uint32_t conn, const char *const *names)
{
    char list[1000];
    if (is_among(name, names) || dwl_series_begins_at_zero(name)) return EXIT_PASS;
    const char *near = dw_nearest(name, names);
    if (near)
        return usage_error("plot", "--series: there is no \"%s\"; did you mean \"%s\"?", name,
                           near);
    dwl_list_names(names, list, sizeof list);
    return usage_error("plot", "--series: connection #%u has no \"%s\"; there are %s", conn, name,
                       list);
}

/* "cwnd,ssthresh": each of them has to be there. */
static int choose(const dw_trace *trace, uint32_t conn, char *text,
                  const char *chosen[MAX_SERIES + 1])
{
    const char *names[MAX_NAMES + 3];
    size_t n = 0;
    names_of(trace, conn, names);
    for (char *at = text; at;) {
        char *comma = strchr(at, ',');
        if (comma) *comma = 0;
        int code = check_name(at, conn, names);
        if (code == EXIT_PASS && n == MAX_SERIES)
            code = usage_error("plot", "--series: at most %d of them", MAX_SERIES);
        if (code != EXIT_PASS) return code;
        chosen[n++] = at;
        at = comma ? comma + 1 : NULL;
    }
    chosen[n] = NULL;
    return EXIT_PASS;
}

/* What a series counts. */
static const char *unit_of(const char *name)
{
    static const char *const counts[] = {"retransmits", "duplicate_acks", NULL};
    static const char *const numbers[] = {"iss",     "irs",     "snd_una", "snd_nxt",
                                          "rcv_nxt", "recover", NULL};
    if (dwl_series_is_time(name)) return "seconds";
    if (strcmp(name, queue) == 0) return "packets";
    if (strcmp(name, throughput) == 0 || strstr(name, "_rate")) return "octets/s";
    if (is_among(name, counts)) return "count";
    return is_among(name, numbers) ? "sequence number" : "octets";
}

static const char *name_of(const dw_trace *trace, int64_t node)
{
    return node >= 0 ? dw_trace_node_name(trace, (uint32_t)node) : "?";
}

/* The options of dw.plot. */
static void push_options(lua_State *L, const options *o, const dw_trace *trace, uint32_t conn,
                         const char *file)
{
    const dw_trace_event *e = dw_trace_conn(trace, conn);
    const dw_flow *f = &e->u.conn.flow;
    lua_newtable(L);
    lua_pushfstring(L, "%s:%d > %s:%d", dw_trace_node_name(trace, e->node), (int)f->local_port,
                    name_of(trace, dw_trace_conn_peer(trace, conn)), (int)f->remote_port);
    lua_setfield(L, -2, "title");
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

/* The points at the top of the stack become a line of the list below them. */
static void add_line(lua_State *L, const char *label, const char *style)
{
    lua_newtable(L);
    lua_insert(L, -2);
    lua_setfield(L, -2, "points");
    lua_pushstring(L, label);
    lua_setfield(L, -2, "label");
    lua_pushstring(L, style);
    lua_setfield(L, -2, "style");
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* The other end of a connection; 0: the trace has none. */
static uint32_t peer_of(const dw_trace *trace, uint32_t conn)
{
    const dw_flow *f = &dw_trace_conn(trace, conn)->u.conn.flow;
    int32_t peer = dw_trace_conn_peer(trace, conn);
    for (uint32_t i = 1; i <= dw_trace_conns(trace); i++) {
        const dw_trace_event *other = dw_trace_conn(trace, i);
        if (!other || i == conn) continue;
        const dw_flow *g = &other->u.conn.flow;
        if (g->local_port == f->remote_port && g->remote_port == f->local_port &&
            peer == (int32_t)other->node)
            return i;
    }
    return 0;
}

/* What reaches either end; the directions in the order, and by the names, that queues have. */
static void add_throughput(lua_State *L, const dw_trace *trace, uint32_t conn)
{
    const uint32_t ends[] = {peer_of(trace, conn), conn};
    for (int i = 0; i < 2; i++) {
        char label[400];
        int32_t from = ends[i] ? dw_trace_conn_peer(trace, ends[i]) : -1;
        if (!ends[i]) continue;
        const char *to = dw_trace_node_name(trace, dw_trace_conn(trace, ends[i])->node);
        if (from >= 0)
            snprintf(label, sizeof label, "%s \xe2\x86\x92 %s",
                     dw_trace_node_name(trace, (uint32_t)from), to);
        else
            snprintf(label, sizeof label, "to %s", to);
        dwl_push_throughput(L, trace, ends[i], 0);
        add_line(L, label, "steps");
    }
}

/* As the page has them: every queue in which packets had to wait. */
static void add_queues(lua_State *L, const dw_trace *trace)
{
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type != DW_TRACE_LINK) continue;
        const uint32_t ends[] = {e->u.link.a, e->u.link.b};
        for (int k = 0; k < 2; k++) {
            char label[400];
            dwl_push_queue(L, trace, e->link, k);
            if (lua_rawlen(L, -1) == 0) {
                lua_pop(L, 1);
                continue;
            }
            snprintf(label, sizeof label, "%s \xe2\x86\x92 %s", dw_trace_node_name(trace, ends[k]),
                     dw_trace_node_name(trace, ends[1 - k]));
            add_line(L, label, "points");
        }
    }
}

static void add_series(lua_State *L, const dw_trace *trace, uint32_t conn, const char *name)
{
    if (strcmp(name, throughput) == 0) {
        add_throughput(L, trace, conn);
    } else if (strcmp(name, queue) == 0) {
        add_queues(L, trace);
    } else {
        dwl_push_series(L, trace, conn, name);
        add_first_point(L, trace, conn);
        add_line(L, name, "steps");
    }
}

/* A panel for each unit. */
static void push_panels(lua_State *L, const dw_trace *trace, uint32_t conn,
                        const char *const *chosen)
{
    lua_newtable(L);
    for (size_t i = 0; chosen[i]; i++) {
        const char *unit = unit_of(chosen[i]);
        bool drawn = false;
        for (size_t k = 0; k < i; k++)
            drawn |= strcmp(unit_of(chosen[k]), unit) == 0;
        if (drawn) continue;
        lua_newtable(L);
        lua_pushstring(L, unit);
        lua_setfield(L, -2, "y");
        lua_newtable(L);
        for (size_t k = i; chosen[k]; k++)
            if (strcmp(unit_of(chosen[k]), unit) == 0) add_series(L, trace, conn, chosen[k]);
        lua_setfield(L, -2, "lines");
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    }
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
    push_panels(L, p->trace, p->conn, p->chosen);
    push_options(L, p->o, p->trace, p->conn, p->file);
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

/* What is written is told by a name's end. */
static int check_ending(const char *option, const char *file, const char *end, const char *other)
{
    const char *dot = file ? strrchr(file, '.') : NULL;
    if (!file || (dot && (strcmp(dot, end) == 0 || (other && strcmp(dot, other) == 0))))
        return EXIT_PASS;
    return usage_error("plot", "%s: \"%s\" does not end in %s; name a file that does", option, file,
                       end);
}

/* Of the series that were asked for, those that the trace has. */
int cmd_plot(int argc, char **argv)
{
    options o;
    dw_trace *trace;
    char text[200];
    const char *chosen[MAX_SERIES + 1];
    int code = parse_options(argc, argv, 0, "plot", &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count != 1)
        return which_trace("plot", o.rest_count, "drywire plot --series cwnd,ssthresh FILE.jsonl");
    code = check_ending("--csv", o.csv, ".csv", NULL);
    if (code == EXIT_PASS) code = check_ending("--svg", o.svg, ".svg", NULL);
    if (code == EXIT_PASS) code = check_ending("--gnuplot", o.gnuplot, ".gnuplot", ".gp");
    if (code != EXIT_PASS) return code;
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
