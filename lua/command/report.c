/* TAP 13 on standard output and JUnit in a file.
 *
 * Version 13 and not 14: what is written is in both, and Perl's harness takes no 14.  JUnit is
 * collected in memory, since a suite begins with its counts. */
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

/* TAP. */

/* A block of YAML.  Its first line's own indent would be taken for the block's, so it goes. */
static void print_problem(const char *problem)
{
    problem += strspn(problem, " \t\n");
    if (!*problem) return;
    printf("  ---\n  message: |\n");
    print_lines(stdout, "    ", problem);
    printf("  ...\n");
}

static void print_case(const report *r, const report_entry *e)
{
    if (e->code == EXIT_PASS && r->quiet) return;
    printf("%sok %zu - ", e->code == EXIT_PASS ? "" : "not ", r->number);
    print_escaped(stdout, DW_IN_TAP, e->name);
    fputc('\n', stdout);
    if (e->code != EXIT_PASS) print_problem(e->problem);
}

/* JUnit. */

static void put_attribute(FILE *f, const char *name, const char *value)
{
    fprintf(f, " %s=\"", name);
    print_escaped(f, DW_IN_XML_ATTRIBUTE, value);
    fputc('"', f);
}

static void put_totals(FILE *f, const char *element, const char *name, const report_totals *t)
{
    fprintf(f, "<%s", element);
    put_attribute(f, "name", name);
    fprintf(f, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", t->tests, t->failures, t->errors);
    if (strcmp(element, "testsuite") == 0) fprintf(f, " skipped=\"0\"");
    fprintf(f, " time=\"%.3f\">\n", t->seconds);
}

static void count(report_totals *t, const report_entry *e)
{
    t->tests++;
    t->failures += e->code == EXIT_FAILED;
    t->errors += e->code != EXIT_PASS && e->code != EXIT_FAILED;
    t->seconds += e->seconds;
}

static void end_suite(report *r)
{
    if (!r->suite) return;
    fclose(r->suite);
    r->suite = NULL;
    fputs("  ", r->suites);
    put_totals(r->suites, "testsuite", r->suite_name, &r->present);
    fwrite(r->suite_text, 1, r->suite_len, r->suites);
    fputs("  </testsuite>\n", r->suites);
    free(r->suite_text);
    free(r->suite_name);
    r->present = (report_totals){0};
}

static void begin_suite(report *r, const char *name)
{
    if (r->suite && strcmp(r->suite_name, name) == 0) return;
    end_suite(r);
    r->suite_name = strdup(name);
    r->suite = r->suite_name ? open_memstream(&r->suite_text, &r->suite_len) : NULL;
}

static void put_result(FILE *f, const report_entry *e)
{
    const char *element = e->code == EXIT_FAILED ? "failure" : "error";
    char first[200];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(e->problem, "\n"), e->problem);
    fprintf(f, ">\n      <%s type=\"%s\"", element, element);
    put_attribute(f, "message", first);
    fputc('>', f);
    print_escaped(f, DW_IN_XML, e->problem);
    fprintf(f, "</%s>\n    </testcase>\n", element);
}

static void put_case(report *r, const report_entry *e)
{
    begin_suite(r, e->suite);
    if (!r->suite) return;
    fputs("    <testcase", r->suite);
    put_attribute(r->suite, "classname", e->suite);
    put_attribute(r->suite, "name", e->name);
    fprintf(r->suite, " time=\"%.3f\"", e->seconds);
    if (e->code == EXIT_PASS)
        fputs("/>\n", r->suite);
    else
        put_result(r->suite, e);
    count(&r->present, e);
    count(&r->all, e);
}

static int write_junit(report *r, const char *command)
{
    char *text = NULL, why[600] = "out of memory";
    size_t len = 0;
    end_suite(r);
    bool whole = r->all.tests == r->number;
    whole &= close_text(r->suites);
    FILE *f = whole ? open_memstream(&text, &len) : NULL;
    int status = DW_E_NOMEM;
    if (f) {
        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", f);
        put_totals(f, "testsuites", "drywire", &r->all);
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

void report_case(report *r, const report_entry *e)
{
    r->number++;
    r->failed += e->code != EXIT_PASS;
    print_case(r, e);
    if (r->suites) put_case(r, e);
}

int report_close(report *r, const char *command)
{
    int code = r->suites ? write_junit(r, command) : EXIT_PASS;
    signals_before_printing();
    printf("1..%zu\n%zu passed, %zu failed\n", r->number, r->number - r->failed, r->failed);
    return code;
}
