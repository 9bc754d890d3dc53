/* Connections and listeners: the socket calls, blocking for the program that makes them. */
#include "binding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void remember_line(lua_State *L, char *buf, size_t size)
{
    dwl_where(L);
    snprintf(buf, size, "%s", lua_tostring(L, -1));
    size_t n = strlen(buf);
    if (n > 2) buf[n - 2] = 0; /* without ": " */
    lua_pop(L, 1);
}

/* nil, "refused": and remember it, so that a later "attempt to index a nil value" makes sense. */
static int failure(lua_State *L, dwl_sim *s, const char *call, const char *target, int error)
{
    snprintf(s->last_failure, sizeof s->last_failure, "%s %s%sfailed: %s", call, target,
             *target ? " " : "", dw_strerror(error));
    remember_line(L, s->where, sizeof s->where);
    lua_pushnil(L);
    lua_pushstring(L, dw_strerror(error));
    return 2;
}

/* Problems that may pass, by their number in dw_socket_ops.info. */
static const char *const report_names[] = {"none", "retransmissions", "unreachable",
                                           "time-exceeded", "parameter-problem"};

typedef struct wanted_field {
    const char *name;
    int64_t value;
} wanted_field;

static void pick_field(void *ctx, const char *name, int64_t value)
{
    wanted_field *w = ctx;
    if (strcmp(name, w->name) == 0) w->value = value;
}

static int64_t socket_field(const dw_socket *socket, const char *name)
{
    wanted_field w = {.name = name};
    dw_socket_info(socket, pick_field, &w);
    return w.value;
}

static void tell_report(dwl_conn *c, uint32_t events)
{
    lua_State *L = c->sim->state->main;
    int top = lua_gettop(L);
    size_t report = (size_t)socket_field(c->socket, "report");
    lua_rawgeti(L, LUA_REGISTRYINDEX, c->on_report->ref);
    if (events & DW_SOCKET_URGENT)
        lua_pushliteral(L, "urgent");
    else
        lua_pushstring(L, report_names[report < 5 ? report : 0]);
    dwl_call(L, c->sim, 1, 0, "conn:on_report");
    lua_settop(L, top);
}

/* Events from the transport wake who waits; both may be the same program. */
static void notified(dw_socket *socket, uint32_t events, void *user)
{
    dwl_conn *c = user;
    (void)socket;
    if (events & (DW_SOCKET_REPORT | DW_SOCKET_URGENT) && c->on_report) tell_report(c, events);
    uint32_t for_reader = DW_SOCKET_READABLE | DW_SOCKET_ERROR | DW_SOCKET_CLOSED;
    uint32_t for_writer = DW_SOCKET_WRITABLE | DW_SOCKET_CONNECTED | DW_SOCKET_ERROR |
                          DW_SOCKET_CLOSED | DW_SOCKET_DRAINED;
    dwl_program *writer = events & for_writer ? c->writer : NULL;
    dwl_program *reader = events & for_reader ? c->reader : NULL;
    if (writer) dwl_wake(writer);
    if (reader && c->reader == reader) dwl_wake(reader);
}

static dwl_conn *push_conn(lua_State *L, dwl_sim *s, dw_node *node, bool listener)
{
    dwl_push_sim(L, s);
    int sim = lua_gettop(L);
    dwl_conn *c = lua_newuserdatauv(L, sizeof *c, 1);
    *c = (dwl_conn){.sim = s,
                    .node = node,
                    .listener = listener,
                    .number = ++s->state->next_object,
                    .next = s->conns};
    lua_pushvalue(L, sim);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, listener ? DWL_LISTENER : DWL_CONN);
    if (s->conns) s->conns->previous = c;
    s->conns = c;
    dwl_push_cache(L, sim); /* keeps it while its socket is open */
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, c);
    lua_pop(L, 1);
    lua_remove(L, sim);
    remember_line(L, c->where, sizeof c->where);
    return c;
}

static void opened(dwl_conn *c, dw_socket *socket)
{
    c->socket = socket;
    c->conn = socket->conn;
    dw_socket_set_notify(socket, notified, c);
}

void dwl_conn_forget(dwl_conn *c)
{
    lua_State *L = c->sim->state->main;
    if (c->previous)
        c->previous->next = c->next;
    else
        c->sim->conns = c->next;
    if (c->next) c->next->previous = c->previous;
    c->next = c->previous = NULL;
    c->socket = NULL;
    dwl_push_sim(L, c->sim);
    if (lua_isuserdata(L, -1)) {
        dwl_push_cache(L, -1);
        lua_pushnil(L);
        lua_rawsetp(L, -2, c);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static dwl_conn *check_type(lua_State *L, const char *type, const char *name)
{
    dwl_conn *c = luaL_testudata(L, 1, type);
    if (!c)
        dwl_error(L, "expected a %s, got %s (call methods with a colon)", name,
                  luaL_typename(L, 1));
    if (!c->sim->sim) dwl_error(L, "%s: its simulation is closed", name);
    return c;
}

static dwl_conn *check(lua_State *L)
{
    return check_type(L, DWL_CONN, "connection");
}

static dwl_conn *check_open(lua_State *L, const char *call)
{
    dwl_conn *c = check(L);
    if (!c->socket) dwl_error(L, "%s: the connection has been closed by this script", call);
    return c;
}

static void claim(lua_State *L, dwl_program **slot, dwl_program *p, const char *call)
{
    if (*slot && *slot != p)
        dwl_error(L, "%s: another program of this host already waits here (%s)", call,
                  (*slot)->where);
    *slot = p;
}

/* connect */

/* Besides these, every option of a connection (see conn:set). */
static const char *const connect_options[] = {"local_port", "local_addr", "timeout", "route",
                                              "data",       "fast_open",  NULL};
enum { CONNECT_OPTIONS = 6, MOST_NAMES = 40 };

static const dw_option *settings(void)
{
    const dw_plugin *p;
    for (size_t i = 0; (p = dw_plugin_builtin(i)) != NULL; i++)
        if (strcmp(p->name, "tcp") == 0) return p->protocol->sockets->options;
    return NULL;
}

/* The names of `own` and of a connection's options. */
static void check_connection_names(lua_State *L, int table, const char *what,
                                   const char *const *own)
{
    const char *names[MOST_NAMES + 1] = {0};
    int n = 0;
    for (; own && *own; own++)
        names[n++] = *own;
    for (const dw_option *o = settings(); o->name && n < MOST_NAMES; o++)
        names[n++] = o->name;
    dwl_check_names(L, table, what, names);
}

/* Set what the table at index says about the connection, in the order of the options' table. */
static void apply_settings(lua_State *L, int table, dw_socket *socket, const char *what)
{
    char why[300];
    int top = lua_gettop(L);
    for (const dw_option *o = settings(); o->name; o++) {
        if (lua_getfield(L, table, o->name) != LUA_TNIL &&
            dw_socket_set(socket, o->name, luaL_tolstring(L, -1, NULL), why, sizeof why) != DW_OK)
            dwl_error(L, "%s.%s", what, why);
        lua_settop(L, top);
    }
}

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
    dwl_program *p = c->writer;
    char target[120];
    int error = c->socket ? dw_socket_error(c->socket) : DW_E_CRASHED;
    const char *state = c->socket ? dw_socket_state(c->socket) : "CLOSED";
    bool opening = strcmp(state, "SYN-SENT") == 0 || strcmp(state, "SYN-RECEIVED") == 0;
    if (!error && opening && p && !p->timed_out)
        return dwl_wait(L, p, "host:connect", (dw_time)ctx, ctx, connected);
    c->writer = NULL;
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
    return failure(L, c->sim, "connect", target, error);
}

static uint16_t check_port(lua_State *L, int index, const char *what)
{
    int whole;
    lua_Integer port = lua_tointegerx(L, index, &whole);
    if (!whole || port < 1 || port > 65535)
        dwl_error(L, "%s: expected a port from 1 to 65535, got %s", what,
                  luaL_tolstring(L, index, NULL));
    return (uint16_t)port;
}

static dw_addr check_target(lua_State *L, dwl_sim *s, const char *what)
{
    dw_addr addr;
    if (lua_type(L, 2) == LUA_TSTRING && dw_addr_parse(lua_tostring(L, 2), &addr) == DW_OK)
        return addr;
    return dw_node_address(dwl_check_host(L, 2, s, what));
}

static void read_local(lua_State *L, int table, const char *what, const char *name, dw_addr *out)
{
    const char *text = dwl_opt_string(L, table, what, name);
    if (text && dw_addr_parse(text, out) != DW_OK)
        dwl_error(L, "%s.%s: \"%s\" is no IPv4 address", what, name, text);
}

/* route = { r1, r2 }: the routers to pass (RFC 9293 MUST-51). */
static bool read_route(lua_State *L, int table, dwl_sim *s, dw_route *out)
{
    bool given = lua_getfield(L, table, "route") != LUA_TNIL;
    lua_Integer n = given ? luaL_len(L, -1) : 0;
    if (n > DW_ROUTE_HOPS) dwl_error(L, "connect.route: at most %d hosts", DW_ROUTE_HOPS);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, -1, i);
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
    dwl_program *p = dwl_blocking(L, "host:connect");
    dw_open how = {.flow = {.remote = check_target(L, s, "host:connect"),
                            .remote_port = check_port(L, 3, "host:connect")}};
    dw_time deadline = DW_TIME_NEVER, timeout;
    dw_route route = {0};
    dw_slice data = {0};
    lua_settop(L, 4);
    if (!lua_isnil(L, 4)) {
        int64_t number;
        size_t len;
        luaL_checktype(L, 4, LUA_TTABLE);
        check_connection_names(L, 4, "host:connect", connect_options);
        if (dwl_opt_integer(L, 4, "connect", "local_port", 1, 65535, &number))
            how.flow.local_port = (uint16_t)number;
        if (dwl_opt_integer(L, 4, "connect", "tos", 0, 255, &number))
            how.flow.tos = (uint8_t)number;
        if (dwl_opt_integer(L, 4, "connect", "ttl", 0, 255, &number))
            how.flow.ttl = (uint8_t)number;
        read_local(L, 4, "connect", "local_addr", &how.flow.local);
        if (read_route(L, 4, s, &route)) how.flow.route = &route;
        if (dwl_opt_time(L, 4, "connect", "timeout", &timeout))
            deadline = dw_sim_now(s->sim) + timeout;
        dwl_opt_bool(L, 4, "connect", "fast_open", &how.fast);
        const char *text = dwl_opt_string(L, 4, "connect", "data");
        if (text) {
            lua_getfield(L, 4, "data");
            text = lua_tolstring(L, -1, &len);
            data = (dw_slice){.buf = dw_buf_new(text, len), .len = (uint32_t)len};
            how.data = &data;
            how.count = 1;
            lua_pop(L, 1);
        }
    }
    dwl_conn *c = push_conn(L, s, node, false);
    dw_socket *socket;
    int status = dw_socket_open(node, "tcp", &how, NULL, NULL, &socket);
    if (status != DW_OK) {
        char target[120];
        if (data.buf) dw_buf_unref(data.buf);
        dwl_conn_forget(c);
        describe_target(L, target, sizeof target);
        return failure(L, s, "connect", target, status);
    }
    opened(c, socket);
    if (!lua_isnil(L, 4)) apply_settings(L, 4, socket, "connect");
    c->writer = p;
    return dwl_wait(L, p, "host:connect", deadline, (lua_KContext)deadline, connected);
}

/* listen and accept */

static const char *const listen_options[] = {"backlog", "from", "addr", NULL};

int dwl_host_listen(lua_State *L)
{
    dw_node *node = dwl_check_object(L, 1, DWL_HOST);
    dwl_sim *s = dwl_sim_of(L, 1);
    dw_flow flow = {.local_port = check_port(L, 2, "host:listen")};
    int64_t backlog = 0;
    if (!lua_isnoneornil(L, 3)) {
        luaL_checktype(L, 3, LUA_TTABLE);
        dwl_check_names(L, 3, "host:listen", listen_options);
        dwl_opt_integer(L, 3, "listen", "backlog", 1, 65535, &backlog);
        if (lua_getfield(L, 3, "from") != LUA_TNIL)
            flow.remote = dw_node_address(dwl_check_host(L, -1, s, "listen.from"));
        lua_pop(L, 1);
        read_local(L, 3, "listen", "addr", &flow.local);
    }
    dwl_conn *c = push_conn(L, s, node, true);
    dw_socket *socket;
    int status = dw_socket_listen(node, "tcp", &flow, (int)backlog, NULL, NULL, &socket);
    if (status != DW_OK) {
        dwl_conn_forget(c);
        return dwl_error(L, "host:listen: port %u: %s", flow.local_port, dw_strerror(status));
    }
    opened(c, socket);
    return 1;
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
        p->accepting = true;
        return dwl_wait(L, p, "listener:accept", (dw_time)deadline, deadline, try_accept);
    }
    l->reader = NULL;
    p->accepting = false;
    if (result != DW_OK) return failure(L, l->sim, "accept", "", result);
    dwl_conn *c = push_conn(L, l->sim, l->node, false);
    opened(c, socket);
    return 1;
}

static dw_time deadline_after(lua_State *L, dwl_sim *s, int index, const char *what)
{
    if (lua_isnoneornil(L, index)) return DW_TIME_NEVER;
    return dw_sim_now(s->sim) + dwl_check_time(L, index, what);
}

static int listener_accept(lua_State *L)
{
    dwl_conn *l = check_type(L, DWL_LISTENER, "listener");
    dwl_program *p = dwl_blocking(L, "listener:accept");
    dw_time deadline = deadline_after(L, l->sim, 2, "listener:accept");
    claim(L, &l->reader, p, "listener:accept");
    p->timed_out = false;
    return try_accept(L, LUA_OK, (lua_KContext)deadline);
}

/* recv */

static int push_received(lua_State *L, dwl_conn *c, uint64_t max)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    int64_t error = DW_OK;
    uint64_t got = 0;
    while (got < max) {
        dw_slice slice;
        error = dw_socket_recv_slice(c->socket, max - got, &slice);
        if (error < 0) break;
        char *room = luaL_prepbuffsize(&b, slice.len);
        dw_slice_copy(&slice, (uint8_t *)room);
        luaL_addsize(&b, slice.len);
        got += slice.len;
        dw_buf_unref(slice.buf);
    }
    luaL_pushresult(&b);
    if (got) return DW_OK;
    lua_pop(L, 1);
    return (int)error;
}

/* Stack: connection, max, deadline. */
static int try_recv(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    dwl_conn *c = lua_touserdata(L, 1);
    dwl_program *p = c->sim->state->current;
    lua_Integer max = lua_tointeger(L, 2);
    dw_time deadline = (dw_time)lua_tointeger(L, 3);
    int error = c->socket ? push_received(L, c, (uint64_t)max) : DW_E_NOTCONN;
    if (error == DW_E_AGAIN && p->timed_out) error = DW_E_TIMEOUT;
    if (error == DW_E_AGAIN) return dwl_wait(L, p, "conn:recv", deadline, 0, try_recv);
    c->reader = NULL;
    if (error == DW_OK) return 1;
    if (error != DW_E_CLOSED) return failure(L, c->sim, "recv", "", error);
    lua_pushnil(L);
    lua_pushliteral(L, "closed");
    return 2;
}

static const char *const recv_options[] = {"timeout", NULL};

static int conn_recv(lua_State *L)
{
    dwl_conn *c = check_open(L, "conn:recv");
    dwl_program *p = dwl_blocking(L, "conn:recv");
    lua_Integer max = 65536;
    dw_time deadline = DW_TIME_NEVER, timeout;
    lua_settop(L, 3);
    int options = lua_istable(L, 2) ? 2 : 3;
    if (!lua_isnil(L, 2) && options == 3) {
        max = luaL_checkinteger(L, 2);
        if (max < 1)
            return dwl_error(L, "conn:recv: expected at least 1 byte, got %lld", (long long)max);
    }
    if (lua_istable(L, options)) {
        dwl_check_names(L, options, "conn:recv", recv_options);
        if (dwl_opt_time(L, options, "recv", "timeout", &timeout))
            deadline = dw_sim_now(c->sim->sim) + timeout;
    }
    claim(L, &c->reader, p, "conn:recv");
    p->timed_out = false;
    lua_settop(L, 1);
    lua_pushinteger(L, max);
    lua_pushinteger(L, deadline);
    return try_recv(L, LUA_OK, 0);
}

/* send: everything, waiting for room as often as it takes. */

static const char *const send_options[] = {"urgent", "push", NULL};

/* Stack: connection, data, how much is sent, flags. */
static int try_send(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    dwl_conn *c = lua_touserdata(L, 1);
    dwl_program *p = c->sim->state->current;
    size_t len;
    const char *data = lua_tolstring(L, 2, &len);
    size_t sent = (size_t)lua_tointeger(L, 3);
    uint32_t flags = (uint32_t)lua_tointeger(L, 4);
    int64_t n = 0;
    while (sent < len) {
        n = c->socket ? dw_socket_send_flagged(c->socket, data + sent, len - sent, flags)
                      : DW_E_NOTCONN;
        if (n <= 0) break;
        sent += (size_t)n;
    }
    lua_pushinteger(L, (lua_Integer)sent);
    lua_replace(L, 3);
    if (sent < len && n == 0) return dwl_wait(L, p, "conn:send", DW_TIME_NEVER, 0, try_send);
    c->writer = NULL;
    if (n < 0) return failure(L, c->sim, "send", "", (int)n);
    lua_pushinteger(L, (lua_Integer)sent);
    return 1;
}

static int conn_send(lua_State *L)
{
    dwl_conn *c = check_open(L, "conn:send");
    if (lua_type(L, 2) != LUA_TSTRING)
        return dwl_error(L, "conn:send: expected a string, got %s", luaL_typename(L, 2));
    dwl_program *p = dwl_blocking(L, "conn:send");
    claim(L, &c->writer, p, "conn:send");
    bool urgent = false, push = true;
    if (!lua_isnoneornil(L, 3)) {
        luaL_checktype(L, 3, LUA_TTABLE);
        dwl_check_names(L, 3, "conn:send", send_options);
        dwl_opt_bool(L, 3, "send", "urgent", &urgent);
        dwl_opt_bool(L, 3, "send", "push", &push);
    }
    lua_settop(L, 2);
    lua_pushinteger(L, 0);
    lua_pushinteger(L, (urgent ? DW_SEND_URGENT : 0) | (push ? 0 : DW_SEND_MORE));
    return try_send(L, LUA_OK, 0);
}

/* drain: until everything that was sent has been acknowledged. */

static bool drained(const dw_socket *socket)
{
    if (socket_field(socket, "flight") > 0 || socket_field(socket, "unsent") > 0) return false;
    const char *state = dw_socket_state(socket);
    return strcmp(state, "FIN-WAIT-1") != 0 && strcmp(state, "CLOSING") != 0 &&
           strcmp(state, "LAST-ACK") != 0;
}

static int try_drain(lua_State *L, int status, lua_KContext deadline)
{
    (void)status;
    dwl_conn *c = lua_touserdata(L, 1);
    dwl_program *p = c->sim->state->current;
    int error = c->socket ? dw_socket_error(c->socket) : DW_E_NOTCONN;
    if (error == DW_OK && !drained(c->socket)) {
        if (!p->timed_out)
            return dwl_wait(L, p, "conn:drain", (dw_time)deadline, deadline, try_drain);
        error = DW_E_TIMEOUT;
    }
    c->writer = NULL;
    if (error != DW_OK) return failure(L, c->sim, "drain", "", error);
    lua_pushboolean(L, 1);
    return 1;
}

static int conn_drain(lua_State *L)
{
    dwl_conn *c = check_open(L, "conn:drain");
    dwl_program *p = dwl_blocking(L, "conn:drain");
    dw_time deadline = deadline_after(L, c->sim, 2, "conn:drain");
    claim(L, &c->writer, p, "conn:drain");
    p->timed_out = false;
    lua_settop(L, 1);
    return try_drain(L, LUA_OK, (lua_KContext)deadline);
}

/* set, on_report, urgent */

static int conn_set(lua_State *L)
{
    dwl_conn *c = check_open(L, "conn:set");
    luaL_checktype(L, 2, LUA_TTABLE);
    check_connection_names(L, 2, "conn:set", NULL);
    apply_settings(L, 2, c->socket, "conn:set");
    lua_settop(L, 1);
    return 1;
}

static int conn_on_report(lua_State *L)
{
    dwl_conn *c = check_open(L, "conn:on_report");
    if (!lua_isfunction(L, 2))
        return dwl_error(L, "conn:on_report: expected a function, got %s", luaL_typename(L, 2));
    lua_settop(L, 2);
    c->on_report = dwl_new_hook(L, c->sim);
    lua_settop(L, 1);
    return 1;
}

static int conn_urgent(lua_State *L)
{
    dwl_conn *c = check_open(L, "conn:urgent");
    lua_pushinteger(L, (lua_Integer)socket_field(c->socket, "urgent"));
    return 1;
}

/* shutdown, close, reset */

static int conn_shutdown(lua_State *L)
{
    dwl_conn *c = check_open(L, "conn:shutdown");
    int status = dw_socket_shutdown(c->socket);
    if (status != DW_OK) return failure(L, c->sim, "shutdown", "", status);
    lua_pushboolean(L, 1);
    return 1;
}

static int finish(lua_State *L, void (*how)(dw_socket *socket))
{
    dwl_conn *c = lua_touserdata(L, 1);
    dw_socket *socket = c->socket;
    dwl_program *reader = c->reader, *writer = c->writer;
    if (!socket) return 0;
    dwl_conn_forget(c);
    how(socket);
    /* Another program that waited on it finds out at once. */
    dwl_program *current = c->sim->state->current;
    if (reader && reader != current) dwl_wake(reader);
    if (writer && writer != reader && writer != current) dwl_wake(writer);
    return 0;
}

static int conn_close(lua_State *L)
{
    check(L);
    return finish(L, dw_socket_close);
}

static int conn_reset(lua_State *L)
{
    check(L);
    return finish(L, dw_socket_abort);
}

static int listener_close(lua_State *L)
{
    check_type(L, DWL_LISTENER, "listener");
    return finish(L, dw_socket_close);
}

/* info and states */

static void add_field(void *ctx, const char *name, int64_t value)
{
    lua_State *L = ctx;
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

static const char *last_state(const dwl_conn *c)
{
    const dw_trace *trace = dw_sim_trace(c->sim->sim);
    const char *state = "CLOSED";
    for (size_t i = trace ? dw_trace_count(trace) : 0; i-- > 0;) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type == DW_TRACE_STATE && e->conn == c->conn) return e->u.state.to;
    }
    return state;
}

static int conn_info(lua_State *L)
{
    dwl_conn *c = lua_touserdata(L, 1);
    if (!luaL_testudata(L, 1, DWL_LISTENER)) c = check(L);
    lua_newtable(L);
    lua_pushstring(L, c->socket ? dw_socket_state(c->socket) : last_state(c));
    lua_setfield(L, -2, "state");
    if (c->socket) dw_socket_info(c->socket, add_field, L);
    return 1;
}

static int conn_state(lua_State *L)
{
    dwl_conn *c = check(L);
    lua_pushstring(L, c->socket ? dw_socket_state(c->socket) : last_state(c));
    return 1;
}

static int conn_states(lua_State *L)
{
    dwl_conn *c = check(L);
    const dw_trace *trace = dw_sim_trace(c->sim->sim);
    lua_newtable(L);
    lua_Integer n = 0;
    for (size_t i = 0; trace && i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type != DW_TRACE_STATE || e->conn != c->conn) continue;
        if (n == 0) {
            lua_pushstring(L, e->u.state.from);
            lua_rawseti(L, -2, ++n);
        }
        lua_pushstring(L, e->u.state.to);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

static int conn_tostring(lua_State *L)
{
    dwl_conn *c = lua_touserdata(L, 1);
    if (!c->sim->sim)
        lua_pushliteral(L, "connection (closed)");
    else if (c->listener)
        lua_pushfstring(L, "listener of host \"%s\"", dw_node_name(c->node));
    else
        lua_pushfstring(L, "connection #%d of host \"%s\"", (int)c->conn, dw_node_name(c->node));
    return 1;
}

static const luaL_Reg conn_methods[] = {
    {"recv", conn_recv},   {"send", conn_send},     {"shutdown", conn_shutdown},
    {"close", conn_close}, {"reset", conn_reset},   {"info", conn_info},
    {"state", conn_state}, {"states", conn_states}, {"set", conn_set},
    {"drain", conn_drain}, {"urgent", conn_urgent}, {"on_report", conn_on_report},
    {NULL, NULL},
};

static const luaL_Reg listener_methods[] = {
    {"accept", listener_accept}, {"close", listener_close}, {"info", conn_info}, {NULL, NULL}};

static const luaL_Reg conn_meta[] = {
    {"__tostring", conn_tostring}, {"__close", conn_close}, {NULL, NULL}};
static const luaL_Reg listener_meta[] = {
    {"__tostring", conn_tostring}, {"__close", listener_close}, {NULL, NULL}};

void dwl_open_conn(lua_State *L)
{
    dwl_new_type(L, DWL_CONN, "a connection", conn_methods, conn_meta);
    dwl_new_type(L, DWL_LISTENER, "a listener", listener_methods, listener_meta);
}
