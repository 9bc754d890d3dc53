/* drywire test: many scripts, each run twice, each time in a process of its own: another address
 * layout and hash seed, and other surroundings. */
#include "printing.h"
#include "command.h"
#include "failure.h"
#include "process.h"
#include "progress.h"
#include "report.h"
#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { RESULT_FD = 3, MAX_ARGS = 2 * (MAX_SETS + MAX_PLUGINS) + 32 };

/* The worker: runs one script and writes what happened to descriptor 3: a line of numbers, then
 * texts, each as "LENGTH:BYTES,", so that nothing in them can be taken for the end of one.  Its
 * exit code is EXIT_LIMIT when it ran out of memory, whatever it wrote. */

static void write_part(FILE *f, const char *text)
{
    if (!text) text = "";
    fprintf(f, "%zu:%s,", strlen(text), text);
}

static void write_result(const outcome *r)
{
    FILE *f = fdopen(RESULT_FD, "w");
    if (!f && errno == ENOMEM) needed(NULL);
    if (!f) return;
    fprintf(f, "%d %d %zu %016" PRIx64 "\n", r->code, r->by_chance, r->case_count, r->mix);
    const char *const parts[] = {r->hash[0] ? r->hash : "-", problem_of(r), r->notes, r->covers,
                                 r->arrows};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        write_part(f, parts[i]);
    for (size_t i = 0; i < r->case_count; i++) {
        const test_case *c = &r->cases[i];
        fprintf(f, "%s %.0f\n", c->problem ? "failed" : "passed", c->seconds * 1e9);
        write_part(f, c->name);
        write_part(f, c->problem);
    }
    fclose(f);
}

static int worker(const options *o)
{
    outcome r;
    run_script(o->rest[0], o, true, &r);
    write_result(&r);
    int code = r.out_of_memory ? no_memory("test") : EXIT_PASS;
    free_outcome(&r);
    return code;
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

/* The script at path, or those in that directory: in order of their names, since the order in which
 * a directory is read differs. */
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

/* What a worker wrote. */

/* A number and the character behind it; false: there is none. */
static bool take_number(char **at, char end, uint64_t *out)
{
    char *after;
    if (**at < '0' || **at > '9') return false;
    *out = strtoull(*at, &after, 10);
    if (*after != end) return false;
    *at = after + 1;
    return true;
}

static bool take_part(char **at, const char *end, const char **out)
{
    uint64_t len;
    if (!take_number(at, ':', &len) || len >= (uint64_t)(end - *at) || (*at)[len] != ',')
        return false;
    *out = *at;
    (*at)[len] = 0;
    *at += len + 1;
    return true;
}

static bool take_case(char **at, const char *end, test_case *c)
{
    const char *name, *problem;
    uint64_t nanoseconds;
    bool failed = strncmp(*at, "failed ", 7) == 0;
    if (!failed && strncmp(*at, "passed ", 7) != 0) return false;
    *at += 7;
    if (!take_number(at, '\n', &nanoseconds) || !take_part(at, end, &name) ||
        !take_part(at, end, &problem))
        return false;
    *c = (test_case){.name = (char *)name,
                     .problem = failed ? (char *)problem : NULL,
                     .seconds = (double)nanoseconds / 1e9};
    return true;
}

/* All of it, or nothing is believed.  The texts stay in body, the cases are for free in any case.
 */
static bool parse_result(char *body, size_t len, script_result *r)
{
    const char *hash;
    const char **const parts[] = {&hash, &r->problem, &r->notes, &r->covers, &r->arrows};
    char *at = body, *end = body + len;
    uint64_t code, chance, count;
    if (!body || !take_number(&at, ' ', &code) || !take_number(&at, ' ', &chance) ||
        !take_number(&at, ' ', &count))
        return false;
    r->mix = strtoull(at, &at, 16);
    if (*at++ != '\n' || count > len) return false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!take_part(&at, end, parts[i])) return false;
    snprintf(r->hash, sizeof r->hash, "%s", hash);
    r->cases = needed(calloc(count ? count : 1, sizeof *r->cases));
    for (uint64_t i = 0; i < count; i++)
        if (!take_case(&at, end, &r->cases[i])) return false;
    r->code = (int)code;
    r->by_chance = chance != 0;
    r->case_count = count;
    return at == end;
}

/* Nothing is freed when the worker died. */
bool read_worker(const job *j, script_result *r, char *why, size_t size)
{
    const char *output = j->len[0] ? j->text[0] : NULL, *errors = NULL;
    if (j->len[1]) errors = j->text[1];
    const script_result nothing = {.path = r->path,
                                   .title = r->title,
                                   .seconds = j->seconds,
                                   .problem = "",
                                   .notes = "",
                                   .covers = "",
                                   .arrows = "",
                                   .output = output,
                                   .errors = errors};
    replace_zeros(j->text[0], j->len[0]);
    *r = nothing;
    bool whole = parse_result(j->text[2], j->len[2], r), no_memory = j->exit_code == EXIT_LIMIT;
    if (whole && j->exit_code == EXIT_PASS) return true;
    int n = snprintf(why, size, "the script's process ended with code %d%s", j->exit_code,
                     no_memory ? ": out of memory" : "");
    if (j->error && (size_t)n < size) snprintf(why + n, size - (size_t)n, ": %s", j->error);
    if (whole && no_memory) return false;
    free(r->cases);
    *r = nothing;
    r->problem = why;
    r->code = no_memory ? EXIT_LIMIT : EXIT_USAGE;
    return false;
}

typedef struct batch {
    const script_list *list;
    void (*done)(const script_result *r, void *arg);
    void *arg;
} batch;

static void write_difference(FILE *f, const script_result *first, const char *why)
{
    fprintf(f, "the second run differs from the first: %s (drywire check ", why);
    print_escaped(f, DW_IN_SHELL, first->path);
    fprintf(f, " finds out more)%s%s", *first->problem ? "\n" : "", first->problem);
}

/* The second run of the script must say what the first one said.  *text is for free. */
static void compare(const job *again, script_result *first, char **text)
{
    char why[900], died[200];
    size_t size;
    script_result second = {.path = first->path};
    bool differs = true;
    if (!read_worker(again, &second, died, sizeof died))
        snprintf(why, sizeof why, "%s", died);
    else
        differs = runs_differ(first, &second, why, sizeof why);
    free(second.cases);
    if (!differs) return;
    if (one_was_stopped(first, &second)) { /* likewise; the first one's end is told as it is */
        if (first->by_chance) return;
        first->problem = second.problem;
        first->code = second.code;
        return;
    }
    if (again->exit_code == EXIT_LIMIT) { /* met by chance: it says nothing about the script */
        first->problem = "the second run ran out of memory";
        first->code = EXIT_LIMIT;
        return;
    }
    FILE *f = needed(open_memstream(text, &size));
    write_difference(f, first, why);
    if (!close_text(f)) needed(NULL);
    first->problem = *text;
    first->code = EXIT_NONDETERMINISM;
}

static void job_done(job *j, size_t index, void *arg)
{
    batch *b = arg;
    char died[200], title[300], *different = NULL;
    script_result r = {.path = b->list->paths[index], .title = title};
    if (!script_headline(r.path, title, sizeof title)) needed(NULL);
    if (read_worker(j, &r, died, sizeof died) && j->then) compare(j->then, &r, &different);
    progress_clear();
    b->done(&r, b->arg);
    free(r.cases);
    free(different);
    progress_count(index + 1, b->list->count, "scripts");
}

/* Reporting, in order. */

typedef struct summary {
    const options *o;
    report report;
    int worst;
    github *github; /* NULL: not there */
} summary;

static void report_cases(summary *s, const script_result *r)
{
    for (size_t i = 0; i < r->case_count; i++) {
        const test_case *c = &r->cases[i];
        char name[700];
        const char *problem = c->problem ? c->problem : "";
        snprintf(name, sizeof name, "%s: %s", r->path, c->name);
        report_case(&s->report, &(report_entry){.suite = r->path,
                                                .name = name,
                                                .code = c->problem ? EXIT_FAILED : EXIT_PASS,
                                                .problem = problem,
                                                .seconds = c->seconds});
    }
}

/* What concerns the script as a whole. */
static void report_whole(summary *s, const script_result *r)
{
    char name[700];
    snprintf(name, sizeof name, "%s%s%s", r->path, *r->title ? ": " : "", r->title);
    report_case(&s->report, &(report_entry){.suite = r->path,
                                            .name = name,
                                            .code = r->code,
                                            .problem = r->problem,
                                            .seconds = r->case_count ? 0 : r->seconds});
}

static void print_comment(const char *front, const char *path)
{
    fputs(front, stdout);
    print_escaped(stdout, DW_IN_LINE, path);
}

static void script_done(const script_result *r, void *arg)
{
    summary *s = arg;
    report_cases(s, r);
    if (r->case_count == 0 || (r->code != EXIT_PASS && *r->problem)) report_whole(s, r);
    github_script(s->github, r);
    if (r->code > s->worst) s->worst = r->code;
    if (r->code != EXIT_PASS && r->output && !s->o->quiet) {
        print_comment("# output of ", r->path);
        puts(":");
        print_lines(stdout, "# ", r->output);
    }
    if (s->o->verbose) {
        printf("# digest %016" PRIx64, r->mix);
        print_comment(" ", r->path);
        puts("");
    }
    if (!s->o->quiet || s->o->verbose) print_lines(stdout, "# note: ", r->notes);
    fflush(stdout);
}

/* The texts of numbers are static: workers of one command all get the same. */
char **worker_args(const options *o, const char *const *front, const char *keep, const char *path)
{
    static char seed[32], memory[32], watchdog[32], until[32], drop[DW_MATCH_NTH * 21 + 1];
    const char **args = calloc(MAX_ARGS + (size_t)o->script_arg_count, sizeof *args);
    if (!args) return NULL;
    size_t n = 0, used = 0;
    while (front && front[n]) {
        args[n] = front[n];
        n++;
    }
    args[n++] = own_path();
    args[n++] = "test";
    args[n++] = "--worker";
    if (keep) {
        args[n++] = "--keep";
        args[n++] = keep;
    }
    if (o->seed_given) {
        snprintf(seed, sizeof seed, "%" PRIu64, o->seed);
        args[n++] = "--seed";
        args[n++] = seed;
    }
    for (size_t i = 0; i < o->set_count; i++) {
        args[n++] = "--set";
        args[n++] = o->sets[i];
    }
    for (size_t i = 0; i < o->plugin_count; i++) {
        args[n++] = "--plugin";
        args[n++] = o->plugins[i];
    }
    if (o->profile) {
        args[n++] = "--profile";
        args[n++] = o->profile;
    }
    if (o->until) {
        snprintf(until, sizeof until, "%" PRId64 "ns", o->until);
        args[n++] = "--until";
        args[n++] = until;
    }
    for (uint32_t i = 0; i < o->drop_count; i++)
        used += (size_t)snprintf(drop + used, sizeof drop - used, "%s%" PRIu64, i ? "," : "",
                                 o->drop[i]);
    if (o->drop_count) {
        args[n++] = "--drop";
        args[n++] = drop;
    }
    if (o->update) args[n++] = "--update";
    snprintf(memory, sizeof memory, "%zuB", o->memory);
    snprintf(watchdog, sizeof watchdog, "%ums", o->watchdog_ms);
    args[n++] = "--memory";
    args[n++] = memory;
    args[n++] = "--watchdog";
    args[n++] = watchdog;
    args[n++] = path;
    if (o->script_arg_count) args[n++] = "--";
    for (int i = 0; i < o->script_arg_count; i++)
        args[n++] = o->script_args[i];
    return (char **)args;
}

/* What is changed for the second run, besides what two processes never share: the stack is
 * elsewhere, fresh memory is not zero. */
static const surroundings again = {
    "again",
    {"DRYWIRE_AGAIN=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
     "MALLOC_PERTURB_=165", "MALLOC_ARENA_MAX=1", "TZ=Asia/Kolkata", NULL},
    NULL,
    false};

/* Two runs of each script, the second after the first: they may write the same files.
 * Returns what jobs_run does. */
static int run_twice(const options *o, const script_list *list, batch *b)
{
    job *jobs = needed(calloc(2 * list->count, sizeof *jobs));
    char **env = needed(changed_environment(&again));
    for (size_t i = 0; i < list->count; i++) {
        job *first = &jobs[i], *second = &jobs[list->count + i];
        first->args = second->args = needed(worker_args(o, NULL, NULL, list->paths[i]));
        first->then = second;
        second->env = env;
    }
    int caught = jobs_run(jobs, list->count, o->jobs, job_done, b);
    for (size_t i = 0; i < list->count; i++)
        free(jobs[i].args);
    jobs_free(jobs, 2 * list->count);
    free(jobs);
    free(env);
    return caught;
}

static int find_all(const char *command, const options *o, script_list *list)
{
    int code = EXIT_PASS;
    for (int i = 0; i < o->rest_count && code == EXIT_PASS; i++)
        code = find_scripts(command, list, o->rest[i]);
    if (code != EXIT_PASS) return code;
    if (list->count == 0) return usage_error(command, "no *.lua there");
    return check_inputs(o, command, (const char *const *)list->paths, list->count);
}

static int run_list(const char *command, const options *o, const script_list *list,
                    void (*done)(const script_result *r, void *arg), void *arg)
{
    batch b = {list, done, arg};
    progress_begin(o);
    int status = run_twice(o, list, &b);
    progress_clear();
    return status == 0 ? EXIT_PASS : jobs_failure(command, status);
}

static void free_list(script_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
}

int run_scripts(const char *command, const options *o,
                void (*done)(const script_result *r, void *arg), void *arg)
{
    script_list list = {0};
    int code = find_all(command, o, &list);
    if (code == EXIT_PASS) code = run_list(command, o, &list, done, arg);
    free_list(&list);
    return code;
}

static int run_all(const options *o, const script_list *list)
{
    summary s = {.o = o, .github = github_open(o)};
    if (!report_open(&s.report, "test", o->junit, o->quiet)) return EXIT_USAGE;
    int code = run_list("test", o, list, script_done, &s);
    if (code != EXIT_PASS) s.worst = code;
    github_close(s.github);
    int reported = report_close(&s.report, "test");
    if (reported != EXIT_PASS) s.worst = reported;
    if (s.worst) return s.worst;
    return s.report.failed ? EXIT_FAILED : EXIT_PASS;
}

int cmd_test(int argc, char **argv)
{
    options o;
    bool is_worker = argc > 0 && strcmp(argv[0], "--worker") == 0;
    bool keeps = is_worker && argc > 2 && strcmp(argv[1], "--keep") == 0;
    int own_words = keeps ? 3 : 1; /* --worker --keep DIRECTORY */
    int code = is_worker ? parse_worker_options(argc, argv, own_words, &o)
                         : parse_options(argc, argv, 0, "test", &o);
    if (code != EXIT_PASS) return code;
    if (keeps) o.keep = argv[2];
    if (is_worker && o.rest_count == 1) return worker(&o);
    if (o.rest_count == 0)
        return usage_error("test", "which scripts? drywire test DIRECTORY|FILE.lua");
    script_list list = {0};
    code = find_all("test", &o, &list);
    if (code == EXIT_PASS) code = run_all(&o, &list);
    free_list(&list);
    return code;
}
