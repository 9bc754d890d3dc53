/* Connections: the socket calls, blocking for the program that makes them.  lua_connect.c opens
 * them. */
#include "drywire/plugin.h"
#include "base/argument.h"
#include "lua_conn.h"
#include "base/error.h"
#include "base/options.h"
#include "base/type.h"
#include "history.h"
#include "kinds.h"
#include "object.h"
#include "program.h"

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
int dwl_conn_failure(lua_State *L, dwl_sim *s, const char *call, const char *target, int error)
{
    if (s->sim && dw_sim_out_of_memory(s->sim)) return dwl_no_memory(L);
    if (s->sim && error == DW_E_ABI) return dwl_fail(L, error, "%s", dw_sim_message(s->sim));
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

static int64_t socket_field(const dw_socket *socket, const char *name)
{
    int64_t value = 0;
    dw_socket_value(socket, name, &value);
    return value;
}

/* Within a protected call: the hook's reference, and the word. */
static int call_reporter(lua_State *L)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, lua_tointeger(L, 1));
    lua_pushstring(L, lua_touserdata(L, 2));
    lua_call(L, 1, 0);
    return 0;
}

static void tell_report(dwl_conn *c, uint32_t events)
{
    lua_State *L = c->sim->state->main;
    int top = lua_gettop(L);
    size_t report = (size_t)socket_field(c->socket, "report");
    const char *word = report_names[report < 5 ? report : 0];
    if (events & DW_SOCKET_URGENT) word = "urgent";
    lua_pushcfunction(L, call_reporter);
    lua_pushinteger(L, c->on_report->ref);
    lua_pushlightuserdata(L, (void *)word);
    dwl_call(L, c->sim, 2, 0, "conn:on_report");
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
    dwl_program *writer = events & for_writer ? dwl_waiting(&c->writer) : NULL;
    dwl_program *reader = events & for_reader ? dwl_waiting(&c->reader) : NULL;
    if (writer) dwl_wake(writer);
    if (reader && dwl_waiting(&c->reader) == reader) dwl_wake(reader);
}

dwl_conn *dwl_push_conn(lua_State *L, dwl_sim *s, dw_node *node, bool listener)
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
    dwl_push_cache(L, sim); /* keeps it while its socket is open */
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, c);
    lua_pop(L, 1);
    if (s->conns) s->conns->previous = c;
    s->conns = c; /* only now: whatever may fail has been done */
    lua_remove(L, sim);
    remember_line(L, c->where, sizeof c->where);
    return c;
}

void dwl_conn_opened(dwl_conn *c, dw_socket *socket)
{
    DW_ASSERT(!c->socket);
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
    if (!dwl_find_sim(L, c->sim)) return;
    dwl_push_cache(L, -1);
    lua_pushnil(L);
    lua_rawsetp(L, -2, c);
    lua_pop(L, 2);
}

dwl_conn *dwl_check_conn(lua_State *L, const char *type, const char *name)
{
    dwl_conn *c = luaL_testudata(L, 1, type);
    if (!c)
        dwl_error(L, "expected a %s, got %s (call methods with a colon)", name,
                  luaL_typename(L, 1));
    dwl_alive(L, c->sim, c->listener ? name : "conn");
    return c;
}

static dwl_conn *check(lua_State *L)
{
    return dwl_check_conn(L, DWL_CONN, "connection");
}

static void take_accepted(void *ctx, const char *name, int64_t value)
{
    if (strcmp(name, "accepted") == 0) *(bool *)ctx = value != 0;
}

/* A handle from host:conn of a connection that waits in its listener's queue. */
static void check_accepted(lua_State *L, const dwl_conn *c, const char *call)
{
    bool accepted = true;
    if (c->socket || c->listener) return;
    dw_node_connection(c->node, "tcp", c->conn, take_accepted, &accepted);
    if (!accepted)
        dwl_error(L, "%s: host \"%s\" has not accepted this connection yet", call,
                  dw_node_name(c->node));
}

static dwl_conn *check_open(lua_State *L, const char *call)
{
    dwl_conn *c = check(L);
    check_accepted(L, c, call);
    if (!c->socket) dwl_error(L, "%s: the connection has been closed by this script", call);
    return c;
}

int dwl_check_open(lua_State *L)
{
    check_open(L, lua_tostring(L, 2));
    return 0;
}

void dwl_conn_claim(lua_State *L, dwl_waiter *slot, dwl_program *p, const char *call)
{
    const dwl_program *other = dwl_waiting(slot);
    if (other && other != p)
        dwl_error(L, "%s: another program of this host already waits here (%s)", call,
                  other->where);
    *slot = (dwl_waiter){p, p->number};
}

/* Options of one connection. */

enum { MAX_NAMES = 40 };

static const dw_option *settings(void)
{
    return dw_protocol_builtin("tcp")->sockets->options;
}

/* The names of `own` and of a connection's options. */
void dwl_check_connection_names(lua_State *L, int table, const char *what, const char *const *own)
{
    const char *names[MAX_NAMES + 1] = {0};
    int n = 0;
    for (; own && *own; own++)
        names[n++] = *own;
    for (const dw_option *o = settings(); o->name && n < MAX_NAMES; o++)
        names[n++] = o->name;
    dwl_check_names(L, table, what, names);
}

/* Set what the table at index says about the connection, in the order of the options' table. */
void dwl_apply_settings(lua_State *L, int table, dw_socket *socket, const char *what)
{
    char why[300];
    int top = lua_gettop(L);
    for (const dw_option *o = settings(); o->name; o++) {
        if (dwl_get_option(L, table, o->name) != LUA_TNIL &&
            dw_socket_set(socket, o->name, dwl_setting_text(L, what, o->name), why, sizeof why) !=
                DW_OK)
            dwl_error(L, "%s.%s", what, why);
        lua_settop(L, top);
    }
}

static bool is_plugin(const dwl_sim *s, const char *name)
{
    const dw_plugin *p;
    for (size_t i = 0; (p = dw_plugin_at(s->sim, i)) != NULL; i++)
        if (p->congestion && strcmp(p->name, name) == 0) return true;
    return false;
}

/* The same for a connection that is yet to be opened: at most `most` settings, whose texts stay on
 * the stack.  A mistake in one is found on a copy that nobody uses. */
size_t dwl_collect_settings(lua_State *L, int table, const dwl_sim *s, dw_setting *out, size_t max,
                            const char *what)
{
    uint64_t scratch[256];
    char why[300];
    size_t n = 0;
    for (const dw_option *o = settings(); o->name && n < max; o++) {
        if (dwl_get_option(L, table, o->name) == LUA_TNIL) {
            lua_pop(L, 1);
            continue;
        }
        luaL_checkstack(L, 2, "too many options");
        const char *text = dwl_setting_text(L, what, o->name);
        bool plugin = o->plugins && is_plugin(s, text);
        if (!plugin && o->offset + sizeof scratch[0] <= sizeof scratch &&
            dw_option_set(o, scratch, o->name, text, why, sizeof why) != DW_OK)
            dwl_error(L, "%s.%s", what, why);
        out[n++] = (dw_setting){.name = o->name, .text = text};
    }
    return n;
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

/* As push_received, and what is read stays to be received. */
static int push_peeked(lua_State *L, const dwl_conn *c, uint64_t max)
{
    luaL_Buffer b;
    uint64_t unread = (uint64_t)socket_field(c->socket, "unread");
    size_t size = (size_t)(unread < max ? unread : max);
    char *room = luaL_buffinitsize(L, &b, size ? size : 1);
    int64_t n = dw_socket_peek(c->socket, room, size ? size : 1);
    luaL_pushresultsize(&b, n > 0 ? (size_t)n : 0);
    if (n > 0) return DW_OK;
    lua_pop(L, 1);
    return n < 0 ? (int)n : DW_E_AGAIN;
}

/* Stack: connection, max, deadline.  ctx: peek. */
static int try_recv(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    const char *what = ctx ? "conn:peek" : "conn:recv";
    dwl_conn *c = lua_touserdata(L, 1);
    dwl_program *p = c->sim->state->current;
    lua_Integer max = lua_tointeger(L, 2);
    dw_time deadline = (dw_time)lua_tointeger(L, 3);
    int error = DW_E_NOTCONN; /* unless there is a socket */
    if (c->socket && ctx)
        error = push_peeked(L, c, (uint64_t)max);
    else if (c->socket)
        error = push_received(L, c, (uint64_t)max);
    if (error == DW_E_AGAIN && p->timed_out) error = DW_E_TIMEOUT;
    if (error == DW_E_AGAIN) return dwl_wait(L, p, what, deadline, ctx, try_recv);
    c->reader = (dwl_waiter){0};
    if (error == DW_OK) return 1;
    if (error != DW_E_CLOSED) return dwl_conn_failure(L, c->sim, what + 5, "", error);
    lua_pushnil(L);
    lua_pushliteral(L, "closed");
    return 2;
}

static const char *const recv_options[] = {"timeout", "peek", NULL};
static const char *const peek_options[] = {"timeout", NULL};

/* conn:recv(max, options), either of which may be left out, and conn:peek.  What they wait with is
 * on the stack, since the C frame does not live through the wait. */
static int receive(lua_State *L, const char *what, bool peek)
{
    dwl_conn *c = check_open(L, what);
    dwl_program *p = dwl_blocking(L, c->sim, what);
    lua_Integer max = 65536;
    dw_time deadline = DW_TIME_NEVER, timeout;
    lua_settop(L, 3);
    int options = lua_istable(L, 2) ? 2 : 3;
    if (!lua_isnil(L, 2) && options == 3) {
        max = dwl_check_integer(L, 2, what);
        if (max < 1)
            return dwl_error(L, "%s: expected at least 1 byte, got %lld", what, (long long)max);
    }
    if (lua_istable(L, options)) {
        dwl_check_names(L, options, what, peek ? peek_options : recv_options);
        if (dwl_opt_time(L, options, what + 5, "timeout", &timeout))
            deadline = dw_time_add(dw_sim_now(c->sim->sim), timeout);
        if (!peek) dwl_opt_bool(L, options, "recv", "peek", &peek);
    }
    dwl_conn_claim(L, &c->reader, p, what);
    p->timed_out = false;
    lua_settop(L, 1);
    lua_pushinteger(L, max);
    lua_pushinteger(L, deadline);
    return try_recv(L, LUA_OK, peek);
}

static int conn_recv(lua_State *L)
{
    return receive(L, "conn:recv", false);
}

static int conn_peek(lua_State *L)
{
    return receive(L, "conn:peek", true);
}

/* send: everything, waiting for room as often as it takes. */

static const char *const send_options[] = {"urgent", "push", "record", NULL};

/* Stack: connection, data, how much is sent, flags. */
static int try_send(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    dwl_conn *c = lua_touserdata(L, 1);
    dwl_program *p = c->sim->state->current;
    dw_buf *data = *(dw_buf **)lua_touserdata(L, 2);
    uint64_t sent = (uint64_t)lua_tointeger(L, 3), len = data->size;
    uint32_t flags = (uint32_t)lua_tointeger(L, 4);
    int64_t n = 0;
    while (sent < len) {
        n = c->socket ? dw_socket_send_buf(c->socket, data, sent, len - sent, flags) : DW_E_NOTCONN;
        if (n <= 0) break;
        sent += (uint64_t)n;
    }
    lua_pushinteger(L, (lua_Integer)sent);
    lua_replace(L, 3);
    if (sent < len && n == 0) return dwl_wait(L, p, "conn:send", DW_TIME_NEVER, 0, try_send);
    c->writer = (dwl_waiter){0};
    if (n < 0) return dwl_conn_failure(L, c->sim, "send", "", (int)n);
    lua_pushinteger(L, (lua_Integer)sent);
    return 1;
}

/* What is being sent, once for all its parts. */

static int forget_octets(lua_State *L)
{
    dw_buf **buf = lua_touserdata(L, 1);
    if (*buf) dw_buf_unref(*buf);
    *buf = NULL;
    return 0;
}

dw_buf *dwl_push_octets(lua_State *L, int text)
{
    size_t len;
    const char *data = lua_tolstring(L, text, &len);
    dw_buf **buf = lua_newuserdatauv(L, sizeof *buf, 0);
    *buf = NULL;
    if (luaL_newmetatable(L, "drywire.octets")) {
        lua_pushcfunction(L, forget_octets);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    *buf = dw_buf_new(data, len);
    if (!*buf) dwl_no_memory(L);
    return *buf;
}

/* conn:send(text, options).  The octets are copied once, into a buffer that the rest of the call
 * and the transport share. */
static int conn_send(lua_State *L)
{
    dwl_conn *c = check_open(L, "conn:send");
    if (lua_type(L, 2) != LUA_TSTRING)
        return dwl_error(L, "conn:send: expected a string, got %s", luaL_typename(L, 2));
    dwl_program *p = dwl_blocking(L, c->sim, "conn:send");
    dwl_conn_claim(L, &c->writer, p, "conn:send");
    bool urgent = false, push = true, record = false;
    uint32_t flags = 0;
    if (!lua_isnoneornil(L, 3)) {
        dwl_check_names(L, 3, "conn:send", send_options);
        dwl_opt_bool(L, 3, "send", "urgent", &urgent);
        dwl_opt_bool(L, 3, "send", "push", &push);
        dwl_opt_bool(L, 3, "send", "record", &record);
    }
    if (urgent) flags |= DW_SEND_URGENT;
    if (!push) flags |= DW_SEND_MORE;
    if (record) flags |= DW_SEND_EOR;
    dwl_push_octets(L, 2);
    lua_replace(L, 2);
    lua_settop(L, 2);
    lua_pushinteger(L, 0);
    lua_pushinteger(L, flags);
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

/* DW_OK, DW_E_AGAIN while the program has to wait, or why it need not any more. */
static int drain_status(const dwl_conn *c, const dwl_program *p)
{
    int error = c->socket ? dw_socket_error(c->socket) : DW_E_NOTCONN;
    if (error != DW_OK || drained(c->socket)) return error;
    return p->timed_out ? DW_E_TIMEOUT : DW_E_AGAIN;
}

static int try_drain(lua_State *L, int status, lua_KContext deadline)
{
    (void)status;
    dwl_conn *c = lua_touserdata(L, 1);
    dwl_program *p = c->sim->state->current;
    int error = drain_status(c, p);
    if (error == DW_E_AGAIN)
        return dwl_wait(L, p, "conn:drain", (dw_time)deadline, deadline, try_drain);
    c->writer = (dwl_waiter){0};
    if (error != DW_OK) return dwl_conn_failure(L, c->sim, "drain", "", error);
    lua_pushboolean(L, 1);
    return 1;
}

static int conn_drain(lua_State *L)
{
    dwl_conn *c = check_open(L, "conn:drain");
    dwl_program *p = dwl_blocking(L, c->sim, "conn:drain");
    dw_time deadline = dwl_deadline_after(L, c->sim, 2, "conn:drain");
    dwl_conn_claim(L, &c->writer, p, "conn:drain");
    p->timed_out = false;
    lua_settop(L, 1);
    return try_drain(L, LUA_OK, (lua_KContext)deadline);
}

/* set, on_report, urgent */

static int conn_set(lua_State *L)
{
    dwl_conn *c = check_open(L, "conn:set");
    dwl_check_connection_names(L, 2, "conn:set", NULL);
    dwl_apply_settings(L, 2, c->socket, "conn:set");
    lua_settop(L, 1);
    return 1;
}

static int conn_on_report(lua_State *L)
{
    dwl_conn *c = check_open(L, "conn:on_report");
    dwl_check_function(L, 2, "conn:on_report");
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

static enum dw_shut check_how(lua_State *L, int index)
{
    static const char *const names[] = {"rd", "wr", "rdwr", NULL};
    static const enum dw_shut hows[] = {DW_SHUT_RD, DW_SHUT_WR, DW_SHUT_RDWR};
    if (lua_isnoneornil(L, index)) return DW_SHUT_WR;
    if (lua_type(L, index) != LUA_TSTRING)
        dwl_error(L, "conn:shutdown: expected \"rd\", \"wr\" or \"rdwr\", got %s",
                  luaL_typename(L, index));
    const char *how = lua_tostring(L, index);
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], how) == 0) return hows[i];
    const char *near = dw_nearest(how, names);
    if (near) dwl_error(L, "conn:shutdown: there is no \"%s\"; did you mean \"%s\"?", how, near);
    dwl_error(L, "conn:shutdown: \"rd\", \"wr\" or \"rdwr\", not \"%s\"", how);
    return DW_SHUT_WR;
}

static int conn_shutdown(lua_State *L)
{
    dwl_conn *c = check_open(L, "conn:shutdown");
    int status = dw_socket_shutdown_how(c->socket, check_how(L, 2));
    if (status != DW_OK) return dwl_conn_failure(L, c->sim, "shutdown", "", status);
    lua_pushboolean(L, 1);
    return 1;
}

int dwl_conn_finish(lua_State *L, int (*how)(dw_socket *socket))
{
    dwl_conn *c = lua_touserdata(L, 1);
    dw_socket *socket = c->socket;
    dwl_program *reader = dwl_waiting(&c->reader), *writer = dwl_waiting(&c->writer);
    if (!socket) return 0;
    dwl_conn_forget(c);
    c->error = how == dw_socket_abort ? DW_E_RESET : DW_E_CLOSING;
    how(socket);
    /* Another program that waited on it finds out at once. */
    dwl_program *current = c->sim->state->current;
    if (reader && reader != current) dwl_wake(reader);
    if (writer && writer != reader && writer != current) dwl_wake(writer);
    return 0;
}

static const char *const close_options[] = {"linger", NULL};

static int try_linger(lua_State *L, int status, lua_KContext deadline)
{
    (void)status;
    dwl_conn *c = lua_touserdata(L, 1);
    dwl_program *p = c->sim->state->current;
    int error = drain_status(c, p);
    if (error == DW_E_AGAIN)
        return dwl_wait(L, p, "conn:close", (dw_time)deadline, deadline, try_linger);
    c->writer = (dwl_waiter){0};
    dwl_conn_finish(L, dw_socket_close);
    if (error != DW_OK) return dwl_conn_failure(L, c->sim, "close", "", error);
    lua_pushboolean(L, 1);
    return 1;
}

/* With linger, SO_LINGER: wait at most so long until everything has been acknowledged; no time at
 * all resets the connection. */
static int conn_close(lua_State *L)
{
    dwl_conn *c = check(L);
    dw_time linger;
    check_accepted(L, c, "conn:close");
    if (lua_isnoneornil(L, 2)) return dwl_conn_finish(L, dw_socket_close);
    dwl_check_names(L, 2, "conn:close", close_options);
    if (!c->socket || !dwl_opt_time(L, 2, "close", "linger", &linger))
        return dwl_conn_finish(L, dw_socket_close);
    if (linger == 0) return dwl_conn_finish(L, dw_socket_abort);
    dwl_program *p = dwl_blocking(L, c->sim, "conn:close");
    dwl_conn_claim(L, &c->writer, p, "conn:close");
    dw_socket_shutdown(c->socket);
    p->timed_out = false;
    lua_settop(L, 1);
    dw_time deadline = dw_time_add(dw_sim_now(c->sim->sim), linger);
    return try_linger(L, LUA_OK, (lua_KContext)deadline);
}

/* At the end of `local c <close>`: the second argument is the error that ends the block, if any. */
static int conn_end_of_block(lua_State *L)
{
    check(L);
    return dwl_conn_finish(L, dw_socket_close);
}

static int conn_reset(lua_State *L)
{
    check_accepted(L, check(L), "conn:reset");
    return dwl_conn_finish(L, dw_socket_abort);
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

int dwl_conn_info(lua_State *L)
{
    bool listener = luaL_testudata(L, 1, DWL_LISTENER) != NULL;
    dwl_conn *c = listener ? dwl_check_conn(L, DWL_LISTENER, "listener") : check(L);
    lua_newtable(L);
    lua_pushstring(L, c->socket ? dw_socket_state(c->socket) : last_state(c));
    lua_setfield(L, -2, "state");
    if (c->socket)
        dw_socket_info(c->socket, add_field, L);
    else if (!c->listener)
        dw_node_connection(c->node, "tcp", c->conn, add_field, L);
    luaL_setmetatable(L, "drywire.Info");
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
    dwl_looks_back(L, DWL_PAST_STATES, "Connection:states");
    dwl_conn *c = check(L);
    const dw_trace *trace = dwl_kept_trace(L, c->sim, "conn:states");
    lua_newtable(L);
    lua_Integer n = 0;
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
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

int dwl_conn_tostring(lua_State *L)
{
    dwl_conn *c = lua_touserdata(L, 1);
    char name[200] = "connection (closed)";
    if (c->sim->sim && c->listener)
        snprintf(name, sizeof name, "listener of host \"%s\"", dw_node_name(c->node));
    else if (c->sim->sim)
        dwl_conn_name(c, name, sizeof name);
    lua_pushstring(L, name);
    return 1;
}

static const luaL_Reg conn_methods[] = {
    {"recv", conn_recv},           {"send", conn_send},
    {"shutdown", conn_shutdown},   {"peek", conn_peek},
    {"close", conn_close},         {"reset", conn_reset},
    {"info", dwl_conn_info},       {"state", conn_state},
    {"states", conn_states},       {"set", conn_set},
    {"drain", conn_drain},         {"urgent", conn_urgent},
    {"on_report", conn_on_report}, {NULL, NULL},
};

static const luaL_Reg conn_meta[] = {
    {"__tostring", dwl_conn_tostring}, {"__close", conn_end_of_block}, {NULL, NULL}};

void dwl_open_conn(lua_State *L)
{
    dwl_new_type(L, DWL_CONN, "a connection", conn_methods, conn_meta);
}
