/* Link layers: the IP packet in a frame.
 *
 * Every header is looked at only as far as it is there; what the snapshot length cut off in front
 * of the IP header is KIND_CUT. */
#include "layers.h"

/* https://www.tcpdump.org/linktypes.html */
enum {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_PPP = 9,
    LINK_RAW_BSD = 12,
    LINK_RAW_OPENBSD = 14,
    LINK_PPP_HDLC = 50,
    LINK_PPPOE = 51,
    LINK_RAW = 101,
    LINK_CISCO_HDLC = 104,
    LINK_WIFI = 105,
    LINK_FRAME_RELAY = 107,
    LINK_LOOP = 108,
    LINK_LINUX_SLL = 113,
    LINK_PRISM = 119,
    LINK_RADIOTAP = 127,
    LINK_AVS = 163,
    LINK_PPPD = 166,
    LINK_PPI = 192,
    LINK_PPP_DIRECTION = 204,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_NFLOG = 239,
    LINK_PKTAP = 258,
    LINK_LINUX_SLL2 = 276,
};

static const struct {
    uint32_t link;
    const char *name;
} names[] = {
    {LINK_NULL, "BSD loopback"},
    {LINK_ETHERNET, "Ethernet"},
    {3, "AX.25"},
    {6, "Token Ring"},
    {7, "ARCNET"},
    {8, "SLIP"},
    {LINK_PPP, "PPP"},
    {10, "FDDI"},
    {LINK_RAW_BSD, "raw IP"},
    {LINK_RAW_OPENBSD, "raw IP"},
    {LINK_PPP_HDLC, "PPP in HDLC"},
    {LINK_PPPOE, "PPPoE"},
    {100, "ATM"},
    {LINK_RAW, "raw IP"},
    {LINK_CISCO_HDLC, "Cisco HDLC"},
    {LINK_WIFI, "IEEE 802.11"},
    {LINK_FRAME_RELAY, "Frame Relay"},
    {LINK_LOOP, "OpenBSD loopback"},
    {LINK_LINUX_SLL, "Linux cooked"},
    {117, "OpenBSD pflog"},
    {LINK_PRISM, "IEEE 802.11 with Prism"},
    {122, "IP over Fibre Channel"},
    {123, "ATM (SunATM)"},
    {LINK_RADIOTAP, "IEEE 802.11 with radiotap"},
    {138, "IP over IEEE 1394"},
    {143, "DOCSIS"},
    {147, "a user's own"},
    {LINK_AVS, "IEEE 802.11 with AVS"},
    {LINK_PPPD, "PPP of pppd"},
    {187, "Bluetooth HCI"},
    {189, "USB of Linux"},
    {LINK_PPI, "PPI"},
    {195, "IEEE 802.15.4"},
    {197, "Endace ERF"},
    {201, "Bluetooth HCI with direction"},
    {LINK_PPP_DIRECTION, "PPP with direction"},
    {220, "USB of Linux"},
    {226, "Solaris ipnet"},
    {227, "CAN"},
    {LINK_IPV4, "raw IPv4"},
    {LINK_IPV6, "raw IPv6"},
    {230, "IEEE 802.15.4"},
    {LINK_NFLOG, "Linux NFLOG"},
    {247, "Infiniband"},
    {249, "USB of Windows"},
    {251, "Bluetooth LE"},
    {252, "Wireshark upper PDU"},
    {253, "Linux netlink"},
    {LINK_PKTAP, "macOS PKTAP"},
    {LINK_LINUX_SLL2, "Linux cooked v2"},
};

const char *link_name(uint32_t link)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].link == link) return names[i].name;
    return NULL;
}

/* Address, control, EtherType. */
static enum captured_kind cisco_hdlc_content(piece *p)
{
    if (p->have < 4) return KIND_CUT;
    return content_after(p, 4, dw_get16(p->bytes + 2));
}

/* PPP, or Cisco's, which has another address in front. */
static enum captured_kind hdlc_content(piece *p)
{
    enum { UNICAST = 0x0f, MULTICAST = 0x8f };
    if (p->have > 0 && (p->bytes[0] == UNICAST || p->bytes[0] == MULTICAST))
        return cisco_hdlc_content(p);
    return ppp_content(p);
}

/* RFC 2427: an address of two octets, control 3, and the network layer's identifier. */
static enum captured_kind frame_relay_content(piece *p)
{
    enum { IP4 = 0xcc, IP6 = 0x8e, SNAP = 0x80 };
    if (p->have < 4) return KIND_CUT;
    uint32_t pad = p->bytes[3] == 0;
    if (p->have < 4 + pad) return KIND_CUT;
    uint8_t id = p->bytes[3 + pad];
    if (id == IP4) return content_after(p, 4 + pad, ETHERTYPE_IPV4);
    if (id == IP6) return content_after(p, 4 + pad, ETHERTYPE_IPV6);
    if (id != SNAP) return KIND_CONTROL;
    if (p->have < 9 + pad) return KIND_CUT;
    return content_after(p, 9 + pad, dw_get16(p->bytes + 7 + pad));
}

static enum captured_kind cooked_content(piece *p)
{
    enum { HEADER = 16, NETLINK = 824 };
    if (p->have < HEADER) return KIND_CUT;
    if (dw_get16(p->bytes + 2) == NETLINK) return KIND_CONTROL;
    return content_after(p, HEADER, dw_get16(p->bytes + 14));
}

static enum captured_kind cooked2_content(piece *p, uint16_t *interface)
{
    enum { HEADER = 20 };
    if (p->have < HEADER) return KIND_CUT;
    *interface = (uint16_t)dw_get32(p->bytes + 4);
    return content_after(p, HEADER, dw_get16(p->bytes));
}

static uint32_t little32(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

/* Headers in front of a frame of another link type, which they tell. */
static enum captured_kind wrapped_content(piece *p, uint32_t header, uint32_t link,
                                          uint16_t *interface)
{
    if (link == LINK_PPI || link == LINK_PKTAP) return KIND_DAMAGED;
    return piece_skip(p, header) ? link_content(link, p, interface) : KIND_CUT;
}

static enum captured_kind ppi_content(piece *p, uint16_t *interface)
{
    if (p->have < 8) return KIND_CUT;
    uint32_t header = (uint32_t)p->bytes[3] << 8 | p->bytes[2];
    return wrapped_content(p, header, little32(p->bytes + 4), interface);
}

static enum captured_kind pktap_content(piece *p, uint16_t *interface)
{
    if (p->have < 12) return KIND_CUT;
    return wrapped_content(p, little32(p->bytes), little32(p->bytes + 8), interface);
}

/* Attributes in the byte order of the machine that captured, which is taken for little-endian; 9 is
 * the packet, which is the last one. */
static enum captured_kind nflog_content(piece *p)
{
    enum { HEADER = 4, PAYLOAD = 9 };
    if (!piece_skip(p, HEADER)) return KIND_CUT;
    while (p->have >= 4) {
        uint32_t len = (uint32_t)p->bytes[1] << 8 | p->bytes[0];
        uint32_t type = ((uint32_t)p->bytes[3] << 8 | p->bytes[2]) & 0x7fff;
        if (type == PAYLOAD) return piece_skip(p, 4) ? version_content(p) : KIND_CUT;
        if (len < 4) return KIND_DAMAGED;
        if (!piece_skip(p, (len + 3) & ~3u)) return KIND_CUT;
    }
    return KIND_CUT;
}

static enum captured_kind skipped_version(piece *p, uint32_t header)
{
    return piece_skip(p, header) ? version_content(p) : KIND_CUT;
}

static enum captured_kind skipped_ppp(piece *p, uint32_t header)
{
    return piece_skip(p, header) ? ppp_content(p) : KIND_CUT;
}

enum captured_kind link_content(uint32_t link, piece *p, uint16_t *interface)
{
    switch (link) {
    case LINK_ETHERNET: return ethernet_content(p);
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_IPV4:
    case LINK_IPV6: return version_content(p);
    /* The address family differs between systems; the IP header does not. */
    case LINK_NULL:
    case LINK_LOOP: return skipped_version(p, 4);
    case LINK_LINUX_SLL: return cooked_content(p);
    case LINK_LINUX_SLL2: return cooked2_content(p, interface);
    case LINK_PPP:
    case LINK_PPP_HDLC: return hdlc_content(p);
    case LINK_PPPOE: return pppoe_content(p);
    case LINK_PPPD:
    case LINK_PPP_DIRECTION: return skipped_ppp(p, 1);
    case LINK_CISCO_HDLC: return cisco_hdlc_content(p);
    case LINK_FRAME_RELAY: return frame_relay_content(p);
    case LINK_WIFI: return wifi_content(p, false);
    case LINK_RADIOTAP: return radiotap_content(p);
    case LINK_PRISM:
    case LINK_AVS: return prism_content(p);
    case LINK_PPI: return ppi_content(p, interface);
    case LINK_PKTAP: return pktap_content(p, interface);
    case LINK_NFLOG: return nflog_content(p);
    default: return KIND_NO_READER;
    }
}
