/* Which of a trace's packets and events a picture shows: decided once, for every kind of picture.
 */
#ifndef DW_CUT_H
#define DW_CUT_H

#include "drywire/drywire.h"
#include "incarnation.h"

typedef struct dw_cut {
    const dw_trace *trace;
    const dw_picture *picture;
    dw_packet_view *packets; /* all of the trace's */
    size_t count;
    bool whole;      /* everything is shown: what follows is not looked at */
    bool *shown;     /* by index in packets */
    int32_t ends[2]; /* the two nodes, -1: any */
    bool *between;   /* by connection: it is one of the two nodes' */
    /* What is shown of each connection, and at 0 of what belongs to none: events by index. */
    struct dw_cut_span {
        size_t first, end;
    } * span;
    dw_incarnations incarnations;
} dw_cut;

/* What is between two nodes, or (-1) any.  The picture must outlive it.  DW_OK or DW_E_NOMEM, and
 * then there is nothing to free. */
int dw_cut_build(const dw_trace *trace, const dw_picture *picture, int32_t a, int32_t b,
                 dw_cut *out);
void dw_cut_free(dw_cut *cut);

/* The packet with a number, whether it is shown or not; NULL: there is none. */
const dw_packet_view *dw_cut_find(const dw_cut *cut, uint64_t number);
/* Whether a packet is shown, one of the cut's. */
bool dw_cut_shows(const dw_cut *cut, const dw_packet_view *v);
/* Whether a packet is of the one connection that was asked for, in the part that is shown or not;
 * true where all are. */
bool dw_cut_chosen_conn(const dw_cut *cut, const dw_packet_view *v);
/* Whether an event that is no packet's is: by its index in the trace.  A change of state is when it
 * happened within the part that is shown. */
bool dw_cut_shows_event(const dw_cut *cut, size_t index);
/* The same of what an event does to a connection (0: none) that need not be its own. */
bool dw_cut_shows_at(const dw_cut *cut, uint32_t conn, size_t index);
/* Whether anything of a connection may be shown; one that is shown begins in the state that it has
 * at the first of its events that are. */
bool dw_cut_shows_conn(const dw_cut *cut, uint32_t conn);
/* Whether a connection (0: none, yes) is one between the nodes of the cut. */
bool dw_cut_between(const dw_cut *cut, uint32_t conn);
/* Whether an event comes before all that is shown of a connection. */
bool dw_cut_before(const dw_cut *cut, uint32_t conn, size_t index);
/* The first connection that has a packet that is shown; 0: none has. */
uint32_t dw_cut_first_conn(const dw_cut *cut);
/* Whether any packet is, or any change of a state. */
bool dw_cut_any(const dw_cut *cut);
/* The incarnation that a packet belongs to; 0: none. */
uint32_t dw_cut_incarnation(const dw_cut *cut, const dw_packet_view *v);

#endif
