/* The exchange between two hosts, as each of them sees it: the common ground of ladders, figures
 * and comparisons. */
#ifndef DW_EXCHANGE_H
#define DW_EXCHANGE_H

#include "engine/internal.h"
#include "base/text.h"

enum dw_step_kind {
    DW_STEP_SEND,
    DW_STEP_RECEIVE,
    DW_STEP_STATE, /* a change of state that no packet of this end explains */
    DW_STEP_CALL,
};

typedef struct dw_step {
    dw_time at;
    const dw_packet_view *packet; /* SEND, RECEIVE */
    const char *before, *after;   /* the end's state; "": it tells nothing of that; never NULL */
    const char *call, *detail;    /* CALL */
    int64_t value;
    const dw_cause *cause;
    uint32_t conn;
    uint8_t side;  /* 0: left, 1: right; both may be the same host */
    uint8_t kind;  /* enum dw_step_kind */
    bool absorbed; /* a STATE that the following SEND shows */
    bool injected; /* a SEND that the script made, not the host */
} dw_step;

typedef struct dw_exchange {
    uint32_t node[2]; /* the same one twice: a host that talks to itself */
    uint16_t port[2]; /* then: of the connections at each end, where they have one in common */
    bool one_end;     /* a socket that is its own peer: nothing is at the right */
    dw_step *steps;
    size_t count;
    dw_packet_view *packets; /* all of the trace's */
    size_t packet_count;
    const char *first_state[2];
} dw_exchange;

/* left or right -1: the ends of the first connection; a trace without one gives the first two
 * nodes.  A node twice: its connections to itself.  DW_E_NOENT when there are not two nodes, nor
 * such a connection, DW_E_NOMEM; then there is nothing to free.  The trace must outlive the
 * exchange. */
int dw_exchange_build(const dw_trace *trace, int32_t left, int32_t right, dw_exchange *out);
void dw_exchange_free(dw_exchange *exchange);
/* What an end is called, "a" or, where a host talks to itself, "a:80"; into buf. */
const char *dw_exchange_name(const dw_exchange *exchange, const dw_trace *trace, int side,
                             char *buf, size_t size);

/* loopback.c: hosts that talk to themselves. */
/* Whether both ends of a connection are at its node. */
bool dw_loop_conn(const dw_trace *trace, uint32_t conn);
/* Which end is its sender's, or its receiver's: 0, left, is whoever opened; 1. */
int dw_loop_packet_side(const dw_trace *trace, const dw_packet_view *v, bool receiver);
int dw_loop_conn_side(const dw_trace *trace, uint32_t conn);
/* The ports at either end of a host's connections to itself (0: they have none in common), and
 * whether each is its own peer; false: it has none. */
bool dw_loop_ports(const dw_trace *trace, uint32_t node, uint16_t port[2], bool *one_end);

/* Where a side's sequence numbers begin in the connection that a packet belongs to. */
typedef struct dw_isn_table {
    struct dw_isn {
        dw_addr src, dst;
        uint16_t sport, dport;
        uint32_t isn;
        uint64_t packet; /* that it was learnt from */
    } * rows;
    size_t count;
    bool failed; /* out of memory: something was not learnt */
} dw_isn_table;

/* What the header of a packet with changed_head says after the last change. */
void dw_view_changed(const dw_packet_view *view, dw_dissection *out);
/* Likewise, if a rule has given it other addresses or ports. */
bool dw_view_readdressed(const dw_packet_view *view, dw_dissection *out);

/* Learn from a packet (the first SYN of a direction, or else the first packet). */
void dw_isn_learn(dw_isn_table *table, const dw_packet_view *view);
/* The first sequence number of src -> dst (reverse: dst -> src) as of a packet; false if unknown.
 */
bool dw_isn_find(const dw_isn_table *table, const dw_dissection *d, bool reverse, uint64_t packet,
                 uint32_t *isn);

/* label.c: what a picture writes beside a packet. */
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
bool dw_has_flag(const dw_dissection *d, const char *name);

/* ladder.c: whether a picture shows a step. */
bool dw_step_shown(const dw_ladder_config *config, const dw_step *step);
/* sequence.c: as the text of a diagram language. */
void dw_sequence_draw(const dw_exchange *exchange, const dw_ladder_config *config,
                      dw_labels *labels, dw_text *out);

#endif
