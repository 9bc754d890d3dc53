/* Headers of IP, as far as an importer needs them. */
#ifndef DWL_IP_HEADER_H
#define DWL_IP_HEADER_H

#include "drywire/drywire.h"

/* Octets of a packet from some header on. */
typedef struct piece {
    const uint8_t *bytes;
    uint32_t have; /* in the file */
    uint32_t len;  /* on the wire; at least have */
} piece;

typedef struct ip_header {
    dw_addr src, dst;
    uint8_t version;          /* 4 or 6 */
    uint8_t transport;        /* IP protocol number */
    uint8_t flags;            /* IPv4: bit 1 is DF, bit 0 MF (RFC 791 3.1) */
    bool endless;             /* its length field was 0: large offload, or a jumbogram */
    bool is_fragment;         /* the fields below; an atomic one (RFC 6946) is one as well */
    bool more;                /* it is not the last one */
    uint16_t id16;            /* IPv4's identification */
    uint32_t id;              /* the identification of fragments */
    uint32_t offset;          /* octets of the packet in front of the fragment's */
    uint32_t transport_at;    /* where what it carries begins, from its own first octet */
    uint32_t fragment_at;     /* IPv6: the fragment header; transport_at is behind it */
    uint32_t before_fragment; /* IPv6: the octet that announces the fragment header */
} ip_header;

enum ip_read { IP_READ, IP_CUT, IP_DAMAGED };

/* Reads the header at the front, with IPv6's extension headers, and makes the piece as long as the
 * packet: link layers pad.  IP_CUT: not all of it is there. */
enum ip_read ip_read_header(piece *p, ip_header *out);
/* RFC 1071, over a header of IPv4. */
void ip_set_checksum(uint8_t *header, uint32_t len);

#endif
