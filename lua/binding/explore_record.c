/* Records of explorations.  Behind the lines each part is its length, a checksum, and octets of the
 * process that wrote it: another version is refused, so they need no form of their own. */
#include "explore_record.h"
#include "kinds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { LINES = 4, MOST = 1 << 30 };

static const char *const why[LINES] = {
    "is no record of an exploration",
    "was written by another version of drywire",
    "was written by another script, or before this one was changed",
    "was written with other options",
};

typedef struct part {
    uint32_t len, sum;
} part;

static bool fail(dwl_explore_record *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(r->problem, sizeof r->problem, format, args);
    va_end(args);
    return false;
}

static bool cannot(dwl_explore_record *r, const char *what)
{
    return fail(r, "%s: cannot %s it: %s", r->name, what, strerror(errno));
}

static uint32_t sum_of(const void *data, size_t len)
{
    return (uint32_t)XXH3_64bits(data, len);
}

/* Octets. */

static bool write_all(dwl_explore_record *r, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t n = write(r->fd, at, len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return cannot(r, "write");
        at += n;
        len -= (size_t)n;
        r->good += (uint64_t)n;
    }
    return true;
}

/* How many there are, of those that are wanted. */
static size_t read_some(dwl_explore_record *r, void *out, size_t wanted)
{
    size_t len = 0;
    while (len < wanted) {
        ssize_t n = read(r->fd, (char *)out + len, wanted - len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) cannot(r, "read");
        if (n <= 0) break;
        len += (size_t)n;
    }
    return len;
}

/* What follows them is written anew. */
static bool keep(dwl_explore_record *r, uint64_t len)
{
    r->reading = false;
    r->good = len;
    if (ftruncate(r->fd, (off_t)len) != 0 || lseek(r->fd, (off_t)len, SEEK_SET) < 0)
        return cannot(r, "write");
    return true;
}

/* Parts. */

static bool add_part(dwl_explore_record *r, const void *data, size_t len)
{
    const part head = {(uint32_t)len, sum_of(data, len)};
    dw_octets whole = {0};
    dw_octets_add(&whole, &head, sizeof head);
    dw_octets_add(&whole, data, len);
    bool added = whole.no_memory ? fail(r, "out of memory") : write_all(r, whole.data, whole.len);
    dw_octets_free(&whole);
    return added;
}

/* One that is not whole is none: the process that wrote it has ended. */
static bool next_part(dwl_explore_record *r, dw_octets *out)
{
    part head;
    out->len = 0;
    if (read_some(r, &head, sizeof head) < sizeof head) return false;
    char *at = head.len <= MOST ? dw_octets_more(out, head.len) : NULL;
    if (!at)
        return fail(r, "%s is damaged at octet %llu; remove it, or name another file", r->name,
                    (unsigned long long)r->good);
    if (read_some(r, at, head.len) < head.len) return false;
    if (sum_of(at, head.len) != head.sum)
        return fail(r, "%s is damaged at octet %llu; remove it, or cut it off there", r->name,
                    (unsigned long long)r->good);
    r->good += sizeof head + head.len;
    return true;
}

/* Of what it is. */

static void add_words(lua_State *L, luaL_Buffer *b, int list)
{
    lua_Integer count = lua_istable(L, list) ? (lua_Integer)lua_rawlen(L, list) : 0;
    for (lua_Integer i = 1; i <= count; i++) {
        luaL_addchar(b, ' ');
        lua_rawgeti(L, list, i);
        luaL_addvalue(b);
    }
}

/* Above the digest of the code: "2 drop --set x=1 words", on one line. */
static void push_given(lua_State *L, const char *kinds)
{
    luaL_Buffer b;
    dwl_work_identity(L);
    lua_getglobal(L, "arg");
    int arg = lua_gettop(L);
    luaL_buffinit(L, &b);
    luaL_addstring(&b, kinds);
    add_words(L, &b, arg - 1);
    add_words(L, &b, arg);
    luaL_pushresult(&b);
    luaL_gsub(L, lua_tostring(L, -1), "\n", "\\n");
    lua_replace(L, arg - 1);
    lua_settop(L, arg - 1);
}

/* The lines, on top. */
static const char *push_lines(lua_State *L, const char *kinds)
{
    push_given(L, kinds);
    lua_pushfstring(L, "drywire explore, record 2\nversion %s\ncode %s\noptions %s\n", dw_version(),
                    lua_tostring(L, -2), lua_tostring(L, -1));
    return lua_tostring(L, -1);
}

/* Whether it begins with them, or ended while they were written. */
static bool check_lines(dwl_explore_record *r, const char *lines, const char *text, size_t len)
{
    const char *line = lines;
    if (memcmp(lines, text, len) == 0) return true;
    for (int i = 0; i < LINES; i++) {
        size_t end = (size_t)(strchr(line, '\n') + 1 - lines);
        if (len < end || memcmp(lines, text, end) != 0)
            return fail(r, "%s %s; remove it, or name another file", r->name, why[i]);
        line = lines + end;
    }
    return true;
}

static bool read_lines(lua_State *L, dwl_explore_record *r, const char *kinds)
{
    const char *lines = push_lines(L, kinds);
    size_t size = strlen(lines);
    char *text = lua_newuserdatauv(L, size, 0);
    size_t len = read_some(r, text, size);
    if (r->problem[0] || !check_lines(r, lines, text, len)) return false;
    r->begin = size;
    r->good = size;
    r->reading = len == size;
    if (r->reading) return true;
    return keep(r, 0) && write_all(r, lines, size);
}

static bool open_file(dwl_explore_record *r, const char *path)
{
    struct stat st;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    r->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (r->fd < 0 || fstat(r->fd, &st) != 0) return cannot(r, "open");
    if (!S_ISREG(st.st_mode)) return fail(r, "%s is not a regular file", r->name);
    if (fcntl(r->fd, F_SETLK, &lock) != 0 && (errno == EAGAIN || errno == EACCES))
        return fail(r, "another process is writing %s", r->name);
    return true;
}

bool dwl_explore_record_open(lua_State *L, dwl_explore_record *r, const char *path,
                             const char *kinds, dwl_assumed *out, bool *there)
{
    dw_octets body = {0};
    *there = false;
    snprintf(r->name, sizeof r->name, "%s", path);
    if (!open_file(r, path)) return false;
    int top = lua_gettop(L);
    bool whole = read_lines(L, r, kinds);
    lua_settop(L, top);
    if (!whole) return false;
    if (r->reading) *there = next_part(r, &body) && body.len == sizeof *out;
    if (*there) memcpy(out, body.data, sizeof *out);
    dw_octets_free(&body);
    return !r->problem[0];
}

bool dwl_explore_record_begin(dwl_explore_record *r, const dwl_assumed *assumed)
{
    return keep(r, r->begin) && add_part(r, assumed, sizeof *assumed);
}

bool dwl_explore_record_next(dwl_explore_record *r, dw_octets *out)
{
    out->len = 0;
    if (!r->reading) return false;
    if (next_part(r, out)) return true;
    out->len = 0;
    if (!r->problem[0]) keep(r, r->good);
    return false;
}

bool dwl_explore_record_add(dwl_explore_record *r, const dw_octets *piece)
{
    if (piece->no_memory) return fail(r, "out of memory");
    return add_part(r, piece->data, piece->len);
}

void dwl_explore_record_close(dwl_explore_record *r)
{
    if (r->fd >= 0) close(r->fd);
    r->fd = -1;
}
