/* Shell commands of a script.  No shell is ever run: what a command would have set in a kernel is
 * set on the host, and what it would have asked is answered. */
#include "drill_shell.h"

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

/* The commands. */

static bool assignments(dw_drill_run *run, dw_words *w)
{
    for (size_t i = 1; i < w->count; i++) {
        bool option = w->word[i][0] == '-';
        if (option && strspn(w->word[i] + 1, "qweN") != strlen(w->word[i]) - 1)
            return dw_drill_unsupported(run, "%s %s", w->word[0], w->word[i]);
        if (!option && !assignment(run, w->word[i])) return false;
    }
    return true;
}

/* The base configuration of the suites for Linux is what the linux profile has, but for these. */
static bool defaults(dw_drill_run *run, dw_words *w)
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

/* The MTU of what leaves the host. */
static bool set_mtu(dw_drill_run *run, const char *text)
{
    long mtu = strtol(text, NULL, 10);
    dw_link *link = dw_link_at(run->sim, 0);
    dw_direction_config d;
    if (!link || mtu < 68 || mtu > 65535)
        return dw_drill_unsupported(run, "the MTU %s%s", text, "");
    dw_link_get(link, 0, &d);
    d.mtu = (uint32_t)mtu;
    return dw_link_set(link, 0, &d) == DW_OK ||
           dw_drill_unsupported(run, "the MTU %s: %s", text, dw_sim_message(run->sim));
}

static bool ip_link(dw_drill_run *run, dw_words *w)
{
    for (size_t i = 3; i < w->count; i++) {
        const char *word = w->word[i], *value = i + 1 < w->count ? w->word[i + 1] : "";
        if (strcmp(word, "mtu") == 0 && !set_mtu(run, value)) return false;
        if (strcmp(word, "down") == 0 || strncmp(word, "gso_", 4) == 0)
            return dw_drill_unsupported(run, "ip link set %s %s", word, value);
        i += strcmp(word, "mtu") == 0;
    }
    return true;
}

/* What a route says of TCP: switches of the whole host, as there is one route. */
static const struct {
    const char *word, *option, *unit;
} metrics[] = {
    {"advmss", "mss", "B"},
    {"initcwnd", "initial_window", ""},
    {"rto_min", "rto_min", ""},
    {"rto_min", "rto_var_floor", ""},
    {"reordering", "duplicate_ack_threshold", ""},
    {"congctl", "congestion_control", ""},
};

static bool route_metric(dw_drill_run *run, const char *word, const char *value, bool *known)
{
    char text[DW_WORD_SIZE + 4];
    *known = false;
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        if (strcmp(metrics[i].word, word) != 0) continue;
        *known = true;
        snprintf(text, sizeof text, "%s%s", value, metrics[i].unit);
        if (!dw_drill_set_option(run, word, metrics[i].option, text)) return false;
    }
    return true;
}

static bool ip_route(dw_drill_run *run, dw_words *w)
{
    /* What was learnt of the old route goes with it. */
    if (!dw_drill_set_option(run, "ip route", "path_mtus", "forget")) return false;
    static const char *const where[] = {"via",   "dev",   "src",    "proto",
                                        "table", "scope", "metric", "onlink"};
    for (size_t i = 4; i < w->count; i += 2) {
        const char *word = w->word[i], *value = i + 1 < w->count ? w->word[i + 1] : "";
        bool known = false, lock = strcmp(value, "lock") == 0;
        for (size_t k = 0; k < sizeof where / sizeof where[0]; k++)
            known = known || strcmp(where[k], word) == 0;
        if (strcmp(word, "onlink") == 0) i--;
        if (lock) value = i + 2 < w->count ? w->word[i + 2] : "";
        if (known) continue;
        if (strcmp(word, "mtu") == 0) {
            if (!set_mtu(run, value)) return false;
            /* A locked MTU is no matter for ICMP. */
            if (lock && !dw_drill_set_option(run, word, "pmtu_discovery", "false")) return false;
            known = true;
        } else if (strcmp(word, "quickack") == 0) {
            if (strcmp(value, "0") != 0 && !dw_drill_set_option(run, word, "delayed_ack", "0s"))
                return false;
            known = true;
        } else if (strcmp(word, "features") == 0 && strcmp(value, "ecn") == 0) {
            if (!dw_drill_set_option(run, word, "ecn", "ask")) return false;
            known = true;
        } else if (!route_metric(run, word, value, &known)) {
            return false;
        }
        if (!known) return dw_drill_unsupported(run, "ip route %s %s", word, value);
        i += lock;
    }
    return true;
}

/* ip [-4|-6] tcp_metrics flush, link set, route change. */
static bool ip(dw_drill_run *run, dw_words *w)
{
    while (w->count > 1 && w->word[1][0] == '-') /* of one family: there is but one */
        memmove(w->word[1], w->word[2], (--w->count - 1) * sizeof w->word[0]);
    const char *object = w->count > 1 ? w->word[1] : "", *verb = w->count > 2 ? w->word[2] : "";
    bool makes =
        strcmp(verb, "change") == 0 || strcmp(verb, "replace") == 0 || strcmp(verb, "add") == 0;
    if (strcmp(object, "tcp_metrics") == 0 && strcmp(verb, "flush") == 0)
        return dw_drill_set_option(run, "tcp_metrics", "fast_open_cookies", "forget");
    if (strcmp(object, "link") == 0 && strcmp(verb, "set") == 0) return ip_link(run, w);
    if (strcmp(object, "route") == 0 && makes) return ip_route(run, w);
    if (strcmp(object, "route") == 0 && strcmp(verb, "flush") == 0)
        return dw_drill_set_option(run, "ip route flush", "path_mtus", "forget");
    return dw_drill_unsupported(run, "ip %s %s", object, verb);
}

/* pfifo limit 0: nothing leaves, and the host knows. */
static bool set_refuses(dw_drill_run *run, bool refuses)
{
    dw_link *link = dw_link_at(run->sim, 0);
    dw_direction_config d;
    if (!link) return true;
    dw_link_get(link, 0, &d);
    d.refuses = refuses;
    return dw_link_set(link, 0, &d) == DW_OK ||
           dw_drill_unsupported(run, "tc qdisc: %s%s", dw_sim_message(run->sim), "");
}

static bool without_pacing(dw_drill_run *run, const char *what, bool refuses)
{
    return set_refuses(run, refuses) && dw_drill_set_option(run, what, "pacing", "false");
}

/* tc qdisc add|replace|change|del dev DEV root [handle N] KIND ... */
static bool tc(dw_drill_run *run, dw_words *w)
{
    size_t at = 1;
    bool qdisc = w->count > 2 && strcmp(w->word[1], "qdisc") == 0;
    while (at < w->count && strcmp(w->word[at], "root") != 0)
        at++;
    at += 1 + (at + 1 < w->count && strcmp(w->word[at + 1], "handle") == 0 ? 2 : 0);
    const char *kind = at < w->count ? w->word[at] : "";
    bool plain = at + 1 >= w->count; /* nothing is said of it */
    bool fifo = strcmp(kind, "pfifo") == 0 || strcmp(kind, "bfifo") == 0 ||
                strcmp(kind, "pfifo_fast") == 0 || strcmp(kind, "noqueue") == 0;
    /* A queue with a limit is never that long here, unless there is no room at all. */
    bool limit = at + 2 < w->count && strcmp(w->word[at + 1], "limit") == 0;
    if (qdisc && strncmp(w->word[2], "del", 3) == 0) return without_pacing(run, "tc qdisc", false);
    if (qdisc && fifo && limit)
        return without_pacing(run, kind, strtol(w->word[at + 2], NULL, 10) == 0);
    /* Without a limit one that is there already is left as it is (tc_modify_qdisc). */
    bool same = strcmp(kind, "pfifo") == 0;
    if (qdisc && same && plain) return dw_drill_set_option(run, kind, "pacing", "false");
    if (qdisc && fifo && plain) return without_pacing(run, kind, false);
    if (qdisc && strcmp(kind, "fq") == 0 && plain)
        return set_refuses(run, false) && dw_drill_set_option(run, "tc qdisc fq", "pacing", "true");
    return dw_drill_unsupported(run, "the queueing discipline %s %s", kind,
                                plain ? "" : w->word[at + 1]);
}

/* What a device does for TCP shows in no packet: segments are looked at as they leave it. */
static bool ethtool(dw_drill_run *run, dw_words *w)
{
    if (w->count >= 3 && (strcmp(w->word[1], "-K") == 0 || strcmp(w->word[1], "--offload") == 0))
        return true;
    return dw_drill_unsupported(run, "ethtool %s%s", w->count > 1 ? w->word[1] : "", "");
}

/* Files of zeros, for open(). */

static bool keep_file(dw_drill_run *run, const char *name, uint64_t size)
{
    size_t i = 0;
    while (i < run->file_count && strcmp(run->files[i].name, name) != 0)
        i++;
    if (i == DW_DRILL_MOST_FILES)
        return dw_drill_unsupported(run, "so many files (%s)%s", name, "");
    if (i == run->file_count) {
        run->files[i].name = dw_arena_text(&run->arena, name, strlen(name));
        if (!run->files[i].name) return dw_drill_no_memory(run);
        run->file_count++;
    }
    run->files[i].size = size;
    return true;
}

/* 64, 4K, 1M */
static uint64_t octets(const char *text)
{
    char *end;
    uint64_t n = strtoull(text, &end, 0), unit = 1;
    if (*end == 'k' || *end == 'K') unit = 1024;
    if (*end == 'M') unit = 1 << 20;
    return n < ((uint64_t)1 << 40) ? n * unit : 0;
}

/* dd if=/dev/zero of=FILE bs=N count=N */
static bool dd(dw_drill_run *run, dw_words *w)
{
    const char *file = NULL;
    uint64_t size = 512, count = 1;
    bool zeros = false;
    for (size_t i = 1; i < w->count; i++) {
        const char *word = w->word[i];
        if (strncmp(word, "of=", 3) == 0)
            file = word + 3;
        else if (strncmp(word, "bs=", 3) == 0)
            size = octets(word + 3);
        else if (strncmp(word, "count=", 6) == 0)
            count = octets(word + 6);
        else if (strcmp(word, "if=/dev/zero") == 0)
            zeros = true;
        else if (strncmp(word, "status=", 7) != 0)
            return dw_drill_unsupported(run, "dd with %s%s", word, "");
    }
    if (!file || !zeros || count > 1 << 20 || size > 1 << 28)
        return dw_drill_unsupported(run, "dd other than if=/dev/zero of=FILE bs=N count=N%s%s", "",
                                    "");
    return keep_file(run, file, size * count);
}

/* truncate -s N FILE */
static bool truncate_file(dw_drill_run *run, dw_words *w)
{
    if (w->count != 4 || strcmp(w->word[1], "-s") != 0)
        return dw_drill_unsupported(run, "truncate other than -s SIZE FILE%s%s", "", "");
    return keep_file(run, w->word[3], octets(w->word[2]));
}

/* rm and touch of the script's own files; the machine's are left alone. */
static bool rm(dw_drill_run *run, dw_words *w)
{
    for (size_t i = 1; i < w->count; i++) {
        size_t k = 0;
        if (w->word[i][0] == '-') continue;
        while (k < run->file_count && strcmp(run->files[k].name, w->word[i]) != 0)
            k++;
        if (k == run->file_count && strncmp(w->word[i], "/tmp/", 5) != 0)
            return dw_drill_unsupported(run, "rm of a file that the script has not made: %s%s",
                                        w->word[i], "");
        if (k < run->file_count) run->files[k] = run->files[--run->file_count];
    }
    return true;
}

/* echo VALUE > /proc/sys/... */
static bool echo(dw_drill_run *run, dw_words *w)
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
    return assignment(run, word);
}

static bool nothing(dw_drill_run *run, dw_words *w)
{
    (void)run;
    (void)w;
    return true;
}

/* FreeBSD's names of states, as sockstat prints them. */
static const char *const state_names[][2] = {
    {"SYN_RCVD", "SYN-RECEIVED"}, {"SYN_SENT", "SYN-SENT"},      {"TIME_WAIT", "TIME-WAIT"},
    {"FIN_WAIT_1", "FIN-WAIT-1"}, {"FIN_WAIT_2", "FIN-WAIT-2"},  {"CLOSE_WAIT", "CLOSE-WAIT"},
    {"LAST_ACK", "LAST-ACK"},     {"CLOSED", "CLOSED"},          {"CLOSING", "CLOSING"},
    {"LISTEN", "LISTEN"},         {"ESTABLISHED", "ESTABLISHED"}};

static const char *state_of(const char *name)
{
    for (size_t i = 0; i < sizeof state_names / sizeof state_names[0]; i++)
        if (strcmp(state_names[i][0], name) == 0) return state_names[i][1];
    return NULL;
}

static bool tcpdrop(dw_drill_run *run, dw_words *w)
{
    const char *state =
        w->count == 3 && strcmp(w->word[1], "-s") == 0 ? state_of(w->word[2]) : NULL;
    if (!state) return dw_drill_unsupported(run, "tcpdrop other than -s STATE%s%s", "", "");
    dw_sys_drop(run->sys, state);
    return true;
}

static const char *freebsd_name(const char *state)
{
    for (size_t i = 0; i < sizeof state_names / sizeof state_names[0]; i++)
        if (strcmp(state_names[i][1], state) == 0) return state_names[i][0];
    return state;
}

/* FreeBSD's sockstat -s: this process's sockets, or with -p all connections of a port. */
static bool sockstat(dw_drill_run *run, dw_words *w)
{
    long port = 0;
    for (size_t i = 1; i + 1 < w->count; i++)
        if (strcmp(w->word[i], "-p") == 0) port = strtol(w->word[i + 1], NULL, 10);
    for (size_t i = 0; !port && i < sizeof state_names / sizeof state_names[0]; i++)
        for (int n = dw_sys_count(run->sys, state_names[i][1]); n > 0; n--)
            dw_words_print(w, "root packetdril - tcp %s\n", state_names[i][0]);
    for (size_t i = 0; port && i < run->conn_count; i++) {
        const dw_drill_conn *c = &run->conns[i];
        if (c->local_port == port || c->remote_port == port)
            dw_words_print(w, "- - - tcp *:%u *:%u %s\n", c->local_port, c->remote_port,
                           freebsd_name(c->state));
    }
    return true;
}

/* /proc/net/tcp, its first columns: the listener, and the host's connections. */
static void print_connections(dw_drill_run *run, dw_words *w)
{
    static const char *const numbered[] = {"ESTABLISHED", "SYN-SENT",  "SYN-RECEIVED", "FIN-WAIT-1",
                                           "FIN-WAIT-2",  "TIME-WAIT", "CLOSED",       "CLOSE-WAIT",
                                           "LAST-ACK",    "LISTEN",    "CLOSING"}; /* from 1 */
    if (dw_sys_count(run->sys, "LISTEN") > 0)
        dw_words_print(w, "   0: 00000000:%04X 00000000:0000 0A 00000000:00000000\n",
                       run->bind_port);
    for (size_t i = 0; i < run->conn_count; i++) {
        const dw_drill_conn *c = &run->conns[i];
        unsigned state = 1;
        while (state <= 11 && strcmp(numbered[state - 1], c->state) != 0)
            state++;
        dw_words_print(w, "%4zu: 00000000:%04X 00000000:%04X %02X 00000000:00000000\n", i + 1,
                       c->local_port, c->remote_port, state);
    }
}

/* What a file would say. */
bool dw_drill_print_file(dw_drill_run *run, dw_words *w, const char *path)
{
    if (strcmp(path, "/proc/net/tcp6") == 0) return true; /* all are in the other */
    if (strcmp(path, "/proc/net/tcp") != 0)
        return dw_drill_unsupported(run, "reading the file %s%s", path, "");
    print_connections(run, w);
    return true;
}

static bool cat(dw_drill_run *run, dw_words *w)
{
    for (size_t i = 1; i < w->count; i++)
        if (!dw_drill_print_file(run, w, w->word[i])) return false;
    if (w->count == 1) memcpy(w->output, w->input, sizeof w->output);
    return true;
}

/* Real programs, without a shell; what they set is the namespace's own. */
static bool execute(dw_drill_run *run, dw_words *w)
{
    char *list[DW_MOST_WORDS + 1] = {0};
    if (w->piped || w->into_pipe)
        return dw_drill_unsupported(run, "a pipe of commands%s%s", "", "");
    if (w->target[0] && strcmp(w->target, "/dev/null") != 0)
        return dw_drill_unsupported(run, "%s into the file %s", w->word[0], w->target);
    for (size_t i = 0; i < w->count; i++)
        list[i] = w->word[i];
    return run->world->execute(run, list);
}

enum where { ANYWHERE, SIMULATED, REAL_TOO };
static const struct {
    const char *name;
    bool (*run)(dw_drill_run *run, dw_words *w);
    uint8_t where; /* enum where; REAL_TOO: a real kernel takes the program itself */
} commands[] = {
    {"grep", dw_drill_grep, SIMULATED},
    {"wc", dw_drill_wc, SIMULATED},
    {"cat", cat, SIMULATED},
    {"nstat", dw_drill_nstat, SIMULATED},
    {"sysctl", assignments, ANYWHERE},
    {"set_sysctls.py", assignments, ANYWHERE},
    {"ip", ip, REAL_TOO},
    {"tc", tc, REAL_TOO},
    {"ethtool", ethtool, REAL_TOO},
    {"dd", dd, SIMULATED},
    {"truncate", truncate_file, SIMULATED},
    {"rm", rm, SIMULATED},
    {"sockstat", sockstat, SIMULATED},
    {"tcpdrop", tcpdrop, SIMULATED},
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

/* A file of commands: its name ends with .sh. */
static bool is_file(const char *name)
{
    size_t n = strlen(name);
    return n > 3 && strcmp(name + n - 3, ".sh") == 0;
}

bool dw_drill_is_command(const char *name)
{
    static const char *const shells[] = {"sh", "bash", "source", "."};
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, dw_base_name(name)) == 0) return true;
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
        if (strcmp(shells[i], dw_base_name(name)) == 0) return true;
    return is_file(name);
}

static bool do_file(dw_drill_run *run, dw_words *w, const char *path)
{
    bool there;
    const char *name = dw_base_name(path);
    if (strncmp(name, "sysctl_restore_", 15) == 0) return true; /* every script begins afresh */
    if (!dw_drill_do_file(run, w, path, &there)) return false;
    if (there) return true;
    if (strcmp(name, "defaults.sh") == 0) return defaults(run, w);
    return dw_drill_unsupported(run, "the command %s%s", path, "");
}

bool dw_drill_do_words(dw_drill_run *run, dw_words *w)
{
    const char *name = dw_base_name(w->word[0]);
    bool real = run->world->execute != NULL;
    if (is_file(name)) return do_file(run, w, w->word[0]);
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) != 0) continue;
        if (real && commands[i].where == SIMULATED)
            return dw_drill_unsupported(run, "the command %s on a real kernel%s", name, "");
        return real && commands[i].where == REAL_TOO ? execute(run, w) : commands[i].run(run, w);
    }
    if (dw_drill_is_command(name) && w->count > 1) return do_file(run, w, w->word[1]);
    return dw_drill_unsupported(run, "the command %s%s", name, "");
}
