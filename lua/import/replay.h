/* A trace of one connection as a script: what its files share.  Their order:
 *
 *   replay.c           who took part, and all else in its order
 *   replay_passages.c  the connection's segments in the trace
 *   replay_program.c   what the programs at both ends did: send, wait, read, close
 *   replay_settings.c  how the hosts were set up, as far as their segments show it
 *   replay_rules.c     what the path did: losses, copies, delays, packets of others
 *   replay_notes.c     what the script does not reproduce
 *   replay_write.c     the hosts, the link and the programs as text
 *   replay_text.c      times, names and numbers as text
 */
#ifndef DWL_REPLAY_H
#define DWL_REPLAY_H

#include "import.h"

enum { CLIENT, SERVER };

/* What it was sent for, as the cause in the trace says. */
enum passage_kind {
    PASSAGE_PLAIN,
    PASSAGE_AGAIN,     /* retransmission */
    PASSAGE_OVERTAKEN, /* later ones passed it */
    PASSAGE_KEEPALIVE,
    PASSAGE_PROBE,   /* of a closed window */
    PASSAGE_COPY,    /* the network's */
    PASSAGE_FOREIGN, /* its number is none of this connection's */
};

enum { NO_NUMBER = -1 };

/* A segment of the connection.  Numbers are of the stream: 0 is its first octet of data, so a SYN
 * has -1. */
typedef struct passage {
    const dw_packet_view *v;
    int64_t seq, end; /* of its data; a FIN is behind end */
    int64_t ack;      /* in the peer's stream; where has_ack */
    uint32_t window;  /* octets, scaled */
    uint32_t nth;     /* of those of its sender that a rule cannot tell from it, from 1 */
    uint8_t from;     /* CLIENT or SERVER */
    uint8_t kind;     /* enum passage_kind */
    bool has_ack;
    bool offloaded; /* longer than any packet on the wire */
    bool ruled;     /* a rule of its own loses it */
} passage;

/* What a program does. */
enum step_kind {
    STEP_SEND,
    STEP_FIN,
    STEP_RST,
    STEP_HOLD,  /* reads no more than `received`, so that its window closes */
    STEP_READ,  /* goes on reading */
    STEP_CRASH, /* its host forgets everything, and connects again */
};

typedef struct step {
    enum step_kind kind;
    dw_time at;
    int64_t octets;   /* STEP_SEND */
    int64_t received; /* octets that it has read by then */
    dw_time heard;    /* when the last of these came */
    bool peer_done;   /* it has read the end of the peer's stream */
} step;

/* What the settings of one end were; 0 or NULL: nothing shows it. */
typedef struct settings {
    const char *profile; /* of drywire */
    const char *why;     /* ... it is this one, as a sentence's end */
    bool syn;            /* what follows is known of its SYN */
    uint16_t mss;
    int8_t scale; /* RFC 7323 2, -1: not offered */
    bool sack, timestamps;
    bool ecn; /* agreed on */
    /* It sent small segments while data, or another small segment, was outstanding. */
    bool ignores_data, ignores_small;
    uint32_t max_window;
    uint32_t initial_window; /* segments; 0: no more than its profile's */
    uint8_t ttl;             /* as it left the host; 64 is everyone's default */
    dw_time keepalive_idle, keepalive_interval;
    uint32_t acks;                /* of single segments ... */
    dw_time ack_delay;            /* ... and how long the slowest of these waited */
    dw_time rto_min, rto_initial; /* the least and the first of its retransmission timeouts */
} settings;

/* One end. */
typedef struct side {
    bool numbered; /* isn is known: it sent something, or its peer acknowledged it */
    uint32_t isn;
    bool takes_part; /* it sent something but RSTs, or its peer acknowledged it */
    bool began;      /* it sent a SYN without ACK */
    bool rebooted;   /* it did so again in the middle */
    uint32_t second_isn;
    int64_t fin; /* number of its FIN in its stream, NO_NUMBER */
    dw_time syn_at;
    step *steps;
    size_t count, capacity;
    settings set;
    char *states; /* that it went through, separated by blanks (free); NULL: none */
    bool fin_sent;
    int64_t received; /* octets of the peer, in the whole connection */
    bool peer_done;
    bool closes_window; /* it announced a window of 0 */
    /* Its receive buffer: as large as the largest window; or what had come when the window closed
     * sooner.  0: unknown. */
    uint32_t buffer;
    uint64_t packets; /* of it in the capture */
} side;

typedef struct replay {
    const dw_trace *trace;
    const capture *c;
    uint32_t conn; /* of c, from 1 */
    dw_packet_view *packets;
    size_t packet_count;
    passage *passages; /* in the trace's order of departure */
    size_t count;
    side ends[2];
    uint16_t port, client_port;
    dw_time delay;      /* one way */
    dw_time lead;       /* what the script does before the capture begins takes so long */
    dw_time over;       /* when the last thing happened */
    uint32_t mtu;       /* what the largest packet on the wire needs */
    int64_t eff_mss[2]; /* octets of data in a full segment of each end */
    bool whole;         /* both ends come to CLOSED or TIME-WAIT in the capture */
    bool from_syn;      /* the capture has its beginning */
    const char *source; /* name of the file */
    const char *notes;  /* what the import could not tell, a line each */
    FILE *f;
    bool no_memory;
} replay;

/* replay_passages.c: the segments, and where each end's stream begins. */
void replay_take_passages(replay *r);
/* replay_program.c: the steps of both ends. */
void replay_find_steps(replay *r);
/* replay_settings.c: what their segments show; before the steps. */
void replay_find_settings(replay *r);
/* replay_rules.c: numbers those that are alike; then rules as text, and whether any is a drop. */
void replay_number(replay *r);
void replay_write_rules(replay *r);
/* Nothing that it sent from this time on came through, as far as is known; DW_TIME_NEVER. */
dw_time replay_silence(const replay *r, int from);
/* replay_notes.c: the comment at the top. */
void replay_write_notes(replay *r);
/* replay_write.c: everything. */
void replay_write_script(replay *r);

/* The packet of the trace with a number, or NULL. */
const dw_packet_view *replay_view(const replay *r, uint64_t number);
/* What the capture has of it, or NULL. */
const captured *replay_captured(const replay *r, uint64_t number);
/* It occupies sequence numbers. */
bool passage_has_octets(const passage *p);
/* Octets behind it as its sender counts: data, SYN and FIN. */
int64_t passage_next(const passage *p);

/* replay_text.c: a time as text in quotes; seconds as a number; a text in
 * Lua's notation. */
void replay_put_time(replay *r, dw_time t);
void replay_put_seconds(replay *r, dw_time t);
void replay_put(replay *r, enum dw_syntax syntax, const char *text);

#endif
