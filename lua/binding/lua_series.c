/* trace:series: what a trace tells as a series of values, of connections and of links. */
#include "drywire/plugin.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "base/type.h"
#include "kinds.h"
#include "object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names. */

static const char *const series_names[] = {
    "cwnd",          "ssthresh",       "flight",      "pipe", "snd_wnd",     "rcv_wnd",
    "ca_state",      "srtt",           "rttvar",      "rto",  "rack_window", "pacing_rate",
    "delivery_rate", "receive_buffer", "send_buffer", NULL};
static const char *const time_series[] = {"srtt", "rttvar", "rto", "rack_window", NULL};
/* Those of dw.sim { detail = true }, besides. */
static const char *const detailed[] = {
    "iss",     "snd_una", "snd_nxt",        "snd_up",      "snd_wl1",   "snd_wl2",
    "irs",     "rcv_nxt", "rcv_up",         "unsent",      "unread",    "early",
    "snd_mss", "recover", "duplicate_acks", "retransmits", "ts_recent", NULL};
static const char *const of_links[] = {
    "queue", "throughput", "sent", "sent_bytes", "delivered", "dropped", "delivered_bytes", NULL};

static bool is_among(const char *name, const char *const *names)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

bool dwl_series_is_time(const char *name)
{
    return is_among(name, time_series);
}

/* A trace tells changes alone, and these begin at 0. */
bool dwl_series_begins_at_zero(const char *name)
{
    static const char *const names[] = {"cwnd",     "flight",      "pipe",          "snd_wnd",
                                        "rcv_wnd",  "pacing_rate", "delivery_rate", "rack_window",
                                        "ca_state", NULL};
    return is_among(name, names);
}

static bool is_variable(const dw_trace_event *e, uint32_t conn)
{
    return (e->type == DW_TRACE_VARIABLE || e->type == DW_TRACE_DETAIL) && e->conn == conn;
}

size_t dwl_series_names(const dw_trace *trace, uint32_t conn, const char **names, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (!is_variable(e, conn)) continue;
        names[n] = NULL;
        if (n < max && !is_among(e->u.variable.name, names)) names[n++] = e->u.variable.name;
    }
    names[n] = NULL;
    return n;
}

void dwl_list_names(const char *const *names, char *out, size_t size)
{
    size_t used = 0;
    *out = 0;
    for (int i = 0; names[i] && used < size; i++) {
        const char *before = names[i + 1] ? ", " : " and ";
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? before : "", names[i]);
    }
}

/* Points. */

typedef struct points {
    lua_State *L;
    lua_Integer count;
} points;

/* An empty list on the stack, to which points are added. */
/* style, which is not in the table itself: what is in it are points. */
int dwl_series(lua_State *L)
{
    if (luaL_newmetatable(L, "drywire.Series")) {
        lua_createtable(L, 0, 1);
        lua_pushliteral(L, "steps");
        lua_setfield(L, -2, "style");
        lua_setfield(L, -2, "__index");
    }
    lua_setmetatable(L, -2);
    return 1;
}

static points new_points(lua_State *L)
{
    lua_newtable(L);
    dwl_series(L);
    return (points){L, 0};
}

static void begin_point(points *p, double seconds)
{
    lua_createtable(p->L, 2, 0);
    lua_pushnumber(p->L, seconds);
    lua_rawseti(p->L, -2, 1);
}

static void end_point(points *p)
{
    lua_rawseti(p->L, -2, 2);
    lua_rawseti(p->L, -2, ++p->count);
}

static void add_number(points *p, double seconds, double value)
{
    begin_point(p, seconds);
    lua_pushnumber(p->L, value);
    end_point(p);
}

static void add_integer(points *p, dw_time at, int64_t value)
{
    begin_point(p, (double)at / 1e9);
    lua_pushinteger(p->L, value);
    end_point(p);
}

/* Where the connection is over, whatever may still arrive, if it is: dw.plot draws its lines to
 * there. */
static void note_end(lua_State *L, const dw_trace *trace, uint32_t conn)
{
    dw_time end = -1;
    for (size_t i = 0; conn && i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type != DW_TRACE_STATE || e->conn != conn) continue;
        int class = dw_trace_state_class(trace, conn, e->u.state.to);
        bool over = class == DW_STATE_WAITING || class == DW_STATE_CLOSED;
        if (!over || end < 0) end = over ? e->at : -1;
    }
    if (end < 0) return;
    lua_pushnumber(L, (double)end / 1e9);
    lua_setfield(L, -2, "ends");
}

void dwl_push_series(lua_State *L, const dw_trace *trace, uint32_t conn, const char *name)
{
    bool time = dwl_series_is_time(name);
    points p = new_points(L);
    for (size_t i = 0; conn && i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (!is_variable(e, conn) || strcmp(e->u.variable.name, name) != 0) continue;
        if (time)
            add_number(&p, (double)e->at / 1e9, (double)e->u.variable.value / 1e9);
        else
            add_integer(&p, e->at, e->u.variable.value);
    }
    note_end(L, trace, conn);
}

/* Until the last packet: a long wait after it would squeeze the rest. */
static dw_time active(const dw_trace *trace)
{
    dw_time end = 0;
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        bool hop = e->type == DW_TRACE_SENT || e->type == DW_TRACE_DUPLICATED ||
                   e->type == DW_TRACE_DELIVERED;
        if (hop && e->at > end) end = e->at;
    }
    return end;
}

/* Octets in intervals. */
typedef struct bins {
    double width; /* nanoseconds */
    size_t last;
    double *octets; /* a box of Lua's */
} bins;

enum { USUAL_BINS = 120, MAX_BINS = 1000000 };

/* Pushes what holds them. */
static bins new_bins(lua_State *L, const dw_trace *trace, dw_time every)
{
    dw_time end = active(trace);
    bins b = {.width = every > 0 ? (double)every : (double)end / USUAL_BINS, .last = USUAL_BINS};
    if (b.width < 1) b.width = 1;
    if (every > 0 && (double)end / b.width > MAX_BINS)
        dwl_error(L, "trace:series: every is too short: that were more than %d values", MAX_BINS);
    if (every > 0) b.last = (size_t)((double)end / b.width);
    b.octets = lua_newuserdatauv(L, (b.last + 1) * sizeof *b.octets, 0);
    for (size_t i = 0; i <= b.last; i++)
        b.octets[i] = 0;
    return b;
}

static void count(bins *b, dw_time at, double octets)
{
    size_t i = (size_t)((double)at / b->width);
    b->octets[i < b->last ? i : b->last] += octets;
}

/* In place of what holds them. */
static void push_bins(lua_State *L, const bins *b)
{
    points p = new_points(L);
    for (size_t i = 0; i <= b->last; i++)
        add_number(&p, (double)i * b->width / 1e9, b->octets[i] / (b->width / 1e9));
    lua_remove(L, -2);
}

/* Whether a packet is for this end of a connection, from the other. */
static bool goes_to(const dw_trace *trace, const dw_packet_view *v, const dw_trace_event *conn)
{
    const dw_flow *f = &conn->u.conn.flow;
    int32_t peer = dw_trace_conn_peer(trace, conn->conn);
    return v->d.dport == f->local_port && v->d.sport == f->remote_port &&
           (v->to < 0 || v->to == (int32_t)conn->node) &&
           (v->from < 0 || peer < 0 || v->from == peer);
}

void dwl_push_throughput(lua_State *L, const dw_trace *trace, uint32_t conn, dw_time every)
{
    const dw_trace_event *c = dw_trace_conn(trace, conn);
    dw_packet_view *views = NULL;
    size_t n = 0;
    bins b = new_bins(L, trace, every);
    void **box = dwl_push_box(L);
    if (c && dw_trace_packets(trace, NULL, &views, &n) != DW_OK) {
        dwl_no_memory(L);
        return;
    }
    *box = views;
    for (size_t i = 0; i < n; i++) {
        const dw_packet_view *v = &views[i];
        if (v->d.len && v->arrived_at >= 0 && v->lost_at < 0 && goes_to(trace, v, c))
            count(&b, v->arrived_at, v->d.len);
    }
    dw_free(views);
    *box = NULL;
    lua_pop(L, 1);
    push_bins(L, &b);
}

void dwl_push_queue(lua_State *L, const dw_trace *trace, uint32_t link, int direction)
{
    points p = new_points(L);
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type != DW_TRACE_QUEUED || e->link != link || e->direction != direction) continue;
        add_integer(&p, e->at, (int64_t)e->u.packet.other);
    }
}

static bool is_on(const dw_trace_event *e, enum dw_trace_type type, uint32_t link, int direction)
{
    return e->type == type && e->link == link && e->direction == direction;
}

static int64_t octets_of(const dw_trace_event *e)
{
    return (int64_t)e->u.packet.head_len + e->u.packet.payload_len;
}

/* All that comes out of a link, headers and all. */
static void push_link_throughput(lua_State *L, const dw_trace *trace, uint32_t link, int direction,
                                 dw_time every)
{
    bins b = new_bins(L, trace, every);
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (is_on(e, DW_TRACE_DELIVERED, link, direction)) count(&b, e->at, (double)octets_of(e));
    }
    push_bins(L, &b);
}

/* "sent", "dropped", "delivered_bytes" ...: how many there were so far. */
static void push_counter(lua_State *L, const dw_trace *trace, uint32_t link, int direction,
                         const char *name)
{
    const enum dw_trace_type types[] = {DW_TRACE_SENT, DW_TRACE_DELIVERED, DW_TRACE_DROPPED};
    int which = strncmp(name, "sent", 4) == 0 ? 0 : 2;
    if (strncmp(name, "delivered", 9) == 0) which = 1;
    bool bytes = strstr(name, "_bytes") != NULL;
    int64_t sum = 0;
    points p = new_points(L);
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (!is_on(e, types[which], link, direction)) continue;
        sum += bytes ? octets_of(e) : 1;
        add_integer(&p, e->at, sum);
    }
}

/* trace:series(WHO, NAME, { from = HOST, every = TIME }). */

typedef struct question {
    const dw_trace *trace;
    const char *name;
    dw_time every;
    const dw_node *from; /* NULL: not given */
} question;

/* What there is instead: every name that any connection may have, and those of this one. */
static int unknown(lua_State *L, const question *q, uint32_t conn)
{
    enum { MAX = 60 };
    const char *names[2 * MAX + 2];
    char list[1000];
    size_t n = 0;
    for (; series_names[n]; n++)
        names[n] = series_names[n];
    names[n++] = "throughput";
    const char *own[MAX + 1];
    size_t more = dwl_series_names(q->trace, conn, own, MAX);
    names[n] = NULL;
    for (size_t i = 0; i < more; i++) {
        if (is_among(own[i], names)) continue;
        names[n++] = own[i];
        names[n] = NULL;
    }
    const char *near = dw_nearest(q->name, names);
    if (near)
        return dwl_error(L, "trace:series: there is no series \"%s\"; did you mean \"%s\"?",
                         q->name, near);
    dwl_list_names(names, list, sizeof list);
    return dwl_error(L,
                     "trace:series: there is no series \"%s\"; there are %s; a trace with detail = "
                     "true has more, and sim:sample takes whatever a script can compute",
                     q->name, list);
}

static bool has_details(const dw_trace *trace)
{
    for (size_t i = 0; i < dw_trace_count(trace); i++)
        if (dw_trace_at(trace, i)->type == DW_TRACE_DETAIL) return true;
    return false;
}

static int series_of_conn(lua_State *L, const question *q, uint32_t conn)
{
    const char *own[61];
    if (q->from) return dwl_error(L, "trace:series: from is for links");
    if (strcmp(q->name, "queue") == 0)
        return dwl_error(L, "trace:series: a queue is a link's: trace:series(link, \"queue\")");
    if (strcmp(q->name, "throughput") == 0) {
        dwl_push_throughput(L, q->trace, conn, q->every);
        return 1;
    }
    dwl_series_names(q->trace, conn, own, 60);
    bool there = is_among(q->name, own);
    if (is_among(q->name, detailed) && !has_details(q->trace))
        return dwl_error(L,
                         "trace:series: \"%s\" is traced with dw.sim { detail = true } or "
                         "--detail alone",
                         q->name);
    if (!there && !is_among(q->name, series_names) && !is_among(q->name, detailed))
        return unknown(L, q, conn);
    dwl_push_series(L, q->trace, conn, q->name);
    return 1;
}

static int series_of_link(lua_State *L, const question *q, const dw_link *link)
{
    char list[300];
    uint32_t index = dw_link_index(link);
    int direction = q->from && q->from == dw_link_node(link, 1);
    if (q->from && !direction && q->from != dw_link_node(link, 0))
        return dwl_error(L, "trace:series.from: host \"%s\" is not at this link",
                         dw_node_name(q->from));
    if (!is_among(q->name, of_links)) {
        dwl_list_names(of_links, list, sizeof list);
        return dwl_error(L, "trace:series: a link has no series \"%s\"; it has %s", q->name, list);
    }
    if (strcmp(q->name, "queue") == 0)
        dwl_push_queue(L, q->trace, index, direction);
    else if (strcmp(q->name, "throughput") == 0)
        push_link_throughput(L, q->trace, index, direction, q->every);
    else
        push_counter(L, q->trace, index, direction, q->name);
    return 1;
}

/* trace:series(who, name, options): of a host, a connection or a link. */
int dwl_trace_series(lua_State *L)
{
    static const char *const names[] = {"from", "every", NULL};
    dwl_sim *s = dwl_sim_of(L, 1);
    dwl_check_object(L, 1, DWL_TRACE);
    question q = {.trace = dwl_kept_trace(L, dwl_sim_of(L, 1), "trace:series")};
    lua_settop(L, 4);
    q.name = dwl_check_text(L, 3, "trace:series", "the name of a series");
    if (!lua_isnil(L, 4)) {
        dwl_check_names(L, 4, "trace:series", names);
        if (dwl_opt_time(L, 4, "trace:series", "every", &q.every) && q.every <= 0)
            return dwl_error(L, "trace:series.every: expected more than 0");
        if (dwl_get_option(L, 4, "from") != LUA_TNIL)
            q.from = dwl_check_host(L, -1, s, "trace:series.from");
    }
    if (q.every && strcmp(q.name, "throughput") != 0)
        return dwl_error(L, "trace:series.every: it is for \"throughput\"; other series have a "
                            "value for each change");
    dwl_conn *c = luaL_testudata(L, 2, DWL_CONN);
    bool link = luaL_testudata(L, 2, DWL_LINK) != NULL;
    if ((link || c) && dwl_sim_of(L, 2) != s)
        return dwl_error(L, "trace:series: that %s belongs to another simulation",
                         c ? "connection" : "link");
    if (link) return series_of_link(L, &q, dwl_check_object(L, 2, DWL_LINK));
    if (c) return series_of_conn(L, &q, c->conn);
    dw_node *node = dwl_check_host(L, 2, s, "trace:series");
    return series_of_conn(L, &q, dw_trace_conn_of(q.trace, dw_node_index(node), 1));
}
