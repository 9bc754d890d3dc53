/* RFC 9293 section 3.1: the header, on its way in and out. */
#include "tcp_wire.h"
#include "tcp_fastopen.h"
#include "tcp_picture.h"

#include <stdio.h>

/* RFC 7413 4.1.1: 4 to 16 octets, an even number; none asks for a cookie. */
static void take_cookie(const uint8_t *cookie, uint32_t len, bool experimental, dw_seg *s)
{
    if (!(s->flags & DW_TCP_SYN) || len > DW_TCP_COOKIE_MAX || len & 1) return;
    if (len > 0 && len < 4) return;
    s->cookie_len = (int8_t)len;
    s->cookie = cookie;
    s->cookie_experimental = experimental;
}

/* One option with a length that has been checked.  Those of known kind but wrong length mean
 * nothing and are stepped over. */
static void take_option(const uint8_t *o, dw_seg *s)
{
    uint8_t len = o[1];
    switch (o[0]) {
    case DW_TCP_OPT_MSS:
        if (len == 4 && s->flags & DW_TCP_SYN) s->mss = dw_get16(o + 2);
        return;
    case DW_TCP_OPT_WSCALE: /* RFC 7323 2.3: a shift above 14 means 14 */
        if (len == 3 && s->flags & DW_TCP_SYN) s->wscale = (int8_t)(o[2] > 14 ? 14 : o[2]);
        return;
    case DW_TCP_OPT_SACK_PERMITTED:
        if (len == 2 && s->flags & DW_TCP_SYN) s->sack_permitted = true;
        return;
    case DW_TCP_OPT_SACK:
        for (uint32_t i = 2; i + 8 <= len && s->sack_count < 4; i += 8)
            s->sack[s->sack_count++] = (dw_tcp_range){dw_get32(o + i), dw_get32(o + i + 4)};
        return;
    case DW_TCP_OPT_TIMESTAMP:
        if (len != 10) return;
        s->has_timestamp = true;
        s->ts_val = dw_get32(o + 2);
        s->ts_ecr = dw_get32(o + 6);
        return;
    case DW_TCP_OPT_ACCECN_0:
    case DW_TCP_OPT_ACCECN_1:
        s->accurate_len = len;
        s->accurate_order = o[0] == DW_TCP_OPT_ACCECN_1;
        s->accurate = o + 2;
        return;
    case DW_TCP_OPT_MD5: s->is_signed = true; return;
    case DW_TCP_OPT_USER_TIMEOUT:
        if (len != 4) return;
        s->has_user_timeout = true;
        s->user_timeout = dw_get16(o + 2);
        return;
    case DW_TCP_OPT_FAST_OPEN: take_cookie(o + 2, len - 2u, false, s); return;
    case DW_TCP_OPT_EXPERIMENT:
        if (len >= 4 && dw_get16(o + 2) == DW_TCP_FAST_MAGIC) take_cookie(o + 4, len - 4u, true, s);
        return;
    }
}

/* Options we know are taken, others stepped over (MUST-5, MUST-6); they need not be aligned
 * (MUST-64).  A length that cannot be is refused (MUST-7).  Returns false for that. */
static bool parse_options(const uint8_t *b, uint32_t len, dw_seg *s)
{
    for (uint32_t i = 0; i < len;) {
        if (b[i] == DW_TCP_OPT_END) return true;
        if (b[i] == DW_TCP_OPT_NOP) {
            i++;
            continue;
        }
        if (i + 1 >= len || b[i + 1] < 2 || i + b[i + 1] > len) return false;
        take_option(b + i, s);
        i += b[i + 1];
    }
    return true;
}

const dw_cause *dw_tcp_parse(dw_packet *p, const dw_flow *ip_flow, dw_flow *flow, dw_seg *s)
{
    const uint8_t *h = dw_packet_head(p);
    uint32_t have = dw_packet_head_len(p);
    if (have < DW_TCP_HEADER) return CAUSE(DROP_BAD_HEADER);
    uint32_t len = (uint32_t)(h[12] >> 4) * 4;
    if (len < DW_TCP_HEADER || len > have) return CAUSE(DROP_BAD_HEADER);
    if (!ip_flow->udp_remote && /* else UDP's checksum was verified */
        !dw_packet_verify_checksum(p,
                                   dw_checksum_pseudo(&ip_flow->local, &ip_flow->remote,
                                                      DW_TCP_PROTOCOL, dw_packet_len(p)),
                                   p->head_start))
        return CAUSE(DROP_BAD_CHECKSUM);
    if (!dw_addr_is_unicast(&ip_flow->remote) || !dw_addr_is_unicast(&ip_flow->local))
        return CAUSE(DROP_BAD_ADDRESS); /* MUST-57, MUST-63 */
    *flow = *ip_flow;
    flow->remote_port = dw_get16(h);
    flow->local_port = dw_get16(h + 2);
    *s = (dw_seg){.seq = dw_get32(h + 4),
                  .ack = dw_get32(h + 8),
                  .flags = h[13],
                  .wnd = dw_get16(h + 14),
                  .ae = h[12] & 1,
                  .urgent = dw_get16(h + 18),
                  .wscale = -1,
                  .cookie_len = -1,
                  .packet = p,
                  .flow = flow};
    if (len > DW_TCP_HEADER && !parse_options(h + DW_TCP_HEADER, len - DW_TCP_HEADER, s))
        return CAUSE(DROP_BAD_OPTION);
    /* Data may begin in the header bytes when the packet was not made by us. */
    if (have > len) return CAUSE(DROP_BAD_HEADER);
    s->text_len = p->payload_len;
    s->seq_first = s->seq;
    s->text_first = s->text_len;
    s->gso_size = p->gso_size < s->text_len ? p->gso_size : 0;
    s->options_len = (uint8_t)(len - DW_TCP_HEADER);
    return NULL;
}

void dw_tcp_write_header(dw_packet *p, const dw_flow *flow, const dw_tcp_header *header)
{
    DW_ASSERT(header->options_len % 4 == 0);
    DW_ASSERT(header->options_len <= sizeof header->options);
    uint32_t len = DW_TCP_HEADER + header->options_len;
    uint8_t *h = dw_packet_push(p, len);
    dw_put16(h, flow->local_port);
    dw_put16(h + 2, flow->remote_port);
    dw_put32(h + 4, header->seq);
    dw_put32(h + 8, header->ack);
    h[12] = (uint8_t)(len / 4 << 4 | header->ae);
    h[13] = header->flags;
    dw_put16(h + 14, header->window);
    dw_put16(h + 18, header->urgent);
    memcpy(h + DW_TCP_HEADER, header->options, header->options_len);
    p->checksum = DW_CHECKSUM_PARTIAL;
    p->checksum_start = p->head_start;
    p->checksum_at = (uint8_t)(p->head_start + 16);
    dw_put16(h + 16, dw_checksum_fold(dw_checksum_pseudo(&flow->local, &flow->remote,
                                                         DW_TCP_PROTOCOL, dw_packet_len(p))));
}

/* Reading and changing segments in flight, for figures, filters and faults. */

/* As far as the octets that were captured go; lengths that cannot be are said, not corrected.  All
 * of the header must be there, or its fields would be read from what lies behind the capture. */
/* A capture may have cut the header off anywhere behind its flags: what is there is read, and the
 * options end where the octets do. */
void dw_tcp_dissect(const uint8_t *b, size_t captured, size_t len, dw_dissection *out)
{
    enum { UP_TO_FLAGS = 14, UP_TO_WINDOW = 16 };
    out->protocol = "tcp";
    out->flag_names = dw_tcp_flags;
    if (captured < UP_TO_FLAGS || len < DW_TCP_HEADER) {
        out->malformed = "no TCP header";
        return;
    }
    uint32_t header = (uint32_t)(b[12] >> 4) * 4;
    if (header < DW_TCP_HEADER || header > len) {
        out->malformed = "TCP data offset";
        return;
    }
    uint32_t have = captured < header ? (uint32_t)captured : header;
    out->sport = dw_get16(b);
    out->dport = dw_get16(b + 2);
    out->seq = dw_get32(b + 4);
    out->ack = dw_get32(b + 8);
    out->flags = b[13];
    if (have >= UP_TO_WINDOW) out->window = dw_get16(b + 14);
    if (have >= DW_TCP_HEADER) out->urgent = dw_get16(b + 18);
    out->header_len = (uint8_t)(out->header_len + header);
    out->len = (uint32_t)len - header;
    out->options = b + (have < DW_TCP_HEADER ? have : DW_TCP_HEADER);
    out->options_len = have < DW_TCP_HEADER ? 0 : have - DW_TCP_HEADER;
}

const char *const dw_tcp_fields[] = {"seq",         "ack",          "flags",  "window",
                                     "src_port",    "dst_port",     "urgent", "mss",
                                     "mss_at_most", "window_scale", "strip",  NULL};
const uint8_t dw_tcp_field_bits[] = {32, 32, 8, 16, 16, 16, 16, 16, 16, 8, 8};

/* The octets of a packet's head that are TCP's header, as far as they are there. */
static uint32_t header_len(dw_packet *p, const uint8_t *h)
{
    uint32_t have = dw_packet_head_len(p) - (uint32_t)(h - dw_packet_head(p));
    uint32_t len = (uint32_t)(h[12] >> 4) * 4;
    if (len < DW_TCP_HEADER) return DW_TCP_HEADER;
    return len < have ? len : have;
}

/* RFC 1624: a checksum is adjusted by what changed, not computed anew, so that one which was wrong
 * before stays wrong: whoever rewrites a damaged segment on its way does not repair it. */
static void adjust_checksum(uint8_t *h, uint32_t len, uint16_t before)
{
    uint16_t after = dw_checksum_fold(dw_checksum_add(0, h, len, false));
    uint64_t sum = (uint64_t)(uint16_t)~dw_get16(h + 16) + (uint16_t)~before + after;
    dw_put16(h + 16, (uint16_t)~dw_checksum_fold(sum));
}

/* The next option of a kind from `at` on, with room for its whole length; 0: none. */
static uint32_t find_option(const uint8_t *h, uint32_t len, uint32_t at, uint8_t kind)
{
    while (at < len && h[at] != DW_TCP_OPT_END) {
        if (h[at] == DW_TCP_OPT_NOP) {
            at++;
            continue;
        }
        if (at + 1 >= len || h[at + 1] < 2 || at + h[at + 1] > len) return 0;
        if (h[at] == kind) return at;
        at += h[at + 1];
    }
    return 0;
}

/* What boxes on the way do to options: change an MSS, lower one, or blank a kind out
 * with NOPs, which keeps the header's length. */
static bool rewrite_option(uint8_t *h, uint32_t len, const char *field, int64_t value)
{
    bool lower = strcmp(field, "mss_at_most") == 0, scale = strcmp(field, "window_scale") == 0;
    bool strip = strcmp(field, "strip") == 0;
    if (!lower && !scale && !strip && strcmp(field, "mss") != 0) return false;
    uint8_t kind = DW_TCP_OPT_MSS;
    if (scale) kind = DW_TCP_OPT_WSCALE;
    if (strip) kind = (uint8_t)value;
    for (uint32_t at = DW_TCP_HEADER; (at = find_option(h, len, at, kind)) != 0;) {
        uint32_t size = h[at + 1];
        if (strip)
            memset(h + at, DW_TCP_OPT_NOP, size);
        else if (scale && size == 3)
            h[at + 2] = (uint8_t)value;
        else if (!scale && size == 4 && (!lower || dw_get16(h + at + 2) > value))
            dw_put16(h + at + 2, (uint16_t)value);
        at += size;
    }
    return true;
}

static bool rewrite_fixed(uint8_t *h, const char *field, int64_t value)
{
    if (strcmp(field, "seq") == 0)
        dw_put32(h + 4, (uint32_t)value);
    else if (strcmp(field, "ack") == 0)
        dw_put32(h + 8, (uint32_t)value);
    else if (strcmp(field, "flags") == 0)
        h[13] = (uint8_t)value;
    else if (strcmp(field, "window") == 0)
        dw_put16(h + 14, (uint16_t)value);
    else if (strcmp(field, "src_port") == 0)
        dw_put16(h, (uint16_t)value);
    else if (strcmp(field, "dst_port") == 0)
        dw_put16(h + 2, (uint16_t)value);
    else if (strcmp(field, "urgent") == 0)
        dw_put16(h + 18, (uint16_t)value);
    else
        return false;
    return true;
}

int dw_tcp_rewrite(dw_packet *p, const dw_dissection *read, const char *field, int64_t value)
{
    uint8_t *h = dw_packet_head(p) + read->transport_at;
    uint32_t len = header_len(p, h);
    uint16_t before = dw_checksum_fold(dw_checksum_add(0, h, len, false));
    if (!rewrite_fixed(h, field, value) && !rewrite_option(h, len, field, value)) return DW_E_NOENT;
    if (p->checksum == DW_CHECKSUM_COMPLETE) adjust_checksum(h, len, before);
    return DW_OK;
}

uint8_t *dw_tcp_address_checksum(dw_packet *p, const dw_dissection *read)
{
    return dw_packet_head(p) + read->transport_at + 16;
}

int dw_tcp_build(dw_packet *p, const dw_dissection *f)
{
    dw_flow flow = {
        .local = f->src, .remote = f->dst, .local_port = f->sport, .remote_port = f->dport};
    dw_tcp_header header = {.seq = f->seq,
                            .ack = f->ack,
                            .flags = (uint8_t)f->flags,
                            .window = (uint16_t)f->window,
                            .urgent = (uint16_t)f->urgent};
    if (f->options_len > sizeof header.options || f->options_len % 4) return DW_E_INVAL;
    if (f->flags > UINT8_MAX || f->window > UINT16_MAX || f->urgent > UINT16_MAX) return DW_E_INVAL;
    header.options_len = (uint8_t)f->options_len;
    if (f->options_len) memcpy(header.options, f->options, f->options_len);
    dw_tcp_write_header(p, &flow, &header);
    return DW_OK;
}
