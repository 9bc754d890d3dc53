/* IPv4 (RFC 791): addresses, forwarding, loose source routes, no fragmentation (every datagram has
 * DF set, and one too big for the next link is answered with an ICMP error, RFC 1191). */
#include "../builtin.h"
#include "ip_common.h"

#include <string.h>

enum {
    ETHERTYPE = 0x0800,
    HEADER = 20,
    TTL_AT = 8,
    DEFAULT_TTL = 64, /* RFC 1700 */
    FLAG_DF = 0x4000,
    MORE_OR_OFFSET = 0x3fff,
    OPT_END = 0,
    OPT_NOP = 1,
    OPT_LSRR = 131,
    OPT_SSRR = 137
};

static const dw_cause causes[] = {
    {"ip-bad-header", "RFC 1122 3.2.1.1", "the IP header's version or length is wrong"},
    {"ip-bad-checksum", "RFC 1122 3.2.1.2", "the IP header's checksum does not match"},
    {"ip-bad-option", "RFC 1122 3.2.1.8", "an IP option's length is impossible"},
    {"ip-fragment", "RFC 791 3.2", "fragments are not reassembled"},
    {"ttl-exceeded", "RFC 1812 5.3.1", "the time to live ran out on the way"},
    {"no-route", "RFC 1812 5.2.7.1", "the node knows no way to the destination"},
    {"too-big", "RFC 1191 3", "the packet is bigger than the next link's MTU, and DF is set"},
    {"ip-martian", "RFC 1122 3.2.1.3",
     "it came from outside with an address that only the host itself may use"},
};
enum { BAD_HEADER, BAD_CHECKSUM, BAD_OPTION, FRAGMENT, TTL_EXCEEDED, NO_ROUTE, TOO_BIG, MARTIAN };

static const dw_ip_version version = {.no_route = &causes[NO_ROUTE],
                                      .hop_limit = &causes[TTL_EXCEEDED],
                                      .too_big = &causes[TOO_BIG],
                                      .unreachable = DW_NET_UNREACHABLE_HOST,
                                      .hop_limit_at = TTL_AT};

static void set_checksum(uint8_t *h, size_t len)
{
    dw_put16(h + 10, 0);
    dw_put16(h + 10, (uint16_t)~dw_checksum_fold(dw_checksum_add(0, h, len, false)));
}

/* The option that says which routers to pass (RFC 791 3.1).  The header's destination is the first
 * of them; the list holds the others and the true destination.  Returns its length, padded. */
static uint32_t write_route(uint8_t *at, const dw_route *route, const dw_addr *dst)
{
    uint32_t len = 3 + 4u * route->count, padded = (len + 3) & ~3u;
    memset(at, OPT_END, padded);
    at[0] = OPT_LSRR;
    at[1] = (uint8_t)len;
    at[2] = 4;
    for (int i = 1; i < route->count; i++)
        dw_put32(at + 3 + 4 * (i - 1), route->hop[i].word[0]);
    dw_put32(at + 3 + 4 * (route->count - 1), dst->word[0]);
    return padded;
}

static void write_header(dw_packet *p, const dw_flow *f, uint16_t id, const uint8_t *options,
                         uint32_t extra)
{
    bool routed = f->route && f->route->count > 0;
    uint8_t *h = dw_packet_push(p, HEADER + extra);
    h[0] = (uint8_t)(0x40 | (HEADER + extra) / 4);
    h[1] = f->tos;
    dw_put16(h + 2, (uint16_t)dw_packet_len(p));
    dw_put16(h + 4, id);
    dw_put16(h + 6, f->may_fragment ? 0 : FLAG_DF);
    p->may_fragment = f->may_fragment;
    h[8] = f->ttl ? f->ttl : DEFAULT_TTL;
    h[9] = f->transport;
    dw_put32(h + 12, f->local.word[0]);
    dw_put32(h + 16, routed ? f->route->hop[0].word[0] : f->remote.word[0]);
    if (extra) memcpy(h + HEADER, options, extra);
    set_checksum(h, HEADER + extra);
    p->network_at = p->head_start;
    p->protocol = ETHERTYPE;
}

static int output(void *instance, dw_packet *p, const dw_flow *flow)
{
    dw_ip *self = instance;
    bool routed = flow->route && flow->route->count > 0;
    const dw_addr *first = routed ? &flow->route->hop[0] : &flow->remote;
    dw_iface *iface = dw_ip_way_out(self, p, first, &version);
    if (!iface) return DW_E_UNREACH;
    uint8_t options[40];
    uint32_t extra = routed ? write_route(options, flow->route, &flow->remote) : 0;
    write_header(p, flow, self->next_id++, options, extra);
    self->host->transmit(iface, p);
    return DW_OK;
}

static void forward(dw_ip *self, dw_packet *p, const dw_addr *dst)
{
    dw_iface *iface = dw_ip_next_hop(self, p, dst, &version);
    if (!iface) return;
    uint8_t *h = dw_packet_head(p);
    h[TTL_AT]--;
    /* RFC 1141: one less in the high byte of a word is 0x100 more in the checksum. */
    uint32_t sum = dw_get16(h + 10) + 0x100u;
    dw_put16(h + 10, (uint16_t)(sum + (sum >> 16)));
    self->host->transmit(iface, p);
}

static const dw_cause *check(const dw_packet *p, const uint8_t *h)
{
    uint32_t have = dw_packet_head_len(p);
    if (have < HEADER || h[0] >> 4 != 4) return &causes[BAD_HEADER];
    uint32_t len = (h[0] & 15u) * 4;
    if (len < HEADER || len > have || dw_get16(h + 2) != dw_packet_len(p))
        return &causes[BAD_HEADER];
    if (dw_checksum_fold(dw_checksum_add(0, h, len, false)) != 0xffff) return &causes[BAD_CHECKSUM];
    if (dw_get16(h + 6) & MORE_OR_OFFSET) return &causes[FRAGMENT];
    return NULL;
}

/* The source route among a header's options: its place, or 0.  Others are stepped over, for that is
 * what a host does with options it does not know (RFC 9293 3.9.2, MUST-50).  -1: a length is
 * wrong. */
static int find_route(const uint8_t *h)
{
    int len = (h[0] & 15) * 4;
    for (int i = HEADER; i < len && h[i] != OPT_END;) {
        if (h[i] == OPT_NOP) {
            i++;
            continue;
        }
        if (i + 1 >= len || h[i + 1] < 2 || i + h[i + 1] > len) return -1;
        bool route = h[i] == OPT_LSRR || h[i] == OPT_SSRR;
        if (route && (h[i + 1] < 3 || h[i + 2] < 4 || (h[i + 1] - 3) % 4)) return -1;
        if (route) return i;
        i += h[i + 1];
    }
    return 0;
}

/* A hop of the route is reached: our address takes its place in the list, and on it goes. */
static void follow_route(dw_ip *self, dw_packet *p, uint8_t *option)
{
    uint8_t *h = dw_packet_head(p);
    uint8_t *slot = option + option[2] - 1;
    dw_addr next = dw_addr_v4(dw_get32(slot));
    dw_put32(slot, dw_get32(h + 16));
    dw_put32(h + 16, next.word[0]);
    option[2] = (uint8_t)(option[2] + 4);
    set_checksum(h, (h[0] & 15u) * 4);
    forward(self, p, &next);
}

/* A completed route, backwards: the way to answer (RFC 9293 3.9.2.1, MUST-53). */
static const dw_route *way_back(const uint8_t *option, dw_route *out)
{
    int count = (option[1] - 3) / 4;
    if (count == 0 || count > DW_ROUTE_HOPS) return NULL;
    out->count = (uint8_t)count;
    for (int i = 0; i < count; i++)
        out->hop[i] = dw_addr_v4(dw_get32(option + 3 + 4 * (count - 1 - i)));
    return out;
}

static void for_us(dw_ip *self, dw_packet *p, dw_flow *flow)
{
    uint8_t *h = dw_packet_head(p);
    dw_route back;
    int option = (h[0] & 15) > 5 ? find_route(h) : 0;
    if (option < 0) {
        dw_ip_refuse(self, p, &causes[BAD_OPTION], DW_NET_PARAMETER_PROBLEM, 0);
        return;
    }
    if (option > 0 && h[option + 2] <= h[option + 1]) {
        if (h[option + 2] + 3 <= h[option + 1])
            follow_route(self, p, h + option);
        else
            dw_ip_refuse(self, p, &causes[BAD_OPTION], DW_NET_PARAMETER_PROBLEM, 0);
        return;
    }
    if (option > 0) flow->route = way_back(h + option, &back);
    dw_packet_pull(p, (h[0] & 15u) * 4);
    self->host->deliver_up(self->node, p, flow);
}

static void input(void *instance, dw_packet *p, const dw_flow *unused, dw_iface *iface)
{
    (void)unused;
    dw_ip *self = instance;
    const uint8_t *h = dw_packet_head(p);
    p->network_at = p->head_start;
    const dw_cause *wrong = check(p, h);
    if (wrong) {
        self->host->packet_drop(self->node, p, wrong);
        return;
    }
    dw_flow flow = {.local = dw_addr_v4(dw_get32(h + 16)),
                    .remote = dw_addr_v4(dw_get32(h + 12)),
                    .transport = h[9],
                    .ttl = h[8],
                    .tos = h[1]};
    if (dw_ip_is_martian(self, &flow, iface))
        self->host->packet_drop(self->node, p, &causes[MARTIAN]);
    else if (self->host->is_local(self->node, &flow.local))
        for_us(self, p, &flow);
    else
        forward(self, p, &flow.local);
}

static void dissect(const uint8_t *b, size_t captured, size_t len, dw_dissection *out)
{
    if (captured < HEADER || b[0] >> 4 != 4) {
        out->malformed = "no IPv4 header";
        return;
    }
    uint32_t header = (b[0] & 15u) * 4;
    if (header < HEADER || header > captured) {
        out->malformed = "IPv4 header length";
        return;
    }
    if (dw_get16(b + 2) > len) out->malformed = "IPv4 total length";
    out->src = dw_addr_v4(dw_get32(b + 12));
    out->dst = dw_addr_v4(dw_get32(b + 16));
    out->ttl = b[8];
    out->tos = b[1];
    out->transport = b[9];
    out->transport_at = header;
    out->header_len = (uint8_t)header;
    if (dw_get16(b + 2) >= header) out->len = dw_get16(b + 2) - header;
}

static int rewrite(dw_packet *p, const dw_dissection *read, const char *field, int64_t value)
{
    (void)read;
    uint8_t *h = dw_packet_head(p);
    if (strcmp(field, "ttl") == 0)
        h[8] = (uint8_t)value;
    else if (strcmp(field, "tos") == 0)
        h[1] = (uint8_t)value;
    else
        return DW_E_NOENT;
    set_checksum(h, (h[0] & 15u) * 4);
    return DW_OK;
}

static int readdress(dw_packet *p, bool source, const dw_addr *to)
{
    uint8_t *h = dw_packet_head(p);
    if (to->family != 4) return DW_E_INVAL;
    dw_put32(h + (source ? 12 : 16), to->word[0]);
    set_checksum(h, (h[0] & 15u) * 4);
    return DW_OK;
}

static int build(dw_packet *p, const dw_dissection *f)
{
    dw_flow flow = {
        .local = f->src, .remote = f->dst, .transport = f->transport, .ttl = f->ttl, .tos = f->tos};
    if (f->network_options_len > 40 || f->network_options_len % 4) return DW_E_INVAL;
    write_header(p, &flow, 0, f->network_options, f->network_options_len);
    return DW_OK;
}

/* Without the identification; of the checksum, whether it holds. */
static uint8_t fingerprint_header(const dw_packet *p, uint8_t at, uint8_t *next,
                                  dw_fingerprint *into)
{
    enum { IDENTIFICATION_AT = 4, AFTER = 6, CHECKSUM_AT = 10, FRAGMENT_OFFSET = 0x1fff };
    const uint8_t *h = p->head + at;
    uint32_t have = (uint32_t)p->head_end - at, len = (h[0] & 15u) * 4;
    if (have < HEADER || h[0] >> 4 != 4 || len < HEADER || len > have) return at;
    dw_fp_bytes(into, h, IDENTIFICATION_AT);
    dw_fp_bytes(into, h + AFTER, CHECKSUM_AT - AFTER);
    dw_fp_bytes(into, h + CHECKSUM_AT + 2, len - CHECKSUM_AT - 2);
    dw_fp_u64(into, dw_checksum_fold(dw_checksum_add(0, h, len, false)));
    *next = dw_get16(h + AFTER) & FRAGMENT_OFFSET ? 0 : h[9];
    return (uint8_t)(at + len);
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

const dw_plugin dw_ip_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "ip",
    .summary = "IPv4 with static forwarding",
    .protocol = &ops,
};
