/* Which packets are meant, and packets for Lua to look at. */
#include "lua_match.h"
#include "base/error.h"
#include "base/options.h"
#include "base/type.h"
#include "history.h"
#include "kinds.h"
#include "object.h"
#include "program.h"

#include <stdio.h>
#include <string.h>

static const char *const match_options[] = {DWL_MATCH_OPTIONS, NULL};

/* len = 100 or len = { 1, 1460 } */
static bool read_range(lua_State *L, int index, const char *what, const char *name, uint32_t *low,
                       uint32_t *high)
{
    if (dwl_get_option(L, index, name) == LUA_TNIL) {
        lua_pop(L, 1);
        return false;
    }
    lua_Integer value[2];
    for (int i = 0; i < 2; i++) {
        int whole = 0;
        if (lua_istable(L, -1)) {
            lua_rawgeti(L, -1, i + 1);
            value[i] = lua_tointegerx(L, -1, &whole);
            lua_pop(L, 1);
        } else {
            value[i] = lua_tointegerx(L, -1, &whole);
        }
        if (!whole || value[i] < 0 || value[i] > UINT32_MAX)
            dwl_error(L, "%s.%s: expected a number or { lowest, highest }", what, name);
    }
    lua_pop(L, 1);
    if (value[0] > value[1] && strcmp(name, "seq") != 0) /* those are a circle */
        dwl_error(L, "%s.%s: the lowest, %lld, is above the highest, %lld", what, name,
                  (long long)value[0], (long long)value[1]);
    *low = (uint32_t)value[0];
    *high = (uint32_t)value[1];
    return true;
}

static void read_nth(lua_State *L, int index, const char *what, dw_match *m)
{
    if (dwl_get_option(L, index, "nth") != LUA_TNIL) {
        lua_Integer n = dwl_list_length(L, -1);
        if (n == 0) dwl_error(L, "%s.nth: an empty list is met by no packet", what);
        if (n > DW_MATCH_NTH) dwl_error(L, "%s.nth: at most %d numbers", what, DW_MATCH_NTH);
        for (lua_Integer i = 1; i <= n; i++)
            m->nth[m->nth_count++] =
                dwl_list_number(L, -1, i, 1, what, "nth", "a number from 1 up");
    }
    lua_pop(L, 1);
}

void dwl_read_hosts(lua_State *L, int index, const char *what, dwl_sim *s, dw_match *m)
{
    char name[80];
    snprintf(name, sizeof name, "%s.from", what);
    m->from_given = dwl_get_option(L, index, "from") != LUA_TNIL;
    if (m->from_given) m->from = dw_node_index(dwl_check_host(L, -1, s, name));
    snprintf(name, sizeof name, "%s.to", what);
    m->to_given = dwl_get_option(L, index, "to") != LUA_TNIL;
    if (m->to_given) m->to = dw_node_index(dwl_check_host(L, -1, s, name));
    lua_pop(L, 2);
}

static void read_conn_match(lua_State *L, int index, const char *what, dw_match *m)
{
    if (dwl_get_option(L, index, "conn") != LUA_TNIL) {
        dwl_conn *c = luaL_testudata(L, -1, DWL_CONN);
        if (!c) dwl_error(L, "%s.conn: expected a connection, got %s", what, luaL_typename(L, -1));
        m->conn = c->conn;
    }
    lua_pop(L, 1);
}

static bool ask_predicate(const dw_packet_view *view, void *arg);

void dwl_read_match(lua_State *L, int index, const char *what, dwl_sim *s, dw_match *m,
                    const char *const *names)
{
    int64_t number;
    bool flag;
    char why[200];
    dw_match_any(m);
    if (lua_isnoneornil(L, index)) return;
    if (lua_type(L, index) == LUA_TSTRING) { /* "S. 0:0(0) ack 1" */
        dwl_match_notation(L, what, lua_tostring(L, index), s, m);
        return;
    }
    if (!lua_istable(L, index))
        dwl_error(L, "%s: expected a table that says which packets, got %s", what,
                  luaL_typename(L, index));
    dwl_check_names_after(L, index, what, names ? names : match_options);
    dwl_read_hosts(L, index, what, s, m);
    const char *flags = dwl_opt_string(L, index, what, "flags");
    if (flags && dw_match_flags_of(dw_sim_plugins(s->sim), m, flags, why, sizeof why) != DW_OK)
        dwl_error(L, "%s: %s", what, why);
    read_nth(L, index, what, m);
    if (dwl_opt_integer(L, index, what, "count", 1, INT64_MAX, &number))
        m->count = (uint64_t)number;
    if (dwl_opt_integer(L, index, what, "packet", 1, INT64_MAX, &number))
        m->packet = (uint64_t)number;
    if (dwl_opt_integer(L, index, what, "port", 1, 65535, &number)) m->port = (uint16_t)number;
    if (dwl_opt_integer(L, index, what, "to_port", 1, 65535, &number))
        m->to_port = (uint16_t)number;
    if (dwl_opt_bool(L, index, what, "has_data", &flag)) m->has_data = flag ? 1 : -1;
    m->len_given = read_range(L, index, what, "len", &m->len_min, &m->len_max);
    m->seq_given = read_range(L, index, what, "seq", &m->seq_min, &m->seq_max);
    dwl_opt_time(L, index, what, "after", &m->after);
    if (dwl_opt_time(L, index, what, "before", &m->before) && m->before <= m->after)
        dwl_error(L, "%s: no packet is sent after `after` and before `before`", what);
    read_conn_match(L, index, what, m);
    if (dw_sim_now(s->sim) > 0 && (m->packet || m->after || m->before))
        dwl_looks_back(L, DWL_PAST_ALL, what); /* how much is left depends on how late it is */
    if (dwl_get_option(L, index, "when") != LUA_TNIL) {
        if (!lua_isfunction(L, -1))
            dwl_error(L, "%s.when: expected a function, got %s", what, luaL_typename(L, -1));
        dwl_looks_back(L, DWL_PAST_ALL, "when"); /* at a packet's number and time */
        m->when_arg = dwl_new_hook(L, s);
        m->when = ask_predicate;
    } else {
        lua_pop(L, 1);
    }
    if (lua_rawgeti(L, index, 1) == LUA_TSTRING)
        dwl_match_notation(L, what, lua_tostring(L, -1), s, m);
    lua_pop(L, 1);
}

/* Packets for Lua: a table with what the view says. */

static void set_node(lua_State *L, dwl_sim *s, int32_t node, const char *field)
{
    dw_node *n = node >= 0 ? dw_node_at(s->sim, (uint32_t)node) : NULL;
    if (!n) return;
    lua_pushstring(L, dw_node_name(n));
    lua_setfield(L, -2, field);
}

static void set_integer(lua_State *L, const char *field, lua_Integer value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, field);
}

static void set_time(lua_State *L, const char *field, dw_time time)
{
    if (time < 0) return;
    lua_pushnumber(L, (lua_Number)time / 1e9);
    lua_setfield(L, -2, field);
}

static void push_data(lua_State *L, const dw_packet_view *v)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (uint32_t i = 0; i < v->slice_count; i++) {
        char *room = luaL_prepbuffsize(&b, v->slices[i].len);
        dw_slice_copy(&v->slices[i], (uint8_t *)room);
        luaL_addsize(&b, v->slices[i].len);
    }
    luaL_pushresult(&b);
}

static void push_flags(lua_State *L, const dw_dissection *d)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    bool any = false;
    for (int i = 0; d->flag_names && d->flag_names[i]; i++) {
        if (!(d->flags & 1u << i)) continue;
        if (any) luaL_addchar(&b, ',');
        luaL_addstring(&b, d->flag_names[i]);
        any = true;
    }
    luaL_pushresult(&b);
}

/* What the trace does not know yet (when it arrived, why it was dropped) is not in the table; and
 * it is a copy, so a script may keep it.  Hosts are names: a script may compare them with any. */
void dwl_push_view(lua_State *L, dwl_sim *s, const dw_packet_view *v)
{
    lua_createtable(L, 0, 24);
    set_integer(L, "n", (lua_Integer)v->number);
    set_time(L, "time", v->sent_at);
    set_time(L, "arrived", v->arrived_at);
    set_node(L, s, v->from, "src");
    set_node(L, s, v->to, "dst");
    set_integer(L, "sport", v->d.sport);
    set_integer(L, "dport", v->d.dport);
    push_flags(L, &v->d);
    lua_setfield(L, -2, "flags");
    set_integer(L, "seq", v->d.seq);
    set_integer(L, "ack", v->d.ack);
    set_integer(L, "len", v->d.len);
    set_integer(L, "window", v->d.window);
    set_integer(L, "ttl", v->d.ttl);
    set_integer(L, "tos", v->d.tos);
    set_integer(L, "urgent", v->d.urgent);
    if (v->d.options) {
        lua_pushlstring(L, (const char *)v->d.options, v->d.options_len);
        lua_setfield(L, -2, "options");
    }
    push_data(L, v);
    lua_setfield(L, -2, "data");
    lua_pushboolean(L, v->lost_at >= 0);
    lua_setfield(L, -2, "lost");
    lua_pushboolean(L, v->lost_at >= 0);
    lua_setfield(L, -2, "dropped");
    lua_pushboolean(L, v->damaged);
    lua_setfield(L, -2, "damaged");
    lua_pushstring(L, dw_view_fate(v));
    lua_setfield(L, -2, "fate");
    lua_pushstring(L, dw_certainty_name(v->fate_certainty));
    lua_setfield(L, -2, "certainty");
    if (v->shown_by) set_integer(L, "shown_by", (lua_Integer)v->shown_by);
    if (v->cause) {
        lua_pushstring(L, v->cause->name);
        lua_setfield(L, -2, "cause");
    }
    if (v->drop_cause) {
        lua_pushstring(L, v->drop_cause->name);
        lua_setfield(L, -2, "drop_cause");
    }
    luaL_setmetatable(L, "drywire.Packet");
}

/* The flags of a text.  A packet in Lua is a table of its own, so those are known that the last
 * simulation's protocols have. */
static int read_flags(lua_State *L, const char *text, dw_match *m, char *why, size_t size)
{
    const dwl_sim *s = dwl_state_of(L)->last_sim;
    dw_match_any(m);
    if (!s || !s->sim) return dw_match_flags(m, text, why, size);
    return dw_match_flags_of(dw_sim_plugins(s->sim), m, text, why, size);
}

static int packet_has(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    dw_match m;
    char why[200];
    if (read_flags(L, luaL_checkstring(L, 2), &m, why, sizeof why) != DW_OK)
        return dwl_error(L, "packet:has: %s", why);
    dw_match have = DW_INIT(dw_match);
    lua_getfield(L, 1, "flags");
    const char *flags = lua_tostring(L, -1);
    if (!flags || !*flags || read_flags(L, flags, &have, why, sizeof why) != DW_OK) have.flags = 0;
    /* The same word may be a flag of several protocols: the packet's counts. */
    const char *const *names = have.flags ? have.flag_names : m.flag_names;
    bool same = dw_match_flag_names(names, &m, luaL_checkstring(L, 2), why, sizeof why) == DW_OK;
    bool all = same && (have.flags & m.flags) == m.flags;
    lua_pushboolean(L, all && (!m.flags_exact || have.flags == m.flags));
    return 1;
}

/* Within a protected call: the hook and the packet; its results are the hook's. */
static int call_with_view(lua_State *L)
{
    const dwl_hook *h = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, h->ref);
    dwl_push_view(L, h->sim, lua_touserdata(L, 2));
    lua_call(L, 1, LUA_MULTRET);
    return lua_gettop(L) - 2;
}

bool dwl_call_with_view(lua_State *L, dwl_hook *h, const dw_packet_view *view, int results,
                        const char *in)
{
    lua_pushcfunction(L, call_with_view);
    lua_pushlightuserdata(L, h);
    lua_pushlightuserdata(L, (void *)view);
    return dwl_call(L, h->sim, 2, results, in);
}

static bool ask_predicate(const dw_packet_view *view, void *arg)
{
    dwl_hook *h = arg;
    lua_State *L = h->sim->state->main;
    if (h->sim->queries && h->sim->error_ref != LUA_NOREF) return false; /* one error ends it */
    if (!dwl_call_with_view(L, h, view, 1, "when")) return false;
    bool result = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return result;
}

void dwl_open_match(lua_State *L)
{
    static const char *const absent[] = {"arrived",  "src",   "dst",        "options",
                                         "shown_by", "cause", "drop_cause", NULL};
    static const luaL_Reg methods[] = {{"has", packet_has}, {NULL, NULL}};
    dwl_new_record(L, "drywire.Packet", "a packet", absent, methods);
}
