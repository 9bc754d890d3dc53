/* Faults of hosts and programs: see choices.h. */
#include "choices.h"
#include "base/argument.h"
#include "base/error.h"
#include "history.h"
#include "lua_conn.h"
#include "object.h"
#include "program.h"

#include <drywire/fault.h>
#include <string.h>

static const char on_leave = 0; /* its address is the key of choices.lua's function */

/* Choices of a program that is about to call a method. */
typedef struct choice {
    const char *method;
    uint32_t kinds;
} choice;

#define BIT DW_FAULT_BIT
#define ANY                                                                                        \
    (BIT(DW_FAULT_CRASH) | BIT(DW_FAULT_CLOSE) | BIT(DW_FAULT_SHUTDOWN) | BIT(DW_FAULT_ABORT))
static const choice choices[] = {
    {"send", ANY},
    {"drain", ANY},
    {"recv", ANY | BIT(DW_FAULT_LATE)},
    {"shutdown", ANY & ~BIT(DW_FAULT_SHUTDOWN)},
    {"close", ANY & ~BIT(DW_FAULT_CLOSE)},
};

static const char *way_of(uint8_t kind)
{
    if (kind == DW_FAULT_ABORT) return "abort";
    return kind == DW_FAULT_SHUTDOWN ? "shutdown" : "close";
}

/* The program that does the rest, with the connection, which is on top of the stack. */
static void spawn_rest(lua_State *L, dwl_sim *s, dw_node *node, uint8_t kind)
{
    const dwl_conn *c = lua_touserdata(L, -1);
    if (dwl_explores(s->state)) {
        dwl_history_word(s->state, way_of(kind));
        dwl_history_mix(s->state, c->conn);
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &on_leave);
    lua_insert(L, -2);
    lua_pushstring(L, way_of(kind));
    dwl_spawn(L, s, node, 2);
}

/* Calls. */

static int called(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    return lua_gettop(L);
}

/* Upvalue 1: the method.  Its arguments are the stack. */
static int call(lua_State *L)
{
    int n = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_callk(L, n, LUA_MULTRET, 0, called);
    return lua_gettop(L);
}

static int call_late(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    dwl_program *p = dwl_state_of(L)->current;
    dw_node_chosen(p->node, p->late, p->timed_out ? DW_FAULT_OUTLIVED : DW_FAULT_STRUCK);
    p->late = NULL;
    return call(L);
}

static int wait_first(lua_State *L, dwl_program *p, const dw_fault *fault)
{
    dw_time until = dw_time_add(dw_sim_now(p->sim->sim), dw_node_packet_lifetime(p->node));
    p->late = fault;
    p->late_for = fault->count;
    return dwl_wait(L, p, "conn:recv", until, 0, call_late);
}

/* Upvalue 2: which choice it is. */
static int call_or_choose(lua_State *L)
{
    const choice *which = lua_touserdata(L, lua_upvalueindex(2));
    const dwl_conn *c = luaL_testudata(L, 1, DWL_CONN);
    const dwl_program *current = dwl_state_of(L)->current;
    if (!c || !c->socket || !current || current->sim != c->sim || current->doomed) return call(L);
    dwl_program *p = dwl_blocking(L, c->sim, which->method);
    const dw_fault *fault = dw_node_choice(p->node, which->kinds);
    if (!fault) return call(L);
    if (fault->kind == DW_FAULT_LATE) return wait_first(L, p, fault);
    if (fault->kind != DW_FAULT_CRASH) {
        lua_pushvalue(L, 1);
        spawn_rest(L, c->sim, p->node, fault->kind);
    }
    return dwl_end_here(L, p);
}

void dwl_wrap_choices(lua_State *L)
{
    dwl_state *state = dwl_state_of(L);
    if (state->choices_wrapped) return;
    state->choices_wrapped = true;
    luaL_getmetatable(L, DWL_CONN);
    lua_getfield(L, -1, "methods");
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        lua_getfield(L, -1, choices[i].method);
        lua_pushlightuserdata(L, (void *)&choices[i]);
        lua_pushcclosure(L, call_or_choose, 2);
        lua_setfield(L, -2, choices[i].method);
    }
    lua_pop(L, 2);
}

/* Moments. */

/* The connection that a program waits for; NULL: none. */
static dwl_conn *conn_of(const dwl_program *p)
{
    for (dwl_conn *c = p->sim->conns; c; c = c->next)
        if (!c->listener && c->socket &&
            (dwl_waiting(&c->reader) == p || dwl_waiting(&c->writer) == p))
            return c;
    return NULL;
}

/* true: it does something else now. */
static bool chooses(dwl_program *p, dwl_conn *c)
{
    uint32_t kinds = BIT(DW_FAULT_CLOSE) | BIT(DW_FAULT_ABORT);
    if (!c->connecting) kinds |= BIT(DW_FAULT_SHUTDOWN);
    const dw_fault *fault = dw_node_choice(p->node, kinds);
    if (!fault) return false;
    lua_State *L = p->sim->state->main;
    int top = lua_gettop(L);
    dwl_push_sim(L, p->sim);
    dwl_push_cache(L, -1);
    lua_rawgetp(L, -1, c);
    spawn_rest(L, p->sim, p->node, fault->kind);
    lua_settop(L, top);
    dwl_program_abandon(L, p);
    return true;
}

static bool moment(dw_node *node, void *arg)
{
    dwl_sim *s = arg;
    bool any = false;
    for (dwl_program *p = s->programs, *next; p; p = next) {
        next = p->next;
        if (p->node != node || p->status != DWL_WAITING || p->woken) continue;
        if (p->late) {
            bool now = --p->late_for == 0;
            if (now) dwl_wake_in_turn(p);
            any |= now;
            continue;
        }
        dwl_conn *c = conn_of(p);
        any |= c && chooses(p, c);
    }
    return any;
}

/* Without their <close> variables: nobody is there any more to run them. */
static void crashed(dw_node *node, void *arg)
{
    dwl_sim *s = arg;
    for (dwl_program *p = s->programs, *next; p; p = next) {
        next = p->next;
        if (p->node == node) dwl_program_abandon(s->state->main, p);
    }
}

/* The sockets of programs that are no more. */
static void close_sockets(dwl_sim *s, const dw_node *node)
{
    for (dwl_conn *c = s->conns, *next; c; c = next) {
        next = c->next;
        if (c->node != node || !c->socket) continue;
        dw_socket_close(c->socket);
        dwl_conn_forget(c);
    }
}

static void back(dw_node *node, void *arg)
{
    dwl_sim *s = arg;
    lua_State *L = s->state->main;
    int top = lua_gettop(L);
    close_sockets(s, node);
    dwl_push_list(L, s, (const char *)node + 2);
    lua_Integer n = luaL_len(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, i);
        if (!dwl_call(L, s, 0, 0, "host:serve")) break;
    }
    lua_settop(L, top);
}

void dwl_offer_choices(lua_State *L, dwl_sim *s)
{
    const dw_fault_hooks hooks = {
        .size = sizeof hooks, .moment = moment, .crash = crashed, .back = back, .arg = s};
    dwl_wrap_choices(L);
    if (dw_sim_fault_hooks(s->sim, &hooks) != DW_OK) dwl_no_memory(L);
}

/* internal.on_back(host, fn): call fn when the host is back after a crash of the plan. */
int dwl_on_back(lua_State *L)
{
    dw_node *node = dwl_check_object(L, 1, DWL_HOST);
    dwl_sim *s = dwl_sim_of(L, 1);
    if (!s->chooses) return 0;
    dwl_push_list(L, s, (const char *)node + 2);
    lua_pushvalue(L, 2);
    lua_rawseti(L, -2, luaL_len(L, -2) + 1);
    return 0;
}

/* internal.on_leave(fn): what does the rest of a program, fn(conn, how). */
int dwl_on_leave(lua_State *L)
{
    lua_settop(L, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &on_leave);
    return 0;
}
