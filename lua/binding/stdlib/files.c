/* The files that a script sees.
 *
 * In the zone a script reads and writes regular files in its own directory and below, by names
 * relative to that directory: they lie there on every machine.  Devices, pipes, /proc, standard
 * input and anything elsewhere is the outside world.  A file that is written is written anew, for
 * what an earlier run left would differ from run to run.
 *
 * A module that is required may lie in a directory above, too: tests in several directories share
 * it.
 *
 * A name that drywire's own calls take (trace:save, golden, dw.load ...) is relative to the same
 * directory, but may be absolute. */
#include "binding/base/error.h"
#include "stdlib.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

/* Names. */

/* In a stock interpreter, the directory of the file whose code calls. */
static void push_caller_directory(lua_State *L)
{
    lua_Debug ar;
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "S", &ar);
        const char *slash = ar.source[0] == '@' ? strrchr(ar.source, '/') : NULL;
        if (slash) lua_pushlstring(L, ar.source + 1, (size_t)(slash - ar.source));
        if (slash) return;
        if (ar.source[0] == '@') break;
    }
    lua_pushliteral(L, "");
}

const char *dwl_beside(lua_State *L, const char *name)
{
    const dwl_state *s = dwl_state_of(L);
    if (*name == '/') return lua_pushstring(L, name);
    if (s->command)
        lua_pushstring(L, s->directory);
    else
        push_caller_directory(L);
    lua_pushstring(L, name);
    lua_concat(L, 2);
    return lua_tostring(L, -1);
}

const char *dwl_as_named(lua_State *L, const char *text, const char *path, const char *name)
{
    return *path ? luaL_gsub(L, text, path, name) : text;
}

typedef enum place {
    PLACE_OWN,     /* a regular file in the script's directory or below */
    PLACE_MISSING, /* or none; errno says why */
    PLACE_OUTSIDE,
    PLACE_SPECIAL, /* a device, a pipe, a directory */
} place;

static bool climbs(const char *name)
{
    for (const char *at = name; at; at = strchr(at, '/')) {
        at += *at == '/';
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || !at[2])) return true;
    }
    return false;
}

/* Symbolic links are followed first: one may lead anywhere. */
static bool is_below(const char *path, const char *directory)
{
    char *file = realpath(path, NULL), *top = realpath(*directory ? directory : ".", NULL);
    size_t n = top ? strlen(top) : 0;
    bool below =
        file && top && strncmp(file, top, n) == 0 && (n == 1 || file[n] == '/' || !file[n]);
    free(file);
    free(top);
    return below;
}

/* Where a name leads; its path is written to path. */
static place place_of(const char *directory, const char *name, char path[PATH_MAX])
{
    struct stat st;
    if (*name == '/' || climbs(name)) return PLACE_OUTSIDE;
    if (snprintf(path, PATH_MAX, "%s%s", directory, name) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return PLACE_MISSING;
    }
    if (stat(path, &st) != 0) return PLACE_MISSING;
    if (!is_below(path, directory)) return PLACE_OUTSIDE;
    return S_ISREG(st.st_mode) ? PLACE_OWN : PLACE_SPECIAL;
}

/* The path of one that may be opened (it need not be there), or an error at the script's line. */
static void check_place(lua_State *L, const char *call, const char *name, char path[PATH_MAX])
{
    switch (place_of(dwl_state_of(L)->directory, name, path)) {
    case PLACE_OWN:
    case PLACE_MISSING: return;
    case PLACE_OUTSIDE:
        dwl_error(L,
                  "%s: \"%s\" would let the outside world into the simulation; a script sees the "
                  "files in its own directory and below, by names relative to it",
                  call, name);
        return;
    case PLACE_SPECIAL:
        dwl_error(L,
                  "%s: \"%s\" is not a regular file, so what is in it may differ from run to run",
                  call, name);
    }
}

/* Opening. */

static int close_handle(lua_State *L)
{
    luaL_Stream *p = luaL_checkudata(L, 1, LUA_FILEHANDLE);
    FILE *f = p->f;
    return luaL_fileresult(L, fclose(f) == 0, NULL);
}

/* Push the file as a handle; nil, a sentence and errno when it cannot be opened. */
static int push_handle(lua_State *L, const char *name, const char *path, const char *mode)
{
    luaL_Stream *p = lua_newuserdatauv(L, sizeof *p, 0);
    p->closef = NULL; /* not open yet */
    luaL_setmetatable(L, LUA_FILEHANDLE);
    p->f = fopen(path, mode);
    p->closef = close_handle;
    if (p->f) return 1;
    p->closef = NULL;
    return luaL_fileresult(L, 0, name);
}

static void check_mode(lua_State *L, const char *name, const char *mode)
{
    bool known = *mode && strchr("rwa", *mode);
    const char *rest = mode + known;
    rest += *rest == '+';
    rest += *rest == 'b';
    luaL_argcheck(L, known && !*rest, 2, "invalid mode");
    if (*mode == 'a' || strncmp(mode, "r+", 2) == 0)
        dwl_error(
            L,
            "io.open: \"%s\" with mode \"%s\" would go on with what an earlier run left; write "
            "the file anew with \"w\"",
            name, mode);
}

static int own_open(lua_State *L)
{
    if (!dwl_in_zone(dwl_state_of(L))) return dwl_call_stock(L);
    char path[PATH_MAX];
    const char *name = luaL_checkstring(L, 1), *mode = luaL_optstring(L, 2, "r");
    check_mode(L, name, mode);
    check_place(L, "io.open", name, path);
    return push_handle(L, name, path, mode);
}

/* Index 1 names a file: it is opened, and the handle takes the name's place. */
static void open_argument(lua_State *L, const char *call, const char *mode)
{
    char path[PATH_MAX];
    const char *name = lua_tostring(L, 1);
    check_place(L, call, name, path);
    if (push_handle(L, name, path, mode) != 1) luaL_error(L, "%s", lua_tostring(L, -2));
    lua_replace(L, 1);
}

/* Standard input. */

static int refuse_input(lua_State *L, const char *call)
{
    return dwl_refuse(L, call, "parameters come from --set name=value, arguments after --");
}

static bool is_stream(lua_State *L, int index, const FILE *f)
{
    const luaL_Stream *p = luaL_testudata(L, index, LUA_FILEHANDLE);
    return p && p->closef && p->f == f;
}

static bool reads_standard_input(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, "_IO_input"); /* io.input(), as the stock library keeps it */
    bool is = is_stream(L, -1, stdin);
    lua_pop(L, 1);
    return is;
}

static int own_read(lua_State *L)
{
    if (dwl_in_zone(dwl_state_of(L)) && reads_standard_input(L)) return refuse_input(L, "io.read");
    return dwl_call_stock(L);
}

static int own_lines(lua_State *L)
{
    if (!dwl_in_zone(dwl_state_of(L))) return dwl_call_stock(L);
    if (lua_isnoneornil(L, 1)) {
        if (reads_standard_input(L)) return refuse_input(L, "io.lines");
        return dwl_call_stock(L);
    }
    char path[PATH_MAX];
    const char *name = luaL_checkstring(L, 1);
    check_place(L, "io.lines", name, path);
    FILE *f = fopen(path, "r"); /* tried here, so that an error has the name and not the path */
    if (!f) return luaL_error(L, "%s: %s", name, strerror(errno));
    fclose(f);
    lua_pushstring(L, path);
    lua_replace(L, 1);
    return dwl_call_stock(L);
}

static int own_input(lua_State *L)
{
    if (dwl_in_zone(dwl_state_of(L)) && lua_isstring(L, 1)) open_argument(L, "io.input", "r");
    return dwl_call_stock(L);
}

static int own_output(lua_State *L)
{
    if (dwl_in_zone(dwl_state_of(L)) && lua_isstring(L, 1)) open_argument(L, "io.output", "w");
    return dwl_call_stock(L);
}

static int handle_read(lua_State *L)
{
    if (dwl_in_zone(dwl_state_of(L)) && is_stream(L, 1, stdin)) return refuse_input(L, "io.stdin");
    return dwl_call_stock(L);
}

/* The sign of a NaN depends on the processor. */
static int own_write(lua_State *L)
{
    for (int i = lua_gettop(L); i > 0; i--) {
        if (lua_type(L, i) != LUA_TNUMBER || lua_tonumber(L, i) == lua_tonumber(L, i)) continue;
        lua_pushliteral(L, "nan");
        lua_replace(L, i);
    }
    return dwl_call_stock(L);
}

/* Whether a standard stream can seek, and where it is, depends on what it is connected to. */
static int handle_seek(lua_State *L)
{
    bool standard = is_stream(L, 1, stdin) || is_stream(L, 1, stdout) || is_stream(L, 1, stderr);
    if (standard && dwl_in_zone(dwl_state_of(L)))
        return dwl_refuse(L, "seeking in a standard stream", "use a file of the script's own");
    return dwl_call_stock(L);
}

/* Lua code. */

int dwl_load_text(lua_State *L, const char *text, size_t len, const char *name)
{
    dwl_state *s = dwl_state_of(L);
    s->code_digest = XXH3_64bits_withSeed(text, len, s->code_digest);
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
        text += 3;
        len -= 3;
    }
    if (len && *text == '#') { /* #!/usr/bin/env drywire */
        const char *end = memchr(text, '\n', len);
        len = end ? len - (size_t)(end - text) : 0;
        text = end ? end : "";
    }
    return luaL_loadbufferx(L, text, len, name, "t");
}

/* The whole file as a string on the stack; false: errno says why not. */
static bool push_contents(lua_State *L, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    size_t n;
    do {
        n = fread(luaL_prepbuffer(&b), 1, LUAL_BUFFERSIZE, f);
        luaL_addsize(&b, n);
    } while (n > 0);
    int error = ferror(f) ? errno : 0;
    fclose(f);
    luaL_pushresult(&b);
    if (error) lua_pop(L, 1);
    errno = error;
    return error == 0;
}

/* Push the function that a file of the script's own contains, or why there is none. */
static int load_own(lua_State *L, const char *name, const char *path)
{
    if (!push_contents(L, path)) {
        if (errno == ENOMEM) return dwl_no_memory(L);
        lua_pushfstring(L, "cannot open %s: %s", name, strerror(errno));
        return LUA_ERRFILE;
    }
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    lua_pushfstring(L, "@%s", name);
    int status = dwl_load_text(L, text, len, lua_tostring(L, -1));
    lua_replace(L, -3);
    lua_pop(L, 1);
    return status;
}

static const char *code_argument(lua_State *L, const char *call, char path[PATH_MAX])
{
    if (lua_isnoneornil(L, 1)) refuse_input(L, call);
    const char *name = luaL_checkstring(L, 1);
    check_place(L, call, name, path);
    return name;
}

static int own_loadfile(lua_State *L)
{
    if (!dwl_in_zone(dwl_state_of(L))) return dwl_call_stock(L);
    char path[PATH_MAX];
    const char *name = code_argument(L, "loadfile", path);
    bool has_environment = !lua_isnone(L, 3);
    if (load_own(L, name, path) != LUA_OK) {
        luaL_pushfail(L);
        lua_insert(L, -2);
        return 2;
    }
    if (has_environment) {
        lua_pushvalue(L, 3);
        if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
    }
    return 1;
}

static int results_of_file(lua_State *L, int status, lua_KContext arguments)
{
    (void)status;
    return lua_gettop(L) - (int)arguments;
}

static int own_dofile(lua_State *L)
{
    if (!dwl_in_zone(dwl_state_of(L))) return dwl_call_stock(L);
    char path[PATH_MAX];
    const char *name = code_argument(L, "dofile", path);
    lua_settop(L, 1);
    if (load_own(L, name, path) != LUA_OK) return lua_error(L);
    lua_callk(L, 0, LUA_MULTRET, 1, results_of_file);
    return results_of_file(L, LUA_OK, 1);
}

/* Modules. */

/* The first file in a directory that one of the names leads to; false: none. */
static bool search_in(const char *directory, const char *names, bool only_lua, char name[PATH_MAX],
                      char path[PATH_MAX])
{
    for (const char *at = names; *at;) {
        size_t n = strcspn(at, ";");
        bool fits = n > 0 && n < PATH_MAX;
        bool is_lua = n > 4 && memcmp(at + n - 4, ".lua", 4) == 0;
        if (fits) snprintf(name, PATH_MAX, "%.*s", (int)n, at);
        at += n + (at[n] == ';');
        if (!fits || (only_lua && !is_lua)) continue;
        if (place_of(directory, name, path) == PLACE_OWN) return true;
    }
    return false;
}

/* A module that tests in several directories share lies in one above them all.  Nothing but Lua
 * code is taken from there, and by require alone.  Push its name as the script would write it, with
 * "../" for each directory; false: there is none. */
static bool search_above(lua_State *L, const char *names, char path[PATH_MAX])
{
    const char *own = dwl_state_of(L)->directory;
    char top[PATH_MAX], name[PATH_MAX];
    luaL_Buffer climb;
    if (!realpath(*own ? own : ".", top)) return false;
    luaL_buffinit(L, &climb);
    for (char *slash; (slash = strrchr(top, '/')) != NULL && slash[1];) {
        slash[1] = 0;
        luaL_addstring(&climb, "../");
        bool found = search_in(top, names, true, name, path);
        *(slash > top ? slash : slash + 1) = 0;
        if (!found) continue;
        luaL_addstring(&climb, name);
        luaL_pushresult(&climb);
        return true;
    }
    luaL_pushresult(&climb);
    lua_pop(L, 1);
    return false;
}

static void push_tried(lua_State *L, const char *names, bool above)
{
    luaL_Buffer tried;
    luaL_buffinit(L, &tried);
    for (const char *at = names; *at;) {
        size_t n = strcspn(at, ";");
        if (n > 0) {
            luaL_addstring(&tried, luaL_bufflen(&tried) ? "\n\tno file '" : "no file '");
            luaL_addlstring(&tried, at, n);
            luaL_addchar(&tried, '\'');
        }
        at += n + (at[n] == ';');
    }
    if (above) luaL_addstring(&tried, "\n\tbeside the script or in a directory above it");
    luaL_pushresult(&tried);
}

/* The first file that a path of templates ("?.lua;?/init.lua") leads to, beside the script, or
 * above it, too; NULL, and the list of those that were tried pushed. */
static const char *search(lua_State *L, const char *module, const char *templates, bool above,
                          char path[PATH_MAX])
{
    char name[PATH_MAX];
    const char *names = luaL_gsub(L, templates, "?", luaL_gsub(L, module, ".", "/"));
    if (search_in(dwl_state_of(L)->directory, names, false, name, path))
        return lua_pushstring(L, name);
    if (above && search_above(L, names, path)) return lua_tostring(L, -1);
    push_tried(L, names, above);
    return NULL;
}

static int own_searcher(lua_State *L)
{
    char path[PATH_MAX];
    const char *module = luaL_checkstring(L, 1);
    lua_getfield(L, lua_upvalueindex(1), "path");
    if (!lua_isstring(L, -1)) return luaL_error(L, "'package.path' must be a string");
    const char *name = search(L, module, lua_tostring(L, -1), true, path);
    if (!name) return 1;
    if (load_own(L, name, path) != LUA_OK)
        return luaL_error(L, "error loading module '%s' from file '%s':\n\t%s", module, name,
                          lua_tostring(L, -1));
    lua_pushstring(L, name);
    return 2;
}

static int own_searchpath(lua_State *L)
{
    if (!dwl_in_zone(dwl_state_of(L))) return dwl_call_stock(L);
    char path[PATH_MAX];
    const char *module = luaL_checkstring(L, 1), *templates = luaL_checkstring(L, 2);
    if (search(L, module, templates, false, path)) return 1;
    luaL_pushfail(L);
    lua_insert(L, -2);
    return 2;
}

void dwl_set_script(lua_State *L, const char *script)
{
    dwl_state *s = dwl_state_of(L);
    const char *slash = strrchr(script, '/');
    if (slash)
        snprintf(s->directory, sizeof s->directory, "%.*s", (int)(slash + 1 - script), script);
    lua_getglobal(L, "package");
    lua_pushliteral(L, "?.lua;?/init.lua");
    lua_setfield(L, -2, "path");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "cpath");
    lua_getfield(L, -1, "searchers"); /* preloaded modules, Lua code, C code (twice) */
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, own_searcher, 1);
    lua_rawseti(L, -2, 2);
    for (int i = 3; i <= 4; i++) {
        lua_pushnil(L);
        lua_rawseti(L, -2, i);
    }
    lua_pop(L, 2);
}

void dwl_open_files(lua_State *L)
{
    static const dwl_replacement replacements[] = {
        {"io", "open", own_open, NULL},
        {"io", "lines", own_lines, NULL},
        {"io", "read", own_read, NULL},
        {"io", "input", own_input, NULL},
        {"io", "output", own_output, NULL},
        {"io", "write", own_write, NULL},
        {"io", "popen", NULL, "run the other program before or after drywire"},
        {LUA_FILEHANDLE, "read", handle_read, NULL},
        {LUA_FILEHANDLE, "lines", handle_read, NULL},
        {LUA_FILEHANDLE, "write", own_write, NULL},
        {LUA_FILEHANDLE, "seek", handle_seek, NULL},
        {"os", "remove", NULL, "remove files before or after drywire"},
        {"os", "rename", NULL, "rename files before or after drywire"},
        {"os", "tmpname", NULL, "name the file yourself"},
        {"_G", "loadfile", own_loadfile, NULL},
        {"_G", "dofile", own_dofile, NULL},
        {"package", "searchpath", own_searchpath, NULL},
        {"package", "loadlib", NULL, "write the module in Lua, or a plugin for dw.load"},
        {NULL, NULL, NULL, NULL},
    };
    dwl_replace(L, replacements);
    if (luaL_getmetatable(L, LUA_FILEHANDLE) == LUA_TTABLE) {
        lua_getglobal(L, "tostring"); /* ours, without an address */
        lua_setfield(L, -2, "__tostring");
    }
    lua_pop(L, 1);
}
