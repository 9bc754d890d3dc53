/* drywire figures export DIRECTORY: a page with every figure, its pictures and the script that made
 * them.  Nothing on it is loaded from elsewhere. */
#include "gallery.h"
#include "printing.h"
#include "binding/embedded.h"
#include "failure.h"
#include "run.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char page_begin[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>drywire: figures</title>\n"
    "<style>\n"
    ":root { color-scheme: light dark; --line: #d0d7de; --soft: #59636e; --page: #fff; --ink: "
    "#1d232a }\n"
    "@media (prefers-color-scheme: dark) { :root { --line: #3a434d; --soft: #97a1ab; --page: "
    "#14181d;"
    " --ink: #e4e8ec } }\n"
    "body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; font: 15px/1.5 system-ui, "
    "sans-serif;"
    " background: var(--page); color: var(--ink) }\n"
    "h1 { font-size: 1.5rem } h2 { font-size: 1.05rem; margin: 0 0 .5rem }\n"
    "nav { columns: 3 16rem; font-size: 13px; margin-bottom: 2rem } nav a { display: block; "
    "margin: 0 0 .3rem; break-inside: avoid }\n"
    "a { color: inherit } nav a { text-decoration: none; color: var(--soft) } nav a:hover { "
    "text-decoration: underline }\n"
    "section { border-top: 1px solid var(--line); padding: 1.25rem 0 }\n"
    "img { display: block; max-width: 100%; height: auto; margin: .5rem 0 }\n"
    "summary { cursor: pointer; color: var(--soft) } pre { overflow-x: auto; font-size: 12.5px;"
    " padding: .75rem; border: 1px solid var(--line); border-radius: 6px }\n"
    "code.name { color: var(--soft); font-weight: 400; font-size: 12.5px }\n"
    "</style></head><body>\n<h1>Figures</h1>\n"
    "<p>Each is a run: the script below a picture made it, and asserts what it shows.</p>\n";

static int make_directory(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST) return EXIT_PASS;
    return usage_error("figures", "cannot make the directory %s: %s", path, strerror(errno));
}

/* FOLDER NAME.svg, NAME-2.svg ..., as many as there are. */
static void add_pictures(FILE *page, const char *directory, const char *folder, const char *name,
                         const char *title)
{
    char path[PATH_MAX], file[200];
    for (int i = 1;; i++) {
        char number[12] = "";
        if (i > 1) snprintf(number, sizeof number, "-%d", i);
        snprintf(file, sizeof file, "%s%s%s.svg", folder, name, number);
        snprintf(path, sizeof path, "%s/%s", directory, file);
        if (access(path, R_OK) != 0) return;
        fprintf(page, "<img loading=\"lazy\" src=\"%s\" alt=\"", file);
        print_escaped(page, DW_IN_XML_ATTRIBUTE, title);
        fprintf(page, "\">\n");
    }
}

/* Run it, write its pictures: SVG, SVG-2 ..., and its plots into a directory; false: it failed, and
 * r says why. */
static bool draw_figure(const dwl_source *f, const char *svg, const char *plots, outcome *r)
{
    options o = {.watchdog_ms = 60000, .memory = (size_t)512 << 20, .color = "never"};
    o.source = f->text;
    o.source_len = f->len;
    o.svg = svg;
    o.plots = plots;
    o.ladder_max = LONGEST_LADDER;
    run_silently(f->name, &o, false, r);
    return r->code == EXIT_PASS;
}

/* Returns its exit code. */
static int add_figure(FILE *page, const dwl_source *f, const char *directory)
{
    char title[200], name[100], svg[PATH_MAX], plots[PATH_MAX];
    outcome r;
    snprintf(name, sizeof name, "%.*s", (int)strlen(f->name) - 4, f->name);
    snprintf(svg, sizeof svg, "%s/%s.svg", directory, name);
    snprintf(plots, sizeof plots, "%s/plots", directory);
    headline_of(f->text, f->len, title, sizeof title);
    if (!draw_figure(f, svg, plots, &r)) {
        const char *problem = problem_of(&r);
        fprintf(stderr, "%s: ", name);
        print_lines(stderr, "", problem ? problem : "failed");
    }
    free_outcome(&r);
    fprintf(page, "<section id=\"%s\"><h2>", name);
    print_escaped(page, DW_IN_XML, title);
    fprintf(page, " <code class=\"name\">%s</code></h2>\n", name);
    add_pictures(page, directory, "plots/", name, title);
    add_pictures(page, directory, "", name, title);
    fprintf(page, "<details><summary>The script</summary><pre>");
    print_escaped_n(page, DW_IN_XML, f->text, f->len);
    fprintf(page, "</pre></details></section>\n");
    return r.code;
}

/* The pictures are written as the figures run, the page when all have; so after a signal there are
 * pictures, but no page that lacks some. */
int export_gallery(const dwl_source *figures, const char *directory)
{
    char path[PATH_MAX], why[600], title[200];
    char *text = NULL;
    size_t len = 0;
    int count = 0, failed = 0, worst = EXIT_PASS, code = make_directory(directory);
    snprintf(path, sizeof path, "%s/plots", directory);
    if (code == EXIT_PASS) code = make_directory(path);
    if (code != EXIT_PASS) return code;
    FILE *page = open_memstream(&text, &len);
    if (!page) return no_memory("figures");
    fputs(page_begin, page);
    fprintf(page, "<nav>\n");
    for (const dwl_source *f = figures; f->name; f++) {
        headline_of(f->text, f->len, title, sizeof title);
        fprintf(page, "<a href=\"#%.*s\">", (int)strlen(f->name) - 4, f->name);
        print_escaped(page, DW_IN_XML, title);
        fprintf(page, "</a>\n");
    }
    fprintf(page, "</nav>\n");
    for (const dwl_source *f = figures; f->name && worst < EXIT_SIGNAL; f++, count++) {
        code = add_figure(page, f, directory);
        failed += code != EXIT_PASS;
        if (code > worst) worst = code;
    }
    fprintf(page, "</body></html>\n");
    snprintf(path, sizeof path, "%s/index.html", directory);
    if (!close_text(page)) {
        free(text);
        return no_memory("figures");
    }
    if (worst > EXIT_SIGNAL) {
        free(text);
        return worst;
    }
    int status = dw_file_write(path, text, len, why, sizeof why);
    free(text);
    if (status != DW_OK) return failure("figures", status, why);
    printf("%d figures, %d failed: ", count, failed);
    print_escaped(stdout, DW_IN_LINE, path);
    putchar('\n');
    if (worst == EXIT_LIMIT) return worst;
    return failed ? EXIT_FAILED : EXIT_PASS;
}
