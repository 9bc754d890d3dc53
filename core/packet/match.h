/* Which packets a filter means. */
#ifndef DW_MATCH_H
#define DW_MATCH_H

#include "drywire/drywire.h"

/* nth and count are the caller's: only it knows how many matched before. */
bool dw_match_view(const dw_match *match, const dw_packet_view *view);

#endif
