/* From a frame to the innermost IP packet in it. */
#ifndef DWL_LAYERS_H
#define DWL_LAYERS_H

#include "capture.h"
#include "fragments.h"
#include "ip_header.h"

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd };

/* Each takes headers off the front of a piece, and says what follows: KIND_TCP4 for any IPv4
 * packet, KIND_TCP6 for any of IPv6; another kind when it is neither.  Headers are looked at only
 * as far as they are there; what was cut off in front of an IP header is KIND_CUT. */

/* link_layer.c: of a frame on a link of a type (https://www.tcpdump.org/linktypes.html).  Linux
 * cooked frames of version 2 carry the number of their interface: it comes into *interface. */
enum captured_kind link_content(uint32_t link, piece *p, uint16_t *interface);
/* "IEEE 802.11 with radiotap", or NULL. */
const char *link_name(uint32_t link);

/* ether.c: of what an EtherType announces. */
enum captured_kind ether_content(uint32_t type, piece *p);
/* Behind a header of so many octets. */
enum captured_kind content_after(piece *p, uint32_t header, uint32_t type);
enum captured_kind ethernet_content(piece *p);
/* IEEE 802.2: LLC, and SNAP in it. */
enum captured_kind llc_content(piece *p);
/* MPLS: a stack of labels, then IP or, behind a control word, Ethernet. */
enum captured_kind mpls_content(piece *p);
/* RFC 1661, with the address and control of RFC 1662 or without. */
enum captured_kind ppp_content(piece *p);
/* RFC 2516, behind the Ethernet header. */
enum captured_kind pppoe_content(piece *p);
/* By the version that the first four bits tell. */
enum captured_kind version_content(const piece *p);
/* Without the first n octets; false: they are not all there. */
bool piece_skip(piece *p, uint32_t n);

/* wifi.c: IEEE 802.11, from the MAC header on; padded: to four octets, as some drivers do. */
enum captured_kind wifi_content(piece *p, bool padded);
enum captured_kind radiotap_content(piece *p);
enum captured_kind prism_content(piece *p);

/* tunnel.c */

/* The innermost IP packet that could be read. */
typedef struct innermost {
    piece ip;
    ip_header header;
    enum captured_kind kind; /* of it, or why there is none */
    bool reassembled;        /* it, or one around it, came in fragments */
    uint32_t depth;          /* headers of IP around it */
} innermost;

/* Goes into tunnels as far as there is IP in them: IP in IP (any versions), GRE (RFC 2784, 2890,
 * PPTP, ERSPAN), MPLS, EtherIP, VXLAN, Geneve and GTP-U.  kind is that of link_content; at and
 * source (file and interface) are for the fragments.  false: out of memory. */
bool find_innermost(enum captured_kind kind, const piece *p, fragments *f, dw_time at,
                    uint32_t source, innermost *out);

#endif
