/* TAP 14 on standard output and JUnit in a file. */
#include "report.h"

#include "command.h"

#include <errno.h>
#include <string.h>

bool report_open(report *r, const char *command, const char *junit_path, bool quiet)
{
    *r = (report){.quiet = quiet, .junit_path = junit_path};
    if (junit_path) {
        r->junit = fopen(junit_path, "w");
        if (!r->junit && errno == ENOMEM) needed(NULL);
        if (!r->junit) {
            usage_error(command, "cannot write %s: %s", junit_path, strerror(errno));
            return false;
        }
        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite "
              "name=\"drywire\">\n",
              r->junit);
    }
    printf("TAP version 14\n");
    return true;
}

bool report_close(report *r, const char *command)
{
    printf("1..%zu\n%zu passed, %zu failed\n", r->number, r->number - r->failed, r->failed);
    if (!r->junit) return true;
    fputs("  </testsuite>\n</testsuites>\n", r->junit);
    if (fclose(r->junit) == 0) return true;
    usage_error(command, "cannot write %s", r->junit_path);
    return false;
}

static void xml_text(FILE *f, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '<')
            fputs("&lt;", f);
        else if (c == '>')
            fputs("&gt;", f);
        else if (c == '&')
            fputs("&amp;", f);
        else if (c == '"')
            fputs("&quot;", f);
        else if (c >= 0x20 || c == '\n' || c == '\t')
            fputc(c, f);
    }
}

void report_case(report *r, const char *suite, const char *name, size_t name_len, bool ok,
                 const char *problem, size_t problem_len)
{
    r->number++;
    r->failed += !ok;
    if (!ok || !r->quiet)
        printf("%sok %zu - %.*s\n", ok ? "" : "not ", r->number, (int)name_len, name);
    if (!ok && problem_len) {
        printf("  ---\n  message: |\n");
        for (size_t i = 0; i < problem_len;) {
            size_t n = strcspn(problem + i, "\n");
            if (i + n > problem_len) n = problem_len - i;
            printf("    %.*s\n", (int)n, problem + i);
            i += n + 1;
        }
        printf("  ...\n");
    }
    if (!r->junit) return;
    fputs("    <testcase classname=\"", r->junit);
    xml_text(r->junit, suite, strlen(suite));
    fputs("\" name=\"", r->junit);
    xml_text(r->junit, name, name_len);
    if (ok) {
        fputs("\"/>\n", r->junit);
        return;
    }
    fputs("\">\n      <failure message=\"failed\">", r->junit);
    xml_text(r->junit, problem, problem_len);
    fputs("</failure>\n    </testcase>\n", r->junit);
}
