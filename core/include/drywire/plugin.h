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

#include "fingerprint.h"
#include "packet.h"
#include "socket.h"
#include "trace.h"

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DW_PLUGIN_ABI 3u

typedef struct dw_host dw_host;
typedef struct dw_socket_ops dw_socket_ops;

/* -------------------------------------------------------------------------- *
 * Sockets
 * -------------------------------------------------------------------------- */

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

/* Mix in what the core knows of a socket: what its owner is still to be told. */
static inline void dw_fp_socket(dw_fingerprint *fp, const dw_socket *s)
{
    dw_fp_u64(fp, (uint64_t)s->events << 8 | (uint64_t)s->ready << 3 | (uint64_t)s->listening << 2 |
                      (uint64_t)s->read_shut << 1 | (s->notify != NULL));
    dw_fp_conn(fp, s->conn);
}

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
    /* As set, to a number in the option's unit (see dw_option_set_value), which has been found to
     * be within the option's limits.  NULL: the number is made the text that set reads. */
    int (*set_value)(dw_socket *socket, const char *name, int64_t value, char *why,
                     size_t why_size);
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
/* The same to a number: nanoseconds, octets, a count; 0 or 1 for a flag; the place in the list,
 * from 0, for a choice. */
DW_API int dw_option_set_value(const dw_option *options, void *base, const char *name,
                               int64_t value, char *why, size_t why_size);
/* The number that a text stands for, which is within the option's limits: what dw_option_set_value
 * takes.  Fails as dw_option_set, and leaves *out untouched then. */
DW_API int dw_option_parse(const dw_option *option, const char *text, int64_t *out, char *why,
                           size_t why_size);
/* Write the present value as text. */
DW_API char *dw_option_get(const dw_option *option, const void *base, char *buf, size_t size);

/* -------------------------------------------------------------------------- *
 * What a plugin may ask of the simulation
 * -------------------------------------------------------------------------- */

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

/* What a state of a connection is like, whatever its protocol calls it: how it is drawn, and what
 * is taken for it where nothing was told. */
enum dw_state_class {
    DW_STATE_OTHER,     /* drawn as CLOSING */
    DW_STATE_CLOSED,    /* there is no connection, yet or any more: nothing is drawn */
    DW_STATE_LISTENING, /* it waits for anybody to open one */
    DW_STATE_OPENING,   /* one is being opened */
    DW_STATE_OPEN,
    DW_STATE_CLOSING, /* one of its ends, or both, have finished */
    DW_STATE_WAITING, /* it is over, and kept for what may still arrive */
};

/* What a flag does, whatever its protocol calls it.  A flag may do several of these. */
enum dw_flag_class {
    DW_FLAG_OPENS = 1,  /* the connection; the sequence number is its first */
    DW_FLAG_CLOSES = 2, /* the sender has finished */
    DW_FLAG_RESETS = 4, /* there is no connection any more */
    DW_FLAG_ACKS = 8,   /* the acknowledgment number counts */
    DW_FLAG_MINOR = 16, /* figures leave it out */
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
    /* Build a transport header from fields (for injected packets).  DW_E_INVAL: one of them does
     * not fit; DW_E_NOENT: the protocol has no packet that says this. */
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
    /* What pictures, queries and expectations ask.  Each may be NULL. */
    /* enum dw_state_class of each of `states`, in their order. */
    const uint8_t *state_classes;
    /* The names of the flags: the very list that dissect gives as flag_names.  So they can be asked
     * for before any packet is there. */
    const char *const *flags;
    /* enum dw_flag_class of each of them, in their order. */
    const uint8_t *flag_classes;
    /* What figures write instead of the name of a cause, "2 MSL"; NULL: its name. */
    const char *(*figure_cause)(const char *cause);
    /* What pictures call a segment that was sent for this cause, where its flags do not tell,
     * "keep-alive"; NULL: nothing in particular. */
    const char *(*segment_kind)(const char *cause);
    /* What pictures write for the name of a state or cause, or for such a kind, in another language
     * than English ("zh"); NULL: the same, or what the core says of it. */
    const char *(*word)(const char *language, const char *english);
    /* Mix in all that the instance's future depends on (fingerprint.h).  NULL: it cannot be told,
     * and simulations with this protocol have no fingerprint. */
    void (*fingerprint)(void *instance, dw_fingerprint *into);
    /* Mix in a header of a packet under way, as far as whoever gets it goes by it: not what differs
     * between packets that do the same, such as an identification, a checksum that holds, or an
     * absolute timestamp.  at: where in packet->head it begins.  Returns where it ends; at, with
     * nothing mixed in, when it is not whole or not as it should be.  A network layer sets *next to
     * the transport's number if that header follows.  NULL: headers count as they are. */
    uint8_t (*fingerprint_header)(const dw_packet *packet, uint8_t at, uint8_t *next,
                                  dw_fingerprint *into);
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
    /* The algorithm's own: ops->state_size octets, zero before init, aligned as malloc aligns; NULL
     * where it asks for none.  The transport owns them: they last from init until done. */
    void *private_state;
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
    /* Optional from here on.  The octets of cc->private_state: sizeof a struct of the
     * algorithm's. */
    uint32_t state_size;
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
    /* Mix in cc->private_state and what else the algorithm keeps (fingerprint.h); the rest of cc is
     * the transport's to tell.  NULL: it cannot be told. */
    void (*fingerprint)(const dw_congestion *cc, dw_fingerprint *into);
} dw_congestion_ops;

struct dw_plugin {
    uint32_t abi;  /* DW_PLUGIN_ABI */
    uint32_t size; /* sizeof(dw_plugin) */
    const char *name;
    const char *summary;                 /* one line for a list of plugins */
    const dw_protocol_ops *protocol;     /* NULL unless it is one */
    const dw_congestion_ops *congestion; /* NULL unless it is one */
};

/* A shared object exports this function under this name. */
#define DW_PLUGIN_ENTRY "dw_plugin_entry"
typedef const dw_plugin *(*dw_plugin_entry_fn)(void);

#ifdef __cplusplus
}
#endif
#endif
