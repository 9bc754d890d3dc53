/* A child process for each script on the kernel: its namespace ends with it. */
#define _GNU_SOURCE
#include "live.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void child(pid_t parent, const sigset_t *mask, const char *path,
                  const dw_drill_config *config, dw_drill_result *out)
{
    dw_drill_config live = *config;
    live.live = true;
    live.keep = false;
    sigprocmask(SIG_SETMASK, mask, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    dw_drill_file(path, &live, out);
    fflush(stdout);
    if (config->record) fflush(config->record);
    _exit(0);
}

/* What the parent waits for: the child's end, and SIGINT where it is not ignored. */
static void watched(sigset_t *set)
{
    struct sigaction interrupt;
    sigemptyset(set);
    sigaddset(set, SIGCHLD);
    if (sigaction(SIGINT, NULL, &interrupt) == 0 && interrupt.sa_handler != SIG_IGN)
        sigaddset(set, SIGINT);
}

/* Wait for the child; SIGINT, which is blocked until here, ends it. */
static bool await(pid_t pid, const sigset_t *set, int *status)
{
    bool interrupted = false;
    while (waitpid(pid, status, WNOHANG) == 0) {
        if (sigwaitinfo(set, NULL) != SIGINT) continue;
        interrupted = true;
        kill(pid, SIGKILL);
    }
    return interrupted || (WIFSIGNALED(*status) && WTERMSIG(*status) == SIGINT);
}

static int verdict_of(bool interrupted, int status, dw_drill_result *out)
{
    if (interrupted) {
        snprintf(out->why, sizeof out->why, "interrupted");
        return DW_E_INTERRUPT;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        out->verdict = DW_DRILL_FAILED;
        snprintf(out->why, sizeof out->why, "the process that ran the script ended with %s %d",
                 WIFSIGNALED(status) ? "signal" : "code",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
    return out->unable ? DW_E_IO : DW_OK;
}

int dw_drill_live(const char *path, const dw_drill_config *config, dw_drill_result *out)
{
    sigset_t set, mask;
    int status = 0;
    *out = (dw_drill_result){.verdict = DW_DRILL_WRONG, .profile = ""};
    dw_drill_result *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        snprintf(out->why, sizeof out->why, "out of memory");
        return DW_E_NOMEM;
    }
    watched(&set);
    sigprocmask(SIG_BLOCK, &set, &mask);
    fflush(stdout);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) child(parent, &mask, path, config, shared);
    bool interrupted = pid > 0 && await(pid, &set, &status);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    *out = *shared;
    munmap(shared, sizeof *shared);
    if (pid > 0) return verdict_of(interrupted, status, out);
    snprintf(out->why, sizeof out->why, "no process for the script: %s", strerror(errno));
    return DW_E_IO;
}
