/* TAP 13 on standard output and JUnit in a file.
 *
 * Version 13 and not 14: what is written is in both, and Perl's harness takes no 14.  JUnit is
 * collected in memory, since it begins with its counts; its elements and attributes are those that
 * the schema of Jenkins' xUnit plug-in has (tests/cli/junit.rng). */
#include "report.h"
#include "printing.h"
#include "failure.h"
#include "signals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool can_be_written(const char *path)
{
    struct stat st;
    const char *slash = strrchr(path, '/');
    char directory[4096] = ".";
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) errno = EISDIR;
    if (stat(path, &st) == 0) return !S_ISDIR(st.st_mode) && access(path, W_OK) == 0;
    if (slash) snprintf(directory, sizeof directory, "%.*s", (int)(slash - path + 1), path);
    return access(directory, W_OK) == 0;
}

bool report_open(report *r, const char *command, const char *junit_path, bool quiet)
{
    *r = (report){.quiet = quiet, .junit_path = junit_path};
    if (junit_path && can_be_written(junit_path))
        r->suites = open_memstream(&r->suites_text, &r->suites_len);
    if (junit_path && !r->suites && errno == ENOMEM) needed(NULL);
    if (junit_path && !r->suites) {
        usage_error(command, "cannot write %s: %s", junit_path, strerror(errno));
        return false;
    }
    printf("TAP version 13\n");
    return true;
}

long problem_line(const char *path, const char *problem)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t n = strlen(name);
    for (const char *at = problem; (at = strstr(at, name)) != NULL; at += n) {
        long line = at[n] == ':' ? strtol(at + n + 1, NULL, 10) : 0;
        if (line > 0) return line;
    }
    return 0;
}

static bool passed(const report_entry *e)
{
    return e->code == EXIT_PASS;
}

/* TAP. */

/* A block of text.  Its first line's own indent would be taken for the block's, so it goes. */
static void print_block(const char *indent, const char *key, const char *text)
{
    char front[16];
    text += strspn(text, " \t\n");
    if (!*text) return;
    printf("%s%s: |\n", indent, key);
    snprintf(front, sizeof front, "%s  ", indent);
    print_lines(stdout, front, text);
}

/* In YAML's single quotes. */
static void print_quoted(const char *text)
{
    putchar('\'');
    for (size_t n; *text; text += n) {
        n = strcspn(text, "'");
        print_escaped_n(stdout, DW_IN_LINE, text, n);
        if (text[n]) fputs("''", stdout);
        n += text[n] != 0;
    }
    putchar('\'');
}

/* A block of YAML for who reads that: what went wrong, where, how long it took, how to see it. */
static void print_problem(const char *indent, const report_entry *e, const char *problem)
{
    char inner[12];
    snprintf(inner, sizeof inner, "%s  ", indent);
    long line = problem_line(e->path, problem);
    printf("%s---\n", inner);
    print_block(inner, "message", problem);
    printf("%sseverity: %s\n%sfile: ", inner, e->code == EXIT_FAILED ? "fail" : "error", inner);
    print_quoted(e->path);
    if (line) printf("\n%sline: %ld", inner, line);
    printf("\n%sduration_ms: %.3f\n", inner, e->seconds * 1e3);
    if (e->replay) print_block(inner, "replay", e->replay);
    if (e->exchange && *e->exchange) {
        printf("%sladder: |\n%s  the end of the exchange:\n", inner, inner);
        char front[16];
        snprintf(front, sizeof front, "%s  ", inner);
        print_lines(stdout, front, e->exchange);
    }
    printf("%s...\n", inner);
}

static void print_result(const report *r, const char *indent, size_t number, const report_entry *e,
                         const char *problem)
{
    if (passed(e) && r->quiet) return;
    printf("%s%sok %zu - ", indent, passed(e) ? "" : "not ", number);
    print_escaped(stdout, DW_IN_TAP, e->name);
    if (passed(e) && e->skipped)
        printf(" # SKIP %s\n", e->skipped);
    else
        printf(" # time=%.3fms\n", e->seconds * 1e3);
    if (!passed(e)) print_problem(indent, e, problem);
}

/* What is said of a script that has no problem but those of its cases. */
static char *cases_that_failed(const report_entry *cases, size_t count)
{
    char *text = NULL;
    size_t size = 0, failed = 0;
    FILE *f = needed(open_memstream(&text, &size));
    for (size_t i = 0; i < count; i++)
        failed += !passed(&cases[i]);
    fprintf(f, "%zu of %zu cases did not pass", failed, count);
    for (size_t i = 0; i < count; i++)
        if (!passed(&cases[i])) fprintf(f, "\n%s", cases[i].name);
    if (!close_text(f)) needed(NULL);
    return text;
}

static void print_script(const report *r, const report_entry *script, const report_entry *cases,
                         size_t count)
{
    char *problem = NULL;
    if (count > 0 && !(r->quiet && passed(script))) {
        printf("    # Subtest: ");
        print_escaped(stdout, DW_IN_TAP, script->name);
        putchar('\n');
        for (size_t i = 0; i < count; i++)
            print_result(r, "    ", i + 1, &cases[i], cases[i].problem);
        printf("    1..%zu\n", count);
    }
    if (!passed(script) && !*script->problem) problem = cases_that_failed(cases, count);
    print_result(r, "", r->scripts.tests, script, problem ? problem : script->problem);
    free(problem);
}

/* JUnit. */

static void put_attribute(FILE *f, const char *name, const char *value)
{
    fprintf(f, " %s=\"", name);
    print_escaped(f, DW_IN_XML_ATTRIBUTE, value);
    fputc('"', f);
}

static void put_totals(FILE *f, const report_totals *t)
{
    fprintf(f, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", t->tests, t->failures, t->errors);
    fprintf(f, " time=\"%.3f\"", t->seconds);
}

static void count(report_totals *t, const report_entry *e)
{
    t->tests++;
    t->failures += e->code == EXIT_FAILED;
    t->errors += !passed(e) && e->code != EXIT_FAILED;
    t->skipped += passed(e) && e->skipped;
    t->seconds += e->seconds;
}

static void put_element(FILE *f, const char *indent, const char *name, const char *text)
{
    fprintf(f, "%s<%s>", indent, name);
    print_escaped(f, DW_IN_XML, text);
    fprintf(f, "</%s>\n", name);
}

static void put_problem(FILE *f, const report_entry *e)
{
    const char *element = e->code == EXIT_FAILED ? "failure" : "error";
    char first[200];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(e->problem, "\n"), e->problem);
    fprintf(f, "      <%s type=\"%s\"", element, element);
    put_attribute(f, "message", first);
    fputc('>', f);
    print_escaped(f, DW_IN_XML, e->problem);
    if (e->replay) fputs("\n\n", f);
    if (e->replay) print_escaped(f, DW_IN_XML, e->replay);
    fprintf(f, "</%s>\n", element);
}

/* GitLab links a testcase by an attribute that strict readers do not have: Jenkins' xUnit plug-in
 * refuses a report with it. */
static bool on_gitlab(void)
{
    const char *says = getenv("GITLAB_CI");
    return says && strcmp(says, "true") == 0;
}

static void put_case(FILE *f, const report_entry *e)
{
    fputs("    <testcase", f);
    put_attribute(f, "classname", e->path);
    size_t n = strlen(e->path); /* which a script's name begins with */
    bool twice = strncmp(e->name, e->path, n) == 0 && strncmp(e->name + n, ": ", 2) == 0;
    put_attribute(f, "name", twice ? e->name + n + 2 : e->name);
    if (on_gitlab()) put_attribute(f, "file", e->path);
    fprintf(f, " time=\"%.3f\"", e->seconds);
    if (passed(e) && !e->skipped) {
        fputs("/>\n", f);
        return;
    }
    fputs(">\n", f);
    if (passed(e)) {
        fputs("      <skipped", f);
        put_attribute(f, "message", e->skipped);
        fputs("/>\n", f);
    } else {
        put_problem(f, e);
        if (e->exchange && *e->exchange) put_element(f, "      ", "system-out", e->exchange);
    }
    fputs("    </testcase>\n", f);
}

static void put_suite(report *r, const report_entry *script, const report_entry *cases, size_t n)
{
    report_totals t = {0};
    report_entry whole = *script;
    bool itself = n == 0 || (!passed(script) && *script->problem);
    if (n > 0) whole.seconds = 0; /* the cases have it */
    for (size_t i = 0; i < n; i++)
        count(&t, &cases[i]);
    if (itself) count(&t, &whole);
    fputs("  <testsuite", r->suites);
    put_attribute(r->suites, "name", script->path);
    put_attribute(r->suites, "file", script->path);
    put_totals(r->suites, &t);
    fprintf(r->suites, " skipped=\"%zu\">\n", t.skipped);
    for (size_t i = 0; i < n; i++)
        put_case(r->suites, &cases[i]);
    if (itself) put_case(r->suites, &whole);
    if (!passed(script) && script->output)
        put_element(r->suites, "    ", "system-out", script->output);
    fputs("  </testsuite>\n", r->suites);
    r->all.tests += t.tests;
    r->all.failures += t.failures;
    r->all.errors += t.errors;
    r->all.seconds += t.seconds;
}

static int write_junit(report *r, const char *command)
{
    char *text = NULL, why[600] = "out of memory";
    size_t len = 0;
    FILE *f = close_text(r->suites) ? open_memstream(&text, &len) : NULL;
    int status = DW_E_NOMEM;
    if (f) {
        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"drywire\"", f);
        put_totals(f, &r->all);
        fputs(">\n", f);
        fwrite(r->suites_text, 1, r->suites_len, f);
        fputs("</testsuites>\n", f);
        if (close_text(f)) status = dw_file_write(r->junit_path, text, len, why, sizeof why);
        free(text);
    }
    free(r->suites_text);
    if (status == DW_OK) return EXIT_PASS;
    usage_error(command, "--junit: %s", why);
    return status == DW_E_NOMEM ? EXIT_LIMIT : EXIT_USAGE;
}

void report_script(report *r, const report_entry *script, const report_entry *cases, size_t n)
{
    count(&r->scripts, script);
    for (size_t i = 0; i < n; i++)
        count(&r->cases, &cases[i]);
    print_script(r, script, cases, n);
    if (r->suites) put_suite(r, script, cases, n);
}

static void print_totals(const char *what, const report_totals *t)
{
    size_t failed = t->failures + t->errors;
    printf("# %zu %s%s: %zu passed, %zu failed", t->tests, what, t->tests == 1 ? "" : "s",
           t->tests - failed - t->skipped, failed);
    if (t->skipped) printf(", %zu skipped", t->skipped);
    putchar('\n');
}

int report_close(report *r, const char *command)
{
    int code = r->suites ? write_junit(r, command) : EXIT_PASS;
    signals_before_printing();
    printf("1..%zu\n", r->scripts.tests);
    print_totals("script", &r->scripts);
    if (r->cases.tests > 0) print_totals("case", &r->cases);
    return code;
}
