/* A simulation. */
#ifndef DW_SIM_H
#define DW_SIM_H

#include "base/map.h"
#include "base/pool.h"
#include "base/rng.h"
#include "drywire/drywire.h"
#include "drywire/plugin.h"
#include "evq.h"
#include "link.h"

#include <stdatomic.h>

typedef struct dw_subscriber {
    uint32_t mask, node, conn; /* bits of types; UINT32_MAX: any node; 0: any connection */
    void (*fn)(const dw_trace_event *event, void *arg);
    void *arg;
} dw_subscriber;

/* A protocol that wants to be called before the clock moves. */
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

/* A stream of random numbers, found by "OBJECT/PURPOSE". */
typedef struct dw_stream {
    struct dw_stream *next;
    char *name;
    dw_rng rng;
} dw_stream;

/* An option that every host gets when its protocol is attached. */
typedef struct dw_default_option {
    char *protocol, *name, *text;
} dw_default_option;

/* Blocks of 64, 128 ... 1280 octets have pools; larger ones are asked of the system. */
enum { DW_POOL_CLASSES = 20, DW_POOL_STEP = 64 };

struct dw_plan;

/* Where planned faults strike; each says whether it took the packet. */
typedef struct dw_plan_ops {
    bool (*takes)(struct dw_plan *plan, dw_direction *d, dw_packet *p);  /* where it arrives */
    bool (*leaves)(struct dw_plan *plan, dw_direction *d, dw_packet *p); /* where it leaves */
    void (*lost)(struct dw_plan *plan, const dw_direction *d); /* one, for the link was down */
} dw_plan_ops;

struct dw_sim {
    dw_evq queue;
    dw_time now;
    uint64_t events; /* that have run */
    uint64_t order;  /* the simulation's own events: node 0's place is before every node */
    dw_sim_config config;
    dw_host host;        /* what plugins reach it through */
    uint32_t trace_mask; /* types that the trace or a subscriber wants */
    dw_trace *trace;     /* or NULL */
    dw_subscriber *subscribers;
    uint32_t subscriber_count;
    dw_node **nodes;
    uint32_t node_count;
    uint32_t passed_over;    /* addresses that a host would have got, had they been free */
    dw_map names, addresses; /* host_index.c: a host's index + 1 */
    dw_link **links;
    uint32_t link_count;
    uint32_t refusing;         /* directions that take nothing */
    uint32_t topology;         /* version, for cached routes */
    uint64_t packet_count;     /* the highest number of a packet ... */
    uint32_t conn_count;       /* ... and of a connection */
    const dw_plugin **plugins; /* ending with NULL */
    uint32_t plugin_count;
    void **libraries; /* loaded shared objects, see shared_object.c */
    uint32_t library_count;
    dw_default_option *defaults;
    uint32_t default_count;
    dw_rule_list rules;
    dw_stream *streams;
    dw_loose *loose;
    struct dw_plan *plan;                /* planned faults, or NULL ... */
    const struct dw_plan_ops *plan_ops;  /* ... and what they do */
    dw_socket *ready_first, *ready_last; /* to be told, by ready_next */
    dw_settle *settling;
    uint32_t settle_count, settle_capacity;
    size_t background;   /* events that nobody waits for: foreign stacks', with nothing to do */
    uint32_t inside;     /* how deep protocols and links are at work; see defer.c */
    uint32_t delivering; /* transports that a packet is handed up to, one by the other */
    dw_deferred *deferred;
    uint32_t deferred_count, deferred_capacity;
    dw_pool packets;
    dw_pool blocks[DW_POOL_CLASSES]; /* of (i + 1) * DW_POOL_STEP octets */
    uint64_t held;                   /* octets that dw_sim_hold counted */
    int (*after_event)(void *arg);
    void *after_event_arg;
    int stop_status; /* what dw_sim_run returns when stopped */
    bool stopped, running;
    bool out_of_memory;       /* for good: see dw_sim_no_memory */
    bool trace_full;          /* likewise: see dw_sim_trace_full */
    uint64_t same_instant;    /* events since the clock moved, in whatever run */
    dw_rng no_stream;         /* what is drawn from when there is no memory for a stream */
    atomic_bool interrupted;  /* from a signal handler or another thread */
    uint64_t failures;        /* that had a sentence */
    char message[1024];       /* of the last failure */
    char limit_message[1024]; /* why it is over; "": it is not */
};

#endif
