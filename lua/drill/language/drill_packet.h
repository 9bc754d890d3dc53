/* Packets of a script as bytes, and what came compared with what was expected.
 *
 *   drill_build.c    a script's packet as bytes
 *   drill_see.c      the bytes of the host's, read
 *   drill_compare.c  the two compared
 *   drill_text.c     the host's as a script would write it
 *   drill_flow.c     numbers of the script as numbers of the wire, and back
 *   icmp_names.c     ICMP's types and codes in words */
#ifndef DW_DRILL_PACKET_H
#define DW_DRILL_PACKET_H

#include "script.h"

enum { DW_DRILL_MAX_BYTES = 65535 + 40, DW_DRILL_TIMESTAMPS = 256 };

/* What a script's numbers mean on the wire: one connection, seen from the host under test. */
typedef struct dw_drill_flow {
    dw_addr local, remote;
    uint16_t local_port, remote_port;
    bool isn_known; /* of the host: */
    uint32_t isn_script, isn_live;
    bool remote_isn_known;
    uint32_t remote_isn; /* of the wire: the same in the script */
    /* Timestamps the host sent: the first fixes the difference, each may be echoed. */
    uint32_t timestamp_count;
    struct {
        uint32_t script, live;
    } timestamps[DW_DRILL_TIMESTAMPS];
} dw_drill_flow;

/* A packet that the host sent. */
typedef struct dw_drill_seen {
    dw_time at;
    uint64_t number; /* on the ladder */
    dw_addr src, dst;
    uint8_t transport; /* after UDP encapsulation */
    uint8_t tos, ttl;
    uint32_t flow_label;
    uint16_t sport, dport;
    bool udp_encapsulated;
    uint16_t udp_sport, udp_dport;
    uint16_t flags; /* with DW_DRILL_AE */
    uint32_t seq, ack;
    uint16_t window, urgent;
    uint8_t options[40], options_len;
    uint8_t icmp_type, icmp_code;
    uint32_t icmp_mtu;
    bool quotes; /* the packet in it: */
    uint16_t quoted_sport, quoted_dport;
    uint32_t quoted_seq, quoted_len;
    const uint8_t *payload; /* in bytes */
    uint32_t payload_len;
    uint8_t *bytes; /* malloc'ed: freed by dw_drill_seen_free */
    size_t len;
    struct dw_drill_seen *next;
} dw_drill_seen;

/* Read a packet; bytes are copied.  NULL when out of memory. */
dw_drill_seen *dw_drill_see(const uint8_t *bytes, size_t len, dw_time at, uint64_t number);
void dw_drill_seen_free(dw_drill_seen *seen);

/* Write a script's packet as bytes into out, and its length into *len; otherwise there is a
 * sentence in why. */
enum dw_drill_built {
    DW_DRILL_BUILT,
    DW_DRILL_NOT_BUILT,   /* not supported */
    DW_DRILL_MEANINGLESS, /* there is no such packet */
};
enum dw_drill_built dw_drill_build(const dw_drill_packet *k, const dw_drill_flow *flow,
                                   uint8_t out[DW_DRILL_MAX_BYTES], size_t *len, char *why,
                                   size_t why_size);

/* The first option of a kind among len octets of them, NULL: there is none, or they are cut short
 * in front of it. */
uint8_t *dw_drill_find_option(uint8_t *options, uint32_t len, uint8_t kind);

/* How exactly to look. */
typedef struct dw_drill_strictness {
    dw_time timestamp_tick; /* of the host's timestamp clock; 0: timestamps are not compared */
    dw_time tolerance;
    unsigned ignore; /* bits of enum dw_drill_field */
} dw_drill_strictness;

/* Compare; the first difference as a sentence in why, or "" when there is none.  Learns the host's
 * ISN from a SYN, and its timestamps. */
bool dw_drill_matches(const dw_drill_packet *k, const dw_drill_seen *seen, dw_drill_flow *flow,
                      const dw_drill_strictness *how, char *why, size_t why_size);

/* What a script writes before the flags for a packet's ECN field: "[ce] ", or "". */
const char *dw_drill_mark(uint8_t tos);
/* The packet as a script would write it, with the script's numbers. */
char *dw_drill_seen_text(const dw_drill_seen *seen, const dw_drill_flow *flow, char *buf,
                         size_t size);

#endif
