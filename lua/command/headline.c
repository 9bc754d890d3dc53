/* What a script shows, as the comment in its first line says it. */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void headline_of(const char *text, size_t len, char *out, size_t size)
{
    const char *at = text, *end = text + len;
    *out = 0;
    while (at < end && *at == '#') { /* #!/usr/bin/env drywire */
        const char *line = memchr(at, '\n', (size_t)(end - at));
        at = line ? line + 1 : end;
    }
    if (end - at < 2 || strncmp(at, "--", 2) != 0) return;
    while (at < end && (*at == '-' || *at == ' '))
        at++;
    const char *line = memchr(at, '\n', (size_t)(end - at));
    snprintf(out, size, "%.*s", (int)((line ? line : end) - at), at);
}

bool script_headline(const char *path, char *out, size_t size)
{
    char text[600];
    struct stat st;
    *out = 0;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) return true; /* a pipe is read once */
    FILE *f = fopen(path, "rb");
    if (!f) return errno != ENOMEM;
    headline_of(text, fread(text, 1, sizeof text, f), out, size);
    fclose(f);
    return true;
}
