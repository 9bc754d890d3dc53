/* TAP 14 on standard output and JUnit in a file: results of tests, as they come. */
#ifndef DWL_REPORT_H
#define DWL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct report {
    size_t number, failed; /* so far */
    bool quiet;            /* say nothing of what passed */
    FILE *junit;           /* into text, which becomes a file when it is whole; or NULL */
    char *text;
    size_t len;
    const char *junit_path;
} report;

/* Begin.  junit_path may be NULL.  false, after a message, when it cannot be written. */
bool report_open(report *r, const char *command, const char *junit_path, bool quiet);
/* One case.  suite is where it belongs, for JUnit; problem is printed indented when it failed. */
void report_case(report *r, const char *suite, const char *name, size_t name_len, bool ok,
                 const char *problem, size_t problem_len);
/* The plan.  false, after a message, when the JUnit file is not whole. */
bool report_close(report *r, const char *command);

#endif
