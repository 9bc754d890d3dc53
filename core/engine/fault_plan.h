/* What a plan of faults consists of: for fault.c, where packets are struck, fault_wait.c, which has
 * those that wait, and fault_host.c, where hosts, links and programs are struck. */
#ifndef DW_FAULT_PLAN_H
#define DW_FAULT_PLAN_H

#include "fault.h"

/* A packet that is held up, or about to arrive in an event of its own. */
typedef struct dw_waiting {
    struct dw_waiting *next;
    dw_plan *plan;
    dw_direction *direction;
    dw_packet *packet;
    dw_event *event; /* its arrival: at the end of its life, or at this instant */
    size_t fault;    /* its index, while it is held up ... */
    uint32_t left;   /* ... until so much more has happened at the receiver, and it comes ... */
    uint32_t waited; /* so much has */
    bool before;     /* ... before the last of it */
    bool lasts;      /* it comes when its life is over, not before */
    bool chosen;     /* its fault was chosen */
    bool counted;    /* packets that are held up have heard of its arrival */
    bool copy;
} dw_waiting;

/* A packet that has arrived, and may come again. */
typedef struct dw_old {
    struct dw_old *next;
    dw_direction *direction;
    dw_packet *packet; /* a copy */
    dw_time at;
} dw_old;

/* A host or a link that is down. */
typedef struct dw_outage {
    struct dw_outage *next;
    dw_plan *plan;
    dw_node *node; /* or ... */
    dw_link *link;
    dw_event *end; /* the latest; or, of a host that has not crashed yet, that */
    size_t fault;  /* its index */
    uint32_t left; /* packets to be lost */
    bool begun;
    bool was_up[2]; /* of a link: its directions */
} dw_outage;

struct dw_plan {
    dw_sim *sim;
    dw_fault *faults; /* in the order given ... */
    uint8_t *fates;   /* ... and enum dw_fault_fate of each */
    size_t count;
    uint32_t kinds;       /* of the faults: a set */
    dw_waiting *held;     /* in the order in which they came */
    dw_waiting *arriving; /* in no order */
    dw_old *old;          /* the last first */
    dw_outage *outages;
    void (*arrives)(dw_plan *plan, const dw_waiting *w); /* one whose turn has come */
    uint64_t event;  /* dw_sim.events when a packet arrived last */
    bool quiet;      /* nothing has happened since it came, and nobody was asked about it */
    uint32_t wanted; /* kinds whose points on_point is for */
    int (*on_point)(const dw_fault_point *point, void *arg);
    void *on_point_arg;
    bool ended; /* on_point said so */
    dw_fault_hooks hooks;
    dw_packet *in_hand; /* while on_point is asked about it; or NULL */
    const dw_direction *in_hand_from;
};

/* fault_plan.c */

/* Whether it is one that can be. */
bool dw_fault_valid(const dw_fault *fault);
/* The index of that of a packet (host 0) or a moment, or count. */
size_t dw_fault_find(const dw_fault *faults, size_t count, uint32_t host, uint64_t number);
/* It has come to that point, at which these kinds may strike; which is the index of the fault that
 * does, or dw_plan.count.  Whether the run was ended is in dw_plan.ended. */
size_t dw_plan_point(dw_plan *plan, const dw_fault_point *point);
/* Whoever wants to know is told of a point.  Whether the run was ended is in dw_plan.ended. */
void dw_plan_tell(dw_plan *plan, const dw_fault_point *point);

/* fault_wait.c */

/* Let a packet arrive in an event of its own at this instant, in the receiver's turn, behind what
 * that has asked for itself.  Takes the packet; NULL: there is no memory. */
dw_waiting *dw_plan_put_behind(dw_plan *plan, dw_direction *d, dw_packet *packet);
void dw_plan_hold_up(dw_plan *plan, dw_direction *d, dw_packet *packet, size_t fault);
/* Something is about to happen at the host, which packets may have waited for.  true: one comes
 * before it, and those that come after it wait for dw_plan_passes; or the run was ended. */
bool dw_plan_count(dw_plan *plan, const dw_node *node);
/* A packet arrives, and may come again. */
void dw_plan_remember(dw_plan *plan, dw_direction *d, const dw_packet *packet);
/* Have an old one come before this one.  Takes the packet, unless it says false: there is none. */
bool dw_plan_brings_back(dw_plan *plan, dw_direction *d, dw_packet *packet, size_t fault);
void dw_plan_forget_waiting(dw_plan *plan);

/* fault_host.c */

/* Whether the host is down, so that the packet, which arrives there, vanishes. */
bool dw_plan_is_down(dw_plan *plan, dw_direction *d, dw_packet *packet);
/* Takes the packet. */
void dw_plan_link_goes_down(dw_plan *plan, dw_direction *d, dw_packet *packet, size_t fault);
/* A packet was lost, for its link was down. */
void dw_plan_lost(dw_plan *plan, const dw_direction *d);
void dw_plan_forget_outages(dw_plan *plan);

#endif
