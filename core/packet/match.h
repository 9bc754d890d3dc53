/* Which packets a filter means. */
#ifndef DW_MATCH_H
#define DW_MATCH_H

#include "drywire/drywire.h"

/* A caller's match of whatever version (NULL: any packet), whole and within its bounds; DW_E_INVAL.
 */
int dw_match_read(dw_match *out, const dw_match *match);
/* nth and count are the caller's: only it knows how many matched before. */
bool dw_match_view(const dw_match *match, const dw_packet_view *view);

#endif
