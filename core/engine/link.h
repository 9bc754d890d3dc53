/* Links and their two directions. */
#ifndef DW_LINK_H
#define DW_LINK_H

#include "drywire/drywire.h"

/* Rules in order of creation; the items move when one is added. */
typedef struct dw_rule_list {
    dw_rule **items;
    uint32_t count;
} dw_rule_list;

typedef struct dw_direction dw_direction;

/* What becomes of a loose packet at its time.  Takes the packet. */
typedef void (*dw_loose_fn)(dw_direction *direction, dw_packet *packet);

/* A packet with an event of its own: delayed by a fault, reordered, or about to be injected. */
typedef struct dw_loose {
    dw_direction *direction;
    dw_packet *packet;
    struct dw_loose *next, **previous; /* in dw_sim.loose, so that they can be freed with it */
    dw_loose_fn due;                   /* it enters the link, or it arrives */
} dw_loose;

/* A packet under way in a link direction. */
typedef struct dw_transit {
    dw_packet *packet;
    dw_time start; /* transmission begins: until then it waits in the queue */
    dw_time arrival;
    uint64_t order; /* of its event, among those of the instant: taken when it was sent */
} dw_transit;

/* One direction of a link.  Packets under way stand in a ring by rising arrival time, and only
 * the first of them has an entry in the event queue. */
struct dw_direction {
    dw_link *link;
    dw_iface *from, *to;
    dw_direction_config config; /* its loss_model is the next field, or NULL */
    dw_loss_model loss_model;
    dw_transit *ring;
    uint32_t capacity;      /* a power of two, or 0 */
    uint32_t head, tail;    /* free-running; tail - head packets are under way */
    uint32_t waiting;       /* the first that has not begun transmission; head <= waiting <= tail */
    uint64_t waiting_bytes; /* octets of the packets from `waiting` to `tail` */
    dw_time busy_until;     /* when the last transmission ends */
    dw_time last_arrival;   /* none that follows arrives before it: nothing overtakes */
    uint64_t remainder;  /* of the division by rate, carried to the next packet; less than rate */
    uint32_t cached_len; /* a packet of this length ... */
    uint64_t cached_ns, cached_remainder; /* ... takes this long */
    dw_rule_list rules;
    dw_rng *random; /* made when first needed */
    dw_link_stats stats;
    uint8_t index;          /* 0 or 1: in the link */
    bool bad;               /* the state of DW_LOSS_GILBERT */
    uint32_t loss_position; /* packets seen by the loss model */
    bool scheduled;         /* the head has its queue entry */
};

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

/* link.c */
void dw_link_free(dw_link *link);
/* Its directions are not what they were: tell the trace. */
void dw_link_trace(dw_link *link);

/* direction.c.  All take the packet. */
/* Put a packet into the direction's queue; extra > 0 lets it arrive that much later than its turn.
 */
void dw_direction_enqueue(dw_direction *direction, dw_packet *packet, dw_time extra);
/* Hand a packet to `due` at a time. */
void dw_direction_launch(dw_direction *direction, dw_packet *packet, dw_time at, dw_loose_fn due);
/* The next that is under way, which is so no more; there is one. */
dw_packet *dw_direction_take_head(dw_direction *direction);
/* Its way is over: hand it to the host at the end. */
void dw_direction_arrive(dw_direction *direction, dw_packet *packet);
void dw_direction_drop(dw_direction *direction, dw_packet *packet, const dw_cause *cause);

/* Events: the packet at the head arrives (arg: the direction), and a loose one is due (the
 * dw_loose). */
void dw_direction_head_due(void *arg);
void dw_loose_due(void *arg);
/* Whether that one arrives then; else it enters the link. */
bool dw_loose_arrives(const dw_loose *loose);

#endif
