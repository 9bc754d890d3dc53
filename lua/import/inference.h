/* What follows from the packets of one connection: which of them arrived, when, and in which state
 * each end was.  A capture knows when packets passed one point of the path, and nothing else; all
 * that is said beyond it is inferred, from evidence that each verdict names.  The files, in their
 * order:
 *
 *   segments.c  the connection's segments: numbers without wrapping, options, a clock without steps
 *   twice.c     which of them are one packet that was captured, or delivered, twice
 *   merge.c     two captures of the connection as one
 *   kinds.c     which are sent again, overtaken, keepalives or window probes
 *   path.c      how far each end is from where packets were captured
 *   gaps.c      which octets the capture does not have
 *   errors.c    what ICMP errors say
 *   evidence.c  what acknowledgments say of the segments that carry octets
 *   echoes.c    what timestamps and repetitions say of all others
 *   remains.c   what is left: the usual explanation, or unknown
 *   times.c     when each left and arrived, so that nothing is answered before it came
 *   ends.c      the states of both ends
 *   reasons.c   why each sent octets again
 *   limits.c, ending.c  --explain: what limited each end, and how the connection ended
 *   import.c    all of it as a trace; events.c: what the steps add to that, and to the notes
 */
#ifndef DWL_INFERENCE_H
#define DWL_INFERENCE_H

#include "import.h"

/* Of a segment that carries octets (data, SYN or FIN), and what one without is sent for. */
enum kind {
    SEGMENT_NEW,       /* octets that were not sent before, or none */
    SEGMENT_AGAIN,     /* octets that were sent before, in the capture or unseen */
    SEGMENT_OVERTAKEN, /* later ones passed the capture first; it was not sent again */
    SEGMENT_COPY,      /* the network made it of the segment before (copy_of) */
    SEGMENT_KEEPALIVE, /* RFC 9293 3.8.4 */
    SEGMENT_PROBE,     /* of a closed window, RFC 9293 3.8.6.1 */
    SEGMENT_FOREIGN,   /* its sequence number is none of this connection's */
};

enum fate { FATE_UNKNOWN, FATE_ARRIVED, FATE_LOST };

/* Sequence numbers [left, right), without wrapping. */
typedef struct range {
    int64_t left, right;
} range;

enum { SACK_BLOCKS = 4, NONE = -1 };

typedef struct segment {
    const captured *p;
    dw_time at; /* when it was captured, since the first one, by a clock whose steps are mended */
    int64_t seq, end;       /* sequence numbers: of its first octet, and behind its last */
    int64_t ack;            /* in the peer's numbers; of no meaning where !has_ack */
    int64_t ts_val, ts_ecr; /* RFC 7323, without wrapping; where has_ts */
    range sack[SACK_BLOCKS];
    int64_t expected;   /* what its receiver had acknowledged by then; INT64_MIN: nothing seen */
    uint32_t window;    /* octets, scaled */
    uint8_t sack_count; /* blocks that acknowledge; a D-SACK is not among them */
    uint8_t from;       /* 0: the client */
    bool has_ack, has_ts, has_dsack;
    range dsack;     /* RFC 2883: octets that came again */
    uint32_t epoch;  /* of the clock */
    bool in_pieces;  /* of a large segment, some were lost */
    uint8_t kind;    /* enum kind */
    int64_t copy_of; /* SEGMENT_COPY: which segment; NONE */

    /* The verdict. */
    uint8_t fate;        /* enum fate */
    uint8_t certainty;   /* enum dw_certainty; of no meaning where the fate is unknown */
    const dw_cause *how; /* it is known */
    int64_t shown_by;    /* the segment that shows it, NONE */
    int64_t
        answered_by;    /* the first of the peer's that cannot have been sent before this arrived */
    int64_t missed_by;  /* the last of the peer's that was sent before this arrived */
    int64_t overdue_by; /* one of the peer's that should have known of it and did not */
    bool heard;         /* its timestamp came back, or that of another one with the same */
    bool ignored;       /* ... and that one sends again what this acknowledges */
    bool returned;      /* an ICMP error quotes it */
    bool absent;        /* it ought to be in the other capture, and is not */
    bool placed; /* two captures have it: `arrives` is when it was captured at the second place */
    dw_time sent, arrives; /* since the first departure */
} segment;

/* One end as a sender. */
typedef struct sender {
    bool numbered;   /* base is known */
    uint32_t base;   /* the sequence number that counts as 0: the first one seen */
    int64_t top;     /* behind the last octet that was captured of it */
    int64_t acked;   /* behind the last octet that its peer acknowledged in the capture */
    int64_t strange; /* the last number that was implausible */
    int64_t syn;     /* number of its SYN; INT64_MIN: none captured */
    int64_t last;    /* its last segment that is no RST, NONE; from remains.c on */
    bool has_clock;  /* timestamps */
    uint32_t clock_base;
    int64_t clock_top;
    int8_t scale;     /* of its window, RFC 7323 2; -1: its SYN offered none */
    bool opens;       /* a SYN of it is in the capture; base is its number */
    bool data_in_syn; /* RFC 7413 */
    bool sums;        /* its checksums are right but for few: those were damaged */
    uint8_t ttl;      /* of its first packet */
    bool permits_sack, sends_sack;
    bool numbers_packets; /* not all of its packets have one IP identification */
    bool missed;          /* the capture does not have all that it sent */
    bool counts_ids;      /* its IP identification grows with each packet */
    uint64_t packets;
    bool near; /* the capture was made beside it: what passes there has arrived */
} sender;

/* How long it took from the capture to an end and back, at times. */
typedef struct distance {
    dw_time *at, *took; /* blocks of samples: when each begins, and the least time in it */
    size_t count, capacity, samples;
    dw_time min; /* of all; DW_TIME_NEVER: nothing was ever answered */
} distance;

typedef struct inference {
    const capture *c;
    const captured_conn *k;
    segment *segments;
    size_t count;
    sender ends[2];
    distance to[2];          /* each end */
    const captured **errors; /* ICMP errors about the connection */
    size_t error_count, errors_told;
    uint64_t captured_twice, clock_steps, missing, gaps;
    dw_time largest_step;
    uint32_t epoch;       /* of its clock: how often it was set back */
    bool unordered;       /* packets were not in the order of their times, or of what they say */
    dw_time grain;        /* of the capture's clock */
    dw_time start, begin; /* the capture's time of its first packet, and of the trace's time 0 */
    dw_trace *trace;
    dw_time lead[2];   /* from where an end's packets were captured to it, in merged captures */
    bool clocks_agree; /* both clocks are taken to be right */
    bool merged;       /* of two captures */
    dw_time ahead;     /* the second one's clock, of the first one's */
    bool failed;       /* out of memory */
    FILE *notes_out;
} inference;

/* What the trace calls a segment: its frame's number in its file, or with two files its place among
 * both. */
uint64_t import_number(const inference *m, int64_t segment);
/* A sentence on what could not be told for certain. */
void import_note(inference *m, const char *format, ...) DW_PRINTF(2, 3);

/* The steps.  Each needs those before it; m->failed when out of memory. */
void import_take_segments(inference *m, uint32_t conn);
void import_find_doubles(inference *m);
void import_merge(inference *m);
void import_find_kinds(inference *m);
/* The same of segments [from, to) alone; trips: from there to each end and back.  false: out of
 * memory. */
void import_kinds_of(inference *m, size_t from, size_t to);
bool import_distances_of(inference *m, size_t from, size_t to, distance trips[2]);
void import_find_distances(inference *m);
void import_find_gaps(inference *m);
void import_weigh_errors(inference *m);
void import_weigh_acknowledgments(inference *m);
void import_weigh_echoes(inference *m);
void import_weigh_remains(inference *m);
void import_find_times(inference *m);
void import_add_events(inference *m);

/* path.c: the least time from the capture to an end and back, around a moment; 0: never measured.
 */
dw_time import_round_trip(const distance *d, dw_time at);
/* The latest time at which what was captured at `at` should be known to its receiver's segments. */
dw_time import_due(const distance *d, dw_time at);

/* A sample; false: out of memory. */
bool distance_add(distance *d, dw_time at, dw_time took);
void distance_free(distance *d);

/* Verdicts.  A better one replaces a worse one; arrival for certain replaces any. */
void import_arrived(segment *s, enum dw_certainty certainty, const dw_cause *how, int64_t shown_by);
void import_lost(segment *s, enum dw_certainty certainty, const dw_cause *how, int64_t shown_by);

/* It arrived before `by`, the first that its receiver sent with it. */
void import_answered(segment *s, int64_t by);
extern const dw_cause import_echoed;

/* qsort: by when they were captured, then by their place in the capture. */
int import_by_time(const void *a, const void *b);

/* The octets of it that it occupies: data, SYN, FIN. */
static inline bool has_octets(const segment *s)
{
    return s->end > s->seq;
}
static inline uint32_t flags_of(const segment *s)
{
    return s->p->d.flags;
}

#endif
