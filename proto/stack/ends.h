/* One end of a connection as its segments show it, for stacks that do not tell. */
#ifndef DW_ENDS_H
#define DW_ENDS_H

#include "drywire/plugin.h"

/* In RFC 9293's order, which is that of TCP's table of names. */
enum dw_end_state {
    DW_END_CLOSED,
    DW_END_LISTEN,
    DW_END_SYN_SENT,
    DW_END_SYN_RECEIVED,
    DW_END_ESTABLISHED,
    DW_END_FIN_WAIT_1,
    DW_END_FIN_WAIT_2,
    DW_END_CLOSE_WAIT,
    DW_END_CLOSING,
    DW_END_LAST_ACK,
    DW_END_TIME_WAIT,
    DW_END_STATES
};

/* A segment, as far as states go by it. */
typedef struct dw_end_segment {
    uint32_t seq, ack, len;
    bool syn, fin, rst, acks;
} dw_end_segment;

enum { DW_END_MOVES = 4 };

/* Zero, but for the state: CLOSED or LISTEN. */
typedef struct dw_end {
    uint8_t state;           /* enum dw_end_state */
    bool own_syn, own_fin;   /* sent */
    bool peer_syn, peer_fin; /* arrived */
    bool syn_acked;          /* ours, by what arrived */
    bool owes;               /* something arrived that is yet to be acknowledged */
    bool reset_by_peer;
    uint32_t iss, snd_una, snd_nxt;
    uint32_t irs, acked;        /* what we acknowledged last */
    uint32_t own_end, peer_end; /* behind the FINs */
    /* The states that the last segment led through, in their order. */
    uint8_t moves[DW_END_MOVES];
    uint8_t move_count;
} dw_end;

/* The segment was sent, or arrived undamaged. */
void dw_end_sent(dw_end *e, const dw_end_segment *s);
void dw_end_received(dw_end *e, const dw_end_segment *s);
/* Whether something that was sent is not acknowledged yet. */
bool dw_end_outstanding(const dw_end *e);
/* A state by its name, as stacks write it: "FIN_WAIT_1", "syn-rcvd"; DW_END_STATES: it is none. */
enum dw_end_state dw_end_state_of(const char *name);

#endif
