/* The standard library of a script: without what differs from run to run.
 *
 *   shim.c           text, time, garbage collection, math; and how functions are replaced
 *   files.c          io, require and the like: the files beside the script
 *   introspection.c  debug, of the script's own functions
 *   sort.c           pairs, next and table.sort in a defined order
 *   strict_globals.c   misspelt names
 *   portable_math.c  exp, log, sin ... with the same bits everywhere */
#ifndef DWL_STDLIB_H
#define DWL_STDLIB_H

#include "binding/base/state.h"

/* shim.c: replacing functions of the standard library. */
typedef struct dwl_replacement {
    const char *table, *name;
    lua_CFunction function; /* NULL: it is an error in the zone, that says what to do instead */
    const char *instead;
} dwl_replacement;
/* The rows end with one whose name is NULL; what this Lua does not have is left out. */
void dwl_replace(lua_State *L, const dwl_replacement *rows);
/* In a function that replaces another one: run that, in the same frame, so that its errors name
 * the call and its line. */
int dwl_call_stock(lua_State *L);
int dwl_refuse(lua_State *L, const char *what, const char *instead);
/* Raise an error if the table at index has fields that make garbage collection visible. */
void dwl_check_metatable(lua_State *L, int index);
void dwl_seed_random(lua_State *L, uint64_t seed);

/* files.c */
/* Tell where the script lies; "" or a name alone: in the current directory.  From now on modules
 * come from there, and nothing in Lua shows where it is. */
void dwl_set_script(lua_State *L, const char *script);
/* Push the path of a file that a script names, relative to the script's directory. */
const char *dwl_beside(lua_State *L, const char *name);
/* Push a text with the path as the script named it. */
const char *dwl_as_named(lua_State *L, const char *text, const char *path, const char *name);
/* A script's text as a function on the stack; LUA_OK, or as luaL_load.  A byte order mark and a
 * first line with # are skipped; bytecode is refused. */
int dwl_load_text(lua_State *L, const char *text, size_t len, const char *name);

/* strict_globals.c: undefined names are errors from now on. */
void dwl_strict_globals(lua_State *L);

void dwl_open_files(lua_State *L);
void dwl_open_introspection(lua_State *L);
void dwl_open_shim(lua_State *L);
void dwl_open_sort(lua_State *L);

#endif
