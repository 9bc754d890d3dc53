/* Links, and faults on links and hosts. */
#include "binding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Link options. */

#define DIRECTION_OPTIONS                                                                          \
    "delay", "rate", "mtu", "loss", "queue", "jitter", "duplicate", "corrupt", "reorder",          \
        "reorder_delay", "down"
static const char *const direction_options[] = {DIRECTION_OPTIONS, NULL};
static const char *const link_options[] = {DIRECTION_OPTIONS, "to_*", NULL};

/* queue = 100 is packets, queue = "64KiB" is bytes. */
static void read_queue(lua_State *L, int index, dw_direction_config *c)
{
    char why[200];
    if (lua_getfield(L, index, "queue") != LUA_TNIL) {
        c->queue_packets = 0;
        c->queue_bytes = 0;
        if (lua_type(L, -1) == LUA_TSTRING) {
            if (dw_parse_size(lua_tostring(L, -1), &c->queue_bytes, why, sizeof why) != DW_OK)
                dwl_error(L, "link.queue: %s; a bare number counts packets", why);
        } else {
            int64_t packets = 0;
            dwl_opt_integer(L, index, "link", "queue", 0, UINT32_MAX, &packets);
            c->queue_packets = (uint32_t)packets;
        }
    }
    lua_pop(L, 1);
}

/* loss = "1%", or a model made by dw.loss, in whose table the library has checked the fields. */
static void read_loss(lua_State *L, int index, dw_direction_config *c)
{
    if (lua_getfield(L, index, "loss") != LUA_TTABLE) {
        lua_pop(L, 1);
        if (dwl_opt_ratio(L, index, "link", "loss", &c->loss)) c->loss_model = (dw_loss_model){0};
        return;
    }
    int model = lua_gettop(L);
    static const char *const fields[] = {"every", "pattern", "p", "r", "good", "bad", NULL};
    dwl_check_names(L, model, "loss", fields);
    dw_loss_model m = {.to_good = DW_RATIO_ONE, .bad_loss = DW_RATIO_ONE};
    int64_t every;
    const char *pattern = dwl_opt_string(L, model, "loss", "pattern");
    if (dwl_opt_integer(L, model, "loss", "every", 1, UINT32_MAX, &every)) {
        m.kind = DW_LOSS_EVERY;
        m.every = (uint32_t)every;
    } else if (pattern) {
        m.kind = DW_LOSS_PATTERN;
        if (!*pattern || strlen(pattern) >= sizeof m.pattern ||
            strspn(pattern, ".X") != strlen(pattern))
            dwl_error(L, "loss.pattern: write up to %d dots and X, such as \"..X..\"",
                      DW_LOSS_PATTERN_SIZE - 1);
        snprintf(m.pattern, sizeof m.pattern, "%s", pattern);
    } else {
        m.kind = DW_LOSS_GILBERT;
        bool p = dwl_opt_ratio(L, model, "loss", "p", &m.to_bad);
        if (!p) dwl_error(L, "loss: write \"1%%\", or a model made by dw.loss");
        dwl_opt_ratio(L, model, "loss", "r", &m.to_good);
        dwl_opt_ratio(L, model, "loss", "good", &m.good_loss);
        dwl_opt_ratio(L, model, "loss", "bad", &m.bad_loss);
    }
    c->loss = 0;
    c->loss_model = m;
    lua_pop(L, 1);
}

static void read_direction(lua_State *L, int index, dw_direction_config *c)
{
    int64_t mtu;
    dwl_opt_time(L, index, "link", "delay", &c->delay_ns);
    dwl_opt_time(L, index, "link", "jitter", &c->jitter_ns);
    dwl_opt_time(L, index, "link", "reorder_delay", &c->reorder_delay_ns);
    dwl_opt_rate(L, index, "link", "rate", &c->rate_bps);
    read_loss(L, index, c);
    dwl_opt_ratio(L, index, "link", "duplicate", &c->duplicate);
    dwl_opt_ratio(L, index, "link", "corrupt", &c->corrupt);
    dwl_opt_ratio(L, index, "link", "reorder", &c->reorder);
    dwl_opt_bool(L, index, "link", "down", &c->down);
    if (dwl_opt_integer(L, index, "link", "mtu", 68, 65535, &mtu)) c->mtu = (uint32_t)mtu;
    read_queue(L, index, c);
}

/* to_server = { loss = "1%" }: the direction towards that host alone. */
static void read_one_way(lua_State *L, int index, dw_node *const end[2], dw_link_config *c)
{
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        const char *name = lua_tostring(L, -2);
        if (strncmp(name, "to_", 3) != 0) continue;
        int direction = -1;
        for (int i = 0; i < 2; i++)
            if (strcmp(name + 3, dw_node_name(end[i])) == 0) direction = 1 - i;
        if (direction < 0)
            dwl_error(L, "link.%s: the link's ends are \"%s\" and \"%s\"", name,
                      dw_node_name(end[0]), dw_node_name(end[1]));
        if (!lua_istable(L, -1))
            dwl_error(L, "link.%s: expected a table of options, got %s", name,
                      luaL_typename(L, -1));
        dwl_check_names(L, -1, "link", direction_options);
        read_direction(L, lua_gettop(L), &c->direction[direction]);
    }
}

static void read_link(lua_State *L, int index, dw_node *const end[2], dw_link_config *c)
{
    if (!lua_istable(L, index))
        dwl_error(L, "link: expected a table of options, got %s", luaL_typename(L, index));
    dwl_check_names(L, index, "link", link_options);
    read_direction(L, index, &c->direction[0]);
    read_direction(L, index, &c->direction[1]);
    read_one_way(L, index, end, c);
}

/* --drop 1,9: the packets with these numbers are lost, wherever they are. */
static void drop_from_command_line(dwl_sim *s, dw_link *link)
{
    for (uint32_t i = 0; i < s->state->drop_count; i++) {
        dw_rule_config c = {.action = DW_ACTION_DROP, .what = "--drop"};
        dw_match_any(&c.match);
        c.match.packet = s->state->drop[i];
        dw_link_rule(link, &c, NULL);
    }
}

int dwl_sim_link(lua_State *L)
{
    dwl_sim *s = dwl_check_sim(L, 1);
    dw_node *end[2] = {dwl_check_host(L, 2, s, "sim:link"), dwl_check_host(L, 3, s, "sim:link")};
    dw_link_config c = {0};
    lua_settop(L, 4);
    if (!lua_isnil(L, 4)) read_link(L, 4, end, &c);
    dw_link *link;
    if (dw_link_new(end[0], end[1], &c, &link) != DW_OK)
        return dwl_error(L, "sim:link: %s", dw_sim_message(s->sim));
    drop_from_command_line(s, link);
    dwl_push_object(L, 1, DWL_LINK, link);
    return 1;
}

static dw_link *check(lua_State *L)
{
    return dwl_check_object(L, 1, DWL_LINK);
}

static int link_set(lua_State *L)
{
    dw_link *link = check(L);
    dw_node *end[2] = {dw_link_node(link, 0), dw_link_node(link, 1)};
    dw_link_config c;
    for (int i = 0; i < 2; i++)
        dw_link_get(link, i, &c.direction[i]);
    read_link(L, 2, end, &c);
    for (int i = 0; i < 2; i++)
        if (dw_link_set(link, i, &c.direction[i]) != DW_OK)
            return dwl_error(L, "link:set: %s", dw_sim_message(dw_node_sim(end[0])));
    lua_settop(L, 1);
    return 1;
}

static int set_down(lua_State *L, bool down)
{
    dw_link *link = check(L);
    for (int i = 0; i < 2; i++) {
        dw_direction_config c;
        dw_link_get(link, i, &c);
        c.down = down;
        dw_link_set(link, i, &c);
    }
    lua_settop(L, 1);
    return 1;
}

static int link_down(lua_State *L)
{
    return set_down(L, true);
}

static int link_up(lua_State *L)
{
    return set_down(L, false);
}

static int link_stats(lua_State *L)
{
    dw_link *link = check(L);
    lua_newtable(L);
    for (int i = 0; i < 2; i++) {
        char name[80];
        dw_link_stats st;
        dw_link_stats_get(link, i, &st);
        lua_createtable(L, 0, 6);
        const struct {
            const char *name;
            uint64_t value;
        } fields[] = {{"sent", st.sent_packets},           {"sent_bytes", st.sent_bytes},
                      {"delivered", st.delivered_packets}, {"delivered_bytes", st.delivered_bytes},
                      {"dropped", st.dropped_packets},     {"queue", st.queue_packets},
                      {"queue_max", st.queue_packets_max}};
        for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++) {
            lua_pushinteger(L, (lua_Integer)fields[k].value);
            lua_setfield(L, -2, fields[k].name);
        }
        snprintf(name, sizeof name, "to_%s", dw_node_name(dw_link_node(link, 1 - i)));
        lua_setfield(L, -2, name);
    }
    return 1;
}

/* Matchers. */

#define MATCH_OPTIONS                                                                              \
    "from", "to", "flags", "nth", "count", "has_data", "len", "seq", "after", "before", "when",    \
        "packet", "port", "to_port", "conn"
static const char *const match_options[] = {MATCH_OPTIONS, NULL};

/* len = 100 or len = { 1, 1460 } */
static bool read_range(lua_State *L, int index, const char *what, const char *name, uint32_t *low,
                       uint32_t *high)
{
    if (lua_getfield(L, index, name) == LUA_TNIL) {
        lua_pop(L, 1);
        return false;
    }
    lua_Integer value[2];
    for (int i = 0; i < 2; i++) {
        int whole = 0;
        if (lua_istable(L, -1)) {
            lua_geti(L, -1, i + 1);
            value[i] = lua_tointegerx(L, -1, &whole);
            lua_pop(L, 1);
        } else {
            value[i] = lua_tointegerx(L, -1, &whole);
        }
        if (!whole || value[i] < 0 || value[i] > UINT32_MAX)
            dwl_error(L, "%s.%s: expected a number or { lowest, highest }", what, name);
    }
    lua_pop(L, 1);
    *low = (uint32_t)value[0];
    *high = (uint32_t)value[1];
    return true;
}

static void read_nth(lua_State *L, int index, const char *what, dw_match *m)
{
    if (lua_getfield(L, index, "nth") != LUA_TNIL) {
        bool list = lua_istable(L, -1);
        lua_Integer n = list ? luaL_len(L, -1) : 1;
        if (n > DW_MATCH_NTH) dwl_error(L, "%s.nth: at most %d numbers", what, DW_MATCH_NTH);
        for (lua_Integer i = 1; i <= n; i++) {
            if (list)
                lua_geti(L, -1, i);
            else
                lua_pushvalue(L, -1);
            int whole;
            lua_Integer value = lua_tointegerx(L, -1, &whole);
            if (!whole || value < 1 || value > UINT32_MAX)
                dwl_error(L, "%s.nth: expected a number from 1 up, got %s", what,
                          luaL_tolstring(L, -1, NULL));
            m->nth[m->nth_count++] = (uint32_t)value;
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

static void read_hosts(lua_State *L, int index, const char *what, dwl_sim *s, dw_match *m)
{
    char name[80];
    snprintf(name, sizeof name, "%s.from", what);
    if (lua_getfield(L, index, "from") != LUA_TNIL)
        m->from = (int32_t)dw_node_index(dwl_check_host(L, -1, s, name));
    snprintf(name, sizeof name, "%s.to", what);
    if (lua_getfield(L, index, "to") != LUA_TNIL)
        m->to = (int32_t)dw_node_index(dwl_check_host(L, -1, s, name));
    lua_pop(L, 2);
}

static void read_conn_match(lua_State *L, int index, const char *what, dw_match *m)
{
    if (lua_getfield(L, index, "conn") != LUA_TNIL) {
        dwl_conn *c = luaL_testudata(L, -1, DWL_CONN);
        if (!c) dwl_error(L, "%s.conn: expected a connection, got %s", what, luaL_typename(L, -1));
        m->conn = c->conn;
    }
    lua_pop(L, 1);
}

static bool ask_predicate(const dw_packet_view *view, void *arg);

/* What a predicate or an intercept needs to be called. */
typedef struct hook {
    dwl_sim *sim;
    int ref;
} hook;

static hook *new_hook(lua_State *L, dwl_sim *s)
{
    /* Kept as long as the simulation; the function is on top of the stack and popped. */
    dwl_push_sim(L, s);
    dwl_push_cache(L, -1);
    hook *h = lua_newuserdatauv(L, sizeof *h, 0);
    luaL_ref(L, -2);
    lua_pop(L, 2);
    *h = (hook){.sim = s, .ref = luaL_ref(L, LUA_REGISTRYINDEX)};
    return h;
}

void dwl_read_match(lua_State *L, int index, const char *what, dwl_sim *s, dw_match *m,
                    const char *const *names)
{
    int64_t number;
    bool flag;
    char why[200];
    dw_match_any(m);
    if (lua_isnoneornil(L, index)) return;
    if (!lua_istable(L, index))
        dwl_error(L, "%s: expected a table that says which packets, got %s", what,
                  luaL_typename(L, index));
    dwl_check_names(L, index, what, names ? names : match_options);
    read_hosts(L, index, what, s, m);
    const char *flags = dwl_opt_string(L, index, what, "flags");
    if (flags && dw_match_flags(m, flags, why, sizeof why) != DW_OK)
        dwl_error(L, "%s: %s", what, why);
    read_nth(L, index, what, m);
    if (dwl_opt_integer(L, index, what, "count", 1, INT64_MAX, &number))
        m->count = (uint64_t)number;
    if (dwl_opt_integer(L, index, what, "packet", 1, INT64_MAX, &number))
        m->packet = (uint64_t)number;
    if (dwl_opt_integer(L, index, what, "port", 1, 65535, &number)) m->port = (uint16_t)number;
    if (dwl_opt_integer(L, index, what, "to_port", 1, 65535, &number))
        m->to_port = (uint16_t)number;
    if (dwl_opt_bool(L, index, what, "has_data", &flag)) m->has_data = flag;
    m->len_given = read_range(L, index, what, "len", &m->len_min, &m->len_max);
    m->seq_given = read_range(L, index, what, "seq", &m->seq_min, &m->seq_max);
    dwl_opt_time(L, index, what, "after", &m->after);
    dwl_opt_time(L, index, what, "before", &m->before);
    read_conn_match(L, index, what, m);
    if (lua_getfield(L, index, "when") != LUA_TNIL) {
        if (!lua_isfunction(L, -1))
            dwl_error(L, "%s.when: expected a function, got %s", what, luaL_typename(L, -1));
        m->when_arg = new_hook(L, s);
        m->when = ask_predicate;
    } else {
        lua_pop(L, 1);
    }
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

void dwl_push_view(lua_State *L, dwl_sim *s, const dw_packet_view *v)
{
    lua_createtable(L, 0, 20);
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
    push_data(L, v);
    lua_setfield(L, -2, "data");
    lua_pushboolean(L, v->lost_at >= 0);
    lua_setfield(L, -2, "lost");
    lua_pushboolean(L, v->lost_at >= 0);
    lua_setfield(L, -2, "dropped");
    lua_pushboolean(L, v->damaged);
    lua_setfield(L, -2, "damaged");
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

static int packet_has(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    dw_match m;
    char why[200];
    dw_match_any(&m);
    if (dw_match_flags(&m, luaL_checkstring(L, 2), why, sizeof why) != DW_OK)
        return dwl_error(L, "packet:has: %s", why);
    dw_match have;
    dw_match_any(&have);
    lua_getfield(L, 1, "flags");
    const char *flags = lua_tostring(L, -1);
    if (!flags || !*flags || dw_match_flags(&have, flags, why, sizeof why) != DW_OK) have.flags = 0;
    bool all = (have.flags & m.flags) == m.flags;
    lua_pushboolean(L, m.flags_exact ? have.flags == m.flags : all);
    return 1;
}

static bool ask_predicate(const dw_packet_view *view, void *arg)
{
    hook *h = arg;
    lua_State *L = h->sim->state->main;
    lua_rawgeti(L, LUA_REGISTRYINDEX, h->ref);
    dwl_push_view(L, h->sim, view);
    if (!dwl_call(L, h->sim, 1, 1, "when")) return false;
    bool result = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return result;
}

static enum dw_action bad_answer(lua_State *L, hook *h, const char *answer)
{
    static const char *const names[] = {"pass", "drop", "duplicate", "delay", NULL};
    const char *near = dw_nearest(answer, names);
    lua_pushfstring(L,
                    near ? "intercept: unknown answer \"%s\"; did you mean \"%s\"?"
                         : "intercept: unknown answer \"%s\"",
                    answer, near);
    if (h->sim->error_ref == LUA_NOREF) h->sim->error_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    dw_sim_stop(h->sim->sim, DW_E_MISMATCH);
    return DW_ACTION_PASS;
}

static enum dw_action ask_intercept(const dw_packet_view *view, dw_time *by, void *arg)
{
    hook *h = arg;
    lua_State *L = h->sim->state->main;
    int top = lua_gettop(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, h->ref);
    dwl_push_view(L, h->sim, view);
    if (!dwl_call(L, h->sim, 1, 2, "intercept")) return DW_ACTION_PASS;
    const char *answer = lua_isnil(L, -2) ? "pass" : lua_tostring(L, -2);
    enum dw_action action = DW_ACTION_PASS;
    char why[200] = "";
    if (!answer)
        action = bad_answer(L, h, luaL_typename(L, -2));
    else if (strcmp(answer, "drop") == 0)
        action = DW_ACTION_DROP;
    else if (strcmp(answer, "duplicate") == 0)
        action = DW_ACTION_DUPLICATE;
    else if (strcmp(answer, "delay") == 0 && lua_type(L, -1) == LUA_TSTRING &&
             dw_parse_time(lua_tostring(L, -1), by, why, sizeof why) == DW_OK)
        action = DW_ACTION_DELAY;
    else if (strcmp(answer, "pass") != 0)
        action = bad_answer(L, h, why[0] ? why : answer);
    lua_settop(L, top);
    return action;
}

/* Faults. */

static int add_rule(lua_State *L, dw_rule_config *c, const char *what)
{
    char where[160];
    dwl_sim *s = dwl_sim_of(L, 1);
    dwl_where(L);
    snprintf(where, sizeof where, "%s", lua_tostring(L, -1));
    size_t n = strlen(where);
    if (n > 2) where[n - 2] = 0;
    c->where = where;
    c->what = what;
    dw_rule *rule;
    bool on_host = luaL_testudata(L, 1, DWL_HOST) != NULL;
    int status = on_host ? dw_node_rule(dwl_check_object(L, 1, DWL_HOST), c, &rule)
                         : dw_link_rule(dwl_check_object(L, 1, DWL_LINK), c, &rule);
    if (status != DW_OK) return dwl_error(L, "%s: %s", what, dw_sim_message(s->sim));
    dwl_push_sim(L, s);
    dwl_push_object(L, -1, DWL_RULE, rule);
    return 1;
}

static const char *title(lua_State *L, char *buf, size_t size, const char *verb)
{
    snprintf(buf, size, "%s:%s", luaL_testudata(L, 1, DWL_HOST) ? "host" : "link", verb);
    return buf;
}

static int fault(lua_State *L, const char *verb, enum dw_action action, const char *const *names,
                 dw_rule_config *c)
{
    char what[32];
    dwl_sim *s = dwl_sim_of(L, 1);
    lua_settop(L, 2);
    c->action = action;
    dwl_read_match(L, 2, title(L, what, sizeof what, verb), s, &c->match, names);
    return add_rule(L, c, what);
}

static int fault_drop(lua_State *L)
{
    return fault(L, "drop", DW_ACTION_DROP, NULL, &(dw_rule_config){0});
}

static int fault_hold(lua_State *L)
{
    return fault(L, "hold", DW_ACTION_HOLD, NULL, &(dw_rule_config){0});
}

static int fault_delay(lua_State *L)
{
    static const char *const names[] = {MATCH_OPTIONS, "by", NULL};
    dw_rule_config c = {0};
    luaL_checktype(L, 2, LUA_TTABLE);
    if (!dwl_opt_time(L, 2, "delay", "by", &c.by))
        return dwl_error(L, "delay: say by how long: by = \"300ms\"");
    return fault(L, "delay", DW_ACTION_DELAY, names, &c);
}

static int fault_duplicate(lua_State *L)
{
    static const char *const names[] = {MATCH_OPTIONS, "by", NULL};
    dw_rule_config c = {0};
    if (lua_istable(L, 2)) dwl_opt_time(L, 2, "duplicate", "by", &c.by);
    return fault(L, "duplicate", DW_ACTION_DUPLICATE, names, &c);
}

static int fault_reorder(lua_State *L)
{
    static const char *const names[] = {MATCH_OPTIONS, "behind", "by", NULL};
    dw_rule_config c = {0};
    int64_t behind = 1;
    if (lua_istable(L, 2)) {
        dwl_opt_integer(L, 2, "reorder", "behind", 1, 1000000, &behind);
        dwl_opt_time(L, 2, "reorder", "by", &c.by);
    }
    c.behind = (uint32_t)behind;
    return fault(L, "reorder", DW_ACTION_REORDER, names, &c);
}

static int fault_corrupt(lua_State *L)
{
    static const char *const names[] = {MATCH_OPTIONS, "byte", NULL};
    dw_rule_config c = {.byte = -1};
    if (lua_istable(L, 2)) dwl_opt_integer(L, 2, "corrupt", "byte", 0, 65535, &c.byte);
    return fault(L, "corrupt", DW_ACTION_CORRUPT, names, &c);
}

static const char *const *rewritable(void)
{
    static const char *const names[] = {"seq",      "ack", "window", "urgent", "src_port",
                                        "dst_port", "ttl", "tos",    NULL};
    return names;
}

static int fault_rewrite(lua_State *L)
{
    static const char *const names[] = {MATCH_OPTIONS, "set", NULL};
    dw_rule_config c = {0};
    luaL_checktype(L, 2, LUA_TTABLE);
    if (lua_getfield(L, 2, "set") != LUA_TTABLE)
        return dwl_error(L, "rewrite: say what to change: set = { window = 0 }");
    int set = lua_gettop(L);
    static const char *const fields[] = {"seq",      "ack", "window", "urgent", "src_port",
                                         "dst_port", "ttl", "tos",    "flags",  NULL};
    dwl_check_names(L, set, "rewrite.set", fields);
    for (const char *const *f = rewritable(); *f; f++) {
        int64_t value;
        if (!dwl_opt_integer(L, set, "rewrite.set", *f, 0, UINT32_MAX, &value)) continue;
        snprintf(c.fields[c.field_count].name, sizeof c.fields[0].name, "%s", *f);
        c.fields[c.field_count++].value = value;
        if (c.field_count == DW_REWRITE_FIELDS) break;
    }
    const char *flags = dwl_opt_string(L, set, "rewrite.set", "flags");
    dw_match m;
    char why[200];
    if (flags) {
        dw_match_any(&m);
        if (dw_match_flags(&m, flags, why, sizeof why) != DW_OK)
            return dwl_error(L, "rewrite: %s", why);
        if (c.field_count == DW_REWRITE_FIELDS) return dwl_error(L, "rewrite: too many fields");
        snprintf(c.fields[c.field_count].name, sizeof c.fields[0].name, "flags");
        c.fields[c.field_count++].value = m.flags;
    }
    return fault(L, "rewrite", DW_ACTION_REWRITE, names, &c);
}

static int fault_intercept(lua_State *L)
{
    dw_rule_config c = {.action = DW_ACTION_INTERCEPT};
    char what[32];
    dwl_sim *s = dwl_sim_of(L, 1);
    int function = lua_isfunction(L, 2) ? 2 : 3;
    title(L, what, sizeof what, "intercept");
    if (!lua_isfunction(L, function))
        return dwl_error(L, "%s: expected a function, got %s", what, luaL_typename(L, function));
    if (function == 3)
        dwl_read_match(L, 2, what, s, &c.match, NULL);
    else
        dw_match_any(&c.match);
    lua_pushvalue(L, function);
    c.intercept_arg = new_hook(L, s);
    c.intercept = ask_intercept;
    return add_rule(L, &c, what);
}

/* inject: a packet that no host sent. */

static const char *const inject_options[] = {"at",  "from", "port",   "to",   "to_port",  "flags",
                                             "seq", "ack",  "window", "data", "protocol", NULL};

static int link_inject(lua_State *L)
{
    dw_link *link = check(L);
    dwl_sim *s = dwl_sim_of(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    dwl_check_names(L, 2, "link:inject", inject_options);
    dw_match m;
    char why[200];
    dw_match_any(&m);
    read_hosts(L, 2, "inject", s, &m);
    if (m.from < 0 || m.to < 0) return dwl_error(L, "link:inject: say from and to which host");
    dw_node *from = dw_node_at(s->sim, (uint32_t)m.from), *to = dw_node_at(s->sim, (uint32_t)m.to);
    int direction = dw_link_node(link, 1) == from ? 1 : 0;
    if (dw_link_node(link, direction) != from) direction = dw_link_node(link, 0) == to ? 1 : 0;
    const char *flags = dwl_opt_string(L, 2, "inject", "flags");
    if (flags && dw_match_flags(&m, flags, why, sizeof why) != DW_OK)
        return dwl_error(L, "link:inject: %s", why);
    int64_t port = 0, to_port = 0, seq = 0, ack = 0, window = 65535;
    const char *protocol = dwl_opt_string(L, 2, "inject", "protocol");
    bool ports = dwl_opt_integer(L, 2, "inject", "port", 1, 65535, &port);
    ports &= dwl_opt_integer(L, 2, "inject", "to_port", 1, 65535, &to_port);
    if (!ports && !protocol) return dwl_error(L, "link:inject: say port and to_port");
    dwl_opt_integer(L, 2, "inject", "seq", 0, UINT32_MAX, &seq);
    dwl_opt_integer(L, 2, "inject", "ack", 0, UINT32_MAX, &ack);
    dwl_opt_integer(L, 2, "inject", "window", 0, 65535, &window);
    dw_time at = dw_sim_now(s->sim);
    dwl_opt_time(L, 2, "inject", "at", &at);
    dw_dissection f = {.src = dw_node_address(from),
                       .dst = dw_node_address(to),
                       .sport = (uint16_t)port,
                       .dport = (uint16_t)to_port,
                       .flags = m.flags,
                       .seq = (uint32_t)seq,
                       .ack = (uint32_t)ack,
                       .window = (uint32_t)window};
    size_t len = 0;
    lua_getfield(L, 2, "data");
    const char *data = lua_isnil(L, -1) ? NULL : luaL_checklstring(L, -1, &len);
    if (dw_link_inject(link, direction, at, protocol ? protocol : "tcp", &f, data, len) != DW_OK)
        return dwl_error(L, "link:inject: %s", dw_sim_message(s->sim));
    lua_settop(L, 1);
    return 1;
}

const luaL_Reg dwl_fault_methods[] = {
    {"drop", fault_drop},       {"delay", fault_delay},         {"duplicate", fault_duplicate},
    {"reorder", fault_reorder}, {"corrupt", fault_corrupt},     {"rewrite", fault_rewrite},
    {"hold", fault_hold},       {"intercept", fault_intercept}, {NULL, NULL},
};

/* Rules. */

static int rule_hits(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)dw_rule_hits(dwl_check_object(L, 1, DWL_RULE)));
    return 1;
}

static int rule_held(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)dw_rule_held(dwl_check_object(L, 1, DWL_RULE)));
    return 1;
}

static int rule_cancel(lua_State *L)
{
    dw_rule_cancel(dwl_check_object(L, 1, DWL_RULE));
    lua_settop(L, 1);
    return 1;
}

static int rule_release(lua_State *L)
{
    dw_rule_release(dwl_check_object(L, 1, DWL_RULE));
    lua_settop(L, 1);
    return 1;
}

/* rule.hits and rule.held are fields. */
static int rule_index(lua_State *L)
{
    const char *name = lua_tostring(L, 2);
    if (name && strcmp(name, "hits") == 0) return rule_hits(L);
    if (name && strcmp(name, "held") == 0) return rule_held(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 2, 1);
    return 1;
}

void dwl_note_unused_rules(dwl_sim *s, void (*note)(const char *text, void *arg), void *arg)
{
    char text[300];
    dw_rule *rule;
    for (size_t i = 0; s->sim && (rule = dw_rule_at(s->sim, i)) != NULL; i++) {
        if (dw_rule_hits(rule) > 0) continue;
        const char *where = dw_rule_where(rule);
        snprintf(text, sizeof text, "%s%s%s never matched a packet", where, *where ? ": " : "",
                 dw_rule_what(rule));
        note(text, arg);
    }
}

static int object_tostring(lua_State *L)
{
    dwl_object *o = luaL_testudata(L, 1, DWL_LINK);
    if (o && o->sim->sim)
        lua_pushfstring(L, "link %s - %s", dw_node_name(dw_link_node(o->pointer, 0)),
                        dw_node_name(dw_link_node(o->pointer, 1)));
    else if (!o && (o = luaL_testudata(L, 1, DWL_RULE)) && o->sim->sim)
        lua_pushfstring(L, "rule %s at %s", dw_rule_what(o->pointer), dw_rule_where(o->pointer));
    else
        lua_pushliteral(L, "link or rule (closed)");
    return 1;
}

static const luaL_Reg link_methods[] = {{"set", link_set},       {"down", link_down},
                                        {"up", link_up},         {"stats", link_stats},
                                        {"inject", link_inject}, {NULL, NULL}};
static const luaL_Reg rule_methods[] = {
    {"cancel", rule_cancel}, {"release", rule_release}, {NULL, NULL}};
static const luaL_Reg meta[] = {{"__tostring", object_tostring}, {NULL, NULL}};

void dwl_open_link(lua_State *L)
{
    dwl_new_type(L, DWL_LINK, "a link", link_methods, meta);
    luaL_getmetatable(L, DWL_LINK);
    lua_getfield(L, -1, "methods");
    luaL_setfuncs(L, dwl_fault_methods, 0);
    lua_pop(L, 2);
    dwl_new_type(L, DWL_RULE, "a rule", rule_methods, meta);
    luaL_getmetatable(L, DWL_RULE);
    lua_getfield(L, -1, "__index");
    lua_pushcclosure(L, rule_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    luaL_newmetatable(L, "drywire.Packet");
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, packet_has);
    lua_setfield(L, -2, "has");
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
