/* Planned faults: what befalls the packets of a run, each by its number.
 *
 * A rule (dw_link_rule) says what happens to whatever packets match it; a plan says what happens in
 * one run, packet by packet, and so can be enumerated, written down in a few letters and run again.
 * A fault strikes a packet where it arrives at the host that it is for.  Numbers are those of the
 * trace, and of every picture.
 *
 * Written, faults stand behind one another with commas between, a number and a letter each:
 *
 *     3d      packet 3 is lost
 *     4t      packet 4 arrives twice: the copy, with a number of its own, right behind it
 *     7x      packet 7 is damaged: the receiver's checksum finds it out
 *     9h2     packet 9 is held up until its receiver has met two more arrivals or timers of its
 *             own, and comes right behind the second ...
 *     9h2-    ... or right before the second
 *
 * Held up by order and not by a time, a packet comes too late in finitely many ways, and none needs
 * a lucky number.  No packet is held up longer than packets live: then it arrives.  That is the
 * maximum segment lifetime of its receiver's transport (RFC 9293 section 3.4.2), or else two
 * minutes. */
#ifndef DRYWIRE_FAULT_H
#define DRYWIRE_FAULT_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dw_fault_kind {
    DW_FAULT_DROP,
    DW_FAULT_DUPLICATE,
    DW_FAULT_CORRUPT,
    DW_FAULT_DELAY,
    DW_FAULT_KINDS
};

/* The letter of each kind, in their order. */
#define DW_FAULT_LETTERS "dtxh"

typedef struct dw_fault {
    uint64_t packet; /* its number, from 1 */
    uint32_t wait;   /* DW_FAULT_DELAY: for so many arrivals and timers of the receiver, from 1 */
    uint8_t kind;    /* enum dw_fault_kind */
    bool before;     /* DW_FAULT_DELAY: right before the last of them, not right behind it */
} dw_fault;

/* As many as the command takes, and an exploration tries, in one plan. */
enum { DW_FAULTS_MOST = 16 };

/* What became of a planned fault. */
enum dw_fault_fate {
    DW_FAULT_PENDING, /* no such packet has arrived yet */
    DW_FAULT_STRUCK,
    DW_FAULT_WAITING, /* DW_FAULT_DELAY: the packet is held up */
    DW_FAULT_OUTLIVED /* DW_FAULT_DELAY: as long as packets live, because less happened by then */
};

/* Plan the faults of a run that has not begun; copied.  No two may be of one packet.  DW_E_INVAL,
 * with a sentence; DW_E_NOMEM. */
DW_API int dw_sim_plan(dw_sim *sim, const dw_fault *faults, size_t count);
/* Plan one more, of a packet that has not arrived yet, or is about to (see below).  As dw_sim_plan.
 */
DW_API int dw_sim_plan_also(dw_sim *sim, const dw_fault *fault);
/* enum dw_fault_fate of the i-th, in the order given. */
DW_API uint8_t dw_sim_fault_fate(const dw_sim *sim, size_t i);

/* A packet is about to arrive at the host that it is for, where a fault may strike it. */
typedef struct dw_fault_point {
    uint64_t packet; /* its number */
    bool copy;       /* a planned fault made it */
    bool quiet;      /* nothing has happened in the present event yet, so the simulation's state is
                      * all that the future depends on, with this packet */
    bool planned;    /* a fault will strike it; otherwise one may still be planned (also) */
} dw_fault_point;

/* Be called for each, from now on.  Anything but DW_OK ends the run with that as its status; then
 * the packet, and all behind it, vanish.  Called once more, with NULL, before the simulation is
 * freed: the fates of the faults can still be asked for. */
DW_API int dw_sim_on_fault_point(dw_sim *sim, int (*fn)(const dw_fault_point *point, void *arg),
                                 void *arg);

/* Read a plan as it is written; the number of faults is in *count, at most `room` of them.
 * DW_E_FORMAT, with a sentence in why. */
DW_API int dw_faults_parse(const char *text, dw_fault *out, size_t room, size_t *count, char *why,
                           size_t why_size);
/* Write it; cut off where there is no room, always terminated.  Returns buf. */
DW_API char *dw_faults_format(const dw_fault *faults, size_t count, char *buf, size_t size);

#ifdef __cplusplus
}
#endif
#endif
