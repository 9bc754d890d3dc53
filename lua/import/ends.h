/* The states of both ends of a connection, as its segments show them. */
#ifndef DWL_ENDS_H
#define DWL_ENDS_H

#include "inference.h"

typedef struct end {
    const char *state;
    int64_t rcv_nxt, peer_fin; /* in the peer's numbers; where rcv_known, fin_seen */
    int64_t fin;               /* its own FIN's number, where fin_sent */
    dw_time data_until;        /* when it sent its last data */
    bool unsure; /* which of the closing states it is in: it may have closed before its FIN left */
    bool was_established; /* it sent what only an end that was ESTABLISHED sends */
    bool rcv_known, fin_sent, fin_seen;
} end;

typedef struct states {
    inference *m;
    end ends[2];
    const segment *opening[2]; /* the SYN that this end answers as a listener */
    bool older[2];             /* it is shown as ESTABLISHED of an older connection */
    bool listened[2];          /* it was in LISTEN when the connection began */
    bool accepts[2];           /* a SYN that comes to it is answered sooner or later */
} states;

/* The states before the first segment. */
void import_begin_states(states *t, inference *m);
/* A segment leaves, or arrives: what that makes of its end, as events of the trace.  In order of
 * time. */
void import_sends(states *t, const segment *s);
void import_receives(states *t, const segment *s);
/* Append an event to the trace. */
void import_add(inference *m, const dw_trace_event *event);

#endif
