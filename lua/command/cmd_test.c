/* drywire test: many scripts, each run twice, each time in a process of its own: another address
 * layout and hash seed, and other surroundings. */
#include "printing.h"
#include "command.h"
#include "deal/deal.h"
#include "failure.h"
#include "process.h"
#include "progress.h"
#include "places.h"
#include "remarks.h"
#include "report.h"
#include "run.h"
#include "scripts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whoever is told of a script's result; false: that is enough. */
typedef bool script_told(const script_result *r, void *arg);

typedef struct batch {
    const options *o;
    const script_list *list;
    script_told *done;
    void *arg;
    size_t reached; /* so many scripts are through */
    bool enough;    /* whoever is told wants no more */
} batch;

/* The second run of a script must say what the first one said. */

static void write_difference(FILE *f, const options *o, const script_result *first, const char *why,
                             bool traces)
{
    fprintf(f, "the second run differs from the first: %s (drywire check ", why);
    print_escaped(f, DW_IN_SHELL, first->path);
    fprintf(f, " finds out more)\n");
    if (traces) say_where_runs_part(f, o, first->path);
    fputs(first->problem, f);
}

/* *text is for free. */
static void compare(const options *o, const job *again, script_result *first, char **text)
{
    char why[900], died[200];
    size_t size;
    script_result second = {.path = first->path};
    bool differs = true, whole = read_worker(again, &second, died, sizeof died);
    if (!whole)
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
    write_difference(f, o, first, why, whole && first->mix != second.mix);
    if (!close_text(f)) needed(NULL);
    first->problem = *text;
    first->code = EXIT_NONDETERMINISM;
}

/* A module of others, which does nothing by itself; or a script none of whose cases is wanted. */
static bool is_no_test(const found_script *script, const script_result *r)
{
    bool ended = r->code == EXIT_PASS || r->code == EXIT_FAILED;
    if (script->required && !r->made && (ended || r->code == EXIT_USAGE)) return true;
    return !script->whole && r->case_count == 0 && ended;
}

static void tell(batch *b, const found_script *script, const script_result *r)
{
    if (is_no_test(script, r)) return;
    progress_clear();
    b->enough |= !b->done(r, b->arg);
}

static bool job_done(job *j, size_t index, void *arg)
{
    batch *b = arg;
    char died[200], *different = NULL;
    const found_script *script = &b->list->items[index];
    script_result r = {.path = script->path, .title = script->title};
    if (read_worker(j, &r, died, sizeof died) && j->then) compare(b->o, j->then, &r, &different);
    tell(b, script, &r);
    free(r.cases);
    free(different);
    b->reached = index + 1;
    progress_count(b->reached, b->list->count, "scripts");
    return !b->enough;
}

/* Two runs of each script, the second after the first: they may write the same files.
 * Returns what jobs_run does. */
static int run_twice(batch *b)
{
    size_t count = b->list->count;
    job *jobs = needed(calloc(2 * count, sizeof *jobs));
    char **env = needed(changed_environment(&surroundings_again));
    for (size_t i = 0; i < count; i++) {
        job *first = &jobs[i], *second = &jobs[count + i];
        first->args = second->args = needed(worker_args(b->o, NULL, NULL, b->list->items[i].path));
        first->then = second;
        first->settled = worker_was_stopped;
        second->env = env;
    }
    int caught = jobs_deal(jobs, count, b->o->jobs, job_done, b);
    for (size_t i = 0; i < count; i++)
        free(jobs[i].args);
    jobs_free(jobs, 2 * count);
    free(jobs);
    free(env);
    return caught;
}

/* Many seeds: one script after the other, of each seed a run, and of the first one two. */

typedef struct sowing {
    batch *b;
    const found_script *script;
    script_result *results; /* one a seed */
    char (*seeds)[24], (*died)[200];
    char *different; /* about the first seed, or NULL */
    size_t done;
} sowing;

static bool seed_done(job *j, size_t index, void *arg)
{
    sowing *s = arg;
    script_result *r = &s->results[index];
    *r = (script_result){.path = s->script->path, .title = s->script->title};
    bool whole = read_worker(j, r, s->died[index], sizeof *s->died);
    options o = *s->b->o;
    o.seed_given = true;
    o.seed = strtoull(s->seeds[index], NULL, 10);
    if (whole && j->then) compare(&o, j->then, r, &s->different);
    r->seed = s->seeds[index];
    s->done = index + 1;
    return r->code == EXIT_PASS || !s->b->o->fail_fast;
}

static size_t count_seeds(const options *o)
{
    size_t n = 0;
    for (size_t i = 0; i < o->seed_ranges; i++)
        n += o->seeds[i].high - o->seeds[i].low + 1;
    return n;
}

static void prepare_seeds(const sowing *s, job *jobs, char **env)
{
    size_t n = 0;
    const options *given = s->b->o;
    for (size_t i = 0; i < given->seed_ranges; i++)
        for (uint64_t k = 0; k <= given->seeds[i].high - given->seeds[i].low; k++, n++) {
            options o = *given;
            o.seed_given = true;
            o.seed = given->seeds[i].low + k;
            snprintf(s->seeds[n], sizeof *s->seeds, "%" PRIu64, o.seed);
            jobs[n].args = needed(worker_args(&o, NULL, NULL, s->script->path));
        }
    jobs[0].then = &jobs[n];
    jobs[0].settled = worker_was_stopped;
    jobs[n] = (job){.args = jobs[0].args, .env = env};
}

static void tell_merged(const sowing *s)
{
    script_result merged;
    if (s->done == 0) return;
    merge_seeds(s->results, s->done, &merged);
    tell(s->b, s->script, &merged);
    free_merged(&merged);
}

/* What it returns is what jobs_run does.  The results point into the jobs' texts, so both are there
 * until the script has been told of. */
static int run_seeds(batch *b, const found_script *script)
{
    size_t n = count_seeds(b->o);
    job *jobs = needed(calloc(n + 1, sizeof *jobs));
    char **env = needed(changed_environment(&surroundings_again));
    sowing s = {.b = b,
                .script = script,
                .results = needed(calloc(n, sizeof *s.results)),
                .seeds = needed(calloc(n, sizeof *s.seeds)),
                .died = needed(calloc(n, sizeof *s.died))};
    prepare_seeds(&s, jobs, env);
    int caught = jobs_deal(jobs, n, b->o->jobs, seed_done, &s);
    tell_merged(&s);
    for (size_t i = 0; i < n; i++)
        free(jobs[i].args);
    for (size_t i = 0; i < s.done; i++)
        free(s.results[i].cases);
    jobs_free(jobs, n + 1);
    free(jobs);
    free(env);
    free(s.results);
    free(s.seeds);
    free(s.died);
    free(s.different);
    return caught;
}

static int sow(batch *b)
{
    int caught = 0;
    for (size_t i = 0; i < b->list->count && caught == 0 && !b->enough; i++) {
        caught = run_seeds(b, &b->list->items[i]);
        b->reached = i + 1;
        progress_count(b->reached, b->list->count, "scripts");
    }
    return caught;
}

static int run_list(const char *command, const options *o, const script_list *list,
                    script_told *done, void *arg)
{
    batch b = {.o = o, .list = list, .done = done, .arg = arg};
    progress_begin(o);
    int status = o->seed_ranges > 0 ? sow(&b) : run_twice(&b);
    progress_clear();
    if (dw_deal_follows()) exit(EXIT_PASS); /* what comes now, one rank does */
    size_t left = 0;
    for (size_t i = b.reached; b.enough && i < list->count; i++)
        left += !list->items[i].required;
    if (left > 0) printf("# not begun: %zu\n", left);
    return status == 0 ? EXIT_PASS : jobs_failure(command, status);
}

int run_scripts(const char *command, const options *o, script_told *done, void *arg)
{
    script_list list = {0};
    int code = find_scripts(command, o, ".lua", &list);
    if (code == EXIT_PASS) code = run_list(command, o, &list, done, arg);
    free_scripts(&list);
    return code;
}

/* Reporting, in order. */

typedef struct summary {
    const options *o;
    report report;
    remarks remarks;
    int worst;
    github *github; /* NULL: not there */
} summary;

/* A command as a line without "replay: "; for free. */
static char *replay_line(const char *command, const options *o, const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = needed(open_memstream(&text, &size));
    print_replay(f, command, NULL, o, path);
    if (!close_text(f)) needed(NULL);
    memmove(text, text + strlen("replay: "), size + 1 - strlen("replay: "));
    text[strcspn(text, "\n")] = 0;
    return text;
}

/* One run does not show that two differ, but check does, which runs all cases. */
static char *replay_of_script(const options *o, const script_result *r)
{
    options with = *o;
    bool differs = r->code == EXIT_NONDETERMINISM;
    if (r->seed) replay_with(&with, "--seed", r->seed);
    if (r->case_count == 0 || differs) { /* these are about cases then */
        replay_without(&with, "--filter");
        replay_without(&with, "--exclude");
    }
    return replay_line(differs ? "check" : "run", &with, r->path);
}

/* That case alone: run ends with the first one that fails. */
static char *replay_of_case(const options *o, const script_result *r, const test_case *c)
{
    options with = *o;
    size_t size = strlen(c->name) + 2;
    char *exactly = needed(malloc(size));
    snprintf(exactly, size, "=%s", c->name);
    replay_without(&with, "--exclude");
    if (c->seed) replay_with(&with, "--seed", c->seed);
    replay_with(&with, "--filter", exactly);
    char *line = replay_line("run", &with, r->path);
    free(exactly);
    return line;
}

static report_entry entry_of_case(const summary *s, const script_result *r, const test_case *c)
{
    report_entry e = {.path = r->path,
                      .name = c->name,
                      .code = c->code,
                      .problem = NULL,
                      .exchange = c->exchange,
                      .seconds = c->seconds};
    if (!c->problem) return e;
    e.problem = with_directories(r->path, c->problem);
    e.replay = replay_of_case(s->o, r, c);
    return e;
}

static bool is_skipped(const script_result *r)
{
    return !r->made && !r->asserts;
}

/* Its texts are for free. */
static report_entry entry_of_script(const summary *s, const script_result *r)
{
    size_t size = strlen(r->path) + strlen(r->title) + 3;
    char *name = needed(malloc(size));
    snprintf(name, size, "%s%s%s", r->path, *r->title ? ": " : "", r->title);
    report_entry e = {.path = r->path,
                      .name = name,
                      .code = r->code,
                      .problem = with_directories(r->path, r->problem),
                      .output = r->output,
                      .seconds = r->seconds};
    if (*r->exchange) e.exchange = r->exchange;
    if (r->code != EXIT_PASS) e.replay = replay_of_script(s->o, r);
    if (is_skipped(r)) e.skipped = "it makes no simulation and has no case";
    return e;
}

static void report_result(summary *s, const script_result *r)
{
    size_t n = r->case_count;
    report_entry *cases = needed(calloc(n ? n : 1, sizeof *cases));
    report_entry script = entry_of_script(s, r);
    for (size_t i = 0; i < n; i++)
        cases[i] = entry_of_case(s, r, &r->cases[i]);
    report_script(&s->report, &script, cases, n);
    for (size_t i = 0; i < n; i++) {
        free((char *)cases[i].replay);
        free((char *)cases[i].problem);
    }
    free((char *)script.name);
    free((char *)script.problem);
    free((char *)script.replay);
    free(cases);
}

static void print_comment(const char *front, const char *path)
{
    fputs(front, stdout);
    print_escaped(stdout, DW_IN_LINE, path);
}

/* Of one run; many seeds have many. */
static bool has_trace(const summary *s, const script_result *r)
{
    return s->o->seed_ranges == 0 && r->hash[0] && r->hash[0] != '-';
}

static bool script_done(const script_result *r, void *arg)
{
    summary *s = arg;
    report_result(s, r);
    remarks_script(&s->remarks, r, is_skipped(r));
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
        if (has_trace(s, r)) printf("\n# trace %s of its last simulation", r->hash);
        puts("");
    }
    if (!s->o->quiet || s->o->verbose) print_lines(stdout, "# note: ", r->notes);
    fflush(stdout);
    return r->code == EXIT_PASS || !s->o->fail_fast;
}

/* whole: no script was left out. */
static void print_remarks(summary *s, bool whole)
{
    if (!s->o->quiet) remarks_print_silent(&s->remarks, stdout, "# note: ");
    if (!s->o->quiet && whole) remarks_print_unasked(&s->remarks, stdout, "# note: ");
    remarks_free(&s->remarks);
}

/* The worst code of all scripts, and what became of the report. */
static int run_all(const options *o, const script_list *list)
{
    summary s = {.o = o, .github = github_open(o), .remarks = {.o = o}};
    if (!report_open(&s.report, "test", o->junit, o->quiet)) return EXIT_USAGE;
    int code = run_list("test", o, list, script_done, &s);
    if (code != EXIT_PASS) s.worst = code;
    github_close(s.github);
    bool none = s.report.scripts.tests == 0 && code == EXIT_PASS;
    int reported = report_close(&s.report, "test");
    if (reported != EXIT_PASS) s.worst = reported;
    print_remarks(&s, code == EXIT_PASS && !(o->fail_fast && s.worst != EXIT_PASS));
    if (none && o->filter)
        return usage_error("test", "--filter: no script or case matches \"%s\"", o->filter);
    if (none && o->exclude_count > 0)
        return usage_error("test", "--exclude: it leaves no script or case");
    if (none) return usage_error("test", "no test there: what others require does nothing itself");
    return s.worst;
}

/* --list: the scripts, and the cases of those that have some.  Only these are run, and those of
 * which one cannot know whether they are tests. */

typedef struct listing {
    const script_list *list;
    size_t *run; /* which scripts are */
    size_t printed;
} listing;

static void list_name(const found_script *script)
{
    print_escaped(stdout, DW_IN_LINE, script->path);
    if (*script->title) fputs(": ", stdout);
    print_escaped(stdout, DW_IN_LINE, script->title);
    putchar('\n');
}

static void list_cases(const found_script *script, const script_result *r)
{
    for (size_t i = 0; i < r->case_count; i++) {
        if (!script->whole) print_escaped(stdout, DW_IN_LINE, script->path);
        fputs(script->whole ? "    " : ": ", stdout);
        print_escaped(stdout, DW_IN_LINE, r->cases[i].name);
        putchar('\n');
    }
}

static bool list_done(job *j, size_t index, void *arg)
{
    char died[200];
    listing *l = arg;
    size_t number = l->run[index];
    const found_script *script = &l->list->items[number];
    script_result r = {.path = script->path, .title = script->title};
    while (l->printed < number)
        list_name(&l->list->items[l->printed++]);
    read_worker(j, &r, died, sizeof died);
    if (script->whole && (!script->required || r.made)) list_name(script);
    list_cases(script, &r);
    free(r.cases);
    l->printed++;
    return true;
}

static int list_all(const options *o, const script_list *list)
{
    job *jobs = needed(calloc(list->count, sizeof *jobs));
    listing l = {.list = list, .run = needed(calloc(list->count, sizeof *l.run))};
    size_t n = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (!list->items[i].may_have_cases && !list->items[i].required) continue;
        jobs[n].args = needed(worker_args(o, NULL, NULL, list->items[i].path));
        l.run[n++] = i;
    }
    int status = jobs_run(jobs, n, o->jobs, list_done, &l);
    while (status == 0 && l.printed < list->count)
        list_name(&list->items[l.printed++]);
    for (size_t i = 0; i < n; i++)
        free(jobs[i].args);
    jobs_free(jobs, n);
    free(jobs);
    free(l.run);
    return status == 0 ? EXIT_PASS : jobs_failure("test", status);
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
    if (is_worker && o.rest_count == 1) return run_worker(&o);
    if (o.rest_count == 0)
        return usage_error("test", "which scripts? drywire test DIRECTORY|FILE.lua");
    if (o.seed_given && o.seed_ranges > 0)
        return usage_error("test", "--seed and --seeds: say one of them");
    script_list list = {0};
    code = find_scripts("test", &o, ".lua", &list);
    if (code == EXIT_PASS) code = o.list ? list_all(&o, &list) : run_all(&o, &list);
    free_scripts(&list);
    return code;
}
