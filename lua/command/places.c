/* Places in a script (see places.h). */
#include "places.h"
#include "failure.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The length of the name of a file in "wrong.lua:4: ..."; 0: that is none. */
static size_t name_length(const char *text)
{
    for (const char *at = text; *at && *at != '\n'; at++)
        if (at > text && *at == ':' && at[1] >= '0' && at[1] <= '9') return (size_t)(at - text);
    return 0;
}

/* What is no file beside the script is left as it is. */
static bool is_beside(const char *path, int directory, const char *name, size_t len)
{
    char file[PATH_MAX];
    int n = snprintf(file, sizeof file, "%.*s%.*s", directory, path, (int)len, name);
    return n > 0 && (size_t)n < sizeof file && name[0] != '/' && access(file, F_OK) == 0;
}

/* What stands before a place: blanks, or (seeds.c) "with seed 9: ". */
static size_t before_place(const char *line)
{
    static const char seed[] = "with seed ";
    size_t n = strncmp(line, seed, strlen(seed)) == 0 ? strcspn(line, ":\n") : 0;
    if (line[n] == ':') n++;
    return n + strspn(line + n, " \t");
}

char *with_directories(const char *path, const char *problem)
{
    char *text = NULL;
    size_t size = 0;
    const char *slash = strrchr(path, '/');
    int directory = slash ? (int)(slash - path) + 1 : 0;
    FILE *f = needed(open_memstream(&text, &size));
    while (*problem) {
        size_t blank = before_place(problem), line = strcspn(problem, "\n");
        size_t n = name_length(problem + blank);
        bool beside = n > 0 && is_beside(path, directory, problem + blank, n);
        fwrite(problem, 1, blank, f);
        if (beside) fwrite(path, 1, (size_t)directory, f);
        fwrite(problem + blank, 1, line - blank, f);
        problem += line;
        if (*problem) fputc(*problem++, f);
    }
    if (!close_text(f)) needed(NULL);
    return text;
}
