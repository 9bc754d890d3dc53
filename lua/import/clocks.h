/* Two clocks, compared by packets that passed both. */
#ifndef DWL_CLOCKS_H
#define DWL_CLOCKS_H

#include "drywire/drywire.h"

typedef struct clock_sample {
    dw_time at, took; /* when by the first clock; how long by both, the way that the packet went */
} clock_sample;

typedef struct clocks {
    clock_sample *list[2]; /* of packets from the first place to the second; the other way */
    size_t count[2], capacity[2];
    clock_sample line[2][2];  /* two points of the line under all samples of a way */
    size_t forward, backward; /* pairs of packets that say which place is the first */
    bool agree;               /* they are taken to be right as they are */
} clocks;

/* A packet that passed the first place at `first` by its clock and the second at `second` by that
 * one's; way 0: from the first to the second.  In order of time at the first; false: out of memory.
 */
bool clocks_add(clocks *c, int way, dw_time first, dw_time second);
/* All have been added. */
void clocks_settle(clocks *c);
/* Packets seem to have gone the other way: first and second are confused. */
bool clocks_run_backward(const clocks *c);
/* It cannot be told for sure: a clock was set, or is too coarse. */
bool clocks_doubtful(const clocks *c);
/* No packet arrives before it leaves: they may both be right, and are taken to be. */
bool clocks_agree(const clocks *c);
/* How far the second is ahead at a time of the first; and a time of the second as the first one's.
 */
dw_time clocks_ahead(const clocks *c, dw_time at);
dw_time clocks_at_first(const clocks *c, dw_time second);
/* The least time between both places. */
dw_time clocks_trip(const clocks *c);
void clocks_free(clocks *c);

#endif
