/* The profiles and the table of options. */
#include "tcp.h"

const char *const dw_tcp_profile_names[] = {"rfc9293", "linux", NULL};
const char *const dw_tcp_congestion_names[] = {"reno", NULL};
static const char *const rule_sets[] = {"rfc5961", "rfc793", NULL};
static const char *const acks_of_fin[] = {"immediate", "delayed", NULL};
static const char *const unread_closes[] = {"rst", "fin", NULL};
static const char *const probe_forms[] = {"octet", "empty", NULL};

/* RFC 9293 to the letter; where it leaves a choice, the plainest. */
#define RFC9293                                                                                    \
    .msl = 2 * DW_MINUTE, .rto_initial = DW_SECOND, .rto_min = DW_SECOND, .rto_max = DW_MINUTE,    \
    .delayed_ack = 200 * DW_MILLISECOND, .r2 = 100 * DW_SECOND, .syn_r2 = 3 * DW_MINUTE,           \
    .persist_min = DW_SECOND, .persist_max = DW_MINUTE, .sws_override = 500 * DW_MILLISECOND,      \
    .r1 = 3, .ack_every = 2, .initial_window = 4, .duplicate_ack_threshold = 3,                    \
    .send_buffer = 65535, .receive_buffer = 65535, .nagle = true, .window_scale = true,            \
    .retransmit_fin = true, .time_wait_restart = true, .karn = true,                               \
    .rst_check = DW_TCP_RULE_RFC5961, .syn_check = DW_TCP_RULE_RFC5961,                            \
    .ack_of_fin = DW_TCP_FIN_ACK_NOW, .close_unread = DW_TCP_UNREAD_RST,                           \
    .zero_window_probe = DW_TCP_PROBE_OCTET

static const dw_tcp_profile rfc9293 = {RFC9293};

static const dw_tcp_profile linux_profile = {
    .name = 1,
    .msl = 30 * DW_SECOND,
    .rto_initial = DW_SECOND,
    .rto_min = 200 * DW_MILLISECOND,
    .rto_var_floor = 200 * DW_MILLISECOND,
    .rto_max = 2 * DW_MINUTE,
    .delayed_ack = 40 * DW_MILLISECOND,
    .r2 = 24 * DW_HOUR,
    .syn_r2 = 24 * DW_HOUR,
    .persist_min = 200 * DW_MILLISECOND,
    .persist_max = 2 * DW_MINUTE,
    .sws_override = 500 * DW_MILLISECOND,
    .finwait2_timeout = DW_MINUTE,
    .r1 = 3,
    .syn_retries = 5,
    .synack_retries = 5,
    .data_retries = 15,
    .ack_every = 2,
    .quick_acks = 16,
    .initial_window = 10,
    .duplicate_ack_threshold = 3,
    .send_buffer = 262144,
    .receive_buffer = 65535,
    .nagle = true,
    .window_scale = true,
    .retransmit_fin = true,
    .time_wait_restart = true,
    .karn = true,
    .rst_check = DW_TCP_RULE_RFC5961,
    .syn_check = DW_TCP_RULE_RFC5961,
    .ack_of_fin = DW_TCP_FIN_ACK_DELAYED,
    .close_unread = DW_TCP_UNREAD_RST,
    .zero_window_probe = DW_TCP_PROBE_EMPTY,
};

const dw_tcp_profile *dw_tcp_profile_named(const char *name)
{
    static const dw_tcp_profile *const profiles[] = {&rfc9293, &linux_profile};
    for (int i = 0; dw_tcp_profile_names[i]; i++)
        if (strcmp(dw_tcp_profile_names[i], name) == 0) return profiles[i];
    return NULL;
}

#define FIELD(f) .offset = offsetof(dw_tcp_profile, f), .name = #f
#define TIME(f, low, high, text)                                                                   \
    {                                                                                              \
        FIELD(f), .kind = DW_OPTION_TIME, .min = (low), .max = (high), .doc = text                 \
    }
#define COUNT(f, low, high, text)                                                                  \
    {                                                                                              \
        FIELD(f), .kind = DW_OPTION_COUNT, .min = (low), .max = (high), .doc = text                \
    }
#define SIZE(f, low, high, text)                                                                   \
    {                                                                                              \
        FIELD(f), .kind = DW_OPTION_SIZE, .min = (low), .max = (high), .doc = text                 \
    }
#define FLAG(f, text)                                                                              \
    {                                                                                              \
        FIELD(f), .kind = DW_OPTION_FLAG, .doc = text                                              \
    }
#define CHOICE(f, names, text)                                                                     \
    {                                                                                              \
        FIELD(f), .kind = DW_OPTION_CHOICE, .choices = names, .doc = text                          \
    }

const dw_option dw_tcp_options[] = {
    TIME(msl, 1, 24 * DW_HOUR, "Maximum segment lifetime (RFC 9293 3.4.2)."),
    TIME(time_wait, 0, 24 * DW_HOUR,
         "Length of TIME-WAIT; 0s means 2 MSL (MUST-13).  Linux fixes it at 60 s."),
    TIME(rto_initial, 1, DW_HOUR, "Retransmission timeout before the first sample (RFC 6298 2.1)."),
    TIME(rto_min, 1, DW_HOUR, "Lower bound of the retransmission timeout (RFC 6298 2.4)."),
    TIME(rto_max, 1, DW_HOUR, "Upper bound of the retransmission timeout (RFC 6298 2.5)."),
    TIME(rto_var_floor, 0, DW_HOUR,
         "Least value of 4*RTTVAR in the timeout; 0s leaves only the clock's grain, 1 ms."),
    TIME(delayed_ack, 0, 499 * DW_MILLISECOND,
         "How long an acknowledgment may wait; under 0.5 s (MUST-40); 0s turns delaying off."),
    TIME(r2, 1, 24 * DW_HOUR,
         "Give up on data that stays unacknowledged this long; at least 100 s (SHLD-11)."),
    TIME(syn_r2, 1, 24 * DW_HOUR, "Give up on a SYN after this long; at least 3 min (MUST-23)."),
    TIME(persist_min, 1, DW_HOUR, "First interval of zero-window probes (SHLD-29)."),
    TIME(persist_max, 1, DW_HOUR, "Longest interval of zero-window probes (SHLD-30)."),
    TIME(sws_override, 100 * DW_MILLISECOND, DW_SECOND,
         "Send a small segment after waiting this long for a better window (RFC 9293 3.8.6.2.1)."),
    TIME(finwait2_timeout, 0, 24 * DW_HOUR,
         "End an orphaned FIN-WAIT-2 after this long; 0s: wait for ever, as the RFC has it."),
    COUNT(r1, 1, 100, "Retransmissions after which the path is suspected (SHLD-10)."),
    COUNT(syn_retries, 0, 100, "Retransmissions of a SYN before giving up; 0: by syn_r2 alone."),
    COUNT(synack_retries, 0, 100, "Likewise for a SYN,ACK."),
    COUNT(data_retries, 0, 100, "Likewise for data and FIN; 0: by r2 alone."),
    COUNT(ack_every, 1, 100, "Full-sized segments that draw an immediate ACK (SHLD-19)."),
    COUNT(quick_acks, 0, 1000, "Data segments acknowledged at once when a connection begins."),
    COUNT(initial_window, 1, 1000,
          "Initial congestion window in segments; up to 4 as in RFC 5681 3.1, 10 as in RFC 6928."),
    COUNT(duplicate_ack_threshold, 1, 1000,
          "Duplicate ACKs that start fast retransmit (RFC 5681)."),
    SIZE(mss, 0, 65495, "MSS that we announce; 0: the link's MTU less 40 (MUST-67)."),
    SIZE(send_buffer, 1, 1 << 30, "Bytes a user may send before they are acknowledged."),
    SIZE(receive_buffer, 1, 1 << 30,
         "Bytes kept for the user; over 65535 a window scale is offered (RFC 7323)."),
    FLAG(nagle, "Hold small segments while data is outstanding (RFC 9293 3.7.4, SHLD-7)."),
    FLAG(window_scale, "Offer and accept window scaling (RFC 7323 2) where a buffer needs it."),
    FLAG(retransmit_fin, "Retransmit FIN.  false breaks RFC 9293 3.6 on purpose."),
    FLAG(time_wait_restart,
         "A FIN that comes again restarts the 2 MSL wait.  false breaks RFC 9293 3.10.7.4."),
    FLAG(karn, "Take no round-trip sample from retransmitted segments (MUST-18)."),
    CHOICE(rst_check, rule_sets,
           "rfc5961: only an exact RST resets, one elsewhere in the window draws a challenge ACK; "
           "rfc793: any RST in the window resets."),
    CHOICE(syn_check, rule_sets,
           "rfc5961: a SYN in a synchronized state draws a challenge ACK; rfc793: it resets."),
    CHOICE(ack_of_fin, acks_of_fin,
           "Acknowledge a FIN at once (RFC 9293 3.10.7.4) or like data, so that a quick close "
           "carries the ACK along."),
    CHOICE(close_unread, unread_closes,
           "Closing with unread data sends RST (SHLD-3), or FIN all the same."),
    CHOICE(zero_window_probe, probe_forms,
           "A probe carries one new octet (RFC 9293 3.8.6.1) or is empty with SEQ=SND.UNA-1."),
    CHOICE(congestion_control, dw_tcp_congestion_names, "The congestion control."),
    {0},
};
