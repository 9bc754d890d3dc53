/* Swarm testing: the faults of a run are drawn, not enumerated, so that long runs and large
 * networks are tried as well.  Which kinds of faults there are at all is drawn first, one coin
 * each: "swarm testing" (Groce, Zhang, Eide, Chen, Regehr, ISSTA 2012) found that runs which leave
 * out whole features find more than runs that have a little of everything.  How many there are and
 * which arrivals they strike is drawn as PCT draws its changes of priority (Burckhardt, Kothari,
 * Musuvathi, Nagarakatte, ASPLOS 2010), so the chance to miss a failure has a bound.
 *
 * What was drawn is a plan as in drywire/fault.h, and can be run again. */
#ifndef DRYWIRE_SWARM_H
#define DRYWIRE_SWARM_H

#include "fault.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One run: what is drawn for it. */
typedef struct dw_swarm dw_swarm;

/* The kinds that are drawn. */
enum {
    DW_SWARM_KINDS = DW_FAULT_BIT(DW_FAULT_DROP) | DW_FAULT_BIT(DW_FAULT_DUPLICATE) |
                     DW_FAULT_BIT(DW_FAULT_CORRUPT) | DW_FAULT_BIT(DW_FAULT_DELAY)
};

/* Of a packet that is to be late, how long is drawn: from 1 up to so many events of its receiver,
 * behind or before the last of them. */
enum { DW_SWARM_WAITS = 16 };

typedef struct dw_swarm_config {
    size_t size;                   /* sizeof(dw_swarm_config) */
    uint64_t seed;                 /* of all that is drawn */
    uint32_t faults;               /* 1 up to so many are drawn; 0: none */
    uint32_t most[DW_FAULT_KINDS]; /* at most so many of each kind; 0: never */
    uint64_t points;               /* they strike among so many first arrivals ... */
    uint64_t behind;               /* ... but none of the first so many */
    bool redraw;                   /* from there on the simulation's random streams are others, too:
                                    * those of this seed */
    const dw_fault *planned;       /* faults that strike whatever is drawn; copied */
    size_t planned_count;
} dw_swarm_config;

/* DW_OK, DW_E_INVAL or DW_E_NOMEM. */
DW_API int dw_swarm_new(const dw_swarm_config *config, dw_swarm **out);
DW_API void dw_swarm_free(dw_swarm *swarm); /* NULL is allowed */
/* The simulation of this run, before it begins: DW_OK; DW_E_EXIST: it has one; or what dw_sim_plan
 * and dw_sim_on_fault_point return.  The simulation has to be freed first. */
DW_API int dw_swarm_attach(dw_swarm *swarm, dw_sim *sim);
/* The faults: those that were planned, then those that were drawn, which have struck. */
DW_API const dw_fault *dw_swarm_faults(const dw_swarm *swarm, size_t *count);
/* Whether the kind was switched on. */
DW_API bool dw_swarm_has(const dw_swarm *swarm, uint8_t kind);
/* How many packets have arrived where a fault may strike them. */
DW_API uint64_t dw_swarm_arrivals(const dw_swarm *swarm);
/* The number of the i-th of them, from 0; 0: there is none. */
DW_API uint64_t dw_swarm_arrival(const dw_swarm *swarm, uint64_t i);

/* A number below the bound for something else that a run draws, from the stream of this name: what
 * is drawn under one name moves nothing that is under another. */
DW_API uint64_t dw_swarm_draw(uint64_t seed, const char *name, uint64_t bound);

/* The chance, at least, that these faults are drawn, of which only the kinds are looked at: each at
 * one particular of the first config->points arrivals, late packets by one particular wait, and no
 * fault besides.  So a failure that they bring about is missed by n runs with a chance of at most
 * (1 - this)^n.  0: they are never drawn. */
DW_API double dw_swarm_chance(const dw_swarm_config *config, const dw_fault *faults, size_t count);

#ifdef __cplusplus
}
#endif
#endif
