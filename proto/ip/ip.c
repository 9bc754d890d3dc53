/* IPv4 (RFC 791): addresses, forwarding, no fragmentation (every datagram has DF set). */
#include "../builtin.h"

#include <string.h>

enum {
    ETHERTYPE = 0x0800,
    HEADER = 20,
    DEFAULT_TTL = 64, /* RFC 1700 */
    FLAG_DF = 0x4000,
    MORE_OR_OFFSET = 0x3fff
};

static const dw_cause bad_header = {"ip-bad-header", "RFC 1122 3.2.1.1",
                                    "the IP header's version or length is wrong"};
static const dw_cause bad_checksum = {"ip-bad-checksum", "RFC 1122 3.2.1.2",
                                      "the IP header's checksum does not match"};
static const dw_cause fragment = {"ip-fragment", "RFC 791 3.2", "fragments are not reassembled"};
static const dw_cause ttl_exceeded = {"ttl-exceeded", "RFC 1812 5.3.1",
                                      "the time to live ran out on the way"};
static const dw_cause no_route = {"no-route", "RFC 1812 5.2.7.1",
                                  "the node knows no way to the destination"};

typedef struct ip {
    dw_node *node;
    const dw_host *host;
    uint16_t next_id;
} ip;

static int attach(dw_node *node, const dw_host *host, void **instance)
{
    ip *self = host->alloc(node, sizeof *self);
    if (!self) return DW_E_NOMEM;
    self->node = node;
    self->host = host;
    *instance = self;
    return DW_OK;
}

static void detach(void *instance)
{
    ip *self = instance;
    self->host->free(self->node, self, sizeof *self);
}

static void set_checksum(uint8_t *h, size_t len)
{
    dw_put16(h + 10, 0);
    dw_put16(h + 10, (uint16_t)~dw_checksum_fold(dw_checksum_add(0, h, len, false)));
}

static void write_header(dw_packet *p, const dw_addr *src, const dw_addr *dst, uint8_t protocol,
                         uint8_t ttl, uint8_t tos, uint16_t id)
{
    uint8_t *h = dw_packet_push(p, HEADER);
    h[0] = 0x45;
    h[1] = tos;
    dw_put16(h + 2, (uint16_t)dw_packet_len(p));
    dw_put16(h + 4, id);
    dw_put16(h + 6, FLAG_DF);
    h[8] = ttl ? ttl : DEFAULT_TTL;
    h[9] = protocol;
    dw_put32(h + 12, src->word[0]);
    dw_put32(h + 16, dst->word[0]);
    set_checksum(h, HEADER);
    p->network_at = p->head_start;
    p->protocol = ETHERTYPE;
}

static int output(void *instance, dw_packet *p, const dw_flow *flow)
{
    ip *self = instance;
    dw_iface *iface = self->host->route(self->node, &flow->remote);
    if (!iface) {
        self->host->packet_drop(self->node, p, &no_route);
        return DW_E_UNREACH;
    }
    write_header(p, &flow->local, &flow->remote, flow->transport, flow->ttl, flow->tos,
                 self->next_id++);
    self->host->transmit(iface, p);
    return DW_OK;
}

static void forward(ip *self, dw_packet *p, const dw_addr *dst)
{
    uint8_t *h = dw_packet_head(p);
    dw_iface *iface = self->host->route(self->node, dst);
    if (!iface) {
        self->host->packet_drop(self->node, p, &no_route);
        return;
    }
    if (h[8] <= 1) {
        self->host->packet_drop(self->node, p, &ttl_exceeded);
        return;
    }
    h[8]--;
    /* RFC 1141: one less in the high byte of a word is 0x100 more in the checksum. */
    uint32_t sum = dw_get16(h + 10) + 0x100u;
    dw_put16(h + 10, (uint16_t)(sum + (sum >> 16)));
    self->host->transmit(iface, p);
}

static const dw_cause *check(const dw_packet *p, const uint8_t *h)
{
    uint32_t have = dw_packet_head_len(p);
    if (have < HEADER || h[0] >> 4 != 4) return &bad_header;
    uint32_t len = (h[0] & 15u) * 4;
    if (len < HEADER || len > have || dw_get16(h + 2) != dw_packet_len(p)) return &bad_header;
    if (dw_checksum_fold(dw_checksum_add(0, h, len, false)) != 0xffff) return &bad_checksum;
    if (dw_get16(h + 6) & MORE_OR_OFFSET) return &fragment;
    return NULL;
}

static void input(void *instance, dw_packet *p, const dw_flow *unused, dw_iface *iface)
{
    (void)unused;
    (void)iface;
    ip *self = instance;
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
    if (!self->host->is_local(self->node, &flow.local)) {
        forward(self, p, &flow.local);
        return;
    }
    dw_packet_pull(p, (h[0] & 15u) * 4);
    self->host->deliver_up(self->node, p, &flow);
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

static int build(dw_packet *p, const dw_dissection *f)
{
    write_header(p, &f->src, &f->dst, f->transport, f->ttl, f->tos, 0);
    return DW_OK;
}

static const char *const fields[] = {"ttl", "tos", NULL};

static const dw_protocol_ops ops = {
    .size = sizeof ops,
    .layer = DW_LAYER_NETWORK,
    .number = ETHERTYPE,
    .attach = attach,
    .detach = detach,
    .input = input,
    .output = output,
    .dissect = dissect,
    .rewrite = rewrite,
    .build = build,
    .fields = fields,
};

const dw_plugin dw_ip_plugin = {
    .abi = DW_PLUGIN_ABI,
    .size = sizeof(dw_plugin),
    .name = "ip",
    .summary = "IPv4 with static forwarding",
    .protocol = &ops,
};
