/* Shell commands of a script.  No shell is ever run: what a command would have set in a kernel is
 * set on the host, and what it would have asked is answered. */
#include "drill_run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool unsupported(dw_drill_run *run, const char *format, const char *a, const char *b)
{
    char what[300];
    snprintf(what, sizeof what, format, a, b);
    return dw_drill_stop(run, DW_DRILL_UNSUPPORTED, "not supported: %s", what);
}

/* sysctl. */

/* How a sysctl's text becomes an option's. */
enum conversion {
    AS_IS,
    FLAG,     /* 0 is false */
    REVERSED, /* 0 is true */
    MS,       /* milliseconds */
    SECONDS,
    BYTES,
    SECOND_OF_THREE, /* "least default most", in bytes: the default */
    THIRD_OF_THREE,  /* and the most */
    CHOICE,          /* option text by value: "0=a 1=b" in `words` */
    ONLY,            /* nothing to set; the values in `words` are what drywire does anyway */
    ANY,             /* nothing to set, whatever the value */
    FAST_OPEN,       /* Linux's bits */
    FAST_OPEN_KEY,   /* four numbers in hexadecimal, of octets with the least first */
};

typedef struct setting {
    const char *name, *option;
    uint8_t how; /* enum conversion */
    const char *words;
} setting;

static const setting settings[] = {
    /* FreeBSD */
    {"net.inet.tcp.sack.enable", "sack", FLAG, NULL},
    {"net.inet.tcp.recvspace", "receive_buffer", BYTES, NULL},
    {"net.inet.tcp.sendspace", "send_buffer", BYTES, NULL},
    {"net.inet.tcp.recvbuf_auto", "receive_autotune", FLAG, NULL},
    {"net.inet.tcp.sendbuf_auto", "send_autotune", FLAG, NULL},
    {"net.inet.tcp.sendbuf_max", "send_buffer_most", BYTES, NULL},
    {"net.inet.tcp.recvbuf_max", "receive_buffer_most", BYTES, NULL},
    {"net.inet.tcp.hostcache.purgenow", NULL, ANY, NULL},
    {"net.inet.tcp.rfc1323", "timestamps", FLAG, NULL},
    {"net.inet.tcp.rfc1323", "window_scale", FLAG, NULL},
    {"net.inet.tcp.ecn.enable", "ecn", CHOICE, "0=off 1=ask 2=answer"},
    {"net.inet.tcp.ecn.maxretries", "ecn_retries", AS_IS, NULL},
    {"net.inet.tcp.blackhole", NULL, ONLY, "0"},
    {"kern.ipc.maxsockbuf", "receive_buffer_most", BYTES, NULL},
    {"net.inet.tcp.insecure_rst", "rst_check", CHOICE, "0=rfc5961 1=rfc793"},
    {"net.inet.tcp.insecure_syn", "syn_check", CHOICE, "0=rfc5961 1=reset"},
    {"net.inet.tcp.fastopen.client_enable", "fast_open_cookies", CHOICE, "0=forget 1=forget"},
    {"net.inet.tcp.rexmit_drop_options", "syn_plain_after", CHOICE, "0=0 1=3"},
    {"net.inet.tcp.rexmit_slop", "rto_slop", MS, NULL},
    {"net.inet.tcp.rexmit_initial", "rto_initial", MS, NULL},
    {"net.inet.tcp.udp_tunneling_port", "udp_port", AS_IS, NULL},
    {"net.inet.tcp.udp_tunneling_port", "udp.tcp_port", AS_IS, NULL},
    {"net.inet.tcp.udp_tunneling_overhead", NULL, ONLY, "8"},
    {"net.inet.tcp.syncookies", NULL, ANY, NULL},
    {"net.inet.tcp.syncookies_only", NULL, ONLY, "0"},
    {"net.inet.tcp.drop_synfin", "listen_synfin", CHOICE, "0=open 1=drop"},
    {"net.inet.tcp.drop_synfin", "synsent_synfin", CHOICE, "0=open 1=drop"},
    {"net.inet.tcp.keepinit", "syn_r2", MS, NULL},
    {"net.inet.tcp.keepidle", "keepalive_idle", MS, NULL},
    {"net.inet.tcp.keepintvl", "keepalive_interval", MS, NULL},
    {"net.inet.tcp.keepcnt", "keepalive_probes", AS_IS, NULL},
    {"net.inet.tcp.delacktime", "delayed_ack", MS, NULL},
    {"net.inet.tcp.icmp_may_rst", "icmp_hard", CHOICE, "0=ignore 1=opening"},
    {"net.inet.tcp.tolerate_missing_ts", "missing_timestamp", CHOICE, "0=drop 1=accept"},
    {"net.inet.tcp.path_mtu_discovery", "pmtu_discovery", FLAG, NULL},
    {"net.inet.tcp.pmtud_blackhole_detection", "blackhole_detection", FLAG, NULL},
    {"net.inet.tcp.pmtud_blackhole_mss", NULL, ONLY, "1200"},
    {"net.inet.tcp.v6pmtud_blackhole_mss", NULL, ONLY, "1220"},
    {"net.inet.tcp.mssdflt", NULL, ONLY, "536"},
    {"net.inet.tcp.v6mssdflt", NULL, ONLY, "1220 1024"},

    /* Linux */
    {"net.ipv4.tcp_rmem", "receive_buffer_most", THIRD_OF_THREE, NULL},
    {"net.ipv4.tcp_wmem", "send_buffer", SECOND_OF_THREE, NULL},
    {"net.ipv4.tcp_wmem", "send_buffer_most", THIRD_OF_THREE, NULL},
    {"net.ipv4.tcp_moderate_rcvbuf", "receive_autotune", FLAG, NULL},
    {"net.ipv4.tcp_timestamps", "timestamps", FLAG, NULL},
    {"net.ipv4.tcp_window_scaling", "window_scale", FLAG, NULL},
    {"net.ipv4.tcp_sack", "sack", FLAG, NULL},
    {"net.ipv4.tcp_dsack", "dsack", FLAG, NULL},
    {"net.ipv4.tcp_syn_retries", "syn_retries", AS_IS, NULL},
    {"net.ipv4.tcp_synack_retries", "synack_retries", AS_IS, NULL},
    {"net.ipv4.tcp_syn_linear_timeouts", "syn_linear_timeouts", AS_IS, NULL},
    {"net.ipv4.tcp_retries2", "data_retries", AS_IS, NULL},
    {"net.ipv4.tcp_fin_timeout", "finwait2_timeout", SECONDS, NULL},
    {"net.ipv4.tcp_keepalive_time", "keepalive_idle", SECONDS, NULL},
    {"net.ipv4.tcp_keepalive_intvl", "keepalive_interval", SECONDS, NULL},
    {"net.ipv4.tcp_keepalive_probes", "keepalive_probes", AS_IS, NULL},
    {"net.ipv4.tcp_rfc1337", "time_wait_rst", CHOICE, "0=close 1=ignore"},
    {"net.ipv4.tcp_invalid_ratelimit", "challenge_period", MS, NULL},
    {"net.ipv4.tcp_pingpong_thresh", "pingpong_thresh", AS_IS, NULL},
    {"net.ipv4.tcp_comp_sack_nr", "comp_sack_nr", AS_IS, NULL},
    {"net.ipv4.tcp_comp_sack_rtt_percent", "comp_sack_rtt_percent", AS_IS, NULL},
    {"net.ipv4.tcp_comp_sack_slack_ns", NULL, ANY, NULL},
    {"net.ipv4.tcp_rto_max_ms", "rto_max", MS, NULL},
    {"net.ipv4.tcp_shrink_window", "shrink_window", FLAG, NULL},
    {"net.ipv4.tcp_ecn", "ecn", CHOICE,
     "0=off 1=ask 2=answer 3=accurate 4=accurate-or-ask 5=accurate-answer"},
    {"net.ipv4.tcp_ecn_fallback", "ecn_retries", CHOICE, "0=100 1=0"},
    {"net.ipv4.tcp_ecn_option", "ecn_option", AS_IS, NULL},
    {"net.ipv4.tcp_ecn_option_beacon", "ecn_option_beacon", AS_IS, NULL},
    {"net.ipv4.tcp_fastopen", NULL, FAST_OPEN, NULL},
    {"net.ipv4.tcp_fastopen_key", "fast_open_key", FAST_OPEN_KEY, NULL},
    {"net.ipv4.tcp_fastopen_blackhole_timeout_sec", NULL, ANY, NULL},
    {"net.ipv4.tcp_syncookies", "syn_full", CHOICE, "0=drop 1=cookies"},
    {"net.ipv4.tcp_congestion_control", "congestion_control", AS_IS, NULL},
    {"net.ipv4.tcp_fack", NULL, ONLY, "0"},
    {"net.ipv4.tcp_frto", "frto", FLAG, NULL},
    {"net.ipv4.tcp_reordering", "duplicate_ack_threshold", AS_IS, NULL},
    {"net.ipv4.tcp_slow_start_after_idle", "idle_restart", CHOICE, "0=off 1=halve"},
    {"net.ipv4.tcp_early_retrans", "tail_loss_probe", CHOICE, "0=false 3=true 4=true"},
    {"net.ipv4.tcp_recovery", NULL, ONLY, "1"},
    {"net.ipv4.tcp_tso_win_divisor", "tso_win_divisor", AS_IS, NULL},
    {"net.ipv4.tcp_min_tso_segs", "push_every", AS_IS, NULL},
    {"net.ipv4.tcp_pacing_ss_ratio", "pacing_ss_ratio", AS_IS, NULL},
    {"net.ipv4.tcp_pacing_ca_ratio", "pacing_ca_ratio", AS_IS, NULL},
    {"net.ipv4.tcp_notsent_lowat", NULL, ONLY, "4294967295 -1"},
    {"sys.module.tcp_cubic.parameters.hystart_detect", "hystart", CHOICE,
     "1=train 2=delay 3=classic"},
    {"sys.module.tcp_cubic.parameters.hystart", "hystart", CHOICE, "0=off 1=classic"},
    {"net.ipv4.tcp_mtu_probing", NULL, ONLY, "0"},
    {NULL, NULL, 0, NULL},
};

/* "0=a 1=b": what stands after the equals sign of value, or NULL. */
static const char *choice(const char *words, const char *value, char *buf, size_t size)
{
    size_t n = strlen(value);
    for (const char *w = words; w && *w; w += strspn(w, " ")) {
        size_t len = strcspn(w, " ");
        if (strncmp(w, value, n) == 0 && w[n] == '=') {
            snprintf(buf, size, "%.*s", (int)(len - n - 1), w + n + 1);
            return buf;
        }
        w += len;
    }
    return NULL;
}

static bool among(const char *words, const char *value)
{
    size_t n = strlen(value);
    for (const char *w = words; *w; w += strspn(w, " ")) {
        size_t len = strcspn(w, " ");
        if (len == n && strncmp(w, value, n) == 0) return true;
        w += len;
    }
    return false;
}

static bool set_option(dw_drill_run *run, const char *name, const char *option, const char *text)
{
    bool udp = strncmp(option, "udp.", 4) == 0;
    if (dw_node_option(run->host, udp ? "udp" : "tcp", udp ? option + 4 : option, text) == DW_OK)
        return true;
    return unsupported(run, "%s: %s", name, dw_sim_message(run->sim));
}

/* Bits of Linux's tcp_fastopen: 1 client, 2 server, 4 client without a cookie, 0x200 server without
 * one, 0x400 every listener. */
static bool set_fast_open(dw_drill_run *run, const char *name, int64_t bits)
{
    bool client = bits & 1, server = bits & 2;
    dw_sys_allow_fast_open(run->sys, client, server);
    return set_option(run, name, "fast_open_bare_client", client && bits & 4 ? "true" : "false") &&
           set_option(run, name, "fast_open_bare_server",
                      server && bits & 0x200 ? "true" : "false") &&
           set_option(run, name, "fast_open_listeners", server && bits & 0x400 ? "true" : "false");
}

static bool set_fast_open_key(dw_drill_run *run, const setting *s, const char *value)
{
    unsigned w[4];
    char text[40];
    if (sscanf(value, "%8x-%8x-%8x-%8x", &w[0], &w[1], &w[2], &w[3]) != 4)
        return unsupported(run, "%s with the value %s", s->name, value);
    for (int i = 0; i < 4; i++)
        snprintf(text + 8 * i, 9, "%02x%02x%02x%02x", w[i] & 255, w[i] >> 8 & 255, w[i] >> 16 & 255,
                 w[i] >> 24);
    return set_option(run, s->name, s->option, text);
}

/* A number that may be hexadecimal, or the nth of three. */
static bool parse(const char *text, int nth, int64_t *out)
{
    char *end = NULL;
    for (int i = 0; i < nth; i++) {
        *out = (int64_t)strtoull(text, &end, 0);
        if (end == text) return false;
        text = end;
    }
    return true;
}

static bool apply(dw_drill_run *run, const setting *s, const char *value)
{
    char text[80];
    int64_t n = 0;
    uint8_t how = s->how;
    bool numeric = parse(value, how == THIRD_OF_THREE ? 3 : how == SECOND_OF_THREE ? 2 : 1, &n);
    switch ((enum conversion)how) {
    case AS_IS: return set_option(run, s->name, s->option, value);
    case ANY: return true;
    case ONLY:
        return among(s->words, value) || unsupported(run, "%s with the value %s", s->name, value);
    case CHOICE:
        if (!choice(s->words, value, text, sizeof text))
            return unsupported(run, "%s with the value %s", s->name, value);
        return set_option(run, s->name, s->option, text);
    case FLAG:
    case REVERSED:
        return set_option(run, s->name, s->option, (n != 0) == (how == FLAG) ? "true" : "false");
    case FAST_OPEN: return set_fast_open(run, s->name, n);
    case FAST_OPEN_KEY: return set_fast_open_key(run, s, value);
    case MS:
    case SECONDS: snprintf(text, sizeof text, "%" PRId64 "%s", n, how == MS ? "ms" : "s"); break;
    case BYTES:
    case SECOND_OF_THREE:
    case THIRD_OF_THREE:
        snprintf(text, sizeof text, "%" PRId64 "B", n > (1 << 30) ? 1 << 30 : n);
        break;
    }
    if (!numeric) return unsupported(run, "%s with the value %s", s->name, value);
    return set_option(run, s->name, s->option, text);
}

/* Back from an option's text to a sysctl's; false where none says exactly that. */
static bool value_of(const setting *s, const char *text, char *buf, size_t size)
{
    char why[100], word[80];
    dw_time t;
    switch ((enum conversion)s->how) {
    case AS_IS: snprintf(buf, size, "%s", text); return true;
    case FLAG: snprintf(buf, size, "%d", strcmp(text, "true") == 0); return true;
    case REVERSED: snprintf(buf, size, "%d", strcmp(text, "true") != 0); return true;
    case MS:
    case SECONDS: {
        dw_time unit = s->how == MS ? DW_MILLISECOND : DW_SECOND;
        if (dw_parse_time(text, &t, why, sizeof why) != DW_OK || t % unit) return false;
        snprintf(buf, size, "%" PRId64, t / unit);
        return true;
    }
    case CHOICE:
        for (int n = 0; n <= 9; n++) {
            snprintf(buf, size, "%d", n);
            if (choice(s->words, buf, word, sizeof word) && strcmp(word, text) == 0) return true;
        }
        return false;
    case BYTES: snprintf(buf, size, "%s", text); return true;
    case SECOND_OF_THREE:
    case THIRD_OF_THREE:
    case ONLY:
    case ANY:
    case FAST_OPEN:
    case FAST_OPEN_KEY: break;
    }
    return false;
}

bool dw_drill_sysctl_of(const char *profile, const char *option, const char *text, char *buf,
                        size_t size)
{
    bool freebsd = strcmp(profile, "freebsd") == 0;
    char value[100];
    if (!freebsd && strcmp(profile, "linux") != 0) return false;
    for (const setting *s = settings; s->name; s++) {
        bool linux_one = strncmp(s->name, "net.ipv4.", 9) == 0;
        if (!s->option || linux_one == freebsd || strcmp(s->option, option) != 0) continue;
        if (!value_of(s, text, value, sizeof value)) continue;
        snprintf(buf, size, "%s=%s", s->name, value);
        return true;
    }
    return false;
}

static bool unknown_sysctl(dw_drill_run *run, const char *name)
{
    const char *names[sizeof settings / sizeof settings[0]];
    size_t n = 0;
    for (; settings[n].name; n++)
        names[n] = settings[n].name;
    names[n] = NULL;
    const char *near = dw_nearest(name, names);
    if (near) return unsupported(run, "the sysctl %s; did you mean %s?", name, near);
    return unsupported(run, "the sysctl %s%s", name, "");
}

bool dw_drill_set_sysctl(dw_drill_run *run, const char *name, const char *value)
{
    bool known = false;
    for (const setting *s = settings; s->name; s++) {
        if (strcmp(s->name, name) != 0) continue;
        known = true;
        if (!apply(run, s, value)) return false;
    }
    return known || unknown_sysctl(run, name);
}

/* name=value, where the name may be a path: /proc/sys/net/ipv4/tcp_ecn, /sys/module/... */
static bool assignment(dw_drill_run *run, const char *word)
{
    static const char proc[] = "/proc/sys/";
    char name[120];
    if (strncmp(word, "/sys/", 5) == 0) word++;
    const char *equals = strchr(word, '=');
    if (!equals || equals == word) return unsupported(run, "reading the sysctl %s%s", word, "");
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
    return run->live || set_option(run, "tcp_metrics", "fast_open_cookies", "forget");
}

static bool ip(dw_drill_run *run, const words *w)
{
    if (w->count >= 3 && strcmp(w->word[1], "tcp_metrics") == 0 && strcmp(w->word[2], "flush") == 0)
        return set_option(run, "tcp_metrics", "fast_open_cookies", "forget");
    return unsupported(run, "ip %s %s", w->count > 1 ? w->word[1] : "",
                       w->count > 2 ? w->word[2] : "");
}

static bool tc(dw_drill_run *run, const words *w)
{
    bool root_fifo = w->count >= 7 && strcmp(w->word[1], "qdisc") == 0 &&
                     strcmp(w->word[5], "root") == 0 && strcmp(w->word[6], "pfifo") == 0;
    if (root_fifo && w->count == 7) return true; /* no queue of note */
    bool fq = w->count == 7 && strcmp(w->word[1], "qdisc") == 0 &&
              strcmp(w->word[5], "root") == 0 && strcmp(w->word[6], "fq") == 0;
    if (fq) return set_option(run, "tc qdisc fq", "pacing", "true");
    return unsupported(run, "the queueing discipline %s %s", w->count > 6 ? w->word[6] : "",
                       w->count > 7 ? w->word[7] : "");
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
    if (!state) return unsupported(run, "tcpdrop other than -s STATE%s%s", "", "");
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
        return unsupported(run, "this use of sockstat%s%s", "", "");
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
        return unsupported(run, "this use of grep%s%s", "", "");
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
        if (strcmp(w->word[i], "|") == 0) return unsupported(run, "a pipe of commands%s%s", "", "");
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
            return unsupported(run, "the command %s on a real kernel%s", name, "");
        return real && commands[i].where == REAL_TOO ? execute(run, w) : commands[i].run(run, w);
    }
    return unsupported(run, "the command %s%s", name, "");
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

/* The table of the documentation. */

static void value_text(const setting *s, char *out, size_t size)
{
    switch ((enum conversion)s->how) {
    case AS_IS: snprintf(out, size, "the number"); return;
    case FLAG: snprintf(out, size, "0: false; else true"); return;
    case REVERSED: snprintf(out, size, "0: true; else false"); return;
    case MS: snprintf(out, size, "milliseconds"); return;
    case SECONDS: snprintf(out, size, "seconds"); return;
    case BYTES: snprintf(out, size, "octets, at most 1 GiB"); return;
    case SECOND_OF_THREE: snprintf(out, size, "the second of three numbers"); return;
    case THIRD_OF_THREE: snprintf(out, size, "the third of three numbers"); return;
    case CHOICE: snprintf(out, size, "%s", s->words); return;
    case ONLY: snprintf(out, size, "only %s", s->words); return;
    case ANY: snprintf(out, size, "any"); return;
    case FAST_OPEN: snprintf(out, size, "1 client, 2 server, 4, 0x200, 0x400"); return;
    case FAST_OPEN_KEY: snprintf(out, size, "four words of eight hexadecimal digits"); return;
    }
}

void dw_drill_list_sysctls(FILE *f)
{
    char value[120], option[60];
    fprintf(f, "| sysctl | value | switch of TCP |\n|---|---|---|\n");
    for (const setting *s = settings; s->name; s++) {
        value_text(s, value, sizeof value);
        snprintf(option, sizeof option, "`%s`", s->option ? s->option : "");
        fprintf(f, "| `%s` | %s | %s |\n", s->name, value,
                s->option ? option
                : s->how == FAST_OPEN
                    ? "`fast_open` of both sides, `fast_open_bare_*`, `fast_open_listeners`"
                : s->how == ONLY ? "what drywire does anyway"
                                 : "nothing to set");
    }
}
