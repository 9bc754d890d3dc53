/* IPv6 (RFC 8200): addresses and forwarding.  Extension headers in front of the transport are
 * stepped over; fragments are not reassembled. */
#include "../builtin.h"
#include "ip_common.h"

#include <string.h>

enum {
    ETHERTYPE = 0x86dd,
    HEADER = 40,
    HOP_LIMIT_AT = 7,
    DEFAULT_HOP_LIMIT = 64,
    HOP_BY_HOP = 0,
    ROUTING = 43,
    FRAGMENT_HEADER = 44,
    DESTINATION_OPTIONS = 60
};

static const dw_cause causes[] = {
    {"ip6-bad-header", "RFC 8200 3", "the IPv6 header's version or length is wrong"},
    {"ip6-fragment", "RFC 8200 4.5", "fragments are not reassembled"},
    {"hop-limit-exceeded", "RFC 8200 3", "the hop limit ran out on the way"},
    {"no-route", "RFC 4443 3.1", "the node knows no way to the destination"},
    {"too-big", "RFC 4443 3.2", "the packet is bigger than the next link's MTU"},
    {"ip6-martian", "RFC 4291 2.5.3",
     "it came from outside with an address that only the host itself may use"},
};
enum { BAD_HEADER, FRAGMENT, HOP_LIMIT, NO_ROUTE, TOO_BIG, MARTIAN };

static const dw_ip_version version = {.no_route = &causes[NO_ROUTE],
                                      .hop_limit = &causes[HOP_LIMIT],
                                      .too_big = &causes[TOO_BIG],
                                      .unreachable = DW_NET_UNREACHABLE_NET,
                                      .hop_limit_at = HOP_LIMIT_AT};

static void put_addr(uint8_t *at, const dw_addr *a)
{
    for (int i = 0; i < 4; i++)
        dw_put32(at + 4 * i, a->word[i]);
}

static dw_addr get_addr(const uint8_t *at)
{
    return (dw_addr){.family = 6,
                     .word = {dw_get32(at), dw_get32(at + 4), dw_get32(at + 8), dw_get32(at + 12)}};
}

static void write_header(dw_packet *p, const dw_flow *f)
{
    uint32_t len = dw_packet_len(p);
    uint8_t *h = dw_packet_push(p, HEADER);
    dw_put32(h, 6u << 28 | (uint32_t)f->tos << 20);
    dw_put16(h + 4, (uint16_t)len);
    h[6] = f->transport;
    h[7] = f->ttl ? f->ttl : DEFAULT_HOP_LIMIT;
    put_addr(h + 8, &f->local);
    put_addr(h + 24, &f->remote);
    p->network_at = p->head_start;
    p->protocol = ETHERTYPE;
}

static int output(void *instance, dw_packet *p, const dw_flow *flow)
{
    dw_ip *self = instance;
    dw_iface *iface = dw_ip_way_out(self, p, &flow->remote, &version);
    if (!iface) return DW_E_UNREACH;
    write_header(p, flow);
    self->host->transmit(iface, p);
    return DW_OK;
}

static void forward(dw_ip *self, dw_packet *p, const dw_addr *dst)
{
    dw_iface *iface = dw_ip_next_hop(self, p, dst, &version);
    if (!iface) return;
    dw_packet_head(p)[HOP_LIMIT_AT]--;
    self->host->transmit(iface, p);
}

/* Where the transport header begins, with its number in *transport; 0 when the headers do not fit,
 * or hide it in a fragment. */
static uint32_t find_transport(const uint8_t *h, size_t have, uint8_t *transport)
{
    uint32_t at = HEADER;
    uint8_t next = h[6];
    while (next == HOP_BY_HOP || next == ROUTING || next == DESTINATION_OPTIONS) {
        if (at + 8 > have) return 0;
        next = h[at];
        at += (h[at + 1] + 1u) * 8;
    }
    *transport = next;
    return next == FRAGMENT_HEADER || at > have ? 0 : at;
}

/* Extension headers are looked at only by the host that the packet is for (RFC 8200 4). */
static void input(void *instance, dw_packet *p, const dw_flow *unused, dw_iface *iface)
{
    (void)unused;
    dw_ip *self = instance;
    const uint8_t *h = dw_packet_head(p);
    p->network_at = p->head_start;
    if (dw_packet_head_len(p) < HEADER || h[0] >> 4 != 6 ||
        dw_get16(h + 4) != dw_packet_len(p) - HEADER) {
        self->host->packet_drop(self->node, p, &causes[BAD_HEADER]);
        return;
    }
    dw_flow flow = {.local = get_addr(h + 24),
                    .remote = get_addr(h + 8),
                    .ttl = h[7],
                    .tos = (uint8_t)(dw_get16(h) >> 4)};
    if (dw_ip_is_martian(self, &flow, iface)) {
        self->host->packet_drop(self->node, p, &causes[MARTIAN]);
        return;
    }
    if (!self->host->is_local(self->node, &flow.local)) {
        forward(self, p, &flow.local);
        return;
    }
    uint32_t at = find_transport(h, dw_packet_head_len(p), &flow.transport);
    if (!at) {
        self->host->packet_drop(self->node, p, &causes[FRAGMENT]);
        return;
    }
    dw_packet_pull(p, at);
    self->host->deliver_up(self->node, p, &flow);
}

static void dissect(const uint8_t *b, size_t captured, size_t len, dw_dissection *out)
{
    if (captured < HEADER || b[0] >> 4 != 6) {
        out->malformed = "no IPv6 header";
        return;
    }
    uint32_t payload = dw_get16(b + 4);
    if (payload + HEADER > len) out->malformed = "IPv6 payload length";
    out->src = get_addr(b + 8);
    out->dst = get_addr(b + 24);
    out->ttl = b[7];
    out->tos = (uint8_t)(dw_get16(b) >> 4);
    uint32_t at = find_transport(b, captured, &out->transport);
    if (!at) {
        out->malformed = "IPv6 extension headers";
        return;
    }
    out->transport_at = at;
    out->header_len = (uint8_t)at;
    if (payload + HEADER >= at) out->len = payload + HEADER - at;
}

static int rewrite(dw_packet *p, const dw_dissection *read, const char *field, int64_t value)
{
    (void)read;
    uint8_t *h = dw_packet_head(p);
    if (strcmp(field, "ttl") == 0)
        h[7] = (uint8_t)value;
    else if (strcmp(field, "tos") == 0)
        dw_put16(h, (uint16_t)(6u << 12 | (uint32_t)(value & 255) << 4 | (h[1] & 15)));
    else
        return DW_E_NOENT;
    return DW_OK;
}

static int readdress(dw_packet *p, bool source, const dw_addr *to)
{
    if (to->family != 6) return DW_E_INVAL;
    put_addr(dw_packet_head(p) + (source ? 8 : 24), to);
    return DW_OK;
}

static int build(dw_packet *p, const dw_dissection *f)
{
    dw_flow flow = {
        .local = f->src, .remote = f->dst, .transport = f->transport, .ttl = f->ttl, .tos = f->tos};
    if (f->network_options_len) return DW_E_INVAL;
    write_header(p, &flow);
    return DW_OK;
}

/* All of it counts.  Extension headers are left to be told as they are, with what follows. */
static uint8_t fingerprint_header(const dw_packet *p, uint8_t at, uint8_t *next,
                                  dw_fingerprint *into)
{
    const uint8_t *h = p->head + at;
    if (p->head_end - at < HEADER || h[0] >> 4 != 6) return at;
    dw_fp_bytes(into, h, HEADER);
    bool extended = h[6] == HOP_BY_HOP || h[6] == ROUTING || h[6] == FRAGMENT_HEADER ||
                    h[6] == DESTINATION_OPTIONS;
    *next = extended ? 0 : h[6];
    return (uint8_t)(at + HEADER);
}

static const char *const fields[] = {"ttl", "tos", NULL};
static const uint8_t field_bits[] = {8, 8};

static const dw_protocol_ops ops = {
    .size = sizeof ops,
    .layer = DW_LAYER_NETWORK,
    .number = ETHERTYPE,
    .attach = dw_ip_attach,
    .detach = dw_ip_detach,
    .input = input,
    .output = output,
    .dissect = dissect,
    .rewrite = rewrite,
    .readdress = readdress,
    .build = build,
    .fields = fields,
    .field_bits = field_bits,
    .fingerprint = dw_ip_fingerprint,
    .fingerprint_header = fingerprint_header,
    .causes = causes,
    .cause_count = sizeof causes / sizeof causes[0],
};

const dw_plugin dw_ip6_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "ip6",
    .summary = "IPv6 with static forwarding",
    .protocol = &ops,
};
