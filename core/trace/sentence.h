/* Events as sentences. */
#ifndef DW_SENTENCE_H
#define DW_SENTENCE_H

#include "drywire/drywire.h"

/* What a segment's numbers are to be written as. */
typedef struct dw_segment_numbers {
    int64_t seq, ack;
} dw_segment_numbers;

/* From where they begin in the trace, as of a packet; as they are where that is not known. */
dw_segment_numbers dw_relative_numbers(dw_trace *trace, const dw_dissection *d, uint64_t packet);
/* "FIN,ACK seq=1 ack=2, 5 octets", into buf; returns buf. */
char *dw_segment_text(const dw_dissection *d, const dw_segment_numbers *numbers, char *buf,
                      size_t size);

typedef struct dw_sentence {
    bool absolute;  /* sequence numbers as they are on the wire */
    uint64_t again; /* of a packet that is sent: the one that it repeats; 0: none */
} dw_sentence;

/* As dw_trace_explain, in these words. */
char *dw_trace_sentence(dw_trace *trace, const dw_trace_event *event, const dw_sentence *how,
                        char *buf, size_t size);

#endif
