/* The packets of a trace. */
#ifndef DW_PACKETS_H
#define DW_PACKETS_H

#include "drywire/drywire.h"

/* What the header of a packet with changed_head says after the last change. */
void dw_view_changed(const dw_trace *trace, const dw_packet_view *view, dw_dissection *out);
/* Likewise, if a rule has given it other addresses or ports. */
bool dw_view_readdressed(const dw_trace *trace, const dw_packet_view *view, dw_dissection *out);

/* A packet by its number in dw_trace_packets' list, which is sorted by it; NULL: it is not there.
 */
const dw_packet_view *dw_view_numbered(const dw_packet_view *views, size_t count, uint64_t number);
/* As the event that it is first seen in tells of it. */
void dw_view_first_seen(const dw_trace *trace, const dw_trace_event *e, dw_packet_view *v);
/* Changed on purpose, so that its addresses and numbers mean something. */
bool dw_trace_is_rewrite(const dw_trace_event *e);

#endif
