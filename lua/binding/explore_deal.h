/* The runs of dw.explore, performed by several processes. */
#ifndef DWL_EXPLORE_DEAL_H
#define DWL_EXPLORE_DEAL_H

#include "base/state.h"
#include "deal/deal.h"

#include <drywire/explore.h>

/* All but the first members are 0 at the beginning. */
typedef struct dwl_explore_deal {
    lua_State *L;
    dwl_state *state;
    unsigned jobs;             /* how many processes */
    int (*goes_on)(void *arg); /* asked between runs: anything but DW_OK ends the exploration */
    void *arg;
    dw_explore_round *round;
    dw_deal *deal;
    dw_octets behind; /* what the workers have not been told of the rounds before */
    bool worker;      /* this process is one */
    int status;       /* what ended the round early */
} dwl_explore_deal;

/* For dw_explore_config.round. */
int dwl_explore_deal_round(dwl_explore_deal *d, dw_explore_round *round);
/* The exploration has ended, for whatever reason. */
void dwl_explore_deal_end(dwl_explore_deal *d);

#endif
