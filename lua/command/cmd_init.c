/* drywire init: what a project begins with. */
#include "printing.h"
#include "binding/embedded.h"
#include "command.h"
#include "failure.h"
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern const dwl_source dwl_init_files[];

/* Where each file goes, and with which --ci; NULL: with any. */
static const struct place {
    const char *name, *path, *ci;
} places[] = {{"first.lua", "tests/first.lua", NULL},
              {"luarc.json", ".luarc.json", NULL},
              {"drywire.d.lua", "drywire.d.lua", NULL},
              {"drywire.code-snippets", ".vscode/drywire.code-snippets", NULL},
              {"github.yml", ".github/workflows/drywire.yml", "github"},
              {"gitlab.yml", ".gitlab-ci.yml", "gitlab"}};
enum { PLACES = sizeof places / sizeof places[0] };

typedef struct project {
    const char *directory;
    bool wanted[PLACES], kept[PLACES];
} project;

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
static void take_back(const project *p, int count)
{
    char path[PATH_MAX];
    for (int i = 0; i < count; i++) {
        path_of(p->directory, places[i].path, path);
        if (p->wanted[i]) remove(path);
    }
}

/* The text with this version's number for @VERSION@, for free. */
static char *filled(const dwl_source *s, size_t *size)
{
    static const char mark[] = "@VERSION@";
    char *text = NULL;
    FILE *f = needed(open_memstream(&text, size));
    const char *at = s->text, *end = at + s->len;
    for (const char *next; (next = strstr(at, mark)) != NULL; at = next + strlen(mark))
        fprintf(f, "%.*s%s", (int)(next - at), at, DW_VERSION);
    fwrite(at, 1, (size_t)(end - at), f);
    if (!close_text(f)) needed(NULL);
    return text;
}

static int write_one(const char *name, char *path)
{
    char why[600];
    size_t len;
    if (make_directories(path) != EXIT_PASS) return EXIT_USAGE;
    char *text = filled(source_of(name), &len);
    int status = dw_file_write(path, text, len, why, sizeof why);
    free(text);
    return status == DW_OK ? EXIT_PASS : failure("init", status, why);
}

static int write_files(const project *p)
{
    char path[PATH_MAX];
    for (int i = 0; i < PLACES; i++) {
        path_of(p->directory, places[i].path, path);
        int code = p->wanted[i] ? write_one(places[i].name, path) : EXIT_PASS;
        if (code == EXIT_PASS) continue;
        take_back(p, i);
        return code;
    }
    for (int i = 0; i < PLACES; i++) {
        if (!p->wanted[i] && !p->kept[i]) continue;
        path_of(p->directory, places[i].path, path);
        fputs(p->kept[i] ? "kept  " : "wrote ", stdout);
        print_escaped(stdout, DW_IN_LINE, path);
        puts(p->kept[i] ? ", which is there already" : "");
    }
    return EXIT_PASS;
}

/* Nothing that is there is overwritten. */
static void choose_files(project *p, const char *ci)
{
    char path[PATH_MAX];
    for (int i = 0; i < PLACES; i++) {
        const char *of = places[i].ci;
        path_of(p->directory, places[i].path, path);
        bool wanted = !of || strcmp(of, ci ? ci : "github") == 0 || (ci && !strcmp(ci, "both"));
        p->kept[i] = wanted && access(path, F_OK) == 0;
        p->wanted[i] = wanted && !p->kept[i];
    }
}

int cmd_init(int argc, char **argv)
{
    options o;
    int code = parse_options(argc, argv, 0, "init", &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count > 1) return usage_error("init", "one directory, or none for this one");
    project p = {.directory = o.rest_count ? o.rest[0] : "."};
    choose_files(&p, o.ci);
    code = write_files(&p);
    if (code != EXIT_PASS) return code;
    if (!p.wanted[0]) return EXIT_PASS;
    print_command("\ndrywire run --ladder", p.directory, "tests/first.lua", "   runs the script");
    print_command("drywire test", p.directory, "tests", "                    runs all of them");
    return EXIT_PASS;
}
