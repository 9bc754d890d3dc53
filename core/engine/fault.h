/* Planned faults: see drywire/fault.h. */
#ifndef DW_FAULT_H
#define DW_FAULT_H

#include "drywire/fault.h"
#include "link.h"

/* A simulation that has none pays for one comparison a packet. */
typedef struct dw_plan dw_plan;

/* A packet arrives.  true: it was taken. */
bool dw_plan_takes(dw_plan *plan, dw_direction *direction, dw_packet *packet);
/* A timer of a protocol on this host is about to fire.  true: a packet that was held up arrives
 * first, as an event of this instant; the timer comes after it. */
bool dw_plan_goes_first(dw_plan *plan, dw_node *node);
/* That timer fires now. */
void dw_plan_passes(dw_plan *plan, dw_node *node);
void dw_plan_free(dw_plan *plan);

#endif
