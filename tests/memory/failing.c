/* Allocations that fail on purpose (see failing.h). */
#include "failing.h"

#include <dirent.h>
#include <errno.h>
#include <lua.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

static struct {
    uint64_t count[FAILING_KINDS];
    enum failing_kind kind;
    uint64_t nth;
    bool later, happened, show;
} state;

/* What the sanitizers have, where the program is built with one. */
void __sanitizer_print_stack_trace(void) __attribute__((weak));

void failing_set(enum failing_kind kind, uint64_t nth, bool later)
{
    bool show = state.show;
    memset(&state, 0, sizeof state);
    state.kind = kind;
    state.nth = nth;
    state.later = later;
    state.show = show;
}

uint64_t failing_count(enum failing_kind kind)
{
    return state.count[kind];
}

bool failing_happened(void)
{
    return state.happened;
}

void failing_show(bool show)
{
    state.show = show;
}

static bool fails(enum failing_kind kind)
{
    uint64_t n = ++state.count[kind];
    if (kind != state.kind || state.nth == 0) return false;
    if (n != state.nth && !(state.later && n > state.nth)) return false;
    if (state.show && !state.happened && __sanitizer_print_stack_trace)
        __sanitizer_print_stack_trace();
    state.happened = true;
    errno = ENOMEM;
    return true;
}

/* The linker gives the C library's functions these names, and ours to those who call them. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__real_open_memstream(char **text, size_t *len);
ssize_t __real_getline(char **line, size_t *capacity, FILE *f);
DIR *__real_opendir(const char *path);
char *__real_realpath(const char *path, char *resolved);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_open_memstream(char **text, size_t *len);
ssize_t __wrap_getline(char **line, size_t *capacity, FILE *f);
DIR *__wrap_opendir(const char *path);
char *__wrap_realpath(const char *path, char *resolved);
lua_State *__wrap_luaL_newstate(void);

void *__wrap_malloc(size_t size)
{
    return fails(FAILING_C) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails(FAILING_C) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return size > 0 && fails(FAILING_C) ? NULL : __real_realloc(block, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails(FAILING_C) ? NULL : __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
    return fails(FAILING_C) ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len)
{
    return fails(FAILING_C) ? NULL : __real_strndup(text, len);
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
    return fails(FAILING_C) ? NULL : __real_fopen(path, mode);
}

FILE *__wrap_open_memstream(char **text, size_t *len)
{
    return fails(FAILING_C) ? NULL : __real_open_memstream(text, len);
}

/* Its buffer grows with the lines: each call may need memory. */
ssize_t __wrap_getline(char **line, size_t *capacity, FILE *f)
{
    return fails(FAILING_C) ? -1 : __real_getline(line, capacity, f);
}

DIR *__wrap_opendir(const char *path)
{
    return fails(FAILING_C) ? NULL : __real_opendir(path);
}

char *__wrap_realpath(const char *path, char *resolved)
{
    return fails(FAILING_C) ? NULL : __real_realpath(path, resolved);
}

/* Lua's own, which shrinking blocks never ask. */
static void *lua_block(void *ud, void *block, size_t old_size, size_t new_size)
{
    (void)ud;
    if (new_size == 0) {
        free(block);
        return NULL;
    }
    bool grows = !block || new_size > old_size;
    return grows && fails(FAILING_LUA) ? NULL : __real_realloc(block, new_size);
}

static int panic(lua_State *L)
{
    const char *text = lua_tostring(L, -1);
    fprintf(stderr, "Lua panics: %s\n", text ? text : "?");
    if (state.show && __sanitizer_print_stack_trace) __sanitizer_print_stack_trace();
    return 0;
}

lua_State *__wrap_luaL_newstate(void)
{
    lua_State *L = lua_newstate(lua_block, NULL);
    if (L) lua_atpanic(L, panic);
    return L;
}
