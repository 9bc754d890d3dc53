/* Why an end sent octets again. */
#ifndef DWL_REASONS_H
#define DWL_REASONS_H

#include "inference.h"

/* What one end has sent and heard so far; nought at first. */
typedef struct reasons {
    int64_t top;           /* behind the last octet that it has sent */
    int64_t acked;         /* the highest acknowledgment that came in; where acked_known */
    int64_t recover;       /* what must be acknowledged for its recovery to be over */
    dw_time came_at;       /* when the last segment came in; where came */
    const dw_cause *again; /* why the last repetition was sent, and when */
    dw_time again_at;
    uint32_t duplicates; /* ACKs that repeated the one before */
    uint32_t window;     /* that the last one announced */
    bool acked_known, came, recovering;
    bool asked; /* the last one was a SYN */
} reasons;

/* A segment comes in, or leaves, in order of time.  Why it goes again; NULL: it does not, or
 * nothing shows it. */
void reasons_receives(reasons *r, const segment *s);
const dw_cause *reasons_sends(reasons *r, const segment *s);

#endif
