/* Why a connection took as long as it did, and how it ended, in words. */
#ifndef DWL_LIMITS_H
#define DWL_LIMITS_H

#include "inference.h"

/* What kept an end from sending more, in each interval; as tcp_info's busy, rwnd-limited and
 * sndbuf-limited times do, and further.  Into f. */
void import_explain_limits(const inference *m, FILE *f);
/* Who closed, who reset and why, or how far it came. */
void import_explain_end(const inference *m, FILE *f);

/* For what is printed. */
static inline double seconds(dw_time t)
{
    return (double)t / (double)DW_SECOND;
}

#endif
