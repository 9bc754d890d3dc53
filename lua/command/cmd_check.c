/* drywire check: the same script in changed surroundings must print the same, end in the same way
 * and leave the same traces; where it does not, the first event or line that differs. */
#include "printing.h"
#include "command.h"
#include "failure.h"
#include "process.h"
#include "remarks.h"
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One change of surroundings.  Every run has another hash seed and another address layout anyway;
 * the second one has two processes for sweeps. */
static const surroundings list[] = {
    {"as it is", {NULL}, NULL, false},
    {"again, in two processes", {NULL}, NULL, false},
    {"another directory", {NULL}, "/", false},
    {"a long environment",
     {"DRYWIRE_CHECK=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
      "LUA_PATH=/nowhere/?.lua", NULL},
     NULL,
     false},
    {"another locale", {"LC_ALL=de_DE.UTF-8", "LANG=de_DE.UTF-8", NULL}, NULL, false},
    {"an older CPU", {"GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX", NULL}, NULL, false},
    {"filled memory", {"MALLOC_PERTURB_=165", "MALLOC_ARENA_MAX=1", NULL}, NULL, false},
    {"fixed addresses", {"TZ=Asia/Kolkata", NULL}, NULL, true},
};
enum { RUNS = sizeof list / sizeof list[0], IN_TWO_PROCESSES = 1 };

typedef struct comparison {
    const options *o;
    char kept[RUNS][KEPT_PATH]; /* directories of traces; "": they could not be made */
    job *jobs;
    script_result first;
    char died[300];
    bool broken; /* the first run, or another one, did not end as a process should */
    int different;
    bool no_memory; /* which broke it */
} comparison;

/* Comparing. */

static void say_difference(const comparison *c, const script_result *other, size_t index)
{
    char why[900];
    bool texts = texts_differ(&c->first, other, why, sizeof why);
    printf("the run \"%s\" differs from the first:\n", list[index].name);
    if (c->first.mix != other->mix && c->kept[0][0] && c->kept[index][0])
        say_where_traces_part(stdout, c->o, c->kept[0], c->kept[index]);
    else if (c->first.mix != other->mix)
        printf("their traces differ (there was no room to keep and compare them)\n");
    if (!texts) return;
    print_escaped(stdout, DW_IN_LINES, why);
    puts("");
}

/* The first run is what the others are compared with.  Jobs are told of in their order, so it comes
 * first; of several that differ one is enough to show. */
static bool run_done(job *j, size_t index, void *arg)
{
    comparison *c = arg;
    char died[200], why[900];
    script_result other = {.path = c->first.path};
    if (c->broken) return true;
    script_result *r = index == 0 ? &c->first : &other;
    if (!read_worker(j, r, died, sizeof died)) {
        c->broken = true;
        c->no_memory = r->code == EXIT_LIMIT;
        snprintf(c->died, sizeof c->died, "the run \"%s\": %s", list[index].name, died);
        if (r->errors) fputs(r->errors, stderr);
    } else if (index > 0 && one_was_stopped(&c->first, &other)) {
        size_t stopped = other.by_chance ? index : 0;
        c->broken = c->no_memory = true;
        snprintf(c->died, sizeof c->died,
                 "the run \"%s\" was stopped, so there is nothing to compare", list[stopped].name);
        fprintf(stderr, "%s\n", stopped ? other.problem : c->first.problem);
    } else if (index > 0 && runs_differ(&c->first, &other, why, sizeof why)) {
        if (!c->different++) say_difference(c, &other, index);
    }
    free(other.cases);
    if (index > 0) remove_kept(c->kept[index]);
    return true;
}

static int verdict(const comparison *c)
{
    const script_result *r = &c->first;
    if (c->broken) return failure("check", c->no_memory ? DW_E_NOMEM : DW_E_INVAL, c->died);
    if (c->different) {
        printf("%d of %d runs differ: the script is not deterministic\n", c->different, RUNS - 1);
        return EXIT_NONDETERMINISM;
    }
    if (*r->problem) fprintf(stderr, "%s\n", r->problem);
    if (r->hash[0] != '-')
        printf("%d runs in changed surroundings, one trace: %s\n", RUNS, r->hash);
    else if (r->mix)
        printf("%d runs in changed surroundings, one output and the same traces\n", RUNS);
    else
        printf("%d runs in changed surroundings, one output; there was no trace to compare\n",
               RUNS);
    return r->code;
}

/* All runs, two at once.  What is allocated is freed before the verdict is returned, however far it
 * came. */
static int run_all(const options *o, const char *script)
{
    static const char *const fixed[] = {"/usr/bin/setarch", "-R", NULL};
    bool has_setarch = access(fixed[0], X_OK) == 0;
    job jobs[RUNS] = {0};
    comparison *c = needed(calloc(1, sizeof *c));
    char base[KEPT_PATH];
    bool room = true;
    make_kept(base);
    for (int i = 0; i < RUNS; i++)
        make_kept_below(base, i, c->kept[i]);
    c->o = o;
    c->first.path = script;
    for (int i = 0; i < RUNS; i++) {
        const char *const *front = list[i].fixed_addresses && has_setarch ? fixed : NULL;
        const char *keep = c->kept[i][0] ? c->kept[i] : NULL;
        options own = *o;
        own.sweep_jobs = i == IN_TWO_PROCESSES ? 2 : 1;
        jobs[i].args = worker_args(&own, front, keep, script);
        jobs[i].env = changed_environment(&list[i]);
        jobs[i].directory = list[i].directory;
        room &= jobs[i].args && jobs[i].env;
    }
    int status = room ? jobs_run(jobs, RUNS, 2, run_done, c) : JOBS_NO_MEMORY;
    int code = status ? jobs_failure("check", status) : verdict(c);
    remarks m = {.o = o};
    if (!status && !c->broken) remarks_script(&m, &c->first, false);
    remarks_print_unasked(&m, stderr, "note: ");
    remarks_free(&m);
    for (int i = 0; i < RUNS; i++) {
        remove_kept(c->kept[i]);
        free(jobs[i].args);
        free(jobs[i].env);
    }
    if (*base) rmdir(base);
    jobs_free(jobs, RUNS);
    free(c->first.cases);
    free(c);
    return code;
}

/* A file of --stack from the root on, for the caller to free; NULL: there is none. */
static char *whole_stack(const char *row)
{
    const char *file = strchr(row, '=') + 1;
    char *path = realpath(file, NULL);
    if (!path && errno == ENOMEM) needed(NULL);
    if (!path) return NULL;
    size_t front = (size_t)(file - row), size = front + strlen(path) + 1;
    char *whole = needed(malloc(size));
    snprintf(whole, size, "%.*s%s", (int)front, row, path);
    free(path);
    return whole;
}

int cmd_check(int argc, char **argv)
{
    options o;
    int code = parse_options(argc, argv, 0, "check", &o);
    if (code != EXIT_PASS) return code;
    if (o.rest_count != 1) return usage_error("check", "which script? drywire check FILE.lua");
    char *script = realpath(o.rest[0], NULL), *plugins[MAX_PLUGINS] = {NULL},
         *stacks[MAX_STACKS] = {NULL};
    if (!script && errno == ENOMEM) return no_memory("check");
    if (!script) return usage_error("check", "cannot open %s: %s", o.rest[0], strerror(errno));
    for (size_t i = 0; i < o.plugin_count; i++) { /* the same wherever a run starts */
        plugins[i] = realpath(o.plugins[i], NULL);
        if (!plugins[i] && errno == ENOMEM) needed(NULL);
        if (plugins[i]) o.plugins[i] = plugins[i];
    }
    for (size_t i = 0; i < o.stack_count; i++)
        if ((stacks[i] = whole_stack(o.stacks[i])) != NULL) o.stacks[i] = stacks[i];
    code = run_all(&o, script);
    for (size_t i = 0; i < o.stack_count; i++)
        free(stacks[i]);
    for (size_t i = 0; i < o.plugin_count; i++)
        free(plugins[i]);
    free(script);
    return code;
}
