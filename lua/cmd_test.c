/* drywire test: many scripts, each in a process of its own and run twice. */
#include "command.h"
#include "process.h"
#include "report.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    RESULT_FD = 3,
    RESULT_PARTS = 5,
    SEPARATOR = 0x1e,
    MOST_ARGS = 2 * (MOST_SETS + MOST_PLUGINS) + 16
};

/* The worker: runs one script twice and writes what happened to descriptor 3. */

static void write_result(const outcome *r, int code, const char *problem)
{
    FILE *f = fdopen(RESULT_FD, "w");
    if (!f && errno == ENOMEM) needed(NULL);
    if (!f) return;
    fprintf(f, "%d %d %d %d %zu %016" PRIx64 "\n", code, r->cases, r->failed_cases, r->expectations,
            r->packets, r->mix);
    const char *const parts[] = {problem, r->tap, r->notes, r->covers, r->arrows};
    for (int i = 0; i < RESULT_PARTS; i++)
        fprintf(f, "%s%c", parts[i] ? parts[i] : "", SEPARATOR);
    fclose(f);
}

static int worker(const options *o)
{
    outcome first, second;
    char text[300];
    run_script(o->rest[0], o, true, &first);
    if (first.code != EXIT_PASS) {
        write_result(&first, first.code, problem_of(&first));
        free_outcome(&first);
        return EXIT_PASS;
    }
    run_script(o->rest[0], o, true, &second);
    if (second.code == EXIT_LIMIT) { /* such a limit has been met by chance */
        write_result(&second, second.code, problem_of(&second));
        free_outcome(&first);
        free_outcome(&second);
        return EXIT_PASS;
    }
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
    list->paths = needed(realloc(list->paths, (list->count + 1) * sizeof *list->paths));
    list->paths[list->count++] = needed(strdup(path));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int find_scripts(const char *command, script_list *list, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) return usage_error(command, "%s: %s", path, strerror(errno));
    if (!S_ISDIR(st.st_mode)) {
        add_script(list, path);
        return EXIT_PASS;
    }
    DIR *dir = opendir(path);
    if (!dir && errno == ENOMEM) return no_memory(command);
    if (!dir) return usage_error(command, "%s: %s", path, strerror(errno));
    script_list found = {0};
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        size_t n = strlen(e->d_name);
        if (n < 5 || strcmp(e->d_name + n - 4, ".lua") != 0) continue;
        char *whole = needed(malloc(strlen(path) + n + 2));
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

/* What a worker wrote: a line of numbers, then parts that end with SEPARATOR. */
static bool parse_result(char *body, script_result *r)
{
    const char **const parts[RESULT_PARTS] = {&r->problem, &r->tap, &r->notes, &r->covers,
                                              &r->arrows};
    if (!body || sscanf(body, "%d %d %*d %*d %*u %" SCNx64, &r->code, &r->cases, &r->mix) != 3)
        return false;
    char *at = strchr(body, '\n');
    if (!at) return false;
    at++;
    for (int i = 0; i < RESULT_PARTS; i++) {
        char *end = strchr(at, SEPARATOR);
        if (!end) return false;
        *end = 0;
        *parts[i] = at;
        at = end + 1;
    }
    return true;
}

typedef struct batch {
    const script_list *list;
    void (*done)(const script_result *r, void *arg);
    void *arg;
} batch;

static void job_done(job *j, size_t index, void *arg)
{
    batch *b = arg;
    char died[200], title[300];
    script_result r = {.path = b->list->paths[index],
                       .title = title,
                       .problem = "",
                       .tap = "",
                       .notes = "",
                       .covers = "",
                       .arrows = "",
                       .output = j->len[0] ? j->text[0] : NULL};
    if (!script_headline(r.path, NULL, title, sizeof title)) needed(NULL);
    if (!parse_result(j->text[2], &r)) {
        r.code = j->exit_code == EXIT_LIMIT ? EXIT_LIMIT : EXIT_USAGE;
        r.cases = 0;
        snprintf(died, sizeof died, "the script's process ended with code %d%s%s", j->exit_code,
                 j->error ? ": " : "", j->error ? j->error : "");
        r.problem = died;
    }
    progress_clear();
    b->done(&r, b->arg);
    progress_count(index + 1, b->list->count, "scripts");
}

/* Reporting, in order. */

typedef struct summary {
    const options *o;
    report report;
    int worst;
    github *github; /* NULL: not there */
} summary;

/* The cases of one script, from its worker's lines: "ok name" or "not ok name", indented problems.
 */
static void report_cases(summary *s, const char *path, const char *tap)
{
    while (*tap) {
        size_t n = strcspn(tap, "\n");
        bool ok = strncmp(tap, "ok ", 3) == 0;
        const char *name = tap + (ok ? 3 : 7);
        size_t name_len = n - (ok ? 3 : 7);
        tap += n + (tap[n] == '\n');
        const char *problem = tap;
        while (tap[0] == ' ' && tap[1] == ' ') {
            tap += strcspn(tap, "\n");
            if (*tap == '\n') tap++;
        }
        char full[400];
        snprintf(full, sizeof full, "%s: %.*s", path, (int)name_len, name);
        report_case(&s->report, path, full, strlen(full), ok, problem, (size_t)(tap - problem));
    }
}

static void script_done(const script_result *r, void *arg)
{
    summary *s = arg;
    char name[700];
    if (r->cases > 0) report_cases(s, r->path, r->tap);
    if (r->cases == 0 || (r->code != EXIT_PASS && *r->problem)) {
        snprintf(name, sizeof name, "%s%s%s", r->path, *r->title ? ": " : "", r->title);
        report_case(&s->report, r->path, name, strlen(name), r->code == EXIT_PASS, r->problem,
                    strlen(r->problem));
    }
    github_script(s->github, r);
    if (r->code > s->worst) s->worst = r->code;
    if (r->code != EXIT_PASS && r->output && !s->o->quiet) {
        printf("# output of %s:\n", r->path);
        print_lines(stdout, "# ", r->output);
    }
    if (s->o->verbose) printf("# digest %016" PRIx64 " %s\n", r->mix, r->path);
    if (!s->o->quiet || s->o->verbose) print_lines(stdout, "# note: ", r->notes);
    fflush(stdout);
}

/* The command line of a worker. */
static char **worker_args(const options *o, char *path)
{
    static char seed[32], memory[32], watchdog[32];
    char **args = needed(calloc(MOST_ARGS, sizeof *args));
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

int run_scripts(const char *command, const options *o,
                void (*done)(const script_result *r, void *arg), void *arg)
{
    script_list list = {0};
    int code = EXIT_PASS;
    for (int i = 0; i < o->rest_count && code == EXIT_PASS; i++)
        code = find_scripts(command, &list, o->rest[i]);
    if (code == EXIT_PASS && list.count == 0) code = usage_error(command, "no *.lua there");
    job *jobs = code == EXIT_PASS ? needed(calloc(list.count, sizeof *jobs)) : NULL;
    batch b = {&list, done, arg};
    progress_begin(o);
    for (size_t i = 0; jobs && i < list.count; i++)
        jobs[i].args = worker_args(o, list.paths[i]);
    if (jobs && !jobs_run(jobs, list.count, o->jobs, job_done, &b)) code = no_memory(command);
    progress_clear();
    for (size_t i = 0; i < list.count; i++) {
        if (jobs) free(jobs[i].args);
        free(list.paths[i]);
    }
    if (jobs) jobs_free(jobs, list.count);
    free(jobs);
    free(list.paths);
    return code;
}

static int run_all(const options *o)
{
    summary s = {.o = o, .github = github_open(o)};
    if (!report_open(&s.report, "test", o->junit, o->quiet)) return EXIT_USAGE;
    int code = run_scripts("test", o, script_done, &s);
    if (code != EXIT_PASS) s.worst = code;
    github_close(s.github);
    if (!report_close(&s.report, "test")) s.worst = EXIT_USAGE;
    return s.report.failed || s.worst ? s.worst ? s.worst : EXIT_FAILED : EXIT_PASS;
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
    return run_all(&o);
}
