/* drywire figures: the figures of RFCs and textbooks, as runs. */
#include "printing.h"
#include "binding/embedded.h"
#include "command.h"
#include "draw.h"
#include "failure.h"
#include "gallery.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Made by the build from examples/figures/. */
extern const dwl_source dwl_figures[];

static size_t name_length(const dwl_source *f)
{
    return strlen(f->name) - 4; /* without ".lua" */
}

static bool check_figure(const dwl_source *f, outcome *r)
{
    options o = {.watchdog_ms = 10000, .memory = (size_t)512 << 20, .color = "never"};
    o.source = f->text;
    o.source_len = f->len;
    run_silently(f->name, &o, true, r);
    return r->code == EXIT_PASS;
}

static void json_figure(const dwl_source *f, const char *title, bool ok)
{
    printf("%s{\"name\":\"%.*s\",\"title\":\"", f == dwl_figures ? "" : ",", (int)name_length(f),
           f->name);
    print_escaped(stdout, DW_IN_JSON, title);
    printf("\",\"pass\":%s}", ok ? "true" : "false");
}

static void list_figure(const dwl_source *f, int width, bool ok, const char *title)
{
    enum { BEFORE = 10 }; /* blanks and the verdict */
    char line[400];
    snprintf(line, sizeof line, "  %-*.*s  %s  %s", width, (int)name_length(f), f->name,
             ok ? "pass" : "FAIL", title);
    print_wrapped(line, (unsigned)width + BEFORE);
}

/* Each is run: the list says which pass.  A signal ends it, and the JSON is complete even then. */
static int list_figures(const options *o)
{
    int failed = 0, count = 0, width = 0, code = EXIT_PASS;
    for (const dwl_source *f = dwl_figures; f->name; f++)
        if ((int)name_length(f) > width) width = (int)name_length(f);
    if (o->json) printf("[");
    for (const dwl_source *f = dwl_figures; f->name && code < EXIT_SIGNAL; f++) {
        char title[160];
        outcome r;
        bool ok = check_figure(f, &r);
        headline_of(f->text, f->len, title, sizeof title);
        failed += !ok;
        count++;
        if (o->json)
            json_figure(f, title, ok);
        else
            list_figure(f, width, ok, title);
        if (!ok) print_lines(stderr, "", problem_of(&r));
        if (r.code > code) code = r.code;
        free_outcome(&r);
    }
    if (o->json)
        printf("]\n");
    else
        printf("\n%d figures, %d failed\n", count, failed);
    if (code == EXIT_LIMIT || code > EXIT_SIGNAL) return code;
    return failed ? EXIT_FAILED : EXIT_PASS;
}

static const dwl_source *find_figure(const char *name)
{
    for (const dwl_source *f = dwl_figures; f->name; f++)
        if (strlen(name) == name_length(f) && strncmp(f->name, name, name_length(f)) == 0) return f;
    return NULL;
}

/* To be freed; NULL when none is near. */
static char *nearest_figure(const char *name)
{
    size_t count = 0;
    while (dwl_figures[count].name)
        count++;
    char **list = needed(calloc(count + 1, sizeof *list));
    for (size_t i = 0; i < count; i++)
        list[i] = needed(strndup(dwl_figures[i].name, name_length(&dwl_figures[i])));
    const char *near = dw_nearest(name, (const char *const *)list);
    char *copy = near ? needed(strdup(near)) : NULL;
    for (size_t i = 0; i < count; i++)
        free(list[i]);
    free(list);
    return copy;
}

static int unknown_figure(const char *name)
{
    char *near = nearest_figure(name);
    if (near)
        usage_error("figures", "there is no figure \"%s\"; did you mean \"%s\"?", name, near);
    else
        usage_error("figures", "there is no figure \"%s\" (see drywire figures list)", name);
    free(near);
    return EXIT_USAGE;
}

static int show_figure(const options *o, const char *name)
{
    const dwl_source *f = find_figure(name);
    char title[160];
    outcome r;
    if (!f) return unknown_figure(name);
    headline_of(f->text, f->len, title, sizeof title);
    options drawn = *o;
    bool header = o->bytefield && !o->ladder;
    drawn.ladder = !header;
    if (!drawn.ladder_style) { /* a long transfer is shown by what the script prints of it */
        drawn.ladder_style = "rfc";
        drawn.ladder_max = LONGEST_LADDER;
    }
    drawn.source = f->text;
    drawn.source_len = f->len;
    if (!header) printf("%s\n\n", title);
    run_script(f->name, &drawn, false, &r);
    print_lines(stderr, "", problem_of(&r));
    int code = r.code;
    free_outcome(&r);
    return code;
}

int cmd_figures(int argc, char **argv)
{
    options o;
    int code = parse_options(argc, argv, 0, "figures", &o);
    if (code != EXIT_PASS) return code;
    bool shows = o.rest_count == 2 && strcmp(o.rest[0], "show") == 0;
    if (o.rest_count == 2 && strcmp(o.rest[0], "export") == 0)
        return export_gallery(dwl_figures, o.rest[1], &o);
    if (o.rest_count == 0 || (o.rest_count == 1 && strcmp(o.rest[0], "list") == 0))
        return list_figures(&o);
    if (shows) return show_figure(&o, o.rest[1]);
    return usage_error("figures", "write: drywire figures list, show NAME, or export DIRECTORY");
}
