/* What a run's ends did. */
#include "observed.h"
#include "program.h"

#include <drywire/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What programs were told. */

static const char told_list = 0; /* its address is the key of the list */

/* Octets count by their number, texts behind nil are why. */
static void add_value(luaL_Buffer *b, lua_State *L, int index, bool after_nil)
{
    char text[40];
    size_t len;
    switch (lua_type(L, index)) {
    case LUA_TNIL: luaL_addstring(b, "nil"); return;
    case LUA_TBOOLEAN: luaL_addstring(b, lua_toboolean(L, index) ? "true" : "false"); return;
    case LUA_TNUMBER:
        snprintf(text, sizeof text, "%.14g", (double)lua_tonumber(L, index));
        luaL_addstring(b, text);
        return;
    case LUA_TSTRING: {
        const char *string = lua_tolstring(L, index, &len);
        snprintf(text, sizeof text, "%zu octets", len);
        if (after_nil)
            luaL_addlstring(b, string, len);
        else
            luaL_addstring(b, text);
        return;
    }
    default: luaL_addstring(b, lua_isuserdata(L, index) ? "a connection" : "a table");
    }
}

static void push_values(lua_State *L, int first, int n)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int i = 0; i < n; i++) {
        if (i > 0) luaL_addstring(&b, ", ");
        add_value(&b, L, first + i, i > 0 && lua_isnil(L, first + i - 1));
    }
    luaL_pushresult(&b);
}

static void push_list(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &told_list) == LUA_TTABLE) return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &told_list);
}

void dwl_told(lua_State *L, const char *call, int n)
{
    const dwl_program *p = dwl_state_of(L)->current;
    int first = lua_gettop(L) - n + 1;
    if (!p) return; /* between runs nothing waits for the network */
    luaL_checkstack(L, 8, NULL);
    push_list(L);
    lua_createtable(L, 0, 4);
    lua_pushstring(L, dw_node_name(p->node));
    lua_setfield(L, -2, "host");
    lua_pushinteger(L, (lua_Integer)p->number);
    lua_setfield(L, -2, "program");
    lua_pushstring(L, call);
    lua_setfield(L, -2, "call");
    push_values(L, first, n);
    lua_setfield(L, -2, "result");
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 1);
}

void dwl_push_told(lua_State *L)
{
    push_list(L);
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &told_list);
}

/* What the trace has. */

enum { NUMBERINGS = 64 };

/* Where the numbers of a direction begin. */
typedef struct numbering {
    dw_addr src, dst;
    uint16_t sport, dport;
    uint32_t isn;
} numbering;

typedef struct observer {
    lua_State *L; /* the list is on top, above it the item that is made */
    const dw_trace *trace;
    uint64_t sent; /* the last packet that was: on later links it is only passed on */
    numbering numberings[NUMBERINGS];
    size_t count; /* that there have been: the newest are kept */
} observer;

static void set_text(const observer *o, const char *name, const char *text)
{
    lua_pushstring(o->L, text);
    lua_setfield(o->L, -2, name);
}

static void set_number(const observer *o, const char *name, int64_t n)
{
    lua_pushinteger(o->L, n);
    lua_setfield(o->L, -2, name);
}

static void set_cause(const observer *o, const dw_cause *cause)
{
    if (!cause) return;
    set_text(o, "why", cause->name);
    set_text(o, "rfc", cause->rfc);
    set_text(o, "because", cause->text);
}

/* "client", and of a host with several connections "client (2)". */
static void set_end(const observer *o, uint32_t node, uint32_t conn)
{
    const char *name = dw_trace_node_name(o->trace, node);
    uint32_t nth = 0;
    for (uint32_t c = 1; c <= conn; c++)
        nth += dw_trace_conn(o->trace, c)->node == node;
    if (nth > 1)
        lua_pushfstring(o->L, "%s (%d)", name, (int)nth);
    else
        lua_pushstring(o->L, name);
    lua_setfield(o->L, -2, "e");
}

/* Flags that are about the path, or tell the peer's user something, are left out. */
static void set_flags(const observer *o, const dw_dissection *d)
{
    static const char *const told[] = {"SYN", "FIN", "RST", "URG", "ACK"};
    char text[40] = "";
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        for (int bit = 0; d->flag_names && d->flag_names[bit]; bit++) {
            if (!(d->flags >> bit & 1) || strcmp(d->flag_names[bit], told[i]) != 0) continue;
            size_t len = strlen(text);
            snprintf(text + len, sizeof text - len, "%s%s", len ? "," : "", told[i]);
        }
    set_text(o, "flags", text);
}

static bool is_of(const numbering *n, const dw_dissection *d, bool reverse)
{
    if (reverse)
        return n->sport == d->dport && n->dport == d->sport && dw_addr_equal(&n->src, &d->dst) &&
               dw_addr_equal(&n->dst, &d->src);
    return n->sport == d->sport && n->dport == d->dport && dw_addr_equal(&n->src, &d->src) &&
           dw_addr_equal(&n->dst, &d->dst);
}

/* Each connection of the same ports has its own beginning: a segment may be an answer to one of
 * another, so the nearest is the one that is meant. */
static int64_t relative(const observer *o, const dw_dissection *d, bool reverse)
{
    uint32_t number = reverse ? d->ack : d->seq;
    int64_t nearest = INT64_MAX;
    for (size_t i = 0; i < o->count && i < NUMBERINGS; i++) {
        int64_t n = (int32_t)(number - o->numberings[i].isn);
        if (is_of(&o->numberings[i], d, reverse) && llabs(n) < llabs(nearest)) nearest = n;
    }
    return nearest == INT64_MAX ? number : nearest;
}

static void learn(observer *o, const dw_dissection *d)
{
    numbering n = {d->src, d->dst, d->sport, d->dport, d->seq};
    if (!dw_flags_that(d, DW_FLAG_OPENS) || (o->count > 0 && relative(o, d, false) == 0)) return;
    o->numberings[o->count++ % NUMBERINGS] = n;
}

static void set_segment(const observer *o, const dw_trace_event *e, const dw_dissection *d)
{
    set_flags(o, d);
    set_number(o, "n", (int64_t)e->packet);
    set_number(o, "seq", relative(o, d, false));
    set_number(o, "ack", relative(o, d, true));
    set_number(o, "len", d->len);
}

static bool read_segment(const dw_trace_event *e, dw_dissection *d)
{
    size_t head = e->u.packet.head_len;
    if (!e->u.packet.head) return false;
    dw_dissect_packet(e->u.packet.head, head, head + e->u.packet.payload_len, d);
    return d->protocol && strcmp(d->protocol, "tcp") == 0;
}

/* The connection of the host that a packet came to, the newest that it fits; 0: none. */
static uint32_t conn_of(const observer *o, uint32_t node, const dw_dissection *d)
{
    for (uint32_t conn = dw_trace_conns(o->trace); conn > 0; conn--) {
        const dw_trace_event *c = dw_trace_conn(o->trace, conn);
        if (c->node == node && dwl_flow_takes(&c->u.conn.flow, d)) return conn;
    }
    return 0;
}

static void begin_item(const observer *o, const dw_trace_event *e, const char *what)
{
    lua_createtable(o->L, 0, 12);
    set_text(o, "what", what);
    set_number(o, "at", e->at);
    set_text(o, "host", dw_trace_node_name(o->trace, e->node));
}

static void end_item(const observer *o)
{
    lua_rawseti(o->L, -2, (lua_Integer)lua_rawlen(o->L, -2) + 1);
}

static void observe_sent(observer *o, const dw_trace_event *e)
{
    dw_dissection d;
    bool copy = e->type == DW_TRACE_DUPLICATED;
    if (e->packet <= o->sent || !read_segment(e, &d)) return;
    o->sent = e->packet;
    learn(o, &d);
    begin_item(o, e, copy ? "copied" : "sent");
    uint32_t node = e->conn ? dw_trace_conn(o->trace, e->conn)->node : e->node;
    set_end(o, node, e->conn);
    set_segment(o, e, &d);
    set_cause(o, e->cause);
    end_item(o);
}

static void observe_arrived(const observer *o, const dw_trace_event *e)
{
    dw_dissection d;
    if (!read_segment(e, &d) || dw_trace_node_of(o->trace, &d.dst) != (int32_t)e->node) return;
    begin_item(o, e, "arrived");
    set_flags(o, &d);
    set_number(o, "len", d.len);
    end_item(o);
}

static void observe_discarded(const observer *o, const dw_trace_event *e)
{
    dw_dissection d;
    if (e->link != UINT32_MAX || !read_segment(e, &d)) return;
    begin_item(o, e, "discarded");
    set_end(o, e->node, conn_of(o, e->node, &d));
    set_segment(o, e, &d);
    set_cause(o, e->cause);
    end_item(o);
}

static void observe_state(const observer *o, const dw_trace_event *e)
{
    begin_item(o, e, "state");
    set_end(o, e->node, e->conn);
    set_text(o, "from", e->u.state.from);
    set_text(o, "to", e->u.state.to);
    set_cause(o, e->cause);
    end_item(o);
}

static void observe_named(const observer *o, const dw_trace_event *e, const char *what,
                          const char *name)
{
    begin_item(o, e, what);
    set_text(o, "name", name);
    set_cause(o, e->cause);
    end_item(o);
}

void dwl_push_observed(lua_State *L, const dw_trace *trace)
{
    observer o = {.L = L, .trace = trace};
    luaL_checkstack(L, 8, NULL);
    lua_newtable(L);
    for (size_t i = 0; trace && i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        switch (e->type) {
        case DW_TRACE_SENT:
        case DW_TRACE_DUPLICATED: observe_sent(&o, e); break;
        case DW_TRACE_DELIVERED: observe_arrived(&o, e); break;
        case DW_TRACE_DROPPED: observe_discarded(&o, e); break;
        case DW_TRACE_STATE: observe_state(&o, e); break;
        case DW_TRACE_TIMER_FIRED: observe_named(&o, e, "timer", e->u.timer.name); break;
        case DW_TRACE_CALL: observe_named(&o, e, "call", e->u.call.name); break;
        default: break;
        }
    }
}
