/* The book of an exploration: which plans are to be run, which states have been seen, and how many
 * plans each run stands for.
 *
 * It grows by entries in a fixed order, and a run is told only of what was entered before its
 * round began.  So what is in the book does not depend on who performs the runs of a round, nor in
 * which order they are done. */
#ifndef DW_BOOK_H
#define DW_BOOK_H

#include "drywire/explore.h"

/* The fingerprint of a state.  How many faults are left there the book knows by itself. */
typedef struct dw_book_key {
    uint64_t half[2];
} dw_book_key;

/* A plan that is to be run: that of the run which had the point, and one fault more, or one packet
 * that was held up and comes. */
typedef struct dw_book_plan {
    uint32_t point; /* where the last fault strikes; DW_BOOK_NONE: there is none */
    uint32_t count; /* of dw_fault */
    uint8_t kind;   /* the same, or enum dw_move_kind */
} dw_book_plan;

#define DW_BOOK_NONE UINT32_MAX

/* Where a fault may strike, in a run behind its last fault. */
typedef struct dw_book_point {
    dw_book_key key;
    uint64_t number; /* of dw_fault_point, as the next two */
    uint32_t host;
    uint32_t kinds;
    uint32_t waited;
    uint64_t label; /* of dw_explore_config */
    bool keyed;     /* key is that of the state there */
} dw_book_point;

/* What a run found out. */
typedef struct dw_book_outcome {
    int status;      /* DW_OK, DW_E_MISMATCH: it fails; or what ends the exploration */
    uint32_t target; /* the point whose state it came to; DW_BOOK_NONE: it ran to its end */
    uint8_t fate;    /* of its last fault */
    bool known;      /* the run was performed */
    bool unkeyed;    /* a state had no fingerprint */
    uint64_t label;  /* at its end */
    dw_book_point *points;
    size_t count, room;
} dw_book_outcome;

typedef struct dw_book dw_book;

/* NULL: out of memory. */
dw_book *dw_book_new(const dw_explore_config *config);
void dw_book_free(dw_book *book);

/* The next plan.  false: there is none until those that were given out are entered. */
bool dw_book_next(dw_book *book, dw_book_plan *out);
/* Its faults, in the order in which they strike; how many.  At how many points they strike, or end,
 * is in *points. */
size_t dw_book_faults(const dw_book *book, const dw_book_plan *plan, dw_fault out[DW_FAULTS_MOST],
                      size_t *points);
/* Whether another fault of a kind may come behind those of a plan. */
bool dw_book_leaves(const dw_book *book, const dw_book_plan *plan, uint8_t kind);
/* The point from which all has been or will be tried that a run of this plan could go on to from a
 * state; DW_BOOK_NONE: there is none. */
uint32_t dw_book_find(const dw_book *book, const dw_book_plan *plan, dw_book_key key);
/* In the order in which they were given out.  The outcome ends where it came to what those before
 * it in the round had come to.  false: out of memory. */
bool dw_book_enter(dw_book *book, const dw_book_plan *plan, dw_book_outcome *outcome);
/* All plans of one size are entered: go on to the next.  false: that was the last, or there is no
 * point at which a plan could go on, or no room for another fault (dw_book_is_full). */
bool dw_book_grow(dw_book *book);
bool dw_book_is_full(const dw_book *book);
/* How many faults the plans have that are given out. */
uint32_t dw_book_size(const dw_book *book);
/* About how many of them are still to be given out: each that lasts is taken to have as many
 * lengths as those before had. */
uint64_t dw_book_left(const dw_book *book);
/* How many states it knows. */
uint64_t dw_book_states(const dw_book *book);
/* The graph of what is known: dw_explore_config.edge for each edge, until it says anything but
 * DW_OK; DW_E_NOMEM. */
int dw_book_edges(const dw_book *book);
/* How many plans the runs stand for.  false: out of memory. */
bool dw_book_schedules(const dw_book *book, uint64_t *out);

#endif
