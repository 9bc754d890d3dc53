/* Headers of IP: RFC 791, RFC 8200. */
#include "ip_header.h"

enum { HEADER4 = 20, HEADER6 = 40 };

/* No system hands its card more at once (Linux: GSO_MAX_SIZE): a frame that claims to be longer is
 * damaged. */
enum { LARGEST_OFFLOAD = 8 * 65535 };

/* An IP length of 0 is what a large send leaves to the card: the packet is as long as the frame. */
static enum ip_read read4(piece *p, ip_header *out)
{
    const uint8_t *b = p->bytes;
    uint32_t header = (b[0] & 15u) * 4, fragment;
    if (header < HEADER4) return IP_DAMAGED;
    if (p->have < header) return p->len < header ? IP_DAMAGED : IP_CUT;
    uint32_t total = dw_get16(b + 2);
    out->endless = total == 0;
    if (total == 0) total = p->len;
    if (total < header || total > LARGEST_OFFLOAD) return IP_DAMAGED;
    p->len = total;
    if (p->have > total) p->have = total;
    fragment = dw_get16(b + 6);
    out->src = dw_addr_v4(dw_get32(b + 12));
    out->dst = dw_addr_v4(dw_get32(b + 16));
    out->transport = b[9];
    out->flags = (uint8_t)(fragment >> 13);
    out->id = out->id16 = dw_get16(b + 4);
    out->more = fragment & 0x2000;
    out->offset = (fragment & 0x1fff) * 8;
    out->is_fragment = out->more || out->offset;
    out->transport_at = header;
    return IP_READ;
}

static dw_addr get_addr6(const uint8_t *b)
{
    return (dw_addr){.family = 6,
                     .word = {dw_get32(b), dw_get32(b + 4), dw_get32(b + 8), dw_get32(b + 12)}};
}

/* What stands behind a fragment header is looked at when the packet is whole. */
static void take_fragment_header(const uint8_t *b, uint32_t at, uint32_t announced, ip_header *out)
{
    out->is_fragment = true;
    out->fragment_at = at;
    out->before_fragment = announced;
    out->offset = dw_get16(b + at + 2) & 0xfff8u;
    out->more = b[at + 3] & 1;
    out->id = dw_get32(b + at + 4);
    out->transport = b[at];
    out->transport_at = at + 8;
}

/* RFC 8200 4: extension headers up to one that is none, or that splits the packet. */
static enum ip_read walk6(const piece *p, ip_header *out)
{
    enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DESTINATION = 60 };
    const uint8_t *b = p->bytes;
    uint32_t at = HEADER6, announced = 6;
    for (;;) {
        uint8_t next = b[announced];
        out->transport = next;
        out->transport_at = at;
        bool passed = next == HOP_BY_HOP || next == ROUTING || next == DESTINATION;
        if (!passed && next != FRAGMENT) break;
        if (at + 8 > p->have) return at + 8 > p->len ? IP_DAMAGED : IP_CUT;
        if (next == FRAGMENT) {
            take_fragment_header(b, at, announced, out);
            return IP_READ;
        }
        announced = at;
        at += (b[at + 1] + 1u) * 8;
    }
    if (at <= p->have) return IP_READ;
    return at > p->len ? IP_DAMAGED : IP_CUT;
}

static enum ip_read read6(piece *p, ip_header *out)
{
    enum { NO_NEXT = 59 };
    const uint8_t *b = p->bytes;
    if (p->have < HEADER6) return p->len < HEADER6 ? IP_DAMAGED : IP_CUT;
    uint32_t payload = dw_get16(b + 4);
    out->endless = payload == 0 && b[6] != NO_NEXT;
    if (out->endless && p->len > LARGEST_OFFLOAD) return IP_DAMAGED;
    if (!out->endless) {
        p->len = HEADER6 + payload;
        if (p->have > p->len) p->have = p->len;
    }
    out->src = get_addr6(b + 8);
    out->dst = get_addr6(b + 24);
    return walk6(p, out);
}

enum ip_read ip_read_header(piece *p, ip_header *out)
{
    *out = (ip_header){0};
    if (p->have == 0) return IP_CUT;
    out->version = p->bytes[0] >> 4;
    if (out->version == 6) return read6(p, out);
    if (out->version != 4) return IP_DAMAGED;
    if (p->have < HEADER4) return p->len < HEADER4 ? IP_DAMAGED : IP_CUT;
    return read4(p, out);
}

void ip_set_checksum(uint8_t *header, uint32_t len)
{
    dw_put16(header + 10, 0);
    dw_put16(header + 10, (uint16_t)~dw_checksum_fold(dw_checksum_add(0, header, len, false)));
}
