/* RFC 9768: accurate ECN. */
#ifndef DW_TCP_ACCECN_H
#define DW_TCP_ACCECN_H

#include "tcp.h"

/* What of the peer's option was seen first; Linux tells it by these numbers. */
enum dw_accurate_seen {
    DW_ACCURATE_NOT_SEEN,
    DW_ACCURATE_EMPTY_SEEN,
    DW_ACCURATE_COUNTERS_SEEN,
    DW_ACCURATE_ZEROED_SEEN, /* or nothing, for too long */
};

/* What does not get through: the bits or the option, as we send or receive them. */
enum dw_accurate_failed {
    DW_ACCURATE_ACE_SENT = 1,
    DW_ACCURATE_ACE_RECEIVED = 2,
    DW_ACCURATE_OPTION_SENT = 4,
    DW_ACCURATE_OPTION_RECEIVED = 8,
};

/* A connection with accurate feedback.  Octets are counted by enum dw_tcp_codepoint; counters wrap,
 * and begin at 0 whatever the wire begins with. */
typedef struct dw_tcp_accurate {
    uint8_t syn_codepoint;   /* that the peer's last SYN or SYN,ACK arrived with */
    uint8_t seen;            /* enum dw_accurate_seen */
    uint8_t failed;          /* bits of enum dw_accurate_failed */
    uint8_t last;            /* the codepoint of the last packet */
    uint8_t fields;          /* of the option that have counted something since the last one */
    uint8_t demand;          /* ACKs that should carry the option */
    uint8_t estimate;        /* the codepoint that octets are likely to have; 0: not known */
    bool reflect;            /* the next ACK tells syn_codepoint */
    bool ack_due;            /* what is acknowledged next is acknowledged at once */
    bool silent;             /* ACKs say nothing any more */
    bool told_duplicate;     /* the last segment had the option, and told of a duplicate: */
    uint32_t duplicate_from; /* where that begins */
    uint32_t received_ce;    /* packets that came marked, */
    uint32_t untold;         /* and those of them since ACE was last sent */
    uint32_t received[4];    /* octets */
    uint32_t delivered_ce;   /* segments of ours that the peer says came marked */
    uint32_t delivered[4];   /* octets of ours, as the peer's option has it */
    uint32_t average;        /* segments per ACK, times 64; 0: not known */
    dw_time told_at;         /* when the option was last sent */
} dw_tcp_accurate;

/* What an ACK says was delivered. */
typedef struct dw_tcp_delivery {
    uint64_t segments, octets;
    bool handshake; /* the ACK covers our SYN, and has no counts yet */
} dw_tcp_delivery;

/* Both ends agreed; syn is the peer's SYN or SYN,ACK, `sent` the codepoint of ours. */
void dw_tcp_accurate_begin(dw_tcb *t, const dw_seg *syn, uint8_t sent);
void dw_tcp_accurate_free(dw_tcb *t);

/* The flags of a SYN,ACK; unsaid: it is not to say that ECN is spoken. */
uint16_t dw_tcp_accurate_syn_ack_flags(dw_tcb *t, bool unsaid);

/* The flags of any other segment, with len octets of data, that is about to leave. */
uint16_t dw_tcp_accurate_flags(dw_tcb *t, uint32_t len);

/* The three bits of ACE as a number, and the flags that a number stands for. */
uint8_t dw_tcp_accurate_ace(const dw_tcb *t);
uint16_t dw_tcp_accurate_ace_flags(uint8_t ace);

/* How many fields of the option fit into room octets, beside *blocks SACK blocks that are not
 * counted in it and some of which may have to give way; -1: it is not sent.  spare: octets of the
 * padding of another option that it may take. */
int dw_tcp_accurate_fit(const dw_tcb *t, bool syn, uint32_t room, uint32_t spare, uint32_t *blocks);

/* That option into out, which has room for 12 octets, and its length; 0 for -1 fields.  duplicate:
 * the segment also tells of what came twice. */
uint8_t dw_tcp_accurate_option(dw_tcb *t, bool syn, int fields, bool duplicate, uint8_t *out);

/* Octets that the option will take in the next segment; 0 also without accurate feedback. */
uint32_t dw_tcp_accurate_space(const dw_tcb *t);

/* Octets of data that the next segment has room for. */
static inline uint32_t dw_tcp_current_mss(const dw_tcb *t)
{
    if (DW_LIKELY(!t->accurate)) return t->snd_mss;
    return t->snd_mss - dw_tcp_accurate_space(t);
}

/* A segment arrives: does the state of the connection let us go on telling of marks? */
void dw_tcp_accurate_state(dw_tcb *t);

/* An acceptable segment is counted. */
void dw_tcp_accurate_arrives(dw_tcb *t, const dw_seg *s);

/* The segment has been taken: does it need an ACK at once? */
void dw_tcp_accurate_acks(dw_tcb *t);

/* The ACK that completes the handshake says how our SYN,ACK, of codepoint `sent`, arrived. */
void dw_tcp_accurate_third_ack(dw_tcb *t, const dw_seg *s, uint8_t sent);

/* A SYN or SYN,ACK comes once more. */
void dw_tcp_accurate_syn_again(dw_tcb *t, const dw_seg *s);

/* A segment that begins at seq came, all of which was there. */
void dw_tcp_accurate_came_again(dw_tcb *t, uint32_t seq);

/* An ACK that brings news says that so much was delivered: how many of the segments were marked, as
 * far as that is to be heeded. */
uint64_t dw_tcp_accurate_acked(dw_tcb *t, const dw_seg *s, const dw_tcp_delivery *d);

/* STATUS: the counters. */
void dw_tcp_accurate_info(const dw_tcb *t, dw_info_fn each, void *ctx);

#endif
