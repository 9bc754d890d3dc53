/* The trace: one stream of typed events, of which pictures, captures, files and expectations are
 * views. */
#ifndef DRYWIRE_TRACE_H
#define DRYWIRE_TRACE_H

#include "match.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How sure it is that an event of an imported trace happened. */
enum dw_certainty {
    DW_OBSERVED, /* a simulation did it, or a capture has it */
    DW_CERTAIN,  /* inferred: nothing else explains what was captured */
    DW_LIKELY,   /* inferred: the usual explanation, another one is possible */
    DW_CERTAINTIES
};

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
    DW_TRACE_CALL,    /* an application called */
    DW_TRACE_NOTE,    /* a remark */
    DW_TRACE_DETAIL,  /* as VARIABLE, with dw_sim_config.detail only; not in digests */
    DW_TRACE_UNKNOWN, /* of a packet: nothing shows whether it arrived */
    DW_TRACE_TYPES
};
#define DW_TRACE_BIT(type) (1u << (type))
#define DW_TRACE_ALL ((1u << DW_TRACE_TYPES) - 1)

typedef struct dw_trace_event {
    dw_time at;
    uint64_t packet;       /* packet number, 0: none */
    const dw_cause *cause; /* or NULL */
    uint32_t node;         /* index; UINT32_MAX: none */
    uint32_t link;         /* index; UINT32_MAX: none */
    uint32_t conn;         /* 0: none */
    uint8_t type;          /* enum dw_trace_type */
    uint8_t direction;     /* of the link */
    uint8_t certainty;     /* enum dw_certainty: that it happened, not when */
    union {
        struct { /* SENT, QUEUED, DELIVERED, DROPPED, DUPLICATED, DAMAGED, MARKED, UNKNOWN */
            const uint8_t *head;
            const dw_slice *slices;
            /* QUEUED: packets in front; DUPLICATED: the original; DELIVERED, DROPPED, UNKNOWN of an
             * imported trace: the packet that shows it, 0: none */
            uint64_t other;
            uint32_t payload_len;
            uint16_t head_len;
            uint8_t slice_count;
            uint8_t checksum; /* enum dw_checksum, with start and at as in dw_packet */
            uint8_t checksum_start, checksum_at;
        } packet;
        struct {
            const char *from, *to;
        } state;
        struct {
            const char *name;
            int64_t value;
        } variable;
        struct {
            const char *name;
            dw_time at;
        } timer;
        struct {
            const char *name, *detail;
            int64_t value;
            uint64_t data_hash;
        } call;
        struct {
            const char *text;
        } note;
        struct {
            const char *name;
            dw_addr addr;
        } node;
        struct {
            uint32_t a, b;
            dw_time delay[2];
            uint64_t rate[2];
        } link;
        struct {
            const char *protocol;
            dw_flow flow;
        } conn;
    } u;
} dw_trace_event;

/* The simulation's trace, or NULL if it was made without one. */
DW_API dw_trace *dw_sim_trace(dw_sim *sim);

/* Be called for each event whose type is in mask (DW_TRACE_BIT) as it happens.  The event and
 * what it points to are valid during the call only.  node and conn, where not UINT32_MAX and 0,
 * filter.  Works with config.trace off, too.  DW_OK, DW_E_NOMEM, or DW_E_INVAL without a function
 * or with a bit of no type. */
DW_API int dw_trace_subscribe(dw_sim *sim, uint32_t mask, uint32_t node, uint32_t conn,
                              void (*fn)(const dw_trace_event *event, void *arg), void *arg);

#define DW_TRACE_PACKETS ((uint64_t)1 << 32) /* no packet has a higher number */

/* A trace of something that no simulation did, a capture for instance: make one, add its nodes, a
 * link, connections (DW_TRACE_NODE, _LINK, _CONN) and what happened, in order of time.  Events are
 * copied; their causes are not and must live as long as the trace.  Freed by dw_trace_free.
 *
 * Texts and names in a trace are UTF-8; bytes that are none become U+FFFD when they enter it, so
 * that a saved trace that is loaded again is the same one.
 *
 * Hosts, links and connections are numbered without gaps, from 0, 0 and 1, in the order in which
 * they appear; packets from 1, with gaps where the numbers are those of a file's frames, each
 * beginning with SENT or DUPLICATED.
 *
 * What a capture does not have and its packets show has a certainty.  Its cause says how it is
 * known: a name, and a text that can stand before "in #14", as "sent again" does; u.packet.other is
 * the packet that shows it, a later one mostly.
 *
 * dw_trace_add returns DW_E_INVAL, and adds nothing, for an event that names what is not there yet,
 * lies before the last one, lacks what its type has, has a certainty that is none, or has a number
 * that a file cannot say (a rate above INT64_MAX); DW_E_NOMEM when out of memory. */
DW_API int dw_trace_begin(dw_trace **out);
/* Append a copy of an event. */
DW_API int dw_trace_add(dw_trace *trace, const dw_trace_event *event);
/* Read the headers of a packet, of which `captured` octets are there, with the built-in protocols.
 */
DW_API void dw_dissect_packet(const uint8_t *bytes, size_t captured, size_t len,
                              dw_dissection *out);
/* Those of its flags that do any of this (bits of enum dw_flag_class). */
DW_API uint32_t dw_flags_that(const dw_dissection *d, uint8_t classes);

/* The protocols that a trace's packets are read with: its simulation's, a plugin's included, for as
 * long as that lives; of any other trace the built-in ones, or those that it is given.
 *
 * Lists end with NULL.  One that is given is not copied: release(arg), where there is one, is
 * called when the trace needs it no more.  plugins NULL: the built-in ones. */
DW_API const dw_plugin *const *dw_trace_plugins(const dw_trace *trace);
/* As said above; what a trace was given before is released. */
DW_API void dw_trace_set_plugins(dw_trace *trace, const dw_plugin *const *plugins,
                                 void (*release)(void *arg), void *arg);

/* Whether it keeps its events: not with dw_sim_config.digest_only, when there is nothing in it to
 * look at, and only its digest tells of the run. */
DW_API bool dw_trace_keeps(const dw_trace *trace);
/* Events kept, in order; NULL past the last. */
DW_API size_t dw_trace_count(const dw_trace *trace);
/* The event with an index, from 0; it lives as long as the trace. Only the part of `u` that belongs
 * to its type is there to be read: copy that, not the whole event. */
DW_API const dw_trace_event *dw_trace_at(const dw_trace *trace, size_t index);
DW_API void dw_trace_free(dw_trace *trace); /* one that dw_trace_load made */
/* When it ends: its last event, or later, the clock when its simulation stopped.  States last until
 * then. */
DW_API dw_time dw_trace_end(const dw_trace *trace);

/* Names and numbers in a trace. */
DW_API uint32_t dw_trace_nodes(const dw_trace *trace);
/* The name of a node by its index; "?" where there is none. Lives as long as the trace. */
DW_API const char *dw_trace_node_name(const dw_trace *trace, uint32_t node);
/* The index of the node with a name; -1: none. */
DW_API int32_t dw_trace_node_find(const dw_trace *trace, const char *name);
/* The node that has an address; -1: none. */
DW_API int32_t dw_trace_node_of(const dw_trace *trace, const dw_addr *addr);
/* The same as a node sees it: to each, a loopback address means itself. */
DW_API int32_t dw_trace_node_seen(const dw_trace *trace, uint32_t node, const dw_addr *addr);
/* How many connections there are: they are numbered from 1 to this. */
DW_API uint32_t dw_trace_conns(const dw_trace *trace);
/* The nth connection (from 1) of a node: its number, or 0. */
DW_API uint32_t dw_trace_conn_of(const dw_trace *trace, uint32_t node, uint32_t nth);
/* The event that opened a connection. */
DW_API const dw_trace_event *dw_trace_conn(const dw_trace *trace, uint32_t conn);
/* The node at the other end of a connection, as its own sees it; -1: the trace has none of that
 * address, or no such connection. */
DW_API int32_t dw_trace_conn_peer(const dw_trace *trace, uint32_t conn);

/* What a state of a connection is like, whatever its protocol calls it: an enum dw_state_class of
 * plugin.h, as the trace's protocols have it; DW_STATE_OTHER where they say nothing. */
DW_API int dw_trace_state_class(const dw_trace *trace, uint32_t conn, const char *state);

/* A digest of the canonical form of every event so far (XXH3, 128 bits), as 32 hexadecimal digits.
 * Runs that differ in anything that a trace holds differ in it. */
#define DW_DIGEST_TEXT 33
/* Write it into out. */
DW_API void dw_trace_digest(const dw_trace *trace, char out[DW_DIGEST_TEXT]);

/* The packets of a trace that match (NULL: all), by rising number, which is the order of first
 * transmission or, imported, of the capture.  The caller frees *out. */
DW_API int dw_trace_packets(const dw_trace *trace, const dw_match *match, dw_packet_view **out,
                            size_t *count);

/* "observed", "certain", "likely"; "?" for what is none. */
DW_API const char *dw_certainty_name(enum dw_certainty certainty);
/* What became of a packet: "arrived", "lost", "unknown", or "under way" when the trace ended. */
DW_API const char *dw_view_fate(const dw_packet_view *view);
/* How that is known of a packet of an imported trace, "sent again in #9"; "" where it was observed,
 * or the trace does not say how.  Into buf; returns buf. */
DW_API char *dw_view_shown(const dw_packet_view *view, char *buf, size_t size);

/* Where the sequence numbers that a ladder shows from 0 on begin, for the direction of a packet (or
 * with reverse the other one), as of packet number `packet`.  false: nothing was sent that way. */
DW_API bool dw_trace_isn(dw_trace *trace, const dw_dissection *d, bool reverse, uint64_t packet,
                         uint32_t *isn);

/* Whether an event is one that lists of events leave out unless all are wanted: a variable, a timer
 * that is set or cancelled, a packet that waits in a queue. */
DW_API bool dw_trace_is_minor(const dw_trace_event *event);

/* One line of text an event, as a person would read it.  The caller frees it; NULL: no memory. */
DW_API char *dw_trace_text(const dw_trace *trace);
/* One event as a line, into buf; returns buf. */
DW_API char *dw_trace_event_text(const dw_trace *trace, const dw_trace_event *event, char *buf,
                                 size_t size);

/* One event as a sentence: who did what, why, and by which rule.  Sequence numbers count from where
 * they begin in the trace.  "" for events that need no explanation (variables, calls); returns buf.
 */
DW_API char *dw_trace_explain(dw_trace *trace, const dw_trace_event *event, char *buf, size_t size);

/* JSON lines with a version header and the digest at the end.  Written to a temporary file that
 * is renamed when it is whole.  DW_E_IO with the operating system's words in why. */
DW_API int dw_trace_save(const dw_trace *trace, const char *path, char *why, size_t why_size);
/* A file of that text, in the same way. */
DW_API int dw_file_write(const char *path, const char *text, size_t len, char *why,
                         size_t why_size);
/* Read such a file.  DW_E_IO, or DW_E_FORMAT with the line and what is wrong. */
DW_API int dw_trace_load(const char *path, dw_trace **out, char *why, size_t why_size);
/* Where a capture is made. */
enum dw_capture_point {
    /* As by a sniffer on one host: what two hosts send each other is captured on the one to which
     * more octets of data go, or else on the one that began.  What is lost before it gets there is
     * in no such capture. */
    DW_CAPTURE_AT_RECEIVER,
    DW_CAPTURE_AT_NODE,    /* all that one node sends and receives; a router has packets twice */
    DW_CAPTURE_AT_SENDERS, /* every packet once, as it leaves its sender, lost ones too */
    DW_CAPTURE_POINTS
};

enum dw_link_type {
    DW_LINK_ETHERNET, /* an interface for each end of a link, its address 02:LL:LL:HH:HH:HH: the
                         number of the link, from 0, and that of the host, from 1 */
    DW_LINK_RAW,      /* the packet begins with its IP header; one interface */
    DW_LINK_TYPES
};

enum dw_capture_format {
    DW_CAPTURE_BY_NAME, /* pcap where the name ends in .pcap */
    DW_CAPTURE_PCAPNG,  /* names of hosts and interfaces, comments with causes and state changes */
    DW_CAPTURE_PCAP,    /* packets and times alone */
    DW_CAPTURE_FORMATS
};

/* The date on which a simulation begins where none is given: 2000-01-01T00:00:00Z, in nanoseconds
 * since 1970.  (0 would do for most tools; some take it for "not known".) */
#define DW_CAPTURE_START (946684800 * DW_SECOND)

typedef struct dw_capture_config {
    size_t size; /* DW_INIT(dw_capture_config) */
    enum dw_capture_point point;
    enum dw_capture_format format;
    enum dw_link_type link_type;
    uint32_t node;    /* DW_CAPTURE_AT_NODE: its index */
    bool start_given; /* else DW_CAPTURE_START */
    dw_time start;    /* of the simulation, in nanoseconds since 1970, not negative */
} dw_capture_config;

/* A capture for tcpdump, Wireshark and others, with nanoseconds and true checksums; a function of
 * trace and config alone.  config may be NULL.  DW_E_INVAL for what config cannot ask for, DW_E_IO,
 * DW_E_NOMEM, each with a sentence in why. */
DW_API int dw_trace_capture(const dw_trace *trace, const char *path,
                            const dw_capture_config *config, char *why, size_t why_size);

#ifdef __cplusplus
}
#endif
#endif
