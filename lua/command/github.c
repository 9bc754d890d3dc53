/* What `drywire test` says to GitHub when it runs there: an annotation at the line of each failure,
 * and a page for the summary of the step, with the exchange that failed. */
#include "printing.h"
#include "failure.h"
#include "report.h"
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_ANNOTATIONS = 10, MAX_PICTURES = 3, MAX_PACKETS = 60 };

struct github {
    const options *o;
    FILE *summary; /* NULL: there is none */
    int scripts, failed, annotations;
};

static bool on_github(void)
{
    const char *says = getenv("GITHUB_ACTIONS");
    return says && strcmp(says, "true") == 0;
}

github *github_open(const options *o)
{
    github *g = on_github() ? needed(calloc(1, sizeof *g)) : NULL;
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    if (!g) return NULL;
    g->o = o;
    if (path && *path) g->summary = fopen(path, "a");
    if (path && *path && !g->summary)
        usage_error("test", "cannot write the summary %s: %s", path, strerror(errno));
    return g;
}

/* GitHub takes paths from the root of its copy of the repository; another file stays as named. */
static void print_path(const char *path)
{
    const char *workspace = getenv("GITHUB_WORKSPACE");
    char *root = workspace && *workspace ? realpath(workspace, NULL) : NULL;
    char *file = root ? realpath(path, NULL) : NULL;
    size_t n = root ? strlen(root) : 0;
    if (n == 1) n = 0; /* "/" */
    bool below = file && strncmp(file, root, n) == 0 && file[n] == '/';
    print_escaped(stderr, DW_IN_GITHUB_PROPERTY, below ? file + n + 1 : path);
    free(file);
    free(root);
}

/* what: the case that failed, or NULL. */
static void annotate(github *g, const script_result *r, const char *what, const char *problem)
{
    if (g->annotations++ >= MAX_ANNOTATIONS) return;
    fprintf(stderr, "::error file=");
    print_path(r->path);
    long line = problem_line(r->path, problem);
    fprintf(stderr, ",line=%ld,title=", line ? line : 1);
    print_escaped(stderr, DW_IN_GITHUB_PROPERTY, *r->title ? r->title : r->path);
    if (what) fprintf(stderr, "%%3A ");
    if (what) print_escaped(stderr, DW_IN_GITHUB_PROPERTY, what);
    fprintf(stderr, "::");
    print_escaped(stderr, DW_IN_GITHUB, problem);
    fprintf(stderr, "\n");
}

/* A block of code may hold anything but a fence as long as its own. */
static void put_fence(FILE *f, const char *text)
{
    size_t max = 2, run = 0;
    for (; *text; text++) {
        run = *text == '`' ? run + 1 : 0;
        if (run > max) max = run;
    }
    for (size_t i = 0; i <= max; i++)
        fputc('`', f);
}

static void put_problem(FILE *f, const char *what, const char *problem)
{
    put_fence(f, problem);
    fputc('\n', f);
    if (what) print_escaped(f, DW_IN_LINE, what);
    if (what) fputs(":\n", f);
    print_escaped(f, DW_IN_LINES, problem);
    fputc('\n', f);
    put_fence(f, problem);
    fputs("\n\n", f);
}

/* Each case that failed, and what went wrong besides. */
static void each_problem(github *g, const script_result *r, bool in_summary)
{
    for (size_t i = 0; i < r->case_count; i++) {
        const test_case *c = &r->cases[i];
        if (c->problem && in_summary)
            put_problem(g->summary, c->name, c->problem);
        else if (c->problem)
            annotate(g, r, c->name, c->problem);
    }
    if (!*r->problem) return;
    if (in_summary)
        put_problem(g->summary, NULL, r->problem);
    else
        annotate(g, r, NULL, r->problem);
}

/* The exchange, by running the script once more without what it prints. */
static void draw_exchange(const github *g, const char *path)
{
    options o = *g->o;
    outcome r;
    o.mermaid = g->summary;
    o.mermaid_max = MAX_PACKETS;
    run_silently(path, &o, false, &r);
    free_outcome(&r);
}

/* In HTML: one line, since an empty one would end it. */
static void put_heading(FILE *f, const char *text)
{
    print_escaped(f, DW_IN_XML_ATTRIBUTE, text);
}

void github_script(github *g, const script_result *r)
{
    if (!g) return;
    g->scripts++;
    if (r->code == EXIT_PASS) return;
    g->failed++;
    each_problem(g, r, false);
    if (!g->summary || g->failed > MAX_ANNOTATIONS) return;
    fprintf(g->summary, "<details%s><summary>", g->failed == 1 ? " open" : "");
    put_heading(g->summary, r->path);
    if (*r->title) fputs(": ", g->summary);
    put_heading(g->summary, r->title);
    fprintf(g->summary, "</summary>\n\n");
    each_problem(g, r, true);
    if (g->failed <= MAX_PICTURES) draw_exchange(g, r->path);
    fprintf(g->summary, "</details>\n\n");
}

void github_close(github *g)
{
    if (!g) return;
    if (g->annotations > MAX_ANNOTATIONS)
        fprintf(stderr, "::notice::%d more failures\n", g->annotations - MAX_ANNOTATIONS);
    if (g->summary) {
        fprintf(g->summary, "**drywire test**: %d script%s, %d failed\n\n", g->scripts,
                g->scripts == 1 ? "" : "s", g->failed);
        bool failed = ferror(g->summary);
        if (fclose(g->summary) != 0 || failed)
            fprintf(stderr, "drywire test: cannot write the summary\n");
    }
    free(g);
}
