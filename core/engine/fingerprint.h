/* A fingerprint in the making, as the core knows it. */
#ifndef DW_ENGINE_FINGERPRINT_H
#define DW_ENGINE_FINGERPRINT_H

#include "drywire/fingerprint.h"
#include "evq.h"
#include "sim.h"

/* Where something stands among all that waits: a live event, or a packet under way that will have
 * an event once those before it have arrived. */
typedef struct dw_fp_place {
    dw_time at;
    uint64_t order;
    const dw_event *event; /* NULL: such a packet */
} dw_fp_place;

/* What is mixed is gathered in `room`, and hashed when that is full. */
typedef struct dw_mixing {
    dw_fingerprint fp; /* first, so that a dw_fingerprint is this */
    dw_sim *sim;
    dw_fp_place *places; /* in the order of events */
    uint32_t count;
    bool asks_conn;    /* a rule asks for connections by number, */
    bool asks_packet;  /* for packets, */
    bool asks_program; /* or asks the program */
    bool hops;         /* packets under way may come by the rules of another link */
    int status;
    char what[160]; /* cannot be told */
    uint8_t room[6144];
} dw_mixing;

static inline dw_mixing *dw_mixing_of(dw_fingerprint *fp)
{
    return (dw_mixing *)(void *)fp;
}

/* The place of what has this time and order, from 0. */
uint32_t dw_mixing_rank(const dw_mixing *m, dw_time at, uint64_t order);

/* fingerprint_rule.c: the rules of a link or a host, with what they hold.  Sets what they ask for.
 */
void dw_mix_rules(dw_mixing *m, const dw_rule_list *rules);
/* The bits of packets that live rules ask for by number. */
void dw_mix_asked_packet(dw_mixing *m, const dw_packet *packet);
/* A direction's place in the simulation. */
void dw_mix_direction_name(dw_mixing *m, const dw_direction *d);

#endif
