/* dw.congestion_control: an algorithm whose functions are Lua's.
 *
 * A definition is kept in the registry, and becomes a plugin of every simulation that is made
 * afterwards.  Each connection has a table, which the functions get as their first argument: what
 * the transport shares (cwnd, ssthresh, ...) is written into it before a call and read from it
 * after, all else is the script's.  What a definition leaves out, its base does. */
#include "drywire/plugin.h"
#include "base/error.h"
#include "base/options.h"
#include "base/type.h"
#include "base/text.h"
#include "history.h"
#include "kinds.h"
#include "object.h"
#include "program.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define LIST "drywire.congestion"

/* A definition in one simulation. */
typedef struct algorithm {
    dw_congestion_ops ops; /* first: dw_congestion.ops points here */
    dw_plugin plugin;
    const dw_congestion_ops *base;
    dwl_sim *sim;
    int ref; /* the definition's table */
} algorithm;

/* A connection's private state; the base's own follows. */
typedef struct scripted {
    int table; /* a reference to the connection's table; 0: not made yet */
    _Alignas(max_align_t) unsigned char base[];
} scripted;

static const algorithm *of(const dw_congestion *cc)
{
    return (const algorithm *)(const void *)cc->ops;
}

/* A call, from outside of Lua to within. */
typedef struct call {
    dw_congestion *cc;
    const char *name;
    const dw_congestion_ack *ack;
    const dw_congestion_loss *loss;
    int64_t number;
    bool has_number;
    bool missing; /* there is no such function */
    uint64_t result;
} call;

static void set_number(lua_State *L, const char *name, uint64_t value)
{
    lua_pushinteger(L, value < INT64_MAX ? (lua_Integer)value : LUA_MAXINTEGER);
    lua_setfield(L, -2, name);
}

static void set_flag(lua_State *L, const char *name, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, name);
}

static void set_time(lua_State *L, const char *name, dw_time value)
{
    if (value >= 0) set_number(L, name, (uint64_t)value);
}

static const char *const states[] = {"open", "disorder", "cwr", "recovery", "loss"};

/* With the connection's table on top. */
static void write_shared(lua_State *L, const dw_congestion *cc)
{
    set_number(L, "cwnd", cc->cwnd);
    set_number(L, "ssthresh", cc->ssthresh);
    set_number(L, "pacing_rate", cc->pacing_rate);
    set_number(L, "mss", cc->mss);
    set_number(L, "initial", cc->initial);
    lua_pushstring(L, states[cc->state]);
    lua_setfield(L, -2, "state");
}

static uint64_t read_number(lua_State *L, const char *name, lua_Integer min)
{
    int whole;
    lua_getfield(L, -1, name);
    lua_Integer value = lua_tointegerx(L, -1, &whole);
    if (!whole || value < min)
        luaL_error(L, "cc.%s: expected a whole number from %I up, got %s", name, min,
                   dwl_text(L, -1));
    lua_pop(L, 1);
    return value == LUA_MAXINTEGER ? UINT64_MAX : (uint64_t)value;
}

static void read_shared(lua_State *L, dw_congestion *cc)
{
    uint64_t cwnd = read_number(L, "cwnd", 1), ssthresh = read_number(L, "ssthresh", 1);
    cc->pacing_rate = read_number(L, "pacing_rate", 0);
    cc->cwnd = cwnd;
    cc->ssthresh = ssthresh;
}

/* Without a sample of the rate, the fields about it are absent. */
static void push_ack(lua_State *L, const dw_congestion_ack *a)
{
    lua_createtable(L, 0, 20);
    set_time(L, "now_ns", a->now);
    set_time(L, "rtt_ns", a->rtt);
    if (a->min_rtt > 0) set_time(L, "min_rtt_ns", a->min_rtt);
    set_time(L, "srtt_ns", a->srtt);
    set_number(L, "acked", a->acked);
    set_number(L, "delivered", a->delivered);
    set_number(L, "lost", a->lost);
    set_number(L, "marked", a->marked);
    set_number(L, "flight", a->flight);
    set_number(L, "pipe", a->pipe);
    set_flag(L, "limited", a->limited);
    set_flag(L, "paced", a->paced);
    set_number(L, "delivered_total", a->delivered_total);
    luaL_setmetatable(L, "drywire.Sample");
    if (a->interval <= 0) return;
    set_time(L, "interval_ns", a->interval);
    set_number(L, "rate_delivered", a->rate_delivered);
    set_number(L, "rate_lost", a->rate_lost);
    set_flag(L, "rate_limited", a->rate_limited);
    set_number(L, "prior_delivered", a->prior_delivered);
    set_number(L, "sent_flight", a->sent_flight);
}

static void push_loss(lua_State *L, const dw_congestion_loss *l)
{
    lua_createtable(L, 0, 6);
    set_time(L, "now_ns", l->now);
    set_number(L, "octets", l->octets);
    set_number(L, "lost", l->lost);
    set_number(L, "sent_flight", l->sent_flight);
    set_number(L, "delivered_total", l->delivered_total);
    set_flag(L, "rate_limited", l->rate_limited);
    luaL_setmetatable(L, "drywire.Sample");
}

/* Within a protected call: errors are the script's. */
static int perform(lua_State *L)
{
    call *c = lua_touserdata(L, 1);
    dw_congestion *cc = c->cc;
    lua_rawgeti(L, LUA_REGISTRYINDEX, of(cc)->ref);
    c->missing = lua_getfield(L, -1, c->name) == LUA_TNIL;
    if (c->missing) return 0;
    scripted *own = cc->private_state;
    if (own->table == 0) { /* the connection's first call */
        lua_newtable(L);
        lua_pushvalue(L, -1);
        own->table = luaL_ref(L, LUA_REGISTRYINDEX);
    } else {
        lua_rawgeti(L, LUA_REGISTRYINDEX, own->table);
    }
    write_shared(L, cc);
    lua_pushvalue(L, -1);
    lua_insert(L, -3); /* definition, table, function, table */
    int arguments = 1;
    if (c->ack) push_ack(L, c->ack), arguments++;
    if (c->loss) push_loss(L, c->loss), arguments++;
    if (c->has_number) lua_pushinteger(L, c->number), arguments++;
    lua_call(L, arguments, 1);
    if (strcmp(c->name, "ssthresh") == 0) {
        int whole;
        lua_Integer result = lua_tointegerx(L, -1, &whole);
        if (!whole || result < 1)
            return luaL_error(L,
                              "ssthresh: expected a whole number of octets as the result, got %s",
                              dwl_text(L, -1));
        c->result = (uint64_t)result;
    }
    lua_pop(L, 1);
    read_shared(L, cc);
    return 0;
}

/* Whether the definition has the function, and it ran. */
static bool ask(call *c)
{
    const algorithm *a = of(c->cc);
    lua_State *L = a->sim->state->main;
    lua_pushcfunction(L, perform);
    lua_pushlightuserdata(L, c);
    dwl_call(L, a->sim, 1, 0, "congestion_control");
    return !c->missing;
}

/* The base sees its own state. */
#define BASE_DOES(cc, ...)                                                                         \
    do {                                                                                           \
        scripted *whole = (cc)->private_state;                                                     \
        (cc)->private_state = whole->base;                                                         \
        __VA_ARGS__;                                                                               \
        (cc)->private_state = whole;                                                               \
    } while (0)

static void on_init(dw_congestion *cc)
{
    BASE_DOES(cc, of(cc)->base->init(cc));
    ask(&(call){.cc = cc, .name = "init"});
}

static void on_ack(dw_congestion *cc, const dw_congestion_ack *ack)
{
    if (ask(&(call){.cc = cc, .name = "on_ack", .ack = ack})) return;
    BASE_DOES(cc, of(cc)->base->on_ack(cc, ack));
}

static uint64_t ssthresh(dw_congestion *cc, uint64_t flight)
{
    uint64_t result;
    call c = {.cc = cc,
              .name = "ssthresh",
              .number = (int64_t)flight,
              .has_number = true,
              .result = 2 * (uint64_t)cc->mss};
    if (ask(&c)) return c.result;
    BASE_DOES(cc, result = of(cc)->base->ssthresh(cc, flight));
    return result;
}

static void on_timeout(dw_congestion *cc)
{
    if (ask(&(call){.cc = cc, .name = "on_timeout"})) return;
    BASE_DOES(cc, of(cc)->base->on_timeout(cc));
}

static void on_sample(dw_congestion *cc, const dw_congestion_ack *ack)
{
    const dw_congestion_ops *base = of(cc)->base;
    if (ask(&(call){.cc = cc, .name = "on_sample", .ack = ack})) return;
    if (DW_OFFERS(dw_congestion_ops, base, on_sample)) BASE_DOES(cc, base->on_sample(cc, ack));
}

static void on_undo(dw_congestion *cc)
{
    const dw_congestion_ops *base = of(cc)->base;
    if (ask(&(call){.cc = cc, .name = "on_undo"})) return;
    if (DW_OFFERS(dw_congestion_ops, base, on_undo)) BASE_DOES(cc, base->on_undo(cc));
}

static void on_restart(dw_congestion *cc, dw_time idle)
{
    const dw_congestion_ops *base = of(cc)->base;
    if (ask(&(call){.cc = cc, .name = "on_restart", .number = idle, .has_number = true})) return;
    if (DW_OFFERS(dw_congestion_ops, base, on_restart)) BASE_DOES(cc, base->on_restart(cc, idle));
}

static void control(dw_congestion *cc, const dw_congestion_ack *ack)
{
    if (ask(&(call){.cc = cc, .name = "control", .ack = ack})) return;
    BASE_DOES(cc, of(cc)->base->control(cc, ack));
}

static void on_loss(dw_congestion *cc, const dw_congestion_loss *loss)
{
    const dw_congestion_ops *base = of(cc)->base;
    if (ask(&(call){.cc = cc, .name = "on_loss", .loss = loss})) return;
    if (DW_OFFERS(dw_congestion_ops, base, on_loss)) BASE_DOES(cc, base->on_loss(cc, loss));
}

static void on_state(dw_congestion *cc, enum dw_congestion_state before)
{
    const dw_congestion_ops *base = of(cc)->base;
    if (ask(&(call){.cc = cc, .name = "on_state"})) return;
    if (DW_OFFERS(dw_congestion_ops, base, on_state)) BASE_DOES(cc, base->on_state(cc, before));
}

static void done(dw_congestion *cc)
{
    const dw_congestion_ops *base = of(cc)->base;
    if (DW_OFFERS(dw_congestion_ops, base, done)) BASE_DOES(cc, base->done(cc));
    scripted *own = cc->private_state;
    if (own->table) luaL_unref(of(cc)->sim->state->main, LUA_REGISTRYINDEX, own->table);
    own->table = 0;
}

static const dw_congestion_ops *builtin(const char *name)
{
    const dw_plugin *p;
    for (size_t i = 0; (p = dw_plugin_builtin(i)) != NULL; i++)
        if (p->congestion && strcmp(p->name, name) == 0) return p->congestion;
    return NULL;
}

/* The script's own and those of plugins are no choices of the option, but it takes them. */
void dwl_no_such_congestion(lua_State *L, const dwl_sim *s, const char *where, const char *name)
{
    enum { MOST = 64 };
    const char *names[MOST + 1] = {0};
    const dw_plugin *p;
    int n = 0;
    for (size_t i = 0; n < MOST && (p = dw_plugin_at(s->sim, i)) != NULL; i++)
        if (p->congestion) names[n++] = p->name;
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0) return;
    dwl_error(L, "%s: tcp.congestion_control: unknown value \"%s\"%s", where, name,
              dwl_known_words(L, name, names));
}

static int no_such_base(lua_State *L, const char *name)
{
    enum { MOST = 32 };
    const char *names[MOST + 1] = {0};
    const dw_plugin *p;
    int n = 0;
    for (size_t i = 0; n < MOST && (p = dw_plugin_builtin(i)) != NULL; i++)
        if (p->congestion) names[n++] = p->name;
    return dwl_error(L, "congestion_control.base: there is no built-in algorithm \"%s\"%s", name,
                     dwl_known_words(L, name, names));
}

static bool has(lua_State *L, int index, const char *name)
{
    bool there = lua_getfield(L, index, name) != LUA_TNIL;
    lua_pop(L, 1);
    return there;
}

/* The definition is on top of the stack, and popped. */
static void add(lua_State *L, dwl_sim *s)
{
    lua_getfield(L, -1, "name");
    lua_getfield(L, -2, "base");
    const char *name = lua_tostring(L, -2), *base = lua_tostring(L, -1);
    lua_pop(L, 2); /* the definition keeps them */
    algorithm *a = dwl_keep(L, s, sizeof *a);
    const dw_congestion_ops *under = builtin(base ? base : "reno");
    bool rules = has(L, -1, "control") || DW_OFFERS(dw_congestion_ops, under, control);
    bool hears_of_loss = has(L, -1, "on_loss") || DW_OFFERS(dw_congestion_ops, under, on_loss);
    *a = (algorithm){.ops = {.size = sizeof a->ops,
                             .name = name,
                             .init = on_init,
                             .on_ack = on_ack,
                             .ssthresh = ssthresh,
                             .on_timeout = on_timeout,
                             .state_size = (uint32_t)sizeof(scripted) + under->state_size,
                             .on_sample = on_sample,
                             .on_undo = on_undo,
                             .on_restart = on_restart,
                             .control = rules ? control : NULL,
                             .on_loss = hears_of_loss ? on_loss : NULL,
                             .on_state = on_state,
                             .done = done},
                     .plugin = {.abi = DW_PLUGIN_ABI,
                                .size = sizeof a->plugin,
                                .name = name,
                                .summary = "a congestion control of a script"},
                     .base = under,
                     .sim = s};
    a->plugin.congestion = &a->ops;
    a->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    if (dw_plugin_add(s->sim, &a->plugin) != DW_OK)
        dwl_error(L, "congestion_control: %s", dw_sim_message(s->sim));
}

void dwl_add_congestion_controls(lua_State *L, dwl_sim *s)
{
    int top = lua_gettop(L);
    lua_getfield(L, LUA_REGISTRYINDEX, LIST);
    for (lua_Integer i = 1; lua_istable(L, -1) && lua_rawgeti(L, -1, i) == LUA_TTABLE; i++)
        add(L, s);
    lua_settop(L, top);
}

static const char *const members[] = {"name",    "base",       "init",      "on_ack",  "ssthresh",
                                      "control", "on_timeout", "on_sample", "on_undo", "on_restart",
                                      "on_loss", "on_state",   NULL};

static bool ships(const char *name)
{
    const dw_plugin *p;
    for (size_t i = 0; (p = dw_plugin_builtin(i)) != NULL; i++)
        if (strcmp(p->name, name) == 0) return true;
    return false;
}

/* In the list on top; 0: it is not there. */
static lua_Integer place_of(lua_State *L, const char *name)
{
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) == LUA_TTABLE; i++) {
        lua_getfield(L, -1, "name");
        bool same = strcmp(lua_tostring(L, -1), name) == 0;
        lua_pop(L, 2);
        if (same) return i;
    }
    lua_pop(L, 1);
    return 0;
}

/* dw.congestion_control { name = ..., on_ack = function(cc, ack) ... end }: its name. */
int dwl_congestion_control(lua_State *L)
{
    static const char what[] = "congestion_control";
    dwl_check_names(L, 1, what, members);
    const char *name = dwl_opt_string(L, 1, what, "name");
    if (!name || !name[0]) return dwl_error(L, "congestion_control.name: give it a name");
    const char *base = dwl_opt_string(L, 1, what, "base");
    if (base && !builtin(base)) return no_such_base(L, base);
    for (int i = 2; members[i]; i++) {
        int type = lua_getfield(L, 1, members[i]);
        if (type != LUA_TNIL && type != LUA_TFUNCTION)
            return dwl_error(L, "congestion_control.%s: expected a function, got %s", members[i],
                             luaL_typename(L, -1));
        lua_pop(L, 1);
    }
    if (lua_getfield(L, LUA_REGISTRYINDEX, LIST) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setfield(L, LUA_REGISTRYINDEX, LIST);
    }
    /* A script that is explored says the same again and again. */
    lua_Integer place = place_of(L, name);
    if (ships(name) || (place && !dwl_explores(dwl_state_of(L))))
        return dwl_error(L, "congestion_control: there is already a \"%s\"", name);
    lua_newtable(L); /* a copy: what is changed later does not matter */
    for (int i = 0; members[i]; i++) {
        lua_getfield(L, 1, members[i]);
        lua_setfield(L, -2, members[i]);
    }
    lua_rawseti(L, -2, place ? place : (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pushstring(L, name);
    return 1;
}

/* What its functions are told of acknowledgments and losses. */
void dwl_open_congestion(lua_State *L)
{
    static const char *const absent[] = {
        "rtt_ns",    "min_rtt_ns",   "srtt_ns",         "interval_ns", "rate_delivered",
        "rate_lost", "rate_limited", "prior_delivered", "sent_flight", NULL};
    dwl_new_record(L, "drywire.Sample", "what this is told", absent, NULL);
}
