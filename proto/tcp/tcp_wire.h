/* RFC 9293 section 3.1: the header. */
#ifndef DW_TCP_WIRE_H
#define DW_TCP_WIRE_H

#include "tcp.h"

/* Kinds of options (RFC 9293 3.2 and the RFCs named). */
enum dw_tcp_option_kind {
    DW_TCP_OPT_END = 0,
    DW_TCP_OPT_NOP = 1,
    DW_TCP_OPT_MSS = 2,
    DW_TCP_OPT_WSCALE = 3,         /* RFC 7323 2 */
    DW_TCP_OPT_SACK_PERMITTED = 4, /* RFC 2018 2 */
    DW_TCP_OPT_SACK = 5,           /* RFC 2018 3 */
    DW_TCP_OPT_TIMESTAMP = 8,      /* RFC 7323 3 */
    DW_TCP_OPT_MD5 = 19,           /* RFC 2385 */
    DW_TCP_OPT_USER_TIMEOUT = 28,  /* RFC 5482 */
    DW_TCP_OPT_FAST_OPEN = 34,     /* RFC 7413 */
    DW_TCP_OPT_ACCECN_0 = 172,     /* RFC 9768 3.2.3 */
    DW_TCP_OPT_ACCECN_1 = 174,
    DW_TCP_OPT_EXPERIMENT = 254, /* RFC 6994: two octets more say which */
};

/* Of the fast open option as an experiment: the two octets that say so (RFC 7413 8). */
enum { DW_TCP_FAST_MAGIC = 0xf989 };

/* A header that is to be sent, in host order. */
typedef struct dw_tcp_header {
    uint32_t seq, ack;
    uint8_t flags; /* bits of enum dw_tcp_flag, but for AE */
    bool ae;
    uint16_t window;
    uint16_t urgent;
    uint8_t options_len; /* a multiple of four when it is written */
    uint8_t options[40];
} dw_tcp_header;

/* Read a packet's segment.  ip_flow is what the network layer knows; *flow gets the ports besides,
 * *s the header and where the text is.  Returns NULL when the packet holds a whole TCP segment with
 * a true checksum, else what is wrong. */
const dw_cause *dw_tcp_parse(dw_packet *packet, const dw_flow *ip_flow, dw_flow *flow, dw_seg *s);

/* Put a header in front of a packet's payload; its checksum is left partial. */
void dw_tcp_write_header(dw_packet *packet, const dw_flow *flow, const dw_tcp_header *header);

/* dw_protocol_ops.dissect, .rewrite, .address_checksum, .build, .fields and .field_bits. */
void dw_tcp_dissect(const uint8_t *b, size_t captured, size_t len, dw_dissection *out);
int dw_tcp_rewrite(dw_packet *packet, const dw_dissection *read, const char *field, int64_t value);
uint8_t *dw_tcp_address_checksum(dw_packet *p, const dw_dissection *read);
int dw_tcp_build(dw_packet *packet, const dw_dissection *fields);
extern const char *const dw_tcp_fields[];
extern const uint8_t dw_tcp_field_bits[];

#endif
