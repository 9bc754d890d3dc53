/* How a trace is kept.  For the files that write and read traces. */
#ifndef DW_TRACE_H
#define DW_TRACE_H

#include "base/text.h"
#include "drywire/drywire.h"
#include "drywire/plugin.h"
#include "event.h"
#include "isn.h"

#include <stdio.h>

#define XXH_STATIC_LINKING_ONLY /* for a state inside the struct */
#include <xxhash.h>

/* Octets of data a packet may have in a trace: on a simulated link 65535, but a capture has what a
 * host hands to its network card (Linux: GSO_MAX_SIZE). */
enum { DW_TRACE_PAYLOAD = 8 * 65535 };

/* Memory that lives as long as the trace: events one after the other, each only as long as its type
 * needs, with what it points to behind it. */
typedef struct dw_trace_tail {
    struct dw_trace_tail *next;
    size_t used, size;
    _Alignas(16) uint8_t bytes[];
} dw_trace_tail;

struct dw_trace {
    const dw_trace_event **events; /* in order */
    size_t count, capacity;
    dw_trace_tail *tails;
    uint64_t bytes; /* in all tails, the list of events, and the buffers that are kept */
    const dw_trace_event **nodes, **links, **conns; /* the events that made them */
    uint32_t node_count, link_count, conn_count;
    const dw_trace_event **addresses; /* every event that gave a node an address */
    uint32_t address_count;
    XXH3_state_t hash;
    dw_isn_table isn; /* learnt from the first isn_events events */
    size_t isn_events;
    dw_time until; /* the clock when its simulation last stopped, or what a file says; 0: unknown */
    uint64_t packets; /* dw_trace_add: the highest number of one so far */
    /* The protocols that read its packets, ending with NULL: its simulation's, or those that it was
     * given; what is to be done when they are not needed any more, or NULL. */
    const dw_plugin *const *plugins;
    void (*release)(void *arg);
    void *release_arg;
    bool keep, failed;
};

/* keep: the events, too, not the digest alone. */
int dw_trace_new(dw_trace **out, bool keep);
int dw_trace_append(dw_trace *trace, const dw_trace_event *event); /* copied */
/* Copies that live as long as the trace; NULL when out of memory. */
const char *dw_trace_intern(dw_trace *trace, const char *text);
const dw_cause *dw_trace_intern_cause(dw_trace *trace, const char *name, const char *rfc,
                                      const char *text);
bool dw_trace_failed(const dw_trace *trace);    /* it lacks something: out of memory */
uint64_t dw_trace_bytes(const dw_trace *trace); /* of memory */

/* trace_text.c */
const char *dw_trace_type_name(enum dw_trace_type type);
/* lookup.c: the event that made a link, or NULL. */
const dw_trace_event *dw_trace_link(const dw_trace *trace, uint32_t link);
/* lookup.c: the protocol that gives a connection (0: none in particular) its states.  Where its own
 * has none, the first that has; NULL: no protocol has any. */
const dw_protocol_ops *dw_trace_protocol(const dw_trace *trace, uint32_t conn);
/* digest.c */
void dw_trace_digest_event(dw_trace *trace, const dw_trace_event *event);

/* trace_check.c: whether an event from outside may come next; or else a clause in why. */
bool dw_trace_allows(const dw_trace *trace, const dw_trace_event *event, char *why, size_t size);
/* As dw_trace_add, with what is wrong. */
int dw_trace_add_or_say(dw_trace *trace, const dw_trace_event *event, char *why, size_t size);

/* jsonl.c: read a trace from a stream; `path` is for messages.  Fuzzers do without the digest,
 * which they would never guess. */
int dw_trace_read(FILE *f, const char *path, bool check_digest, dw_trace **out, char *why,
                  size_t why_size);

/* capture.c: bytes of a whole packet get the checksum that a network card would have filled in. */
void dw_trace_fill_checksum(uint8_t *bytes, size_t len, const dw_trace_event *e);

#endif
