/* What Ethernet, PPP and MPLS carry, on a link or in a tunnel. */
#include "layers.h"

bool piece_skip(piece *p, uint32_t n)
{
    if (n > p->have) return false;
    p->bytes += n;
    p->have -= n;
    p->len -= n;
    return true;
}

enum captured_kind content_after(piece *p, uint32_t header, uint32_t type)
{
    return piece_skip(p, header) ? ether_content(type, p) : KIND_CUT;
}

enum captured_kind version_content(const piece *p)
{
    if (p->have == 0) return KIND_CUT;
    if (p->bytes[0] >> 4 == 4) return KIND_TCP4;
    return p->bytes[0] >> 4 == 6 ? KIND_TCP6 : KIND_CONTROL;
}

/* The last label has the bottom-of-stack bit (RFC 3032 2.1).  Nothing says what is behind it: a
 * first nibble of 4 or 6 is IP, 0 the control word of a pseudowire (RFC 4385), whose content is
 * taken for Ethernet. */
enum captured_kind mpls_content(piece *p)
{
    enum { LABEL = 4, CONTROL_WORD = 4 };
    bool bottom = false;
    while (!bottom) {
        if (p->have < LABEL) return KIND_CUT;
        bottom = p->bytes[2] & 1;
        piece_skip(p, LABEL);
    }
    if (p->have > 0 && p->bytes[0] >> 4 == 0)
        return piece_skip(p, CONTROL_WORD) ? ethernet_content(p) : KIND_CUT;
    return version_content(p);
}

static enum captured_kind ppp_protocol(uint32_t protocol, piece *p)
{
    switch (protocol) {
    case 0x0021: return ether_content(ETHERTYPE_IPV4, p);
    case 0x0057: return ether_content(ETHERTYPE_IPV6, p);
    case 0x0281:
    case 0x0283: return mpls_content(p);
    case 0x002d: /* Van Jacobson, RFC 1144 */
    case 0x002f:
    case 0x00fb:
    case 0x00fd: return KIND_COMPRESSED; /* RFC 1962 */
    case 0x0053:
    case 0x0055: return KIND_ENCRYPTED; /* RFC 1968 */
    default: return KIND_CONTROL;
    }
}

/* A protocol number is odd in its last octet and even in its first, so that one octet shows whether
 * the field is compressed (RFC 1661 2, 6.5). */
enum captured_kind ppp_content(piece *p)
{
    if (p->have >= 2 && p->bytes[0] == 0xff && p->bytes[1] == 0x03) piece_skip(p, 2);
    if (p->have < 1) return KIND_CUT;
    uint32_t protocol = p->bytes[0], size = 1;
    if (!(protocol & 1)) {
        if (p->have < 2) return KIND_CUT;
        protocol = dw_get16(p->bytes);
        size = 2;
    }
    piece_skip(p, size);
    return ppp_protocol(protocol, p);
}

/* RFC 2516 4; code 0 is a session's data. */
enum captured_kind pppoe_content(piece *p)
{
    enum { HEADER = 6 };
    if (p->have < HEADER) return KIND_CUT;
    if (p->bytes[1] != 0) return KIND_CONTROL;
    piece_skip(p, HEADER);
    return ppp_content(p);
}

/* SNAP carries an EtherType; LLC alone IP by its own SAP 6 (RFC 791 never used much). */
enum captured_kind llc_content(piece *p)
{
    enum { SNAP = 8, SNAP_SAP = 0xaa, IP_SAP = 0x06, LLC = 3 };
    if (p->have < LLC) return KIND_CUT;
    if (p->bytes[0] == IP_SAP && p->bytes[1] == IP_SAP)
        return content_after(p, LLC, ETHERTYPE_IPV4);
    if (p->bytes[0] != SNAP_SAP || p->bytes[1] != SNAP_SAP) return KIND_CONTROL;
    if (p->have < SNAP) return KIND_CUT;
    return content_after(p, SNAP, dw_get16(p->bytes + 6));
}

/* Tags, whose last two octets are the next EtherType; false: it is none. */
static bool tag_length(uint32_t type, uint32_t *len)
{
    switch (type) {
    case 0x8100: /* IEEE 802.1Q, 802.1ad, and older numbers of it */
    case 0x88a8:
    case 0x9100:
    case 0x9200:
    case 0x9300: *len = 4; return true;
    case 0x8926: *len = 6; return true; /* VN-Tag */
    case 0x893f: *len = 8; return true; /* IEEE 802.1BR */
    default: return false;
    }
}

/* IEEE 802.1ah: a service tag of four octets in front of the customer's frame. */
static enum captured_kind backbone_content(piece *p)
{
    return piece_skip(p, 4) ? ethernet_content(p) : KIND_CUT;
}

enum captured_kind ether_content(uint32_t type, piece *p)
{
    enum { LONGEST_802_3 = 1500 };
    uint32_t len;
    while (tag_length(type, &len)) {
        if (p->have < len) return KIND_CUT;
        type = dw_get16(p->bytes + len - 2);
        piece_skip(p, len);
    }
    switch (type) {
    case ETHERTYPE_IPV4: return KIND_TCP4;
    case ETHERTYPE_IPV6: return KIND_TCP6;
    case 0x0806: return KIND_ARP;
    case 0x8847:
    case 0x8848: return mpls_content(p);
    case 0x8864: return pppoe_content(p);
    case 0x880b: return ppp_content(p);
    case 0x6558: return ethernet_content(p); /* transparent Ethernet bridging */
    case 0x88e7: return backbone_content(p);
    case 0x88e5: return KIND_ENCRYPTED; /* MACsec */
    default: return type <= LONGEST_802_3 ? llc_content(p) : KIND_CONTROL;
    }
}

enum captured_kind ethernet_content(piece *p)
{
    enum { HEADER = 14 };
    if (p->have < HEADER) return KIND_CUT;
    return content_after(p, HEADER, dw_get16(p->bytes + 12));
}
