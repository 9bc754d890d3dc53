/* Records of a long work, so that it can be gone on with: a file of whole lines, and what says
 * whether it is of the same work. */
#include "base/error.h"
#include "deal/deal.h"
#include "kinds.h"

#include <drywire/fault.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define RECORD "drywire.Record"

typedef struct record {
    int fd; /* -1: closed */
    char name[256];
} record;

static int refuse(lua_State *L, const char *name, const char *what)
{
    return dwl_error(L, "%s: cannot %s it: %s", name, what, strerror(errno));
}

static int record_close(lua_State *L)
{
    record *r = luaL_checkudata(L, 1, RECORD);
    if (r->fd >= 0) close(r->fd);
    r->fd = -1;
    return 0;
}

static void push_text(lua_State *L, int fd, const char *name)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (ssize_t n = 1; n > 0;) {
        n = read(fd, luaL_prepbuffer(&b), LUAL_BUFFERSIZE);
        if (n < 0) refuse(L, name, "read");
        luaL_addsize(&b, (size_t)n);
    }
    luaL_pushresult(&b);
}

static record *push_record(lua_State *L, const char *path, const char *name, int flags)
{
    struct stat st;
    record *r = lua_newuserdatauv(L, sizeof *r, 0);
    r->fd = -1;
    snprintf(r->name, sizeof r->name, "%s", name);
    if (luaL_newmetatable(L, RECORD)) {
        lua_pushcfunction(L, record_close);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    r->fd = open(path, flags | O_CLOEXEC, 0666);
    if (r->fd < 0 || fstat(r->fd, &st) != 0) refuse(L, name, "open");
    if (!S_ISREG(st.st_mode)) dwl_error(L, "%s is not a regular file", name);
    return r;
}

/* A file's text. */
int dwl_record_read(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1), *name = luaL_checkstring(L, 2);
    record *r = push_record(L, path, name, O_RDONLY);
    push_text(L, r->fd, name);
    close(r->fd);
    r->fd = -1;
    return 1;
}

/* Of several ranks one has the file. */

static void share_text(lua_State *L)
{
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    dw_octets octets = {0};
    dw_octets_add(&octets, text, len);
    if (!octets.no_memory) dw_deal_common(&octets);
    dw_octets_free(&octets);
}

static int follow_record(lua_State *L)
{
    dw_octets octets = {0};
    lua_pushnil(L);
    dw_deal_common(&octets);
    lua_pushlstring(L, octets.data ? octets.data : "", octets.len);
    dw_octets_free(&octets);
    return 2;
}

/* The file as it is: the record and its text.  Another process that writes it is not waited for. */
int dwl_record_open(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1), *name = luaL_checkstring(L, 2);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (dw_deal_follows()) return follow_record(L);
    record *r = push_record(L, path, name, O_RDWR | O_CREAT);
    if (fcntl(r->fd, F_SETLK, &lock) != 0 && (errno == EAGAIN || errno == EACCES))
        return dwl_error(L, "another process is writing %s", name);
    push_text(L, r->fd, name);
    share_text(L);
    return 2;
}

/* The first so many octets stay, what follows them is written anew. */
int dwl_record_keep(lua_State *L)
{
    if (dw_deal_follows()) return 0;
    record *r = luaL_checkudata(L, 1, RECORD);
    off_t len = (off_t)luaL_checkinteger(L, 2);
    if (ftruncate(r->fd, len) != 0 || lseek(r->fd, len, SEEK_SET) < 0)
        return refuse(L, r->name, "write");
    return 0;
}

int dwl_record_add(lua_State *L)
{
    if (dw_deal_follows()) return 0;
    record *r = luaL_checkudata(L, 1, RECORD);
    size_t len;
    const char *at = luaL_checklstring(L, 2, &len);
    while (len > 0) {
        ssize_t n = write(r->fd, at, len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return refuse(L, r->name, "write");
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

int dwl_record_close(lua_State *L)
{
    return dw_deal_follows() ? 0 : record_close(L);
}

/* In a stock interpreter, the innermost file whose code calls. */
static uint64_t digest_of_caller(lua_State *L)
{
    lua_Debug ar;
    char buffer[16384];
    uint64_t digest = 0;
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "S", &ar);
        if (ar.source[0] != '@') continue;
        FILE *f = fopen(ar.source + 1, "rb");
        for (size_t n = 1; f && n > 0;) {
            n = fread(buffer, 1, sizeof buffer, f);
            digest = XXH3_64bits_withSeed(buffer, n, digest);
        }
        if (f) fclose(f);
        break;
    }
    return digest;
}

/* What decides on the results of a script's work besides its own words: the digest of all code that
 * it has read, and a list of what the command line said. */
int dwl_work_identity(lua_State *L)
{
    const dwl_state *s = dwl_state_of(L);
    char digest[17];
    lua_Integer n = 0;
    snprintf(digest, sizeof digest, "%016" PRIx64,
             s->command ? s->code_digest : digest_of_caller(L));
    lua_pushstring(L, digest);
    lua_newtable(L);
    for (size_t i = 0; i < s->param_count; i++) {
        lua_pushfstring(L, "--set %s", s->params[i]);
        lua_rawseti(L, -2, ++n);
    }
    for (size_t i = 0; i < s->plugin_count; i++) {
        lua_pushfstring(L, "--plugin %s", s->plugins[i]);
        lua_rawseti(L, -2, ++n);
    }
    for (size_t i = 0; i < s->stack_count; i++) {
        lua_pushfstring(L, "--stack %s", s->stacks[i]);
        lua_rawseti(L, -2, ++n);
    }
    if (s->profile) {
        lua_pushfstring(L, "--profile %s", s->profile);
        lua_rawseti(L, -2, ++n);
    }
    if (s->until) {
        lua_pushfstring(L, "--until %Ins", (lua_Integer)s->until);
        lua_rawseti(L, -2, ++n);
    }
    if (s->seed_given) {
        lua_pushfstring(L, "--seed %I", (lua_Integer)s->seed);
        lua_rawseti(L, -2, ++n);
    }
    char plan[DW_FAULTS_MOST * DW_FAULT_TEXT];
    dw_faults_format(s->faults, s->own_faults ? 0 : s->fault_count, plan, sizeof plan);
    if (*plan) {
        lua_pushfstring(L, "--faults %s", plan);
        lua_rawseti(L, -2, ++n);
    }
    for (uint32_t i = 0; i < s->drop_count; i++) {
        lua_pushfstring(L, "--drop %I", (lua_Integer)s->drop[i]);
        lua_rawseti(L, -2, ++n);
    }
    return 2;
}
