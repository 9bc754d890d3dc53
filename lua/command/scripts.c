/* Which scripts the words of a command line mean (see scripts.h). */
#include "scripts.h"
#include "binding/cases.h"
#include "failure.h"
#include "printing.h"
#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct search {
    const char *command, *ending;
    const options *o;
    script_list *list;
} search;

/* The list. */

/* Two ways to one file: it is run once. */
static found_script *same_script(const script_list *list, const struct stat *st)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].device == st->st_dev && list->items[i].inode == st->st_ino)
            return &list->items[i];
    return NULL;
}

static bool name_matches(const char *path, const char *title, const char *pattern)
{
    char *name = needed(malloc(strlen(path) + strlen(title) + 3));
    sprintf(name, "%s%s%s", path, *title ? ": " : "", title);
    bool matches = dwl_name_matches(name, pattern);
    free(name);
    return matches;
}

bool filter_takes(const options *o, const char *path, const char *title)
{
    return !o->filter || name_matches(path, title, o->filter);
}

static bool is_excluded(const options *o, const char *path, const char *title)
{
    for (size_t i = 0; i < o->exclude_count; i++)
        if (name_matches(path, title, o->excludes[i])) return true;
    return false;
}

static void add_script(const search *s, const char *path, const struct stat *st)
{
    char title[300];
    script_list *list = s->list;
    if (!script_headline(path, title, sizeof title)) needed(NULL);
    if (same_script(list, st)) return;
    list->items = needed(realloc(list->items, (list->count + 1) * sizeof *list->items));
    list->items[list->count++] = (found_script){.path = needed(strdup(path)),
                                                .title = needed(strdup(title)),
                                                .whole = filter_takes(s->o, path, title),
                                                .excluded = is_excluded(s->o, path, title),
                                                .device = st->st_dev,
                                                .inode = st->st_ino};
}

void free_scripts(script_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].path);
        free(list->items[i].title);
    }
    free(list->items);
}

/* Directories. */

static char *joined(const char *directory, const char *name)
{
    size_t len = strlen(directory);
    char *path = needed(malloc(len + strlen(name) + 2));
    sprintf(path, "%s%s%s", directory, len > 0 && directory[len - 1] == '/' ? "" : "/", name);
    return path;
}

static bool has(const char *directory, const char *name)
{
    char *path = joined(directory, name);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

/* What a build or a cache has made is nobody's test: CMake's trees, and what says so by the file
 * that backup programs look for. */
static bool is_build_tree(const char *directory)
{
    return has(directory, "CMakeCache.txt") || has(directory, "CACHEDIR.TAG");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What is in a directory and not hidden, sorted, since the order in which one is read differs. */
static int read_names(const search *s, const char *path, char ***names, size_t *count)
{
    DIR *dir = opendir(path);
    if (!dir && errno == ENOMEM) return no_memory(s->command);
    if (!dir) return usage_error(s->command, "%s: %s", path, strerror(errno));
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (e->d_name[0] == '.') continue;
        *names = needed(realloc(*names, (*count + 1) * sizeof **names));
        (*names)[(*count)++] = needed(strdup(e->d_name));
    }
    closedir(dir);
    if (*count > 0) qsort(*names, *count, sizeof **names, by_name);
    return EXIT_PASS;
}

static int find_below(const search *s, const char *directory, int depth);

static int find_entry(const search *s, const char *path, int depth)
{
    struct stat st, link;
    if (stat(path, &st) != 0 || lstat(path, &link) != 0) return EXIT_PASS; /* it leads nowhere */
    if (!S_ISDIR(st.st_mode)) {
        if (ends_in(path, s->ending)) add_script(s, path, &st);
        return EXIT_PASS;
    }
    if (S_ISLNK(link.st_mode) || is_build_tree(path)) return EXIT_PASS;
    return find_below(s, path, depth + 1);
}

/* A directory that cannot be read may have scripts, so that is an error. */
static int find_below(const search *s, const char *directory, int depth)
{
    enum { DEEPEST = 32 };
    char **names = NULL;
    size_t count = 0;
    int code = depth < DEEPEST ? read_names(s, directory, &names, &count) : EXIT_PASS;
    for (size_t i = 0; i < count; i++) {
        char *path = joined(directory, names[i]);
        if (code == EXIT_PASS) code = find_entry(s, path, depth);
        free(path);
        free(names[i]);
    }
    free(names);
    return code;
}

/* Words of the command line. */

static int find_word(const search *s, const char *word);

/* A pattern that no shell has expanded: in quotes, or in a file of settings. */
static int find_pattern(const search *s, const char *word, int error)
{
    glob_t found = {0};
    int code = EXIT_PASS;
    int status = strpbrk(word, "*?[") ? glob(word, 0, NULL, &found) : GLOB_NOMATCH;
    if (status == GLOB_NOSPACE) needed(NULL);
    if (status != 0) {
        globfree(&found);
        return usage_error(s->command, "%s: %s", word, strerror(error));
    }
    for (size_t i = 0; i < found.gl_pathc && code == EXIT_PASS; i++)
        code = find_word(s, found.gl_pathv[i]);
    globfree(&found);
    return code;
}

static int find_word(const search *s, const char *word)
{
    struct stat st;
    if (stat(word, &st) != 0) {
        int error = errno;
        bool exists_not = error == ENOENT && access(word, F_OK) != 0;
        struct stat link;
        if (exists_not && lstat(word, &link) != 0) return find_pattern(s, word, error);
        return usage_error(s->command, "%s: %s", word, strerror(error));
    }
    if (S_ISDIR(st.st_mode)) return find_below(s, word, 0);
    add_script(s, word, &st);
    return EXIT_PASS;
}

/* Who requires whom. */

/* The file as a string for free; NULL: there is none, or it is no regular one. */
static char *read_text(const char *path)
{
    enum { MOST = 1 << 20 };
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > MOST) return NULL;
    FILE *f = fopen(path, "rb");
    if (!f) return NULL;
    char *text = needed(malloc((size_t)st.st_size + 1));
    size_t n = fread(text, 1, (size_t)st.st_size, f);
    fclose(f);
    text[n] = 0;
    for (size_t i = 0; i < n; i++)
        if (!text[i]) text[i] = ' ';
    return text;
}

static void mark(const script_list *list, const found_script *by, const char *path)
{
    struct stat st;
    found_script *other = stat(path, &st) == 0 ? same_script(list, &st) : NULL;
    if (other && other != by) other->required = true;
}

/* A name is relative to the script that runs, which may lie higher than the one that says it; and a
 * module may lie in any directory above the script. */
static void mark_named(const script_list *list, const found_script *by, const char *name,
                       bool module)
{
    char directory[PATH_MAX], path[2 * PATH_MAX + 16], file[PATH_MAX];
    if (!realpath(by->path, directory)) return;
    snprintf(file, sizeof file, "%s", name);
    for (char *at = file; module && (at = strchr(at, '.')) != NULL;)
        *at = '/';
    for (bool more = true; more;) {
        char *slash = strrchr(directory, '/');
        more = slash != NULL;
        *(slash ? slash : directory) = 0;
        const char *front = directory, *between = more ? "/" : "";
        snprintf(path, sizeof path, "%s%s%s%s", front, between, file, module ? ".lua" : "");
        mark(list, by, path);
        snprintf(path, sizeof path, "%s%s%s/init.lua", front, between, file);
        if (module) mark(list, by, path);
    }
}

/* require "a.b", require("a.b"), dofile 'a.lua' ...: the text between quotes behind the word. */
static const char *quoted(const char *at, char *out, size_t size)
{
    at += strspn(at, " \t(");
    if (*at != '"' && *at != '\'') return at;
    const char quote[] = {*at, '\n', 0};
    size_t n = strcspn(++at, quote);
    if (n < size) snprintf(out, size, "%.*s", (int)n, at);
    return at + n;
}

static void mark_required(const script_list *list, found_script *script)
{
    static const char *const calls[] = {"require", "dofile", "loadfile"};
    char *text = read_text(script->path), name[PATH_MAX];
    script->may_have_cases = text && strstr(text, ".test"); /* dw.test */
    for (int i = 0; text && i < 3; i++)
        for (const char *at = text; (at = strstr(at, calls[i])) != NULL;) {
            *name = 0;
            at = quoted(at + strlen(calls[i]), name, sizeof name);
            if (*name) mark_named(list, script, name, i == 0);
        }
    free(text);
}

/* What --exclude and --filter leave over, of which the latter takes those that it names, and those
 * with cases that it may name.  How many were left before it did. */
static size_t drop_others(script_list *list)
{
    size_t before = 0;
    size_t left = 0;
    for (size_t i = 0; i < list->count; i++) {
        found_script *script = &list->items[i];
        before += !script->excluded;
        if (!script->excluded && (script->whole || script->may_have_cases)) {
            list->items[left++] = *script;
            continue;
        }
        free(script->path);
        free(script->title);
    }
    list->count = left;
    return before;
}

/* "tests, more"; for free. */
static char *words_of(const options *o)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = needed(open_memstream(&text, &size));
    for (int i = 0; i < o->rest_count; i++)
        fprintf(f, "%s%s", i > 0 ? ", " : "", o->rest[i]);
    if (!close_text(f)) needed(NULL);
    return text;
}

static int nothing_left(const char *command, const options *o, const char *ending, bool any)
{
    if (any) return usage_error(command, "--filter: nothing there matches \"%s\"", o->filter);
    char *where = words_of(o);
    usage_error(command, "no *%s in %s%s", ending, where,
                o->exclude_count > 0 ? ", or all of them are excluded" : "");
    free(where);
    return EXIT_USAGE;
}

static int check_list(const char *command, const options *o, const script_list *list)
{
    const char **paths = needed(malloc(list->count * sizeof *paths));
    for (size_t i = 0; i < list->count; i++)
        paths[i] = list->items[i].path;
    int code = check_inputs(o, command, paths, list->count);
    free(paths);
    return code;
}

int find_scripts(const char *command, const options *o, const char *ending, script_list *list)
{
    const search s = {command, ending, o, list};
    bool lua = strcmp(ending, ".lua") == 0;
    for (int i = 0; i < o->rest_count; i++) {
        int code = find_word(&s, o->rest[i]);
        if (code != EXIT_PASS) return code;
    }
    for (size_t i = 0; lua && i < list->count; i++)
        mark_required(list, &list->items[i]);
    bool any = drop_others(list) > 0;
    if (list->count == 0) return nothing_left(command, o, ending, any);
    return check_list(command, o, list);
}
