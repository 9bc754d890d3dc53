/* The bytes that the host sent, read. */
#include "drill_numbers.h"

#include <stdlib.h>
#include <string.h>

static dw_addr get_addr(const uint8_t *at, uint32_t family)
{
    if (family == 4) return dw_addr_v4(dw_get32(at));
    return (dw_addr){.family = 6,
                     .word = {dw_get32(at), dw_get32(at + 4), dw_get32(at + 8), dw_get32(at + 12)}};
}

/* IP's header, and its length.  Of a packet that is too short for one nothing is known, and all of
 * it counts as the header. */
static size_t see_ip(dw_drill_seen *s)
{
    enum { MIN_SIZE = 20 };
    const uint8_t *b = s->bytes;
    if (s->len < MIN_SIZE) return s->len;
    bool v6 = b[0] >> 4 == 6;
    size_t header = v6 ? 40 : (b[0] & 15u) * 4;
    if (header < MIN_SIZE || s->len < header) return s->len;
    uint32_t family = v6 ? 6 : 4;
    s->src = get_addr(v6 ? b + 8 : b + 12, family);
    s->dst = get_addr(v6 ? b + 24 : b + 16, family);
    s->tos = v6 ? (uint8_t)(dw_get16(b) >> 4) : b[1];
    s->ttl = b[v6 ? 7 : 8];
    s->flow_label = v6 ? dw_get32(b) & 0xfffff : 0;
    s->transport = b[v6 ? 6 : 9];
    return header;
}

static void see_tcp(dw_drill_seen *s, const uint8_t *h, size_t len)
{
    size_t header = len >= DW_TCP_HEADER ? (h[12] >> 4) * 4u : 0;
    if (header < DW_TCP_HEADER || header > len) return;
    s->transport = DW_PROTO_TCP;
    s->sport = dw_get16(h);
    s->dport = dw_get16(h + 2);
    s->seq = dw_get32(h + 4);
    s->ack = dw_get32(h + 8);
    s->flags = (uint16_t)(h[13] | (h[12] & 1) << 8);
    s->window = dw_get16(h + 14);
    s->urgent = dw_get16(h + 18);
    s->options_len = (uint8_t)(header - DW_TCP_HEADER);
    memcpy(s->options, h + DW_TCP_HEADER, s->options_len);
    s->payload = h + header;
    s->payload_len = (uint32_t)(len - header);
}

/* TCP in UDP is told from UDP by what follows the UDP header looking like TCP. */
static bool holds_tcp(const uint8_t *h, size_t len)
{
    return len >= DW_UDP_HEADER + DW_TCP_HEADER && h[DW_UDP_HEADER + 12] >> 4 >= 5 &&
           (h[DW_UDP_HEADER + 12] >> 4) * 4u + DW_UDP_HEADER <= len;
}

/* An ICMP message, and the head of the packet it is about. */
static void see_icmp(dw_drill_seen *s, const uint8_t *h, size_t len)
{
    enum { QUOTED = 8 }; /* octets behind IP's header that a quotation has at least (RFC 792) */
    bool v6 = s->transport == DW_PROTO_ICMP6;
    if (len < 2) return;
    s->icmp_type = h[0];
    s->icmp_code = h[1];
    bool too_big = v6 ? h[0] == 2 : h[0] == 3 && h[1] == 4;
    if (too_big && len >= DW_ICMP_HEADER) s->icmp_mtu = v6 ? dw_get32(h + 4) : dw_get16(h + 6);
    const uint8_t *q = h + DW_ICMP_HEADER;
    size_t ip =
        len; /* of the quoted header; without one, what is looked for behind it is not there */
    if (len > DW_ICMP_HEADER) ip = v6 ? 40 : (q[0] & 15u) * 4;
    if (DW_ICMP_HEADER + ip + QUOTED > len || q[v6 ? 6 : 9] != DW_PROTO_TCP) return;
    size_t whole = v6 ? 40u + dw_get16(q + 4) : dw_get16(q + 2);
    size_t header = DW_ICMP_HEADER + ip + 12 < len ? (q[ip + 12] >> 4) * 4u : DW_TCP_HEADER;
    s->quotes = true;
    s->quoted_sport = dw_get16(q + ip);
    s->quoted_dport = dw_get16(q + ip + 2);
    s->quoted_seq = dw_get32(q + ip + 4);
    s->quoted_len = whole > ip + header ? (uint32_t)(whole - ip - header) : 0;
}

static void see_transport(dw_drill_seen *s, const uint8_t *h, size_t len)
{
    if (s->transport == DW_PROTO_TCP) see_tcp(s, h, len);
    if (s->transport == DW_PROTO_ICMP || s->transport == DW_PROTO_ICMP6) see_icmp(s, h, len);
    if (s->transport != DW_PROTO_UDP || len < DW_UDP_HEADER) return;
    s->sport = dw_get16(h);
    s->dport = dw_get16(h + 2);
    s->payload = h + DW_UDP_HEADER;
    s->payload_len = (uint32_t)(len - DW_UDP_HEADER);
    if (!holds_tcp(h, len)) return;
    s->udp_encapsulated = true;
    s->udp_sport = s->sport;
    s->udp_dport = s->dport;
    see_tcp(s, h + DW_UDP_HEADER, len - DW_UDP_HEADER);
}

dw_drill_seen *dw_drill_see(const uint8_t *bytes, size_t len, dw_time at, uint64_t number)
{
    dw_drill_seen *s = calloc(1, sizeof *s);
    if (!s || !(s->bytes = malloc(len ? len : 1))) {
        free(s);
        return NULL;
    }
    memcpy(s->bytes, bytes, len);
    s->len = len;
    s->at = at;
    s->number = number;
    size_t header = see_ip(s);
    if (header < len) see_transport(s, s->bytes + header, len - header);
    return s;
}

void dw_drill_seen_free(dw_drill_seen *seen)
{
    if (!seen) return;
    free(seen->bytes);
    free(seen);
}
