/* What the runs of an exploration reach of TCP (reached.h): who watches them, and how that comes
 * from the processes that perform them.
 *
 * A run tells what it reached that was not known when its round began, which is nothing for most.
 * That is taken in the order of the runs, so it makes no difference who performed them. */
#ifndef DWL_EXPLORE_COVERAGE_H
#define DWL_EXPLORE_COVERAGE_H

#include "deal/deal.h"
#include "reached.h"

typedef struct dwl_coverage {
    dwl_reached known; /* by the runs that were taken */
    uint64_t since;    /* so many of them, the last ones, reached nothing new */
    uint64_t flat;     /* after so many of those it is enough; 0: never */
    dwl_reached run;   /* the one that is performed */
    dw_octets conns;   /* its connections, from number 1 on */
} dwl_coverage;

/* An exploration begins; anew, perhaps. */
void dwl_coverage_begin(dwl_coverage *c);
void dwl_coverage_end(dwl_coverage *c);
/* A run begins; its simulation is made. */
void dwl_coverage_begin_run(dwl_coverage *c);
int dwl_coverage_watch(dwl_coverage *c, dw_sim *sim);

/* What the run reached that is not known, as octets of this process' kind. */
void dwl_coverage_write(const dwl_coverage *c, dw_octets *out);
/* It is the next run that counts.  Returns how many octets it took. */
size_t dwl_coverage_take(dwl_coverage *c, const char *data);
/* Whether runs have reached nothing new for long enough. */
bool dwl_coverage_is_flat(const dwl_coverage *c);

#endif
