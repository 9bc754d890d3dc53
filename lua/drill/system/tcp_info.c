/* tcp_info, from what TCP tells of itself: Linux's names, bits and units. */
#include "descriptor.h"

#include <string.h>

/* tcp_info. */

typedef struct translation {
    dw_info_fn each;
    void *ctx;
    int64_t mss;
} translation;

/* What is the same number under another name, in another unit (its nanoseconds to one of theirs).
 */
static const struct {
    const char *ours, *theirs;
    int64_t unit;
} names[] = {
    {"snd_mss", "tcpi_snd_mss", 1},
    {"advmss", "tcpi_advmss", 1},
    {"ack_mss", "tcpi_rcv_mss", 1},
    {"pmtu", "tcpi_pmtu", 1},
    {"retransmits", "tcpi_retransmits", 1},
    {"snd_wscale", "tcpi_snd_wscale", 1},
    {"rcv_wscale", "tcpi_rcv_wscale", 1},
    {"srtt_ns", "tcpi_rtt", 1000},
    {"rttvar_ns", "tcpi_rttvar", 1000},
    {"rto_ns", "tcpi_rto", 1000},
    {"segments_out", "tcpi_unacked", 1},
    {"offered_wnd", "tcpi_rcv_wnd", 1},
    {"rcv_ssthresh", "tcpi_rcv_ssthresh", 1},
    {"snd_wnd", "tcpi_snd_wnd", 1},
    {"unsent", "tcpi_notsent_bytes", 1},
    {"delivered", "tcpi_delivered", 1},
    {"received_ce", "tcpi_received_ce", 1},
    {"delivered_ce", "tcpi_delivered_ce", 1},
    {"received_ce_octets", "tcpi_received_ce_bytes", 1},
    {"received_e0_octets", "tcpi_received_e0_bytes", 1},
    {"received_e1_octets", "tcpi_received_e1_bytes", 1},
    {"delivered_ce_octets", "tcpi_delivered_ce_bytes", 1},
    {"delivered_e0_octets", "tcpi_delivered_e0_bytes", 1},
    {"delivered_e1_octets", "tcpi_delivered_e1_bytes", 1},
    {"ecn_mode", "tcpi_ecn_mode", 1},
    {"ecn_option_seen", "tcpi_accecn_opt_seen", 1},
    {"ecn_failed", "tcpi_accecn_fail_mode", 1},
    {"ca_state", "tcpi_ca_state", 1},
    {"sacked_out", "tcpi_sacked", 1},
    {"lost_out", "tcpi_lost", 1},
    {"resent_out", "tcpi_retrans", 1},
    {"resent_total", "tcpi_total_retrans", 1},
    {"reordering", "tcpi_reordering", 1},
    {"reordering_seen", "tcpi_reord_seen", 1},
    {"duplicates", "tcpi_dsack_dups", 1},
    {"min_rtt_ns", "tcpi_min_rtt", 1000},
    {"last_data_recv_ns", "tcpi_last_data_recv", 1000000},
    {"last_data_sent_ns", "tcpi_last_data_sent", 1000000},
    {"bytes_received", "tcpi_bytes_received", 1},
    {"probes", "tcpi_probes", 1},
    {"backoff", "tcpi_backoff", 1},
    {"busy_time_ns", "tcpi_busy_time", 1000},
    {"rwnd_limited_ns", "tcpi_rwnd_limited", 1000},
    {"sndbuf_limited_ns", "tcpi_sndbuf_limited", 1000},
};

static void translate(void *ctx, const char *name, int64_t value)
{
    translation *t = ctx;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].ours, name) == 0)
            t->each(t->ctx, names[i].theirs, value / names[i].unit);
    /* Linux counts its window in segments, and calls "as large as may be" a number of its own. */
    if (strcmp(name, "cwnd") == 0 && t->mss) t->each(t->ctx, "tcpi_snd_cwnd", value / t->mss);
    if (strcmp(name, "ssthresh") == 0 && t->mss)
        t->each(t->ctx, "tcpi_snd_ssthresh", value > INT32_MAX ? INT32_MAX : value / t->mss);
}

static int64_t linux_state(const char *state)
{
    static const char *const states[] = {"",           "ESTABLISHED", "SYN-SENT",  "SYN-RECEIVED",
                                         "FIN-WAIT-1", "FIN-WAIT-2",  "TIME-WAIT", "CLOSED",
                                         "CLOSE-WAIT", "LAST-ACK",    "LISTEN",    "CLOSING"};
    for (int i = 1; i < 12; i++)
        if (strcmp(states[i], state) == 0) return i;
    return 7;
}

/* Bits of tcpi_options (TCPI_OPT_*). */
static int64_t options_of(const dw_descriptor *d)
{
    static const struct {
        const char *name;
        int64_t bit;
    } bits[] = {{"timestamps", 1}, {"sack", 2},      {"wscale_ok", 4},
                {"ecn", 8},        {"ecn_seen", 16}, {"syn_data_acked", 32}};
    int64_t options = 0;
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        if (dw_fd_info(d, bits[i].name)) options |= bits[i].bit;
    return options;
}

/* What only AccECN counts (RFC 9768) is 0 on a connection that has not agreed on it; what TCP tells
 * of it after that wins. */
bool dw_sys_tcp_info(dw_sys *sys, int fd, dw_info_fn each, void *ctx)
{
    dw_descriptor *d = dw_fd_find(sys, fd);
    if (!d || d->kind != DW_FD_STREAM) return false;
    each(ctx, "tcpi_state", d->socket ? linux_state(dw_socket_state(d->socket)) : 7);
    each(ctx, "tcpi_options", options_of(d));
    static const char *const accurate_only[] = {
        "tcpi_received_ce",        "tcpi_received_ce_bytes",  "tcpi_received_e0_bytes",
        "tcpi_received_e1_bytes",  "tcpi_delivered_ce_bytes", "tcpi_delivered_e0_bytes",
        "tcpi_delivered_e1_bytes", "tcpi_accecn_opt_seen",    "tcpi_accecn_fail_mode"};
    enum { ACCURATE = 2, COUNT = sizeof accurate_only / sizeof accurate_only[0] };
    for (int i = 0; dw_fd_info(d, "ecn_mode") != ACCURATE && i < COUNT; i++)
        each(ctx, accurate_only[i], 0);
    each(ctx, "SK_MEMINFO_RMEM_ALLOC", dw_fd_info(d, "receive_memory_used"));
    each(ctx, "SK_MEMINFO_RCVBUF", dw_fd_receive_buffer(d));
    each(ctx, "SK_MEMINFO_SNDBUF", dw_fd_send_buffer(d));
    translation t = {.each = each, .ctx = ctx, .mss = dw_fd_info(d, "snd_mss")};
    if (d->socket) dw_socket_info(d->socket, translate, &t);
    return true;
}
