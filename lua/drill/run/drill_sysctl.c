/* What sysctls become: switches of the simulated host's TCP. */
#include "command.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* How a sysctl's text becomes an option's. */
enum conversion {
    AS_IS,
    FLAG,     /* 0 is false */
    REVERSED, /* 0 is true */
    MS,       /* milliseconds */
    SECONDS,
    MICROSECONDS,
    MS_UNLESS_0,   /* 0 is set elsewhere */
    CHOICE_UNLESS, /* as CHOICE, of "=other" for every value that has no choice of its own */
    BYTES,
    SECOND_OF_THREE, /* "least default most", in bytes: the default */
    THIRD_OF_THREE,  /* and the most */
    HALF_OF_SECOND,  /* likewise, but half of it: what buffers cost is counted too */
    HALF_OF_THIRD,
    FIRST_OF_TWO, /* "least most", numbers as they are */
    SECOND_OF_TWO,
    CHOICE,        /* option text by value: "0=a 1=b" in `words` */
    ONLY,          /* nothing to set; the values in `words` are what drywire does anyway */
    ANY,           /* nothing to set, whatever the value */
    FAST_OPEN,     /* Linux's bits */
    FAST_OPEN_KEY, /* four numbers in hexadecimal, of octets with the least first */
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
    {"net.inet.tcp.hostcache.purgenow", "path_mtus", CHOICE, "0=forget 1=forget"},
    {"net.inet.tcp.hostcache.expire", "pmtu_expires", SECONDS, NULL},
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
    {"net.inet.tcp.syncookies_only", "syn_cookies_always", FLAG, NULL},
    {"kern.ipc.soacceptqueue", "backlog_most", AS_IS, NULL},
    {"net.inet.tcp.drop_synfin", "listen_synfin", CHOICE, "0=open 1=drop"},
    {"net.inet.tcp.drop_synfin", "synsent_synfin", CHOICE, "0=open 1=drop"},
    {"net.inet.tcp.keepinit", "syn_r2", MS, NULL},
    {"net.inet.tcp.keepidle", "keepalive_idle", MS, NULL},
    {"net.inet.tcp.keepintvl", "keepalive_interval", MS, NULL},
    {"net.inet.tcp.keepcnt", "keepalive_probes", AS_IS, NULL},
    {"net.inet.tcp.delacktime", "delayed_ack", MS, NULL},
    {"net.inet.tcp.delayed_ack", "delayed_ack", CHOICE, "0=0s 1=40ms"},
    {"net.inet.tcp.always_keepalive", "keepalive", FLAG, NULL},
    {"net.inet.tcp.msl", "msl", MS, NULL},
    {"net.inet.tcp.minmss", "mss_least", BYTES, NULL},
    {"net.inet.tcp.rexmit_min", "rto_min", MS, NULL},
    {"net.inet.tcp.finwait2_timeout", "finwait2_timeout", MS, NULL},
    {"net.inet.tcp.fast_finwait2_recycle", NULL, ONLY, "0"},
    {"net.inet.tcp.rfc3042", "limited_transmit", FLAG, NULL},
    {"net.inet.tcp.initcwnd_segments", "initial_window", AS_IS, NULL},
    {"net.inet.tcp.abc_l_var", "slow_start_limit", AS_IS, NULL},
    {"net.inet.tcp.do_prr", "prr", FLAG, NULL},
    {"net.inet.tcp.cc.algorithm", "congestion_control", CHOICE,
     "newreno=reno cubic=cubic dctcp=dctcp vegas=vegas"},
    {"net.inet.tcp.functions_default", NULL, ONLY, "freebsd"},
    {"net.inet.tcp.fastopen.server_enable", NULL, ANY, NULL},
    {"net.inet.tcp.hostcache.enable", NULL, ANY, NULL},
    {"net.inet.tcp.log_debug", NULL, ANY, NULL},
    {"net.inet.tcp.tso", NULL, ANY, NULL},
    {"net.inet.ip.ttl", NULL, ONLY, "64"},
    {"net.inet.icmp.icmplim", NULL, ANY, NULL},
    {"net.inet.tcp.icmp_may_rst", "icmp_hard", CHOICE, "0=ignore 1=opening"},
    {"net.inet.tcp.tolerate_missing_ts", "missing_timestamp", CHOICE, "0=drop 1=accept"},
    {"net.inet.tcp.path_mtu_discovery", "pmtu_discovery", FLAG, NULL},
    {"net.inet.tcp.pmtud_blackhole_detection", "blackhole_detection", FLAG, NULL},
    {"net.inet.tcp.pmtud_blackhole_mss", "blackhole_mss", BYTES, NULL},
    {"net.inet.tcp.v6pmtud_blackhole_mss", "blackhole_mss_v6", BYTES, NULL},
    {"net.ipv4.tcp_tw_reuse", "time_wait_reuse", CHOICE, "0=off 1=always 2=loopback"},
    {"net.ipv4.tcp_tw_reuse_delay", "time_wait_reuse_delay", MS, NULL},
    {"net.ipv4.ip_local_port_range", "port_first", FIRST_OF_TWO, NULL},
    {"net.ipv4.tcp_pingpong_thresh", "pingpong_thresh", AS_IS, NULL},
    {"net.ipv4.tcp_comp_sack_nr", "comp_sack_nr", AS_IS, NULL},
    {"net.ipv4.tcp_comp_sack_rtt_percent", "comp_sack_rtt_percent", AS_IS, NULL},
    {"net.ipv4.tcp_comp_sack_slack_ns", NULL, ANY, NULL},
    {"net.ipv4.ip_local_port_range", "port_last", SECOND_OF_TWO, NULL},
    {"net.inet.tcp.mssdflt", "mss_default", BYTES, NULL},
    {"net.inet.tcp.v6mssdflt", "mss_default_v6", BYTES, NULL},

    /* Linux */
    {"net.ipv4.tcp_rmem", "receive_buffer", HALF_OF_SECOND, NULL},
    {"net.ipv4.tcp_rmem", "receive_buffer_most", HALF_OF_THIRD, NULL},
    {"net.ipv4.tcp_rmem", "scale_buffer", THIRD_OF_THREE, NULL},
    {"net.ipv4.tcp_adv_win_scale", NULL, ANY, NULL},
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
    {"net.ipv4.tcp_invalid_ratelimit", "challenge_limit", CHOICE_UNLESS, "0=0 =1"},
    {"net.ipv4.tcp_invalid_ratelimit", "challenge_period", MS_UNLESS_0, NULL},
    {"net.ipv4.tcp_rto_min_us", "rto_min", MICROSECONDS, NULL},
    {"net.ipv4.tcp_rto_min_us", "rto_var_floor", MICROSECONDS, NULL},
    {"net.ipv4.tcp_retries1", "r1", AS_IS, NULL},
    {"net.ipv4.tcp_min_snd_mss", "mss_least", BYTES, NULL},
    {"net.ipv4.ip_no_pmtu_disc", "pmtu_discovery", REVERSED, NULL},
    {"net.ipv4.ip_default_ttl", NULL, ONLY, "64"},
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
    {"net.ipv4.tcp_syncookies", "syn_full", CHOICE, "0=drop 1=cookies 2=cookies"},
    {"net.ipv4.tcp_syncookies", "syn_cookies_always", CHOICE, "0=false 1=false 2=true"},
    {"net.ipv4.tcp_orphan_retries", "orphan_retries", AS_IS, NULL},
    {"net.ipv4.tcp_abort_on_overflow", "overflow_resets", FLAG, NULL},
    {"net.ipv4.tcp_max_syn_backlog", "syn_backlog_unproven", AS_IS, NULL},
    {"net.core.rmem_max", "receive_buffer_limit", BYTES, NULL},
    {"net.core.somaxconn", "backlog_most", AS_IS, NULL},
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
    {"net.ipv4.tcp_mtu_probing", "mtu_probing", CHOICE, "0=off 1=black-hole 2=always"},
    {"net.ipv4.tcp_base_mss", "base_mss", BYTES, NULL},
    {"net.ipv4.tcp_mtu_probe_floor", "mtu_probe_floor", BYTES, NULL},
    {"net.ipv4.tcp_probe_threshold", "probe_threshold", BYTES, NULL},
    {"net.ipv4.tcp_probe_interval", "probe_interval", SECONDS, NULL},
    {"net.ipv4.route.mtu_expires", "pmtu_expires", SECONDS, NULL},
    {"net.ipv6.route.mtu_expires", "pmtu_expires", SECONDS, NULL},
    {"net.ipv4.route.min_pmtu", "min_pmtu", BYTES, NULL},
    {"net.ipv4.route.flush", "path_mtus", CHOICE, "0=forget 1=forget"},
    {"net.ipv4.tcp_app_win", NULL, ONLY, "31"},
    {"net.ipv4.tcp_min_rtt_wlen", NULL, ONLY, "300"},
    {"net.ipv4.tcp_max_reordering", NULL, ONLY, "300"},
    {"net.ipv4.tcp_plb_enabled", NULL, ONLY, "0"},
    {"net.ipv4.tcp_reflect_tos", NULL, ONLY, "0"},
    {"net.ipv4.tcp_stdurg", "urgent_pointer", CHOICE, "0=after 1=last"},
    {"net.ipv4.tcp_thin_linear_timeouts", NULL, ONLY, "0"},
    {"net.ipv4.tcp_workaround_signed_windows", NULL, ONLY, "0"},
    {"net.ipv4.tcp_migrate_req", NULL, ONLY, "0"},
    /* What concerns many connections at once, or a machine's queues. */
    {"net.ipv4.tcp_autocorking", NULL, ANY, NULL},
    {"net.ipv4.tcp_backlog_ack_defer", NULL, ANY, NULL},
    {"net.ipv4.tcp_challenge_ack_limit", NULL, ANY, NULL},
    {"net.ipv4.tcp_early_demux", NULL, ANY, NULL},
    {"net.ipv4.tcp_limit_output_bytes", NULL, ANY, NULL},
    {"net.ipv4.tcp_low_latency", NULL, ANY, NULL},
    {"net.ipv4.tcp_max_orphans", NULL, ANY, NULL},
    {"net.ipv4.tcp_max_tw_buckets", "time_wait_limit", AS_IS, NULL},
    {"net.ipv4.tcp_mem", NULL, ANY, NULL},
    {"net.ipv4.tcp_no_metrics_save", NULL, ANY, NULL},
    {"net.ipv4.tcp_no_ssthresh_metrics_save", NULL, ANY, NULL},
    {"net.ipv4.tcp_tso_rtt_log", NULL, ANY, NULL},
    {"net.ipv4.ip_forward_use_pmtu", NULL, ANY, NULL},
    {"net.ipv4.ip_nonlocal_bind", NULL, ANY, NULL},
    {"net.core.default_qdisc", NULL, ANY, NULL},
    {"net.core.netdev_max_backlog", NULL, ANY, NULL},
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

bool dw_drill_set_option(dw_command_env *env, const char *name, const char *option,
                         const char *text)
{
    DW_ASSERT(env->host);
    bool udp = strncmp(option, "udp.", 4) == 0;
    const char *protocol = udp ? "udp" : "tcp";
    if (udp) option += 4;
    if (dw_node_option(env->host, protocol, option, text) == DW_OK) return true;
    return dw_drill_unsupported(env->outcome, "%s: %s", name,
                                dw_sim_message(dw_node_sim(env->host)));
}

static bool set_flag(dw_command_env *env, const char *name, const char *option, bool value)
{
    return dw_drill_set_option(env, name, option, value ? "true" : "false");
}

/* Bits of Linux's tcp_fastopen: 1 client, 2 server, 4 client without a cookie, 0x200 server without
 * one, 0x400 every listener. */
static bool set_fast_open(dw_command_env *env, const char *name, int64_t bits)
{
    bool client = bits & 1, server = bits & 2;
    dw_sys_allow_fast_open(env->sys, client, server);
    return set_flag(env, name, "fast_open_bare_client", client && bits & 4) &&
           set_flag(env, name, "fast_open_bare_server", server && bits & 0x200) &&
           set_flag(env, name, "fast_open_listeners", server && bits & 0x400);
}

static bool set_fast_open_key(dw_command_env *env, const setting *s, const char *value)
{
    unsigned w[4];
    char text[40];
    if (sscanf(value, "%8x-%8x-%8x-%8x", &w[0], &w[1], &w[2], &w[3]) != 4)
        return dw_drill_unsupported(env->outcome, "%s with the value %s", s->name, value);
    for (int i = 0; i < 4; i++)
        snprintf(text + 8 * i, 9, "%02x%02x%02x%02x", w[i] & 255, w[i] >> 8 & 255, w[i] >> 16 & 255,
                 w[i] >> 24);
    return dw_drill_set_option(env, s->name, s->option, text);
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

/* Conversions that take a number: which of those in the text, and what it becomes. */
static const struct number {
    int nth; /* from 1; 0: it takes none */
    bool halved;
    const char *unit;
    dw_time time; /* the unit, where it is one of time */
} numbers[] = {
    [MS] = {1, false, "ms", DW_MILLISECOND},
    [SECONDS] = {1, false, "s", DW_SECOND},
    [MICROSECONDS] = {1, false, "us", DW_MICROSECOND},
    [MS_UNLESS_0] = {1, false, "ms", DW_MILLISECOND},
    [BYTES] = {1, false, "B", 0},
    [SECOND_OF_THREE] = {2, false, "B", 0},
    [THIRD_OF_THREE] = {3, false, "B", 0},
    [HALF_OF_SECOND] = {2, true, "B", 0},
    [HALF_OF_THIRD] = {3, true, "B", 0},
    [FIRST_OF_TWO] = {1, false, "", 0},
    [SECOND_OF_TWO] = {2, false, "", 0},
    [FAST_OPEN_KEY] = {0}, /* the last one */
};

static bool refuse(dw_command_env *env, const setting *s, const char *value)
{
    return dw_drill_unsupported(env->outcome, "%s with the value %s", s->name, value);
}

static bool apply_number(dw_command_env *env, const setting *s, const char *value)
{
    enum { MAX_OCTETS = 1 << 30 }; /* buffers have no more */
    const struct number *k = &numbers[s->how];
    char text[80];
    int64_t n;
    if (!parse(value, k->nth, &n)) return refuse(env, s, value);
    if (s->how == MS_UNLESS_0 && n == 0) return true;
    if (k->halved) n /= 2;
    if (strcmp(k->unit, "B") == 0 && n > MAX_OCTETS) n = MAX_OCTETS;
    snprintf(text, sizeof text, "%" PRId64 "%s", n, k->unit);
    return dw_drill_set_option(env, s->name, s->option, text);
}

/* A flag or a set of bits that is no number counts as 0, as the kernel's own parsers would not have
 * taken it. */
static bool apply(dw_command_env *env, const setting *s, const char *value)
{
    char text[80];
    int64_t n = 0;
    if (numbers[s->how].nth > 0) return apply_number(env, s, value);
    parse(value, 1, &n);
    const char *chosen = choice(s->words, value, text, sizeof text);
    switch ((enum conversion)s->how) {
    case AS_IS: return dw_drill_set_option(env, s->name, s->option, value);
    case FLAG: return set_flag(env, s->name, s->option, n != 0);
    case REVERSED: return set_flag(env, s->name, s->option, n == 0);
    case ANY: return true;
    case ONLY: return among(s->words, value) || refuse(env, s, value);
    case CHOICE:
        if (!chosen) return refuse(env, s, value);
        return dw_drill_set_option(env, s->name, s->option, chosen);
    case CHOICE_UNLESS:
        if (!chosen) chosen = strstr(s->words, " =") + 2;
        return dw_drill_set_option(env, s->name, s->option, chosen);
    case FAST_OPEN: return set_fast_open(env, s->name, n);
    case FAST_OPEN_KEY: return set_fast_open_key(env, s, value);
    case MS:
    case SECONDS:
    case MICROSECONDS:
    case MS_UNLESS_0:
    case BYTES:
    case FIRST_OF_TWO:
    case SECOND_OF_TWO:
    case SECOND_OF_THREE:
    case THIRD_OF_THREE:
    case HALF_OF_SECOND:
    case HALF_OF_THIRD: break; /* apply_number */
    }
    return false;
}

/* The value of a choice that means an option's text. */
static bool value_of_choice(const setting *s, const char *text, char *buf, size_t size)
{
    char word[80];
    for (int n = 0; n <= 9; n++) {
        snprintf(buf, size, "%d", n);
        if (choice(s->words, buf, word, sizeof word) && strcmp(word, text) == 0) return true;
    }
    return false;
}

static bool value_of_time(dw_time unit, const char *text, char *buf, size_t size)
{
    char why[100];
    dw_time t;
    if (dw_parse_time(text, &t, why, sizeof why) != DW_OK || t % unit) return false;
    snprintf(buf, size, "%" PRId64, t / unit);
    return true;
}

/* Back from an option's text to a sysctl's; false where none says exactly that: of several numbers
 * in one text, the others are not known here. */
static bool value_of(const setting *s, const char *text, char *buf, size_t size)
{
    bool truth = strcmp(text, "true") == 0;
    switch ((enum conversion)s->how) {
    case AS_IS:
    case BYTES: snprintf(buf, size, "%s", text); return true;
    case FLAG: snprintf(buf, size, "%d", truth); return true;
    case REVERSED: snprintf(buf, size, "%d", !truth); return true;
    case MS:
    case MS_UNLESS_0:
    case MICROSECONDS:
    case SECONDS: return value_of_time(numbers[s->how].time, text, buf, size);
    case CHOICE: return value_of_choice(s, text, buf, size);
    case FIRST_OF_TWO:
    case SECOND_OF_TWO:
    case SECOND_OF_THREE:
    case THIRD_OF_THREE:
    case HALF_OF_SECOND:
    case HALF_OF_THIRD:
    case ONLY:
    case ANY:
    case CHOICE_UNLESS:
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
        bool linux_one =
            strncmp(s->name, "net.ipv4.", 9) == 0 || strncmp(s->name, "net.core.", 9) == 0;
        if (!s->option || linux_one == freebsd || strcmp(s->option, option) != 0) continue;
        if (!value_of(s, text, value, sizeof value)) continue;
        snprintf(buf, size, "%s=%s", s->name, value);
        return true;
    }
    return false;
}

static bool unknown_sysctl(dw_command_env *env, const char *name)
{
    const char *names[sizeof settings / sizeof settings[0]];
    size_t n = 0;
    for (; settings[n].name; n++)
        names[n] = settings[n].name;
    names[n] = NULL;
    const char *near = dw_nearest(name, names);
    if (near)
        return dw_drill_unsupported(env->outcome, "the sysctl %s; did you mean %s?", name, near);
    return dw_drill_unsupported(env->outcome, "the sysctl %s", name);
}

bool dw_drill_set_sysctl(dw_command_env *env, const char *name, const char *value)
{
    bool known = false;
    for (const setting *s = settings; s->name; s++) {
        if (strcmp(s->name, name) != 0) continue;
        known = true;
        if (!apply(env, s, value)) return false;
    }
    return known || unknown_sysctl(env, name);
}

/* The table of the documentation. */

/* By conversion; NULL: the words of the setting say it. */
static const char *const value_texts[] = {
    [AS_IS] = "the number",
    [FLAG] = "0: false; else true",
    [REVERSED] = "0: true; else false",
    [MS] = "milliseconds",
    [SECONDS] = "seconds",
    [MICROSECONDS] = "microseconds",
    [MS_UNLESS_0] = "milliseconds, but for 0",
    [BYTES] = "octets, at most 1 GiB",
    [FIRST_OF_TWO] = "the first of two numbers",
    [SECOND_OF_TWO] = "the second of two numbers",
    [SECOND_OF_THREE] = "the second of three numbers",
    [THIRD_OF_THREE] = "the third of three numbers",
    [HALF_OF_SECOND] = "half of the second of three numbers",
    [HALF_OF_THIRD] = "half of the third of three numbers",
    [ANY] = "any",
    [FAST_OPEN] = "1 client, 2 server, 4, 0x200, 0x400",
    [FAST_OPEN_KEY] = "four words of eight hexadecimal digits",
};

static void value_text(const setting *s, char *out, size_t size)
{
    if (s->how == CHOICE_UNLESS)
        snprintf(out, size, "%s for all others", s->words);
    else if (s->how == ONLY)
        snprintf(out, size, "only %s", s->words);
    else
        snprintf(out, size, "%s", value_texts[s->how] ? value_texts[s->how] : s->words);
}

static void option_text(const setting *s, char *out, size_t size)
{
    if (s->option)
        snprintf(out, size, "`%s`", s->option);
    else if (s->how == FAST_OPEN)
        snprintf(out, size, "`fast_open` of both sides, `fast_open_bare_*`, `fast_open_listeners`");
    else
        snprintf(out, size, "%s", s->how == ONLY ? "what drywire does anyway" : "nothing to set");
}

void dw_drill_list_sysctls(FILE *f)
{
    char value[120], option[120];
    fprintf(f, "| sysctl | value | switch of TCP |\n|---|---|---|\n");
    for (const setting *s = settings; s->name; s++) {
        value_text(s, value, sizeof value);
        option_text(s, option, sizeof option);
        fprintf(f, "| `%s` | %s | %s |\n", s->name, value, option);
    }
}
