/* ICMP for IPv4 (RFC 792) and IPv6 (RFC 4443): errors, out and in.  They quote the packet they are
 * about, and are handed to the transport that sent it.  Echo and the rest are not simulated. */
#include "icmp.h"

#include "../builtin.h"

#include <string.h>

enum { HEADER = 8, QUOTE = 8 };

typedef struct kind {
    uint8_t type, code, kind; /* enum dw_net_error_kind */
} kind;

/* Every code of RFC 792, RFC 1122 3.2.2.1 and RFC 1812 5.2.7.1; the first of a kind is the one we
 * send. */
static const kind kinds_v4[] = {
    {3, 0, DW_NET_UNREACHABLE_NET},
    {3, 1, DW_NET_UNREACHABLE_HOST},
    {3, 2, DW_NET_UNREACHABLE_PROTOCOL},
    {3, 3, DW_NET_UNREACHABLE_PORT},
    {3, 4, DW_NET_TOO_BIG},
    {3, 5, DW_NET_SOURCE_ROUTE_FAILED},
    {3, 13, DW_NET_PROHIBITED},
    {3, 6, DW_NET_UNREACHABLE_NET},
    {3, 7, DW_NET_UNREACHABLE_HOST},
    {3, 8, DW_NET_UNREACHABLE_HOST},
    {3, 9, DW_NET_PROHIBITED},
    {3, 10, DW_NET_PROHIBITED},
    {3, 11, DW_NET_UNREACHABLE_NET},
    {3, 12, DW_NET_UNREACHABLE_HOST},
    {3, 14, DW_NET_UNREACHABLE_HOST},
    {3, 15, DW_NET_UNREACHABLE_HOST},
    {11, 0, DW_NET_TIME_EXCEEDED},
    {11, 1, DW_NET_TIME_EXCEEDED},
    {12, 0, DW_NET_PARAMETER_PROBLEM},
    {12, 1, DW_NET_PARAMETER_PROBLEM},
    {12, 2, DW_NET_PARAMETER_PROBLEM},
    {4, 0, DW_NET_SOURCE_QUENCH},
    {0},
};

/* RFC 4443 3. */
static const kind kinds_v6[] = {
    {1, 0, DW_NET_UNREACHABLE_NET},
    {1, 3, DW_NET_UNREACHABLE_HOST},
    {4, 1, DW_NET_UNREACHABLE_PROTOCOL},
    {1, 4, DW_NET_UNREACHABLE_PORT},
    {2, 0, DW_NET_TOO_BIG},
    {1, 5, DW_NET_SOURCE_ROUTE_FAILED},
    {1, 1, DW_NET_PROHIBITED},
    {1, 2, DW_NET_UNREACHABLE_NET},
    {1, 6, DW_NET_PROHIBITED},
    {3, 0, DW_NET_TIME_EXCEEDED},
    {3, 1, DW_NET_TIME_EXCEEDED},
    {4, 0, DW_NET_PARAMETER_PROBLEM},
    {4, 2, DW_NET_PARAMETER_PROBLEM},
    {0},
};

/* What differs between the two. */
typedef struct icmp_version {
    uint8_t protocol, family;
    uint32_t ip_header;          /* the least length of the quoted packet's */
    uint8_t transport_number_at; /* in it */
    const kind *kinds;
} icmp_version;
static const icmp_version v4 = {1, 4, 20, 9, kinds_v4};
static const icmp_version v6 = {58, 6, 40, 6, kinds_v6};

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
    const icmp_version *version;
} icmp;

static int attach(dw_node *node, const dw_host *host, const icmp_version *v, void **instance)
{
    icmp *self = host->alloc(node, sizeof *self);
    if (!self) return DW_E_NOMEM;
    *self = (icmp){node, host, v};
    *instance = self;
    return DW_OK;
}

static int attach_v4(dw_node *node, const dw_host *host, void **instance)
{
    return attach(node, host, &v4, instance);
}

static int attach_v6(dw_node *node, const dw_host *host, void **instance)
{
    return attach(node, host, &v6, instance);
}

static void detach(void *instance)
{
    icmp *self = instance;
    self->host->free(self->node, self, sizeof *self);
}

static dw_addr get_addr(const icmp_version *v, const uint8_t *at)
{
    if (v->family == 4) return dw_addr_v4(dw_get32(at));
    return (dw_addr){.family = 6,
                     .word = {dw_get32(at), dw_get32(at + 4), dw_get32(at + 8), dw_get32(at + 12)}};
}

static dw_addr quoted_src(const icmp_version *v, const uint8_t *ip)
{
    return get_addr(v, v->family == 4 ? ip + 12 : ip + 8);
}

static dw_addr quoted_dst(const icmp_version *v, const uint8_t *ip)
{
    return get_addr(v, v->family == 4 ? ip + 16 : ip + 24);
}

/* RFC 4443 2.3: the pseudo-header counts in IPv6, not in IPv4. */
static uint64_t pseudo(const icmp_version *v, const dw_flow *flow, uint32_t len)
{
    return v->family == 6 ? dw_checksum_pseudo(&flow->local, &flow->remote, v->protocol, len) : 0;
}

static const kind *first_of(const icmp_version *v, enum dw_net_error_kind what)
{
    const kind *k = v->kinds;
    while (k->type && k->kind != what)
        k++;
    return k->type ? k : NULL;
}

/* Write a whole message, `quote_len` octets of which quote a packet, in front of what the packet
 * carries already: more of the quoted one.  The checksum covers that, too. */
static void write_message(const icmp_version *v, const dw_flow *flow, dw_packet *p, const kind *k,
                          uint32_t mtu, const uint8_t *quote, uint32_t quote_len)
{
    uint32_t len = HEADER + quote_len;
    uint8_t *h = dw_packet_push(p, len);
    memset(h, 0, HEADER);
    h[0] = k->type;
    h[1] = k->code;
    if (k->kind == DW_NET_TOO_BIG) dw_put32(h + 4, mtu); /* RFC 1191 4: 16 bits, 4443 3.2: 32 */
    memcpy(h + HEADER, quote, quote_len);
    dw_put16(h + 2, dw_checksum_fold(pseudo(v, flow, dw_packet_len(p))));
    p->checksum = DW_CHECKSUM_PARTIAL;
    p->checksum_start = p->head_start;
    p->checksum_at = (uint8_t)(p->head_start + 2);
    dw_packet_complete_checksum(p);
}

static bool may_complain(const icmp_version *v, const uint8_t *ip, uint32_t ip_len)
{
    dw_addr src = quoted_src(v, ip), dst = quoted_dst(v, ip);
    if (!dw_addr_is_unicast(&src) || !dw_addr_is_unicast(&dst)) return false;
    if (v->family == 4 && dw_get16(ip + 6) & 0x1fff) return false;
    if (ip[v->transport_number_at] != v->protocol) return true;
    return v->family == 4 ? ip[ip_len] == 8 || ip[ip_len] == 0 : ip[ip_len] >= 128;
}

static uint32_t ip_header_len(const icmp_version *v, const uint8_t *ip)
{
    return v->family == 4 ? (ip[0] & 15u) * 4 : v->ip_header;
}

void dw_icmp_error(const dw_host *host, dw_node *node, const dw_packet *packet,
                   enum dw_net_error_kind what, uint32_t mtu)
{
    const uint8_t *ip = packet->head + packet->network_at;
    const icmp_version *v = ip[0] >> 4 == 6 ? &v6 : &v4;
    uint32_t ip_len = ip_header_len(v, ip);
    uint32_t have = (uint32_t)packet->head_end - packet->network_at;
    const kind *k = first_of(v, what);
    if (!k || have < ip_len + QUOTE || !may_complain(v, ip, ip_len)) return;
    dw_packet *p = host->packet_new(node);
    if (!p) return;
    dw_flow flow = {.remote = quoted_src(v, ip), .transport = v->protocol};
    flow.local = host->source(node, &flow.remote);
    write_message(v, &flow, p, k, mtu, ip, ip_len + QUOTE);
    p->cause = &causes[ERROR];
    host->send_down(node, p, &flow);
}

static const kind *kind_of(const icmp_version *v, const uint8_t *h)
{
    const kind *k = v->kinds;
    while (k->type && (k->type != h[0] || k->code != h[1]))
        k++;
    return k->type ? k : NULL;
}

/* The flow of the packet that is quoted, as its sender, who is this host, sees it.  Of a quoted
 * packet we use the header and the first 8 octets after it; what more there is may be in the
 * packet's payload. */
static const dw_cause *read_message(const icmp_version *v, const dw_flow *outer, dw_packet *p,
                                    dw_flow *flow, dw_net_error *error)
{
    uint8_t *h = dw_packet_head(p);
    uint32_t have = dw_packet_head_len(p);
    if (have < HEADER) return &causes[BAD_LENGTH];
    if (!dw_packet_verify_checksum(p, pseudo(v, outer, dw_packet_len(p)), p->head_start))
        return &causes[BAD_CHECKSUM];
    const kind *k = kind_of(v, h);
    if (!k) return &causes[IGNORED];
    const uint8_t *ip = h + HEADER;
    uint32_t ip_len = have > HEADER ? ip_header_len(v, ip) : 0;
    if (ip_len < v->ip_header || have < HEADER + ip_len + QUOTE) return &causes[BAD_LENGTH];
    const uint8_t *transport = ip + ip_len;
    *error = (dw_net_error){.kind = k->kind, .type = h[0], .code = h[1]};
    if (k->kind == DW_NET_TOO_BIG) error->mtu = v->family == 4 ? dw_get16(h + 6) : dw_get32(h + 4);
    memcpy(error->quoted, transport, QUOTE);
    uint32_t more = p->payload_len < QUOTE ? p->payload_len : QUOTE;
    dw_packet_copy_payload(p, 0, more, error->quoted + QUOTE);
    error->quoted_len = (uint8_t)(QUOTE + more);
    *flow = (dw_flow){.local = quoted_src(v, ip),
                      .remote = quoted_dst(v, ip),
                      .local_port = dw_get16(transport),
                      .remote_port = dw_get16(transport + 2),
                      .transport = ip[v->transport_number_at]};
    return NULL;
}

static void input(void *instance, dw_packet *p, const dw_flow *outer, dw_iface *iface)
{
    (void)iface;
    icmp *self = instance;
    dw_flow flow;
    dw_net_error error;
    const dw_cause *wrong = read_message(self->version, outer, p, &flow, &error);
    if (wrong) {
        self->host->packet_drop(self->node, p, wrong);
        return;
    }
    self->host->packet_free(self->node, p);
    self->host->deliver_error(self->node, &flow, &error);
}

static const char *const kind_names[] = {"net-unreachable",
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

/* Its one flag names the error, so that ladders and queries read like those of TCP. */
static void dissect(const icmp_version *v, const uint8_t *b, size_t captured, dw_dissection *out)
{
    out->protocol = v->family == 4 ? "icmp" : "icmp6";
    out->flag_names = kind_names;
    if (captured < HEADER) {
        out->malformed = "no ICMP header";
        return;
    }
    const kind *k = kind_of(v, b);
    if (k) out->flags = 1u << k->kind;
    out->window = dw_get16(b + 6);
    uint32_t ip_len = captured > HEADER ? ip_header_len(v, b + HEADER) : 0;
    bool quotes = ip_len >= v->ip_header && captured >= HEADER + ip_len + QUOTE;
    if (quotes) out->seq = dw_get32(b + HEADER + ip_len + 4);
    out->header_len = (uint8_t)(out->header_len + HEADER + (quotes ? ip_len + QUOTE : 0));
}

static void dissect_v4(const uint8_t *b, size_t captured, size_t len, dw_dissection *out)
{
    (void)len;
    dissect(&v4, b, captured, out);
}

static void dissect_v6(const uint8_t *b, size_t captured, size_t len, dw_dissection *out)
{
    (void)len;
    dissect(&v6, b, captured, out);
}

/* The least of an IP header that a quoted packet can have: what it is, between whom. */
static void write_quoted_header(const icmp_version *v, const dw_flow *quoted, uint8_t *ip)
{
    enum { MIN_TCP_HEADER = 20, TTL = 64, DO_NOT_FRAGMENT = 0x4000 };
    if (v->family == 4) {
        ip[0] = 0x45;
        dw_put16(ip + 2, (uint16_t)(v->ip_header + MIN_TCP_HEADER));
        dw_put16(ip + 6, DO_NOT_FRAGMENT);
        ip[8] = TTL;
        dw_put32(ip + 12, quoted->local.word[0]);
        dw_put32(ip + 16, quoted->remote.word[0]);
    } else {
        ip[0] = 0x60;
        dw_put16(ip + 4, MIN_TCP_HEADER);
        ip[7] = TTL;
        for (int i = 0; i < 4; i++) {
            dw_put32(ip + 8 + 4 * i, quoted->local.word[i]);
            dw_put32(ip + 24 + 4 * i, quoted->remote.word[i]);
        }
    }
    ip[v->transport_number_at] = quoted->transport;
    uint64_t sum = v->family == 4 ? dw_checksum_add(0, ip, v->ip_header, false) : 0;
    if (v->family == 4) dw_put16(ip + 10, (uint16_t)~dw_checksum_fold(sum));
}

/* An injected error.  What it quotes of the transport are ports and a sequence number, which TCP
 * has in the first 8 octets. */
static int build(const icmp_version *v, dw_packet *p, const dw_dissection *f)
{
    uint8_t quote[40 + QUOTE] = {0};
    if (!f->error || !f->quoted) return DW_E_INVAL;
    if (f->quoted->local.family != v->family || f->quoted->remote.family != v->family)
        return DW_E_INVAL;
    const kind *k = first_of(v, (enum dw_net_error_kind)f->error->kind);
    if (!k) return DW_E_NOENT; /* ICMPv6 knows no source quench (RFC 4443 2.1) */
    if (v->family == 4 && f->error->mtu > UINT16_MAX) return DW_E_INVAL;
    uint8_t *transport = quote + v->ip_header;
    write_quoted_header(v, f->quoted, quote);
    dw_put16(transport, f->quoted->local_port);
    dw_put16(transport + 2, f->quoted->remote_port);
    dw_put32(transport + 4, f->seq);
    dw_flow flow = {.local = f->src, .remote = f->dst};
    write_message(v, &flow, p, k, f->error->mtu, quote, v->ip_header + QUOTE);
    return DW_OK;
}

static int build_v4(dw_packet *p, const dw_dissection *f)
{
    return build(&v4, p, f);
}

static int build_v6(dw_packet *p, const dw_dissection *f)
{
    return build(&v6, p, f);
}

/* It keeps nothing. */
static void fingerprint(void *instance, dw_fingerprint *into)
{
    (void)instance;
    (void)into;
}

static const dw_protocol_ops ops = {
    .size = sizeof ops,
    .layer = DW_LAYER_TRANSPORT,
    .number = 1,
    .attach = attach_v4,
    .detach = detach,
    .input = input,
    .dissect = dissect_v4,
    .flags = kind_names,
    .build = build_v4,
    .fingerprint = fingerprint,
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

static const dw_protocol_ops ops_v6 = {
    .size = sizeof ops_v6,
    .layer = DW_LAYER_TRANSPORT,
    .number = 58,
    .attach = attach_v6,
    .detach = detach,
    .input = input,
    .dissect = dissect_v6,
    .flags = kind_names,
    .build = build_v6,
    .fingerprint = fingerprint,
    .causes = causes,
    .cause_count = sizeof causes / sizeof causes[0],
};

const dw_plugin dw_icmp6_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "icmp6",
    .summary = "ICMPv6 errors",
    .protocol = &ops_v6,
};
