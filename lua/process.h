/* Other processes of the command, on libuv. */
#ifndef DWL_PROCESS_H
#define DWL_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

enum { JOB_PIPES = 3 }; /* standard output, standard error, and descriptor 3 for results */

typedef struct job {
    char **args;           /* NULL-terminated; args[0] is the program */
    char **env;            /* NULL: ours */
    const char *directory; /* NULL: ours */
    char *text[JOB_PIPES]; /* what it wrote, NUL-terminated; jobs_free frees it */
    size_t len[JOB_PIPES];
    int exit_code;     /* 128 + signal for a process that was killed */
    const char *error; /* why it could not be started, or NULL */
} job;

/* Run them all, at most `at_once` at a time.  done, where given, is called for each in the order of
 * the array, as soon as it and all before it have ended.  false: out of memory, for a process or
 * for what one wrote. */
bool jobs_run(job *jobs, size_t count, unsigned at_once,
              void (*done)(job *j, size_t index, void *arg), void *arg);
void jobs_free(job *jobs, size_t count);
/* This executable's path. */
const char *own_path(void);

#endif
