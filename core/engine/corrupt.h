/* Damage. */
#ifndef DW_CORRUPT_H
#define DW_CORRUPT_H

#include "link.h"

/* Flip a bit of a packet: of this octet of its data where it has one, otherwise anywhere behind the
 * network header. */
void dw_corrupt(dw_direction *direction, dw_packet *packet, int64_t byte, const dw_cause *cause);

#endif
