/* TCP, RFC 9293: the plugin.  Attaching to a host, and the options of one. */
#include "tcp.h"
#include "tcp_arrives.h"
#include "tcp_congestion.h"
#include "tcp_fastopen.h"
#include "tcp_fingerprint.h"
#include "tcp_icmp.h"
#include "tcp_info.h"
#include "tcp_listen.h"
#include "tcp_picture.h"
#include "tcp_pmtu.h"
#include "tcp_settings.h"
#include "tcp_state.h"
#include "tcp_table.h"
#include "tcp_tcb.h"
#include "tcp_timewait.h"
#include "tcp_user.h"
#include "tcp_wire.h"

#include <stdio.h>
#include <stdlib.h>

static int attach(dw_node *node, const dw_host *host, void **instance)
{
    dw_tcp *tcp = host->alloc(node, sizeof *tcp);
    if (!tcp) return DW_E_NOMEM;
    tcp->node = node;
    tcp->host = host;
    tcp->profile = *dw_tcp_profile_named("rfc9293");
    tcp->isn_secret = host->random(host->random_stream(node, "tcp-isn"));
    tcp->checked = host->checked(node);
    dw_put32(tcp->fast_key, (uint32_t)(tcp->isn_secret >> 32));
    dw_put32(tcp->fast_key + 4, (uint32_t)tcp->isn_secret);
    *instance = tcp;
    return DW_OK;
}

static void free_tcbs(dw_tcp_table *table)
{
    for (uint32_t b = 0; b < table->size; b++)
        while (table->buckets[b])
            dw_tcp_free(dw_tcp_of_link(table->buckets[b]));
}

static void free_everything(dw_tcp *tcp)
{
    while (tcp->listeners)
        dw_tcp_listener_free(tcp->listeners);
    free_tcbs(&tcp->table);
    free_tcbs(&tcp->closed);
    dw_tcp_fast_forget_all(tcp);
    dw_tcp_paths_forget(tcp);
    for (uint32_t b = 0; b < tcp->time_wait.size; b++)
        while (tcp->time_wait.buckets[b])
            dw_tcp_time_wait_free(dw_tcp_time_wait_of(tcp->time_wait.buckets[b]));
}

static void detach(void *instance)
{
    dw_tcp *tcp = instance;
    free_everything(tcp);
    dw_tcp_settings_forget(tcp);
    dw_tcp_table_free(&tcp->table);
    dw_tcp_table_free(&tcp->time_wait);
    dw_tcp_table_free(&tcp->closed);
    tcp->host->free(tcp->node, tcp, sizeof *tcp);
}

/* In the order in which they were made, which the table does not keep. */
static int by_conn(const void *a, const void *b)
{
    uint32_t x = (*(dw_tcb *const *)a)->socket.conn, y = (*(dw_tcb *const *)b)->socket.conn;
    return x < y ? -1 : x > y;
}

static void crash_connections(dw_tcp *tcp)
{
    uint32_t count = 0;
    dw_tcb **all = malloc((tcp->table.count + 1) * sizeof *all);
    if (!all) {
        dw_tcp_no_memory(tcp);
        return;
    }
    for (uint32_t b = 0; b < tcp->table.size; b++)
        for (dw_tcp_link *l = tcp->table.buckets[b]; l; l = l->next)
            all[count++] = dw_tcp_of_link(l);
    qsort(all, count, sizeof *all, by_conn);
    for (uint32_t i = 0; i < count; i++) {
        dw_tcp_delete(all[i], DW_E_CRASHED, CAUSE(CRASH));
        dw_tcp_reap(all[i]);
    }
    free(all);
}

static void crash(void *instance)
{
    dw_tcp *tcp = instance;
    crash_connections(tcp);
    for (uint32_t b = 0; b < tcp->time_wait.size; b++)
        while (tcp->time_wait.buckets[b])
            dw_tcp_time_wait_free(dw_tcp_time_wait_of(tcp->time_wait.buckets[b]));
    dw_tcp_fast_forget_all(tcp);
    dw_tcp_paths_forget(tcp);
    for (dw_tcp_listener *l = tcp->listeners; l; l = l->next) {
        l->crashed = true;
        tcp->host->notify(&l->socket, DW_SOCKET_ERROR);
    }
}

static void input(void *instance, dw_packet *packet, const dw_flow *flow, dw_iface *iface)
{
    (void)iface;
    dw_tcp_arrives(instance, packet, flow);
}

/* Options that are not one field. */

static int option_isn(dw_tcp *tcp, const char *text, char *why, size_t why_size)
{
    tcp->isn_count = tcp->isn_used = 0;
    while (*text) {
        char *end;
        unsigned long long value = strtoull(text, &end, 10);
        if (end == text || value > UINT32_MAX || tcp->isn_count == DW_TCP_ISN_SCRIPT) {
            snprintf(why, why_size, "isn: write up to %d numbers from 0 to 4294967295",
                     DW_TCP_ISN_SCRIPT);
            return DW_E_FORMAT;
        }
        tcp->isn_script[tcp->isn_count++] = (uint32_t)value;
        for (text = end; *text == ',' || *text == ' ';)
            text++;
    }
    return DW_OK;
}

static int option_profile(dw_tcp *tcp, const char *text, char *why, size_t why_size)
{
    const dw_tcp_profile *profile = dw_tcp_profile_named(text);
    if (profile) {
        uint64_t defects = tcp->profile.defects;
        tcp->profile = *profile;
        tcp->profile.defects = defects;
        tcp->congestion = NULL;
        return DW_OK;
    }
    const char *near = dw_nearest(text, dw_tcp_profile_names);
    int n = snprintf(why, why_size, "profile: there is no profile \"%s\"; ", text);
    if (near) {
        snprintf(why + n, why_size - (size_t)n, "did you mean \"%s\"?", near);
        return DW_E_INVAL;
    }
    for (int i = 0; dw_tcp_profile_names[i] && n > 0 && (size_t)n < why_size; i++)
        n += snprintf(why + n, why_size - (size_t)n, "%s%s", i ? ", " : "there are ",
                      dw_tcp_profile_names[i]);
    return DW_E_INVAL;
}

/* Some defects are switches that exist anyway. */
static int option_defect(dw_tcp *tcp, const char *text, char *why, size_t why_size)
{
    dw_tcp_profile *p = &tcp->profile;
    int status = dw_tcp_defects_parse(text, &p->defects, why, why_size);
    if (status != DW_OK) return status;
    if (HAS_DEFECT(p, TIME_WAIT_NOT_RESTARTED)) p->time_wait_restart = false;
    if (HAS_DEFECT(p, FIN_NOT_RETRANSMITTED)) p->retransmit_fin = false;
    if (HAS_DEFECT(p, NO_KARN)) p->karn = false;
    if (HAS_DEFECT(p, ECHO_CHALLENGE)) p->challenge_limit = 0;
    if (HAS_DEFECT(p, P2525_1)) p->initial_window = 1000;
    if (HAS_DEFECT(p, P2525_7)) p->rto_initial = p->rto_min = 100 * MS;
    if (HAS_DEFECT(p, P2525_9)) p->keepalive_probes = 1;
    if (HAS_DEFECT(p, P2525_11)) p->keepalive_idle = p->keepalive_interval = 5 * SEC;
    if (HAS_DEFECT(p, P2525_13)) p->ack_every = 8;
    if (HAS_DEFECT(p, P2525_17)) p->close_unread = DW_TCP_UNREAD_FIN;
    return DW_OK;
}

static int option_cookies(dw_tcp *tcp, const char *text, char *why, size_t why_size)
{
    if (strcmp(text, "forget") != 0) {
        snprintf(why, why_size, "fast_open_cookies: \"forget\" is all there is");
        return DW_E_FORMAT;
    }
    dw_tcp_fast_forget_all(tcp);
    return DW_OK;
}

static int option_paths(dw_tcp *tcp, const char *text, char *why, size_t why_size)
{
    if (strcmp(text, "forget") != 0) {
        snprintf(why, why_size, "path_mtus: \"forget\" is all there is");
        return DW_E_FORMAT;
    }
    dw_tcp_paths_forget(tcp);
    return DW_OK;
}

static int option_key(dw_tcp *tcp, const char *text, char *why, size_t why_size)
{
    if (dw_tcp_fast_key_parse(text, tcp->fast_key)) return DW_OK;
    snprintf(why, why_size, "fast_open_key: write 32 hexadecimal digits, in four groups or one");
    return DW_E_FORMAT;
}

/* "PORT TOS TTL", from the program's socket; port 0: there is none any more. */
static int option_bound(dw_tcp *tcp, const char *text, char *why, size_t why_size)
{
    unsigned port, tos, ttl;
    if (sscanf(text, "%5u %3u %3u", &port, &tos, &ttl) != 3 || port > 65535 || tos > 255 ||
        ttl > 255) {
        snprintf(why, why_size, "bound: write a port, a type of service and a time to live");
        return DW_E_FORMAT;
    }
    tcp->bound_port = (uint16_t)port;
    tcp->bound_tos = (uint8_t)tos;
    tcp->bound_ttl = (uint8_t)ttl;
    return DW_OK;
}

static int option(void *instance, const char *name, const char *text, char *why, size_t why_size)
{
    if (strcmp(name, "isn") == 0) return option_isn(instance, text, why, why_size);
    if (strcmp(name, "profile") == 0) return option_profile(instance, text, why, why_size);
    if (strcmp(name, "fast_open_cookies") == 0)
        return option_cookies(instance, text, why, why_size);
    if (strcmp(name, "path_mtus") == 0) return option_paths(instance, text, why, why_size);
    if (strcmp(name, "fast_open_key") == 0) return option_key(instance, text, why, why_size);
    if (strcmp(name, "bound") == 0) return option_bound(instance, text, why, why_size);
    if (strcmp(name, "defect") == 0) return option_defect(instance, text, why, why_size);
    if (strcmp(name, "congestion_control") == 0) return dw_tcp_congestion_host(instance, text);
    return DW_E_NOENT;
}

/* Of the connection that was made last, by enum dw_tcp_state.  Where there is none, CLOSED, or
 * LISTEN if somebody listens. */
static int64_t newest_state(const dw_tcp *tcp)
{
    const dw_tcp_time_wait *w = tcp->newest_time_wait;
    const dw_tcb *newest = NULL;
    for (uint32_t b = 0; b < tcp->table.size; b++)
        for (dw_tcp_link *l = tcp->table.buckets[b]; l; l = l->next) {
            const dw_tcb *t = dw_tcp_of_link(l);
            if (!newest || t->socket.conn > newest->socket.conn) newest = t;
        }
    if (newest && (!w || newest->socket.conn > w->conn)) return newest->state;
    if (w) return DW_TCP_TIME_WAIT;
    return tcp->listeners ? DW_TCP_LISTEN : DW_TCP_CLOSED;
}

/* dw_protocol_ops.query: what a packetdrill script or a socket option asks of a host, by name.
 * Times are in whole seconds, as getsockopt has them. */
static int64_t query(void *instance, const char *what, const dw_addr *about)
{
    const dw_tcp *tcp = instance;
    if (strcmp(what, "receive_buffer") == 0) return tcp->profile.receive_buffer;
    if (strcmp(what, "send_buffer") == 0) return tcp->profile.send_buffer;
    if (strcmp(what, "mss") == 0) return tcp->profile.mss;
    if (strcmp(what, "mss_least") == 0) return tcp->profile.mss_least;
    if (strcmp(what, "keepalive_idle_s") == 0) return tcp->profile.keepalive_idle / SEC;
    if (strcmp(what, "keepalive_interval_s") == 0) return tcp->profile.keepalive_interval / SEC;
    if (strcmp(what, "keepalive_probes") == 0) return tcp->profile.keepalive_probes;
    if (strcmp(what, "syn_r2_s") == 0) return tcp->profile.syn_r2 / SEC;
    if (strcmp(what, "syn_retries") == 0) return tcp->profile.syn_retries;
    if (strcmp(what, "msl_ns") == 0) return tcp->profile.msl;
    if (strcmp(what, "newest_state") == 0) return newest_state(tcp);
    if (strcmp(what, "udp_port") == 0) return tcp->profile.udp_port;
    if (strcmp(what, "fast_open_bare_client") == 0) return tcp->profile.fast_open_bare_client;
    if (strcmp(what, "defects") == 0) return (int64_t)tcp->profile.defects;
    if (strcmp(what, "fast_open_cookie") != 0) return DW_E_NOENT;
    const dw_tcp_cookie_entry *known = dw_tcp_fast_recall(tcp, about);
    return known ? known->len : 0;
}

static dw_tcb *tcb_numbered(const dw_tcp_table *table, uint32_t conn)
{
    for (uint32_t b = 0; b < table->size; b++)
        for (dw_tcp_link *l = table->buckets[b]; l; l = l->next)
            if (dw_tcp_of_link(l)->socket.conn == conn) return dw_tcp_of_link(l);
    return NULL;
}

static int connection(void *instance, uint32_t conn, dw_info_fn each, void *ctx)
{
    dw_tcp *tcp = instance;
    dw_tcb *t = tcb_numbered(&tcp->table, conn);
    if (!t) t = tcb_numbered(&tcp->closed, conn);
    if (!t) return dw_tcp_time_wait_info(tcp, conn, each, ctx);
    dw_tcp_info(&t->socket, each, ctx);
    return DW_OK;
}

static void *options_of(void *instance)
{
    return &((dw_tcp *)instance)->profile;
}

static const void *profile_named(const char *name)
{
    return dw_tcp_profile_named(name);
}

static const dw_protocol_ops ops = {
    .size = sizeof ops,
    .layer = DW_LAYER_TRANSPORT,
    .number = DW_TCP_PROTOCOL,
    .attach = attach,
    .detach = detach,
    .crash = crash,
    .input = input,
    .sockets = &dw_tcp_sockets,
    .options = dw_tcp_options,
    .options_of = options_of,
    .option = option,
    .dissect = dw_tcp_dissect,
    .rewrite = dw_tcp_rewrite,
    .address_checksum = dw_tcp_address_checksum,
    .build = dw_tcp_build,
    .fields = dw_tcp_fields,
    .field_bits = dw_tcp_field_bits,
    .states = dw_tcp_state_names,
    .arrows = dw_tcp_arrows,
    .state_classes = dw_tcp_state_classes,
    .flags = dw_tcp_flags,
    .flag_classes = dw_tcp_flag_classes,
    .figure_cause = dw_tcp_figure_cause,
    .segment_kind = dw_tcp_segment_kind,
    .word = dw_tcp_word,
    .error = dw_tcp_network_error,
    .causes = dw_tcp_cause_table,
    .cause_count = DW_TCP_CAUSE_COUNT,
    .profiles = dw_tcp_profile_names,
    .profile = profile_named,
    .defects = dw_tcp_defect_table,
    .query = query,
    .connection = connection,
    .fingerprint = dw_tcp_fingerprint,
    .fingerprint_header = dw_tcp_fingerprint_header,
};

const dw_plugin dw_tcp_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "tcp",
    .summary = "TCP, RFC 9293",
    .protocol = &ops,
};
