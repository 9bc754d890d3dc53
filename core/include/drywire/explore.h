/* Exploring: run a program under every plan of at most so many faults (see drywire/fault.h).
 *
 * Plans are tried by size, so the first that fails is among the smallest.  The packets that a plan
 * may strike are those of the run itself, retransmissions included: a plan is extended by each
 * fault of each packet that arrived, in its run, behind its last fault.  So every combination is
 * tried once, and none that would strike nothing.
 *
 * Runs that come to a state that another one has been in, with the same faults left or more of
 * them, end there: all that can follow was or will be tried from that one (dw_sim_fingerprint).
 * This is what explicit-state model checkers do, and "fingerprint" is TLC's word for what is kept
 * of a state: of two different states one in 2^128 pairs has the same. */
#ifndef DRYWIRE_EXPLORE_H
#define DRYWIRE_EXPLORE_H

#include "fault.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dw_explore_run dw_explore_run; /* one run, while it lasts */
/* Runs that may be performed in any order: none is told what another of them comes to. */
typedef struct dw_explore_round dw_explore_round;

/* What came out. */
typedef struct dw_explored {
    uint64_t runs;      /* performed */
    uint64_t merged;    /* of them: ended in a state that another had been in */
    uint64_t states;    /* fingerprints that were kept */
    uint64_t schedules; /* plans that the runs stand for; UINT64_MAX: as many or more, or any */
    uint32_t size;      /* faults in the plans that were tried last; all with fewer were */
    uint64_t tried;     /* of the plans with so many: performed ... */
    uint64_t left;      /* ... and, about, still to be */
    bool complete;      /* all were */
    bool failed;        /* one of them fails */
    bool unmergeable;   /* a state had no fingerprint, so nothing was merged from there on */
    dw_fault plan[DW_FAULTS_MOST]; /* the smallest that fails */
    size_t plan_size;
} dw_explored;

/* As many as may be.  An exploration without a limit ends where every state that can be reached is
 * known. */
#define DW_FAULTS_ANY UINT32_MAX

/* From a state at a point to the next one that a run comes to. */
typedef struct dw_explore_edge {
    uint32_t from, to; /* states, from 1 in the order in which they were found; 0: the beginning */
    uint64_t from_label, to_label; /* what dw_explore_config.label said of them */
    uint8_t kind; /* what befalls the run at `from`, if anything does: a fault ... */
    bool befalls; /* ... or a move, by its number */
} dw_explore_edge;

/* dw_explore_edge.to: nothing can happen any more. */
#define DW_EXPLORE_END UINT32_MAX

typedef struct dw_explore_config {
    size_t size;                    /* sizeof(dw_explore_config) */
    uint32_t faults;                /* at most so many in one plan, up to DW_FAULTS_MOST; or any */
    uint32_t most[DW_FAULT_KINDS];  /* and of each kind, by enum dw_fault_kind */
    const char *const *crash_hosts; /* which may crash, ending with NULL; NULL: all */
    uint64_t max_runs;              /* 0: no limit */
    uint64_t max_states;            /* fingerprints that are kept; 0: 10 million */
    bool merge;                     /* runs that meet go on once */
    /* Perform one run: make the simulation, hand it to dw_explore_attach before it runs, run it,
     * and judge it: DW_OK, DW_E_MISMATCH (it fails; why is the caller's to keep), or any other
     * error, which ends the exploration.  What is returned of a run that was ended because it had
     * come to a known state (dw_explore_ended) does not matter. */
    int (*run)(dw_explore_run *run, void *arg);
    /* Called now and then: anything but DW_OK ends the exploration.  NULL: nobody wants to know. */
    int (*progress)(const dw_explored *so_far, void *arg);
    void *arg;
    /* Have all runs of a round performed, wherever (see dw_explore_perform): DW_OK, or what ends
     * the exploration.  NULL: one after the other. */
    int (*round)(dw_explore_round *round, void *arg);
    /* The graph of states, where somebody wants it: what is to be kept of each, called at its point
     * and once at the end of each run; and, when all plans pass, each edge, run by run: anything
     * but DW_OK is what dw_explore returns.  NULL both: no graph. */
    uint64_t (*label)(dw_sim *sim, void *arg);
    int (*edge)(const dw_explore_edge *edge, void *arg);
} dw_explore_config;

/* DW_OK, whatever came out; DW_E_INVAL; DW_E_NOMEM; DW_E_NOENT: no packet arrives; DW_E_FORMAT: the
 * same plan does not do the same twice; or what run or progress returned.  Then out tells how far
 * it came. */
DW_API int dw_explore(const dw_explore_config *config, dw_explored *out);

/* The simulation of this run; one a run. */
DW_API int dw_explore_attach(dw_explore_run *run, dw_sim *sim);
/* The faults of this run, and how many. */
DW_API const dw_fault *dw_explore_plan(const dw_explore_run *run, size_t *count);
/* Whether the run was ended because it came to a state that another one had been in. */
DW_API bool dw_explore_ended(const dw_explore_run *run);
/* Whether runs may come near the simulation's default limit: then what is left of it is part of a
 * state (dw_fingerprint_options.limited). */
DW_API void dw_explore_limited(dw_explore_run *run, bool limited);
/* What the program that is run knows, where that is not in the simulation: mix what it was told
 * into a number, and say so before the simulation goes on.  Two runs that differ in it are never
 * merged. */
DW_API void dw_explore_history(dw_explore_run *run, uint64_t history);
/* Whether the program will open no connection any more, as far as it is known from other runs: see
 * dw_fingerprint_options.  Where that turns out to be wrong, everything has to be explored anew. */
DW_API void dw_explore_opens_no_more(dw_explore_run *run, bool no_more);

/* Rounds, for config.round.
 *
 * What is shared out to processes is the runs of a round.  A copy of this process that was made
 * within config.round (fork) has all that it takes to perform any of them.  It writes down what
 * they came to, and this process reads it.  For the next round the copy has to read what all runs
 * of this one came to, and go on; so it will have the same runs as this process, in the same order.
 * How many runs a round has depends on nothing but the rounds before. */

/* How many runs it has. */
DW_API size_t dw_explore_round_size(const dw_explore_round *round);
/* Perform a run, numbered from 0 on: DW_OK, DW_E_MISMATCH: it fails, so those behind it need not be
 * performed; DW_E_INVAL: there is no such run; or what config.round should return. */
DW_API int dw_explore_perform(dw_explore_round *round, size_t number);
/* What a run of the round came to, as octets for dw_explore_read_outcome of the same version:
 * nothing is written where `room` is too small.  How many there are; 0: nobody has performed it. */
DW_API size_t dw_explore_write_outcome(const dw_explore_round *round, size_t number, void *out,
                                       size_t room);
/* As if it had been performed here: DW_OK, DW_E_INVAL, DW_E_FORMAT, DW_E_NOMEM. */
DW_API int dw_explore_read_outcome(dw_explore_round *round, size_t number, const void *octets,
                                   size_t len);
/* In a copy of the process that explores, not in itself: go on to the next round, where all runs of
 * this one are known.  DW_OK, DW_E_INVAL: one is not known; DW_E_NOMEM. */
DW_API int dw_explore_go_on(dw_explore_round *round);

#ifdef __cplusplus
}
#endif
#endif
