/* The exchange between two hosts, as each of them sees it: the common ground of ladders, figures
 * and comparisons. */
#ifndef DW_EXCHANGE_H
#define DW_EXCHANGE_H

#include "cut.h"
#include "drywire/drywire.h"
#include "drywire/plugin.h"

enum dw_step_kind {
    DW_STEP_SEND,
    DW_STEP_RECEIVE,
    DW_STEP_STATE, /* a change of state that no packet of this end explains */
    DW_STEP_CALL,
    DW_STEP_TIMER, /* one that is set for a cause that figures have words for: "2 MSL restarted" */
};

typedef struct dw_step {
    dw_time at;
    const dw_packet_view *packet; /* SEND, RECEIVE */
    const char *before, *after;   /* the end's state; "": it tells nothing of that; never NULL */
    const char *call, *detail;    /* CALL */
    int64_t value;
    const dw_cause *cause;
    uint32_t conn;
    uint8_t side;            /* 0: left, 1: right; both may be the same host */
    uint8_t kind;            /* enum dw_step_kind */
    uint8_t certainty;       /* enum dw_certainty: that the packet was sent, or came */
    uint8_t state_certainty; /* enum dw_certainty: that `after` is the state */
    bool absorbed;           /* a STATE that the following SEND shows */
    bool injected;           /* a SEND that the script made, not the host */
    bool shown;              /* the picture has it; but for calls, which a kind may leave out */
    const dw_cause *refused; /* a RECEIVE that the host discarded: why */
    size_t event;            /* of the trace, by index */
} dw_step;

typedef struct dw_exchange {
    uint32_t node[2]; /* the same one twice: a host that talks to itself */
    uint16_t port[2]; /* then: of the connections at each end, where they have one in common */
    bool one_end;     /* a socket that is its own peer: nothing is at the right */
    /* Of its first connection: what is said of an end without one is said in its words.  NULL: no
     * protocol has states. */
    const dw_protocol_ops *protocol;
    dw_step *steps;
    size_t count;
    dw_cut cut; /* with all of the trace's packets */
    const char *first_state[2];
} dw_exchange;

/* The ends that the picture names, or those of its connection; else those of the first connection;
 * a trace without one gives the first two nodes.  A node twice: its connections to itself.
 * DW_E_NOENT when there are not two nodes, nor such a connection, DW_E_NOMEM; then there is nothing
 * to free.  Trace and picture must outlive the exchange. */
int dw_exchange_build(const dw_trace *trace, const dw_picture *picture, dw_exchange *out);
/* Those two ends alone, left and right: DW_OK or DW_E_NOENT. */
int dw_exchange_ends(const dw_trace *trace, const dw_picture *picture, int32_t ends[2]);
void dw_exchange_free(dw_exchange *exchange);
/* The protocol of the exchange that dw_exchange_build would give. */
const dw_protocol_ops *dw_exchange_protocol(const dw_trace *trace, const dw_picture *picture);
/* What an end is called, "a" or, where a host talks to itself, "a:80"; into buf. */
const char *dw_exchange_name(const dw_exchange *exchange, const dw_trace *trace, int side,
                             char *buf, size_t size);

/* Whether a picture that shows calls only where it is asked to shows a step. */
bool dw_step_shown(const dw_picture *picture, const dw_step *step);

#endif
