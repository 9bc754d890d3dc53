/* Packets of a script as bytes, and what came compared with what was expected. */
#include "drill_packet.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    TCP = 6,
    UDP = 17,
    ICMP = 1,
    ICMP6 = 58,
    TCP_HEADER = 20,
    UDP_HEADER = 8,
    OPT_TIMESTAMP = 8,
    OPT_ACCECN_0 = 172,
    OPT_ACCECN_1 = 174
};

/* ICMP: the names that scripts use. */

typedef struct icmp_name {
    uint8_t family, type, code;
    const char *type_name, *code_name; /* code_name NULL: the type alone */
} icmp_name;

static const icmp_name icmp_names[] = {
    {4, 3, 0, "unreachable", NULL},
    {4, 3, 0, "unreachable", "net_unreachable"},
    {4, 3, 1, "unreachable", "host_unreachable"},
    {4, 3, 2, "unreachable", "protocol_unreachable"},
    {4, 3, 3, "unreachable", "port_unreachable"},
    {4, 3, 4, "unreachable", "frag_needed"},
    {4, 3, 5, "unreachable", "source_route_failed"},
    {4, 3, 6, "unreachable", "net_unknown"},
    {4, 3, 7, "unreachable", "host_unknown"},
    {4, 3, 8, "unreachable", "source_host_isolated"},
    {4, 3, 9, "unreachable", "net_prohibited"},
    {4, 3, 10, "unreachable", "host_prohibited"},
    {4, 3, 11, "unreachable", "net_unreachable_for_tos"},
    {4, 3, 12, "unreachable", "host_unreachable_for_tos"},
    {4, 3, 13, "unreachable", "packet_filtered"},
    {4, 3, 13, "unreachable", "admin_prohibited"},
    {4, 3, 14, "unreachable", "precedence_violation"},
    {4, 3, 15, "unreachable", "precedence_cutoff"},
    {4, 4, 0, "source_quench", NULL},
    {4, 5, 0, "redirect", NULL},
    {4, 0, 0, "echo_reply", NULL},
    {4, 8, 0, "echo_request", NULL},
    {4, 11, 0, "time_exceeded", NULL},
    {4, 11, 0, "time_exceeded", "ttl_exceeded_in_transit"},
    {4, 11, 0, "time_exceeded", "exceeded_ttl"},
    {4, 11, 1, "time_exceeded", "frag_reass_exceeded"},
    {4, 11, 1, "time_exceeded", "exceeded_fragtime"},
    {4, 12, 0, "parameter_problem", NULL},
    {4, 12, 0, "parameter_problem", "code_0"},
    {4, 12, 1, "parameter_problem", "code_1"},
    {4, 12, 2, "parameter_problem", "code_2"},
    {6, 1, 0, "unreachable", NULL},
    {6, 1, 0, "unreachable", "no_route"},
    {6, 1, 1, "unreachable", "admin_prohibited"},
    {6, 1, 2, "unreachable", "not_neighbour"},
    {6, 1, 3, "unreachable", "address_unreachable"},
    {6, 1, 3, "unreachable", "addr_unreachable"},
    {6, 1, 3, "unreachable", "host_unreachable"},
    {6, 1, 4, "unreachable", "port_unreachable"},
    {6, 2, 0, "packet_too_big", NULL},
    {6, 3, 0, "time_exceeded", NULL},
    {6, 3, 0, "time_exceeded", "exceeded_hop_limit"},
    {6, 3, 1, "time_exceeded", "exceeded_frag_time"},
    {6, 4, 0, "parameter_problem", NULL},
    {6, 4, 0, "parameter_problem", "header_field"},
    {6, 4, 1, "parameter_problem", "unknown_next_header"},
    {6, 4, 2, "parameter_problem", "unknown_option"},
    {6, 128, 0, "echo_request", NULL},
    {6, 129, 0, "echo_reply", NULL},
    {0},
};

static const icmp_name *find_icmp(uint32_t family, const char *type, const char *code)
{
    for (const icmp_name *n = icmp_names; n->family; n++) {
        if (n->family != family || strcmp(n->type_name, type) != 0) continue;
        if (!code && !n->code_name) return n;
        if (code && n->code_name && strcmp(n->code_name, code) == 0) return n;
    }
    return NULL;
}

/* Building.  A packet is written from the inside out. */

typedef struct writer {
    const dw_drill_flow *flow;
    uint8_t *bytes;
} writer;

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
    uint64_t sum = protocol == ICMP ? 0 : dw_checksum_pseudo(src, dst, protocol, (uint32_t)len);
    uint16_t folded = (uint16_t)~dw_checksum_fold(dw_checksum_add(sum, h, len, false));
    dw_put16(h + at, folded == 0 && protocol == UDP ? 0xffff : folded);
}

/* Sequence numbers.  In a script those of SYNs are what they are, ISNs of the script's choice; all
 * others count from the ISN.  The wire's ISN is the script's own; the host's is what it is. */

static uint32_t local_live(const dw_drill_flow *f, bool syn, uint32_t script)
{
    if (!f->isn_known) return script;
    return script + f->isn_live - (syn ? f->isn_script : 0);
}

static uint32_t local_script(const dw_drill_flow *f, bool syn, uint32_t live)
{
    if (!f->isn_known) return live;
    return live - f->isn_live + (syn ? f->isn_script : 0);
}

static uint32_t remote_live(const dw_drill_flow *f, bool syn, uint32_t script)
{
    return syn ? script : script + f->remote_isn;
}

static uint32_t remote_script(const dw_drill_flow *f, bool syn, uint32_t live)
{
    return syn ? live : live - f->remote_isn;
}

/* The timestamp that a script echoes: one that it has seen, or as far from the first as it says. */
static uint32_t live_stamp(const dw_drill_flow *f, uint32_t script)
{
    for (uint32_t i = f->stamp_count; i-- > 0;)
        if (f->stamps[i].script == script) return f->stamps[i].live;
    return f->stamp_count ? script - f->stamps[0].script + f->stamps[0].live : script;
}

static uint8_t *find_option(uint8_t *options, uint32_t len, uint8_t kind)
{
    for (uint32_t i = 0; i < len && options[i] != 0;) {
        if (options[i] == 1) {
            i++;
            continue;
        }
        if (i + 1 >= len || options[i + 1] < 2 || i + options[i + 1] > len) return NULL;
        if (options[i] == kind) return options + i;
        i += options[i + 1];
    }
    return NULL;
}

/* The numbers in options that speak of the host's own: SACK blocks and the echoed timestamp. */
static void map_options(const dw_drill_packet *k, const dw_drill_flow *f, uint8_t *options)
{
    uint8_t *stamp = find_option(options, k->options_len, OPT_TIMESTAMP);
    if (stamp && stamp[1] == 10 && dw_get32(stamp + 6) != 0)
        dw_put32(stamp + 6, live_stamp(f, dw_get32(stamp + 6)));
    uint8_t *sack = find_option(options, k->options_len, 5);
    for (int i = 2; sack && i + 4 <= sack[1]; i += 4)
        dw_put32(sack + i, local_live(f, false, dw_get32(sack + i)));
}

static uint16_t wire_flags(const dw_drill_packet *k)
{
    if (k->ace < 0) return k->flags;
    unsigned ace = (unsigned)k->ace;
    return (uint16_t)(k->flags | (ace & 1) << 6 | (ace & 2) << 6 | (ace & 4) << 6);
}

static size_t build_tcp(const dw_drill_packet *k, const dw_drill_flow *f, uint8_t *h)
{
    size_t header = TCP_HEADER + k->options_len, len = header + k->payload;
    uint16_t flags = wire_flags(k);
    memset(h, 0, len);
    dw_put16(h, k->has_ports ? k->sport : f->remote_port);
    dw_put16(h + 2, k->has_ports ? k->dport : f->local_port);
    bool syn = flags & DW_DRILL_SYN, acks = flags & DW_DRILL_ACK;
    dw_put32(h + 4, k->seq_absolute ? k->seq : remote_live(f, syn, k->seq));
    dw_put32(h + 8, acks ? local_live(f, syn, k->ack) : k->ack);
    h[12] = (uint8_t)(header / 4 << 4 | flags >> 8);
    h[13] = (uint8_t)flags;
    dw_put16(h + 14, k->window < 0 ? 0 : (uint16_t)k->window);
    dw_put16(h + 18, k->urgent);
    memcpy(h + TCP_HEADER, k->options, k->options_len);
    map_options(k, f, h + TCP_HEADER);
    return len;
}

static size_t build_udp(const dw_drill_packet *k, const dw_drill_flow *f, uint8_t *h)
{
    size_t len = UDP_HEADER + k->payload;
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
    size_t len = k->quoted == DW_DRILL_UDP ? UDP_HEADER : TCP_HEADER;
    size_t shift = k->udp_encapsulated ? UDP_HEADER : 0;
    memset(t, 0, shift + len);
    uint8_t *inner = t + shift;
    dw_put16(inner, f->local_port);
    dw_put16(inner + 2, f->remote_port);
    if (k->quoted == DW_DRILL_UDP) {
        dw_put16(inner + 4, (uint16_t)(len + k->quoted_payload));
    } else {
        dw_put32(inner + 4, local_live(f, false, k->quoted_seq));
        inner[12] = 5 << 4;
    }
    if (shift) {
        dw_put16(t, k->udp_sport);
        dw_put16(t + 2, k->udp_dport);
        dw_put16(t + 4, (uint16_t)(shift + len + k->quoted_payload));
    }
    uint8_t protocol = k->quoted == DW_DRILL_UDP || shift ? UDP : TCP;
    put_ip(h, &f->local, &f->remote, protocol, 0, 64, 0, shift + len + k->quoted_payload);
    return ip + shift + len;
}

static size_t build_icmp(const dw_drill_packet *k, const dw_drill_flow *f, uint8_t *h,
                         const icmp_name *name)
{
    memset(h, 0, 8);
    h[0] = name->type;
    h[1] = name->code;
    if (k->icmp_mtu >= 0) dw_put32(h + 4, (uint32_t)k->icmp_mtu);
    if (k->icmp_id) dw_put16(h + 4, k->icmp_id);
    bool echo = strncmp(name->type_name, "echo", 4) == 0;
    return 8 + (echo ? 0 : build_quotation(k, f, h + 8));
}

static uint8_t put_transport(const dw_drill_packet *k, const dw_drill_flow *f, uint8_t *h,
                             const icmp_name *name, size_t *len)
{
    const dw_addr *src = &f->remote, *dst = &f->local;
    if (k->protocol == DW_DRILL_ICMP) {
        uint8_t protocol = f->local.family == 6 ? ICMP6 : ICMP;
        *len = build_icmp(k, f, h, name);
        put_checksum(h, 2, *len, src, dst, protocol);
        return protocol;
    }
    if (k->protocol == DW_DRILL_UDP) {
        *len = build_udp(k, f, h);
        put_checksum(h, 6, *len, src, dst, UDP);
        return UDP;
    }
    if (!k->udp_encapsulated) {
        *len = build_tcp(k, f, h);
        put_checksum(h, 16, *len, src, dst, TCP);
        return TCP;
    }
    *len = UDP_HEADER + build_tcp(k, f, h + UDP_HEADER);
    dw_put16(h, k->udp_sport);
    dw_put16(h + 2, k->udp_dport);
    dw_put16(h + 4, (uint16_t)*len);
    put_checksum(h, 6, *len, src, dst, UDP);
    return UDP;
}

size_t dw_drill_build(const dw_drill_packet *k, const dw_drill_flow *f, uint8_t *out, char *why,
                      size_t why_size)
{
    const icmp_name *name = NULL;
    if (k->protocol == DW_DRILL_ICMP) {
        name = find_icmp(f->local.family, k->icmp_type, k->icmp_code);
        if (!name) {
            snprintf(why, why_size, "IPv%u has no ICMP message \"%s%s%s\"", f->local.family,
                     k->icmp_type, k->icmp_code ? " " : "", k->icmp_code ? k->icmp_code : "");
            return 0;
        }
    }
    if (k->md5_valid) {
        snprintf(why, why_size, "not supported: TCP MD5 digests (md5 valid)");
        return 0;
    }
    size_t ip = ip_header_len(&f->remote), len;
    if (ip + UDP_HEADER + 60 + k->payload > DW_DRILL_MOST_BYTES) {
        snprintf(why, why_size, "the packet is larger than IP allows");
        return 0;
    }
    uint8_t protocol = put_transport(k, f, out + ip, name, &len);
    put_ip(out, &f->remote, &f->local, protocol, k->tos_check == DW_DRILL_TOS_ANY ? 0 : k->tos,
           k->ttl < 0 ? 255 : (uint8_t)k->ttl, k->flow_label < 0 ? 0 : (uint32_t)k->flow_label,
           len);
    return ip + len;
}

/* Reading. */

static dw_addr get_addr(const uint8_t *at, uint32_t family)
{
    if (family == 4) return dw_addr_v4(dw_get32(at));
    return (dw_addr){.family = 6,
                     .word = {dw_get32(at), dw_get32(at + 4), dw_get32(at + 8), dw_get32(at + 12)}};
}

static size_t see_ip(dw_drill_seen *s)
{
    const uint8_t *b = s->bytes;
    bool v6 = b[0] >> 4 == 6;
    size_t header = v6 ? 40 : (b[0] & 15u) * 4;
    if (s->len < header) return s->len;
    s->src = get_addr(b + (v6 ? 8 : 12), v6 ? 6 : 4);
    s->dst = get_addr(b + (v6 ? 24 : 16), v6 ? 6 : 4);
    s->tos = v6 ? (uint8_t)(dw_get16(b) >> 4) : b[1];
    s->ttl = b[v6 ? 7 : 8];
    s->flow_label = v6 ? dw_get32(b) & 0xfffff : 0;
    s->transport = b[v6 ? 6 : 9];
    return header;
}

static void see_tcp(dw_drill_seen *s, const uint8_t *h, size_t len)
{
    size_t header = len >= TCP_HEADER ? (h[12] >> 4) * 4u : 0;
    if (header < TCP_HEADER || header > len) return;
    s->transport = TCP;
    s->sport = dw_get16(h);
    s->dport = dw_get16(h + 2);
    s->seq = dw_get32(h + 4);
    s->ack = dw_get32(h + 8);
    s->flags = (uint16_t)(h[13] | (h[12] & 1) << 8);
    s->window = dw_get16(h + 14);
    s->urgent = dw_get16(h + 18);
    s->options_len = (uint8_t)(header - TCP_HEADER);
    memcpy(s->options, h + TCP_HEADER, s->options_len);
    s->payload = h + header;
    s->payload_len = (uint32_t)(len - header);
}

/* TCP in UDP is told from UDP by what follows the UDP header looking like TCP. */
static bool holds_tcp(const uint8_t *h, size_t len)
{
    return len >= UDP_HEADER + TCP_HEADER && h[UDP_HEADER + 12] >> 4 >= 5 &&
           (h[UDP_HEADER + 12] >> 4) * 4u + UDP_HEADER <= len;
}

/* An ICMP message, and the head of the packet it is about. */
static void see_icmp(dw_drill_seen *s, const uint8_t *h, size_t len)
{
    enum { ICMP_HEADER = 8, QUOTED = 8 };
    bool v6 = s->transport == ICMP6;
    if (len < 2) return;
    s->icmp_type = h[0];
    s->icmp_code = h[1];
    bool too_big = v6 ? h[0] == 2 : h[0] == 3 && h[1] == 4;
    if (too_big && len >= ICMP_HEADER) s->icmp_mtu = v6 ? dw_get32(h + 4) : dw_get16(h + 6);
    const uint8_t *q = h + ICMP_HEADER;
    size_t ip = len <= ICMP_HEADER ? len : v6 ? 40 : (q[0] & 15u) * 4;
    if (ICMP_HEADER + ip + QUOTED > len || q[v6 ? 6 : 9] != TCP) return;
    size_t whole = v6 ? 40u + dw_get16(q + 4) : dw_get16(q + 2);
    size_t header = ICMP_HEADER + ip + 12 < len ? (q[ip + 12] >> 4) * 4u : TCP_HEADER;
    s->quotes = true;
    s->quoted_sport = dw_get16(q + ip);
    s->quoted_dport = dw_get16(q + ip + 2);
    s->quoted_seq = dw_get32(q + ip + 4);
    s->quoted_len = whole > ip + header ? (uint32_t)(whole - ip - header) : 0;
}

static void see_transport(dw_drill_seen *s, const uint8_t *h, size_t len)
{
    if (s->transport == TCP) see_tcp(s, h, len);
    if (s->transport == ICMP || s->transport == ICMP6) see_icmp(s, h, len);
    if (s->transport != UDP || len < UDP_HEADER) return;
    s->sport = dw_get16(h);
    s->dport = dw_get16(h + 2);
    s->payload = h + UDP_HEADER;
    s->payload_len = (uint32_t)(len - UDP_HEADER);
    if (!holds_tcp(h, len)) return;
    s->udp_encapsulated = true;
    s->udp_sport = s->sport;
    s->udp_dport = s->dport;
    see_tcp(s, h + UDP_HEADER, len - UDP_HEADER);
}

dw_drill_seen *dw_drill_see(const uint8_t *bytes, size_t len, dw_time at, uint64_t number)
{
    dw_drill_seen *s = calloc(1, sizeof *s);
    if (!s || !(s->bytes = malloc(len))) {
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

/* Text. */

typedef struct text {
    char *at;
    size_t left;
} text;

static void DW_PRINTF(2, 3) add(text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->at, t->left, format, args);
    va_end(args);
    size_t used = n < 0 ? 0 : (size_t)n < t->left ? (size_t)n : t->left - (t->left > 0);
    t->at += used;
    t->left -= used;
}

static void add_hex(text *t, const uint8_t *b, int len)
{
    if (len > 0) add(t, " ");
    for (int i = 0; i < len; i++)
        add(t, "%02x", b[i]);
}

/* RFC 9768: the octets of each codepoint, in one of two orders. */
static void add_accurate(text *t, const uint8_t *o, int len)
{
    static const char *const names[] = {"e0b", "ceb", "e1b"};
    add(t, "ECN");
    for (int i = 0; 2 + 3 * i + 3 <= len && i < 3; i++) {
        const uint8_t *f = o + 2 + 3 * i;
        add(t, " %s %u", names[o[0] == OPT_ACCECN_1 ? 2 - i : i],
            (unsigned)f[0] << 16 | dw_get16(f + 1));
    }
}

static void add_option(text *t, const uint8_t *o, int len)
{
    switch (o[0]) {
    case OPT_ACCECN_0:
    case OPT_ACCECN_1: add_accurate(t, o, len); return;
    case 2: add(t, "mss %u", len == 4 ? dw_get16(o + 2) : 0); return;
    case 3: add(t, "wscale %u", len == 3 ? o[2] : 0); return;
    case 4: add(t, "sackOK"); return;
    case 5:
        add(t, "sack");
        for (int i = 2; i + 8 <= len; i += 8)
            add(t, " %" PRIu32 ":%" PRIu32, dw_get32(o + i), dw_get32(o + i + 4));
        return;
    case OPT_TIMESTAMP:
        if (len == 10) add(t, "TS val %" PRIu32 " ecr %" PRIu32, dw_get32(o + 2), dw_get32(o + 6));
        return;
    case 19:
        add(t, "md5");
        add_hex(t, o + 2, len - 2);
        return;
    case 34:
        add(t, "FO");
        add_hex(t, o + 2, len - 2);
        return;
    default: add(t, "kind %u", o[0]); add_hex(t, o + 2, len - 2);
    }
}

static void add_options(text *t, const uint8_t *o, uint32_t len)
{
    if (len == 0) return;
    add(t, " <");
    for (uint32_t i = 0; i < len;) {
        if (i > 0) add(t, ",");
        if (o[i] <= 1) {
            add(t, o[i] ? "nop" : "eol");
            i++;
            continue;
        }
        if (i + 1 >= len || o[i + 1] < 2 || i + o[i + 1] > len) {
            add(t, "cut short");
            break;
        }
        add_option(t, o + i, o[i + 1]);
        i += o[i + 1];
    }
    add(t, ">");
}

static void add_flags(text *t, uint16_t flags)
{
    static const char letters[] = "FSRP.UEWA";
    if (flags == 0) add(t, "-");
    for (int i = 0; letters[i]; i++)
        if (flags & 1u << i && letters[i] != '.') add(t, "%c", letters[i]);
    if (flags & DW_DRILL_ACK) add(t, ".");
}

const char *dw_drill_mark(uint8_t tos)
{
    static const char *const marks[] = {"", "[ect1] ", "[ect0] ", "[ce] "};
    return marks[tos & 3];
}

static void add_icmp(text *t, const dw_drill_seen *s, const dw_drill_flow *f)
{
    const icmp_name *name = icmp_names;
    while (name->family && (name->family != s->dst.family || name->type != s->icmp_type ||
                            name->code != s->icmp_code))
        name++;
    if (name->family && !name->code_name && name[1].type == name->type && name[1].code_name)
        name++; /* the code has a name, too */
    if (name->family)
        add(t, "icmp %s%s%s", name->type_name, name->code_name ? " " : "",
            name->code_name ? name->code_name : "");
    else
        add(t, "icmp type %u code %u", s->icmp_type, s->icmp_code);
    if (s->icmp_mtu) add(t, " mtu %" PRIu32, s->icmp_mtu);
    uint32_t seq = local_script(f, false, s->quoted_seq);
    if (s->quotes)
        add(t, " [%" PRIu32 ":%" PRIu32 "(%" PRIu32 ")]", seq, seq + s->quoted_len, s->quoted_len);
}

char *dw_drill_seen_text(const dw_drill_seen *s, const dw_drill_flow *f, char *buf, size_t size)
{
    text t = {buf, size};
    if (size) buf[0] = 0;
    if (s->transport == UDP) {
        add(&t, "udp %u > %u (%" PRIu32 ")", s->sport, s->dport, s->payload_len);
    } else if (s->transport != TCP) {
        add_icmp(&t, s, f);
    } else {
        bool syn = s->flags & DW_DRILL_SYN;
        uint32_t seq = local_script(f, syn, s->seq);
        add_flags(&t, s->flags);
        add(&t, " %" PRIu32 ":%" PRIu32 "(%" PRIu32 ")", seq, seq + s->payload_len, s->payload_len);
        if (s->flags & DW_DRILL_ACK) add(&t, " ack %" PRIu32, remote_script(f, syn, s->ack));
        add(&t, " win %u", s->window);
        if (s->flags & DW_DRILL_URG) add(&t, " urg %u", s->urgent);
        add_options(&t, s->options, s->options_len);
        if (s->udp_encapsulated) add(&t, "/udp(%u > %u)", s->udp_sport, s->udp_dport);
    }
    return buf;
}

/* Comparing.  Each returns false with the difference in why. */

typedef struct comparison {
    const dw_drill_packet *k;
    const dw_drill_seen *s;
    dw_drill_flow *f;
    const dw_drill_strictness *how;
    char *why;
    size_t why_size;
} comparison;

static bool same(const comparison *c, const char *what, uint64_t expected, uint64_t came)
{
    if (expected == came) return true;
    snprintf(c->why, c->why_size, "%s: expected %" PRIu64 ", not %" PRIu64, what, expected, came);
    return false;
}

static bool same_ip(const comparison *c)
{
    static const char *const ecn[] = {"noecn", "ect1", "ect0", "ce"};
    uint8_t came = c->s->tos & 3;
    if (c->k->tos_check == DW_DRILL_TOS_ECN && c->k->tos != came) {
        snprintf(c->why, c->why_size, "ECN: expected %s, not %s", ecn[c->k->tos], ecn[came]);
        return false;
    }
    if (c->k->tos_check == DW_DRILL_TOS_ECT01 && came != 1 && came != 2) {
        snprintf(c->why, c->why_size, "ECN: expected ect0 or ect1, not %s", ecn[came]);
        return false;
    }
    if (c->k->tos_check == DW_DRILL_TOS_WHOLE && !same(c, "type of service", c->k->tos, c->s->tos))
        return false;
    if (c->k->ttl >= 0 && !same(c, "time to live", (uint64_t)c->k->ttl, c->s->ttl)) return false;
    bool label = c->k->flow_label > 0;
    return !label || same(c, "flow label present", 1, c->s->flow_label != 0);
}

static bool same_flags(const comparison *c)
{
    uint16_t expected = wire_flags(c->k);
    uint16_t differ = expected ^ c->s->flags;
    if (c->how->ignore & DW_IGNORE_PUSH) differ &= (uint16_t)~DW_DRILL_PSH;
    if (differ == 0) return true;
    char a[16], b[16];
    text x = {a, sizeof a}, y = {b, sizeof b};
    add_flags(&x, expected);
    add_flags(&y, c->s->flags);
    snprintf(c->why, c->why_size, "flags: expected %s, not %s", a, b);
    return false;
}

/* A SYN shows the host's ISN, which the script calls by a number of its own. */
static void learn_isn(const comparison *c)
{
    if (!(c->s->flags & DW_DRILL_SYN) || c->k->seq_absolute) return;
    if (c->f->isn_known && !c->k->seq_any) return;
    c->f->isn_known = true;
    c->f->isn_live = c->s->seq;
    c->f->isn_script = c->k->seq;
}

static bool same_numbers(const comparison *c)
{
    const dw_drill_packet *k = c->k;
    const dw_drill_seen *s = c->s;
    bool syn = s->flags & DW_DRILL_SYN;
    uint32_t seq = k->seq_absolute ? s->seq : local_script(c->f, syn, s->seq);
    uint32_t ack = remote_script(c->f, syn, s->ack);
    if (!k->seq_any && !same(c, "sequence number", k->seq, seq)) return false;
    bool acks = (k->flags & DW_DRILL_ACK) != 0;
    if (acks && !same(c, "acknowledgment number", k->ack, ack)) return false;
    if (!same(c, "octets of data", k->payload, s->payload_len)) return false;
    bool window = k->window >= 0 && !(c->how->ignore & DW_IGNORE_WINDOW);
    if (window && !same(c, "window", (uint64_t)k->window, s->window)) return false;
    return same(c, "urgent pointer", k->urgent, s->urgent);
}

/* Timestamps are the host's clock: the first one fixes what the script's begin at. */
static bool same_stamp(const comparison *c, const uint8_t *expected, const uint8_t *came)
{
    uint32_t script = dw_get32(expected + 2), live = dw_get32(came + 2);
    dw_drill_flow *f = c->f;
    if (f->stamp_count > 0 && c->how->stamp_tick > 0) {
        int64_t off = (int32_t)(live - f->stamps[0].live + f->stamps[0].script - script);
        if ((off < 0 ? -off : off) * c->how->stamp_tick > c->how->tolerance)
            return same(c, "timestamp", script, live - f->stamps[0].live + f->stamps[0].script);
    }
    uint32_t at = f->stamp_count < DW_DRILL_STAMPS ? f->stamp_count++ : DW_DRILL_STAMPS - 1;
    f->stamps[at].script = script;
    f->stamps[at].live = live;
    return true;
}

/* The options that came, with SACK blocks in the script's numbers. */
static void map_outbound(const comparison *c, uint8_t out[40])
{
    memcpy(out, c->s->options, sizeof c->s->options);
    uint8_t *sack = find_option(out, c->s->options_len, 5);
    for (int i = 2; sack && i + 4 <= sack[1]; i += 4)
        dw_put32(sack + i, remote_script(c->f, false, dw_get32(sack + i)));
}

static bool options_differ(const comparison *c, const uint8_t *came)
{
    char a[200], b[200];
    text x = {a, sizeof a}, y = {b, sizeof b};
    a[0] = b[0] = 0;
    add_options(&x, c->k->options, c->k->options_len);
    add_options(&y, came, c->s->options_len);
    snprintf(c->why, c->why_size, "options: expected %s, not %s", a[0] ? a + 1 : "none",
             b[0] ? b + 1 : "none");
    return false;
}

/* Which options are left out of the comparison, and of which the value is.  Time stamps stay: what
 * the script echoes is learnt from them. */
static bool left_out(uint8_t kind, unsigned ignore)
{
    enum { NOP = 1, SACK = 5 };
    if (ignore & DW_IGNORE_SACK && (kind <= NOP || kind == SACK)) return true;
    return ignore & DW_IGNORE_OPTIONS && kind != OPT_TIMESTAMP;
}

static bool any_value(uint8_t kind, unsigned ignore)
{
    enum { MSS = 2, WSCALE = 3 };
    return (kind == MSS && ignore & DW_IGNORE_MSS) || (kind == WSCALE && ignore & DW_IGNORE_WSCALE);
}

/* Options without what is not looked at; returns the new length. */
static uint32_t leave_out(uint8_t *o, uint32_t len, unsigned ignore)
{
    uint32_t kept = 0;
    for (uint32_t i = 0, n; i < len; i += n) {
        n = o[i] <= 1 ? 1 : i + 1 < len ? o[i + 1] : 1;
        if (n == 0 || i + n > len) n = len - i;
        if (left_out(o[i], ignore)) continue;
        memmove(o + kept, o + i, n);
        if (n > 2 && any_value(o[kept], ignore)) memset(o + kept + 2, 0, n - 2);
        kept += n;
    }
    return kept;
}

static bool same_options(const comparison *c)
{
    uint8_t a[40], b[40], came[40];
    map_outbound(c, came);
    memcpy(a, c->k->options, sizeof a);
    memcpy(b, came, sizeof b);
    if (c->k->options_any) return true;
    uint32_t len = leave_out(a, c->k->options_len, c->how->ignore);
    bool same_len = len == leave_out(b, c->s->options_len, c->how->ignore);
    if (!same_len) return c->how->ignore & DW_IGNORE_OPTIONS || options_differ(c, came);
    for (uint32_t i = 0; i < len;) {
        uint32_t n = a[i] <= 1 ? 1 : i + 1 < len ? a[i + 1] : 1;
        if (n == 0 || i + n > len) n = len - i;
        bool stamp = a[i] == OPT_TIMESTAMP && n == 10;
        if (stamp && (b[i] != a[i] || b[i + 1] != a[i + 1])) return options_differ(c, came);
        if (stamp && !same_stamp(c, a + i, b + i)) return false;
        if (!stamp && memcmp(a + i, b + i, n) != 0) return options_differ(c, came);
        i += n;
    }
    return true;
}

static bool zeros(const comparison *c)
{
    for (uint32_t i = 0; i < c->s->payload_len; i++)
        if (c->s->payload && c->s->payload[i] != 0)
            return same(c, "octet of data", 0, c->s->payload[i]);
    return true;
}

static bool same_tcp(const comparison *c)
{
    const dw_drill_packet *k = c->k;
    const dw_drill_seen *s = c->s;
    if (k->udp_encapsulated != s->udp_encapsulated)
        return same(c, "in UDP", k->udp_encapsulated, s->udp_encapsulated);
    if (k->udp_encapsulated && (!same(c, "UDP source port", k->udp_sport, s->udp_sport) ||
                                !same(c, "UDP destination port", k->udp_dport, s->udp_dport)))
        return false;
    if (!same_flags(c)) return false;
    learn_isn(c);
    return same_numbers(c) && same_options(c) && zeros(c);
}

bool dw_drill_fields(const char *names, unsigned *out, char *why, size_t why_size)
{
    static const char *const known[] = {"window", "mss",  "wscale", "options",
                                        "push",   "sack", "time",   NULL};
    *out = 0;
    for (const char *at = names; *at; at += *at == ',') {
        char name[24];
        int bit = 0;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        while (known[bit] && strcmp(known[bit], name) != 0)
            bit++;
        if (!known[bit]) {
            const char *near = dw_nearest(name, known);
            snprintf(why, why_size, "no field is called \"%s\"%s%s%s", name,
                     near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
            return false;
        }
        *out |= 1u << bit;
        at += strcspn(at, ",");
    }
    return true;
}

bool dw_drill_matches(const dw_drill_packet *k, const dw_drill_seen *s, dw_drill_flow *f,
                      const dw_drill_strictness *how, char *why, size_t why_size)
{
    static const char *const names[] = {"TCP", "UDP", "ICMP"};
    comparison c = {k, s, f, how, why, why_size};
    int came = s->transport == TCP   ? DW_DRILL_TCP
               : s->transport == UDP ? DW_DRILL_UDP
                                     : DW_DRILL_ICMP;
    why[0] = 0;
    if (came != k->protocol) {
        snprintf(why, why_size, "expected %s, not %s", names[k->protocol], names[came]);
        return false;
    }
    if (!same_ip(&c)) return false;
    if (came == DW_DRILL_TCP) return same_tcp(&c);
    if (came == DW_DRILL_UDP)
        return same(&c, "octets of data", k->payload, s->payload_len) && zeros(&c);
    const icmp_name *name = find_icmp(s->dst.family, k->icmp_type, k->icmp_code);
    return same(&c, "ICMP type", name ? name->type : 256, s->icmp_type) &&
           (!k->icmp_code || same(&c, "ICMP code", name->code, s->icmp_code));
}
