/* The runs of dw.explore, performed by several processes. */
#ifndef DWL_EXPLORE_DEAL_H
#define DWL_EXPLORE_DEAL_H

#include "base/state.h"
#include "deal/deal.h"
#include "explore_coverage.h"
#include "explore_record.h"

#include <drywire/explore.h>

/* All but the first members are 0 at the beginning. */
typedef struct dwl_explore_deal {
    lua_State *L;
    dwl_state *state;
    unsigned jobs;             /* how many processes */
    int (*goes_on)(void *arg); /* asked between runs: anything but DW_OK ends the exploration */
    void *arg;
    dwl_explore_record *record; /* or NULL */
    dwl_coverage *coverage;     /* what runs reach */
    dw_explore_round *round;
    dw_deal *deal;
    dw_octets result;  /* the last */
    dw_octets reached; /* in it: by each of its runs */
    dw_octets round_reached;
    dw_octets behind;  /* what the workers have not been told of the rounds before */
    bool worker;       /* this process is one */
    size_t known;      /* runs of the round whose outcomes are known, from the first on */
    size_t first;      /* of those that are dealt out */
    int status;        /* what ended the round early */
    char problem[700]; /* of DW_E_IO: a sentence without an end */
} dwl_explore_deal;

/* For dw_explore_config.round: have its runs performed, but for those that are on record. */
int dwl_explore_deal_round(dwl_explore_deal *d, dw_explore_round *round);
/* The exploration has ended, for whatever reason. */
void dwl_explore_deal_end(dwl_explore_deal *d);

#endif
