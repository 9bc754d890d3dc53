/* Planned faults: what befalls the packets, links, hosts and programs of a run, each by its number.
 *
 * A rule (dw_link_rule) says what happens to whatever packets match it; a plan says what happens in
 * one run, packet by packet, and so can be enumerated, written down in a few letters and run again.
 * Written, faults stand behind one another with commas between.
 *
 * A packet is struck where it arrives at the host that it is for (at q: where it leaves).  Its
 * number is that of the trace, and of every picture:
 *
 *     3d      packet 3 is lost
 *     4t      packet 4 arrives twice: the copy, with a number of its own, right behind it
 *     7x      packet 7 is damaged: the receiver's checksum finds it out
 *     9h2     packet 9 is held up until its receiver has met two more arrivals or timers of its
 *             own, and comes right behind the second ...
 *     9h2-    ... or right before the second; at 9h for as long as packets live
 *     9o1     the packet that came to the receiver of 9 before it comes again, right before 9; 9o2
 *             is the one before that
 *     9q      packet 9 finds no place in the queue of the link that it is to leave by
 *     9l      the link on which packet 9 is about to arrive goes down and comes up at once: what is
 *             under way on it, either way, is lost; at 9l2 it comes up when two more packets that
 *             were sent on it are lost, too
 *
 * A host is struck at one of its moments.  These are the arrivals and timers of its protocols, and
 * the choices of its programs (dw_node_choice), counted from 1 as they come; hosts count from 1 in
 * the order in which they are made.  What strikes comes first:
 *
 *     2@5c    host 2 crashes at its moment 5 and is back at once; at 2@5c3 it is back when three
 *             packets that arrived at it are lost
 *     2@5k    a program of it closes its connection, instead of what it would have done from there
 *     2@5s    ... shuts it down, reads what comes, and closes it
 *     2@5a    ... aborts it
 *     2@5r1   ... does what it would have done, which is to read, one moment later
 *
 * By order and not by a time, a packet comes too late in finitely many ways, and none needs a lucky
 * number; so do hosts, links and programs.  Nothing waits longer than packets live: that is the
 * maximum segment lifetime of the receiver's transport (RFC 9293 section 3.4.2), or else two
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
    DW_FAULT_OLD,
    DW_FAULT_QUEUE,
    DW_FAULT_LINK,
    DW_FAULT_CRASH, /* the first of a host */
    DW_FAULT_CLOSE, /* the first of a program */
    DW_FAULT_SHUTDOWN,
    DW_FAULT_ABORT,
    DW_FAULT_LATE,
    DW_FAULT_KINDS
};

/* The letter of each kind, in their order. */
#define DW_FAULT_LETTERS "dtxhoqlcksar"

/* A set of kinds. */
#define DW_FAULT_BIT(kind) (1u << (kind))
#define DW_FAULT_OF_HOSTS (DW_FAULT_BIT(DW_FAULT_KINDS) - DW_FAULT_BIT(DW_FAULT_CRASH))
#define DW_FAULT_OF_PROGRAMS (DW_FAULT_BIT(DW_FAULT_KINDS) - DW_FAULT_BIT(DW_FAULT_CLOSE))
/* Those that have a count: for so long it lasts, from nothing, or from one. */
#define DW_FAULT_FROM_NOTHING (DW_FAULT_BIT(DW_FAULT_LINK) | DW_FAULT_BIT(DW_FAULT_CRASH))
#define DW_FAULT_FROM_ONE (DW_FAULT_BIT(DW_FAULT_OLD) | DW_FAULT_BIT(DW_FAULT_LATE))
/* A delay from one, or without a count: for as long as packets live. */
#define DW_FAULT_LASTING (DW_FAULT_FROM_NOTHING | DW_FAULT_FROM_ONE | DW_FAULT_BIT(DW_FAULT_DELAY))

typedef struct dw_fault {
    uint64_t number; /* of the packet, or of the host's moment; from 1 */
    uint32_t host;   /* its number, from 1; 0: a packet's */
    uint32_t count;  /* what stands behind the letter; of kinds that have none: 0 */
    uint8_t kind;    /* enum dw_fault_kind */
    bool before;     /* DW_FAULT_DELAY: right before the last of them, not right behind it */
} dw_fault;

/* As many as the command takes, and an exploration tries, in one plan. */
enum { DW_FAULTS_MOST = 64 };
/* Room for one, as it is written, and a comma. */
enum { DW_FAULT_TEXT = 48 };

/* What became of a planned fault. */
enum dw_fault_fate {
    DW_FAULT_PENDING, /* it has not come to that packet or moment yet */
    DW_FAULT_STRUCK,  /* and is over */
    DW_FAULT_WAITING, /* something is held up, or down */
    DW_FAULT_OUTLIVED /* for as long as packets live, because less happened by then; or, of an old
                       * packet, there is none */
};

/* Plan the faults of a run that has not begun; copied.  No two may be of one packet or moment.
 * DW_E_INVAL, with a sentence; DW_E_NOMEM. */
DW_API int dw_sim_plan(dw_sim *sim, const dw_fault *faults, size_t count);
/* Plan one more, of a packet that has not arrived yet, or is about to (see below).  As dw_sim_plan.
 */
DW_API int dw_sim_plan_also(dw_sim *sim, const dw_fault *fault);
/* enum dw_fault_fate of the i-th, in the order given. */
DW_API uint8_t dw_sim_fault_fate(const dw_sim *sim, size_t i);

/* What may befall a run that is no fault: a packet that is held up comes.  These stand behind the
 * kinds of faults in sets of kinds.  In a plan it is the packet's delay that says so. */
enum dw_move_kind {
    DW_MOVE_BEFORE = DW_FAULT_KINDS, /* right before what is about to happen */
    DW_MOVE_BEHIND,                  /* right behind it */
    DW_MOVE_KINDS
};
#define DW_MOVES (DW_FAULT_BIT(DW_MOVE_BEFORE) | DW_FAULT_BIT(DW_MOVE_BEHIND))

/* Where a fault may strike, or a packet that is held up may come. */
typedef struct dw_fault_point {
    uint64_t number; /* of a packet, or of a host's moment ... */
    uint32_t host;   /* ... as in dw_fault */
    uint32_t kinds;  /* which may: a set; of a packet that is held up DW_MOVES */
    uint32_t waited; /* how many moments of its receiver such a packet has met, with this one */
    uint32_t place;  /* how many others that are held up were asked about at this moment */
    bool quiet;   /* nothing has happened in the present event yet, in which a packet arrives or a
                   * timer fires: the simulation's state, with this packet, is all that the
                   * future depends on */
    bool planned; /* a fault will strike, or the packet come; otherwise a fault may still be
                   * planned (also) */
} dw_fault_point;

/* Be called for each point at which a fault of one of these kinds may strike, or a packet come
 * (DW_MOVES), from now on.
 * Anything but DW_OK ends the run with that as its status; then the packet, and all behind it,
 * vanish.  Called once more, with NULL, before the simulation is freed: the fates of the faults can
 * still be asked for. */
DW_API int dw_sim_on_fault_point(dw_sim *sim, uint32_t kinds,
                                 int (*fn)(const dw_fault_point *point, void *arg), void *arg);

/* What a layer above has to do with faults of hosts and programs.  Each may be NULL. */
typedef struct dw_fault_hooks {
    size_t size; /* sizeof(dw_fault_hooks) */
    /* A packet or a timer is about to come to a host: offer what its programs might do first, by
     * dw_node_choice, and have what was chosen happen in an event of its own at this instant.
     * true: there is one. */
    bool (*moment)(dw_node *node, void *arg);
    /* A host crashes: end its programs.  Its protocols lose their memory next. */
    void (*crash)(dw_node *node, void *arg);
    /* It is back: let it offer again what it offers. */
    void (*back)(dw_node *node, void *arg);
    void *arg;
} dw_fault_hooks;

/* Copied.  DW_OK; DW_E_INVAL; DW_E_NOMEM. */
DW_API int dw_sim_fault_hooks(dw_sim *sim, const dw_fault_hooks *hooks);

/* A program of this host may do something else now: which of these kinds (a set) the plan has it
 * do; NULL: none of them.  Where it is DW_FAULT_CRASH, the program ends here, and the host crashes
 * when the event is over.  Others have struck, if they have no count; else they wait, and it is the
 * caller who tells when they are over. */
DW_API const dw_fault *dw_node_choice(dw_node *node, uint32_t kinds);
/* What such a fault came to: DW_FAULT_STRUCK or DW_FAULT_OUTLIVED.  It is the one that
 * dw_node_choice returned, as long as no other was planned since (dw_sim_plan_also). */
DW_API void dw_node_chosen(dw_node *node, const dw_fault *fault, uint8_t fate);
/* How long packets live that are for this host: the maximum segment lifetime of its transport, or
 * two minutes. */
DW_API dw_time dw_node_packet_lifetime(const dw_node *node);

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
