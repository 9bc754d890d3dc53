/* Traces: queries, pictures and files. */
#include "base/ending.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "base/type.h"
#include "bytefield.h"
#include "kinds.h"
#include "lua_match.h"
#include "lua_picture.h"
#include "notes.h"
#include "object.h"
#include "program.h"
#include "stdlib/stdlib.h"

#include <stdlib.h>
#include <string.h>

static dw_trace *check(lua_State *L)
{
    dwl_check_object(L, 1, DWL_TRACE);
    return dwl_kept_trace(L, dwl_sim_of(L, 1), "trace");
}

/* The text in a box. */
static int push_boxed(lua_State *L, void **box)
{
    if (!*box) return dwl_no_memory(L);
    lua_pushstring(L, *box);
    dw_free(*box);
    *box = NULL;
    return 1;
}

static int find_packets(lua_State *L, const char *call)
{
    dw_trace *trace = check(L);
    dwl_sim *s = dwl_sim_of(L, 1);
    dw_match m;
    dw_packet_view *views;
    size_t count;
    lua_settop(L, 2);
    dwl_read_match(L, 2, call, s, &m, NULL);
    void **box = dwl_push_box(L);
    dwl_query_begin(s);
    int status = dw_trace_packets(trace, &m, &views, &count);
    if (status == DW_OK) *box = views;
    dwl_query_end(L, s);
    if (status != DW_OK || dw_sim_out_of_memory(s->sim)) return dwl_no_memory(L);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        dwl_push_view(L, s, &views[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    dw_free(views);
    *box = NULL;
    return 1;
}

static int trace_packets(lua_State *L)
{
    return find_packets(L, "trace:packets");
}

static int trace_count(lua_State *L)
{
    find_packets(L, "trace:count");
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
    return 1;
}

/* The text in a box, which goes into a file, too, if one is named. */
static int push_written(lua_State *L, const char *who, const char *file, void **box)
{
    char why[400];
    const char *path = file ? dwl_beside(L, file) : NULL;
    int status = *box && file ? dw_file_write(path, *box, strlen(*box), why, sizeof why) : DW_OK;
    if (status == DW_E_NOMEM) return dwl_no_memory(L);
    if (status != DW_OK) return dwl_error(L, "%s: %s", who, dwl_as_named(L, why, path, file));
    return push_boxed(L, box);
}

static const char *const ladder_options[] = {DWL_PICTURE_NAMES, "style", "width",
                                             "color",           "file",  NULL};

/* trace:ladder(options).  It may take long, but ends by itself: the watchdog has patience. */
static int trace_ladder(lua_State *L)
{
    static const char *const styles[] = {"unicode",  "ascii",  "rfc", "mermaid",
                                         "plantuml", "mscgen", NULL};
    dw_trace *trace = check(L);
    dw_picture picture;
    dw_ladder_config c = {.picture = &picture};
    const char *file = NULL;
    lua_settop(L, 2);
    if (!lua_isnil(L, 2)) {
        int64_t n;
        dwl_check_names(L, 2, "trace:ladder", ladder_options);
        c.style = (enum dw_ladder_style)dwl_choice(L, 2, "trace:ladder", "style", styles,
                                                   DW_LADDER_UNICODE);
        if (dwl_opt_integer(L, 2, "trace:ladder", "width", 60, 400, &n)) c.width = (uint32_t)n;
        dwl_opt_bool(L, 2, "trace:ladder", "color", &c.color);
        file = dwl_opt_string(L, 2, "trace:ladder", "file");
    }
    dwl_read_picture(L, 2, "trace:ladder", dwl_sim_of(L, 1), trace, &picture);
    void **box = dwl_push_box(L);
    dwl_at_work(L, true);
    *box = dw_ladder(trace, &c);
    dwl_at_work(L, false);
    return push_written(L, "trace:ladder", file, box);
}

static const char *const svg_options[] = {DWL_PICTURE_NAMES, "file", "width", "large", "mono",
                                          "animated",        NULL};

/* What trace:svg and trace:tikz are told beside what every picture is, from the table at 2; *file:
 * the file that is named, or NULL. */
static void read_svg(lua_State *L, const char *who, const char *const *names, dw_svg_config *c,
                     const char **file)
{
    enum { MIN_PIXELS = 200, MAX_PIXELS = 10000 };
    int64_t n;
    *file = NULL;
    if (lua_isnil(L, 2)) return;
    dwl_check_names(L, 2, who, names);
    if (dwl_opt_integer(L, 2, who, "width", MIN_PIXELS, MAX_PIXELS, &n)) c->width = (uint32_t)n;
    dwl_opt_bool(L, 2, who, "large", &c->large);
    dwl_opt_bool(L, 2, who, "mono", &c->mono);
    dwl_opt_bool(L, 2, who, "animated", &c->animated);
    *file = dwl_opt_string(L, 2, who, "file");
}

static int draw(lua_State *L, const char *who, const char *const *names,
                char *(*drawn)(const dw_trace *trace, const dw_svg_config *config))
{
    dw_trace *trace = check(L);
    dw_picture picture;
    dw_svg_config c = {.picture = &picture};
    const char *file;
    lua_settop(L, 2);
    read_svg(L, who, names, &c, &file);
    dwl_read_picture(L, 2, who, dwl_sim_of(L, 1), trace, &picture);
    void **box = dwl_push_box(L);
    dwl_at_work(L, true);
    *box = drawn(trace, &c);
    dwl_at_work(L, false);
    return push_written(L, who, file, box);
}

/* trace:svg { file = "x.svg" }: the picture as text, and as a file if one is named. */
static int trace_svg(lua_State *L)
{
    char note[400];
    int results = draw(L, "trace:svg", svg_options, dw_svg);
    const char *svg = lua_tostring(L, -1), *file = NULL;
    if (!lua_isnil(L, 2)) file = dwl_opt_string(L, 2, "trace:svg", "file");
    if (dwl_too_high(file ? file : "a picture of trace:svg", svg, note, sizeof note))
        dwl_note(L, note);
    lua_pushstring(L, svg);
    return results;
}

static int trace_tikz(lua_State *L)
{
    static const char *const names[] = {DWL_PICTURE_NAMES, "file", "mono", NULL};
    return draw(L, "trace:tikz", names, dw_tikz);
}

/* trace:bytefield(N, { file = "x.tex" }): a segment's header for LaTeX. */
static int trace_bytefield(lua_State *L)
{
    static const char *const names[] = {"file", NULL};
    char why[200];
    int status;
    dw_trace *trace = check(L);
    lua_Integer number = dwl_check_integer(L, 2, "trace:bytefield");
    const char *file = NULL;
    lua_settop(L, 3);
    if (!lua_isnil(L, 3)) {
        dwl_check_names(L, 3, "trace:bytefield", names);
        file = dwl_opt_string(L, 3, "trace:bytefield", "file");
    }
    if (number < 1) dwl_error(L, "trace:bytefield: packets are numbered from 1");
    void **box = dwl_push_box(L);
    *box = dwl_bytefield(trace, (uint64_t)number, &status, why, sizeof why);
    if (!*box && status != DW_E_NOMEM) return dwl_error(L, "trace:bytefield: %s", why);
    return push_written(L, "trace:bytefield", file, box);
}

static const char *const html_options[] = {DWL_PICTURE_NAMES, "file", "large", "mono", NULL};

/* trace:html { file = "x.html" }: the player as text, and as a file if one is named. */
static int trace_html(lua_State *L)
{
    dw_trace *trace = check(L);
    dw_picture picture;
    dw_html_config c = {.picture = &picture};
    const char *file = NULL;
    lua_settop(L, 2);
    if (!lua_isnil(L, 2)) {
        dwl_check_names(L, 2, "trace:html", html_options);
        dwl_opt_bool(L, 2, "trace:html", "large", &c.large);
        dwl_opt_bool(L, 2, "trace:html", "mono", &c.mono);
        file = dwl_opt_string(L, 2, "trace:html", "file");
    }
    dwl_read_picture(L, 2, "trace:html", dwl_sim_of(L, 1), trace, &picture);
    void **box = dwl_push_box(L);
    dwl_at_work(L, true);
    *box = dw_html(trace, &c);
    dwl_at_work(L, false);
    return push_written(L, "trace:html", file, box);
}

static int trace_text(lua_State *L)
{
    const dw_trace *trace = check(L);
    void **box = dwl_push_box(L);
    *box = dw_trace_text(trace);
    return push_boxed(L, box);
}

static const char *const explain_options[] = {"packet", "repeats", "all", "numbers", "width", NULL};

/* trace:explain { packet = 9 }: why, as text. */
static int trace_explain(lua_State *L)
{
    dw_trace *trace = check(L);
    dw_explain_config c = {0};
    lua_settop(L, 2);
    if (!lua_isnil(L, 2)) {
        int64_t n;
        dwl_check_names(L, 2, "trace:explain", explain_options);
        static const char *const numbers[] = {"relative", "absolute", NULL};
        c.numbers = (enum dw_ladder_numbers)dwl_choice(L, 2, "trace:explain", "numbers", numbers,
                                                       DW_NUMBERS_RELATIVE);
        if (dwl_opt_integer(L, 2, "trace:explain", "packet", 1, INT64_MAX, &n))
            c.packet = (uint64_t)n;
        if (dwl_opt_integer(L, 2, "trace:explain", "width", 60, 400, &n)) c.width = (uint32_t)n;
        dwl_opt_bool(L, 2, "trace:explain", "all", &c.all);
        dwl_opt_bool(L, 2, "trace:explain", "repeats", &c.repeats);
    }
    void **box = dwl_push_box(L);
    dwl_at_work(L, true);
    *box = dw_explain(trace, &c);
    dwl_at_work(L, false);
    if (c.packet && *box && !*(char *)*box)
        return dwl_error(L, "trace:explain: there is no packet %llu", (unsigned long long)c.packet);
    return push_boxed(L, box);
}

static int trace_hash(lua_State *L)
{
    char digest[DW_DIGEST_TEXT];
    dw_trace_digest(dwl_check_object(L, 1, DWL_TRACE), digest);
    lua_pushstring(L, digest);
    return 1;
}

static int trace_save(lua_State *L)
{
    char why[400];
    const dw_trace *trace = check(L);
    const char *name = dwl_check_text(L, 2, "trace:save", "a path"), *path = dwl_beside(L, name);
    dwl_at_work(L, true);
    int status = dw_trace_save(trace, path, why, sizeof why);
    dwl_at_work(L, false);
    if (status == DW_E_NOMEM) return dwl_no_memory(L);
    if (status != DW_OK) return dwl_error(L, "trace:save: %s", dwl_as_named(L, why, path, name));
    if (dwl_too_large(name, path, why, sizeof why)) dwl_note(L, why);
    lua_settop(L, 1);
    return 1;
}

static const char *const pcap_options[] = {"host", "all", "start", "link_type", "format", NULL};
/* In the order of enum dw_link_type and dw_capture_format. */
static const char *const pcap_links[] = {"ethernet", "raw", NULL};
static const char *const pcap_formats[] = {"by-name", "pcapng", "pcap", NULL};

static void read_pcap_options(lua_State *L, dw_capture_config *c)
{
    char why[300];
    bool all = false;
    dwl_check_names(L, 3, "trace:pcap", pcap_options);
    dwl_opt_bool(L, 3, "pcap", "all", &all);
    if (all) c->point = DW_CAPTURE_AT_SENDERS;
    if (dwl_get_option(L, 3, "host") != LUA_TNIL) {
        if (all) dwl_error(L, "trace:pcap: host and all exclude each other");
        c->node = dw_node_index(dwl_check_host(L, -1, dwl_sim_of(L, 1), "pcap.host"));
        c->point = DW_CAPTURE_AT_NODE;
    }
    const char *start = dwl_opt_string(L, 3, "pcap", "start");
    if (start && dw_parse_date(start, &c->start, why, sizeof why) != DW_OK)
        dwl_error(L, "pcap.start: %s", why);
    c->start_given = start;
    c->link_type = (enum dw_link_type)dwl_choice(L, 3, "pcap", "link_type", pcap_links, 0);
    c->format = (enum dw_capture_format)dwl_choice(L, 3, "pcap", "format", pcap_formats, 0);
}

static int trace_pcap(lua_State *L)
{
    char why[400];
    dw_trace *trace = check(L);
    dw_capture_config c = DW_INIT(dw_capture_config);
    lua_settop(L, 3);
    if (!lua_isnil(L, 3)) read_pcap_options(L, &c);
    const char *name = dwl_check_text(L, 2, "trace:pcap", "a path"), *path = dwl_beside(L, name);
    dwl_at_work(L, true);
    int status = dw_trace_capture(trace, path, &c, why, sizeof why);
    dwl_at_work(L, false);
    if (status == DW_E_NOMEM) return dwl_no_memory(L);
    if (status != DW_OK) return dwl_error(L, "trace:pcap: %s", dwl_as_named(L, why, path, name));
    lua_settop(L, 1);
    return 1;
}

static int trace_tostring(lua_State *L)
{
    dwl_object *o = luaL_checkudata(L, 1, DWL_TRACE);
    if (o->sim->sim)
        lua_pushfstring(L, "trace of %d events", (int)dw_trace_count(o->pointer));
    else
        lua_pushliteral(L, "trace (closed)");
    return 1;
}

/* upvalue 1: the trace.  A reason for which nothing was dropped is nil, a misspelt one an error. */
static int index_drops(lua_State *L)
{
    const char *near = NULL, *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    const dwl_object *o = lua_touserdata(L, lua_upvalueindex(1));
    if (o->sim->sim && !dwl_cause_known(o->sim, name, &near) && near)
        return dwl_error(L, "trace:drops: there is no cause \"%s\"; did you mean \"%s\"?", name,
                         near);
    lua_pushnil(L);
    return 1;
}

/* { ["paws"] = 2, ... }: what hosts and links discarded, or one host alone, by reason. */
static int trace_drops(lua_State *L)
{
    dw_trace *trace = check(L);
    uint32_t node = UINT32_MAX;
    if (!lua_isnoneornil(L, 2))
        node = dw_node_index(dwl_check_host(L, 2, dwl_sim_of(L, 1), "trace:drops"));
    lua_newtable(L);
    for (size_t i = 0; i < dw_trace_count(trace); i++) {
        const dw_trace_event *e = dw_trace_at(trace, i);
        if (e->type != DW_TRACE_DROPPED || (node != UINT32_MAX && e->node != node)) continue;
        lua_getfield(L, -1, e->cause ? e->cause->name : "?");
        lua_Integer n = lua_tointeger(L, -1) + 1;
        lua_pop(L, 1);
        lua_pushinteger(L, n);
        lua_setfield(L, -2, e->cause ? e->cause->name : "?");
    }
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, 1);
    lua_pushcclosure(L, index_drops, 1);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    return 1;
}

static const luaL_Reg methods[] = {
    {"drops", trace_drops},       {"packets", trace_packets},     {"count", trace_count},
    {"series", dwl_trace_series}, {"ladder", trace_ladder},       {"svg", trace_svg},
    {"tikz", trace_tikz},         {"bytefield", trace_bytefield}, {"html", trace_html},
    {"text", trace_text},         {"hash", trace_hash},           {"save", trace_save},
    {"pcap", trace_pcap},         {"explain", trace_explain},     {NULL, NULL}};
static const luaL_Reg meta[] = {{"__tostring", trace_tostring}, {NULL, NULL}};

void dwl_open_trace(lua_State *L)
{
    dwl_new_type(L, DWL_TRACE, "a trace", methods, meta);
}
