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

/* What the parent may be told to do is no news to the child: it is killed with it. */
static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { ENDING_SIGNALS = sizeof ending_signals / sizeof ending_signals[0] };

static void child(pid_t parent, const sigset_t *mask, const char *path,
                  const dw_drill_config *config, dw_drill_result *out)
{
    dw_drill_config live = *config;
    live.world = &dw_drill_live_world;
    live.keep = false;
    live.ended = NULL;
    for (int i = 0; i < ENDING_SIGNALS; i++)
        signal(ending_signals[i], SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    dw_drill_file(path, &live, out);
    fflush(stdout);
    _exit(!config->record || fflush(config->record) == 0 ? 0 : 1);
}

static void wake(int number)
{
    (void)number;
}

/* Wait for the child; a signal for which config->ended has an ear ends it.  All of them are blocked
 * but for in here, so that none comes between the question and the sleep. */
static bool await(pid_t pid, const dw_drill_config *config, const sigset_t *mask, int *status)
{
    const struct sigaction waking = {.sa_handler = wake};
    struct sigaction before;
    bool ended = false;
    sigaction(SIGCHLD, &waking, &before);
    while (waitpid(pid, status, WNOHANG) == 0) {
        if (!ended && config->ended && config->ended() != 0) {
            ended = true;
            kill(pid, SIGKILL);
        }
        sigsuspend(mask);
    }
    sigaction(SIGCHLD, &before, NULL);
    return ended;
}

static int verdict_of(bool ended, int status, dw_drill_result *out)
{
    if (ended) {
        snprintf(out->why, sizeof out->why, "ended by a signal");
        return DW_E_INTERRUPT;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        out->verdict = DW_DRILL_FAILED;
        const char *how = "code";
        int number = WEXITSTATUS(status);
        if (WIFSIGNALED(status)) {
            how = "signal";
            number = WTERMSIG(status);
        }
        snprintf(out->why, sizeof out->why, "the process that ran the script ended with %s %d", how,
                 number);
    }
    return out->unable ? DW_E_IO : DW_OK;
}

/* The child writes its record into a file without a name; what it has written goes on from there.
 */
static bool copy_record(FILE *from, FILE *to)
{
    char bytes[4096];
    size_t n;
    rewind(from);
    while ((n = fread(bytes, 1, sizeof bytes, from)) > 0)
        if (fwrite(bytes, 1, n, to) != n) return false;
    return !ferror(from);
}

static FILE *nameless_file(void)
{
    int fd = memfd_create("record", MFD_CLOEXEC);
    FILE *f = fd >= 0 ? fdopen(fd, "w+b") : NULL;
    if (fd >= 0 && !f) close(fd);
    return f;
}

static int run_child(const char *path, const dw_drill_config *config, dw_drill_result *shared,
                     dw_drill_result *out)
{
    sigset_t set, mask;
    int status = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (int i = 0; i < ENDING_SIGNALS; i++)
        sigaddset(&set, ending_signals[i]);
    sigprocmask(SIG_BLOCK, &set, &mask);
    fflush(stdout);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) child(parent, &mask, path, config, shared);
    int error = errno;
    bool ended = pid > 0 && await(pid, config, &mask, &status);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    *out = *shared;
    if (pid > 0) return verdict_of(ended, status, out);
    snprintf(out->why, sizeof out->why, "no process for the script: %s", strerror(error));
    return DW_E_IO;
}

int dw_drill_live(const char *path, const dw_drill_config *config, dw_drill_result *out)
{
    dw_drill_config own = *config;
    *out = (dw_drill_result){.verdict = DW_DRILL_WRONG, .profile = ""};
    dw_drill_result *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        snprintf(out->why, sizeof out->why, "out of memory");
        return DW_E_NOMEM;
    }
    int status = DW_E_IO;
    if (config->record && !(own.record = nameless_file()))
        snprintf(out->why, sizeof out->why, "no file for the record: %s", strerror(errno));
    else
        status = run_child(path, &own, shared, out);
    munmap(shared, sizeof *shared);
    if (!own.record) return status;
    if (status == DW_OK && !copy_record(own.record, config->record)) status = DW_E_NOMEM;
    fclose(own.record);
    return status;
}
