/* What an innermost IP packet says: a TCP segment, or an ICMP error about one. */
#ifndef DWL_PACKET_H
#define DWL_PACKET_H

#include "layers.h"
#include "reader.h"

enum packet_is { PACKET_TCP, PACKET_ICMP_ERROR, PACKET_MALFORMED, PACKET_CUT, PACKET_OTHER };

/* Fills in all but conn, comment and what a comment says.  out->bytes belong to the frame. */
enum packet_is packet_read(const frame *f, uint16_t file, const innermost *in, captured *out);
/* Adds a copy of a packet and its frame's comment to c->packets, and counts what c->cut and its
 * neighbours count.  DW_OK or DW_E_NOMEM. */
int packet_keep(capture *c, const captured *p, const frame *f);
/* Its server has another address in the capture than it is to have: the last two octets become
 * those of the next one (see connections.h). */
void packet_rename(captured *p, bool source);

#endif
