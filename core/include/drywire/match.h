/* Which packets are meant: for faults, queries and expectations. */
#ifndef DRYWIRE_MATCH_H
#define DRYWIRE_MATCH_H

#include "packet.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A packet as filters, faults and queries see it. */
typedef struct dw_packet_view {
    uint64_t number;    /* on the ladder, from 1: order of first transmission; of an imported trace
                           the frame's in its file */
    dw_time sent_at;    /* when its sender handed it to the link */
    dw_time arrived_at; /* when it reached its destination; -1 if it has not (yet) */
    dw_time lost_at;    /* when it was dropped, -1 if it was not */
    dw_time unknown_at; /* of an imported trace: nothing shows whether it arrived, as of when it
                           would have; -1: that is known, or it is under way */
    int32_t from, to;   /* node indices by the packet's addresses, -1: unknown */
    int32_t sender;     /* the node that put it on a link first */
    uint32_t conn;      /* the sender's connection, 0: none */
    uint64_t copy_of;   /* the packet this is a duplicate of, 0: none */
    bool damaged;       /* it was changed on the way; why: damage_cause */
    bool congested;     /* ... so that its header says Congestion Experienced (RFC 3168 5) */
    const dw_cause *damage_cause;
    const dw_cause *cause;      /* why it was sent */
    const dw_cause *drop_cause; /* why it was dropped */
    /* Of an imported trace: how it is known that it arrived or was lost, or why that is unknown;
     * NULL: it was observed.  The packet that shows it, 0: none. */
    const dw_cause *fate_cause;
    uint64_t shown_by;
    uint8_t fate_certainty; /* enum dw_certainty: that it arrived, or was lost */
    dw_dissection d;
    const uint8_t *head; /* header bytes */
    uint32_t head_len;
    const dw_slice *slices; /* payload; NULL where it was not kept */
    uint32_t slice_count;
    const uint8_t *changed_head; /* header bytes after the last change on the way, or NULL */
    uint32_t changed_head_len;
} dw_packet_view;

#define DW_MATCH_NTH 16

/* Which packets are meant.  Each field that is not zero leaves fewer; a zeroed dw_match, or NULL
 * instead of one, means all of them. */
typedef struct dw_match {
    size_t size;               /* DW_INIT(dw_match) */
    bool from_given, to_given; /* a node's index may be 0, so these say whether it is asked for */
    uint32_t from, to;
    uint32_t flags;                /* all of these bits are set ... */
    const char *const *flag_names; /* whose flags they are, as in dw_dissection; NULL: anybody's */
    bool flags_given;
    bool flags_exact; /* ... and no others */
    int8_t has_data;  /* 1: only with data, -1: only without, 0: either; others: DW_E_INVAL */
    bool len_given, seq_given;
    uint32_t len_min, len_max;
    uint32_t seq_min, seq_max;  /* absolute, modulo 2^32 */
    uint16_t port, to_port;     /* source and destination port, 0: any */
    dw_time after, before;      /* sent in [after, before); before 0: no end */
    uint64_t packet;            /* number on the ladder, 0: any */
    uint32_t conn;              /* 0: any */
    uint32_t nth[DW_MATCH_NTH]; /* only these among the matching ones, from 1 */
    uint32_t nth_count;         /* 0: all; more than DW_MATCH_NTH: DW_E_INVAL */
    uint64_t count;             /* at most this many, 0: all */
    bool (*when)(const dw_packet_view *view, void *arg); /* asked last; NULL: none */
    void *when_arg;
} dw_match;

/* Make it DW_INIT(dw_match): any packet. */
DW_API void dw_match_any(dw_match *match);
/* Parse "SYN", "SYN,ACK" (contains) or "=SYN" (exactly; "=" alone: none) into a match.
 * DW_E_FORMAT with a sentence in why. */
DW_API int dw_match_flags(dw_match *match, const char *text, char *why, size_t why_size);
/* The same with the flags of other protocols: those of a simulation, or a trace.  plugins is a list
 * that ends with NULL; the flags are those of the first protocol that has all of them. */
DW_API int dw_match_flags_of(const dw_plugin *const *plugins, dw_match *match, const char *text,
                             char *why, size_t why_size);
/* The same with the flags of one protocol: names as in dw_dissection.flag_names, which must live as
 * long as match is used; NULL: it has none. */
DW_API int dw_match_flag_names(const char *const *names, dw_match *match, const char *text,
                               char *why, size_t why_size);

#ifdef __cplusplus
}
#endif
#endif
