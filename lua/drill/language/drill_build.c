/* Packets of a script as bytes. */
#include "drill_numbers.h"

#include <stdio.h>
#include <string.h>

static void put_addr(uint8_t *at, const dw_addr *a)
{
    for (int i = 0; i < (a->family == 6 ? 4 : 1); i++)
        dw_put32(at + 4 * i, a->word[i]);
}

static size_t ip_header_len(const dw_addr *a)
{
    return a->family == 6 ? 40 : 20;
}

/* The header of a packet whose transport header and payload are `len` octets. */
static void put_ip(uint8_t *h, const dw_addr *src, const dw_addr *dst, uint8_t protocol,
                   uint8_t tos, uint8_t ttl, uint32_t label, size_t len)
{
    if (src->family == 6) {
        dw_put32(h, 6u << 28 | (uint32_t)tos << 20 | label);
        dw_put16(h + 4, (uint16_t)len);
        h[6] = protocol;
        h[7] = ttl;
        put_addr(h + 8, src);
        put_addr(h + 24, dst);
        return;
    }
    memset(h, 0, 20);
    h[0] = 0x45;
    h[1] = tos;
    dw_put16(h + 2, (uint16_t)(20 + len));
    dw_put16(h + 6, 0x4000);
    h[8] = ttl;
    h[9] = protocol;
    put_addr(h + 12, src);
    put_addr(h + 16, dst);
    dw_put16(h + 10, (uint16_t)~dw_checksum_fold(dw_checksum_add(0, h, 20, false)));
}

static void put_checksum(uint8_t *h, size_t at, size_t len, const dw_addr *src, const dw_addr *dst,
                         uint8_t protocol)
{
    dw_put16(h + at, 0);
    uint64_t sum =
        protocol == DW_PROTO_ICMP ? 0 : dw_checksum_pseudo(src, dst, protocol, (uint32_t)len);
    uint16_t folded = (uint16_t)~dw_checksum_fold(dw_checksum_add(sum, h, len, false));
    dw_put16(h + at, folded == 0 && protocol == DW_PROTO_UDP ? 0xffff : folded);
}

/* The numbers in options that speak of the host's own: SACK blocks and the echoed timestamp. */
static void map_options(const dw_drill_packet *k, const dw_drill_flow *f, uint8_t *options)
{
    uint8_t *timestamp = dw_drill_find_option(options, k->options_len, DW_OPT_TIMESTAMP);
    if (timestamp && timestamp[1] == 10 && dw_get32(timestamp + 6) != 0)
        dw_put32(timestamp + 6, dw_flow_live_timestamp(f, dw_get32(timestamp + 6)));
    uint8_t *sack = dw_drill_find_option(options, k->options_len, 5);
    for (int i = 2; sack && i + 4 <= sack[1]; i += 4)
        dw_put32(sack + i, dw_flow_local_live(f, false, dw_get32(sack + i)));
}

static size_t build_tcp(const dw_drill_packet *k, const dw_drill_flow *f, uint8_t *h)
{
    size_t header = DW_TCP_HEADER + k->options_len, len = header + k->payload;
    uint16_t flags = dw_drill_wire_flags(k);
    memset(h, 0, len);
    dw_put16(h, k->has_ports ? k->sport : f->remote_port);
    dw_put16(h + 2, k->has_ports ? k->dport : f->local_port);
    bool syn = flags & DW_DRILL_SYN, acks = flags & DW_DRILL_ACK;
    dw_put32(h + 4, k->seq_absolute ? k->seq : dw_flow_remote_live(f, syn, k->seq));
    dw_put32(h + 8, acks ? dw_flow_local_live(f, syn, k->ack) : k->ack);
    h[12] = (uint8_t)(header / 4 << 4 | flags >> 8);
    h[13] = (uint8_t)flags;
    dw_put16(h + 14, k->window < 0 ? 0 : (uint16_t)k->window);
    dw_put16(h + 18, k->urgent);
    memcpy(h + DW_TCP_HEADER, k->options, k->options_len);
    map_options(k, f, h + DW_TCP_HEADER);
    return len;
}

static size_t build_udp(const dw_drill_packet *k, const dw_drill_flow *f, uint8_t *h)
{
    size_t len = DW_UDP_HEADER + k->payload;
    memset(h, 0, len);
    dw_put16(h, k->has_ports ? k->sport : f->remote_port);
    dw_put16(h + 2, k->has_ports ? k->dport : f->local_port);
    dw_put16(h + 4, (uint16_t)len);
    return len;
}

/* What an ICMP error quotes: the head of a packet that the host sent. */
static size_t build_quotation(const dw_drill_packet *k, const dw_drill_flow *f, uint8_t *h)
{
    size_t ip = ip_header_len(&f->local);
    uint8_t *t = h + ip;
    size_t len = k->quoted == DW_DRILL_UDP ? DW_UDP_HEADER : DW_TCP_HEADER;
    size_t shift = k->udp_encapsulated ? DW_UDP_HEADER : 0;
    memset(t, 0, shift + len);
    uint8_t *inner = t + shift;
    dw_put16(inner, f->local_port);
    dw_put16(inner + 2, f->remote_port);
    if (k->quoted == DW_DRILL_UDP) {
        dw_put16(inner + 4, (uint16_t)(len + k->quoted_payload));
    } else {
        dw_put32(inner + 4, dw_flow_local_live(f, false, k->quoted_seq));
        inner[12] = 5 << 4;
    }
    if (shift) {
        dw_put16(t, k->udp_sport);
        dw_put16(t + 2, k->udp_dport);
        dw_put16(t + 4, (uint16_t)(shift + len + k->quoted_payload));
    }
    uint8_t protocol = k->quoted == DW_DRILL_UDP || shift ? DW_PROTO_UDP : DW_PROTO_TCP;
    put_ip(h, &f->local, &f->remote, protocol, 0, 64, 0, shift + len + k->quoted_payload);
    return ip + shift + len;
}

static size_t build_icmp(const dw_drill_packet *k, const dw_drill_flow *f, uint8_t *h,
                         const dw_icmp_name *name)
{
    memset(h, 0, 8);
    h[0] = name->type;
    h[1] = name->code;
    if (k->icmp_mtu >= 0) dw_put32(h + 4, (uint32_t)k->icmp_mtu);
    if (k->icmp_id) dw_put16(h + 4, k->icmp_id);
    bool echo = strncmp(name->type_name, "echo", 4) == 0;
    return 8 + (echo ? 0 : build_quotation(k, f, h + 8));
}

/* What is above IP, with its checksum; returns its protocol.  In UDP, TCP's own checksum stays 0:
 * UDP's covers it. */
static uint8_t put_transport(const dw_drill_packet *k, const dw_drill_flow *f, uint8_t *h,
                             const dw_icmp_name *name, size_t *len)
{
    const dw_addr *src = &f->remote, *dst = &f->local;
    if (k->protocol == DW_DRILL_ICMP) {
        uint8_t protocol = f->local.family == 6 ? DW_PROTO_ICMP6 : DW_PROTO_ICMP;
        *len = build_icmp(k, f, h, name);
        put_checksum(h, 2, *len, src, dst, protocol);
        return protocol;
    }
    if (k->protocol == DW_DRILL_UDP) {
        *len = build_udp(k, f, h);
        put_checksum(h, 6, *len, src, dst, DW_PROTO_UDP);
        return DW_PROTO_UDP;
    }
    if (!k->udp_encapsulated) {
        *len = build_tcp(k, f, h);
        put_checksum(h, 16, *len, src, dst, DW_PROTO_TCP);
        return DW_PROTO_TCP;
    }
    *len = DW_UDP_HEADER + build_tcp(k, f, h + DW_UDP_HEADER);
    dw_put16(h, k->udp_sport);
    dw_put16(h + 2, k->udp_dport);
    dw_put16(h + 4, (uint16_t)*len);
    put_checksum(h, 6, *len, src, dst, DW_PROTO_UDP);
    return DW_PROTO_UDP;
}

enum dw_drill_built dw_drill_build(const dw_drill_packet *k, const dw_drill_flow *f,
                                   uint8_t out[DW_DRILL_MAX_BYTES], size_t *len, char *why,
                                   size_t why_size)
{
    const dw_icmp_name *name = NULL;
    DW_ASSERT(k->options_len <= sizeof k->options);
    DW_ASSERT(k->options_len % 4 == 0);
    if (k->protocol == DW_DRILL_ICMP) {
        name = dw_drill_icmp(f->local.family, k->icmp_type, k->icmp_code);
        if (!name) {
            const char *code = k->icmp_code ? k->icmp_code : "";
            snprintf(why, why_size, "IPv%u has no ICMP message \"%s%s%s\"", f->local.family,
                     k->icmp_type, *code ? " " : "", code);
            return DW_DRILL_MEANINGLESS;
        }
    }
    if (k->md5_valid) {
        snprintf(why, why_size, "not supported: TCP MD5 digests (md5 valid)");
        return DW_DRILL_NOT_BUILT;
    }
    size_t ip = ip_header_len(&f->remote), above;
    /* A TCP header has at most 60 octets. */
    if (ip + DW_UDP_HEADER + 60 + k->payload > DW_DRILL_MAX_BYTES) {
        snprintf(why, why_size, "the packet is larger than IP allows");
        return DW_DRILL_MEANINGLESS;
    }
    uint8_t protocol = put_transport(k, f, out + ip, name, &above);
    uint8_t tos = k->tos_check == DW_DRILL_TOS_ANY ? 0 : k->tos;
    uint8_t ttl = k->ttl < 0 ? 255 : (uint8_t)k->ttl;
    uint32_t label = k->flow_label < 0 ? 0 : (uint32_t)k->flow_label;
    put_ip(out, &f->remote, &f->local, protocol, tos, ttl, label, above);
    *len = ip + above;
    return DW_DRILL_BUILT;
}
