/* Loss recovery with a scoreboard: what is known of each segment that is outstanding.
 *
 *   tcp_scoreboard.c  which segments are SACKed, lost, sent again (RFC 6675 section 4, RFC 2883)
 *   tcp_rate.c        how fast segments arrive
 *   tcp_rack.c        by time: RACK and the tail loss probe (RFC 8985)
 *   tcp_recovery.c    what follows: recovery, its window, F-RTO, undoing what was not needed
 *
 * A connection has one when its profile's `recovery` is "sack" and both ends agreed on SACK, or
 * "rack"; all others do what RFC 5681 and RFC 6582 say, in tcp_ack.c.
 *
 * Segments are named by numbers that count up from the first one sent, so that a name stays while
 * the queue moves.  Amounts are in units: octets (RFC 6675), or segments as Linux counts
 * (cwnd_in_segments). */
#ifndef DW_TCP_RECOVERY_H
#define DW_TCP_RECOVERY_H

#include "tcp_queue.h"

typedef struct dw_tcb dw_tcb;
typedef struct dw_seg dw_seg;

/* What an acknowledgment told.  Bits of dw_tcp_news.what. */
enum dw_tcp_news_bit {
    DW_NEWS_ADVANCED = 1,      /* SND.UNA moved */
    DW_NEWS_DATA_ACKED = 2,    /* ... over data */
    DW_NEWS_SACKED = 4,        /* segments were SACKed that were not before */
    DW_NEWS_DSACK = 8,         /* something came twice (RFC 2883) */
    DW_NEWS_DSACK_PROBE = 16,  /* ... the tail loss probe */
    DW_NEWS_ORIGINAL = 32,     /* the first transmission of a segment from before recovery came */
    DW_NEWS_RESENT_ACKED = 64, /* a segment that was sent again is acknowledged */
    DW_NEWS_LOST_AGAIN = 128,  /* a retransmission was lost */
    DW_NEWS_ECE = 256,         /* the network is congested */
    DW_NEWS_SET_TIMER = 512,   /* the timer starts anew */
    DW_NEWS_DATA = 1024,       /* the segment brought data */
    DW_NEWS_WINDOW = 2048,     /* ... or another window */
};

typedef struct dw_tcp_news {
    uint32_t what; /* bits of enum dw_tcp_news_bit */
    uint32_t una;  /* SND.UNA before */
    uint32_t ack;
    uint64_t flight;    /* units, before */
    uint64_t delivered; /* units, newly */
    uint64_t octets;    /* of data in them */
    uint64_t sacked;    /* units of those that a SACK or D-SACK told of, */
    uint64_t settled;   /* and of those that had been SACKed before and are acknowledged now */
    uint64_t acked;     /* octets by which SND.UNA moved */
    uint64_t marked;    /* segments that the network marked (RFC 9768) */
    uint64_t marked_octets;
    uint64_t lost_before;
    dw_time rtt;            /* a sample, or -1 */
    dw_time acked_sent_at;  /* when the first segment that was acknowledged was sent, */
    dw_time sacked_sent_at; /* and that was SACKed, of those sent once; -1: none */
    bool in_order;          /* no recovery and no reduction was under way */
    bool has_hole;
    uint32_t hole_seq;    /* the lowest that came late, of those sent once */
    uint32_t fack_before; /* the end of the highest SACKed segment before */
    /* Of the segment sent last among those that came: tcp_rate.c. */
    dw_time rate_sent_at; /* -1: none */
    dw_time rate_prior_at, rate_sending;
    uint64_t rate_prior;
    uint32_t rate_end, rate_flight, rate_lost_before;
    bool rate_limited;
} dw_tcp_news;

typedef struct dw_tcp_recovery {
    bool segments; /* units are segments */
    bool rack;     /* losses are found by time */
    bool frto, probe_resent, rack_advanced, reneged;
    uint32_t first;    /* the number of the first segment in rtx */
    uint32_t high_rxt; /* RFC 6675 HighRxt, as a number: below, all has been looked at */
    bool rescued;      /* ... and RescueRxt is set */

    /* Units. */
    uint64_t out, sacked, lost, resent; /* outstanding: all, and of those */
    uint64_t emulated;                  /* duplicate ACKs stand for SACKed segments, without SACK */
    uint64_t lost_total, delivered_total, resent_total;

    uint32_t high_seq;   /* SND.NXT when the present state began: RecoveryPoint */
    uint32_t sacked_end; /* the end of the highest SACKed segment */
    uint32_t sacked_top; /* its number */
    bool any_sacked;
    uint32_t oldest, newest; /* of those not SACKed nor lost, by their last transmission */
    uint32_t *again;         /* numbers of segments to be sent again, the lowest first: a heap */
    uint32_t again_count, again_capacity;
    uint32_t reordering;  /* segments by which the network reorders; DupThresh */
    uint32_t reorderings; /* seen so far */

    /* RFC 6675 IsLost: all below `edge` are lost or SACKed. */
    uint32_t edge;
    uint64_t sacked_octets, octets_below;
    uint32_t runs, runs_below; /* stretches of SACKed segments: all, and those below the edge */

    /* RFC 8985. */
    dw_time rack_sent_at, rack_rtt; /* of the segment sent last among those delivered */
    uint32_t rack_end;              /* its end */
    uint32_t rack_steps, rack_persist;
    uint64_t rack_round; /* delivered_total when the reordering window was last adapted */
    bool rack_dsack;
    bool probing;       /* a tail loss probe is outstanding ... */
    uint32_t probe_end; /* ... and SND.NXT was this */

    /* Reduction of the window: RFC 6937. */
    uint64_t prior_cwnd, prr_delivered, prr_out;

    /* Undo: what the window was before, and what has to turn out superfluous. */
    uint64_t prior_ssthresh;
    bool undo;           /* may be undone */
    uint32_t undo_seq;   /* SND.UNA when the window was reduced */
    int64_t undo_resent; /* units sent again since then and not known to be superfluous; -1: none */
    uint32_t resent_stamp; /* the timestamp of the first retransmission; with stamp_set */
    bool stamp_set;
    uint64_t duplicates; /* units that came twice, by the peer's reports */

    /* Whether the window, not the user, held us back: RFC 7661's question. */
    bool limited;
    uint64_t most_out; /* units, in this window of data */
    uint32_t window_end;

    /* tcp_rate.c */
    dw_time delivered_at; /* when something was delivered last */
    dw_time rate_sent_at; /* when the segment that was delivered last had been sent */
    uint64_t rate_limited_until;
    uint64_t delivery_rate; /* octets a second, the latest */
    bool delivery_limited;

    /* The smallest round trip of the last five minutes (RFC 8985 6.2). */
    dw_time min_rtt, min_rtt_at;
} dw_tcp_recovery;

/* Make one, if the profile wants it, once the handshake has said what both ends speak. */
void dw_tcp_recovery_begin(dw_tcb *t);
void dw_tcp_recovery_free(dw_tcb *t);

/* tcp_scoreboard.c */
uint32_t dw_tcp_number_of(const dw_tcb *t, const dw_segment *s);
/* A segment was put at the end of rtx, or sent again. */
void dw_tcp_score_sent(dw_tcb *t, uint32_t number);
/* The one with this number was sent again; by a tail loss probe? */
void dw_tcp_score_resent(dw_tcb *t, uint32_t number, bool probe);
/* The segment at the front is acknowledged and about to leave. */
void dw_tcp_score_acked(dw_tcb *t, dw_tcp_news *n);
void dw_tcp_score_sack(dw_tcb *t, const dw_seg *s, dw_tcp_news *n);
void dw_tcp_score_mark_lost(dw_tcb *t, uint32_t number);
/* The lowest segment that is lost and not under way again; NULL: none. */
dw_segment *dw_tcp_score_next_lost(dw_tcb *t, uint32_t *number);
/* RFC 6675 section 4, IsLost: mark what enough SACKed data above shows to be lost. */
void dw_tcp_score_find_lost(dw_tcb *t);
/* Segments filled holes: by how many the network reorders. */
void dw_tcp_score_reordering(dw_tcb *t, uint32_t low_seq, uint32_t high_seq);
void dw_tcp_score_set_reordering(dw_tcb *t, uint64_t segments); /* be it less than before */
/* The receiver threw SACKed data away, or all are to be marked anew. */
void dw_tcp_score_forget_sacks(dw_tcb *t);
void dw_tcp_score_forget_losses(dw_tcb *t);
/* Segments were cut in two: numbers are given anew. */
void dw_tcp_score_rebuild(dw_tcb *t);

/* tcp_rack.c */
void dw_tcp_rack_advance(dw_tcb *t, const dw_segment *s);
/* Mark what must be lost by now; false: nothing has to be waited for. */
bool dw_tcp_rack_find_lost(dw_tcb *t);
void dw_tcp_rack_adapt(dw_tcb *t, uint64_t delivered_before);
/* How long from now until s counts as lost. */
dw_time dw_tcp_rack_left(const dw_tcb *t, const dw_segment *s, dw_time window);
dw_time dw_tcp_rack_window(const dw_tcb *t);
void dw_tcp_rack_timeout(dw_tcb *t);
/* Set the timer for a probe if one is due; false: the retransmission timer is to be set. */
bool dw_tcp_probe_later(dw_tcb *t, bool advanced);
void dw_tcp_probe_timeout(dw_tcb *t);
void dw_tcp_probe_acked(dw_tcb *t, const dw_tcp_news *n);

/* tcp_rate.c */
void dw_tcp_rate_sent(dw_tcb *t, dw_segment *s);
void dw_tcp_rate_delivered(dw_tcb *t, dw_segment *s, dw_tcp_news *n);
void dw_tcp_rate_sample(dw_tcb *t, const dw_tcp_news *n, dw_congestion_ack *ack);
void dw_tcp_rate_check_limited(dw_tcb *t);

/* tcp_recovery.c */
/* An acknowledgment with a scoreboard: the whole of RFC 9293 3.10.7.4 fifth from SND.UNA on. */
void dw_tcp_recovery_ack(dw_tcb *t, const dw_seg *s, uint32_t ack);
void dw_tcp_recovery_timeout(dw_tcb *t);
void dw_tcp_recovery_enter(dw_tcb *t, bool ece);
void dw_tcp_recovery_reduce(dw_tcb *t, uint64_t delivered, uint64_t lost, bool advanced);
void dw_tcp_recovery_state(dw_tcb *t, enum dw_congestion_state to, const dw_cause *cause);
void dw_tcp_recovery_open(dw_tcb *t);
/* Anything sent again, or the first segment ever was. */
bool dw_tcp_any_resent(const dw_tcb *t);
void dw_tcp_recovery_set_timer(dw_tcb *t);
void dw_tcp_recovery_rearm(dw_tcb *t);
/* Begin to reduce the window, and end at once: the sign was weak. */
void dw_tcp_recovery_reduce_once(dw_tcb *t);
/* The network is congested, or the host's own queue is full: the window is reduced. */
void dw_tcp_recovery_congested(dw_tcb *t, const dw_cause *cause);
void dw_tcp_recovery_count_sent(dw_tcb *t, uint32_t from);
/* After sending: was it the window that stopped us? */
void dw_tcp_recovery_validate(dw_tcb *t, bool limited);

/* tcp_resend.c */
/* Send again what is lost and fits; false: something that is lost still waits. */
bool dw_tcp_recovery_resend(dw_tcb *t);
/* All that is outstanding counts as lost, or all buffers of more than so many octets. */
void dw_tcp_recovery_resend_all(dw_tcb *t, uint32_t larger);
/* With or without a scoreboard: the first segment goes again, and the network is not to blame; one
 * that is longer than segments are now is cut, or all are made as long, from the first on. */
void dw_tcp_resend_first(dw_tcb *t);
void dw_tcp_cut(dw_tcb *t, uint32_t index);
void dw_tcp_recut(dw_tcb *t);
/* When new data has been sent as far as there is any: what may be lost. */
void dw_tcp_recovery_rescue(dw_tcb *t);

/* tcp_undo.c */
/* The window is about to be reduced: what it was. */
void dw_tcp_undo_remember(dw_tcb *t);
/* Each looks for a proof that it was for nothing; true: it was found, or (undo_recovery) the state
 * is to stay, (undo_partial) there is no more to do. */
bool dw_tcp_undo_by_dsack(dw_tcb *t);
bool dw_tcp_undo_recovery(dw_tcb *t, const dw_seg *s);
bool dw_tcp_undo_partial(dw_tcb *t, const dw_seg *s, const dw_tcp_news *n);
bool dw_tcp_undo_loss(dw_tcb *t, const dw_seg *s, bool by_frto);

/* What a timer cannot be more exact than: added where a wait should not end too early. */
#define DW_TCP_TIMER_SLACK (2 * DW_MILLISECOND)
bool dw_tcp_duplicates_count(const dw_tcb *t);
bool dw_tcp_score_sacked_at(const dw_tcb *t, uint32_t number);
void dw_tcp_lose_all(dw_tcb *t);
void dw_tcp_emulate_sack(dw_tcb *t, dw_tcp_news *n, uint64_t duplicates);
void dw_tcp_forget_emulated(dw_tcb *t, dw_tcp_news *n, uint64_t acked);
void dw_tcp_find_lost(dw_tcb *t, dw_tcp_news *n);
dw_time dw_tcp_rack_detect(dw_tcb *t);
void dw_tcp_forget_fraction(dw_tcb *t);
void dw_tcp_end_reduction(dw_tcb *t);
void dw_tcp_control_window(dw_tcb *t, const dw_tcp_news *n);
void dw_tcp_news_acked(dw_tcb *t, uint32_t ack, dw_tcp_news *n);
void dw_tcp_news_sample(dw_tcb *t, const dw_seg *s, dw_tcp_news *n);
uint64_t dw_tcp_news_duplicates(const dw_tcb *t, const dw_seg *s, const dw_tcp_news *n);
bool dw_tcp_says_ece(const dw_tcb *t, const dw_seg *s);
void dw_tcp_news_begin(dw_tcb *t, const dw_seg *s, dw_tcp_news *n);
void dw_tcp_news_marks(dw_tcb *t, const dw_seg *s, dw_tcp_news *n, bool handshake);

#endif
