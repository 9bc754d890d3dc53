/* One result of what a script did with many seeds. */
#include "failure.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What failed with which seeds: "seeds 3, 7 and 9 of 100". */
typedef struct failing {
    size_t first; /* result */
    size_t count;
    char *names;
    size_t size;
    FILE *f;
} failing;

static void add_failing(failing *list, const script_result *results, size_t i)
{
    enum { SHOWN = 20 };
    if (!list->f) {
        list->first = i;
        list->f = needed(open_memstream(&list->names, &list->size));
    }
    list->count++;
    if (list->count <= SHOWN)
        fprintf(list->f, "%s%s", list->count > 1 ? ", " : "", results[i].seed);
    else if (list->count == SHOWN + 1)
        fputs(" ...", list->f);
}

/* The problem with the first of these seeds, and which they are; for free. */
static char *problem_of_failing(failing *list, const script_result *results, size_t count,
                                const char *problem)
{
    char *text = NULL;
    size_t size = 0;
    if (!close_text(list->f)) needed(NULL);
    FILE *f = needed(open_memstream(&text, &size));
    fprintf(f, "fails with %zu of %zu seeds: %s\nwith seed %s: %s", list->count, count, list->names,
            results[list->first].seed, problem);
    if (!close_text(f)) needed(NULL);
    free(list->names);
    return text;
}

/* The case of a result with this name, the nth that has it; NULL: it has none. */
static const test_case *case_named(const script_result *r, const char *name, size_t nth)
{
    for (size_t i = 0; i < r->case_count; i++)
        if (strcmp(r->cases[i].name, name) == 0 && nth-- == 0) return &r->cases[i];
    return NULL;
}

static size_t how_many_before(const test_case *cases, size_t count, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += strcmp(cases[i].name, name) == 0;
    return n;
}

/* What became of a case with all seeds. */
static test_case merge_case(const script_result *results, size_t count, const char *name,
                            size_t nth)
{
    failing list = {0};
    test_case merged = {.name = (char *)name};
    for (size_t i = 0; i < count; i++) {
        const test_case *c = case_named(&results[i], name, nth);
        if (!c) continue;
        merged.seconds += c->seconds;
        merged.checks |= c->checks;
        if (c->code == EXIT_PASS) continue;
        if (c->code > merged.code) merged.code = c->code;
        if (!list.f) {
            merged.problem = c->problem;
            merged.exchange = c->exchange;
            merged.seed = results[i].seed;
        }
        add_failing(&list, results, i);
    }
    if (list.f) merged.problem = problem_of_failing(&list, results, count, merged.problem);
    return merged;
}

static void merge_cases(const script_result *results, size_t count, script_result *out)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < results[i].case_count; k++) {
            const char *name = results[i].cases[k].name;
            size_t nth = how_many_before(results[i].cases, k, name);
            if (case_named(out, name, nth)) continue;
            out->cases = needed(realloc(out->cases, (out->case_count + 1) * sizeof *out->cases));
            out->cases[out->case_count] = merge_case(results, count, name, nth);
            out->case_count++;
        }
}

/* What it printed, and the seed, of the first that fails; its problem of the first that has one of
 * its own, besides those of its cases. */
static void take_first(script_result *out, const script_result *r, bool first)
{
    if (first) {
        out->output = r->output;
        out->notes = r->notes;
        out->seed = r->seed;
    }
    if (!*r->problem || *out->problem) return;
    out->exchange = r->exchange;
    out->problem = r->problem;
    out->seed = r->seed;
}

/* It passes if it does with every seed, and is as bad as with the worst. */
void merge_seeds(const script_result *results, size_t count, script_result *out)
{
    failing list = {0};
    *out = results[0];
    out->cases = NULL;
    out->case_count = 0;
    out->code = EXIT_PASS;
    out->mix = 0;
    out->seconds = 0;
    out->problem = "";
    for (size_t i = 0; i < count; i++) {
        const script_result *r = &results[i];
        out->mix += r->mix;
        out->seconds += r->seconds;
        out->made |= r->made;
        out->asserts |= r->asserts;
        out->checks |= r->checks;
        if (r->code == EXIT_PASS) continue;
        take_first(out, r, out->code == EXIT_PASS);
        if (r->code > out->code) out->code = r->code;
        if (*r->problem) add_failing(&list, results, i);
    }
    merge_cases(results, count, out);
    out->problem =
        list.f ? problem_of_failing(&list, results, count, out->problem) : needed(strdup(""));
}

void free_merged(script_result *r)
{
    for (size_t i = 0; i < r->case_count; i++)
        if (r->cases[i].code != EXIT_PASS) free(r->cases[i].problem);
    free(r->cases);
    free((char *)r->problem);
}
