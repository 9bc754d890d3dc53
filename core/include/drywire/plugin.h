/* The plugin ABI: how a protocol, a congestion control or a whole foreign stack
 * joins the simulation.
 *
 * A plugin is a table of functions with its version in front (dw_plugin).  It
 * reaches the world only through the table it is handed when it is attached to
 * a node (dw_host): it cannot read a real clock, and it can be unit-tested by
 * passing a dw_host that the test fills in itself.  The built-in protocols use
 * nothing else.
 *
 * Versioning: DW_PLUGIN_ABI changes when a field changes meaning; structs only
 * grow at the end, and each begins with its size, so a newer core accepts an
 * older plugin of the same ABI. */
#ifndef DRYWIRE_PLUGIN_H
#define DRYWIRE_PLUGIN_H

#include "base.h"

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DW_PLUGIN_ABI 2u

typedef struct dw_sim dw_sim;     /* a simulation: everything lives in one */
typedef struct dw_node dw_node;   /* a host or router */
typedef struct dw_iface dw_iface; /* a node's end of a link */
typedef struct dw_event dw_event; /* an entry in the event queue */
typedef struct dw_rng dw_rng;     /* a named stream of random numbers */
typedef struct dw_host dw_host;

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
DW_API void dw_buf_unref(dw_buf *buf);
/* New buffers with one reference; NULL when out of memory.  bytes are copied (NULL:
 * left uninitialised). */
DW_API dw_buf *dw_buf_new(const void *bytes, size_t size);
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
    /* Of an injected packet that reports an error: which, and the flow of the packet that it quotes
     * (with sequence number seq) as that packet's sender has it. */
    const struct dw_net_error *error;
    const struct dw_flow *quoted;
} dw_dissection;

/* -------------------------------------------------------------------------- *
 * Timers and sockets
 * -------------------------------------------------------------------------- */

/* A timer belongs to whoever embeds it and must be cancelled before its memory
 * goes.  Zero the struct, set node, fire and arg, then use dw_host.timer_set. */
typedef struct dw_timer {
    dw_time expires;   /* DW_TIME_NEVER when not running */
    dw_time queued_at; /* when the queue entry fires; at or before expires */
    dw_event *event;   /* the queue entry, or NULL */
    dw_node *node;
    void (*fire)(void *arg);
    void *arg;
} dw_timer;

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

/* What happened to a socket, for its owner.  Several may be set at once. */
enum dw_socket_event {
    DW_SOCKET_CONNECTED = 1, /* the handshake is complete */
    DW_SOCKET_READABLE = 2,  /* data, the end of the stream, or a connection to accept */
    DW_SOCKET_WRITABLE = 4,  /* room in the send buffer after it was full */
    DW_SOCKET_ERROR = 8,     /* dw_socket_error says which */
    DW_SOCKET_CLOSED = 16,   /* both directions are closed in order */
    DW_SOCKET_URGENT = 32,   /* urgent data is to come (RFC 9293 3.8.5) */
    DW_SOCKET_REPORT = 64,   /* a problem that may pass: see "report" in dw_socket_ops.info */
    DW_SOCKET_DRAINED = 128, /* everything we sent, the FIN too, has been acknowledged */
};

/* How to send (dw_socket_ops.send_flagged). */
enum dw_send_flag {
    DW_SEND_URGENT = 1, /* the last octet is the end of urgent data */
    DW_SEND_MORE = 2,   /* no PUSH: more will follow soon, so wait for a full segment */
    DW_SEND_EOR = 4,    /* the end of a record: nothing that follows shares a segment with it */
};

/* An option of one connection and its value, as text. */
typedef struct dw_setting {
    const char *name, *text;
} dw_setting;

/* OPEN with more than an address. */
typedef struct dw_open {
    dw_flow flow;
    const dw_slice *data; /* to go with the first packet where the protocol can (RFC 7413) */
    size_t count;
    bool fast;                  /* ask for that, even without data */
    const dw_setting *settings; /* as `set` takes them, before anything is sent */
    size_t setting_count;
    /* NULL: data that the first packet has no room for is sent later.  Otherwise only what goes
     * with that packet is taken, and this becomes its length. */
    uint64_t *taken;
    /* The caller waits for the connection with data in hand, so that what completes it may go with
     * that (Linux: sk_write_pending). */
    bool waits;
} dw_open;

/* Which direction of a connection is at an end (POSIX shutdown). */
enum dw_shut { DW_SHUT_RD = 1, DW_SHUT_WR = 2, DW_SHUT_RDWR = 3 };

typedef struct dw_socket dw_socket;
typedef struct dw_socket_ops dw_socket_ops;
typedef void (*dw_socket_notify)(dw_socket *socket, uint32_t events, void *user);

/* The part of a connection that the core knows.  A transport embeds it as the first
 * member of its own object. */
struct dw_socket {
    const dw_socket_ops *ops;
    dw_node *node;
    dw_socket_notify notify; /* called from the event loop, never from inside a call */
    void *user;
    dw_socket *ready_next;
    uint32_t events; /* not yet told */
    uint32_t conn;   /* connection number in the trace; 0 for a listener */
    bool ready;      /* on the list of sockets to be told */
    bool listening;
    bool read_shut; /* the owner reads no more than what is there: see DW_SHUT_RD */
};

typedef void (*dw_info_fn)(void *ctx, const char *name, int64_t value);

/* The calls of RFC 9293 section 3.9.1, as any transport may offer them. */
struct dw_socket_ops {
    uint32_t size;
    /* OPEN, active.  remote is in flow; a zero local_port is chosen. */
    int (*connect)(void *instance, const dw_flow *flow, dw_socket **out);
    /* OPEN, passive.  flow.local may be empty: any address.  A flow.remote that is given
     * is the only peer that may connect. */
    int (*listen)(void *instance, const dw_flow *flow, int backlog, dw_socket **out);
    /* The next complete connection of a listener, or DW_E_AGAIN. */
    int (*accept)(dw_socket *listener, dw_socket **out);
    /* SEND.  Takes the references of what it accepted, from the front; returns how many bytes. */
    int64_t (*send)(dw_socket *socket, const dw_slice *slices, size_t count);
    /* RECEIVE.  One slice of at most max bytes, with its reference.  Returns its length,
     * DW_E_AGAIN, DW_E_CLOSED at the end of the stream, or an error.  A reader who wants more asks
     * again at once, until it has all or there is none: a transport may tell its peer of the room
     * only then. */
    int64_t (*recv)(dw_socket *socket, uint64_t max, dw_slice *out);
    int (*shutdown)(dw_socket *socket);    /* no more to send; receiving goes on */
    void (*close)(dw_socket *socket);      /* the owner is done with it; it may be gone on return */
    void (*abort)(dw_socket *socket);      /* reset, and as close */
    int (*error)(const dw_socket *socket); /* DW_OK or what ended the connection */
    const char *(*state)(const dw_socket *socket);
    void (*info)(const dw_socket *socket, dw_info_fn each, void *ctx);

    /* What follows may be NULL. */
    /* As connect; data that was accepted is taken, as by send. */
    int (*open)(void *instance, const dw_open *how, dw_socket **out);
    /* As send, with flags of enum dw_send_flag. */
    int64_t (*send_flagged)(dw_socket *socket, const dw_slice *slices, size_t count,
                            uint32_t flags);
    /* Set an option of this connection from its text, as dw_option_set does; the names are those
     * of `options`, which ends with an empty one. */
    int (*set)(dw_socket *socket, const char *name, const char *text, char *why, size_t why_size);
    const struct dw_option *options;
    /* Copy at most max bytes that recv would give, and leave them there.  The same results. */
    int64_t (*peek)(const dw_socket *socket, uint64_t max, uint8_t *out);
    /* The owner said DW_SHUT_RD: read_shut has just been set.  Nothing of it is told to the peer; a
     * transport may discard what nobody will read. */
    int (*shutdown_read)(dw_socket *socket);
};

/* -------------------------------------------------------------------------- *
 * Options: a protocol's tunables, set by name from text
 * -------------------------------------------------------------------------- */

enum dw_option_kind {
    DW_OPTION_TIME,  /* dw_time, from "40ms" */
    DW_OPTION_SIZE,  /* uint32_t bytes, from "64KiB" */
    DW_OPTION_COUNT, /* uint32_t, from "3" */
    DW_OPTION_FLAG,  /* bool, from "true" or "false" */
    DW_OPTION_CHOICE /* uint8_t index into choices */
};

typedef struct dw_option {
    const char *name;
    uint8_t kind;               /* enum dw_option_kind */
    uint32_t offset;            /* of the field in the protocol's option struct */
    int64_t min, max;           /* inclusive, in the field's unit; both 0: no limits */
    const char *const *choices; /* DW_OPTION_CHOICE, NULL-terminated */
    const char *doc;            /* one sentence: what it does, and the RFC it follows */
    bool plugins;               /* the name of a plugin will do as well */
} dw_option;

/* Set the option called name in the struct at base from its text.
 * Returns DW_OK, DW_E_NOENT for an unknown name, DW_E_FORMAT or DW_E_INVAL; then why
 * holds a sentence, with the nearest right spelling where there is one. */
DW_API int dw_option_set(const dw_option *options, void *base, const char *name, const char *text,
                         char *why, size_t why_size);
/* Write the present value as text. */
DW_API char *dw_option_get(const dw_option *option, const void *base, char *buf, size_t size);

/* -------------------------------------------------------------------------- *
 * The trace, as a plugin writes it
 * -------------------------------------------------------------------------- */

enum dw_trace_type {
    DW_TRACE_NODE,       /* a node was made */
    DW_TRACE_LINK,       /* a link was made */
    DW_TRACE_CONN,       /* a connection came to be */
    DW_TRACE_SENT,       /* a packet was handed to a link */
    DW_TRACE_QUEUED,     /* it had to wait behind others */
    DW_TRACE_DELIVERED,  /* it reached the other end */
    DW_TRACE_DROPPED,    /* it did not, and cause says why */
    DW_TRACE_DUPLICATED, /* a copy of it was made */
    DW_TRACE_DAMAGED,    /* its bytes were changed on the way */
    DW_TRACE_MARKED,     /* a queue marked it (ECN) */
    DW_TRACE_STATE,      /* a connection changed its state */
    DW_TRACE_VARIABLE,   /* a connection's variable has a new value */
    DW_TRACE_TIMER_SET,
    DW_TRACE_TIMER_FIRED,
    DW_TRACE_TIMER_CANCELLED,
    DW_TRACE_CALL,   /* an application called */
    DW_TRACE_NOTE,   /* a remark */
    DW_TRACE_DETAIL, /* as VARIABLE, with dw_sim_config.detail only; not in digests */
    DW_TRACE_TYPES
};
#define DW_TRACE_BIT(type) (1u << (type))
#define DW_TRACE_ALL ((1u << DW_TRACE_TYPES) - 1)

/* -------------------------------------------------------------------------- *
 * What a plugin may ask of the simulation
 * -------------------------------------------------------------------------- */

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

struct dw_host {
    uint32_t size;              /* sizeof(dw_host) in the core that filled it in */
    const uint32_t *trace_mask; /* DW_TRACE_BIT of each type that somebody wants */

    /* Time. */
    dw_time (*now)(const dw_node *node);
    void (*timer_set)(dw_timer *timer, dw_time expires_at); /* one that has passed: now */
    void (*timer_cancel)(dw_timer *timer);

    /* Random numbers: a stream derived from (seed, the node's name, purpose), so one plugin's
     * draws never move another's.  The stream lives as long as the simulation. */
    dw_rng *(*random_stream)(dw_node *node, const char *purpose);
    uint64_t (*random)(dw_rng *stream);

    /* Memory of the simulation: zeroed, from pools, freed with it at the latest.  NULL when out of
     * memory: the simulation is over then (see no_memory). */
    void *(*alloc)(dw_node *node, size_t size);
    void (*free)(dw_node *node, void *block, size_t size);

    /* Packets.  new: empty, with headroom for all headers.  NULL when out of memory. */
    dw_packet *(*packet_new)(dw_node *node);
    dw_packet *(*packet_clone)(dw_node *node, const dw_packet *packet);
    void (*packet_free)(dw_node *node, dw_packet *packet);
    /* Discard a packet that arrived, with its reason.  Takes the packet. */
    void (*packet_drop)(dw_node *node, dw_packet *packet, const dw_cause *cause);

    /* Down the stack: a transport hands a packet to the network layer for flow.remote.
     * Takes the packet.  DW_E_UNREACH when there is no route. */
    int (*send_down)(dw_node *node, dw_packet *packet, const dw_flow *flow);
    /* A network layer hands a packet to one of the node's links.  Takes the packet. */
    void (*transmit)(dw_iface *iface, dw_packet *packet);
    /* Up the stack: the network layer hands a packet to the transport of this number.
     * head_start must stand at the transport header.  Takes the packet.  DW_E_NOENT, with
     * the packet freed, when nobody speaks that protocol. */
    int (*deliver_up)(dw_node *node, dw_packet *packet, const dw_flow *flow);

    /* Topology.  route: the interface towards an address, or NULL. */
    dw_iface *(*route)(dw_node *node, const dw_addr *to);
    uint32_t (*iface_mtu)(const dw_iface *iface);
    /* is_local: one of the node's own, or a loopback address. */
    bool (*is_local)(const dw_node *node, const dw_addr *addr);
    dw_addr (*address)(const dw_node *node); /* the node's first address */

    /* Sockets: tell the owner, after the present event has been dealt with. */
    void (*notify)(dw_socket *socket, uint32_t events);
    /* Call plugin.settle for this instance before the clock moves on. */
    void (*settle)(dw_node *node, void *instance, void (*fn)(void *instance));

    /* The trace.  Check *trace_mask first where it is cheap. */
    uint32_t (*conn_new)(dw_node *node, const char *protocol, const dw_flow *flow);
    void (*trace_state)(dw_node *node, uint32_t conn, const char *from, const char *to,
                        const dw_cause *cause);
    void (*trace_variable)(dw_node *node, uint32_t conn, const char *name, int64_t value);
    void (*trace_timer)(dw_node *node, uint32_t conn, enum dw_trace_type what, const char *name,
                        dw_time at, const dw_cause *cause);
    void (*trace_call)(dw_node *node, uint32_t conn, const char *call, int64_t value,
                       const char *detail, const dw_slice *data, size_t count);
    void (*trace_note)(dw_node *node, uint32_t conn, const dw_cause *cause, const char *text);

    /* Tell the script's hooks about a state change, before what it causes is sent. */
    void (*state_hook)(dw_node *node, uint32_t conn, const char *state);
    /* Find a congestion control by name, or NULL. */
    const struct dw_congestion_ops *(*congestion)(dw_node *node, const char *name);

    /* A rule that no implementation may break was broken: the run fails, or goes on with a note in
     * the trace, as the simulation was told (dw_sim_config.checks). */
    void (*violation)(dw_node *node, uint32_t conn, const dw_cause *cause, const char *text);
    /* Whether such rules are checked at all. */
    bool (*checked)(const dw_node *node);
    /* The same protocol's instance on the node with an address, or NULL: for checks only. */
    void *(*peer_instance)(const dw_node *node, const dw_addr *addr, const char *protocol);

    /* An ICMP error, for the transport that sent the packet it quotes. */
    void (*deliver_error)(dw_node *node, const dw_flow *flow, const dw_net_error *error);

    /* Which of the node's addresses to send from: to a loopback address 127.0.0.1 or ::1, to one of
     * its own that one, or else the first of the same family as to. */
    dw_addr (*source)(const dw_node *node, const dw_addr *to);

    /* As trace_variable, of what only a close look wants: DW_TRACE_DETAIL. */
    void (*trace_detail)(dw_node *node, uint32_t conn, const char *name, int64_t value);

    /* Memory that the plugin asked for elsewhere (dw_buf_new, malloc) was not there.  The
     * simulation is over: dw_sim_run returns DW_E_NOMEM after the present event, and nothing more
     * is traced.  So the plugin may drop what it cannot keep, as long as it can still be detached.
     */
    void (*no_memory)(dw_node *node);

    /* Whether the interface is the node's way to itself.  What arrives by any other and bears a
     * loopback address, or one of the node's own as its source, was sent by nobody who may. */
    bool (*iface_is_loopback)(const dw_iface *iface);

    /* Whether the queue of the interface towards an address takes nothing: what is sent there now
     * is dropped before it has left (dw_direction_config.refuses). */
    bool (*refuses)(const dw_node *node, const dw_addr *to);
};

/* -------------------------------------------------------------------------- *
 * What a plugin provides
 * -------------------------------------------------------------------------- */

/* Whether a table that a plugin filled has a member that came later than the first version. */
#define DW_OFFERS(type, table, member)                                                             \
    ((table)->size >= offsetof(type, member) + sizeof(table)->member && (table)->member)

enum dw_layer {
    DW_LAYER_NETWORK = 1,   /* number is an EtherType: 0x0800 */
    DW_LAYER_TRANSPORT = 2, /* number is an IP protocol: 6 */
};

typedef struct dw_protocol_ops {
    uint32_t size;
    uint8_t layer; /* enum dw_layer */
    uint16_t number;

    /* Join a node, and leave it.  A node attaches a protocol when it is first needed. */
    int (*attach)(dw_node *node, const dw_host *host, void **instance);
    void (*detach)(void *instance);
    /* The host lost its memory: forget everything, send nothing. */
    void (*crash)(void *instance);

    /* A packet for this protocol arrived.  Takes the packet.  iface is set for a network
     * layer, flow (seen from this node: local is the destination) for a transport. */
    void (*input)(void *instance, dw_packet *packet, const dw_flow *flow, dw_iface *iface);
    /* Network layers only: send towards flow.remote.  Takes the packet. */
    int (*output)(void *instance, dw_packet *packet, const dw_flow *flow);

    /* Transports that applications use; NULL for others. */
    const dw_socket_ops *sockets;

    /* Tunables.  options_of returns the struct that the table's offsets refer to;
     * option, where given, sees each name first and returns DW_E_NOENT to pass. */
    const dw_option *options;
    void *(*options_of)(void *instance);
    int (*option)(void *instance, const char *name, const char *text, char *why, size_t why_size);

    /* Read a header.  bytes begins at this layer's header; what is understood goes into *out,
     * with out->transport and out->transport_at for the next layer.  Must not read past
     * captured bytes, and sets out->malformed rather than guess. */
    void (*dissect)(const uint8_t *bytes, size_t captured, size_t len, dw_dissection *out);
    /* Change one named field ("seq", "window", "flags", "ttl") of a packet in flight, keeping
     * its checksum right.  DW_E_NOENT when the layer has no such field. */
    int (*rewrite)(dw_packet *packet, const dw_dissection *read, const char *field, int64_t value);
    /* Build a transport header from fields (for injected packets). */
    int (*build)(dw_packet *packet, const dw_dissection *fields);
    /* The names that rewrite knows, NULL-terminated. */
    const char *const *fields;
    /* The states a connection can be in, NULL-terminated, in the specification's order. */
    const char *const *states;
    /* The arrows between them: bit j of arrows[i] stands for i -> j. */
    const uint16_t *arrows;
    /* The network could not carry a packet of this flow. */
    void (*error)(void *instance, const dw_flow *flow, const dw_net_error *error);
    /* Every cause that this protocol gives, `cause_count` of them: for explanations of saved
     * traces. */
    const dw_cause *causes;
    size_t cause_count;
    /* Settings under one name, NULL-terminated, and one of them as a struct that `options` reads.
     */
    const char *const *profiles;
    const void *(*profile)(const char *name);
    /* Faults that can be switched on by the option "defect", ending with an empty name. */
    const struct dw_defect *defects;
    /* What the protocol knows of an address, by name; DW_E_NOENT: it knows nothing so called. */
    int64_t (*query)(void *instance, const char *what, const dw_addr *about);
    /* How many bits each of `fields` has, in their order, so that a value that does not fit is
     * refused before a packet comes.  NULL: 32. */
    const uint8_t *field_bits;
    /* The variables of a connection, by its number in the trace, as dw_socket_ops.info tells them:
     * also of one that its user has closed, or not accepted yet.  DW_E_NOENT once it is gone. */
    int (*connection)(void *instance, uint32_t conn, dw_info_fn each, void *ctx);
    /* Network layers: change the source or destination address of a packet in flight, with the
     * header's own checksum.  DW_E_INVAL: the address is of another family. */
    int (*readdress)(dw_packet *packet, bool source, const dw_addr *to);
    /* Transports whose checksum covers the addresses: where that stands in a packet in flight; NULL
     * when it has none. */
    uint8_t *(*address_checksum)(dw_packet *packet, const dw_dissection *read);
} dw_protocol_ops;

/* A known mistake, to be made on purpose. */
typedef struct dw_defect {
    const char *name;
    const char *rfc;  /* the rule it breaks */
    const char *text; /* what goes wrong then, a sentence without its final stop */
} dw_defect;

/* How slow start looks for the end of the path's capacity. */
enum dw_hystart {
    DW_HYSTART_OFF,
    DW_HYSTART_TRAIN,    /* by trains of ACKs */
    DW_HYSTART_DELAY,    /* by delay */
    DW_HYSTART_CLASSIC,  /* by both, as Linux has it */
    DW_HYSTART_PLUS_PLUS /* RFC 9406 */
};

/* What the transport is doing, in Linux's words. */
enum dw_congestion_state {
    DW_CONGESTION_OPEN,     /* all is well */
    DW_CONGESTION_DISORDER, /* something came out of order, or twice */
    DW_CONGESTION_CWR,      /* the window is being reduced without a loss */
    DW_CONGESTION_RECOVERY, /* fast recovery */
    DW_CONGESTION_LOSS      /* the retransmission timer expired */
};

/* A connection's congestion state, shared between the transport and the algorithm. */
typedef struct dw_congestion {
    uint64_t cwnd;        /* octets */
    uint64_t ssthresh;    /* octets */
    uint64_t initial;     /* the initial window, octets */
    uint64_t pacing_rate; /* octets a second; 0: the transport's own, from cwnd and round trip */
    uint32_t mss;         /* SMSS of RFC 5681, octets */
    uint32_t limit;       /* segments that one ACK may add in slow start (RFC 3465); 0: no bound */
    uint8_t hystart;      /* enum dw_hystart, for algorithms that know it */
    uint8_t state;        /* enum dw_congestion_state */
    uint64_t seed; /* differs between connections, for algorithms that leave things to chance */
    const struct dw_congestion_ops *ops;
    uint64_t *words; /* the algorithm's own: ops->words of them, zero before init */
} dw_congestion;

/* One acknowledgment, as a congestion control sees it. */
typedef struct dw_congestion_ack {
    dw_time now;
    dw_time rtt;        /* the sample it gave, or -1 */
    dw_time min_rtt;    /* the least of the last minutes, or 0 */
    dw_time srtt;       /* smoothed (RFC 6298), or -1 */
    uint64_t acked;     /* octets newly acknowledged */
    uint64_t delivered; /* octets newly delivered: acknowledged or SACKed */
    uint64_t lost;      /* octets newly found lost */
    uint64_t marked;    /* octets that the network marked (ECN) */
    uint64_t flight;    /* octets outstanding before it */
    uint32_t una, nxt;  /* SND.UNA, after it, and SND.NXT */
    bool limited;       /* the window, not the application, held the sender back */
    bool paced;         /* segments are spread over the round trip */
    /* How fast data arrives, by the segment sent last of those that this ACK is about (the
     * delivery rate of draft-ietf-ccwg-bbr section 4.1); interval is 0 when there is no sample. */
    bool rate_limited;        /* the application had nothing to send when that segment left */
    dw_time interval;         /* in which ... */
    uint64_t rate_delivered;  /* ... so many octets were delivered */
    uint64_t rate_lost;       /* ... and so many lost */
    uint64_t prior_delivered; /* octets delivered, of the whole connection, when it was sent */
    uint64_t sent_flight;     /* octets outstanding when it had been sent */
    uint64_t delivered_total; /* octets delivered, of the whole connection */
    uint64_t pipe;            /* octets outstanding now */
} dw_congestion_ack;

/* A segment that is taken for lost, as a congestion control sees it. */
typedef struct dw_congestion_loss {
    dw_time now;
    uint64_t octets;      /* of the segment */
    uint64_t lost;        /* octets lost since it was sent, with it */
    uint64_t sent_flight; /* octets outstanding when it had been sent */
    uint64_t delivered_total;
    bool rate_limited; /* the application had nothing to send when it left */
} dw_congestion_loss;

typedef struct dw_congestion_ops {
    uint32_t size;
    const char *name; /* "reno" */
    void (*init)(dw_congestion *cc);
    /* New data was acknowledged outside loss recovery. */
    void (*on_ack)(dw_congestion *cc, const dw_congestion_ack *ack);
    /* A loss was seen with flight octets outstanding: the new ssthresh. */
    uint64_t (*ssthresh)(dw_congestion *cc, uint64_t flight);
    /* The retransmission timer expired; ssthresh has been set. */
    void (*on_timeout)(dw_congestion *cc);
    /* Optional from here on.  How many words it needs. */
    uint32_t words;
    /* Every ACK that gave a sample, before on_ack, in recovery too. */
    void (*on_sample)(dw_congestion *cc, const dw_congestion_ack *ack);
    /* A reduction turned out superfluous; cwnd and ssthresh have been restored. */
    void (*on_undo)(dw_congestion *cc);
    /* Sending begins again after this long without anything outstanding. */
    void (*on_restart)(dw_congestion *cc, dw_time idle);
    /* An algorithm with this one rules the window itself: it is called for every ACK that
     * delivered or lost something, in every state, and sets cwnd and pacing_rate; on_ack is not
     * called, and recovery does not touch the window.  Its connections always have a scoreboard. */
    void (*control)(dw_congestion *cc, const dw_congestion_ack *ack);
    /* A segment is taken for lost. */
    void (*on_loss)(dw_congestion *cc, const dw_congestion_loss *loss);
    /* cc->state has changed; it was before. */
    void (*on_state)(dw_congestion *cc, enum dw_congestion_state before);
    /* The connection ends, or takes another algorithm. */
    void (*done)(dw_congestion *cc);
    /* With classic ECN, echo exactly which data was marked (RFC 8257 3.2), and take the peer's echo
     * for that, instead of echoing until the sender has heard (RFC 3168 6.1.3). */
    bool exact_echo;
} dw_congestion_ops;

typedef struct dw_plugin {
    uint32_t abi;  /* DW_PLUGIN_ABI */
    uint32_t size; /* sizeof(dw_plugin) */
    const char *name;
    const char *summary;                 /* one line for a list of plugins */
    const dw_protocol_ops *protocol;     /* NULL unless it is one */
    const dw_congestion_ops *congestion; /* NULL unless it is one */
} dw_plugin;

/* A shared object exports this function under this name. */
#define DW_PLUGIN_ENTRY "dw_plugin_entry"
typedef const dw_plugin *(*dw_plugin_entry_fn)(void);

#ifdef __cplusplus
}
#endif
#endif
