/* drywire test: many scripts, each in a process of its own and run twice. */
#include "command.h"
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { RESULT_FD = 3, MOST_ARGS = 2 * (MOST_SETS + MOST_PLUGINS) + 16 };

/* The worker: runs one script twice and writes what happened to descriptor 3. */

static void write_result(const outcome *r, int code, const char *problem)
{
    FILE *f = fdopen(RESULT_FD, "w");
    if (!f) return;
    fprintf(f, "%d %d %d %d %zu %016" PRIx64 "\n", code, r->cases, r->failed_cases, r->expectations,
            r->packets, r->mix);
    fprintf(f, "%s%c%s%c%s", problem ? problem : "", 0x1e, r->tap ? r->tap : "", 0x1e,
            r->notes ? r->notes : "");
    fclose(f);
}

static int worker(const options *o)
{
    outcome first, second;
    char text[300];
    run_script(o->rest[0], o, true, &first);
    if (first.code != EXIT_PASS) {
        write_result(&first, first.code, first.problem);
        free_outcome(&first);
        return EXIT_PASS;
    }
    run_script(o->rest[0], o, true, &second);
    bool same = first.mix == second.mix && second.code == EXIT_PASS;
    snprintf(text, sizeof text,
             "the second run differs from the first (drywire check %s finds out more)", o->rest[0]);
    write_result(&first, same ? EXIT_PASS : EXIT_NONDETERMINISM, same ? NULL : text);
    free_outcome(&first);
    free_outcome(&second);
    return EXIT_PASS;
}

/* Finding scripts. */

typedef struct script_list {
    char **paths;
    size_t count;
} script_list;

static void add_script(script_list *list, const char *path)
{
    char **paths = realloc(list->paths, (list->count + 1) * sizeof *paths);
    if (!paths) return;
    list->paths = paths;
    paths[list->count++] = strdup(path);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int find_scripts(script_list *list, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) return usage_error("test", "%s: %s", path, strerror(errno));
    if (!S_ISDIR(st.st_mode)) {
        add_script(list, path);
        return EXIT_PASS;
    }
    DIR *dir = opendir(path);
    if (!dir) return usage_error("test", "%s: %s", path, strerror(errno));
    script_list found = {0};
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        size_t n = strlen(e->d_name);
        if (n < 5 || strcmp(e->d_name + n - 4, ".lua") != 0) continue;
        char *whole = malloc(strlen(path) + n + 2);
        if (!whole) continue;
        sprintf(whole, "%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/", e->d_name);
        add_script(&found, whole);
        free(whole);
    }
    closedir(dir);
    qsort(found.paths, found.count, sizeof *found.paths, by_name);
    for (size_t i = 0; i < found.count; i++) {
        add_script(list, found.paths[i]);
        free(found.paths[i]);
    }
    free(found.paths);
    return EXIT_PASS;
}

/* Reporting, in order. */

typedef struct summary {
    const options *o;
    const script_list *list;
    size_t number, failed;
    FILE *junit;
    int worst;
} summary;

static void xml_text(FILE *f, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '<')
            fputs("&lt;", f);
        else if (c == '>')
            fputs("&gt;", f);
        else if (c == '&')
            fputs("&amp;", f);
        else if (c == '"')
            fputs("&quot;", f);
        else if (c >= 0x20 || c == '\n' || c == '\t')
            fputc(c, f);
    }
}

static void report_case(summary *s, const char *suite, const char *name, size_t name_len, bool ok,
                        const char *problem, size_t problem_len)
{
    s->number++;
    s->failed += !ok;
    if (!ok || !s->o->quiet)
        printf("%sok %zu - %.*s\n", ok ? "" : "not ", s->number, (int)name_len, name);
    if (!ok && problem_len) {
        printf("  ---\n  message: |\n");
        for (size_t i = 0; i < problem_len;) {
            size_t n = strcspn(problem + i, "\n");
            if (i + n > problem_len) n = problem_len - i;
            printf("    %.*s\n", (int)n, problem + i);
            i += n + 1;
        }
        printf("  ...\n");
    }
    if (!s->junit) return;
    fputs("    <testcase classname=\"", s->junit);
    xml_text(s->junit, suite, strlen(suite));
    fputs("\" name=\"", s->junit);
    xml_text(s->junit, name, name_len);
    if (ok) {
        fputs("\"/>\n", s->junit);
        return;
    }
    fputs("\">\n      <failure message=\"failed\">", s->junit);
    xml_text(s->junit, problem, problem_len);
    fputs("</failure>\n    </testcase>\n", s->junit);
}

/* The cases of one script, from its worker's lines: "ok name" or "not ok name", indented problems.
 */
static void report_cases(summary *s, const char *path, const char *tap)
{
    while (*tap && *tap != 0x1e) {
        size_t n = strcspn(tap, "\n\x1e");
        bool ok = strncmp(tap, "ok ", 3) == 0;
        const char *name = tap + (ok ? 3 : 7);
        size_t name_len = n - (ok ? 3 : 7);
        tap += n + (tap[n] == '\n');
        const char *problem = tap;
        while (tap[0] == ' ' && tap[1] == ' ') {
            tap += strcspn(tap, "\n\x1e");
            if (*tap == '\n') tap++;
        }
        char full[400];
        snprintf(full, sizeof full, "%s: %.*s", path, (int)name_len, name);
        report_case(s, path, full, strlen(full), ok, problem, (size_t)(tap - problem));
    }
}

static void note_lines(const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        printf("# note: %.*s\n", (int)n, text);
        text += n + (text[n] == '\n');
    }
}

static void script_done(job *j, size_t index, void *arg)
{
    summary *s = arg;
    const char *path = s->list->paths[index];
    char died[200];
    int code = EXIT_USAGE, cases = 0;
    const char *body = j->text[2], *problem = "", *tap = "", *notes = "";
    size_t problem_len = 0;
    uint64_t mix = 0;
    if (body && sscanf(body, "%d %d %*d %*d %*u %" SCNx64, &code, &cases, &mix) == 3 &&
        strchr(body, '\n')) {
        problem = strchr(body, '\n') + 1;
        problem_len = strcspn(problem, "\x1e");
        tap = problem[problem_len] ? problem + problem_len + 1 : "";
        const char *end = strchr(tap, 0x1e);
        notes = end ? end + 1 : "";
    } else {
        snprintf(died, sizeof died, "the script's process ended with code %d%s%s", j->exit_code,
                 j->error ? ": " : "", j->error ? j->error : "");
        problem = died;
        problem_len = strlen(died);
    }
    if (cases > 0) report_cases(s, path, tap);
    if (cases == 0 || (code != EXIT_PASS && problem_len))
        report_case(s, path, path, strlen(path), code == EXIT_PASS, problem, problem_len);
    if (code > s->worst) s->worst = code;
    if (code != EXIT_PASS && j->len[0] && !s->o->quiet) {
        printf("# output of %s:\n", path);
        for (const char *line = j->text[0]; *line;) {
            size_t n = strcspn(line, "\n");
            printf("# %.*s\n", (int)n, line);
            line += n + (line[n] == '\n');
        }
    }
    if (s->o->verbose) printf("# digest %016" PRIx64 " %s\n", mix, path);
    if (!s->o->quiet || s->o->verbose) note_lines(notes);
    fflush(stdout);
}

/* The command line of a worker. */
static char **worker_args(const options *o, char *path)
{
    static char seed[32], memory[32], watchdog[32];
    char **args = calloc(MOST_ARGS, sizeof *args);
    if (!args) return NULL;
    size_t n = 0;
    args[n++] = (char *)own_path();
    args[n++] = "test";
    args[n++] = "--worker";
    if (o->seed_given) {
        snprintf(seed, sizeof seed, "%" PRIu64, o->seed);
        args[n++] = "--seed";
        args[n++] = seed;
    }
    for (size_t i = 0; i < o->set_count; i++) {
        args[n++] = "--set";
        args[n++] = (char *)o->sets[i];
    }
    for (size_t i = 0; i < o->plugin_count; i++) {
        args[n++] = "--plugin";
        args[n++] = (char *)o->plugins[i];
    }
    if (o->profile) {
        args[n++] = "--profile";
        args[n++] = (char *)o->profile;
    }
    if (o->update) args[n++] = "--update";
    snprintf(memory, sizeof memory, "%zuB", o->memory);
    snprintf(watchdog, sizeof watchdog, "%ums", o->watchdog_ms);
    args[n++] = "--memory";
    args[n++] = memory;
    args[n++] = "--watchdog";
    args[n++] = watchdog;
    args[n++] = path;
    return args;
}

static int run_all(const options *o, const script_list *list)
{
    job *jobs = calloc(list->count, sizeof *jobs);
    summary s = {.o = o, .list = list};
    if (!jobs) return usage_error("test", "out of memory");
    if (o->junit) {
        s.junit = fopen(o->junit, "w");
        if (!s.junit) {
            free(jobs);
            return usage_error("test", "cannot write %s: %s", o->junit, strerror(errno));
        }
        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite "
              "name=\"drywire\">\n",
              s.junit);
    }
    for (size_t i = 0; i < list->count; i++)
        jobs[i].args = worker_args(o, list->paths[i]);
    printf("TAP version 14\n");
    jobs_run(jobs, list->count, o->jobs, script_done, &s);
    printf("1..%zu\n%zu passed, %zu failed\n", s.number, s.number - s.failed, s.failed);
    if (s.junit) {
        fputs("  </testsuite>\n</testsuites>\n", s.junit);
        if (fclose(s.junit) != 0) s.worst = usage_error("test", "cannot write %s", o->junit);
    }
    for (size_t i = 0; i < list->count; i++)
        free(jobs[i].args);
    jobs_free(jobs, list->count);
    free(jobs);
    return s.failed || s.worst ? s.worst ? s.worst : EXIT_FAILED : EXIT_PASS;
}

int cmd_test(int argc, char **argv)
{
    options o;
    bool is_worker = argc > 0 && strcmp(argv[0], "--worker") == 0;
    int code = parse_options(argc, argv, is_worker, "test", OPT_TEST, &o);
    if (code != EXIT_PASS) return code;
    if (is_worker && o.rest_count == 1) return worker(&o);
    if (o.rest_count == 0)
        return usage_error("test", "which scripts? drywire test DIRECTORY|FILE.lua");
    script_list list = {0};
    for (int i = 0; i < o.rest_count && code == EXIT_PASS; i++)
        code = find_scripts(&list, o.rest[i]);
    if (code == EXIT_PASS && list.count == 0) code = usage_error("test", "no *.lua there");
    if (code == EXIT_PASS) code = run_all(&o, &list);
    for (size_t i = 0; i < list.count; i++)
        free(list.paths[i]);
    free(list.paths);
    return code;
}
