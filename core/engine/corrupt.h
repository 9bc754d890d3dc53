/* Damage. */
#ifndef DW_CORRUPT_H
#define DW_CORRUPT_H

#include "link.h"

/* Flip a bit of a packet: of this octet of its data where it has one, otherwise anywhere behind the
 * network header. */
void dw_corrupt(dw_direction *direction, dw_packet *packet, int64_t byte, const dw_cause *cause);
/* The same anywhere behind the network header, as a plan of faults has it.  Which bit it is follows
 * from the seed alone and not from what was damaged before, so that nothing of it is left when the
 * packet has been discarded: the run goes on as if it had been lost. */
void dw_corrupt_as_planned(dw_direction *direction, dw_packet *packet);

#endif
