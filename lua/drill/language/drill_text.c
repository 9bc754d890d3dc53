/* Packets as a script would write them. */
#include "drill_numbers.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static void DW_PRINTF(2, 3) add(dw_text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->at, t->left, format, args);
    va_end(args);
    size_t used = n > 0 ? (size_t)n : 0;
    if (used >= t->left) used = t->left > 0 ? t->left - 1 : 0; /* it was cut off there */
    t->at += used;
    t->left -= used;
}

static void add_hex(dw_text *t, const uint8_t *b, int len)
{
    if (len > 0) add(t, " ");
    for (int i = 0; i < len; i++)
        add(t, "%02x", b[i]);
}

/* RFC 9768: the octets of each codepoint, in one of two orders. */
static void add_accurate(dw_text *t, const uint8_t *o, int len)
{
    static const char *const names[] = {"e0b", "ceb", "e1b"};
    add(t, "ECN");
    for (int i = 0; 2 + 3 * i + 3 <= len && i < 3; i++) {
        const uint8_t *f = o + 2 + 3 * i;
        add(t, " %s %u", names[o[0] == DW_OPT_ACCECN_1 ? 2 - i : i],
            (unsigned)f[0] << 16 | dw_get16(f + 1));
    }
}

/* An option under packetdrill's name for it; len octets, as it came, kind and length among them. */
static void add_option(dw_text *t, const uint8_t *o, int len)
{
    switch (o[0]) {
    case DW_OPT_ACCECN_0:
    case DW_OPT_ACCECN_1: add_accurate(t, o, len); return;
    case DW_OPT_MSS: add(t, "mss %u", len == 4 ? dw_get16(o + 2) : 0); return;
    case DW_OPT_WSCALE: add(t, "wscale %u", len == 3 ? o[2] : 0); return;
    case DW_OPT_SACK_OK: add(t, "sackOK"); return;
    case DW_OPT_SACK:
        add(t, "sack");
        for (int i = 2; i + 8 <= len; i += 8)
            add(t, " %" PRIu32 ":%" PRIu32, dw_get32(o + i), dw_get32(o + i + 4));
        return;
    case DW_OPT_TIMESTAMP:
        if (len == 10) add(t, "TS val %" PRIu32 " ecr %" PRIu32, dw_get32(o + 2), dw_get32(o + 6));
        return;
    case DW_OPT_MD5:
        add(t, "md5");
        add_hex(t, o + 2, len - 2);
        return;
    case DW_OPT_FAST_OPEN:
        add(t, "FO");
        add_hex(t, o + 2, len - 2);
        return;
    default: add(t, "kind %u", o[0]); add_hex(t, o + 2, len - 2);
    }
}

void dw_text_options(dw_text *t, const uint8_t *o, uint32_t len)
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

void dw_text_flags(dw_text *t, uint16_t flags)
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

static void add_icmp(dw_text *t, const dw_drill_seen *s, const dw_drill_flow *f)
{
    const dw_icmp_name *name = dw_drill_icmp_named(s->dst.family, s->icmp_type, s->icmp_code);
    if (!name)
        add(t, "icmp type %u code %u", s->icmp_type, s->icmp_code);
    else if (name->code_name)
        add(t, "icmp %s %s", name->type_name, name->code_name);
    else
        add(t, "icmp %s", name->type_name);
    if (s->icmp_mtu) add(t, " mtu %" PRIu32, s->icmp_mtu);
    uint32_t seq = dw_flow_local_script(f, false, s->quoted_seq);
    if (s->quotes)
        add(t, " [%" PRIu32 ":%" PRIu32 "(%" PRIu32 ")]", seq, seq + s->quoted_len, s->quoted_len);
}

char *dw_drill_seen_text(const dw_drill_seen *s, const dw_drill_flow *f, char *buf, size_t size)
{
    dw_text t = {buf, size};
    if (size) buf[0] = 0;
    if (s->transport == DW_PROTO_UDP) {
        add(&t, "udp %u > %u (%" PRIu32 ")", s->sport, s->dport, s->payload_len);
    } else if (s->transport != DW_PROTO_TCP) {
        add_icmp(&t, s, f);
    } else {
        bool syn = s->flags & DW_DRILL_SYN;
        uint32_t seq = dw_flow_local_script(f, syn, s->seq);
        dw_text_flags(&t, s->flags);
        add(&t, " %" PRIu32 ":%" PRIu32 "(%" PRIu32 ")", seq, seq + s->payload_len, s->payload_len);
        if (s->flags & DW_DRILL_ACK)
            add(&t, " ack %" PRIu32, dw_flow_remote_script(f, syn, s->ack));
        add(&t, " win %u", s->window);
        if (s->flags & DW_DRILL_URG) add(&t, " urg %u", s->urgent);
        dw_text_options(&t, s->options, s->options_len);
        if (s->udp_encapsulated) add(&t, "/udp(%u > %u)", s->udp_sport, s->udp_dport);
    }
    return buf;
}
