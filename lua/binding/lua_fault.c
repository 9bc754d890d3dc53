/* Faults on links and hosts, and the rules that stand for them. */
#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "base/type.h"
#include "history.h"
#include "kinds.h"
#include "lua_match.h"
#include "object.h"
#include "program.h"

#include <stdio.h>
#include <string.h>

static enum dw_action bad_answer(lua_State *L, dwl_hook *h, const char *answer)
{
    static const char *const names[] = {"pass", "drop", "duplicate", "delay", NULL};
    char text[400];
    snprintf(text, sizeof text, "%sintercept: unknown answer \"%s\"%s", h->where, answer,
             dwl_known_words(L, answer, names));
    lua_pop(L, 1);
    dwl_stop(L, h->sim, text);
    return DW_ACTION_PASS;
}

static enum dw_action ask_intercept(const dw_packet_view *view, dw_time *by, void *arg)
{
    dwl_hook *h = arg;
    lua_State *L = h->sim->state->main;
    int top = lua_gettop(L);
    if (!dwl_call_with_view(L, h, view, 2, "intercept")) return DW_ACTION_PASS;
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
    dw_match match = DW_INIT(dw_match);
    lua_settop(L, 2);
    c->action = action;
    dwl_read_match(L, 2, title(L, what, sizeof what, verb), s, &match, names);
    c->match = &match;
    return add_rule(L, c, what);
}

static int fault_drop(lua_State *L)
{
    return fault(L, "drop", DW_ACTION_DROP, NULL, &(dw_rule_config)DW_INIT(dw_rule_config));
}

static int fault_hold(lua_State *L)
{
    return fault(L, "hold", DW_ACTION_HOLD, NULL, &(dw_rule_config)DW_INIT(dw_rule_config));
}

static int fault_delay(lua_State *L)
{
    static const char *const names[] = {DWL_MATCH_OPTIONS, "by", NULL};
    dw_rule_config c = DW_INIT(dw_rule_config);
    dwl_check_table(L, 2, "link:delay");
    if (!dwl_opt_time(L, 2, "delay", "by", &c.by))
        return dwl_error(L, "delay: say by how long: by = \"300ms\"");
    return fault(L, "delay", DW_ACTION_DELAY, names, &c);
}

static int fault_duplicate(lua_State *L)
{
    static const char *const names[] = {DWL_MATCH_OPTIONS, "by", NULL};
    dw_rule_config c = DW_INIT(dw_rule_config);
    if (lua_istable(L, 2)) dwl_opt_time(L, 2, "duplicate", "by", &c.by);
    return fault(L, "duplicate", DW_ACTION_DUPLICATE, names, &c);
}

static int fault_reorder(lua_State *L)
{
    static const char *const names[] = {DWL_MATCH_OPTIONS, "behind", "by", NULL};
    dw_rule_config c = DW_INIT(dw_rule_config);
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
    static const char *const names[] = {DWL_MATCH_OPTIONS, "byte", NULL};
    dw_rule_config c = DW_INIT(dw_rule_config);
    int64_t byte = 0;
    if (lua_istable(L, 2)) c.byte_given = dwl_opt_integer(L, 2, "corrupt", "byte", 0, 65535, &byte);
    c.byte = (uint32_t)byte;
    return fault(L, "corrupt", DW_ACTION_CORRUPT, names, &c);
}

/* What `set` may name: numbers as they stand in the header, and the rest. */
#define REWRITTEN_NUMBERS                                                                          \
    "seq", "ack", "window", "urgent", "src_port", "dst_port", "ttl", "tos", "mss", "mss_at_most",  \
        "window_scale"

static void add_field(lua_State *L, dw_rule_config *c, const char *name, int64_t value)
{
    if (c->field_count == DW_REWRITE_FIELDS) dwl_error(L, "rewrite: too many fields");
    snprintf(c->fields[c->field_count].name, sizeof c->fields[0].name, "%s", name);
    c->fields[c->field_count++].value = value;
}

static void read_numbers(lua_State *L, int set, dw_rule_config *c)
{
    static const char *const names[] = {REWRITTEN_NUMBERS, NULL};
    for (const char *const *f = names; *f; f++) {
        int64_t value;
        if (dwl_opt_integer(L, set, "rewrite.set", *f, INT64_MIN, INT64_MAX, &value))
            add_field(L, c, *f, value);
    }
}

static void read_flags(lua_State *L, int set, dw_rule_config *c)
{
    dw_match m;
    char why[200];
    const char *flags = dwl_opt_string(L, set, "rewrite.set", "flags");
    if (!flags) return;
    dw_match_any(&m);
    const dw_plugin *const *plugins = dw_sim_plugins(dwl_sim_of(L, 1)->sim);
    if (dw_match_flags_of(plugins, &m, flags, why, sizeof why) != DW_OK)
        dwl_error(L, "rewrite: %s", why);
    c->flag_names = m.flag_names;
    add_field(L, c, "flags", m.flags);
}

/* A host, its name, or an address that need not be anybody's. */
static void read_new_address(lua_State *L, int set, dwl_sim *s, const char *name, dw_addr *out)
{
    char what[40];
    snprintf(what, sizeof what, "rewrite.set.%s", name);
    if (dwl_get_option(L, set, name) != LUA_TNIL) {
        bool text = lua_type(L, -1) == LUA_TSTRING;
        if (!text || dw_addr_parse(lua_tostring(L, -1), out) != DW_OK)
            *out = dw_node_address(dwl_check_host(L, -1, s, what));
    }
    lua_pop(L, 1);
}

/* The kind of TCP option at the top of the stack, by its name or number. */
static uint8_t option_kind(lua_State *L)
{
    static const struct {
        const char *name;
        uint8_t kind;
    } kinds[] = {{"mss", 2},           {"window_scale", 3}, {"sack_permitted", 4},
                 {"sack", 5},          {"timestamps", 8},   {"md5", 19},
                 {"user_timeout", 28}, {"mptcp", 30},       {"fast_open", 34},
                 {"accecn_0", 172},    {"accecn_1", 174},   {"experiment", 254}};
    enum { KINDS = sizeof kinds / sizeof kinds[0] };
    const char *names[KINDS + 1] = {0};
    int whole;
    lua_Integer number = lua_tointegerx(L, -1, &whole);
    if (lua_type(L, -1) == LUA_TNUMBER) {
        if (!whole || number < 2 || number > UINT8_MAX)
            dwl_error(L, "rewrite.set.strip: an option's kind is from 2 to 255, not %s",
                      dwl_text(L, -1));
        return (uint8_t)number;
    }
    if (lua_type(L, -1) != LUA_TSTRING)
        dwl_error(L, "rewrite.set.strip: expected an option's name or kind, got %s",
                  luaL_typename(L, -1));
    const char *name = lua_tostring(L, -1);
    for (size_t i = 0; i < KINDS; i++) {
        if (strcmp(kinds[i].name, name) == 0) return kinds[i].kind;
        names[i] = kinds[i].name;
    }
    dwl_error(L, "rewrite.set.strip: there is no TCP option \"%s\"%s", name,
              dwl_known_words(L, name, names));
    return 0;
}

/* strip = "timestamps", 8, or a list of such. */
static void read_strip(lua_State *L, int set, dw_rule_config *c)
{
    if (dwl_get_option(L, set, "strip") == LUA_TTABLE) {
        lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
        for (lua_Integer i = 1; i <= n; i++) {
            lua_rawgeti(L, -1, i);
            add_field(L, c, "strip", option_kind(L));
            lua_pop(L, 1);
        }
    } else if (!lua_isnil(L, -1)) {
        add_field(L, c, "strip", option_kind(L));
    }
    lua_pop(L, 1);
}

static void read_checksum(lua_State *L, dw_rule_config *c)
{
    const char *how = dwl_opt_string(L, 2, "rewrite", "checksum");
    if (!how || strcmp(how, "right") == 0) return;
    if (strcmp(how, "keep") != 0)
        dwl_error(L, "rewrite.checksum: \"right\" or \"keep\", not \"%s\"", how);
    c->keep_checksum = true;
}

/* Fields that stand beside `set`, not in it; also misspelt ones. */
static void check_misplaced(lua_State *L, const char *const *fields)
{
    static const char *const all[] = {
        DWL_MATCH_OPTIONS, "set", "back", "checksum", REWRITTEN_NUMBERS, "src", "dst",
        "strip",           NULL};
    dwl_check_names_after(L, 2, "rewrite", all);
    for (const char *const *f = fields; *f; f++) {
        bool filters = strcmp(*f, "seq") == 0 || strcmp(*f, "flags") == 0; /* which packets */
        if (!filters && dwl_get_option(L, 2, *f) != LUA_TNIL)
            dwl_error(L, "rewrite: %s is changed by set = { %s = ... }", *f, *f);
        if (!filters) lua_pop(L, 1);
    }
}

static int fault_rewrite(lua_State *L)
{
    static const char *const names[] = {DWL_MATCH_OPTIONS, "set", "back", "checksum", NULL};
    static const char *const fields[] = {REWRITTEN_NUMBERS, "flags", "src", "dst", "strip", NULL};
    dw_rule_config c = DW_INIT(dw_rule_config);
    dwl_sim *s = dwl_sim_of(L, 1);
    dwl_check_table(L, 2, "link:rewrite");
    check_misplaced(L, fields);
    if (dwl_get_option(L, 2, "set") != LUA_TTABLE)
        return dwl_error(L, "rewrite: say what to change: set = { window = 0 }");
    int set = lua_gettop(L);
    dwl_check_names(L, set, "rewrite.set", fields);
    read_numbers(L, set, &c);
    read_flags(L, set, &c);
    read_strip(L, set, &c);
    read_new_address(L, set, s, "src", &c.src);
    read_new_address(L, set, s, "dst", &c.dst);
    dwl_opt_bool(L, 2, "rewrite", "back", &c.back);
    read_checksum(L, &c);
    return fault(L, "rewrite", DW_ACTION_REWRITE, names, &c);
}

static int fault_intercept(lua_State *L)
{
    dw_rule_config c = {.size = sizeof c, .action = DW_ACTION_INTERCEPT};
    char what[32];
    dwl_sim *s = dwl_sim_of(L, 1);
    int function = lua_isfunction(L, 2) ? 2 : 3;
    title(L, what, sizeof what, "intercept");
    if (!lua_isfunction(L, function))
        return dwl_error(L, "%s: expected a function, got %s", what, luaL_typename(L, function));
    dw_match match = DW_INIT(dw_match);
    if (function == 3) dwl_read_match(L, 2, what, s, &match, NULL);
    c.match = &match;
    lua_pushvalue(L, function);
    dwl_looks_back(L, DWL_PAST_ALL, what); /* at a packet's number and time */
    c.intercept_arg = dwl_new_hook(L, s);
    c.intercept = ask_intercept;
    return add_rule(L, &c, what);
}

const luaL_Reg dwl_fault_methods[] = {
    {"drop", fault_drop},       {"delay", fault_delay},         {"duplicate", fault_duplicate},
    {"reorder", fault_reorder}, {"corrupt", fault_corrupt},     {"rewrite", fault_rewrite},
    {"hold", fault_hold},       {"intercept", fault_intercept}, {NULL, NULL},
};

/* Rules. */

static int rule_hits(lua_State *L)
{
    dwl_looks_back(L, DWL_PAST_ALL, "rule.hits");
    lua_pushinteger(L, (lua_Integer)dw_rule_hits(dwl_check_object(L, 1, DWL_RULE)));
    return 1;
}

static int rule_held(lua_State *L)
{
    dwl_looks_back(L, DWL_PAST_ALL, "rule.held");
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
        if (dwl_note_drop(s->state, rule) || dw_rule_hits(rule) > 0) continue;
        const char *where = dw_rule_where(rule);
        snprintf(text, sizeof text, "%s%s%s never matched a packet", where, *where ? ": " : "",
                 dw_rule_what(rule));
        note(text, arg);
    }
}

static int rule_tostring(lua_State *L)
{
    dwl_object *o = luaL_checkudata(L, 1, DWL_RULE);
    if (o->sim->sim)
        lua_pushfstring(L, "rule %s at %s", dw_rule_what(o->pointer), dw_rule_where(o->pointer));
    else
        lua_pushliteral(L, "rule (closed)");
    return 1;
}

static const luaL_Reg rule_methods[] = {
    {"cancel", rule_cancel}, {"release", rule_release}, {NULL, NULL}};
static const luaL_Reg rule_meta[] = {{"__tostring", rule_tostring}, {NULL, NULL}};

void dwl_open_fault(lua_State *L)
{
    dwl_new_type(L, DWL_RULE, "a rule", rule_methods, rule_meta);
    luaL_getmetatable(L, DWL_RULE);
    lua_getfield(L, -1, "__index");
    lua_pushcclosure(L, rule_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
