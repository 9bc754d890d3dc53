/* TAP 13 on standard output and JUnit in a file: results of tests, as they come. */
#ifndef DWL_REPORT_H
#define DWL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct report_totals {
    size_t tests, failures, errors, skipped;
    double seconds;
} report_totals;

typedef struct report {
    bool quiet;             /* say nothing of what passed */
    const char *junit_path; /* or NULL */
    FILE *suites;           /* JUnit, in memory */
    char *suites_text;
    size_t suites_len;
    report_totals scripts, cases, all; /* all: JUnit's, which counts cases, and scripts without */
} report;

/* One result, of a script or of a case in it.  Texts may be of any bytes. */
typedef struct report_entry {
    const char *path; /* of the script */
    const char *name;
    int code;             /* enum dwl_exit; EXIT_FAILED is a failure, all others are errors */
    const char *skipped;  /* why it says nothing, where it passed; or NULL */
    const char *problem;  /* of one that did not pass; "": only cases of it did not */
    const char *exchange; /* a ladder, or NULL */
    const char *replay;   /* the command that repeats it, or NULL */
    const char *output;   /* what the script printed, or NULL */
    double seconds;       /* of real time */
} report_entry;

/* Before anything runs: whether the file, or one beside it, can be made; false: errno says why not.
 */
bool can_be_written(const char *path);
/* Begin.  junit_path may be NULL.  false, after a message, when it cannot be written. */
bool report_open(report *r, const char *command, const char *junit_path, bool quiet);
/* A script with its cases, if it has any: in TAP one test with its cases as a subtest, which is
 * indented, so that readers of version 13 pass over it; in JUnit a suite whose testcases are the
 * cases, or the script itself. */
void report_script(report *r, const report_entry *script, const report_entry *cases, size_t count);
/* The line of the script that a problem names first ("name.lua:7: what happened": 7), or 0. */
long problem_line(const char *path, const char *problem);
/* The JUnit file, and the plan.  EXIT_USAGE or EXIT_LIMIT, after a message, when that is not whole;
 * it is then not there at all, and one that was there before is as it was. */
int report_close(report *r, const char *command);

#endif
