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

/* What came out. */
typedef struct dw_explored {
    uint64_t runs;      /* performed */
    uint64_t merged;    /* of them: ended in a state that another had been in */
    uint64_t states;    /* fingerprints that were kept */
    uint64_t schedules; /* plans that the runs stand for; UINT64_MAX: as many or more */
    uint32_t size;      /* faults in the plans that were tried last; all with fewer were */
    bool complete;      /* all were */
    bool failed;        /* one of them fails */
    bool unmergeable;   /* a state had no fingerprint, so nothing was merged from there on */
    dw_fault plan[DW_FAULTS_MOST]; /* the smallest that fails */
    size_t plan_size;
} dw_explored;

typedef struct dw_explore_config {
    size_t size;                   /* sizeof(dw_explore_config) */
    uint32_t faults;               /* at most so many in one plan */
    uint32_t most[DW_FAULT_KINDS]; /* and of each kind, by enum dw_fault_kind */
    uint64_t max_runs;             /* 0: no limit */
    uint64_t max_states;           /* fingerprints that are kept; 0: 10 million */
    bool merge;                    /* runs that meet go on once */
    /* Perform one run: make the simulation, hand it to dw_explore_attach before it runs, run it,
     * and judge it: DW_OK, DW_E_MISMATCH (it fails; why is the caller's to keep), or any other
     * error, which ends the exploration.  What is returned of a run that was ended because it had
     * come to a known state (dw_explore_ended) does not matter. */
    int (*run)(dw_explore_run *run, void *arg);
    /* Called now and then: anything but DW_OK ends the exploration.  NULL: nobody wants to know. */
    int (*progress)(const dw_explored *so_far, void *arg);
    void *arg;
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
/* What the program that is run knows, where that is not in the simulation: mix what it was told
 * into a number, and say so before the simulation goes on.  Two runs that differ in it are never
 * merged. */
DW_API void dw_explore_history(dw_explore_run *run, uint64_t history);
/* Whether the program will open no connection any more, as far as it is known from other runs: see
 * dw_fingerprint_options.  Where that turns out to be wrong, everything has to be explored anew. */
DW_API void dw_explore_opens_no_more(dw_explore_run *run, bool no_more);

#ifdef __cplusplus
}
#endif
#endif
