/* Opening connections: host:connect, host:listen and listener:accept. */
#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "base/type.h"
#include "history.h"
#include "kinds.h"
#include "lua_conn.h"
#include "object.h"
#include "program.h"

#include <stdio.h>
#include <string.h>

enum { MAX_SETTINGS = 40 };

/* Besides these, every option of a connection (see conn:set). */
static const char *const connect_options[] = {"local_port", "local_addr", "timeout", "route",
                                              "data",       "fast_open",  NULL};
static void describe_target(lua_State *L, char *buf, size_t size)
{
    const char *host = luaL_testudata(L, 2, DWL_HOST)
                           ? dw_node_name(((dwl_object *)lua_touserdata(L, 2))->pointer)
                           : lua_tostring(L, 2);
    snprintf(buf, size, "to %s:%lld", host ? host : "?", (long long)lua_tointeger(L, 3));
}

/* Stack: host, peer, port, options, connection. */
static int connected(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    dwl_conn *c = lua_touserdata(L, 5);
    dwl_program *p = dwl_waiting(&c->writer);
    char target[120];
    int error = c->socket ? dw_socket_error(c->socket) : c->error;
    const char *state = c->socket ? dw_socket_state(c->socket) : "CLOSED";
    bool opening = strcmp(state, "SYN-SENT") == 0 || strcmp(state, "SYN-RECEIVED") == 0;
    if (!error && opening && p && !p->timed_out)
        return dwl_wait(L, p, "host:connect", (dw_time)ctx, ctx, connected);
    c->writer = (dwl_waiter){0};
    if (!error && opening) error = DW_E_TIMEOUT;
    if (!error) {
        lua_pushvalue(L, 5);
        return 1;
    }
    describe_target(L, target, sizeof target);
    if (c->socket) {
        dw_socket *socket = c->socket;
        dwl_conn_forget(c);
        dw_socket_abort(socket);
    }
    return dwl_conn_failure(L, c->sim, "connect", target, error);
}

static uint16_t check_port(lua_State *L, int index, const char *what)
{
    int whole;
    lua_Integer port = lua_tointegerx(L, index, &whole);
    if (!whole || port < 1 || port > 65535)
        dwl_error(L, "%s: expected a port from 1 to 65535, got %s", what, dwl_text(L, index));
    return (uint16_t)port;
}

static dw_addr check_target(lua_State *L, dwl_sim *s, const char *what)
{
    dw_addr addr;
    bool text = lua_type(L, 2) == LUA_TSTRING;
    if (text && dw_addr_parse(lua_tostring(L, 2), &addr) == DW_OK) return addr;
    /* A host may be called so. */
    if (text && strcmp(lua_tostring(L, 2), "localhost") == 0 && !dw_node_find(s->sim, "localhost"))
        return dw_addr_v4(0x7f000001);
    return dw_node_address(dwl_check_host(L, 2, s, what));
}

static void read_local(lua_State *L, int table, const char *what, const char *name, dw_addr *out)
{
    const char *text = dwl_opt_string(L, table, what, name);
    if (text && dw_addr_parse(text, out) != DW_OK)
        dwl_error(L, "%s.%s: \"%s\" is no IP address", what, name, text);
}

/* route = { r1, r2 }: the routers to pass (RFC 9293 MUST-51). */
static bool read_route(lua_State *L, int table, dwl_sim *s, dw_route *out)
{
    lua_Integer n = dwl_opt_list(L, table, "connect", "route", "hosts");
    if (n > DW_ROUTE_HOPS) dwl_error(L, "connect.route: at most %d hosts", DW_ROUTE_HOPS);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, i);
        out->hop[out->count++] = dw_node_address(dwl_check_host(L, -1, s, "connect.route"));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return n > 0;
}

int dwl_host_connect(lua_State *L)
{
    dw_node *node = dwl_check_object(L, 1, DWL_HOST);
    dwl_sim *s = dwl_sim_of(L, 1);
    dwl_program *p = dwl_blocking(L, s, "host:connect");
    dw_open how = {.flow = {.remote = check_target(L, s, "host:connect"),
                            .remote_port = check_port(L, 3, "host:connect")}};
    dwl_history_connects(s->state);
    dw_time deadline = DW_TIME_NEVER, timeout;
    dw_route route = {0};
    dw_slice data = {0};
    lua_settop(L, 4);
    if (!lua_isnil(L, 4)) {
        int64_t number;
        dwl_check_connection_names(L, 4, "host:connect", connect_options);
        if (dwl_opt_integer(L, 4, "connect", "local_port", 1, 65535, &number))
            how.flow.local_port = (uint16_t)number;
        if (dwl_opt_integer(L, 4, "connect", "tos", 0, 255, &number))
            how.flow.tos = (uint8_t)number;
        if (dwl_opt_integer(L, 4, "connect", "ttl", 1, 255, &number))
            how.flow.ttl = (uint8_t)number;
        read_local(L, 4, "connect", "local_addr", &how.flow.local);
        if (read_route(L, 4, s, &route)) how.flow.route = &route;
        if (dwl_opt_time(L, 4, "connect", "timeout", &timeout))
            deadline = dw_time_add(dw_sim_now(s->sim), timeout);
        dwl_opt_bool(L, 4, "connect", "fast_open", &how.fast);
        if (dwl_opt_string(L, 4, "connect", "data")) {
            dwl_get_option(L, 4, "data");
            data.buf =
                dwl_push_octets(L, -1); /* its object holds it, whatever fails from here on */
            data.len = (uint32_t)data.buf->size;
            how.data = &data;
            how.count = 1;
            how.waits = true;
            lua_replace(L, 5);
        }
    }
    lua_settop(L, 5);
    dwl_conn *c = dwl_push_conn(L, s, node, false);
    lua_insert(L, 5);
    dw_socket *socket;
    dw_setting settings[MAX_SETTINGS];
    how.settings = settings;
    if (!lua_isnil(L, 4))
        how.setting_count = dwl_collect_settings(L, 4, s, settings, MAX_SETTINGS, "connect");
    if (data.buf) dw_buf_ref(data.buf); /* for who takes it */
    int status = dw_socket_open(node, "tcp", &how, NULL, NULL, &socket);
    lua_settop(L, 5);
    bool taken = status == DW_OK && data.len > 0;
    if (data.buf && !taken) dw_buf_unref(data.buf);
    if (status != DW_OK) {
        char target[120];
        dwl_conn_forget(c);
        describe_target(L, target, sizeof target);
        return dwl_conn_failure(L, s, "connect", target, status);
    }
    dwl_conn_opened(c, socket);
    c->writer = (dwl_waiter){p, p->number};
    return dwl_wait(L, p, "host:connect", deadline, (lua_KContext)deadline, connected);
}

/* listen and accept */

/* Besides these, every option of a connection: those that it accepts begin with them. */
static const char *const listen_options[] = {"backlog", "from", "addr", NULL};

/* A listener that is to be opened. */
typedef struct opening {
    dwl_conn *conn;
    dw_flow flow;
    int backlog;
    int ref; /* of this, in the registry */
    size_t setting_count;
    dw_setting settings[MAX_SETTINGS]; /* their texts are this object's value */
} opening;

/* On failure with a sentence in why. */
static int listen_now(const opening *o, char *why, size_t why_size)
{
    dwl_conn *c = o->conn;
    dw_socket *socket;
    int status = dw_socket_listen(c->node, "tcp", &o->flow, o->backlog, NULL, NULL, &socket);
    if (status != DW_OK) {
        bool foreign = dw_stack_name(c->node) != NULL; /* which tells more */
        snprintf(why, why_size, "port %d: %s", o->flow.local_port,
                 foreign ? dw_sim_message(c->sim->sim) : dw_strerror(status));
        dwl_conn_forget(c);
        return status;
    }
    for (size_t i = 0; i < o->setting_count; i++) {
        const dw_setting *set = &o->settings[i];
        status = dw_socket_set(socket, set->name, set->text, why, why_size);
        if (status == DW_OK) continue;
        dw_socket_close(socket);
        dwl_conn_forget(c);
        return status;
    }
    dwl_conn_opened(c, socket);
    return DW_OK;
}

static void listen_after_event(void *arg)
{
    opening *o = arg;
    dwl_sim *s = o->conn->sim;
    lua_State *L = s->state->main;
    char why[300];
    if (listen_now(o, why, sizeof why) != DW_OK) {
        char text[500];
        snprintf(text, sizeof text, "%s: host:listen: %s", o->conn->where, why);
        dwl_stop(L, s, text);
    }
    luaL_unref(L, LUA_REGISTRYINDEX, o->ref);
}

/* Stack: ..., the listener, the opening; leaves the listener. */
static int listen_later(lua_State *L, opening *o)
{
    o->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    if (dw_sim_defer(o->conn->sim->sim, listen_after_event, o) != DW_OK) return dwl_no_memory(L);
    return 1;
}

/* The options in the table at 3, for the opening on top of the stack. */
static void read_listen_options(lua_State *L, dwl_sim *s, opening *o)
{
    int64_t backlog = 0;
    int top = lua_gettop(L);
    dwl_opt_integer(L, 3, "listen", "backlog", 1, 65535, &backlog);
    o->backlog = (int)backlog;
    if (dwl_get_option(L, 3, "from") != LUA_TNIL)
        o->flow.remote = dw_node_address(dwl_check_host(L, -1, s, "listen.from"));
    lua_pop(L, 1);
    read_local(L, 3, "listen", "addr", &o->flow.local);
    o->setting_count = dwl_collect_settings(L, 3, s, o->settings, MAX_SETTINGS, "listen");
    lua_createtable(L, (int)o->setting_count, 0);
    for (int i = 1; i < lua_gettop(L) - top; i++) {
        lua_pushvalue(L, top + i);
        lua_rawseti(L, -2, i);
    }
    lua_setiuservalue(L, top, 1);
    lua_settop(L, top);
}

/* host:listen(port, options), or host:serve, which says so in a third argument.  In the middle of
 * an event the listener is handed out at once, and opened when the event is over; if it cannot be,
 * the run ends with the error. */
int dwl_host_listen(lua_State *L)
{
    char why[300];
    dw_node *node = dwl_check_object(L, 1, DWL_HOST);
    dwl_sim *s = dwl_sim_of(L, 1);
    const char *what = lua_isstring(L, 4) ? lua_tostring(L, 4) : "host:listen";
    uint16_t port = check_port(L, 2, what);
    if (!lua_isnoneornil(L, 3)) dwl_check_connection_names(L, 3, what, listen_options);
    dwl_conn *c = dwl_push_conn(L, s, node, true);
    opening *o = lua_newuserdatauv(L, sizeof *o, 1);
    *o = (opening){.conn = c, .flow = {.local_port = port}};
    if (!lua_isnoneornil(L, 3)) read_listen_options(L, s, o);
    if (dw_sim_inside(s->sim)) return listen_later(L, o);
    int status = listen_now(o, why, sizeof why);
    lua_settop(L, -2);
    if (status == DW_OK) return 1;
    if (dw_sim_out_of_memory(s->sim)) return dwl_no_memory(L);
    return dwl_error(L, "%s: %s", what, why);
}

static int try_accept(lua_State *L, int status, lua_KContext deadline)
{
    (void)status;
    dwl_conn *l = lua_touserdata(L, 1);
    dwl_program *p = l->sim->state->current;
    dw_socket *socket;
    int result = l->socket ? dw_socket_accept(l->socket, NULL, NULL, &socket) : DW_E_CLOSED;
    if (result == DW_E_AGAIN && p->timed_out) result = DW_E_TIMEOUT;
    if (result == DW_E_AGAIN) {
        p->for_ever = true;
        return dwl_wait(L, p, "listener:accept", (dw_time)deadline, deadline, try_accept);
    }
    l->reader = (dwl_waiter){0};
    p->for_ever = false;
    if (result != DW_OK) return dwl_conn_failure(L, l->sim, "accept", "", result);
    dwl_conn *c = dwl_push_conn(L, l->sim, l->node, false);
    dwl_conn_opened(c, socket);
    return 1;
}

static int listener_accept(lua_State *L)
{
    dwl_conn *l = dwl_check_conn(L, DWL_LISTENER, "listener");
    dwl_program *p = dwl_blocking(L, l->sim, "listener:accept");
    dw_time deadline = dwl_deadline_after(L, l->sim, 2, "listener:accept");
    dwl_conn_claim(L, &l->reader, p, "listener:accept");
    p->timed_out = false;
    return try_accept(L, LUA_OK, (lua_KContext)deadline);
}

static int listener_close(lua_State *L)
{
    dwl_check_conn(L, DWL_LISTENER, "listener");
    return dwl_conn_finish(L, dw_socket_close);
}

static const luaL_Reg listener_methods[] = {
    {"accept", listener_accept}, {"close", listener_close}, {"info", dwl_conn_info}, {NULL, NULL}};

static const luaL_Reg listener_meta[] = {
    {"__tostring", dwl_conn_tostring}, {"__close", listener_close}, {NULL, NULL}};

/* What TCP tells of a connection in one state or another; which of it there is depends on that. */
static const char *const info_fields[] = {"accepted",
                                          "ack_mss",
                                          "advmss",
                                          "backlog",
                                          "backoff",
                                          "busy_time_ns",
                                          "bytes_received",
                                          "ca_state",
                                          "cwnd",
                                          "delivered",
                                          "delivered_ce",
                                          "delivered_ce_octets",
                                          "delivery_rate",
                                          "delivery_rate_app_limited",
                                          "duplicates",
                                          "early",
                                          "ecn",
                                          "ecn_failed",
                                          "ecn_mode",
                                          "ecn_option_seen",
                                          "ecn_seen",
                                          "fast",
                                          "fin_received",
                                          "flight",
                                          "half_open",
                                          "icmp",
                                          "irs",
                                          "iss",
                                          "keepalive_idle_s",
                                          "keepalive_interval_s",
                                          "keepalive_probes",
                                          "last_data_recv_ns",
                                          "last_data_sent_ns",
                                          "lost_out",
                                          "min_rtt_ns",
                                          "offered_wnd",
                                          "pacing_rate",
                                          "peer_mss",
                                          "pipe",
                                          "pmtu",
                                          "probes",
                                          "queued",
                                          "quick_ack",
                                          "rack_window_ns",
                                          "rcv_mss",
                                          "rcv_nxt",
                                          "rcv_ssthresh",
                                          "rcv_tos",
                                          "rcv_wnd",
                                          "rcv_wscale",
                                          "receive_buffer",
                                          "receive_lowat",
                                          "receive_memory",
                                          "receive_memory_used",
                                          "received_ce",
                                          "received_ce_octets",
                                          "reordering",
                                          "reordering_seen",
                                          "report",
                                          "resent_out",
                                          "resent_total",
                                          "retransmits",
                                          "rto_ns",
                                          "rttvar_ns",
                                          "rwnd_limited_ns",
                                          "sack",
                                          "sacked_out",
                                          "segments_out",
                                          "send_buffer",
                                          "snd_mss",
                                          "snd_nxt",
                                          "snd_una",
                                          "snd_wnd",
                                          "snd_wscale",
                                          "sndbuf_limited_ns",
                                          "srtt_ns",
                                          "ssthresh",
                                          "syn_data_acked",
                                          "syn_retries",
                                          "time_wait",
                                          "timestamps",
                                          "ts_recent",
                                          "udp_remote",
                                          "unacknowledged",
                                          "unread",
                                          "unsent",
                                          "urgent",
                                          "user_timeout_ns",
                                          "waiting",
                                          "writable",
                                          "wscale_ok",
                                          NULL};

void dwl_open_listener(lua_State *L)
{
    dwl_new_type(L, DWL_LISTENER, "a listener", listener_methods, listener_meta);
    dwl_new_record(L, "drywire.Info", "info()", info_fields, NULL); /* of connections, too */
}
