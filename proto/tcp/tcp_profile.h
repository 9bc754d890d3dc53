/* Every tunable of TCP, and every switch on which RFCs and practice differ. */
#ifndef DW_TCP_PROFILE_H
#define DW_TCP_PROFILE_H

#include "drywire/plugin.h"

enum dw_tcp_rule_set { DW_TCP_RULE_RFC5961, DW_TCP_RULE_RFC793 };
enum dw_tcp_ack_of_fin { DW_TCP_FIN_ACK_NOW, DW_TCP_FIN_ACK_DELAYED };
enum dw_tcp_unread_close { DW_TCP_UNREAD_RST, DW_TCP_UNREAD_FIN };
enum dw_tcp_probe_form { DW_TCP_PROBE_OCTET, DW_TCP_PROBE_EMPTY };

/* A plain value: copy it, change it.  The option table in tcp_profile.c documents each field. */
typedef struct dw_tcp_profile {
    uint8_t name; /* index into the names of profiles */
    /* Timers */
    dw_time msl;
    dw_time time_wait; /* 0: twice msl */
    dw_time rto_initial, rto_min, rto_max;
    dw_time rto_var_floor;
    dw_time delayed_ack;
    dw_time r2, syn_r2;
    dw_time persist_min, persist_max;
    dw_time sws_override;
    dw_time finwait2_timeout;
    /* Counts */
    uint32_t r1;
    uint32_t syn_retries, synack_retries, data_retries; /* 0: by time alone */
    uint32_t ack_every;
    uint32_t quick_acks;
    uint32_t initial_window;
    uint32_t duplicate_ack_threshold;
    /* Sizes */
    uint32_t mss;
    uint32_t send_buffer, receive_buffer;
    /* Switches */
    bool nagle;
    bool window_scale;
    bool retransmit_fin;
    bool time_wait_restart;
    bool karn;
    uint8_t rst_check;
    uint8_t syn_check;
    uint8_t ack_of_fin;
    uint8_t close_unread;
    uint8_t zero_window_probe;
    uint8_t congestion_control;
} dw_tcp_profile;

extern const dw_option dw_tcp_options[];
extern const char *const dw_tcp_profile_names[];
extern const char *const dw_tcp_congestion_names[];
/* The named profile, or NULL. */
const dw_tcp_profile *dw_tcp_profile_named(const char *name);

#endif
