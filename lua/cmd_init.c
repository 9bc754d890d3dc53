/* drywire init: what a project begins with. */
#include "command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern const dwl_source dwl_init_files[];

/* Where each file goes. */
static const struct place {
    const char *name, *path;
} places[] = {{"first.lua", "tests/first.lua"},
              {"luarc.json", ".luarc.json"},
              {"drywire.d.lua", "drywire.d.lua"},
              {"drywire.yml", ".github/workflows/drywire.yml"}};
enum { PLACES = sizeof places / sizeof places[0] };

static const dwl_source *source_of(const char *name)
{
    const dwl_source *s = dwl_init_files;
    while (strcmp(s->name, name) != 0)
        s++;
    return s;
}

static void path_of(const char *directory, const char *path, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/%s", directory, path);
}

/* The directories that lead to a file. */
static int make_directories(char *path)
{
    for (char *slash = path; (slash = strchr(slash + 1, '/')) != NULL;) {
        *slash = 0;
        int status = mkdir(path, 0777);
        int error = errno;
        if (status != 0 && error != EEXIST) {
            usage_error("init", "cannot make the directory %s: %s", path, strerror(error));
            *slash = '/';
            return EXIT_USAGE;
        }
        *slash = '/';
    }
    return EXIT_PASS;
}

int cmd_init(int argc, char **argv)
{
    options o;
    char path[PATH_MAX], why[600];
    int code = parse_options(argc, argv, 0, "init", 0, &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count > 1) return usage_error("init", "one directory, or none for this one");
    const char *directory = o.rest_count ? o.rest[0] : ".";
    for (int i = 0; i < PLACES; i++) {
        path_of(directory, places[i].path, path);
        if (access(path, F_OK) == 0)
            return usage_error("init", "%s is there already; nothing was written", path);
    }
    for (int i = 0; i < PLACES; i++) {
        const dwl_source *s = source_of(places[i].name);
        path_of(directory, places[i].path, path);
        if (make_directories(path) != EXIT_PASS) return EXIT_USAGE;
        int status = dw_file_write(path, s->text, s->len, why, sizeof why);
        if (status != DW_OK) return failure("init", status, why);
        printf("wrote %s\n", path);
    }
    printf("\ndrywire run --ladder %s/tests/first.lua   runs the script\n"
           "drywire test %s/tests                    runs all of them\n",
           directory, directory);
    return EXIT_PASS;
}
