/* Shell commands of a script.  No shell is ever run: what a command would have set in a kernel is
 * set on the host, and what it would have asked is answered. */
#include "drill_run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool dw_drill_unsupported(dw_drill_run *run, const char *format, const char *a, const char *b)
{
    char what[300];
    snprintf(what, sizeof what, format, a, b);
    return dw_drill_stop(run, DW_DRILL_UNSUPPORTED, "not supported: %s", what);
}

/* name=value, where the name may be a path: /proc/sys/net/ipv4/tcp_ecn, /sys/module/... */
static bool assignment(dw_drill_run *run, const char *word)
{
    static const char proc[] = "/proc/sys/";
    char name[120];
    if (strncmp(word, "/sys/", 5) == 0) word++;
    const char *equals = strchr(word, '=');
    if (!equals || equals == word)
        return dw_drill_unsupported(run, "reading the sysctl %s%s", word, "");
    if (strncmp(word, proc, sizeof proc - 1) == 0) word += sizeof proc - 1;
    snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
    for (char *c = name; *c; c++)
        if (*c == '/') *c = '.';
    return run->world->sysctl(run, name, equals + 1);
}

/* Words of a command: quotes keep blanks, $((a*b)) is worked out. */

enum { MOST_WORDS = 64, WORD_SIZE = 256 };

typedef struct words {
    char word[MOST_WORDS][WORD_SIZE];
    size_t count;
    char target[WORD_SIZE]; /* where the output goes */
} words;

/* A product of numbers is all the arithmetic there is: $((15*1024*1024)). */
static const char *arithmetic(const char *at, char *out, size_t size)
{
    int64_t product = 1;
    if (strncmp(at, "$((", 3) != 0) return NULL;
    at += 3;
    while (*at && *at != ')') {
        char *end;
        long long n = strtoll(at, &end, 0);
        if (end == at || __builtin_mul_overflow(product, (int64_t)n, &product)) return NULL;
        at = end + strspn(end, " *");
    }
    snprintf(out, size, "%" PRId64, product);
    return strncmp(at, "))", 2) == 0 ? at + 2 : NULL;
}

/* One word, or an operator ("|", ";", "&&", ">"), from at on; returns what follows it. */
static const char *take_word(const char *at, char out[WORD_SIZE])
{
    size_t n = 0;
    char quote = 0;
    const char *after;
    if (*at == '|' || *at == ';' || *at == '\n' || *at == '>' || *at == '&') {
        size_t len = (at[0] == '&' || at[0] == '|') && at[1] == at[0] ? 2 : 1;
        snprintf(out, WORD_SIZE, "%.*s", (int)len, *at == '\n' ? ";" : at);
        return at + len;
    }
    for (; *at && n < WORD_SIZE - 24; at++) {
        if (quote ? *at == quote : *at == '"' || *at == '\'') {
            quote = quote ? 0 : *at;
        } else if ((after = arithmetic(at, out + n, 24)) != NULL) {
            n += strlen(out + n);
            at = after - 1;
        } else if (!quote && (strchr(" \t\r\n;|&>", *at) || (at[0] == '\\' && at[1] == '\n'))) {
            break;
        } else {
            out[n++] = *at;
        }
    }
    out[n] = 0;
    return at;
}

/* The words up to the next ; or && or the end.  Redirections go nowhere. */
static const char *take_command(const char *at, words *w)
{
    char word[WORD_SIZE];
    w->count = 0;
    w->target[0] = 0;
    for (;;) {
        at += strspn(at, " \t\r");
        if (at[0] == '\\' && (at[1] == '\n' || at[1] == '\r')) { /* the command goes on */
            at += 2;
            continue;
        }
        if (!*at) return at;
        if (*at == '#') {
            at += strcspn(at, "\n");
            continue;
        }
        at = take_word(at, word);
        if (strcmp(word, ";") == 0 || strcmp(word, "&&") == 0 || strcmp(word, "||") == 0) return at;
        bool descriptor = *at == '>' && (strcmp(word, "1") == 0 || strcmp(word, "2") == 0);
        if (descriptor) continue;
        if (strcmp(word, ">") == 0) {
            at += strspn(at, " \t>&");
            at = take_word(at, w->target);
            continue;
        }
        if (w->count < MOST_WORDS) snprintf(w->word[w->count++], WORD_SIZE, "%s", word);
    }
}

/* The commands. */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool assignments(dw_drill_run *run, const words *w)
{
    for (size_t i = 1; i < w->count; i++)
        if (w->word[i][0] != '-' && !assignment(run, w->word[i])) return false;
    return true;
}

/* The base configuration of the suites for Linux is what the linux profile has, but for these. */
static bool defaults(dw_drill_run *run, const words *w)
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
    (void)w;
    for (size_t i = 0; i < sizeof base / sizeof base[0]; i++)
        if (!run->world->sysctl(run, base[i][0], base[i][1])) return false;
    return run->live || dw_drill_set_option(run, "tcp_metrics", "fast_open_cookies", "forget");
}

static bool ip(dw_drill_run *run, const words *w)
{
    if (w->count >= 3 && strcmp(w->word[1], "tcp_metrics") == 0 && strcmp(w->word[2], "flush") == 0)
        return dw_drill_set_option(run, "tcp_metrics", "fast_open_cookies", "forget");
    return dw_drill_unsupported(run, "ip %s %s", w->count > 1 ? w->word[1] : "",
                                w->count > 2 ? w->word[2] : "");
}

static bool tc(dw_drill_run *run, const words *w)
{
    bool root_fifo = w->count >= 7 && strcmp(w->word[1], "qdisc") == 0 &&
                     strcmp(w->word[5], "root") == 0 && strcmp(w->word[6], "pfifo") == 0;
    if (root_fifo && w->count == 7) return true; /* no queue of note */
    bool fq = w->count == 7 && strcmp(w->word[1], "qdisc") == 0 &&
              strcmp(w->word[5], "root") == 0 && strcmp(w->word[6], "fq") == 0;
    if (fq) return dw_drill_set_option(run, "tc qdisc fq", "pacing", "true");
    return dw_drill_unsupported(run, "the queueing discipline %s %s",
                                w->count > 6 ? w->word[6] : "", w->count > 7 ? w->word[7] : "");
}

/* echo VALUE > /proc/sys/... */
static bool echo(dw_drill_run *run, const words *w)
{
    char word[2 * WORD_SIZE];
    if (!w->target[0]) return true;
    snprintf(word, sizeof word, "%s=%s", w->target, w->count > 1 ? w->word[1] : "");
    return assignment(run, word);
}

static bool nothing(dw_drill_run *run, const words *w)
{
    (void)run;
    (void)w;
    return true;
}

/* FreeBSD's names of states, as sockstat prints them. */
static const char *state_of(const char *name)
{
    static const char *const names[][2] = {
        {"SYN_RCVD", "SYN-RECEIVED"}, {"SYN_SENT", "SYN-SENT"},      {"TIME_WAIT", "TIME-WAIT"},
        {"FIN_WAIT_1", "FIN-WAIT-1"}, {"FIN_WAIT_2", "FIN-WAIT-2"},  {"CLOSE_WAIT", "CLOSE-WAIT"},
        {"LAST_ACK", "LAST-ACK"},     {"CLOSED", "CLOSED"},          {"CLOSING", "CLOSING"},
        {"LISTEN", "LISTEN"},         {"ESTABLISHED", "ESTABLISHED"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i][0], name) == 0) return names[i][1];
    return NULL;
}

static bool tcpdrop(dw_drill_run *run, const words *w)
{
    const char *state =
        w->count == 3 && strcmp(w->word[1], "-s") == 0 ? state_of(w->word[2]) : NULL;
    if (!state) return dw_drill_unsupported(run, "tcpdrop other than -s STATE%s%s", "", "");
    dw_sys_drop(run->sys, state);
    return true;
}

/* sockstat ... | grep packetdril | grep -c STATE | grep NUMBER: how many sockets of this process
 * (or, with -p, connections of a port) are in a state. */
static bool sockstat(dw_drill_run *run, const words *w)
{
    const char *state = NULL, *count = NULL;
    bool own = false;
    long port = 0;
    for (size_t i = 1; i < w->count; i++) {
        bool grep = i + 1 < w->count && strcmp(w->word[i], "grep") == 0;
        if (strcmp(w->word[i], "-p") == 0 && i + 1 < w->count)
            port = strtol(w->word[i + 1], NULL, 10);
        if (!grep) continue;
        if (strcmp(w->word[i + 1], "packetdril") == 0)
            own = true;
        else if (strcmp(w->word[i + 1], "-c") == 0 && i + 2 < w->count)
            state = state_of(w->word[i + 2]);
        else
            count = w->word[i + 1];
    }
    if (!state || !count || own == (port != 0))
        return dw_drill_unsupported(run, "this use of sockstat%s%s", "", "");
    int came =
        own ? dw_sys_count(run->sys, state) : dw_drill_count_conns(run, (uint16_t)port, state);
    char text[24];
    snprintf(text, sizeof text, "%d", came);
    if (strstr(text, count)) return true;
    return dw_drill_stop(run, DW_DRILL_FAILED, "%s sockets are in %s; expected %s", text, state,
                         count);
}

/* A line of Linux's /proc/net/tcp has all that the greps of a pipeline look for. */
static bool line_matches(const words *w, const char *line)
{
    for (size_t i = 0; i + 1 < w->count; i++)
        if (strcmp(w->word[i], "grep") == 0 && !strstr(line, w->word[i + 1])) return false;
    return true;
}

/* grep PATTERN /proc/net/tcp /proc/net/tcp6 | grep PATTERN ... */
static bool grep(dw_drill_run *run, const words *w)
{
    static const char *const numbered[] = {"ESTABLISHED", "SYN-SENT",  "SYN-RECEIVED", "FIN-WAIT-1",
                                           "FIN-WAIT-2",  "TIME-WAIT", "CLOSED",       "CLOSE-WAIT",
                                           "LAST-ACK",    "LISTEN",    "CLOSING"}; /* from 1 */
    char line[100];
    bool found = false;
    if (w->count < 3 || strncmp(w->word[2], "/proc/net/tcp", 13) != 0)
        return dw_drill_unsupported(run, "this use of grep%s%s", "", "");
    if (dw_sys_count(run->sys, "LISTEN") > 0) {
        snprintf(line, sizeof line, "   0: 00000000:%04X 00000000:0000 0A 00000000:00000000",
                 run->bind_port);
        found = line_matches(w, line);
    }
    for (size_t i = 0; i < run->conn_count && !found; i++) {
        const dw_drill_conn *c = &run->conns[i];
        unsigned state = 1;
        while (state <= 11 && strcmp(numbered[state - 1], c->state) != 0)
            state++;
        snprintf(line, sizeof line, "%4zu: 00000000:%04X 00000000:%04X %02X 00000000:00000000",
                 i + 1, c->local_port, c->remote_port, state);
        found = line_matches(w, line);
    }
    return found || dw_drill_stop(run, DW_DRILL_FAILED, "grep found nothing in %s", w->word[2]);
}

/* Real programs, without a shell; what they set is the namespace's own. */
static bool execute(dw_drill_run *run, words *w)
{
    char *list[MOST_WORDS + 1] = {0};
    for (size_t i = 0; i < w->count; i++) {
        if (strcmp(w->word[i], "|") == 0)
            return dw_drill_unsupported(run, "a pipe of commands%s%s", "", "");
        list[i] = w->word[i];
    }
    return run->world->execute(run, list);
}

enum where { ANYWHERE, SIMULATED, REAL_TOO };
static const struct {
    const char *name;
    bool (*run)(dw_drill_run *run, const words *w);
    uint8_t where; /* enum where; REAL_TOO: a real kernel takes the program itself */
} commands[] = {
    {"grep", grep, SIMULATED},
    {"sysctl", assignments, ANYWHERE},
    {"set_sysctls.py", assignments, ANYWHERE},
    {"defaults.sh", defaults, ANYWHERE},
    {"ip", ip, REAL_TOO},
    {"tc", tc, REAL_TOO},
    {"sockstat", sockstat, SIMULATED},
    {"tcpdrop", tcpdrop, SIMULATED},
    {"echo", echo, ANYWHERE},
    {"true", nothing, ANYWHERE},
    {":", nothing, ANYWHERE},
    {"sleep", nothing, ANYWHERE},
};

static bool do_words(dw_drill_run *run, words *w)
{
    const char *name = base_name(w->word[0]);
    bool real = run->world->execute != NULL;
    if (strncmp(name, "sysctl_restore_", 15) == 0) return true; /* every script begins afresh */
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) != 0) continue;
        if (real && commands[i].where == SIMULATED)
            return dw_drill_unsupported(run, "the command %s on a real kernel%s", name, "");
        return real && commands[i].where == REAL_TOO ? execute(run, w) : commands[i].run(run, w);
    }
    return dw_drill_unsupported(run, "the command %s%s", name, "");
}

bool dw_drill_do_command(dw_drill_run *run, const char *command)
{
    words *w = calloc(1, sizeof *w);
    bool ok = w || dw_drill_no_memory(run);
    while (ok && *command) {
        command = take_command(command, w);
        if (w->count > 0) ok = do_words(run, w);
    }
    free(w);
    return ok;
}
