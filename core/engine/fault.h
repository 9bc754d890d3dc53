/* Planned faults: see drywire/fault.h. */
#ifndef DW_FAULT_H
#define DW_FAULT_H

#include "drywire/fault.h"
#include "drywire/fingerprint.h"
#include "link.h"

/* A simulation that has none pays for one comparison a packet.  What leaves and
 * arrives is shown to it through dw_sim.plan_ops. */
typedef struct dw_plan dw_plan;

/* A packet is about to arrive at a host, or a timer of its protocols about to fire.  true:
 * something else comes first, as an event of this instant (a packet that was held up, a crash, what
 * a program chose), and this after it. */
bool dw_plan_before(dw_plan *plan, dw_node *node);
/* The same of a timer, in an event in which nothing has happened yet. */
bool dw_plan_before_timer(dw_plan *plan, dw_node *node);
/* That packet or timer comes now. */
void dw_plan_passes(dw_plan *plan, const dw_node *node);
/* Nothing more will happen, and all is still there.  plan: or NULL, as of the next one. */
void dw_plan_is_over(dw_plan *plan);
void dw_plan_free(dw_plan *plan);
/* Whether a packet of this direction is arriving, which is not among those under way any more. */
bool dw_plan_brings(const dw_plan *plan, const dw_direction *direction);
/* The packets that it has: arriving, held up, or put behind others. */
void dw_plan_fingerprint(const dw_plan *plan, dw_fingerprint *into);

#endif
