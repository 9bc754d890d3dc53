/* The kernel's tcp_info, under the names that scripts use. */
#define _GNU_SOURCE
#include "live.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define FIELD(name)                                                                                \
    {                                                                                              \
#name, offsetof(struct tcp_info, name), sizeof(((struct tcp_info *)0)->name)               \
    }

static const struct {
    const char *name;
    size_t offset, size;
} fields[] = {
    FIELD(tcpi_state),
    FIELD(tcpi_ca_state),
    FIELD(tcpi_retransmits),
    FIELD(tcpi_probes),
    FIELD(tcpi_backoff),
    FIELD(tcpi_options),
    FIELD(tcpi_rto),
    FIELD(tcpi_ato),
    FIELD(tcpi_snd_mss),
    FIELD(tcpi_rcv_mss),
    FIELD(tcpi_unacked),
    FIELD(tcpi_sacked),
    FIELD(tcpi_lost),
    FIELD(tcpi_retrans),
    FIELD(tcpi_fackets),
    FIELD(tcpi_last_data_sent),
    FIELD(tcpi_last_ack_sent),
    FIELD(tcpi_last_data_recv),
    FIELD(tcpi_last_ack_recv),
    FIELD(tcpi_pmtu),
    FIELD(tcpi_rcv_ssthresh),
    FIELD(tcpi_rtt),
    FIELD(tcpi_rttvar),
    FIELD(tcpi_snd_ssthresh),
    FIELD(tcpi_snd_cwnd),
    FIELD(tcpi_advmss),
    FIELD(tcpi_reordering),
    FIELD(tcpi_rcv_rtt),
    FIELD(tcpi_rcv_space),
    FIELD(tcpi_total_retrans),
    FIELD(tcpi_pacing_rate),
    FIELD(tcpi_max_pacing_rate),
    FIELD(tcpi_bytes_acked),
    FIELD(tcpi_bytes_received),
    FIELD(tcpi_segs_out),
    FIELD(tcpi_segs_in),
    FIELD(tcpi_notsent_bytes),
    FIELD(tcpi_min_rtt),
    FIELD(tcpi_data_segs_in),
    FIELD(tcpi_data_segs_out),
    FIELD(tcpi_delivery_rate),
    FIELD(tcpi_busy_time),
    FIELD(tcpi_rwnd_limited),
    FIELD(tcpi_sndbuf_limited),
    FIELD(tcpi_delivered),
    FIELD(tcpi_delivered_ce),
    FIELD(tcpi_bytes_sent),
    FIELD(tcpi_bytes_retrans),
    FIELD(tcpi_dsack_dups),
    FIELD(tcpi_reord_seen),
    FIELD(tcpi_rcv_ooopack),
    FIELD(tcpi_snd_wnd),
    /* Newer than the headers that drywire is built with may be. */
    {"tcpi_rcv_wnd", 232, 4},
    {"tcpi_rehash", 236, 4},
    {"tcpi_total_rto", 240, 2},
    {"tcpi_total_rto_recoveries", 242, 2},
    {"tcpi_total_rto_time", 244, 4},
    {"tcpi_received_ce", 248, 4},
    {"tcpi_delivered_e1_bytes", 252, 4},
    {"tcpi_delivered_e0_bytes", 256, 4},
    {"tcpi_delivered_ce_bytes", 260, 4},
    {"tcpi_received_e1_bytes", 264, 4},
    {"tcpi_received_e0_bytes", 268, 4},
    {"tcpi_received_ce_bytes", 272, 4},
};
enum { MAX_SIZE = 512 }; /* octets, of today's kernels and some to come */

static int64_t number_at(const uint8_t *bytes, size_t size)
{
    uint8_t n8;
    uint16_t n16;
    uint32_t n32;
    uint64_t n64;
    switch (size) {
    case sizeof n8: return *bytes;
    case sizeof n16: memcpy(&n16, bytes, size); return n16;
    case sizeof n32: memcpy(&n32, bytes, size); return n32;
    default: memcpy(&n64, bytes, sizeof n64); return (int64_t)n64;
    }
}

/* SO_MEMINFO, in the order of the kernel's sock_diag.h. */
static void tell_memory(int fd, dw_info_fn each, void *ctx)
{
    static const char *const names[] = {
        "SK_MEMINFO_RMEM_ALLOC", "SK_MEMINFO_RCVBUF",    "SK_MEMINFO_WMEM_ALLOC",
        "SK_MEMINFO_SNDBUF",     "SK_MEMINFO_FWD_ALLOC", "SK_MEMINFO_WMEM_QUEUED",
        "SK_MEMINFO_OPTMEM",     "SK_MEMINFO_BACKLOG",   "SK_MEMINFO_DROPS"};
    enum { NAMES = sizeof names / sizeof names[0] };
    uint32_t values[NAMES] = {0};
    socklen_t len = sizeof values;
    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values, &len) != 0) return;
    for (size_t i = 0; i < len / sizeof values[0]; i++)
        each(ctx, names[i], values[i]);
}

bool dw_live_tcp_info(dw_sys *sys, int fd, dw_info_fn each, void *ctx)
{
    uint8_t bytes[MAX_SIZE] = {0};
    socklen_t len = sizeof bytes;
    (void)sys;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, bytes, &len) != 0) return false;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (fields[i].offset + fields[i].size <= len)
            each(ctx, fields[i].name, number_at(bytes + fields[i].offset, fields[i].size));
    struct tcp_info info;
    memcpy(&info, bytes, sizeof info);
    tell_memory(fd, each, ctx);
    each(ctx, "tcpi_snd_wscale", info.tcpi_snd_wscale);
    each(ctx, "tcpi_rcv_wscale", info.tcpi_rcv_wscale);
    each(ctx, "tcpi_delivery_rate_app_limited", info.tcpi_delivery_rate_app_limited);
    each(ctx, "tcpi_fastopen_client_fail", info.tcpi_fastopen_client_fail);
    return true;
}
