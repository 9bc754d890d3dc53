/* Runaway scripts: a watchdog for endless loops, a cap on memory; tracebacks; strict globals. */
#include "binding.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* The watchdog.  No hook is set while all is well, because any hook slows every instruction.  An
 * alarm that finds no progress since the last one sets a hook in the running coroutine; the hook
 * raises an error each time it is called, so pcall in a loop cannot swallow it for good. */

static struct {
    lua_State *L;
    volatile sig_atomic_t armed;
    volatile sig_atomic_t progress; /* set whenever the simulation gets on */
    unsigned milliseconds;
    unsigned tick, idle;              /* ms between alarms, and without progress */
    void (*show)(const dwl_state *s); /* called each tick; or NULL */
} dog;                                /* signals are the process's: one command, one watchdog */

static void bark(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    dwl_error(L,
              "the script has been running for %u s without getting on; is there an endless loop? "
              "(--watchdog sets the time)",
              dog.milliseconds / 1000);
}

static void give_up(void)
{
    static const char text[] =
        "drywire: the script does not react (inside a C function?); giving up\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    _exit(2);
}

static void on_alarm(int signal_number)
{
    (void)signal_number;
    dwl_state *s = dog.L ? dwl_state_of(dog.L) : NULL;
    if (s && dog.show) dog.show(s);
    dog.idle += dog.tick;
    if (dog.progress) {
        dog.progress = 0;
        dog.armed = 0;
        dog.idle = 0;
        return;
    }
    if (dog.idle < dog.milliseconds) return;
    dog.idle = 0;
    if (dog.armed >= 5) give_up();
    dog.armed++;
    lua_State *thread = s && s->thread ? s->thread : dog.L;
    if (thread) lua_sethook(thread, bark, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1000);
}

void dwl_watchdog_progress(void)
{
    dog.progress = 1;
}

void dwl_watchdog_start(lua_State *L, unsigned milliseconds, void (*show)(const dwl_state *s))
{
    enum { SHOW_EVERY_MS = 250 };
    dog.L = L;
    dog.milliseconds = milliseconds;
    dog.tick = show && milliseconds > SHOW_EVERY_MS ? SHOW_EVERY_MS : milliseconds;
    dog.show = show;
    dog.idle = 0;
    dog.progress = 1;
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    const struct timeval tick = {.tv_sec = dog.tick / 1000, .tv_usec = (dog.tick % 1000) * 1000};
    setitimer(ITIMER_REAL, &(struct itimerval){.it_interval = tick, .it_value = tick}, NULL);
}

void dwl_watchdog_stop(void)
{
    struct itimerval off = {0};
    setitimer(ITIMER_REAL, &off, NULL);
    if (dog.L) lua_sethook(dog.L, NULL, 0, 0);
    dog.L = NULL;
}

/* The memory cap: past the limit an error with a traceback, past a quarter more none is given. */

static void out_of_memory(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    dwl_state *s = dwl_state_of(L);
    lua_sethook(L, NULL, 0, 0);
    dwl_error(L, "the script has reached its memory limit of %zu MiB (--memory raises it)",
              s->memory_limit >> 20);
}

static void *capped(void *ud, void *block, size_t old_size, size_t new_size)
{
    dwl_state *s = ud;
    size_t old = block ? old_size : 0;
    if (new_size > old && s->memory_used + (new_size - old) > s->memory_limit) {
        if (s->memory_used + (new_size - old) > s->memory_limit + s->memory_limit / 4) return NULL;
        if (!s->memory_warned && s->thread) {
            s->memory_warned = true;
            lua_sethook(s->thread, out_of_memory, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
        }
    }
    void *fresh = s->plain_alloc(s->plain_alloc_ud, block, old_size, new_size);
    if (fresh || new_size == 0) s->memory_used = s->memory_used - old + new_size;
    return fresh;
}

void dwl_guard_memory(lua_State *L, size_t limit)
{
    dwl_state *s = dwl_state_of(L);
    s->memory_limit = limit;
    s->memory_used = (size_t)lua_gc(L, LUA_GCCOUNT) * 1024 + (size_t)lua_gc(L, LUA_GCCOUNTB);
    s->plain_alloc = lua_getallocf(L, &s->plain_alloc_ud);
    lua_setallocf(L, capped, s);
}

void dwl_unguard_memory(lua_State *L)
{
    dwl_state *s = dwl_state_of(L);
    if (s->plain_alloc) lua_setallocf(L, s->plain_alloc, s->plain_alloc_ud);
    s->plain_alloc = NULL;
}

/* Tracebacks without names that depend on the hash order of loaded modules, and without our own
 * frames. */
void dwl_traceback(lua_State *L, lua_State *co, int level)
{
    luaL_Buffer b;
    lua_Debug ar;
    int shown = 0;
    luaL_buffinit(L, &b);
    for (; lua_getstack(co, level, &ar) && shown < 22; level++) {
        char line[300];
        lua_getinfo(co, "nSl", &ar);
        if (strcmp(ar.what, "C") == 0 || strcmp(ar.source, "=drywire") == 0) continue;
        if (*ar.namewhat)
            snprintf(line, sizeof line, "\n\t%s:%d: in %s '%s'", ar.short_src, ar.currentline,
                     ar.namewhat, ar.name);
        else if (*ar.what == 'm')
            snprintf(line, sizeof line, "\n\t%s:%d: in the main chunk", ar.short_src,
                     ar.currentline);
        else
            snprintf(line, sizeof line, "\n\t%s:%d: in the function at line %d", ar.short_src,
                     ar.currentline, ar.linedefined);
        luaL_addstring(&b, line);
        shown++;
    }
    luaL_pushresult(&b);
}

/* Add a traceback to an error message, once. */
int dwl_message_handler(lua_State *L)
{
    if (lua_type(L, 1) != LUA_TSTRING) {
        if (luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL || lua_isnumber(L, 1))
            luaL_tolstring(L, 1, NULL);
        else
            lua_pushfstring(L, "the script raised an error that is a %s, not a text",
                            luaL_typename(L, 1));
        lua_replace(L, 1);
        lua_settop(L, 1);
    }
    lua_getfield(L, LUA_REGISTRYINDEX, "drywire.failed");
    bool expectation = lua_rawequal(L, 1, -1);
    lua_settop(L, 1);
    if (!strstr(lua_tostring(L, 1), "\n\t")) {
        dwl_traceback(L, L, 1);
        lua_concat(L, 2);
    }
    if (expectation) {
        lua_pushvalue(L, -1);
        lua_setfield(L, LUA_REGISTRYINDEX, "drywire.failed");
    }
    return 1;
}

/* Strict globals: a misspelt name is an error where it stands. */

enum { MOST_NAMES = 250 };

/* Names that a variable in this place could have: globals, and the locals and upvalues of the
 * function that asks. */
static int names_in_sight(lua_State *L, const char **names)
{
    lua_Debug ar;
    const char *name;
    int n = 0;
    for (lua_pushnil(L); lua_next(L, 1) && n < MOST_NAMES; lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING) names[n++] = lua_tostring(L, -2);
    if (!lua_getstack(L, 1, &ar)) return n;
    for (int i = 1; (name = lua_getlocal(L, &ar, i)) != NULL && n < MOST_NAMES; i++) {
        lua_pop(L, 1);
        if (name[0] != '(') names[n++] = name;
    }
    lua_getinfo(L, "f", &ar);
    for (int i = 1; (name = lua_getupvalue(L, -1, i)) != NULL && n < MOST_NAMES; i++) {
        lua_pop(L, 1);
        names[n++] = name;
    }
    lua_pop(L, 1);
    return n;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_undefined(lua_State *L)
{
    const char *name = lua_tostring(L, 2);
    const char *names[MOST_NAMES + 1] = {0};
    if (!name) return 0;
    int n = names_in_sight(L, names);
    qsort(names, (size_t)n, sizeof names[0], compare_names);
    const char *near = dw_nearest(name, names);
    if (near) return dwl_error(L, "undefined variable '%s'; did you mean '%s'?", name, near);
    return dwl_error(L, "undefined variable '%s'", name);
}

static int write_undefined(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
    return dwl_error(L, "assignment to undefined global '%s'; write 'local %s'", name, name);
}

void dwl_strict_globals(lua_State *L)
{
    static const luaL_Reg strict[] = {
        {"__index", read_undefined}, {"__newindex", write_undefined}, {NULL, NULL}};
    lua_pushglobaltable(L);
    luaL_newlib(L, strict);
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}
