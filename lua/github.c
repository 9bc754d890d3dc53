/* What `drywire test` says to GitHub when it runs there: an annotation at the line of each failure,
 * and a page for the summary of the step, with the exchange that failed. */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_ANNOTATIONS = 10, MOST_PICTURES = 3, MOST_PACKETS = 60 };

struct github {
    const options *o;
    FILE *summary; /* NULL: there is none */
    int scripts, failed;
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
        fprintf(stderr, "drywire test: cannot write the summary %s: %s\n", path, strerror(errno));
    return g;
}

/* A value in a workflow command; in a property, separators too. */
static void put_escaped(const char *s, bool property)
{
    for (; *s; s++) {
        bool special = *s == '%' || *s == '\n' || *s == '\r';
        if (special || (property && (*s == ':' || *s == ',')))
            fprintf(stderr, "%%%02X", (unsigned char)*s);
        else
            fputc(*s, stderr);
    }
}

/* "name.lua:7: what happened": 7; 1 where no line is named. */
static long line_of(const char *path, const char *problem)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *at = strstr(problem, name);
    size_t n = strlen(name);
    return at && at[n] == ':' && strtol(at + n + 1, NULL, 10) > 0 ? strtol(at + n + 1, NULL, 10)
                                                                  : 1;
}

static void annotate(const script_result *r)
{
    fprintf(stderr, "::error file=");
    put_escaped(r->path, true);
    fprintf(stderr, ",line=%ld,title=", line_of(r->path, r->problem));
    put_escaped(*r->title ? r->title : r->path, true);
    fprintf(stderr, "::");
    put_escaped(r->problem, false);
    fprintf(stderr, "\n");
}

/* The exchange, by running the script once more without what it prints. */
static void draw_exchange(const github *g, const char *path)
{
    options o = *g->o;
    outcome r;
    o.mermaid = g->summary;
    o.mermaid_most = MOST_PACKETS;
    run_silently(path, &o, false, &r);
    free_outcome(&r);
}

void github_script(github *g, const script_result *r)
{
    if (!g) return;
    g->scripts++;
    if (r->code == EXIT_PASS) return;
    if (g->failed++ < MOST_ANNOTATIONS) annotate(r);
    if (!g->summary || g->failed > MOST_ANNOTATIONS) return;
    fprintf(g->summary, "<details%s><summary>%s%s%s</summary>\n\n```\n%s\n```\n\n",
            g->failed == 1 ? " open" : "", r->path, *r->title ? ": " : "", r->title, r->problem);
    if (g->failed <= MOST_PICTURES) draw_exchange(g, r->path);
    fprintf(g->summary, "</details>\n\n");
}

void github_close(github *g)
{
    if (!g) return;
    if (g->failed > MOST_ANNOTATIONS)
        fprintf(stderr, "::notice::%d more scripts failed\n", g->failed - MOST_ANNOTATIONS);
    if (g->summary) {
        fprintf(g->summary, "**drywire test**: %d scripts, %d failed\n\n", g->scripts, g->failed);
        fclose(g->summary);
    }
    free(g);
}
