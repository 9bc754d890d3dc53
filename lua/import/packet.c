/* Segments and ICMP errors, and how they are kept. */
#include "packet.h"
#include "names.h"

#include <stdlib.h>
#include <string.h>

enum { TCP = 6, ICMP = 1, ICMPV6 = 58 };

/* The dissection of an ICMP message has one flag, which is the kind of error. */
static bool error_kind(const dw_dissection *d, uint8_t *kind)
{
    if (!d->flag_names || d->flags == 0) return false;
    for (*kind = 0; !(d->flags >> *kind & 1); (*kind)++) {
    }
    return true;
}

/* RFC 792, RFC 4443 3: eight octets, then the packet that the error is about, as far as there was
 * room.  Ports and sequence number are the first octets of its TCP header. */
static bool read_error(const innermost *in, captured *p)
{
    enum { HEADER = 8, PORTS_AND_SEQUENCE = 8 };
    ip_header quoted;
    uint8_t kind;
    piece icmp = in->ip;
    if (!error_kind(&p->d, &kind) || !piece_skip(&icmp, in->header.transport_at)) return false;
    const uint8_t *h = icmp.bytes;
    if (!piece_skip(&icmp, HEADER) || ip_read_header(&icmp, &quoted) != IP_READ) return false;
    if (quoted.transport != TCP || (quoted.is_fragment && quoted.offset > 0)) return false;
    if (quoted.transport_at + PORTS_AND_SEQUENCE > icmp.have) return false;
    const uint8_t *transport = icmp.bytes + quoted.transport_at;
    uint32_t have = icmp.have - quoted.transport_at;
    p->icmp = true;
    p->error = (dw_net_error){.kind = kind, .type = h[0], .code = h[1]};
    if (kind == DW_NET_TOO_BIG)
        p->error.mtu = in->header.version == 4 ? dw_get16(h + 6) : dw_get32(h + 4);
    p->error.quoted_len = (uint8_t)(have < sizeof p->error.quoted ? have : sizeof p->error.quoted);
    memcpy(p->error.quoted, transport, p->error.quoted_len);
    p->quoted = (dw_flow){.local = quoted.src,
                          .remote = quoted.dst,
                          .local_port = dw_get16(transport),
                          .remote_port = dw_get16(transport + 2),
                          .transport = TCP};
    p->quoted_seq = dw_get32(transport + 4);
    p->quoted_id = quoted.id16;
    return true;
}

bool tcp_option_next(const dw_dissection *d, uint32_t *at, tcp_option *out)
{
    if (*at >= d->options_len) return false;
    const uint8_t *o = d->options + *at;
    uint32_t left = d->options_len - *at, len = 1;
    if (*o == OPTION_END) return false;
    if (*o != OPTION_NOP) {
        if (left < 2 || o[1] < 2 || o[1] > left) return false;
        len = o[1];
    }
    *out = (tcp_option){.kind = *o, .len = len > 1 ? len - 2 : 0, .value = o + 2};
    *at += len;
    return true;
}

/* The first 14 octets of a TCP header, flags included, are what a connection is known by. */
enum packet_is packet_read(const frame *f, uint16_t file, const innermost *in, captured *p)
{
    enum { UP_TO_FLAGS = 14, MIN_HEADER = 20 };
    const ip_header *h = &in->header;
    bool icmp = in->kind == KIND_ICMP4 || in->kind == KIND_ICMP6;
    bool tcp = in->kind == KIND_TCP4 || in->kind == KIND_TCP6;
    if (!icmp && !tcp) return PACKET_OTHER;
    *p = (captured){.at = f->at,
                    .frame = f->number,
                    .bytes = (uint8_t *)(uintptr_t)in->ip.bytes,
                    .have = in->ip.have,
                    .len = in->ip.len,
                    .file = file,
                    .interface = f->interface,
                    .offloaded = h->endless,
                    .has_id = h->version == 4,
                    .id = h->id16,
                    .ip_flags = h->flags};
    if (tcp && in->ip.len - h->transport_at < MIN_HEADER) return PACKET_MALFORMED;
    if (tcp && in->ip.have - h->transport_at < UP_TO_FLAGS) return PACKET_CUT;
    dw_dissect_packet(p->bytes, p->have, p->len, &p->d);
    if (icmp) return read_error(in, p) ? PACKET_ICMP_ERROR : PACKET_OTHER;
    if (p->d.malformed || p->d.transport != TCP) return PACKET_MALFORMED;
    uint32_t header = (uint32_t)(p->bytes[h->transport_at + 12] >> 4) * 4;
    p->whole_header = h->transport_at + header <= p->have;
    return PACKET_TCP;
}

/* RFC 9293 3.1: over the segment and its pseudo-header, the sum is all ones. */
static bool checksum_is_right(const captured *p)
{
    const dw_dissection *d = &p->d;
    bool four = p->bytes[0] >> 4 == 4;
    uint8_t rest[6] = {0}; /* of the pseudo-header: the length, and the protocol */
    dw_put32(rest, p->len - d->transport_at);
    rest[5] = TCP;
    size_t addresses = four ? 12 : 8;
    size_t addresses_len = four ? 8 : 32;
    uint64_t sum = dw_checksum_add(0, p->bytes + addresses, addresses_len, false);
    sum = dw_checksum_add(sum, rest, sizeof rest, false);
    sum = dw_checksum_add(sum, p->bytes + d->transport_at, p->len - d->transport_at, false);
    return dw_checksum_fold(sum) == 0xffff;
}

/* A trace has room for some headers only: IPv6's extension headers are left out where they take
 * more of it than there is. */
static void leave_out_extensions(captured *p)
{
    enum { HEADER = 40, LARGEST_TCP = 60 };
    uint32_t at = p->d.transport_at;
    if (p->bytes[0] >> 4 != 6 || at + LARGEST_TCP <= DW_PACKET_HEAD || p->have < at) return;
    p->bytes[6] = p->d.transport;
    if (p->len - at <= UINT16_MAX) dw_put16(p->bytes + 4, (uint16_t)(p->len - at));
    memmove(p->bytes + HEADER, p->bytes + at, p->have - at);
    p->have -= at - HEADER;
    p->len -= at - HEADER;
}

static int keep_comment(captured *p, const frame *f)
{
    if (!f->comment) return DW_OK;
    p->comment = text_copy(f->comment, f->comment_len, true);
    if (!p->comment) return DW_E_NOMEM;
    /* "#3 fast-retransmit; dropped: queue-full" in captures of drywire's. */
    p->numbered = p->comment[0] == '#';
    p->noted_lost = strstr(p->comment, "; dropped: ") != NULL;
    return DW_OK;
}

static captured *add_packet(capture *c)
{
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? c->capacity * 2 : 256;
        captured *grown = realloc(c->packets, capacity * sizeof *grown);
        if (!grown) return NULL;
        c->packets = grown;
        c->capacity = capacity;
    }
    return &c->packets[c->count++];
}

int packet_keep(capture *c, const captured *read, const frame *f)
{
    captured *p = add_packet(c);
    if (!p) return DW_E_NOMEM;
    *p = *read;
    p->bytes = malloc(p->have);
    if (!p->bytes) return DW_E_NOMEM;
    memcpy(p->bytes, read->bytes, p->have);
    leave_out_extensions(p);
    dw_dissect_packet(p->bytes, p->have, p->len, &p->d);
    c->cut += p->have < p->len;
    c->offloaded += p->offloaded;
    p->bad_checksum = !p->icmp && p->have == p->len && !checksum_is_right(p);
    c->wrong_checksums += p->bad_checksum;
    return keep_comment(p, f);
}

/* Checksums change by as much as the address, so that a wrong one stays wrong (RFC 1624). */
static void adjust_checksum(uint8_t *field, uint16_t before, uint16_t after)
{
    uint32_t sum = (uint16_t)~dw_get16(field) + (uint32_t)(uint16_t)~before + after;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    dw_put16(field, (uint16_t)~sum);
}

void packet_rename(captured *p, bool source)
{
    bool four = p->bytes[0] >> 4 == 4;
    /* The last two octets of an address, the source's or the destination's. */
    static const uint8_t last[2][2] = {{24 + 14, 8 + 14}, {16 + 2, 12 + 2}};
    uint8_t *addr = p->bytes + last[four][source];
    uint16_t before = dw_get16(addr), after = (uint16_t)(before + 1);
    dw_put16(addr, after);
    if (four) adjust_checksum(p->bytes + 10, before, after);
    if (!p->icmp && p->d.transport_at + 18 <= p->have)
        adjust_checksum(p->bytes + p->d.transport_at + 16, before, after);
    dw_dissect_packet(p->bytes, p->have, p->len, &p->d);
}
