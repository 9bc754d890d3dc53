/* One packet as text: "S 0:0(0) win 65535 <mss 1460,nop,wscale 7>". */
#include "drill_notation.h"

#include <stdio.h>
#include <string.h>

enum {
    END = 0,
    NOP = 1,
    MSS = 2,
    WSCALE = 3,
    SACK_OK = 4,
    SACK = 5,
    TIMESTAMP = 8,
    MD5 = 19,
    FAST_OPEN = 34,
    ACCECN_ORDER_0 = 172, /* RFC 9768 3.2.3 */
    ACCECN_ORDER_1 = 174,
    EXPERIMENT = 254,
    FAST_OPEN_MAGIC = 0xf989 /* RFC 7413 4.1.1, its experimental form */
};

/* TCP options. */

static uint8_t *add_option(dw_drill_parser *p, dw_drill_packet *k, const char *at, uint8_t kind,
                           uint32_t len)
{
    if (k->options_len + len > sizeof k->options)
        dw_drill_fail(p, at, "TCP options of more than 40 octets");
    uint8_t *o = k->options + k->options_len;
    k->options_len = (uint8_t)(k->options_len + len);
    o[0] = kind;
    if (len > 1) o[1] = (uint8_t)len;
    return o + 2;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* An even number of hexadecimal digits, a name that stands for them, or none; returns how many
 * octets. */
static uint32_t hex_octets(dw_drill_parser *p, uint8_t out[40])
{
    dw_drill_skip(p);
    const char *start = p->at;
    if (!dw_drill_is_word(*start)) return 0;
    const char *digits = dw_drill_word(p, "hexadecimal digits");
    const char *meaning = dw_drill_defined(p, digits);
    if (meaning) digits = meaning;
    uint32_t n = 0;
    for (; *digits; digits += 2) {
        int high = hex_digit(digits[0]), low = high < 0 ? -1 : hex_digit(digits[1]);
        if (high < 0)
            dw_drill_fail(p, start, "these are no hexadecimal digits, and no defined name");
        if (low < 0) dw_drill_fail(p, start, "an odd number of hexadecimal digits");
        if (n == 38) dw_drill_fail(p, start, "more octets than a TCP option has");
        out[n++] = (uint8_t)(high << 4 | low);
    }
    return n;
}

static void sack_blocks(dw_drill_parser *p, dw_drill_packet *k, const char *at)
{
    uint8_t blocks[40];
    uint32_t n = 0;
    do {
        if (n + 8 > 32) dw_drill_fail(p, at, "more than four SACK blocks do not fit");
        dw_put32(blocks + n, (uint32_t)dw_drill_number(p, 0, UINT32_MAX, "a sequence number"));
        dw_drill_need(p, ":");
        dw_put32(blocks + n + 4, (uint32_t)dw_drill_number(p, 0, UINT32_MAX, "a sequence number"));
        n += 8;
        dw_drill_skip(p);
    } while (*p->at >= '0' && *p->at <= '9');
    memcpy(add_option(p, k, at, SACK, 2 + n), blocks, n);
}

static void timestamp(dw_drill_parser *p, dw_drill_packet *k, const char *at)
{
    uint8_t *o = add_option(p, k, at, TIMESTAMP, 10);
    dw_drill_need(p, "val");
    dw_put32(o, (uint32_t)dw_drill_number(p, 0, UINT32_MAX, "a timestamp"));
    dw_drill_need(p, "ecr");
    dw_put32(o + 4, (uint32_t)dw_drill_number(p, 0, UINT32_MAX, "a timestamp"));
}

static void fast_open(dw_drill_parser *p, dw_drill_packet *k, const char *at, bool experimental)
{
    uint8_t cookie[40];
    uint32_t n = hex_octets(p, cookie);
    if (experimental) {
        uint8_t *o = add_option(p, k, at, EXPERIMENT, n + 4);
        dw_put16(o, FAST_OPEN_MAGIC);
        memcpy(o + 2, cookie, n);
    } else {
        memcpy(add_option(p, k, at, FAST_OPEN, n + 2), cookie, n);
    }
}

static void md5(dw_drill_parser *p, dw_drill_packet *k, const char *at)
{
    uint8_t digest[40] = {0};
    k->md5_valid = dw_drill_accept(p, "valid");
    uint32_t n = k->md5_valid ? 16 : hex_octets(p, digest);
    if (n != 16) dw_drill_fail(p, at, "an MD5 digest has 16 octets, or is \"valid\"");
    memcpy(add_option(p, k, at, MD5, 18), digest, 16);
}

/* ECN e0b N ceb N e1b N: fields from the front, in one of the two orders (RFC 9768 3.2.3). */
static void accecn(dw_drill_parser *p, dw_drill_packet *k, const char *at)
{
    static const char *const orders[2][3] = {{"e0b", "ceb", "e1b"}, {"e1b", "ceb", "e0b"}};
    dw_drill_skip(p);
    int order = strncmp(p->at, "e1b", 3) == 0;
    uint8_t fields[9];
    uint32_t n = 0;
    while (n < 3 && dw_drill_accept(p, orders[order][n])) {
        uint32_t v = (uint32_t)dw_drill_number(p, 0, 0xffffff, "a counter of 24 bits");
        fields[3 * n] = (uint8_t)(v >> 16);
        fields[3 * n + 1] = (uint8_t)(v >> 8);
        fields[3 * n + 2] = (uint8_t)v;
        n++;
    }
    if (n == 0) dw_drill_expected(p, "e0b or e1b");
    memcpy(add_option(p, k, at, order ? ACCECN_ORDER_1 : ACCECN_ORDER_0, 2 + 3 * n), fields, 3 * n);
}

static void raw_option(dw_drill_parser *p, dw_drill_packet *k, const char *at)
{
    uint8_t kind = (uint8_t)dw_drill_number(p, 0, 255, "an option's kind"), data[40];
    uint32_t n = hex_octets(p, data);
    memcpy(add_option(p, k, at, kind, 2 + n), data, n);
}

/* One TCP option, under packetdrill's name for it. */
static void tcp_option(dw_drill_parser *p, dw_drill_packet *k)
{
    dw_drill_skip(p);
    const char *at = p->at;
    if (dw_drill_accept(p, "nop"))
        add_option(p, k, at, NOP, 1);
    else if (dw_drill_accept(p, "eol"))
        add_option(p, k, at, END, 1);
    else if (dw_drill_accept(p, "mss"))
        dw_put16(add_option(p, k, at, MSS, 4), (uint16_t)dw_drill_number(p, 0, 65535, "an MSS"));
    else if (dw_drill_accept(p, "wscale"))
        *add_option(p, k, at, WSCALE, 3) = (uint8_t)dw_drill_number(p, 0, 255, "a window scale");
    else if (dw_drill_accept(p, "sackOK"))
        add_option(p, k, at, SACK_OK, 2);
    else if (dw_drill_accept(p, "sack"))
        sack_blocks(p, k, at);
    else if (dw_drill_accept(p, "TS"))
        timestamp(p, k, at);
    else if (dw_drill_accept(p, "FOEXP"))
        fast_open(p, k, at, true);
    else if (dw_drill_accept(p, "FO"))
        fast_open(p, k, at, false);
    else if (dw_drill_accept(p, "md5"))
        md5(p, k, at);
    else if (dw_drill_accept(p, "ECN"))
        accecn(p, k, at);
    else if (dw_drill_accept(p, "kind"))
        raw_option(p, k, at);
    else
        dw_drill_expected(p, "a TCP option: mss, wscale, sackOK, sack, TS, nop, eol, FO, FOEXP, "
                             "md5, ECN or kind");
}

static void tcp_options(dw_drill_parser *p, dw_drill_packet *k)
{
    const char *start = p->at;
    if (!dw_drill_accept(p, "<")) return;
    if (dw_drill_accept(p, "...")) {
        if (!k->outbound) dw_drill_fail(p, start, "<...> is for outbound packets only");
        k->options_any = true;
        dw_drill_need(p, ">");
        return;
    }
    do
        tcp_option(p, k);
    while (dw_drill_accept(p, ","));
    dw_drill_need(p, ">");
    if (k->options_len % 4)
        dw_drill_fail(p, start,
                      "TCP options of %u octets; they end at a multiple of 4 (add nop or eol)",
                      k->options_len);
}

/* IP: [ect0], [tos 0x10, ttl 3]. */

/* What is said of the IP header: a codepoint of ECN, or a field.  packetdrill has the names of both
 * versions for the same fields. */
static void ip_word(dw_drill_parser *p, dw_drill_packet *k)
{
    static const struct {
        const char *word;
        uint8_t bits;
    } ecn[] = {{"noecn", 0}, {"ect0", 2}, {"ect1", 1}, {"ce", 3}};
    for (size_t i = 0; i < sizeof ecn / sizeof ecn[0]; i++) {
        if (!dw_drill_accept(p, ecn[i].word)) continue;
        k->tos_check = DW_DRILL_TOS_ECN;
        k->tos = ecn[i].bits;
        return;
    }
    const char *at = p->at;
    if (dw_drill_accept(p, "ect01")) {
        if (!k->outbound) dw_drill_fail(p, at, "[ect01] is for outbound packets only");
        k->tos_check = DW_DRILL_TOS_ECT01;
    } else if (dw_drill_accept(p, "tos") || dw_drill_accept(p, "class")) {
        k->tos_check = DW_DRILL_TOS_WHOLE;
        k->tos = (uint8_t)dw_drill_number(p, 0, 255, "a type of service");
    } else if (dw_drill_accept(p, "ttl") || dw_drill_accept(p, "hlim")) {
        k->ttl = (int16_t)dw_drill_number(p, 0, 255, "a time to live");
    } else if (dw_drill_accept(p, "flowlabel")) {
        k->flow_label = (int32_t)dw_drill_number(p, 0, 0xfffff, "a flow label");
    } else {
        dw_drill_expected(p, "noecn, ect0, ect1, ce, ect01, tos, ttl, class, hlim or flowlabel");
    }
}

static void ip_info(dw_drill_parser *p, dw_drill_packet *k)
{
    bool square = dw_drill_accept(p, "[");
    if (!square && !dw_drill_accept(p, "(")) return;
    do
        ip_word(p, k);
    while (dw_drill_accept(p, ","));
    dw_drill_need(p, square ? "]" : ")");
}

/* A port on either side of ">", as in 80 > 1024. */
static bool ports(dw_drill_parser *p, uint16_t *from, uint16_t *to)
{
    dw_drill_skip(p);
    size_t n = strspn(p->at, "0123456789");
    if (n == 0) return false;
    const char *after = p->at + n;
    after += strspn(after, " \t");
    if (*after != '>') return false;
    *from = (uint16_t)dw_drill_number(p, 0, 65535, "a port");
    dw_drill_need(p, ">");
    *to = (uint16_t)dw_drill_number(p, 0, 65535, "a port");
    return true;
}

/* TCP. */

static bool blank_at(const char *at)
{
    return *at == 0 || strchr(" \t\r\n", *at) != NULL;
}

/* "S", "F.", "P.5", also "F ." in two words. */
static void flags(dw_drill_parser *p, dw_drill_packet *k)
{
    static const char letters[] = "FSRP.UEWA";
    dw_drill_skip(p);
    const char *start = p->at;
    for (; !blank_at(p->at); p->at++) {
        const char *letter = strchr(letters, *p->at);
        if (letter)
            k->flags |= (uint16_t)(1u << (letter - letters));
        else if (*p->at >= '0' && *p->at <= '7' && k->ace < 0)
            k->ace = (int8_t)(*p->at - '0');
        else if (*p->at != '-' || p->at != start)
            break;
    }
    if (p->at == start || !blank_at(p->at)) {
        p->at = start;
        dw_drill_expected(p, "TCP flags (of F S R P . U E W A, or -), udp or icmp");
    }
    if (k->ace >= 0 && k->flags & 0x1c0)
        dw_drill_fail(p, start, "the ECN flags stand twice: as letters and as a number");
    dw_drill_skip(p);
    if (k->flags & DW_DRILL_ACK || *p->at != '.' || !blank_at(p->at + 1)) return;
    k->flags |= DW_DRILL_ACK;
    p->at++;
}

/* first:last(len), or ...(len) for a number that is not known. */
static uint32_t sequence(dw_drill_parser *p, uint32_t *len, bool *any)
{
    dw_drill_skip(p);
    const char *start = p->at;
    int64_t from = 0, to = 0;
    bool unknown = any && dw_drill_accept(p, "...");
    if (!unknown) {
        from = dw_drill_number(p, 0, UINT32_MAX, "a sequence number");
        dw_drill_need(p, ":");
        to = dw_drill_number(p, 0, UINT32_MAX, "a sequence number");
    }
    dw_drill_need(p, "(");
    *len = (uint32_t)dw_drill_number(p, 0, 65535, "a length");
    dw_drill_need(p, ")");
    if (!unknown && (uint32_t)to != (uint32_t)(from + *len))
        dw_drill_fail(p, start, "%lld + %u is %u, not %lld", (long long)from, *len,
                      (uint32_t)(from + *len), (long long)to);
    if (any) *any = unknown;
    return (uint32_t)from;
}

static void udp_encapsulation(dw_drill_parser *p, dw_drill_packet *k)
{
    if (!dw_drill_accept(p, "/udp")) return;
    k->udp_encapsulated = true;
    dw_drill_need(p, "(");
    if (!ports(p, &k->udp_sport, &k->udp_dport)) dw_drill_expected(p, "ports: 1 > 2");
    dw_drill_need(p, ")");
}

static void tcp(dw_drill_parser *p, dw_drill_packet *k)
{
    k->protocol = DW_DRILL_TCP;
    flags(p, k);
    k->seq = sequence(p, &k->payload, &k->seq_any);
    k->seq_absolute = dw_drill_accept(p, "!");
    if (dw_drill_accept(p, "ack"))
        k->ack = (uint32_t)dw_drill_number(p, 0, UINT32_MAX, "an acknowledgment number");
    if (dw_drill_accept(p, "win")) k->window = (int32_t)dw_drill_number(p, 0, 65535, "a window");
    if (dw_drill_accept(p, "urg"))
        k->urgent = (uint16_t)dw_drill_number(p, 0, 65535, "an urgent pointer");
    dw_drill_skip(p);
    tcp_options(p, k);
    udp_encapsulation(p, k);
}

/* UDP and ICMP. */

static void udp(dw_drill_parser *p, dw_drill_packet *k)
{
    k->protocol = DW_DRILL_UDP;
    if (!k->has_ports) k->has_ports = ports(p, &k->sport, &k->dport);
    dw_drill_need(p, "(");
    k->payload = (uint32_t)dw_drill_number(p, 0, 65535, "a length");
    dw_drill_need(p, ")");
}

static void quotation(dw_drill_parser *p, dw_drill_packet *k)
{
    if (!dw_drill_accept(p, "[")) return;
    k->quotes = true;
    if (dw_drill_accept(p, "udp")) {
        k->quoted = DW_DRILL_UDP;
        dw_drill_need(p, "(");
        k->quoted_payload = (uint32_t)dw_drill_number(p, 0, 65535, "a length");
        dw_drill_need(p, ")");
    } else {
        k->quoted_seq = sequence(p, &k->quoted_payload, NULL);
        udp_encapsulation(p, k);
    }
    dw_drill_need(p, "]");
}

static const char *meaning_of(const dw_drill_parser *p, const char *word)
{
    const char *meaning = dw_drill_defined(p, word);
    return meaning ? meaning : word;
}

static void icmp(dw_drill_parser *p, dw_drill_packet *k)
{
    k->protocol = DW_DRILL_ICMP;
    k->icmp_type = meaning_of(p, dw_drill_word(p, "an ICMP type"));
    for (;;) {
        dw_drill_skip(p);
        if (dw_drill_accept(p, "mtu"))
            k->icmp_mtu = dw_drill_number(p, 0, UINT32_MAX, "an MTU");
        else if (dw_drill_accept(p, "id"))
            k->icmp_id = (uint16_t)dw_drill_number(p, 0, 65535, "an identifier");
        else if (!k->icmp_code && dw_drill_is_word(*p->at) && (*p->at < '0' || *p->at > '9'))
            k->icmp_code = meaning_of(p, dw_drill_word(p, "an ICMP code"));
        else
            break;
    }
    quotation(p, k);
    udp_encapsulation(p, k);
}

static void after_direction(dw_drill_parser *p, dw_drill_packet *k)
{
    static const char *const wrappers[] = {"ipv4", "ipv6", "gre", "GREv0", "mpls", "psp", "spi"};
    ip_info(p, k);
    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++) {
        const char *at = p->at;
        char what[40];
        if (!dw_drill_accept(p, wrappers[i])) continue;
        snprintf(what, sizeof what, "packets in %s", wrappers[i]);
        dw_drill_cannot_read(p, at, what);
    }
    k->has_ports = ports(p, &k->sport, &k->dport);
    if (dw_drill_accept(p, "udp"))
        udp(p, k);
    else if (dw_drill_accept(p, "icmp"))
        icmp(p, k);
    else
        tcp(p, k);
}

static void nothing_given(dw_drill_packet *k)
{
    k->ttl = -1;
    k->flow_label = -1;
    k->ace = -1;
    k->window = -1;
    k->icmp_mtu = -1;
}

dw_drill_packet *dw_drill_packet_parse(dw_drill_parser *p)
{
    dw_drill_packet *k = dw_drill_room(p, sizeof *k);
    nothing_given(k);
    k->outbound = *p->at++ == '>';
    after_direction(p, k);
    return k;
}

static int whole_packet(dw_drill_parser *p, dw_drill_packet *out)
{
    switch (setjmp(p->failed)) {
    case DW_OK: break;
    case DW_E_NOMEM: snprintf(p->why, p->why_size, "out of memory"); return DW_E_NOMEM;
    default: return DW_E_FORMAT;
    }
    after_direction(p, out);
    if (out->protocol == DW_DRILL_ICMP)
        dw_drill_fail(p, p->text, "not supported here: an ICMP packet");
    dw_drill_skip(p);
    if (p->at < p->end) dw_drill_expected(p, "the end of the packet");
    return DW_OK;
}

int dw_drill_notation(const char *text, dw_drill_packet *out, char *why, size_t why_size)
{
    dw_arena arena = {0};
    dw_drill_parser p = {.text = text,
                         .at = text,
                         .end = text + strlen(text),
                         .arena = &arena,
                         .why = why,
                         .why_size = why_size};
    *out = (dw_drill_packet){.outbound = true};
    nothing_given(out);
    int status = whole_packet(&p, out);
    dw_arena_free(&arena);
    return status;
}
