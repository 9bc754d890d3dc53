/* RFC 6675 section 4: what is known of each outstanding segment. */
#ifndef DW_TCP_SCOREBOARD_H
#define DW_TCP_SCOREBOARD_H

#include "tcp.h"

/* What an acknowledgment told.  Bits of dw_tcp_news.what. */
enum dw_tcp_news_bit {
    DW_NEWS_ADVANCED = 1,     /* SND.UNA moved */
    DW_NEWS_DATA_ACKED = 2,   /* over data */
    DW_NEWS_SACKED = 4,       /* segments were SACKed that were not before */
    DW_NEWS_DSACK = 8,        /* something came twice (RFC 2883) */
    DW_NEWS_DSACK_PROBE = 16, /* and that was the tail loss probe */
    DW_NEWS_ORIGINAL = 32,    /* the first transmission of a segment from before recovery came */
    DW_NEWS_RETRANSMITTED_ACKED = 64, /* a segment that was sent again is acknowledged */
    DW_NEWS_LOST_AGAIN = 128,         /* a retransmission was lost */
    DW_NEWS_ECE = 256,                /* the network is congested */
    DW_NEWS_SET_TIMER = 512,          /* the timer starts anew */
    DW_NEWS_DATA = 1024,              /* the segment brought data */
    DW_NEWS_WINDOW = 2048,            /* or another window */
};

/* Amounts here and in dw_tcp_recovery are in units: octets (RFC 6675), or segments as Linux counts
 * (cwnd_in_segments). */
typedef struct dw_tcp_news {
    uint32_t what;      /* bits of enum dw_tcp_news_bit */
    uint32_t una;       /* SND.UNA before */
    uint32_t ack;       /* SEG.ACK */
    uint64_t flight;    /* units under way, before */
    uint64_t delivered; /* units, newly */
    uint64_t octets;    /* of data in them */
    uint64_t sacked;    /* units of those that a SACK or D-SACK told of, */
    uint64_t settled;   /* and of those that had been SACKed before and are acknowledged now */
    uint64_t acked;     /* octets by which SND.UNA moved */
    uint64_t marked;    /* segments that the network marked (RFC 9768) */
    uint64_t marked_octets;
    uint64_t lost_before;   /* lost_total before */
    dw_time rtt;            /* a sample, or -1 */
    dw_time acked_sent_at;  /* when the first segment that was acknowledged was sent, */
    dw_time sacked_sent_at; /* and that was SACKed, of those sent once; -1: none */
    bool in_order;          /* no recovery and no reduction was under way */
    bool has_hole;          /* hole_seq means something */
    uint32_t hole_seq;      /* the lowest that came late, of those sent once */
    uint32_t fack_before;   /* the end of the highest SACKed segment before */
    /* Of the segment sent last among those that came (tcp_rate.c). */
    dw_time rate_sent_at; /* -1: none */
    dw_time rate_prior_at, rate_sending;
    uint64_t rate_prior;
    uint32_t rate_end, rate_flight, rate_lost_before;
    bool rate_limited;
} dw_tcp_news;

/* The scoreboard of a connection, and what recovery goes by.  Segments are named by numbers that
 * count up from the first one sent, so that a name stays while the queue moves. */
struct dw_tcp_recovery {
    bool segments; /* units are segments */
    bool rack;     /* losses are found by time */
    bool frto;     /* RFC 5682: after a timeout, while it may turn out to have been too early */
    bool probe_retransmitted; /* the tail loss probe was a segment sent again, not new data */
    bool rack_advanced;       /* something was delivered since losses were last looked for */
    bool reneged;             /* RFC 2018 8: the receiver dropped what it had SACKed */
    uint32_t first;           /* the number of the first segment in rtx */
    uint32_t high_rxt;        /* RFC 6675 HighRxt, as a number: below, all has been looked at */
    bool rescued;             /* RFC 6675 RescueRxt is set */

    /* Units outstanding, and of those: SACKed, lost, sent again and under way.  What is lost and
     * sent again counts as both. */
    uint64_t out, sacked, lost, retransmitted;
    uint64_t emulated; /* duplicate ACKs stand for SACKed segments, without SACK */
    uint64_t lost_total, delivered_total, retransmitted_total; /* since the connection began */

    uint32_t high_seq;       /* SND.NXT when the present state began: RecoveryPoint */
    uint32_t sacked_end;     /* the end of the highest SACKed segment, */
    uint32_t sacked_top;     /* its number, */
    bool any_sacked;         /* and whether there is one */
    uint32_t oldest, newest; /* of those not SACKed nor lost, by their last transmission */
    uint32_t *again;         /* numbers of segments to be sent again, the lowest first: a heap */
    uint32_t again_count, again_capacity;
    uint32_t reordering;  /* segments by which the network reorders; DupThresh */
    uint32_t reorderings; /* seen so far */

    /* RFC 6675 IsLost: all below `edge`, a number, are lost or SACKed. */
    uint32_t edge;
    uint64_t sacked_octets, octets_below; /* SACKed: all, and below the edge */
    uint32_t runs, runs_below; /* stretches of SACKed segments: all, and those below the edge */

    /* RFC 8985. */
    dw_time rack_sent_at, rack_rtt; /* of the segment sent last among those delivered */
    uint32_t rack_end;              /* its end */
    uint32_t rack_steps;            /* the reordering window, in quarters of the least round trip */
    uint32_t rack_persist;          /* recoveries after which it is one quarter again */
    uint64_t rack_round; /* delivered_total when the reordering window was last adapted */
    bool rack_dsack;     /* a DSACK came in this round trip */
    bool probing;        /* a tail loss probe is outstanding, */
    uint32_t probe_end;  /* and SND.NXT was this */

    /* Reduction of the window, RFC 9937: RecoverFS, prr_delivered, prr_out; units. */
    uint64_t prior_cwnd, prr_delivered, prr_out;

    /* Undo: what the window was before, and what has to turn out superfluous. */
    uint64_t prior_ssthresh;    /* octets; 0: it is not to come back */
    bool undo;                  /* may be undone */
    uint32_t undo_seq;          /* SND.UNA when the window was reduced */
    int64_t undo_retransmitted; /* units sent again since then and not known to be superfluous; -1:
                                   none */
    uint32_t
        retransmitted_timestamp; /* the timestamp of the first retransmission; with timestamp_set */
    bool timestamp_set;
    uint64_t duplicates; /* units that came twice, by the peer's reports */

    /* Whether the window, not the user, held us back: RFC 7661's question. */
    bool limited;
    uint64_t max_out;    /* units, in this window of data, */
    uint32_t window_end; /* which ends here */

    /* tcp_rate.c */
    dw_time delivered_at;        /* when something was delivered last */
    dw_time rate_sent_at;        /* when the segment that was delivered last had been sent */
    uint64_t rate_limited_until; /* delivered_total from which samples count again; 0: they do */
    uint64_t delivery_rate;      /* octets a second, the latest, */
    bool delivery_limited;       /* which the user limited */

    dw_time min_rtt, min_rtt_at; /* the smallest round trip of the last five minutes; 0: none */
};

/* How many octets a unit is. */
static inline uint64_t dw_tcp_unit(const dw_tcb *t)
{
    return t->rec->segments ? t->snd_mss : 1;
}

/* The congestion window in units. */
static inline uint64_t dw_tcp_cwnd_units(const dw_tcb *t)
{
    return t->cc.cwnd / dw_tcp_unit(t);
}

/* SMSS in units. */
static inline uint64_t dw_tcp_segment_units(const dw_tcb *t)
{
    return t->rec->segments ? 1 : t->snd_mss;
}

/* Units that a segment counts for. */
static inline uint64_t dw_tcp_units(const dw_tcp_recovery *r, const dw_segment *s)
{
    return r->segments ? 1 : dw_segment_end(s) - s->seq;
}

/* Units under way, by what is known (pipe of RFC 6675). */
static inline uint64_t dw_tcp_pipe(const dw_tcp_recovery *r)
{
    uint64_t left = r->sacked + r->emulated + r->lost;
    return (r->out > left ? r->out - left : 0) + r->retransmitted;
}

/* Units of new data that the window allows. */
static inline uint64_t dw_tcp_recovery_room(const dw_tcb *t)
{
    uint64_t max = dw_tcp_cwnd_units(t), pipe = dw_tcp_pipe(t->rec);
    return max > pipe ? max - pipe : 0;
}

/* The segment with this number, which must be in rtx, and the number of one that is. */
static inline dw_segment *dw_tcp_numbered(const dw_tcb *t, uint32_t number)
{
    return dw_segment_at(&t->rtx, number - t->rec->first);
}
uint32_t dw_tcp_number_of(const dw_tcb *t, const dw_segment *s);

/* Make a scoreboard, if the profile wants one, once the handshake has said what both ends speak. */
void dw_tcp_recovery_begin(dw_tcb *t);
void dw_tcp_recovery_free(dw_tcb *t);

/* The segment with this number was put at the end of rtx. */
void dw_tcp_score_sent(dw_tcb *t, uint32_t number);

/* It was sent again; probe: by a tail loss probe, which repairs no loss. */
void dw_tcp_score_retransmitted(dw_tcb *t, uint32_t number, bool probe);

/* The segment at the front is acknowledged and about to leave. */
void dw_tcp_score_acked(dw_tcb *t, dw_tcp_news *n);

/* An ACK's SACK blocks; what they tell goes to n. */
void dw_tcp_score_sack(dw_tcb *t, const dw_seg *s, dw_tcp_news *n);

/* The segment with this number is lost: as it was first sent or, if it was sent again, again. */
void dw_tcp_score_mark_lost(dw_tcb *t, uint32_t number);

/* The lowest segment that is lost and not under way again, and its number; NULL: none. */
dw_segment *dw_tcp_score_next_lost(dw_tcb *t, uint32_t *number);

/* Whether there is a segment with this number, and it is SACKed. */
bool dw_tcp_score_sacked_at(const dw_tcb *t, uint32_t number);

/* A segment at low came after one that ends at high: by so much the network reorders, at least. */
void dw_tcp_score_reordering(dw_tcb *t, uint32_t low, uint32_t high);

/* It reorders by so many segments, be it less than was thought. */
void dw_tcp_score_set_reordering(dw_tcb *t, uint64_t segments);

/* The receiver threw SACKed data away: nothing is SACKed any more. */
void dw_tcp_score_forget_sacks(dw_tcb *t);

/* Nothing is lost any more. */
void dw_tcp_score_forget_losses(dw_tcb *t);

/* rtx has other segments than before: all is counted anew, by their marks. */
void dw_tcp_score_rebuild(dw_tcb *t);

#endif
