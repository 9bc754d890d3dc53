/* Leaving slow start early; for algorithms whose words begin with these. */
#ifndef DW_CC_HYSTART_H
#define DW_CC_HYSTART_H

#include "../../builtin.h"

#include <string.h>

enum dw_hystart_word {
    DW_HYSTART_ROUND_START, /* when this round of data began */
    DW_HYSTART_ROUND_END,   /* it ends when this is acknowledged */
    DW_HYSTART_LAST_ACK,    /* when an ACK came that continues the train */
    DW_HYSTART_LEAST,       /* the shortest round trip */
    DW_HYSTART_RTT,         /* the shortest of this round */
    DW_HYSTART_LAST_RTT,    /* and of the one before */
    DW_HYSTART_SAMPLES,     /* in this round */
    DW_HYSTART_FOUND,       /* slow start was ended */
    DW_HYSTART_CSS,         /* conservative slow start: rounds of it, from 1 */
    DW_HYSTART_CSS_RTT,     /* the shortest round trip when that began */
    DW_HYSTART_WORDS
};

/* What slow start adds when acked octets are acknowledged: equation (2) of RFC 5681, within the
 * bounds of cc->limit.  Returns what is left over for congestion avoidance. */
uint64_t dw_slow_start(dw_congestion *cc, uint64_t acked);
/* Reno's growth, RFC 5681 3.1: slow start, then a segment for each window of acknowledged octets;
 * *counted holds those of the window that is under way. */
void dw_reno_growth(dw_congestion *cc, uint64_t acked, uint64_t *counted);

void dw_hystart_reset(dw_congestion *cc);
void dw_hystart_sample(dw_congestion *cc, const dw_congestion_ack *ack);
/* Of acked octets, what counts for slow start. */
uint64_t dw_hystart_growth(const dw_congestion *cc, uint64_t acked);

#endif
