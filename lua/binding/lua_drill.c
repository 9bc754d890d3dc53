/* dw.drill: a packetdrill script as part of a test. */
#include "base/ending.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "kinds.h"
#include "stdlib/stdlib.h"
#include "drill/drill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEFINES = 32 };

/* defines = { "LOUD", "TFO_COOKIE=3021b9d889017eeb" } */
static void read_defines(lua_State *L, const char *out[MAX_DEFINES + 1])
{
    size_t n = 0;
    if (lua_getfield(L, 2, "defines") != LUA_TNIL) {
        if (!lua_istable(L, -1)) dwl_error(L, "drill.defines: expected a list of names");
        for (lua_Integer i = 1; lua_geti(L, -1, i) != LUA_TNIL; i++) {
            if (lua_type(L, -1) != LUA_TSTRING || n == MAX_DEFINES)
                dwl_error(L, "drill.defines: expected at most %d names", MAX_DEFINES);
            out[n++] = lua_tostring(L, -1); /* the list keeps it alive */
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    out[n] = NULL;
}

static void check_profile(lua_State *L, const char *profile)
{
    dw_sim *sim;
    dw_node *node;
    if (dw_sim_new(NULL, &sim) != DW_OK) dwl_no_memory(L);
    bool known = dw_node_new(sim, "host", &node) == DW_OK &&
                 dw_node_option(node, "tcp", "profile", profile) == DW_OK;
    bool no_memory = dw_sim_out_of_memory(sim);
    char why[1024];
    snprintf(why, sizeof why, "%s", dw_sim_message(sim));
    dw_sim_free(sim);
    if (no_memory) dwl_no_memory(L);
    if (!known) dwl_error(L, "drill: %s", why);
}

/* The problem as one string, pushed, by way of a box.  Frees the result. */
static void push_problem(lua_State *L, const char *path, dw_drill_result *r, void **box)
{
    const dw_picture picture = {.calls = DW_YES};
    const dw_ladder_config style = {.picture = &picture};
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (f) dw_drill_explain(path, r, &style, f);
    dw_drill_result_free(r);
    bool failed = !f || ferror(f);
    failed |= f && fclose(f) != 0;
    *box = text;
    if (failed) dwl_no_memory(L);
    while (size > 0 && text[size - 1] == '\n')
        size--;
    lua_pushlstring(L, text, size);
}

static void push_result(lua_State *L, const dw_drill_result *r)
{
    lua_createtable(L, 0, 4);
    lua_pushstring(L, r->profile);
    lua_setfield(L, -2, "profile");
    lua_pushinteger(L, (lua_Integer)r->packets);
    lua_setfield(L, -2, "packets");
    lua_pushinteger(L, (lua_Integer)r->events);
    lua_setfield(L, -2, "events");
    lua_pushnumber(L, (lua_Number)r->at / 1e9);
    lua_setfield(L, -2, "time");
}

static const char *const drill_options[] = {"profile", "ip_version", "defines", "strict", NULL};

/* dw.drill(name, options): what became of the script, or an error.  One that fails, or is
 * not supported, is an expectation that was not met; one that is wrong is the caller's mistake. */
int dwl_drill(lua_State *L)
{
    static const char *const versions[] = {"ipv4", "ipv6", "ipv4-mapped-ipv6", NULL};
    const char *defines[MAX_DEFINES + 1] = {NULL};
    const char *name = dwl_check_text(L, 1, "dw.drill", "a path");
    dw_drill_config config = {.keep = true, .defines = defines};
    dw_drill_result r;
    lua_settop(L, 2);
    if (!lua_isnil(L, 2)) {
        dwl_check_names(L, 2, "drill", drill_options);
        config.profile = dwl_opt_string(L, 2, "drill", "profile");
        config.ip_version = dwl_opt_string(L, 2, "drill", "ip_version");
        dwl_opt_bool(L, 2, "drill", "strict", &config.strict);
        read_defines(L, defines);
    }
    if (config.profile) check_profile(L, config.profile);
    int i = 0;
    while (config.ip_version && versions[i] && strcmp(versions[i], config.ip_version) != 0)
        i++;
    if (config.ip_version && !versions[i])
        return dwl_error(L, "drill.ip_version: ipv4, ipv6 or ipv4-mapped-ipv6, not \"%s\"",
                         config.ip_version);
    const char *path = dwl_beside(L, name);
    dwl_state *state = dwl_state_of(L);
    void **box = dwl_push_box(L);
    dwl_at_work(L, true);
    dw_drill_file(path, &config, &r);
    dwl_at_work(L, false);
    state->expectations++;
    if (r.sim) state->closed_mix += dwl_trace_mix(dw_sim_trace(r.sim));
    enum dw_drill_verdict verdict = r.verdict;
    if (verdict == DW_DRILL_PASSED || verdict == DW_DRILL_NO_MEMORY) dw_drill_result_free(&r);
    if (verdict == DW_DRILL_NO_MEMORY) return dwl_no_memory(L);
    if (verdict == DW_DRILL_PASSED) {
        push_result(L, &r);
        return 1;
    }
    push_problem(L, path, &r, box);
    dwl_as_named(L, lua_tostring(L, -1), path, name);
    if (verdict == DW_DRILL_WRONG) return dwl_error(L, "drill: %s", lua_tostring(L, -1));
    return dwl_fail_expectation(L, "drill: %s", lua_tostring(L, -1));
}
