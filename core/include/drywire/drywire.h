/* The program interface: build a network, run it, look at what happened.
 *
 * A simulation is one value (dw_sim).  It owns everything made from it, and two
 * simulations share nothing: each may run in its own thread.  No function here
 * may be called on one simulation from two threads, except dw_sim_interrupt.
 *
 * The smallest program:
 *
 *     dw_sim *sim;
 *     dw_node *a, *b;
 *     dw_sim_new(&(dw_sim_config){.seed = 1, .trace = true}, &sim);
 *     dw_node_new(sim, "a", &a);
 *     dw_node_new(sim, "b", &b);
 *     dw_link_new(a, b, &(dw_link_config){.direction = {{.delay_ns = 20 * DW_MILLISECOND},
 *                                                       {.delay_ns = 20 * DW_MILLISECOND}}}, NULL);
 *     ... sockets ...
 *     dw_sim_run(sim, DW_TIME_NEVER);
 *     dw_sim_free(sim);
 */
#ifndef DRYWIRE_DRYWIRE_H
#define DRYWIRE_DRYWIRE_H

#include "base.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dw_link dw_link;
typedef struct dw_trace dw_trace;
typedef struct dw_rule dw_rule;

/* Free text or arrays that a function handed over ("the caller frees it"). */
DW_API void dw_free(void *block);

/* -------------------------------------------------------------------------- *
 * Text in other formats
 * -------------------------------------------------------------------------- */

/* Where a text is to stand.  Hosts, notes, tests and files may be named by any bytes; in each of
 * these places they can neither end the text early nor be taken for anything but text. */
enum dw_syntax {
    DW_IN_UTF8,          /* any text: only what is no UTF-8 is replaced */
    DW_IN_LINE,          /* one line for people: a terminal's, a comment's */
    DW_IN_LINES,         /* several: line ends and tabs stay */
    DW_IN_JSON,          /* between the quotation marks of a JSON string */
    DW_IN_HTML_JSON,     /* likewise, inside a script element */
    DW_IN_XML,           /* an element's text, in HTML too */
    DW_IN_XML_ATTRIBUTE, /* between its quotation marks, either kind */
    DW_IN_TAP,           /* a test's description */
    DW_IN_MERMAID,       /* names and messages of sequence diagrams ... */
    DW_IN_PLANTUML,      /* ... in quotation marks, too ... */
    DW_IN_MSCGEN,        /* ... between quotation marks */
    DW_IN_GNUPLOT,       /* with its quotation marks */
    DW_IN_CSV,           /* a field, with quotation marks where it needs them */
    DW_IN_GITHUB,        /* the message of a workflow command of GitHub's ... */
    DW_IN_GITHUB_PROPERTY,
    DW_IN_SHELL, /* a word, quoted where it needs to be: bash, ksh, zsh, POSIX 2024; sh of before
                    for words without control characters and bad UTF-8 */
    DW_IN_LUA,   /* with its quotation marks */
};

/* Hand `text` (any bytes, `len` of them) to write, in pieces, as it has to stand there.
 *
 * What a format's own reader gets back: everything, for JSON, shell and Lua, XML and its
 * attributes; but bytes that are no UTF-8 (not for shell and Lua) and characters that XML forbids
 * (controls, U+FFFE, U+FFFF) come back as U+FFFD.  Everywhere else control characters, line ends,
 * and what turns the direction of text around are U+FFFD, as is a backslash in mscgen. */
DW_API void dw_escape(enum dw_syntax syntax, const char *text, size_t len,
                      void (*write)(void *arg, const char *bytes, size_t len), void *arg);

/* -------------------------------------------------------------------------- *
 * Simulations
 * -------------------------------------------------------------------------- */

/* What happens when a rule is broken that no implementation may break: an endless exchange of
 * acknowledgments, data that was never sent, a window that shrinks. */
enum dw_checks {
    DW_CHECKS_FAIL, /* dw_sim_run returns DW_E_MISMATCH */
    DW_CHECKS_NOTE, /* a note in the trace, and the run goes on */
    DW_CHECKS_OFF,
};

/* A config, this one and all others in this file, may be zeroed but for what is wanted, and where a
 * function takes a pointer to one it takes NULL for one that is all zeroes: zero is the default of
 * each field. */
typedef struct dw_sim_config {
    uint64_t seed;       /* every random stream is derived from it */
    dw_time limit;       /* a run that is not over by then fails; 0: one hour */
    uint64_t max_events; /* likewise; 0: no limit */
    bool trace;          /* keep the events in memory and compute the digest */
    bool digest_only;    /* with trace: compute the digest, keep nothing */
    bool detail;         /* with trace: sequence numbers and buffers, too; the digest is the same */
    uint64_t trace_limit; /* bytes of memory for the trace, with the payload that it keeps; past it
                             the simulation is over, see dw_sim_over; 0: 2 GiB */
    uint8_t checks;       /* enum dw_checks: what a broken rule of the protocols does */
    /* Told of the rest: hosts, links, connections, events, packets, and payload that no trace
     * keeps. NULL: nobody.  It outlives the simulation and every buffer that was handed to it; its
     * function may call dw_sim_interrupt, and nothing else of the simulation. */
    const dw_account *account;
} dw_sim_config;

/* Make a simulation.  config is copied; NULL: seed 0, no trace.  Built-in protocols are registered.
 * Returns DW_OK or DW_E_NOMEM. */
DW_API int dw_sim_new(const dw_sim_config *config, dw_sim **out);
/* Free a simulation and everything made from it.  NULL is allowed.  Returns DW_OK, or DW_E_BUSY
 * from one of its own callbacks: then nothing is freed. */
DW_API int dw_sim_free(dw_sim *sim);

/* Out of memory has one answer.  Whatever could not get memory returns DW_E_NOMEM (or NULL, where
 * it returns text), never aborts, and leaves nothing half done that could be taken for a result.  A
 * simulation that ran out of it is over: dw_sim_run returns DW_E_NOMEM, after the present event and
 * from then on; its trace ends where memory did, without a gap; it can be looked at and freed. */

/* Say so where the program itself has no memory for what it does in a simulation.  Returns
 * DW_E_NOMEM. */
DW_API int dw_sim_no_memory(dw_sim *sim);
DW_API bool dw_sim_out_of_memory(const dw_sim *sim);

/* Limits are answered likewise.  Past max_events, trace_limit or the livelock check a simulation is
 * over: dw_sim_run returns DW_E_LIMIT, after the present event and from then on, and so do calls
 * that make or change hosts and links.  A trace that reaches its limit, in a run or outside of one,
 * ends there.  (config.limit is none of these: time stands still there by itself.)
 *
 * DW_OK while it goes on, else DW_E_NOMEM or DW_E_LIMIT. */
DW_API int dw_sim_over(const dw_sim *sim);

/* Run until nothing is left to do or until the clock reaches until, whichever is first; the
 * clock then stands at until if that is not DW_TIME_NEVER.
 *
 * Returns DW_OK; DW_E_LIMIT when config.limit, config.max_events, config.trace_limit or the
 * livelock check (a million events without the clock moving) ended it, with the reason in
 * dw_sim_message; DW_E_NOMEM; DW_E_INTERRUPT; DW_E_BUSY from one of the simulation's own callbacks;
 * or what dw_sim_stop was given. */
DW_API int dw_sim_run(dw_sim *sim, dw_time until);
/* Make dw_sim_run return status after the present event. */
DW_API void dw_sim_stop(dw_sim *sim, int status);
/* The same with DW_E_INTERRUPT, from a signal handler or another thread. */
DW_API void dw_sim_interrupt(dw_sim *sim);

DW_API dw_time dw_sim_now(const dw_sim *sim);
DW_API uint64_t dw_sim_seed(const dw_sim *sim);
/* How many events have run. */
DW_API uint64_t dw_sim_events(const dw_sim *sim);
/* Why the last call on this simulation failed: a sentence, "" if none did. */
DW_API const char *dw_sim_message(const dw_sim *sim);

/* Call fn(arg) at a time (not before now; DW_TIME_NEVER: not at all).  Handy for scripts: events at
 * one instant run in the order of (node, then time of scheduling); node may be NULL, which comes
 * first. */
DW_API int dw_sim_at(dw_sim *sim, dw_node *node, dw_time at, void (*fn)(void *arg), void *arg);
/* A timer (see dw_timer in plugin.h): fires once, at expires_at, or now when that has passed,
 * unless it is set again or cancelled before.  Cancel it before its memory goes. */
DW_API void dw_timer_set(dw_timer *timer, dw_time expires_at);
DW_API void dw_timer_cancel(dw_timer *timer);
/* Calls out of callbacks.
 *
 * Everything may be called from a function given to dw_sim_at or dw_sim_after_event, from a timer
 * and from dw_socket_notify, except dw_sim_run and dw_sim_free.  All other callbacks
 * (dw_node_on_state, dw_match.when, dw_rule_config.intercept, dw_trace_subscribe, dw_stack_receive,
 * the functions of a congestion control) are called in the middle of an event, while a protocol or
 * a link is at work. From there
 *
 *  - dw_socket_shutdown, _close, _abort and _set, and dw_node_crash, are done when the event is
 * over: in the order of the calls, before the protocols send what the event gave rise to;
 *  - dw_socket_connect, _open, _listen, _accept, _send* and _recv*, dw_sim_run and dw_sim_free
 * return DW_E_BUSY and do nothing;
 *  - all else (rules, links, hosts, options, timers, injected packets, looking) is done at once.  A
 *    rule that is made acts from the next packet on. */

/* Call fn(arg) where everything may be called: at once if that is here, otherwise in the order of
 * the calls when the present event is over.  DW_E_NOMEM. */
DW_API int dw_sim_defer(dw_sim *sim, void (*fn)(void *arg), void *arg);
/* Whether this is the middle of an event. */
DW_API bool dw_sim_inside(const dw_sim *sim);
/* Call fn(arg) after each event; status other than DW_OK stops the run with it. */
DW_API void dw_sim_after_event(dw_sim *sim, int (*fn)(void *arg), void *arg);

/* A random stream of the program's own: draws from it move nothing else.  Same name, same
 * stream.  NULL when out of memory. */
DW_API dw_rng *dw_sim_random(dw_sim *sim, const char *name);
DW_API uint64_t dw_rng_next(dw_rng *rng);
/* Uniform in [0, bound), exactly; 0, and no draw, when bound is 0. */
DW_API uint64_t dw_rng_below(dw_rng *rng, uint64_t bound);
DW_API bool dw_rng_chance(dw_rng *rng, dw_ratio probability);

/* Plugins.  dw_plugin_add registers a table that the program contains; dw_plugin_load opens a
 * shared object; a path without a slash is a file of the present directory.  Both look through all
 * of the plugin's tables first: one that is incomplete, too large or wrong is not registered.
 * DW_E_ABI, DW_E_NOENT or DW_E_EXIST come with a sentence in dw_sim_message. */
DW_API int dw_plugin_add(dw_sim *sim, const dw_plugin *plugin);
DW_API int dw_plugin_load(dw_sim *sim, const char *path);
/* The registered plugins in order; NULL past the last. */
DW_API const dw_plugin *dw_plugin_at(const dw_sim *sim, size_t index);
/* The plugins that every simulation begins with; NULL past the last. */
DW_API const dw_plugin *dw_plugin_builtin(size_t index);
/* The protocol of one of them, or NULL. */
DW_API const struct dw_protocol_ops *dw_protocol_builtin(const char *name);

/* An option for a protocol on every host made from now on, as dw_node_option. */
DW_API int dw_sim_option(dw_sim *sim, const char *protocol, const char *name, const char *text);

/* -------------------------------------------------------------------------- *
 * Nodes
 * -------------------------------------------------------------------------- */

/* Make a host.  The name is copied; DW_E_EXIST if taken.  It gets the address 10.0.x.y, counted
 * up from 10.0.0.1 in order of creation.  It forwards packets that are not its own. */
DW_API int dw_node_new(dw_sim *sim, const char *name, dw_node **out);
DW_API dw_node *dw_node_find(const dw_sim *sim, const char *name);
/* The node with an index (order of creation, from 0), or NULL. */
DW_API dw_node *dw_node_at(const dw_sim *sim, uint32_t index);
DW_API const char *dw_node_name(const dw_node *node);
DW_API uint32_t dw_node_index(const dw_node *node);
DW_API dw_sim *dw_node_sim(const dw_node *node);
/* Its first address; set replaces it.  DW_E_EXIST if another node has it, DW_E_INVAL for one that
 * no host can have: unspecified, loopback, multicast, broadcast. */
DW_API dw_addr dw_node_address(const dw_node *node);
DW_API int dw_node_set_address(dw_node *node, const dw_addr *addr);
/* One more address.  As dw_node_set_address, and DW_E_LIMIT past four. */
DW_API int dw_node_add_address(dw_node *node, const dw_addr *addr);
/* Set one option of one protocol: dw_node_option(n, "tcp", "delayed_ack", "40ms").
 * Failures have a sentence in dw_sim_message. */
DW_API int dw_node_option(dw_node *node, const char *protocol, const char *name, const char *text);
/* The protocol instance on a node, attached if it was not; NULL if there is no such protocol. */
DW_API void *dw_node_protocol(dw_node *node, const char *protocol);
/* What a protocol of the node knows, by name.  "tcp" knows "fast_open_cookie", the length of the
 * cookie that the server with an address gave (RFC 7413), 0 when there is none; "defects", a bit
 * for each mistake made on purpose, in the order of their list; and what its connections begin
 * with: "receive_buffer", "send_buffer", "keepalive_idle_s", "keepalive_interval_s",
 * "keepalive_probes", "syn_r2_s".  DW_E_NOENT for anything else. */
DW_API int64_t dw_node_query(dw_node *node, const char *protocol, const char *what,
                             const dw_addr *about);
/* The variables of one of the node's connections, by its number in the trace (dw_socket.conn): as
 * dw_socket_info, but from the first SYN until the last of it is gone, whoever has closed it.
 * DW_E_NOENT before and after. */
DW_API int dw_node_connection(dw_node *node, const char *protocol, uint32_t conn, dw_info_fn each,
                              void *ctx);
/* The host loses its memory, as in a power failure, and is up again at once: connections and
 * listeners are gone without a packet.  Their sockets see DW_E_CRASHED.  Returns DW_OK or
 * DW_E_NOMEM. */
DW_API int dw_node_crash(dw_node *node);
/* A hook for each state change on this node, called before the segment it causes is sent. */
DW_API void dw_node_on_state(dw_node *node,
                             void (*fn)(dw_node *node, uint32_t conn, const char *state, void *arg),
                             void *arg);

/* A foreign stack: code that speaks for a node itself, in bytes.
 *
 * Every packet that reaches the node, whole and with true checksums, from its network header on,
 * goes to receive instead of to the node's protocols; bytes are valid during the call only.  The
 * node also gets what is sent to addresses that no host has.  receive NULL: its own protocols
 * again. */
typedef void (*dw_stack_receive)(dw_node *node, const uint8_t *bytes, size_t len, void *arg);
DW_API void dw_node_set_stack(dw_node *node, dw_stack_receive receive, void *arg);
/* Put a packet, from its network header (IPv4 or IPv6) on, on the node's first link.  The bytes are
 * copied and go out as they are, wrong ones too.  DW_E_INVAL when there are none or too many,
 * DW_E_UNREACH without a link. */
DW_API int dw_node_send_raw(dw_node *node, const void *bytes, size_t len);
/* The same; the receiver's device puts segments of gso_size octets together, and hands its TCP this
 * one (generic receive offload).  A protocol that counts segments counts those. */
DW_API int dw_node_send_merged(dw_node *node, const void *bytes, size_t len, uint16_t gso_size);

/* -------------------------------------------------------------------------- *
 * Links
 * -------------------------------------------------------------------------- */

/* Losses that are not independent of one another. */
enum dw_loss_kind {
    DW_LOSS_INDEPENDENT, /* dw_direction_config.loss alone */
    DW_LOSS_EVERY,       /* every nth packet */
    DW_LOSS_PATTERN,     /* "..X..": one character a packet, again from the start; X is lost */
    DW_LOSS_GILBERT,     /* two states (Gilbert 1960, Elliott 1963) */
};

#define DW_LOSS_PATTERN_SIZE 128

typedef struct dw_loss_model {
    uint8_t kind; /* enum dw_loss_kind */
    uint32_t every;
    char pattern[DW_LOSS_PATTERN_SIZE]; /* '.' and 'X', NUL-terminated, not empty */
    dw_ratio to_bad, to_good;           /* change of state, for each packet */
    dw_ratio good_loss, bad_loss;       /* loss in the good and in the bad state */
} dw_loss_model;

typedef struct dw_direction_config {
    dw_time delay_ns;         /* propagation, one way */
    uint64_t rate_bps;        /* 0: infinitely fast */
    uint32_t mtu;             /* bytes with the network header; 0: 1500 */
    uint32_t queue_packets;   /* waiting packets, without the one being sent; 0: no limit */
    uint64_t queue_bytes;     /* likewise in bytes; 0: no limit */
    dw_ratio loss;            /* each packet is lost with this probability */
    dw_ratio duplicate;       /* each packet arrives twice */
    dw_ratio corrupt;         /* one bit of it is flipped */
    dw_ratio reorder;         /* it is held back by reorder_delay_ns */
    dw_time reorder_delay_ns; /* 0: as long as delay_ns, at least 1 ms */
    dw_time jitter_ns;        /* uniform extra delay in [0, jitter_ns]; order is kept */
    bool down;                /* nothing is carried */
    bool refuses;             /* the sender's own queue takes nothing, and the sender knows it */
    dw_loss_model loss_model; /* in addition to loss */
} dw_direction_config;

typedef struct dw_link_config {
    dw_direction_config direction[2]; /* [0] from a to b, [1] from b to a */
} dw_link_config;

/* Create a link between two nodes of the same simulation.
 *
 * The link belongs to the simulation and lives as long as it does; there is
 * no dw_link_free.  config is copied; NULL: no delay, no limits.  out may be NULL.
 *
 * Returns DW_OK, DW_E_INVAL if the nodes are the same or belong to different
 * simulations or a field is out of range, or DW_E_NOMEM.  On failure *out is left untouched. */
DW_API int dw_link_new(dw_node *a, dw_node *b, const dw_link_config *config, dw_link **out);
/* The link from a node to itself, which carries what it sends to its own addresses, to 127.0.0.0/8
 * and to ::1: no delay, no limits, MTU 65536.  It is made when it is first asked for or first
 * needed; both its ends are the node, and direction 0 is the one in use.  NULL when out of memory.
 */
DW_API dw_link *dw_node_loopback(dw_node *node);
DW_API dw_link *dw_link_at(const dw_sim *sim, uint32_t index);
DW_API uint32_t dw_link_index(const dw_link *link);
/* Its ends: 0 is a, 1 is b.  A loopback link has the same node at both. */
DW_API dw_node *dw_link_node(const dw_link *link, int end);
DW_API void dw_link_get(const dw_link *link, int direction, dw_direction_config *out);
/* Change a direction.  Packets under way keep what they set out with, and nothing overtakes.
 * config as for dw_link_new. */
DW_API int dw_link_set(dw_link *link, int direction, const dw_direction_config *config);

typedef struct dw_link_stats {
    uint64_t sent_packets, sent_bytes; /* handed to the link */
    uint64_t delivered_packets, delivered_bytes;
    uint64_t dropped_packets;
    uint32_t queue_packets; /* waiting now */
    uint32_t queue_packets_max;
} dw_link_stats;
DW_API void dw_link_stats_get(const dw_link *link, int direction, dw_link_stats *out);

/* -------------------------------------------------------------------------- *
 * Sockets
 * -------------------------------------------------------------------------- */

/* All are non-blocking; notify is called from the event loop when something happened, with the
 * events of plugin.h.  A socket ends with dw_socket_close or dw_socket_abort; do not use it
 * afterwards.  In the middle of an event not all may be called (see dw_sim_defer).  Errors are
 * DW_E_*.  See dw_socket_ops for what each call does. */
DW_API int dw_socket_connect(dw_node *node, const char *protocol, const dw_flow *flow,
                             dw_socket_notify notify, void *user, dw_socket **out);
/* backlog: complete connections that wait for accept; 0: 128. */
DW_API int dw_socket_listen(dw_node *node, const char *protocol, const dw_flow *flow, int backlog,
                            dw_socket_notify notify, void *user, dw_socket **out);
DW_API int dw_socket_accept(dw_socket *listener, dw_socket_notify notify, void *user,
                            dw_socket **out);
/* Send a copy of bytes.  Returns how many were accepted (0 when the buffer is full), or an error.
 */
DW_API int64_t dw_socket_send(dw_socket *socket, const void *bytes, size_t len);
/* Send len generated bytes (see dw_buf) from offset on, without copying anything. */
DW_API int64_t dw_socket_send_generated(dw_socket *socket, dw_buf *buf, uint64_t offset,
                                        uint64_t len);
/* Receive at most max bytes into bytes.  Returns the length, DW_E_AGAIN, DW_E_CLOSED or an error.
 */
DW_API int64_t dw_socket_recv(dw_socket *socket, void *bytes, size_t max);
/* Receive one slice without copying; the caller gives its reference back (dw_buf_unref). */
DW_API int64_t dw_socket_recv_slice(dw_socket *socket, uint64_t max, dw_slice *out);
/* As connect and send, with more to say: see dw_open and enum dw_send_flag in plugin.h.
 * DW_E_INVAL where the transport knows nothing of the kind. */
DW_API int dw_socket_open(dw_node *node, const char *protocol, const dw_open *how,
                          dw_socket_notify notify, void *user, dw_socket **out);
/* As dw_socket_recv, but what was read stays there to be read again. */
DW_API int64_t dw_socket_peek(const dw_socket *socket, void *bytes, size_t max);
DW_API int64_t dw_socket_send_flagged(dw_socket *socket, const void *bytes, size_t len,
                                      uint32_t flags);
/* The same with a part of a buffer, which is not copied: what was accepted has its own reference.
 */
DW_API int64_t dw_socket_send_buf(dw_socket *socket, dw_buf *buf, uint64_t offset, uint64_t len,
                                  uint32_t flags);
/* Set an option of one connection; the names are in docs/LUA_API.md.  DW_E_NOENT for an unknown
 * name, DW_E_FORMAT or DW_E_INVAL, with a sentence in why. */
DW_API int dw_socket_set(dw_socket *socket, const char *name, const char *text, char *why,
                         size_t why_size);
/* No more to send: DW_SHUT_WR. */
DW_API int dw_socket_shutdown(dw_socket *socket);
/* DW_SHUT_WR, as above; DW_SHUT_RD: what was received before is still read, and then there is the
 * end of the stream instead of DW_E_AGAIN, at once for a reader who waits; or both.  Ending the
 * reading is not told to the peer, which may go on sending.  DW_OK, DW_E_INVAL when how is none of
 * these, DW_E_CLOSING when there was no more to send already, DW_E_NOTCONN, DW_E_NOMEM. */
DW_API int dw_socket_shutdown_how(dw_socket *socket, enum dw_shut how);
/* The end of a socket; DW_OK or DW_E_NOMEM. */
DW_API int dw_socket_close(dw_socket *socket);
DW_API int dw_socket_abort(dw_socket *socket);
DW_API int dw_socket_error(const dw_socket *socket);
DW_API const char *dw_socket_state(const dw_socket *socket);
DW_API void dw_socket_info(const dw_socket *socket, dw_info_fn each, void *ctx);
/* One of these values by its name; false, and *out is left untouched, when there is none. */
DW_API bool dw_socket_value(const dw_socket *socket, const char *name, int64_t *out);
/* Change whom to tell. */
DW_API void dw_socket_set_notify(dw_socket *socket, dw_socket_notify notify, void *user);

/* -------------------------------------------------------------------------- *
 * Matching packets
 * -------------------------------------------------------------------------- */

/* A packet as filters, faults and queries see it. */
typedef struct dw_packet_view {
    uint64_t number;    /* on the ladder: order of first transmission, from 1 */
    dw_time sent_at;    /* when its sender handed it to the link */
    dw_time arrived_at; /* when it reached its destination; -1 if it has not (yet) */
    dw_time lost_at;    /* when it was dropped, -1 if it was not */
    int32_t from, to;   /* node indices by the packet's addresses, -1: unknown */
    int32_t sender;     /* the node that put it on a link first */
    uint32_t conn;      /* the sender's connection, 0: none */
    uint64_t copy_of;   /* the packet this is a duplicate of, 0: none */
    bool damaged;       /* it was changed on the way; why: damage_cause */
    bool congested;     /* ... so that its header says Congestion Experienced (RFC 3168 5) */
    const dw_cause *damage_cause;
    const dw_cause *cause;      /* why it was sent */
    const dw_cause *drop_cause; /* why it was dropped */
    dw_dissection d;
    const uint8_t *head; /* header bytes */
    uint32_t head_len;
    const dw_slice *slices; /* payload; NULL where it was not kept */
    uint32_t slice_count;
    const uint8_t *changed_head; /* header bytes after the last change on the way, or NULL */
    uint32_t changed_head_len;
} dw_packet_view;

#define DW_MATCH_NTH 16

/* Which packets are meant.  Each field that is not zero leaves fewer; a zeroed dw_match, or NULL
 * instead of one, means all of them. */
typedef struct dw_match {
    bool from_given, to_given; /* a node's index may be 0, so these say whether it is asked for */
    uint32_t from, to;
    uint32_t flags;                /* all of these bits are set ... */
    const char *const *flag_names; /* whose flags they are, as in dw_dissection; NULL: anybody's */
    bool flags_given;
    bool flags_exact; /* ... and no others */
    int8_t has_data;  /* 1: only with data, -1: only without, 0: either */
    bool len_given, seq_given;
    uint32_t len_min, len_max;
    uint32_t seq_min, seq_max;  /* absolute, modulo 2^32 */
    uint16_t port, to_port;     /* source and destination port, 0: any */
    dw_time after, before;      /* sent in [after, before); before 0: no end */
    uint64_t packet;            /* number on the ladder, 0: any */
    uint32_t conn;              /* 0: any */
    uint32_t nth[DW_MATCH_NTH]; /* only these among the matching ones, from 1 */
    uint32_t nth_count;         /* 0: all */
    uint64_t count;             /* at most this many, 0: all */
    bool (*when)(const dw_packet_view *view, void *arg); /* asked last; NULL: none */
    void *when_arg;
} dw_match;

/* Zero it: any packet. */
DW_API void dw_match_any(dw_match *match);
/* Parse "SYN", "SYN,ACK" (contains) or "=SYN" (exactly; "=" alone: none) into a match.
 * DW_E_FORMAT with a sentence in why. */
DW_API int dw_match_flags(dw_match *match, const char *text, char *why, size_t why_size);

/* -------------------------------------------------------------------------- *
 * Faults
 * -------------------------------------------------------------------------- */

enum dw_action {
    DW_ACTION_PASS,
    DW_ACTION_DROP,
    DW_ACTION_DELAY,     /* by rule.by */
    DW_ACTION_DUPLICATE, /* the copy follows after rule.by */
    DW_ACTION_REORDER,   /* rule.behind packets of the same direction overtake it */
    DW_ACTION_CORRUPT,   /* flip a bit: anywhere behind the network header, or in rule.byte */
    DW_ACTION_REWRITE,   /* set rule.fields, src and dst, and keep checksums right */
    DW_ACTION_HOLD,      /* until dw_rule_release */
    DW_ACTION_INTERCEPT, /* ask rule.intercept */
};

#define DW_REWRITE_FIELDS 16

typedef struct dw_rule_config {
    dw_match match;
    enum dw_action action;
    dw_time by;
    uint32_t behind; /* DW_ACTION_REORDER: 0 is 1 */
    bool byte_given;
    uint32_t byte; /* DW_ACTION_CORRUPT: in which octet of the data, from 0 */
    struct {
        char name[24];
        int64_t value;
    } fields[DW_REWRITE_FIELDS];
    uint32_t field_count;
    /* Returns the action; may set *by for DW_ACTION_DELAY. */
    enum dw_action (*intercept)(const dw_packet_view *view, dw_time *by, void *arg);
    void *intercept_arg;
    const char *where; /* "script.lua:7", kept for reports; copied; may be NULL */
    const char *what;  /* "link:drop", likewise */
    /* DW_ACTION_REWRITE: new addresses; family 0: they stay.  A packet of the other family is left
     * alone. */
    dw_addr src, dst;
    /* ... and what comes back over the link to the new addresses and ports gets the old ones again,
     * as behind a NAT: flows are remembered, and where two would become one, the later one's source
     * port counts on.  Not for dw_node_rule. */
    bool back;
    bool keep_checksum; /* ... but the transport's checksum stays what it was, and so is wrong */
} dw_rule_config;

/* A fault on a link: it sees every packet that enters the link, in either direction.  config is
 * copied; NULL or zeroed: all packets pass, and are counted.  out may be NULL.  Returns DW_OK,
 * DW_E_NOMEM, or DW_E_INVAL or DW_E_NOENT with a sentence in dw_sim_message when it cannot be done:
 * an intercept without a function, a field that no protocol has, a value that is wider than its
 * field, addresses that no single host can have. */
DW_API int dw_link_rule(dw_link *link, const dw_rule_config *config, dw_rule **out);
/* A fault on a host: it sees every packet that the host sends, over whichever link. */
DW_API int dw_node_rule(dw_node *node, const dw_rule_config *config, dw_rule **out);
/* How often it acted. */
DW_API uint64_t dw_rule_hits(const dw_rule *rule);
/* How many packets it holds. */
DW_API uint64_t dw_rule_held(const dw_rule *rule);
DW_API void dw_rule_cancel(dw_rule *rule);
/* Let go of what a hold rule holds, in order, now. */
DW_API void dw_rule_release(dw_rule *rule);
/* The rules of a simulation in order of creation; NULL past the last. */
DW_API dw_rule *dw_rule_at(const dw_sim *sim, size_t index);
DW_API const char *dw_rule_where(const dw_rule *rule);
DW_API const char *dw_rule_what(const dw_rule *rule);

/* Put a packet on a link, made from fields; it enters at the node that owns fields->src, or at
 * end 0.  data may be NULL.  flags as in dw_match_flags without "=".  DW_E_INVAL without a protocol
 * or fields, and for a field that does not fit into its place in the header. */
DW_API int dw_link_inject(dw_link *link, int direction, dw_time at, const char *protocol,
                          const dw_dissection *fields, const void *data, size_t len);

/* -------------------------------------------------------------------------- *
 * The trace
 * -------------------------------------------------------------------------- */

typedef struct dw_trace_event {
    dw_time at;
    uint64_t packet;       /* packet number, 0: none */
    const dw_cause *cause; /* or NULL */
    uint32_t node;         /* index; UINT32_MAX: none */
    uint32_t link;         /* index; UINT32_MAX: none */
    uint32_t conn;         /* 0: none */
    uint8_t type;          /* enum dw_trace_type */
    uint8_t direction;     /* of the link */
    union {
        struct { /* SENT, QUEUED, DELIVERED, DROPPED, DUPLICATED, DAMAGED, MARKED */
            const uint8_t *head;
            const dw_slice *slices;
            uint64_t other; /* QUEUED: packets in front; DUPLICATED: the original */
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
 * filter.  Works with config.trace off, too. */
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
 * they appear; packets, without gaps too, from 1, each beginning with SENT or DUPLICATED.
 * dw_trace_add returns DW_E_INVAL, and adds nothing, for an event that names what is not there yet,
 * lies before the last one, lacks what its type has, or has a number that a file cannot say (a rate
 * above INT64_MAX); DW_E_NOMEM when out of memory. */
DW_API int dw_trace_begin(dw_trace **out);
DW_API int dw_trace_add(dw_trace *trace, const dw_trace_event *event);
/* Read the headers of a packet, of which `captured` octets are there, with the built-in protocols.
 */
DW_API void dw_dissect_packet(const uint8_t *bytes, size_t captured, size_t len,
                              dw_dissection *out);

/* Events kept, in order; NULL past the last. */
DW_API size_t dw_trace_count(const dw_trace *trace);
DW_API const dw_trace_event *dw_trace_at(const dw_trace *trace, size_t index);
DW_API void dw_trace_free(dw_trace *trace); /* one that dw_trace_load made */

/* Names and numbers in a trace. */
DW_API uint32_t dw_trace_nodes(const dw_trace *trace);
DW_API const char *dw_trace_node_name(const dw_trace *trace, uint32_t node);
DW_API int32_t dw_trace_node_find(const dw_trace *trace, const char *name);
/* The node that has an address; -1: none. */
DW_API int32_t dw_trace_node_of(const dw_trace *trace, const dw_addr *addr);
/* The same as a node sees it: to each, a loopback address means itself. */
DW_API int32_t dw_trace_node_seen(const dw_trace *trace, uint32_t node, const dw_addr *addr);
DW_API uint32_t dw_trace_conns(const dw_trace *trace);
/* The nth connection (from 1) of a node: its number, or 0. */
DW_API uint32_t dw_trace_conn_of(const dw_trace *trace, uint32_t node, uint32_t nth);
/* The event that opened a connection. */
DW_API const dw_trace_event *dw_trace_conn(const dw_trace *trace, uint32_t conn);

/* A digest of the canonical form of every event so far (XXH3, 128 bits), as 32 hexadecimal digits.
 * Runs that differ in anything that a trace holds differ in it. */
#define DW_DIGEST_TEXT 33
DW_API void dw_trace_digest(const dw_trace *trace, char out[DW_DIGEST_TEXT]);

/* The packets of a trace that match (NULL: all), in order of first transmission.  The caller frees
 * *out. */
DW_API int dw_trace_packets(const dw_trace *trace, const dw_match *match, dw_packet_view **out,
                            size_t *count);

/* Where the sequence numbers that a ladder shows from 0 on begin, for the direction of a packet (or
 * with reverse the other one), as of packet number `packet`.  false: nothing was sent that way. */
DW_API bool dw_trace_isn(dw_trace *trace, const dw_dissection *d, bool reverse, uint64_t packet,
                         uint32_t *isn);

/* One line of text an event, as a person would read it.  The caller frees it; NULL: no memory. */
DW_API char *dw_trace_text(const dw_trace *trace);
/* One event as a line, into buf; returns buf. */
DW_API char *dw_trace_event_text(const dw_trace *trace, const dw_trace_event *event, char *buf,
                                 size_t size);

/* One event as a sentence: who did what, why, and by which rule.  "" for events that need no
 * explanation (variables, calls); returns buf. */
DW_API char *dw_trace_explain(const dw_trace *trace, const dw_trace_event *event, char *buf,
                              size_t size);

/* JSON lines with a version header and the digest at the end.  Written to a temporary file that
 * is renamed when it is whole.  DW_E_IO with the operating system's words in why. */
DW_API int dw_trace_save(const dw_trace *trace, const char *path, char *why, size_t why_size);
/* A file of that text, in the same way. */
DW_API int dw_file_write(const char *path, const char *text, size_t len, char *why,
                         size_t why_size);
/* Read such a file.  DW_E_IO, or DW_E_FORMAT with the line and what is wrong. */
DW_API int dw_trace_load(const char *path, dw_trace **out, char *why, size_t why_size);
/* A capture for Wireshark: pcapng, nanoseconds, one interface for each end of a link, comments
 * with causes and state changes, true checksums.  node -1: every packet once, as it leaves its
 * sender, lost ones too; a node's index: what a capture on that host sees. */
DW_API int dw_trace_pcapng(const dw_trace *trace, const char *path, int32_t node, char *why,
                           size_t why_size);

/* -------------------------------------------------------------------------- *
 * Ladders
 * -------------------------------------------------------------------------- */

enum dw_ladder_style {
    DW_LADDER_UNICODE,
    DW_LADDER_ASCII,
    DW_LADDER_RFC,     /* the layout of RFC 9293's figures */
    DW_LADDER_MERMAID, /* a sequenceDiagram */
    DW_LADDER_PLANTUML,
    DW_LADDER_MSCGEN,
};

enum dw_ladder_numbers {
    DW_NUMBERS_RELATIVE, /* each side counts from its first sequence number; the rfc style
                            prints absolute ones instead */
    DW_NUMBERS_ABSOLUTE,
    DW_NUMBERS_SYMBOLIC, /* seq=x, ack=y+1 */
};

typedef struct dw_ladder_config {
    enum dw_ladder_style style;
    enum dw_ladder_numbers numbers;
    uint32_t width;                  /* columns; 0: 100, at least 60 */
    bool left_given, right_given;    /* else they are the ends of the first connection */
    uint32_t left, right;            /* node indices */
    uint64_t from_packet, to_packet; /* only these numbers; 0: all */
    uint64_t mark_packet;            /* draw attention to this one, 0: none */
    bool color;                      /* ANSI colours */
    bool calls;                      /* show application calls */
} dw_ladder_config;

/* Draw the exchange between two hosts.  config may be NULL.  The caller frees it; NULL when out of
 * memory. */
DW_API char *dw_ladder(const dw_trace *trace, const dw_ladder_config *config);

typedef struct dw_svg_config {
    enum dw_ladder_numbers numbers;
    uint32_t conn;                   /* only this connection and its peer's; 0: all */
    uint64_t from_packet, to_packet; /* only these numbers; 0: all */
    bool calls;                      /* show application calls */
    const char *title;               /* NULL: the hosts' names */
} dw_svg_config;

/* The exchange as a picture for print and pages (SVG 1.1, self-contained, light and dark): a column
 * for each host, arrows whose ends are the true times, state bars, a time axis to scale with marked
 * breaks.  config may be NULL.  The caller frees it; NULL when out of memory. */
DW_API char *dw_svg(const dw_trace *trace, const dw_svg_config *config);

typedef struct dw_html_config {
    const char *title; /* NULL: the hosts' names */
} dw_html_config;

/* The player: a page that shows the trace at every moment, on which one steps, plays and searches:
 * both ends' variables (all of them with dw_sim_config.detail), what is on the wire, each segment's
 * bytes, plots.  It is one file and loads nothing.  config may be NULL.  The caller frees it; NULL
 * when out of memory. */
DW_API char *dw_html(const dw_trace *trace, const dw_html_config *config);

/* -------------------------------------------------------------------------- *
 * Expectations
 * -------------------------------------------------------------------------- */

/* Each looks at the finished trace.  DW_OK when it holds; DW_E_MISMATCH with a report that the
 * caller frees; DW_E_FORMAT or DW_E_NOENT, also with a report, when the question is wrong. */

/* A connection went through exactly these states: "CLOSED -> SYN-SENT -> ESTABLISHED"
 * (SYN_SENT and plain spaces are accepted). */
DW_API int dw_expect_states(const dw_trace *trace, uint32_t conn, const char *states,
                            char **report);
/* It reached a state, no later than within after it was made and by in the simulation
 * (DW_TIME_NEVER: no bound). */
DW_API int dw_expect_reaches(const dw_trace *trace, uint32_t conn, const char *state,
                             dw_time within, dw_time by, char **report);
/* It was in a state for at least this long without a break. */
DW_API int dw_expect_stays(const dw_trace *trace, uint32_t conn, const char *state, dw_time lasting,
                           char **report);
DW_API int dw_expect_never_state(const dw_trace *trace, uint32_t conn, const char *state,
                                 char **report);
/* Exactly count packets match (NULL: any packet). */
DW_API int dw_expect_packets(const dw_trace *trace, const dw_match *match, uint64_t count,
                             char **report);
/* The exchange between two nodes is this figure, in the notation of RFC 9293 section 3.5. */
DW_API int dw_expect_figure(const dw_trace *trace, const char *figure, int32_t left, int32_t right,
                            char **report);
/* Two traces say the same; the report shows the first difference in two columns. */
DW_API int dw_trace_diff(const dw_trace *a, const dw_trace *b, uint32_t width, char **report);

#ifdef __cplusplus
}
#endif
#endif
