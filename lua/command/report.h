/* TAP 13 on standard output and JUnit in a file: results of tests, as they come. */
#ifndef DWL_REPORT_H
#define DWL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct report_totals {
    size_t tests, failures, errors;
    double seconds;
} report_totals;

typedef struct report {
    size_t number, failed;  /* so far */
    bool quiet;             /* say nothing of what passed */
    const char *junit_path; /* or NULL */
    FILE *suites, *suite;   /* JUnit, in memory: whole suites, and the cases of the present one */
    char *suites_text, *suite_text, *suite_name;
    size_t suites_len, suite_len;
    report_totals all, present;
} report;

/* One result.  Texts may be of any bytes. */
typedef struct report_entry {
    const char *suite; /* where it belongs, for JUnit: entries of one come one after the other */
    const char *name;
    int code;            /* enum dwl_exit; EXIT_FAILED is a failure, all others are errors */
    const char *problem; /* printed indented when it did not pass */
    double seconds;      /* of real time */
} report_entry;

/* Before anything runs: whether the file, or one beside it, can be made; false: errno says why not.
 */
bool can_be_written(const char *path);
/* Begin.  junit_path may be NULL.  false, after a message, when it cannot be written. */
bool report_open(report *r, const char *command, const char *junit_path, bool quiet);
void report_case(report *r, const report_entry *e);
/* The JUnit file, and the plan.  EXIT_USAGE or EXIT_LIMIT, after a message, when that is not whole;
 * it is then not there at all, and one that was there before is as it was. */
int report_close(report *r, const char *command);

#endif
