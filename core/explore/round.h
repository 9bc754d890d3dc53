/* A round of an exploration: runs that are told of the same states. */
#ifndef DW_ROUND_H
#define DW_ROUND_H

#include "book.h"

/* The run that is performed. */
struct dw_explore_run {
    const dw_explore_config *config;
    const dw_book *book;
    const dw_book_plan *plan;
    dw_fault faults[DW_FAULTS_MOST];
    size_t count;          /* of the faults; they strike, or end, ... */
    size_t points, struck; /* ... at so many points, of which so many have come */
    dw_sim *sim;
    dw_book_outcome *outcome;
    uint64_t history;
    bool opens_no_more, limited;
    bool keys; /* states are to be known: not where all that has arrived may come again */
    bool no_memory;
};

struct dw_explore_round {
    const dw_explore_config *config;
    dw_book *book;    /* as it was before the round */
    dw_explored *out; /* the same */
    dw_explore_run run;
    dw_book_plan *plans;
    dw_book_outcome *outcomes; /* of each plan */
    size_t count, room;
};

#endif
