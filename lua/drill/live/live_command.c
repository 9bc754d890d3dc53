/* Commands of scripts that a real kernel takes: iproute2 and ethtool, which set up the namespace.
 * Drywire is root here, and what a script may run is listed: what stays in its namespace, ends
 * soon, and reads no file. */
#define _GNU_SOURCE
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What is allowed. */

static const struct {
    const char *program, *object; /* ethtool has options instead */
    const char *verbs[9];         /* ends with NULL; none: any */
} allowed[] = {
    {"ip", "link", {"set", "show", "list", NULL}},
    {"ip", "addr", {"add", "change", "replace", "del", "delete", "flush", "show", "list", NULL}},
    {"ip", "address", {"add", "change", "replace", "del", "delete", "flush", "show", "list", NULL}},
    {"ip", "route", {"add", "change", "replace", "del", "delete", "flush", "show", "get", NULL}},
    {"ip", "tcp_metrics", {"del", "delete", "flush", "show", NULL}},
    {"tc", "qdisc", {"add", "change", "replace", "del", "delete", "show", NULL}},
    {"tc", "class", {"add", "change", "replace", "del", "delete", "show", NULL}},
    {"tc", "filter", {"add", "change", "replace", "del", "delete", "show", NULL}},
    {"ethtool", "-K", {NULL}},
    {"ethtool", "-k", {NULL}},
    {"ethtool", "--offload", {NULL}},
    {"ethtool", "--features", {NULL}},
    {"ethtool", "--show-offload", {NULL}},
    {"ethtool", "--show-features", {NULL}},
};

static bool among(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(word, *words) == 0) return true;
    return false;
}

/* What leads out of the namespace, into files, or to programs of their own. */
static bool leads_out(const char *word)
{
    static const char *const words[] = {"encap",       "bpf", "ebpf", "exec",
                                        "object-file", "obj", "file", "distribution",
                                        "xt",          "ipt", "vrf",  NULL};
    const char *slash = strchr(word, '/');
    bool address = !word[strspn(word, "0123456789abcdefABCDEF.:/")] && !strstr(word, "..");
    if (slash && (!address || strchr(slash + 1, '/'))) return true;
    return word[0] == '-' || strstr(word, "netns") || strncmp(word, "xdp", 3) == 0 ||
           among(word, words);
}

/* What stands behind a verb may be an address with a prefix, but no path and no option: those read
 * files or leave the namespace. */
static bool is_allowed(char *const *words)
{
    static const char *const families[] = {"-4", "-6", NULL};
    const char *program = *words++;
    if (strcmp(program, "ip") == 0 && *words && among(*words, families)) words++;
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        if (!*words || strcmp(allowed[i].program, program) != 0) continue;
        if (strcmp(allowed[i].object, *words) != 0) continue;
        words++;
        if (*words && allowed[i].verbs[0] && !among(*words, allowed[i].verbs)) return false;
        for (; *words; words++)
            if (leads_out(*words)) return false;
        return true;
    }
    return false;
}

/* Running it. */

enum { PATIENCE_MS = 5000, NO_PROGRAM = 127 };

/* In a process group of its own, which ends with us; what it prints is not TAP. */
static void become(pid_t parent, char *const *words)
{
    static const char *const folders[] = {"/usr/sbin", "/usr/bin", "/sbin", "/bin"};
    static char path_variable[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", language[] = "LC_ALL=C";
    char *const environment[] = {path_variable, language, NULL};
    char path[80];
    sigset_t none;
    int nothing = open("/dev/null", O_RDONLY);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(NO_PROGRAM);
    if (nothing >= 0) dup2(nothing, STDIN_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folders[i], words[0]);
        execve(path, words, environment);
    }
    _exit(NO_PROGRAM);
}

/* Its status; false: it takes too long, and is killed. */
static bool await(pid_t child, int *status)
{
    const struct timespec pause = {.tv_nsec = 200000};
    struct timespec began, now;
    clock_gettime(CLOCK_MONOTONIC, &began);
    while (waitpid(child, status, WNOHANG) == 0) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if ((now.tv_sec - began.tv_sec) * 1000 + (now.tv_nsec - began.tv_nsec) / 1000000 >
            PATIENCE_MS) {
            kill(-child, SIGKILL);
            kill(child, SIGKILL);
            waitpid(child, status, 0);
            return false;
        }
        nanosleep(&pause, NULL);
    }
    return true;
}

bool dw_live_execute(dw_command_env *env, char *const *words)
{
    if (!is_allowed(words))
        return dw_drill_stop(env->outcome, DW_DRILL_UNSUPPORTED,
                             "not supported: the command %s %s on a real kernel", words[0],
                             words[1] ? words[1] : "");
    pid_t parent = getpid(), child = fork();
    int status = 0;
    if (child == 0) become(parent, words);
    if (child < 0)
        return dw_drill_stop(env->outcome, DW_DRILL_WRONG, "%s: %s", words[0], strerror(errno));
    if (!await(child, &status))
        return dw_drill_stop(env->outcome, DW_DRILL_FAILED, "the command %s does not end",
                             words[0]);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_PROGRAM)
        return dw_drill_stop(env->outcome, DW_DRILL_UNSUPPORTED,
                             "not supported: there is no command %s", words[0]);
    return dw_drill_stop(env->outcome, DW_DRILL_FAILED, "the command %s failed", words[0]);
}
