/* Planned faults: see drywire/fault.h. */
#ifndef DW_FAULT_H
#define DW_FAULT_H

#include "drywire/fault.h"
#include "drywire/fingerprint.h"
#include "link.h"

/* A simulation that has none pays for one comparison a packet.  What arrives is shown to it through
 * dw_sim.plan_takes. */
typedef struct dw_plan dw_plan;

/* A timer of a protocol on this host is about to fire.  true: a packet that was held up arrives
 * first, as an event of this instant; the timer comes after it. */
bool dw_plan_goes_first(dw_plan *plan, dw_node *node);
/* That timer fires now. */
void dw_plan_passes(dw_plan *plan, dw_node *node);
void dw_plan_free(dw_plan *plan);
/* Whether a packet of this direction is arriving, which is not among those under way any more. */
bool dw_plan_brings(const dw_plan *plan, const dw_direction *direction);
/* The packets that it has: arriving, held up, or put behind others. */
void dw_plan_fingerprint(const dw_plan *plan, dw_fingerprint *into);

#endif
