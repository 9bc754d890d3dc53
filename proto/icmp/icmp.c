/* ICMP for IPv4 (RFC 792): errors, out and in.  They quote the packet they are about, and are
 * handed to the transport that sent it.  Echo and the rest of ICMP are not simulated. */
#include "icmp.h"

#include "../builtin.h"

#include <string.h>

enum { PROTOCOL = 1, HEADER = 8, IP_HEADER = 20, QUOTE = 8, MOST = HEADER + 60 + QUOTE };

/* Types and codes by kind of error (RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1). */
static const struct {
    uint8_t type, code;
    const char *name;
} kinds[] = {
    [DW_NET_UNREACHABLE_NET] = {3, 0, "net-unreachable"},
    [DW_NET_UNREACHABLE_HOST] = {3, 1, "host-unreachable"},
    [DW_NET_UNREACHABLE_PROTOCOL] = {3, 2, "protocol-unreachable"},
    [DW_NET_UNREACHABLE_PORT] = {3, 3, "port-unreachable"},
    [DW_NET_TOO_BIG] = {3, 4, "fragmentation-needed"},
    [DW_NET_SOURCE_ROUTE_FAILED] = {3, 5, "source-route-failed"},
    [DW_NET_PROHIBITED] = {3, 13, "prohibited"},
    [DW_NET_TIME_EXCEEDED] = {11, 0, "time-exceeded"},
    [DW_NET_PARAMETER_PROBLEM] = {12, 0, "parameter-problem"},
    [DW_NET_SOURCE_QUENCH] = {4, 0, "source-quench"},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const dw_cause causes[] = {
    {"icmp-bad-length", "RFC 792", "the ICMP message is cut short"},
    {"icmp-bad-checksum", "RFC 792", "the ICMP checksum does not match"},
    {"icmp-ignored", "RFC 1122 3.2.2", "an ICMP message that is no error this host acts on"},
    {"icmp-error", "RFC 1122 3.2.2.1", "a packet could not be carried, and its sender is told"},
};
enum { BAD_LENGTH, BAD_CHECKSUM, IGNORED, ERROR };

typedef struct icmp {
    dw_node *node;
    const dw_host *host;
} icmp;

static int attach(dw_node *node, const dw_host *host, void **instance)
{
    icmp *self = host->alloc(node, sizeof *self);
    if (!self) return DW_E_NOMEM;
    self->node = node;
    self->host = host;
    *instance = self;
    return DW_OK;
}

static void detach(void *instance)
{
    icmp *self = instance;
    self->host->free(self->node, self, sizeof *self);
}

/* Write a whole message, `quote_len` octets of which quote a packet. */
static void write_message(dw_packet *p, enum dw_net_error_kind kind, uint32_t mtu,
                          const uint8_t *quote, uint32_t quote_len)
{
    uint8_t *h = dw_packet_push(p, HEADER + quote_len);
    memset(h, 0, HEADER);
    h[0] = kinds[kind].type;
    h[1] = kinds[kind].code;
    if (kind == DW_NET_TOO_BIG) dw_put16(h + 6, (uint16_t)mtu); /* RFC 1191 4 */
    memcpy(h + HEADER, quote, quote_len);
    dw_put16(h + 2, (uint16_t)~dw_checksum_fold(dw_checksum_add(0, h, HEADER + quote_len, false)));
}

static bool may_complain(const uint8_t *ip)
{
    dw_addr src = dw_addr_v4(dw_get32(ip + 12)), dst = dw_addr_v4(dw_get32(ip + 16));
    if (!dw_addr_is_unicast(&src) || !dw_addr_is_unicast(&dst)) return false;
    if (dw_get16(ip + 6) & 0x1fff) return false;
    uint32_t len = (ip[0] & 15u) * 4;
    return ip[9] != PROTOCOL || ip[len] == 8 || ip[len] == 0;
}

void dw_icmp_error(const dw_host *host, dw_node *node, const dw_packet *packet,
                   enum dw_net_error_kind kind, uint32_t mtu)
{
    const uint8_t *ip = packet->head + packet->network_at;
    uint32_t ip_len = (ip[0] & 15u) * 4;
    uint32_t have = (uint32_t)packet->head_end - packet->network_at;
    if (have < ip_len + QUOTE || !may_complain(ip)) return;
    dw_packet *p = host->packet_new(node);
    if (!p) return;
    write_message(p, kind, mtu, ip, ip_len + QUOTE);
    p->cause = &causes[ERROR];
    dw_flow flow = {.local = host->address(node),
                    .remote = dw_addr_v4(dw_get32(ip + 12)),
                    .transport = PROTOCOL};
    host->send_down(node, p, &flow);
}

static int kind_of(const uint8_t *h)
{
    for (int i = 0; i < KINDS; i++)
        if (kinds[i].type == h[0] &&
            (kinds[i].code == h[1] || h[0] == 4 || h[0] == 11 || h[0] == 12))
            return i;
    if (h[0] == 3) return DW_NET_UNREACHABLE_HOST;
    return -1;
}

/* The flow of the packet that is quoted, as its sender, who is this host, sees it. */
static const dw_cause *read_message(dw_packet *p, dw_flow *flow, dw_net_error *error)
{
    uint8_t *h = dw_packet_head(p);
    uint32_t have = dw_packet_head_len(p);
    if (have < HEADER) return &causes[BAD_LENGTH];
    if (dw_checksum_fold(dw_checksum_add(0, h, have, false)) != 0xffff || p->payload_len)
        return &causes[BAD_CHECKSUM];
    int kind = kind_of(h);
    if (kind < 0) return &causes[IGNORED];
    const uint8_t *ip = h + HEADER;
    uint32_t ip_len = have > HEADER ? (ip[0] & 15u) * 4 : 0;
    if (ip_len < IP_HEADER || have < HEADER + ip_len + QUOTE) return &causes[BAD_LENGTH];
    const uint8_t *transport = ip + ip_len;
    *error =
        (dw_net_error){.kind = (uint8_t)kind, .mtu = kind == DW_NET_TOO_BIG ? dw_get16(h + 6) : 0};
    memcpy(error->quoted, transport, QUOTE);
    *flow = (dw_flow){.local = dw_addr_v4(dw_get32(ip + 12)),
                      .remote = dw_addr_v4(dw_get32(ip + 16)),
                      .local_port = dw_get16(transport),
                      .remote_port = dw_get16(transport + 2),
                      .transport = ip[9]};
    return NULL;
}

static void input(void *instance, dw_packet *p, const dw_flow *unused, dw_iface *iface)
{
    (void)unused;
    (void)iface;
    icmp *self = instance;
    dw_flow flow;
    dw_net_error error;
    const dw_cause *wrong = read_message(p, &flow, &error);
    if (wrong) {
        self->host->packet_drop(self->node, p, wrong);
        return;
    }
    self->host->packet_free(self->node, p);
    self->host->deliver_error(self->node, &flow, &error);
}

static const char *const *kind_names(void)
{
    static const char *const names[] = {"net-unreachable",
                                        "host-unreachable",
                                        "protocol-unreachable",
                                        "port-unreachable",
                                        "fragmentation-needed",
                                        "source-route-failed",
                                        "prohibited",
                                        "time-exceeded",
                                        "parameter-problem",
                                        "source-quench",
                                        NULL};
    return names;
}

/* Its one flag names the error, so that ladders and queries read like those of TCP. */
static void dissect(const uint8_t *b, size_t captured, size_t len, dw_dissection *out)
{
    out->protocol = "icmp";
    out->flag_names = kind_names();
    if (captured < HEADER) {
        out->malformed = "no ICMP header";
        return;
    }
    int kind = kind_of(b);
    if (kind >= 0) out->flags = 1u << kind;
    out->header_len = (uint8_t)(out->header_len + HEADER);
    out->window = dw_get16(b + 6);
    uint32_t ip_len = captured > HEADER ? (b[HEADER] & 15u) * 4 : 0;
    if (ip_len >= IP_HEADER && captured >= HEADER + ip_len + QUOTE)
        out->seq = dw_get32(b + HEADER + ip_len + 4);
    (void)len;
}

/* An injected error: the kind is the flag, the quoted packet went from f->dst, port f->sport, to
 * the address in f->ack, port f->dport, with sequence number f->seq; f->urgent is its protocol. */
static int build(dw_packet *p, const dw_dissection *f)
{
    uint8_t quote[IP_HEADER + QUOTE] = {0x45};
    int kind = 0;
    while (kind < KINDS && !(f->flags & 1u << kind))
        kind++;
    if (kind == KINDS) return DW_E_INVAL;
    dw_put16(quote + 2, 40);
    dw_put16(quote + 6, 0x4000);
    quote[8] = 64;
    quote[9] = (uint8_t)f->urgent;
    dw_put32(quote + 12, f->dst.word[0]);
    dw_put32(quote + 16, f->ack);
    dw_put16(quote + 20, f->sport);
    dw_put16(quote + 22, f->dport);
    dw_put32(quote + 24, f->seq);
    write_message(p, (enum dw_net_error_kind)kind, f->window, quote, sizeof quote);
    return DW_OK;
}

static const dw_protocol_ops ops = {
    .size = sizeof ops,
    .layer = DW_LAYER_TRANSPORT,
    .number = PROTOCOL,
    .attach = attach,
    .detach = detach,
    .input = input,
    .dissect = dissect,
    .build = build,
    .causes = causes,
    .cause_count = sizeof causes / sizeof causes[0],
};

const dw_plugin dw_icmp_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "icmp",
    .summary = "ICMP errors for IPv4",
    .protocol = &ops,
};
