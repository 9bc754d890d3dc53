/* A fingerprint in the making, as the core knows it. */
#ifndef DW_ENGINE_FINGERPRINT_H
#define DW_ENGINE_FINGERPRINT_H

#include "drywire/fingerprint.h"
#include "evq.h"
#include "sim.h"

#include <xxhash.h>

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
    bool asks_packet;  /* a rule asks for packets by number, */
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

static inline bool dw_fp_before(const dw_fp_place *a, const dw_fp_place *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

/* fingerprint_mix.c */
extern const dw_fingerprint_core dw_mixing_core;
XXH128_hash_t dw_mixing_hash(const dw_mixing *m);
/* The place of what has this time and order, from 0. */
uint32_t dw_mixing_rank(const dw_mixing *m, dw_time at, uint64_t order);
/* A direction's place in the simulation. */
void dw_mix_direction_name(dw_mixing *m, const dw_direction *d);
/* Numbers of matching packets that a rule still waits for, counted from now; and whether it may yet
 * act. */
uint32_t dw_rule_still_to_come(const dw_rule *rule, uint64_t left[DW_MATCH_NTH]);
bool dw_rule_may_act(const dw_rule *rule);

/* fingerprint_rule.c: the rules of a link or a host, with what they hold.  Sets what they ask for.
 */
void dw_mix_rules(dw_mixing *m, const dw_rule_list *rules);

#endif
