/* What the core's files know of each other.  Nothing outside core/ includes this. */
#ifndef DW_INTERNAL_H
#define DW_INTERNAL_H

#include "drywire/drywire.h"
#include "evq.h"
#include "base/pool.h"
#include "base/rng.h"
#include "base/text.h"

#include <stdatomic.h>

/* Rules in order of creation; the items move when one is added. */
typedef struct dw_rule_list {
    dw_rule **items;
    uint32_t count;
} dw_rule_list;

/* A packet under way in a link direction. */
typedef struct dw_transit {
    dw_packet *packet;
    dw_time start; /* transmission begins: until then it waits in the queue */
    dw_time arrival;
    uint64_t order;
} dw_transit;

/* One direction of a link.  Packets under way stand in a ring by rising arrival time, and only
 * the first of them has an entry in the event queue. */
typedef struct dw_direction {
    dw_link *link;
    dw_iface *from, *to;
    dw_direction_config config;
    dw_transit *ring;
    uint32_t capacity;   /* a power of two, or 0 */
    uint32_t head, tail; /* free-running; tail - head packets are under way */
    uint32_t waiting;    /* the first that has not begun transmission; head <= waiting <= tail */
    uint64_t waiting_bytes;
    dw_time busy_until;
    dw_time last_arrival;
    uint64_t remainder;                   /* of the division by rate, carried to the next packet */
    uint32_t cached_len;                  /* a packet of this length ... */
    uint64_t cached_ns, cached_remainder; /* ... takes this long */
    dw_rule_list rules;
    dw_rng *random; /* made when first needed */
    dw_link_stats stats;
    uint8_t index;
    bool bad;               /* the state of DW_LOSS_GILBERT */
    uint32_t loss_position; /* packets seen by the loss model */
    bool scheduled;         /* the head has its queue entry */
} dw_direction;

/* A packet with an event of its own: delayed by a fault, reordered, or about to be injected. */
typedef struct dw_loose {
    dw_direction *direction;
    dw_packet *packet;
    struct dw_loose *next, **previous;
    bool transmit; /* at its time it enters the link; otherwise it arrives */
} dw_loose;

struct dw_iface {
    dw_node *node;
    dw_direction *out;
    uint32_t index; /* among the node's */
};

struct dw_link {
    dw_sim *sim;
    uint32_t index;
    dw_iface end[2];
    dw_direction direction[2];
};

typedef struct dw_attached {
    const dw_protocol_ops *ops;
    const dw_plugin *plugin;
    void *instance;
} dw_attached;

enum { DW_NODE_PROTOCOLS = 12, DW_NODE_MORE_ADDRESSES = 4 };

struct dw_node {
    dw_sim *sim;
    char *name;
    uint32_t index;
    uint64_t order; /* next event key: (index + 1) << 40 | counter */
    dw_addr addr;
    dw_addr more_addrs[DW_NODE_MORE_ADDRESSES];
    uint32_t more_count;
    dw_attached attached[DW_NODE_PROTOCOLS];
    uint32_t attached_count;
    dw_iface **ifaces;
    uint32_t iface_count;
    dw_link *loopback;   /* NULL until it is needed; no interface of the list leads there */
    dw_iface **next_hop; /* by node index; NULL until computed */
    uint32_t next_hop_version;
    dw_addr route_addr;    /* the last route looked up ... */
    dw_iface *route_iface; /* ... and its answer */
    uint32_t route_version;
    dw_rule_list rules;
    uint32_t conn_count;
    void (*on_state)(dw_node *node, uint32_t conn, const char *state, void *arg);
    void *on_state_arg;
    dw_stack_receive foreign;
    void *foreign_arg;
};

typedef struct dw_endpoint {
    dw_addr addr;
    uint16_t port;
} dw_endpoint;

/* A flow as a rule with `back` has seen it, and what it made of that. */
typedef struct dw_translation {
    dw_endpoint src, dst, new_src, new_dst;
} dw_translation;

struct dw_rule {
    dw_rule_config config;
    dw_translation *translations; /* in order of appearance */
    uint32_t translation_count;
    dw_sim *sim;
    char *where, *what;
    uint64_t matched; /* for nth */
    uint64_t hits;
    bool cancelled;
    struct dw_held {
        dw_packet *packet;
        dw_direction *direction;
        uint32_t behind;
        dw_rule *rule;
        bool gone;
    } * held;
    uint32_t held_count, held_capacity;
};

typedef struct dw_subscriber {
    uint32_t mask, node, conn;
    void (*fn)(const dw_trace_event *event, void *arg);
    void *arg;
} dw_subscriber;

typedef struct dw_settle {
    void *instance;
    void (*fn)(void *instance);
} dw_settle;

/* A call that waits until the event is over. */
typedef struct dw_deferred {
    void (*fn)(void *arg); /* NULL: forgotten */
    void *arg;
    const dw_socket *socket; /* forgotten with it; or NULL */
    void *owned;             /* freed afterwards; or NULL */
} dw_deferred;

typedef struct dw_stream {
    struct dw_stream *next;
    char *name;
    dw_rng rng;
} dw_stream;

typedef struct dw_default_option {
    char *protocol, *name, *text;
} dw_default_option;

enum { DW_POOL_CLASSES = 20, DW_POOL_STEP = 64 };

/* host_index.c.  A place in a table: a host's index + 1, or 0 where there is none. */
typedef struct dw_host_slot {
    uint32_t node;
    dw_addr addr; /* by address */
} dw_host_slot;

typedef struct dw_host_index {
    dw_host_slot *slots;
    uint32_t size, used; /* size: 0, or a power of two */
} dw_host_index;

struct dw_sim {
    dw_evq queue;
    dw_time now;
    uint64_t events;
    uint64_t order; /* the simulation's own events: node 0's place is before every node */
    dw_sim_config config;
    dw_host host;
    uint32_t trace_mask;
    dw_trace *trace;
    dw_subscriber *subscribers;
    uint32_t subscriber_count;
    dw_node **nodes;
    uint32_t node_count;
    dw_host_index names, addresses;
    dw_link **links;
    uint32_t link_count;
    uint32_t refusing; /* directions that take nothing */
    uint32_t topology; /* version, for cached routes */
    uint64_t packet_count;
    uint32_t conn_count;
    const dw_plugin **plugins;
    uint32_t plugin_count;
    void **libraries; /* loaded shared objects, see shared_object.c */
    uint32_t library_count;
    dw_default_option *defaults;
    uint32_t default_count;
    dw_rule_list rules;
    dw_stream *streams;
    dw_loose *loose;
    dw_socket *ready_first, *ready_last;
    dw_settle *settling;
    uint32_t settle_count, settle_capacity;
    uint32_t inside;     /* how deep protocols and links are at work; see defer.c */
    uint32_t delivering; /* transports that a packet is handed up to, one by the other */
    dw_deferred *deferred;
    uint32_t deferred_count, deferred_capacity;
    dw_pool packets;
    dw_pool blocks[DW_POOL_CLASSES];
    uint64_t held; /* octets that dw_sim_hold counted */
    int (*after_event)(void *arg);
    void *after_event_arg;
    int stop_status;
    bool stopped, running;
    bool out_of_memory;    /* for good: see dw_sim_no_memory */
    bool trace_full;       /* likewise: see dw_sim_trace_full */
    uint64_t same_instant; /* events since the clock moved, in whatever run */
    dw_rng no_stream;      /* what is drawn from when there is no memory for a stream */
    atomic_bool interrupted;
    char message[1024];
    char limit_message[1024]; /* why it is over; "": it is not */
};

/* sim.c */
int dw_sim_refuse(dw_sim *sim); /* dw_sim_over, with its message */
/* The trace has outgrown its limit: it ends here, and the simulation after the present event. */
void dw_sim_trace_full(dw_sim *sim);
int dw_sim_fail(dw_sim *sim, int error, const char *format, ...) DW_PRINTF(3, 4);
/* NULL when there was no memory.  dw_sim_no_memory has then been told, as by everybody who cannot
 * get memory for a simulation; the caller drops what it cannot keep and goes on in any way that is
 * safe.
 */
dw_event *dw_sim_schedule(dw_sim *sim, dw_node *node, dw_time at, dw_event_fn fn, void *arg);
uint64_t dw_sim_next_order(dw_sim *sim, dw_node *node);
void dw_sim_settle(dw_sim *sim);              /* run what settle() and notify() asked for */
void *dw_sim_alloc(dw_sim *sim, size_t size); /* NULL as dw_sim_schedule's */
void dw_sim_hold(dw_sim *sim, size_t size);   /* memory that is freed with the simulation */
void dw_sim_block_free(dw_sim *sim, void *block, size_t size);
/* Never NULL: without memory, numbers that nobody will see. */
dw_rng *dw_sim_stream(dw_sim *sim, const char *object, const char *purpose);
char *dw_copy_text(const char *text); /* malloc'ed; NULL stays NULL */

/* defer.c */
/* As dw_sim_defer, but always later; forgotten when the socket is freed.  Takes owned, which is
 * freed after the call, unless it fails. */
int dw_socket_defer(dw_socket *socket, void (*fn)(void *arg), void *arg, void *owned);
void dw_deferred_run(dw_sim *sim);
void dw_deferred_forget(dw_sim *sim, const dw_socket *socket);
void dw_deferred_free(dw_sim *sim);

/* timer.c: dw_host.timer_set */
void dw_protocol_timer_set(dw_timer *timer, dw_time expires_at);

static inline void dw_account_change(const dw_account *account, int64_t octets)
{
    if (account) account->change(account->arg, octets);
}

/* packet.c */
/* A buffer counts from when a simulation first has it until it is freed or a trace keeps it. */
void dw_buf_charge(dw_buf *buf, const dw_account *account);
void dw_buf_discharge(dw_buf *buf);
dw_packet *dw_packet_new(dw_sim *sim);
dw_packet *dw_packet_clone(dw_sim *sim, const dw_packet *packet);
void dw_packet_free(dw_sim *sim, dw_packet *packet);
uint64_t dw_slices_hash(const dw_slice *slices, size_t count);

/* rule_check.c: DW_OK, or what is wrong, with a sentence. */
int dw_rule_check(dw_sim *sim, const dw_rule_config *config);

/* plugin_check.c: DW_OK, or DW_E_ABI with a sentence. */
int dw_plugin_check(dw_sim *sim, const dw_plugin *plugin);

/* plugin.c */
/* As dw_plugin_add, of one whose tables are known to be whole. */
int dw_plugin_register(dw_sim *sim, const dw_plugin *plugin);
const dw_plugin *dw_plugin_find(const dw_sim *sim, const char *name);
void *dw_node_attach(dw_node *node, const dw_plugin *plugin);
dw_attached *dw_node_attached(dw_node *node, uint8_t layer, uint16_t number);
void dw_host_fill(dw_sim *sim);
/* proto/builtin.c: the plugins that are always there, ending with NULL. */
extern const dw_plugin *const dw_builtin_plugins[];

/* node.c */
void dw_node_receive(dw_node *node, dw_iface *iface, dw_packet *packet);
void dw_node_free(dw_node *node);
bool dw_node_has_address(const dw_node *node, const dw_addr *addr);
dw_iface *dw_node_route(dw_node *node, const dw_addr *to);
int32_t dw_sim_node_of(const dw_sim *sim, const dw_addr *addr);

/* plugin.c.  A plugin says what cannot be: what it said is left out, and the run ends with
 * DW_E_ABI and a sentence.  Returns false. */
bool dw_plugin_fault(dw_node *node, const char *what);

/* host_index.c.  Room for one name and one address more, before they are put there; false: no
 * memory. */
bool dw_index_room(dw_sim *sim);
void dw_index_name(dw_sim *sim, const dw_node *node);
void dw_index_address(dw_sim *sim, const dw_node *node, const dw_addr *addr);
dw_node *dw_index_find(const dw_sim *sim, const char *name);    /* NULL: none */
int32_t dw_index_owner(const dw_sim *sim, const dw_addr *addr); /* -1: none */
void dw_index_free(dw_sim *sim);

/* foreign.c */
void dw_node_foreign_receive(dw_node *node, dw_packet *packet); /* takes the packet */
int32_t dw_sim_foreign_node(const dw_sim *sim);

/* link.c */
void dw_iface_transmit(dw_iface *iface, dw_packet *packet);
void dw_direction_enqueue(dw_direction *direction, dw_packet *packet, dw_time extra);
void dw_direction_launch(dw_direction *direction, dw_packet *packet, dw_time at, bool transmit);
void dw_link_free(dw_link *link);
bool dw_link_is_loopback(const dw_link *link);

/* impair.c */
bool dw_rules_apply(dw_direction *direction, dw_packet *packet); /* true: taken */
void dw_rule_free(dw_rule *rule);
void dw_corrupt(dw_direction *direction, dw_packet *packet, int64_t byte, const dw_cause *cause);

/* rewrite.c: DW_ACTION_REWRITE; and, with `back`, the answers: false if it is none. */
void dw_rewrite(dw_rule *rule, dw_direction *d, dw_packet *packet, const dw_packet_view *view);
bool dw_rewrite_back(dw_rule *rule, dw_direction *d, dw_packet *packet, const dw_packet_view *view);

/* match.c */
/* A packet from its network header on, whose first four bits tell its version. */
enum { DW_ETHERTYPE_IPV4 = 0x0800, DW_ETHERTYPE_IPV6 = 0x86dd };
void dw_dissect(const dw_plugin *const *plugins, const uint8_t *head, size_t captured, size_t len,
                dw_dissection *out);
bool dw_match_view(const dw_match *match, const dw_packet_view *view);
const dw_protocol_ops *dw_protocol_numbered(const dw_plugin *const *plugins, uint8_t layer,
                                            uint16_t number);
/* "SYN,ACK" into buf. */
char *dw_flags_text(const dw_dissection *d, char *buf, size_t size);

/* list.c */
/* The list of `count` items of `size` octets, with room for one more; NULL when out of memory, and
 * the list is as it was.  Lists grow by doubling from eight on and never shrink, so that the count
 * alone says when one is full. */
void *dw_list_room(void *list, size_t count, size_t size);

/* trace.c */
int dw_trace_new(dw_trace **out, bool keep);
void dw_trace_emit(dw_sim *sim, const dw_trace_event *event);
int dw_trace_append(dw_trace *trace, const dw_trace_event *event);
void dw_trace_packet(dw_sim *sim, enum dw_trace_type type, const dw_direction *direction,
                     const dw_node *node, const dw_packet *packet, const dw_cause *cause,
                     uint64_t other);
const dw_cause *dw_trace_intern_cause(dw_trace *trace, const char *name, const char *rfc,
                                      const char *text);
const char *dw_trace_intern(dw_trace *trace, const char *text);
const char *dw_trace_type_name(enum dw_trace_type type);
const dw_trace_event *dw_trace_link(const dw_trace *trace, uint32_t link);
void dw_trace_digest_event(dw_trace *trace, const dw_trace_event *event);
bool dw_trace_failed(const dw_trace *trace);
uint64_t dw_trace_bytes(const dw_trace *trace); /* of memory */

static inline bool dw_traced(const dw_sim *sim, enum dw_trace_type type)
{
    return DW_UNLIKELY((sim->trace_mask & DW_TRACE_BIT(type)) != 0);
}

/* output.c: whole files or none */
typedef struct dw_output dw_output;
int dw_output_open(const char *path, dw_output **out, char *why, size_t why_size);
void dw_output_write(dw_output *o, const void *data, size_t len);
void dw_output_text(dw_output *o, const char *text);
/* What should have been written could not be made: closing fails with DW_E_NOMEM. */
void dw_output_no_memory(dw_output *o);
/* Rename into place when all went well, remove otherwise. */
int dw_output_close(dw_output *o, char *why, size_t why_size);

/* shared_object.c */
int dw_host_dlopen(dw_sim *sim, const char *path, dw_plugin_entry_fn *entry);
void dw_host_dlclose_all(dw_sim *sim);

#endif
