/* drywire coverage, catalogue, states, profiles and defects: reports written in Lua
 * (lua/command/reports), from what scripts really did. */
#include "binding/base/text.h"
#include "binding/embedded.h"
#include "binding/kinds.h"
#include "command.h"
#include "draw.h"
#include "failure.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Made by the build from lua/command/reports/. */
extern const dwl_source dwl_reports[];

static void set_text(lua_State *L, const char *name, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

/* What a report prints for people. */
static void set_shown(lua_State *L, const char *name, const char *value)
{
    dwl_push_escaped(L, DW_IN_LINES, value, strlen(value));
    lua_setfield(L, -2, name);
}

/* Within a protected call: the list, and a script_result. */
static int append_result(lua_State *L)
{
    const script_result *r = lua_touserdata(L, 2);
    lua_createtable(L, 0, 6);
    set_shown(L, "path", r->path);
    set_shown(L, "title", r->title);
    set_shown(L, "problem", r->problem);
    set_text(L, "covers", r->covers);
    set_text(L, "arrows", r->arrows);
    lua_pushboolean(L, r->code == EXIT_PASS);
    lua_setfield(L, -2, "passed");
    lua_rawseti(L, 1, (lua_Integer)lua_rawlen(L, 1) + 1);
    return 0;
}

/* The list is on top of the stack. */
static bool add_result(const script_result *r, void *arg)
{
    lua_State *L = arg;
    lua_pushcfunction(L, append_result);
    lua_pushvalue(L, -2);
    lua_pushlightuserdata(L, (void *)r);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK) needed(NULL);
    return true;
}

static const dwl_source *find_report(const char *name)
{
    size_t len = strlen(name);
    for (const dwl_source *s = dwl_reports; s->name; s++)
        if (strncmp(s->name, name, len) == 0 && strcmp(s->name + len, ".lua") == 0) return s;
    return NULL;
}

/* require "requirements" in a report finds the file beside it. */
static int load_part(lua_State *L)
{
    const dwl_source *s = find_report(luaL_checkstring(L, 1));
    if (!s) return luaL_error(L, "no report %s", lua_tostring(L, 1));
    if (luaL_loadbufferx(L, s->text, s->len, s->name, "t") != LUA_OK) return lua_error(L);
    lua_call(L, 0, 1);
    return 1;
}

/* Within a protected call: leaves an empty list. */
static int prepare(lua_State *L)
{
    luaL_openlibs(L);
    luaL_requiref(L, "drywire", luaopen_drywire, 0);
    lua_register(L, "part", load_part);
    lua_newtable(L);
    return 1;
}

/* Within a protected call: the list of results, the report's source and the options.  The report is
 * called with the options, the words of the command line, and the results of scripts.  It prints,
 * and returns nil or why it failed; a table { usage = text } is a wrong command line. */
static int call_report(lua_State *L)
{
    const dwl_source *s = lua_touserdata(L, 2);
    const options *o = lua_touserdata(L, 3);
    if (luaL_loadbufferx(L, s->text, s->len, s->name, "t") != LUA_OK) return lua_error(L);
    lua_createtable(L, 0, 4);
    lua_pushboolean(L, o->json);
    lua_setfield(L, -2, "json");
    lua_pushboolean(L, o->markdown);
    lua_setfield(L, -2, "markdown");
    lua_pushboolean(L, use_color(o, 1));
    lua_setfield(L, -2, "color");
    set_text(L, "style", o->ladder_style ? o->ladder_style : "text");
    for (int i = 0; i < o->rest_count; i++) {
        lua_pushstring(L, o->rest[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_pushvalue(L, 1);
    lua_call(L, 2, 1);
    bool usage = lua_istable(L, -1);
    if (usage) lua_getfield(L, -1, "usage");
    lua_pushboolean(L, usage);
    if (!lua_isnil(L, -2)) luaL_tolstring(L, -2, NULL);
    return lua_isnil(L, -2) ? 0 : 2; /* whether it is about usage, and the text */
}

/* With the list of results on the stack. */
static int run_report(const char *name, const options *o, lua_State *L)
{
    lua_pushcfunction(L, call_report);
    lua_insert(L, 1);
    lua_pushlightuserdata(L, (void *)find_report(name));
    lua_pushlightuserdata(L, (void *)o);
    int status = lua_pcall(L, 3, 2, 0);
    if (status != LUA_OK) return lua_failure(L, name, status);
    fflush(stdout);
    if (dwl_state_of(L)->out_of_memory) return no_memory(name); /* whoever caught the error */
    if (lua_isnil(L, -1)) return EXIT_PASS;
    if (lua_toboolean(L, -2)) return usage_error(name, "%s", lua_tostring(L, -1));
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    return EXIT_FAILED;
}

enum { MAX_PLACES = 8 };

static int existing(const char *const *places, char **found)
{
    struct stat st;
    int n = 0;
    for (int i = 0; places[i] && n < MAX_PLACES; i++)
        if (stat(places[i], &st) == 0) found[n++] = (char *)places[i];
    return n;
}

static int report(const char *name, int argc, char **argv, const char *const *places)
{
    options o;
    char *found[MAX_PLACES];
    int code = parse_options(argc, argv, 0, name, &o);
    if (code != EXIT_PASS) return code;
    if (o.json && o.markdown) return usage_error(name, "--json and --markdown: write one of them");
    if (places && o.rest_count == 0) {
        o.rest = found;
        o.rest_count = existing(places, found);
        o.excludes[o.exclude_count++] = "examples/plugin/"; /* they want one */
        if (o.rest_count == 0)
            return usage_error(name, "which scripts? drywire %s DIRECTORY|FILE.lua ...", name);
    }
    lua_State *L = luaL_newstate();
    if (!L) return no_memory(name);
    lua_pushcfunction(L, prepare);
    int status = lua_pcall(L, 0, 1, 0);
    if (status != LUA_OK) code = lua_failure(L, name, status);
    if (code == EXIT_PASS && places) code = run_scripts(name, &o, add_result, L);
    if (code == EXIT_PASS) code = run_report(name, &o, L);
    lua_close(L);
    return code;
}

static const char *const everything[] = {"tests/scenario", "examples", "examples/figures", NULL};
static const char *const scenarios[] = {"tests/scenario", NULL};

int cmd_coverage(int argc, char **argv)
{
    return report("coverage", argc, argv, everything);
}

int cmd_catalogue(int argc, char **argv)
{
    return report("catalogue", argc, argv, scenarios);
}

int cmd_states(int argc, char **argv)
{
    return report("states", argc, argv, everything);
}

int cmd_profiles(int argc, char **argv)
{
    return report("profiles", argc, argv, NULL);
}

int cmd_defects(int argc, char **argv)
{
    return report("defects", argc, argv, NULL);
}
