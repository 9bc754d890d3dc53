/* The shell commands of a script.  No shell is ever run: what a command would have set in a kernel
 * is set on the host, and what it would have asked is answered. */
#include "command.h"

#include <string.h>

/* name=value, where the name may be a path: /proc/sys/net/ipv4/tcp_ecn, /sys/module/... */
static bool assignment(dw_command_env *env, const char *word)
{
    static const char proc[] = "/proc/sys/";
    char name[120];
    if (strncmp(word, "/sys/", 5) == 0) word++;
    const char *equals = strchr(word, '=');
    if (!equals || equals == word)
        return dw_drill_unsupported(env->outcome, "reading the sysctl %s", word);
    if (strncmp(word, proc, sizeof proc - 1) == 0) word += sizeof proc - 1;
    snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
    for (char *c = name; *c; c++)
        if (*c == '/') *c = '.';
    return env->sysctl(env, name, equals + 1);
}

static bool assignments(dw_command_env *env, dw_words *w)
{
    for (size_t i = 1; i < w->count; i++) {
        bool option = w->word[i][0] == '-';
        if (option && strspn(w->word[i] + 1, "qweN") != strlen(w->word[i]) - 1)
            return dw_drill_unsupported(env->outcome, "%s %s", w->word[0], w->word[i]);
        if (!option && !assignment(env, w->word[i])) return false;
    }
    return true;
}

/* The base configuration of the suites for Linux is what the linux profile has, but for these. */
bool dw_drill_default_sysctls(dw_command_env *env)
{
    static const char *const base[][2] = {
        {"net.ipv4.tcp_rmem", "4096 540000 15728640"},
        {"net.ipv4.tcp_wmem", "4096 262144 4194304"},
        {"net.ipv4.tcp_syn_retries", "5"},
        {"net.ipv4.tcp_fastopen", "0x70403"},
        {"net.ipv4.tcp_fastopen_key", "a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4"},
        {"net.ipv4.tcp_ecn", "0"},
        {"net.ipv4.tcp_slow_start_after_idle", "0"},
    };
    for (size_t i = 0; i < sizeof base / sizeof base[0]; i++)
        if (!env->sysctl(env, base[i][0], base[i][1])) return false;
    return !env->host || dw_drill_set_option(env, "tcp_metrics", "fast_open_cookies", "forget");
}

/* echo VALUE > /proc/sys/... */
static bool echo(dw_command_env *env, dw_words *w)
{
    char word[2 * DW_WORD_SIZE];
    if (!w->target[0]) {
        for (size_t i = 1; i < w->count; i++)
            dw_words_print(w, "%s%s", i > 1 ? " " : "", w->word[i]);
        dw_words_print(w, "\n");
        return true;
    }
    if (strcmp(w->target, "/dev/null") == 0) return true;
    snprintf(word, sizeof word, "%s=%s", w->target, w->count > 1 ? w->word[1] : "");
    return assignment(env, word);
}

static bool nothing(dw_command_env *env, dw_words *w)
{
    (void)env;
    (void)w;
    return true;
}

static bool cat(dw_command_env *env, dw_words *w)
{
    for (size_t i = 1; i < w->count; i++)
        if (!dw_drill_print_file(env, w, w->word[i])) return false;
    if (w->count == 1) memcpy(w->output, w->input, sizeof w->output);
    return true;
}

/* Real programs, without a shell; what they set is the namespace's own. */
static bool execute(dw_command_env *env, dw_words *w)
{
    char *list[DW_MAX_WORDS + 1] = {0};
    if (w->piped || w->into_pipe) return dw_drill_unsupported(env->outcome, "a pipe of commands");
    if (w->target[0] && strcmp(w->target, "/dev/null") != 0)
        return dw_drill_unsupported(env->outcome, "%s into the file %s", w->word[0], w->target);
    for (size_t i = 0; i < w->count; i++)
        list[i] = w->word[i];
    return env->execute(env, list);
}

enum where { ANYWHERE, SIMULATED, REAL_TOO };
static const struct {
    const char *name;
    bool (*run)(dw_command_env *env, dw_words *w);
    uint8_t where; /* enum where; REAL_TOO: a real kernel takes the program itself */
} commands[] = {
    {"grep", dw_drill_grep, SIMULATED},
    {"wc", dw_drill_wc, SIMULATED},
    {"cat", cat, SIMULATED},
    {"nstat", dw_drill_nstat, SIMULATED},
    {"sysctl", assignments, ANYWHERE},
    {"set_sysctls.py", assignments, ANYWHERE},
    {"ip", dw_drill_ip, REAL_TOO},
    {"tc", dw_drill_tc, REAL_TOO},
    {"ethtool", dw_drill_ethtool, REAL_TOO},
    {"dd", dw_drill_dd, SIMULATED},
    {"truncate", dw_drill_truncate, SIMULATED},
    {"rm", dw_drill_rm, SIMULATED},
    {"sockstat", dw_drill_sockstat, SIMULATED},
    {"tcpdrop", dw_drill_tcpdrop, SIMULATED},
    {"echo", echo, ANYWHERE},
    {"true", nothing, ANYWHERE},
    {":", nothing, ANYWHERE},
    {"sleep", nothing, ANYWHERE},
    {"set", nothing, ANYWHERE},
    {"exit", nothing, ANYWHERE},
    {"kldstat", nothing, SIMULATED}, /* FreeBSD's modules are there */
    {"kldload", nothing, SIMULATED},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

bool dw_drill_is_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0) return true;
    return false;
}

bool dw_drill_do_words(dw_command_env *env, dw_words *w)
{
    DW_ASSERT(w->count > 0);
    const char *name = dw_base_name(w->word[0]);
    bool real = env->execute != NULL;
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) != 0) continue;
        if (real && commands[i].where == SIMULATED)
            return dw_drill_unsupported(env->outcome, "the command %s on a real kernel", name);
        return real && commands[i].where == REAL_TOO ? execute(env, w) : commands[i].run(env, w);
    }
    return dw_drill_unsupported(env->outcome, "the command %s", name);
}
