/* The profiles, and the tables of options, made from the rows of tcp_switches.h. */
#include "tcp.h"

const char *const dw_tcp_profile_names[] = {"rfc9293", "linux",    "freebsd",
                                            "rfc793",  "embedded", NULL};
const char *const dw_tcp_congestion_names[] = {"reno", "cubic",  "dctcp", "vegas", "bbr",
                                               "bbr3", "ledbat", "none",  NULL};
static const char *const hystarts[] = {"off", "train", "delay", "classic", "plusplus", NULL};
static const char *const idle_restarts[] = {"off", "rfc5681", "halve", NULL};
static const char *const recoveries[] = {"newreno", "sack", "rack", "tahoe", "reno", NULL};
static const char *const rule_sets[] = {"rfc5961", "rfc793", NULL};
static const char *const sequence_rules[] = {"rfc9293", "linux", NULL};
static const char *const syn_rules[] = {"rfc5961", "rfc793", "reset", NULL};
static const char *const window_steps[] = {"segment", "any", "free", NULL};
static const char *const prohibited_rules[] = {"soft", "hard", NULL};
static const char *const time_wait_rule_sets[] = {"rfc9293", "bsd", NULL};
static const char *const nagle_rules[] = {"rfc9293", "minshall", "bsd", NULL};
static const char *const early_data[] = {"keep", "discard", NULL};
static const char *const open_errors[] = {"refused", "reset", NULL};
static const char *const reuses[] = {"off", "always", "loopback", NULL};
static const char *const reopen_isns[] = {"clock", "above", NULL};
static const char *const acks_of_fin[] = {"immediate", "delayed", NULL};
static const char *const delayed_ack_rules[] = {"counts", "adapts", NULL};
static const char *const close_replies[] = {"ack", "fin", NULL};
static const char *const unread_closes[] = {"rst", "fin", NULL};
static const char *const unread_data[] = {"flush", "keep", NULL};
static const char *const probe_forms[] = {"octet", "empty", NULL};
static const char *const backoff_ends[] = {"sample", "ack", NULL};
static const char *const option_layouts[] = {"plain", "linux", "freebsd", NULL};
static const char *const ecn_rules[] = {
    "off", "ask", "answer", "accurate", "accurate-or-ask", "accurate-answer", NULL};
static const char *const listen_replies[] = {"rst", "drop", NULL};
static const char *const synfin_rules[] = {"open", "drop", NULL};
static const char *const full_rules[] = {"drop", "cache", "cookies", NULL};
static const char *const time_wait_rsts[] = {"close", "ignore", NULL};
static const char *const time_wait_syns[] = {"reopen", "refuse", NULL};
static const char *const missing_rules[] = {"drop", "accept", NULL};
static const char *const hard_rules[] = {"abort", "opening", "ignore", NULL};
static const char *const soft_rules[] = {"report", "abort-opening", NULL};
static const char *const syn_retries_when[] = {"timer", "at-once", "soon", NULL};
static const char *const cookie_rules[] = {"mss", "linux", "freebsd", NULL};
static const char *const queue_rules[] = {"backlog", "linux", "bsd", NULL};
static const char *const untold_rules[] = {"rfc1191", "linux", "freebsd", NULL};
static const char *const mtu_probings[] = {"off", "black-hole", "always", NULL};
static const char *const urgent_pointers[] = {"after", "last", NULL};

/* The rows of one profile: its column of the table. */
#define NUMBER_1(name, low, high, a, b, c, d, e, doc) .name = a,
#define NUMBER_2(name, low, high, a, b, c, d, e, doc) .name = b,
#define NUMBER_3(name, low, high, a, b, c, d, e, doc) .name = c,
#define NUMBER_4(name, low, high, a, b, c, d, e, doc) .name = d,
#define NUMBER_5(name, low, high, a, b, c, d, e, doc) .name = e,
#define FLAG_1(name, a, b, c, d, e, doc) .name = a,
#define FLAG_2(name, a, b, c, d, e, doc) .name = b,
#define FLAG_3(name, a, b, c, d, e, doc) .name = c,
#define FLAG_4(name, a, b, c, d, e, doc) .name = d,
#define FLAG_5(name, a, b, c, d, e, doc) .name = e,
#define CHOICE_1(name, words, a, b, c, d, e, doc) .name = a,
#define CHOICE_2(name, words, a, b, c, d, e, doc) .name = b,
#define CHOICE_3(name, words, a, b, c, d, e, doc) .name = c,
#define CHOICE_4(name, words, a, b, c, d, e, doc) .name = d,
#define CHOICE_5(name, words, a, b, c, d, e, doc) .name = e,
#define PROFILE(n)                                                                                 \
    {                                                                                              \
        DW_TCP_SWITCHES(NUMBER_##n, NUMBER_##n, NUMBER_##n, FLAG_##n, CHOICE_##n)                  \
    }

static const dw_tcp_profile profiles[] = {PROFILE(1), PROFILE(2), PROFILE(3), PROFILE(4),
                                          PROFILE(5)};

const dw_tcp_profile *dw_tcp_profile_named(const char *name)
{
    for (int i = 0; dw_tcp_profile_names[i]; i++)
        if (strcmp(dw_tcp_profile_names[i], name) == 0) return &profiles[i];
    return NULL;
}

#define FIELD(f) .offset = offsetof(dw_tcp_profile, f), .name = #f
#define TIME_OPTION(f, low, high, a, b, c, d, e, text)                                             \
    {FIELD(f), .kind = DW_OPTION_TIME, .min = (low), .max = (high), .doc = text},
#define COUNT_OPTION(f, low, high, a, b, c, d, e, text)                                            \
    {FIELD(f), .kind = DW_OPTION_COUNT, .min = (low), .max = (high), .doc = text},
#define SIZE_OPTION(f, low, high, a, b, c, d, e, text)                                             \
    {FIELD(f), .kind = DW_OPTION_SIZE, .min = (low), .max = (high), .doc = text},
#define FLAG_OPTION(f, a, b, c, d, e, text) {FIELD(f), .kind = DW_OPTION_FLAG, .doc = text},
#define CHOICE_OPTION(f, words, a, b, c, d, e, text)                                               \
    {FIELD(f), .kind = DW_OPTION_CHOICE, .choices = words, .doc = text},

const dw_option dw_tcp_options[] = {
    DW_TCP_SWITCHES(TIME_OPTION, COUNT_OPTION, SIZE_OPTION, FLAG_OPTION, CHOICE_OPTION){0},
};

#define SETTING(f) .offset = offsetof(dw_tcp_settings, f), .name = #f
const dw_option dw_tcp_setting_options[] = {
    {SETTING(nagle), .kind = DW_OPTION_FLAG,
     .doc = "Hold small segments while data is outstanding; false is TCP_NODELAY (MUST-17)."},
    {SETTING(tos), .kind = DW_OPTION_COUNT, .min = 0, .max = 255,
     .doc = "The Differentiated Services field, as an octet (MUST-48, SHLD-21)."},
    {SETTING(ttl), .kind = DW_OPTION_COUNT, .min = 0, .max = 255,
     .doc = "Time to live of the packets; if not set, the network layer's default (MUST-49)."},
    {SETTING(keepalive), .kind = DW_OPTION_FLAG, .doc = "Send keepalive probes (MUST-24)."},
    {SETTING(keepalive_idle), .kind = DW_OPTION_TIME, .min = 1, .max = 30 * DAY,
     .doc = "First keepalive probe after this long without a packet (MUST-27)."},
    {SETTING(keepalive_interval), .kind = DW_OPTION_TIME, .min = 1, .max = DAY,
     .doc = "Between keepalive probes that are not answered."},
    {SETTING(keepalive_probes), .kind = DW_OPTION_COUNT, .min = 1, .max = 1000,
     .doc = "Unanswered probes in a row after which the connection is given up."},
    {SETTING(user_timeout), .kind = DW_OPTION_TIME, .min = 0, .max = 30 * DAY,
     .doc = "Give up on data after this long (RFC 5482); 0s: R2 (MUST-21)."},
    {SETTING(reports), .kind = DW_OPTION_FLAG,
     .doc = "Tell the user about problems that may pass; false turns that off (SHLD-20)."},
    {SETTING(mss), .kind = DW_OPTION_SIZE, .min = 0, .max = 65495,
     .doc =
         "MSS that we announce and keep to; if not set, what the link's MTU allows (TCP_MAXSEG)."},
    {SETTING(send_buffer), .kind = DW_OPTION_SIZE, .min = 1, .max = 1 << 30,
     .doc = "Octets that may be sent before they are acknowledged (SO_SNDBUF)."},
    {SETTING(receive_buffer), .kind = DW_OPTION_SIZE, .min = 1, .max = 1 << 30,
     .doc = "Octets kept for the user (SO_RCVBUF); the window scale depends on it before the SYN."},
    {SETTING(finwait2_timeout), .kind = DW_OPTION_TIME, .min = 0, .max = DAY,
     .doc = "End an orphaned FIN-WAIT-2 after this long; 1ns: at once; 0s: as the host does "
            "(TCP_LINGER2)."},
    {SETTING(defer_accept), .kind = DW_OPTION_COUNT, .min = 0, .max = 255,
     .doc = "Of a listener: a handshake is complete when data comes, or after so many timeouts of "
            "the SYN,ACK; 0: with its last ACK (TCP_DEFER_ACCEPT)."},
    {SETTING(window_clamp), .kind = DW_OPTION_SIZE, .min = 0, .max = 1 << 30,
     .doc = "The receive window is never more than this; 0B: as the buffer allows "
            "(as TCP_WINDOW_CLAMP does)."},
    {SETTING(syn_retries), .kind = DW_OPTION_COUNT, .min = 0, .max = 127,
     .doc = "Retransmissions of a SYN before giving up; 0: by syn_r2 alone (TCP_SYNCNT)."},
    {SETTING(syn_r2), .kind = DW_OPTION_TIME, .min = 1, .max = DAY,
     .doc = "Give up on a SYN after this long (TCP_KEEPINIT)."},
    {SETTING(notsent_lowat), .kind = DW_OPTION_SIZE, .min = 0, .max = 1 << 30,
     .doc = "Take no more from the user while so many octets wait to be sent; 0B: the buffer alone "
            "decides (TCP_NOTSENT_LOWAT)."},
    {SETTING(receive_lowat), .kind = DW_OPTION_SIZE, .min = 1, .max = 1 << 30,
     .doc = "Do not tell of data to read while there is less, unless no more will come "
            "(SO_RCVLOWAT)."},
    {SETTING(quick_ack), .kind = DW_OPTION_FLAG,
     .doc = "Where delayed_ack_rule adapts: false has ACKs wait for the answer, from now until "
            "an ACK has waited in vain; true ends that (TCP_QUICKACK)."},
    {SETTING(cork), .kind = DW_OPTION_FLAG,
     .doc = "Send only full segments until it is turned off again (TCP_CORK)."},
    {SETTING(fast_open), .kind = DW_OPTION_FLAG,
     .doc = "Send and accept data on SYN with a cookie (RFC 7413); of a listener or before "
            "connecting."},
    {SETTING(options), .kind = DW_OPTION_FLAG,
     .doc = "false: use no TCP options, and heed none (TCP_NOOPT)."},
    {SETTING(congestion_control), .kind = DW_OPTION_CHOICE, .choices = dw_tcp_congestion_names,
     .doc = "The congestion control, also one of a plugin or a script (TCP_CONGESTION); in the "
            "middle of a connection the window stays as it is.",
     .plugins = true},
    {SETTING(pmtu_discovery), .kind = DW_OPTION_FLAG,
     .doc =
         "Send again at once, smaller, what ICMP says is too big; false: only later segments are "
         "smaller (IP_PMTUDISC_DONT)."},
    {SETTING(udp_port), .kind = DW_OPTION_COUNT, .min = 0, .max = 65535,
     .doc = "The peer's UDP port, to send TCP in UDP; 0: plain TCP."},
    {0},
};
