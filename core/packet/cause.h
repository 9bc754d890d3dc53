/* The core's own causes, all of them: what is not here, nobody can expect by its name.
 *
 * A saved trace has causes of its own with the same names, so they are told apart by name.  What
 * protocols give as causes, only they know. */
#ifndef DW_CAUSE_H
#define DW_CAUSE_H

#include "drywire/plugin.h"

extern const dw_cause dw_cause_queue_full;       /* a link's queue had no room */
extern const dw_cause dw_cause_queue_refuses;    /* the sender's own took nothing */
extern const dw_cause dw_cause_inject;           /* a script made the packet */
extern const dw_cause dw_cause_rewrite;          /* a rule of a script changed it */
extern const dw_cause dw_cause_crash;            /* a host lost its memory */
extern const dw_cause dw_cause_fault_drop;       /* a rule of a script took the packet */
extern const dw_cause dw_cause_fault_duplicate;  /* ... copied it */
extern const dw_cause dw_cause_fault_corrupt;    /* ... damaged it */
extern const dw_cause dw_cause_fault_delay;      /* ... delayed it */
extern const dw_cause dw_cause_fault_hold;       /* ... holds it */
extern const dw_cause dw_cause_no_transport;     /* nobody reads its transport protocol */
extern const dw_cause dw_cause_raw;              /* made outside of the simulation */
extern const dw_cause dw_cause_stack;            /* made by a foreign stack */
extern const dw_cause dw_cause_stack_says;       /* a state, by a foreign stack's own word */
extern const dw_cause dw_cause_stack_shows;      /* a state, by what such a stack sends and gets */
extern const dw_cause dw_cause_no_network;       /* nobody reads its network protocol */
extern const dw_cause dw_cause_cannot_rewrite;   /* it has no such field */
extern const dw_cause dw_cause_random_loss;      /* a link lost it by chance */
extern const dw_cause dw_cause_link_down;        /* a link was down */
extern const dw_cause dw_cause_random_corrupt;   /* a link flipped a bit by chance */
extern const dw_cause dw_cause_random_duplicate; /* a link delivered it twice by chance */
extern const dw_cause dw_cause_too_big;          /* longer than the MTU of a link */
extern const dw_cause dw_cause_planned_loss;
extern const dw_cause dw_cause_planned_copy;
extern const dw_cause dw_cause_planned_damage;
extern const dw_cause dw_cause_planned_old;
extern const dw_cause dw_cause_host_down;
extern const dw_cause dw_cause_planned_wait;

/* cause may be NULL: it is none. */
bool dw_cause_is(const dw_cause *cause, const dw_cause *which);

#endif
