/* Notes, and what is worth one: pictures and traces of absurd size (see notes.h). */
#include "notes.h"

#include "base/error.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void dwl_note(lua_State *L, const char *line)
{
    dwl_state *s = dwl_state_of(L);
    if (!s->command) {
        lua_warning(L, "drywire: ", 1);
        lua_warning(L, line, 0);
        return;
    }
    size_t used = s->notes ? strlen(s->notes) : 0, len = strlen(line);
    char *grown = realloc(s->notes, used + len + 2);
    if (!grown) dwl_no_memory(L);
    bool ends = len > 0 && line[len - 1] == '\n';
    snprintf(grown + used, len + 2, "%s%s", line, ends ? "" : "\n");
    s->notes = grown;
}

/* Higher than anybody scrolls, and than what shows pictures may take. */
bool dwl_too_high(const char *name, const char *svg, char *note, size_t size)
{
    const long most = 10000;
    const char *height = svg ? strstr(svg, " height=\"") : NULL;
    long pixels = height ? strtol(height + strlen(" height=\""), NULL, 10) : 0;
    snprintf(note, size, "%s is %ld pixels high; conn, from and to draw a part of it", name,
             pixels);
    return pixels > most;
}

bool dwl_too_large(const char *name, const char *path, char *note, size_t size)
{
    const long long million = 1000000, most = 200;
    struct stat s;
    if (stat(path, &s) != 0 || s.st_size < most * million) return false;
    snprintf(note, size, "%s has %lld MB; a name that ends in .gz packs it", name,
             (long long)s.st_size / million);
    return true;
}
