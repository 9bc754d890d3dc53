/* Hosts. */
#include "drywire/plugin.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "base/type.h"
#include "history.h"
#include "kinds.h"
#include "object.h"
#include "program.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const host_options[] = {"isn",        "mss", "buffer", "profile", "addr",
                                           "more_addrs", "tcp", "udp",    "stack",   NULL};

static void set_option(lua_State *L, dwl_sim *s, dw_node *node, const char *name, const char *text)
{
    char where[200];
    int status = dw_node_option(node, "tcp", name, text);
    if (status == DW_OK) return;
    if (status == DW_E_NOENT && dwl_stack_leaves_out(L, s, node, name)) return;
    snprintf(where, sizeof where, "host \"%s\"", dw_node_name(node));
    if (strcmp(name, "congestion_control") == 0) dwl_no_such_congestion(L, s, where, text);
    dwl_error(L, "host \"%s\": %s%s", dw_node_name(node), dw_sim_message(s->sim),
              dwl_tcp_option_hint(L, name));
}

void dwl_check_mss(lua_State *L, dw_node *node)
{
    long long mss = dw_node_query(node, "tcp", "mss", NULL);
    long long least = dw_node_query(node, "tcp", "mss_least", NULL);
    if (mss > 0 && mss < least)
        dwl_error(L,
                  "host \"%s\": mss = %lld is below the least, mss_least = %lld; for smaller "
                  "segments write tcp = { mss_least = %lld }, for the peer, too",
                  dw_node_name(node), mss, least, mss);
}

/* isn = 100 or isn = { 300, 400 }, for one connection after the other. */
static void set_isn(lua_State *L, dwl_sim *s, dw_node *node, int options)
{
    char text[512] = "";
    size_t used = 0;
    dwl_get_option(L, options, "isn");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    lua_Integer n = dwl_list_length(L, -1);
    for (lua_Integer i = 1; i <= n && used < sizeof text; i++) {
        uint32_t isn =
            dwl_list_number(L, -1, i, 0, "host", "isn", "a sequence number from 0 to 4294967295");
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%" PRIu32, i > 1 ? "," : "", isn);
    }
    lua_pop(L, 1);
    set_option(L, s, node, "isn", text);
}

typedef struct target {
    dwl_sim *sim;
    dw_node *node;
} target;

static void set_one(lua_State *L, void *ctx, const char *name, const char *text)
{
    target *t = ctx;
    if (strcmp(name, "profile") != 0) set_option(L, t->sim, t->node, name, text);
}

/* profile = "linux", tcp = { delayed_ack = "40ms" }: the profile first, which tcp may have, too. */
static void set_tcp(lua_State *L, dwl_sim *s, dw_node *node, int options)
{
    const char *profile = dwl_opt_string(L, options, "host", "profile");
    if (profile) set_option(L, s, node, "profile", profile);
    if (dwl_get_option(L, options, "tcp") != LUA_TNIL) {
        int table = lua_gettop(L);
        if (!lua_istable(L, -1))
            dwl_error(L, "host.tcp: expected a table of options, got %s", luaL_typename(L, -1));
        if (dwl_get_option(L, -1, "profile") != LUA_TNIL)
            set_option(L, s, node, "profile", dwl_option_text(L, "host.tcp", "profile"));
        lua_settop(L, table);
        dwl_each_option(L, -1, "host.tcp", set_one, &(target){s, node});
    }
    lua_pop(L, 1);
}

static void set_udp_option(lua_State *L, void *ctx, const char *name, const char *text)
{
    target *t = ctx;
    if (dw_node_option(t->node, "udp", name, text) != DW_OK)
        dwl_error(L, "host \"%s\": %s", dw_node_name(t->node), dw_sim_message(t->sim->sim));
}

/* udp = { tcp_port = 9899 } */
static void set_udp(lua_State *L, dwl_sim *s, dw_node *node, int options)
{
    if (dwl_get_option(L, options, "udp") != LUA_TNIL)
        dwl_each_option(L, -1, "host.udp", set_udp_option, &(target){s, node});
    lua_pop(L, 1);
}

/* more_addrs = { "192.0.2.1" }, on top of the stack. */
static void add_addresses(lua_State *L, dwl_sim *s, dw_node *node)
{
    if (!lua_istable(L, -1)) dwl_error(L, "host.more_addrs: expected a list of addresses");
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, -1); i++) {
        dw_addr a;
        lua_rawgeti(L, -1, i);
        const char *text = dwl_option_text(L, "host", "more_addrs");
        if (dw_addr_parse(text, &a) != DW_OK)
            dwl_error(L, "host.more_addrs: \"%s\" is no IP address", text);
        int status = dw_node_add_address(node, &a);
        if (status != DW_OK) dwl_refused(L, s, status, "host.more_addrs");
        lua_pop(L, 1);
    }
}

bool dwl_is_tcp_option(const char *name)
{
    for (const dw_option *o = dw_protocol_builtin("tcp")->options; o->name; o++)
        if (strcmp(o->name, name) == 0) return true;
    return false;
}

const char *dwl_tcp_option_hint(lua_State *L, const char *name)
{
    const char *here = dwl_is_tcp_option(name) ? NULL : dwl_socket_option(name, NULL);
    if (!here) return "";
    size_t len = strcspn(here, " ");
    lua_pushlstring(L, here, len);
    if (dwl_is_tcp_option(lua_tostring(L, -1))) return lua_pushfstring(L, "; it is %s here", here);
    return lua_pushfstring(L, "; it is one of a connection: %s",
                           strchr(here, '{') ? here : lua_pushfstring(L, "conn:set { %s }", here));
}

void dwl_check_host_names(lua_State *L, int table, const char *what, const char *const *names)
{
    const char *found = NULL; /* the first in byte order: lua_next has none */
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        bool own = false;
        for (size_t i = 0; names[i]; i++)
            own |= strcmp(names[i], name) == 0;
        if (!own && dwl_is_tcp_option(name) && (!found || strcmp(name, found) < 0)) found = name;
    }
    if (found)
        dwl_error(L, "%s is a TCP option: write tcp = { %s = ... } in the options of %s", found,
                  found, what);
    dwl_check_names(L, table, what, names);
}

void dwl_configure_host(lua_State *L, dwl_sim *s, dw_node *node, int options)
{
    int64_t number;
    char text[32];
    dw_addr a;
    if (!lua_istable(L, options))
        dwl_error(L, "sim:host: expected a table of options, got %s", luaL_typename(L, options));
    dwl_check_host_names(L, options, "host", host_options);
    set_tcp(L, s, node, options);
    set_udp(L, s, node, options);
    set_isn(L, s, node, options);
    if (dwl_opt_integer(L, options, "host", "mss", 1, 65495, &number)) {
        snprintf(text, sizeof text, "%lld", (long long)number);
        set_option(L, s, node, "mss", text);
    }
    if (dwl_get_option(L, options, "mss") != LUA_TNIL ||
        dwl_get_option(L, options, "tcp") != LUA_TNIL)
        dwl_check_mss(L, node);
    lua_settop(L, options);
    if (dwl_get_option(L, options, "buffer") != LUA_TNIL) {
        const char *buffer = dwl_option_text(L, "host", "buffer");
        set_option(L, s, node, "receive_buffer", buffer);
        set_option(L, s, node, "send_buffer", buffer);
        set_option(L, s, node, "scale_buffer", "0B"); /* as if every user had set that size */
        set_option(L, s, node, "receive_autotune", "false");
        set_option(L, s, node, "send_autotune", "false");
    }
    lua_pop(L, 1);
    if (dwl_get_option(L, options, "more_addrs") != LUA_TNIL) add_addresses(L, s, node);
    lua_pop(L, 1);
    const char *addr = dwl_opt_string(L, options, "host", "addr");
    if (!addr) return;
    if (dw_addr_parse(addr, &a) != DW_OK)
        dwl_error(L, "host.addr: \"%s\" is no IP address; write for example \"192.0.2.1\"", addr);
    int status = dw_node_set_address(node, &a);
    if (status != DW_OK) dwl_refused(L, s, status, "host.addr");
}

static dw_node *check(lua_State *L)
{
    return dwl_check_object(L, 1, DWL_HOST);
}

static int host_spawn(lua_State *L)
{
    dw_node *node = check(L);
    dwl_check_function(L, 2, "host:spawn");
    dwl_spawn(L, dwl_sim_of(L, 1), node, lua_gettop(L) - 2);
    lua_settop(L, 1);
    return 1;
}

static int slept(lua_State *L, int status, lua_KContext ctx)
{
    (void)L;
    (void)status;
    (void)ctx;
    return 0;
}

static int host_sleep(lua_State *L)
{
    check(L);
    dwl_program *p = dwl_blocking(L, dwl_sim_of(L, 1), "host:sleep");
    dw_time end = dwl_moment_after(L, dwl_sim_of(L, 1), 2, "host:sleep");
    p->for_ever = end == DW_TIME_NEVER;
    return dwl_wait(L, p, "host:sleep", end, 0, slept);
}

/* Which hook is called, and for what: its function may stand in one line with others'. */
static void note_hook(dwl_state *state, const dw_node *node, const char *word, lua_Integer i)
{
    if (!dwl_explores(state)) return;
    dwl_history_mix(state, (uint64_t)dw_node_index(node) << 32 | (uint64_t)i);
    dwl_history_word(state, word);
}

static void state_changed(dw_node *node, uint32_t conn, const char *state, void *arg)
{
    dwl_sim *s = arg;
    lua_State *L = s->state->main;
    int top = lua_gettop(L);
    (void)conn;
    dwl_push_sim(L, s);
    dwl_push_cache(L, -1);
    lua_rawgetp(L, -1, (const char *)node + 1); /* this host's hooks */
    if (lua_istable(L, -1)) {
        lua_Integer n = luaL_len(L, -1);
        for (lua_Integer i = 1; i + 1 <= n; i += 2) {
            lua_rawgeti(L, -1, i);
            bool wanted = strcmp(lua_tostring(L, -1), state) == 0;
            lua_pop(L, 1);
            if (!wanted) continue;
            note_hook(s->state, node, state, i);
            lua_rawgeti(L, -1, i + 1);
            if (!dwl_call(L, s, 0, 0, "host:on_state")) break;
        }
    }
    lua_settop(L, top);
}

static const char *check_state(lua_State *L, int index, const char *call)
{
    const char *word = dwl_check_text(L, index, call, "a state");
    const char *const *states = dw_protocol_builtin("tcp")->states;
    char name[32];
    snprintf(name, sizeof name, "%s", word);
    for (char *c = name; *c; c++) {
        if (*c == '_') *c = '-';
        if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
    }
    for (const char *const *s = states; *s; s++)
        if (strcmp(*s, name) == 0) return *s;
    const char *near = dw_nearest(name, states);
    if (near) dwl_error(L, "%s: there is no state %s; did you mean %s?", call, word, near);
    dwl_error(L, "%s: there is no state \"%s\"%s", call, word, dwl_known_words(L, name, states));
    return NULL;
}

/* The functions are kept by the simulation, after the state that each waits for. */
static int host_on_state(lua_State *L)
{
    dw_node *node = check(L);
    dwl_sim *s = dwl_sim_of(L, 1);
    const char *state = check_state(L, 2, "host:on_state");
    dwl_check_function(L, 3, "host:on_state");
    dwl_push_list(L, s, (const char *)node + 1);
    lua_Integer n = luaL_len(L, -1);
    lua_pushstring(L, state);
    lua_rawseti(L, -2, n + 1);
    lua_pushvalue(L, 3);
    lua_rawseti(L, -2, n + 2);
    dw_node_on_state(node, state_changed, s);
    dwl_wants_run(s);
    lua_settop(L, 1);
    return 1;
}

/* A crash that waits until the event is over. */
typedef struct crashing {
    dwl_sim *sim;
    dw_node *node;
    uint64_t last; /* of the programs that end: later ones were begun after the crash */
    int ref;       /* of this, in the registry */
} crashing;

static void crash_now(void *arg)
{
    const crashing *c = arg;
    lua_State *L = c->sim->state->main;
    dwl_programs_kill(L, c->sim, c->node, c->last);
    dw_node_crash(c->node);
    luaL_unref(L, LUA_REGISTRYINDEX, c->ref);
}

static int host_crash(lua_State *L)
{
    dw_node *node = check(L);
    dwl_sim *s = dwl_sim_of(L, 1);
    crashing *c = lua_newuserdatauv(L, sizeof *c, 0);
    *c = (crashing){.sim = s, .node = node, .last = s->program_count};
    c->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    if (dw_sim_defer(s->sim, crash_now, c) != DW_OK) return dwl_no_memory(L);
    lua_settop(L, 1);
    return 1;
}

/* nil and why, which an error about that nil repeats: see dwl_tell_absent. */
static int has_no_conn(lua_State *L, const dw_trace *trace, const dw_node *node, lua_Integer nth)
{
    dwl_state *s = dwl_state_of(L);
    uint32_t count = 0;
    while (dw_trace_conn_of(trace, dw_node_index(node), count + 1))
        count++;
    dwl_where(L);
    snprintf(s->absent_at, sizeof s->absent_at, "%s", lua_tostring(L, -1));
    int n = snprintf(s->absent, sizeof s->absent, "host \"%s\" has no connection %lld; it has ",
                     dw_node_name(node), (long long)nth);
    snprintf(s->absent + n, sizeof s->absent - (size_t)n, count ? "%u" : "none", count);
    lua_pushnil(L);
    lua_pushstring(L, s->absent);
    return 2;
}

/* The nth connection of the host, as it stands in the trace. */
static int host_conn(lua_State *L)
{
    dw_node *node = check(L);
    dwl_sim *s = dwl_sim_of(L, 1);
    lua_Integer nth = dwl_integer_or(L, 2, "host:conn", 1);
    const dw_trace *trace = dwl_kept_trace(L, s, "host:conn");
    uint32_t conn = nth > 0 && nth <= UINT32_MAX
                        ? dw_trace_conn_of(trace, dw_node_index(node), (uint32_t)nth)
                        : 0;
    if (!conn) return has_no_conn(L, trace, node, nth);
    for (dwl_conn *c = s->conns; c; c = c->next) {
        if (c->conn != conn || c->listener) continue;
        dwl_push_sim(L, s);
        dwl_push_cache(L, -1);
        if (lua_rawgetp(L, -1, c) != LUA_TNIL) return 1;
        lua_pop(L, 3);
    }
    /* Closed, or never seen by the script: a handle for what the trace tells. */
    dwl_push_sim(L, s);
    dwl_conn *c = lua_newuserdatauv(L, sizeof *c, 1);
    *c = (dwl_conn){.sim = s, .node = node, .conn = conn, .number = ++s->state->next_object};
    lua_pushvalue(L, -2);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, DWL_CONN);
    return 1;
}

static int host_loopback(lua_State *L)
{
    dw_link *link = dw_node_loopback(check(L));
    dwl_sim *s = dwl_sim_of(L, 1);
    if (!link) return dwl_no_memory(L);
    dwl_push_sim(L, s);
    dwl_push_object(L, -1, DWL_LINK, link);
    return 1;
}

static int host_name(lua_State *L)
{
    lua_pushstring(L, dw_node_name(check(L)));
    return 1;
}

static int host_addr(lua_State *L)
{
    char text[DW_ADDR_TEXT];
    dw_addr a = dw_node_address(check(L));
    lua_pushstring(L, dw_addr_format(&a, text, sizeof text));
    return 1;
}

static int host_tostring(lua_State *L)
{
    dwl_object *o = luaL_checkudata(L, 1, DWL_HOST);
    if (o->sim->sim)
        lua_pushfstring(L, "host \"%s\"", dw_node_name(o->pointer));
    else
        lua_pushliteral(L, "host (closed)");
    return 1;
}

static const luaL_Reg methods[] = {
    {"spawn", host_spawn},
    {"sleep", host_sleep},
    {"on_state", host_on_state},
    {"crash", host_crash},
    {"conn", host_conn},
    {"name", host_name},
    {"addr", host_addr},
    {"connect", dwl_host_connect},
    {"listen", dwl_host_listen},
    {"loopback", host_loopback},
    {NULL, NULL},
};

static const luaL_Reg meta[] = {{"__tostring", host_tostring}, {NULL, NULL}};

void dwl_open_host(lua_State *L)
{
    dwl_new_type(L, DWL_HOST, "a host", methods, meta);
    dwl_add_methods(L, DWL_HOST, "a host", dwl_fault_methods);
}
