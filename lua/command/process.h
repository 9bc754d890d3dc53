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
    struct job *then; /* started when this one has ended, in its place; or NULL */
    bool (*settled)(const struct job *j); /* asked then: whether that one is left out; or NULL */
    int exit_code;                        /* 128 + signal for a process that was killed */
    double seconds;                       /* how long it ran */
    const char *error;                    /* why it could not be started, or NULL */
} job;

/* Run them all, at most `at_once` at a time.  done, where given, is called for each in the order of
 * the array, as soon as it (with what comes after it by `then`) and all before it
 * have ended.  Where it answers false, those that run are ended and no other is begun or told of.
 *
 * Returns 0; the signal that ended them early (SIGINT, SIGTERM, SIGHUP): those that ran got it,
 * too, and those that had not begun are left out; JOBS_NO_MEMORY, for a process or for what one
 * wrote; or JOBS_NO_DESCRIPTORS: this process may not open as many as it takes to run one. */
enum { JOBS_NO_MEMORY = -1, JOBS_NO_DESCRIPTORS = -2 };
int jobs_run(job *jobs, size_t count, unsigned at_once,
             bool (*done)(job *j, size_t index, void *arg), void *arg);
/* As jobs_run; in a job of MPI its ranks do them, and `at_once` does not matter.  They must not
 * need files that this process alone has. */
int jobs_deal(job *jobs, size_t count, unsigned at_once,
              bool (*done)(job *j, size_t index, void *arg), void *arg);
/* What a status other than 0 means for a command: its exit code, after a message where there is
 * something to say. */
int jobs_failure(const char *command, int status);
void jobs_free(job *jobs, size_t count); /* but not those of `then` */
/* This executable's path. */
const char *own_path(void);

#endif
