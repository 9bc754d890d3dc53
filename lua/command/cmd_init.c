/* drywire init: what a project begins with. */
#include "printing.h"
#include "binding/embedded.h"
#include "command.h"
#include "failure.h"
#include "options.h"

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
              {"drywire.code-snippets", ".vscode/drywire.code-snippets"},
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

/* A line to be pasted. */
static void print_command(const char *command, const char *directory, const char *file,
                          const char *what)
{
    char path[PATH_MAX];
    path_of(directory, file, path);
    printf("%s ", command);
    print_escaped(stdout, DW_IN_SHELL, path);
    puts(what);
}

/* A project that is not whole would be in the way of the next try. */
static void take_back(const char *directory, int count)
{
    char path[PATH_MAX];
    for (int i = 0; i < count; i++) {
        path_of(directory, places[i].path, path);
        remove(path);
    }
}

static int write_files(const char *directory)
{
    char path[PATH_MAX], why[600];
    for (int i = 0; i < PLACES; i++) {
        const dwl_source *s = source_of(places[i].name);
        int code = EXIT_PASS;
        path_of(directory, places[i].path, path);
        if (make_directories(path) != EXIT_PASS) code = EXIT_USAGE;
        int status =
            code == EXIT_PASS ? dw_file_write(path, s->text, s->len, why, sizeof why) : DW_OK;
        if (status != DW_OK) code = failure("init", status, why);
        if (code == EXIT_PASS) continue;
        take_back(directory, i);
        return code;
    }
    for (int i = 0; i < PLACES; i++) {
        path_of(directory, places[i].path, path);
        fputs("wrote ", stdout);
        print_escaped(stdout, DW_IN_LINE, path);
        putchar('\n');
    }
    return EXIT_PASS;
}

int cmd_init(int argc, char **argv)
{
    options o;
    char path[PATH_MAX];
    int code = parse_options(argc, argv, 0, "init", &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count > 1) return usage_error("init", "one directory, or none for this one");
    const char *directory = o.rest_count ? o.rest[0] : ".";
    for (int i = 0; i < PLACES; i++) {
        path_of(directory, places[i].path, path);
        if (access(path, F_OK) == 0)
            return usage_error("init", "%s is there already; nothing was written", path);
    }
    code = write_files(directory);
    if (code != EXIT_PASS) return code;
    print_command("\ndrywire run --ladder", directory, "tests/first.lua", "   runs the script");
    print_command("drywire test", directory, "tests", "                    runs all of them");
    return EXIT_PASS;
}
