/* Simulations: their clock, hosts, links and faults.
 *
 * A simulation is one value (dw_sim).  It owns everything made from it, and two
 * simulations share nothing: each may run in its own thread.  No function here
 * may be called on one simulation from two threads, except dw_sim_interrupt. */
#ifndef DRYWIRE_SIM_H
#define DRYWIRE_SIM_H

#include "socket.h"
#include "trace.h"

#ifdef __cplusplus
extern "C" {
#endif

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

typedef struct dw_sim_config {
    size_t size;         /* DW_INIT(dw_sim_config) */
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
 * Returns DW_OK, DW_E_NOMEM, or DW_E_INVAL for a config that this version cannot read, a limit
 * below 0, or checks that are none of enum dw_checks.  The caller frees *out (dw_sim_free). */
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
/* Whether it has run out of memory, and so is over. */
DW_API bool dw_sim_out_of_memory(const dw_sim *sim);

/* Limits are answered likewise.  Past max_events, trace_limit or the livelock check a simulation is
 * over: dw_sim_run returns DW_E_LIMIT, after the present event and from then on, and so do calls
 * that make or change hosts and links.  A trace that reaches its limit, in a run or outside of one,
 * ends there.  (config.limit is none of these: time stands still there by itself.)
 *
 * DW_OK while it goes on, else DW_E_NOMEM or DW_E_LIMIT. */
DW_API int dw_sim_over(const dw_sim *sim);

/* Run until nothing is left to do or until the clock reaches until, whichever is first; the
 * clock then stands at until if that is not DW_TIME_NEVER.  until is a time of the clock, not a
 * length: 0 is before everything but the beginning.
 *
 * Returns DW_OK; DW_E_LIMIT when config.limit, config.max_events, config.trace_limit or the
 * livelock check (a million events without the clock moving) ended it, with the reason in
 * dw_sim_message; DW_E_INVAL, and nothing runs, when the clock has passed until; DW_E_NOMEM;
 * DW_E_INTERRUPT; DW_E_BUSY from one of the simulation's own callbacks; or what dw_sim_stop was
 * given. */
DW_API int dw_sim_run(dw_sim *sim, dw_time until);
/* Make dw_sim_run return status after the present event. */
DW_API void dw_sim_stop(dw_sim *sim, int status);
/* The same with DW_E_INTERRUPT, from a signal handler or another thread. */
DW_API void dw_sim_interrupt(dw_sim *sim);

/* The simulated time: nanoseconds since it began. */
DW_API dw_time dw_sim_now(const dw_sim *sim);
/* dw_sim_config.seed. */
DW_API uint64_t dw_sim_seed(const dw_sim *sim);
/* How many events have run. */
DW_API uint64_t dw_sim_events(const dw_sim *sim);
/* How many packets there have been, copies included: the highest number of one. */
DW_API uint64_t dw_sim_packets(const dw_sim *sim);
/* The highest number of a connection so far. */
DW_API uint32_t dw_sim_connections(const dw_sim *sim);
/* Whether nothing is left to happen, but for what a foreign stack does for ever (stack.h). */
DW_API bool dw_sim_idle(const dw_sim *sim);
/* The time of the next event, for who runs a simulation by a clock of its own; DW_TIME_NEVER: none
 * is to come, unless something from outside brings one. */
DW_API dw_time dw_sim_next(const dw_sim *sim);
/* Why the last call on this simulation failed: a sentence, "" if none did. */
DW_API const char *dw_sim_message(const dw_sim *sim);

/* Call fn(arg) at a time (not before now; DW_TIME_NEVER: not at all).  Handy for scripts: events at
 * one instant run in the order of (node, then time of scheduling); node may be NULL, which comes
 * first. */
DW_API int dw_sim_at(dw_sim *sim, dw_node *node, dw_time at, void (*fn)(void *arg), void *arg);
/* A timer (see dw_timer in plugin.h): fires once, at expires_at, or now when that has passed,
 * unless it is set again or cancelled before.  Cancel it before its memory goes. */
DW_API void dw_timer_set(dw_timer *timer, dw_time expires_at);
/* Stop a timer; one that does not run stays so. */
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
/* What is random from now on comes from this seed: what was is kept, what will be is another. */
DW_API void dw_sim_reseed(dw_sim *sim, uint64_t seed);
/* 64 random bits (xoshiro256**). */
DW_API uint64_t dw_rng_next(dw_rng *rng);
/* Uniform in [0, bound), exactly; 0, and no draw, when bound is 0. */
DW_API uint64_t dw_rng_below(dw_rng *rng, uint64_t bound);
/* true with this probability, in parts of DW_RATIO_ONE, exactly. */
DW_API bool dw_rng_chance(dw_rng *rng, dw_ratio probability);

/* Plugins.  dw_plugin_add registers a table that the program contains; dw_plugin_load opens a
 * shared object; a path without a slash is a file of the present directory.  Both look through all
 * of the plugin's tables first: one that is incomplete, too large or wrong is not registered.
 * With a sentence in dw_sim_message: DW_E_NOENT where there is no such file, DW_E_ABI for a file
 * that is no plugin, or one that cannot be loaded, DW_E_EXIST where its name is taken. */
DW_API int dw_plugin_add(dw_sim *sim, const dw_plugin *plugin);
/* The shared object stays loaded as long as the simulation. */
DW_API int dw_plugin_load(dw_sim *sim, const char *path);
/* The registered plugins in order; NULL past the last. */
DW_API const dw_plugin *dw_plugin_at(const dw_sim *sim, size_t index);
/* The plugins that every simulation begins with; NULL past the last. */
DW_API const dw_plugin *dw_plugin_builtin(size_t index);
/* The causes that the core itself gives, beside those of protocols; NULL past the last. */
DW_API const dw_cause *dw_cause_builtin(size_t index);
/* The protocol of one of them, or NULL. */
DW_API const struct dw_protocol_ops *dw_protocol_builtin(const char *name);
/* All that are registered, ending with NULL: until the next one is, or the simulation is freed. */
DW_API const dw_plugin *const *dw_sim_plugins(const dw_sim *sim);

/* An option for a protocol on every host made from now on, as dw_node_option. */
DW_API int dw_sim_option(dw_sim *sim, const char *protocol, const char *name, const char *text);

/* -------------------------------------------------------------------------- *
 * Nodes
 * -------------------------------------------------------------------------- */

/* Make a host.  The name is copied; DW_E_EXIST if taken.  It gets the address 10.0.x.y, counted
 * up from 10.0.0.1 in order of creation, without those that others have.  It forwards packets that
 * are not its own. */
DW_API int dw_node_new(dw_sim *sim, const char *name, dw_node **out);
/* The host with a name, or NULL. */
DW_API dw_node *dw_node_find(const dw_sim *sim, const char *name);
/* The node with an index (order of creation, from 0), or NULL. */
DW_API dw_node *dw_node_at(const dw_sim *sim, uint32_t index);
/* Its name, which lives as long as the simulation. */
DW_API const char *dw_node_name(const dw_node *node);
/* Its place in the order of creation, from 0: how traces name it. */
DW_API uint32_t dw_node_index(const dw_node *node);
/* The simulation that it is part of. */
DW_API dw_sim *dw_node_sim(const dw_node *node);
/* Its first address; set replaces it.  DW_E_EXIST if another node has it, DW_E_INVAL for one that
 * no host can have: unspecified, loopback, multicast, broadcast. */
DW_API dw_addr dw_node_address(const dw_node *node);
/* DW_OK, or one of those with a sentence in dw_sim_message. Connections keep the address that they
 * were opened with. */
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
 * "keepalive_probes", "syn_r2_s", "mss" (0: the link's), "mss_least"; and "newest_state", the
 * state of the connection that was made last, by its place in dw_protocol_ops.states.  DW_E_NOENT
 * for anything else. */
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
/* Takes effect at once; arg is handed back to receive. */
DW_API void dw_node_set_stack(dw_node *node, dw_stack_receive receive, void *arg);
/* Put a packet, from its network header (IPv4 or IPv6) on, on the node's link towards its
 * destination; on the first where none leads there.  The bytes are copied and go out as they are,
 * wrong ones too.  DW_E_INVAL when there are none or too many,
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
    size_t size;  /* DW_INIT(dw_loss_model) */
    uint8_t kind; /* enum dw_loss_kind */
    uint32_t every;
    char pattern[DW_LOSS_PATTERN_SIZE]; /* '.' and 'X', NUL-terminated, not empty */
    dw_ratio to_bad, to_good;           /* change of state, for each packet */
    dw_ratio good_loss, bad_loss;       /* loss in the good and in the bad state */
} dw_loss_model;

/* What one direction of a link does to packets. */
typedef struct dw_direction_config {
    size_t size;              /* DW_INIT(dw_direction_config) */
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
    const dw_loss_model *loss_model; /* in addition to loss; copied; NULL: none */
} dw_direction_config;

/* Create a link between two nodes of the same simulation.
 *
 * The link belongs to the simulation and lives as long as it does; there is
 * no dw_link_free.  there is the direction from a to b, back the one from b to a; they are copied.
 * there NULL: no delay, no limits.  back NULL: as there.  out may be NULL.
 *
 * Returns DW_OK, DW_E_INVAL if the nodes are the same or belong to different
 * simulations or a field is out of range, or DW_E_NOMEM.  On failure *out is left untouched. */
DW_API int dw_link_new(dw_node *a, dw_node *b, const dw_direction_config *there,
                       const dw_direction_config *back, dw_link **out);
/* The link from a node to itself, which carries what it sends to its own addresses, to 127.0.0.0/8
 * and to ::1: no delay, no limits, MTU 65536.  It is made when it is first asked for or first
 * needed; both its ends are the node, and direction 0 is the one in use.  NULL when out of memory.
 */
DW_API dw_link *dw_node_loopback(dw_node *node);
/* The link with an index (order of creation, from 0), or NULL. */
DW_API dw_link *dw_link_at(const dw_sim *sim, uint32_t index);
/* That index: how traces name it. */
DW_API uint32_t dw_link_index(const dw_link *link);
/* Its ends: 0 is a, 1 is b; NULL for any other.  A loopback link has the same node at both. */
DW_API dw_node *dw_link_node(const dw_link *link, int end);
/* A direction (0 from a to b, 1 from b to a) as it is now; out->loss_model is the link's own, until
 * the direction is changed.  All zeroes for any other direction. */
DW_API void dw_link_get(const dw_link *link, int direction, dw_direction_config *out);
/* Change a direction.  Packets under way keep what they set out with, and nothing overtakes.
 * config as for dw_link_new.  DW_OK, or with a sentence in dw_sim_message: DW_E_INVAL for another
 * direction or a field that is out of range, DW_E_NOMEM, DW_E_LIMIT. */
DW_API int dw_link_set(dw_link *link, int direction, const dw_direction_config *config);

typedef struct dw_link_stats {
    uint64_t sent_packets, sent_bytes; /* handed to the link */
    uint64_t delivered_packets, delivered_bytes;
    uint64_t dropped_packets;
    uint32_t queue_packets; /* waiting now */
    uint32_t queue_packets_max;
} dw_link_stats;
/* A direction's counts since the link was made, and its queue now. out is the caller's; all zeroes
 * for a direction that is neither 0 nor 1. */
DW_API void dw_link_stats_get(const dw_link *link, int direction, dw_link_stats *out);

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
    DW_ACTION_REWRITE,   /* set rule.fields, src and dst, and keep checksums right; a note in the
                            trace says where a packet has no such field */
    DW_ACTION_HOLD,      /* until dw_rule_release */
    DW_ACTION_INTERCEPT, /* ask rule.intercept */
};

#define DW_REWRITE_FIELDS 16

/* A fault. */
typedef struct dw_rule_config {
    size_t size;           /* DW_INIT(dw_rule_config) */
    const dw_match *match; /* which packets; copied; NULL: all */
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
     * alone, and not counted. */
    dw_addr src, dst;
    /* ... and what comes back over the link to the new addresses and ports gets the old ones again,
     * as behind a NAT: flows are remembered, and where two would become one, the later one's source
     * port counts on.  Not for dw_node_rule. */
    bool back;
    bool keep_checksum; /* ... but the transport's checksum stays what it was, and so is wrong */
    /* DW_ACTION_REWRITE: whose flags the field "flags" has, as in dw_dissection.  Packets with
     * other flags are left alone, and not counted.  NULL: anybody's. */
    const char *const *flag_names;
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
/* It acts no more; what it holds stays held until it is released. The rule lives on, for its
 * counts. */
DW_API void dw_rule_cancel(dw_rule *rule);
/* Let go of what a hold rule holds, in order, now. */
DW_API void dw_rule_release(dw_rule *rule);
/* The rules of a simulation in order of creation; NULL past the last. */
DW_API dw_rule *dw_rule_at(const dw_sim *sim, size_t index);
/* dw_rule_config.where, "" where there was none; lives as long as the simulation. */
DW_API const char *dw_rule_where(const dw_rule *rule);
/* dw_rule_config.what, "fault" where there was none; likewise. */
DW_API const char *dw_rule_what(const dw_rule *rule);

/* Put a packet on a link, made from fields; it enters direction 0 (at end 0) or 1, at a time that
 * has not passed.  data is copied and may be NULL where len is 0; len is at most 65,399 octets.
 * fields->flags are bits of that protocol's own flags (dw_match_flag_names); fields->flag_names,
 * where given, has to be their list.  Of ICMP, fields->error and fields->quoted say all.
 *
 * DW_OK; DW_E_INVAL without a protocol or fields, for another direction, a time that has passed,
 * flags that the protocol does not have, and a field that does not fit into its place in the
 * header; DW_E_NOENT where nobody can make packets of the protocol, or it has none that says this;
 * DW_E_NOMEM, DW_E_LIMIT.  All with a sentence in dw_sim_message. */
DW_API int dw_link_inject(dw_link *link, int direction, dw_time at, const char *protocol,
                          const dw_dissection *fields, const void *data, size_t len);

#ifdef __cplusplus
}
#endif
#endif
