/* Events as sentences. */
#ifndef DW_SENTENCE_H
#define DW_SENTENCE_H

#include "drywire/drywire.h"

/* "FIN,ACK seq=1 ack=2, 5 octets", into buf; returns buf.  Numbers are those on the wire
 * (absolute), or count from where they begin in the trace, as of a packet, where that is known. */
char *dw_segment_text(dw_trace *trace, const dw_dissection *d, uint64_t packet, bool absolute,
                      char *buf, size_t size);
/* "the link lost it by chance (random-loss)", with the RFC where there is one; returns buf. */
char *dw_cause_text(const dw_cause *cause, char *buf, size_t size);

typedef struct dw_sentence {
    bool absolute;  /* sequence numbers as they are on the wire */
    uint64_t again; /* of a packet that is sent: the one that it repeats; 0: none */
} dw_sentence;

/* As dw_trace_explain, in these words. */
char *dw_trace_sentence(dw_trace *trace, const dw_trace_event *event, const dw_sentence *how,
                        char *buf, size_t size);

#endif
