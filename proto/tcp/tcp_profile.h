/* The profile: every tunable of TCP, and every switch on which RFCs and practice differ. */
#ifndef DW_TCP_PROFILE_H
#define DW_TCP_PROFILE_H

#include "drywire/plugin.h"
#include "tcp_defect.h"
#include "tcp_switches.h"

/* The values of the choices, in the order of their names in tcp_profile.c. */
enum dw_tcp_rule_set { DW_TCP_RULE_RFC5961, DW_TCP_RULE_RFC793 };
enum dw_tcp_idle_restart { DW_TCP_IDLE_KEEP, DW_TCP_IDLE_RFC5681, DW_TCP_IDLE_HALVE };
enum dw_tcp_recovery_kind {
    DW_TCP_RECOVERY_NEWRENO,
    DW_TCP_RECOVERY_SACK,
    DW_TCP_RECOVERY_RACK,
    DW_TCP_RECOVERY_TAHOE,
    DW_TCP_RECOVERY_RENO
};
enum dw_tcp_syn_rule { DW_TCP_SYN_RFC5961, DW_TCP_SYN_RFC793, DW_TCP_SYN_RESET };
enum dw_tcp_sequence_rule { DW_TCP_SEQUENCE_RFC9293, DW_TCP_SEQUENCE_LINUX };
enum dw_tcp_window_step { DW_TCP_STEP_SEGMENT, DW_TCP_STEP_ANY, DW_TCP_STEP_FREE };
enum dw_tcp_prohibited_rule { DW_TCP_PROHIBITED_SOFT, DW_TCP_PROHIBITED_HARD };
enum dw_tcp_time_wait_rules { DW_TCP_TW_RULES_RFC9293, DW_TCP_TW_RULES_BSD };
enum dw_tcp_nagle_rule { DW_TCP_NAGLE_RFC9293, DW_TCP_NAGLE_MINSHALL, DW_TCP_NAGLE_BSD };
enum dw_tcp_early_data { DW_TCP_EARLY_KEEP, DW_TCP_EARLY_DISCARD };
enum dw_tcp_open_error { DW_TCP_OPEN_REFUSED, DW_TCP_OPEN_RESET };
enum dw_tcp_reopen_isn { DW_TCP_REOPEN_CLOCK, DW_TCP_REOPEN_ABOVE };
enum dw_tcp_ack_of_fin { DW_TCP_FIN_ACK_NOW, DW_TCP_FIN_ACK_DELAYED };
enum dw_tcp_delayed_ack_rule { DW_TCP_DELACK_COUNTS, DW_TCP_DELACK_ADAPTS };
enum dw_tcp_close_reply { DW_TCP_CLOSE_REPLY_ACK, DW_TCP_CLOSE_REPLY_FIN };
enum dw_tcp_unread_close { DW_TCP_UNREAD_RST, DW_TCP_UNREAD_FIN };
enum dw_tcp_unread_data { DW_TCP_UNREAD_FLUSH, DW_TCP_UNREAD_KEEP };
enum dw_tcp_read_shutdown { DW_TCP_READ_KEEPS, DW_TCP_READ_DISCARDS };
enum dw_tcp_reuse { DW_TCP_REUSE_OFF, DW_TCP_REUSE_ALWAYS, DW_TCP_REUSE_LOOPBACK };
enum dw_tcp_probe_form { DW_TCP_PROBE_OCTET, DW_TCP_PROBE_EMPTY };
enum dw_tcp_backoff_end { DW_TCP_BACKOFF_SAMPLE, DW_TCP_BACKOFF_ACK };
enum dw_tcp_option_layout { DW_TCP_LAYOUT_PLAIN, DW_TCP_LAYOUT_LINUX, DW_TCP_LAYOUT_FREEBSD };
enum dw_tcp_ecn_rule {
    DW_TCP_ECN_OFF,
    DW_TCP_ECN_ASK,
    DW_TCP_ECN_ANSWER,
    DW_TCP_ECN_ACCURATE, /* and what follows */
    DW_TCP_ECN_ACCURATE_OR_ASK,
    DW_TCP_ECN_ACCURATE_ANSWER
};
enum dw_tcp_listen_reply { DW_TCP_LISTEN_RST, DW_TCP_LISTEN_DROP };
enum dw_tcp_synfin_rule { DW_TCP_SYNFIN_OPEN, DW_TCP_SYNFIN_DROP };
enum dw_tcp_full_rule { DW_TCP_FULL_DROP, DW_TCP_FULL_CACHE, DW_TCP_FULL_COOKIES };
enum dw_tcp_time_wait_rst { DW_TCP_TW_RST_CLOSE, DW_TCP_TW_RST_IGNORE };
enum dw_tcp_time_wait_syn { DW_TCP_TW_SYN_REOPEN, DW_TCP_TW_SYN_REFUSE };
enum dw_tcp_missing_rule { DW_TCP_MISSING_DROP, DW_TCP_MISSING_ACCEPT };
enum dw_tcp_hard_rule { DW_TCP_HARD_ABORT, DW_TCP_HARD_OPENING, DW_TCP_HARD_IGNORE };
enum dw_tcp_soft_rule { DW_TCP_SOFT_REPORT, DW_TCP_SOFT_ABORT_OPENING };
enum dw_tcp_syn_retry { DW_TCP_SYN_RETRY_TIMER, DW_TCP_SYN_RETRY_NOW, DW_TCP_SYN_RETRY_SOON };
enum dw_tcp_cookie_rule { DW_TCP_COOKIE_PLAIN, DW_TCP_COOKIE_LINUX, DW_TCP_COOKIE_FREEBSD };
enum dw_tcp_queue_rule { DW_TCP_QUEUE_BACKLOG, DW_TCP_QUEUE_LINUX, DW_TCP_QUEUE_BSD };
enum dw_tcp_untold_rule { DW_TCP_UNTOLD_RFC1191, DW_TCP_UNTOLD_MIN, DW_TCP_UNTOLD_FREEBSD };
enum dw_tcp_mtu_probing {
    DW_TCP_MTU_PROBING_OFF,
    DW_TCP_MTU_PROBING_BLACK_HOLE,
    DW_TCP_MTU_PROBING_ALWAYS
};
enum dw_tcp_urgent_pointer { DW_TCP_URGENT_AFTER, DW_TCP_URGENT_LAST };

/* A plain value: copy it, change it.  tcp_switches.h documents each field. */
#define DW_TCP_TIME_FIELD(name, ...) dw_time name;
#define DW_TCP_COUNT_FIELD(name, ...) uint32_t name;
#define DW_TCP_FLAG_FIELD(name, ...) bool name;
#define DW_TCP_CHOICE_FIELD(name, ...) uint8_t name;
typedef struct dw_tcp_profile {
    uint64_t defects; /* bits of enum dw_tcp_defect: mistakes made on purpose */
    DW_TCP_SWITCHES(DW_TCP_TIME_FIELD, DW_TCP_COUNT_FIELD, DW_TCP_COUNT_FIELD, DW_TCP_FLAG_FIELD,
                    DW_TCP_CHOICE_FIELD)
} dw_tcp_profile;

extern const dw_option dw_tcp_options[];
extern const char *const dw_tcp_profile_names[];
extern const char *const dw_tcp_congestion_names[];
/* The named profile, or NULL. */
const dw_tcp_profile *dw_tcp_profile_named(const char *name);

/* What a user may set for one connection.  It begins with the profile's values. */
typedef struct dw_tcp_settings {
    dw_time keepalive_idle, keepalive_interval;
    dw_time user_timeout; /* 0: R2 */
    dw_time syn_r2;
    dw_time finwait2_timeout; /* 0: the profile's */
    uint32_t keepalive_probes, syn_retries;
    uint32_t tos, ttl;
    uint32_t mss, send_buffer, receive_buffer;
    uint32_t window_clamp;  /* 0: none */
    uint32_t defer_accept;  /* timeouts of the SYN,ACK; 0: accept without data */
    uint32_t udp_port;      /* of the peer: TCP in UDP; 0: none */
    uint32_t notsent_lowat; /* 0: no limit */
    uint32_t receive_lowat; /* what is less is not worth reading */
    bool nagle, keepalive, reports, cork, fast_open;
    bool pmtu_discovery;
    bool quick_ack; /* as the user last set it; the delayed ACKs have their own mind */
    bool options;   /* false: no TCP options at all */
    uint8_t congestion_control;
} dw_tcp_settings;
extern const dw_option dw_tcp_setting_options[];

#endif
