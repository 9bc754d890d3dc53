/* Links. */
#include "base/error.h"
#include "base/options.h"
#include "base/type.h"
#include "kinds.h"
#include "object.h"

#include <stdio.h>
#include <string.h>

/* Link options. */

#define DIRECTION_OPTIONS                                                                          \
    "delay", "rate", "mtu", "loss", "queue", "jitter", "duplicate", "corrupt", "reorder",          \
        "reorder_delay", "down", "refuses"
static const char *const direction_options[] = {DIRECTION_OPTIONS, NULL};
const char *const dwl_link_options[] = {DIRECTION_OPTIONS, "to_*", NULL};

/* queue = 100 is packets, queue = "64KiB" is bytes. */
static void read_queue(lua_State *L, int index, dw_direction_config *c)
{
    char why[200];
    if (dwl_get_option(L, index, "queue") != LUA_TNIL) {
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

/* A direction as a script wants it, with the memory of its loss model. */
typedef struct one_way {
    dw_direction_config config;
    dw_loss_model model;
} one_way;

/* loss = "1%", or a model made by dw.loss, in whose table the library has checked the fields. */
static void read_loss(lua_State *L, int index, one_way *way)
{
    dw_direction_config *c = &way->config;
    if (dwl_get_option(L, index, "loss") != LUA_TTABLE) {
        lua_pop(L, 1);
        if (dwl_opt_ratio(L, index, "link", "loss", &c->loss)) c->loss_model = NULL;
        return;
    }
    int model = lua_gettop(L);
    static const char *const fields[] = {"every", "pattern", "p", "r", "good", "bad", NULL};
    dwl_check_names(L, model, "loss", fields);
    dw_loss_model m = {.size = sizeof m, .to_good = DW_RATIO_ONE, .bad_loss = DW_RATIO_ONE};
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
    way->model = m;
    c->loss_model = &way->model;
    lua_pop(L, 1);
}

static void read_direction(lua_State *L, int index, one_way *way)
{
    dw_direction_config *c = &way->config;
    int64_t mtu;
    dwl_opt_time(L, index, "link", "delay", &c->delay_ns);
    dwl_opt_time(L, index, "link", "jitter", &c->jitter_ns);
    dwl_opt_time(L, index, "link", "reorder_delay", &c->reorder_delay_ns);
    dwl_opt_rate(L, index, "link", "rate", &c->rate_bps);
    read_loss(L, index, way);
    dwl_opt_ratio(L, index, "link", "duplicate", &c->duplicate);
    dwl_opt_ratio(L, index, "link", "corrupt", &c->corrupt);
    dwl_opt_ratio(L, index, "link", "reorder", &c->reorder);
    dwl_opt_bool(L, index, "link", "down", &c->down);
    dwl_opt_bool(L, index, "link", "refuses", &c->refuses);
    if (dwl_opt_integer(L, index, "link", "mtu", 68, 65535, &mtu)) c->mtu = (uint32_t)mtu;
    read_queue(L, index, c);
}

/* The first name in byte order that means a direction, but of no end of the link. */
static const char *foreign_direction(lua_State *L, int index, dw_node *const end[2])
{
    const char *first = NULL; /* the table keeps it alive */
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        const char *name = lua_tostring(L, -2);
        if (strncmp(name, "to_", 3) != 0 || strcmp(name + 3, dw_node_name(end[0])) == 0 ||
            strcmp(name + 3, dw_node_name(end[1])) == 0)
            continue;
        if (!first || strcmp(name, first) < 0) first = name;
    }
    return first;
}

/* to_server = { loss = "1%" }: the direction towards that host alone. */
static void read_one_way(lua_State *L, int index, dw_node *const end[2], one_way ways[2])
{
    const char *foreign = foreign_direction(L, index, end);
    if (foreign)
        dwl_error(L, "link.%s: the link's ends are \"%s\" and \"%s\"", foreign,
                  dw_node_name(end[0]), dw_node_name(end[1]));
    for (int i = 0; i < 2; i++) {
        const char *name = lua_pushfstring(L, "to_%s", dw_node_name(end[i]));
        if (lua_getfield(L, index, name) != LUA_TNIL) {
            if (!lua_istable(L, -1))
                dwl_error(L, "link.%s: expected a table of options, got %s", name,
                          luaL_typename(L, -1));
            const char *what = lua_pushfstring(L, "link.%s", name);
            dwl_check_names(L, -2, what, direction_options);
            lua_pop(L, 1);
            read_direction(L, lua_gettop(L), &ways[1 - i]);
        }
        lua_pop(L, 2);
    }
}

static void read_link(lua_State *L, int index, dw_node *const end[2], one_way ways[2])
{
    if (!lua_istable(L, index))
        dwl_error(L, "link: expected a table of options, got %s", luaL_typename(L, index));
    dwl_check_names(L, index, "link", dwl_link_options);
    read_direction(L, index, &ways[0]);
    read_direction(L, index, &ways[1]);
    read_one_way(L, index, end, ways);
}

int dwl_sim_link(lua_State *L)
{
    dwl_sim *s = dwl_check_sim(L, 1);
    dw_node *end[2] = {dwl_check_host(L, 2, s, "sim:link"), dwl_check_host(L, 3, s, "sim:link")};
    one_way ways[2] = {{.config = DW_INIT(dw_direction_config)},
                       {.config = DW_INIT(dw_direction_config)}};
    lua_settop(L, 4);
    if (!lua_isnil(L, 4)) read_link(L, 4, end, ways);
    dw_link *link;
    int status = dw_link_new(end[0], end[1], &ways[0].config, &ways[1].config, &link);
    if (status != DW_OK) return dwl_refused(L, s, status, "sim:link");
    dwl_drop_numbered(s, link);
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
    one_way ways[2];
    for (int i = 0; i < 2; i++)
        dw_link_get(link, i, &ways[i].config);
    dwl_check_table(L, 2, "link:set");
    read_link(L, 2, end, ways);
    for (int i = 0; i < 2; i++) {
        int status = dw_link_set(link, i, &ways[i].config);
        if (status != DW_OK) return dwl_refused(L, dwl_sim_of(L, 1), status, "link:set");
    }
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
        int status = dw_link_set(link, i, &c);
        if (status != DW_OK)
            return dwl_refused(L, dwl_sim_of(L, 1), status, down ? "link:down" : "link:up");
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

/* link:stats(): { to_server = { sent = 3, ... }, to_client = ... }, by what the direction leads to.
 */
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
        luaL_setmetatable(L, "drywire.Counters");
        snprintf(name, sizeof name, "to_%s", dw_node_name(dw_link_node(link, 1 - i)));
        lua_setfield(L, -2, name);
    }
    luaL_setmetatable(L, "drywire.Counters");
    return 1;
}

static int link_tostring(lua_State *L)
{
    dwl_object *o = luaL_checkudata(L, 1, DWL_LINK);
    if (o->sim->sim)
        lua_pushfstring(L, "link %s - %s", dw_node_name(dw_link_node(o->pointer, 0)),
                        dw_node_name(dw_link_node(o->pointer, 1)));
    else
        lua_pushliteral(L, "link (closed)");
    return 1;
}

static const luaL_Reg link_methods[] = {
    {"set", link_set},     {"down", link_down},         {"up", link_up},
    {"stats", link_stats}, {"inject", dwl_link_inject}, {NULL, NULL}};
static const luaL_Reg meta[] = {{"__tostring", link_tostring}, {NULL, NULL}};

void dwl_open_link(lua_State *L)
{
    dwl_new_type(L, DWL_LINK, "a link", link_methods, meta);
    dwl_new_record(L, "drywire.Counters", "link:stats()", NULL, NULL);
    dwl_add_methods(L, DWL_LINK, "a link", dwl_fault_methods);
    dwl_open_fault(L);
    dwl_open_match(L);
}
