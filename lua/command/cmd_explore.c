/* drywire explore: a script under every plan of so many faults, and what that proves. */
#include "binding/reached.h"
#include "command.h"
#include "deal/deal.h"
#include "failing.h"
#include "failure.h"
#include "printing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const nouns[DW_FAULT_KINDS] = {
    "lost",      "duplicated", "damaged", "late",      "old again", "without a place",
    "link down", "crash",      "closed",  "shut down", "aborted",   "read late"};

/* "2 lost, 1 late" */
static void write_kinds(const dwl_explored *e, char *out, size_t size)
{
    size_t at = 0;
    out[0] = 0;
    for (int i = 0; i < DW_FAULT_KINDS; i++) {
        if (e->most[i] == 0 || e->faults == 0) continue;
        char many[16] = "any number";
        if (e->most[i] != DW_FAULTS_ANY) snprintf(many, sizeof many, "%u", e->most[i]);
        int n = snprintf(out + at, size - at, "%s%s %s", at ? ", " : " (", many, nouns[i]);
        if (n > 0) at += (size_t)n;
    }
    if (at) snprintf(out + at, size - at, ")");
}

static void print_left(const dwl_explored *e)
{
    char plans[GROUPED_SIZE];
    printf("        about %s plans of %u fault%s were not tried",
           grouped_roughly(e->untried, plans), e->size, e->size == 1 ? "" : "s");
    puts(e->size < e->faults ? ", nor any of more" : "");
}

/* What was proved, or how far it came. */
static void print_statement(const dwl_explored *e)
{
    char kinds[500], plans[GROUPED_SIZE], runs[GROUPED_SIZE], merged[GROUPED_SIZE];
    write_kinds(e, kinds, sizeof kinds);
    if (e->complete && e->faults == DW_FAULTS_ANY)
        printf("proved  passes under any number of faults%s: all %s states are known\n", kinds,
               grouped(e->states, plans));
    else if (e->complete)
        printf("proved  passes under all %s plans of at most %u fault%s%s\n",
               grouped(e->schedules, plans), e->faults, e->faults == 1 ? "" : "s", kinds);
    else if (e->size == DW_FAULTS_MOST && e->untried == 0)
        printf("open    passes under all plans of at most %u faults, and there are larger ones%s\n",
               e->size, kinds);
    else if (e->size == 0)
        printf("open    passes without faults; no plan was tried%s\n", kinds);
    else
        printf("open    passes under all plans of fewer than %u fault%s, and under some of %u%s\n",
               e->size, e->size == 1 ? "" : "s", e->size, kinds);
    if (!e->complete && e->size > 0 && e->untried > 0) print_left(e);
    printf("        %s runs; %s of them came to where another had been\n", grouped(e->runs, runs),
           grouped(e->merged, merged));
    if (e->past_call[0])
        printf("        runs were not merged: %s asks for what went before\n", e->past_call);
}

/* What the runs reached. */

enum { INDENT = 8, LINE = 100 };

typedef struct words {
    const char *title; /* printed before the first */
    size_t column;
} words;

static void print_word(const char *name, bool reached, void *arg)
{
    words *w = arg;
    size_t n = strlen(name);
    if (reached) return;
    if (w->column == 0)
        w->column = (size_t)printf("%*s%s %s", INDENT, "", w->title, name);
    else if (w->column + n + 2 > LINE)
        w->column = (size_t)printf(",\n%*s%s", INDENT, "", name) - 2;
    else
        w->column += (size_t)printf(", %s", name);
}

static void print_unreached(const dwl_reached *r, enum dwl_reached_kind kind, const char *title)
{
    words w = {.title = title};
    dwl_reached_each(r, kind, print_word, &w);
    if (w.column > 0) putchar('\n');
}

static void print_reached(const options *o, const dwl_explored *e)
{
    const dwl_reached *r = &e->reached;
    char plain[GROUPED_SIZE];
    if (!r->tcp) return;
    dwl_reached_count arrows = dwl_reached_count_of(r, DWL_ARROWS),
                      causes = dwl_reached_count_of(r, DWL_CAUSES_GIVEN),
                      passages = dwl_reached_count_of(r, DWL_PASSAGES),
                      requirements = dwl_reached_count_of(r, DWL_REQUIREMENTS);
    printf(
        "reached %u of %u arrows of figure 5, %u of %u passages and %u of %u requirements of RFC "
        "9293,\n        %u of %u causes, %u pairs of a state and a cause\n",
        arrows.reached, arrows.of, passages.reached, passages.of, requirements.reached,
        requirements.of, causes.reached, causes.of, dwl_reached_count_of(r, DWL_PAIRS).reached);
    if (e->flat)
        printf("        stopped: the last %s runs reached nothing new\n", grouped(e->flat, plain));
    if (!o->coverage) return;
    print_unreached(r, DWL_ARROWS, "arrows not walked:");
    print_unreached(r, DWL_PASSAGES, "passages not reached:");
    print_unreached(r, DWL_REQUIREMENTS, "requirements not reached:");
}

static bool copy_script(FILE *out, const char *path)
{
    char block[4096];
    size_t n;
    FILE *in = fopen(path, "rb");
    if (!in) return false;
    int first = getc(in);
    if (first == '#') { /* "#!": what stands in front of it takes its line */
        while ((first = getc(in)) != '\n' && first != EOF)
            ;
    }
    if (first != EOF) putc(first, out);
    while ((n = fread(block, 1, sizeof block, in)) > 0)
        fwrite(block, 1, n, out);
    bool read = !ferror(in);
    fclose(in);
    return read;
}

/* The plan in front, in the script's first line, so that its own lines keep their numbers. */
static int write_failing(const options *o, const dwl_explored *e, const char *path)
{
    FILE *out = fopen(o->failing, "wb");
    bool written = out != NULL;
    if (out) {
        fprintf(out, "require \"drywire\".faults \"%s\" ", e->plan);
        written = copy_script(out, path);
        written &= fclose(out) == 0;
    }
    if (written) return EXIT_PASS;
    return usage_error("explore", "cannot write %s", o->failing);
}

/* Real time, for --time-budget. */

typedef struct budget {
    dw_time end; /* 0: there is none */
} budget;

static int goes_on(const dwl_explored *so_far, void *arg)
{
    const budget *b = arg;
    (void)so_far;
    return b->end && clock_ns() >= b->end ? DW_E_LIMIT : DW_OK;
}

/* The statement, or what fails: told, drawn in a run of its own, and written. */
static int tell(options *o, const outcome *r)
{
    int code = r->code;
    if (code == EXIT_PASS && !r->explored)
        return usage_error("explore", "the script ended by os.exit, so nothing is proved");
    if (code == EXIT_PASS && !r->explored->failed) {
        print_statement(r->explored);
        print_reached(o, r->explored);
        return code;
    }
    if (problem_of(r)) print_lines(stderr, "", problem_of(r));
    bool failed = r->explored && r->explored->failed && r->explored->plan[0];
    if (failed) code = show_failing(o, r->explored->plan, o->rest[0]);
    if (failed && o->failing && write_failing(o, r->explored, o->rest[0]) != EXIT_PASS)
        code = EXIT_USAGE;
    return code;
}

/* What two profiles differ in. */
static int tell_difference(const outcome *r, const dwl_differed *d)
{
    if (d->report) fputs(d->report, stdout);
    if (problem_of(r)) print_lines(stderr, "", problem_of(r));
    if (r->code != EXIT_PASS) return r->code;
    if (!d->report)
        return usage_error("explore", "the script ended by os.exit, so nothing was compared");
    return d->differs ? EXIT_FAILED : EXIT_PASS;
}

/* What only one profile's runs have. */
static int check_against(const options *o)
{
    const struct {
        const char *option;
        bool given;
    } single[] = {{"--coverage", o->coverage},
                  {"--flat", o->flat > 0},
                  {"--time-budget", o->time_budget > 0},
                  {"--lua", o->failing != NULL},
                  {"--resume", o->resume != NULL}};
    for (size_t i = 0; o->against && i < sizeof single / sizeof single[0]; i++)
        if (single[i].given)
            return usage_error("explore", "%s and --against: leave one of them out",
                               single[i].option);
    return EXIT_PASS;
}

static int explore(options *o)
{
    outcome r;
    budget b = {0};
    dwl_differed differed = {0};
    if (o->time_budget && !dw_deal_follows()) b.end = clock_ns() + o->time_budget;
    o->explores = true;
    o->exploring = goes_on;
    o->exploring_arg = &b;
    if (o->against) o->differed = &differed;
    run_silently(o->rest[0], o, false, &r);
    print_unasked(o, &r);
    int code = o->against ? tell_difference(&r, &differed) : tell(o, &r);
    free(differed.report);
    free_outcome(&r);
    return code;
}

int cmd_explore(int argc, char **argv)
{
    options o;
    int code = parse_options(argc, argv, 0, "explore", &o);
    if (code == EXIT_PASS) code = check_one_script(&o, "explore", "one script at a time");
    if (code == EXIT_PASS) code = check_against(&o);
    return code == EXIT_PASS ? explore(&o) : code;
}
