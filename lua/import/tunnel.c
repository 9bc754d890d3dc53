/* Tunnels: the innermost IP packet, which is the one that somebody's TCP sent.
 *
 * What a port or a protocol number promises is believed only when there is an IP header where one
 * has to be; otherwise the packet around it is what there is. */
#include "layers.h"

enum { PROTOCOL_ICMP = 1, PROTOCOL_IPIP = 4, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };
enum { PROTOCOL_IPV6 = 41, PROTOCOL_GRE = 47, PROTOCOL_ESP = 50, PROTOCOL_AH = 51 };
enum { PROTOCOL_ICMPV6 = 58, PROTOCOL_ETHERIP = 97, PROTOCOL_MPLS = 137 };

static enum captured_kind kind_of(const ip_header *h)
{
    bool six = h->version == 6;
    switch (h->transport) {
    case PROTOCOL_TCP: return six ? KIND_TCP6 : KIND_TCP4;
    case PROTOCOL_UDP: return six ? KIND_UDP6 : KIND_UDP4;
    case PROTOCOL_ICMP: return six ? KIND_OTHER6 : KIND_ICMP4;
    case PROTOCOL_ICMPV6: return six ? KIND_ICMP6 : KIND_OTHER4;
    case PROTOCOL_ESP: return KIND_ENCRYPTED;
    default: return six ? KIND_OTHER6 : KIND_OTHER4;
    }
}

/* Cisco's ERSPAN: type II has a header of 8 octets, and is told from type I by GRE's sequence
 * number; type III one of 12, and 8 more when its last bit says so. */
static enum captured_kind erspan_content(piece *p, uint32_t type, bool numbered)
{
    uint32_t header = numbered ? 8 : 0;
    if (type == 0x22eb) {
        if (p->have < 12) return KIND_CUT;
        header = p->bytes[11] & 1 ? 20 : 12;
    }
    return piece_skip(p, header) ? ethernet_content(p) : KIND_CUT;
}

/* RFC 2637 4.1: GRE of version 1, whose acknowledgment number takes the checksum's place. */
static enum captured_kind pptp_content(piece *p, uint32_t flags)
{
    enum { SEQUENCE = 0x1000, ACKNOWLEDGMENT = 0x0080 };
    uint32_t header = 8 + 4 * (!!(flags & SEQUENCE) + !!(flags & ACKNOWLEDGMENT));
    return piece_skip(p, header) ? ppp_content(p) : KIND_CUT;
}

/* RFC 2784 2.1, with the key and sequence number of RFC 2890.  Routing (RFC 1701) is in no use. */
static enum captured_kind gre_content(piece *p)
{
    enum { CHECKSUM = 0x8000, ROUTING = 0x4000, KEY = 0x2000, SEQUENCE = 0x1000, VERSION = 7 };
    enum { ERSPAN = 0x88be, ERSPAN_3 = 0x22eb, WCCP = 0x883e };
    if (p->have < 4) return KIND_CUT;
    uint32_t flags = dw_get16(p->bytes), type = dw_get16(p->bytes + 2), header = 4;
    if ((flags & VERSION) == 1) return pptp_content(p, flags);
    if (flags & VERSION || flags & ROUTING) return KIND_CONTROL;
    header += 4 * (!!(flags & CHECKSUM) + !!(flags & KEY) + !!(flags & SEQUENCE));
    if (!piece_skip(p, header)) return KIND_CUT;
    if (type == ERSPAN || type == ERSPAN_3) return erspan_content(p, type, flags & SEQUENCE);
    if (type != WCCP) return ether_content(type, p);
    /* The second version puts four octets in front of the packet, the first none. */
    if (p->have > 0 && p->bytes[0] >> 4 != 4) piece_skip(p, 4);
    return version_content(p);
}

/* RFC 7348 5; bit 3 says that there is a network identifier. */
static enum captured_kind vxlan_content(piece *p)
{
    enum { HEADER = 8, HAS_VNI = 0x08 };
    if (p->have < HEADER) return KIND_CUT;
    if (!(p->bytes[0] & HAS_VNI)) return KIND_CONTROL;
    piece_skip(p, HEADER);
    return ethernet_content(p);
}

/* RFC 8926 3.4: version and length of the options, in words; the EtherType of what follows. */
static enum captured_kind geneve_content(piece *p)
{
    enum { HEADER = 8, VERSION = 0xc0 };
    if (p->have < HEADER) return KIND_CUT;
    if (p->bytes[0] & VERSION) return KIND_CONTROL;
    uint32_t type = dw_get16(p->bytes + 2), options = (p->bytes[0] & 0x3fu) * 4;
    return content_after(p, HEADER + options, type);
}

/* 3GPP TS 29.281 5.1: version 1, a G-PDU.  Any of the last three bits brings four octets, the last
 * of which announces extension headers; each begins with its length in words. */
static enum captured_kind gtp_content(piece *p)
{
    enum {
        HEADER = 8,
        VERSION = 0xf0,
        VERSION_1_GTP = 0x30,
        OPTIONAL = 7,
        EXTENSION = 4,
        G_PDU = 255
    };
    if (p->have < HEADER + 4) return KIND_CUT;
    uint8_t flags = p->bytes[0], next = flags & EXTENSION ? p->bytes[HEADER + 3] : 0;
    if ((flags & VERSION) != VERSION_1_GTP || p->bytes[1] != G_PDU) return KIND_CONTROL;
    piece_skip(p, flags & OPTIONAL ? HEADER + 4 : HEADER);
    while (next != 0) {
        uint32_t len = p->have > 0 ? p->bytes[0] * 4u : 0;
        if (len == 0 || len > p->have) return KIND_CUT;
        next = p->bytes[len - 1];
        piece_skip(p, len);
    }
    return version_content(p);
}

static enum captured_kind udp_content(piece *p)
{
    enum {
        HEADER = 8,
        GTP_U = 2152,
        VXLAN = 4789,
        VXLAN_OF_LINUX = 8472,
        GENEVE = 6081,
        MPLS = 6635
    };
    if (p->have < HEADER) return KIND_CUT;
    uint32_t sport = dw_get16(p->bytes), dport = dw_get16(p->bytes + 2);
    piece_skip(p, HEADER);
    if (dport == VXLAN || dport == VXLAN_OF_LINUX) return vxlan_content(p);
    if (dport == GENEVE) return geneve_content(p);
    if (dport == MPLS) return mpls_content(p);
    if (dport == GTP_U || sport == GTP_U) return gtp_content(p);
    return KIND_CONTROL;
}

/* What a packet carries, if that is IP again. */
static enum captured_kind carried(uint8_t protocol, piece *p)
{
    switch (protocol) {
    case PROTOCOL_IPIP: return KIND_TCP4;
    case PROTOCOL_IPV6: return KIND_TCP6;
    case PROTOCOL_GRE: return gre_content(p);
    case PROTOCOL_UDP: return udp_content(p);
    case PROTOCOL_MPLS: return mpls_content(p);
    case PROTOCOL_ETHERIP: return piece_skip(p, 2) ? ethernet_content(p) : KIND_CUT; /* RFC 3378 */
    default: return KIND_CONTROL;
    }
}

static enum captured_kind not_read(enum ip_read why)
{
    return why == IP_CUT ? KIND_CUT : KIND_DAMAGED;
}

/* A packet that was put together is looked at from its front again; what is deeper than any tunnel
 * that somebody runs is left where it is. */
bool find_innermost(enum captured_kind kind, const piece *p, fragments *f, dw_time at,
                    uint32_t source, innermost *out)
{
    enum { DEEPEST = 12 };
    piece ip = *p;
    *out = (innermost){.kind = kind};
    for (uint32_t depth = 0; depth < DEEPEST; depth++) {
        ip_header header;
        if (kind != KIND_TCP4 && kind != KIND_TCP6) return true;
        enum ip_read read = ip_read_header(&ip, &header);
        if (read == IP_READ && header.version != (kind == KIND_TCP6 ? 6 : 4)) read = IP_DAMAGED;
        if (read != IP_READ) {
            if (depth == 0) out->kind = not_read(read);
            return true;
        }
        if (header.is_fragment) {
            out->kind = KIND_FRAGMENT;
            if (!fragments_add(f, &ip, &header, at, source, &ip)) return !fragments_failed(f);
            out->reassembled = true;
            continue;
        }
        out->ip = ip;
        out->header = header;
        out->kind = kind_of(&header);
        out->depth = depth;
        piece_skip(&ip, header.transport_at);
        kind = carried(header.transport, &ip);
    }
    return true;
}
