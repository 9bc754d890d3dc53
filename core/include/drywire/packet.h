/* Packets as data: why they were sent, their bytes, what their headers say.  Nothing here needs a
 * running simulation. */
#ifndef DRYWIRE_PACKET_H
#define DRYWIRE_PACKET_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* -------------------------------------------------------------------------- *
 * Causes
 * -------------------------------------------------------------------------- */

/* Why something happened.  Each drop, acknowledgment, retransmission, timer and
 * state change in a trace points at one of these.  They are static: a pointer
 * to one is valid as long as its plugin is loaded. */
typedef struct dw_cause {
    const char *name; /* "rst-not-exact": words joined by hyphens, stable across versions */
    const char *rfc;  /* "RFC 9293 3.10.7.4", or NULL where no document applies */
    const char *text; /* one sentence without its final stop */
} dw_cause;

/* -------------------------------------------------------------------------- *
 * Packets: real header bytes, and a payload of reference-counted slices
 * -------------------------------------------------------------------------- */

/* Bytes that packets share.  Either real bytes, or generated ones: then byte i
 * is a function of (seed, i) and takes no memory. */
typedef struct dw_buf {
    uint32_t refs;
    bool generated;
    bool traced;               /* a trace keeps it, and counts it */
    uint64_t seed;             /* generated only */
    uint64_t size;             /* bytes that exist; UINT64_MAX for an endless generated buffer */
    uint8_t *bytes;            /* NULL when generated */
    const dw_account *account; /* that counts it, or NULL */
} dw_buf;

/* A part of a buffer.  Holds one reference to buf. */
typedef struct dw_slice {
    dw_buf *buf;
    uint64_t offset;
    uint32_t len;
} dw_slice;

#define DW_PACKET_HEAD 136 /* room for all headers: IPv6, UDP encapsulation, TCP with options */
#define DW_PACKET_SLICES 4 /* a payload of more pieces is copied into one */

enum dw_checksum {
    DW_CHECKSUM_COMPLETE = 0, /* the bytes carry their checksum; a receiver verifies it */
    DW_CHECKSUM_PARTIAL = 1,  /* known good, filled in only when the bytes are looked at: the
                                 field holds the folded pseudo-header sum until then */
};

/* A packet has one owner.  A function that "takes the packet" becomes the owner
 * and passes it on or frees it. */
typedef struct dw_packet {
    uint64_t id;           /* unique in the simulation, in order of creation, from 1 */
    const dw_cause *cause; /* why it was sent, or NULL */
    uint32_t conn;         /* the sender's connection number in the trace, 0 for none */
    uint32_t payload_len;  /* sum of the slices */
    uint16_t protocol;     /* network layer protocol: 0x0800 is IPv4 */
    uint8_t head_start;    /* the header bytes are head[head_start .. head_end) */
    uint8_t head_end;
    uint8_t network_at;     /* index in head of the network header */
    uint8_t checksum;       /* enum dw_checksum */
    uint8_t checksum_start; /* DW_CHECKSUM_PARTIAL: index in head where summing begins */
    uint8_t checksum_at;    /* DW_CHECKSUM_PARTIAL: index in head of the checksum field */
    uint8_t slice_count;
    uint8_t faulted;   /* a fault already acted on it; rules leave it alone */
    uint16_t gso_size; /* octets of payload in each of the segments that the receiver's offload has
                        * put together; 0: one segment, as it came */
    /* It fits every link, as fragments would: these arrive together, and are one packet again, so
     * that they need not be told apart. */
    bool may_fragment;
    dw_slice slice[DW_PACKET_SLICES];
    uint8_t head[DW_PACKET_HEAD];
} dw_packet;

/* The first header byte, and how many header bytes there are. */
static inline uint8_t *dw_packet_head(dw_packet *p)
{
    return p->head + p->head_start;
}
static inline uint32_t dw_packet_head_len(const dw_packet *p)
{
    return (uint32_t)p->head_end - p->head_start;
}
/* Header and payload together. */
static inline uint32_t dw_packet_len(const dw_packet *p)
{
    return dw_packet_head_len(p) + p->payload_len;
}
/* Make room for n more header bytes in front, and return them (uninitialised). */
static inline uint8_t *dw_packet_push(dw_packet *p, uint32_t n)
{
    DW_ASSERT(n <= p->head_start);
    p->head_start = (uint8_t)(p->head_start - n);
    return dw_packet_head(p);
}
/* Step over n header bytes that have been read. */
static inline void dw_packet_pull(dw_packet *p, uint32_t n)
{
    DW_ASSERT(n <= dw_packet_head_len(p));
    p->head_start = (uint8_t)(p->head_start + n);
}

/* Big-endian fields. */
static inline uint16_t dw_get16(const uint8_t *b)
{
    return (uint16_t)(b[0] << 8 | b[1]);
}
static inline uint32_t dw_get32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}
static inline void dw_put16(uint8_t *b, uint16_t v)
{
    b[0] = (uint8_t)(v >> 8);
    b[1] = (uint8_t)v;
}
static inline void dw_put32(uint8_t *b, uint32_t v)
{
    b[0] = (uint8_t)(v >> 24);
    b[1] = (uint8_t)(v >> 16);
    b[2] = (uint8_t)(v >> 8);
    b[3] = (uint8_t)v;
}

/* Whether a sequence number lies before another (RFC 9293 3.4: modulo 2^32). */
static inline bool dw_seq_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

/* RFC 1071: the one's complement sum, to be continued.  Sums of parts may be added
 * when each part but the last has an even length; odd says that this part starts
 * at an odd position. */
DW_API uint64_t dw_checksum_add(uint64_t sum, const uint8_t *bytes, size_t len, bool odd);
/* Fold a sum into 16 bits (not complemented). */
DW_API uint16_t dw_checksum_fold(uint64_t sum);
/* The field at this offset of its header, for what is covered and sums up to that. */
DW_API uint16_t dw_checksum_field(uint64_t sum, size_t offset);

/* SipHash-2-4 (Aumasson and Bernstein 2012) of two addresses of one family in network order, as
 * Linux makes fast-open cookies of it; the hash's least octet first. */
DW_API void dw_siphash_addresses(const uint64_t key[2], const dw_addr *a, const dw_addr *b,
                                 uint8_t hash[8]);

/* The sum of the pseudo-header that transports put in front: addresses, protocol, length. */
static inline uint64_t dw_checksum_pseudo(const dw_addr *a, const dw_addr *b, uint8_t protocol,
                                          uint32_t len)
{
    uint64_t sum = protocol + (len >> 16) + (len & 0xffff);
    for (int i = 0; i < (a->family == 6 ? 4 : 1); i++)
        sum += (uint64_t)(a->word[i] >> 16) + (a->word[i] & 0xffff) + (b->word[i] >> 16) +
               (b->word[i] & 0xffff);
    return sum;
}

/* Add the reference-counted bytes of a slice to a packet's payload.  Takes one
 * reference to slice.buf.  false: out of memory, nothing was added. */
DW_API bool dw_packet_append(dw_packet *p, dw_slice slice);
/* The first len octets of the payload become header bytes; false when they are not there, or do not
 * fit. */
DW_API bool dw_packet_gather(dw_packet *packet, uint32_t len);
/* Replace the payload by one private slice, so that its bytes can be changed; returns them.
 * NULL when out of memory. */
DW_API uint8_t *dw_packet_own_payload(dw_packet *packet);
/* Fill in a checksum that was left to be done, as a network card does on sending. */
DW_API void dw_packet_complete_checksum(dw_packet *p);
/* Whether the transport checksum holds.  pseudo is the pseudo-header's sum, start the
 * index in head of the transport header. */
DW_API bool dw_packet_verify_checksum(const dw_packet *p, uint64_t pseudo, uint32_t start);
/* Copy len payload bytes from offset on into out. */
DW_API void dw_packet_copy_payload(const dw_packet *p, uint32_t offset, uint32_t len, uint8_t *out);
/* Copy a slice's bytes into out, which has room for slice->len. */
DW_API void dw_slice_copy(const dw_slice *slice, uint8_t *out);
/* Take or give back a reference. */
static inline dw_buf *dw_buf_ref(dw_buf *buf)
{
    buf->refs++;
    return buf;
}
/* Give back one reference; the last one frees the buffer. */
DW_API void dw_buf_unref(dw_buf *buf);
/* New buffers with one reference; NULL when out of memory.  bytes are copied (NULL:
 * left uninitialised). */
DW_API dw_buf *dw_buf_new(const void *bytes, size_t size);
/* A buffer of `size` generated octets (UINT64_MAX: endless), which takes no memory for them: octet
 * i is a function of seed and i. One reference; NULL when out of memory. */
DW_API dw_buf *dw_buf_generated(uint64_t seed, uint64_t size);

/* -------------------------------------------------------------------------- *
 * What a packet says, for figures, filters and faults
 * -------------------------------------------------------------------------- */

/* The fields that reading a packet gives.  Each layer's dissect fills in its part. */
typedef struct dw_dissection {
    dw_addr src, dst;
    uint16_t sport, dport;
    uint8_t transport; /* IP protocol number, 0 if none could be read */
    uint8_t ttl;
    uint8_t tos;
    uint8_t header_len;            /* network and transport header together */
    uint32_t transport_at;         /* offset of the transport header */
    uint32_t flags;                /* bits named by flag_names */
    uint32_t seq, ack;             /* where the protocol has them */
    uint32_t window;               /* as it stands in the header, not scaled */
    uint32_t urgent;               /* urgent pointer */
    uint32_t len;                  /* octets of data */
    const char *const *flag_names; /* one a bit, NULL-terminated; NULL: no flags */
    const char *protocol;          /* "tcp" */
    const uint8_t *options;        /* transport options, in the packet's bytes */
    uint32_t options_len;
    const char *malformed;          /* what is wrong with the bytes, or NULL */
    const uint8_t *network_options; /* of an injected packet: options of the network header */
    uint32_t network_options_len;
    /* What each flag does, as the protocol's flag_classes have it: the core fills this in. */
    const uint8_t *flag_classes;
    /* Of an injected packet that reports an error: which, and the flow of the packet that it quotes
     * (with sequence number seq) as that packet's sender has it. */
    const struct dw_net_error *error;
    const struct dw_flow *quoted;
} dw_dissection;

/* -------------------------------------------------------------------------- *
 * Flows
 * -------------------------------------------------------------------------- */

/* What a connection is between. */
typedef struct dw_flow {
    dw_addr local, remote;
    uint16_t local_port, remote_port;
    uint8_t transport; /* IP protocol number */
    uint8_t ttl;       /* 0: the network layer's default (64) */
    uint8_t tos;
    bool may_fragment;              /* IPv4: a packet that does not fit may go in fragments */
    uint16_t udp_local, udp_remote; /* the UDP ports that a transport in UDP uses; 0: it is not */
    const struct dw_route *route; /* a source route, or NULL; of an arriving packet: the way back */
} dw_flow;

#define DW_ROUTE_HOPS 9 /* as many as an IPv4 header has room for */

/* Routers to pass on the way, first to last, without the destination (RFC 791, loose source
 * route). */
typedef struct dw_route {
    uint8_t count;
    dw_addr hop[DW_ROUTE_HOPS];
} dw_route;

/* What the network says about a packet it could not carry. */
enum dw_net_error_kind {
    DW_NET_UNREACHABLE_NET,
    DW_NET_UNREACHABLE_HOST,
    DW_NET_UNREACHABLE_PROTOCOL,
    DW_NET_UNREACHABLE_PORT,
    DW_NET_TOO_BIG,
    DW_NET_SOURCE_ROUTE_FAILED,
    DW_NET_PROHIBITED,
    DW_NET_TIME_EXCEEDED,
    DW_NET_PARAMETER_PROBLEM,
    DW_NET_SOURCE_QUENCH,
};

typedef struct dw_net_error {
    uint8_t kind;       /* enum dw_net_error_kind */
    uint32_t mtu;       /* DW_NET_TOO_BIG: what would have fitted; 0: not told (RFC 1191 4) */
    uint8_t quoted[16]; /* the first octets of the transport header it quotes ... */
    uint8_t quoted_len; /* ... at least 8 */
    uint8_t type, code; /* as in the ICMP message */
} dw_net_error;

#ifdef __cplusplus
}
#endif
#endif
