/* What a picture writes beside a packet. */
#ifndef DW_LABEL_H
#define DW_LABEL_H

#include "drywire/drywire.h"
#include "trace/isn.h"

typedef struct dw_labels {
    const dw_trace *trace;
    enum dw_ladder_numbers numbers;
    uint32_t left;    /* the node whose numbers are x, with symbolic ones; of a host ... */
    bool loop;        /* ... that talks to itself, its left end's */
    dw_isn_table isn; /* learnt as the picture goes on */
} dw_labels;

/* "SYN,ACK seq=0 ack=1", into buf. */
void dw_label(const dw_labels *labels, const dw_packet_view *view, char *buf, size_t size);

/* Shorter and shorter: step 0 takes away the acknowledgment, 1 the sequence number, 2 all but the
 * beginning. */
void dw_label_shorten(char *label, int step);

/* SEQ, or ACK. */
void dw_label_number(const dw_labels *labels, const dw_dissection *d, bool ack, char *buf,
                     size_t size);

#endif
